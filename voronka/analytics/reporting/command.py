"""`voronka report NAME …` for every report of the common frame: the question of the page as options."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.analytics.frame import Unanswerable
from voronka.analytics.funnel.context import funnels
from voronka.analytics.registry import Answer, Report, register
from voronka.analytics.reporting.question import Against, Question
from voronka.core.spreadsheets import Sheet
from voronka.core.text import fold
from voronka.workspaces.commands import member_by_email
from voronka.workspaces.models import Member, Team

if TYPE_CHECKING:
    from voronka.analytics.reporting.registry import Instrument


def day(text: str) -> dt.date:
    """A day like 2026-01-31, for argparse."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-01-31") from None


def funnel_id(name: str) -> int | None:
    """The funnel of this name or number; None for none asked. Raises `Unanswerable`."""
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


def team_id(name: str) -> int:
    """The team of this name. Raises `Unanswerable`."""
    for team in Team.objects.all():
        if fold(team.name) == fold(name):
            return team.pk
    raise Unanswerable(_("There is no team “%(name)s”.") % {"name": name})


def on_command_line(instrument: Instrument) -> None:
    """Make *instrument* a report of `voronka report`."""
    asking = instrument.asking

    def arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--seller", action="append", default=[], help="e-mail; only this seller's figures"
        )
        parser.add_argument(
            "--team", action="append", default=[], help="name; only this team's, with those below"
        )
        if asking.has_funnel:
            parser.add_argument("--funnel", default="", help="name or number of the funnel; all by default")
        if asking.has_period:
            parser.add_argument("--from", dest="first", type=day, help="first day of the period")
            parser.add_argument("--to", dest="last", type=day, help="last day of the period, included")
        if asking.has_day:
            parser.add_argument("--date", type=day, help="as of the end of this day; now by default")
        if asking.compares:
            parser.add_argument("--compare", choices=Against.values, default=Against.NONE.value)
        for choice in asking.choices:
            # Own fields are known in the workspace only, so what is not a known word is tried there.
            values = None if choice.more else [code for code, _label in choice.values]
            parser.add_argument(f"--{choice.name}", choices=values, default=choice.default)

    def run(options: dict[str, Any], member: Member | None) -> Answer:
        from voronka.analytics.reporting.registry import answer

        params: dict[str, Any] = {
            "owner": [str(member_by_email(email).pk) for email in options["seller"]],
            "team": [str(team_id(name)) for name in options["team"]],
            "funnel": str(funnel_id(options.get("funnel", "")) or ""),
            "from": options.get("first") or "",
            "to": options.get("last") or "",
            "date": options.get("date") or "",
            "compare": options.get("compare", ""),
            **{choice.name: options[choice.name] for choice in asking.choices},
        }
        given = {name: value for name, value in params.items() if value}
        found = answer(instrument, Question.from_params(asking, given, member), member)
        sheets = found.sheets()
        return Answer(found.json(), sheets[0] if sheets else Sheet(name=found.title, columns=[], rows=[]))

    register(Report(instrument.name, instrument.about, arguments, run))
