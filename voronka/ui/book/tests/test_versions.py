"""The history of the book on the screen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World
from voronka.core import clock
from voronka.deals.actions import create_deal
from voronka.playbook.actions import add_part, edit_stage
from voronka.playbook.models import BookVersion, Funnel, Objection, Stage
from voronka.playbook.versions import keep_version


@pytest.fixture
def stage(world: World, funnel: Funnel) -> Stage:
    """A stage whose book is kept from yesterday on."""
    keep_version()
    BookVersion.objects.update(at=clock.now() - dt.timedelta(days=2))
    found = Stage.objects.filter(funnel=funnel).first()
    assert found is not None
    return found


def test_every_change_stands_in_the_list_with_its_author(world: World, stage: Stage, as_member: Any) -> None:
    edit_stage(stage, actor=world.head, changes={"goal": "Понять задачу"})
    browser = as_member(world.anna)

    page = browser.get(browser.w("/book/versions/"))

    assert [row["version"].number for row in page.context["rows"]] == [2, 1]
    assert world.head.name in page.content.decode()


def test_a_version_says_what_it_changed_and_leads_to_the_whole_book(
    world: World, stage: Stage, as_member: Any
) -> None:
    edit_stage(stage, actor=world.head, changes={"goal": "Понять задачу"})
    add_part(Objection, stage, actor=world.head, text="Дорого", answer="Считаем вместе")
    browser = as_member(world.anna)

    second = browser.get(browser.w("/book/versions/2/")).content.decode()
    third = browser.get(browser.w("/book/versions/3/"), {"with": "1"}).content.decode()

    assert "<ins>Понять задачу</ins>" in second
    assert "Считаем вместе" not in second
    assert "<ins>Понять задачу</ins>" in third
    assert "Дорого" in third
    assert f'href="{browser.w("/book/document/")}?version=2"' in second
    whole = browser.get(browser.w("/book/document/"), {"version": "3"}).content.decode()
    assert "Считаем вместе" in whole
    assert "Понять задачу" in whole


def test_a_day_leads_to_the_book_of_that_day(world: World, stage: Stage, as_member: Any) -> None:
    edit_stage(stage, actor=world.head, changes={"goal": "Понять задачу"})
    browser = as_member(world.anna)
    today = clock.today()

    def book_on(days: int) -> Any:
        return browser.get(browser.w("/book/versions/"), {"on": f"{today - dt.timedelta(days=days)}"})

    assert book_on(0).url == browser.w("/book/document/?version=2")
    assert book_on(1).url == browser.w("/book/document/?version=1")
    assert book_on(9).context["missing"] == today - dt.timedelta(days=9)
    assert browser.get(browser.w("/book/versions/"), {"on": "вчера"}).status_code == 200


def test_a_version_of_another_company_is_not_there(
    world: World, stage: Stage, stranger: World, as_member: Any
) -> None:
    browser = as_member(stranger.anna)

    assert browser.get(browser.w("/book/versions/1/")).status_code == 404


def test_a_deal_says_by_which_book_it_lives_and_that_it_has_moved_on(
    world: World, stage: Stage, as_member: Any
) -> None:
    deal = create_deal(actor=world.anna, title="Линия", funnel=stage.funnel)
    browser = as_member(world.anna)
    url = browser.w(f"/deals/{deal.number}/stage/")

    before = browser.get(url)
    edit_stage(stage, actor=world.head, changes={"goal": "Понять задачу"})
    after = browser.get(url)

    assert (before.context["book"].number, before.context["book_changes"]) == (1, [])
    assert after.context["book"].number == 1
    assert after.context["book_changes"][0]["changes"][0].after == "Понять задачу"


def test_what_changed_elsewhere_does_not_trouble_the_deal(world: World, stage: Stage, as_member: Any) -> None:
    deal = create_deal(actor=world.anna, title="Линия", funnel=stage.funnel)
    other = Stage.objects.filter(funnel=stage.funnel).order_by("order")[2]
    edit_stage(other, actor=world.head, changes={"goal": "Показать"})
    browser = as_member(world.anna)

    page = browser.get(browser.w(f"/deals/{deal.number}/stage/"))

    assert page.context["book_changes"] == []
