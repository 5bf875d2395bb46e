"""The first day of a company: it signs itself up, says how it sells, brings a deal to its end and sees the funnel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.workspaces.models import Workspace

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_sign_up_to_the_funnel(visitor: Callable[..., Visitor], db: None) -> None:
    someone = visitor()
    page = someone.page

    someone.go("/accounts/signup/")
    page.fill("[name=company]", "ООО «Проба»")
    page.fill("[name=name]", "Пётр Первый")
    page.fill("[name=email]", "petr@proba.test")
    page.fill("[name=password1]", "очень длинный пароль")
    page.locator("form[action*=signup] button[type=submit]").click()

    # Three questions make the book.
    page.wait_for_url("**/first-steps/book/")
    root = page.url.removesuffix("first-steps/book/")
    assert someone.faults() == []
    page.locator("input[value=equipment]").check()
    page.fill("[name=own_group]", "Склады под ключ")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("heading", name="Кому вы продаёте?")).to_be_visible()
    assert someone.faults() == []
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_text("Склады под ключ · Производство")).to_be_visible()
    page.get_by_label("От 2 до 5 человек").check()
    assert someone.faults() == []
    page.get_by_role("button", name="Собрать книгу продаж").click()

    # The first deal is offered at once; this company brings its own in its own way.
    page.wait_for_url("**/first-steps/deal/")
    assert someone.faults() == []
    page.get_by_role("link", name="Позже").click()
    expect(page.locator("#guide")).to_contain_text("Пригласите коллег")
    page.goto(f"{root}deals/")

    # The first deal, its client made on the way.
    page.get_by_role("link", name="Сделка", exact=True).first.click()
    dialog = page.locator("#dialog")
    dialog.locator("[name=title]").fill("Стеллажи на склад")
    dialog.locator("[name=amount]").fill("1250000,50")
    dialog.locator(".ts-wrapper input").first.click()
    page.keyboard.type("ООО «Ромашка»")
    expect(page.locator(".ts-dropdown .create")).to_be_visible()
    page.keyboard.press("Enter")
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_text("Сделка № 1 создана")).to_be_visible()

    # Its card slides over the board with what the book has planned; it is won there, past all that the book asks.
    page.goto(f"{root}deals/")
    page.get_by_text("Стеллажи на склад").first.click()
    panel = page.locator("#panel")
    expect(panel.locator("#deal-stage").get_by_text("кто отвечает за участок").first).to_be_visible()
    panel.locator("a[href$='/deals/1/win/']").click()
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_text("Неизвестно, кто ЛПР").first).to_be_visible()
    dialog.get_by_role("button", name="Всё равно закрыть").click()
    expect(page.locator(".v-toast")).to_be_visible()

    with scope(Workspace.objects.get(slug=root.rstrip("/").rpartition("/")[2])):
        deal = Deal.objects.get()
    assert (deal.outcome, str(deal.amount), deal.company.name) == ("won", "1250000.50", "ООО «Ромашка»")

    # And the funnel counts it.
    page.goto(f"{root}reports/funnel/")
    expect(page.locator("main")).to_contain_text("Первый контакт")
    expect(page.locator("main")).to_contain_text("Успех")


def test_what_was_typed_survives_an_error(visitor: Callable[..., Visitor], db: None) -> None:
    someone = visitor()
    page = someone.page
    someone.go("/accounts/signup/")
    page.fill("[name=company]", "ООО «Проба»")
    page.fill("[name=name]", "Пётр Первый")
    page.fill("[name=email]", "petr@proba.test")
    page.fill("[name=password1]", "123")
    page.locator("form[action*=signup] button[type=submit]").click()
    expect(page.locator("[name=password1]")).to_have_attribute("aria-invalid", "true")
    assert page.input_value("[name=company]") == "ООО «Проба»"
    assert not Workspace.objects.exists()
