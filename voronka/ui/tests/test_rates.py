"""The page of currencies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.world import World
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.ui.settings.rates import read_lines
from voronka.workspaces.models import Rate
from voronka.workspaces.rates import NewRate

HTMX = {"HX-Request": "true"}


def test_pasted_lines_are_read_in_any_order() -> None:
    rates, faults = read_lines(
        "USD 22.11.2026 81,25\nEUR;2026-11-22;94.1\n\n81,5\tCNY\n11,4 01.11.2026 CNY\n"
    )
    assert rates == [
        NewRate("USD", dt.date(2026, 11, 22), Decimal("81.25")),
        NewRate("EUR", dt.date(2026, 11, 22), Decimal("94.1")),
        NewRate("CNY", dt.date(2026, 11, 1), Decimal("11.4")),
    ]
    assert faults == ["81,5\tCNY"]


def test_a_rate_is_added_and_open_deals_follow(world: World, as_member: Any, funnel: Any) -> None:
    create_deal(actor=world.anna, title="A", funnel=funnel, amount=Decimal(100), currency="USD")
    client, root = as_member(world.admin), f"/w/{world.slug}/settings/rates/"
    assert "1 без курса" in client.get(root).content.decode()
    wrong = client.post(root, {"currency": "USD", "day": "2026-01-09", "value": "много"}, headers=HTMX)
    assert wrong.status_code == 422
    client.post(root, {"currency": "USD", "day": "2026-01-09", "value": "81,25"}, headers=HTMX)
    client.post(f"{root}revalue/", headers=HTMX)
    assert Deal.objects.get().amount_base == Decimal("8125.00")
    client.post(f"{root}{Rate.objects.get().pk}/remove/", headers=HTMX)
    assert not Rate.objects.exists()


def test_lines_that_cannot_be_read_are_named_and_nothing_is_written(world: World, as_member: Any) -> None:
    client = as_member(world.admin)
    lines = {"lines": "USD 22.11.2026 81,25\nдоллар дорогой"}
    answer = client.post(f"/w/{world.slug}/settings/rates/paste/", lines, headers=HTMX)
    assert "доллар дорогой" in answer.content.decode()
    assert not Rate.objects.exists()


def test_the_board_tells_deals_without_a_rate_apart(world: World, as_member: Any, funnel: Any) -> None:
    page = f"/w/{world.slug}/deals/?funnel={funnel.pk}"
    client = as_member(world.anna)
    create_deal(actor=world.anna, title="A", funnel=funnel, amount=Decimal(100))
    assert "Нет курса" not in client.get(page).content.decode()
    create_deal(actor=world.anna, title="B", funnel=funnel, amount=Decimal(100), currency="USD")
    assert "Нет курса" in client.get(page).content.decode()
