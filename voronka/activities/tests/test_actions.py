"""Verbs of activities: the rule, the refusal, the event, the summaries, the way back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company, make_person
from voronka.activities.actions import (
    NextStep,
    cancel_activity,
    complete_activity,
    edit_activity,
    log_activity,
    plan_activity,
    reopen_activity,
    reschedule_activity,
)
from voronka.activities.models import Activity
from voronka.activities.summaries import recount
from voronka.clients.models import Company
from voronka.core import clock
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.deals.actions import create_deal, delete_deal, edit_deal, lose_deal
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.playbook.models import ActivityKind, Reason

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def deal(world: World, funnel: Any) -> Any:
    company = make_company(world.anna)
    person = make_person(company)
    return create_deal(
        actor=world.anna,
        title="Стеллажи",
        funnel=funnel,
        company=company,
        person=person,
        amount=Decimal(1000),
    )


def kind(channel: str = "call") -> ActivityKind:
    return ActivityKind.objects.get(channel=channel)


def last_event(name: str) -> Event:
    return Event.objects.filter(type=name).latest("id")


def test_a_planned_activity_is_the_deals_next_step_and_stands_in_three_feeds(world: World, deal: Any) -> None:
    later = plan_activity(actor=world.anna, kind=kind("meeting"), due_at=NOW + 3 * DAY, deal=deal)
    call = plan_activity(
        actor=world.anna, kind=kind(), due_at=NOW + DAY, subject="Обсудить КП", deal=deal, person=deal.person
    )

    deal.refresh_from_db()
    assert (deal.next_activity_at, deal.next_activity_text, deal.next_activity_icon) == (
        NOW + DAY,
        "Обсудить КП",
        "phone",
    )
    assert deal.last_contact_at is None
    assert call.company_id == deal.company_id
    assert Company.objects.get(pk=deal.company_id).next_activity_at == NOW + DAY
    assert (later.subject, later.minutes) == ("Встреча", kind("meeting").minutes)
    event = last_event("activity.planned")
    for subject in (("deal", deal.pk), ("company", deal.company_id), ("person", deal.person_id)):
        assert event in Event.objects.feed_of(*subject)
    assert "Обсудить КП" in tell(event).sentence


def test_without_a_deal_the_company_is_where_the_person_works(world: World, funnel: Any) -> None:
    company = make_company(world.anna)
    activity = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, person=make_person(company))

    assert activity.company == company


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"due_at": NOW.replace(year=2206)}, "due_at"),
        ({"due_at": NOW.replace(year=1026)}, "due_at"),
        ({"subject": "а" * 251}, "subject"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 24 * 60 + 1}, "minutes"),
        ({"remind_at": NOW + 2 * DAY}, "remind_at"),
    ],
)
def test_it_refuses_what_cannot_be_meant(world: World, deal: Any, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        plan_activity(**{"actor": world.anna, "kind": kind(), "due_at": NOW + DAY, "deal": deal, **fields})

    assert refusal.value.field == field
    assert not Activity.objects.exists()
    assert not Event.objects.filter(type__startswith="activity").exists()


def test_it_refuses_an_archived_kind(world: World, deal: Any) -> None:
    old = kind()
    old.archived_at = NOW
    old.save()

    with pytest.raises(Refused, match="Звонок"):
        plan_activity(actor=world.anna, kind=old, due_at=NOW + DAY, deal=deal)


def test_a_seller_plans_only_for_herself_a_head_for_the_team(world: World, deal: Any) -> None:
    with pytest.raises(Forbidden):
        plan_activity(actor=world.anna, kind=kind(), due_at=NOW, deal=deal, owner=world.boris)
    with pytest.raises(Forbidden):
        plan_activity(actor=world.north_head, kind=kind(), due_at=NOW, owner=world.vera)
    activity = plan_activity(actor=world.north_head, kind=kind(), due_at=NOW, deal=deal, owner=world.anna)

    assert (activity.owner, activity.team, activity.created_by) == (
        world.anna,
        world.teams["north"],
        world.north_head,
    )


def test_nothing_can_be_planned_on_a_deal_or_client_one_does_not_see(world: World, deal: Any) -> None:
    for place in ({"deal": deal}, {"company": deal.company}, {"person": deal.person}):
        with pytest.raises(Forbidden):
            plan_activity(actor=world.vera, kind=kind(), due_at=NOW, **place)

    assert not Activity.objects.exists()


def test_completing_takes_result_and_next_step_in_one_go(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, deal=deal)

    complete_activity(
        call,
        actor=world.anna,
        result="Ждут КП",
        direction="in",
        is_cold=True,
        next=NextStep(kind=kind("letter"), due_at=NOW + DAY, subject="Отправить КП"),
    )

    call.refresh_from_db()
    deal.refresh_from_db()
    assert (call.done_at, call.result, call.reached, call.direction, call.is_cold) == (
        NOW,
        "Ждут КП",
        True,
        "in",
        True,
    )
    assert (deal.next_activity_text, deal.last_contact_at) == ("Отправить КП", NOW)
    done, planned = last_event("activity.done"), last_event("activity.planned")
    assert planned.cause == done
    assert tell(done).body == "Ждут КП"
    complete_activity(call, actor=world.anna, result="ещё раз")
    assert Event.objects.filter(type="activity.done").count() == 1


def test_an_open_deal_is_not_left_without_a_next_step_unless_it_is_said(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, deal=deal)
    with pytest.raises(Refused) as refusal:
        complete_activity(call, actor=world.anna, result="Поговорили")
    assert refusal.value.field == "next"
    call.refresh_from_db()
    assert call.is_open
    assert not Event.objects.filter(type="activity.done").exists()

    with pytest.raises(Refused):
        log_activity(actor=world.anna, kind=kind(), deal=create_like(deal, world), result="Поговорили")

    complete_activity(call, actor=world.anna, without_next=True)
    assert last_event("activity.done").payload["without_next"] is True


def create_like(deal: Any, world: World) -> Any:
    return create_deal(actor=world.anna, title="Другая", funnel=deal.funnel)


def test_another_planned_activity_or_a_closed_deal_needs_no_next_step(world: World, deal: Any) -> None:
    plan_activity(actor=world.anna, kind=kind("meeting"), due_at=NOW + DAY, deal=deal)
    log_activity(actor=world.anna, kind=kind(), deal=deal)
    closed = create_like(deal, world)
    lose_deal(closed, actor=world.anna, reason=Reason.objects.filter(kind="lost").first())
    log_activity(actor=world.anna, kind=kind(), deal=closed)

    assert Activity.objects.done().count() == 2


def test_logging_takes_a_past_time_but_not_a_future_one(world: World, deal: Any) -> None:
    log_activity(actor=world.anna, kind=kind(), deal=deal, done_at=NOW - 3 * HOUR, without_next=True)
    log_activity(actor=world.anna, kind=kind(), deal=deal, done_at=NOW - 5 * HOUR, without_next=True)
    deal.refresh_from_db()
    assert deal.last_contact_at == NOW - 3 * HOUR

    with pytest.raises(Refused) as refusal:
        log_activity(actor=world.anna, kind=kind(), deal=deal, done_at=NOW + HOUR, without_next=True)
    assert refusal.value.field == "done_at"


def test_a_task_is_no_contact(world: World, deal: Any) -> None:
    task = log_activity(actor=world.anna, kind=kind("task"), deal=deal, reached=True, without_next=True)

    deal.refresh_from_db()
    assert (task.reached, deal.last_contact_at) == (None, None)


def test_moving_the_time_moves_the_reminder_along(world: World, deal: Any) -> None:
    call = plan_activity(
        actor=world.anna, kind=kind(), due_at=NOW + DAY, remind_at=NOW + DAY - HOUR, deal=deal
    )

    reschedule_activity(call, actor=world.anna, due_at=NOW + 2 * DAY, was_due_at=NOW + DAY)

    deal.refresh_from_db()
    call.refresh_from_db()
    assert call.remind_at == NOW + 2 * DAY - HOUR
    assert deal.next_activity_at == NOW + 2 * DAY
    undo(last_event("activity.edited"), actor=world.anna)
    call.refresh_from_db()
    assert (call.due_at, call.remind_at) == (NOW + DAY, NOW + DAY - HOUR)


def test_the_later_of_two_conflicting_edits_is_told_and_writes_nothing(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, subject="КП", deal=deal)
    was = {"subject": "КП", "minutes": call.minutes}
    edit_activity(call, actor=world.anna, changes={"subject": "КП и договор"}, was=was)
    edit_activity(call, actor=world.north_head, changes={"minutes": 40}, was=was)

    with pytest.raises(Conflict, match="КП и договор"):
        edit_activity(call, actor=world.north_head, changes={"subject": "Другое", "minutes": 50}, was=was)

    call.refresh_from_db()
    assert (call.subject, call.minutes) == ("КП и договор", 40)


def test_an_activity_that_goes_to_another_deal_leaves_the_first_one(world: World, deal: Any) -> None:
    other = create_like(deal, world)
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)

    edit_activity(call, actor=world.anna, changes={"deal": other})

    deal.refresh_from_db()
    other.refresh_from_db()
    assert (deal.next_activity_at, other.next_activity_at) == (None, NOW + DAY)
    assert call.company_id is None
    assert Company.objects.get(pk=deal.company_id).next_activity_at is None


def test_cancelling_and_reopening(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)
    cancel_activity(call, actor=world.anna, reason="Клиент уехал")
    cancel_activity(call, actor=world.anna)
    deal.refresh_from_db()
    assert deal.next_activity_at is None
    assert tell(last_event("activity.cancelled")).body == "Клиент уехал"
    assert Event.objects.filter(type="activity.cancelled").count() == 1
    with pytest.raises(Refused):
        complete_activity(call, actor=world.anna)

    reopen_activity(call, actor=world.anna)

    deal.refresh_from_db()
    assert deal.next_activity_at == NOW + DAY
    complete_activity(call, actor=world.anna, without_next=True)
    with pytest.raises(Refused):
        cancel_activity(call, actor=world.anna)


def test_anothers_activity_may_be_read_but_not_changed(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)
    for verb in (cancel_activity, complete_activity, reopen_activity):
        with pytest.raises(Forbidden):
            verb(call, actor=world.boris)
    with pytest.raises(Forbidden):
        edit_activity(call, actor=world.boris, changes={"subject": "Чужое"})

    call.refresh_from_db()
    assert (call.subject, call.version) == ("Звонок", 1)


def test_undoing_a_completion_takes_the_next_step_away_too(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW, deal=deal)
    complete_activity(call, actor=world.anna, next=NextStep(kind=kind(), due_at=NOW + DAY))

    undo(last_event("activity.done"), actor=world.anna)

    call.refresh_from_db()
    deal.refresh_from_db()
    assert call.is_open
    assert (call.result, call.reached) == ("", None)
    assert list(Activity.objects.all()) == [call]
    assert (deal.next_activity_at, deal.last_contact_at) == (NOW, None)


def test_undo_refuses_once_something_was_built_on_it(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)
    complete_activity(call, actor=world.anna, without_next=True)

    with pytest.raises(Refused):
        undo(last_event("activity.planned"), actor=world.anna)
    with pytest.raises(Forbidden):
        undo(last_event("activity.done"), actor=world.boris)

    assert Activity.objects.filter(pk=call.pk).exists()


def test_what_is_planned_follows_the_deal_to_its_new_client_and_back(world: World, deal: Any) -> None:
    old, new = deal.company, make_company(world.anna, "АО «Терминал»")
    log_activity(actor=world.anna, kind=kind(), deal=deal, without_next=True)
    plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)

    edit_deal(deal, actor=world.anna, changes={"company": new}, was=None)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.next_activity_at, old.last_contact_at) == (None, NOW)
    assert (new.next_activity_at, new.last_contact_at) == (NOW + DAY, None)
    undo(last_event("deal.edited"), actor=world.anna)
    old.refresh_from_db()
    assert old.next_activity_at == NOW + DAY


def test_a_recount_finds_nothing_after_verbs_and_mends_what_was_spoilt(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal, person=deal.person)
    plan_activity(actor=world.anna, kind=kind("meeting"), due_at=NOW + DAY, deal=deal, has_time=False)
    log_activity(actor=world.anna, kind=kind(), deal=deal, person=deal.person)
    complete_activity(call, actor=world.anna)
    reschedule_activity(Activity.objects.planned().get(), actor=world.anna, due_at=NOW + 4 * DAY)
    log_activity(actor=world.anna, kind=kind("task"), company=deal.company)
    assert recount() == {"deal": 0, "company": 0, "person": 0}

    type(deal).objects.filter(pk=deal.pk).update(next_activity_text="нет", last_contact_at=None)
    Company.objects.filter(pk=deal.company_id).update(next_activity_at=None)
    assert recount() == {"deal": 1, "company": 1, "person": 0}

    deal.refresh_from_db()
    assert (deal.next_activity_text, deal.next_activity_has_time, deal.last_contact_at) == (
        "Встреча",
        False,
        NOW,
    )


def test_an_activity_lets_its_owner_see_the_client(world: World, deal: Any) -> None:
    assert deal.company not in Company.objects.visible_to(world.vera)
    call = plan_activity(actor=world.head, kind=kind(), due_at=NOW, company=deal.company, owner=world.vera)
    assert deal.company in Company.objects.visible_to(world.vera)

    cancel_activity(call, actor=world.head)
    assert deal.company not in Company.objects.visible_to(world.vera)


def test_without_a_time_of_day_it_is_due_until_the_day_ends(world: World, deal: Any) -> None:
    task = plan_activity(actor=world.anna, kind=kind("task"), due_at=NOW, has_time=False, deal=deal)
    # 23:59 in Moscow.
    assert task.due_at == NOW.replace(hour=20, minute=59)

    edit_activity(task, actor=world.anna, changes={"due_at": NOW + HOUR, "has_time": True})
    assert task.due_at == NOW + HOUR
    edit_activity(task, actor=world.anna, changes={"has_time": False})
    assert task.due_at == NOW.replace(hour=20, minute=59)


def test_deleting_a_deal_cancels_what_was_planned_and_undoing_brings_it_back(world: World, deal: Any) -> None:
    call = plan_activity(actor=world.anna, kind=kind(), due_at=NOW + DAY, deal=deal)

    with clock.frozen(NOW + HOUR):
        delete_deal(deal, actor=world.head)

    call.refresh_from_db()
    assert call.cancelled_at == NOW + HOUR
    assert Company.objects.get(pk=deal.company_id).next_activity_at is None
    with clock.frozen(NOW + 2 * HOUR):
        undo(last_event("deal.deleted"), actor=world.head)
    call.refresh_from_db()
    deal.refresh_from_db()
    assert call.is_open
    assert deal.next_activity_at == NOW + DAY
