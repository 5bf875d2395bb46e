"""Who looks at a card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from voronka.core import clock
from voronka.desk.models import Viewing
from voronka.desk.presence import forget_viewing, note_viewing, others_viewing


def test_others_are_seen_by_name_and_oneself_is_not(world: Any) -> None:
    for member in (world.head, world.anna, world.anna):
        note_viewing(member, "deal", 17)
    note_viewing(world.head, "deal", 18)
    assert others_viewing(world.anna, "deal", 17) == [world.head]
    assert others_viewing(world.head, "deal", 17) == [world.anna]
    assert others_viewing(world.head, "company", 17) == []


def test_whoever_was_not_heard_of_for_half_a_minute_has_gone(world: Any) -> None:
    note_viewing(world.anna, "deal", 17)
    Viewing.objects.update(at=clock.now() - dt.timedelta(seconds=31))
    assert others_viewing(world.head, "deal", 17) == []
    note_viewing(world.anna, "deal", 17)
    assert others_viewing(world.head, "deal", 17) == [world.anna]


def test_closing_a_card_is_seen_at_once_and_leaves_nothing_old(world: Any) -> None:
    note_viewing(world.anna, "deal", 16)
    Viewing.objects.update(at=clock.now() - dt.timedelta(days=1))
    note_viewing(world.anna, "deal", 17)
    forget_viewing(world.anna, "deal", 17)
    assert others_viewing(world.head, "deal", 17) == []
    assert not Viewing.objects.exists()
