"""Roles as data: what a member may do, and which fields are kept from them."""

from __future__ import annotations

import pytest

from tests.world import World
from voronka.core.errors import Forbidden
from voronka.workspaces import rights
from voronka.workspaces.models import Member


def test_a_hidden_field_is_neither_seen_nor_edited_and_a_read_only_one_only_seen(world: World) -> None:
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"], "client": ["phones"]}
    role.readonly_fields = {"deal": ["expected_close", "owner"]}
    role.save()
    anna = Member.objects.get(pk=world.anna.pk)
    assert anna.hidden_fields("deal") == {"amount"}
    assert anna.hidden_fields("company") == anna.hidden_fields("person") == {"phones"}
    assert not anna.sees("deal", "amount")
    assert anna.sees("deal", "expected_close")
    anna.require_fields("deal", ["title"])
    for name in ("amount", "expected_close", "owner_id"):
        with pytest.raises(Forbidden):
            anna.require_fields("deal", [name])
    world.head.require_fields("deal", ["amount", "expected_close", "owner_id"])


def test_a_field_is_registered_once_under_its_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "_hideable", {})
    monkeypatch.setattr(rights, "_providers", [])
    rights.register_hideable("company", ("phones", "Phones"))
    rights.register_hideable("person", ("phones", "Telephones"), ("emails", "E-mails"))
    rights.provide_hideable(lambda: [rights.Hideable("person", "x_passport", "Passport")])
    assert [(known.subject, known.name, known.label) for known in rights.hideable()] == [
        ("client", "phones", "Phones"),
        ("client", "emails", "E-mails"),
        ("client", "x_passport", "Passport"),
    ]
