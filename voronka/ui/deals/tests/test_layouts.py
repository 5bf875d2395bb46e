"""The board by other fields, in lanes, and what carrying a card to another column changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_company
from voronka.catalog.models import Product, ProductGroup
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.deals.grouping import COLUMNS, LANES, NONE, OVERDUE, close_in, layout, next_month
from voronka.deals.models import Deal
from voronka.playbook.actions.stages import edit_stage
from voronka.workspaces.models import Role

HTMX = {"HTTP_HX_REQUEST": "true"}
ON_BOARD = {**HTMX, "HTTP_HX_TARGET": "board-answer"}


@pytest.fixture
def head(world: World, as_member: Callable) -> Any:
    return as_member(world.head)


def make_deals(world: World, funnel: Any, number: int = 3) -> list[Deal]:
    today = clock.today()
    return [
        create_deal(
            actor=world.anna if at % 2 else world.boris,
            title=f"Рампа {at}",
            funnel=funnel,
            company=make_company(world.anna if at % 2 else world.boris, f"ООО «Клиент {at}»"),
            amount=Decimal(1000 * (at + 1)),
            expected_close=[None, today, next_month(today), today.replace(day=1) - dt.timedelta(days=3)][
                at % 4
            ],
        )
        for at in range(number)
    ]


@pytest.mark.parametrize("by", COLUMNS)
@pytest.mark.parametrize("rows", [None, *LANES])
def test_every_layout_holds_every_deal_once(world: World, funnel: Any, by: str, rows: str | None) -> None:
    deals = make_deals(world, funnel, 8)
    laid = layout(Deal.objects.all(), list(funnel.stages.all()), COLUMNS[by], LANES[rows] if rows else None)
    cards = [deal.pk for lane in laid.lanes for cell in lane.cells for deal in cell.deals]
    assert sorted(cards) == sorted(deal.pk for deal in deals)
    assert laid.sums.count == 8
    assert laid.sums.total == sum(deal.amount for deal in deals)
    for at, (_place, sums) in enumerate(laid.columns):
        assert sums.count == sum(len(lane.cells[at].deals) for lane in laid.lanes)


def test_months_begin_with_what_is_late_and_end_with_no_date(world: World, funnel: Any) -> None:
    make_deals(world, funnel, 4)
    laid = layout(Deal.objects.all(), [], COLUMNS["month"], None)
    counts = {place.key: sums.count for place, sums in laid.columns}
    today = clock.today()
    assert next(iter(counts)) == OVERDUE
    assert list(counts)[-1] == NONE
    assert counts[OVERDUE] == counts[NONE] == counts[f"{today:%Y-%m}"] == 1
    assert counts[f"{next_month(today):%Y-%m}"] == 1


def test_a_day_is_kept_in_another_month_or_becomes_its_last() -> None:
    assert close_in("2027-02", dt.date(2026, 11, 30)) == dt.date(2027, 2, 28)
    assert close_in("2027-02", dt.date(2026, 11, 5)) == dt.date(2027, 2, 5)
    assert close_in("2027-02", None) == dt.date(2027, 2, 28)
    assert close_in(NONE, dt.date(2026, 11, 5)) is None
    with pytest.raises(ValueError, match="month"):
        close_in("2027-13", None)


def test_a_card_carried_to_another_month_closes_then(world: World, funnel: Any, head: Any) -> None:
    deal = make_deals(world, funnel, 2)[1]
    month = f"{next_month(clock.today()):%Y-%m}"
    url = head.w(f"/deals/{deal.number}/place/?funnel={funnel.pk}&by=month")
    response = head.post(url, {"by": "month", "to": month, "expected": f"{clock.today():%Y-%m}"}, **ON_BOARD)
    html = response.content.decode()
    assert f'id="col-head-{month}"' in html
    assert f'id="deal-{deal.pk}"' in html
    deal.refresh_from_db()
    assert f"{deal.expected_close:%Y-%m}" == month


def test_a_card_that_stands_elsewhere_by_now_is_not_carried(world: World, funnel: Any, head: Any) -> None:
    deal = make_deals(world, funnel, 2)[1]
    url = head.w(f"/deals/{deal.number}/place/")
    response = head.post(url, {"by": "month", "to": NONE, "expected": "2020-01"}, **ON_BOARD)
    assert response.status_code == 409
    deal.refresh_from_db()
    assert deal.expected_close == clock.today()


def test_a_card_carried_to_a_colleague_is_handed_over_by_who_may(
    world: World, funnel: Any, head: Any, as_member: Callable
) -> None:
    deal = make_deals(world, funnel, 2)[1]
    anna = as_member(world.anna)
    values = {"by": "owner", "to": world.boris.pk}
    assert anna.post(anna.w(f"/deals/{deal.number}/place/"), values, **ON_BOARD).status_code == 403
    assert "data-movable" not in anna.get(anna.w("/deals/?by=owner")).content.decode()
    assert head.post(head.w(f"/deals/{deal.number}/place/"), values, **ON_BOARD).status_code == 200
    deal.refresh_from_db()
    assert deal.owner == world.boris


def test_a_group_is_changed_by_choosing_a_product_of_it(world: World, funnel: Any, head: Any) -> None:
    deal = make_deals(world, funnel, 1)[0]
    group = ProductGroup.objects.create(name="Рампы", name_key="рампы")
    product = Product.objects.create(name="Рампа 6 т", name_key="рампа 6 т", group=group)
    url = head.w(f"/deals/{deal.number}/place/")
    assert "Рампа 6 т" in head.get(f"{url}?by=group&to={group.pk}", **HTMX).content.decode()
    assert head.post(url, {"by": "group", "to": group.pk}, **HTMX).status_code == 409
    response = head.post(url, {"by": "group", "to": group.pk, "product": product.pk}, **HTMX)
    assert response.status_code == 204
    deal.refresh_from_db()
    assert deal.product_group == group


def test_more_cards_of_a_cell_come_as_one_scrolls(world: World, funnel: Any, head: Any) -> None:
    for number in range(13):
        create_deal(actor=world.anna, title=f"Рампа {number}", funnel=funnel)
    page = head.get(head.w(f"/deals/?funnel={funnel.pk}&rows=owner"))
    cell = next(cell for cell in page.context["lanes"][0].cells if cell.cards)
    assert len(cell.cards) == 10
    more = head.get(cell.more_url, **HTMX).content.decode()
    assert more.count('data-row id="deal-') == 3


def test_a_hidden_field_is_not_offered(world: World, funnel: Any, as_member: Callable) -> None:
    role = Role.objects.get(pk=world.anna.role_id)
    role.hidden_fields = {"deal": ["expected_close"]}
    role.save()
    anna = as_member(world.anna)
    page = anna.get(anna.w("/deals/?by=month"))
    assert page.context["scene"].by.code == "stage"
    assert "by=month" not in page.content.decode()


def test_the_address_keeps_the_layout(world: World, funnel: Any, head: Any) -> None:
    make_deals(world, funnel)
    page = head.get(head.w(f"/deals/?funnel={funnel.pk}&by=month&rows=priority"))
    assert (
        "by=month&amp;rows=priority" in page.content.decode()
        or "by=month&rows=priority" in page.content.decode()
    )
    assert page.context["board_url"].endswith("by=month&rows=priority")


def test_a_full_column_says_so_in_words(world: World, funnel: Any, head: Any) -> None:
    stage = funnel.stages.first()
    make_deals(world, funnel, 3)
    edit_stage(stage, actor=world.admin, changes={"wip_limit": 3})
    column = head.get(head.w(f"/deals/?funnel={funnel.pk}")).context["columns"][0]
    assert column.load.tone == "v-soon"
    edit_stage(stage, actor=world.admin, changes={"wip_limit": 2})
    page = head.get(head.w(f"/deals/?funnel={funnel.pk}"))
    assert page.context["columns"][0].load.tone == "v-bad"
    assert page.context["columns"][0].load.text in page.content.decode()


def test_any_number_of_deals_costs_the_same(world: World, funnel: Any, head: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert head.get(head.w(f"/deals/?funnel={funnel.pk}&by=month&rows=owner")).status_code == 200
        return len(caught)

    make_deals(world, funnel, 2)
    cost()
    few = cost()
    make_deals(world, funnel, 30)
    assert cost() == few


def test_the_filter_of_the_board_comes_back_to_the_board_as_it_is_laid_out(head: Any, funnel: Any) -> None:
    page = head.get(head.w("/deals/"), {"by": "group", "rows": "owner"})
    dialog = head.get(page.context["filter_url"], **HTMX).text
    for name, value in (("by", "group"), ("rows", "owner"), ("funnel", funnel.pk)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in dialog
