"""How deals end: closing statuses with criteria of their own, and the second key of a loss."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import close_old_connections

from tests.world import World, make_book, make_world
from voronka.activities.actions import log_activity
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.deals.actions import (
    assign_deal,
    confirm_loss,
    create_deal,
    delete_deal,
    lose_deal,
    reopen_deal,
    return_loss,
    win_deal,
    withdraw_loss,
)
from voronka.deals.closing.digest import losses
from voronka.deals.closing.models import LossProposal
from voronka.deals.leaving.checking import Unfinished
from voronka.deals.leaving.models import Passage
from voronka.deals.models import Deal, DealState
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, add_status, archive_status, set_rules
from voronka.playbook.models import ActivityKind, ClosingStatus, Criterion, Funnel, Reason, Strictness


@pytest.fixture
def dear(funnel: Funnel) -> Reason:
    return Reason.objects.get(name="Дорого")


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    return create_deal(actor=world.anna, title="Линия", funnel=funnel, amount=Decimal(900_000))


@pytest.fixture
def guarded(world: World, funnel: Funnel) -> None:
    set_rules(None, actor=world.admin, confirm_above=Decimal(500_000))


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def proposed(deal: Deal, world: World, reason: Reason, **said: Any) -> LossProposal:
    event = lose_deal(deal, actor=world.anna, reason=reason, **said)
    assert event is not None
    assert event.type == "deal.loss_proposed"
    return LossProposal.objects.get(pk=event.payload["proposal"])


def ask(world: World, status: ClosingStatus, strictness: Strictness, field: str) -> Criterion:
    return add_part(
        Criterion,
        status,
        actor=world.admin,
        kind="field_filled",
        params={"field": field},
        strictness=strictness,
    )


def test_a_deal_ends_with_the_first_status_unless_another_is_chosen(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    usual = add_status(funnel, "lost", actor=world.admin, name="Отказ клиента")
    other = add_status(funnel, "lost", actor=world.admin, name="Снято с торгов")
    lose_deal(deal, actor=world.anna, reason=dear)
    assert fresh(deal).closing_id == usual.pk
    reopen_deal(fresh(deal), actor=world.anna)
    assert fresh(deal).closing_id is None
    event = lose_deal(fresh(deal), actor=world.anna, reason=dear, closing=other)
    assert event is not None
    assert event.payload["closing"] == "Снято с торгов"
    present = DealState.objects.get(deal=deal, valid_to=None, void=False)
    assert present.closing_id == other.pk
    undo(event, actor=world.anna)
    assert fresh(deal).closing_id is None


def test_a_lone_status_of_losses_names_a_loss_only_when_chosen(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    lone = add_status(funnel, "lost", actor=world.admin, name="Отложено")
    lose_deal(deal, actor=world.anna, reason=dear)
    assert fresh(deal).closing_id is None
    reopen_deal(fresh(deal), actor=world.anna)
    lose_deal(fresh(deal), actor=world.anna, reason=dear, closing=lone)
    assert fresh(deal).closing_id == lone.pk


def test_a_status_of_another_ending_or_of_the_archive_is_refused(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    won = add_status(funnel, "won", actor=world.admin, name="Оплачено")
    away = archive_status(add_status(funnel, "lost", actor=world.admin, name="Старый"), actor=world.admin)
    for status in (won, away):
        with pytest.raises(Refused) as refusal:
            lose_deal(fresh(deal), actor=world.anna, reason=dear, closing=status)
        assert refusal.value.field == "closing"
    assert fresh(deal).is_open


def test_a_status_asks_its_criteria_by_the_same_mechanism(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    won = add_status(funnel, "won", actor=world.admin, name="Оплачено")
    lost = add_status(funnel, "lost", actor=world.admin, name="Отказ")
    paid = ask(world, won, Strictness.REFUSE, "deal:source")
    ask(world, lost, Strictness.ASK, "deal:comment")
    with pytest.raises(Unfinished):
        win_deal(fresh(deal), actor=world.anna, acknowledged=True)
    with pytest.raises(Unfinished):
        lose_deal(fresh(deal), actor=world.anna, reason=dear, closing=lost)
    assert fresh(deal).is_open
    event = win_deal(fresh(deal), actor=world.north_head, override="Оплата завтра")
    assert event is not None
    assert event.payload["missing"]
    assert list(Passage.objects.values_list("criterion", "met")) == [(paid.pk, False)]
    undo(event, actor=world.north_head)
    event = lose_deal(fresh(deal), actor=world.anna, reason=dear, closing=lost, acknowledged=True)
    assert event is not None
    assert event.payload["missing"] == ["«Комментарий» не заполнено"]


def test_a_reason_for_winning_is_asked_where_the_book_says_so(world: World, deal: Deal) -> None:
    set_rules(deal.funnel, actor=world.admin, asks_won_reason=True)
    with pytest.raises(Refused) as refusal:
        win_deal(deal, actor=world.anna)
    assert refusal.value.field == "reason"
    win_deal(fresh(deal), actor=world.anna, reason=Reason.objects.get(kind="won"))
    assert fresh(deal).outcome == "won"


@pytest.mark.usefixtures("guarded")
def test_a_large_loss_is_proposed_and_the_head_is_asked(world: World, deal: Deal, dear: Reason) -> None:
    row = proposed(deal, world, dear, comment="Ушли к соседям")
    assert fresh(deal).is_open
    assert (row.because, row.comment, row.verdict) == (["sum"], "Ушли к соседям", "")
    assert list(Notice.objects.filter(kind="loss").values_list("member", flat=True)) == [world.north_head.pk]
    # Again is no second proposal.
    assert lose_deal(fresh(deal), actor=world.anna, reason=dear) is None
    assert LossProposal.objects.count() == 1

    confirm_loss(row, actor=world.north_head)
    assert fresh(deal).outcome == "lost"
    assert fresh(deal).reason == dear
    event = Event.objects.get(type="deal.lost")
    assert (event.payload["proposed_by"], event.actor) == ("Анна Седова", world.north_head)
    assert Notice.objects.filter(member=world.anna, kind="loss").count() == 1
    # The same decision again is none.
    confirm_loss(row, actor=world.north_head)
    assert Event.objects.filter(type="deal.lost").count() == 1
    undo(event, actor=world.north_head)
    row.refresh_from_db()
    assert fresh(deal).is_open
    assert row.is_open


@pytest.mark.usefixtures("guarded")
def test_a_small_loss_and_a_heads_own_decision_need_one_key(
    world: World, funnel: Funnel, deal: Deal, dear: Reason
) -> None:
    small = create_deal(actor=world.anna, title="Мелочь", funnel=funnel, amount=Decimal(500_000))
    lose_deal(small, actor=world.anna, reason=dear)
    lose_deal(deal, actor=world.north_head, reason=dear)
    assert {fresh(small).outcome, fresh(deal).outcome} == {"lost"}
    assert not LossProposal.objects.exists()


def test_few_contacts_need_a_second_key(world: World, deal: Deal, dear: Reason) -> None:
    set_rules(None, actor=world.admin, confirm_attempts=2)
    call = ActivityKind.objects.get(channel="call")
    log_activity(actor=world.anna, kind=call, deal=deal, result="Не взяли", without_next=True)
    row = proposed(deal, world, dear)
    assert row.because == ["attempts"]
    withdraw_loss(row, actor=world.anna)
    log_activity(actor=world.anna, kind=call, deal=deal, result="Отказались", without_next=True)
    lose_deal(fresh(deal), actor=world.anna, reason=dear)
    assert fresh(deal).outcome == "lost"


@pytest.mark.usefixtures("guarded")
def test_the_head_returns_it_with_words_or_hands_it_over(world: World, deal: Deal, dear: Reason) -> None:
    row = proposed(deal, world, dear)
    with pytest.raises(Refused) as refusal:
        return_loss(row, actor=world.north_head, note=" ")
    assert refusal.value.field == "note"
    return_loss(row, actor=world.north_head, note="Предложите рассрочку")
    assert fresh(deal).is_open
    assert fresh(deal).owner == world.anna
    assert "Предложите рассрочку" in Notice.objects.get(member=world.anna, kind="loss").text

    again = proposed(fresh(deal), world, dear)
    return_loss(again, actor=world.north_head, note="Попробует Борис", owner=world.boris)
    again.refresh_from_db()
    assert (fresh(deal).owner, again.verdict) == (world.boris, "handed")


@pytest.mark.usefixtures("guarded")
def test_nobody_but_the_head_turns_the_second_key(world: World, deal: Deal, dear: Reason) -> None:
    row = proposed(deal, world, dear)
    for actor in (world.anna, world.boris, world.vera):
        with pytest.raises(Forbidden):
            confirm_loss(row, actor=actor)
    assert fresh(deal).is_open
    assert not Event.objects.filter(type="deal.lost").exists()


@pytest.mark.usefixtures("guarded")
def test_the_second_head_is_told_that_it_is_decided(world: World, deal: Deal, dear: Reason) -> None:
    row = proposed(deal, world, dear)
    confirm_loss(row, actor=world.north_head)
    with pytest.raises(Refused) as refusal:
        return_loss(row, actor=world.head, note="Рано")
    assert "Дина Крамер" in refusal.value.message
    assert fresh(deal).outcome == "lost"


@pytest.mark.usefixtures("guarded")
def test_winning_and_deleting_withdraw_the_proposal_and_undo_gives_it_back(
    world: World, deal: Deal, dear: Reason
) -> None:
    row = proposed(deal, world, dear)
    won = win_deal(fresh(deal), actor=world.anna)
    row.refresh_from_db()
    assert row.verdict == "withdrawn"
    assert won is not None
    undo(won, actor=world.anna)
    row.refresh_from_db()
    assert row.is_open
    delete_deal(fresh(deal), actor=world.head)
    row.refresh_from_db()
    assert row.verdict == "withdrawn"


@pytest.mark.usefixtures("guarded")
def test_a_proposal_is_undone_until_it_is_decided(world: World, deal: Deal, dear: Reason) -> None:
    proposed(deal, world, dear)
    undo(Event.objects.get(type="deal.loss_proposed", undone_by=None), actor=world.anna)
    assert not LossProposal.objects.exists()
    row = proposed(fresh(deal), world, dear)
    return_loss(row, actor=world.north_head, note="Рано")
    with pytest.raises(Refused):
        undo(Event.objects.get(type="deal.loss_proposed", undone_by=None), actor=world.anna)


@pytest.mark.usefixtures("guarded")
def test_a_proposal_stays_with_the_deal_when_it_is_handed_over(
    world: World, deal: Deal, dear: Reason
) -> None:
    row = proposed(deal, world, dear)
    assign_deal(fresh(deal), actor=world.head, owner=world.vera)
    with pytest.raises(Forbidden):
        confirm_loss(row, actor=world.north_head)
    confirm_loss(row, actor=world.head)
    assert fresh(deal).outcome == "lost"


@pytest.mark.django_db(transaction=True)
def test_two_heads_decide_at_once_and_one_decision_stands() -> None:
    world = make_world()
    with scope(world.workspace):
        funnel = make_book(world)
        set_rules(None, actor=world.admin, confirm_above=Decimal(1))
        deal = create_deal(actor=world.anna, title="Линия", funnel=funnel, amount=Decimal(900_000))
        row = proposed(deal, world, Reason.objects.get(name="Дорого"))
    start = threading.Barrier(2)
    told: list[str] = []

    def decide(verb: Any, actor: Any, **said: Any) -> None:
        try:
            with scope(world.workspace):
                start.wait(10)
                verb(row, actor=actor, **said)
                told.append("done")
        except Refused:
            told.append("refused")
        finally:
            close_old_connections()
            from django.db import connection

            connection.close()

    threads = [
        threading.Thread(target=decide, args=(confirm_loss, world.north_head)),
        threading.Thread(target=decide, args=(return_loss, world.head), kwargs={"note": "Рано"}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with scope(world.workspace):
        row.refresh_from_db()
        assert sorted(told) == ["done", "refused"]
        assert (fresh(deal).outcome == "lost") == (row.verdict == "confirmed")
        assert Event.objects.filter(type__in=["deal.lost", "deal.loss_returned"]).count() == 1


@pytest.mark.usefixtures("guarded")
def test_the_morning_letter_names_losses_to_the_head_only(world: World, deal: Deal, dear: Reason) -> None:
    proposed(deal, world, dear)
    told = losses(world.north_head, clock.today())
    assert told is not None
    assert told.total == 1
    assert "Линия" in told.lines[0].text
    assert losses(world.anna, clock.today()) is None
