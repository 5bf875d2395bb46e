"""The funnel told as stories: a handful of deals led by the verbs, and the exact figures they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel.drill import open_cell
from voronka.analytics.funnel.query import CUSTOM, Age, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.analytics.funnel.results import FunnelReport
from voronka.clients.models import Source
from voronka.core import clock
from voronka.core.errors import Forbidden
from voronka.deals import actions
from voronka.deals.filters import DealFilter
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Reason, Stage

# A Monday; the workspace's days begin at 00:00 in Moscow (21:00 UTC).
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MARCH = {"period": CUSTOM, "first": dt.date(2026, 3, 1), "last": dt.date(2026, 3, 31)}


def at(day: float) -> Any:
    return clock.frozen(START + dt.timedelta(days=day))


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(funnel.stages.all())


@pytest.fixture
def lead(world: World, funnel: Funnel, stages: list[Stage]) -> Callable[..., Deal]:
    """`lead(seller, 0, 3, 5, …)` opens a deal on day 0 and moves it one stage further on day 3, on day 5, …"""
    reason = Reason.objects.get(name="Дорого")

    def make(
        seller: Any, *days: float, end: str = "", on: float = 0, amount: int | None = 100, **more: Any
    ) -> Deal:
        with at(days[0]):
            deal = actions.create_deal(
                actor=seller,
                title="Сделка",
                funnel=funnel,
                amount=None if amount is None else Decimal(amount),
                company=more.pop("company", None) or make_company(seller, f"ООО «{Deal.objects.count()}»"),
                **more,
            )
        for stage, day in zip(stages[1:], days[1:], strict=False):
            with at(day):
                actions.move_deal(deal, actor=seller, stage=stage)
        with at(on):
            if end == "won":
                actions.win_deal(deal, actor=seller)
            elif end == "lost":
                actions.lose_deal(deal, actor=seller, reason=reason)
        return deal

    return make


def march(member: Any = None, day: float = 40, **more: Any) -> FunnelReport:
    with at(day):
        return run(FunnelQuery(**{**MARCH, **more}), member)


def reached(report: FunnelReport) -> list[Any]:
    return [stage.reached.by(report.by) if stage.reached else None for stage in report.stages]


def test_four_deals_make_a_cohort_with_exact_shares(world: World, lead: Callable[..., Deal]) -> None:
    lead(world.anna, 0, 2, 4, 6, 8, end="won", on=10, amount=400)
    lead(world.anna, 1, 3, 5, end="lost", on=9, amount=200)
    lead(world.boris, 2, 6, amount=None)
    lead(world.vera, 3, end="lost", on=4)
    report = march()
    assert reached(report) == [4, 3, 2, 1, 1]
    assert report.won is not None
    assert (report.won.count, report.won.sum) == (1, Decimal(400))
    # 1 of 4 won; 3 of 4 went from the first stage to the second, 2 of 3 further, 1 of 2, 1 of 1, 1 of 1.
    assert report.overall == Decimal("0.25")
    assert [stage.step_conversion for stage in report.stages] == [
        Decimal(3) / 4,
        Decimal(2) / 3,
        Decimal(1) / 2,
        1,
        1,
    ]
    assert [stage.lost_here.count for stage in report.stages if stage.lost_here] == [1, 0, 1, 0, 0]
    assert [stage.open_here.count for stage in report.stages if stage.open_here] == [0, 1, 0, 0, 0]
    assert report.total.unpriced == 1
    # First stage: 2, 2, 4 days until moved and 1 until lost: the median of 1, 2, 2, 4 is 2.
    assert report.stages[0].time is not None
    assert (report.stages[0].time.n, report.stages[0].time.median) == (4, 2.0)
    assert report.ripening is not None
    assert (report.ripening.n, report.ripening.median) == (1, 10.0)


def test_a_skipped_stage_is_reached_and_a_step_back_leaves_the_depth(
    world: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    deal = lead(world.anna, 0)
    with at(1):
        actions.move_deal(deal, actor=world.anna, stage=stages[3])
    with at(2):
        actions.move_deal(deal, actor=world.anna, stage=stages[1])
    with at(3):
        actions.lose_deal(deal, actor=world.anna, reason=Reason.objects.get(name="Дорого"))
    report = march()
    assert reached(report) == [1, 1, 1, 1, 0]
    assert [s.lost_here.count for s in report.stages if s.lost_here] == [0, 0, 0, 1, 0]
    # The stage in which it stood is another column, and the page says how many differ.
    assert [s.lost_from.count for s in report.stages if s.lost_from] == [0, 1, 0, 0, 0]
    assert report.moved_back == 1
    assert [(loss.stage_id, loss.name) for loss in report.losses] == [(stages[1].pk, "Дорого")]


def test_a_move_marked_as_a_mistake_counts_nowhere(
    world: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    deal = lead(world.anna, 0)
    with at(1):
        move = actions.move_deal(deal, actor=world.anna, stage=stages[4])
    assert move is not None
    with at(2):
        actions.void_move(deal, actor=world.anna, event=move)
    assert reached(march()) == [1, 0, 0, 0, 0]
    movement = march(form=Form.MOVEMENT)
    assert [stage.moves.get("entry") is not None for stage in movement.stages] == [True] + [False] * 4


def test_a_deleted_deal_is_in_no_cohort(world: World, lead: Callable[..., Deal]) -> None:
    deal = lead(world.anna, 0)
    with at(1):
        actions.delete_deal(deal, actor=world.admin)
    assert march().is_empty


def test_a_bounced_deal_counts_its_whole_time_once(
    world: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    deal = lead(world.anna, 0, 2)
    with at(3):
        actions.move_deal(deal, actor=world.anna, stage=stages[0])
    with at(7):
        actions.move_deal(deal, actor=world.anna, stage=stages[1])
    report = march()
    # Two stays in the first stage, 2 + 4 days, one deal; it still stands in the second.
    assert report.stages[0].time is not None
    assert (report.stages[0].time.n, report.stages[0].time.median) == (1, 6.0)
    assert report.stages[1].time is not None
    assert report.stages[1].time.n == 0
    # It left for the last time on the 9th: the first leaving, on the 4th, finished nothing.
    early = march(last=dt.date(2026, 3, 6))
    assert early.stages[0].time is not None
    assert early.stages[0].time.n == 0


def test_the_previous_period_is_read_at_the_same_age(world: World, lead: Callable[..., Deal]) -> None:
    # February's deal is won 40 days after the end of February; March's is read 9 days after the end of March.
    lead(world.anna, -10, -8, -6, -4, -2, end="won", on=38)
    lead(world.anna, 1)
    same = march(day=38.5, compare=Compare.PREVIOUS)
    assert same.previous is not None
    assert (same.previous.total.count, same.previous.won.count) == (1, 0)
    now = march(day=38.5, compare=Compare.PREVIOUS, age=Age.NOW)
    assert now.previous is not None
    assert now.previous.won.count == 1


def test_as_of_a_day_shows_what_stood_then_with_the_sums_of_then(
    world: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    deal = lead(world.anna, 0, 5, amount=100)
    with at(6):
        actions.edit_deal(deal, actor=world.anna, changes={"amount": Decimal(900)}, was=None)

    def standing(date: dt.date) -> list[Any]:
        with at(10):
            report = run(FunnelQuery(form=Form.ASOF, date=date), None)
        return [(s.open_here.count, s.open_here.sum) for s in report.stages[:2] if s.open_here]

    assert standing(dt.date(2026, 3, 1)) == [(0, 0), (0, 0)]
    # As of a day is the end of that day.
    assert standing(dt.date(2026, 3, 2)) == [(1, 100), (0, 0)]
    assert standing(dt.date(2026, 3, 7)) == [(0, 0), (1, 100)]
    assert standing(dt.date(2026, 3, 8)) == [(0, 0), (1, 900)]


def test_by_clients_a_client_with_two_deals_is_one(world: World, lead: Callable[..., Deal]) -> None:
    company = make_company(world.anna)
    lead(world.anna, 0, 1, company=company)
    lead(world.anna, 0, end="lost", on=2, company=company)
    lead(world.anna, 0, end="lost", on=2)
    report = march(by=By.CLIENTS)
    assert reached(report) == [2, 1, 0, 0, 0]
    # The client of two deals stands as deep as the deeper one, and is open there.
    assert [s.lost_here.count for s in report.stages if s.lost_here] == [1, 0, 0, 0, 0]
    assert [s.open_here.count for s in report.stages if s.open_here] == [0, 1, 0, 0, 0]


def test_a_result_belongs_to_who_closed_the_deal(world: World, lead: Callable[..., Deal]) -> None:
    deal = lead(world.anna, 0, end="won", on=2)
    Deal.objects.filter(pk=deal.pk).update(owner=world.boris, team=world.boris.team)
    mine = march(filter=DealFilter(owner=(world.anna.pk,)))
    assert mine.won is not None
    assert mine.won.count == 1
    assert march(filter=DealFilter(owner=(world.boris.pk,))).is_empty


def test_reach_and_filters_narrow_the_figures(world: World, lead: Callable[..., Deal]) -> None:
    site = Source.objects.get(name="Сайт")
    lead(world.anna, 0, source=site)
    lead(world.boris, 0)
    lead(world.vera, 0)
    assert reached(march(world.anna))[0] == 1
    assert reached(march(world.north_head))[0] == 2
    assert reached(march(world.head))[0] == 3
    assert reached(march(world.director))[0] == 3
    assert reached(march(filter=DealFilter(source=(site.pk,))))[0] == 1
    assert reached(march(filter=DealFilter(source=(0,))))[0] == 2
    assert reached(march(filter=DealFilter(team=(world.teams["root"].pk,))))[0] == 3
    assert reached(march(filter=DealFilter(team=(world.teams["south"].pk,))))[0] == 1
    # A seller who asks for a colleague's figures gets none of them.
    assert march(world.anna, filter=DealFilter(owner=(world.boris.pk,))).is_empty


def test_a_stage_merged_into_another_is_read_through_it(
    world: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    from voronka.playbook.actions import merge_stage

    lead(world.anna, 0, 2, 4, end="lost", on=6)
    with at(8):
        merge_stage(stages[2], into=stages[1], actor=world.admin)
    report = march(day=9)
    assert [stage.line.name for stage in report.stages] == [
        "Первый контакт",
        "Потребность",
        "Предложение",
        "Договор",
    ]
    assert reached(report) == [1, 1, 0, 0]
    assert [s.lost_from.count for s in report.stages if s.lost_from] == [0, 1, 0, 0]


def test_the_bottleneck_of_time_names_the_stage_and_what_stands_beyond(
    world: World, lead: Callable[..., Deal]
) -> None:
    for number in range(12):
        lead(world.anna, number * 0.1, 20)
    lead(world.anna, 1, amount=700)
    report = march(day=30)
    time = next(b for b in report.bottlenecks if b.kind == "time")
    assert (time.line.name, time.limit) == ("Первый контакт", 3)
    assert time.beyond is not None
    # One still stands in the first stage; twelve went on.
    assert (time.beyond.count, time.beyond.sum) == (1, Decimal(700))
    with at(30):
        listing = open_cell(FunnelQuery(**MARCH), None, f"beyond:{time.line.id}")
    assert (listing.count, listing.sum) == (1, Decimal(700))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": CUSTOM, "first": dt.date(2026, 3, 2), "last": dt.date(2026, 3, 1)}, "from"),
        ({"period": CUSTOM, "first": dt.date(1950, 1, 1), "last": dt.date(2026, 3, 1)}, "from"),
        ({"period": CUSTOM, "first": dt.date(2027, 1, 1), "last": dt.date(2027, 3, 1)}, "from"),
        ({"form": Form.ASOF, "date": dt.date(2027, 1, 1)}, "date"),
        ({"filter": DealFilter(funnel=10**9)}, "funnel"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_sentence(
    funnel: Funnel, query: dict[str, Any], field: str
) -> None:
    with at(10), pytest.raises(Unanswerable) as refusal:
        run(FunnelQuery(**query), None)
    assert refusal.value.field == field
    assert refusal.value.message.endswith(".")


def test_without_a_funnel_the_report_says_what_to_do(world: World) -> None:
    with pytest.raises(Unanswerable):
        run(FunnelQuery(), None)


def test_without_the_right_to_reports_there_is_no_report(world: World, funnel: Funnel) -> None:
    role = world.anna.role
    role.rights = {**role.rights, "report": {}}
    role.save()
    with pytest.raises(Forbidden):
        run(FunnelQuery(), world.anna)


def test_an_unknown_cell_opens_nothing(world: World, funnel: Funnel) -> None:
    for cell in ("", "nonsense", "reached", "reached:0", "reached:x", "reason:1:2:3;drop"):
        with pytest.raises(Unanswerable):
            open_cell(FunnelQuery(), None, cell)


def test_another_companys_deals_are_not_counted(
    world: World, stranger: World, lead: Callable[..., Deal], stages: list[Stage]
) -> None:
    from tests.world import make_book
    from voronka.core.tenancy import scope

    lead(world.anna, 0)
    with scope(stranger.workspace):
        make_book(stranger)
        with at(20):
            assert run(FunnelQuery(**MARCH), None).is_empty
            with pytest.raises(Unanswerable):
                run(FunnelQuery(**MARCH, filter=DealFilter(funnel=stages[0].funnel_id)), None)


def test_an_archived_funnel_is_not_the_one_shown_first(world: World, funnel: Funnel) -> None:
    Funnel.objects.create(name="Старая", archived_at=START)
    with at(1):
        assert run(FunnelQuery(), None).context.funnel == funnel
