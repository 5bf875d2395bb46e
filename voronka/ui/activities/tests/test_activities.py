"""Writing activities down, and what can be done with one, through the pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World, make_company, make_person
from voronka.activities.actions import plan_activity
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind

HTMX = {"HTTP_HX_REQUEST": "true"}
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def anna(world: World, as_member: Callable[[Any], Any]) -> Any:
    return as_member(world.anna)


@pytest.fixture
def deal(world: World, funnel: Any) -> Any:
    company = make_company(world.anna)
    return create_deal(
        actor=world.anna, title="Стеллажи", funnel=funnel, company=company, person=make_person(company)
    )


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def call_form(about: Any, /, **changes: Any) -> dict[str, Any]:
    return {
        "deal": about.pk,
        "channel": "call",
        "mode": "done",
        "kind": kind().pk,
        "direction": "in",
        "reached": "no",
        "is_cold": "on",
        "result": "Не взяли трубку",
        "next_kind": kind().pk,
        "next_subject": "Перезвонить",
        "next_day": "2026-11-23",
        "next_time": "10:30",
        **changes,
    }


def test_a_call_with_result_and_next_step_is_one_submit(world: World, anna: Any, deal: Any) -> None:
    response = anna.post(anna.w("/activities/compose/"), call_form(deal), **HTMX)

    assert response.status_code == 200
    call = Activity.objects.done().get()
    following = Activity.objects.planned().get()
    assert (call.direction, call.reached, call.is_cold, call.result) == ("in", False, True, "Не взяли трубку")
    assert (following.subject, timezone.localtime(following.due_at).strftime("%d.%m %H:%M")) == (
        "Перезвонить",
        "23.11 10:30",
    )
    assert "refresh" in response.headers["HX-Trigger"]
    # The tab is empty again.
    assert "Не взяли трубку" not in response.content.decode()
    assert "data-compose" in response.content.decode()


def test_without_a_next_step_the_form_says_so_and_keeps_what_was_typed(anna: Any, deal: Any) -> None:
    response = anna.post(anna.w("/activities/compose/"), call_form(deal, next_day=""), **HTMX)

    assert response.status_code == 422
    assert not Activity.objects.exists()
    page = response.content.decode()
    assert "Не взяли трубку" in page
    assert "Перезвонить" in page
    response = anna.post(
        anna.w("/activities/compose/"), call_form(deal, next_day="", without_next="on"), **HTMX
    )
    assert response.status_code == 200
    assert Activity.objects.done().count() == 1


def test_the_same_form_sent_twice_is_one_call(anna: Any, deal: Any) -> None:
    for _twice in range(2):
        anna.post(anna.w("/activities/compose/"), call_form(deal, once="abc"), **HTMX)

    assert Activity.objects.done().count() == 1


def test_quick_add_finds_the_deal_by_a_combobox_and_plans(world: World, anna: Any, deal: Any) -> None:
    found = anna.get(anna.w("/activities/places/")).json()["items"]
    assert [item["value"] for item in found] == [f"deal:{deal.pk}"]
    form = {
        "channel": "meeting",
        "mode": "plan",
        "place": f"deal:{deal.pk}",
        "kind": kind("meeting").pk,
        "subject": "На складе",
        "due_day": "2026-11-25",
        "due_time": "",
        "remind": "15",
    }

    assert anna.post(anna.w("/activities/new/"), form, **HTMX).status_code == 204

    meeting = Activity.objects.get()
    assert (meeting.deal, meeting.company, meeting.has_time) == (deal, deal.company, False)
    assert timezone.localtime(meeting.remind_at).strftime("%d.%m %H:%M") == "25.11 08:45"


@pytest.mark.parametrize("path", ["/activities/compose/", "/activities/new/"])
def test_page_and_fragment(anna: Any, deal: Any, path: str) -> None:
    url = anna.w(f"{path}?deal={deal.pk}&channel=call&mode=done")
    page, fragment = anna.get(url), anna.get(url, **HTMX)

    assert b"<html" in page.content
    assert b"<html" not in fragment.content
    for answer in (page, fragment):
        assert b'name="next_day"' in answer.content
        assert b"onclick" not in answer.content


def test_foreign_ids_in_the_form(world: World, anna: Any, stranger: World, deal: Any, as_member: Any) -> None:
    with scope(stranger.workspace):
        from tests.world import make_book

        alien = create_deal(actor=stranger.anna, title="Чужая", funnel=make_book(stranger))
        alien_kind = ActivityKind.objects.get(channel="call").pk
        alien_company = make_company(stranger.anna).pk
    anothers = create_deal(actor=world.vera, title="Веры", funnel=deal.funnel)
    url = anna.w("/activities/compose/")

    assert anna.post(url, call_form(alien), **HTMX).status_code == 404
    assert anna.post(url, call_form(anothers), **HTMX).status_code == 403
    assert anna.post(url, call_form(deal, deal="", company=alien_company), **HTMX).status_code == 404
    assert anna.post(url, call_form(deal, deal="9" * 30), **HTMX).status_code == 404
    assert anna.post(url, call_form(deal, kind=alien_kind), **HTMX).status_code == 422
    assert anna.post(url, call_form(deal, next_kind=alien_kind), **HTMX).status_code == 422
    assert anna.post(url, call_form(deal, person="1234567"), **HTMX).status_code == 404
    assert not Activity.objects.exists()


def test_bad_input_is_told_and_stores_nothing(anna: Any, deal: Any) -> None:
    url = anna.w("/activities/compose/")
    for changes in (
        {"done_day": "2026-11-30"},
        {"done_day": "31.02.2026"},
        {"next_day": "0001-01-01"},
        {"minutes": "-5"},
        {"minutes": "9999999999999"},
        {"result": "я" * 20_001},
        {"next_subject": "я" * 251},
        {"kind": ""},
    ):
        assert anna.post(url, call_form(deal, **changes), **HTMX).status_code == 422, changes
    assert not Activity.objects.exists()

    text = "<script>alert(1)</script> \u202eсправа 🙂"
    assert anna.post(url, call_form(deal, result=text), **HTMX).status_code == 200
    stored = Activity.objects.done().get()
    page = anna.get(anna.w(f"/activities/{stored.pk}/")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.fixture
def call(world: World, deal: Any) -> Activity:
    return plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, subject="Обсудить КП", deal=deal)


def test_done_in_place(anna: Any, call: Activity) -> None:
    url = anna.w(f"/activities/{call.pk}/complete/")
    inline = anna.get(url, HTTP_HX_TARGET=f"slot-{call.pk}", **HTMX)
    assert f'hx-target="#slot-{call.pk}"' in inline.content.decode()
    assert b"v-dialog" not in inline.content
    assert b"v-dialog" in anna.get(url, HTTP_HX_TARGET="dialog", **HTMX).content

    response = anna.post(url, {"result": "Согласны", "reached": "yes", "without_next": "on"}, **HTMX)

    assert response.status_code == 204
    call.refresh_from_db()
    assert (call.done_at, call.result) == (NOW, "Согласны")


def test_putting_off_keeps_the_time_of_day(anna: Any, call: Activity) -> None:
    url = anna.w(f"/activities/{call.pk}/reschedule/")
    was = call.due_at

    assert anna.post(url, {"days": "7"}, **HTMX).status_code == 204

    call.refresh_from_db()
    assert call.due_at == NOW + 7 * DAY
    # Another tab still shows the former time.
    assert anna.post(url, {"days": "3", "was_due_at": was.isoformat()}, **HTMX).status_code == 409
    for day in ("", "завтра", "9999-12-31", "0001-01-01"):
        assert anna.post(url, {"day": day}, **HTMX).status_code == 409
    call.refresh_from_db()
    assert call.due_at == NOW + 7 * DAY
    assert anna.get(url).status_code == 405


def edit_fields(page: Any, **changes: str) -> dict[str, str]:
    form = page.context["form"]
    data = {f"was_{name}": str(value) for name, value in page.context["was"].items()}
    for bound in form:
        value = bound.value()
        data[bound.name] = (
            "" if value is None else f"{value:%H:%M}" if isinstance(value, dt.time) else str(value)
        )
    return {**data, **changes}


def test_two_people_editing_one_activity(world: World, anna: Any, call: Activity, as_member: Any) -> None:
    head = as_member(world.head)
    url = anna.w(f"/activities/{call.pk}/edit/")
    hers, his = anna.get(url, **HTMX), head.get(url, **HTMX)

    assert anna.post(url, edit_fields(hers, subject="КП и сроки"), **HTMX).status_code == 204
    assert head.post(url, edit_fields(his, minutes="45"), **HTMX).status_code == 204
    conflict = head.post(url, edit_fields(his, subject="Другое", minutes="50"), **HTMX)

    assert conflict.status_code == 409
    assert "КП и сроки" in conflict.content.decode()
    call.refresh_from_db()
    assert (call.subject, call.minutes, call.due_at) == ("КП и сроки", 45, NOW + DAY)


def test_cancel_and_reopen(anna: Any, call: Activity) -> None:
    assert anna.post(anna.w(f"/activities/{call.pk}/cancel/"), **HTMX).status_code == 204
    call.refresh_from_db()
    assert call.cancelled_at == NOW
    assert anna.post(anna.w(f"/activities/{call.pk}/reopen/")).status_code == 302
    call.refresh_from_db()
    assert call.is_open


ACTIONS = ("edit", "complete", "reschedule", "cancel", "reopen")


def test_what_is_not_mine(world: World, call: Activity, as_member: Any, stranger: World) -> None:
    """Another workspace's: 404. Out of reach: 403. Seen along with the deal, but another's: may be read only."""
    with scope(stranger.workspace):
        alien = as_member(stranger.anna)
    vera, marketer = as_member(world.vera), as_member(world.marketer)
    for name in ("", *ACTIONS):
        path = f"/activities/{call.pk}/{name}/".replace("//", "/")
        method = "post" if name in ("reschedule", "cancel", "reopen") else "get"
        assert getattr(alien, method)(f"/w/{stranger.slug}{path}").status_code == 404, name
        assert getattr(vera, method)(vera.w(path)).status_code == 403, name
    # Marketers see every deal.
    assert marketer.get(marketer.w(f"/activities/{call.pk}/")).status_code == 200
    assert b"hx-post" not in marketer.get(marketer.w(f"/activities/{call.pk}/"), **HTMX).content
    assert marketer.post(marketer.w(f"/activities/{call.pk}/cancel/")).status_code == 403
    assert marketer.post(marketer.w(f"/activities/{call.pk}/complete/"), {"result": "x"}).status_code == 403
    assert Event.objects.filter(type="activity.cancelled").count() == 0


def test_the_list_filters_and_pages(world: World, anna: Any, deal: Any) -> None:
    for number in range(60):
        plan_activity(
            actor=world.anna,
            kind=kind("meeting" if number % 2 else "call"),
            due_at=NOW + number * DAY,
            subject=f"Дело {number:02}",
            deal=deal,
        )
    first = anna.get(anna.w("/activities/"))
    assert [row.subject for row in first.context["found"]] == [f"Дело {number:02}" for number in range(50)]
    second = anna.get(first.context["more_url"], **HTMX)
    assert re.findall(r">(Дело \d\d)<", second.content.decode()) == [
        f"Дело {number}" for number in range(50, 60)
    ]
    assert b"<tr" in second.content
    assert b"<table" not in second.content

    def subjects(query: str) -> list[str]:
        return [row.subject for row in anna.get(anna.w(f"/activities/?{query}")).context["found"]]

    assert subjects("from=2026-11-22&to=2026-11-23") == ["Дело 02", "Дело 03"]
    assert subjects(f"kind={kind('meeting').pk}&to=2026-11-24") == ["Дело 01", "Дело 03"]
    assert subjects("q=дело 07") == ["Дело 07"]
    assert subjects("state=overdue") == []
    assert subjects("state=xyz&owner=abc&from=yesterday&kind=-1&after=x&id=y")[:1] == ["Дело 00"]


def test_a_repeated_call_is_planned_changed_and_stopped(
    world: World, funnel: Any, as_member: Callable[[Any], Any]
) -> None:
    anna = as_member(world.anna)
    call = ActivityKind.objects.get(channel="call")
    values = {
        "mode": "plan",
        "channel": "call",
        "kind": call.pk,
        "subject": "Сверка",
        "due_day": "2027-01-12",
        "due_time": "10:00",
        "repeat": "week",
        "repeat_every": "2",
        "once": "repeat-1",
    }
    refused = anna.post(anna.w("/activities/new/"), {**values, "repeat_until": "2027-01-12"}, **HTMX)
    assert refused.status_code == 422
    assert not Activity.objects.exists()

    assert anna.post(anna.w("/activities/new/"), {**values, "once": "repeat-2"}, **HTMX).status_code == 204
    row = Activity.objects.get()
    assert "каждые 2 недели" in anna.get(anna.w(f"/activities/{row.pk}/")).content.decode()

    form = anna.get(anna.w(f"/activities/{row.pk}/edit/"), **HTMX)
    assert form.context["form"]["repeat"].value() == "week"
    changed = {"kind": call.pk, "subject": "Акт", "due_day": "2027-01-12", "due_time": "11:00"}
    kept = {"repeat": "week", "repeat_every": "2", "following": "on"}
    assert anna.post(anna.w(f"/activities/{row.pk}/edit/"), {**changed, **kept}, **HTMX).status_code == 204
    row.refresh_from_db()
    assert (row.series.subject, row.series.at.hour) == ("Акт", 11)

    assert anna.post(anna.w(f"/activities/{row.pk}/stop/"), **HTMX).status_code == 204
    assert anna.get(anna.w(f"/activities/{row.pk}/")).context["repeats"] == ""
