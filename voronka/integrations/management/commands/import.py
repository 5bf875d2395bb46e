"""`voronka import deals FILE [--history FILE] … --workspace SLUG`: an import without the screen."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from voronka.core.errors import Forbidden, Refused
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.integrations.spreadsheets.fields import system_of
from voronka.integrations.spreadsheets.options import Options
from voronka.workspaces.actions.accounts import create_user, create_workspace
from voronka.workspaces.commands import inside, member_by_email
from voronka.workspaces.models import Member, User, Workspace
from voronka.workspaces.rights import RoleCode


class Command(BaseCommand):
    """Bring deals in from a spreadsheet. Ends with 1 and one sentence if nothing can be taken."""

    help = "Import deals from xlsx, xls, ods or csv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["deals"], help="what the file holds")
        parser.add_argument("file", metavar="FILE")
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
        answers = _answers(given)
        files = running.open_files(given["file"], history=given["history"], options=answers)
        chosen = _completed(files, answers, given)
        if given["dry_run"]:
            found = running.examine(files, chosen, actor=actor, progress=self._progress)
            self._tell(running.summary_of(found), begun, given, dry=True)
            return
        batch = ImportBatch.objects.create(
            subject="deals",
            member=actor,
            file_name=Path(given["file"]).name[:255],
            file_path=str(Path(given["file"]).absolute())[:255],
            history_name=Path(given["history"]).name[:255] if given["history"] else "",
            history_path=str(Path(given["history"]).absolute())[:255] if given["history"] else "",
            options=chosen.dump(),
            status=ImportStatus.QUEUED,
        )
        running.run(batch, errors=given["errors"], progress=self._progress)
        if batch.status != ImportStatus.DONE:
            raise CommandError(batch.message)
        self._tell(batch.result, begun, given, errors=batch.error_path)

    def _progress(self, phase: str, done: int, total: int) -> None:
        word = _("reading") if phase == "read" else _("writing")
        self.stderr.write(f"\r{word}: {done} / {total}   ", ending="\n" if done >= total else "")
        self.stderr.flush()

    def _tell(
        self,
        summary: dict[str, Any],
        begun: float,
        given: dict[str, Any],
        *,
        errors: str = "",
        dry: bool = False,
    ) -> None:
        seconds = time.monotonic() - begun
        taken = summary["created"] + summary["updated"]
        summary = {
            **summary,
            "seconds": round(seconds, 2),
            "deals_per_second": round(taken / max(seconds, 0.001)),
        }
        if given["json"]:
            json.dump(
                {**summary, "errors_file": errors, "dry_run": dry}, sys.stdout, ensure_ascii=False, indent=2
            )
            self.stdout.write("")
            return
        lines = [
            (_("rows"), summary["rows"]),
            (_("deals created"), summary["created"]),
            (_("deals updated"), summary["updated"]),
            (_("unchanged"), summary["unchanged"]),
            (_("changed here, skipped"), summary["kept"]),
            (_("rows rejected"), summary["rejected"]),
            (_("new clients"), summary["companies"]),
            (_("new people"), summary["people"]),
            (_("new products"), summary["products"]),
            (_("new stages"), summary["stages"]),
            (_("former members noted"), summary["owners"]),
            (_("seconds"), summary["seconds"]),
            (_("deals per second"), summary["deals_per_second"]),
        ]
        if summary["stray"]:
            lines.insert(6, (_("history rows of no deal"), summary["stray"]))
        width = max(len(label) for label, _value in lines)
        if dry:
            self.stdout.write(_("Dry run: nothing was written. It would be:"))
        for label, value in lines:
            self.stdout.write(f"{label:<{width}}  {value}")
        for reason, count in summary["reasons"]:
            self.stdout.write(f"  {count} × {reason}")
        if summary["no_opening"]:
            self.stdout.write(_("Deals without an opening date can be taken with --default-opened DATE."))
        if errors:
            self.stdout.write(_("Rejected rows with their reasons: %(path)s") % {"path": errors})


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


def _completed(files: running.Files, answers: Options | None, given: dict[str, Any]) -> Options:
    """The map's answers over what the headers say (or was answered before), the command's own over both."""
    options = running.first_options(files)
    if answers is not None:
        supposed = options
        options = answers
        options.columns = {**supposed.columns, **answers.columns}
        named = set(answers.columns.values())
        options.columns = {k: v for k, v in options.columns.items() if k in answers.columns or v not in named}
        options.history_columns = {**supposed.history_columns, **answers.history_columns}
        options.source = options.source or system_of(files.deals.header)
    for name, key in (("funnel", "funnel"), ("default_opened", "default_opened"), ("source", "source")):
        if given[name]:
            setattr(options, key, given[name])
    return options
