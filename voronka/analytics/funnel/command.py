"""`voronka report funnel`: the figures of the page on the command line."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel import output
from voronka.analytics.funnel.context import funnels
from voronka.analytics.funnel.query import CUSTOM, DEFAULT_PRESET, Age, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.analytics.registry import Answer, Report, register
from voronka.core.text import fold
from voronka.deals.filters import DealFilter
from voronka.workspaces.commands import member_by_email
from voronka.workspaces.models import Member, Team


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-01-31") from None


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--funnel", default="", help="name or number of the funnel; the first one by default")
    parser.add_argument("--form", choices=Form.values, default=Form.COHORT.value)
    parser.add_argument("--by", choices=By.values, default=By.DEALS.value)
    parser.add_argument("--from", dest="first", type=_day, help="first day of the period")
    parser.add_argument("--to", dest="last", type=_day, help="last day of the period, included")
    parser.add_argument("--date", type=_day, help="the day of the as-of form, its end is read")
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
            funnel=_funnel(options["funnel"]),
            owner=tuple(member_by_email(email).pk for email in options["seller"]),
            team=tuple(_team(name) for name in options["team"]),
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


def _funnel(name: str) -> int | None:
    if not name:
        return None
    known = list(funnels())
    for funnel in known:
        if fold(funnel.name) == fold(name) or str(funnel.pk) == name:
            return funnel.pk
    raise Unanswerable(
        _("There is no funnel “%(name)s”. Known: %(known)s.")
        % {"name": name, "known": ", ".join(f"«{funnel.name}»" for funnel in known) or "—"}
    )


def _team(name: str) -> int:
    for team in Team.objects.all():
        if fold(team.name) == fold(name):
            return team.pk
    raise Unanswerable(_("There is no team “%(name)s”.") % {"name": name})


FUNNEL = register(
    Report("funnel", "the sales funnel: now, as of a day, a cohort, movement", _arguments, _answer)
)
