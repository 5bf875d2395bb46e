"""The pages of reports: whole and in part, for whom, with how many queries, and the files they give."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.world import World, make_book, make_company
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals import actions
from voronka.deals.bulk import DealRow, StateRow, import_deals
from voronka.playbook.actions import create_funnel
from voronka.playbook.models import Funnel, Reason

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MARCH = "from=2026-03-01&to=2026-03-31"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def deals(world: World, funnel: Funnel) -> list[Any]:
    """Anna won one of 400 ₽, lost one; Vera has one open on the second stage."""
    stages = list(funnel.stages.all())
    made = []
    with clock.frozen(START):
        for seller, amount in ((world.anna, 400), (world.anna, 200), (world.vera, 70)):
            company = make_company(seller, f"ООО «Клиент {amount}»")
            made.append(
                actions.create_deal(
                    actor=seller,
                    title=f"Сделка на {amount}",
                    funnel=funnel,
                    amount=Decimal(amount),
                    company=company,
                )
            )
    with clock.frozen(START + dt.timedelta(days=2)):
        actions.move_deal(made[0], actor=world.anna, stage=stages[4])
        actions.move_deal(made[2], actor=world.vera, stage=stages[1])
    with clock.frozen(START + dt.timedelta(days=4)):
        actions.win_deal(made[0], actor=world.anna)
        actions.lose_deal(made[1], actor=world.anna, reason=Reason.objects.get(name="Дорого"))
    return made


def test_the_funnel_is_a_page_and_a_fragment(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/funnel/?{MARCH}"))
    assert page.status_code == 200
    assert "<html" in page.content.decode()
    fragment = browser.get(browser.w(f"/reports/funnel/?{MARCH}"), headers={**HTMX, "HX-Target": "report"})
    text = fragment.content.decode()
    assert "<html" not in text
    assert text.lstrip().startswith('<div id="report"')
    assert "dialog:close" in fragment.headers["HX-Trigger"]
    report = page.context["report"]
    assert [stage.reached.count for stage in report.stages] == [3, 2, 1, 1, 1]


@pytest.mark.parametrize("form", ["now", "asof", "cohort", "movement"])
@pytest.mark.parametrize("by", ["deals", "clients", "sum"])
def test_every_form_and_unit_has_its_page(
    world: World, deals: list, as_member: Any, form: str, by: str
) -> None:
    browser = as_member(world.director)
    for view in ("diagram", "table"):
        url = browser.w(f"/reports/funnel/?{MARCH}&form={form}&by={by}&view={view}&date=2026-03-05")
        page = browser.get(url)
        assert page.status_code == 200
        assert "Первый контакт" in page.content.decode()


def test_the_list_of_reports_leads_to_the_funnel(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    page = browser.get(browser.w("/reports/"))
    assert browser.w("/reports/funnel/") in page.content.decode()


def test_a_seller_sees_only_own_figures_and_lists(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.anna)
    report = browser.get(browser.w(f"/reports/funnel/?{MARCH}")).context["report"]
    assert report.total.count == 2
    listing = browser.get(browser.w(f"/reports/funnel/deals/?{MARCH}&cell=all"))
    assert listing.context["listing"].count == 2
    assert "Сделка на 70" not in listing.content.decode()


def test_another_workspace_is_not_there_and_its_funnel_is_none_of_ours(
    world: World, stranger: World, deals: list, as_member: Any
) -> None:
    with scope(stranger.workspace):
        foreign = make_book(stranger)
    browser = as_member(world.director)
    for path in ("/reports/", "/reports/funnel/", "/reports/funnel/deals/?cell=all", "/reports/funnel/file/"):
        assert browser.get(f"/w/{stranger.slug}{path}").status_code == 404
    page = browser.get(browser.w(f"/reports/funnel/?funnel={foreign.pk}"))
    assert page.status_code == 200
    assert "report" not in page.context


def test_without_the_right_there_are_no_reports_and_no_files(
    world: World, deals: list, as_member: Any
) -> None:
    seller = as_member(world.anna)
    # A seller may read, not take away.
    assert "/reports/funnel/file/" not in seller.get(seller.w(f"/reports/funnel/?{MARCH}")).content.decode()
    assert seller.get(seller.w(f"/reports/funnel/file/?{MARCH}")).status_code == 403
    assert seller.get(seller.w(f"/reports/funnel/deals/file/?{MARCH}&cell=all")).status_code == 403
    role = world.vera.role
    role.rights = {**role.rights, "report": {}}
    role.save()
    browser = as_member(world.vera)
    for path in (
        "/reports/",
        "/reports/funnel/",
        "/reports/funnel/deals/?cell=all",
        "/reports/funnel/filter/",
    ):
        assert browser.get(browser.w(path)).status_code == 403


def test_every_linked_number_opens_a_list_of_that_length(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w(f"/reports/funnel/?{MARCH}")).context["page"]
    opened = 0
    for row in page.rows:
        for cell in row.cells:
            if not cell.url or "prev=1" in cell.url:
                continue
            panel = browser.get(cell.url, headers={**HTMX, "HX-Target": "panel"})
            assert panel.status_code == 200
            assert "<html" not in panel.content.decode()
            listing = browser.get(cell.url)
            if cell.text.isdigit():
                assert listing.context["listing"].count == int(cell.text)
                opened += 1
    assert opened >= 8


def test_an_unknown_number_has_no_list(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.director)
    assert browser.get(browser.w("/reports/funnel/deals/?cell=nonsense")).status_code == 404


def test_days_that_make_no_period_are_told_in_a_sentence(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w("/reports/funnel/?from=2026-03-31&to=2026-03-01"))
    assert page.status_code == 200
    assert "Период кончается раньше, чем начинается" in page.content.decode()


def test_an_empty_period_leads_to_the_days_that_have_deals(world: World, deals: list, as_member: Any) -> None:
    browser = as_member(world.director)
    page = browser.get(browser.w("/reports/funnel/?from=2020-01-01&to=2020-01-31"))
    assert "from=2026-03-02&amp;to=2026-03-02" in page.content.decode()


def test_a_long_list_comes_in_pages_that_miss_and_repeat_nothing(
    world: World, funnel: Funnel, as_member: Any
) -> None:
    many(world, funnel, 120)
    browser = as_member(world.director)
    url, titles = browser.w(f"/reports/funnel/deals/?{MARCH}&cell=all"), []
    while url:
        page = browser.get(url)
        titles += [row["line"].number for row in page.context["lines"]]
        url = page.context["more_url"]
    assert len(titles) == 120
    assert len(set(titles)) == 120


def many(world: World, funnel: Funnel, count: int) -> None:
    stage = funnel.stages.first()
    rows = [
        DealRow(
            title=f"Сделка {number}",
            opened_at=START + dt.timedelta(minutes=number),
            states=[
                StateRow(
                    valid_from=START + dt.timedelta(minutes=number),
                    stage_id=stage.pk,
                    funnel_id=funnel.pk,
                    # Every third has no sum, and sums repeat: the order must still be total.
                    amount=None if number % 3 == 0 else Decimal(number % 7),
                    amount_base=None if number % 3 == 0 else Decimal(number % 7),
                    owner_id=world.anna.pk,
                    team_id=world.anna.team_id,
                )
            ],
        )
        for number in range(count)
    ]
    import_deals(rows, actor=None)


@pytest.mark.parametrize(
    "path", ["/reports/funnel/?", "/reports/funnel/deals/?cell=all&", "/reports/funnel/?form=now&"]
)
def test_five_hundred_deals_cost_as_many_queries_as_a_dozen(
    world: World, funnel: Funnel, as_member: Any, path: str
) -> None:
    browser = as_member(world.director)
    url = browser.w(f"{path}{MARCH}")
    # With fewer than ten no bottleneck is looked for.
    many(world, funnel, 12)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    many(world, funnel, 488)
    with CaptureQueriesContext(connection) as lots:
        assert browser.get(url).status_code == 200
    assert len(lots) == len(few)


def test_the_file_holds_what_the_page_shows_with_numbers_as_numbers(
    world: World, deals: list, as_member: Any
) -> None:
    browser = as_member(world.director)
    answer = browser.get(browser.w(f"/reports/funnel/file/?{MARCH}"))
    rows = cells_of(answer)
    first = next(row for row in rows if row and row[0] == "Первый контакт")
    assert first[1] == 3
    assert first[2] == pytest.approx(1.0)
    won = next(row for row in rows if row and row[0] == "Успех")
    assert (won[1], won[-1]) == (1, 400)
    listed = browser.get(browser.w(f"/reports/funnel/deals/file/?{MARCH}&cell=all"))
    titles = [row[1] for row in cells_of(listed) if len(row) > 1]
    assert {"Сделка на 400", "Сделка на 200", "Сделка на 70"} <= set(titles)


def cells_of(answer: Any) -> list[list[Any]]:
    """Every row of the first sheet of a workbook that was sent."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(0).to_python()


# -- the command line ---------------------------------------------------------------------------------------------


def report(**options: Any) -> str:
    out = io.StringIO()
    arguments = ["funnel", "--workspace", "romashka", "--from", "2026-03-01", "--to", "2026-03-31"]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    call_command("report", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_line_gives_the_figures_of_the_page(world: World, deals: list) -> None:
    said = json.loads(report(format="json"))
    assert [stage["reached"] for stage in said["stages"]] == [3, 2, 1, 1, 1]
    assert [stage["lost_here"] for stage in said["stages"]] == [1, 0, 0, 0, 0]
    assert said["won"] == {"count": 1, "sum": 400, "without_sum": 0}
    assert said["overall_conversion"] == pytest.approx(1 / 3, abs=1e-6)
    assert said["period"] == {"from": "2026-03-01", "to": "2026-03-31"}
    assert {"name", "step_conversion", "open_here", "sum", "median_days"} <= said["stages"][0].keys()


def test_the_command_line_reads_as_a_member_sees_it_or_for_one_seller(world: World, deals: list) -> None:
    assert json.loads(report(format="json", member=world.vera.email))["total"]["count"] == 1
    assert json.loads(report(format="json", seller=world.anna.email))["total"]["count"] == 2
    assert json.loads(report(format="json", team="Юг"))["total"]["count"] == 1


@pytest.mark.parametrize("form", ["now", "asof", "cohort", "movement"])
def test_every_form_prints_as_table_and_csv(world: World, deals: list, form: str) -> None:
    assert "Первый контакт" in report(form=form)
    lines = report(form=form, format="csv").splitlines()
    assert len({line.count(",") for line in lines if '"' not in line}) == 1


@pytest.mark.parametrize(
    "options", [{"funnel": "Нет такой"}, {"team": "Нет такого"}, {"seller": "nobody@example.org"}]
)
def test_the_command_line_says_what_is_wrong(world: World, deals: list, options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        report(**options)


def test_an_unknown_company_is_told_with_those_known(world: World) -> None:
    with pytest.raises(CommandError, match="romashka"):
        call_command("report", "funnel", "--workspace", "nowhere", stdout=io.StringIO())


def test_the_report_opens_with_the_funnel_that_the_deals_are_in(world: World, as_member: Any) -> None:
    director = as_member(world.director)
    make_book(world)
    other = create_funnel(actor=world.admin, name="Привезённая")
    empty = director.get(director.w("/reports/funnel/"))
    assert empty.context["picked_funnel"] != "Привезённая"
    for number in range(2):
        actions.create_deal(actor=world.anna, title=f"Сделка {number}", funnel=other)
    page = director.get(director.w("/reports/funnel/"))
    assert page.context["picked_funnel"] == page.context["report"].context.funnel.name == "Привезённая"
    assert [choice.label for choice in page.context["funnels"] if choice.is_current] == ["Привезённая"]
