"""`voronka demo`: a ready company to look at; `--deals N`: a large one to measure."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from voronka.core.errors import Refused
from voronka.integrations.demo.company import DOMAIN, PASSWORD, SLUG, make_demo
from voronka.workspaces.models import Workspace


class Command(BaseCommand):
    help = (
        "Make the demo company (deterministic by --seed), or with --deals N a large workspace for measuring. "
        "--activities N without --deals adds activities to a large one that is there (--slug)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", default="", help=f"address of the company, {SLUG} by default")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--if-absent", action="store_true", help="do nothing if it is there already")
        parser.add_argument(
            "--deals", type=int, default=0, help="a workspace of that many deals, written in bulk"
        )
        parser.add_argument(
            "--activities",
            type=int,
            default=0,
            help="how many the large workspace is to have at least; 1.25 per deal by itself",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["deals"]:
            self._large(options)
            return
        if options["activities"]:
            self._fill_up(options["slug"], options["activities"])
            return
        slug = options["slug"] or SLUG
        if Workspace.objects.filter(slug=slug).exists():
            if not options["if_absent"]:
                raise CommandError(f"The company «{slug}» is there already; choose another --slug.")
        else:
            self._say("Создаём демонстрационную компанию, это займёт около минуты…")
            try:
                with transaction.atomic():
                    make_demo(slug=slug, seed=options["seed"], say=self._say)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
        self._sign_in_lines()

    def _large(self, options: dict[str, Any]) -> None:
        from voronka.integrations.demo.big import make_big

        make_big(
            options["slug"] or f"big-{options['deals']}",
            options["deals"],
            options["seed"],
            activities=options["activities"],
            say=self._say,
        )

    def _fill_up(self, slug: str, wanted: int) -> None:
        from voronka.integrations.demo.talk import fill_up

        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            raise CommandError("Which large workspace is to have more activities? Name it by --slug.")
        try:
            fill_up(workspace, wanted, say=self._say)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        sys.stdout.flush()

    def _sign_in_lines(self) -> None:
        self.stdout.write("Войти в демонстрационную компанию (пароль у всех один):")
        for login, post in (
            ("seller", "продавец"),
            ("head", "руководитель отдела продаж"),
            ("director", "директор"),
            ("marketer", "маркетолог"),
            ("service", "сервис"),
            ("admin", "администратор"),
        ):
            self.stdout.write(f"  {login}@{DOMAIN:<22} {PASSWORD}   {post}")
