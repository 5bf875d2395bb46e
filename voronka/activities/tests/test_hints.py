"""Situation -> hint: the table of docs/hints.md, line by line, from the highest room that declares a rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from tests.world import World, make_company, make_person
from voronka.activities.actions import log_activity, plan_activity
from voronka.catalog.dictionaries import ensure_competitor
from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import add_participant, create_deal
from voronka.deals.hints.actions import switch_hint
from voronka.deals.hints.models import HintOff
from voronka.deals.hints.reading import Hint, hints_of
from voronka.deals.hints.registry import rules
from voronka.deals.led.rivals import set_rival
from voronka.deals.led.talks import make_offer
from voronka.deals.models import Deal
from voronka.journal.actions import undo
from voronka.playbook.models import ActivityKind, Criterion, Strictness
from voronka.workspaces.models import Role

# A Friday, noon in Moscow.
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "hints.md"


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW), override("en"):
        yield


@pytest.fixture
def calm(world: World, funnel: Any) -> Deal:
    """A deal about which there is nothing to say: the decision maker known, a call tomorrow, sum and date."""
    company = make_company(world.anna)
    person = make_person(company)
    deal = create_deal(
        actor=world.anna,
        title="Стеллажи",
        funnel=funnel,
        company=company,
        person=person,
        amount=Decimal(1_000_000),
        expected_close=NOW.date() + 60 * DAY,
    )
    add_participant(deal, actor=world.anna, person=person, kind="decision")
    plan_activity(actor=world.anna, kind=call(), due_at=NOW + DAY, deal=deal)
    return fresh(deal)


def call() -> ActivityKind:
    return ActivityKind.objects.get(channel="call")


def fresh(deal: Deal) -> Deal:
    return Deal.objects.select_related("stage", "company").get(pk=deal.pk)


def put(deal: Deal, **columns: Any) -> None:
    Deal.objects.filter(pk=deal.pk).update(**columns)


def said(deal: Deal, world: World, **asked: Any) -> list[Hint]:
    return hints_of([fresh(deal)], world.anna, deep=True, **asked)[deal.pk]


def rival(deal: Deal, world: World, price: int | None, answer: str = "") -> None:
    competitor = ensure_competitor(actor=world.anna, name="СтеллажПро")
    set_rival(deal, actor=world.anna, competitor=competitor, price=price, answer=answer)


def ask_for_a_field(deal: Deal) -> None:
    Criterion.objects.create(
        stage=deal.stage,
        order=1,
        kind="field_filled",
        params={"field": "deal:comment"},
        strictness=Strictness.ASK,
    )


def talk(deal: Deal, world: World, times: int) -> None:
    for _time in range(times):
        log_activity(actor=world.anna, kind=call(), deal=deal, person=deal.person)


# The line of the table: code, what happens to a calm deal, words of the hint, and what its button does.
SITUATIONS: list[tuple[str, Callable[[Deal, World], Any], str, str]] = [
    ("overdue", lambda d, w: put(d, next_activity_at=NOW - 2 * DAY), "2 days late", "plan"),
    ("no_next", lambda d, w: put(d, next_activity_at=None), "No next step", "plan"),
    ("stage_late", lambda d, w: put(d, stage_since=NOW - 7 * DAY), "Too long on “Первый контакт”", "move"),
    ("stage_near", lambda d, w: put(d, stage_since=NOW - 3 * DAY), "The last day of the limit", "move"),
    (
        "counter",
        lambda d, w: make_offer(d, actor=w.anna, side="theirs", amount=900_000, day=(NOW - DAY).date()),
        "The client named",
        "offer",
    ),
    ("close_passed", lambda d, w: put(d, expected_close=(NOW - DAY).date()), "has passed", "date"),
    ("rival_cheaper", lambda d, w: rival(d, w, 940_000), "“СтеллажПро” is 6 % cheaper", "rival"),
    (
        "silent",
        lambda d, w: put(d, last_contact_at=NOW - 15 * DAY, next_activity_at=None),
        "No contact for 15 days",
        "plan",
    ),
    (
        "against",
        lambda d, w: add_participant(d, actor=w.anna, person=d.person, kind="decision", attitude="opponent"),
        "against us",
        "plan",
    ),
    (
        "no_decider",
        lambda d, w: add_participant(d, actor=w.anna, person=d.person, kind="user"),
        "Who decides is not known",
        "person",
    ),
    ("pushed", lambda d, w: put(d, pushes=3), "put off 3 times", "plan"),
    (
        "close_early",
        lambda d, w: put(d, expected_close=NOW.date() + DAY),
        "By the stages' time limits: 24 Dec",
        "date",
    ),
    ("rival_no_price", lambda d, w: rival(d, w, None), "“СтеллажПро” is not known", "rival"),
    ("single_threaded", lambda d, w: talk(d, w, 3), "with one person", "person"),
    ("no_amount", lambda d, w: put(d, amount=None, amount_base=None), "The sum is not known", "sum"),
    ("missing", lambda d, w: ask_for_a_field(d), "is not filled in", "missing"),
]

# The same, just short of it.
NOT_YET: list[tuple[str, Callable[[Deal, World], Any]]] = [
    ("overdue", lambda d, w: put(d, next_activity_at=NOW + DAY / 24)),
    ("stage_late", lambda d, w: put(d, stage_since=NOW - 3 * DAY)),
    ("stage_near", lambda d, w: put(d, stage_since=NOW - 2 * DAY)),
    ("counter", lambda d, w: make_offer(d, actor=w.anna, side="theirs", amount=900_000)),
    ("close_passed", lambda d, w: put(d, expected_close=NOW.date())),
    ("rival_cheaper", lambda d, w: rival(d, w, 940_000, "свой монтаж")),
    ("rival_cheaper", lambda d, w: rival(d, w, 1_000_000)),
    ("silent", lambda d, w: put(d, last_contact_at=NOW - 14 * DAY, next_activity_at=None)),
    ("silent", lambda d, w: put(d, last_contact_at=NOW - 15 * DAY)),
    ("pushed", lambda d, w: put(d, pushes=2)),
    ("single_threaded", lambda d, w: talk(d, w, 2)),
]


def test_a_deal_that_goes_well_gets_no_hint(world: World, calm: Deal) -> None:
    assert said(calm, world) == []


@pytest.mark.parametrize(("code", "happens", "words", "do"), SITUATIONS, ids=[s[0] for s in SITUATIONS])
def test_a_situation_raises_its_hint(
    world: World, calm: Deal, code: str, happens: Any, words: str, do: str
) -> None:
    happens(calm, world)

    hints = {hint.code: hint for hint in said(calm, world)}

    assert code in hints
    assert words in f"{hints[code].found.title} {hints[code].found.text}".replace("\xa0", " ")
    assert hints[code].found.do == do


@pytest.mark.parametrize(("code", "happens"), NOT_YET, ids=[f"{n}-{s[0]}" for n, s in enumerate(NOT_YET)])
def test_what_is_not_so_yet_is_not_said(world: World, calm: Deal, code: str, happens: Any) -> None:
    happens(calm, world)
    assert code not in {hint.code for hint in said(calm, world)}


def test_every_rule_has_its_line_here_and_in_the_docs() -> None:
    codes = {rule.code for rule in rules()}
    assert codes == {code for code, *_rest in SITUATIONS}
    text = DOCS.read_text()
    for rule in rules():
        assert f"| {rule.weight}" in text or f"or {rule.weight} |" in text
        assert f"`{rule.code}`" in text


def test_three_hints_at_most_the_heaviest_first(world: World, calm: Deal) -> None:
    put(calm, next_activity_at=None, stage_since=NOW - 30 * DAY, amount=None, pushes=5)
    rival(calm, world, None)

    assert [hint.code for hint in said(calm, world)] == ["no_next", "stage_late", "pushed"]


def test_what_is_missing_weighs_more_when_the_stage_is_to_be_left(world: World, calm: Deal) -> None:
    ask_for_a_field(calm)
    (alone,) = said(calm, world)
    put(calm, stage_since=NOW - 3 * DAY, pushes=4)

    assert alone.weight == 35
    assert [hint.code for hint in said(calm, world)] == ["missing", "pushed", "stage_near"]


def test_a_hint_that_is_switched_off_is_not_said(world: World, calm: Deal) -> None:
    put(calm, next_activity_at=None)
    event = switch_hint("no_next", actor=world.admin, on=False)
    assert event is not None
    assert switch_hint("no_next", actor=world.admin, on=False) is None
    assert said(calm, world) == []

    undo(event, actor=world.admin)

    assert [hint.code for hint in said(calm, world)] == ["no_next"]


def test_only_who_keeps_the_book_switches_hints(world: World) -> None:
    with pytest.raises(Forbidden):
        switch_hint("no_next", actor=world.anna, on=False)
    with pytest.raises(Refused):
        switch_hint("weather", actor=world.admin, on=False)
    assert not HintOff.objects.exists()


def test_a_hidden_field_is_not_spoken_of(world: World, calm: Deal) -> None:
    put(calm, expected_close=(NOW - DAY).date(), amount=None)
    Role.objects.filter(pk=world.anna.role_id).update(hidden_fields={"deal": ["amount", "expected_close"]})
    anna = type(world.anna).objects.select_related("role").get(pk=world.anna.pk)

    assert hints_of([fresh(calm)], anna)[calm.pk] == []


def test_many_deals_cost_as_many_questions_as_one(
    world: World, funnel: Any, calm: Deal, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        create_deal(actor=world.anna, title=str(number), funnel=funnel, company=calm.company)
    deals = list(Deal.objects.select_related("stage"))
    with django_assert_max_num_queries(8) as few:
        hints_of(deals[:1], world.anna)
    with django_assert_num_queries(len(few)):
        found = hints_of(deals, world.anna)
    assert sum(map(len, found.values())) >= 40
