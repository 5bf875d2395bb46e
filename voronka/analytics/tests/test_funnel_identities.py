"""What must hold for the funnel of any histories: the identities of metrics.md, and that every number is its list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from voronka.analytics.credit import Credit
from voronka.analytics.funnel import durations, output
from voronka.analytics.funnel.context import resolve
from voronka.analytics.funnel.drill import MOVE_CELLS, open_cell
from voronka.analytics.funnel.query import CUSTOM, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.analytics.funnel.results import FunnelReport, StageFigures, Tally
from voronka.analytics.listing import Listing
from voronka.analytics.tests.histories import (
    DAYS,
    DEALS,
    NOW,
    ORIGIN,
    Book,
    make_histories_book,
    plain_cohort,
    plain_standing,
    write,
)
from voronka.core import clock
from voronka.deals.filters import DealFilter

PERIODS = st.tuples(st.integers(0, DAYS - 1), st.integers(0, 40)).map(
    lambda pair: (
        ORIGIN.date() + dt.timedelta(days=pair[0]),
        ORIGIN.date() + dt.timedelta(days=min(pair[0] + pair[1], DAYS - 1)),
    )
)
plentifully = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def book(world: World, funnel: Any) -> Book:
    return make_histories_book(world, funnel)


@contextmanager
def histories(book: Book, plans: list[dict[str, Any]]) -> Iterator[None]:
    """The planned deals for the block; nothing of them is left for the next example."""
    with transaction.atomic(), clock.frozen(NOW):
        write(book, plans)
        yield
        transaction.set_rollback(True)


def asked(book: Book, days: tuple[dt.date, dt.date], **more: Any) -> FunnelQuery:
    return FunnelQuery(
        filter=DealFilter(funnel=book.funnel.pk), period=CUSTOM, first=days[0], last=days[1], **more
    )


def assert_cohort_adds_up(stages: list[StageFigures], won: Tally, by: By) -> None:
    """reached(k) = reached(k + 1) + lost_at(k) + open_at(k), with reached(n + 1) = won."""
    reached = [stage.reached.by(by) if stage.reached else 0 for stage in stages]
    for stage, (here, further) in zip(stages, pairwise([*reached, won.by(by)]), strict=True):
        assert stage.lost_here is not None
        assert stage.open_here is not None
        assert here == further + stage.lost_here.by(by) + stage.open_here.by(by), stage.line.name


@given(plans=DEALS, days=PERIODS, by=st.sampled_from(By))
@plentifully
def test_a_cohort_adds_up_now_and_at_the_age_of_another(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date], by: By
) -> None:
    with histories(book, plans):
        report = run(asked(book, days, by=by, compare=Compare.PREVIOUS), None)
        assert report.won is not None
        assert_cohort_adds_up(report.stages, report.won, by)
        if report.previous:
            assert_cohort_adds_up(list(report.previous.stages.values()), report.previous.won, by)


@given(plans=DEALS, days=PERIODS, login=st.sampled_from(["head", "north_head"]))
@plentifully
def test_durations_are_the_same_asked_by_the_funnel_and_deal_by_deal(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date], login: str
) -> None:
    """Heads of most teams are answered by a quicker question; what it answers is the same."""
    with histories(book, plans):
        ctx = resolve(asked(book, days), getattr(book.world, login))
        found = []
        for wide in (True, False):
            with patch.object(Credit, "is_wide", wide):
                found.append(durations.times(ctx))
        assert found[0] == found[1]


@given(plans=DEALS, days=PERIODS, back=st.integers(0, 30))
@plentifully
def test_a_cohort_is_what_the_states_say_now_and_at_any_age(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date], back: int
) -> None:
    from dataclasses import replace

    from voronka.analytics.funnel import cohort

    with histories(book, plans):
        ctx = resolve(asked(book, days), None)
        for read_at in (None, NOW - dt.timedelta(days=back)):
            read = replace(ctx, read_at=read_at)
            found = cohort.fold(read, cohort.count(read))
            plain = plain_cohort(book, ctx.start, ctx.end, read_at)
            for stage in found.stages:
                pos = stage.line.pos
                at = [deal for deal in plain if deal.pos == pos]
                deep = [deal for deal in plain if deal.pos >= pos]
                assert stage.reached == tally_of(deep)
                assert stage.lost_here == tally_of([deal for deal in at if deal.outcome == "lost"])
                assert stage.open_here == tally_of([deal for deal in at if deal.outcome == "open"])
                assert stage.lost_from == tally_of(
                    [deal for deal in plain if deal.outcome == "lost" and deal.stage_id == stage.line.id]
                )
            assert found.won == tally_of([deal for deal in plain if deal.outcome == "won"])


def tally_of(deals: list[Any]) -> Tally:
    amounts = [deal.amount for deal in deals if deal.amount is not None]
    return Tally(len(deals), sum(amounts, Decimal(0)), len(deals) - len(amounts))


@given(plans=DEALS, days=PERIODS)
@plentifully
def test_what_stood_plus_entries_less_exits_is_what_stands(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date]
) -> None:
    with histories(book, plans):
        report = run(asked(book, days, form=Form.MOVEMENT), None)
        ctx = report.context
        before = plain_standing(book, ctx.start, assumed=False)
        after = plain_standing(book, ctx.end, assumed=False)
        for stage in report.stages:
            assert stage.at_start is not None
            assert stage.at_end is not None
            came = stage.moves.get("entry", Tally()).count
            left = sum(tally.count for what, tally in stage.moves.items() if what != "entry")
            assert stage.at_start.count + came - left == stage.at_end.count
            assert stage.at_start.count == len(before[stage.line.id])
            assert stage.at_end.count == len(after[stage.line.id])


@given(plans=DEALS, back=st.integers(0, DAYS))
@plentifully
def test_the_pipeline_of_a_day_is_what_the_states_of_that_day_say(
    book: Book, plans: list[dict[str, Any]], back: int
) -> None:
    with histories(book, plans):
        day = (NOW - dt.timedelta(days=back)).date()
        report = run(FunnelQuery(form=Form.ASOF, date=day, filter=DealFilter(funnel=book.funnel.pk)), None)
        assert report.context.read_at is not None
        plain = plain_standing(book, report.context.read_at, assumed=True)
        for stage in report.stages:
            amounts = [state.amount_base for state in plain[stage.line.id]]
            known = [amount for amount in amounts if amount is not None]
            assert stage.open_here == Tally(len(amounts), sum(known, Decimal(0)), len(amounts) - len(known))
        if day == NOW.date():
            now = run(FunnelQuery(form=Form.NOW, filter=DealFilter(funnel=book.funnel.pk)), None)
            assert [s.open_here for s in now.stages] == [s.open_here for s in report.stages]
            assert now.weighted == report.weighted


@given(plans=DEALS, days=PERIODS, form=st.sampled_from(Form), by=st.sampled_from(By))
@plentifully
def test_every_number_is_the_length_and_the_sum_of_the_list_it_opens(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date], form: Form, by: By
) -> None:
    with histories(book, plans):
        query = asked(book, days, form=form, by=by, date=days[1])
        report = run(query, None)
        for cell, tally in numbers(report):
            listing = open_cell(query, None, cell, limit=None)
            assert (cell, listing.count) == (cell, tally.count)
            assert len(listing.lines) == listing.count
            shown = sum((line.amount for line in listing.lines if line.amount is not None), Decimal(0))
            assert listing.sum == shown
            if has_sum(form, by, cell):
                assert (cell, listing.sum) == (cell, tally.sum)
        for cell, share in ratios(report):
            listing = open_cell(query, None, cell, limit=None)
            marked = listing.marked_sum if by == By.SUM else listing.marked
            whole = listing.sum if by == By.SUM else listing.count
            assert marked is not None
            assert (share is None) == (not whole)
            if share is not None:
                assert share == Decimal(marked) / Decimal(whole)
        if report.previous:
            for cell in ("all", "won"):
                listing = open_cell(query, None, cell, prev=True, limit=None)
                tally = report.previous.total if cell == "all" else report.previous.won
                assert (listing.count, listing.sum) == (tally.count, tally.sum)


def has_sum(form: Form, by: By, cell: str) -> bool:
    """Movement reads sums only where they are asked."""
    return form != Form.MOVEMENT or by == By.SUM


def numbers(report: FunnelReport) -> Iterator[tuple[str, Tally]]:
    """Every count of the page with its cell."""
    for text, cell in output.footnote(report):
        if cell in ("all", "pipeline"):
            yield cell, report.total
        elif cell == "back":
            back = open_cell(report.context.query, None, cell, limit=None)
            assert back.count == report.moved_back, text
        elif cell == "assumed":
            assert open_cell(report.context.query, None, cell, limit=None).count == report.assumed
        elif cell:
            assert open_cell(report.context.query, None, cell, limit=None).count == report.total.unpriced
    if report.won:
        yield "won", report.won
    for stage in report.stages:
        pk = stage.line.id
        pairs = [
            ("reached", stage.reached),
            ("lost", stage.lost_here),
            ("open", stage.open_here if report.won else None),
            ("lostfrom", stage.lost_from),
            ("standing", None if report.won else stage.open_here),
            ("beyond", stage.beyond),
            ("nostep", stage.no_next_step),
            ("start", stage.at_start),
            ("end", stage.at_end),
        ]
        yield from ((f"{name}:{pk}", tally) for name, tally in pairs if tally is not None)
        if stage.weighted is not None:
            weighted = open_cell(report.context.query, None, f"weighted:{pk}", limit=None)
            assert weighted.sum.quantize(Decimal("0.01")) == stage.weighted
        yield from ((f"{MOVE_CELLS[what]}:{pk}", tally) for what, tally in stage.moves.items())
        if stage.time:
            listing: Listing = open_cell(report.context.query, None, f"median:{pk}", limit=None)
            assert listing.count == stage.time.n
            lengths = sorted(line.spent for line in listing.lines if line.spent is not None)
            if lengths:
                middle = (lengths[(len(lengths) - 1) // 2] + lengths[len(lengths) // 2]) / 2
                assert stage.time.median == pytest.approx(middle / 86400, abs=0.05)
    for loss in report.losses:
        if loss.stage_id:
            yield f"reason:{loss.stage_id}:{loss.reason_id or 0}", loss.tally
    if report.ripening:
        assert open_cell(report.context.query, None, "ripening", limit=None).count == report.ripening.n


def ratios(report: FunnelReport) -> Iterator[tuple[str, Decimal | None]]:
    """Every share of the page with its cell."""
    if report.won:
        yield "overall", report.overall
    for stage in report.stages:
        if report.won:
            yield f"step:{stage.line.id}", stage.step_conversion
            yield f"share:{stage.line.id}", stage.share
        elif stage.at_start is not None and report.by != By.CLIENTS:
            yield f"lostshare:{stage.line.id}", stage.lost_share


@given(plans=DEALS, days=PERIODS, seller=st.integers(0, 2), form=st.sampled_from(Form))
@plentifully
def test_a_seller_reads_the_same_figures_that_a_filter_by_the_seller_gives(
    book: Book, plans: list[dict[str, Any]], days: tuple[dt.date, dt.date], seller: int, form: Form
) -> None:
    member = book.members[seller]
    with histories(book, plans):
        own = run(asked(book, days, form=form, date=days[1]), member)
        query = asked(book, days, form=form, date=days[1])
        filtered = run(query.but(filter=DealFilter(funnel=book.funnel.pk, owner=(member.pk,))), None)
        if form in (Form.COHORT, Form.NOW):
            assert [s.reached for s in own.stages] == [s.reached for s in filtered.stages]
            assert [s.open_here for s in own.stages] == [s.open_here for s in filtered.stages]
        # What has been handed over since can no longer be opened, so it is not in the seller's own figures.
        assert own.total.count <= filtered.total.count
