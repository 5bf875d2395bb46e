"""What a seller does all day, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.activities.models import Activity
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.playbook.models import Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def card(page: Page, title: str) -> object:
    return page.locator(".v-deal", has_text=title)


def column(page: Page, stage: str) -> object:
    return page.locator(".v-col", has=page.locator("h2", has_text=stage))


def test_from_interest_to_success_and_back_again(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/{world.slug}/deals/")

    # A deal with a client nobody knew, created without leaving the board.
    page.get_by_role("link", name="Сделка", exact=True).or_(
        page.get_by_role("button", name="Сделка", exact=True)
    ).first.click()
    dialog = page.locator("#dialog-frame")
    dialog.locator("[name=title]").fill("Линия розлива")
    client = (
        dialog.locator(".ts-wrapper", has=page.locator("[id*=company]"))
        .or_(dialog.locator(".ts-wrapper").first)
        .first
    )
    client.click()
    page.keyboard.type("АО «Невский пивовар»")
    dialog.locator(".ts-dropdown .create, .ts-dropdown [data-selectable]").first.click()
    dialog.locator("[name=amount]").fill("1250000")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()
    expect(card(page, "Линия розлива")).to_contain_text("1 250 000 ₽")
    deal = Deal.objects.for_workspace(world.workspace).get()
    assert deal.company is not None
    assert deal.company.name == "АО «Невский пивовар»"

    # Dragged to the next stage: heads and sums follow, the server knows.
    card(page, "Линия розлива").drag_to(column(page, "Потребность").locator(".v-col-cards"))
    expect(column(page, "Потребность").locator(".v-count")).to_have_text("1")
    expect(column(page, "Первый контакт").locator(".v-count")).to_have_text("0")
    deal.refresh_from_db()
    assert deal.stage.name == "Потребность"

    # The toast takes it back.
    page.locator("#toasts .v-toast", has_text="на этапе").get_by_role("button", name="Отменить").click()
    expect(column(page, "Первый контакт").locator(".v-count")).to_have_text("1")
    deal.refresh_from_db()
    assert deal.stage.name == "Первый контакт"

    # By keyboard: Shift+→ carries the current card.
    card(page, "Линия розлива").locator("[data-open]").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "Потребность").locator(".v-deal")).to_have_count(1)
    expect(column(page, "Потребность").locator(".v-count")).to_have_text("1")

    # Won by a key, with a reason; undone from the toast.
    card(page, "Линия розлива").locator("[data-open]").focus()
    page.keyboard.press("w")
    expect(dialog.locator("[name=amount]")).to_be_visible()
    dialog.locator("button[type=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("успех")
    expect(card(page, "Линия розлива")).to_have_count(0)
    deal.refresh_from_db()
    assert deal.outcome == "won"
    page.locator("#toasts .v-toast", has_text="успех").get_by_role("button", name="Отменить").click()
    expect(card(page, "Линия розлива")).to_have_count(1)
    deal.refresh_from_db()
    assert deal.is_open


def test_a_refused_loss_keeps_what_was_typed(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    deal = create_deal(actor=world.anna, title="Рампы", funnel=funnel, company=make_company(world.anna))
    anna = visitor(world.anna)
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page = anna.page
    page.locator(".v-deal-card").get_by_role("link", name="Отказ").click()
    dialog = page.locator("#dialog-frame")
    dialog.locator("[name=comment]").fill("Ушли к конкуренту")
    # The browser itself asks for the reason; the server would too.
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_visible()
    expect(dialog.locator("[name=comment]")).to_have_value("Ушли к конкуренту")
    dialog.get_by_label("Выбрали конкурента").check()
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".v-deal-card")).to_contain_text("Выбрали конкурента")
    deal.refresh_from_db()
    assert deal.outcome == "lost"


def test_a_value_is_edited_in_place_and_a_call_is_logged_with_the_next_step(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    deal = create_deal(actor=world.anna, title="Конвейер", funnel=funnel, company=make_company(world.anna))
    anna = visitor(world.anna)
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page = anna.page
    page.get_by_role("button", name="Сумма").first.click()
    page.keyboard.type("420000")
    page.keyboard.press("Enter")
    expect(page.locator(".v-deal-stats")).to_contain_text("420 000 ₽")
    page.get_by_role("tab", name="Звонок").click()
    panel = page.locator("[id^=composer-deal][id$=-call]")
    panel.locator("[name=result]").fill("Попросили расчёт с доставкой")
    # The next step is asked for; without an answer nothing is written and nothing typed is lost.
    panel.locator("button[type=submit]").click()
    expect(panel.locator(".v-error").first).to_be_visible()
    expect(panel.locator("[name=result]")).to_have_value("Попросили расчёт с доставкой")
    activities = Activity.objects.for_workspace(world.workspace)
    assert not activities.exists()
    panel.locator("[name=next_subject]").fill("Отправить расчёт")
    panel.locator("[name=next_day]").fill("2030-01-15")
    panel.locator("button[type=submit]").click()
    expect(page.locator("#deal-now")).to_contain_text("Отправить расчёт")
    expect(page.locator("#deal-feed .v-feed-card")).to_contain_text("Попросили расчёт с доставкой")
    assert activities.filter(done_at__isnull=False).count() == 1
    # The refusal above was asked for.
    anna.problems[:] = [said for said in anna.problems if "422" not in said]


def test_on_a_phone_a_deal_is_moved_with_one_thumb(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    deal = create_deal(actor=world.anna, title="Погрузчики", funnel=funnel)
    anna = visitor(world.anna, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    anna.go(f"/w/{world.slug}/deals/")
    page = anna.page
    card(page, "Погрузчики").locator("[data-open]").tap()
    panel = page.locator("#panel")
    panel.get_by_role("link", name="Передвинуть").tap()
    page.locator("#dialog-frame select[name=stage]").select_option(label="3. Презентация")
    page.locator("#dialog-frame button[type=submit]").tap()
    expect(page.locator("#dialog-frame")).to_be_hidden()
    deal.refresh_from_db()
    assert deal.stage.name == "Презентация"
