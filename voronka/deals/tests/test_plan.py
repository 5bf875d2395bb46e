"""When stages are to be left: as planned, and as things stand once a day has passed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World
from voronka.core import clock
from voronka.deals.bulk import DealRow, StateRow, import_deals
from voronka.deals.models import Deal
from voronka.deals.plan import due_days, planned, stands
from voronka.playbook.models import Stage

MONDAY = dt.date(2026, 11, 9)


@pytest.fixture
def stages(world: World, funnel: Any) -> list[Stage]:
    """Limits of 3, 5, 7, 5, 4 working days."""
    return list(funnel.stages.order_by("order"))


def test_while_the_stage_keeps_its_day_the_plan_stands(stages: list[Stage]) -> None:
    plan = planned({}, stages, at=stages[0], entered=MONDAY)
    # Three working days from Monday the 9th are Thursday the 12th, five more are Thursday the 19th.
    assert due_days(plan)[stages[1].pk][1] == dt.date(2026, 11, 19)

    same = stands(plan, stages, at=stages[0], today=dt.date(2026, 11, 12))

    assert same[stages[1].pk] == dt.date(2026, 11, 19)


def test_once_the_day_has_passed_what_lies_ahead_is_counted_from_today(stages: list[Stage]) -> None:
    plan = planned({}, stages, at=stages[0], entered=MONDAY)

    now = stands(plan, stages, at=stages[0], today=dt.date(2026, 11, 16))

    # Five working days from Monday the 16th.
    assert now[stages[1].pk] == dt.date(2026, 11, 23)
    assert due_days(plan)[stages[1].pk] == (dt.date(2026, 11, 19), dt.date(2026, 11, 19))


def test_the_last_stage_has_nothing_ahead(stages: list[Stage]) -> None:
    plan = planned({}, stages, at=stages[-1], entered=MONDAY)
    assert stands(plan, stages, at=stages[-1], today=dt.date(2026, 12, 30)) == {}


def test_imported_open_deals_have_planned_days(world: World, funnel: Any, stages: list[Stage]) -> None:
    came = dt.datetime(2026, 11, 9, 9, tzinfo=dt.UTC)

    def row(title: str, outcome: str) -> DealRow:
        states = [
            StateRow(came - dt.timedelta(days=9), stages[0].pk, funnel.pk, owner_id=world.anna.pk),
            StateRow(came, stages[1].pk, funnel.pk, outcome=outcome, owner_id=world.anna.pk),
        ]
        return DealRow(title, states, opened_at=came - dt.timedelta(days=9))

    with clock.frozen(came):
        import_deals([row("открытая", "open"), row("отказ", "lost")], actor=world.admin)

    opened, lost = Deal.objects.order_by("pk")
    assert opened.stage_plan == planned({}, stages, at=stages[1], entered=MONDAY)
    assert str(stages[0].pk) not in opened.stage_plan
    assert lost.stage_plan == {}
