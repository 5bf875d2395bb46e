"""The real files of ../shared/data: what comes in is what plain Python counts in them."""

from __future__ import annotations

import csv
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Count, Sum

from tests.world import World
from voronka.deals.models import Deal, DealState
from voronka.desk.models import ImportStatus
from voronka.integrations.spreadsheets.tests.bringing import brought, looked_at
from voronka.playbook.models import Stage

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"


def sample(*parts: str) -> Path:
    """A sample file; the test is skipped without it, or fails where samples are required."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        message = f"no sample data at {path}"
        if os.environ.get("VORONKA_REQUIRE_SAMPLES") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return path


def outcomes() -> dict[str, tuple[int, Decimal]]:
    rows = Deal.objects.values_list("outcome").annotate(n=Count("id"), s=Sum("amount")).order_by()
    return {outcome: (count, total or Decimal(0)) for outcome, count, total in rows}


def test_maven_comes_in_without_a_map(world: World) -> None:
    path = sample("maven_crm", "sales_pipeline.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    batch = brought(world.admin, path, default_opened="2017-12-01")
    assert batch.status == ImportStatus.DONE, batch.message
    counted = Counter({"Won": "won", "Lost": "lost"}.get(row["deal_stage"], "open") for row in rows)
    found = outcomes()
    assert {outcome: count for outcome, (count, _sum) in found.items()} == counted
    assert found["won"][1] == sum(Decimal(r["close_value"]) for r in rows if r["deal_stage"] == "Won")
    assert list(Stage.objects.order_by("order").values_list("name", flat=True)) == ["Prospecting", "Engaging"]


def test_maven_without_a_day_rejects_what_has_none(world: World) -> None:
    found = looked_at(world.admin, sample("maven_crm", "sales_pipeline.csv"))
    assert (len(found.created), found.parsed.no_opening, len(found.parsed.rejected)) == (8300, 500, 500)


def test_bpi_comes_in_with_its_history(world: World) -> None:
    deals, history = sample("bpi2012", "deals.csv"), sample("bpi2012", "stage_history.csv")
    with deals.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with history.open(encoding="utf-8", newline="") as file:
        entries = sum(1 for _row in csv.DictReader(file))
    batch = brought(world.admin, deals, history)
    assert batch.status == ImportStatus.DONE, batch.message
    found = outcomes()
    assert {outcome: count for outcome, (count, _sum) in found.items()} == Counter(
        row["outcome"] for row in rows
    )
    assert found["won"][1] == sum(Decimal(row["amount"]) for row in rows if row["outcome"] == "won")
    closed = sum(row["outcome"] != "open" for row in rows)
    assert DealState.objects.count() == entries + closed
    assert not Deal.objects.exclude(basis="imported").exists()
    assert list(Stage.objects.order_by("order").values_list("name", flat=True)) == [
        "Заявка", "Предварительное одобрение", "Заявка принята", "Предложение готово", "Предложение отправлено",
        "Ответ клиента",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["amocrm_deals_export.csv", "bitrix24_deals_export.csv"])
def test_exports_of_other_systems_need_no_questions(world: World, name: str) -> None:
    found = looked_at(world.admin, sample("samples", name))
    assert found.created
    assert not found.parsed.rejected
    deal = found.created[0]
    assert (deal.title, deal.company, deal.owner) == (
        "Кирпич для склада",
        "АО «Ёлки и Щит»",
        "Мария Сидорова",
    )
