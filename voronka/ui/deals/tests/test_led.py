"""People, prices and competitors on the card: shown, changed by dialogs, kept from who may not see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company, make_person
from voronka.deals.actions import add_participant, create_deal
from voronka.deals.led.talks import make_offer
from voronka.deals.models import Colleague, Deal, Offer, Rival
from voronka.workspaces.models import Role


@pytest.fixture
def deal(world: World, funnel: Any) -> Deal:
    return create_deal(
        actor=world.anna,
        title="Стеллажи",
        funnel=funnel,
        company=make_company(world.anna),
        amount=Decimal(5_000_000),
    )


def test_a_competitor_is_named_in_the_dialog_and_stands_on_the_card(
    world: World, deal: Deal, as_member: Any
) -> None:
    anna = as_member(world.anna)
    url = anna.w(f"/deals/{deal.number}/rivals/")
    assert anna.get(url).status_code == 200

    anna.post(url, {"competitor": "new:СтеллажПро", "price": "4 700 000", "answer": "свой монтаж"})

    row = Rival.objects.get()
    assert (row.competitor.name, row.price) == ("СтеллажПро", Decimal(4_700_000))
    page = anna.get(anna.w(f"/deals/{deal.number}/"))
    assert page.context["rivals"][0].gap
    assert "6" in page.context["rivals"][0].gap
    assert "СтеллажПро" in page.content.decode()
    assert "свой монтаж" in anna.get(f"{url}?competitor={row.competitor_id}").content.decode()


def test_an_unreadable_price_is_refused_beside_its_field(world: World, deal: Deal, as_member: Any) -> None:
    anna = as_member(world.anna)
    answer = anna.post(
        anna.w(f"/deals/{deal.number}/offers/"),
        {"side": "ours", "amount": "много"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409
    assert answer.headers["X-Refused"] == "1"
    assert not Offer.objects.exists()


def test_two_prices_draw_a_curve_of_each_side(world: World, deal: Deal, as_member: Any) -> None:
    anna = as_member(world.anna)
    url = anna.w(f"/deals/{deal.number}/offers/")
    anna.post(url, {"side": "ours", "amount": "5 000 000", "day": "2026-01-10"})
    assert anna.get(anna.w(f"/deals/{deal.number}/")).context["curves"] == []

    anna.post(url, {"side": "theirs", "amount": "4 600 000", "day": "2026-01-12", "set_amount": "1"})

    page = anna.get(anna.w(f"/deals/{deal.number}/"))
    assert [curve.side for curve in page.context["curves"]] == ["ours", "theirs"]
    # The higher price stands higher: nearer to the top edge.
    (ours,), (theirs,) = (curve.dots for curve in page.context["curves"])
    assert float(ours[1]) < float(theirs[1])
    assert float(ours[0]) < float(theirs[0])
    deal.refresh_from_db()
    assert deal.amount == Decimal(4_600_000)


def test_a_hidden_sum_hides_the_talks_and_prices_of_competitors(
    world: World, deal: Deal, as_member: Any
) -> None:
    make_offer(deal, actor=world.anna, side="theirs", amount=4_912_345)
    as_member(world.anna).post(
        f"/w/{world.slug}/deals/{deal.number}/rivals/", {"competitor": "new:СтеллажПро", "price": "4712345"}
    )
    Role.objects.filter(pk=world.anna.role_id).update(hidden_fields={"deal": ["amount"]})
    anna = as_member(world.anna)

    text = anna.get(anna.w(f"/deals/{deal.number}/")).content.decode()

    assert "912" not in text
    assert "712" not in text
    assert "СтеллажПро" in text
    assert anna.get(anna.w(f"/deals/{deal.number}/offers/")).status_code == 403


def test_people_of_both_sides_stand_on_the_card(world: World, deal: Deal, as_member: Any) -> None:
    person = make_person(deal.company)
    add_participant(deal, actor=world.anna, person=person, kind="user", attitude="supporter")
    anna = as_member(world.anna)
    anna.post(anna.w(f"/deals/{deal.number}/colleagues/"), {"member": str(world.boris.pk), "part": "монтаж"})

    page = anna.get(anna.w(f"/deals/{deal.number}/"))

    assert Colleague.objects.get().part == "монтаж"
    assert "монтаж" in page.content.decode()
    (row,) = page.context["people"]
    assert row["attitude"]
    assert row["tone"] == "v-good"
    dialog = anna.get(row["url"])
    assert dialog.context["someone"] == person
    assert dialog.context["row"].attitude == "supporter"


def test_the_number_of_queries_is_the_same_for_many_prices(
    world: World, deal: Deal, as_member: Any, django_assert_max_num_queries: Any
) -> None:
    anna = as_member(world.anna)

    def queries() -> int:
        with django_assert_max_num_queries(100) as seen:
            anna.get(anna.w(f"/deals/{deal.number}/"), headers={"HX-Request": "true", "HX-Target": "panel"})
        return len(seen)

    make_offer(deal, actor=world.anna, side="ours", amount=1, person=make_person(deal.company))
    queries()
    few = queries()
    for number in range(20):
        make_offer(deal, actor=world.anna, side="theirs", amount=5 + number)
    assert queries() == few
