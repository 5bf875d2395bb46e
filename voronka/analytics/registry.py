"""The reports that the command line and the page of reports know: each says how it is asked and answered."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from voronka.core.spreadsheets import Sheet
from voronka.workspaces.models import Member


@dataclass(frozen=True)
class Answer:
    """What a report says: for programs, and as a table."""

    json: dict[str, Any]
    sheet: Sheet


@dataclass(frozen=True)
class Report:
    """A report by its name on the command line.

    `arguments` adds its options; `run(options, member)` answers inside the workspace's scope and raises `Refused`
    with a sentence.
    """

    name: str
    about: str | Promise
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[dict[str, Any], Member | None], Answer]


_reports: dict[str, Report] = {}


def register(report: Report) -> Report:
    """Make *report* known; a name is taken once."""
    if report.name in _reports:
        raise ValueError(f"the report {report.name!r} is registered twice")
    _reports[report.name] = report
    return report


def reports() -> dict[str, Report]:
    return dict(_reports)
