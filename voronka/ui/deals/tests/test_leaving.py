"""The book leads the deal: what is missing is asked on board and card, heads decide what sellers ask."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.leaving.actions import ask_approval
from voronka.deals.leaving.checking import TASK_DONE
from voronka.deals.models import Approval, Deal, Tick
from voronka.journal.models import Event
from voronka.playbook.actions import add_part, put_part_away
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Objection, Stage, StageTask, Strictness

HTMX = {"HX-Request": "true"}


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    return create_deal(actor=world.anna, title="Линия", funnel=funnel)


def url(world: World, deal: Deal, name: str) -> str:
    return f"/w/{world.workspace.slug}/deals/{deal.number}/{name}/"


def ask(world: World, stage: Stage, kind: str, strictness: Strictness, **params: Any) -> Criterion:
    return add_part(Criterion, stage, actor=world.admin, kind=kind, params=params, strictness=strictness)


def test_a_drop_that_lacks_something_opens_one_small_form_which_fills_and_moves(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    ask(world, stages[0], "field_filled", Strictness.REFUSE, field="deal:amount")
    checklist = ask(world, stages[0], "checklist", Strictness.ASK, lines=["Фото площадки"])
    client: Client = as_member(world.anna)
    place = {"stage": stages[1].pk, "expected": stages[0].pk}
    answer = client.post(url(world, deal, "move"), place, headers={**HTMX, "HX-Target": "board-answer"})
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dialog"
    page = answer.content.decode()
    assert 'name="fill_amount"' in page
    assert "Фото площадки" in page
    assert Deal.objects.get().stage_id == stages[0].pk

    filled = {**place, "fill_amount": "1 200 000", f"tick_{checklist.pk}": "Фото площадки"}
    answer = client.post(url(world, deal, "move"), filled, headers={**HTMX, "HX-Target": "dialog"})
    assert answer.status_code in (200, 204)
    moved = Deal.objects.get()
    assert (moved.stage_id, moved.amount) == (stages[1].pk, Decimal(1_200_000))
    assert Tick.objects.count() == 1


def test_what_only_asks_lets_go_on_a_yes(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    ask(world, stages[0], "field_filled", Strictness.ASK, field="deal:amount")
    client: Client = as_member(world.anna)
    answer = client.post(url(world, deal, "move"), {"stage": stages[1].pk}, headers=HTMX)
    assert 'name="acknowledged"' in answer.content.decode()
    client.post(url(world, deal, "move"), {"stage": stages[1].pk, "acknowledged": "1"}, headers=HTMX)
    assert Deal.objects.get().stage_id == stages[1].pk


def test_a_seller_sees_no_way_around_a_refusal_and_a_head_does(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    ask(world, stages[0], "field_filled", Strictness.REFUSE, field="deal:amount")
    place = {"stage": stages[1].pk}
    page = as_member(world.anna).post(url(world, deal, "move"), place, headers=HTMX).content.decode()
    assert 'name="override"' not in page
    assert 'name="acknowledged"' not in page
    head: Client = as_member(world.north_head)
    assert 'name="override"' in head.post(url(world, deal, "move"), place, headers=HTMX).content.decode()
    head.post(url(world, deal, "move"), {**place, "override": "Даст тендер"}, headers=HTMX)
    assert Event.objects.get(type="deal.moved").payload["override"] == "Даст тендер"


def test_winning_asks_too_and_keeps_the_sum_typed(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    ask(world, stages[0], "field_filled", Strictness.REFUSE, field="deal:expected_close")
    client: Client = as_member(world.anna)
    answer = client.post(url(world, deal, "win"), {"amount": "500"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'name="amount" value="500"' in answer.content.decode()
    client.post(url(world, deal, "win"), {"amount": "500", "fill_expected_close": "2026-12-01"}, headers=HTMX)
    won = Deal.objects.get()
    assert (won.outcome, won.amount) == ("won", Decimal(500))


def test_the_card_tells_the_stage_as_the_book_does(
    world: World, as_member: Any, stages: list[Stage], funnel: Funnel
) -> None:
    call = ActivityKind.objects.get(channel="call")
    add_part(
        StageTask,
        stages[0],
        actor=world.admin,
        kind=call,
        text="Узнать бюджет",
        required=True,
        script="Спросите прямо",
    )
    add_part(Objection, stages[0], actor=world.admin, text="Дорого", answer="Покажите окупаемость")
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    client: Client = as_member(world.anna)
    part = client.get(url(world, deal, "stage"), headers=HTMX).content.decode()
    for text in ("Узнать бюджет", "Спросите прямо", "Дорого", "Покажите окупаемость"):
        assert text in part
    assert "Не выполнена задача" in part
    whole = client.get(url(world, deal, "stage"))
    assert whole.status_code == 200
    assert "<html" in whole.content.decode()


def test_when_nothing_is_missing_the_card_offers_the_next_stage(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    checklist = ask(world, stages[0], "checklist", Strictness.WARN, lines=["Фото"])
    client: Client = as_member(world.anna)
    tick = f"/w/{world.workspace.slug}/deals/{deal.number}/stage/{checklist.pk}/tick/"
    assert stages[1].name not in client.get(url(world, deal, "stage"), headers=HTMX).content.decode()
    client.post(tick, {"line": "Фото", "on": "1"}, headers=HTMX)
    assert (
        f"На этап «{stages[1].name}»" in client.get(url(world, deal, "stage"), headers=HTMX).content.decode()
    )


def test_the_part_of_the_stage_asks_as_much_for_many_rows_as_for_few(
    world: World, as_member: Any, stages: list[Stage], deal: Deal, django_assert_max_num_queries: Any
) -> None:
    call = ActivityKind.objects.get(channel="call")
    client: Client = as_member(world.anna)

    def count() -> int:
        with django_assert_max_num_queries(100) as queries:
            client.get(url(world, deal, "stage"), headers=HTMX)
        return len(queries)

    add_part(StageTask, stages[0], actor=world.admin, kind=call, text="Первая")
    count()
    few = count()
    for number in range(20):
        add_part(StageTask, stages[0], actor=world.admin, kind=call, text=f"Задача {number}")
        add_part(Objection, stages[0], actor=world.admin, text=f"Возражение {number}")
    assert count() == few


def test_a_head_decides_and_the_seller_may_not(
    world: World, as_member: Any, stages: list[Stage], funnel: Funnel
) -> None:
    criterion = ask(world, stages[0], "amount_limit", Strictness.REFUSE, limit="1000")
    deal = create_deal(actor=world.anna, title="Завод", funnel=funnel, amount=Decimal(2000))
    approval = ask_approval(deal, criterion, actor=world.anna, comment="Ключевой")
    address = f"/w/{world.workspace.slug}/deals/approvals/"
    assert as_member(world.anna).post(f"{address}{approval.pk}/", {"approve": "1"}).status_code == 403
    head: Client = as_member(world.north_head)
    inbox = f"/w/{world.workspace.slug}/decisions/"
    assert head.get(address).headers["Location"] == inbox
    assert "Ключевой" in head.get(inbox).content.decode()
    refused = head.post(f"{address}{approval.pk}/", {"approve": "0"}, headers=HTMX)
    assert refused.status_code == 422
    assert Approval.objects.get().approved is None
    head.post(f"{address}{approval.pk}/", {"approve": "1"}, headers=HTMX)
    assert Approval.objects.get().approved is True
    assert "Ключевой" not in head.get(inbox).content.decode()


def test_anothers_request_is_not_there(
    world: World, as_member: Any, stages: list[Stage], funnel: Funnel, stranger: World
) -> None:
    criterion = ask(world, stages[0], "amount_limit", Strictness.REFUSE, limit="1000")
    deal = create_deal(actor=world.vera, title="Юг", funnel=funnel, amount=Decimal(2000))
    approval = ask_approval(deal, criterion, actor=world.vera)
    address = f"/w/{world.workspace.slug}/deals/approvals/{approval.pk}/"
    # The head of the north reaches nothing of the south.
    assert as_member(world.north_head).get(address).status_code == 403
    with scope(stranger.workspace):
        client: Client = as_member(stranger.head)
    assert client.get(f"/w/{stranger.slug}/deals/approvals/{approval.pk}/").status_code == 404


def test_a_hidden_sum_stays_hidden_in_the_queue(
    world: World, as_member: Any, stages: list[Stage], funnel: Funnel
) -> None:
    criterion = ask(world, stages[0], "amount_limit", Strictness.REFUSE, limit="1000")
    deal = create_deal(actor=world.anna, title="Завод", funnel=funnel, amount=Decimal(7_654_321))
    approval = ask_approval(deal, criterion, actor=world.anna)
    inbox = f"/w/{world.workspace.slug}/decisions/"
    address = f"/w/{world.workspace.slug}/deals/approvals/{approval.pk}/"
    head: Client = as_member(world.north_head)
    assert "654" in head.get(inbox).content.decode()
    world.north_head.role.hidden_fields = {"deal": ["amount"]}
    world.north_head.role.save()
    for path in (inbox, f"{inbox}?brief=1", address):
        page = head.get(path, headers=HTMX).content.decode()
        assert "Завод" in page
        assert "654" not in page


def test_a_task_that_came_to_the_book_later_is_planned_or_done_from_card_and_dialog(
    world: World, as_member: Any, stages: list[Stage], deal: Deal
) -> None:
    call = ActivityKind.objects.get(channel="call")
    task, second = (
        add_part(StageTask, stages[0], actor=world.admin, kind=call, text=text, required=True, after_days=1)
        for text in ("Позвонить", "Спросить бюджет")
    )
    ask(world, stages[0], TASK_DONE, Strictness.REFUSE, task=str(second.pk))
    client: Client = as_member(world.anna)
    plan = f"/w/{world.workspace.slug}/deals/{deal.number}/stage/tasks/{task.pk}/"
    card = client.get(url(world, deal, "stage"), headers=HTMX).content.decode()
    assert card.count(f'hx-post="{plan}"') == 3  # the tick, «Plan the task», the line of what is missing

    form = client.post(url(world, deal, "move"), {"stage": stages[1].pk}, headers=HTMX).content.decode()
    assert f'name="plan_task" value="{second.pk}"' in form
    body = {"stage": stages[1].pk, "plan_task": second.pk}
    form = client.post(url(world, deal, "move"), body, headers=HTMX).content.decode()
    planned = Activity.objects.get(deal=deal, stage_task=second)
    assert (planned.owner, planned.due_at > clock.now()) == (world.anna, True)
    assert f"/activities/{planned.pk}/" in form

    answer = client.post(plan, {"done": "1"}, headers=HTMX)
    made = Activity.objects.get(deal=deal, stage_task=task)
    assert answer.headers["Location"].endswith(f"/activities/{made.pk}/complete/")
    assert client.post(plan, headers=HTMX).status_code == 204
    assert Activity.objects.filter(deal=deal, stage_task=task).count() == 1

    put_part_away(second, actor=world.admin)
    planned.delete()
    assert (
        client.post(plan.replace(f"tasks/{task.pk}/", f"tasks/{second.pk}/"), headers=HTMX).status_code == 409
    )
    assert not Activity.objects.filter(stage_task=second).exists()


def test_an_expected_close_before_the_end_of_the_plan_says_so_on_the_stepper(
    world: World, as_member: Any, deal: Deal
) -> None:
    client: Client = as_member(world.anna)
    card = f"/w/{world.workspace.slug}/deals/{deal.number}/"
    for days, early in ((0, True), (400, False)):
        day = clock.today() + dt.timedelta(days=days)
        Deal.objects.filter(pk=deal.pk).update(expected_close=day)
        page = client.get(card, headers=HTMX).content.decode()
        assert ("is-early" in page) == early
        assert ("before the plan" in page or "раньше плана" in page) == early
