"""Making the book as its file says: through the verbs that people use, all of it or nothing.

Rows are matched by name. What the file says of a funnel's stage or of a closing status holds as a whole; rows that the
file does not name at all stay, unless the book is to become exactly the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import (
    BOOK_FEED,
    archive_entry,
    create_entry,
    edit_entry,
    reorder_entries,
    restore_entry,
)
from voronka.desk.dictionaries.events import require_configure
from voronka.journal.actions import record
from voronka.playbook.actions.cells import write_cell
from voronka.playbook.actions.closing import (
    add_status,
    archive_status,
    drop_rules,
    edit_status,
    reorder_statuses,
    restore_status,
    set_rules,
)
from voronka.playbook.actions.funnels import archive_funnel, create_funnel, edit_funnel, reorder_funnels
from voronka.playbook.actions.kpis import add_kpi, edit_kpi, put_kpi_away, reorder_kpis
from voronka.playbook.actions.parts import add_part, edit_part, put_part_away, reorder_parts
from voronka.playbook.actions.stages import (
    add_stage,
    archive_stage,
    edit_stage,
    reorder_stages,
    set_key_stage,
)
from voronka.playbook.actions.tunnels import add_tunnel, edit_tunnel, put_tunnel_away
from voronka.playbook.bookfile.reading import Fault, Row
from voronka.playbook.bookfile.shape import RULES
from voronka.playbook.comparing import Change, differences
from voronka.playbook.criteria import kind_of
from voronka.playbook.events import BookReadIn
from voronka.playbook.kpi_models import Kpi
from voronka.playbook.models import (
    ActivityKind,
    Cell,
    ClosingRules,
    ClosingStatus,
    Criterion,
    Funnel,
    Objection,
    Reason,
    Stage,
    StageTask,
    Tunnel,
)
from voronka.playbook.palette import color_at
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.versions import together
from voronka.workspaces.models import Role

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

STAGE_TEXTS = (
    "goal",
    "result",
    "limit_days",
    "wip_limit",
    "probability",
    "category",
    "remedies",
    "told_at",
    "escalates_after",
    "moves_itself",
)


class _Undone(Exception):
    """Takes a preview back."""


def preview(book: Row, *, actor: Member, exact: bool) -> list[Change]:
    """What `apply_book` would change: it is done, looked at and taken back. Raises as `apply_book`."""
    found: list[Change] = []
    try:
        with transaction.atomic():
            before = book_snapshot()
            apply_book(book, actor=actor, exact=exact)
            found = differences(before, book_snapshot())
            raise _Undone
    except _Undone:
        return found


@transaction.atomic
def apply_book(book: Row, *, actor: Member, exact: bool, name: str = "") -> None:
    """Make the present book as *book* says; with *exact* what it does not name is put away.

    One new version of the book. Raises `Refused` with the line of the file at which a verb refused, `Forbidden`.
    """
    require_configure(actor)
    with together():
        _Writer(actor, exact).write(book)
        record(BookReadIn(name=name[:200], exact=exact), actor=actor, subjects=[BOOK_FEED])


@contextmanager
def _at(row: Any) -> Iterator[None]:
    """A refusal inside tells the line of *row*."""
    try:
        yield
    except Refused as refusal:
        line = getattr(row, "line", 0)
        raise Refused(str(Fault(line, refusal.message)) if line else refusal.message, field="file") from None


@dataclass
class _Writer:
    actor: Member
    exact: bool

    def write(self, book: Row) -> None:
        self.roles = {
            fold(word): role
            for role in Role.objects.all()
            for word in (role.title, role.name, role.code)
            if word
        }
        groups = self.entries("product_group", ProductGroup, book["groups"], lambda row: {})
        for row in book["groups"]:
            with _at(row):
                parent = groups.get(fold(row["parent"]))
                edit_entry(groups[fold(row["name"])], actor=self.actor, changes={"parent": parent})
        segments = self.entries("segment", Segment, book["segments"], _fields("description"))
        kinds = self.entries("activity_kind", ActivityKind, book["kinds"], _kind)
        self.places = {"groups": groups, "segments": segments, "kinds": kinds}
        self.funnels(book["funnels"])
        with _at(book["rules"]):
            self.rules(None, book["rules"])
        self.cells(book["cells"])
        self.kpis(book["kpis"])
        won = {"kind": "won"}
        self.entries("won_reason", Reason, book["won_reasons"], lambda row: {}, won)
        lost = {"kind": "lost"}
        self.entries("lost_reason", Reason, book["lost_reasons"], _fields("follow_up", "return_days"), lost)
        if self.exact:
            self.put_away(book)

    def found(self, section: str, name: str) -> Any:
        return self.places[section][fold(name)] if name else None

    # -- lists ----------------------------------------------------------------------------------------------------

    def entries(
        self,
        code: str,
        model: Any,
        rows: Sequence[Row],
        values: Callable[[Row], dict[str, Any]],
        of: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Write the list; all its entries in use by folded name."""
        present = {fold(one.name): one for one in model.objects.filter(**(of or {}))}
        placed = []
        for row in rows:
            with _at(row):
                entry = present.get(fold(row["name"]))
                if entry is None:
                    entry = create_entry(code, actor=self.actor, name=row["name"], **values(row))
                else:
                    if entry.archived_at is not None:
                        entry = restore_entry(entry, actor=self.actor)
                    entry = edit_entry(entry, actor=self.actor, changes={"name": row["name"], **values(row)})
            present[fold(row["name"])] = entry
            placed.append(entry.pk)
        if placed:
            reorder_entries(code, placed, actor=self.actor)
        return {name: entry for name, entry in present.items() if entry.archived_at is None}

    # -- funnels --------------------------------------------------------------------------------------------------

    def funnels(self, rows: Sequence[Row]) -> dict[str, Funnel]:
        present = {fold(f.name): f for f in Funnel.objects.filter(archived_at=None)}
        placed = []
        for row in rows:
            with _at(row):
                place = {
                    "name": row["name"],
                    "product_group": self.found("groups", row["group"]),
                    "segment": self.found("segments", row["segment"]),
                }
                funnel = present.get(fold(row["name"]))
                if funnel is None:
                    stages = [self.stage(stage, n) for n, stage in enumerate(row["stages"])]
                    funnel = create_funnel(actor=self.actor, stages=stages, **place)
                else:
                    funnel = edit_funnel(funnel, actor=self.actor, changes=place)
            present[fold(row["name"])] = funnel
            placed.append(funnel.pk)
            self.stages(funnel, row["stages"])
            for outcome in ("won", "lost"):
                self.statuses(funnel, outcome, row[outcome])
            with _at(row["rules"]):
                self.rules(funnel, row["rules"])
        if placed:
            reorder_funnels(placed, actor=self.actor)
        self.places["funnels"] = present
        for row in rows:
            self.tunnels(present[fold(row["name"])], row["tunnels"])
        return present

    def stage(self, row: Row, place: int) -> dict[str, Any]:
        return {
            "name": row["name"],
            "role": self.roles.get(fold(row["role"])),
            "color": row["color"] or color_at(place),
            **{name: row[name] for name in STAGE_TEXTS},
        }

    def stages(self, funnel: Funnel, rows: Sequence[Row]) -> None:
        present = {fold(s.name): s for s in Stage.objects.filter(funnel=funnel, archived_at=None)}
        placed: list[Stage] = []
        for n, row in enumerate(rows):
            with _at(row):
                stage = present.pop(fold(row["name"]), None)
                values = self.stage(row, n)
                if stage is None:
                    stage = add_stage(
                        funnel, actor=self.actor, after=placed[-1] if placed else None, **values
                    )
                else:
                    stage = edit_stage(stage, actor=self.actor, changes=values)
            placed.append(stage)
            self.tasks(stage, row["tasks"])
            self.criteria(stage, row["criteria"])
            self.parts(Objection, stage, row["objections"], _text_of, _fields("text", "answer"))
        reorder_stages(funnel, [stage.pk for stage in placed], actor=self.actor)
        key = next((stage for stage, row in zip(placed, rows, strict=True) if row["is_key"]), None)
        if key is not None or not any(stage.is_key for stage in present.values()) or self.exact:
            set_key_stage(funnel, actor=self.actor, stage=key)
        for stage in present.values() if self.exact else ():
            try:
                archive_stage(stage, actor=self.actor)
            except Refused as refusal:
                told = _("Stage “%(stage)s” is not in the file: %(why)s")
                raise Refused(told % {"stage": stage.name, "why": refusal.message}, field="file") from None

    def tasks(self, stage: Stage, rows: Sequence[Row]) -> None:
        def values(row: Row) -> dict[str, Any]:
            return {
                "text": row["text"],
                "kind": self.found("kinds", row["kind"]),
                "after_days": row["after_days"],
                "role": self.roles.get(fold(row["role"])),
                "required": row["required"],
                "script": row["script"],
                "materials": "\n".join(row["materials"]),
            }

        self.parts(StageTask, stage, rows, _text_of, values)

    def criteria(self, holder: Stage | ClosingStatus, rows: Sequence[Row]) -> None:
        ids = {}
        if isinstance(holder, Stage):
            ids = {fold(t.text): str(t.pk) for t in StageTask.objects.filter(stage=holder, archived_at=None)}

        def values(row: Row) -> dict[str, Any]:
            kind = kind_of(row["kind"])
            params = {
                param.name: ids.get(fold(row["params"][param.name]), "")
                if param.refers == "task"
                else row["params"][param.name]
                for param in (kind.params if kind else ())
            }
            return {"kind": row["kind"], "strictness": row["strictness"], "params": params}

        def key(row: Any) -> str:
            told = values(row) if isinstance(row, Row) else {"kind": row.kind, "params": row.params}
            return f"{told['kind']}: {sorted(told['params'].items())}"

        self.parts(Criterion, holder, rows, key, values)

    def parts(
        self,
        model: Any,
        holder: Any,
        rows: Sequence[Row],
        key: Callable[[Any], str],
        values: Callable[[Row], dict[str, Any]],
    ) -> None:
        """The rows of one holder become exactly *rows*; two with one *key* are told apart by their order."""
        held = {"closing" if isinstance(holder, ClosingStatus) else "stage": holder}
        present = _numbered(model.objects.filter(archived_at=None, **held).order_by("order", "id"), key)
        wanted = _numbered(rows, key)
        for name, part in present.items():
            if name not in wanted:
                put_part_away(part, actor=self.actor)
        placed = []
        for name, row in wanted.items():
            with _at(row):
                if name in present:
                    part = edit_part(present[name], actor=self.actor, changes=values(row))
                else:
                    part = add_part(model, holder, actor=self.actor, **values(row))
            placed.append(part.pk)
        if placed:
            reorder_parts(model, holder, placed, actor=self.actor)

    def statuses(self, funnel: Funnel, outcome: str, rows: Sequence[Row]) -> None:
        present = {fold(s.name): s for s in ClosingStatus.objects.filter(funnel=funnel, outcome=outcome)}
        placed = []
        for row in rows:
            with _at(row):
                status = present.pop(fold(row["name"]), None)
                if status is None:
                    status = add_status(
                        funnel, outcome, actor=self.actor, name=row["name"], about=row["about"]
                    )
                else:
                    if status.archived_at is not None:
                        status = restore_status(status, actor=self.actor)
                    changes = {"name": row["name"], "about": row["about"]}
                    status = edit_status(status, actor=self.actor, changes=changes)
                self.criteria(status, row["criteria"])
            placed.append(status.pk)
        if placed:
            reorder_statuses(funnel, outcome, placed, actor=self.actor)
        for status in present.values() if self.exact else ():
            archive_status(status, actor=self.actor)

    def tunnels(self, funnel: Funnel, rows: Sequence[Row]) -> None:
        """Those of the funnel become exactly *rows*: each is known by where it begins and leads."""
        present = _numbered(Tunnel.objects.filter(funnel=funnel, archived_at=None), _way_of)
        wanted = _numbered(rows, _way_of)
        for name, tunnel in present.items():
            if name not in wanted:
                put_tunnel_away(tunnel, actor=self.actor)
        for name, row in wanted.items():
            with _at(row):
                target = self.found("funnels", row["target"])
                closing = ClosingStatus.objects.filter(
                    funnel=funnel, outcome=row["trigger"], archived_at=None
                )
                values = {
                    "trigger": row["trigger"],
                    "stage": _named(Stage.objects.filter(funnel=funnel, archived_at=None), row["stage"]),
                    "closing": _named(closing, row["closing"]),
                    "target": target,
                    "target_stage": _named(
                        Stage.objects.filter(funnel=target, archived_at=None), row["target_stage"]
                    ),
                    **{field: row[field] for field in ("after", "wait", "title", "keeps_amount")},
                }
                if name in present:
                    edit_tunnel(present[name], actor=self.actor, changes=values)
                else:
                    add_tunnel(funnel, actor=self.actor, **values)

    def rules(self, funnel: Funnel | None, row: Row | None) -> None:
        if row is not None:
            values = {name: row[name] for name in RULES}
            set_rules(funnel, actor=self.actor, **values)
        elif self.exact and funnel is not None and ClosingRules.objects.filter(funnel=funnel).exists():
            drop_rules(funnel, actor=self.actor)

    # -- the rest -------------------------------------------------------------------------------------------------

    def cells(self, rows: Sequence[Row]) -> None:
        named = set()
        for row in rows:
            with _at(row):
                group, segment = self.found("groups", row["group"]), self.found("segments", row["segment"])
                changes = {
                    "buys_for": row["buys_for"],
                    "chooses_by": row["chooses_by"],
                    "buying_steps": "\n".join(row["steps"]),
                }
                write_cell(group, segment, actor=self.actor, changes=changes)
            named.add((group.pk, segment.pk))
        empty = {"buys_for": "", "chooses_by": "", "buying_steps": ""}
        for cell in Cell.objects.select_related("product_group", "segment") if self.exact else ():
            in_use = cell.product_group.archived_at is None and cell.segment.archived_at is None
            if in_use and (cell.product_group_id, cell.segment_id) not in named:
                write_cell(cell.product_group, cell.segment, actor=self.actor, changes=empty)

    def kpis(self, rows: Sequence[Row]) -> None:
        present = {fold(kpi.name): kpi for kpi in Kpi.objects.filter(archived_at=None)}
        wanted = {fold(row["name"]) for row in rows}
        for name, kpi in present.items():
            if self.exact and name not in wanted:
                put_kpi_away(kpi, actor=self.actor)
        placed = []
        for row in rows:
            with _at(row):
                values = {
                    "name": row["name"],
                    "measure": row["measure"],
                    "funnel": self.found("funnels", row["funnel"]),
                    "product_group": self.found("groups", row["group"]),
                    "segment": self.found("segments", row["segment"]),
                    "target": None if row["target"] is None else Decimal(row["target"]),
                    **{name: row[name] for name in ("weight", "better", "good", "fair", "method")},
                }
                kpi = present.get(fold(row["name"]))
                if kpi is None:
                    kpi = add_kpi(actor=self.actor, **values)
                else:
                    kpi = edit_kpi(kpi, actor=self.actor, changes=values)
            placed.append(kpi.pk)
        if placed:
            reorder_kpis(placed, actor=self.actor)

    def put_away(self, book: Row) -> None:
        """What the file does not name; last of all, when nothing of the book needs it any more."""
        named = {
            section: {fold(row["name"]) for row in book[section]}
            for section in ("funnels", "groups", "segments", "kinds", "won_reasons", "lost_reasons")
        }
        for name, funnel in self.places["funnels"].items():
            if name not in named["funnels"]:
                archive_funnel(funnel, actor=self.actor)
        lists: Iterable[tuple[str, Iterable[Any]]] = (
            ("won_reasons", Reason.objects.filter(kind="won", archived_at=None)),
            ("lost_reasons", Reason.objects.filter(kind="lost", archived_at=None)),
            ("kinds", ActivityKind.objects.filter(archived_at=None)),
            ("segments", Segment.objects.filter(archived_at=None)),
            # What lies inside goes before what it lies in.
            ("groups", sorted(ProductGroup.objects.filter(archived_at=None), key=_depth, reverse=True)),
        )
        for section, entries in lists:
            for entry in entries:
                if fold(entry.name) not in named[section]:
                    archive_entry(entry, actor=self.actor)


def _fields(*names: str) -> Callable[[Row], dict[str, Any]]:
    return lambda row: {name: row[name] for name in names}


def _kind(row: Row) -> dict[str, Any]:
    from voronka.playbook.dictionaries import CHANNEL_ICONS

    icon = row["icon"] or CHANNEL_ICONS.get(row["channel"], "checkbox")
    return {"channel": row["channel"], "icon": icon, "minutes": row["minutes"]}


def _text_of(row: Any) -> str:
    return fold(row["text"] if isinstance(row, Row) else row.text)


def _way_of(row: Any) -> str:
    """Where a tunnel begins and leads."""
    if isinstance(row, Row):
        parts = [row["trigger"], row["stage"], row["closing"], row["target"], row["target_stage"]]
    else:
        parts = [row.trigger, row.stage, row.closing, row.target, row.target_stage]
    return " → ".join(fold(str(part)) if part else "" for part in parts)


def _named(rows: Any, name: str) -> Any:
    """The row of this name; None for no name. Raises `Refused` when there is none."""
    if not name:
        return None
    found = next((row for row in rows if fold(row.name) == fold(name)), None)
    if found is None:
        raise Refused(_("“%(name)s” is not in this funnel.") % {"name": name})
    return found


def _numbered(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[tuple[str, int], Any]:
    seen: Counter[str] = Counter()
    found = {}
    for row in rows:
        name = key(row)
        found[name, seen[name]] = row
        seen[name] += 1
    return found


def _depth(group: ProductGroup) -> int:
    depth, at = 0, group
    while at.parent is not None and depth < 50:
        depth, at = depth + 1, at.parent
    return depth
