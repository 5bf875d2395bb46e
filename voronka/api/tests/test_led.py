"""Prices, competitors, colleagues and hand-overs for programs: as on the card, with its rights."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.api.tests.calling import Program
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal, HandOver, Offer
from voronka.workspaces.models import Role


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    company = make_company(world.anna)
    return create_deal(
        actor=world.anna, title="Стеллажи", funnel=funnel, company=company, amount=Decimal(100)
    )


def test_prices_are_named_listed_and_taken_away(world: World, deal: Deal) -> None:
    program = Program.of(world.anna)
    at = f"/deals/{deal.pk}/offers/"

    made = program.post(at, {"side": "theirs", "amount": "90.00", "set_amount": True}).json()

    assert [row["id"] for row in program.get(at).json()] == [made["id"]]
    assert program.get(f"/deals/{deal.pk}/").json()["amount"] == "90.00"
    assert program.delete(f"{at}{made['id']}/").status_code == 204
    assert program.delete(f"{at}{made['id']}/").status_code == 404
    assert program.post(at, {"side": "theirs", "amount": "0"}).status_code == 422
    assert not Offer.objects.exists()


def test_a_competitor_is_made_and_put_into_a_deal(world: World, deal: Deal) -> None:
    made = Program.of(world.admin).post("/dictionaries/competitor/", {"name": "СтеллажПро"}).json()
    program = Program.of(world.anna)
    at = f"/deals/{deal.pk}/competitors/"

    put = program.ask("PUT", f"{at}{made['id']}/", {"price": "95.00", "answer": "монтаж"}).json()

    assert (put["price"], put["answer"]) == ("95.00", "монтаж")
    assert [row["competitor"]["id"] for row in program.get(at).json()] == [made["id"]]
    assert program.delete(f"{at}{made['id']}/").status_code == 204
    assert program.get(at).json() == []


def test_colleagues_come_and_go(world: World, deal: Deal) -> None:
    program = Program.of(world.anna)
    at = f"/deals/{deal.pk}/colleagues/"
    assert program.ask("PUT", f"{at}{world.boris.pk}/", {"part": "монтаж"}).json()["part"] == "монтаж"
    assert [row["member"]["id"] for row in program.get(at).json()] == [world.boris.pk]
    assert program.delete(f"{at}{world.boris.pk}/").status_code == 204
    assert program.get(at).json() == []


def test_a_deal_is_handed_over_with_a_sheet_and_accepted(world: World, deal: Deal) -> None:
    sheet = {"promises": "скидка"}
    sent = Program.of(world.head).post(f"/deals/{deal.pk}/assign/", {"owner": world.boris.pk, "sheet": sheet})
    assert sent.status_code == 200
    assert HandOver.objects.get().promises == "скидка"

    assert Program.of(world.boris).post(f"/deals/{deal.pk}/accept/").status_code == 204

    assert HandOver.objects.get().accepted_at is not None


def test_hidden_sums_and_other_deals_stay_out_of_reach(world: World, deal: Deal) -> None:
    assert Program.of(world.vera).get(f"/deals/{deal.pk}/offers/").status_code == 403
    Role.objects.filter(pk=world.anna.role_id).update(hidden_fields={"deal": ["amount"]})
    anna = type(world.anna).objects.select_related("role").get(pk=world.anna.pk)
    assert Program.of(anna).get(f"/deals/{deal.pk}/offers/").status_code == 403
