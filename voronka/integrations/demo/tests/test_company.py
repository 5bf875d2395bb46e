"""The demo company: the same from the same seed, every screen of it opens, its numbers obey the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from voronka.activities.models import Activity
from voronka.core.tenancy import scope
from voronka.deals.many import recount
from voronka.deals.models import Deal
from voronka.integrations.demo.company import PASSWORD, make_demo
from voronka.journal.models import Event
from voronka.targets.models import SalesPlan
from voronka.workspaces.models import Member, Workspace

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SCREENS = (
    "/today/",
    "/deals/",
    "/deals/table/",
    "/clients/",
    "/people/",
    "/activities/",
    "/plans/",
    "/book/",
    "/reports/",
    "/reports/funnel/",
)


@pytest.fixture
def company(db: None) -> Iterator[Workspace]:
    made = make_demo(slug="demo", seed=3, now=NOW, scale=0.06)
    with scope(made):
        yield made


def told(workspace: Workspace) -> list[Any]:
    with scope(workspace):
        return list(
            Deal.objects.order_by("number").values_list(
                "number", "title", "amount", "outcome", "opened_at", "owner__name", "company__name"
            )
        )


def test_the_same_seed_and_day_make_the_same_company(company: Workspace) -> None:
    with scope(None):
        again = make_demo(slug="again", seed=3, now=NOW, scale=0.06)
        other = make_demo(slug="other", seed=4, now=NOW, scale=0.06)
    assert told(company) == told(again)
    assert told(company) != told(other)


def test_nothing_lies_in_the_future_and_summaries_hold(company: Workspace) -> None:
    assert Deal.objects.filter(outcome="won").exists()
    assert Deal.objects.filter(outcome="lost").exists()
    assert Deal.objects.filter(outcome="open", next_activity_at=None).exists()
    assert not Deal.objects.filter(state_since__gt=NOW).exists()
    assert not Event.objects.filter(type__startswith="deal.", at__gt=NOW).exclude(type="deal.tagged").exists()
    assert recount(Deal.objects.values_list("pk", flat=True)) == 0


@pytest.mark.parametrize("login", ["seller", "head", "director", "marketer", "service", "admin"])
def test_every_screen_opens_for_every_role(company: Workspace, login: str) -> None:
    member = Member.objects.get(email__startswith=f"{login}@")
    assert member.user is not None
    assert member.user.check_password(PASSWORD)
    browser = Client()
    browser.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with scope(None):
        statuses = {path: browser.get(f"/w/{company.slug}{path}").status_code for path in SCREENS}
        deal = told(company)[-1][0]
    allowed = {200} if login in ("head", "director", "admin", "seller") else {200, 403}
    assert {path: status for path, status in statuses.items() if status not in allowed} == {}
    assert statuses["/today/"] == 200
    card = browser.get(f"/w/{company.slug}/deals/{deal}/").status_code
    assert card == 200 or (login in ("seller", "service") and card == 403)


def test_the_book_leads_its_deals_and_none_stands_for_years(company: Workspace) -> None:
    deals = Deal.objects.filter(outcome="open")
    assert deals.exists()
    assert not deals.filter(stage_plan={}).exists()
    asked = Activity.objects.exclude(stage_task=None)
    assert asked.exists()
    assert all(
        task.stage_task.stage_id == task.deal.stage_id for task in asked.select_related("deal", "stage_task")
    )
    assert not deals.filter(stage_since__lt=NOW - dt.timedelta(days=200)).exists()


def test_the_seller_of_the_demo_has_a_plan_and_won_deals(company: Workspace) -> None:
    anna = Member.objects.get(email__startswith="seller@")
    assert SalesPlan.objects.get(member=anna, month=dt.date(2026, 11, 1)).amount > 0
    assert Deal.objects.filter(owner=anna, outcome="won").exists()
