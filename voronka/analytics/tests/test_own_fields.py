"""Reports narrowed by the company's own fields of deals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from voronka.analytics.filters import report_filter
from voronka.analytics.funnel.query import FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.clients.models import Source
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
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


def test_conditions_are_joined_as_in_lists(world: World, funnel: Any, options: list[int]) -> None:
    south, north = map(str, options)
    source = Source.objects.order_by("pk")[0]
    Deal.objects.filter(title="Сделка 2").update(source=source)
    either = ["or", ["x_srochno", "yes"], ["source", "in", f"{source.pk}"]]
    assert opened(world, funnel, where=json.dumps(either)) == 2
    assert opened(world, funnel, where=json.dumps([either, ["x_sklad", "in", south]])) == 1
    assert opened(world, funnel, where=json.dumps([["x_sklad", "out", south]])) == 1
    assert opened(world, funnel, where=json.dumps([["title", "contains", "сделка 1"]])) == 1
    # A list of choices beside the tree asks too.
    assert opened(world, funnel, where=json.dumps(either), x_sklad=north) == 1
    # What changes with time is read from the history: a report is not narrowed by how it stands today.
    for late in (["stage", "in", "1"], ["amount", "ge", "1"], ["owner", "in", "me"]):
        assert report_filter({"where": json.dumps([late])}, world.director).where == ""


def test_the_list_behind_a_number_holds_to_the_conditions(
    world: World, funnel: Any, options: list[int], as_member: Callable[[Any], Any]
) -> None:
    director = as_member(world.director)
    where = json.dumps(["or", ["x_srochno", "yes"], ["title", "is", "Сделка 2"]])
    asked = {"funnel": funnel.pk, "period": "this_year", "where": where}
    listing = director.get(director.w("/reports/funnel/deals/"), {**asked, "cell": "all"}).context["listing"]
    assert {line.title for line in listing.lines} == {"Сделка 0", "Сделка 2"}
    page = director.get(director.w("/reports/funnel/"), asked)
    assert "Срочно или Сделка: = «Сделка 2»" in page.content.decode()


def test_the_builder_keeps_the_question_and_asks_only_what_holds_always(
    world: World, funnel: Any, options: list[int], as_member: Callable[[Any], Any]
) -> None:
    director, htmx = as_member(world.director), {"HTTP_HX_REQUEST": "true"}
    where = json.dumps(["or", ["x_srochno", "yes"], ["title", "is", "Сделка 2"]])
    asked = {"funnel": funnel.pk, "form": "movement", "where": where, "x_sklad": options[0]}
    quick = director.get(director.w("/reports/funnel/filter/"), asked, **htmx)
    # The lists tell the choice; the rest of the tree goes through the dialog untouched.
    kept = dict(quick.context["kept"])
    assert json.loads(kept["where"])[0] == "or"
    dialog = director.get(quick.context["conditions_url"], **htmx)
    text = dialog.content.decode()
    assert f'hx-get="{director.w("/reports/funnel/")}"' in text
    assert '<input type="hidden" name="form" value="movement">' in text
    offered = {field.name for _group, fields in dialog.context["fields"] for field in fields}
    assert {"title", "source", "x_sklad"} <= offered
    assert offered.isdisjoint({"stage", "outcome", "amount", "owner", "expected_close"})
    row = director.get(f"{dialog.context['row_url']}&field=x_sklad&op=in", **htmx)
    assert '<option value="x_sklad" selected>' in row.content.decode()
    assert '<option value="amount"' not in row.content.decode()
    assert director.get(f"{dialog.context['row_url']}&field=amount&op=ge", **htmx).status_code == 404
    assert (
        director.get(director.w("/reports/conditions/?to=https://evil.example/"), **htmx).status_code == 404
    )
