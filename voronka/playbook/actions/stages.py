"""Verbs on the stages of a funnel.

`order` is dense, 1..n over all stages of the funnel: archived and merged ones keep their place, for history
refers to it. Every verb locks the funnel first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock
from voronka.core.edits import jsonable, shown
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, name_for, rearranged, validate
from voronka.desk.dictionaries.events import put_in_order, require_configure
from voronka.journal.actions import record
from voronka.playbook.events import (
    FunnelReordered,
    StageAdded,
    StageArchived,
    StageEdited,
    StageKeySet,
    StageMerged,
    StageRestored,
)
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.palette import color_at, is_color
from voronka.playbook.stage_usage import open_deals
from voronka.playbook.undoing import set_key, stages_under_lock

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

STAGE_FIELDS = (
    "name",
    "goal",
    "result",
    "role",
    "limit_days",
    "wip_limit",
    "probability",
    "category",
    "color",
    "remedies",
    "told_at",
    "escalates_after",
    "moves_itself",
)
# When the head may be told: half, all and twice the time limit.
TOLD_AT = (50, 100, 200)
LONGEST_LIMIT = 365
LONGEST_WAIT = 60
MOST_ON_BOARD = 10_000
LONGEST_TEXT = 4000
MOST_STAGES = 50


def _check(stage: Stage, others: Sequence[Stage]) -> None:
    """The rules of one stage beside its active neighbours; raises `Refused`."""
    key = fold(stage.name)
    if any(fold(other.name) == key for other in others if other.pk != stage.pk and other.archived_at is None):
        raise Refused(
            _("There is a stage “%(name)s” in this funnel already.") % {"name": stage.name}, field="name"
        )
    if not 0 <= stage.probability <= 100:
        raise Refused(_("Probability is between 0 and 100 %."), field="probability")
    if stage.limit_days is not None and not 1 <= stage.limit_days <= LONGEST_LIMIT:
        raise Refused(_("A time limit is between 1 and 365 working days, or empty."), field="limit_days")
    if stage.wip_limit is not None and not 1 <= stage.wip_limit <= MOST_ON_BOARD:
        raise Refused(_("The number of deals at most is between 1 and 10 000, or empty."), field="wip_limit")
    if not is_color(stage.color):
        raise Refused(_("Choose one of the colours."), field="color")
    if set(stage.told_at) - set(TOLD_AT):
        raise Refused(_("The head can be told at 50, 100 and 200 % of the time limit."), field="told_at")
    if stage.escalates_after is not None and not 1 <= stage.escalates_after <= LONGEST_WAIT:
        raise Refused(_("Between 1 and 60 working days, or empty."), field="escalates_after")
    for field in ("goal", "result", "remedies"):
        if len(getattr(stage, field)) > LONGEST_TEXT:
            raise Refused(
                _("This text is too long for a stage: at most %(limit)s characters.")
                % {"limit": LONGEST_TEXT},
                field=field,
            )
    validate(stage, ["name", "category"])


def new_stage(funnel: Funnel, others: Sequence[Stage], order: int, values: Mapping[str, Any]) -> Stage:
    """Write a stage of the (locked) funnel with these values; raises `Refused`."""
    if unknown := set(values) - {*STAGE_FIELDS, "is_key"}:
        raise TypeError(f"a stage has no fields {sorted(unknown)}")
    if len(others) >= MOST_STAGES:
        raise Refused(_("A funnel can have %(count)s stages at most.") % {"count": MOST_STAGES})
    fields = cleaned(Stage, {"color": color_at(len(others)), **values})
    fields["name"] = name_for(Stage, values.get("name"))
    stage = Stage(funnel=funnel, order=order, **fields)
    _check(stage, others)
    stage.save()
    return stage


def write_versioned(row: Any, real: Mapping[str, Any]) -> dict[str, Any]:
    """Save the attributes *real* of a versioned row; `changes` and `texts` for the event."""
    told = [f.name for f in row._meta.concrete_fields if f.attname in real]
    before = {name: shown(row, name) for name in told}
    old = {attname: jsonable(getattr(row, attname)) for attname in real}
    for attname, value in real.items():
        setattr(row, attname, value)
    row.version += 1
    row.save(update_fields=[*real, "version"])
    return {
        "changes": {attname: [old[attname], jsonable(getattr(row, attname))] for attname in real},
        "texts": {name: [before[name], shown(row, name)] for name in told},
    }


def _feed(funnel: Funnel, *stages: Stage) -> list[tuple[str, int | None]]:
    return [("funnel", funnel.pk), *(("stage", stage.pk) for stage in stages), BOOK_FEED]


def _own(stages: Mapping[int, Stage], stage: Stage | None, field: str | None = None) -> Stage:
    """The fresh, locked row of *stage*; `Refused` when it is not one of this funnel."""
    found = stages.get(stage.pk) if stage is not None else None
    if found is None:
        raise Refused(_("There is no such stage in this funnel."), field=field)
    return found


def _active(stages: Mapping[int, Stage]) -> list[Stage]:
    return [stage for stage in stages.values() if stage.archived_at is None]


@transaction.atomic
def add_stage(
    funnel: Funnel, *, actor: Member | None, name: str, after: Stage | None = None, **values: Any
) -> Stage:
    """Add a stage behind *after*, or at the end. *values*: fields of `STAGE_FIELDS`.

    Raises `Refused`, `Forbidden`.
    """
    require_configure(actor)
    row, stages = stages_under_lock(funnel.pk, adding=True)
    place = len(stages) if after is None else list(stages).index(_own(stages, after, "after").pk) + 1
    if "probability" not in values:
        values["probability"] = _between([s.probability for s in stages.values()], place)
    stage = new_stage(row, list(stages.values()), place + 1, {"name": name, **values})
    order = list(stages)
    order.insert(place, stage.pk)
    shifted = place < len(stages)
    put_in_order({**stages, stage.pk: stage}, order)
    record(
        StageAdded(row.pk, row.name, stage.pk, stage.name, stage.order, shifted),
        actor=actor,
        subjects=_feed(row, stage),
    )
    return stage


def _between(probabilities: list[int], place: int) -> int:
    """A chance that does not break the rise: halfway between the neighbours."""
    before = probabilities[place - 1] if place else 0
    behind = probabilities[place] if place < len(probabilities) else 100
    return (before + max(before, behind)) // 2


@transaction.atomic
def edit_stage(
    stage: Stage, *, actor: Member | None, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Stage:
    """Change fields of a stage (`STAGE_FIELDS`). Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    if unknown := set(changes) - set(STAGE_FIELDS):
        raise TypeError(f"a stage has no fields {sorted(unknown)} to edit")
    funnel, stages = stages_under_lock(stage.funnel_id)
    row = _own(stages, stage)
    real = merged(row, cleaned(Stage, changes), was)
    if not real:
        return row
    before = {attname: getattr(row, attname) for attname in real}
    for attname, value in real.items():
        setattr(row, attname, value)
    _check(row, list(stages.values()))
    for attname, value in before.items():
        setattr(row, attname, value)
    payload = write_versioned(row, real)
    record(
        StageEdited(funnel.pk, funnel.name, row.pk, row.name, **payload),
        actor=actor,
        subjects=_feed(funnel, row),
    )
    return row


@transaction.atomic
def reorder_stages(funnel: Funnel, stage_ids: Sequence[int], *, actor: Member | None) -> None:
    """Put stages in this order, in the places that they hold together; archived ones not named keep theirs.

    The deals' room counts depths anew in the background. Raises `Refused` when an id is not of this funnel.
    """
    require_configure(actor)
    row, stages = stages_under_lock(funnel.pk)
    before = list(stages)
    after = rearranged(before, stage_ids)
    if after == before:
        return
    put_in_order(stages, after)
    record(FunnelReordered(row.pk, row.name, before, after), actor=actor, subjects=_feed(row))


@transaction.atomic
def set_key_stage(funnel: Funnel, *, actor: Member | None, stage: Stage | None) -> None:
    """Make *stage* the key stage of its funnel; None: the funnel has none. Raises `Refused`, `Forbidden`."""
    require_configure(actor)
    row, stages = stages_under_lock(funnel.pk)
    chosen = _own(stages, stage) if stage is not None else None
    if chosen is not None and chosen.archived_at is not None:
        raise Refused(_("A stage in the archive cannot be the key stage."))
    present = next((pk for pk, s in stages.items() if s.is_key), None)
    wanted = chosen.pk if chosen else None
    if present == wanted:
        return
    set_key(stages, wanted)
    record(
        StageKeySet(row.pk, row.name, wanted, chosen.name if chosen else "", present),
        actor=actor,
        subjects=_feed(row),
    )


def _require_another(stages: Mapping[int, Stage], stage: Stage) -> None:
    if not any(other.pk != stage.pk for other in _active(stages)):
        raise Refused(_("A funnel needs at least one stage in use, and this is the last one."))


def _require_left(stage: Stage) -> None:
    """Nobody may be left behind, whoever was to move them: an open deal in a closed stage is on no board."""
    if open_deals(stage):
        raise Refused(_("Some deals could not be moved out of this stage. Try again in a moment."))


@transaction.atomic
def archive_stage(stage: Stage, *, actor: Member | None, target: Stage | None = None) -> Stage:
    """Take a stage out of use; its open deals go to *target* (an active stage of the same funnel).

    Raises `Refused` for the last active stage and when there are open deals but no target, `Forbidden`.
    """
    require_configure(actor)
    funnel, stages = stages_under_lock(stage.funnel_id)
    row = _own(stages, stage)
    if row.archived_at is not None:
        return row
    _require_another(stages, row)
    goal = _goal(stages, row, target, "target") if target is not None else None
    busy = open_deals(row)
    if busy and goal is None:
        raise Refused(
            ngettext(
                "%(count)s open deal stands in this stage: choose the stage it is to go to.",
                "%(count)s open deals stand in this stage: choose the stage they are to go to.",
                busy,
            )
            % {"count": busy},
            field="target",
        )
    was_key = row.is_key
    row.archived_at, row.is_key = clock.now(), False
    row.version += 1
    row.save(update_fields=["archived_at", "is_key", "version"])
    goal = goal if busy else None
    record(
        StageArchived(
            funnel.pk,
            funnel.name,
            row.pk,
            row.name,
            goal.pk if goal else None,
            goal.name if goal else "",
            was_key,
        ),
        actor=actor,
        subjects=_feed(funnel, row),
    )
    _require_left(row)
    return row


def _goal(stages: Mapping[int, Stage], stage: Stage, goal: Stage | None, field: str) -> Stage:
    found = _own(stages, goal, field)
    if found.pk == stage.pk or found.archived_at is not None:
        raise Refused(_("Choose another stage of this funnel that is in use."), field=field)
    return found


@transaction.atomic
def restore_stage(stage: Stage, *, actor: Member | None) -> Stage:
    """Put an archived stage to use again, in its old place. Raises `Refused` for a merged one, `Forbidden`."""
    require_configure(actor)
    funnel, stages = stages_under_lock(stage.funnel_id)
    row = _own(stages, stage)
    if row.archived_at is None:
        return row
    if row.merged_into_id is not None:
        raise Refused(
            _("“%(name)s” was merged into “%(into)s”. Undo the merge instead.")
            % {"name": row.name, "into": stages[row.merged_into_id].name}
        )
    row.archived_at = None
    _check(row, list(stages.values()))
    row.version += 1
    row.save(update_fields=["archived_at", "version"])
    record(StageRestored(funnel.pk, funnel.name, row.pk, row.name), actor=actor, subjects=_feed(funnel, row))
    return row


@transaction.atomic
def merge_stage(stage: Stage, into: Stage, *, actor: Member | None) -> Stage:
    """Count *stage* as *into* from now on, in all of history too; its open deals move there.

    History rows stay as they are and are read through `merged_into`; chains are kept one step long. The key mark
    goes along. Raises `Refused` unless both belong to one funnel and *into* is in use, `Forbidden`.
    """
    require_configure(actor)
    funnel, stages = stages_under_lock(stage.funnel_id)
    row = _own(stages, stage)
    goal = _goal(stages, row, into, "into")
    if row.merged_into_id == goal.pk:
        return row
    if row.merged_into_id is not None:
        raise Refused(_("“%(name)s” has been merged into another stage already.") % {"name": row.name})
    followers = [pk for pk, s in stages.items() if s.merged_into_id == row.pk]
    Stage.objects.filter(pk__in=followers).update(merged_into=goal)
    was_archived, key_moved = row.archived_at is not None, row.is_key
    row.merged_into = goal
    row.archived_at = row.archived_at or clock.now()
    row.version += 1
    row.save(update_fields=["merged_into", "archived_at", "version"])
    if key_moved:
        set_key(stages, goal.pk)
    record(
        StageMerged(
            funnel.pk, funnel.name, row.pk, row.name, goal.pk, goal.name, followers, was_archived, key_moved
        ),
        actor=actor,
        subjects=_feed(funnel, row, goal),
    )
    _require_left(row)
    return row
