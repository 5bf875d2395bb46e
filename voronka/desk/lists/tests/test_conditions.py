"""Conditions: read, kept in one form, applied, told; what does not belong is dropped, too much is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.clients.actions import merge_companies
from voronka.clients.models import Source
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal, lose_deal, set_tag
from voronka.deals.models import Deal
from voronka.desk.dictionaries import merge_entry
from voronka.desk.lists.conditions import (
    NUMBER_PATTERN,
    Condition,
    Group,
    apply,
    as_number,
    ops_of,
    parse,
)
from voronka.desk.lists.fields import NUMBERS, TIMES
from voronka.desk.lists.registry import all_listings, get_listing
from voronka.desk.lists.views import save_view
from voronka.desk.lists.words import told
from voronka.desk.tags import tag_named
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import Reason
from voronka.workspaces.rights import Action

NOW = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture
def found(world: World, funnel: Any) -> Callable[..., set[str]]:
    """Titles of the head's deals for which a tree holds, «today» being NOW."""
    company = make_company(world.anna, "ООО «Ёлка»", region="77")
    with clock.frozen(NOW):
        deals = {
            "кран": create_deal(
                actor=world.anna,
                title="кран",
                funnel=funnel,
                company=company,
                amount=Decimal(500),
                expected_close=dt.date(2026, 11, 20),
            ),
            "мост": create_deal(
                actor=world.boris,
                title="мост",
                funnel=funnel,
                amount=Decimal(1500),
                expected_close=dt.date(2026, 12, 2),
            ),
            "порт": create_deal(actor=world.vera, title="порт", funnel=funnel),
        }
        set_tag(deals["кран"], actor=world.anna, tag=tag_named("срочно"), on=True)
    Deal.objects.filter(title="порт").update(opened_at=NOW - dt.timedelta(days=40))

    def ask(tree: Any, member: Any = None) -> set[str]:
        listing = get_listing("deal")
        member = member or world.director
        fields = listing.fields_for(member)
        with clock.frozen(NOW):
            where = parse(tree, fields).where
            rows = apply(listing.rows(member, Action.SEE, where), where, fields, member)
            return set(rows.values_list("title", flat=True))

    return ask


@pytest.mark.parametrize(
    ("tree", "titles"),
    [
        ([], "кран мост порт"),
        ([["title", "contains", "О"]], "мост порт"),
        ([["title", "begins", "кр"]], "кран"),
        ([["title", "lacks", "о"]], "кран"),
        ([["amount", "ge", "1 000"]], "мост"),
        ([["amount", "between", "", "500"]], "кран"),
        ([["amount", "ne", "500"]], "мост порт"),
        ([["amount", "empty"]], "порт"),
        ([["expected_close", "period", "this_week"]], "кран"),
        ([["expected_close", "period", "next_month"]], "мост"),
        ([["expected_close", "next", "5"]], "кран"),
        ([["expected_close", "after", "2026-11-20"]], "мост"),
        ([["expected_close", "on", "2026-11-20"]], "кран"),
        ([["opened_at", "older", "30"]], "порт"),
        ([["opened_at", "last", "1"]], "кран мост"),
        ([["silent", "ge", "30"]], "порт"),
        ([["silent", "le", "30"]], "кран мост"),
        ([["no_next_step", "yes"]], "кран мост порт"),
        ([["company", "empty"]], "мост порт"),
        ([["region", "in", "77"]], "кран"),
        ([["region", "out", "77"]], "мост порт"),
        ([["region", "in", "-"]], "мост порт"),
        ([["tags", "empty"]], "мост порт"),
        (["or", ["amount", "ge", "1000"], ["amount", "empty"]], "мост порт"),
        ([["title", "contains", "о"], ["or", ["amount", "empty"], ["tags", "filled"]]], "порт"),
        ([["weighted", "ge", "100"]], "мост"),
    ],
)
def test_a_tree_finds_what_it_says(found: Callable[..., set[str]], tree: Any, titles: str) -> None:
    assert found(tree) == set(titles.split())
    # The same after it has been an address.
    fields = {f.name: f for f in get_listing("deal").fields()}
    assert found(parse(tree, fields).where.to_text()) == set(titles.split())


def test_me_and_my_team_are_the_readers(found: Callable[..., set[str]], world: World) -> None:
    assert found([["owner", "in", "me"]], world.anna) == {"кран"}
    assert found([["owner", "in", "team"]], world.north_head) == {"кран", "мост"}
    assert found([["owner", "out", "me"]], world.head) == {"кран", "мост", "порт"}
    assert found([["team", "in", "team"]], world.head) == {"кран", "мост", "порт"}
    assert found([["team", "in", str(world.teams["north"].pk)]], world.director) == {"кран", "мост"}


def test_tags_by_any_all_and_none(found: Callable[..., set[str]]) -> None:
    urgent, other = str(tag_named("срочно").pk), str(tag_named("иное").pk)
    assert found([["tags", "any", urgent, other]]) == {"кран"}
    assert found([["tags", "all", urgent, other]]) == set()
    assert found([["tags", "none", urgent]]) == {"мост", "порт"}


def test_a_filter_follows_what_was_merged(found: Callable[..., set[str]], world: World) -> None:
    old, into = Source.objects.order_by("pk")
    for title, source in (("кран", old), ("мост", into)):
        Deal.objects.filter(title=title).update(source=source)
    tree = [["source", "in", f"{old.pk}"]]
    view = save_view(get_listing("deal"), actor=world.head, name="С выставки", where=json.dumps(tree))
    assert found(tree) == {"кран"}

    merge_entry(old, into, actor=world.head)
    assert found(view.where) == found([["source", "in", f"{into.pk}"]]) == {"кран", "мост"}
    # The normal form names the entry that is left: chips and the builder do too.
    assert parse(view.where, get_listing("deal").fields_for(world.head)).where.to_text() == json.dumps(
        [["source", "in", f"{into.pk}"]], separators=(",", ":")
    )
    undo(Event.objects.get(type="entry.merged"), actor=world.head)
    assert found(view.where) == {"кран"}


def test_rows_that_stay_with_a_merged_reason_are_found_by_the_other(
    found: Callable[..., set[str]], world: World
) -> None:
    old, into = Reason.objects.filter(kind="lost").order_by("pk")[:2]
    for title, reason in (("кран", old), ("мост", into)):
        lose_deal(Deal.objects.get(title=title), actor=world.head, reason=reason)
    merge_entry(old, into, actor=world.head)
    for asked in (old, into):
        assert found([["reason", "in", f"{asked.pk}"], ["outcome", "in", "lost"]]) == {"кран", "мост"}
    assert found([["reason", "out", f"{into.pk}"], ["outcome", "in", "lost"]]) == set()


def test_conditions_on_merged_tags_cards_and_own_choices_follow(
    found: Callable[..., set[str]], world: World
) -> None:
    one, other = tag_named("срочно"), tag_named("горит")
    set_tag(Deal.objects.get(title="кран"), actor=world.anna, tag=one, on=True)
    merge_entry(one, other, actor=world.head)
    assert found([["tags", "any", f"{one.pk}"]]) == {"кран"}
    company = Deal.objects.get(title="кран").company
    winner = make_company(world.anna, "АО «Ёлка»")
    merge_companies(company, winner, actor=world.head)
    assert found([["company", "in", f"{company.pk}"]]) == {"кран"}


def test_every_field_of_every_list_bears_every_operator(world: World, funnel: Any) -> None:
    for listing in all_listings():
        fields = listing.fields_for(world.director)
        for field in fields.values():
            for op in ops_of(field) if field.filterable else ():
                values = {
                    "period": ["this_week"],
                    **{name: ["3"] for name in ("last", "next", "older", "later")},
                }.get(op)
                if values is None:
                    numbers, times = field.kind in NUMBERS, field.kind in TIMES
                    options = [str(value) for value, _text in field.options()][:2] if field.options else ["1"]
                    many = op in ("in", "out", "any", "all", "none")
                    values = (
                        ["5", "9"]
                        if numbers
                        else ["2026-01-01", "2026-12-01"]
                        if times
                        else options
                        if many
                        else ["а"]
                    )
                parsed = parse([[field.name, op, *values]], fields)
                if not values:
                    continue
                assert not parsed.dropped, (listing.code, field.name, op, values)
                rows = listing.rows(world.director, Action.SEE, parsed.where)
                list(apply(rows, parsed.where, fields, world.director)[:1])
                assert told(parsed.where, fields), (field.name, op)


@pytest.mark.parametrize(
    "tree",
    [
        [["nothing", "is", "1"]],
        [["amount", "ge", "много"]],
        [["amount", "contains", "1"]],
        [["priority", "in", "не число"]],
        [["expected_close", "period", "someday"]],
        [["expected_close", "last", "-5"]],
        [["owner", "in", "1; DROP TABLE"]],
        [["stage", "in"]],
        "не json",
        "{}",
        "[1, null, [true], [[]]]",
        [["title", "contains", "\x00"]],
    ],
)
def test_what_makes_no_sense_is_dropped(found: Callable[..., set[str]], tree: Any) -> None:
    assert found(tree) == {"кран", "мост", "порт"}


def test_what_is_dropped_is_said(world: World) -> None:
    fields = get_listing("deal").fields_for(world.director)
    parsed = parse([["secret", "ge", "1"], ["amount", "ge", "x"], ["amount", "le", "5"]], fields)
    assert parsed.where == Group("and", (Condition("amount", "le", ("5",)),))
    assert len(parsed.dropped) == 2
    # A program is refused: nothing is left out for it.
    assert "пропущено" in parsed.dropped[1]
    assert parsed.refused[1] == "Условие на поле «Сумма» не понято."


@pytest.mark.parametrize(
    "text", ["100", "1 500,5", "−7", "- 3.25", "1\u00a0000\u202f000", "9999999999999", "5,"]
)
def test_what_the_builder_takes_for_a_number_is_one(text: str) -> None:
    assert re.fullmatch(NUMBER_PATTERN, text)
    assert as_number(text) is not None


@pytest.mark.parametrize("text", ["abc", "1,2 млн", "10000000000000", "1.2.3", "-", "5e3"])
def test_the_builder_stops_at_what_is_no_number(text: str) -> None:
    assert not re.fullmatch(NUMBER_PATTERN, text)


def test_too_many_conditions_and_levels_are_refused_with_a_sentence(world: World) -> None:
    fields = get_listing("deal").fields_for(world.director)
    fifty = [["amount", "ge", str(number)] for number in range(50)]
    assert len(list(parse(fifty, fields).where.conditions())) == 50
    with pytest.raises(Refused, match="50"):
        parse([*fifty, ["amount", "ge", "51"]], fields)
    with pytest.raises(Refused):
        parse(["and", ["or", ["and", ["or", ["amount", "ge", "1"]]]]], fields)
    with pytest.raises(Refused):
        parse("[" + '["title","is","а"],' * 5000 + "[]]", fields)


def test_equal_questions_have_one_form(world: World) -> None:
    fields = get_listing("deal").fields_for(world.director)
    one = parse([["stage", "in", "2", "1", "2"], ["and", ["amount", "ge", "1 000"]]], fields).where
    other = parse(json.dumps([["stage", "in", "1", "2"], ["amount", "ge", "1000.00"]]), fields).where
    assert one == other
    assert one.digest == other.digest
    assert one.to_text() == '[["stage","in","1","2"],["amount","ge","1000"]]'


def test_hidden_fields_are_no_columns_no_conditions_no_orders(world: World) -> None:
    listing = get_listing("deal")
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"], "client": ["phones"]}
    role.save()
    anna = type(world.anna).objects.get(pk=world.anna.pk)
    fields = listing.fields_for(anna)
    # What is told by the hidden goes with it.
    assert not {"amount", "weighted", "no_amount"} & fields.keys()
    assert parse([["amount", "ge", "1"]], fields).where == Group()
    assert "phones" not in get_listing("person").fields_for(anna)
    assert "phones" not in get_listing("company").fields_for(anna)
