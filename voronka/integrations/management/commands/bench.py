"""`voronka bench`: p50 and p95 over HTTP and counts of queries, at ten thousand deals and at a million."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from voronka.core.errors import Refused
from voronka.integrations.bench.browser import Unexpected
from voronka.integrations.bench.measuring import Effort, measure
from voronka.integrations.bench.report import Results, as_json, as_table
from voronka.integrations.bench.server import running_server
from voronka.integrations.demo.big import make_big
from voronka.integrations.demo.talk import fill_up
from voronka.workspaces.models import Workspace

SIZES = (10_000, 1_000_000)
ACTIVITIES_PER_DEAL = 5


class Command(BaseCommand):
    help = (
        "Measure pages, search, writing, the cohort funnel and import over HTTP. The workspaces bench-N are made "
        "where absent (a million deals and five million activities: minutes, several GB) and grow by a few hundred "
        "deals with each run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--deals",
            type=int,
            action="append",
            metavar="N",
            help="size of the workspace, may be repeated; 10000 and 1000000 by default",
        )
        parser.add_argument(
            "--times", type=int, default=40, metavar="N", help="how often a page is asked; 40 by default"
        )
        parser.add_argument(
            "--edited",
            type=int,
            default=0,
            metavar="N",
            help="how many deals the bulk edit takes; 10000 at 40 times, and in proportion",
        )
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="TEXT",
            help="only what has TEXT in its name («Today», «activities», «bulk edit»); may be repeated",
        )
        parser.add_argument("--json", metavar="FILE", help="the figures for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = sorted(set(options["deals"] or SIZES))
        if sizes[0] < 1000:
            raise CommandError("Not fewer than 1000 deals: smaller workspaces say nothing.")
        effort = Effort.of(max(5, options["times"]), edited=options["edited"])
        try:
            workspaces = {size: self._workspace(size) for size in sizes}
            with running_server() as base:
                results: Results = {}
                for size, workspace in workspaces.items():
                    self._say(f"{size}:")
                    results[size] = measure(
                        workspace,
                        base,
                        effort,
                        only=options["only"],
                        say=lambda text: self._say(f"  {text}"),
                    )
                    if not results[size]:
                        raise CommandError("Nothing of that name is measured.")
        except (Refused, Unexpected) as problem:
            raise CommandError(str(problem)) from problem
        for line in as_table(results):
            self.stdout.write(line)
        self.stdout.write("p50 / p95 in milliseconds, q: statements of one page")
        if options["json"]:
            text = json.dumps(as_json(results), ensure_ascii=False, indent=2)
            Path(options["json"]).write_text(text + "\n", encoding="utf-8")

    def _workspace(self, size: int) -> Workspace:
        slug = f"bench-{size}"
        activities = size * ACTIVITIES_PER_DEAL
        found = Workspace.objects.filter(slug=slug).first()
        if found is None:
            return make_big(slug, size, activities=activities, say=self._say)
        fill_up(found, activities, say=self._say)
        return found

    def _say(self, text: str) -> None:
        self.stderr.write(text)
