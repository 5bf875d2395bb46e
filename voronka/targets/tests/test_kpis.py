"""KPIs: what each measure counts, how numbers are judged, and that the list behind a number agrees with it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.activities.actions import complete_activity, log_activity, plan_activity
from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core import clock
from voronka.deals.actions import (
    assign_deal,
    create_deal,
    edit_deal,
    lose_deal,
    move_deal,
    reopen_deal,
    win_deal,
)
from voronka.deals.models import Deal
from voronka.playbook.actions import add_kpi
from voronka.playbook.kpi_models import Kpi
from voronka.playbook.measures import KEY_STAGE, Unit, measure_of, measures
from voronka.playbook.models import ActivityKind, Funnel, Reason, Stage
from voronka.targets.actions import set_plan
from voronka.targets.kpis.scores import cards, judged_of
from voronka.targets.queries import month_of

NOV = month_of(dt.date(2026, 11, 1))
LAST = dt.date(2026, 11, 30)


def at(month: int, day: int = 10, hour: int = 9) -> Any:
    return clock.frozen(dt.datetime(2026, month, day, hour, tzinfo=dt.UTC))


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def opened(world: World, funnel: Funnel) -> Any:
    def open_deal(month: int, day: int = 5, owner: Any = None, amount: int | None = 100, **more: Any) -> Deal:
        with at(month, day):
            sum_of = None if amount is None else Decimal(amount)
            return create_deal(
                actor=owner or world.anna, title="Сделка", funnel=funnel, amount=sum_of, **more
            )

    return open_deal


def kpi(code: str, **values: Any) -> Kpi:
    return add_kpi(actor=None, name=code, measure=code, **values)


def value(row: Kpi, *members: Any, day: dt.date = LAST) -> Decimal | None:
    """The figure of *members* together; the rows behind it are held against it."""
    ids = [member.pk for member in members]
    with clock.frozen(dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC)):
        together, each = cards(NOV, today=day, member_ids=ids, kpis=[row])
        kind = measure_of(row.measure)
        assert kind is not None
        rows = kind.rows(row, NOV, ids)
    found = together.standings[0].value
    if kind.unit == Unit.PERCENT:
        assert found == (Decimal(100) * sum(r.counts for r in rows) / len(rows) if rows else None)
    elif kind.adds:
        assert found == sum((r.value or 0) for r in rows)
        assert found == sum(card.standings[0].value or 0 for card in each.values())
    return found


def test_the_key_stage_counts_a_deal_once_when_it_first_comes_there(
    world: World, opened: Any, stages: list[Stage]
) -> None:
    row = kpi(KEY_STAGE)
    reached, beyond, back, before, won, short = (opened(10) for _ in range(6))
    with at(11):
        move_deal(reached, actor=world.anna, stage=stages[2])
        move_deal(beyond, actor=world.anna, stage=stages[4])
        move_deal(back, actor=world.anna, stage=stages[3])
        win_deal(won, actor=world.anna)
        move_deal(short, actor=world.anna, stage=stages[1])
    with at(10, 20):
        move_deal(before, actor=world.anna, stage=stages[2])
    with at(11, 12):
        move_deal(back, actor=world.anna, stage=stages[0])
        move_deal(before, actor=world.anna, stage=stages[3])
    with at(11, 15):
        move_deal(back, actor=world.anna, stage=stages[2])
        assign_deal(reached, actor=world.head, owner=world.boris)
    assert value(row, world.anna) == 4
    assert value(row, world.boris) == 0


def test_results_belong_to_who_closed_and_carry_corrections(world: World, opened: Any) -> None:
    sum_of, count, average, rate = (
        kpi(code) for code in ("won_sum", "won_count", "average_deal", "win_rate")
    )
    old = opened(9, amount=1000)
    with at(10):
        win_deal(old, actor=world.anna)
    first, second, bare, lost = opened(11), opened(11, amount=300), opened(11, amount=None), opened(11)
    with at(11):
        for deal in (first, second, bare):
            win_deal(deal, actor=world.anna)
        lose_deal(lost, actor=world.anna, reason=Reason.objects.filter(kind="lost")[0])
    with at(11, 20):
        edit_deal(old, actor=world.head, changes={"amount": Decimal(900)}, was=None)
    assert value(sum_of, world.anna, world.boris) == 300
    assert value(count, world.anna) == 3
    assert value(average, world.anna) == 200
    assert value(rate, world.anna) == 75
    assert value(rate, world.boris) is None
    with at(11, 25):
        reopen_deal(first, actor=world.anna)
    assert value(count, world.anna) == 2


def test_conditions_narrow_every_measure_of_deals(world: World, funnel: Funnel, opened: Any) -> None:
    segment, group = Segment.objects.get(), ProductGroup.objects.get()
    client = make_company(world.anna, segment=segment)
    inside = opened(11, company=client)
    outside = opened(11, amount=70)
    with at(11, 20):
        win_deal(inside, actor=world.anna)
        win_deal(outside, actor=world.anna)
    assert value(kpi("won_sum", segment=segment), world.anna) == 100
    assert value(kpi("new_deals", segment=segment), world.anna) == 1
    assert value(kpi("won_count", product_group=group), world.anna) == 2
    other = Funnel.objects.create(name="Сервис", order=9)
    assert value(kpi("average_deal", funnel=other), world.anna) is None


def test_contacts_and_kept_dates(world: World, opened: Any) -> None:
    call, task = ActivityKind.objects.get(channel="call"), ActivityKind.objects.get(channel="task")
    contacts, calls, kept = kpi("contacts"), kpi("calls", segment=Segment.objects.get()), kpi("kept_dates")
    deal = opened(10)

    def planned(day: int, kind: Any = call) -> Any:
        with at(11, 1):
            due = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
            return plan_activity(actor=world.anna, kind=kind, due_at=due, subject="Дело", deal=deal)

    in_time, late, never, chore = planned(10), planned(11), planned(12), planned(13, task)
    with at(11, 10, 20):
        complete_activity(in_time, actor=world.anna, without_next=True)
    with at(11, 12):
        complete_activity(late, actor=world.anna, without_next=True)
        log_activity(actor=world.anna, kind=call, deal=deal, without_next=True)
    with at(11, 13):
        complete_activity(chore, actor=world.anna, without_next=True)
    assert never.is_open
    assert value(contacts, world.anna) == 3
    assert value(kept, world.anna) == 50
    assert value(calls, world.anna) == 0


def test_less_is_better_where_the_book_says_so(world: World, opened: Any) -> None:
    row = kpi("ripening", target=Decimal(10))
    deal = opened(11, day=5)
    with at(11, 25):
        win_deal(deal, actor=world.anna)
    together, _each = cards(NOV, today=LAST, member_ids=[world.anna.pk], kpis=[row])
    standing = together.standings[0]
    assert (standing.value, standing.achievement, standing.tone) == (20, Decimal("0.5"), "bad")
    assert together.score == Decimal("0.5")


def test_targets_of_sellers_add_up_and_the_score_leaves_out_what_has_none(world: World, opened: Any) -> None:
    added = kpi("new_deals", target=Decimal(2), weight=30)
    plan = kpi("won_sum", weight=10)
    watched = kpi("calls", weight=60)
    set_plan(world.anna, NOV.first, Decimal(400), actor=world.director)
    for deal in (opened(11), opened(11), opened(11), opened(11, owner=world.head)):
        assert deal.is_open
    with at(11, 20):
        win_deal(Deal.objects.filter(owner=world.anna)[0], actor=world.anna)
    people = [world.anna, world.boris, world.head]
    together, each = cards(
        NOV,
        today=LAST,
        member_ids=[person.pk for person in people],
        judged=judged_of(people),
        kpis=[added, plan, watched],
    )
    assert [(s.value, s.target) for s in together.standings] == [(4, 4), (100, 400), (0, None)]
    # 3 of 2 is capped at 120 %; the watched number weighs nothing.
    assert each[world.anna.pk].score == (30 * Decimal("1.2") + 10 * Decimal("0.25")) / 40
    assert [s.target for s in each[world.boris.pk].standings] == [2, None, None]
    assert each[world.head.pk].score is None
    assert together.unjudged == [together.standings[2]]


def test_colours_follow_an_even_pace_and_the_kpis_own_thresholds(world: World, opened: Any) -> None:
    row = kpi("new_deals", target=Decimal(20), good=90, fair=50)
    for _ in range(5):
        opened(11, day=3)
    tones = {
        day: cards(NOV, today=dt.date(2026, 11, day), member_ids=[world.anna.pk], kpis=[row])[0]
        .standings[0]
        .tone
        for day in (6, 15, 30)
    }
    assert tones == {6: "good", 15: "soon", 30: "bad"}


def test_every_measure_answers_for_nobody_and_for_an_empty_company(world: World, funnel: Funnel) -> None:
    for kind in measures():
        row = Kpi(name="x", measure=kind.code)
        figures = kind.count(row, NOV, [])
        assert figures.whole == (0 if kind.adds else None)
        assert kind.rows(row, NOV, [world.anna.pk]) == []
