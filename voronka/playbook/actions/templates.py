"""Filling a workspace's sales book from a ready-made one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import Product, ProductGroup
from voronka.clients.models import Segment, Source
from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED
from voronka.desk.dictionaries.events import require_configure
from voronka.journal.actions import record
from voronka.playbook.events import TemplateApplied
from voronka.playbook.models import (
    ActivityKind,
    Cell,
    Criterion,
    Funnel,
    Objection,
    Reason,
    ReasonKind,
    Stage,
    StageTask,
)
from voronka.playbook.templates_data import BookTemplate, Text, get_template
from voronka.playbook.templates_data.returns import RETURN_DAYS
from voronka.playbook.templates_data.shapes import CellTemplate, FunnelTemplate, StageTemplate
from voronka.workspaces.models import Role, Workspace

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


@dataclass(frozen=True)
class Applied:
    """What a template added: the funnels, and how many rows of each model (`playbook.stage` -> 23)."""

    funnels: list[Funnel]
    counts: dict[str, int]

    @property
    def nothing(self) -> bool:
        """Everything was there already."""
        return not self.counts


class Writer:
    """Adds what is missing. A row is known by its name in either language: a second run in the other one
    must not double the book."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.kinds: dict[str, ActivityKind] | None = None
        self.made: dict[str, list[int]] = defaultdict(list)

    def say(self, text: Text) -> str:
        return text.on(self.language)

    def note(self, rows: Iterable[models.Model]) -> None:
        for row in rows:
            self.made[row._meta.label_lower].append(row.pk)

    def named(
        self, model: type[models.Model], wanted: list[tuple[Text, dict[str, Any]]], **fixed: Any
    ) -> list[Any]:
        """The rows for *wanted* (name, other values), found or made, in that order."""
        present = list(model.objects.filter(**fixed))  # type: ignore[attr-defined]
        by_key = {fold(row.name): row for row in present}
        has = {f.name for f in model._meta.concrete_fields}
        place = max((getattr(row, "order", 0) for row in present), default=0)
        rows, new = [], []
        for text, values in wanted:
            row = by_key.get(fold(text.ru)) or by_key.get(fold(text.en))
            if row is None:
                place += 1
                name = self.say(text)
                row = model(name=name, **fixed, **values)
                if "name_key" in has:
                    row.name_key = fold(name)  # type: ignore[attr-defined]
                if "order" in has:
                    row.order = place  # type: ignore[attr-defined]
                new.append(row)
            rows.append(row)
        model.objects.bulk_create(new)  # type: ignore[attr-defined]
        self.note(new)
        return rows

    def funnel(
        self, template: FunnelTemplate, group: Any, segment: Any, order: int, roles: dict[str, Role]
    ) -> Funnel:
        funnel = Funnel.objects.create(
            name=self.say(template.name), product_group=group, segment=segment, order=order
        )
        stages = Stage.objects.bulk_create(
            Stage(funnel=funnel, order=place, **self.stage_values(stage, roles))
            for place, stage in enumerate(template.stages, start=1)
        )
        self.note([funnel, *stages])
        for stage, wanted in zip(stages, template.stages, strict=True):
            self.parts(stage, wanted, roles)
        return funnel

    def stage_values(self, stage: StageTemplate, roles: dict[str, Role]) -> dict[str, Any]:
        """What the template says of the stage itself."""
        return {
            "name": self.say(stage.name),
            "goal": self.say(stage.goal),
            "result": self.say(stage.result),
            "role": roles.get(stage.role),
            "limit_days": stage.limit,
            "probability": stage.probability,
            "category": stage.category,
            "color": stage.color,
            "is_key": stage.is_key,
            "remedies": self.say(stage.remedies),
            "told_at": list(stage.told_at),
        }

    def parts(self, stage: Stage, wanted: StageTemplate, roles: dict[str, Role]) -> None:
        """What the stage asks. A kind of activity that the company has put away is left out with its task."""
        if self.kinds is None:
            rows = ActivityKind.objects.filter(archived_at=None).order_by("-order", "-id")
            self.kinds = {row.channel: row for row in rows}
        tasks = [
            StageTask(
                stage=stage,
                order=place,
                kind=self.kinds[task.kind],
                text=self.say(task.text),
                after_days=task.after,
                required=task.required,
                role=roles.get(task.role) if task.role else None,
                script=self.say(task.script),
            )
            for place, task in enumerate((t for t in wanted.tasks if t.kind in self.kinds), start=1)
        ]
        criteria = [
            Criterion(
                stage=stage,
                order=place,
                kind=one.kind,
                params={"lines": [self.say(line) for line in one.lines]} if one.lines else dict(one.params),
                strictness=one.strictness,
            )
            for place, one in enumerate(wanted.criteria, start=1)
        ]
        objections = [
            Objection(stage=stage, order=place, text=self.say(one.text), answer=self.say(one.answer))
            for place, one in enumerate(wanted.objections, start=1)
        ]
        self.note(StageTask.objects.bulk_create(tasks))
        self.note(Criterion.objects.bulk_create(criteria))
        self.note(Objection.objects.bulk_create(objections))


@transaction.atomic
def apply_template(
    code: str,
    *,
    actor: Member | None,
    language: str,
    fit: Callable[[BookTemplate], BookTemplate] | None = None,
) -> Applied:
    """Add to the book what the template *code* has and the workspace has not (by name, in either language).

    *language* ("ru", "en") is the one in which texts are written; *fit* cuts the template to the company. Raises
    `Refused` for an unknown template, `Forbidden`. Applied twice, it adds nothing and records nothing.
    """
    require_configure(actor)
    try:
        template = get_template(code)
    except KeyError:
        raise Refused(_("There is no such template."), field="template") from None
    if fit is not None:
        template = fit(template)
    # Two people (or one impatient one) applying at once must not double the book.
    Workspace.objects.select_for_update().get(pk=require_workspace_id())
    writer = Writer(language)
    groups = dict(
        zip(
            [g.code for g in template.groups],
            writer.named(ProductGroup, [(g.name, {}) for g in template.groups]),
            strict=True,
        )
    )
    segments = dict(
        zip(
            [s.code for s in template.segments],
            writer.named(
                Segment, [(s.name, {"description": writer.say(s.description)}) for s in template.segments]
            ),
            strict=True,
        )
    )
    writer.named(
        Product,
        [
            (
                p.name,
                {
                    "sku": p.sku,
                    "group": groups[p.group],
                    "unit": writer.say(p.unit),
                    "price": Decimal(p.price),
                },
            )
            for p in template.products
        ],
    )
    writer.named(Source, [(text, {}) for text in template.sources])
    writer.named(Reason, [(text, {}) for text in template.won_reasons], kind=ReasonKind.WON)
    lost = [(text, {"return_days": RETURN_DAYS.get(text.ru)}) for text in template.lost_reasons]
    writer.named(Reason, lost, kind=ReasonKind.LOST)
    writer.named(
        ActivityKind,
        [(k.name, {"channel": k.channel, "icon": k.icon, "minutes": k.minutes}) for k in template.kinds],
    )
    _missing_cells(writer, template.cells, groups, segments)
    funnels = _missing_funnels(writer, template.funnels, groups, segments)
    applied = Applied(funnels, {label: len(pks) for label, pks in writer.made.items()})
    if not applied.nothing:
        record(
            TemplateApplied(code, writer.say(template.title), dict(writer.made)),
            actor=actor,
            subjects=[BOOK_FEED, *(("funnel", funnel.pk) for funnel in funnels)],
        )
    return applied


def _missing_cells(
    writer: Writer, wanted: Iterable[CellTemplate], groups: dict[str, Any], segments: dict[str, Any]
) -> None:
    """What the grid says where it says nothing yet."""
    present = set(Cell.objects.values_list("product_group_id", "segment_id"))
    cells = [
        Cell(
            product_group=groups[cell.group],
            segment=segments[cell.segment],
            buys_for=writer.say(cell.buys_for),
            chooses_by=writer.say(cell.chooses_by),
            buying_steps="\n".join(writer.say(step) for step in cell.steps),
        )
        for cell in wanted
        if cell.group in groups
        and cell.segment in segments
        and (groups[cell.group].pk, segments[cell.segment].pk) not in present
    ]
    writer.note(Cell.objects.bulk_create(cells))


def _missing_funnels(
    writer: Writer, wanted: Iterable[FunnelTemplate], groups: dict[str, Any], segments: dict[str, Any]
) -> list[Funnel]:
    present = list(Funnel.objects.all())
    known = {fold(funnel.name) for funnel in present}
    place = max((funnel.order for funnel in present), default=0)
    roles = {role.code: role for role in Role.objects.all()}
    made = []
    for template in wanted:
        if known.isdisjoint({fold(template.name.ru), fold(template.name.en)}):
            place += 1
            made.append(
                writer.funnel(template, groups[template.group], segments[template.segment], place, roles)
            )
    return made
