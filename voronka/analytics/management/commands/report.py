"""`voronka report NAME --workspace SLUG …`: the figures of a report, with full rights or as a member sees them."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from voronka.analytics.registry import reports
from voronka.core import formats
from voronka.core.errors import Forbidden, Refused
from voronka.core.spreadsheets import Kind, Sheet
from voronka.workspaces.commands import inside, member_by_email


class Command(BaseCommand):
    """Print a report."""

    # Reading figures needs none of the checks of addresses and templates; they cost a second.
    requires_system_checks: list[str] = []

    help = "Print a report: " + "; ".join(f"{r.name} ({r.about})" for r in reports().values())

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="report", required=True, metavar="REPORT")
        for report in reports().values():
            sub = kinds.add_parser(report.name, help=str(report.about))
            sub.add_argument("--workspace", required=True, metavar="SLUG")
            sub.add_argument("--member", default="", metavar="EMAIL", help="read as this member sees it")
            sub.add_argument("--format", choices=["json", "csv", "table"], default="table")
            report.arguments(sub)

    def handle(self, *args: Any, **options: Any) -> None:
        with inside(options["workspace"]):
            member = member_by_email(options["member"]) if options["member"] else None
            try:
                answer = reports()[options["report"]].run(options, member)
            except Refused as refusal:
                raise CommandError(refusal.message) from refusal
            except Forbidden as forbidden:
                raise CommandError(f"{options['member']}: {forbidden}") from forbidden
            if options["format"] == "json":
                self.stdout.write(json.dumps(answer.json, ensure_ascii=False, indent=2))
            elif options["format"] == "csv":
                self._csv(answer.sheet)
            else:
                self.stdout.write(as_text(answer.sheet))

    def _csv(self, sheet: Sheet) -> None:
        # Plain commas and points: this goes to programs; people get the file of the page.
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow([column.title for column in sheet.columns])
        writer.writerows([*sheet.rows, *([sheet.total] if sheet.total else [])])


def as_text(sheet: Sheet) -> str:
    """The table of *sheet* for a terminal: what was asked, then aligned columns."""
    rows = [list(row) for row in sheet.rows]
    if sheet.total:
        rows.append(list(sheet.total))
    table = [[column.title for column in sheet.columns]]
    for row in rows:
        table.append([_shown(v, c.kind, c.currency) for v, c in zip(row, sheet.columns, strict=True)])
    widths = [max(len(line[i]) for line in table) for i in range(len(sheet.columns))]
    lines = [*sheet.notes, ""]
    for number, line in enumerate(table):
        lines.append(
            "  ".join(
                text.ljust(width) if i == 0 else text.rjust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
        )
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _shown(value: Any, kind: Kind | str, currency: str) -> str:
    if value is None:
        return formats.EMPTY
    if isinstance(value, str):
        return value
    if kind == Kind.PERCENT:
        return formats.percent(value, 1)
    if kind == Kind.MONEY:
        return formats.money(value if isinstance(value, Decimal) else Decimal(value), currency)
    return formats.number(value)
