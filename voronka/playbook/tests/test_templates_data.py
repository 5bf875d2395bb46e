"""The ready-made books are complete to the last text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from voronka.core.text import clean, fold
from voronka.playbook.models import ActivityKind, Channel, ForecastCategory, Stage
from voronka.playbook.palette import PALETTE, color_at, is_color
from voronka.playbook.templates_data import BookTemplate, Text, all_templates, get_template
from voronka.playbook.templates_data.shapes import NO_TEXT
from voronka.workspaces.rights import RoleCode

TEMPLATES = all_templates()
STAGES = [
    pytest.param(stage, id=f"{template.code}-{funnel.name.en}-{stage.name.en}")
    for template in TEMPLATES
    for funnel in template.funnels
    for stage in funnel.stages
]
FUNNELS = [
    pytest.param(funnel, id=f"{template.code}-{funnel.name.en}")
    for template in TEMPLATES
    for funnel in template.funnels
]


def texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        # What a stage may go without (a script, remedies) is said in both languages or in none.
        if value != NO_TEXT:
            yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))


def test_there_is_one_for_each_common_kind_of_business() -> None:
    assert [template.code for template in TEMPLATES] == [
        "equipment",
        "services",
        "software",
        "construction",
        "wholesale",
        "maintenance",
        "logistics",
    ]
    assert get_template("equipment").title.on("ru") == "Оборудование"
    assert get_template("equipment").title.on("en-gb") == "Equipment"
    with pytest.raises(KeyError):
        get_template("nothing")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.code)
def test_every_text_is_in_both_languages_and_in_the_right_letters(template: BookTemplate) -> None:
    said = list(texts(template))

    assert len(said) > 100
    for text in said:
        assert text.ru == clean(text.ru) != ""
        assert text.en == clean(text.en) != ""
        assert not any("а" <= letter <= "я" for letter in text.en.lower()), text.en
        if text.ru != text.en:
            assert any("а" <= letter <= "я" for letter in text.ru.lower()), text.ru


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.code)
def test_lists_are_long_enough_and_without_doubles(template: BookTemplate) -> None:
    assert len(template.groups) == len(template.segments) == 2
    assert len(template.funnels) >= 2
    assert 7 <= len(template.lost_reasons) <= 9
    assert 5 <= len(template.won_reasons) <= 6
    assert 8 <= len(template.sources) <= 10
    assert len(template.products) >= 5
    for named in (template.lost_reasons, template.won_reasons, template.sources):
        for language in ("ru", "en"):
            keys = [fold(text.on(language)) for text in named]
            assert len(set(keys)) == len(keys)
    assert all(segment.description.ru for segment in template.segments)
    assert all(product.price > 0 and product.unit.ru for product in template.products)
    groups = {group.code for group in template.groups}
    assert {product.group for product in template.products} == groups
    assert {kind.channel for kind in template.kinds} == set(Channel.values)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.code)
def test_the_grid_says_why_each_funnel_is_needed(template: BookTemplate) -> None:
    cells = {(cell.group, cell.segment): cell for cell in template.cells}

    assert len(cells) == len(template.cells)
    assert {(funnel.group, funnel.segment) for funnel in template.funnels} <= set(cells)
    assert all(len(cell.steps) >= 4 for cell in cells.values())


@pytest.mark.parametrize("funnel", FUNNELS)
def test_a_funnel_rises_to_its_end_and_has_one_key_stage(funnel: Any) -> None:
    assert 5 <= len(funnel.stages) <= 8
    chances = [stage.probability for stage in funnel.stages]
    assert all(a < b for a, b in pairwise(chances))
    assert sum(stage.is_key for stage in funnel.stages) == 1
    colors = [stage.color for stage in funnel.stages]
    assert len(set(colors)) == len(colors)
    ranks = [ForecastCategory.PIPELINE, ForecastCategory.BEST_CASE, ForecastCategory.COMMIT]
    placed = [ranks.index(stage.category) for stage in funnel.stages]
    assert placed == sorted(placed)
    for language in ("ru", "en"):
        names = [fold(stage.name.on(language)) for stage in funnel.stages]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_says_everything(stage: Any) -> None:
    limit = Stage._meta.get_field("name").max_length
    assert limit is not None
    assert len(stage.name.ru) <= limit
    assert len(stage.name.en) <= limit
    for text in (stage.goal, stage.result):
        assert len(text.ru) > 25
        assert len(text.en) > 20
        assert text.ru.endswith(".")
        assert text.en.endswith(".")
    assert stage.role in RoleCode.values
    assert 1 <= stage.limit <= 30
    assert 0 < stage.probability < 100
    assert stage.color in {tone.color for tone in PALETTE}


def test_icons_exist() -> None:
    drawn = json.loads((Path(__file__).parents[2] / "ui/vendor/icons.json").read_text(encoding="utf-8"))
    limit = ActivityKind._meta.get_field("icon").max_length
    assert limit is not None
    for template in TEMPLATES:
        assert template.icon in drawn
        for kind in template.kinds:
            assert kind.icon in drawn
            assert len(kind.icon) <= limit


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("tone", PALETTE, ids=lambda tone: tone.color)
def test_colours_can_be_told_apart_from_both_grounds(tone: Any) -> None:
    assert is_color(tone.color)
    own = _luminance(tone.color)
    assert 1.05 / (own + 0.05) >= 4.5, "white text on it, or it on white"
    # The dark theme's cards (--v-surface).
    assert (own + 0.05) / (_luminance("#181e29") + 0.05) >= 3


def test_neighbouring_stages_differ_and_colours_never_run_out() -> None:
    assert len({color_at(i) for i in range(len(PALETTE))}) == len(PALETTE)
    assert all(color_at(i) != color_at(i + 1) for i in range(40))
    assert not is_color("red")
    assert not is_color("#FFFFFF")
    assert not is_color("#fff; x")
