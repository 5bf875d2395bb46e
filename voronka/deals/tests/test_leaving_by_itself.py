"""Stages that let go by themselves, and what heads hear of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.activities.actions import log_activity
from voronka.core import clock
from voronka.deals.actions import create_deal, edit_deal
from voronka.deals.leaving.actions import ask_approval, decide_approval, tick
from voronka.deals.leaving.limits import tell_of_limits
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, edit_stage
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Stage

MONDAY = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def ready(world: World, funnel: Funnel, stages: list[Stage]) -> Deal:
    """A deal on a stage that lets go by itself once a sum is named and a photo is ticked."""
    edit_stage(stages[0], actor=world.admin, changes={"moves_itself": True})
    ask(world, stages[0], "field_filled", field="deal:amount")
    ask(world, stages[0], "checklist", lines=["Фото"])
    return create_deal(actor=world.anna, title="Линия", funnel=funnel)


def ask(world: World, stage: Stage, kind: str, **params: Any) -> Criterion:
    return add_part(Criterion, stage, actor=world.admin, kind=kind, params=params)


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def bell(member: Any) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("id").values_list("text", flat=True))


def test_the_last_criterion_met_moves_the_deal(world: World, stages: list[Stage], ready: Deal) -> None:
    edit_deal(ready, actor=world.anna, changes={"amount": Decimal(5)})
    assert fresh(ready).stage_id == stages[0].pk
    event = tick(fresh(ready), Criterion.objects.get(kind="checklist"), "Фото", actor=world.anna, on=True)
    assert fresh(ready).stage_id == stages[1].pk
    moved = Event.objects.get(type="deal.moved")
    assert event is not None
    assert moved.cause_id == event.pk

    undo(event, actor=world.anna)
    assert fresh(ready).stage_id == stages[0].pk
    assert not Event.objects.filter(type="deal.moved", undone_by=None).exists()


def test_an_activity_may_be_the_last_thing(world: World, stages: list[Stage], funnel: Funnel) -> None:
    edit_stage(stages[0], actor=world.admin, changes={"moves_itself": True})
    ask(world, stages[0], "activity_held", channel="meeting")
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    meeting = ActivityKind.objects.get(channel="meeting")
    log_activity(actor=world.anna, kind=meeting, deal=deal, result="Договорились", without_next=True)
    assert fresh(deal).stage_id == stages[1].pk


def test_a_stage_without_criteria_lets_nothing_go_by_itself(
    world: World, stages: list[Stage], funnel: Funnel
) -> None:
    edit_stage(stages[0], actor=world.admin, changes={"moves_itself": True})
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    edit_deal(deal, actor=world.anna, changes={"amount": Decimal(5)})
    assert fresh(deal).stage_id == stages[0].pk


def test_the_head_hears_the_request_and_the_seller_the_answer(
    world: World, stages: list[Stage], funnel: Funnel
) -> None:
    criterion = ask(world, stages[0], "amount_limit", limit="1000")
    deal = create_deal(actor=world.anna, title="Завод", funnel=funnel, amount=Decimal(2000))
    approval = ask_approval(deal, criterion, actor=world.anna)
    assert [text for text in bell(world.north_head) if "Завод" in text] != []
    assert bell(world.head) == []
    decide_approval(approval, actor=world.north_head, approve=False, note="Сначала скидка")
    assert bell(world.anna) == ["Не согласовано: Завод. Сначала скидка"]


def test_the_head_is_told_once_when_a_share_of_the_limit_passes(
    world: World, stages: list[Stage], funnel: Funnel
) -> None:
    edit_stage(stages[0], actor=world.admin, changes={"limit_days": 2, "told_at": [100, 200]})
    with clock.frozen(MONDAY):
        create_deal(actor=world.anna, title="Линия", funnel=funnel)
    told = []
    for day in range(6):
        with clock.frozen(MONDAY + dt.timedelta(days=day)):
            told.append(tell_of_limits())
            tell_of_limits()
    # Two working days have passed on Wednesday, four on Friday; the days between ring no bell.
    assert told == [0, 0, 1, 0, 1, 0]
    assert bell(world.north_head) == [
        "«Линия» стоит на этапе «Первый контакт»: 2 из 2 раб. дн.",
        "«Линия» стоит на этапе «Первый контакт»: 4 из 2 раб. дн.",
    ]


def test_many_at_once_are_told_in_one_line(world: World, stages: list[Stage], funnel: Funnel) -> None:
    edit_stage(stages[0], actor=world.admin, changes={"limit_days": 1, "told_at": [100]})
    with clock.frozen(MONDAY):
        for number in range(8):
            create_deal(actor=world.anna, title=f"Сделка {number}", funnel=funnel)
    with clock.frozen(MONDAY + dt.timedelta(days=1)):
        assert tell_of_limits() == 8
    assert len(bell(world.north_head)) == 6
    assert bell(world.north_head)[-1].startswith("Ещё 3 сделки")


def test_a_stage_that_tells_nobody_is_quiet(world: World, stages: list[Stage], funnel: Funnel) -> None:
    with clock.frozen(MONDAY):
        create_deal(actor=world.anna, title="Линия", funnel=funnel)
    with clock.frozen(MONDAY + dt.timedelta(days=30)):
        assert tell_of_limits() == 0
    assert not Notice.objects.filter(kind="limit").exists()
