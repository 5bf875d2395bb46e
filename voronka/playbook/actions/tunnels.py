"""Verbs on tunnels: what opens a deal in another funnel. Circles are refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, validate
from voronka.desk.dictionaries.events import locked_row, require_configure
from voronka.journal.actions import record
from voronka.playbook.actions.stages import write_versioned
from voronka.playbook.models import Funnel, Trigger, Tunnel
from voronka.playbook.tunnel_events import TunnelAdded, TunnelEdited, TunnelPutAway

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

FIELDS: Final = (
    "trigger",
    "stage",
    "closing",
    "target",
    "target_stage",
    "after",
    "wait",
    "title",
    "owner",
    "keeps_amount",
)
MOST_TUNNELS: Final = 20
# Three years in days; the same number of months is more than anybody plans.
LONGEST_WAIT: Final = 1100
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


def _lock() -> None:
    """Edits of tunnels wait for each other: two halves of a circle may not be drawn at once."""
    list(Funnel.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _feed(row: Tunnel) -> list[tuple[str, int | None]]:
    return [("funnel", row.funnel_id), ("funnel", row.target_id), BOOK_FEED]


@transaction.atomic
def add_tunnel(funnel: Funnel, *, actor: Member | None, **values: Any) -> Tunnel:
    """Let deals of *funnel* open deals elsewhere; *values* are of `FIELDS`.

    Raises `Refused` for a stage of a strange funnel and for a circle of tunnels, `Forbidden`.
    """
    require_configure(actor)
    _lock()
    present = Tunnel.objects.filter(funnel=funnel, archived_at=None)
    if present.count() >= MOST_TUNNELS:
        raise Refused(_("That is enough for one funnel: at most %(count)s.") % {"count": MOST_TUNNELS})
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"a tunnel has no fields {sorted(unknown)}")
    row = Tunnel(funnel=funnel, order=present.count() + 1, **cleaned(Tunnel, values))
    _check(row)
    row.save()
    refuse_circles(row)
    record(TunnelAdded(funnel.pk, funnel.name, row.target.name, row.pk), actor=actor, subjects=_feed(row))
    return row


@transaction.atomic
def edit_tunnel(
    tunnel: Tunnel,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> Tunnel:
    """Change a tunnel; deals that went through stay as they are. Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    _lock()
    if unknown := set(changes) - set(FIELDS):
        raise TypeError(f"a tunnel has no fields {sorted(unknown)}")
    row: Tunnel = locked_row(Tunnel, tunnel.pk)
    real = merged(row, cleaned(Tunnel, changes), was)
    if not real:
        return row
    asked: Tunnel = Tunnel.objects.get(pk=row.pk)
    for attname, value in real.items():
        setattr(asked, attname, value)
    _check(asked)
    payload = write_versioned(row, {name: getattr(asked, name) for name in _changed(row, asked)})
    row = Tunnel.objects.select_related("funnel", "target").get(pk=row.pk)
    refuse_circles(row)
    record(
        TunnelEdited(row.funnel_id, row.funnel.name, row.target.name, row.pk, **payload),
        actor=actor,
        subjects=_feed(row),
    )
    return row


def _changed(row: Tunnel, asked: Tunnel) -> list[str]:
    """Attributes that differ, those which the rules emptied too."""
    names = [Tunnel._meta.get_field(name).attname for name in FIELDS]  # type: ignore[union-attr]
    return [name for name in names if getattr(row, name) != getattr(asked, name)]


@transaction.atomic
def put_tunnel_away(tunnel: Tunnel, *, actor: Member | None) -> Tunnel:
    """Open no more deals through it; those that wait for their day are opened still. A no-op if it is away."""
    require_configure(actor)
    row: Tunnel = locked_row(Tunnel, tunnel.pk)
    if row.archived_at is not None:
        return row
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(
        TunnelPutAway(row.funnel_id, row.funnel.name, row.target.name, row.pk),
        actor=actor,
        subjects=_feed(row),
    )
    return row


def _check(row: Tunnel) -> None:
    """The rules of one tunnel; what does not belong to its trigger is emptied. Raises `Refused`."""
    if row.trigger == Trigger.STAGE:
        row.closing = None
        if row.stage is None or row.stage.funnel_id != row.funnel_id or row.stage.archived_at:
            raise Refused(_("Choose a stage of this funnel."), field="stage")
    else:
        row.stage = None
        if row.closing is not None and (
            row.closing.funnel_id != row.funnel_id or row.closing.outcome != row.trigger
        ):
            raise Refused(_("This closing status is for another ending."), field="closing")
    if row.target.archived_at is not None:
        raise Refused(
            _("The funnel “%(name)s” is in the archive: choose another.") % {"name": row.target},
            field="target",
        )
    if row.target_stage is not None and (
        row.target_stage.funnel_id != row.target_id or row.target_stage.archived_at
    ):
        raise Refused(
            _("This stage is not in the funnel “%(name)s”.") % {"name": row.target}, field="target_stage"
        )
    if not 0 <= row.after <= LONGEST_WAIT:
        raise Refused(_("Between 0 and %(most)s.") % {"most": LONGEST_WAIT}, field="after")
    if strange := [name for name in _PLACEHOLDER.findall(row.title) if name != "{title}"]:
        raise Refused(
            _("The name knows nothing to put for %(name)s: only {title} stands for something.")
            % {"name": ", ".join(dict.fromkeys(strange))},
            field="title",
        )
    validate(row, ["trigger", "wait", "title"])


def refuse_circles(row: Tunnel) -> None:
    """Raise `Refused` when *row* closes a circle: deals would open each other without end.

    A tunnel that waits after an ending does not count: a repeat sale every year needs a win every year.
    """
    if row.archived_at is not None or not row.is_unattended:
        return
    ways: dict[int, list[int]] = defaultdict(list)
    for other in Tunnel.objects.filter(archived_at=None):
        if other.is_unattended:
            ways[other.funnel_id].append(other.target_id)
    path = _way(ways, row.target_id, row.funnel_id)
    if path is None:
        return
    names = dict(Funnel.objects.values_list("pk", "name"))
    circle = " → ".join(names[pk] for pk in [row.funnel_id, *path])
    raise Refused(
        _("The tunnels would go in a circle: %(circle)s. Deals would open each other without end.")
        % {"circle": circle},
        field="target",
    )


def _way(ways: Mapping[int, list[int]], start: int, goal: int) -> list[int] | None:
    """The funnels from *start* to *goal*, both included; None when there is no way."""
    waiting, seen = [[start]], {start}
    while waiting:
        path = waiting.pop(0)
        if path[-1] == goal:
            return path
        for following in ways.get(path[-1], []):
            if following not in seen:
                seen.add(following)
                waiting.append([*path, following])
    return None
