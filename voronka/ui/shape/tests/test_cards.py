"""Own fields on cards and in forms of creation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.clients.actions import create_company
from voronka.clients.models import Company
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import CardLayout, CustomField

Browser = Callable[[Any], Client]


def make(world: World, subject: str, label: str, kind: str, **more: Any) -> CustomField:
    return create_field(actor=world.admin, subject=subject, label=label, kind=kind, **more)


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    return create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)


def test_a_card_shows_own_fields_in_their_groups_and_changes_them_in_place(
    world: World, as_member: Browser, deal: Deal
) -> None:
    field = make(world, "deal", "Упаковка", "choices", options=["Ящик", "Паллета"], group="Логистика")
    box, pallet = field.options.all()
    anna: Any = as_member(world.anna)
    page = anna.get(anna.w(f"/deals/{deal.number}/")).content.decode()
    assert "Логистика" in page
    assert "Упаковка" in page

    url = anna.w(f"/own/deal/{deal.pk}/")
    data = {"field": "x_upakovka", "value": [box.pk, pallet.pk], "was": ""}
    part = anna.post(url, data, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Ящик, Паллета" in part.content.decode()
    deal.refresh_from_db()
    assert deal.custom == {"upakovka": sorted([box.pk, pallet.pk])}


def test_what_does_not_fit_is_refused_beside_the_value(world: World, as_member: Browser, deal: Deal) -> None:
    make(world, "deal", "Отсрочка", "number")
    anna: Any = as_member(world.anna)
    answer = anna.post(
        anna.w(f"/own/deal/{deal.pk}/"),
        {"field": "x_otsrochka", "value": "много"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 409
    deal.refresh_from_db()
    assert deal.custom == {}


def test_a_hidden_field_is_not_on_the_card_and_cannot_be_sent(
    world: World, as_member: Browser, deal: Deal
) -> None:
    make(world, "deal", "Себестоимость", "money")
    make(world, "deal", "Склад", "text")
    role = world.anna.role
    role.hidden_fields = {"deal": ["x_sebestoimost"]}
    role.readonly_fields = {"deal": ["x_sklad"]}
    role.save()
    anna: Any = as_member(world.anna)
    page = anna.get(anna.w(f"/deals/{deal.number}/")).content.decode()
    assert "Себестоимость" not in page
    assert "Склад" in page
    for name in ("x_sebestoimost", "x_sklad"):
        answer = anna.post(anna.w(f"/own/deal/{deal.pk}/"), {"field": name, "value": "5"})
        assert answer.status_code == 403
    deal.refresh_from_db()
    assert deal.custom == {}


def test_anothers_deal_is_out_of_reach(world: World, as_member: Browser, deal: Deal, stranger: World) -> None:
    make(world, "deal", "Склад", "text")
    vera: Any = as_member(world.vera)
    assert vera.post(vera.w(f"/own/deal/{deal.pk}/"), {"field": "x_sklad", "value": "5"}).status_code == 403
    other: Any = as_member(stranger.admin)
    assert other.post(other.w(f"/own/deal/{deal.pk}/"), {"field": "x_sklad", "value": "5"}).status_code == 404


def test_a_layout_orders_folds_and_leaves_out(world: World, as_member: Browser, deal: Deal) -> None:
    make(world, "deal", "Склад", "text")
    make(world, "deal", "Рампа", "text")
    CardLayout.objects.create(
        subject="deal",
        role=world.anna.role,
        groups=[
            {"title": "", "fields": ["comment"]},
            {"title": "Погрузка", "collapsed": True, "fields": ["x_rampa"]},
        ],
    )
    anna: Any = as_member(world.anna)
    page = anna.get(anna.w(f"/deals/{deal.number}/")).content.decode()
    assert "Погрузка" in page
    assert "<details" in page
    assert "Склад" not in page
    head: Any = as_member(world.head)
    assert "Склад" in head.get(head.w(f"/deals/{deal.number}/")).content.decode()


def test_forms_of_creation_ask_for_what_is_required(world: World, as_member: Browser, funnel: Any) -> None:
    make(world, "deal", "Склад", "text", required_at_creation=True)
    make(world, "company", "Город", "choice", options=["Омск"], required_at_creation=True)
    anna: Any = as_member(world.anna)
    assert "x_sklad" in anna.get(anna.w("/deals/new/")).content.decode()
    data = {"title": "Стеллажи", "funnel": funnel.pk, "company": "new:ООО «Заря»"}
    answer = anna.post(anna.w("/deals/new/"), data)
    assert answer.status_code == 422
    assert not Company.objects.filter(name__contains="Заря").exists()
    answer = anna.post(anna.w("/deals/new/"), {**data, "x_sklad": "юг"})
    assert answer.status_code == 302
    assert Deal.objects.get().custom == {"sklad": "юг"}

    option = CustomField.objects.get(key="gorod").options.get()
    assert anna.post(anna.w("/clients/new/"), {"name": "Восход"}).status_code == 422
    anna.post(anna.w("/clients/new/"), {"name": "Восход", "x_gorod": option.pk})
    assert Company.objects.get(name="Восход").custom == {"gorod": option.pk}


def test_five_fields_cost_a_card_no_more_queries_than_one(world: World, as_member: Browser) -> None:
    company = create_company(actor=world.anna, name="А")
    anna: Any = as_member(world.anna)
    url = anna.w(f"/clients/{company.pk}/")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            anna.get(url)
        return len(seen)

    def fill(label: str) -> None:
        field = make(world, "company", label, "choice", options=["Да"])
        company.custom[field.key] = field.options.get().pk
        company.save()

    fill("Первое")
    count()
    few = count()
    for label in ("Второе", "Третье", "Четвёртое", "Пятое"):
        fill(label)
    assert count() == few


def test_choices_stay_chosen_when_a_form_comes_back(world: World, as_member: Browser) -> None:
    one = make(world, "company", "Город", "choice", options=["Омск"], required_at_creation=True)
    other = make(world, "company", "Склад", "choice", options=["Юг"], required_at_creation=True)
    make(world, "company", "Код", "number", required_at_creation=True)
    anna: Any = as_member(world.anna)
    data = {
        "name": "Восход",
        "x_gorod": one.options.get().pk,
        "x_sklad": other.options.get().pk,
        "x_kod": "а",
    }
    page = anna.post(anna.w("/clients/new/"), data)
    assert page.status_code == 422
    text = page.content.decode()
    assert f'<option value="{one.options.get().pk}" selected>Омск</option>' in text
    assert f'<option value="{other.options.get().pk}" selected>Юг</option>' in text
