"""The first book from three answers."""

from __future__ import annotations

import pytest

from tests.world import World
from voronka.catalog.models import Product, ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Forbidden, Refused
from voronka.journal.models import Event
from voronka.playbook.actions.first_book import BLANK, MAX_WORDS, Answers, build_first_book, fitted
from voronka.playbook.models import ActivityKind, Funnel, Stage, StageTask
from voronka.playbook.templates_data import all_templates, get_template


def names() -> list[str]:
    return list(Funnel.objects.order_by("order").values_list("name", flat=True))


def test_only_what_is_sold_and_to_whom_comes_into_the_book(world: World) -> None:
    answers = Answers("equipment", groups={"machines"}, segments={"industry"})
    build_first_book(answers, actor=world.admin, language="ru")

    assert names() == ["Оборудование · Производство"]
    assert [group.name for group in ProductGroup.objects.all()] == ["Оборудование"]
    assert [segment.name for segment in Segment.objects.all()] == ["Производство"]
    assert {product.group.name for product in Product.objects.all()} == {"Оборудование"}
    assert ActivityKind.objects.count() == 8
    assert Event.objects.filter(type="book.template_applied").count() == 1


def test_own_words_make_a_funnel_of_their_own_first(world: World) -> None:
    answers = Answers(
        "equipment",
        groups={"machines"},
        segments={"industry"},
        own_group="  Кофемашины ",
        own_segment="Рестораны",
    )
    build_first_book(answers, actor=world.admin, language="ru")

    assert names()[0] == "Кофемашины · Рестораны"
    assert names()[-1] == "Оборудование · Производство"
    own = Funnel.objects.get(name="Кофемашины · Рестораны")
    assert (own.product_group.name, own.segment.name) == ("Кофемашины", "Рестораны")
    assert Stage.objects.filter(funnel=own, is_key=True).count() == 1
    assert StageTask.objects.filter(stage__funnel=own).exists()


def test_who_sells_alone_is_told_and_asked_by_nobody(world: World) -> None:
    build_first_book(Answers("equipment", alone=True), actor=world.admin, language="ru")

    assert not Stage.objects.exclude(told_at=[]).exists()
    assert not StageTask.objects.exclude(role=None).exists()


def test_an_own_way_begins_with_what_no_deal_can_do_without(world: World) -> None:
    build_first_book(Answers(BLANK, own_group="Мёд", own_segment="Кафе"), actor=world.admin, language="ru")

    assert names() == ["Мёд · Кафе"]
    assert (Stage.objects.count(), ActivityKind.objects.count()) == (5, 4)


@pytest.mark.parametrize("template", all_templates(), ids=lambda template: template.code)
def test_every_template_can_be_cut_to_any_one_pair(template: object) -> None:
    """Also to a pair for which it has no funnel: the nearest one is copied."""
    for group in template.groups:
        for segment in template.segments:
            cut = fitted(template, Answers(template.code, groups={group.code}, segments={segment.code}))
            assert cut.funnels
            assert {(f.group, f.segment) for f in cut.funnels} == {(group.code, segment.code)}
            assert {product.group for product in cut.products} <= {group.code}


def test_codes_that_nobody_offers_are_as_good_as_none() -> None:
    template = get_template("equipment")
    assert fitted(template, Answers("equipment", groups={"../etc"})).funnels == template.funnels


@pytest.mark.parametrize(
    "answers",
    [Answers("../etc"), Answers(""), Answers("equipment", own_group="я" * (MAX_WORDS + 1))],
)
def test_what_cannot_be_is_refused_and_makes_nothing(world: World, answers: Answers) -> None:
    with pytest.raises(Refused):
        build_first_book(answers, actor=world.admin, language="ru")
    assert names() == []


def test_a_book_that_is_there_is_left_alone(world: World, funnel: Funnel) -> None:
    with pytest.raises(Refused):
        build_first_book(Answers("services"), actor=world.admin, language="ru")
    assert names() == [funnel.name]


def test_only_who_may_configure_the_book_makes_it(world: World) -> None:
    for code in ("services", BLANK):
        with pytest.raises(Forbidden):
            build_first_book(Answers(code), actor=world.anna, language="ru")
    assert names() == []
