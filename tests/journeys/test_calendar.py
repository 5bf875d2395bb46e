"""The calendar under the hand: dragging, the keyboard, a selected time, colleagues beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.activities.actions import plan_activity
from voronka.activities.models import Activity
from voronka.playbook.models import ActivityKind, Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WORDS = "Обсудить КП"


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=timezone.get_current_timezone())


def drag(visitor: Visitor, subject: str, dx: float, dy: float) -> None:
    box = visitor.page.locator(".fc-event", has_text=subject).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = visitor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=12)
    with visitor.page.expect_response("**/move/"):
        mouse.up()


def test_a_day_is_laid_out_by_hand(world: World, funnel: Funnel, visitor: Callable[..., Visitor]) -> None:
    day = dt.date(2027, 1, 13)  # a Wednesday
    call = ActivityKind.objects.get(channel="call")
    company = make_company(world.anna, region="25")
    row = plan_activity(
        actor=world.anna, kind=call, due_at=at(day, 11), minutes=60, subject=WORDS, company=company
    )
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/romashka/calendar/?view=week&date={day}")
    page.locator(".fc-event", has_text=WORDS).wait_for()
    assert "у клиента 18:00" in page.locator(".fc-event", has_text=WORDS).inner_text()
    assert anna.faults() == []

    # Two hours later on the next day, and back by «Отменить».
    column = page.locator(".fc-timegrid-col.fc-day-thu").bounding_box()
    slot = page.locator(".fc-timegrid-slot-lane").first.bounding_box()
    assert column
    assert slot
    drag(anna, WORDS, column["width"], slot["height"] * 4)
    row.refresh_from_db()
    assert row.due_at == at(day + dt.timedelta(days=1), 13)
    assert row.minutes == 60
    page.get_by_role("button", name="Отменить").click()
    page.locator(".fc-day-wed .fc-event", has_text=WORDS).wait_for()
    row.refresh_from_db()
    assert row.due_at == at(day, 11)

    # The keyboard does what the mouse can.
    page.locator("a.fc-event", has_text=WORDS).focus()
    with page.expect_response("**/move/"):
        page.keyboard.press("Alt+ArrowRight")
    page.locator(".fc-day-thu .fc-event", has_text=WORDS).wait_for()
    row.refresh_from_db()
    assert row.due_at == at(day + dt.timedelta(days=1), 11)

    # A click opens it over the calendar; Esc leads back to the same week.
    page.locator("a.fc-event", has_text=WORDS).click()
    page.locator("#panel #activity").wait_for()
    assert page.url.endswith(f"/activities/{row.pk}/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/calendar/?view=week&date=*")

    # A selected time becomes a plan.
    lane = page.locator(".fc-timegrid-col.fc-day-fri").bounding_box()
    hour = page.locator('.fc-timegrid-slot-lane[data-time="15:00:00"]').bounding_box()
    assert lane
    assert hour
    x, y = lane["x"] + lane["width"] / 2, hour["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + hour["height"])
    page.mouse.move(x, y + hour["height"] * 1.5)
    page.mouse.up()
    page.locator("#dialog input[name=due_day]").wait_for()
    assert page.locator("#dialog input[name=due_time]").input_value() == "15:00"
    page.locator("#dialog input[name=subject]").fill("Новый звонок")
    page.locator("#dialog button[type=submit]").click()
    page.locator(".fc-day-fri .fc-event", has_text="Новый звонок").wait_for()
    made = Activity.objects.get(subject="Новый звонок")
    assert made.due_at == at(dt.date(2027, 1, 15), 15)
    assert made.minutes == 60


def test_a_head_hands_a_meeting_over_between_columns(
    world: World, funnel: Funnel, visitor: Callable[..., Visitor]
) -> None:
    day = dt.date(2027, 1, 13)
    call = ActivityKind.objects.get(channel="call")
    row = plan_activity(actor=world.anna, kind=call, due_at=at(day, 11), minutes=60, subject=WORDS)
    head = visitor(world.north_head)
    head.go(f"/w/romashka/calendar/?view=day&date={day}&who={world.anna.pk}&who={world.boris.pk}")
    head.page.locator(".fc-event", has_text=WORDS).wait_for()
    assert head.page.locator(".v-cal-name").all_inner_texts()[0].endswith(world.anna.name)
    assert head.faults() == []

    columns = head.page.locator(".v-cal-col")
    first, second = columns.nth(0).bounding_box(), columns.nth(1).bounding_box()
    assert first
    assert second
    drag(head, WORDS, second["x"] - first["x"], 0)

    row.refresh_from_db()
    assert row.owner == world.boris
    assert row.due_at == at(day, 11)
