"""A reason that deals have asks what becomes of them; a criterion that can never be met says so when it is saved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World
from voronka.deals.actions import create_deal, lose_deal
from voronka.deals.models import Deal
from voronka.playbook.actions import add_part
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Reason, Stage, StageTask
from voronka.playbook.queries import reasons


@pytest.fixture
def lost(world: World, funnel: Funnel) -> Deal:
    """A deal lost because it was too expensive."""
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.get(name="Дорого"))
    return deal


def away(reason: Reason) -> str:
    return f"/book/lists/lost_reason/{reason.pk}/archive/"


def test_a_reason_in_use_asks_what_becomes_of_its_deals(world: World, lost: Deal, as_member: Any) -> None:
    head, reason = as_member(world.head), Reason.objects.get(name="Дорого")

    assert head.get(head.w(away(reason))).context["used"] == 1
    answer = head.post(head.w(away(reason)))

    assert answer.status_code == 422
    assert reason in reasons("lost")


def test_its_deals_keep_it_or_go_to_another(world: World, lost: Deal, as_member: Any) -> None:
    head, reason = as_member(world.head), Reason.objects.get(name="Дорого")
    other = Reason.objects.get(name="Отложили")

    head.post(head.w(away(reason)), {"deals": "merge", "into": other.pk})

    reason.refresh_from_db()
    assert (reason.merged_into, reason in reasons("lost")) == (other, False)

    second = create_deal(actor=world.anna, title="Ещё", funnel=lost.funnel)
    lose_deal(second, actor=world.anna, reason=other)
    head.post(head.w(away(other)), {"deals": "keep"})

    other.refresh_from_db()
    assert other.archived_at is not None
    assert other.merged_into is None


def test_another_one_must_be_chosen_and_must_be_of_the_list(
    world: World, lost: Deal, stranger: World, as_member: Any
) -> None:
    head, reason = as_member(world.head), Reason.objects.get(name="Дорого")
    won = Reason.objects.get(kind="won")

    for into in ("", reason.pk, won.pk, 999_999):
        answer = head.post(head.w(away(reason)), {"deals": "merge", "into": into})
        assert answer.status_code == 422, into
    assert reason in reasons("lost")


def test_a_reason_nobody_has_goes_at_once(world: World, lost: Deal, as_member: Any) -> None:
    head, reason = as_member(world.head), Reason.objects.get(name="Отложили")

    assert head.post(head.w(away(reason))).status_code == 302
    assert reason not in reasons("lost")


def test_sellers_put_nothing_away(world: World, lost: Deal, as_member: Any) -> None:
    seller, reason = as_member(world.anna), Reason.objects.get(name="Дорого")

    assert seller.get(seller.w(away(reason))).status_code == 403
    assert seller.post(seller.w(away(reason)), {"deals": "keep"}).status_code == 403


def test_a_criterion_that_can_never_be_met_says_so_when_it_is_saved(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    head = as_member(world.head)
    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    late = add_part(
        StageTask, stage, actor=None, kind=ActivityKind.objects.first(), text="Потом", after_days=300
    )
    stage.role = world.roles["seller"]
    stage.role.readonly_fields = {"deal": ["amount"]}
    stage.role.save()
    stage.save()
    url = head.w(f"/book/stages/{stage.pk}/parts/criterion/new/")

    def said(**given: Any) -> str:
        answer = head.post(url, {"strictness": "ask", **given}, follow=True)
        assert answer.status_code == 200
        return " ".join(str(message) for message in answer.context["messages"])

    # The demonstration has no kind of its own in this book.
    for given in (
        {"kind": "activity_held", "param_channel": "demo"},
        {"kind": "task_done", "param_task": str(late.pk)},
        {"kind": "field_filled", "param_field": "deal:amount"},
    ):
        assert said(**given).count(".") >= 1, given
    assert "." not in said(kind="field_filled", param_field="deal:company").rstrip(".")
    assert Criterion.objects.filter(stage=stage).count() == 4


def test_a_copied_criterion_asks_for_the_copied_task(world: World, funnel: Funnel) -> None:
    from voronka.playbook.actions import create_funnel

    stage = Stage.objects.filter(funnel=funnel).first()
    assert stage is not None
    task = add_part(StageTask, stage, actor=None, kind=ActivityKind.objects.first(), text="Позвонить")
    add_part(Criterion, stage, actor=None, kind="task_done", params={"task": str(task.pk)})

    made = create_funnel(actor=world.head, name="Копия", copy_of=funnel)

    copy = Criterion.objects.get(stage__funnel=made)
    assert copy.params == {"task": str(StageTask.objects.get(stage__funnel=made).pk)}
