"""`voronka import deals|companies|…|all FILE … --workspace SLUG`: an import without the screen."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import lots, running
from voronka.integrations.spreadsheets.detecting import MATCHED, SUBJECTS
from voronka.integrations.spreadsheets.options import Options
from voronka.workspaces.actions.accounts import create_user, create_workspace
from voronka.workspaces.commands import inside, member_by_email
from voronka.workspaces.models import Member, User, Workspace
from voronka.workspaces.rights import Action, RoleCode, Subject


class Command(BaseCommand):
    """Bring an old base in from spreadsheets. Ends with 1 and one sentence if nothing can be taken."""

    help = "Import companies, people, deals, activities, notes, products from xlsx, xls, ods, csv or vCard."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", choices=[*SUBJECTS, "all"], help="what the files hold; all: each is recognised by itself"
        )
        parser.add_argument("files", metavar="FILE", nargs="+")
        parser.add_argument(
            "--history", metavar="FILE", help="deal_id, stage, entered_at: when deals entered stages"
        )
        parser.add_argument(
            "--map", metavar="FILE", help="JSON: columns, stages, stage_order… (see docs/import.md)"
        )
        parser.add_argument("--workspace", metavar="SLUG", required=True)
        parser.add_argument(
            "--create-workspace", action="store_true", help="make the company if there is none"
        )
        parser.add_argument("--funnel", metavar="NAME", default="", help="an existing funnel or a new one")
        parser.add_argument(
            "--as", dest="member", metavar="EMAIL", help="whose import it is; else an administrator's"
        )
        parser.add_argument(
            "--default-opened", metavar="DATE", help="for deals without an opening date (2026-01-31)"
        )
        parser.add_argument("--source", metavar="NAME", help="the system whose numbers these are")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; write nothing")
        parser.add_argument(
            "--errors", metavar="FILE", help="where rows not taken go, with their reasons (xlsx)"
        )
        parser.add_argument("--json", action="store_true", help="the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["create_workspace"] and not Workspace.objects.filter(slug=options["workspace"]).exists():
            self._create_workspace(options["workspace"], options["member"])
        with inside(options["workspace"]) as workspace:
            try:
                self._import(workspace, options)
            except Refused as refusal:
                raise CommandError(str(refusal)) from None
            except Forbidden:
                raise CommandError(_("This member has no right to import.")) from None

    def _create_workspace(self, slug: str, email: str | None) -> None:
        email = email or f"admin@{slug}.voronka.local"
        try:
            user = User.objects.filter(email__iexact=email).first() or create_user(
                email=email, name=_("Administrator"), password=None, confirmed=True
            )
            create_workspace(user=user, name=slug, slug=slug)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stderr.write(
            _(
                "Company “%(slug)s” made. Its administrator is %(email)s; set a password: voronka changepassword %(email)s"
            )
            % {"slug": slug, "email": email}
        )

    def _import(self, workspace: Workspace, given: dict[str, Any]) -> None:
        begun = time.monotonic()
        actor = member_by_email(given["member"]) if given["member"] else _administrator()
        actor.require(Subject.IMPORT, Action.CREATE)
        answers = _answers(given)
        with transaction.atomic():
            batch = lots.begin(
                [lots.Given(Path(name).absolute(), Path(name).name) for name in given["files"]],
                member=actor,
                subject="" if given["what"] == "all" else given["what"],
                answers=answers,
                history=lots.Given(Path(given["history"]).absolute(), Path(given["history"]).name)
                if given["history"]
                else None,
            )
            for part in lots.parts_of(batch):
                part.options = _completed(part, answers, given).dump()
                part.save(update_fields=["options"])
                if part.pk == batch.pk:
                    batch = part
        if given["dry_run"]:
            try:
                running.look_through(batch, progress=self._progress)
                if batch.message:
                    raise CommandError(batch.message)
                summaries = [part.result["preview"]["summary"] for part in lots.parts_of(batch)]
                self._tell(summaries, begun, given, dry=True)
            finally:
                batch.delete()
            return
        batch.status = ImportStatus.QUEUED
        batch.save(update_fields=["status"])
        running.run(batch, errors=given["errors"], progress=self._progress)
        if batch.status != ImportStatus.DONE:
            raise CommandError(batch.message)
        parts = lots.parts_of(batch)
        self._tell(
            [part.result for part in parts],
            begun,
            given,
            errors=[p.error_path for p in parts if p.error_path],
        )

    def _progress(self, phase: str, done: int, total: int) -> None:
        word = _("reading") if phase == "read" else _("writing")
        self.stderr.write(f"\r{word}: {done} / {total}   ", ending="\n" if done >= total else "")
        self.stderr.flush()

    def _tell(
        self,
        summaries: list[dict[str, Any]],
        begun: float,
        given: dict[str, Any],
        *,
        errors: list[str] | None = None,
        dry: bool = False,
    ) -> None:
        seconds = time.monotonic() - begun
        taken = sum(summary["created"] + summary["updated"] for summary in summaries)
        speed = {"seconds": round(seconds, 2), "rows_per_second": round(taken / max(seconds, 0.001))}
        if given["json"]:
            whole = (
                {**summaries[0], "deals_per_second": speed["rows_per_second"]} if len(summaries) == 1 else {}
            )
            whole |= {**speed, "parts": summaries, "errors_file": ", ".join(errors or []), "dry_run": dry}
            json.dump(whole, sys.stdout, ensure_ascii=False, indent=2)
            self.stdout.write("")
            return
        if dry:
            self.stdout.write(_("Dry run: nothing was written. It would be:"))
        for summary in summaries:
            self._tell_one(summary)
        self._lines([(_("seconds"), speed["seconds"]), (_("rows per second"), speed["rows_per_second"])])
        for path in errors or []:
            self.stdout.write(_("Rejected rows with their reasons: %(path)s") % {"path": path})

    def _tell_one(self, summary: dict[str, Any]) -> None:
        self.stdout.write(str(SUBJECTS[summary["subject"]]))
        self._lines(
            [
                (_("rows"), summary["rows"]),
                (pgettext("records", "created"), summary["created"]),
                (_("updated"), summary["updated"]),
                (_("unchanged"), summary["unchanged"]),
                (_("changed here, skipped"), summary["kept"]),
                (_("rows rejected"), summary["rejected"]),
                *(
                    (label, summary[name])
                    for name, label in (
                        ("stray", _("history rows of no deal")),
                        ("doubles", _("rows added to earlier ones")),
                        ("companies", _("new clients")),
                        ("people", _("new people")),
                        ("products", _("new products")),
                        ("stages", _("new stages")),
                        ("owners", _("former members noted")),
                    )
                    if summary.get(name)
                ),
                *((str(MATCHED[how]), count) for how, count in summary.get("matched", {}).items()),
            ]
        )
        for reason, count in [*summary["reasons"], *summary["warnings"]]:
            self.stdout.write(f"  {count} × {reason}")
        if summary["left_out"]:
            self.stdout.write(
                _("Not carried over: %(names)s") % {"names": ", ".join(summary["left_out"][:40])}
            )
        if summary.get("no_opening"):
            self.stdout.write(_("Deals without an opening date can be taken with --default-opened DATE."))

    def _lines(self, lines: list[tuple[str, Any]]) -> None:
        width = max(len(label) for label, _value in lines)
        for label, value in lines:
            self.stdout.write(f"{label:<{width}}  {value}")


def _administrator() -> Member:
    member = Member.objects.active().filter(role__code=RoleCode.ADMIN).order_by("pk").first()
    if member is None:
        raise CommandError(_("The company has no administrator. Say whose import it is: --as EMAIL."))
    return member


def _answers(given: dict[str, Any]) -> Options | None:
    """What the map file says, or None without one."""
    if not given["map"]:
        return None
    try:
        return Options.load(json.loads(Path(given["map"]).read_text(encoding="utf-8")))
    except OSError as fault:
        raise Refused(_("The map cannot be read: %(why)s.") % {"why": fault.strerror}) from None
    except ValueError as fault:
        raise Refused(_("The map is not JSON: %(why)s.") % {"why": fault}) from None


def _completed(part: ImportBatch, answers: Options | None, given: dict[str, Any]) -> Options:
    """The map's answers over what the headers say (or was answered before), the command's own over both."""
    options = Options.load(part.options)
    if answers is not None:
        supposed = options
        options = Options.load(answers.dump())
        options.columns = {**supposed.columns, **answers.columns}
        named = set(answers.columns.values())
        options.columns = {k: v for k, v in options.columns.items() if k in answers.columns or v not in named}
        options.history_columns = {**supposed.history_columns, **answers.history_columns}
        options.source = options.source or supposed.source
        options.only = options.only or supposed.only
    for name, key in (("funnel", "funnel"), ("default_opened", "default_opened"), ("source", "source")):
        if given[name]:
            setattr(options, key, given[name])
    return options
