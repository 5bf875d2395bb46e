"""A kind that nobody reacts to for thirty days proposes to switch itself off."""

from __future__ import annotations

import datetime as dt

from tests.world import World
from voronka.core import clock
from voronka.desk.delivery.vain import look_for_vain
from voronka.desk.delivery.wishes import keep_on, settings_of, switch_off
from voronka.desk.models import Notice
from voronka.desk.notices import mark_read, notify, react
from voronka.workspaces.models import Member

NOW = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def ring(member: Member, kind: str, *, days: int = 40) -> None:
    """A line every other day."""
    for ago in range(0, days, 2):
        with clock.frozen(NOW - ago * DAY):
            notify(member, kind=kind, text=kind, key=f"{kind}:{ago}")


def was_here(*members: Member) -> None:
    Member.objects.filter(pk__in=[member.pk for member in members]).update(last_seen_at=NOW)


def test_only_what_came_often_and_long_in_vain_is_proposed(world: World) -> None:
    was_here(world.anna, world.boris)
    ring(world.anna, "limit")
    ring(world.anna, "mention")
    ring(world.anna, "list", days=8)
    ring(world.anna, "import", days=24)
    ring(world.anna, "deal")
    react(world.anna, Notice.objects.filter(kind="deal").order_by("created_at").last())
    ring(world.vera, "limit")
    with clock.frozen(NOW):
        # To sweep all lines away is not to react.
        mark_read(world.anna)
        react(world.anna, Notice.objects.filter(kind="deal").first())
        assert look_for_vain() == 1

    assert settings_of(world.anna).in_vain == {"limit": 16}
    assert settings_of(world.vera).in_vain == {}, "who was not here has ignored nothing"


def test_a_kept_kind_is_not_asked_about_for_a_while_and_a_switched_off_one_comes_no_more(
    world: World,
) -> None:
    was_here(world.anna)
    ring(world.anna, "limit")
    ring(world.anna, "list")
    with clock.frozen(NOW):
        look_for_vain()
        keep_on("limit", actor=world.anna)
        switch_off("list", actor=world.anna)
        assert look_for_vain() == 1, "the lines of the kind switched off are still there"
        count = Notice.objects.count()
        notify(world.anna, kind="list", text="x", key="new")
        notify(world.anna, kind="limit", text="x", key="new limit")

    assert Notice.objects.count() == count + 1
    assert "limit" not in settings_of(world.anna).in_vain
