"""Handing deals over: the sheet, its acceptance, and sharing out among several."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company, make_person
from voronka.clients.models import Position, PostKind
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import add_participant, assign_deal, create_deal
from voronka.deals.handing.actions import accept_hand_over
from voronka.deals.handing.sharing_out import BY_LOAD, EQUALLY, Turns
from voronka.deals.handing.sheets import draft, lines
from voronka.deals.listing import VERBS
from voronka.deals.models import Deal, HandOver
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.models import Role
from voronka.workspaces.viewer import viewing

SHEET = {"promises": "скидка 5 % при предоплате", "risks": "тендер в декабре"}


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    company = make_company(world.anna)
    return create_deal(
        actor=world.anna, title="Стеллажи", funnel=funnel, company=company, amount=Decimal(700_000)
    )


def test_a_deal_comes_with_its_sheet_and_is_accepted(world: World, deal: Deal) -> None:
    event = assign_deal(deal, actor=world.head, owner=world.boris, sheet=SHEET)
    assert event is not None
    row = HandOver.objects.get()
    assert (row.to_member, row.promises, row.accepted_at) == (world.boris, SHEET["promises"], None)

    accepted = accept_hand_over(deal, actor=world.boris)

    row.refresh_from_db()
    assert accepted is not None
    assert row.accepted_at is not None
    assert accept_hand_over(deal, actor=world.boris) is None
    assert Notice.objects.filter(member=world.head, kind="deal").exists()


def test_only_the_new_owner_accepts(world: World, deal: Deal) -> None:
    assign_deal(deal, actor=world.head, owner=world.boris, sheet=SHEET)
    with pytest.raises(Forbidden):
        accept_hand_over(deal, actor=world.head)
    assert HandOver.objects.get().accepted_at is None
    assert not Event.objects.filter(type="deal.hand_over_accepted").exists()


def test_a_deal_without_a_sheet_waits_for_nobody(world: World, deal: Deal) -> None:
    assign_deal(deal, actor=world.head, owner=world.boris, sheet={"promises": "  "})
    assert not HandOver.objects.exists()


def test_too_long_a_sheet_hands_nothing_over(world: World, deal: Deal) -> None:
    with pytest.raises(Refused) as refusal:
        assign_deal(deal, actor=world.head, owner=world.boris, sheet={"risks": "я" * 2001})
    assert refusal.value.field == "risks"
    deal.refresh_from_db()
    assert deal.owner == world.anna
    assert not Event.objects.filter(type="deal.assigned").exists()


def test_a_deal_that_goes_on_leaves_the_old_sheet_behind(world: World, deal: Deal) -> None:
    assign_deal(deal, actor=world.head, owner=world.boris, sheet=SHEET)
    assign_deal(deal, actor=world.head, owner=world.vera, sheet={"people": "Игорь решает"})

    assert [row.to_member for row in HandOver.objects.filter(passed_on=False)] == [world.vera]


def test_undoing_takes_the_sheet_back(world: World, deal: Deal) -> None:
    event = assign_deal(deal, actor=world.head, owner=world.boris, sheet=SHEET)
    assert event is not None

    undo(event, actor=world.head)

    deal.refresh_from_db()
    assert deal.owner == world.anna
    assert not HandOver.objects.filter(passed_on=False).exists()


def test_the_draft_tells_what_the_deal_knows(world: World, deal: Deal) -> None:
    add_participant(
        deal, actor=world.anna, person=make_person(deal.company), kind="decision", attitude="opponent"
    )

    told = draft(deal, world.head)

    assert "Игорь Белов" in told["people"]
    assert told["risks"]
    assert "700" in told["money"]


def test_the_draft_names_the_main_contact_with_the_post_held(world: World, deal: Deal) -> None:
    main = make_person(deal.company)
    Position.objects.filter(person=main).update(kind=PostKind.DECISION)
    Deal.objects.filter(pk=deal.pk).update(person=main)

    told = draft(Deal.objects.get(pk=deal.pk), world.head)

    assert told["people"] == f"{main.name} (Закупки, {PostKind.DECISION.label})"


def test_money_of_a_sheet_is_kept_from_who_may_not_see_sums(world: World) -> None:
    Role.objects.filter(pk=world.anna.role_id).update(hidden_fields={"deal": ["amount"]})
    anna = type(world.anna).objects.select_related("role").get(pk=world.anna.pk)
    with viewing(anna):
        assert [text for _label, text in lines({"money": "5 млн", "risks": "тендер"})] == ["тендер"]
    with viewing(world.head):
        assert len(lines({"money": "5 млн", "risks": "тендер"})) == 2


def test_deals_are_shared_out_equally_or_by_load(world: World, funnel: Any) -> None:
    for number in range(3):
        create_deal(actor=world.boris, title=f"Бориса {number}", funnel=funnel)
    fresh = [create_deal(actor=world.head, title=str(n), funnel=funnel) for n in range(5)]
    sellers = [world.boris, world.vera]

    equally = [Turns(sellers, EQUALLY).next(deal) for deal in fresh[:1]]
    turns = Turns(sellers, EQUALLY)
    equally = [turns.next(deal) for deal in fresh]
    turns = Turns(sellers, BY_LOAD)
    by_load = [turns.next(deal) for deal in fresh]

    assert equally.count(world.boris) == 3
    assert equally.count(world.vera) == 2
    # Boris has three already: Vera gets three first, then they take turns.
    assert by_load == [world.vera, world.vera, world.vera, world.boris, world.vera]


def test_many_deals_are_shared_out_with_drafted_sheets(world: World, funnel: Any) -> None:
    deals = [
        create_deal(actor=world.head, title=str(n), funnel=funnel, amount=Decimal(1000)) for n in range(4)
    ]
    verb = next(verb for verb in VERBS if verb.code == "share_out")
    assert verb.read is not None
    asked = {"members": [str(world.boris.pk), str(world.vera.pk)], "rule": EQUALLY}
    given = verb.read(asked, world.head)
    for deal in deals:
        verb.run(deal, world.head, given)

    owners = [row.owner for row in Deal.objects.order_by("pk")]
    assert sorted(owner.name for owner in owners) == sorted([world.boris.name, world.vera.name] * 2)
    assert HandOver.objects.filter(accepted_at=None).count() == 4
    for wrong in ({"members": [], "rule": EQUALLY}, {"members": asked["members"], "rule": "по росту"}):
        with pytest.raises(Refused):
            verb.read(wrong, world.head)
