"""The page of working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from voronka.core import clock
from voronka.core.calendar import is_working_day
from voronka.deals.actions import create_deal
from voronka.deals.plan import due_days
from voronka.playbook.models import Stage
from voronka.workspaces.models import Absence, CompanyDay
from voronka.workspaces.working_days import add_absence, set_company_day

HTMX = {"HTTP_HX_REQUEST": "true"}
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 23)
PAGE = "/settings/working-days/"


@pytest.fixture(autouse=True)
def _on_one_day() -> Any:
    with clock.frozen(NOW):
        yield


def test_a_seller_writes_a_leave_down_and_takes_it_back(
    world: World, as_member: Callable[[Any], Any]
) -> None:
    anna = as_member(world.anna)
    values = {"member": world.anna.pk, "kind": "holiday", "first": "2026-11-23", "last": "2026-12-04"}

    assert anna.post(anna.w(PAGE), values, **HTMX).status_code == 204
    again = anna.post(anna.w(PAGE), values, **HTMX)

    assert again.status_code == 422
    assert "Эти дни уже записаны" in again.content.decode()
    row = Absence.objects.get()
    assert "отпуск" in anna.get(anna.w(PAGE)).content.decode()
    away = anna.get(anna.w("/calendar/")).context["settings"]["away"]
    assert away[world.anna.pk]["2026-12-04"] == "отпуск"
    assert anna.post(anna.w(f"{PAGE}{row.pk}/remove/"), **HTMX).status_code == 204
    assert not Absence.objects.exists()


def test_nobody_writes_down_for_whom_they_do_not_plan(world: World, as_member: Callable[[Any], Any]) -> None:
    anna = as_member(world.anna)
    values = {"member": world.boris.pk, "kind": "holiday", "first": "2026-11-23", "last": "2026-12-04"}

    assert anna.post(anna.w(PAGE), values, **HTMX).status_code == 422
    assert not Absence.objects.exists()


def test_an_administrator_sets_a_day_of_the_company(world: World, as_member: Callable[[Any], Any]) -> None:
    admin = as_member(world.admin)
    values = {"day": "2026-11-23", "kind": "off", "name": "Юбилей"}

    assert admin.post(admin.w(f"{PAGE}company/"), values, **HTMX).status_code == 204
    page = admin.get(admin.w(PAGE)).content.decode()
    assert "Юбилей" in page
    assert "Постановления" not in page
    assert admin.get(admin.w("/calendar/")).context["settings"]["off"]["2026-11-23"] == "Юбилей"
    row = CompanyDay.objects.get()
    assert admin.post(admin.w(f"{PAGE}company/{row.pk}/clear/"), **HTMX).status_code == 204
    assert is_working_day(MONDAY)
    bad = admin.post(admin.w(f"{PAGE}company/"), {"day": "x", "kind": "off"}, **HTMX)
    assert bad.status_code == 422


def test_a_year_without_a_decree_is_said(world: World, as_member: Callable[[Any], Any]) -> None:
    with clock.frozen(dt.datetime(2040, 5, 7, 9, 0, tzinfo=dt.UTC)):
        page = as_member(world.admin).get(f"/w/romashka{PAGE}").content.decode()

    assert "2040" in page
    assert "Постановления о переносе выходных" in page


def test_planned_dates_of_stages_pass_over_days_off(world: World, funnel: Any) -> None:
    Stage.objects.filter(funnel=funnel).update(limit_days=2)
    set_company_day(MONDAY, actor=world.admin, kind="off")
    add_absence(world.anna, actor=world.anna, first=dt.date(2026, 11, 25), last=dt.date(2026, 11, 25))
    funnel.refresh_from_db()

    mine = create_deal(actor=world.anna, title="Моя", funnel=funnel)
    his = create_deal(actor=world.boris, title="Его", funnel=funnel)

    # From Friday: Tuesday is the first working day, Wednesday Anna is away.
    first = funnel.stages.order_by("order").first()
    assert due_days(mine.stage_plan)[first.pk][1] == dt.date(2026, 11, 26)
    assert due_days(his.stage_plan)[first.pk][1] == dt.date(2026, 11, 25)
