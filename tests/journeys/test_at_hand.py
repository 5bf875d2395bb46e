"""The palette by keyboard and by thumb; a client entered twice, warned of, then merged and taken apart again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import World
from voronka.clients.actions import create_company
from voronka.clients.matching.bulk import search
from voronka.clients.models import AccessRequest, Company
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.playbook.models import Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_everything_is_a_few_keys_away(visitor: Callable[..., Visitor], world: World, funnel: Funnel) -> None:
    client = create_company(actor=world.anna, name="ООО «Ромашка»")
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=client)
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/{world.slug}/today/")
    palette, options = page.locator("#palette-frame"), page.locator("#palette-list [role=option]")

    # Found with the wrong keyboard layout, opened with Enter.
    page.keyboard.press("Control+KeyK")
    expect(palette).to_be_visible()
    page.keyboard.type("hjvfirf")
    expect(options.first).to_contain_text("Ромашка")
    expect(page.locator("#palette-input")).to_have_attribute("aria-activedescendant", "palette-option-0")
    assert anna.faults() == []
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/clients/{client.pk}/")

    # Marked with a star, then at hand from anywhere; the arrows go round.
    page.locator(".v-star").click()
    expect(page.locator(".v-star")).to_have_attribute("aria-pressed", "true")
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page.keyboard.press("Control+KeyK")
    expect(palette.get_by_role("group", name="Избранное")).to_contain_text("Ромашка")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")

    # What can be done with the open deal is done by typing it.
    page.keyboard.type("выигр")
    expect(options.first).to_contain_text("Выиграть сделку")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.locator("#dialog-frame")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+KeyK")
    page.keyboard.type("клавиши")
    expect(options.first).to_contain_text("Клавиши")
    page.keyboard.press("Enter")
    expect(page.locator("#keys-frame")).to_be_visible()
    assert anna.problems == []


def test_the_palette_opens_with_a_thumb(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    anna = visitor(world.anna, viewport={"width": 390, "height": 844}, has_touch=True)
    anna.go(f"/w/{world.slug}/today/")
    anna.page.locator("[data-palette]").tap()
    option = anna.page.locator("#palette-list [role=option]", has_text="Создать сделку")
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    option.tap()
    expect(anna.page.locator("#dialog-frame")).to_be_visible()


def test_a_client_entered_twice_becomes_one(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    first = create_company(actor=world.anna, name="ООО «Ромашка»", inn="7707083893")
    second = create_company(actor=world.vera, name="ПАО «Ромашка»", site="romashka.ru")
    anna, head = visitor(world.anna), visitor(world.head)

    # The seller is told while typing, and asks for what is out of reach.
    page = anna.page
    anna.go(f"/w/{world.slug}/clients/new/")
    page.locator("[name=name]").press_sequentially("Ромашка", delay=20)
    told = page.locator(".v-duplicates")
    expect(told).to_contain_text("ООО «Ромашка»")
    expect(told).to_contain_text("Вера Морозова")
    expect(told).not_to_contain_text("ПАО")
    told.get_by_role("button", name="Запросить доступ").click()
    expect(told).to_contain_text("Запрос отправлен")
    expect(page.locator("[name=name]")).to_have_value("Ромашка")
    with scope(world.workspace):
        assert AccessRequest.objects.get().company == second
        search()

    # The head compares the two and merges them.
    page = head.page
    head.go(f"/w/{world.slug}/clients/duplicates/")
    assert head.faults() == []
    page.get_by_role("link", name="Сравнить и объединить").click()
    expect(page.locator(f"input[name=f-site][value=take-{second.pk}]")).to_be_checked()
    assert head.faults() == []
    page.get_by_role("button", name="Объединить").click()
    page.wait_for_url(f"**/clients/{first.pk}/")
    expect(page.locator(".v-toast")).to_contain_text("Объединено")
    with scope(world.workspace):
        assert Company.objects.get(pk=first.pk).site == "romashka.ru"
        assert Company.objects.get(pk=second.pk).merged_into == first
    page.locator(".v-toast").get_by_role("button", name="Отменить").click()
    expect(page.locator(".v-toast").last).to_contain_text("Отменено")
    with scope(world.workspace):
        assert Company.objects.present().count() == 2
    assert anna.problems == []
    assert head.problems == []
