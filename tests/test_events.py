"""Every declared event can be told in both languages, whatever its payload has or lacks."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from typing import Any

import pytest
from django.utils.translation import gettext, override

from tests.world import World
from voronka.config.messages import build
from voronka.journal.models import Event
from voronka.journal.registry import EventType, all_types
from voronka.journal.sentences import tell
from voronka.ui.icons import icon_svg

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def _texts() -> None:
    build()


# Lists whose shape the types do not say: pairs of before and after, lines of what changed.
_PAIR = ["Анна", "Борис"]
SHAPES: dict[tuple[str, str], Any] = {
    ("company.assigned", "names"): _PAIR,
    ("person.assigned", "names"): _PAIR,
    ("company.merged", "taken"): [["site", "Сайт", "", "romashka.ru"]],
    ("company.merged", "left"): [["inn", "ИНН", "7707083893"]],
    ("person.merged", "taken"): [["name", "Имя", "Игорь", "Игорь Белов"]],
    ("person.merged", "left"): [["about", "О человеке", "рыбак"]],
    ("layout.saved", "after"): {"groups": [], "required": []},
    ("field.edited", "texts"): [["Название", "Склад", "Рампа"]],
    ("activity.edited", "own"): [{"label": "Склад", "was": "север", "now": "юг"}],
    ("deal.edited", "shown"): [{"label": "Сумма", "was": "1", "now": "2"}],
    ("plans.set", "cells"): [{"member": 1, "name": "Анна", "month": "2026-11-01", "was": None, "now": "5"}],
    ("plans.posted_back", "at"): "2026-11-10T09:00:00+00:00",
    ("plans.posted_back", "closed_at"): "2026-10-10T09:00:00+00:00",
    ("plans.posted_back", "amount"): "-150.00",
    **dict.fromkeys(
        [(f"stage.part{end}", "part") for end in ("_added", "_edited", "_put_away", "s_reordered")], "task"
    ),
    ("member.let_go", "given"): [["5 сделок", ["Анна"]]],
    ("rates.set", "rates"): [["USD", "2026-11-22", None, "81.25"]],
    ("deal.approval_asked", "amount"): "1500000",
    ("deal.kept_alive", "until"): "2026-12-20",
    ("deal.approval_decided", "amount"): "1500000",
    **dict.fromkeys(
        [(f"book.status_{end}", "outcome") for end in ("added", "edited", "archived", "restored")], "won"
    ),
    ("deal.offer_made", "amount"): "4900000",
    ("deal.offer_made", "day"): "2026-11-22",
    ("deal.offer_removed", "amount"): "4900000",
    # The verb writes the kind's name where nothing was said.
    ("activity.logged", "subject"): "Звонок",
    ("activity.done", "subject"): "Звонок",
}


def sample(annotation: Any, *, full: bool) -> Any:
    """A JSON value of the annotated type; with *full* everything that may be there is there."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        if not full and type(None) in arguments:
            return None
        return sample(next(a for a in arguments if a is not type(None)), full=full)
    if origin in (list, tuple):
        return [sample(arguments[0], full=full)] if full and arguments else []
    if origin is dict or annotation is dict:
        return {}
    if origin is typing.Literal:
        return arguments[0]
    return {str: "1000" if full else "", int: 1, float: 1.0, bool: full}.get(annotation, "1")


def payload_of(declared: EventType, *, full: bool) -> dict[str, Any]:
    hints = typing.get_type_hints(declared.payload_class)
    return {
        f.name: SHAPES.get((declared.name, f.name)) or sample(hints[f.name], full=full)
        for f in dataclasses.fields(declared.payload_class)
    }


def known() -> list[Any]:
    return [
        pytest.param(declared, id=declared.name)
        for declared in all_types()
        if declared.name != "event.undone"
    ]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
@pytest.mark.parametrize("declared", known())
def test_every_event_is_told(world: World, declared: EventType, full: bool, language: str) -> None:
    event = Event.objects.create(
        type=declared.name, actor=world.anna, payload=payload_of(declared, full=full)
    )

    with override(language):
        told = tell(event)

    assert told.sentence.strip()
    assert not re.search(r"[{}]", told.sentence)
    assert icon_svg(told.icon)


@pytest.mark.parametrize("declared", known())
def test_every_sentence_is_russian_in_russian(declared: EventType) -> None:
    if not re.search("[a-z]", re.sub(r"{\w+}", "", str(declared.sentence))):
        pytest.skip("made of its values only")
    with override("ru"):
        assert CYRILLIC.search(gettext(declared.sentence)), f"no Russian: {declared.sentence}"


@pytest.mark.parametrize("declared", known())
def test_an_old_payload_without_later_fields_is_told_if_they_have_defaults(declared: EventType) -> None:
    required = {
        f.name: sample(typing.get_type_hints(declared.payload_class)[f.name], full=True)
        for f in dataclasses.fields(declared.payload_class)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }

    assert declared.load({**required, "a_field_of_the_future": 1})


def test_what_was_undone_is_named(world: World) -> None:
    event = Event.objects.create(
        type="event.undone", actor=world.anna, payload={"event": 1, "what": "team.created", "left": []}
    )

    assert tell(event).sentence.strip(" :") != "Undone"
