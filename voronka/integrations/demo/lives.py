"""The lives of a million deals at once: what `life.py` tells of one, in arrays and without its finer turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from voronka.integrations.demo.life import SEASON
from voronka.integrations.demo.loading import NEVER
from voronka.playbook.models import Stage

SECOND = 1_000_000
DAY = 86_400 * SECOND
YEARS = 5
# How a visit ended, by number; the words are in `big.ENDS`.
STAYS, FORWARD, WON, LOST = range(4)
# Shares: forgotten on some stage, a stage skipped, no sum, a contact during a visit, a next step on an open deal.
FORGOTTEN, SKIPPED, NO_SUM, CONTACT, NEXT_STEP = 0.007, 0.04, 0.08, 0.6, 0.75


@dataclass
class Deals:
    """Arrays over all deals, in the order of their opening. Times are microseconds since 1970, `NEVER` is none."""

    opened: np.ndarray
    funnel: np.ndarray  # place in the list of funnels
    seller: np.ndarray  # place in the list of sellers
    amount: np.ndarray  # roubles, -1 without a sum
    stage: np.ndarray
    order: np.ndarray
    stage_since: np.ndarray
    closed: np.ndarray
    outcome: np.ndarray  # STAYS, WON or LOST
    expected: np.ndarray


@dataclass
class Visits:
    """Arrays over all visits to stages, oldest first within a deal."""

    deal: np.ndarray
    funnel: np.ndarray  # ids, as those of stages
    stage: np.ndarray
    entered: np.ndarray
    left: np.ndarray
    end: np.ndarray


@dataclass
class Contacts:
    """Arrays over activities: done ones have `done`, planned ones NEVER there."""

    deal: np.ndarray
    channel: np.ndarray  # place in `big.CHANNELS`
    due: np.ndarray
    done: np.ndarray


def openings(rng: np.random.Generator, count: int, now: int) -> np.ndarray:
    """Moments of *count* openings in the last years: office hours of weekdays, with the seasons of the year."""
    today = now // DAY
    days = np.arange(today - 365 * YEARS, today)
    weekday = (days + 3) % 7  # 1 January 1970 was a Thursday
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    weights = np.where(weekday < 5, np.array(SEASON)[months], 0.0) * np.linspace(0.8, 1.2, len(days))
    chosen = rng.choice(days, count, p=weights / weights.sum())
    # 9 to 18 in Moscow is 6 to 15 in UTC.
    return np.sort(chosen * DAY + rng.integers(6 * 3600, 15 * 3600, count) * SECOND)


def live(
    rng: np.random.Generator, funnels: Sequence[Sequence[Stage]], sellers: int, count: int, now: int
) -> tuple[Deals, Visits]:
    """Live *count* deals through their funnels up to *now*."""
    shares = np.array([4.0, 3, 2, 2, *([1.0] * len(funnels))][: len(funnels)])
    flow = rng.choice((0.6, 0.9, 1.0, 1.1, 1.4), sellers)
    amount = (rng.lognormal(13.0, 0.9, count) // 1000).astype(np.int64) * 1000 + 5000
    amount[rng.random(count) < NO_SUM] = -1
    deals = Deals(
        opened=openings(rng, count, now),
        funnel=rng.choice(len(funnels), count, p=shares / shares.sum()),
        seller=rng.choice(sellers, count, p=flow / flow.sum()),
        amount=amount,
        stage=np.zeros(count, np.int64),
        order=np.zeros(count, np.int64),
        stage_since=np.zeros(count, np.int64),
        closed=np.full(count, NEVER),
        outcome=np.full(count, STAYS),
        expected=np.zeros(count, np.int64),
    )
    parts: list[Visits] = []
    for place, stages in enumerate(funnels):
        own = np.flatnonzero(deals.funnel == place)
        usual = sum(stage.limit_days or 5 for stage in stages) * 1.4 * DAY
        deals.expected[own] = deals.opened[own] + (usual * rng.uniform(0.7, 1.6, len(own))).astype(np.int64)
        parts += _walk(rng, deals, own, list(stages), now)
    visits = Visits(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Visits)))
    oldest_first = np.lexsort((visits.entered, visits.deal))
    return deals, Visits(*(getattr(visits, f.name)[oldest_first] for f in fields(Visits)))


def _walk(
    rng: np.random.Generator, deals: Deals, own: np.ndarray, stages: list[Stage], now: int
) -> list[Visits]:
    """Take the deals *own* of one funnel from stage to stage, all together; write where each ends into *deals*."""
    ids = np.array([stage.pk for stage in stages])
    orders = np.array([stage.order for stage in stages])
    limits = np.array([stage.limit_days or 5 for stage in stages]) * 1.4 * DAY
    chances = np.array([max(stage.probability, 1) / 100 for stage in stages] + [1.0])
    # The book's probabilities say which share of a stage goes on.
    goes_on = np.clip(chances[:-1] / chances[1:], 0.3, 0.95)
    last = len(stages) - 1
    at, place = deals.opened[own], np.zeros(len(own), np.int64)
    parts = []
    while len(own):
        stay = np.maximum(rng.lognormal(-0.25, 0.75, len(own)) * limits[place], 1200 * SECOND)
        left = at + (stay // SECOND).astype(np.int64) * SECOND
        stays = (left >= now) | (rng.random(len(own)) < FORGOTTEN)
        lost = ~stays & (rng.random(len(own)) > goes_on[place])
        won = ~stays & ~lost & (place == last)
        end = np.select([stays, lost, won], [STAYS, LOST, WON], FORWARD)
        left = np.where(stays, NEVER, left)
        parts.append(Visits(own, np.full(len(own), stages[0].funnel_id), ids[place], at, left, end))
        deals.stage[own], deals.order[own] = ids[place], orders[place]
        deals.stage_since[own] = np.where(stays, at, left)
        deals.closed[own] = np.where(won | lost, left, NEVER)
        deals.outcome[own] = np.where(won | lost, end, STAYS)
        on = end == FORWARD
        own, at = own[on], left[on]
        step = 1 + (rng.random(len(own)) < SKIPPED)
        place = np.minimum(place[on] + step, last)
    return parts


def talk(rng: np.random.Generator, deals: Deals, visits: Visits, now: int) -> Contacts:
    """Contacts during the visits, and next steps of most open deals: some overdue, some today, most to come."""
    chosen = np.flatnonzero(rng.random(len(visits.deal)) < CONTACT)
    begin = visits.entered[chosen]
    end = np.minimum(visits.left[chosen], now)
    done = begin + ((end - begin) * rng.uniform(0.05, 0.95, len(chosen)) // SECOND).astype(np.int64) * SECOND
    is_open = np.flatnonzero(deals.outcome == STAYS)
    planned = is_open[rng.random(len(is_open)) < NEXT_STEP]
    ahead = rng.choice((-6, -3, -1, 0, 1, 2, 3, 5, 8, 13), len(planned))
    quarter = rng.integers(6 * 4, 15 * 4, len(planned)) * 900 * SECOND
    due = (now // DAY + ahead) * DAY + quarter
    channels = np.concatenate(
        [
            rng.choice(4, len(chosen), p=(0.6, 0.12, 0.2, 0.08)),
            rng.choice(4, len(planned), p=(0.55, 0.15, 0.15, 0.15)),
        ]
    )
    return Contacts(
        deal=np.concatenate([visits.deal[chosen], planned]),
        channel=channels,
        due=np.concatenate([done, due]),
        done=np.concatenate([done, np.full(len(planned), NEVER)]),
    )


def latest(place: np.ndarray, moments: np.ndarray, count: int) -> np.ndarray:
    """For each of *count* places its latest moment, `NEVER` where there is none."""
    found = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(found, place, moments)
    return np.where(found == np.iinfo(np.int64).min, NEVER, found)


def earliest(place: np.ndarray, moments: np.ndarray, count: int) -> np.ndarray:
    """The same for the earliest."""
    found = np.full(count, NEVER)
    np.minimum.at(found, place, moments)
    return found
