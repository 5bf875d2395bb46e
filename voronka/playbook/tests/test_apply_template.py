"""Applying a ready-made book."""

from __future__ import annotations

import pytest

from tests.world import World
from voronka.catalog.models import Product
from voronka.clients.models import Segment, Source
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import apply_template, create_reason
from voronka.playbook.models import ActivityKind, Funnel, Reason, ReasonKind, Stage


def test_an_empty_book_becomes_complete(world: World) -> None:
    applied = apply_template("equipment", actor=world.admin, language="ru")

    assert [f.name for f in Funnel.objects.all()] == [
        "Оборудование · Производство",
        "Оборудование · Торговля",
        "Сервисные контракты",
        "Запчасти и расходники",
    ]
    assert applied.counts["playbook.stage"] == Stage.objects.count() == 23
    for funnel in Funnel.objects.all():
        stages = list(Stage.objects.filter(funnel=funnel))
        assert [s.order for s in stages] == list(range(1, len(stages) + 1))
        assert sum(s.is_key for s in stages) == 1
        assert all(s.goal and s.result and s.role_id and s.limit_days for s in stages)
        assert funnel.product_group_id
        assert funnel.segment_id
    assert Reason.objects.filter(kind=ReasonKind.LOST).count() == 9
    assert ActivityKind.objects.count() == 8
    assert Product.objects.exclude(price=None).count() == 8
    event = Event.objects.get(type="book.template_applied")
    assert event.actor == world.admin
    assert sorted(event.payload["made"]["playbook.funnel"]) == sorted(f.pk for f in applied.funnels)


def test_texts_come_in_the_chosen_language(world: World) -> None:
    apply_template("services", actor=world.admin, language="en")

    assert Funnel.objects.filter(name="Projects · Large companies").exists()
    assert Source.objects.filter(name="Web site", name_key="web site").exists()


@pytest.mark.parametrize("second", ["ru", "en"])
def test_applied_twice_in_whatever_language_adds_nothing(world: World, second: str) -> None:
    apply_template("services", actor=world.admin, language="ru")
    counts = [
        model.objects.count() for model in (Funnel, Stage, Reason, Source, Segment, ActivityKind, Product)
    ]

    again = apply_template("services", actor=world.admin, language=second)

    assert again.nothing
    assert again.funnels == []
    assert counts == [
        model.objects.count() for model in (Funnel, Stage, Reason, Source, Segment, ActivityKind, Product)
    ]
    assert Event.objects.filter(type="book.template_applied").count() == 1


def test_a_second_template_adds_only_what_is_missing_and_keeps_own_words(world: World) -> None:
    own = create_reason(actor=world.admin, kind=ReasonKind.LOST, name="дорого")
    apply_template("equipment", actor=world.admin, language="ru")
    apply_template("services", actor=world.admin, language="ru")

    assert Reason.objects.get(kind=ReasonKind.LOST, name_key="дорого") == own
    assert Funnel.objects.count() == 7
    assert Source.objects.filter(name_key="сайт").count() == 1
    assert ActivityKind.objects.count() == 8
    orders = list(Reason.objects.filter(kind=ReasonKind.LOST).values_list("order", flat=True))
    assert len(set(orders)) == len(orders)


def test_it_can_be_taken_back_while_nothing_uses_it(world: World) -> None:
    apply_template("equipment", actor=world.admin, language="ru")

    undo(Event.objects.get(type="book.template_applied"), actor=world.admin)

    assert not Funnel.objects.exists()
    assert not Stage.objects.exists()
    assert not Source.objects.exists()
    assert not Segment.objects.exists()


def test_taking_back_gives_way_when_something_was_built_on_it(world: World) -> None:
    applied = apply_template("equipment", actor=world.admin, language="ru")
    stage = Stage.objects.filter(funnel=applied.funnels[0]).first()
    assert stage
    Stage.objects.create(funnel=applied.funnels[0], name="Свой этап", order=8)

    with pytest.raises(Refused):
        undo(Event.objects.get(type="book.template_applied"), actor=world.admin)

    assert Funnel.objects.count() == 4
    assert Stage.objects.count() == 24


def test_sellers_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        apply_template("equipment", actor=world.anna, language="ru")

    assert not Funnel.objects.exists()


def test_an_unknown_template_is_refused_in_words(world: World) -> None:
    with pytest.raises(Refused):
        apply_template("bakery", actor=world.admin, language="ru")


def test_another_company_sees_nothing_of_it(world: World, stranger: World) -> None:
    apply_template("equipment", actor=world.admin, language="ru")

    with scope(stranger.workspace):
        assert not Funnel.objects.exists()
        apply_template("equipment", actor=stranger.admin, language="ru")
        assert Funnel.objects.count() == 4
