"""«How it works»: a stage from the book's own texts, for who sells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.deals.actions import create_deal
from voronka.playbook.actions import apply_template
from voronka.playbook.models import Funnel, Stage, StageTask


@pytest.fixture
def stage(world: World) -> Stage:
    apply_template("equipment", actor=world.admin, language="ru")
    first = Stage.objects.filter(funnel=Funnel.objects.order_by("order").first()).order_by("order").first()
    task = StageTask.objects.filter(stage=first).order_by("order").first()
    task.materials = "https://video.example/first-call"
    task.save(update_fields=["materials"])
    return first


def test_it_tells_the_goal_the_tasks_the_film_and_the_answers(
    world: World, stage: Stage, as_member: Any
) -> None:
    anna = as_member(world.anna)
    page = anna.get(anna.w(f"/book/stages/{stage.pk}/how/"))
    text = page.content.decode()

    assert page.status_code == 200
    assert "https://video.example/first-call" in text
    for said in (stage.goal, stage.result, stage.objection_rows.first().text):
        assert said[:30] in text
    part = anna.get(anna.w(f"/book/stages/{stage.pk}/how/"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part


def test_the_card_leads_to_it(world: World, stage: Stage, as_member: Any) -> None:
    anna = as_member(world.anna)
    deal = create_deal(actor=world.anna, title="x", funnel=stage.funnel)
    part = anna.get(anna.w(f"/deals/{deal.number}/stage/")).content.decode()
    assert anna.w(f"/book/stages/{stage.pk}/how/") in part


def test_a_stage_put_away_or_anothers_is_not_there(
    world: World, stage: Stage, stranger: World, as_member: Any
) -> None:
    anna = as_member(stranger.anna)
    assert anna.get(f"/w/{stranger.slug}/book/stages/{stage.pk}/how/").status_code == 404
