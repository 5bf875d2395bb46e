"""A deal's life to «Успех», and another's to «Отказ», through the head's hands, and back to work."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.closing.comebacks import come_back_due
from voronka.deals.closing.models import Comeback, LossProposal
from voronka.deals.models import Deal
from voronka.playbook.actions import add_part, add_status, add_tunnel, create_funnel, set_rules
from voronka.playbook.models import Criterion, Funnel, Reason

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_a_call_to_success_which_opens_the_service(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    service = create_funnel(actor=world.admin, name="Сервис", stages=["Заявка"])
    add_tunnel(funnel, actor=world.admin, trigger="won", target=service, title="Сервис: {title}")
    add_status(funnel, "won", actor=world.admin, name="Предоплата")
    paid = add_status(funnel, "won", actor=world.admin, name="Оплачено")
    add_part(
        Criterion,
        paid,
        actor=world.admin,
        kind="checklist",
        params={"lines": ["Договор подписан"]},
        strictness="refuse",
    )
    company = make_company(world.anna)
    deal = create_deal(
        actor=world.anna, title="Стеллажи", funnel=funnel, company=company, amount=Decimal(90_000)
    )
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")

    # The client rang: what was said, and what comes next.
    page.get_by_role("tab", name="Звонок").click()
    panel = page.locator("[id^=composer-deal][id$=-call]")
    panel.locator("[name=result]").fill("Берут, ждут договор")
    panel.locator("[name=without_next], [name=no_next]").first.check()
    panel.locator("button[type=submit]").first.click()
    expect(page.locator(".v-feed").first).to_contain_text("Берут, ждут договор")

    # The status asks for its own: nothing is won before the contract is signed.
    page.locator(".v-deal-card").get_by_role("link", name="Успех").first.click()
    dialog = page.locator("#dialog-frame")
    dialog.get_by_label("Оплачено").check()
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_contain_text("Договор подписан")
    dialog.get_by_label("Договор подписан").check()
    dialog.locator("button[type=submit]").last.click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".v-deal-card")).to_contain_text("Оплачено")

    # The service has begun by itself, and each deal shows the other.
    expect(page.locator(".v-deal-card")).to_contain_text("Связанные сделки")
    expect(page.locator(".v-deal-card")).to_contain_text("Сервис: Стеллажи")
    deal.refresh_from_db()
    assert (deal.outcome, deal.closing) == ("won", paid)


def test_to_a_loss_by_two_keys_and_back_to_work(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    set_rules(None, actor=world.admin, confirm_above=500_000)
    Reason.objects.filter(name="Дорого").update(follow_up="deal", return_days=90)
    company = make_company(world.anna)
    deal = create_deal(
        actor=world.anna, title="Линия розлива", funnel=funnel, company=company, amount=Decimal(900_000)
    )
    anna = visitor(world.anna)
    page = anna.page
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page.locator(".v-deal-card").get_by_role("link", name="Отказ").click()
    dialog = page.locator("#dialog-frame")
    expect(dialog).to_contain_text("согласие руководителя")
    dialog.get_by_label("Дорого").check()
    dialog.locator("[name=comment]").fill("Нашли дешевле")
    dialog.get_by_role("button", name="Предложить отказ").click()
    expect(page.locator(".v-deal-card")).to_contain_text("предлагает закрыть сделку отказом")
    deal.refresh_from_db()
    assert deal.is_open

    # The head finds it in the inbox and sends it back with words; the seller tries again, the head agrees.
    head = visitor(world.north_head)
    head.go(f"/w/{world.slug}/decisions/")
    assert head.faults() == []

    def decide(button: str, note: str = "") -> None:
        head.page.get_by_role("link", name="Решить").first.click()
        frame = head.page.locator("#dialog-frame")
        expect(frame).to_contain_text("Нашли дешевле")
        if note:
            frame.locator("[name=note]").fill(note)
        frame.get_by_role("button", name=button).click()
        expect(frame).to_be_hidden()

    decide("Вернуть в работу", "Предложите рассрочку")
    expect(head.page.locator("#decisions")).not_to_contain_text("Линия розлива")
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    expect(page.locator(".v-feed").first).to_contain_text("Предложите рассрочку")
    page.locator(".v-deal-card").get_by_role("link", name="Отказ").click()
    dialog.get_by_label("Дорого").check()
    dialog.locator("[name=comment]").fill("Нашли дешевле, рассрочка не нужна")
    dialog.get_by_role("button", name="Предложить отказ").click()
    expect(dialog).to_be_hidden()
    head.go(f"/w/{world.slug}/decisions/")
    decide("Подтвердить отказ")
    deal.refresh_from_db()
    assert deal.outcome == "lost"
    assert LossProposal.objects.for_workspace(world.workspace).count() == 2

    # It stands in the list of reanimation, and comes back on its day.
    anna.go(f"/w/{world.slug}/deals/reanimation/")
    expect(page.locator("#reanimation")).to_contain_text("Линия розлива")
    assert anna.faults() == []
    with scope(world.workspace):
        Comeback.objects.update(due_on=clock.today())
        assert come_back_due() == 1
        assert Deal.objects.get(pk=deal.pk).is_open
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    expect(page.locator(".v-feed").first).to_contain_text("вернулась в работу")
