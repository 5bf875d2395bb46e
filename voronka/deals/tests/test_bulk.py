"""Set verbs write what the row verbs would have written."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company
from voronka.core import clock
from voronka.deals import actions, bulk
from voronka.deals.bulk import DealRow, StateRow
from voronka.deals.models import Deal
from voronka.deals.tests.checks import assert_summaries_hold
from voronka.playbook.models import Reason

START = dt.datetime(2026, 1, 12, 8, 0, tzinfo=dt.UTC)
COMPARED = [
    f.attname
    for f in Deal._meta.concrete_fields
    # Of a plan that nobody made then, an import invents nothing.
    if f.attname not in {"id", "number", "version", "basis", "created_at", "created_by_id", "stage_plan"}
]


def random_steps(rng: random.Random, stages: list, reasons: list) -> list[tuple[Any, ...]]:
    steps: list[tuple[Any, ...]] = []
    for _ in range(rng.randint(0, 5)):
        steps.append(
            ("move", rng.choice(stages)) if rng.random() < 0.8 else ("amount", Decimal(rng.randint(1, 9)))
        )
    if rng.random() < 0.6:
        steps.append(("won", None) if rng.random() < 0.5 else ("lost", rng.choice(reasons)))
    return steps


def by_verbs(world: World, funnel: Any, company: Any, steps: list, hours: list[int]) -> Deal:
    at = START
    with clock.frozen(at):
        deal = actions.create_deal(
            actor=world.anna, title="Сделка", funnel=funnel, company=company, amount=Decimal(100)
        )
    for (step, value), hour in zip(steps, hours, strict=False):
        at += dt.timedelta(hours=hour)
        with clock.frozen(at):
            if step == "move":
                actions.move_deal(deal, actor=world.anna, stage=value)
            elif step == "amount":
                actions.edit_deal(deal, actor=world.anna, changes={"amount": value})
            elif step == "won":
                actions.win_deal(deal, actor=world.anna)
            else:
                actions.lose_deal(deal, actor=world.anna, reason=value)
    return Deal.objects.get(pk=deal.pk)


def as_row(world: World, funnel: Any, company: Any, stages: list, steps: list, hours: list[int]) -> DealRow:
    state: dict[str, Any] = {
        "stage_id": stages[0].pk,
        "funnel_id": funnel.pk,
        "amount": Decimal(100),
        "amount_base": Decimal(100),
        "owner_id": world.anna.pk,
        "team_id": world.anna.team_id,
    }
    at = START
    states = [StateRow(valid_from=at, **state)]
    for (step, value), hour in zip(steps, hours, strict=False):
        at += dt.timedelta(hours=hour)
        change = {
            "move": lambda v: {"stage_id": v.pk},
            "amount": lambda v: {"amount": v, "amount_base": v},
            "won": lambda v: {"outcome": "won"},
            "lost": lambda v: {"outcome": "lost", "reason_id": v.pk},
        }[step](value)
        if all(state.get(name) == new for name, new in change.items()):
            continue
        state |= change
        states.append(StateRow(valid_from=at, **state))
    return DealRow(
        title="Сделка",
        states=states,
        opened_at=START,
        company_id=company.pk,
        product_group_id=funnel.product_group_id,
    )


def test_five_hundred_rows_written_both_ways_are_equal(world: World, funnel: Any) -> None:
    rng = random.Random(7)
    stages, reasons = list(funnel.stages.all()), list(Reason.objects.filter(kind="lost"))
    company = make_company(world.anna)
    plans = [
        (random_steps(rng, stages, reasons), [rng.randint(1, 200) for _ in range(6)]) for _ in range(500)
    ]
    deals = [by_verbs(world, funnel, company, *plan) for plan in plans]
    ids = bulk.import_deals(
        [as_row(world, funnel, company, stages, *plan) for plan in plans], actor=world.anna
    )
    imported = Deal.objects.in_bulk(ids)
    for deal, pk in zip(deals, ids, strict=True):
        other = imported[pk]
        assert {n: getattr(deal, n) for n in COMPARED} == {n: getattr(other, n) for n in COMPARED}
        assert list(deal.visits.order_by("entered").values_list("stage", "entered", "left", "end")) == list(
            other.visits.order_by("entered").values_list("stage", "entered", "left", "end")
        )
    for pk in ids[::25]:
        assert_summaries_hold(imported[pk])


def test_an_import_is_one_event_and_few_statements(world: World, funnel: Any) -> None:
    stages, company = list(funnel.stages.all()), make_company(world.anna)

    def statements(count: int) -> int:
        rows = [as_row(world, funnel, company, stages, [("won", None)], [5]) for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bulk.import_deals(rows, actor=world.anna)
        return len(queries)

    # From `core.statistics.MANY` rows on the planner is told about them too.
    assert statements(400) == statements(800)


def test_states_that_do_not_follow_one_another_write_nothing(world: World, funnel: Any) -> None:
    stages, company = list(funnel.stages.all()), make_company(world.anna)
    good = as_row(world, funnel, company, stages, [("won", None)], [5])
    bad = as_row(world, funnel, company, stages, [("won", None)], [0])
    with pytest.raises(ValueError, match="follow"), transaction.atomic():
        bulk.import_deals([good, bad], actor=world.anna)
    assert Deal.objects.count() == 0


def test_rewriting_keeps_the_number_and_what_hangs_on_the_deal(world: World, funnel: Any) -> None:
    stages, company = list(funnel.stages.all()), make_company(world.anna)
    row = as_row(world, funnel, company, stages, [], [])
    (pk,) = bulk.import_deals([row], actor=world.anna)
    number = Deal.objects.get(pk=pk).number
    again = as_row(world, funnel, company, stages, [("move", stages[2]), ("won", None)], [5, 5])
    again.id = pk
    bulk.rewrite_deals([again], actor=world.anna)
    deal = Deal.objects.get(pk=pk)
    assert (deal.number, deal.outcome, deal.deepest_stage) == (number, "won", stages[2])
    assert_summaries_hold(deal)


def test_removing_leaves_nothing(world: World, funnel: Any) -> None:
    stages, company = list(funnel.stages.all()), make_company(world.anna)
    ids = bulk.import_deals([as_row(world, funnel, company, stages, [], [])], actor=world.anna)
    assert bulk.untouched(ids) == set(ids)
    assert bulk.remove_deals(ids) == 1
    assert Deal.objects.count() == 0
