"""Given and computed side by side."""

from __future__ import annotations

from typing import Any

from tests.world import World
from voronka.deals.actions import create_deal, win_deal
from voronka.playbook.models import Funnel, Stage


def test_the_funnel_shows_given_and_computed_side_by_side(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    browser = as_member(world.anna)
    url = browser.w(f"/book/funnels/{funnel.pk}/history/")
    assert browser.get(url).context["lines"] == []

    win_deal(create_deal(actor=world.anna, title="Линия", funnel=funnel), actor=world.anna)
    lines = browser.get(url).context["lines"]

    assert [line.chance.percent for line in lines] == [100] * 5
    assert lines[0].is_far
    assert browser.get(url, HTTP_HX_REQUEST="true").content.strip().startswith(b'<div id="book-history"')


def test_a_stage_tells_its_computed_chance(world: World, funnel: Funnel, as_member: Any) -> None:
    head, seller = as_member(world.head), as_member(world.anna)
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    path = f"/book/stages/{stage.pk}/"
    assert head.get(head.w(path)).context["chance"] == ""

    win_deal(create_deal(actor=world.anna, title="Линия", funnel=funnel), actor=world.anna)

    for browser in (head, seller):
        page = browser.get(browser.w(path))
        assert "100" in page.context["chance"]
        assert page.context["chance"] in page.content.decode()


def test_a_funnel_of_another_company_has_no_history_here(
    world: World, funnel: Funnel, stranger: World, as_member: Any
) -> None:
    browser = as_member(stranger.head)

    assert browser.get(browser.w(f"/book/funnels/{funnel.pk}/history/")).status_code == 404
