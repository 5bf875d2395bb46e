"""Leaving a stage: what the book asks holds for every way a deal can go on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.activities.actions import complete_activity, log_activity
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import add_participant, create_deal, edit_deal, move_deal, win_deal
from voronka.deals.leaving.actions import ask_approval, decide_approval, tick
from voronka.deals.leaving.checking import Unfinished, criteria_between
from voronka.deals.leaving.models import Approval, Passage, Tick
from voronka.deals.models import Deal
from voronka.deals.plan import due_days, planned
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.playbook.actions import add_part, put_part_away
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Stage, StageTask, Strictness
from voronka.workspaces.actions import edit_role
from voronka.workspaces.models import Member
from voronka.workspaces.viewer import viewing


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    return create_deal(actor=world.anna, title="Линия", funnel=funnel)


def ask(world: World, stage: Stage, kind: str, strictness: Strictness, **params: Any) -> Criterion:
    return add_part(Criterion, stage, actor=world.admin, kind=kind, params=params, strictness=strictness)


def fresh(deal: Deal) -> Deal:
    return Deal.objects.get(pk=deal.pk)


def test_what_warns_lets_go_and_is_told(world: World, stages: list[Stage], deal: Deal) -> None:
    criterion = ask(world, stages[0], "field_filled", Strictness.WARN, field="deal:amount")
    event = move_deal(deal, actor=world.anna, stage=stages[1])
    assert event is not None
    assert event.payload["missing"] == ["«Сумма» не заполнено"]
    assert list(Passage.objects.values_list("criterion", "met")) == [(criterion.pk, False)]

    undo(event, actor=world.anna)
    assert not Passage.objects.exists()
    edit_deal(fresh(deal), actor=world.anna, changes={"amount": Decimal(5)})
    event = move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert event is not None
    assert event.payload["missing"] == []
    assert list(Passage.objects.values_list("met", flat=True)) == [True]


def test_what_asks_waits_for_a_yes(world: World, stages: list[Stage], deal: Deal) -> None:
    ask(world, stages[0], "field_filled", Strictness.ASK, field="deal:amount")
    with pytest.raises(Unfinished) as found:
        move_deal(deal, actor=world.anna, stage=stages[1])
    assert not found.value.refuses
    assert fresh(deal).stage_id == stages[0].pk
    assert not Event.objects.filter(type="deal.moved").exists()
    move_deal(fresh(deal), actor=world.anna, stage=stages[1], acknowledged=True)
    assert fresh(deal).stage_id == stages[1].pk


def test_what_refuses_is_overridden_by_a_head_with_a_reason_only(
    world: World, stages: list[Stage], deal: Deal
) -> None:
    ask(world, stages[0], "field_filled", Strictness.REFUSE, field="deal:amount")
    for actor, override in ((world.anna, "очень надо"), (world.north_head, ""), (world.north_head, "  ")):
        with pytest.raises(Unfinished) as found:
            move_deal(fresh(deal), actor=actor, stage=stages[1], acknowledged=True, override=override)
        assert found.value.refuses
    event = move_deal(fresh(deal), actor=world.north_head, stage=stages[1], override="Сумму даст тендер")
    assert event is not None
    assert event.payload["override"] == "Сумму даст тендер"


def test_nobody_slips_past_by_a_jump_or_by_winning(world: World, stages: list[Stage], deal: Deal) -> None:
    ask(world, stages[1], "field_filled", Strictness.REFUSE, field="deal:amount")
    with pytest.raises(Unfinished):
        move_deal(deal, actor=world.anna, stage=stages[3])
    with pytest.raises(Unfinished):
        win_deal(fresh(deal), actor=world.anna)
    # The sum given at winning is the sum that is asked about.
    win_deal(fresh(deal), actor=world.anna, amount=Decimal(7))
    assert fresh(deal).outcome == "won"


def test_going_back_asks_nothing(world: World, stages: list[Stage], deal: Deal) -> None:
    move_deal(deal, actor=world.anna, stage=stages[2])
    ask(world, stages[2], "field_filled", Strictness.REFUSE, field="deal:amount")
    move_deal(fresh(deal), actor=world.anna, stage=stages[0])
    assert fresh(deal).stage_id == stages[0].pk


def test_a_required_task_of_the_book_is_a_criterion(
    world: World, stages: list[Stage], funnel: Funnel
) -> None:
    call = ActivityKind.objects.get(channel="call")
    task = add_part(StageTask, stages[0], actor=world.admin, kind=call, text="Выяснить бюджет", required=True)
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    event = move_deal(deal, actor=world.anna, stage=stages[1])
    assert event is not None
    assert event.payload["missing"] == ["не выполнена задача «Выяснить бюджет»"]
    undo(event, actor=world.anna)
    complete_activity(
        Activity.objects.get(deal=deal, stage_task=task), actor=world.anna, result="1 млн", without_next=True
    )
    event = move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert event is not None
    assert event.payload["missing"] == []


def test_a_role_becomes_known(world: World, stages: list[Stage], funnel: Funnel) -> None:
    from voronka.clients.models import Person

    company = make_company(world.anna)
    person = Person.objects.create(name="Пётр Ильич", owner=world.anna, team=world.anna.team)
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel, company=company)
    ask(world, stages[0], "role_known", Strictness.ASK, role="decision")
    with pytest.raises(Unfinished):
        move_deal(deal, actor=world.anna, stage=stages[1])
    add_participant(fresh(deal), actor=world.anna, person=person, kind="decision")
    move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert fresh(deal).stage_id == stages[1].pk


def test_a_contact_is_held(world: World, stages: list[Stage], deal: Deal) -> None:
    meeting = ActivityKind.objects.get(channel="meeting")
    ask(world, stages[0], "activity_held", Strictness.ASK, channel="meeting")
    log_activity(actor=world.anna, kind=meeting, deal=deal, reached=False, without_next=True)
    with pytest.raises(Unfinished):
        move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    log_activity(actor=world.anna, kind=meeting, deal=deal, result="Поговорили", without_next=True)
    move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert fresh(deal).stage_id == stages[1].pk


def test_a_checklist_is_ticked_line_by_line(world: World, stages: list[Stage], deal: Deal) -> None:
    criterion = ask(
        world, stages[0], "checklist", Strictness.REFUSE, lines=["Опросный лист", "Фото площадки"]
    )
    tick(deal, criterion, "Опросный лист", actor=world.anna, on=True)
    with pytest.raises(Unfinished) as found:
        move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert "Фото площадки" in found.value.message
    assert "Опросный лист" not in found.value.message
    event = tick(fresh(deal), criterion, "Фото площадки", actor=world.anna, on=True)
    assert event is not None
    move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    with pytest.raises(Refused):
        tick(fresh(deal), criterion, "Чего нет", actor=world.anna, on=True)
    undo(event, actor=world.anna)
    assert list(Tick.objects.values_list("line", flat=True)) == ["Опросный лист"]


@pytest.fixture
def dear(world: World, stages: list[Stage], funnel: Funnel) -> tuple[Deal, Criterion]:
    """A deal whose sum the head has to approve."""
    criterion = ask(world, stages[0], "amount_limit", Strictness.REFUSE, limit="1 000 000")
    deal = create_deal(actor=world.anna, title="Завод", funnel=funnel, amount=Decimal(2_000_000))
    return deal, criterion


def test_the_head_approves_a_sum(world: World, stages: list[Stage], dear: tuple[Deal, Criterion]) -> None:
    deal, criterion = dear
    with pytest.raises(Unfinished):
        move_deal(deal, actor=world.anna, stage=stages[1])
    approval = ask_approval(fresh(deal), criterion, actor=world.anna, comment="Ключевой клиент")
    assert ask_approval(fresh(deal), criterion, actor=world.anna).pk == approval.pk
    with pytest.raises(Forbidden):
        decide_approval(approval, actor=world.anna, approve=True)
    assert Approval.objects.get().approved is None
    decide_approval(approval, actor=world.north_head, approve=True)
    # A higher sum is another question.
    edit_deal(fresh(deal), actor=world.anna, changes={"amount": Decimal(3_000_000)})
    with pytest.raises(Unfinished):
        move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    edit_deal(fresh(deal), actor=world.anna, changes={"amount": Decimal(1_500_000)})
    move_deal(fresh(deal), actor=world.anna, stage=stages[1])
    assert fresh(deal).stage_id == stages[1].pk


def test_two_heads_decide_at_once_and_the_first_stands(world: World, dear: tuple[Deal, Criterion]) -> None:
    deal, criterion = dear
    approval = ask_approval(deal, criterion, actor=world.anna)
    with pytest.raises(Refused) as refusal:
        decide_approval(approval, actor=world.north_head, approve=False)
    assert refusal.value.field == "note"
    decide_approval(approval, actor=world.north_head, approve=False, note="Сначала скидка")
    with pytest.raises(Refused) as refusal:
        decide_approval(approval, actor=world.head, approve=True)
    assert world.north_head.name in str(refusal.value)
    assert Approval.objects.get().approved is False
    undo(Event.objects.get(type="deal.approval_decided"), actor=world.north_head)
    assert Approval.objects.get().approved is None


def test_a_criterion_out_of_the_book_asks_nothing(world: World, stages: list[Stage], deal: Deal) -> None:
    criterion = ask(world, stages[0], "field_filled", Strictness.REFUSE, field="deal:amount")
    put_part_away(criterion, actor=world.admin)
    assert criteria_between(stages[0], stages[1]) == []
    move_deal(deal, actor=world.anna, stage=stages[1])
    assert fresh(deal).stage_id == stages[1].pk


def test_the_stages_of_a_new_deal_have_their_days_and_keep_the_first_ones(
    world: World, funnel: Funnel, stages: list[Stage]
) -> None:
    monday = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
    with clock.frozen(monday):
        deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    days = due_days(deal.stage_plan)
    assert list(days) == [stage.pk for stage in stages]
    assert [days[stage.pk] for stage in stages] == sorted(days.values())
    first, second = days[stages[0].pk][0], days[stages[1].pk][0]
    assert (first, days[stages[0].pk][1]) == (first, first)

    with clock.frozen(monday + dt.timedelta(days=21)):
        event = move_deal(deal, actor=world.anna, stage=stages[1])
    now = due_days(fresh(deal).stage_plan)
    assert now[stages[0].pk] == days[stages[0].pk]
    assert now[stages[1].pk][0] == second
    assert now[stages[1].pk][1] > second
    assert event is not None
    undo(event, actor=world.anna)
    assert due_days(fresh(deal).stage_plan) == days


def test_a_stage_without_a_limit_takes_no_time(stages: list[Stage]) -> None:
    for stage in stages:
        stage.limit_days = None
    day = dt.date(2026, 11, 16)
    assert set(due_days(planned({}, stages, at=stages[0], entered=day)).values()) == {(day, day)}


def test_a_head_who_may_not_see_sums_is_asked_without_the_sum(
    world: World, dear: tuple[Deal, Criterion]
) -> None:
    deal, criterion = dear
    ask_approval(deal, criterion, actor=world.anna, comment="Ключевой клиент")
    told = Notice.objects.get(member=world.north_head, kind="approval")
    assert told.text.startswith("Просят согласовать: Завод, 2")
    event = Event.objects.get(type="deal.approval_asked")
    with viewing(world.north_head):
        assert tell(event).sentence.startswith("Запрошено согласование: ")
    told.delete()

    edit_role(world.roles["head"], actor=world.admin, changes={"hidden_fields": {"deal": ["amount"]}})
    head = Member.objects.select_related("role").get(pk=world.north_head.pk)
    with viewing(head):
        assert tell(event).sentence == "Запрошено согласование"
    decide_approval(Approval.objects.get(), actor=world.admin, approve=True)
    edit_deal(fresh(deal), actor=world.anna, changes={"amount": Decimal(3_000_000)})
    ask_approval(fresh(deal), criterion, actor=world.anna)
    assert Notice.objects.get(member=head, kind="approval").text == "Просят согласовать: Завод"
