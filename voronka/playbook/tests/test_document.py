"""The book as a document: nothing of the snapshot is missing in it, it is found, and it is printed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from tests.world import World
from voronka.config.messages import build
from voronka.core.documents import to_pictures
from voronka.playbook.actions import add_kpi, add_part, add_tunnel, apply_template
from voronka.playbook.document import document_of, search_in
from voronka.playbook.handbook import TEMPLATE, handbook, paper_of
from voronka.playbook.models import ClosingRules, ClosingStatus, Funnel, Objection, Stage
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.templates_data import all_templates


@pytest.fixture(scope="module", autouse=True)
def _texts() -> None:
    build()


@pytest.fixture
def book(world: World, funnel: Funnel) -> dict[str, Any]:
    stage = Stage.objects.filter(funnel=funnel).order_by("order")[0]
    Stage.objects.filter(pk=stage.pk).update(goal="Понять боль", told_at=[50, 100])
    add_part(Objection, stage, actor=None, text="Нам это не надо", answer="Спросите, что изменилось\nза год")
    ClosingStatus.objects.create(funnel=funnel, outcome="lost", name="Отложено клиентом", order=1)
    ClosingRules.objects.create(funnel=None, confirm_above=Decimal(500_000), asks_won_reason=True)
    service = Funnel.objects.create(name="Сервис", order=2)
    Stage.objects.create(funnel=service, name="Заявка", order=1)
    add_tunnel(funnel, actor=None, trigger="won", target=service, after=3, wait="months")
    add_kpi(actor=None, name="Дошли до ключевого", measure="key_stage", target=Decimal(6))
    return book_snapshot()


def test_it_says_all_that_the_book_says(book: dict[str, Any]) -> None:
    with override("ru"):
        told = document_of(book)
    funnel, _service = told["funnels"]
    assert funnel["wide"]
    assert [lead["where"] for lead in funnel["leads"]] == ["Успех"]
    assert funnel["leads"][0]["texts"][0].startswith("Сервис, ")
    assert funnel["place"] == "Оборудование → Розница"
    assert [stage["name"] for stage in funnel["stages"]][:2] == ["Первый контакт", "Потребность"]
    assert funnel["stages"][0]["objections"] == [
        {"text": "Нам это не надо", "answer": "Спросите, что изменилось\nза год"}
    ]
    assert "50\xa0%, 100\xa0%" in funnel["stages"][0]["control"]
    assert [s["name"] for end in funnel["ends"] for s in end["statuses"]] == ["Отложено клиентом"]
    assert len(funnel["rules"]) == 2
    assert "500\xa0000\xa0₽" in funnel["rules"][1]
    assert "Отложено клиентом" in funnel["diagram"]
    assert told["kpis"][0]["is_key"]
    assert "Дорого" in [reason["name"] for reason in told["lost_reasons"]]


def test_an_older_snapshot_without_later_sections_is_a_document_too(book: dict[str, Any]) -> None:
    old = {name: book[name] for name in ("format", "funnels")}
    told = document_of(old)
    assert len(told["funnels"]) == 2
    assert told["kpis"] == told["cells"] == []
    assert handbook(old, company="ООО «Ромашка»", version=1, day=dt.date(2026, 11, 2)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("words", "where", "match"),
    [
        ("НЕ НАДО", "Первый контакт", "не надо"),
        ("боль", "Первый контакт", "боль"),
        ("отложено", "", "Отложено"),
    ],
)
def test_words_are_found_with_the_place_where_they_stand(
    book: dict[str, Any], words: str, where: str, match: str
) -> None:
    hits = search_in(document_of(book), words)
    assert hits
    assert any(where in hit.where and hit.match == match for hit in hits)


def test_nothing_is_found_by_nothing_and_by_what_is_not_said(book: dict[str, Any]) -> None:
    assert search_in(document_of(book), "  ") == []
    assert search_in(document_of(book), "единорог") == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_ready_made_book_is_printed_with_links_between_its_parts(world: World, language: str) -> None:
    template = max(all_templates(), key=lambda one: len(one.funnels))
    apply_template(template.code, actor=None, language=language)
    with override(language):
        content = book_snapshot()
        value = paper_of(content, company="ООО «Ромашка»", version=3, day=dt.date(2026, 11, 2))
        pages = to_pictures(TEMPLATE, value, ppi=20)
    # The title, the contents, a chapter for each funnel, the lists.
    assert len(pages) >= len(value["funnels"]) + 3
    assert {len(funnel["stages"]) for funnel in value["funnels"]} != {0}
    anchors = [s["anchor"] for f in value["funnels"] for s in f["stages"]]
    assert len(anchors) == len(set(anchors))
