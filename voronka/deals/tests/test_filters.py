"""The filter of deals: read, written, applied, told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World, make_company
from voronka.clients.models import Segment, Source
from voronka.core import clock
from voronka.deals import actions
from voronka.deals.filters import FIELDS, DealFilter
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel, Reason
from voronka.workspaces.models import Team

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@given(st.dictionaries(st.sampled_from(list(FIELDS)), st.lists(st.text(max_size=12), max_size=3)))
def test_any_address_reads_and_its_normal_form_reads_the_same(params: dict[str, list[str]]) -> None:
    query = DealFilter.from_params(params)
    again = DealFilter.from_params(QueryDict(query.to_query()))
    assert again == query
    assert again.digest == query.digest


def test_equal_questions_have_one_address(world: World) -> None:
    one = DealFilter.from_params(QueryDict("source=7&owner=9,3&owner=me&nothing=1&no_amount=on"), world.anna)
    other = DealFilter.from_params(QueryDict(f"no_amount=1&owner={world.anna.pk}&owner=3&owner=9&source=7"))
    assert one == other
    assert one.to_query() == other.to_query()


@pytest.mark.parametrize(
    "text",
    [
        "owner=abc&stage=-1&opened_from=2026-02-30&amount_from=NaN&outcome=burnt",
        "opened_from=0001-01-01&closed_to=9999-12-31",
        "amount_to=1e99&owner=99999999999999999999999",
        "funnel=0&priority=8&kind=%00",
    ],
)
def test_what_makes_no_sense_is_dropped(text: str) -> None:
    assert not DealFilter.from_params(QueryDict(text)).to_params()


@pytest.fixture
def deals(world: World, funnel: Funnel) -> dict[str, Deal]:
    retail = Segment.objects.get()
    site = Source.objects.get(name="Сайт")
    with clock.frozen(START):
        big = actions.create_deal(
            actor=world.anna,
            title="Стеллажи для склада",
            funnel=funnel,
            amount=Decimal(900),
            company=make_company(world.anna, "ООО «Щётка»", segment=retail, region="77", industry="G"),
            source=site,
        )
    with clock.frozen(START + dt.timedelta(days=3)):
        small = actions.create_deal(
            actor=world.vera,
            title="Рампы",
            funnel=funnel,
            amount=Decimal(50),
            company=make_company(world.vera),
        )
        lost = actions.create_deal(actor=world.boris, title="Весы", funnel=funnel)
        actions.lose_deal(lost, actor=world.boris, reason=Reason.objects.get(name="Дорого"))
        gone = actions.create_deal(actor=world.boris, title="Ошибка", funnel=funnel)
        actions.delete_deal(gone, actor=world.admin)
    return {"big": big, "small": small, "lost": lost}


def found(deals: dict[str, Deal], **fields: Any) -> set[str]:
    ids = set(DealFilter(**fields).apply(Deal.objects.all()).values_list("pk", flat=True))
    assert ids <= {deal.pk for deal in deals.values()}, "a deleted deal came through"
    return {name for name, deal in deals.items() if deal.pk in ids}


def test_each_condition_narrows_and_the_deleted_stay_away(
    world: World, funnel: Funnel, deals: dict[str, Deal]
) -> None:
    source, segment = Source.objects.get(name="Сайт").pk, Segment.objects.get().pk
    assert found(deals) == {"big", "small", "lost"}
    assert found(deals, funnel=funnel.pk, outcome=("open",)) == {"big", "small"}
    assert found(deals, owner=(world.anna.pk, world.vera.pk)) == {"big", "small"}
    assert found(deals, team=(world.teams["north"].pk,)) == {"big", "lost"}
    assert found(deals, team=(Team.objects.get(parent=None).pk,)) == {"big", "small", "lost"}
    assert found(deals, source=(source,)) == {"big"}
    assert found(deals, source=(0,)) == {"small", "lost"}
    assert found(deals, segment=(segment,), region=("77",), industry=("G",)) == {"big"}
    assert found(deals, region=("-",)) == {"small", "lost"}
    assert found(deals, reason=(Reason.objects.get(name="Дорого").pk,)) == {"lost"}
    assert found(deals, closed_owner=(world.boris.pk,)) == {"lost"}
    assert found(deals, amount_from=Decimal(50), amount_to=Decimal(100)) == {"small"}
    assert found(deals, no_amount=True) == {"lost"}
    assert found(deals, no_next_step=True) == {"big", "small"}


def test_days_are_whole_and_both_ends_are_in(deals: dict[str, Deal]) -> None:
    assert found(deals, opened_from=dt.date(2026, 3, 2), opened_to=dt.date(2026, 3, 2)) == {"big"}
    assert found(deals, opened_from=dt.date(2026, 3, 3)) == {"small", "lost"}
    assert found(deals, closed_from=dt.date(2026, 3, 5), closed_to=dt.date(2026, 3, 5)) == {"lost"}


def test_words_find_by_name_client_and_number(deals: dict[str, Deal]) -> None:
    assert found(deals, q="стеллаж") == {"big"}
    assert found(deals, q="щетка") == {"big"}
    assert found(deals, q=f"№ {deals['small'].number}") >= {"small"}
    assert found(deals, q="нет такого") == set()


def test_each_chip_tells_its_condition_and_takes_only_it_away(world: World, deals: dict[str, Deal]) -> None:
    query = DealFilter(
        owner=(world.anna.pk,),
        region=("77", "-"),
        opened_from=dt.date(2026, 3, 1),
        opened_to=dt.date(2026, 3, 31),
    )
    chips = {chip.field: chip for chip in query.chips()}
    assert set(chips) == {"owner", "region", "opened_from"}
    assert chips["owner"].text == "Анна Седова"
    assert "Москва" in chips["region"].text
    # Both ends of a range are one chip.
    assert "opened" not in chips["opened_from"].without
    assert DealFilter.from_params(QueryDict(chips["owner"].without)) == query.without("owner")


def test_a_foreign_id_finds_nothing_and_names_nobody(
    world: World, stranger: World, deals: dict[str, Deal]
) -> None:
    query = DealFilter(owner=(stranger.anna.pk,))
    assert found(deals, owner=(stranger.anna.pk,)) == set()
    assert "Седова" not in query.chips()[0].text
