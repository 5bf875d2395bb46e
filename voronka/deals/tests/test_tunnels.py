"""Tunnels: an ending or a stage opens a deal in another funnel, linked both ways; circles are refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, lose_deal, move_deal, reopen_deal, win_deal
from voronka.deals.closing.models import TunnelRun
from voronka.deals.closing.tunnels import due_on, open_due
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.actions import (
    add_status,
    add_tunnel,
    archive_funnel,
    create_funnel,
    edit_tunnel,
    put_tunnel_away,
)
from voronka.playbook.models import Funnel, Reason, Stage, Tunnel


@pytest.fixture
def service(world: World, funnel: Funnel) -> Funnel:
    return create_funnel(actor=world.admin, name="Сервис", stages=["Заявка", "Договор"])


@pytest.fixture
def deal(world: World, funnel: Funnel) -> Deal:
    company = make_company(world.anna)
    return create_deal(
        actor=world.anna, title="Линия", funnel=funnel, company=company, amount=Decimal(900_000)
    )


def last(type_name: str) -> Event:
    return Event.objects.filter(type=type_name).order_by("-id")[0]


def opened(funnel: Funnel) -> list[Deal]:
    return list(Deal.objects.filter(funnel=funnel, outcome="open").order_by("pk"))


def test_a_won_deal_opens_another_at_once_and_both_know_it(
    world: World, funnel: Funnel, service: Funnel, deal: Deal
) -> None:
    add_tunnel(
        funnel, actor=world.admin, trigger="won", target=service, title="Сервис: {title}", keeps_amount=True
    )
    win_deal(deal, actor=world.anna)
    [made] = opened(service)
    assert (made.title, made.company_id, made.owner, made.amount, made.stage.name) == (
        "Сервис: Линия",
        deal.company_id,
        world.anna,
        Decimal(900_000),
        "Заявка",
    )
    run = TunnelRun.objects.get()
    assert (run.source_id, run.target_id, run.due_on) == (deal.pk, made.pk, clock.today())
    event = last("deal.created")
    assert event.payload["from_deal"] == "Линия"
    assert set(event.subjects.filter(kind="deal").values_list("object_id", flat=True)) == {deal.pk, made.pk}
    assert Notice.objects.filter(member=world.anna, key=f"tunnel:{run.pk}").exists()
    # Undoing the win takes the second deal back too.
    undo(last("deal.won"), actor=world.anna)
    assert opened(service) == []
    assert not TunnelRun.objects.exists()


def test_a_stage_opens_a_deal_once_and_for_the_member_of_the_book(
    world: World, funnel: Funnel, service: Funnel, deal: Deal
) -> None:
    stages = list(Stage.objects.filter(funnel=funnel).order_by("order"))
    entrance = Stage.objects.get(funnel=service, name="Договор")
    add_tunnel(
        funnel,
        actor=world.admin,
        trigger="stage",
        stage=stages[2],
        target=service,
        target_stage=entrance,
        owner=world.boris,
    )
    move_deal(deal, actor=world.anna, stage=stages[2])
    [made] = opened(service)
    assert (made.owner, made.stage, made.amount) == (world.boris, entrance, None)
    move_deal(Deal.objects.get(pk=deal.pk), actor=world.anna, stage=stages[0])
    move_deal(Deal.objects.get(pk=deal.pk), actor=world.anna, stage=stages[2])
    assert len(opened(service)) == 1


def test_a_repeat_sale_opens_on_its_day(world: World, funnel: Funnel, deal: Deal) -> None:
    # The same funnel is no circle when somebody has to win first and a year has to pass.
    tunnel = add_tunnel(funnel, actor=world.admin, trigger="won", target=funnel, after=12, wait="months")
    win_deal(deal, actor=world.anna)
    run = TunnelRun.objects.get()
    assert run.target is None
    assert run.due_on == due_on(tunnel, clock.today())
    assert open_due() == 0
    TunnelRun.objects.update(due_on=clock.today())
    assert open_due() == 1
    assert open_due() == 0
    [made] = opened(funnel)
    assert (made.kind, made.title) == ("repeat", "Линия")
    assert last("deal.created").actor is None


@pytest.mark.parametrize(
    ("day", "after", "expected"),
    [
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2026, 5, 15), 12, dt.date(2027, 5, 15)),
        (dt.date(2026, 10, 31), 2, dt.date(2026, 12, 31)),
    ],
)
def test_months_end_where_months_end(day: dt.date, after: int, expected: dt.date) -> None:
    assert due_on(Tunnel(after=after, wait="months"), day) == expected


def test_a_reopened_deal_opens_nothing_later(world: World, funnel: Funnel, deal: Deal) -> None:
    add_tunnel(funnel, actor=world.admin, trigger="lost", target=funnel, after=90)
    lose_deal(deal, actor=world.anna, reason=Reason.objects.filter(kind="lost")[0])
    assert TunnelRun.objects.count() == 1
    reopen_deal(Deal.objects.get(pk=deal.pk), actor=world.anna)
    assert not TunnelRun.objects.exists()


def test_a_status_chooses_its_tunnel(world: World, funnel: Funnel, service: Funnel, deal: Deal) -> None:
    add_status(funnel, "won", actor=world.admin, name="Оплачено")
    shipped = add_status(funnel, "won", actor=world.admin, name="Оплачено с сервисом")
    add_tunnel(funnel, actor=world.admin, trigger="won", closing=shipped, target=service)
    win_deal(deal, actor=world.anna)
    assert opened(service) == []
    reopen_deal(Deal.objects.get(pk=deal.pk), actor=world.anna)
    win_deal(Deal.objects.get(pk=deal.pk), actor=world.anna, closing=shipped)
    assert len(opened(service)) == 1


def test_a_funnel_out_of_use_stops_nobody_from_winning(
    world: World, funnel: Funnel, service: Funnel, deal: Deal
) -> None:
    add_tunnel(funnel, actor=world.admin, trigger="won", target=service)
    archive_funnel(service, actor=world.admin)
    win_deal(deal, actor=world.anna)
    run = TunnelRun.objects.get()
    assert run.target is None
    assert "Сервис" in run.problem
    assert open_due() == 0


def test_circles_are_refused_by_name(world: World, funnel: Funnel, service: Funnel) -> None:
    spare = create_funnel(actor=world.admin, name="Запчасти", stages=["Заявка"])
    add_tunnel(funnel, actor=world.admin, trigger="won", target=service)
    back = add_tunnel(service, actor=world.admin, trigger="won", target=spare)
    for wrong in (funnel, spare):
        with pytest.raises(Refused) as refusal:
            add_tunnel(spare, actor=world.admin, trigger="won", target=wrong)
        assert refusal.value.field == "target"
        assert "Запчасти" in refusal.value.message
    with pytest.raises(Refused):
        edit_tunnel(back, actor=world.admin, changes={"target": funnel})
    # A stage that opens a deal after some days needs nobody, however long it waits.
    stage = Stage.objects.get(funnel=spare)
    with pytest.raises(Refused):
        add_tunnel(spare, actor=world.admin, trigger="stage", stage=stage, target=funnel, after=30)
    add_tunnel(spare, actor=world.admin, trigger="won", target=funnel, after=6, wait="months")
    assert Tunnel.objects.count() == 3
    assert Event.objects.filter(type="book.tunnel_added").count() == 3


def test_a_tunnel_taken_back_may_not_close_a_circle(world: World, funnel: Funnel, service: Funnel) -> None:
    one = add_tunnel(funnel, actor=world.admin, trigger="won", target=service)
    put_tunnel_away(one, actor=world.admin)
    add_tunnel(service, actor=world.admin, trigger="won", target=funnel)
    with pytest.raises(Refused):
        undo(last("book.tunnel_put_away"), actor=world.admin)


def test_a_tunnel_is_edited_and_each_step_comes_back(world: World, funnel: Funnel, service: Funnel) -> None:
    tunnel = add_tunnel(funnel, actor=world.admin, trigger="won", target=service, title="Сервис")
    edit_tunnel(tunnel, actor=world.admin, changes={"title": "Обслуживание", "after": 10})
    undo(last("book.tunnel_edited"), actor=world.admin)
    tunnel.refresh_from_db()
    assert (tunnel.title, tunnel.after) == ("Сервис", 0)
    undo(last("book.tunnel_added"), actor=world.admin)
    assert not Tunnel.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"trigger": "stage"}, "stage"),
        ({"trigger": "won", "after": 5000}, "after"),
        ({"trigger": "won", "target_stage": "strange"}, "target_stage"),
        ({"trigger": "won", "title": "{title} для {foo}"}, "title"),
    ],
)
def test_an_impossible_tunnel_is_refused(
    world: World, funnel: Funnel, service: Funnel, values: dict[str, Any], field: str
) -> None:
    if values.get("target_stage"):
        values = {**values, "target_stage": Stage.objects.filter(funnel=funnel)[0]}
    with pytest.raises(Refused) as refusal:
        add_tunnel(funnel, actor=world.admin, target=service, **values)
    assert refusal.value.field == field
    if field == "title":
        assert "{foo}" in refusal.value.message
    with pytest.raises(Forbidden):
        add_tunnel(funnel, actor=world.anna, trigger="won", target=service)
    assert not Tunnel.objects.exists()
