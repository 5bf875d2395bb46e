"""Tours: offered once to who is new, there for everybody who asks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.deals.actions import create_deal
from voronka.desk.models import Seen
from voronka.ui.guide.tours import TOURS

OFFER = "data-tour-offer"


@pytest.fixture
def pages(world: World, funnel: Any) -> dict[str, str]:
    deal = create_deal(actor=world.anna, title="x", funnel=funnel)
    return {"today": "/today/", "board": "/deals/", "deal": f"/deals/{deal.number}/", "book": "/book/"}


@pytest.mark.parametrize("code", list(TOURS))
def test_each_is_offered_until_it_was_seen_and_stays_in_the_menu(
    world: World, pages: dict[str, str], as_member: Any, code: str
) -> None:
    anna = as_member(world.anna)
    url = anna.w(pages[code])
    first = anna.get(url).content.decode()
    assert (OFFER in first, "tour-stops" in first, "data-tour-menu" in first) == (True, True, True)

    for _twice in range(2):
        assert anna.post(anna.w(f"/tours/{code}/seen/")).status_code == 204

    again = anna.get(url).content.decode()
    assert (OFFER in again, "tour-stops" in again) == (False, True)
    boris = as_member(world.boris)
    assert OFFER in boris.get(boris.w("/today/")).content.decode()


def test_the_demo_company_is_offered_none(world: World, pages: dict[str, str], as_member: Any) -> None:
    world.workspace.is_demo = True
    world.workspace.save(update_fields=["is_demo"])
    anna = as_member(world.anna)
    assert OFFER not in anna.get(anna.w("/today/")).content.decode()


def test_a_tour_that_is_none_is_not_noted(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    assert anna.post(anna.w("/tours/nonsense/seen/")).status_code == 404
    assert not Seen.objects.exists()
