"""Deals follow what is decided elsewhere: merged and reordered stages, a colleague's new team."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.core import clock
from voronka.deals import actions
from voronka.deals.jobs import recount_funnel
from voronka.deals.models import Deal, DealState
from voronka.deals.tests.checks import assert_summaries_hold
from voronka.desk.search import search
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions.stages import archive_stage, merge_stage, reorder_stages
from voronka.playbook.models import Stage
from voronka.workspaces.actions.members import edit_member

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def stages(funnel: Any) -> list[Stage]:
    return list(funnel.stages.all())


@pytest.fixture
def deals(world: World, funnel: Any, stages: list[Stage]) -> list[Deal]:
    """Three deals: on the second stage, on the third after the second, lost on the second."""
    company = make_company(world.anna)
    made = []
    for number in range(3):
        with clock.frozen(START):
            deal = actions.create_deal(
                actor=world.anna,
                title=f"Сделка {number}",
                funnel=funnel,
                company=company,
                amount=Decimal(100),
            )
        with clock.frozen(START + dt.timedelta(days=1)):
            actions.move_deal(deal, actor=world.anna, stage=stages[1])
        made.append(deal)
    with clock.frozen(START + dt.timedelta(days=2)):
        actions.move_deal(made[1], actor=world.anna, stage=stages[2])
        actions.lose_deal(made[2], actor=world.anna, reason=_reason())
    return made


def _reason() -> Any:
    from voronka.playbook.models import Reason

    return Reason.objects.filter(kind="lost").first()


def fresh(deals: list[Deal]) -> list[Deal]:
    return [Deal.objects.get(pk=deal.pk) for deal in deals]


def test_open_deals_of_a_merged_stage_stand_in_the_other_and_visits_join(
    world: World, funnel: Any, stages: list[Stage], deals: list[Deal]
) -> None:
    merge_stage(stages[1], stages[2], actor=world.admin)
    recount_funnel.func(workspace_id=world.workspace.pk, funnel_id=funnel.pk)
    first, second, lost = fresh(deals)
    assert (first.stage, second.stage, lost.stage) == (stages[2], stages[2], stages[1])
    # The run in the merged stage and the run in its successor are one visit now.
    assert second.visits.filter(stage=stages[2]).get().entered == START + dt.timedelta(days=1)
    assert lost.deepest_stage == stages[2]
    for deal in deals:
        assert_summaries_hold(deal)
    assert recount_funnel.func(workspace_id=world.workspace.pk, funnel_id=funnel.pk) == 0
    funnel.refresh_from_db()
    assert funnel.recounted_at is not None


def test_undoing_a_merge_lets_the_deals_stand_where_they_stood(
    world: World, funnel: Any, stages: list[Stage], deals: list[Deal]
) -> None:
    merge_stage(stages[1], stages[2], actor=world.admin)
    undo(Event.objects.get(type="stage.merged"), actor=world.admin)
    recount_funnel.func(workspace_id=world.workspace.pk, funnel_id=funnel.pk)
    assert [deal.stage for deal in fresh(deals)] == [stages[1], stages[2], stages[1]]
    for deal in deals:
        assert_summaries_hold(deal)


def test_a_merge_is_not_undone_once_a_deal_went_on(
    world: World, stages: list[Stage], deals: list[Deal]
) -> None:
    from voronka.core.errors import Refused

    merge_stage(stages[1], stages[2], actor=world.admin)
    actions.move_deal(deals[0], actor=world.anna, stage=stages[3])
    before = DealState.objects.count()
    with pytest.raises(Refused):
        undo(Event.objects.get(type="stage.merged"), actor=world.admin)
    assert DealState.objects.count() == before
    assert Stage.objects.get(pk=stages[1].pk).merged_into == stages[2]


def test_an_archived_stage_gives_its_open_deals_to_the_target(
    world: World, stages: list[Stage], deals: list[Deal]
) -> None:
    archive_stage(stages[1], actor=world.admin, target=stages[0])
    first, second, _lost = fresh(deals)
    assert (first.stage, second.stage) == (stages[0], stages[2])
    assert first.deepest_stage == stages[1]
    assert_summaries_hold(first)


def test_a_reorder_counts_depths_anew(
    world: World, funnel: Any, stages: list[Stage], deals: list[Deal]
) -> None:
    ids = [stages[2].pk, stages[0].pk, stages[1].pk, stages[3].pk, stages[4].pk]
    reorder_stages(funnel, ids, actor=world.admin)
    assert recount_funnel.func(workspace_id=world.workspace.pk, funnel_id=funnel.pk) == 3
    assert [deal.deepest_order for deal in fresh(deals)] == [3, 3, 3]
    for deal in deals:
        assert_summaries_hold(deal)


def test_open_deals_follow_their_owner_to_another_team(world: World, deals: list[Deal]) -> None:
    edit_member(world.anna, actor=world.admin, changes={"team": world.teams["south"].pk})
    first, _second, lost = fresh(deals)
    assert (first.team, lost.team, lost.closed_team) == (
        world.teams["south"],
        world.teams["north"],
        world.teams["north"],
    )
    assert_summaries_hold(first)


def test_a_deal_is_found_by_its_number_and_by_part_of_its_name(world: World, deals: list[Deal]) -> None:
    assert [hit.object_id for hit in search(world.anna, str(deals[0].number)).hits] == [deals[0].pk]
    assert {hit.object_id for hit in search(world.anna, "сделка", kinds=["deal"]).hits} == {
        d.pk for d in deals
    }
    assert not search(world.vera, "сделка", kinds=["deal"]).hits


def test_whoever_gets_a_deal_finds_its_client(world: World, deals: list[Deal]) -> None:
    assert not search(world.vera, "логист").hits
    actions.assign_deal(deals[0], actor=world.head, owner=world.vera)
    assert {hit.kind for hit in search(world.vera, "логист").hits} == {"deal", "company"}


def test_the_companys_currency_stays_once_there_are_deals(world: World, deals: list[Deal]) -> None:
    from voronka.core.errors import Refused
    from voronka.workspaces.actions.accounts import edit_workspace

    with pytest.raises(Refused):
        edit_workspace(actor=world.admin, changes={"currency": "USD"})
    world.workspace.refresh_from_db()
    assert world.workspace.currency == "RUB"
    edit_workspace(actor=world.admin, changes={"name": "ООО «Новое имя»"})
