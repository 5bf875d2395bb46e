"""The calendar for other programs: what is in it, and who may read it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from tests.world import World, make_company
from voronka.activities.actions import cancel_activity, complete_activity, edit_activity, plan_activity
from voronka.activities.calendar_link import close_link, link_of, open_link
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind
from voronka.workspaces.actions import deactivate_member

# A Friday, noon in Moscow.
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def read(secret: str, **headers: str) -> Any:
    """As another program does: no cookies, no workspace."""
    with scope(None):
        return Client().get(f"/calendar/{secret}.ics", headers=headers)


def shown(secret: str) -> dict[str, Any]:
    answer = read(secret)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_timed_and_whole_day_activities_come_with_alarms(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    deal = create_deal(actor=world.anna, title="Стеллажи, 2-я очередь; склад", funnel=funnel, company=company)
    plan_activity(
        actor=world.anna,
        kind=kind(),
        due_at=NOW + HOUR,
        minutes=45,
        subject="КП",
        deal=deal,
        remind_at=NOW + HOUR / 2,
    )
    plan_activity(actor=world.anna, kind=kind("task"), due_at=NOW + DAY, has_time=False, subject="Отчёт")
    plan_activity(actor=world.boris, kind=kind(), due_at=NOW, subject="Чужое")
    gone = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, subject="Отменённое")
    cancel_activity(gone, actor=world.anna)

    found = shown(open_link(actor=world.anna))

    assert found.keys() == {"Звонок: КП · ООО «Логист-Центр»", "Задача: Отчёт"}
    call, task = found.values()
    assert (call["dtstart"].dt, call["dtend"].dt) == (NOW + HOUR, NOW + HOUR + dt.timedelta(minutes=45))
    assert "Сделка: Стеллажи, 2-я очередь; склад" in call["description"]
    assert [alarm["trigger"].dt for alarm in call.walk("VALARM")] == [NOW + HOUR / 2]
    assert (task["dtstart"].dt, task["dtend"].dt) == (dt.date(2026, 11, 21), dt.date(2026, 11, 22))
    assert str(task["url"]).endswith("/w/romashka/activities/" + str(task["url"]).split("/")[-2] + "/")


def test_lines_are_as_the_standard_wants_them(world: World, funnel: Any) -> None:
    subject = "Обсудить; коммерческое, предложение\\ " * 5
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, subject=subject)

    body = read(open_link(actor=world.anna)).content

    lines = body.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75


def test_hours_stand_when_a_zone_changes_its_clock(world: World, funnel: Any) -> None:
    """10:00 in Berlin on both sides of the night of 29 March 2026 is not the same moment of the day."""
    berlin = ZoneInfo("Europe/Berlin")
    with clock.frozen(dt.datetime(2026, 3, 27, 9, 0, tzinfo=dt.UTC)):
        for day in (28, 29):
            due = dt.datetime(2026, 3, day, 10, 0, tzinfo=berlin)
            plan_activity(actor=world.anna, kind=kind(), due_at=due, subject=str(day))
        found = shown(open_link(actor=world.anna))

    starts = [event["dtstart"].dt for event in found.values()]
    assert [start.hour for start in starts] == [9, 8]
    assert [start.astimezone(berlin).hour for start in starts] == [10, 10]


def test_an_unchanged_calendar_is_not_sent_again(world: World, funnel: Any) -> None:
    row = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, subject="КП")
    secret = open_link(actor=world.anna)
    first = read(secret)

    again = read(secret, if_none_match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    edit_activity(row, actor=world.anna, changes={"due_at": NOW + 3 * HOUR})
    changed = read(secret, if_none_match=first.headers["ETag"])
    assert changed.status_code == 200
    assert b"SEQUENCE:1" in changed.content


def test_what_is_done_is_ticked_and_reminds_no_more(world: World, funnel: Any) -> None:
    row = plan_activity(
        actor=world.anna, kind=kind(), due_at=NOW + HOUR, subject="КП", remind_at=NOW + HOUR / 2
    )
    complete_activity(row, actor=world.anna, result="Секретный результат")

    secret = open_link(actor=world.anna)

    assert list(shown(secret)) == ["✓ Звонок: КП"]
    body = read(secret).content.decode()
    assert "VALARM" not in body
    assert "Секретный" not in body


def test_a_new_link_closes_the_former_and_closing_closes(world: World, funnel: Any) -> None:
    first = open_link(actor=world.anna)
    assert read(first).status_code == 200
    second = open_link(actor=world.anna)

    assert read(first).status_code == 404
    assert read(second).status_code == 200
    other = open_link(actor=world.boris)
    assert close_link(actor=world.anna)
    assert read(second).status_code == 404
    assert read(other).status_code == 200
    assert link_of(world.anna) is None
    assert not close_link(actor=world.anna)
    told = list(
        Event.objects.filter(type__startswith="member.calendar").order_by("id").values_list("type", flat=True)
    )
    assert told == ["member.calendar_opened"] * 3 + ["member.calendar_closed"]
    assert first not in str(list(Event.objects.values_list("payload", flat=True)))


def test_who_has_left_is_read_no_more(world: World, funnel: Any) -> None:
    secret = open_link(actor=world.anna)
    deactivate_member(world.anna, actor=world.admin)

    assert read(secret).status_code == 404


@pytest.mark.parametrize("secret", ["x", "я", "a" * 200, "%00"])
def test_a_guess_opens_nothing(world: World, secret: str) -> None:
    assert read(secret).status_code == 404


def test_reading_is_noted_once_an_hour(world: World, funnel: Any) -> None:
    secret = open_link(actor=world.anna)
    read(secret)
    with clock.frozen(NOW + HOUR / 2):
        read(secret)
    link = link_of(world.anna)
    assert link is not None
    assert link.read_at == NOW


def test_a_calendar_of_another_company_has_only_its_own(world: World, stranger: World, funnel: Any) -> None:
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + HOUR, subject="КП")
    with scope(stranger.workspace):
        secret = open_link(actor=stranger.anna)

    assert shown(secret) == {}
