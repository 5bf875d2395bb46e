"""Numbers of deals by a pattern of the company's own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.actions import search
from voronka.desk.models import Numbering
from voronka.desk.numbering import set_numbering
from voronka.journal.actions import undo
from voronka.journal.models import Event


def deal(world: World, funnel: Any) -> Deal:
    return create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)


def test_a_pattern_numbers_what_comes_and_leaves_what_was(world: World, funnel: Any) -> None:
    old = deal(world, funnel)
    set_numbering("deal", actor=world.admin, prefix="Д-", with_year=True, yearly=True, width=4)
    year = clock.today().year
    first, second = deal(world, funnel), deal(world, funnel)
    old.refresh_from_db()
    assert (old.code, old.shown_number) == ("", "1")
    assert [first.code, second.code] == [f"Д-{year}/0001", f"Д-{year}/0002"]
    assert second.number == 3


def test_the_count_begins_anew_with_the_year(
    world: World, funnel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_numbering("deal", actor=world.admin, prefix="Д", with_year=True, yearly=True, width=2)
    deal(world, funnel)
    monkeypatch.setattr("voronka.desk.numbering.clock.today", lambda: dt.date(2031, 1, 1))
    assert deal(world, funnel).code == "Д2031/01"


def test_two_patterns_never_give_one_number_twice(world: World, funnel: Any) -> None:
    set_numbering("deal", actor=world.admin, prefix="А", with_year=True, yearly=True)
    first = deal(world, funnel)
    Deal.objects.filter(pk=first.pk).update(code="А5")
    set_numbering("deal", actor=world.admin, prefix="А", width=1)
    for _n in range(4):
        last = deal(world, funnel)
    assert last.code == "А5-2"


def test_what_would_repeat_is_refused_and_undo_brings_the_pattern_back(world: World) -> None:
    with pytest.raises(Refused):
        set_numbering("deal", actor=world.admin, yearly=True)
    with pytest.raises(Forbidden):
        set_numbering("deal", actor=world.anna, prefix="Д")
    assert not Numbering.objects.exists()
    set_numbering("deal", actor=world.admin, prefix="Д")
    set_numbering("deal", actor=world.admin, prefix="Ж")
    undo(Event.objects.latest("id"), actor=world.admin)
    assert Numbering.objects.get().prefix == "Д"


def test_a_deal_is_found_by_the_number_that_is_shown(world: World, funnel: Any) -> None:
    set_numbering("deal", actor=world.admin, prefix="Д-", with_year=True, width=4)
    made = deal(world, funnel)
    assert [(hit.kind, hit.object_id) for hit in search(world.anna, made.code).hits] == [("deal", made.pk)]
