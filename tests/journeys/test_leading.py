"""The book leads the deal: what is missing is asked, and a card that did not move stands where it stood."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import World
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.playbook.actions import add_part
from voronka.playbook.models import Criterion, Funnel, Stage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_what_is_missing_is_filled_in_on_the_way(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    with scope(world.workspace):
        first = Stage.objects.filter(funnel=funnel).order_by("order")[0]
        for params, kind in (
            ({"field": "deal:amount"}, "field_filled"),
            ({"lines": ["Фото цеха"]}, "checklist"),
        ):
            add_part(Criterion, first, actor=world.admin, kind=kind, params=params, strictness="refuse")
        create_deal(actor=world.anna, title="Линия розлива", funnel=funnel)
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/{world.slug}/deals/")
    card = page.locator(".v-deal", has_text="Линия розлива")
    here = page.locator(".v-col", has=page.locator("h2", has_text="Первый контакт"))
    there = page.locator(".v-col", has=page.locator("h2", has_text="Потребность"))
    dialog = page.locator("#dialog-frame")

    # Shift+→ asks for what is missing; whoever thinks better of it finds the card where it was.
    card.locator("[data-open]").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(dialog.get_by_text("«Сумма» не заполнено")).to_be_visible()
    dialog.get_by_role("button", name="Отмена").click()
    expect(dialog).to_be_hidden()
    expect(here.locator(".v-deal")).to_have_count(1)
    expect(there.locator(".v-deal")).to_have_count(0)

    # The same by dragging; filled in and ticked, it goes on.
    card.drag_to(there.locator(".v-col-cards"))
    dialog.locator("[name=fill_amount]").fill("250000")
    dialog.get_by_label("Фото цеха").check()
    dialog.get_by_role("button", name="Сохранить и перейти").click()
    expect(dialog).to_be_hidden()
    expect(there.locator(".v-deal")).to_contain_text("250 000")
    deal = Deal.objects.for_workspace(world.workspace).get()
    with scope(world.workspace):
        assert (deal.stage.name, deal.amount) == ("Потребность", Decimal(250_000))
