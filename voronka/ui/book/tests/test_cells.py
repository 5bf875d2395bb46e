"""A cell of the grid on the screen, and what a new funnel begins with."""

from __future__ import annotations

from typing import Any

from tests.world import World
from voronka.playbook.actions import add_part, write_cell
from voronka.playbook.models import Cell, Funnel, Objection, Stage
from voronka.playbook.templates_data import get_template


def path(funnel: Funnel) -> str:
    return f"/book/cells/{funnel.product_group_id}/{funnel.segment_id}/"


def test_a_head_writes_and_a_seller_reads(world: World, funnel: Funnel, as_member: Any) -> None:
    head, seller = as_member(world.head), as_member(world.anna)

    answer = head.post(head.w(path(funnel)), {"buys_for": "Пуск к дате", "was_buys_for": ""})

    assert answer.status_code == 302
    assert Cell.objects.get().buys_for == "Пуск к дате"
    page = seller.get(seller.w(path(funnel)))
    assert "Пуск к дате" in page.content.decode()
    assert page.context["form"] is None
    assert "Пуск к дате" in seller.get(seller.w("/book/")).content.decode()
    assert seller.post(seller.w(path(funnel)), {"buys_for": "Иначе"}).status_code == 403


def test_two_who_write_at_once_do_not_overwrite_each_other(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    head = as_member(world.head)
    write_cell(funnel.product_group, funnel.segment, actor=world.admin, changes={"buys_for": "Первое"})

    answer = head.post(head.w(path(funnel)), {"buys_for": "Второе", "was_buys_for": ""})

    assert answer.status_code == 422
    assert Cell.objects.get().buys_for == "Первое"
    assert "Второе" in answer.content.decode()


def test_a_cell_of_another_company_is_not_there(
    world: World, funnel: Funnel, stranger: World, as_member: Any
) -> None:
    browser = as_member(stranger.admin)

    assert browser.get(browser.w(path(funnel))).status_code == 404


def test_a_new_funnel_begins_with_a_copy_or_with_one_of_a_template(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    head = as_member(world.head)
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    add_part(Objection, stage, actor=None, text="Дорого")
    url = head.w("/book/funnels/new/")

    for name, start in (("Копия", str(funnel.pk)), ("Готовая", "template:services:0")):
        assert head.post(url, {"name": name, "start": start}).status_code == 302, name

    copy = Funnel.objects.get(name="Копия")
    assert Objection.objects.filter(stage__funnel=copy).get().text == "Дорого"
    ready = Stage.objects.filter(funnel__name="Готовая").order_by("order")
    wanted = get_template("services").funnels[0].stages
    assert {s.name for s in ready} in ({s.name.ru for s in wanted}, {s.name.en for s in wanted})


def test_a_start_that_is_not_offered_is_refused(world: World, funnel: Funnel, as_member: Any) -> None:
    head = as_member(world.head)

    for start in ("template:services:99", "template:nothing:0", "template", "999999"):
        answer = head.post(head.w("/book/funnels/new/"), {"name": "Иная", "start": start})
        assert answer.status_code == 422, start
    assert not Funnel.objects.filter(name="Иная").exists()
