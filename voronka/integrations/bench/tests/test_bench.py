"""The bench measures what it says, over HTTP. No figure of its is judged here: tests are not timed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.integrations.bench.browser import Browser, Unexpected
from voronka.integrations.bench.measuring import Effort, Measure, measure, percentile
from voronka.integrations.bench.report import as_json, as_table
from voronka.integrations.demo.big import email_of, make_big
from voronka.integrations.demo.company import PASSWORD

TINY = Effort(pages=3, reports=1, writes=3, load=4, imported=30, edited=10, exported=50)


def test_it_measures_every_screen_and_deed_and_says_so(live_server: Any) -> None:
    workspace = make_big("bench-120", 120)
    measured = measure(workspace, live_server.url, TINY)
    told = json.loads(json.dumps(as_json({120: measured, 1200: measured})))

    assert set(told) == {"at", "machine", "sizes", "growth", "missed"}
    assert set(told["sizes"]) == {"120", "1200"}
    for name, one in told["sizes"]["120"].items():
        assert set(one) == {"n", "p50", "p95", "per_second", "queries", "budget", "holds"}
        assert (one["per_second"] or one["p50"]) > 0, name
        assert one["per_second"] or one["queries"] > 3, name
        assert told["growth"][name] == 1
    assert {
        "board, head",
        "deal card, head",
        "Today, head",
        "planned activities, head",
        "done activities, seller",
        "activity card, head",
        "table by own number, head",
        "search, head",
        "create",
        "move",
        "list, 3 conditions and own field",
        "bulk edit",
        "export",
        "import",
    } <= set(measured)
    assert (measured["bulk edit"].n, measured["export"].n) == (10, 50)
    assert len(as_table({120: measured})) == len(measured) + 2
    with scope(workspace):
        # What was imported was taken out again; what was created stays: one by one, counted, together, over the API.
        assert Deal.objects.count() == 120 + 3 + 1 + 4 + 4


def test_it_measures_only_what_is_named(live_server: Any) -> None:
    workspace = make_big("bench-60", 60, activities=300)
    measured = measure(workspace, live_server.url, TINY, only=["activity card", "bulk edit"])
    assert set(measured) == {"activity card, head", "bulk edit"}
    with scope(workspace):
        assert Deal.objects.count() == 60


def test_an_edit_of_as_many_as_are_told() -> None:
    assert (Effort.of(20).edited, Effort.of(20, edited=10_000).edited) == (5000, 10_000)
    assert Effort.of(20, edited=10_000).exported == Effort.of(20).exported


def test_it_says_when_a_page_does_not_answer(live_server: Any) -> None:
    make_big("bench-30", 30)
    browser = Browser(live_server.url).sign_in(email_of("seller", "bench-30"), PASSWORD)
    with pytest.raises(Unexpected, match="404"):
        browser.get("/w/bench-30/deals/100000/")
    with pytest.raises(Unexpected, match="cannot sign in"):
        Browser(live_server.url).sign_in(email_of("seller", "bench-30"), "wrong")


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.1, 1), (1.0, 10)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(1, 11), share) == value


def test_a_budget_is_a_longest_time_or_a_least_rate() -> None:
    assert Measure(1, p50=10, p95=60, budget=60).holds is True
    assert Measure(1, p50=10, p95=61, budget=60).holds is False
    assert Measure(1, per_second=150, budget=150).holds is True
    assert Measure(1, per_second=149, budget=150).holds is False
    assert Measure(1, p50=1, p95=1).holds is None
    table = as_table({10: {"search": Measure(1, p50=10, p95=75, queries=6, budget=50)}})
    assert table[-1] == "| search | 10 / 75 ms, 6 q |  | ≤ 50 ms | missed, ×1.5 |"
