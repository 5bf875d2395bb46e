"""What the stages of a ready-made book ask: whole in both languages, and every kind of criterion is a declared one."""

from __future__ import annotations

import pytest

from tests.world import World
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import apply_template
from voronka.playbook.criteria import kind_of, told
from voronka.playbook.models import Criterion, Objection, Stage, StageTask
from voronka.playbook.templates_data import all_templates
from voronka.playbook.templates_data.shapes import BookTemplate

TEMPLATES = all_templates()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.code)
def test_every_stage_has_tasks_and_says_when_it_is_left(template: BookTemplate) -> None:
    for funnel in template.funnels:
        for stage in funnel.stages:
            name = f"{funnel.name.ru} / {stage.name.ru}"
            assert stage.tasks, name
            assert stage.criteria or any(task.required for task in stage.tasks), name
            for text in [
                *(task.text for task in stage.tasks),
                *(one.text for one in stage.objections),
                *(one.answer for one in stage.objections),
                *(line for one in stage.criteria for line in one.lines),
            ]:
                assert text.ru.strip(), name
                assert text.en.strip(), name
            assert all(task.after <= (stage.limit or 365) for task in stage.tasks), name


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.code)
def test_the_book_written_from_it_asks_what_can_be_checked(
    world: World, template: BookTemplate, language: str
) -> None:
    apply_template(template.code, actor=world.admin, language=language)
    stages = sum(len(funnel.stages) for funnel in template.funnels)
    assert Stage.objects.filter(stagetask_rows__isnull=False).distinct().count() == stages
    for criterion in Criterion.objects.select_related("stage"):
        kind = kind_of(criterion.kind)
        assert kind is not None
        assert told(criterion)
        for param in kind.params:
            if param.options:
                choices = [value for value, _label in param.options(criterion.stage)]
                assert criterion.params[param.name] in choices


def test_a_template_is_taken_back_with_all_it_asks(world: World) -> None:
    apply_template(TEMPLATES[0].code, actor=world.admin, language="ru")
    assert StageTask.objects.exists()
    undo(Event.objects.get(type="book.template_applied"), actor=world.admin)
    assert not StageTask.objects.exists()
    assert not Criterion.objects.exists()
    assert not Objection.objects.exists()
