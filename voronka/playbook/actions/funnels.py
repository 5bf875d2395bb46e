"""Verbs on whole funnels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, name_for, rearranged
from voronka.desk.dictionaries.events import put_in_order, require_configure
from voronka.journal.actions import record
from voronka.playbook.actions.copying import add_work, copy_work, stages_of_template
from voronka.playbook.actions.stages import STAGE_FIELDS, new_stage, write_versioned
from voronka.playbook.events import FunnelArchived, FunnelCreated, FunnelEdited, FunnelRestored, FunnelsListed
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.palette import color_at
from voronka.playbook.stage_usage import open_deals
from voronka.playbook.undoing import stages_under_lock

if TYPE_CHECKING:
    from voronka.catalog.models import ProductGroup
    from voronka.clients.models import Segment
    from voronka.playbook.templates_data.shapes import FunnelTemplate
    from voronka.workspaces.models import Member

FUNNEL_FIELDS = ("name", "product_group", "segment")

# What a funnel starts with when nothing else is said: name, probability, limit in working days.
STARTER_STAGES = (
    (N_("First contact"), 10, 3),
    (N_("Needs"), 25, 5),
    (N_("Presentation"), 45, 7),
    (N_("Offer"), 65, 5),
    (N_("Contract"), 85, 5),
)


def feed(funnel: Funnel, stage: Stage | None = None) -> list[tuple[str, int | None]]:
    """Whose feeds show a change of the funnel."""
    return [("funnel", funnel.pk), ("stage", stage.pk if stage else None), BOOK_FEED]


def _require_free(name: str, but: int | None = None) -> None:
    key = fold(name)
    if any(fold(f.name) == key for f in Funnel.objects.filter(archived_at=None).exclude(pk=but)):
        raise Refused(_("There is a funnel “%(name)s” already.") % {"name": name}, field="name")


def _all_under_lock(*, adding: bool = False) -> dict[int, Funnel]:
    """All funnels, locked. *adding* one more leaves the others open for deals."""
    return {f.pk: f for f in Funnel.objects.select_for_update(no_key=adding).order_by("order", "id")}


@transaction.atomic
def create_funnel(
    *,
    actor: Member | None,
    name: str,
    product_group: ProductGroup | None = None,
    segment: Segment | None = None,
    stages: Sequence[str | Mapping[str, Any]] | None = None,
    copy_of: Funnel | None = None,
    template: FunnelTemplate | None = None,
    language: str = "ru",
) -> Funnel:
    """Create a funnel with its stages.

    *stages* are names or mappings of stage fields, in order; without them the active stages of *copy_of* or of a
    ready-made funnel (*template*, in *language*) with all that they ask, else five stages to start with.
    Raises `Refused` (a name that is taken, no stage), `Forbidden`.
    """
    require_configure(actor)
    name = name_for(Funnel, name)
    funnels = _all_under_lock(adding=True)
    _require_free(name)
    funnel = Funnel.objects.create(
        name=name,
        product_group=product_group,
        segment=segment,
        order=max((f.order for f in funnels.values()), default=0) + 1,
    )
    made: list[Stage] = []
    first = stages_of_template(template, language) if template else _first_stages(stages, copy_of)
    for order, values in enumerate(first, start=1):
        made.append(new_stage(funnel, made, order, values))
    if not made:
        raise Refused(_("A funnel needs at least one stage."), field="stages")
    if template is not None:
        add_work(template, made, language)
    elif copy_of is not None and stages is None:
        copy_work(copy_of, made)
    record(FunnelCreated(funnel.pk, name, [stage.pk for stage in made]), actor=actor, subjects=feed(funnel))
    return funnel


def _first_stages(
    stages: Sequence[str | Mapping[str, Any]] | None, copy_of: Funnel | None
) -> list[Mapping[str, Any]]:
    if stages is not None:
        # Imported stages tell only their names: chances rise evenly until somebody knows better.
        named = [{"name": stage} if isinstance(stage, str) else dict(stage) for stage in stages]
        return [
            {"probability": round(100 * place / (len(named) + 1)), "color": color_at(place - 1), **values}
            for place, values in enumerate(named, start=1)
        ]
    if copy_of is not None:
        return [
            {field: getattr(stage, field) for field in (*STAGE_FIELDS, "is_key")}
            for stage in Stage.objects.filter(funnel=copy_of, archived_at=None).order_by("order", "id")
        ]
    return [
        {"name": _(name), "probability": probability, "limit_days": limit, "color": color_at(index)}
        for index, (name, probability, limit) in enumerate(STARTER_STAGES)
    ]


@transaction.atomic
def edit_funnel(
    funnel: Funnel,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> Funnel:
    """Change name, product group or segment. Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    if unknown := set(changes) - set(FUNNEL_FIELDS):
        raise TypeError(f"a funnel has no fields {sorted(unknown)} to edit")
    row = _all_under_lock().get(funnel.pk)
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    real = merged(row, cleaned(Funnel, changes), was)
    if not real:
        return row
    if "name" in real:
        _require_free(real["name"], but=row.pk)
    payload = write_versioned(row, real)
    record(FunnelEdited(row.pk, row.name, **payload), actor=actor, subjects=feed(row))
    return row


@transaction.atomic
def archive_funnel(funnel: Funnel, *, actor: Member | None) -> Funnel:
    """Take a funnel out of use; its closed deals stay in the reports.

    Raises `Refused` while open deals stand in it and for the last active funnel, `Forbidden`.
    """
    require_configure(actor)
    funnels = _all_under_lock()
    row, stages = stages_under_lock(funnel.pk)
    if row.archived_at is not None:
        return row
    if not any(f.archived_at is None for f in funnels.values() if f.pk != row.pk):
        raise Refused(_("This is the only funnel in use, and deals need one. Create another first."))
    if busy := sum(open_deals(stage) for stage in stages.values()):
        raise Refused(
            _("Open deals in this funnel: %(count)s. Close them or move them to another funnel first.")
            % {"count": busy}
        )
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(FunnelArchived(row.pk, row.name), actor=actor, subjects=feed(row))
    return row


@transaction.atomic
def restore_funnel(funnel: Funnel, *, actor: Member | None) -> Funnel:
    """Put an archived funnel to use again. Raises `Refused` when its name is taken meanwhile, `Forbidden`."""
    require_configure(actor)
    row = _all_under_lock().get(funnel.pk)
    if row is None:
        raise Refused(_("This is no longer there: it was deleted meanwhile."))
    if row.archived_at is None:
        return row
    _require_free(row.name, but=row.pk)
    row.archived_at = None
    row.save(update_fields=["archived_at"])
    record(FunnelRestored(row.pk, row.name), actor=actor, subjects=feed(row))
    return row


@transaction.atomic
def reorder_funnels(ids: Sequence[int], *, actor: Member | None) -> None:
    """List the funnels *ids* in this order, in the places that they hold together. Raises `Refused`, `Forbidden`."""
    require_configure(actor)
    funnels = _all_under_lock()
    before = list(funnels)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(funnels, after)
    record(FunnelsListed(before, after), actor=actor, subjects=[BOOK_FEED])


def mark_recounted(funnel: Funnel, *, at: dt.datetime) -> None:
    """Note when the depths of the funnel's deals were last counted anew (for the job that did it; no event)."""
    Funnel.objects.filter(pk=funnel.pk).update(recounted_at=at)
