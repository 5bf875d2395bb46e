"""The large workspace holds what the verbs would have written."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from django.db import connection

from voronka.activities.summaries import recount as recount_activities
from voronka.clients.models import Company, ContactPoint, Person
from voronka.clients.search import refresh_companies
from voronka.core.phones import parse_phone
from voronka.core.requisites import inn_problem
from voronka.core.tenancy import scope
from voronka.deals.events import DealCreated
from voronka.deals.many import recount as recount_deals
from voronka.deals.models import Deal, DealState
from voronka.deals.search import refresh_deals
from voronka.desk.models import SearchRow
from voronka.integrations.demo.big import email_of, make_big
from voronka.integrations.demo.company import PASSWORD
from voronka.journal.models import Event
from voronka.journal.sentences import tell
from voronka.workspaces.models import Member, Workspace


@pytest.fixture(params=[False, True], ids=["kept indexes", "indexes put aside"])
def big(db: None, request: Any) -> Any:
    workspace = make_big("large", 400, 7, large=request.param)
    with scope(workspace):
        yield workspace


def _shape() -> list[Any]:
    """Every index and constraint there is (PostgreSQL writes the same definition in more than one way)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename || ' ' || indexname AS it FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT conrelid::regclass || ' ' || conname || ' ' || contype::text || condeferrable || condeferred "
            "FROM pg_constraint ORDER BY it"
        )
        return cursor.fetchall()


def _found() -> list[Any]:
    return list(
        SearchRow.objects.order_by("kind", "object_id").values_list(
            "kind", "object_id", "title", "hint", "text", "number", "owner_ids", "team_ids", "weight"
        )
    )


def test_summaries_are_those_that_the_history_and_the_activities_give(big: Workspace) -> None:
    assert Deal.objects.count() == 400
    assert {"open", "won", "lost"} == set(Deal.objects.values_list("outcome", flat=True))
    assert recount_deals(list(Deal.objects.values_list("pk", flat=True))) == 0
    assert recount_activities() == {"deal": 0, "company": 0, "person": 0}
    assert DealState.objects.filter(valid_to=None).count() == 400


def test_everything_is_found_as_the_verbs_would_have_it_found(big: Workspace) -> None:
    written = _found()
    refresh_deals(Deal.objects.values_list("pk", flat=True))
    refresh_companies(Company.objects.values_list("pk", flat=True))
    assert len(written) == 400 + 2 * Company.objects.count()
    assert _found() == written


def test_clients_have_valid_requisites_and_phones(big: Workspace) -> None:
    for company in Company.objects.all()[:20]:
        assert not inn_problem(company.inn)
    for contact in ContactPoint.objects.all()[:40]:
        phone = parse_phone(contact.value)
        assert phone is not None
        assert (phone.normal, phone.display) == (contact.normal, contact.value)
    assert not Person.objects.filter(positions=None).exists()


def test_its_people_can_sign_in(big: Workspace) -> None:
    for login in ("seller", "head", "director", "admin"):
        member = Member.objects.get(email=email_of(login, "large"))
        assert member.user.check_password(PASSWORD)


def test_what_was_put_aside_stands_again(db: None) -> None:
    before = _shape()
    make_big("large", 30, 7, large=True)
    assert _shape() == before


def test_the_same_seed_makes_the_same_deals(db: None) -> None:
    told = []
    for slug in ("one", "two"):
        with scope(make_big(slug, 50, 3)):
            told.append(
                list(Deal.objects.order_by("number").values_list("number", "title", "amount", "outcome"))
            )
    assert told[0] == told[1]
    with scope(make_big("three", 50, 4)):
        assert told[0] != list(
            Deal.objects.order_by("number").values_list("number", "title", "amount", "outcome")
        )


def test_the_feed_of_a_recent_deal_begins_with_its_creation(big: Workspace) -> None:
    deal = Deal.objects.order_by("-opened_at")[0]
    (event,) = Event.objects.feed_of("deal", deal.pk)
    told = tell(event)
    assert deal.title in told.sentence
    assert event.at == deal.opened_at
    assert Event.objects.feed_of("company", deal.company_id).filter(pk=event.pk).exists()
    assert asdict(DealCreated(**event.payload)) == event.payload
