"""What the live stream tells: only of cards within reach, and how many questions that costs."""

from __future__ import annotations

from typing import Any

from voronka.deals.actions import assign_deal, create_deal
from voronka.journal.models import Event
from voronka.ui.news import MOST_CARDS, Happening, News, cards_of, told


def news_since(event_id: int) -> News:
    rows = list(Event.objects.filter(pk__gt=event_id).order_by("pk"))
    cards = cards_of([row.pk for row in rows])
    news = News()
    for row in rows:
        news |= Happening(row.pk, row.workspace_id, row.actor_id, row.type, tuple(cards.get(row.pk, ()))).news
    return news


def last_event() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_a_card_is_named_to_those_only_who_may_see_it(world: Any, funnel: Any) -> None:
    start = last_event()
    deal = create_deal(actor=world.anna, title="Рампы", funnel=funnel)
    news = news_since(start)
    assert told(news, world.anna)["on"] == [f"deal:{deal.pk}"]
    assert told(news, world.director)["on"] == [f"deal:{deal.pk}"]
    assert told(news, world.boris) is None


def test_of_a_card_that_went_away_only_the_kind_is_told(world: Any, funnel: Any) -> None:
    deal = create_deal(actor=world.anna, title="Рампы", funnel=funnel)
    start = last_event()
    assign_deal(deal, actor=world.director, owner=world.boris)
    message = told(news_since(start), world.anna)
    assert message is not None
    assert message["kinds"] == ["deal"]
    assert message["on"] == []


def test_a_flood_is_told_as_many_without_names(world: Any) -> None:
    news = News(cards=frozenset(("stage", pk) for pk in range(MOST_CARDS + 1)))
    assert told(news, world.anna) == {"by": [], "kinds": ["stage"], "many": True}


def test_reach_costs_a_question_for_each_kind_and_none_for_who_sees_all(
    world: Any, funnel: Any, django_assert_num_queries: Any
) -> None:
    start = last_event()
    for number in range(5):
        create_deal(actor=world.anna, title=f"Рампа {number}", funnel=funnel)
    news = news_since(start)
    world.director.reach("deal", "see")
    with django_assert_num_queries(0):
        told(news, world.director)
    world.anna.reach("deal", "see")
    with django_assert_num_queries(1):
        told(news, world.anna)
