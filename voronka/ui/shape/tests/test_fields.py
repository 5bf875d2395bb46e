"""Settings «Fields»."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.clients.actions import create_company
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import CustomField, FieldOption
from voronka.desk.fields.options import add_options

Browser = Callable[[Any], Client]


@pytest.fixture
def office(world: World, as_member: Browser) -> Any:
    return as_member(world.admin)


def test_a_field_is_made_with_its_pasted_choices(world: World, office: Any) -> None:
    data = {
        "label": "Упаковка",
        "kind": "choice",
        "options": "Ящик\r\n\r\nПаллета\r\nящик",
        "group": "Логистика",
    }
    answer = office.post(office.w("/settings/fields/deal/new/"), data)
    assert answer.status_code == 302
    field = CustomField.objects.get()
    assert (field.label, field.group) == ("Упаковка", "Логистика")
    assert list(field.options.values_list("name", flat=True)) == ["Ящик", "Паллета"]

    page = office.get(office.w("/settings/fields/deal/")).content.decode()
    assert "Упаковка" in page
    part = office.get(office.w("/settings/fields/deal/"), headers={"HX-Request": "true"}).content.decode()
    assert "Упаковка" in part
    assert "<html" not in part


def test_what_a_verb_refuses_is_shown_in_the_form(world: World, office: Any) -> None:
    create_field(actor=world.admin, subject="deal", label="Упаковка", kind="text")
    answer = office.post(office.w("/settings/fields/deal/new/"), {"label": "упаковка", "kind": "text"})
    assert answer.status_code == 422
    assert CustomField.objects.count() == 1


def test_a_kind_that_does_not_fit_is_explained_and_forced_only_on_demand(world: World, office: Any) -> None:
    field = create_field(actor=world.admin, subject="company", label="Склад", kind="text")
    company = create_company(actor=world.admin, name="А", x_sklad="юг")
    url = office.w(f"/settings/field/{field.pk}/kind/")
    answer = office.post(url, {"kind": "number"})
    assert answer.status_code == 422
    assert "юг" in answer.content.decode()
    office.post(url, {"kind": "number", "drop": "on"})
    company.refresh_from_db()
    field.refresh_from_db()
    assert (field.kind, company.custom) == ("number", {})


def test_ten_thousand_choices_are_paged_and_searched(
    world: World, office: Any, django_assert_max_num_queries: Any
) -> None:
    field = create_field(actor=world.admin, subject="deal", label="Город", kind="choice")
    add_options(field, (f"Город {n}" for n in range(10_000)), actor=world.admin)
    with django_assert_max_num_queries(16):
        page = office.get(office.w(f"/settings/field/{field.pk}/options/")).content.decode()
    assert page.count("data-row") == 100
    found = office.get(office.w(f"/choices/{field.pk}/"), {"q": "город 777"}).json()["items"]
    assert [item["text"] for item in found][:1] == ["Город 777"]
    assert len(office.get(office.w(f"/choices/{field.pk}/")).json()["items"]) == 50


def test_choices_of_a_hidden_field_are_not_told(world: World, as_member: Browser) -> None:
    field = create_field(actor=world.admin, subject="deal", label="Город", kind="choice", options=["Омск"])
    role = world.anna.role
    role.hidden_fields = {"deal": ["x_gorod"]}
    role.save()
    anna: Any = as_member(world.anna)
    assert anna.get(anna.w(f"/choices/{field.pk}/")).status_code == 404


def test_choices_are_merged_through_the_dialog(world: World, office: Any) -> None:
    field = create_field(
        actor=world.admin, subject="company", label="Склад", kind="choice", options=["Юг", "Юга"]
    )
    one, other = FieldOption.objects.filter(field=field)
    company = create_company(actor=world.admin, name="А", x_sklad=other.pk)
    assert office.get(office.w(f"/settings/option/{other.pk}/merge/")).status_code == 200
    office.post(office.w(f"/settings/option/{other.pk}/merge/"), {"into": one.pk})
    company.refresh_from_db()
    assert company.custom == {"sklad": one.pk}
