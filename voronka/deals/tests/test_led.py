"""People on both sides, prices and competitors of a deal: the rule, the refusal, the event, the way back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company, make_person
from voronka.catalog.dictionaries import ensure_competitor
from voronka.catalog.models import Competitor
from voronka.clients.actions import merge_people
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import add_participant, create_deal, remove_participant, win_deal
from voronka.deals.led.people import add_colleague, remove_colleague
from voronka.deals.led.rivals import remove_rival, set_rival
from voronka.deals.led.talks import make_offer, remove_offer
from voronka.deals.models import Colleague, Deal, DealParticipant, Offer, Rival
from voronka.desk.dictionaries import merge_entry
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.models import Role


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    company = make_company(world.anna)
    return create_deal(
        actor=world.anna, title="Стеллажи", funnel=funnel, company=company, amount=Decimal(5_200_000)
    )


def events_of(kind: str) -> Any:
    return Event.objects.filter(type=kind)


def test_a_person_takes_part_with_role_influence_and_attitude(world: World, deal: Deal) -> None:
    person = make_person(deal.company)
    add_participant(deal, actor=world.anna, person=person, kind="decision", influence="high")
    event = add_participant(
        deal, actor=world.anna, person=person, kind="decision", influence="high", attitude="opponent"
    )
    assert event is not None
    same = add_participant(
        deal, actor=world.anna, person=person, kind="decision", influence="high", attitude="opponent"
    )

    row = DealParticipant.objects.get(deal=deal)
    assert (row.kind, row.influence, row.attitude) == ("decision", "high", "opponent")
    assert same is None
    undo(event, actor=world.anna)
    row.refresh_from_db()
    assert row.attitude == ""


def test_a_word_that_is_no_choice_is_refused(world: World, deal: Deal) -> None:
    with pytest.raises(Refused) as refusal:
        add_participant(deal, actor=world.anna, person=make_person(deal.company), attitude="loves us")

    assert refusal.value.field == "attitude"
    assert not DealParticipant.objects.exists()
    assert not events_of("deal.participants_changed").exists()


def test_who_was_taken_out_comes_back_as_judged(world: World, deal: Deal) -> None:
    person = make_person(deal.company)
    add_participant(deal, actor=world.anna, person=person, kind="user", attitude="supporter")
    event = remove_participant(deal, actor=world.anna, person=person)
    assert event is not None

    undo(event, actor=world.anna)

    assert DealParticipant.objects.get(deal=deal).attitude == "supporter"


def test_a_colleague_takes_part_and_leaves(world: World, deal: Deal) -> None:
    event = add_colleague(deal, actor=world.anna, member=world.boris, part="расчёт нагрузки")
    assert event is not None
    assert add_colleague(deal, actor=world.anna, member=world.boris, part="расчёт нагрузки") is None
    changed = add_colleague(deal, actor=world.anna, member=world.boris, part="монтаж")
    assert changed is not None
    undo(changed, actor=world.anna)
    assert Colleague.objects.get(deal=deal).part == "расчёт нагрузки"

    gone = remove_colleague(deal, actor=world.anna, member=world.boris)

    assert gone is not None
    assert not Colleague.objects.exists()
    assert remove_colleague(deal, actor=world.anna, member=world.boris) is None


def test_the_owner_is_no_colleague(world: World, deal: Deal) -> None:
    with pytest.raises(Refused):
        add_colleague(deal, actor=world.anna, member=world.anna)
    assert not events_of("deal.colleague_changed").exists()


def test_an_offer_becomes_the_sum_when_asked(world: World, deal: Deal) -> None:
    event = make_offer(
        deal, actor=world.anna, side="theirs", amount="4900000", terms="отсрочка 30 дней", set_amount=True
    )

    deal.refresh_from_db()
    assert deal.amount == deal.amount_base == Decimal(4_900_000)
    assert deal.states.count() == 2
    undo(event, actor=world.anna)
    deal.refresh_from_db()
    assert deal.amount == Decimal(5_200_000)
    assert not Offer.objects.exists()


def test_an_offer_alone_leaves_the_sum(world: World, deal: Deal) -> None:
    make_offer(deal, actor=world.anna, side="ours", amount=5_000_000)

    deal.refresh_from_db()
    assert deal.amount == Decimal(5_200_000)
    assert Offer.objects.get().currency == "RUB"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"side": "ничьё"}, "side"),
        ({"day": "tomorrow"}, "day"),
        ({"terms": "я" * 2001}, "terms"),
    ],
)
def test_an_impossible_offer_is_refused(world: World, deal: Deal, given: dict[str, Any], field: str) -> None:
    if "day" in given:
        given = {"day": clock.today() + dt.timedelta(days=1)}
    with pytest.raises(Refused) as refusal:
        make_offer(deal, **{"actor": world.anna, "side": "ours", "amount": 10, **given})

    assert refusal.value.field == field
    assert not Offer.objects.exists()
    assert not events_of("deal.offer_made").exists()


def test_a_closed_deal_is_not_talked_over(world: World, deal: Deal) -> None:
    win_deal(deal, actor=world.anna)
    with pytest.raises(Refused):
        make_offer(deal, actor=world.anna, side="ours", amount=1)
    assert not Offer.objects.exists()


def test_who_may_not_see_sums_names_none_and_is_told_none(world: World, deal: Deal) -> None:
    make_offer(deal, actor=world.anna, side="ours", amount=1)
    Role.objects.filter(pk=world.anna.role_id).update(hidden_fields={"deal": ["amount"]})
    anna = type(world.anna).objects.select_related("role").get(pk=world.anna.pk)
    with pytest.raises(Forbidden):
        make_offer(deal, actor=anna, side="ours", amount=1)
    assert Offer.objects.count() == 1


def test_an_offer_written_by_mistake_goes_and_comes_back(world: World, deal: Deal) -> None:
    make_offer(deal, actor=world.anna, side="ours", amount=7, terms="самовывоз")
    event = remove_offer(Offer.objects.get(), actor=world.anna)
    assert event is not None
    assert not Offer.objects.exists()

    undo(event, actor=world.anna)

    assert Offer.objects.get().terms == "самовывоз"


def test_a_rival_is_named_priced_and_answered(world: World, deal: Deal) -> None:
    rival = ensure_competitor(actor=world.anna, name="СтеллажПро")
    set_rival(deal, actor=world.anna, competitor=rival)
    event = set_rival(deal, actor=world.anna, competitor=rival, price="4888000", answer="свой монтаж")
    assert event is not None
    assert set_rival(deal, actor=world.anna, competitor=rival, price="4888000", answer="свой монтаж") is None

    row = Rival.objects.get()
    assert (row.price, row.priced_on) == (Decimal(4_888_000), clock.today())
    undo(event, actor=world.anna)
    row.refresh_from_db()
    assert (row.price, row.priced_on, row.answer) == (None, None, "")


def test_an_impossible_price_of_a_rival_is_refused(world: World, deal: Deal) -> None:
    rival = ensure_competitor(actor=world.anna, name="СтеллажПро")
    with pytest.raises(Refused) as refusal:
        set_rival(deal, actor=world.anna, competitor=rival, price="дорого")
    assert refusal.value.field == "price"
    assert not Rival.objects.exists()
    assert not events_of("deal.rival_set").exists()


def test_a_rival_that_left_can_be_put_back(world: World, deal: Deal) -> None:
    rival = ensure_competitor(actor=world.anna, name="СтеллажПро")
    set_rival(deal, actor=world.anna, competitor=rival, price=5)
    event = remove_rival(deal, actor=world.anna, competitor=rival)
    assert event is not None
    assert not Rival.objects.exists()
    assert remove_rival(deal, actor=world.anna, competitor=rival) is None

    undo(event, actor=world.anna)

    assert Rival.objects.get().price == 5


def test_a_merged_competitor_bids_under_the_name_that_stays(world: World, deal: Deal) -> None:
    one = ensure_competitor(actor=world.anna, name="СтеллажПро")
    other = ensure_competitor(actor=world.anna, name="Стеллаж-Про")
    set_rival(deal, actor=world.anna, competitor=other, price=5)

    merge_entry(other, one, actor=world.admin)

    assert Rival.objects.get().competitor_id == one.pk
    with pytest.raises(Refused):
        set_rival(deal, actor=world.anna, competitor=Competitor.objects.get(pk=other.pk))


def test_offers_follow_a_merged_person(world: World, deal: Deal) -> None:
    stays, goes = make_person(deal.company), make_person(deal.company, "И. Белов")
    make_offer(deal, actor=world.anna, side="theirs", amount=5, person=goes)

    merge_people(goes, stays, actor=world.head)

    assert Offer.objects.get().person_id == stays.pk


def test_a_colleague_without_the_right_changes_nothing(world: World, deal: Deal) -> None:
    rival = ensure_competitor(actor=world.anna, name="СтеллажПро")
    for verb in (
        lambda: set_rival(deal, actor=world.vera, competitor=rival),
        lambda: add_colleague(deal, actor=world.vera, member=world.boris),
        lambda: make_offer(deal, actor=world.vera, side="ours", amount=1),
    ):
        with pytest.raises(Forbidden):
            verb()
    assert not Rival.objects.exists()
    assert not Colleague.objects.exists()
    assert not Offer.objects.exists()
