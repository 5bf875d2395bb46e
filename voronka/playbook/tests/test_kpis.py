"""The five KPIs of the book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_kpi, edit_kpi, put_kpi_away, reorder_kpis
from voronka.playbook.measures import kpis_in_use
from voronka.playbook.models import BookVersion, Kpi
from voronka.playbook.snapshot import book_snapshot


def last(name: str) -> Event:
    return Event.objects.filter(type=name).order_by("-id")[0]


def test_a_kpi_is_added_changed_and_taken_out_and_each_step_comes_back(world: World) -> None:
    row = add_kpi(actor=world.head, name=" Звонки ", measure="calls", target=Decimal(60), weight=40)
    assert (row.name, row.weight, row.better, row.method != "") == ("Звонки", 40, "more", True)

    edit_kpi(row, actor=world.head, changes={"target": Decimal(80), "good": 90}, was={"target": "60.00"})
    event = last("kpi.edited")
    assert event.payload["changes"] == {"target": ["60.00", "80.00"], "good": [100, 90]}
    undo(event, actor=world.head)
    assert Kpi.objects.get().target == 60

    put_kpi_away(row, actor=world.head)
    put_kpi_away(row, actor=world.head)
    assert kpis_in_use() == []
    undo(last("kpi.put_away"), actor=world.head)
    assert kpis_in_use() == [row]
    undo(last("kpi.added"), actor=world.head)
    assert not Kpi.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"measure": "horoscope"}, "measure"),
        ({"target": Decimal(0)}, "target"),
        ({"target": Decimal("1e13")}, "target"),
        ({"weight": 0}, "weight"),
        ({"good": 250}, "good"),
        ({"good": 70, "fair": 80}, "fair"),
        ({"name": ""}, "name"),
        ({"name": "ВСТРЕЧИ"}, "name"),
        ({"method": "ы" * 4001}, "method"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_changed(
    world: World, values: dict[str, Any], field: str
) -> None:
    add_kpi(actor=None, name="Встречи", measure="meetings")
    row = add_kpi(actor=None, name="Звонки", measure="calls")
    with pytest.raises(Refused) as refused:
        edit_kpi(row, actor=world.head, changes=values)
    assert refused.value.field == field
    with pytest.raises(Refused):
        add_kpi(actor=world.head, **{"name": "Ещё", "measure": "calls", **values})
    assert Kpi.objects.count() == 2
    assert not Event.objects.filter(type="kpi.edited").exists()


def test_there_are_five_at_most(world: World) -> None:
    rows = [add_kpi(actor=None, name=str(n), measure="calls") for n in range(5)]
    with pytest.raises(Refused):
        add_kpi(actor=world.head, name="шестой", measure="calls")
    put_kpi_away(rows[0], actor=world.head)
    add_kpi(actor=world.head, name="шестой", measure="calls")
    with pytest.raises(Refused):
        undo(last("kpi.put_away"), actor=world.head)


def test_only_who_configures_the_book_and_nobody_over_anothers_change(world: World) -> None:
    row = add_kpi(actor=None, name="Звонки", measure="calls", weight=10)
    for verb in (
        lambda: add_kpi(actor=world.anna, name="x", measure="calls"),
        lambda: edit_kpi(row, actor=world.anna, changes={"weight": 50}),
        lambda: put_kpi_away(row, actor=world.anna),
        lambda: reorder_kpis([row.pk], actor=world.anna),
    ):
        with pytest.raises(Forbidden):
            verb()
    edit_kpi(row, actor=world.head, changes={"weight": 30})
    with pytest.raises(Conflict):
        edit_kpi(row, actor=world.director, changes={"weight": 20}, was={"weight": "10"})
    assert Kpi.objects.get().weight == 30


def test_the_key_stages_measure_stands_first_whatever_the_order(world: World) -> None:
    calls, meetings = (add_kpi(actor=None, name=code, measure=code) for code in ("calls", "meetings"))
    key = add_kpi(actor=None, name="Ключевой этап", measure="key_stage")
    assert kpis_in_use() == [key, calls, meetings]
    reorder_kpis([meetings.pk, calls.pk], actor=world.head)
    assert kpis_in_use() == [key, meetings, calls]
    undo(last("kpi.reordered"), actor=world.head)
    assert kpis_in_use() == [key, calls, meetings]


def test_the_book_as_one_value_holds_them(world: World) -> None:
    add_kpi(actor=None, name="Звонки", measure="calls", target=Decimal("60"))
    (told,) = book_snapshot()["kpis"]
    assert (told["name"], told["target"], told["funnel"]) == ("Звонки", "60.00", None)
    assert BookVersion.objects.order_by("-number")[0].content["kpis"] == [told]
