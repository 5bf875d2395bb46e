"""Control of limits: nothing is missed while the worker is off, and somebody reacts in the end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal, edit_deal
from voronka.deals.leaving.limits import escalate, tell_of_limits
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.desk.notices import mark_read, react
from voronka.playbook.actions import edit_stage
from voronka.playbook.models import Funnel, Stage

MONDAY = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def stage(world: World, funnel: Funnel) -> Stage:
    """Two working days; the head hears of all and twice the limit, the next one up a day later."""
    first = Stage.objects.filter(funnel=funnel).order_by("order").first()
    edit_stage(
        first,
        actor=world.admin,
        changes={"limit_days": 2, "told_at": [100, 200], "escalates_after": 1},
    )
    return first


@pytest.fixture
def deal(world: World, funnel: Funnel, stage: Stage) -> Deal:
    with clock.frozen(MONDAY):
        return create_deal(actor=world.anna, title="Линия", funnel=funnel)


def on(day: int, work: Any) -> int:
    with clock.frozen(MONDAY + day * DAY):
        return work()


def bell(member: Any) -> list[str]:
    return list(Notice.objects.filter(member=member, kind="limit").values_list("text", flat=True))


def test_what_passed_while_the_worker_was_off_is_told_when_it_is_back(world: World, deal: Deal) -> None:
    assert on(1, tell_of_limits) == 0
    # Wednesday, the day of the limit, nobody was on watch.
    assert on(3, tell_of_limits) == 1
    assert on(3, tell_of_limits) == 0
    assert bell(world.north_head) == ["«Линия» стоит на этапе «Первый контакт»: 3 из 2 раб. дн."]


def test_a_rule_written_today_does_not_ring_for_the_whole_past(
    world: World, deal: Deal, stage: Stage
) -> None:
    with clock.frozen(MONDAY):
        edit_stage(stage, actor=world.admin, changes={"told_at": []})
    for day in range(9):
        on(day, tell_of_limits)
    with clock.frozen(MONDAY + 9 * DAY):
        edit_stage(stage, actor=world.admin, changes={"told_at": [100]})
    assert on(9, tell_of_limits) == 0
    assert bell(world.north_head) == []


def test_deals_that_do_not_concern_are_not_read(world: World, funnel: Funnel, stage: Stage) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked, clock.frozen(MONDAY):
            tell_of_limits()
        return len(asked)

    statements()
    few = statements()
    with clock.frozen(MONDAY):
        for number in range(20):
            create_deal(actor=world.anna, title=f"{number}", funnel=funnel)
    assert statements() == few


def test_when_the_head_does_not_react_the_next_one_up_is_told_once(world: World, deal: Deal) -> None:
    on(2, tell_of_limits)
    assert (on(2, escalate), bell(world.head)) == (0, [])
    with clock.frozen(MONDAY + 2 * DAY):
        # To sweep the bell is not to react.
        mark_read(world.north_head)
    assert on(3, escalate) == 1
    assert on(3, escalate) == 0
    assert on(8, escalate) == 0

    (text,) = bell(world.head)
    assert "«Линия» стоит на этапе «Первый контакт» 3 раб. дн." in text
    assert world.north_head.name in text


def test_the_last_of_the_heads_hands_it_to_who_reaches_everything(world: World, deal: Deal) -> None:
    Deal.objects.filter(pk=deal.pk).update(team=world.teams["root"])
    on(2, tell_of_limits)
    assert len(bell(world.head)) == 1
    assert on(3, escalate) == 1
    assert len(bell(world.director)) == len(bell(world.admin)) == 1


@pytest.mark.parametrize("how", ["opened", "worked on", "moved"])
def test_whoever_reacts_is_not_complained_about(world: World, deal: Deal, stage: Stage, how: str) -> None:
    on(2, tell_of_limits)
    with clock.frozen(MONDAY + 2 * DAY + dt.timedelta(hours=1)):
        if how == "opened":
            react(world.north_head, Notice.objects.get(kind="limit"))
        elif how == "worked on":
            edit_deal(deal, actor=world.anna, changes={"title": "Линия розлива"})
        else:
            other = Stage.objects.filter(funnel=stage.funnel).order_by("order")[1]
            Deal.objects.filter(pk=deal.pk).update(stage=other)
    assert (on(3, escalate), bell(world.head)) == (0, [])


def test_a_stage_that_says_nothing_escalates_nothing(world: World, deal: Deal, stage: Stage) -> None:
    with clock.frozen(MONDAY):
        edit_stage(stage, actor=world.admin, changes={"escalates_after": None})
    on(2, tell_of_limits)
    assert on(20, escalate) == 0


@pytest.mark.parametrize("days", [0, 61])
def test_a_wait_that_cannot_be_is_refused(world: World, stage: Stage, days: int) -> None:
    with pytest.raises(Refused):
        edit_stage(stage, actor=world.admin, changes={"escalates_after": days})
