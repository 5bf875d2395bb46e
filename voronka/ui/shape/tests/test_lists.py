"""Own fields as columns of a list: shown, summed, edited in the cell, filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.world import World
from voronka.deals.actions import create_deal
from voronka.desk.fields.actions import create_field
from voronka.desk.models import ListLayout


def test_a_table_of_own_columns_with_a_total(
    world: World, funnel: Any, as_member: Callable[[Any], Client]
) -> None:
    field = create_field(
        actor=world.admin, subject="deal", label="Склад", kind="choice", options=["Юг", "Север"]
    )
    create_field(actor=world.admin, subject="deal", label="Себестоимость", kind="money")
    create_field(actor=world.admin, subject="deal", label="Монтаж", kind="flag")
    south, north = field.options.all()
    for cost, option, flag in (("1000", south, True), ("250.50", north, False), (None, None, None)):
        create_deal(
            actor=world.anna,
            title=f"Сделка {cost}",
            funnel=funnel,
            x_sklad=option.pk if option else None,
            x_sebestoimost=cost,
            x_montazh=flag,
        )
    columns = ["title", "x_sklad", "x_sebestoimost", "x_montazh"]
    for view in ("", "open", "all"):
        ListLayout.objects.create(member=world.anna, subject="deal", view=view, columns=columns)
    anna: Any = as_member(world.anna)

    page = anna.get(anna.w("/deals/table/")).content.decode()
    assert "Себестоимость" in page
    assert "Север" in page
    assert "1\u00a0250,50\u00a0₽" in page or "1\u00a0250,5\u00a0₽" in page

    found = anna.get(anna.w("/deals/table/"), {"where": f'[["x_sklad","in","{south.pk}"]]'}).content.decode()
    assert "Сделка 1000" in found
    assert "Сделка 250.50" not in found
