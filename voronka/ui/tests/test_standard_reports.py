"""The pages of every report of the common frame: whole and in part, for whom, and the files they give."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.world import World, make_company
from voronka.activities.actions import log_activity
from voronka.analytics.reporting.registry import instruments
from voronka.core import clock
from voronka.deals import actions
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind, Funnel, Reason

NAMES = ["changes", "pipeline", "outcomes", "intake", "reasons", "sellers"]
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MARCH = "from=2026-03-01&to=2026-03-31"
HTMX = {"HX-Request": "true", "HX-Target": "report"}


def make_deals(world: World, funnel: Funnel, each: int = 1) -> None:
    """*each* deals of Anna won and lost, of Vera open."""
    stages = list(funnel.stages.all())
    for number in range(each):
        with clock.frozen(START + dt.timedelta(minutes=number)):
            won, lost, kept = (
                actions.create_deal(
                    actor=seller,
                    title=f"Сделка {number}",
                    funnel=funnel,
                    amount=Decimal(amount),
                    company=make_company(seller, f"ООО «Клиент {amount}-{each}-{number}»"),
                )
                for seller, amount in ((world.anna, 400), (world.anna, 200), (world.vera, 70))
            )
        with clock.frozen(START + dt.timedelta(days=4, minutes=number)):
            actions.move_deal(kept, actor=world.vera, stage=stages[1])
            actions.win_deal(won, actor=world.anna)
            actions.lose_deal(lost, actor=world.anna, reason=Reason.objects.get(name="Дорого"))


def test_the_names_tested_are_all_there_are() -> None:
    assert set(NAMES) == set(instruments())


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_a_page_and_a_fragment_and_every_number_opens_its_list(
    world: World, funnel: Funnel, as_member: Any, name: str
) -> None:
    make_deals(world, funnel)
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/{name}/?{MARCH}"))
    assert page.status_code == 200
    assert "<html" in page.content.decode()
    fragment = browser.get(browser.w(f"/reports/{name}/?{MARCH}"), headers=HTMX)
    assert "<html" not in fragment.content.decode()
    assert 'id="report"' in fragment.content.decode()
    shown = page.context["page"]
    cells = [cell for table in shown.tables for row in table.rows for cell in row.cells if cell.url]
    assert cells, "a report of these deals has numbers that open"
    for cell in cells:
        listing = browser.get(cell.url)
        assert listing.status_code == 200, cell
        if cell.text.isdigit():
            assert listing.context["listing"].count == int(cell.text)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_company_is_told_what_will_be_here(
    world: World, funnel: Funnel, as_member: Any, name: str
) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/{name}/"))
    assert page.status_code == 200
    assert page.context["answer"].is_empty
    assert "v-table" not in page.content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_reports_are_another_companys_or_not_for_this_role(
    world: World, stranger: World, funnel: Funnel, as_member: Any, name: str
) -> None:
    browser = as_member(world.director)
    for path in (f"/reports/{name}/", f"/reports/{name}/list/", f"/reports/{name}/file/"):
        assert browser.get(f"/w/{stranger.slug}{path}").status_code == 404
    seller = as_member(world.anna)
    assert seller.get(seller.w(f"/reports/{name}/file/")).status_code == 403
    role = world.vera.role
    role.rights = {**role.rights, "report": {}}
    role.save()
    barred = as_member(world.vera)
    for path in (f"/reports/{name}/", f"/reports/{name}/list/", f"/reports/{name}/filter/"):
        assert barred.get(barred.w(path)).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_the_file_has_numbers_as_numbers_and_is_an_event(
    world: World, funnel: Funnel, as_member: Any, name: str
) -> None:
    make_deals(world, funnel)
    browser = as_member(world.director)
    response = browser.get(browser.w(f"/reports/{name}/file/?{MARCH}"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    values = [value for row in book.get_sheet_by_index(0).to_python() for value in row]
    assert any(isinstance(value, int | float) and value > 0 for value in values)
    assert Event.objects.filter(type="report.exported").count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_more_deals_ask_no_more_queries(world: World, funnel: Funnel, as_member: Any, name: str) -> None:
    browser = as_member(world.director)
    counts = []
    for each in (1, 6):
        make_deals(world, funnel, each)
        browser.get(browser.w(f"/reports/{name}/?{MARCH}"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(browser.w(f"/reports/{name}/?{MARCH}"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_kept_from_sums_gets_none(world: World, funnel: Funnel, as_member: Any, name: str) -> None:
    make_deals(world, funnel)
    role = world.director.role
    role.hidden_fields = {"deal": ["amount"]}
    role.save()
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/{name}/?{MARCH}"))
    if instruments()[name].needs_sums:
        assert page.status_code == 404
    else:
        assert page.status_code == 200
        assert "₽" not in page.content.decode()


def test_days_that_make_no_sense_are_a_sentence(world: World, funnel: Funnel, as_member: Any) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w("/reports/changes/?from=2026-03-31&to=2026-03-01"))
    assert page.status_code == 200
    assert "кончается раньше" in page.context["problem"]
    assert "page" not in page.context
    assert browser.get(browser.w("/reports/nonesuch/")).status_code == 404
    assert browser.get(browser.w("/reports/changes/list/?cell=nonesuch")).status_code == 404


def test_calls_count_to_who_made_them_and_open_as_activities(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    make_deals(world, funnel)
    call = ActivityKind.objects.filter(channel="call").first()
    letter = ActivityKind.objects.exclude(channel__in=["call", "meeting", "task"]).first()
    with clock.frozen(START + dt.timedelta(days=1)):
        for kind in (call, call, letter):
            deal = Deal.objects.filter(owner=world.anna).first()
            log_activity(actor=world.anna, kind=kind, deal=deal, result="Поговорили")
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/sellers/?{MARCH}")).context["page"]
    anna = next(row for row in page.tables[0].rows if row.row.name == world.anna.name)
    calls, _meetings, others = anna.cells[:3]
    assert (calls.text, others.text) == ("2", "1")
    listing = browser.get(calls.url)
    assert listing.context["listing"].count == 2
    assert listing.context["listing"].of_activities
    line = listing.context["lines"][0]
    assert browser.get(line["url"]).status_code == 200
    # Another's calls are no business of a seller whose report covers own figures.
    vera = as_member(world.vera)
    assert vera.get(calls.url).context["listing"].count == 0
