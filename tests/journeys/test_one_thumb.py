"""The board and the cards on a phone: swiping, carrying a card with a long press, tabs of a card."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.deals.actions import create_deal
from voronka.playbook.models import Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def finger(page: Page) -> Callable[..., None]:
    """`touch("touchStart", x, y)`: what a real finger does, below the browser's gestures."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_a_long_press_carries_a_card_and_a_swipe_does_not(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    first, second = funnel.stages.order_by("order")[:2]
    deal = create_deal(actor=world.anna, title="Погрузчики", funnel=funnel)
    anna = visitor(world.anna, **PHONE)
    anna.go(f"/w/{world.slug}/deals/")
    page = anna.page
    card = page.locator(f"#deal-{deal.pk}")
    box = card.bounding_box()
    assert box is not None
    x, y = box["x"] + 100, box["y"] + 40
    touch = finger(page)

    touch("touchStart", 300, y)
    for step in range(8):
        touch("touchMove", 300 - 30 * step, y)
    touch("touchEnd")
    page.wait_for_function("() => document.querySelector('.v-board').scrollLeft > 100")
    deal.refresh_from_db()
    assert deal.stage == first

    anna.go(f"/w/{world.slug}/deals/")
    touch("touchStart", x, y)
    expect(card).to_have_class("v-deal sortable-chosen")
    for step in range(1, 28):
        touch("touchMove", x + step * 10, y)
    expect(page.locator(f"#cards-{second.pk} .v-deal")).to_have_count(1)
    touch("touchEnd")
    expect(page.locator(f"#col-head-{second.pk} .v-count")).to_have_text("1")
    deal.refresh_from_db()
    assert deal.stage == second


def test_a_client_card_has_tabs(visitor: Callable[..., Visitor], world: World, funnel: Funnel) -> None:
    client = make_company(world.anna)
    anna = visitor(world.anna, **PHONE)
    anna.go(f"/w/{world.slug}/clients/{client.pk}/")
    page = anna.page
    left = page.locator(f"#client-left-{client.pk}")
    expect(page.locator(".v-composer")).to_be_visible()
    expect(left).to_be_hidden()
    page.get_by_role("tab", name="Сведения").tap()
    expect(left).to_be_visible()
    expect(page.locator(".v-composer")).to_be_hidden()
    page.get_by_role("tab", name="Связи").tap()
    expect(page.locator(f"#client-right-{client.pk}")).to_be_visible()
    expect(left).to_be_hidden()
