"""What must hold for every report of the common frame, over any histories: each number is its list."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from voronka.analytics.changes import STEPS
from voronka.analytics.frame import Unanswerable
from voronka.analytics.listing import Listing, open_spec
from voronka.analytics.reporting.answer import Answer, Kind, Value
from voronka.analytics.reporting.question import CUSTOM, Against, Asking, Question
from voronka.analytics.reporting.registry import Instrument, answer, instruments
from voronka.analytics.tests.histories import DEALS, ORIGIN, Book
from voronka.analytics.tests.test_funnel_identities import PERIODS, book, histories, plentifully
from voronka.core import clock
from voronka.deals.filters import DealFilter

__all__ = ["book"]

# The reports are known when Django is up, which collection does not wait for.
NAMES = ["changes", "pipeline", "outcomes", "intake", "reasons", "sellers"]


def asked(instrument: Instrument, days: tuple[dt.date, dt.date], **more: Any) -> Question:
    choices = {name: more.pop(name) for name in list(more) if name not in ("filter", "against")}
    question = Question(instrument.asking, period=CUSTOM, first=days[0], last=days[1], **more)
    return question.but(**choices)


def opened(instrument: Instrument, question: Question, cell: str) -> Listing:
    return open_spec(instrument.spec(question, None, cell), cell=cell, limit=None)


def assert_is_its_list(value: Value, kind: Kind, listing: Listing) -> None:
    """A count is the list's length, a sum its sum, a share the marked of it, a length measured on all of it."""
    assert len(listing.lines) == listing.count
    assert sum((line.amount or Decimal(0)) for line in listing.lines) == listing.sum
    if kind == Kind.COUNT:
        assert value.raw == listing.count
    elif kind == Kind.MONEY:
        assert value.raw == listing.sum
    elif kind == Kind.PERCENT:
        assert listing.marked is not None
        shares = {Decimal(listing.marked) / listing.count}
        if listing.sum:
            shares.add((listing.marked_sum or Decimal(0)) / listing.sum)
        assert any(abs(Decimal(str(value.raw)) - share) < Decimal("0.0001") for share in shares)
    elif value.n is not None:
        assert value.n == listing.count


def numbers(found: Answer) -> list[tuple[Value, Kind]]:
    """Every number of an answer that opens a list."""
    result = [(one.value, one.kind) for one in found.figures]
    for table in found.tables:
        for row in [*table.rows, *([table.total] if table.total else [])]:
            result += [(v, c.kind) for v, c in zip(row.values, table.columns, strict=True)]
    return [(value, kind) for value, kind in result if value.cell]


def test_the_names_tested_are_all_there_are() -> None:
    assert set(NAMES) == set(instruments())


@pytest.mark.parametrize("name", NAMES)
@plentifully
@given(plans=DEALS, days=PERIODS, data=st.data())
def test_every_number_is_its_list(name: str, book: Book, plans: list, days: Any, data: Any) -> None:
    instrument = instruments()[name]
    choices = {
        choice.name: data.draw(st.sampled_from([code for code, _label in choice.values]), label=choice.name)
        for choice in instrument.asking.choices
    }
    owner = data.draw(st.sampled_from([(), (0,), (0, 1)]), label="owners")
    asks = DealFilter(owner=tuple(book.members[place].pk for place in owner))
    with histories(book, plans):
        question = asked(instrument, days, filter=asks, **choices)
        try:
            found = instrument.run(question, None)
        except Unanswerable:
            return
        seen: dict[tuple[str, Kind], None] = {}
        for value, kind in numbers(found):
            if (value.cell, kind) in seen:
                continue
            seen[value.cell, kind] = None
            assert_is_its_list(value, kind, opened(instrument, question, value.cell))


# -- what changed -----------------------------------------------------------------------------------------------


def plain_bridge(
    deals: list[Any], owners: set[int], due: tuple[dt.date, dt.date] | None, a: Any, b: Any
) -> dict:
    """The bridge counted from the states the plain way: step -> (deals, sum)."""
    steps: dict[str, list[Decimal]] = {}

    def state(deal: Any, at: dt.datetime) -> Any:
        before = [s for s in deal.kept if s.valid_from < at]
        return before[-1] if before else None

    def mine(s: Any) -> bool:
        return s is not None and (not owners or s.owner_id in owners)

    def inside(s: Any, at: dt.datetime) -> bool:
        if not (mine(s) and s.outcome == "open"):
            return False
        if due is None:
            return True
        today, day = at.astimezone(clock.now().tzinfo).date(), s.expected_close
        return bool(day) and (due[0] <= day <= due[1] or (due[0] <= today <= due[1] and day <= due[1]))

    def add(step: str, amount: Decimal) -> None:
        steps.setdefault(step, []).append(amount)

    for deal in deals:
        was, now = state(deal, a), state(deal, b)
        in_a, in_b = inside(was, a), inside(now, b)
        va, vb = (was.amount_base or Decimal(0)) if was else 0, (now.amount_base or Decimal(0)) if now else 0
        won = mine(now) and now.outcome == "won" and not (was and was.outcome == "won")
        entered = (
            "new"
            if was is None
            else "reopened"
            if was.outcome != "open"
            else "pulled"
            if mine(was)
            else "came"
        )
        if in_a:
            add("opening", va)
        if in_b:
            add("closing", vb)
        if in_a and (in_b or won) and va != vb:
            add("grew" if vb > va else "shrank", vb - va)
        if (in_b and not in_a) or (not in_a and won):
            add(entered, vb)
        if not in_b and won:
            add("won", -vb)
        elif in_a and not in_b:
            gone = now.outcome if now.outcome in ("lost", "deleted") else "pushed" if mine(now) else "went"
            add(gone, -va)
    return {step: (len(amounts), sum(amounts, Decimal(0))) for step, amounts in steps.items()}


@plentifully
@given(
    plans=DEALS,
    days=PERIODS,
    due=st.sampled_from(["any", "this_month", "next_month", "this_quarter"]),
    data=st.data(),
)
def test_the_bridge_closes_and_says_what_the_states_say(
    book: Book, plans: list, days: Any, due: str, data: Any
) -> None:
    from voronka.analytics.changes import CHANGES, Bridge
    from voronka.deals.models import Deal

    owners = data.draw(st.sampled_from([(), (0,), (1, 2)]), label="owners")
    asks = DealFilter(owner=tuple(book.members[place].pk for place in owners))
    with histories(book, plans):
        question = asked(CHANGES, days, filter=asks, due=due)
        found = CHANGES.run(question, None)
        bridge = Bridge.of(question, None)
        deals = list(Deal.objects.all())
        for deal in deals:
            deal.kept = list(deal.states.filter(void=False).order_by("valid_from"))
        within = (bridge.due.first, bridge.due.last) if bridge.due else None
        expected = plain_bridge(deals, set(asks.owner), within, bridge.opening, bridge.closing)
        said: dict[str, Any] = {}
        for table in found.tables:
            for row in [*table.rows, table.total]:
                count, total = (value.raw for value in row.values)
                if count:
                    said[row.key] = (count, total)
        assert said == expected
        if not found.is_empty:
            ends = [said.get(end, (0, Decimal(0)))[1] for end in ("opening", "closing")]
            assert ends[0] + sum((said[step][1] for step in said if step in STEPS), Decimal(0)) == ends[1]


def test_the_days_that_have_not_come_have_no_bridge(world: World) -> None:
    question = Question(Asking(), period=CUSTOM, first=dt.date(2030, 1, 1), last=dt.date(2030, 2, 1))
    with clock.frozen(ORIGIN), pytest.raises(Unanswerable, match="ещё не начался"):
        question.days()


def test_a_period_under_way_is_compared_with_as_many_days() -> None:
    asking = instruments()["outcomes"].asking
    question = Question.from_params(asking, {"period": "this_month", "compare": "previous"})
    with clock.frozen(dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)):
        other = question.other()
        assert other is not None
        assert (other.first, other.last) == (dt.date(2026, 2, 1), dt.date(2026, 2, 10))
    whole = Question.from_params(asking, {"from": "2026-02-01", "to": "2026-02-28", "compare": "year"})
    with clock.frozen(dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)):
        other = whole.other()
        assert other is not None
        assert (other.first, other.last) == (dt.date(2025, 2, 1), dt.date(2025, 2, 28))


def test_compared_numbers_stand_beside_each_other_row_by_row(book: Book) -> None:
    instrument = instruments()["outcomes"]
    plan = {"first": 0, "client": 0, "owner": 0, "assumed": False}
    plans = [
        {**plan, "opened": 0, "amount": 100, "steps": [(24, ("won", None))]},
        {**plan, "opened": 24 * 30, "amount": 300, "steps": [(24, ("won", None))]},
        {**plan, "opened": 24 * 31, "amount": 50, "steps": [(24, ("won", None))]},
    ]
    with histories(book, plans):
        days = (ORIGIN.date() + dt.timedelta(days=30), ORIGIN.date() + dt.timedelta(days=59))
        found = answer(instrument, asked(instrument, days, against=Against.PREVIOUS), None)
    (row,) = found.tables[0].rows
    assert (row.values[0].raw, row.values[0].before) == (2, 1)
    assert (row.values[1].raw, row.values[1].before) == (Decimal(350), Decimal(100))
