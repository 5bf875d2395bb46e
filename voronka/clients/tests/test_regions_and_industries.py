"""The dictionaries of regions and industries: complete, and found by what files hold."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from voronka.clients import industries, regions

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


def test_every_region_has_its_code_names_and_a_real_time_zone() -> None:
    assert len(regions.REGIONS) == len(regions.BY_CODE) == 90
    assert len({region.name_ru for region in regions.REGIONS}) == 90
    assert len({region.name_en for region in regions.REGIONS}) == 90
    isos = [region.iso for region in regions.REGIONS if region.iso]
    assert len(isos) == len(set(isos)) == 83
    for region in regions.REGIONS:
        assert len(region.code) == 2
        assert ZoneInfo(region.timezone)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("77", "77"),
        ("2", "02"),
        ("RU-SVE", "66"),
        ("Москва", "77"),
        ("г. Москва", "77"),
        ("Московская обл.", "50"),
        ("МОСКОВСКАЯ ОБЛАСТЬ", "50"),
        ("Санкт Петербург", "78"),
        ("Орел", ""),
        ("Орловская обл", "57"),
        ("Башкортостан", "02"),
        ("Респ. Татарстан", "16"),
        ("Республика Алтай", "04"),
        ("Алтайский край", "22"),
        ("Якутия", ""),
        ("Республика Саха (Якутия)", "14"),
        ("Saint Petersburg", "78"),
        ("Омск", ""),
        ("00", ""),
        ("", ""),
        ("x" * 10**6, ""),
    ],
)
def test_a_region_is_found_by_what_a_file_holds(text: Any, code: Any) -> None:
    assert regions.find_region(text) == code


def test_every_region_is_found_by_its_own_names() -> None:
    for region in regions.REGIONS:
        assert regions.find_region(region.name_ru) == region.code
        assert regions.find_region(region.name_en) == region.code


def test_an_inn_names_its_region() -> None:
    assert regions.region_of_inn("7707083893") == "77"
    assert regions.region_of_inn("9701234567") == "77"
    assert regions.region_of_inn("0012345678") == regions.region_of_inn("77") == ""


def test_names_follow_the_language_and_unknown_codes_have_none() -> None:
    with translation.override("ru"):
        assert regions.region_name("63") == "Самарская область"
        assert industries.industry_name("C") == "Производство"
        assert regions.region_choices()[0][1] == "Алтайский край"
    with translation.override("en"):
        assert regions.region_name("63") == "Samara Region"
        assert industries.industry_name("C") == "Manufacturing"
    assert regions.region_name("00") == industries.industry_name("Z") == ""


def test_the_clock_of_a_region() -> None:
    assert regions.local_time("66", NOW).hour == 14
    assert regions.hours_from_moscow("66", NOW) == 2
    assert regions.hours_from_moscow("39", NOW) == -1
    assert regions.hours_from_moscow("00", NOW) is None


def test_every_class_belongs_to_at_most_one_section() -> None:
    assert [row.section for row in industries.INDUSTRIES] == list("ABCDEFGHIJKLMNOPQRSTU")
    spans = [set(range(row.first, row.last + 1)) for row in industries.INDUSTRIES]
    assert sum(map(len, spans)) == len(set().union(*spans))


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("46.90", "G"),
        ("46", "G"),
        ("01.11.1", "A"),
        ("62.01 Разработка ПО", "J"),
        ("99.00", "U"),
        ("04", ""),
        ("34", ""),
        ("4", ""),
        ("торговля", ""),
        ("", ""),
    ],
)
def test_a_code_belongs_to_its_section(code: Any, section: Any) -> None:
    assert industries.section_of(code) == section
