"""How each change of the book is taken back: what it wrote, and only if nothing was built on it since."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.desk.dictionaries.events import (
    changed_since,
    locked_row,
    put_back,
    put_in_order,
    remove_unused,
    require_configure,
    set_archived,
)
from voronka.playbook.models import ClosingStatus, Funnel, Stage
from voronka.playbook.parts import PARTS
from voronka.playbook.stage_usage import open_deals


def stages_under_lock(funnel_id: int, *, adding: bool = False) -> tuple[Funnel, dict[int, Stage]]:
    """The funnel and all its stages by id, in their order, locked: edits of one funnel wait for each other.

    *adding* a stage leaves the others open for deals.
    """
    funnel = locked_row(Funnel, funnel_id, no_key=adding)
    stages = Stage.objects.select_for_update(no_key=adding).filter(funnel=funnel).order_by("order", "id")
    return funnel, {stage.pk: stage for stage in stages}


def set_key(stages: dict[int, Stage], stage_id: int | None) -> None:
    """Make one stage (or none) the key stage; the old one steps down first, for there may be but one."""
    for stage in sorted(stages.values(), key=lambda s: s.pk == stage_id):
        if stage.is_key != (stage.pk == stage_id):
            stage.is_key = stage.pk == stage_id
            stage.version += 1
            stage.save(update_fields=["is_key", "version"])


def _stage(stages: dict[int, Stage], pk: int) -> Stage:
    if pk not in stages:
        raise changed_since()
    return stages[pk]


def funnel_created(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    funnel, stages = stages_under_lock(payload.funnel)
    if sorted(stages) != sorted(payload.stages):
        raise changed_since()
    _remove_stages(list(stages.values()))
    remove_unused(funnel)


def _remove_stages(stages: list[Stage]) -> None:
    try:
        Stage.objects.filter(pk__in=[stage.pk for stage in stages]).delete()
    except models.ProtectedError:
        raise Refused(_("There are deals in this funnel already, so creating it cannot be undone.")) from None


def funnel_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(locked_row(Funnel, payload.funnel), payload.changes)


def funnel_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(locked_row(Funnel, payload.funnel), False)


def funnel_restored(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    funnel, stages = stages_under_lock(payload.funnel)
    if any(open_deals(stage) for stage in stages.values()):
        raise Refused(_("There are open deals in this funnel already, so it stays."))
    set_archived(funnel, True)


def funnels_listed(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    rows = {f.pk: f for f in Funnel.objects.select_for_update().order_by("order", "id")}
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


def funnel_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    if list(stages) != payload.after:
        raise changed_since()
    put_in_order(stages, payload.before)


def stage_added(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    stage = _stage(stages, payload.stage)
    remove_unused(stage)
    del stages[payload.stage]
    put_in_order(stages, list(stages))


def stage_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    put_back(_stage(stages, payload.stage), payload.changes)


def key_set(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    present = next((pk for pk, stage in stages.items() if stage.is_key), None)
    gone = payload.before is not None and (
        payload.before not in stages or stages[payload.before].archived_at is not None
    )
    if present != payload.stage or gone:
        raise changed_since()
    set_key(stages, payload.before)


def stage_archived(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    stage = _stage(stages, payload.stage)
    if stage.merged_into_id is not None:
        raise changed_since()
    set_archived(stage, False)
    if payload.was_key and not any(s.is_key for s in stages.values()):
        set_key(stages, stage.pk)


def stage_restored(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    stage = _stage(stages, payload.stage)
    if open_deals(stage):
        raise Refused(_("There are open deals in this stage already, so it stays."))
    if not any(s.archived_at is None for s in stages.values() if s.pk != stage.pk):
        raise changed_since()
    set_archived(stage, True)


def stage_merged(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    _funnel, stages = stages_under_lock(payload.funnel)
    stage = _stage(stages, payload.stage)
    if stage.merged_into_id != payload.into:
        raise changed_since()
    stage.merged_into = None
    if not payload.was_archived:
        stage.archived_at = None
    stage.version += 1
    stage.save(update_fields=["merged_into", "archived_at", "version"])
    Stage.objects.filter(pk__in=payload.followers, merged_into_id=payload.into).update(merged_into=stage)
    if payload.key_moved and _stage(stages, payload.into).is_key:
        set_key(stages, stage.pk)


def _lock_holder(payload: Any) -> dict[str, int]:
    """Lock the stage, or the closing status; the filter of its rows."""
    locked_row(ClosingStatus if payload.closing else Stage, payload.stage)
    return {"closing" if payload.closing else "stage": payload.stage}


def _stage_part(payload: Any) -> Any:
    _lock_holder(payload)
    return locked_row(PARTS[payload.part], payload.row)


def part_added(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    row = _stage_part(payload)
    if row.archived_at is not None:
        raise changed_since()
    held = _lock_holder(payload)
    remove_unused(row)
    rows = {r.pk: r for r in type(row).objects.filter(**held).order_by("order", "id")}
    put_in_order(rows, list(rows))


def part_edited(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    put_back(_stage_part(payload), payload.changes)


def part_put_away(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    set_archived(_stage_part(payload), False)


def parts_reordered(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    held = _lock_holder(payload)
    rows = {r.pk: r for r in PARTS[payload.part].objects.filter(**held).order_by("order", "id")}
    if list(rows) != payload.after:
        raise changed_since()
    put_in_order(rows, payload.before)


# In this order nothing is deleted before what refers to it.
_ORDER = (
    "playbook.stagetask",
    "playbook.criterion",
    "playbook.closingstatus",
    "playbook.objection",
    "playbook.cell",
    "playbook.stage",
    "playbook.funnel",
    "playbook.reason",
    "playbook.activitykind",
    "catalog.product",
    "catalog.productgroup",
    "clients.segment",
    "clients.source",
)


def template_applied(event: Any, payload: Any, actor: Any) -> None:
    require_configure(actor)
    for label in _ORDER:
        model: Any = apps.get_model(label)
        rows = model.objects.filter(pk__in=payload.made.get(label, []))
        try:
            rows.delete()
        except (models.ProtectedError, models.RestrictedError):
            raise Refused(
                _("Something of the template is in use already, so it cannot be taken back as a whole.")
            ) from None
