"""A colleague leaves: everything open goes to others in one go, and comes back in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import PASSWORD, World, make_company, make_person
from voronka.activities.actions import plan_activity
from voronka.activities.leaving import let_go
from voronka.activities.models import Activity
from voronka.clients.models import Company, Person
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, win_deal
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind
from voronka.workspaces.actions import deactivate_member
from voronka.workspaces.models import Member


@pytest.fixture
def work(world: World, funnel: Any) -> list[Deal]:
    """Anna's: three open deals and a won one, a client with a person, an activity of the first deal and one more."""
    company = make_company(world.anna)
    make_person(company)
    deals = [
        create_deal(actor=world.anna, title=f"Сделка {n}", funnel=funnel, company=company) for n in range(4)
    ]
    win_deal(deals[3], actor=world.anna)
    kind = ActivityKind.objects.order_by("order").first()
    plan_activity(actor=world.anna, kind=kind, due_at=timezone.now(), deal=deals[0])
    plan_activity(actor=world.anna, kind=kind, due_at=timezone.now(), company=company)
    return deals


def owners(model: Any) -> list[str]:
    return list(model.objects.order_by("pk").values_list("owner__name", flat=True))


def snapshot() -> tuple[Any, ...]:
    return owners(Deal), owners(Company), owners(Person), owners(Activity), active()


def active() -> set[str]:
    return set(Member.objects.active().values_list("name", flat=True))


def test_everything_open_goes_where_it_was_told_and_comes_back_whole(world: World, work: list[Deal]) -> None:
    before = snapshot()
    to = {
        "deals": [world.boris, world.vera],
        "clients": [world.boris],
        "activities": [world.vera, world.boris],
    }

    event = let_go(world.anna, actor=world.admin, to=to)

    boris, vera, anna = world.boris.name, world.vera.name, world.anna.name
    assert owners(Deal) == [boris, vera, boris, anna]  # by turns; the won one stays hers
    assert (owners(Company), owners(Person)) == ([boris], [boris])
    assert owners(Activity)[0] == boris  # with its deal
    assert anna not in active()
    assert event is not None
    assert Event.objects.filter(cause=None, pk__gte=event.pk).count() == 1
    assert Notice.objects.filter(key=f"event:{event.pk}").count() == 2
    assert Notice.objects.filter(kind="deal").count() == 2  # not one for every deal

    undo(event, actor=world.admin)

    assert snapshot() == before


def test_a_member_with_open_work_does_not_just_leave(world: World, work: list[Deal]) -> None:
    with pytest.raises(Refused) as refusal:
        deactivate_member(world.anna, actor=world.admin)
    assert "3" in str(refusal.value)
    assert world.anna.name in active()
    deactivate_member(world.anna, actor=world.admin, leave_open=True)
    assert owners(Deal) == [world.anna.name] * 4


def test_what_is_not_given_stays_and_is_told(world: World, work: list[Deal]) -> None:
    event = let_go(world.anna, actor=world.admin, to={"deals": [world.boris]})
    assert event is not None
    assert owners(Company) == [world.anna.name]
    assert len(event.payload["given"]) == 1
    assert len(event.payload["left"]) == 2


def test_nothing_moves_when_it_is_refused(world: World, work: list[Deal]) -> None:
    before = snapshot()
    former = Member.objects.create(name="Бывший", role=world.roles["seller"], status="former")
    for wrong in (world.anna, former):
        with pytest.raises(Refused):
            let_go(world.anna, actor=world.admin, to={"clients": [world.boris], "deals": [wrong]})
    with pytest.raises(Forbidden):
        let_go(world.anna, actor=world.head, to={"deals": [world.boris]})
    assert snapshot() == before
    assert not Event.objects.filter(type="member.let_go").exists()
    with pytest.raises(Refused):
        let_go(world.admin, actor=world.admin, to={"deals": [world.boris]})
    assert world.admin.name in active()


def test_the_sessions_of_who_leaves_end(world: World) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": world.anna.email, "password": PASSWORD})
    assert browser.get(f"/w/{world.slug}/deals/").status_code in (200, 302)
    deactivate_member(world.anna, actor=world.admin)
    assert "_auth_user_id" not in browser.session


def test_the_dialog_asks_for_each_kind_and_takes_the_team(
    world: World, work: list[Deal], as_member: Callable[[Any], Client]
) -> None:
    admin = as_member(world.admin)
    url = admin.w(f"/settings/members/{world.anna.pk}/leave/")
    page = admin.get(url).content.decode()
    assert 'name="to_deals"' in page
    assert admin.post(url, {"to_deals": world.boris.pk}).status_code == 409
    assert world.anna.name in active()
    to = {"to_deals": "team", "to_clients": world.vera.pk, "to_activities": "leave"}
    assert admin.post(url, to).status_code == 302
    assert set(owners(Deal)[:3]) <= {world.boris.name, world.north_head.name}
    assert owners(Company) == [world.vera.name]
    assert owners(Activity) == [world.anna.name] * 2
