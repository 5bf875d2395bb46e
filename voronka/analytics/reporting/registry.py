"""The reports made in the common frame: pages, workbooks, the command line and the API find them here by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from voronka.analytics.listing import Spec
from voronka.analytics.reporting.answer import Answer
from voronka.analytics.reporting.question import Asking, Question
from voronka.workspaces.models import Member


@dataclass(frozen=True)
class Instrument:
    """A report of the head's hour.

    `run(question, member)` answers and raises `Unanswerable` with a sentence; `spec(question, member, cell)` says
    which rows stand behind the number called *cell* and raises `Unanswerable` for one that it does not have.
    `needs_sums` keeps it from whoever may not see sums.
    """

    name: str
    title: str | Promise
    about: str | Promise
    icon: str
    group: str | Promise
    asking: Asking
    run: Callable[[Question, Member | None], Answer]
    spec: Callable[[Question, Member | None, str], Spec]
    needs_sums: bool = False


_instruments: dict[str, Instrument] = {}


def register(instrument: Instrument) -> Instrument:
    """Make *instrument* known, to the command line too; a name is taken once."""
    from voronka.analytics.reporting.command import on_command_line

    if instrument.name in _instruments:
        raise ValueError(f"the report {instrument.name!r} is registered twice")
    _instruments[instrument.name] = instrument
    on_command_line(instrument)
    return instrument


def instruments(member: Member | None = None) -> dict[str, Instrument]:
    """The reports in the order of the page, those that *member* is kept from left out."""
    hides = member is not None and not member.sees("deal", "amount")
    return {name: one for name, one in _instruments.items() if not (hides and one.needs_sums)}


def answer(instrument: Instrument, question: Question, member: Member | None) -> Answer:
    """Run *instrument*, with the days that *question* compares with beside it."""
    found = instrument.run(question, member)
    other = question.other()
    if other is not None and not found.is_empty:
        found.against(instrument.run(other, member))
    return found
