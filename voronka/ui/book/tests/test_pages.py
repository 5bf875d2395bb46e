"""Screens of the sales book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World, make_book
from voronka.catalog.models import ProductGroup
from voronka.clients.actions import create_company, tag_company
from voronka.clients.models import CompanyTag, Segment, Source
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.core.text import fold
from voronka.deals.actions import create_deal
from voronka.desk.dictionaries import get_dictionary
from voronka.desk.models import Tag
from voronka.desk.tags import tag_named
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_stage, apply_template, create_funnel, edit_stage
from voronka.playbook.models import Funnel, Reason, Stage

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def head(world: World, as_member: Callable[[Any], Any]) -> Any:
    """The head of sales, who may change the book."""
    return as_member(world.head)


@pytest.fixture
def anna(world: World, as_member: Callable[[Any], Any]) -> Any:
    """A seller, who may read it."""
    return as_member(world.anna)


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


def text(response: Any) -> str:
    return response.content.decode()


def fields(response: Any, **changes: str) -> dict[str, str]:
    """What a browser would send back from the form in *response*, with *changes*."""
    form = response.context["form"]
    data = dict(response.context["was"])
    for bound in form:
        value = bound.value()
        if value is False or value == []:
            continue  # boxes that are not ticked are not sent
        data[bound.name] = "" if value is None else str(getattr(value, "pk", value))
    return {**data, **changes}


def test_the_empty_book_teaches(world: World, head: Any, anna: Any) -> None:
    page = text(head.get(head.w("/book/")))
    assert head.w("/book/template/") in page
    assert "Как продаёт ваша компания?" in page

    assert anna.w("/book/template/") not in text(anna.get(anna.w("/book/")))


def test_the_grid_shows_each_funnel_in_its_cell_and_offers_the_empty_ones(
    world: World, head: Any, funnel: Funnel
) -> None:
    empty = Segment.objects.create(name="Опт", name_key="опт")

    response = head.get(head.w("/book/"))

    page = text(response)
    assert funnel.name in page
    assert f"?group={funnel.product_group_id}&amp;segment={empty.pk}" in page
    row = response.context["grid"].rows[0]
    assert [[f.funnel for f in cell.funnels] for cell in row.cells] in ([[funnel], []], [[], [funnel]])


def test_a_fragment_is_a_part_of_the_page(world: World, head: Any, funnel: Funnel) -> None:
    for path in ("/book/", f"/book/funnels/{funnel.pk}/", "/book/lists/source/", "/book/template/"):
        whole, part = text(head.get(head.w(path))), text(head.get(head.w(path), **HTMX))
        assert "<html" in whole
        assert "<html" not in part
        assert part.strip()[:20] in whole


def test_sellers_read_everything_and_are_offered_no_change(
    world: World, anna: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    Stage.objects.filter(pk=stages[0].pk).update(goal="Понять задачу", result="Назначена встреча")

    for path in (
        "/book/",
        f"/book/funnels/{funnel.pk}/",
        f"/book/stages/{stages[0].pk}/",
        "/book/lists/lost_reason/",
        "/book/lists/activity_kind/",
        "/book/lists/product_group/",
    ):
        page = text(anna.get(anna.w(path)))
        main = page[page.index('id="main"') : page.index('class="v-bottom"')]
        assert '<form method="post"' not in main, path
        assert "/edit/" not in main
        assert "/new/" not in main
    assert "Понять задачу" in text(anna.get(anna.w(f"/book/funnels/{funnel.pk}/")))
    assert "Назначена встреча" in text(anna.get(anna.w(f"/book/stages/{stages[0].pk}/")))


def test_sellers_may_change_nothing(world: World, anna: Any, funnel: Funnel, stages: list[Stage]) -> None:
    source = Source.objects.all()[0]
    gets = [
        "/book/template/",
        "/book/funnels/new/",
        f"/book/funnels/{funnel.pk}/edit/",
        f"/book/funnels/{funnel.pk}/stages/new/",
        f"/book/stages/{stages[0].pk}/archive/",
        f"/book/stages/{stages[0].pk}/merge/",
        "/book/lists/source/new/",
        f"/book/lists/source/{source.pk}/",
    ]
    posts = [
        *gets,
        "/book/order/",
        f"/book/funnels/{funnel.pk}/archive/",
        f"/book/funnels/{funnel.pk}/restore/",
        f"/book/funnels/{funnel.pk}/order/",
        f"/book/funnels/{funnel.pk}/key/",
        f"/book/stages/{stages[0].pk}/",
        f"/book/stages/{stages[0].pk}/restore/",
        "/book/lists/source/order/",
        f"/book/lists/source/{source.pk}/archive/",
        f"/book/lists/source/{source.pk}/restore/",
    ]
    for path in gets:
        assert anna.get(anna.w(path)).status_code == 403, path
    for path in posts:
        assert anna.post(anna.w(path), {"name": "Моё"}).status_code == 403, path
    assert not Event.objects.exists()


def test_what_belongs_to_another_company_does_not_exist(
    world: World, head: Any, funnel: Funnel, stranger: World
) -> None:
    with scope(stranger.workspace):
        theirs = make_book(stranger)
        stage = Stage.objects.filter(funnel=theirs)[0]
        source = Source.objects.all()[0]
        group = ProductGroup.objects.get()
        reason = Reason.objects.filter(kind="lost")[0]
    for path in (
        f"/book/funnels/{theirs.pk}/",
        f"/book/funnels/{theirs.pk}/edit/",
        f"/book/funnels/{theirs.pk}/stages/new/",
        f"/book/stages/{stage.pk}/",
        f"/book/stages/{stage.pk}/archive/",
        f"/book/stages/{stage.pk}/merge/",
        f"/book/lists/source/{source.pk}/",
        f"/book/lists/lost_reason/{reason.pk}/merge/",
        f"/book/lists/source/{99999999999999999999}/",
        "/book/lists/nothing/",
    ):
        assert head.get(head.w(path)).status_code == 404, path
    for path, data in (
        (f"/book/funnels/{theirs.pk}/archive/", {}),
        (f"/book/funnels/{theirs.pk}/order/", {"ids": f"{stage.pk}"}),
        (f"/book/funnels/{funnel.pk}/key/", {"stage": f"{stage.pk}"}),
        (f"/book/lists/source/{source.pk}/archive/", {}),
    ):
        assert head.post(head.w(path), data).status_code == 404, path
    # A foreign id inside a form is no choice of it.
    data = {"name": "Новая", "product_group": f"{group.pk}", "segment": "", "start": ""}
    assert head.post(head.w("/book/funnels/new/"), data).status_code == 422
    assert (
        head.post(
            head.w("/book/funnels/new/"), {**data, "product_group": "", "start": f"{theirs.pk}"}
        ).status_code
        == 422
    )
    assert list(Funnel.objects.all()) == [funnel]


def test_the_book_is_closed_to_strangers(
    world: World, funnel: Funnel, stranger: World, as_member: Any
) -> None:
    other = as_member(stranger.admin)

    assert other.get(f"/w/{world.slug}/book/").status_code == 404
    assert Client().get(f"/w/{world.slug}/book/").status_code == 302


def test_a_funnel_is_created_for_a_cell(world: World, head: Any, funnel: Funnel) -> None:
    segment = Segment.objects.create(name="Опт", name_key="опт")
    path = head.w("/book/funnels/new/")

    form = head.get(f"{path}?group={funnel.product_group_id}&segment={segment.pk}", **HTMX).context["form"]
    assert form["name"].value() == "Оборудование · Опт"

    response = head.post(
        path,
        {
            "name": "Оборудование · Опт",
            "product_group": funnel.product_group_id,
            "segment": segment.pk,
            "start": funnel.pk,
        },
        **HTMX,
    )
    made = Funnel.objects.get(name="Оборудование · Опт")
    assert response.headers["HX-Redirect"] == head.w(f"/book/funnels/{made.pk}/")
    assert Stage.objects.filter(funnel=made).count() == 5
    assert made.segment == segment


def test_odd_cells_in_the_address_do_no_harm(world: World, head: Any, funnel: Funnel) -> None:
    for query in ("group=x&segment=<script>", "group=99999999999999999999", "group=-1"):
        assert head.get(head.w(f"/book/funnels/new/?{query}")).status_code == 200


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    world: World, head: Any, funnel: Funnel
) -> None:
    response = head.post(
        head.w("/book/funnels/new/"),
        {"name": funnel.name.upper(), "start": "", "product_group": "", "segment": ""},
        **HTMX,
    )

    assert response.status_code == 422
    assert response.context["form"].errors["name"]
    assert funnel.name.upper() in text(response)


def test_a_stage_is_saved_in_the_panel_and_can_be_saved_again(
    world: World, head: Any, stages: list[Stage]
) -> None:
    path = head.w(f"/book/stages/{stages[0].pk}/")
    data = fields(head.get(path, **HTMX), name="Знакомство", limit_days="4", color="#31804b")

    response = head.post(path, data, **HTMX)
    again = head.post(path, fields(response, name="Знакомство с клиентом"), **HTMX)

    assert "refresh" in response.headers["HX-Trigger"]
    assert response.status_code == again.status_code == 200
    stage = Stage.objects.get(pk=stages[0].pk)
    assert (stage.name, stage.limit_days, stage.color) == ("Знакомство с клиентом", 4, "#31804b")
    assert Event.objects.filter(type="stage.edited").count() == 2


def test_saving_a_stage_unchanged_is_no_event(world: World, head: Any, stages: list[Stage]) -> None:
    edit_stage(stages[0], actor=world.admin, changes={"goal": "Первая строка\nвторая", "limit_days": None})
    path = head.w(f"/book/stages/{stages[0].pk}/")
    data = fields(head.get(path))
    # Browsers send line breaks so.
    data = {name: value.replace("\n", "\r\n") for name, value in data.items()}

    response = head.post(path, data)

    assert response.status_code == 302
    assert Event.objects.filter(type="stage.edited").count() == 1


def test_two_people_at_one_stage(world: World, head: Any, stages: list[Stage]) -> None:
    path = head.w(f"/book/stages/{stages[0].pk}/")
    opened = head.get(path, **HTMX)
    edit_stage(stages[0], actor=world.admin, changes={"goal": "Чужая цель", "limit_days": 9})

    other_field = head.post(path, fields(opened, result="Мой итог"), **HTMX)
    assert other_field.status_code == 200
    same_field = head.post(path, fields(opened, goal="Моя цель"), **HTMX)

    assert same_field.status_code == 422
    assert "Чужая цель" in text(same_field)
    assert "Моя цель" in text(same_field)
    stage = Stage.objects.get(pk=stages[0].pk)
    assert (stage.goal, stage.result, stage.limit_days) == ("Чужая цель", "Мой итог", 9)
    # Having seen it, one may insist.
    assert head.post(path, fields(same_field), **HTMX).status_code == 200
    assert Stage.objects.get(pk=stages[0].pk).goal == "Моя цель"


def test_a_stage_is_added_behind_another(
    world: World, head: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    path = head.w(f"/book/funnels/{funnel.pk}/stages/new/")
    form = head.get(path, **HTMX).context["form"]
    data = {b.name: b.value() for b in form if b.value() not in (None, False)}

    response = head.post(path, {**data, "name": "Замер", "after": stages[0].pk, "once": "a" * 32}, **HTMX)
    twice = head.post(path, {**data, "name": "Замер", "after": stages[0].pk, "once": "a" * 32}, **HTMX)

    assert response.status_code == twice.status_code == 204
    names = list(Stage.objects.filter(funnel=funnel).order_by("order").values_list("name", flat=True))
    assert names[:3] == ["Первый контакт", "Замер", "Потребность"]
    assert len(names) == 6


def test_order_by_dragging_and_by_keyboard(
    world: World, head: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    a, b, c, d, e = (s.pk for s in stages)
    path = head.w(f"/book/funnels/{funnel.pk}/order/")

    assert head.post(path, {"ids": f"{b},{a},{c},{d},{e}"}, **HTMX).status_code == 204
    assert head.post(path, {"move": e, "by": "up"}, **HTMX).status_code == 204
    assert head.post(path, {"move": b, "by": "up"}, **HTMX).status_code == 204

    order = Stage.objects.filter(funnel=funnel).order_by("order").values_list("pk", flat=True)
    assert list(order) == [b, a, c, e, d]
    assert Event.objects.filter(type="funnel.reordered").count() == 2
    assert head.post(path, {"ids": "1,x,,99999999999999999999"}, **HTMX).status_code == 409


def test_the_key_stage_is_chosen_and_taken_away(
    world: World, head: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    path = head.w(f"/book/funnels/{funnel.pk}/key/")

    head.post(path, {"stage": stages[0].pk}, **HTMX)
    assert Stage.objects.get(funnel=funnel, is_key=True) == stages[0]
    head.post(path, {"stage": ""}, **HTMX)
    assert not Stage.objects.filter(funnel=funnel, is_key=True).exists()


def test_archiving_a_stage_with_deals_asks_where_they_go(
    world: World, head: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, stage=stages[1])
    path = head.w(f"/book/stages/{stages[1].pk}/archive/")

    asked = head.get(path, **HTMX)
    assert "1 открытая сделка" in text(asked)
    assert head.post(path, {}, **HTMX).status_code == 422
    response = head.post(path, {"target": stages[0].pk}, **HTMX)

    assert response.headers["HX-Redirect"] == head.w(f"/book/funnels/{funnel.pk}/")
    deal.refresh_from_db()
    assert deal.stage == stages[0]
    assert Stage.objects.get(pk=stages[1].pk).archived_at is not None


def test_merging_says_what_follows_and_does_it(
    world: World, head: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, stage=stages[2])
    path = head.w(f"/book/stages/{stages[2].pk}/merge/")

    asked = text(head.get(path))
    assert "ключевым" in asked
    assert "1 открытая сделка" in asked
    assert head.post(path, {"target": stages[2].pk}, **HTMX).status_code == 422
    head.post(path, {"target": stages[1].pk}, **HTMX)

    deal.refresh_from_db()
    assert deal.stage == stages[1]
    assert "объединён" in text(head.get(head.w(f"/book/funnels/{funnel.pk}/")))
    assert head.post(head.w(f"/book/stages/{stages[2].pk}/restore/"), **HTMX).status_code == 409


def test_counts_of_deals_keep_within_ones_reach(
    world: World, head: Any, anna: Any, funnel: Funnel, stages: list[Stage]
) -> None:
    create_deal(actor=world.anna, title="Моя", funnel=funnel)
    create_deal(actor=world.vera, title="Чужая", funnel=funnel)

    path = f"/book/funnels/{funnel.pk}/"
    assert anna.get(anna.w(path)).context["open_deals"] == {stages[0].pk: 1}
    assert head.get(head.w(path)).context["open_deals"] == {stages[0].pk: 2}


def test_a_template_is_applied_in_the_readers_language_and_leads_on(world: World, head: Any) -> None:
    path = head.w("/book/template/")
    assert "Оборудование" in text(head.get(path))

    response = head.post(path, {"template": "services", "next": head.w("/settings/")})
    assert response.headers["Location"] == head.w("/settings/")
    assert Funnel.objects.filter(name="Проекты · Средний бизнес").exists()

    elsewhere = head.post(path, {"template": "equipment", "next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == head.w("/book/")
    assert head.post(path, {"template": "bakery"}).status_code == 409
    here = {offer.code for offer in head.get(path).context["offers"] if offer.is_here}
    assert here == {"services", "equipment"}


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ("won_reason", {}),
        ("lost_reason", {"follow_up": "contact"}),
        ("source", {}),
        ("activity_kind", {"channel": "visit", "icon": "car", "minutes": "90"}),
        ("segment", {"description": "Кто это"}),
        ("product_group", {"parent": ""}),
        ("product", {"sku": "A-1", "group": "", "unit": "шт.", "price": "12 450,50"}),
    ],
)
def test_every_list_is_kept_by_its_screen(
    world: World, head: Any, funnel: Funnel, code: str, extra: dict[str, str]
) -> None:
    url = head.w(f"/book/lists/{code}/")
    assert head.get(f"{url}new/", **HTMX).status_code == 200
    name = "<b>Ёлка</b> & «сосна» 🌲"

    assert head.post(f"{url}new/", {"name": name, **extra}, **HTMX).status_code == 204
    page = head.get(url)
    assert "&lt;b&gt;Ёлка&lt;/b&gt; &amp; «сосна» 🌲" in text(page)
    assert "<b>Ёлка</b>" not in text(page)
    entry = get_dictionary(code).active().get(name=name)

    form = head.get(f"{url}{entry.pk}/", **HTMX)
    assert head.post(f"{url}{entry.pk}/", fields(form), **HTMX).status_code == 204
    assert not Event.objects.filter(type="entry.edited").exists()
    assert head.post(f"{url}{entry.pk}/", fields(form, name="Пихта"), **HTMX).status_code == 204
    conflict = head.post(f"{url}{entry.pk}/", fields(form, name="Кедр"), **HTMX)
    assert conflict.status_code == 422
    assert "Пихта" in text(conflict)
    assert head.post(f"{url}{entry.pk}/archive/", **HTMX).status_code == 204
    assert "Пихта" in text(head.get(url, {"view": "archived"}))
    assert head.post(f"{url}{entry.pk}/restore/", **HTMX).status_code == 204
    again = head.post(f"{url}new/", {"name": "пихта", **extra}, **HTMX)
    assert again.status_code == 422
    assert again.context["form"].errors["name"]


def test_reasons_are_merged_by_their_screen(world: World, head: Any, funnel: Funnel) -> None:
    first, second = Reason.objects.filter(kind="lost").order_by("id")[:2]
    url = head.w(f"/book/lists/lost_reason/{first.pk}/merge/")

    assert first.name in text(head.get(url))
    assert head.post(url, {"into": second.pk}, **HTMX).status_code == 204

    first.refresh_from_db()
    assert first.merged_into == second


def test_tags_are_coloured_merged_and_archived_by_their_screen(
    world: World, head: Any, funnel: Funnel
) -> None:
    one, other = tag_named("VIP"), tag_named("важный")
    company = create_company(actor=world.anna, name="А")
    beside = create_company(actor=world.anna, name="Б")
    for tag in (one, other):
        tag_company(company, actor=world.anna, name=tag.name)
    tag_company(beside, actor=world.anna, name=other.name)

    head.post(head.w(f"/book/lists/tag/{one.pk}/"), {"name": "VIP", "color": "#396ed0"}, **HTMX)
    one.refresh_from_db()
    assert one.color == "#396ed0"
    assert "важный" in text(head.get(head.w("/book/lists/tag/")))
    assert (
        head.post(head.w(f"/book/lists/tag/{other.pk}/merge/"), {"into": one.pk}, **HTMX).status_code == 204
    )
    assert set(CompanyTag.objects.values_list("company__name", "tag__name")) == {("А", "VIP"), ("Б", "VIP")}
    assert tag_named("Важный") == one

    undo(Event.objects.filter(type="entry.merged").latest("id"), actor=world.head)
    assert CompanyTag.objects.count() == 3
    assert Tag.objects.filter(archived_at=None).count() == 2


def test_lists_are_put_in_order(world: World, head: Any, funnel: Funnel) -> None:
    a, b = Source.objects.filter(archived_at=None)
    url = head.w("/book/lists/source/order/")

    assert head.post(url, {"ids": f"{b.pk},{a.pk}"}, **HTMX).status_code == 204
    assert list(Source.objects.all()) == [b, a]
    assert head.post(url, {"move": a.pk, "by": "up"}, **HTMX).status_code == 204
    assert list(Source.objects.all()) == [a, b]
    assert head.post(head.w("/book/lists/product/order/"), {"ids": "1"}).status_code == 404


def test_groups_move_among_their_siblings(world: World, head: Any, funnel: Funnel) -> None:
    top = funnel.product_group
    assert top
    low = [
        ProductGroup.objects.create(name=name, name_key=fold(name), parent=top, order=order)
        for order, name in enumerate(["Вниз", "Ближе"], start=2)
    ]
    other = ProductGroup.objects.create(name="Вторая", name_key="вторая", order=9)

    head.post(head.w("/book/lists/product_group/order/"), {"move": low[1].pk, "by": "up"}, **HTMX)

    shown = head.get(head.w("/book/lists/product_group/")).context["rows"]
    assert [(row["entry"].name, row["depth"]) for row in shown] == [
        (top.name, 0),
        ("Ближе", 1),
        ("Вниз", 1),
        (other.name, 0),
    ]


def test_a_wrong_price_is_said_and_kept(world: World, head: Any, funnel: Funnel) -> None:
    response = head.post(
        head.w("/book/lists/product/new/"),
        {"name": "Весы", "price": "дорого", "sku": "", "group": "", "unit": ""},
        **HTMX,
    )

    assert response.status_code == 422
    assert response.context["form"].errors["price"]
    assert "дорого" in text(response)


def test_megabytes_are_refused_in_words(world: World, head: Any, stages: list[Stage]) -> None:
    path = head.w(f"/book/stages/{stages[0].pk}/")
    response = head.post(path, fields(head.get(path), goal="я" * 500_000), **HTMX)

    assert response.status_code == 422
    assert response.context["form"].errors["goal"]
    assert Stage.objects.get(pk=stages[0].pk).goal == ""


def test_an_archived_funnel_is_shown_as_such_and_comes_back(world: World, head: Any, funnel: Funnel) -> None:
    create_funnel(actor=world.admin, name="Другая")

    gone = head.post(head.w(f"/book/funnels/{funnel.pk}/archive/"), **HTMX)
    assert gone.headers["HX-Redirect"] == head.w("/book/")
    page = head.get(head.w("/book/"))
    assert [found.funnel for found in page.context["book"].archived] == [funnel]
    assert "в архиве" in text(head.get(head.w(f"/book/funnels/{funnel.pk}/")))

    assert head.post(head.w(f"/book/funnels/{funnel.pk}/restore/"), **HTMX).status_code == 204
    assert not head.get(head.w("/book/")).context["book"].archived


def count_queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow(world: World, head: Any, funnel: Funnel) -> None:
    paths = [
        head.w(p)
        for p in ("/book/", f"/book/funnels/{funnel.pk}/", "/book/lists/tag/", "/book/lists/source/")
    ]
    tag_named("Первая")
    # Eight happenings fill the box of the last changes on both occasions.
    for number in range(8):
        add_stage(funnel, actor=world.head, name=f"Этап {number}")
    for path in paths:
        count_queries(head, path)
    few = [count_queries(head, path) for path in paths]
    apply_template("equipment", actor=world.head, language="ru")
    apply_template("services", actor=world.head, language="ru")
    for number in range(8, 30):
        add_stage(funnel, actor=world.head, name=f"Этап {number}")
    Tag.objects.bulk_create(Tag(name=f"Метка {n}", name_key=f"метка {n}") for n in range(300))
    Stage.objects.filter(funnel=funnel, order__gt=20).update(archived_at=clock.now())

    assert [count_queries(head, path) for path in paths] == few
