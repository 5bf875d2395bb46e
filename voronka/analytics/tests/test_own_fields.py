"""Reports narrowed by the company's own fields of deals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from voronka.analytics.filters import report_filter
from voronka.analytics.funnel.query import FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.deals.actions import create_deal
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import FieldOption


@pytest.fixture
def options(world: World, funnel: Any) -> list[int]:
    """Three deals: two of one warehouse (one of them urgent), one of the other."""
    field = create_field(
        actor=world.admin, subject="deal", label="Склад", kind="choice", options=["Юг", "Север"]
    )
    create_field(actor=world.admin, subject="deal", label="Срочно", kind="flag")
    south, north = FieldOption.objects.filter(field=field).values_list("pk", flat=True)
    for number, (option, urgent) in enumerate([(south, True), (south, None), (north, False)]):
        create_deal(
            actor=world.anna, title=f"Сделка {number}", funnel=funnel, x_sklad=option, x_srochno=urgent
        )
    return [south, north]


def opened(world: World, funnel: Any, **params: Any) -> int:
    query = FunnelQuery.from_params({"funnel": funnel.pk, "period": "this_year", **params}, world.director)
    # Asked again from its own address: nothing is lost on the way.
    again = FunnelQuery.from_params(
        {name: values[-1] for name, values in query.to_params().items()}, world.director
    )
    assert again.filter == query.filter
    return run(again, world.director).stages[0].reached.count


def test_a_funnel_is_narrowed_by_choices_and_flags(world: World, funnel: Any, options: list[int]) -> None:
    south, north = options
    assert opened(world, funnel) == 3
    assert opened(world, funnel, x_sklad=str(south)) == 2
    assert opened(world, funnel, x_sklad=str(north)) == 1
    assert opened(world, funnel, x_srochno="yes") == 1
    assert opened(world, funnel, x_sklad=str(south), x_srochno="no") == 0


def test_a_hidden_field_narrows_nothing(world: World, funnel: Any, options: list[int]) -> None:
    world.director.role.hidden_fields = {"deal": ["x_sklad"]}
    assert report_filter({"x_sklad": str(options[0])}, world.director).where == ""


def test_the_filter_offers_own_fields(
    world: World, funnel: Any, options: list[int], as_member: Callable[[Any], Any]
) -> None:
    director = as_member(world.director)
    page = director.get(director.w(f"/reports/funnel/filter/?x_sklad={options[0]}")).content.decode()
    assert "Склад" in page
    assert f'value="{options[0]}" selected' in page
