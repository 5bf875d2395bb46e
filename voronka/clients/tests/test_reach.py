"""Two ways to ask which clients one sees, for much and for little reach, with one answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.world import World, make_company, make_person
from voronka.activities.actions import plan_activity
from voronka.clients import querysets
from voronka.clients.models import Company, Person
from voronka.deals.actions import create_deal
from voronka.playbook.models import ActivityKind


@pytest.mark.parametrize("login", ["head", "north_head", "anna"])
def test_reach_is_the_same_listed_and_asked_row_by_row(
    world: World, funnel: Any, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    own = make_company(world.anna, "ООО «Своя»")
    strange = make_company(None, "ООО «Чужая»")
    by_deal, by_plan = make_company(None, "ООО «По сделке»"), make_company(None, "ООО «По делу»")
    for company in (own, strange, by_deal, by_plan):
        make_person(company, f"Человек {company.name}")
    create_deal(actor=world.admin, owner=world.anna, title="Стеллажи", funnel=funnel, company=by_deal)
    plan_activity(
        actor=world.admin,
        owner=world.anna,
        kind=ActivityKind.objects.all()[0],
        due_at=timezone.now(),
        company=by_plan,
    )
    member = getattr(world, login)
    found = []
    for wide in (True, False):
        monkeypatch.setattr(querysets, "_is_wide", lambda member, reach, wide=wide: wide)
        found.append(
            (
                set(Company.objects.visible_to(member).values_list("name", flat=True)),
                set(Person.objects.visible_to(member).values_list("name", flat=True)),
            )
        )
    assert found[0][0] == set(Company.objects.visible_to(member, by_row=True).values_list("name", flat=True))
    assert found[0][1] == set(Person.objects.visible_to(member, by_row=True).values_list("name", flat=True))
    assert found[0] == found[1]
    assert found[0][0] == {own.name, by_deal.name, by_plan.name}
    assert len(found[0][1]) == 3


def test_a_head_of_all_reaches_most_teams_and_a_head_of_one_does_not(world: World) -> None:
    assert world.head.reaches_most_teams
    assert not world.north_head.reaches_most_teams
