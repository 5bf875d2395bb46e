"""Working days as a company and its people have them."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.world import World
from voronka.core.calendar import (
    add_working_days,
    days_off,
    is_short_day,
    is_working_day,
    working_days_between,
)
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.workspaces.models import Absence, AbsenceKind, CompanyDay, DayKind
from voronka.workspaces.working_days import (
    add_absence,
    away_from,
    days_away,
    remove_absence,
    set_company_day,
)

MONDAY = dt.date(2026, 11, 23)
SATURDAY = dt.date(2026, 11, 28)
DAY = dt.timedelta(days=1)


def test_a_company_rests_and_works_on_days_of_its_own(world: World, stranger: World) -> None:
    set_company_day(MONDAY, actor=world.admin, kind=DayKind.OFF, name="День рождения компании")
    set_company_day(SATURDAY, actor=world.admin, kind=DayKind.WORKING)

    assert not is_working_day(MONDAY)
    assert is_working_day(SATURDAY)
    # Tuesday to Saturday; five days without own days as well, but others.
    assert working_days_between(MONDAY, MONDAY + 7 * DAY) == 5
    assert working_days_between(MONDAY + 7 * DAY, MONDAY) == -5
    assert add_working_days(MONDAY - 3 * DAY, 1) == MONDAY + DAY
    assert add_working_days(MONDAY + 4 * DAY, 1) == SATURDAY
    assert days_off(MONDAY, MONDAY) == {MONDAY: "День рождения компании"}
    with scope(stranger.workspace):
        assert is_working_day(MONDAY)
        assert working_days_between(MONDAY, MONDAY + 7 * DAY) == 5
        assert not is_working_day(SATURDAY)


def test_counts_and_steps_agree_with_own_days(world: World) -> None:
    for shift, kind in ((0, "off"), (2, "off"), (5, "working"), (6, "short"), (12, "off"), (44, "working")):
        set_company_day(MONDAY + shift * DAY, actor=world.admin, kind=kind)

    for shift in range(40):
        day = MONDAY + shift * DAY
        one_by_one = sum(is_working_day(MONDAY + n * DAY) for n in range(shift))
        assert working_days_between(MONDAY, day) == one_by_one
        arrived = add_working_days(MONDAY - 3 * DAY, shift)
        assert working_days_between(MONDAY - 3 * DAY, arrived) == shift


def test_the_eve_of_a_holiday_is_short_and_a_company_shortens_others(world: World) -> None:
    assert is_short_day(dt.date(2026, 11, 3))
    assert not is_short_day(dt.date(2027, 5, 8))  # a Saturday: nobody works
    assert not is_short_day(MONDAY)
    set_company_day(MONDAY, actor=world.admin, kind=DayKind.SHORT)
    assert is_short_day(MONDAY)
    assert is_working_day(MONDAY)


def test_setting_a_day_is_told_once_and_undone(world: World) -> None:
    event = set_company_day(MONDAY, actor=world.admin, kind=DayKind.OFF, name="Юбилей")
    assert event is not None
    assert set_company_day(MONDAY, actor=world.admin, kind=DayKind.OFF, name="Юбилей") is None

    undo(event, actor=world.admin)

    assert is_working_day(MONDAY)
    assert not CompanyDay.objects.exists()


def test_only_who_configures_the_company_sets_its_days(world: World) -> None:
    count = Event.objects.count()
    with pytest.raises(Forbidden):
        set_company_day(MONDAY, actor=world.north_head, kind=DayKind.OFF)
    with pytest.raises(Refused):
        set_company_day(MONDAY, actor=world.admin, kind="party")
    with pytest.raises(Refused):
        set_company_day(dt.date(1026, 11, 23), actor=world.admin, kind=DayKind.OFF)
    assert Event.objects.count() == count
    assert is_working_day(MONDAY)


def test_days_away_are_skipped_for_that_member_alone(world: World) -> None:
    add_absence(world.anna, actor=world.anna, first=MONDAY, last=MONDAY + 4 * DAY)

    away = away_from(world.anna, MONDAY - 3 * DAY)
    assert add_working_days(MONDAY - 3 * DAY, 1, besides=away) == MONDAY + 7 * DAY
    assert add_working_days(MONDAY - 3 * DAY, 1, besides=away_from(world.boris, MONDAY)) == MONDAY
    found = days_away([world.anna.pk, world.boris.pk], MONDAY + DAY, MONDAY + 30 * DAY)
    assert len(found[world.anna.pk]) == 4
    assert found[world.boris.pk] == {}
    assert list(away_from(None, MONDAY)) == []


def test_an_absence_is_told_and_taken_back(world: World) -> None:
    row = add_absence(world.anna, actor=world.anna, first=MONDAY, last=MONDAY, kind=AbsenceKind.TRIP)
    event = Event.objects.latest("id")
    assert event.type == "member.away"
    assert event.payload["first"] == "2026-11-23"

    assert remove_absence(row, actor=world.anna)
    assert Event.objects.latest("id").type == "member.not_away"
    assert not remove_absence(row, actor=world.anna)
    undo(Event.objects.latest("id"), actor=world.anna)
    assert Absence.objects.get().kind == AbsenceKind.TRIP


def test_heads_arrange_the_days_of_their_people_and_sellers_their_own(world: World) -> None:
    add_absence(world.anna, actor=world.north_head, first=MONDAY, last=MONDAY)
    for actor, member in ((world.anna, world.boris), (world.north_head, world.vera)):
        with pytest.raises(Forbidden):
            add_absence(member, actor=actor, first=MONDAY, last=MONDAY)
    row = Absence.objects.get()
    with pytest.raises(Forbidden):
        remove_absence(row, actor=world.boris)
    assert Absence.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (MONDAY + DAY, MONDAY),
        (MONDAY, MONDAY + 1200 * DAY),
        (dt.date(226, 11, 23), MONDAY),
        (SATURDAY - DAY, SATURDAY + 5 * DAY),
    ],
)
def test_impossible_days_are_refused(world: World, first: dt.date, last: dt.date) -> None:
    add_absence(world.anna, actor=world.anna, first=SATURDAY, last=SATURDAY + DAY)
    count = Event.objects.count()

    with pytest.raises(Refused):
        add_absence(world.anna, actor=world.anna, first=first, last=last)

    assert Event.objects.count() == count
    assert Absence.objects.count() == 1
