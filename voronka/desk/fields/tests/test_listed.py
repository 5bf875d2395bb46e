"""Own fields as columns, filters and sort keys of lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.clients.actions import create_company
from voronka.clients.models import Company
from voronka.desk.fields.actions import archive_field, create_field
from voronka.desk.fields.models import CustomField, FieldOption
from voronka.desk.lists.conditions import apply, parse
from voronka.desk.lists.paging import keys_of, page
from voronka.desk.lists.registry import get_listing


@pytest.fixture
def shaped(world: World) -> dict[str, Any]:
    """Five fields, and three companies with values in them."""
    fields = {
        kind: create_field(
            actor=world.admin, subject="company", label=kind, kind=kind, options=["Опт", "Розница"]
        )
        for kind in ("number", "date", "choice", "choices", "flag", "text", "member")
    }
    opt, retail = FieldOption.objects.filter(field=fields["choice"])
    many = list(FieldOption.objects.filter(field=fields["choices"]))
    create_company(
        actor=world.anna,
        name="А",
        x_number="9",
        x_date="2026-01-05",
        x_choice=retail.pk,
        x_flag=True,
        x_text="Юг",
    )
    create_company(
        actor=world.anna,
        name="Б",
        x_number="100.5",
        x_date="2026-03-01",
        x_choice=opt.pk,
        x_choices=[one.pk for one in many],
        x_flag=False,
        x_member=world.anna.pk,
    )
    create_company(actor=world.anna, name="В")
    return {"opt": opt.pk, "retail": retail.pk, "many": many[0].pk}


def found(world: World, *condition: Any) -> list[str]:
    fields = get_listing("company").fields_for(world.anna)
    parsed = parse([list(condition)], fields)
    assert not parsed.dropped
    rows = apply(Company.objects.all(), parsed.where, fields, world.anna)
    return list(rows.order_by("name").values_list("name", flat=True))


def test_each_kind_is_a_filter(world: World, shaped: dict[str, Any]) -> None:
    assert found(world, "x_number", "ge", "10") == ["Б"]
    assert found(world, "x_number", "empty") == ["В"]
    assert found(world, "x_date", "before", "2026-02-01") == ["А"]
    assert found(world, "x_choice", "in", shaped["opt"]) == ["Б"]
    assert found(world, "x_choice", "out", shaped["opt"]) == ["А", "В"]
    assert found(world, "x_choice", "in", "-", shaped["retail"]) == ["А", "В"]
    assert found(world, "x_choices", "any", shaped["many"]) == ["Б"]
    assert found(world, "x_choices", "none", shaped["many"]) == ["А", "В"]
    assert found(world, "x_flag", "no") == ["Б"]
    assert found(world, "x_text", "contains", "юг") == ["А"]
    assert found(world, "x_member", "in", "me") == ["Б"]


def test_numbers_sort_as_numbers_and_choices_by_name_with_the_empty_last(
    world: World, shaped: dict[str, Any]
) -> None:
    fields = get_listing("company").fields_for(world.anna)

    def sorted_by(text: str) -> list[str]:
        names: list[str] = []
        after = ""
        while True:
            rows, after = page(Company.objects.all(), keys_of(text, fields), after, size=1)
            names += [row.name for row in rows]
            if not after:
                return names

    assert sorted_by("x_number") == ["А", "Б", "В"]
    assert sorted_by("-x_number") == ["Б", "А", "В"]
    assert sorted_by("x_choice") == ["Б", "А", "В"]
    assert sorted_by("-x_date") == ["Б", "А", "В"]


def test_words_of_a_page_cost_the_same_for_few_and_many_rows(
    world: World, shaped: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    listing = get_listing("company")
    fields = listing.fields_for(world.anna)
    asked = set()
    for _n in range(2):
        rows = list(Company.objects.order_by("name"))
        with django_assert_max_num_queries(4) as queries:
            listing.completed(rows, world.anna)
        asked.add(len(queries))
        assert [fields["x_choice"].value_of(row) for row in rows][:3] == ["Розница", "Опт", None]
        for n in range(5):
            create_company(actor=world.anna, name=f"Я{n}", x_choice=shaped["opt"])
    assert len(asked) == 1


def test_a_hidden_or_archived_field_is_no_column(world: World, shaped: dict[str, Any]) -> None:
    world.anna.role.hidden_fields = {"client": ["x_number"]}
    archive_field(CustomField.objects.get(key="text"), actor=world.admin)
    fields = get_listing("company").fields_for(world.anna)
    assert "x_number" not in fields
    assert "x_text" not in fields
    assert "x_date" in fields
