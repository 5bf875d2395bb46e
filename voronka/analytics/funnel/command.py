"""`voronka report funnel`: the figures of the page on the command line."""

from __future__ import annotations

import argparse
from typing import Any

from voronka.analytics.funnel import output
from voronka.analytics.funnel.query import CUSTOM, DEFAULT_PRESET, Age, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.analytics.registry import Answer, Report, register
from voronka.analytics.reporting.command import day, funnel_id, team_id
from voronka.deals.filters import DealFilter
from voronka.workspaces.commands import member_by_email
from voronka.workspaces.models import Member


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--funnel", default="", help="name or number of the funnel; the first one by default")
    parser.add_argument("--form", choices=Form.values, default=Form.COHORT.value)
    parser.add_argument("--by", choices=By.values, default=By.DEALS.value)
    parser.add_argument("--from", dest="first", type=day, help="first day of the period")
    parser.add_argument("--to", dest="last", type=day, help="last day of the period, included")
    parser.add_argument("--date", type=day, help="the day of the as-of form, its end is read")
    parser.add_argument("--seller", action="append", default=[], help="e-mail; only this seller's figures")
    parser.add_argument(
        "--team", action="append", default=[], help="name; only this team's, with those below"
    )
    parser.add_argument("--compare", choices=Compare.values, default=Compare.NONE.value)
    parser.add_argument("--age", choices=Age.values, default=Age.SAME.value)


def _answer(options: dict[str, Any], member: Member | None) -> Answer:
    first, last = options["first"], options["last"]
    query = FunnelQuery(
        form=Form(options["form"]),
        by=By(options["by"]),
        filter=DealFilter(
            funnel=funnel_id(options["funnel"]),
            owner=tuple(member_by_email(email).pk for email in options["seller"]),
            team=tuple(team_id(name) for name in options["team"]),
        ),
        period=CUSTOM if first or last else DEFAULT_PRESET,
        first=first,
        last=last,
        date=options["date"] or (last if options["form"] == Form.ASOF else None),
        compare=Compare(options["compare"]),
        age=Age(options["age"]),
    )
    report = run(query, member)
    return Answer(output.as_json(report), output.sheet(report))


FUNNEL = register(
    Report("funnel", "the sales funnel: now, as of a day, a cohort, movement", _arguments, _answer)
)
