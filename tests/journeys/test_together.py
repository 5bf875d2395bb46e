"""Two people at the same things: what one does, the other sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.clients.actions import edit_company
from voronka.deals.actions import create_deal, edit_deal, move_deal, win_deal
from voronka.playbook.models import Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_the_board_of_the_head_follows_what_a_seller_does(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    first, second = funnel.stages.order_by("order")[:2]
    client = make_company(world.anna)
    deal = create_deal(actor=world.anna, title="Линия розлива", funnel=funnel, company=client)
    other = create_deal(actor=world.anna, title="Погрузчики", funnel=funnel)
    head = visitor(world.head, live=True)
    page = head.page
    head.go(f"/w/{world.slug}/deals/")
    column = {stage.pk: page.locator(f"#cards-{stage.pk}") for stage in (first, second)}
    expect(column[first.pk].locator(".v-deal")).to_have_count(2)
    # The head is about to write a deal; the dialog stays as it is meanwhile.
    page.locator(".v-plus").get_by_text("Сделка", exact=True).first.click()
    title = page.locator("#dialog [name=title]")
    title.fill("Своя сделка")

    anna = visitor(world.anna)
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    anna.page.get_by_role("button", name="Сумма").first.click()
    anna.page.keyboard.type("420000")
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator(".v-deal-stats")).to_contain_text("420 000 ₽")

    expect(page.locator(f"#deal-{deal.pk}")).to_contain_text("420 000 ₽")
    move_deal(deal, actor=world.anna, stage=second)
    expect(column[second.pk].locator(f"#deal-{deal.pk}")).to_have_count(1)
    expect(column[first.pk].locator(".v-deal")).to_have_count(1)
    expect(page.locator(f"#col-head-{second.pk}")).to_contain_text("420 000 ₽")
    fresh = create_deal(actor=world.anna, title="Новая рампа", funnel=funnel)
    expect(column[first.pk].locator(f"#deal-{fresh.pk}")).to_contain_text("Новая рампа")
    win_deal(other, actor=world.anna)
    expect(page.locator(f"#deal-{other.pk}")).to_have_count(0)
    expect(title).to_have_value("Своя сделка")
    expect(title).to_be_focused()


def test_a_card_follows_and_shows_who_else_looks(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    client = make_company(world.anna)
    deal = create_deal(actor=world.anna, title="Линия розлива", funnel=funnel, company=client)
    anna = visitor(world.anna, live=True)
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page = anna.page
    # A note is being written: it outlives what comes.
    note = page.locator(".v-composer textarea:visible").first
    note.fill("Договорились о ")
    edit_deal(deal, actor=world.head, changes={"title": "Линия розлива № 2"})
    expect(page.locator("h1")).to_contain_text("Линия розлива № 2")
    expect(page.locator("#deal-feed .v-feed-card")).to_contain_text("Линия розлива № 2")
    expect(note).to_have_value("Договорились о ")
    expect(note).to_be_focused()
    edit_company(client, actor=world.head, changes={"name": "ООО «Логист-Юг»"})
    expect(page.locator("h1")).to_contain_text("Логист-Юг")

    expect(page.locator(".v-looking")).to_have_text("")
    head = visitor(world.head)
    head.go(f"/w/{world.slug}/deals/{deal.number}/")
    expect(head.page.locator(".v-looking")).to_contain_text(world.anna.name)
    # Anna hears of it with her own next sign of life, ten seconds later at most.
    expect(page.locator(".v-looking")).to_contain_text(world.head.name, timeout=15_000)


def test_a_list_follows_without_losing_the_choice(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    deal = create_deal(actor=world.anna, title="Линия розлива", funnel=funnel)
    other = create_deal(actor=world.anna, title="Погрузчики", funnel=funnel)
    head = visitor(world.head, live=True)
    page = head.page
    head.go(f"/w/{world.slug}/deals/table/")
    box = page.locator(f"#row-{other.pk} [data-check]")
    box.check()
    edit_deal(deal, actor=world.anna, changes={"title": "Линия упаковки"})
    expect(page.locator(f"#row-{deal.pk}")).to_contain_text("Линия упаковки")
    expect(box).to_be_checked()
    create_deal(actor=world.anna, title="Новая рампа", funnel=funnel)
    expect(page.locator("#list-rows")).to_contain_text("Новая рампа")
    expect(box).to_be_checked()
