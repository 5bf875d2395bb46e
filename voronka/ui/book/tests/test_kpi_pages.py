"""KPIs on the pages: in the book, on Today, by sellers, and the list behind a number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from voronka.deals.actions import create_deal, win_deal
from voronka.playbook.actions import add_kpi
from voronka.playbook.models import Funnel, Kpi

HTMX = {"HX-Request": "true"}
VALUES = {
    "measure": "calls",
    "name": "",
    "target": "60",
    "better": "more",
    "weight": "20",
    "good": "100",
    "fair": "80",
}


@pytest.fixture
def head(world: World, as_member: Any) -> Any:
    return as_member(world.head)


def test_a_kpi_is_written_in_a_dialog_named_after_its_measure_and_refused_in_its_place(
    world: World, head: Any
) -> None:
    dialog = head.get(head.w("/book/kpis/new/?measure=ripening"), headers=HTMX).content.decode()
    assert '<option value="less" selected>' in dialog
    assert head.post(head.w("/book/kpis/new/"), VALUES, headers=HTMX).status_code in (200, 204)
    row = Kpi.objects.get()
    assert (row.name != "", row.target) == (True, 60)
    answer = head.post(head.w("/book/kpis/new/"), {**VALUES, "fair": "120"}, headers=HTMX)
    assert answer.status_code == 422
    page = head.get(head.w("/book/kpis/")).content.decode()
    assert row.name in page
    fragment = head.get(head.w("/book/kpis/"), headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert row.name in fragment


def test_today_shows_them_and_the_number_opens_what_it_counts(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    row = add_kpi(actor=None, name="Выиграно сделок", measure="won_count", target=Decimal(4))
    add_kpi(actor=None, name="Дошли до презентации", measure="key_stage", target=Decimal(4))
    deal = create_deal(actor=world.anna, title="Стеллажи для склада", funnel=funnel, amount=Decimal(10))
    win_deal(deal, actor=world.anna)
    anna = as_member(world.anna)
    page = anna.get(anna.w("/today/")).content.decode()
    assert page.index("Дошли до презентации") < page.index("Выиграно сделок")
    assert page.count("25\xa0%") >= 2
    behind = anna.get(anna.w(f"/kpis/{row.pk}/?who={world.anna.pk}")).content.decode()
    assert "Стеллажи для склада" in behind
    boris = as_member(world.boris)
    assert "Стеллажи" not in boris.get(boris.w(f"/kpis/{row.pk}/?who={world.anna.pk}")).content.decode()


def test_who_may_not_see_sums_sees_no_kpi_of_sums(world: World, funnel: Funnel, as_member: Any) -> None:
    role = world.anna.role
    role.hidden_fields = {"deal": ["amount"]}
    role.save()
    row = add_kpi(actor=None, name="Сумма выигранного", measure="won_sum", target=Decimal(100))
    add_kpi(actor=None, name="Звонки", measure="calls", target=Decimal(100))
    anna = as_member(world.anna)
    for path in ("/today/", "/kpis/"):
        page = anna.get(anna.w(path)).content.decode()
        assert "Звонки" in page, path
        assert "Сумма выигранного" not in page, path
    assert anna.get(anna.w(f"/kpis/{row.pk}/")).status_code == 404


def test_the_table_of_sellers_asks_as_much_for_one_deal_as_for_many(
    world: World, funnel: Funnel, head: Any
) -> None:
    for code in ("key_stage", "won_sum", "win_rate"):
        add_kpi(actor=None, name=code, measure=code, target=Decimal(10))

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert head.get(head.w("/kpis/"), headers=HTMX).status_code == 200
        return len(caught)

    create_deal(actor=world.anna, title="Одна", funnel=funnel)
    queries()  # warms what is read once
    few = queries()
    for number in range(12):
        win_deal(
            create_deal(actor=(world.anna, world.boris)[number % 2], title="Ещё", funnel=funnel),
            actor=world.head,
        )
    assert queries() == few


def test_anothers_kpi_is_not_there(world: World, stranger: World, as_member: Any) -> None:
    from voronka.core.tenancy import scope

    with scope(stranger.workspace):
        row = add_kpi(actor=None, name="Чужой", measure="calls")
    admin = as_member(world.admin)
    for path in (f"/book/kpis/{row.pk}/", f"/kpis/{row.pk}/"):
        assert admin.get(admin.w(path)).status_code == 404
