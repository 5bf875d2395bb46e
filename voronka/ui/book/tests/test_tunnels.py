"""Tunnels in the book's pages, and linked deals on the card."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, win_deal
from voronka.deals.models import Deal
from voronka.playbook.actions import add_tunnel, create_funnel
from voronka.playbook.models import Funnel, Stage, Tunnel
from voronka.playbook.snapshot import book_snapshot

HTMX = {"HX-Request": "true"}


@pytest.fixture
def service(world: World, funnel: Funnel) -> Funnel:
    return create_funnel(actor=world.admin, name="Сервис", stages=["Заявка", "Договор"])


def at(world: World, path: str) -> str:
    return f"/w/{world.workspace.slug}/{path}"


def test_a_tunnel_is_drawn_changed_and_taken_out(
    world: World, as_member: Any, funnel: Funnel, service: Funnel
) -> None:
    admin: Client = as_member(world.admin)
    entrance = Stage.objects.get(funnel=service, name="Договор")
    form = at(world, f"book/funnels/{funnel.pk}/tunnels/new/")
    page = admin.get(form, headers=HTMX).content.decode()
    assert "Сервис: Договор" in page
    values = {"when": "won", "to": f"s:{entrance.pk}", "after": "6", "wait": "months", "title": "ТО {title}"}
    admin.post(form, values, headers=HTMX)
    row = Tunnel.objects.get()
    assert (row.target, row.target_stage, row.after, row.wait) == (service, entrance, 6, "months")
    home = as_member(world.anna).get(at(world, f"book/funnels/{funnel.pk}/closing/")).content.decode()
    assert "через 6 месяцев" in home
    assert "tunnels/new/" not in home
    first = Stage.objects.filter(funnel=funnel).order_by("order")[0]
    edit = at(world, f"book/tunnels/{row.pk}/")
    assert 'value="6"' in admin.get(edit, headers=HTMX).content.decode()
    changed = {**values, "when": f"stage:{first.pk}", "to": f"f:{service.pk}", "after": "0", "wait": "days"}
    admin.post(edit, changed, headers=HTMX)
    row.refresh_from_db()
    assert (row.trigger, row.stage, row.target_stage, row.after) == ("stage", first, None, 0)
    assert [one["id"] for one in book_snapshot()["tunnels"]] == [row.pk]
    admin.post(f"{edit}away/", headers=HTMX)
    assert book_snapshot()["tunnels"] == []


def test_a_circle_is_refused_at_its_field(
    world: World, as_member: Any, funnel: Funnel, service: Funnel
) -> None:
    add_tunnel(service, actor=world.admin, trigger="won", target=funnel)
    values = {"when": "won", "to": f"f:{service.pk}", "after": "0", "wait": "days"}
    answer = as_member(world.admin).post(
        at(world, f"book/funnels/{funnel.pk}/tunnels/new/"), values, headers=HTMX
    )
    assert answer.status_code == 422
    assert "замкнулись бы в круг" in answer.content.decode()
    assert Tunnel.objects.count() == 1


def test_strangers_find_no_tunnel_and_sellers_draw_none(
    world: World, as_member: Any, funnel: Funnel, service: Funnel, stranger: World
) -> None:
    row = add_tunnel(funnel, actor=world.admin, trigger="won", target=service)
    with scope(stranger.workspace):
        client: Client = as_member(stranger.admin)
    assert client.get(f"/w/{stranger.slug}/book/tunnels/{row.pk}/").status_code == 404
    assert as_member(world.anna).get(at(world, f"book/tunnels/{row.pk}/")).status_code == 403


def test_linked_deals_show_each_other_to_who_may_see_them(
    world: World, as_member: Any, funnel: Funnel, service: Funnel
) -> None:
    add_tunnel(funnel, actor=world.admin, trigger="won", target=service, owner=world.vera, title="ТО линии")
    add_tunnel(funnel, actor=world.admin, trigger="won", target=funnel, after=12, wait="months")
    deal = create_deal(actor=world.anna, title="Линия", funnel=funnel)
    win_deal(deal, actor=world.anna)
    made = Deal.objects.get(funnel=service)
    card = as_member(world.anna).get(at(world, f"deals/{deal.number}/")).content.decode()
    assert "откроется" in card
    assert "ТО линии" not in card.split("v-line-list")[-1]
    assert "Сделка, которая вам не видна" in card
    back = as_member(world.head).get(at(world, f"deals/{made.number}/")).content.decode()
    assert f"/deals/{deal.number}/" in back
