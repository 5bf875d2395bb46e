"""Generated histories of deals, and the funnel counted from their states the slow and plain way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.world import World, make_book, make_company
from voronka.catalog.models import ProductGroup
from voronka.deals.bulk import DealRow, StateRow, import_deals
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Reason, Stage

ORIGIN = dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)
# Histories live in 60 days; «now» is the end of them.
DAYS = 60
NOW = ORIGIN + dt.timedelta(days=DAYS)


@dataclass
class Book:
    """What the generated deals are about."""

    world: World
    funnel: Funnel
    stages: list[Stage]
    other: Stage
    reasons: list[Reason]
    companies: list[Any]
    members: list[Any] = field(default_factory=list)


def make_histories_book(world: World, funnel: Funnel | None = None) -> Book:
    """The world's book with a second funnel, three clients and three sellers."""
    funnel = funnel or make_book(world)
    second = Funnel.objects.create(name="Сервис", order=1, product_group=ProductGroup.objects.first())
    other = Stage.objects.create(funnel=second, name="Заявка", order=1, probability=50)
    return Book(
        world,
        funnel,
        list(funnel.stages.all()),
        other,
        list(Reason.objects.filter(kind="lost")),
        [make_company(world.anna, name) for name in ("ООО «Альфа»", "ООО «Бета»", "ООО «Гамма»")],
        [world.anna, world.boris, world.vera],
    )


# One step of a deal's life: after how many hours, and what happens.
_STEP = st.tuples(
    st.integers(1, 24 * 20),
    st.one_of(
        st.tuples(st.just("stage"), st.integers(0, 4)),
        st.tuples(st.just("other"), st.none()),
        st.tuples(st.just("lost"), st.integers(-1, 2)),
        st.tuples(st.just("won"), st.none()),
        st.tuples(st.just("open"), st.integers(0, 4)),
        st.tuples(st.just("deleted"), st.none()),
        st.tuples(st.just("owner"), st.integers(0, 2)),
        st.tuples(st.just("amount"), st.one_of(st.none(), st.integers(1, 900))),
        st.tuples(st.just("expected"), st.one_of(st.none(), st.integers(-20, 120))),
    ),
)

DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "opened": st.integers(0, 24 * 50),
            "first": st.integers(0, 4),
            "client": st.integers(-1, 2),
            "owner": st.integers(0, 2),
            "amount": st.one_of(st.none(), st.integers(1, 900)),
            "assumed": st.sampled_from([False, False, False, True]),
            "steps": st.lists(_STEP, max_size=6),
        }
    ),
    min_size=1,
    max_size=12,
)


def write(book: Book, plans: list[dict[str, Any]]) -> list[DealRow]:
    """Write the planned deals through the set verb and return what was written."""
    rows = [_row(book, number, plan) for number, plan in enumerate(plans)]
    import_deals(rows, actor=None)
    return rows


def _row(book: Book, number: int, plan: dict[str, Any]) -> DealRow:
    moment = ORIGIN + dt.timedelta(hours=plan["opened"])
    opened = moment
    basis = "assumed" if plan["assumed"] else "imported"
    owner = book.members[plan["owner"]]
    now: dict[str, Any] = {
        "stage_id": book.stages[plan["first"]].pk,
        "funnel_id": book.funnel.pk,
        "outcome": "open",
        "reason_id": None,
        "amount": _money(plan["amount"]),
        "owner_id": owner.pk,
        "team_id": owner.team_id,
    }
    states = [_state(moment, now, basis)]
    for hours, (what, argument) in plan["steps"]:
        moment += dt.timedelta(hours=hours)
        if moment >= NOW:
            break
        before = dict(now)
        _apply(book, now, what, argument)
        if now != before:
            states.append(_state(moment, now, basis))
    company = book.companies[plan["client"]] if plan["client"] >= 0 else None
    return DealRow(
        title=f"Сделка {number}",
        states=states,
        opened_at=opened,
        company_id=company.pk if company else None,
        basis=basis,
    )


def _state(moment: dt.datetime, now: dict[str, Any], basis: str) -> StateRow:
    return StateRow(valid_from=moment, amount_base=now["amount"], basis=basis, **now)


def _apply(book: Book, now: dict[str, Any], what: str, argument: Any) -> None:
    is_open = now["outcome"] == "open"
    if what == "stage" and is_open:
        now |= {"stage_id": book.stages[argument].pk, "funnel_id": book.funnel.pk}
    elif what == "other" and is_open:
        now |= {"stage_id": book.other.pk, "funnel_id": book.other.funnel_id}
    elif what == "lost" and is_open:
        now |= {"outcome": "lost", "reason_id": book.reasons[argument].pk if argument >= 0 else None}
    elif what == "won" and is_open:
        now |= {"outcome": "won"}
    elif what == "open" and now["outcome"] in ("won", "lost"):
        now |= {"outcome": "open", "reason_id": None}
    elif what == "deleted" and is_open:
        now |= {"outcome": "deleted"}
    elif what == "owner" and is_open:
        owner = book.members[argument]
        now |= {"owner_id": owner.pk, "team_id": owner.team_id}
    elif what == "amount" and is_open:
        now |= {"amount": _money(argument)}
    elif what == "expected" and is_open:
        day = None if argument is None else ORIGIN.date() + dt.timedelta(days=argument)
        now |= {"expected_close": day}


def _money(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


# -- the plain way ------------------------------------------------------------------------------------------------


@dataclass
class Plain:
    """One deal of a cohort as the definitions say it: depth (n + 1 = won), outcome, stage, amount, client."""

    deal: Deal
    pos: int
    outcome: str
    stage_id: int
    amount: Decimal | None
    client: int | None


def plain_cohort(book: Book, start: dt.datetime, end: dt.datetime, at: dt.datetime | None) -> list[Plain]:
    """Deals of the funnel opened in the period, from their states alone: as they are, or just before *at*."""
    found = []
    order = {stage.pk: stage.order for stage in book.stages}
    for deal in Deal.objects.filter(opened_at__gte=start, opened_at__lt=end):
        states = [
            s
            for s in deal.states.filter(void=False).order_by("valid_from")
            if at is None or s.valid_from < at
        ]
        if not states or states[-1].funnel_id != book.funnel.pk or states[-1].outcome == "deleted":
            continue
        last = states[-1]
        depth = max(order[s.stage_id] for s in states if s.stage_id in order)
        won = last.outcome == "won"
        pos = len(book.stages) + 1 if won else [stage.order for stage in book.stages].index(depth) + 1
        found.append(Plain(deal, pos, last.outcome, last.stage_id, last.amount_base, deal.company_id))
    return found


def plain_standing(book: Book, at: dt.datetime, *, assumed: bool) -> dict[int, list[Any]]:
    """Stage id -> states of open deals just before *at*."""
    standing: dict[int, list[Any]] = {stage.pk: [] for stage in book.stages}
    for deal in Deal.objects.all():
        states = [s for s in deal.states.filter(void=False).order_by("valid_from") if s.valid_from < at]
        last = states[-1] if states else None
        if (
            last
            and last.outcome == "open"
            and last.stage_id in standing
            and (assumed or last.basis != "assumed")
        ):
            standing[last.stage_id].append(last)
    return standing
