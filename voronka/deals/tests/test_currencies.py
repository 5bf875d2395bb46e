"""Sums in other currencies: counted at the day's rate, told apart without one, counted anew by a verb."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, edit_deal, win_deal
from voronka.deals.models import Deal
from voronka.deals.revaluing import revalue_open_deals, standing
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.models import Rate
from voronka.workspaces.rates import NewRate, converted, rate_on, set_rates

MONDAY = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 16)


def on(days: int) -> Any:
    return clock.frozen(MONDAY + dt.timedelta(days=days))


def give(world: World, value: str, days: int = 0) -> Any:
    day = DAY + dt.timedelta(days=days)
    return set_rates([NewRate("USD", day, Decimal(value))], actor=world.admin)


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def test_the_latest_rate_up_to_the_day_holds(world: World) -> None:
    give(world, "80")
    give(world, "90", 2)
    days = [DAY + dt.timedelta(days=days) for days in (-1, 0, 1, 2, 9)]
    assert [rate_on("USD", day) for day in days] == [None, 80, 80, 90, 90]
    assert converted(Decimal("1.01"), Decimal("80.005")) == Decimal("80.81")


def test_a_sum_is_counted_at_the_rate_of_its_day_and_told_apart_without(world: World, funnel: Any) -> None:
    with on(0):
        deal = create_deal(actor=world.anna, title="A", funnel=funnel, amount=Decimal(100), currency="USD")
    assert deal.amount_base is None
    assert (standing("RUB").by_currency, standing("RUB").without_rate) == ({"USD": 1}, 1)
    give(world, "80")
    with on(1):
        edit_deal(deal, actor=world.anna, changes={"amount": Decimal(200)})
    assert fresh(deal).amount_base == 16000
    assert standing("RUB").without_rate == 0


def test_revaluing_dates_the_change_and_leaves_the_closed_alone(world: World, funnel: Any) -> None:
    give(world, "80")
    with on(0):
        opened = create_deal(actor=world.anna, title="A", funnel=funnel, amount=Decimal(100), currency="USD")
        closed = create_deal(actor=world.anna, title="B", funnel=funnel, amount=Decimal(10), currency="USD")
    with on(1):
        win_deal(closed, actor=world.anna)
    give(world, "90", 2)
    with on(3):
        event = revalue_open_deals(actor=world.admin)
        assert revalue_open_deals(actor=world.admin) is None
    assert (fresh(opened).amount_base, fresh(closed).amount_base) == (9000, 800)
    states = opened.states.order_by("valid_from").values_list("amount_base", "cause")
    assert list(states) == [(8000, "created"), (9000, "rate")]
    assert event is not None
    assert event.payload["deals"] == 1
    undo(event, actor=world.admin)
    assert fresh(opened).amount_base == 8000


def test_rates_are_undone_unless_changed_again(world: World) -> None:
    first, second = give(world, "80"), give(world, "90")
    with pytest.raises(Refused):
        undo(first, actor=world.admin)
    undo(second, actor=world.admin)
    assert Rate.objects.get().value == 80
    undo(first, actor=world.admin)
    assert not Rate.objects.exists()


@pytest.mark.parametrize(
    "rate",
    [
        NewRate("RUB", DAY, Decimal(1)),
        NewRate("XXX", DAY, Decimal(1)),
        NewRate("USD", DAY, Decimal(0)),
        NewRate("USD", DAY, Decimal("NaN")),
        NewRate("USD", dt.date(1900, 1, 1), Decimal(1)),
    ],
)
def test_an_impossible_rate_writes_nothing(world: World, rate: NewRate) -> None:
    with pytest.raises(Refused):
        set_rates([NewRate("EUR", DAY, Decimal(90)), rate], actor=world.admin)
    assert not Rate.objects.exists()
    assert not Event.objects.filter(type="rates.set").exists()


def test_a_seller_sets_no_rates(world: World) -> None:
    with pytest.raises(Forbidden):
        set_rates([NewRate("USD", DAY, Decimal(80))], actor=world.anna)
    with pytest.raises(Forbidden):
        revalue_open_deals(actor=world.anna)
