"""The first screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company
from voronka.activities.actions import log_activity, plan_activity
from voronka.activities.bulk import ActivityRow, import_activities
from voronka.core import clock
from voronka.deals.actions import assign_deal, create_deal, win_deal
from voronka.deals.models import Deal
from voronka.playbook.models import ActivityKind
from voronka.targets.actions import set_plan
from voronka.ui.activities import today

HTMX = {"HTTP_HX_REQUEST": "true"}
# A Friday, noon in Moscow.
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def anna(world: World, as_member: Callable[[Any], Any]) -> Any:
    return as_member(world.anna)


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def deal_of(
    member: Any, funnel: Any, *, title: str = "Стеллажи", at: dt.datetime = NOW, **fields: Any
) -> Deal:
    with clock.frozen(at):
        return create_deal(actor=member, title=title, funnel=funnel, company=make_company(member), **fields)


def sections(page: Any) -> dict[str, list[str]]:
    shown = page.context["agenda"]
    return {
        name: [row.subject for row in getattr(shown, name).rows] for name in ("overdue", "today", "upcoming")
    }


def test_each_activity_stands_where_it_is_due(world: World, funnel: Any, anna: Any) -> None:
    # 23:30 and 00:30 in Moscow are on two sides of midnight, though the same day in UTC.
    for name, due in {
        "вчера": NOW - DAY,
        "вчера ночью": NOW.replace(day=19, hour=20, minute=30),
        "ночью": NOW.replace(day=19, hour=21, minute=30),
        "утром": NOW - HOUR,
        "вечером": NOW + 5 * HOUR,
        "завтра": NOW + DAY,
        "через неделю": NOW + 7 * DAY,
        "потом": NOW + 8 * DAY,
    }.items():
        plan_activity(actor=world.anna, kind=kind(), due_at=due, subject=name)
    plan_activity(actor=world.boris, kind=kind(), due_at=NOW, subject="чужое")
    log_activity(actor=world.anna, kind=kind(), subject="сделанное")

    page = anna.get(anna.w("/today/"))

    assert sections(page) == {
        "overdue": ["вчера", "вчера ночью"],
        "today": ["ночью", "утром", "вечером"],
        "upcoming": ["завтра", "через неделю"],
    }
    assert (page.context["done"].calls, page.context["done"].reached) == (1, 1)
    assert anna.get(anna.w("/today/badge/")).content == b"5"


def test_every_number_opens_its_list(world: World, funnel: Any, anna: Any) -> None:
    for hours in (-48, -30, 1, 2, 30):
        plan_activity(actor=world.anna, kind=kind(), due_at=NOW + hours * HOUR)
    for done in (NOW - HOUR, NOW - 30 * HOUR):
        log_activity(actor=world.anna, kind=kind(), done_at=done)
    page = anna.get(anna.w("/today/"))
    links = {
        "overdue": f"state=overdue&owner={world.anna.pk}",
        "today": f"owner={world.anna.pk}&from=2026-11-20&to=2026-11-20",
    }

    for name, query in links.items():
        assert query.replace("&", "&amp;") in page.content.decode()
        listed = anna.get(anna.w(f"/activities/?{query}")).context["rows"]
        assert len(listed) == getattr(page.context["agenda"], name).count == 2
    done = anna.get(
        anna.w(f"/activities/?state=done&channel=call&owner={world.anna.pk}&from=2026-11-20&to=2026-11-20")
    )
    assert len(done.context["rows"]) == page.context["done"].calls == 1


def test_hints_name_what_is_wrong_with_a_deal(world: World, funnel: Any, anna: Any) -> None:
    old = NOW - 40 * DAY
    bad = deal_of(
        world.anna, funnel, title="Плохая", at=old, amount=Decimal(900), expected_close=dt.date(2026, 11, 10)
    )
    good = deal_of(world.anna, funnel, title="Хорошая", amount=Decimal(5000))
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=good)
    planned = deal_of(world.anna, funnel, title="Застряла", at=old, amount=Decimal(50))
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=planned)
    deal_of(world.boris, funnel, title="Бориса", at=old)

    page = anna.get(anna.w("/today/"))

    found = {deal.title: [hint.kind for hint in hints] for deal, _url, hints in page.context["attention"]}
    # Four things are wrong with the first one, three are said.
    assert found == {
        "Плохая": ["no_next", "stage_late", "close_passed"],
        "Застряла": ["stage_late", "no_decider"],
    }
    assert page.context["attention_total"] == 2
    narrowed = anna.get(anna.w("/today/?attention=no_next"))
    assert [deal.title for deal, _url, _hints in narrowed.context["attention"]] == ["Плохая"]
    hint = page.context["attention"][0][2][0]
    assert hint.url.endswith(f"/activities/new/?deal={bad.pk}&mode=plan&channel=call")


def test_the_stage_limit_counts_working_days(world: World, funnel: Any, anna: Any) -> None:
    """Three working days for the first stage: from Monday it is exceeded on Friday, from Tuesday not yet."""
    for title, day in (("с понедельника", 16), ("со вторника", 17)):
        deal = deal_of(world.anna, funnel, title=title, at=NOW.replace(day=day))
        plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)

    rows = anna.get(anna.w("/today/")).context["attention"]

    assert [deal.title for deal, _url, _hints in rows] == ["с понедельника"]
    assert "1" in rows[0][2][0].line


def test_the_new_date_of_a_hint_is_set_by_its_button(
    world: World, funnel: Any, anna: Any, as_member: Any
) -> None:
    deal = deal_of(world.anna, funnel, expected_close=dt.date(2026, 11, 10))
    url = anna.w(f"/today/close-date/{deal.pk}/")

    assert anna.get(url, **HTMX).status_code == 200
    assert anna.post(url, {"expected_close": "вчера"}, **HTMX).status_code == 422
    assert (
        anna.post(
            url, {"expected_close": "2026-12-01", "was_expected_close": "2026-11-10"}, **HTMX
        ).status_code
        == 204
    )
    deal.refresh_from_db()
    assert deal.expected_close == dt.date(2026, 12, 1)
    boris = as_member(world.boris)
    assert boris.get(boris.w(f"/today/close-date/{deal.pk}/")).status_code == 403


def test_plan_and_fact_of_the_month(world: World, funnel: Any, anna: Any, as_member: Any) -> None:
    deal = deal_of(world.anna, funnel, amount=Decimal(600))
    win_deal(deal, actor=world.anna)
    set_plan(world.anna, dt.date(2026, 11, 1), Decimal(1000), actor=world.head)
    set_plan(world.vera, dt.date(2026, 11, 1), Decimal(500), actor=world.head)

    plan = anna.get(anna.w("/today/")).context["plan"]
    assert (plan["row"].plan, plan["row"].fact.total, plan["row"].gap) == (1000, 600, 400)
    assert plan["rows"] == []
    head = as_member(world.head)
    team = head.get(head.w("/today/?who=team")).context["plan"]
    assert (team["row"].plan, team["row"].fact.total) == (1500, 600)
    assert [(line.member, line.row.plan, line.row.fact.total) for line in team["rows"]] == [
        (world.anna, 1000, 600),
        (world.vera, 500, 0),
    ]
    north = as_member(world.north_head)
    assert north.get(north.w("/today/?who=team")).context["plan"]["row"].plan == 1000


def test_of_many_sellers_those_with_most_stand_on_today_and_all_are_counted(
    world: World, funnel: Any, as_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today, "PLAN_ROWS", 1)
    win_deal(deal_of(world.vera, funnel, amount=Decimal(600)), actor=world.vera)
    for seller in (world.anna, world.vera):
        set_plan(seller, dt.date(2026, 11, 1), Decimal(1000), actor=world.head)
    head = as_member(world.head)
    page = head.get(head.w("/today/?who=team"))
    plan = page.context["plan"]
    assert [line.member for line in plan["rows"]] == [world.vera]
    assert plan["row"].plan == 2000
    assert "Показать все (2)" in page.content.decode()


def test_one_sees_the_day_of_those_within_reach_only(world: World, funnel: Any, as_member: Any) -> None:
    plan_activity(actor=world.vera, kind=kind(), due_at=NOW, subject="Веры")
    head, north, anna = as_member(world.head), as_member(world.north_head), as_member(world.anna)

    assert sections(head.get(head.w(f"/today/?who={world.vera.pk}")))["today"] == ["Веры"]
    for client in (north, anna):
        for who in (world.vera.pk, "team", "abc", "99999999999999999999"):
            assert sections(client.get(client.w(f"/today/?who={who}")))["today"] == []


def test_another_workspace_does_not_exist(world: World, stranger: World, anna: Any) -> None:
    assert anna.get(f"/w/{stranger.slug}/today/").status_code == 404


def test_page_and_fragment(world: World, anna: Any) -> None:
    page, fragment = anna.get(anna.w("/today/")), anna.get(anna.w("/today/"), **HTMX)

    assert b"<html" in page.content
    assert b"<html" not in fragment.content
    assert b'id="today"' in fragment.content


def test_a_waiting_hand_over_stands_on_the_new_owners_day(
    world: World, funnel: Any, anna: Any, as_member: Any
) -> None:
    deal = deal_of(world.boris, funnel)
    assign_deal(deal, actor=world.head, owner=world.anna, sheet={"risks": "тендер в декабре"})
    block, accept = anna.w("/today/handed/"), anna.w(f"/deals/{deal.number}/accept/")

    assert block in anna.get(anna.w("/today/")).content.decode()
    told = anna.get(block, **HTMX).content.decode()
    assert "Приняты не все передачи" in told
    assert "<html" not in told
    assert accept in told
    boris = as_member(world.boris)
    assert not boris.get(block, **HTMX).content.strip()
    assert "Все передачи приняты" in boris.get(block).content.decode()

    anna.post(accept, **HTMX)
    assert not anna.get(block, **HTMX).content.strip()


def test_many_hand_overs_cost_as_many_queries_as_few(world: World, funnel: Any, anna: Any) -> None:
    def hand(count: int) -> int:
        for _each in range(count):
            deal = deal_of(world.boris, funnel)
            assign_deal(deal, actor=world.head, owner=world.anna, sheet={"risks": "тендер"})
        with CaptureQueriesContext(connection) as captured:
            anna.get(anna.w("/today/handed/"), **HTMX)
        return len(captured)

    # The first request reads what is kept between requests.
    hand(1)
    assert hand(1) == hand(5)
    assert "Остальные покажем" in anna.get(anna.w("/today/handed/"), **HTMX).content.decode()


@pytest.mark.parametrize("who", ["me", "team"])
def test_the_number_of_queries_does_not_grow(world: World, funnel: Any, as_member: Any, who: str) -> None:
    head = as_member(world.head)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert head.get(head.w(f"/today/?who={who}")).status_code == 200
        return len(captured)

    def fill(count: int) -> None:
        deals = [deal_of(world.head, funnel, at=NOW - 60 * DAY, amount=Decimal(5)) for _each in range(5)]
        rows = [
            ActivityRow(
                kind_id=kind().pk,
                owner_id=world.head.pk,
                team_id=world.head.team_id,
                due_at=NOW + number % 9 * DAY - 3 * DAY,
                deal_id=deals[number % 5].pk,
                company_id=deals[number % 5].company_id,
            )
            for number in range(count)
        ]
        import_activities(rows, actor=world.head)

    fill(5)
    few = queries()
    fill(495)
    assert queries() == few
    # One of them in a member's first weeks only: whether the tour was seen.
    assert few <= 24


def test_a_call_to_another_zone_names_the_clients_hour(world: World, funnel: Any, anna: Any) -> None:
    far = make_company(world.anna, region="25")
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, company=far)

    assert "у клиента 20:00" in anna.get(anna.w("/today/")).content.decode()
    assert "у клиента 20:00" in anna.get(anna.w(f"/activities/{row.pk}/")).content.decode()
    far.region = "77"
    far.save(update_fields=["region"])
    assert "у клиента" not in anna.get(anna.w("/today/")).content.decode()
