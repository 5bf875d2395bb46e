"""Merging entries moves all that refers to them, and undo moves it back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.activities.actions import plan_activity
from voronka.catalog.models import ProductGroup
from voronka.clients.actions import create_company
from voronka.clients.dictionaries import create_source
from voronka.clients.models import Company
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.dictionaries import create_entry, ensure_entry, merge_entry
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind


def merged(code: str) -> Event:
    return Event.objects.filter(type="entry.merged").order_by("-id")[0]


def test_a_merged_source_gives_its_clients_and_deals_away_and_takes_them_back(
    world: World, funnel: Any
) -> None:
    one, other = (create_source(actor=world.head, name=name) for name in ("Ярмарка 24", "Ярмарка"))
    company = create_company(actor=world.anna, name="А", source=one)
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, source=one)
    elsewhere = create_company(actor=world.anna, name="Б", source=one)

    merge_entry(one, other, actor=world.head)

    assert set(Company.objects.filter(source=other).values_list("name", flat=True)) == {"А", "Б"}
    assert Deal.objects.get(pk=deal.pk).source_id == other.pk
    one.refresh_from_db()
    assert (one.merged_into_id, one.archived_at is not None) == (other.pk, True)
    assert ensure_entry("source", actor=world.head, name="ярмарка 24").pk == other.pk

    # Changed since by hand: that stays as it was changed.
    Company.objects.filter(pk=elsewhere.pk).update(source=None)
    undo(merged("source"), actor=world.head)
    company.refresh_from_db()
    elsewhere.refresh_from_db()
    one.refresh_from_db()
    assert (company.source_id, elsewhere.source_id, one.archived_at) == (one.pk, None, None)


def test_two_merges_crosswise_leave_one_entry(world: World) -> None:
    one, other = (create_source(actor=world.head, name=name) for name in ("А", "Б"))
    merge_entry(one, other, actor=world.head)
    with pytest.raises(Refused):
        merge_entry(other, one, actor=world.head)


def test_kinds_of_activities_merge_only_within_one_nature(world: World, funnel: Any) -> None:
    call = ActivityKind.objects.filter(channel="call").first()
    meeting = ActivityKind.objects.filter(channel="meeting").first()
    assert call is not None
    assert meeting is not None
    with pytest.raises(Refused):
        merge_entry(call, meeting, actor=world.head)
    again = create_entry(
        "activity_kind", actor=world.head, name="Обзвон", channel="call", icon="phone", minutes=5
    )
    activity = plan_activity(actor=world.anna, kind=again, due_at=clock.now())
    merge_entry(again, call, actor=world.head)
    activity.refresh_from_db()
    assert activity.kind_id == call.pk


def test_a_group_is_not_merged_into_one_below_it(world: World, funnel: Any) -> None:
    above = create_entry("product_group", actor=world.head, name="Техника")
    below = create_entry("product_group", actor=world.head, name="Краны", parent=above)
    with pytest.raises(Refused):
        merge_entry(above, below, actor=world.head)
    other = create_entry("product_group", actor=world.head, name="Машины")
    merge_entry(above, other, actor=world.head)
    assert ProductGroup.objects.get(pk=below.pk).parent_id == other.pk
