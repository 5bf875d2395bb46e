"""Pages meet without gap or overlap, by any order, whatever is empty."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.lists import paging
from voronka.desk.lists.registry import get_listing

SORTS = [
    "", "number", "title,-amount", "company", "stage,-number", "amount", "amount,expected_close,title",
    "expected_close,-amount", "weighted", "owner,title", "opened_at", "closed_at", "category,probability",
]  # fmt: skip


@pytest.fixture
def deals(world: World, funnel: Any) -> Any:
    company = make_company(world.anna, "ООО «Ёлка»")
    amounts = itertools.cycle([None, Decimal(5), Decimal(5), Decimal(7)])
    for number in range(25):
        create_deal(
            actor=world.anna,
            title=f"Сделка {number % 4}",
            funnel=funnel,
            amount=next(amounts),
            company=company if number % 3 else None,
            expected_close=dt.date(2026, 11, 1 + number % 2) if number % 5 else None,
        )
    return Deal.objects.all()


@pytest.mark.parametrize(
    "sort", [sort for text in SORTS for sort in (text, f"-{text}" if text else "-title")]
)
def test_pages_meet(world: World, deals: Any, sort: str) -> None:
    fields = get_listing("deal").fields_for(world.anna)
    keys = paging.keys_of(sort, fields, "-opened_at")
    whole = [deal.pk for deal in paging.ordered(deals, keys)]
    after, seen = "", []
    while True:
        rows, after = paging.page(deals, keys, after, size=4)
        seen += [deal.pk for deal in rows]
        if not after:
            break
    assert seen == whole
    assert len(set(seen)) == 25


def test_empty_values_come_last_whichever_way(world: World, deals: Any) -> None:
    fields = get_listing("deal").fields_for(world.anna)
    for sort in ("amount", "-amount"):
        rows, _after = paging.page(deals, paging.keys_of(sort, fields), size=100)
        empty = [deal.amount is None for deal in rows]
        assert empty == sorted(empty)


@pytest.mark.parametrize(
    "after", ["zzz", "W10", "W1siYSJdLDFd", "W1tudWxsXSwxXQ", "W1tbInQiLCJ4Il1dLDFd", "9" * 5000]
)
def test_an_unreadable_place_begins_anew(world: World, deals: Any, after: str) -> None:
    fields = get_listing("deal").fields_for(world.anna)
    keys = paging.keys_of("-opened_at", fields)
    rows, _more = paging.page(deals, keys, after, size=3)
    assert rows == paging.page(deals, keys, "", size=3)[0]


def test_unknown_repeated_and_too_many_keys_are_left_out(world: World) -> None:
    fields = get_listing("deal").fields_for(world.anna)
    keys = paging.keys_of("-amount,amount,secret,title,tags,-number,owner", fields)
    assert paging.sort_text(keys) == "-amount,title,-number"
