"""Settings «Card» and «Numbers»."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.layouts import save_layout
from voronka.desk.fields.models import CardLayout
from voronka.desk.models import Numbering
from voronka.journal.actions import undo
from voronka.journal.models import Event

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def office(world: World, as_member: Callable[[Any], Client]) -> Any:
    return as_member(world.admin)


def test_a_layout_is_arranged_saved_and_undone(world: World, office: Any, funnel: Any) -> None:
    create_field(actor=world.admin, subject="deal", label="Склад", kind="text")
    url = office.w("/settings/layout/deal/")
    page = office.get(url).content.decode()
    assert "Склад" in page
    data = {
        "item": ["comment", "group", "x_sklad", "group", "kind", "hidden", "source"],
        "title": ["Погрузка", ""],
        "fold": ["1", ""],
        "required": ["amount"],
    }
    assert office.post(url, data, **HTMX).status_code == 204
    layout = CardLayout.objects.get()
    assert layout.groups == [
        {"title": "", "collapsed": False, "fields": ["comment"]},
        {"title": "Погрузка", "collapsed": True, "fields": ["x_sklad", "kind"]},
    ]
    assert layout.required == ["amount"]
    with pytest.raises(Refused):
        create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    undo(Event.objects.latest("id"), actor=world.admin)
    assert not CardLayout.objects.exists()


def test_a_layout_of_a_role_is_forgotten_again(world: World, office: Any) -> None:
    role = world.anna.role
    url = office.w("/settings/layout/deal/")
    office.post(url, {"item": ["comment"], "role": role.pk, "required": ["amount"]}, **HTMX)
    layout = CardLayout.objects.get()
    assert (layout.role_id, layout.required) == (role.pk, [])
    office.post(url, {"role": role.pk, "forget": "1"}, **HTMX)
    assert not CardLayout.objects.exists()


def test_a_layout_names_only_what_is_there(world: World) -> None:
    with pytest.raises(Refused):
        save_layout("deal", actor=world.admin, groups=[{"title": "", "fields": ["x_none"]}])
    assert not CardLayout.objects.exists()


def test_numbers_are_shown_before_they_are_saved(world: World, office: Any) -> None:
    url = office.w("/settings/numbering/")
    part = office.get(url, {"prefix": "Д-", "width": "4"}, **HTMX).content.decode()
    assert "Д-0043" in part
    assert "<form" not in part
    assert office.post(url, {"prefix": "Д-", "width": "4", "yearly": "on"}, **HTMX).status_code == 422
    assert office.post(url, {"prefix": "Д-", "width": "4"}, **HTMX).status_code == 204
    assert Numbering.objects.get().prefix == "Д-"
