"""The past of a field: every value with its day and author, and the way back through the verb."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.world import World, make_company, make_person
from voronka.clients.actions import edit_company, edit_person
from voronka.clients.models import Segment
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, edit_deal
from voronka.deals.models import Deal
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.past import past_of
from voronka.workspaces.actions import edit_role

SignIn = Callable[[Any], Client]


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    made = create_deal(actor=world.anna, title="Первое", funnel=funnel, amount=Decimal(100))
    edit_deal(made, actor=world.anna, changes={"title": "Второе", "amount": Decimal(250)})
    edit_deal(made, actor=world.head, changes={"amount": Decimal("300.50")})
    edit_deal(made, actor=world.anna, changes={"expected_close": dt.date(2031, 5, 1)})
    return Deal.objects.get(pk=made.pk)


def test_values_stand_newest_first_with_their_authors(world: World, deal: Deal) -> None:
    found = past_of("deal", deal.pk, "amount")
    assert [Decimal(value.value) for value in found] == [Decimal("300.50"), 250, 100]
    assert [value.who for value in found] == [world.head.name, world.anna.name, ""]
    assert found[-1].event is None
    assert past_of("deal", deal.pk, "comment") == []
    assert [value.value for value in past_of("deal", deal.pk, "title")] == ["Второе", "Первое"]


def test_what_was_undone_was_never_there(world: World, deal: Deal) -> None:
    undo(Event.objects.filter(type="deal.edited").order_by("id")[1], actor=world.admin)
    assert [Decimal(value.value) for value in past_of("deal", deal.pk, "amount")] == [250, 100]


def test_a_value_comes_back_through_the_verb_and_can_be_undone(
    world: World, deal: Deal, as_member: SignIn
) -> None:
    anna = as_member(world.anna)
    url = anna.w(f"/past/deal/{deal.pk}/amount/")
    page = anna.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "300,5" in page
    assert page.count(f"{url}back/") == 4  # two values, each with action and hx-post
    assert anna.post(f"{url}back/", {"event": ""}).status_code == 302
    deal.refresh_from_db()
    assert deal.amount == 100
    assert len(past_of("deal", deal.pk, "amount")) == 4
    undo(Event.objects.filter(type="deal.edited").latest("id"), actor=world.anna)
    deal.refresh_from_db()
    assert deal.amount == Decimal("300.50")
    assert anna.post(f"{url}back/", {"event": "999"}).status_code == 409


def test_every_kind_of_value_comes_back(world: World, funnel: Any, as_member: SignIn) -> None:
    company = make_company(world.anna)
    person = make_person(company)
    retail = Segment.objects.get()
    other = Segment.objects.create(name="Опт", name_key="опт")
    first = {"segment": retail, "region": "77", "is_key": True, "site": "a.ru"}
    second = {"segment": other, "region": "78", "is_key": False, "site": "b.ru"}
    for changes in (first, second):
        edit_company(company, actor=world.anna, changes=changes)
    edit_person(person, actor=world.anna, changes={"birthday": dt.date(1980, 2, 3)})
    edit_person(person, actor=world.anna, changes={"birthday": None})
    anna = as_member(world.anna)
    for kind, row, field in [("company", company, name) for name in first] + [("person", person, "birthday")]:
        values = past_of(kind, row.pk, field)
        assert all(value.text for value in values), field
        answer = anna.post(anna.w(f"/past/{kind}/{row.pk}/{field}/back/"), {"event": values[1].event or ""})
        assert answer.status_code == 302, field
    company.refresh_from_db()
    person.refresh_from_db()
    assert (company.segment, company.region, company.is_key) == (retail, "77", True)
    assert person.birthday == dt.date(1980, 2, 3)


def test_it_is_kept_within_reach_and_rights(
    world: World, deal: Deal, as_member: SignIn, stranger: World
) -> None:
    path = f"/past/deal/{deal.pk}/amount/"
    assert as_member(world.vera).get(f"/w/{world.slug}{path}").status_code == 403
    with scope(None):
        there = as_member(stranger.admin)
    assert there.get(f"/w/{stranger.slug}{path}").status_code == 404
    anna = as_member(world.anna)
    for wrong in ("nonsense", "x_nothing", "states"):
        assert anna.get(anna.w(f"/past/deal/{deal.pk}/{wrong}/")).status_code == 404
    marketer = as_member(world.marketer)
    assert "<form" not in marketer.get(marketer.w(path), HTTP_HX_REQUEST="true").content.decode()
    assert marketer.post(marketer.w(f"{path}back/"), {"event": ""}).status_code == 403
    edit_role(world.roles["seller"], actor=world.admin, changes={"readonly_fields": {"deal": ["amount"]}})
    assert "<form" not in anna.get(anna.w(path), HTTP_HX_REQUEST="true").content.decode()
    edit_role(world.roles["seller"], actor=world.admin, changes={"hidden_fields": {"deal": ["amount"]}})
    assert anna.get(anna.w(path)).status_code == 403
