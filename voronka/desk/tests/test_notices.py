"""The bell: one line per key, own lines only."""

from __future__ import annotations

import datetime as dt

from tests.world import World
from voronka.core import clock
from voronka.desk.models import Notice
from voronka.desk.notices import forget_old, mark_read, newest, notify, unread_count
from voronka.workspaces.models import Member


def test_the_same_notice_comes_once(world: World) -> None:
    for _again in range(2):
        notify(world.anna, kind="deal", text="Сделка ваша", key="event:1", url="deal:1")
    notify(world.boris, kind="deal", text="Сделка ваша", key="event:1")

    assert [n.text for n in newest(world.anna)] == ["Сделка ваша"]
    assert unread_count(world.boris) == 1


def test_reading_concerns_ones_own_lines_only(world: World) -> None:
    for member in (world.anna, world.boris):
        for number in range(3):
            notify(member, kind="deal", text=str(number), key=str(number))
    anothers = newest(world.boris)[0].pk

    assert mark_read(world.anna, [newest(world.anna)[0].pk, anothers]) == 1
    assert (unread_count(world.anna), unread_count(world.boris)) == (2, 3)
    assert mark_read(world.anna) == 2
    assert (unread_count(world.anna), unread_count(world.boris)) == (0, 3)


def test_pages_go_back_from_the_newest(world: World) -> None:
    for number in range(5):
        notify(world.anna, kind="deal", text=str(number), key=str(number))

    first = newest(world.anna, limit=3)
    assert [n.text for n in first] == ["4", "3", "2"]
    assert [n.text for n in newest(world.anna, before=first[-1].pk)] == ["1", "0"]


def test_former_members_get_nothing_and_long_texts_are_cut(world: World) -> None:
    Member.objects.filter(pk=world.boris.pk).update(status="former")
    world.boris.refresh_from_db()
    notify(world.boris, kind="deal", text="Сделка", key="1")
    notify(world.anna, kind="deal", text="я" * 1000, key="1")

    assert [(n.member_id, len(n.text)) for n in Notice.objects.all()] == [(world.anna.pk, 300)]


def test_old_lines_are_forgotten(world: World) -> None:
    now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    for days in (0, 89, 91):
        with clock.frozen(now - dt.timedelta(days=days)):
            notify(world.anna, kind="deal", text=str(days), key=str(days))

    with clock.frozen(now):
        assert forget_old() == 1
    assert {n.text for n in newest(world.anna)} == {"0", "89"}
