"""How one demo deal lives: a small simulation, from the interest to its end or to the present moment."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from voronka.core.calendar import add_working_days, is_working_day
from voronka.deals.bulk import StateRow
from voronka.deals.choices import Basis, Cause, Outcome
from voronka.playbook.models import Stage

# Interest by month of the year: summer and January are quiet, autumn is busy.
SEASON = (0.62, 0.9, 1.08, 1.05, 0.95, 0.98, 0.8, 0.82, 1.15, 1.2, 1.15, 1.05)


@dataclass(frozen=True)
class Seller:
    """What makes sellers differ: how many deals come, how many go on, how quick and how tidy they are (1 = usual)."""

    member: Any
    flow: float
    skill: float
    speed: float
    order: float


@dataclass
class Life:
    """What happened to a deal: its states, and the moments at which people spoke."""

    states: list[StateRow] = field(default_factory=list)
    contacts: list[tuple[dt.datetime, int]] = field(default_factory=list)  # moment, order of the stage
    closed_at: dt.datetime | None = None


def office_hour(rng: random.Random, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """A moment of that day's working hours (of the next working day, if nobody works then)."""
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(rng.randint(9, 17), rng.randrange(60), rng.randrange(60)), zone)


def live(
    rng: random.Random,
    *,
    seller: Seller,
    stages: list[Stage],
    opened: dt.datetime,
    now: dt.datetime,
    amount: Decimal | None,
    lost_reasons: list[int],
    won_reasons: list[int],
) -> Life:
    """Simulate a deal opened at *opened*; nothing of it lies after *now*."""
    life = Life()
    zone = opened.tzinfo
    assert zone is not None
    state: dict[str, Any] = {
        "stage_id": stages[0].pk,
        "funnel_id": stages[0].funnel_id,
        "amount": amount,
        "amount_base": amount,
        "owner_id": seller.member.pk,
        "team_id": seller.member.team_id,
        "basis": Basis.SEEN.value,
    }
    days = sum(stage.limit_days or 5 for stage in stages)
    if rng.random() < 0.92 * seller.order:
        state["expected_close"] = add_working_days(opened.date(), int(days * rng.uniform(0.7, 1.3)))

    def write(at: dt.datetime, cause: Cause, **changes: Any) -> None:
        state.update(changes)
        life.states.append(StateRow(valid_from=at, cause=cause.value, **state))

    write(opened, Cause.CREATED)
    at, place = opened, 0
    # Some deals are simply forgotten; weak sellers forget more.
    forgotten = rng.random() < 0.035 / seller.order
    while True:
        stage = stages[place]
        limit = stage.limit_days or 5
        stay = max(0.15, rng.lognormvariate(0.1, 0.8)) * limit / seller.speed
        left = office_hour(rng, add_working_days(at.date(), max(0, round(stay))), zone)
        if left <= at:
            left = at + dt.timedelta(minutes=rng.randint(20, 600))
        _speak(rng, life, at, min(left, now), place, seller)
        if forgotten and place >= 1:
            # Somebody cleans up once in a quarter: nothing stands on a stage for years.
            swept = office_hour(rng, at.date() + dt.timedelta(days=rng.randint(45, 100)), zone)
            if swept < now:
                write(swept, Cause.LOST, outcome=Outcome.LOST.value, reason_id=lost_reasons[-1])
                life.closed_at = swept
            return life
        if left >= now:
            return life
        if (
            state.get("expected_close")
            and left.date() > state["expected_close"]
            and rng.random() < 0.8 * seller.order
        ):
            pushed = add_working_days(left.date(), rng.randint(5, 25))
            write(left - dt.timedelta(minutes=rng.randint(2, 15)), Cause.EDITED, expected_close=pushed)
        if (amount is None and place >= 2) or (amount and rng.random() < 0.12):
            amount = (amount or Decimal(rng.randint(15, 180)) * 10_000) * Decimal(rng.randint(85, 125)) / 100
            amount = amount.quantize(Decimal(1000))
            write(left - dt.timedelta(minutes=1), Cause.EDITED, amount=amount, amount_base=amount)
        at = left
        chance = stage.probability / 100
        ahead = (stages[place + 1].probability / 100) if place + 1 < len(stages) else 0.97
        # The book's probabilities say which share of a stage goes on, p(k) = p(k+1) × share; this company does
        # better than its book.
        share = min(0.97, (chance / ahead if ahead else 0.8) ** 0.62 * seller.skill * rng.uniform(0.96, 1.06))
        if rng.random() > share:
            reason = lost_reasons[min(len(lost_reasons) - 1, int(abs(rng.gauss(0, 1.4)) + place * 0.5))]
            write(at, Cause.LOST, outcome=Outcome.LOST.value, reason_id=reason)
            life.closed_at = at
            return life
        if place + 1 == len(stages):
            reason_id = rng.choice(won_reasons) if rng.random() < 0.8 else None
            write(at, Cause.WON, outcome=Outcome.WON.value, reason_id=reason_id)
            life.closed_at = at
            return life
        step = 1
        if rng.random() < 0.05:
            step = 2 if place + 2 < len(stages) else 1
        elif rng.random() < 0.04 and place > 0:
            step = -1
        place += step
        write(at, Cause.MOVED, stage_id=stages[place].pk)


def _speak(
    rng: random.Random, life: Life, begin: dt.datetime, end: dt.datetime, place: int, seller: Seller
) -> None:
    """One to three contacts while the deal stands on a stage."""
    span = (end - begin).total_seconds()
    for _ in range(
        rng.choices((0, 1, 2, 3), (1, 5, 4, 2))[0] if seller.order > 0.8 else rng.choice((0, 1, 1, 2))
    ):
        moment = begin + dt.timedelta(seconds=span * rng.uniform(0.02, 0.95))
        if not 9 <= moment.hour < 18 or not is_working_day(moment.date()):
            assert moment.tzinfo is not None
            moment = office_hour(rng, moment.date(), moment.tzinfo)
        if begin < moment < end:
            life.contacts.append((moment, place))
