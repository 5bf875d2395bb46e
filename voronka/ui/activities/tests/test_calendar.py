"""The calendar: what stands in it, and what dropping does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company
from voronka.activities.actions import cancel_activity, complete_activity, plan_activity
from voronka.activities.repeating import repeat_activity
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind

HTMX = {"HTTP_HX_REQUEST": "true"}
# A Friday, noon in Moscow.
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WEEK = "start=2026-11-16&end=2026-11-23"


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def anna(world: World, funnel: Any, as_member: Callable[[Any], Any]) -> Any:
    return as_member(world.anna)


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def shown(browser: Any, query: str = WEEK) -> dict[str, dict[str, Any]]:
    answer = browser.get(browser.w(f"/calendar/entries/?{query}"))
    assert answer.status_code == 200
    return {entry["title"]: entry for entry in answer.json()["entries"]}


def test_each_activity_stands_at_its_hour_by_the_readers_clock(world: World, anna: Any) -> None:
    planned = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, minutes=45, subject="КП")
    plan_activity(actor=world.anna, kind=kind("task"), due_at=NOW, has_time=False, subject="Отчёт")
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + 4 * DAY, subject="Через неделю")
    plan_activity(actor=world.boris, kind=kind(), due_at=NOW, subject="Чужое")
    gone = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, subject="Отменённое")
    cancel_activity(gone, actor=world.anna)

    found = shown(anna)

    assert found.keys() == {"КП", "Отчёт"}
    assert (found["КП"]["start"], found["КП"]["end"]) == ("2026-11-20T13:00:00", "2026-11-20T13:45:00")
    assert found["КП"]["url"] == anna.w(f"/activities/{planned.pk}/")
    assert found["Отчёт"]["allDay"]
    assert found["Отчёт"]["start"] == "2026-11-20"

    world.anna.user.time_zone = "Asia/Yekaterinburg"
    world.anna.user.save(update_fields=["time_zone"])
    assert shown(anna)["КП"]["start"] == "2026-11-20T15:00:00"
    assert shown(anna)["Отчёт"]["start"] == "2026-11-20"


def test_done_and_overdue_are_told_apart_and_what_is_done_stays_put(world: World, anna: Any) -> None:
    late = plan_activity(actor=world.anna, kind=kind(), due_at=NOW - HOUR, subject="Опоздал")
    done = plan_activity(actor=world.anna, kind=kind(), due_at=NOW - 2 * HOUR, subject="Сделал")
    complete_activity(done, actor=world.anna, result="Договорились")

    found = shown(anna)

    assert found["Опоздал"]["extendedProps"]["state"] == "late"
    assert found["Опоздал"]["editable"]
    assert found["Сделал"]["extendedProps"]["state"] == "done"
    assert not found["Сделал"]["editable"]
    assert shown(anna, f"{WEEK}&state=open").keys() == {late.subject}
    assert shown(anna, f"{WEEK}&kind={kind('task').pk}") == {}


def test_a_call_to_another_zone_names_the_clients_hour(world: World, anna: Any) -> None:
    far, near = make_company(world.anna, region="25"), make_company(world.anna, name="Рядом", region="77")
    for company, subject in ((far, "Владивосток"), (near, "Москва")):
        plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, company=company, subject=subject)
    plan_activity(actor=world.anna, kind=kind("task"), due_at=NOW, company=far, subject="Без звонка")

    there = {title: entry["extendedProps"]["there"] for title, entry in shown(anna).items()}

    assert there == {"Владивосток": "20:00", "Москва": "", "Без звонка": ""}


def test_heads_look_at_several_colleagues_and_sellers_only_at_themselves(
    world: World, anna: Any, as_member: Callable[[Any], Any]
) -> None:
    for member in (world.anna, world.boris, world.vera):
        plan_activity(actor=member, kind=kind(), due_at=NOW, subject=member.name)
    who = f"{WEEK}&who={world.anna.pk}&who={world.boris.pk}&who={world.vera.pk}"

    assert shown(as_member(world.north_head), who).keys() == {world.anna.name, world.boris.name}
    assert shown(anna, who).keys() == {world.anna.name}
    page = as_member(world.north_head).get(anna.w(f"/calendar/?{who}"))
    assert [person["id"] for person in page.context["settings"]["people"]] == [world.anna.pk, world.boris.pk]


def test_holidays_are_shaded_and_a_year_without_a_decree_says_so(anna: Any) -> None:
    page = anna.get(anna.w("/calendar/?date=2026-11-20"))
    off = page.context["settings"]["off"]

    assert off["2026-11-04"] == "День народного единства"
    assert off["2026-11-21"] == ""
    assert "2026-11-20" not in off
    assert page.context["unknown_year"] is None
    nonce = page.context["nonce"]
    assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    far = anna.get(anna.w("/calendar/?date=2031-05-20"))
    assert far.context["unknown_year"] == 2031
    assert "2031" in far.content.decode()


@pytest.mark.parametrize(
    "query", ["", "start=2026-11-16", "start=x&end=y", "start=2026-11-16&end=2027-11-16"]
)
def test_an_impossible_time_is_refused(anna: Any, query: str) -> None:
    assert anna.get(anna.w(f"/calendar/entries/?{query}")).status_code == 400


def test_dropping_moves_and_stretching_makes_longer(world: World, anna: Any) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, minutes=15, subject="КП")
    was = row.due_at.isoformat()

    answer = anna.post(
        anna.w(f"/activities/{row.pk}/move/"),
        {"start": "2026-11-23T10:30:00", "minutes": "60", "was_due_at": was},
        **HTMX,
    )

    row.refresh_from_db()
    assert answer.status_code == 204
    assert (row.due_at, row.minutes, row.has_time) == (NOW.replace(day=23, hour=7, minute=30), 60, True)
    event = Event.objects.order_by("-id").first()
    assert event.type == "activity.edited"
    assert f"/undo/{event.pk}/" in answer.headers["HX-Trigger"]
    anna.post(anna.w(f"/undo/{event.pk}/"), **HTMX)
    row.refresh_from_db()
    assert (row.due_at, row.minutes) == (NOW, 15)


def test_dropped_on_the_row_of_whole_days_it_has_no_hour(world: World, anna: Any) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, subject="КП")

    anna.post(anna.w(f"/activities/{row.pk}/move/"), {"start": "2026-11-24"}, **HTMX)

    row.refresh_from_db()
    assert not row.has_time
    assert shown(anna, "start=2026-11-23&end=2026-11-30")["КП"]["start"] == "2026-11-24"


def test_what_a_colleague_moved_meanwhile_is_not_overwritten(world: World, anna: Any) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW)
    was = row.due_at.isoformat()
    address = anna.w(f"/activities/{row.pk}/move/")
    anna.post(address, {"start": "2026-11-23T10:30:00", "was_due_at": was}, **HTMX)
    count = Event.objects.count()

    answer = anna.post(address, {"start": "2026-11-25T10:30:00", "was_due_at": was}, **HTMX)

    row.refresh_from_db()
    assert answer.status_code == 409
    assert Event.objects.count() == count
    assert row.due_at == NOW.replace(day=23, hour=7, minute=30)


@pytest.mark.parametrize("start", ["", "завтра", "2026-13-45", "2026-11-23T99:00:00"])
def test_a_drop_nowhere_changes_nothing(world: World, anna: Any, start: str) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW)

    answer = anna.post(anna.w(f"/activities/{row.pk}/move/"), {"start": start}, **HTMX)

    row.refresh_from_db()
    assert answer.status_code == 409
    assert row.due_at == NOW


def test_what_is_done_does_not_move(world: World, anna: Any) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW)
    complete_activity(row, actor=world.anna)

    answer = anna.post(anna.w(f"/activities/{row.pk}/move/"), {"start": "2026-11-23T10:30:00"}, **HTMX)

    row.refresh_from_db()
    assert answer.status_code == 409
    assert row.due_at == NOW


def test_a_head_drops_it_on_a_colleague(world: World, anna: Any, as_member: Callable[[Any], Any]) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW)
    head = as_member(world.north_head)
    values = {"start": "2026-11-20T12:00:00", "owner": str(world.boris.pk)}

    head.post(head.w(f"/activities/{row.pk}/move/"), values, **HTMX)

    row.refresh_from_db()
    assert row.owner == world.boris
    values["owner"] = str(world.vera.pk)
    head.post(head.w(f"/activities/{row.pk}/move/"), values, **HTMX)
    row.refresh_from_db()
    assert row.owner == world.boris


def test_selecting_a_time_opens_the_form_with_it(
    world: World, anna: Any, as_member: Callable[[Any], Any]
) -> None:
    query = f"mode=plan&due_day=2026-11-24&due_time=15:30&minutes=60&owner={world.boris.pk}"
    seller = anna.get(anna.w(f"/activities/new/?{query}"), **HTMX).content.decode()
    head = as_member(world.north_head)
    form = head.get(head.w(f"/activities/new/?{query}"), **HTMX).context["form"]

    assert 'value="2026-11-24"' in seller
    assert 'value="15:30"' in seller
    assert form["owner"].value() == world.boris.pk
    assert form["minutes"].value() == "60"


def test_a_full_week_costs_as_many_queries_as_an_empty_one(world: World, anna: Any) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(anna)
        return len(seen)

    company = make_company(world.anna)
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW, company=company)
    count()  # the first visit of the day is noted
    few = count()
    for number in range(40):
        plan_activity(actor=world.anna, kind=kind(), due_at=NOW + number * HOUR / 10, company=company)
    assert count() == few


def test_the_secret_of_the_calendar_is_shown_once(anna: Any) -> None:
    page = anna.get(anna.w("/calendar/link/"), **HTMX).content.decode()
    assert ".ics" not in page
    assert "Создать ссылку" in page

    made = anna.post(anna.w("/calendar/link/"), **HTMX)
    address = made.context["address"]

    assert made.headers["Cache-Control"] == "no-store"
    assert address in made.content.decode()
    assert address not in anna.get(anna.w("/calendar/link/"), **HTMX).content.decode()
    path = "/calendar/" + address.rsplit("/", 1)[1]
    assert anna.get(path).status_code == 200
    assert anna.post(anna.w("/calendar/link/close/"), **HTMX).status_code == 204
    assert anna.get(path).status_code == 404


def test_a_chip_names_client_and_deal_and_a_repeated_one_shows_what_comes(
    world: World, funnel: Any, anna: Any
) -> None:
    company = make_company(world.anna, "ООО «Ромашка»")
    deal = create_deal(actor=world.anna, title="Рампы", funnel=funnel, company=company)
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, deal=deal, subject="Оплата")
    repeat_activity(row, actor=world.anna, unit="day", times=4)

    answer = anna.get(anna.w("/calendar/entries/?start=2026-11-16&end=2026-11-30")).json()["entries"]

    now, *coming = answer
    props = now["extendedProps"]
    assert (props["about"], props["deal"], props["repeats"]) == ("ООО «Ромашка»", "Рампы", True)
    assert [one["start"][:10] for one in coming] == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert {one["extendedProps"]["state"] for one in coming} == {"coming"}
    assert not any("url" in one or one["editable"] for one in coming)
    assert anna.get(anna.w(f"/calendar/entries/?{WEEK}&kind={kind('task').pk}")).json()["entries"] == []
