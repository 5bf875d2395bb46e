"""The large workspace holds what the verbs would have written."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from voronka.activities.models import Activity
from voronka.activities.summaries import recount as recount_activities
from voronka.clients.models import Company, ContactPoint, Person
from voronka.clients.search import refresh_companies
from voronka.core.errors import Refused
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
from voronka.integrations.demo.talk import fill_up
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


NOTHING_WRONG = {"deal": 0, "company": 0, "person": 0}


def test_it_has_as_many_activities_as_are_asked_for_and_true_summaries(db: None) -> None:
    with scope(make_big("large", 300, 7, activities=1500, large=True)):
        assert Activity.objects.count() == 1500
        assert recount_activities() == NOTHING_WRONG
        # Nobody talks about a deal that is not there yet.
        assert not Activity.objects.filter(done_at__lt=F("deal__opened_at")).exists()
        assert set(Activity.objects.values_list("channel", flat=True)) == {
            "call",
            "meeting",
            "letter",
            "task",
        }


def test_activities_are_added_to_a_company_that_is_there(big: Workspace) -> None:
    shape, planned = _shape(), Activity.objects.planned().count()
    before = Activity.objects.count()
    summaries = list(
        Deal.objects.order_by("pk").values_list("next_activity_at", "last_contact_at", "version")
    )

    call_command("demo", slug="large", activities=2000)

    assert before < Activity.objects.count() == 2000
    assert Activity.objects.planned().count() == planned * 2
    assert recount_activities() == NOTHING_WRONG
    assert summaries == list(
        Deal.objects.order_by("pk").values_list("next_activity_at", "last_contact_at", "version")
    )
    assert fill_up(big, 3000, large=True) == 1000
    assert recount_activities() == NOTHING_WRONG
    assert _shape() == shape
    assert fill_up(big, 2500) == 0


def test_only_a_demonstration_gets_activities_for_measuring(big: Workspace) -> None:
    before = Activity.objects.count()
    big.is_demo = False
    big.save(update_fields=["is_demo"])
    with pytest.raises(Refused):
        fill_up(big, 2000)
    with pytest.raises(CommandError):
        call_command("demo", slug="large", activities=2000)
    with pytest.raises(CommandError, match="--slug"):
        call_command("demo", slug="absent", activities=2000)
    assert Activity.objects.count() == before
