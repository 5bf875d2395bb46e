"""Tasks of the book: entering a stage plans them for the right people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from voronka.activities.actions import complete_activity
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal, lose_deal, move_deal, reopen_deal, win_deal
from voronka.deals.models import Deal
from voronka.desk.dictionaries import edit_entry
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, put_part_away
from voronka.playbook.models import ActivityKind, Funnel, Reason, Stage, StageTask

# A Friday: the next working day is Monday.
FRIDAY = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def call(world: World) -> ActivityKind:
    return ActivityKind.objects.create(name="Звонок", channel="call", minutes=10)


@pytest.fixture
def book(world: World, stages: list[Stage], call: ActivityKind) -> list[StageTask]:
    """Two tasks on the first stage, one on the second for the head."""
    wanted: list[tuple[Stage, dict[str, Any]]] = [
        (stages[0], {"text": "Позвонить"}),
        (stages[0], {"text": "Уточнить бюджет", "after_days": 1, "required": True}),
        (stages[1], {"text": "Согласовать скидку", "role": world.head.role}),
    ]
    return [add_part(StageTask, stage, actor=world.admin, kind=call, **values) for stage, values in wanted]


def open_deal(world: World, funnel: Funnel) -> Deal:
    with clock.frozen(FRIDAY):
        return create_deal(actor=world.anna, title="Линия", funnel=funnel, amount=Decimal(5))


def planned(deal: Deal) -> list[tuple[str, str, dt.date]]:
    rows = Activity.objects.planned().filter(deal=deal).select_related("owner").order_by("id")
    return [(row.subject, row.owner.name, timezone.localdate(row.due_at)) for row in rows]


def test_a_new_deal_gets_the_tasks_of_its_first_stage(
    world: World, funnel: Funnel, book: list[StageTask]
) -> None:
    deal = open_deal(world, funnel)
    friday, monday = dt.date(2026, 11, 20), dt.date(2026, 11, 23)
    name = world.anna.name
    assert planned(deal) == [("Позвонить", name, friday), ("Уточнить бюджет", name, monday)]
    deal.refresh_from_db()
    assert deal.next_activity_text == "Позвонить"


def test_a_move_plans_for_the_role_that_the_book_names(
    world: World, funnel: Funnel, stages: list[Stage], book: list[StageTask]
) -> None:
    deal = open_deal(world, funnel)
    with clock.frozen(FRIDAY + dt.timedelta(hours=1)):
        move_deal(deal, actor=world.anna, stage=stages[1])
    assert planned(deal)[-1][:2] == ("Согласовать скидку", world.north_head.name)
    event = Event.objects.get(type="activity.planned", payload__subject="Согласовать скидку")
    assert event.cause is not None
    assert event.cause.type == "deal.moved"


def test_undoing_the_move_takes_the_tasks_away_unless_one_is_done(
    world: World, funnel: Funnel, stages: list[Stage], book: list[StageTask]
) -> None:
    deal = open_deal(world, funnel)
    moved = move_deal(deal, actor=world.anna, stage=stages[1])
    assert moved is not None
    undo(moved, actor=world.anna)
    assert [text for text, _name, _day in planned(deal)] == ["Позвонить", "Уточнить бюджет"]

    moved = move_deal(Deal.objects.get(pk=deal.pk), actor=world.anna, stage=stages[1])
    assert moved is not None
    task = Activity.objects.planned().get(deal=deal, subject="Согласовать скидку")
    complete_activity(task, actor=world.head)
    with pytest.raises(Refused):
        undo(moved, actor=world.anna)
    assert Deal.objects.get(pk=deal.pk).stage_id == stages[1].pk


def test_coming_back_plans_nothing_twice(
    world: World, funnel: Funnel, stages: list[Stage], book: list[StageTask]
) -> None:
    deal = open_deal(world, funnel)
    complete_activity(Activity.objects.get(deal=deal, subject="Позвонить"), actor=world.anna)
    move_deal(deal, actor=world.anna, stage=stages[1])
    move_deal(deal, actor=world.anna, stage=stages[0])
    texts = [text for text, _name, _day in planned(deal)]
    assert sorted(texts) == ["Согласовать скидку", "Уточнить бюджет"]


@pytest.mark.parametrize("how", ["won", "lost"])
def test_a_closed_deal_has_nothing_left_to_do_of_the_book(
    world: World, funnel: Funnel, book: list[StageTask], how: str
) -> None:
    deal = open_deal(world, funnel)
    lost_reason = Reason.objects.get(name="Дорого")
    event = (
        win_deal(deal, actor=world.anna)
        if how == "won"
        else lose_deal(deal, actor=world.anna, reason=lost_reason)
    )
    assert planned(deal) == []
    assert event is not None
    undo(event, actor=world.anna)
    assert len(planned(deal)) == 2
    win_deal(Deal.objects.get(pk=deal.pk), actor=world.anna)
    reopen_deal(Deal.objects.get(pk=deal.pk), actor=world.anna)
    assert len(planned(deal)) == 2


def test_what_is_out_of_the_book_is_planned_no_more(
    world: World, funnel: Funnel, book: list[StageTask]
) -> None:
    put_part_away(book[0], actor=world.admin)
    assert [text for text, _name, _day in planned(open_deal(world, funnel))] == ["Уточнить бюджет"]


def test_a_task_of_a_role_that_nobody_has_falls_to_the_responsible(
    world: World, funnel: Funnel, stages: list[Stage], call: ActivityKind
) -> None:
    from voronka.workspaces.models import Role

    role = Role.objects.create(code="engineer", name="Инженер")
    add_part(StageTask, stages[0], actor=world.admin, kind=call, text="Замер", role=role)
    assert planned(open_deal(world, funnel))[0][:2] == ("Замер", world.anna.name)


def test_a_day_off_is_no_day_for_a_task(
    world: World, funnel: Funnel, stages: list[Stage], call: ActivityKind
) -> None:
    add_part(StageTask, stages[0], actor=world.admin, kind=call, text="Позвонить", after_days=3)
    with clock.frozen(dt.datetime(2026, 12, 30, 9, tzinfo=dt.UTC)):
        deal = create_deal(actor=world.anna, title="Под ёлку", funnel=funnel)
    # 31 December 2026 is a working day or not as the decree says; January begins on the 11th (after the holidays).
    assert planned(deal)[0][2] >= dt.date(2027, 1, 11)


def test_a_lost_client_is_come_back_to_when_the_reason_says_so(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    reason = Reason.objects.get(name="Дорого")
    edit_entry(reason, actor=world.admin, changes={"return_days": 30})
    with clock.frozen(FRIDAY):
        deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    with clock.frozen(FRIDAY + dt.timedelta(hours=1)):
        event = lose_deal(deal, actor=world.anna, reason=Reason.objects.get(pk=reason.pk))
    # 20 December is a Sunday.
    assert planned(deal) == [("Вернуться: Линия", world.anna.name, dt.date(2026, 12, 21))]
    assert event is not None
    undo(event, actor=world.anna)
    assert planned(deal) == []


def test_a_reason_without_a_term_calls_nobody(world: World, funnel: Funnel) -> None:
    deal = open_deal(world, funnel)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(name="Отложили"))
    assert planned(deal) == []


@pytest.mark.parametrize("days", [0, 4000])
def test_an_impossible_way_back_is_refused(world: World, funnel: Funnel, days: int) -> None:
    reason = Reason.objects.get(name="Дорого")
    with pytest.raises(Refused):
        edit_entry(reason, actor=world.admin, changes={"return_days": days})
    assert Reason.objects.get(pk=reason.pk).return_days is None
