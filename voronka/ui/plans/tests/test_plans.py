"""The grid of plans through its page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from tests.world import World
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, edit_deal, win_deal
from voronka.deals.filters import DealFilter
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.targets.actions import set_plan
from voronka.targets.models import SalesPlan

HTMX = {"HTTP_HX_REQUEST": "true"}
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
NOV = dt.date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def head(world: World, as_member: Any) -> Any:
    return as_member(world.head)


def plans() -> dict[Any, Decimal]:
    return {(p.member_id, p.month): p.amount for p in SalesPlan.objects.all()}


def rows(page: Any) -> dict[str, Any]:
    return {row.label: row for row in page.context["rows"]}


def test_sums_typed_and_pasted_in_many_ways_are_read(world: World, head: Any) -> None:
    texts = {"01": "1 200 000", "02": "1\u00a0200\u00a0000,50", "03": "900000", "04": "1,5 млн", "05": "0"}
    form = {f"p_{world.anna.pk}_2026-{month}": text for month, text in texts.items()}

    response = head.post(head.w("/plans/save/"), {"year": "2026", **form}, **HTMX)

    assert response.status_code == 204
    assert [plans()[world.anna.pk, dt.date(2026, month, 1)] for month in range(1, 6)] == [
        1_200_000,
        Decimal("1200000.50"),
        900_000,
        1_500_000,
        0,
    ]


def test_subtotals_stand_over_the_members_of_teams_and_those_below(world: World, head: Any) -> None:
    set_plan(world.anna, NOV, Decimal(10), actor=world.head)
    set_plan(world.boris, NOV, Decimal(20), actor=world.head)
    set_plan(world.vera, NOV, Decimal(400), actor=world.head)

    page = head.get(head.w("/plans/?year=2026"))

    found = rows(page)
    assert [found[name].plan for name in ("Продажи", "Север", "Юг")] == [430, 30, 400]
    assert page.context["total"].plan == 430
    assert [row.label for row in page.context["rows"]][:2] == ["Продажи", "Глеб Орлов"]


def test_one_bad_cell_saves_nothing(world: World, head: Any) -> None:
    for bad in ("много", "-5", "1" * 40):
        form = {f"p_{world.boris.pk}_2026-11": "100", f"p_{world.anna.pk}_2026-11": bad}
        assert head.post(head.w("/plans/save/"), form, **HTMX).status_code == 409, bad
    assert head.post(head.w("/plans/save/"), {f"p_{world.anna.pk}_2026-13": "1"}, **HTMX).status_code == 409
    assert plans() == {}


def test_a_cell_that_somebody_else_changed_is_told(world: World, head: Any) -> None:
    set_plan(world.anna, NOV, Decimal(700), actor=world.north_head)
    name = f"p_{world.anna.pk}_2026-11"

    response = head.post(head.w("/plans/save/"), {name: "900", f"was_{name}": ""}, **HTMX)

    assert response.status_code == 409
    assert "700" in response.content.decode()
    assert plans() == {(world.anna.pk, NOV): 700}


def test_the_same_grid_sent_twice_is_one_event(world: World, head: Any) -> None:
    name = f"p_{world.anna.pk}_2026-11"
    for _twice in range(2):
        assert (
            head.post(
                head.w("/plans/save/"), {name: "900", f"was_{name}": "", "once": "x"}, **HTMX
            ).status_code
            == 204
        )
    assert Event.objects.filter(type="plans.set").count() == 1


def test_who_sees_and_sets_what(world: World, as_member: Any, stranger: World) -> None:
    for name in ("anna", "vera"):
        set_plan(getattr(world, name), NOV, Decimal(1), actor=world.admin)
    anna, north, marketer = (as_member(getattr(world, name)) for name in ("anna", "north_head", "marketer"))

    page = anna.get(anna.w("/plans/?year=2026"))
    assert list(rows(page)) == ["Анна Седова"]
    assert b"data-save" not in page.content
    assert anna.post(anna.w("/plans/save/"), {f"p_{world.anna.pk}_2026-11": "9"}).status_code == 403
    assert {"Анна Седова", "Борис Ильин"} <= set(rows(north.get(north.w("/plans/"))))
    assert "Вера Морозова" not in rows(north.get(north.w("/plans/")))
    assert north.post(north.w("/plans/save/"), {f"p_{world.vera.pk}_2026-11": "9"}, **HTMX).status_code == 403
    assert (
        north.post(north.w("/plans/save/"), {f"p_{stranger.anna.pk}_2026-11": "9"}, **HTMX).status_code == 403
    )
    for path in ("/plans/", "/plans/corrections/"):
        assert marketer.get(marketer.w(path)).status_code == 403
        assert anna.get(f"/w/{stranger.slug}{path}").status_code == 404
    assert plans() == {(world.anna.pk, NOV): 1, (world.vera.pk, NOV): 1}


def test_a_fact_opens_exactly_its_deals_and_corrections_theirs(world: World, funnel: Any, head: Any) -> None:
    def sold(month: int, amount: int) -> Deal:
        with clock.frozen(NOW.replace(month=month)):
            deal = create_deal(actor=world.anna, title="Сделка", funnel=funnel, amount=Decimal(amount))
        with clock.frozen(NOW.replace(month=month, day=25)):
            win_deal(deal, actor=world.anna)
        return deal

    changed = sold(9, 100)
    sold(9, 40)
    sold(10, 7)
    with clock.frozen(NOW.replace(month=10, day=28)):
        edit_deal(changed, actor=world.head, changes={"amount": Decimal(130)}, was=None)

    page = head.get(head.w("/plans/?year=2026"))

    anna = rows(page)["Анна Седова"]
    assert [anna.cells[month - 1].fact for month in (9, 10, 11)] == [140, 37, 0]
    for month, wanted in ((9, 170), (10, 7)):
        query = anna.cells[month - 1].won_url.partition("?")[2] or (
            f"outcome=won&closed_owner={world.anna.pk}&closed_from=2026-{month:02}-01&closed_to=2026-{month:02}-30"
        )
        listed = DealFilter.from_params(QueryDict(query), world.head).apply(
            Deal.objects.visible_to(world.head)
        )
        assert sum(deal.amount for deal in listed) == wanted == anna.cells[month - 1].won
    corrections = head.get(head.w("/plans/corrections/?month=2026-09-01"))
    assert corrections.context["total"] == -30
    assert corrections.status_code == 200
    assert head.get(head.w("/plans/corrections/?month=2026-10-01")).context["total"] == 30
    assert head.get(head.w("/plans/corrections/?month=xyz")).context["total"] == 0


def test_page_and_fragment(world: World, head: Any) -> None:
    page, fragment = head.get(head.w("/plans/")), head.get(head.w("/plans/"), **HTMX)

    assert b"<html" in page.content
    assert b"<html" not in fragment.content
    for year in ("abc", "0001", "9999", "99999"):
        assert head.get(head.w(f"/plans/?year={year}")).status_code == 200


def test_a_strangers_plans_stay_with_them(world: World, stranger: World, head: Any) -> None:
    with scope(stranger.workspace):
        set_plan(stranger.anna, NOV, Decimal(5), actor=stranger.admin)

    assert head.get(head.w("/plans/?year=2026")).context["total"].plan is None


def test_a_company_of_one_plans_for_its_founder(world: World, as_member: Any) -> None:
    from voronka.workspaces.models import Member

    Member.objects.exclude(pk=world.admin.pk).update(status="former")
    browser = as_member(world.admin)
    answer = browser.get(browser.w("/plans/"))
    assert answer.context["is_empty"] is False
    assert [row.member for row in answer.context["rows"]] == [world.admin]
