"""Verbs on how deals end by the book: closing statuses, and the rules of endings.

`order` of statuses is dense over those of one outcome of one funnel. Their criteria are parts, see `actions.parts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.edits import jsonable, shown
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries.actions import BOOK_FEED, cleaned, merged, name_for, rearranged, validate
from voronka.desk.dictionaries.events import put_in_order, require_configure
from voronka.journal.actions import record
from voronka.playbook.actions.stages import write_versioned
from voronka.playbook.closing import usual_rules
from voronka.playbook.closing_events import (
    RulesSet,
    StatusAdded,
    StatusArchived,
    StatusEdited,
    StatusesReordered,
    StatusRestored,
    statuses_under_lock,
)
from voronka.playbook.models import ClosingRules, ClosingStatus, End, Funnel

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

MOST_STATUSES: Final = 20
STATUS_FIELDS: Final = ("name", "about")
RULE_FIELDS: Final = (
    "asks_won_reason",
    "confirm_above",
    "confirm_attempts",
    "silent_days",
    "planless_days",
    "outlasts",
)
# Field -> the least and the most it can be.
_LIMITS: Final = {"confirm_attempts": (1, 100), "silent_days": (1, 3650), "planless_days": (1, 3650)}


def _feed(funnel_id: int | None) -> list[tuple[str, int | None]]:
    return [("funnel", funnel_id), BOOK_FEED]


@transaction.atomic
def add_status(
    funnel: Funnel, outcome: str, *, actor: Member | None, name: str, about: str = ""
) -> ClosingStatus:
    """Add a way to end under *outcome* («won», «lost»), at the end. Raises `Refused`, `Forbidden`."""
    require_configure(actor)
    if outcome not in End.values:
        raise Refused(_("There is no such choice."), field="outcome")
    rows = statuses_under_lock(funnel.pk, outcome)
    if sum(row.archived_at is None for row in rows.values()) >= MOST_STATUSES:
        raise Refused(_("That is enough for one funnel: at most %(count)s.") % {"count": MOST_STATUSES})
    row = ClosingStatus(
        funnel_id=funnel.pk,
        outcome=outcome,
        order=len(rows) + 1,
        **cleaned(ClosingStatus, {"name": name_for(ClosingStatus, name), "about": about}),
    )
    _check(row, rows)
    row.save()
    record(
        StatusAdded(funnel.pk, funnel.name, row.pk, row.name, outcome), actor=actor, subjects=_feed(funnel.pk)
    )
    return row


@transaction.atomic
def edit_status(
    status: ClosingStatus,
    *,
    actor: Member | None,
    changes: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> ClosingStatus:
    """Change its name, or when it is chosen. Raises `Refused`, `Conflict`, `Forbidden`."""
    require_configure(actor)
    if unknown := set(changes) - set(STATUS_FIELDS):
        raise TypeError(f"a closing status has no fields {sorted(unknown)} to edit")
    rows = statuses_under_lock(status.funnel_id, status.outcome)
    row = rows[status.pk]
    values = {**changes, **({"name": name_for(ClosingStatus, changes["name"])} if "name" in changes else {})}
    real = merged(row, cleaned(ClosingStatus, values), was)
    if not real:
        return row
    checked = ClosingStatus(
        pk=row.pk, outcome=row.outcome, **{f: real.get(f, getattr(row, f)) for f in STATUS_FIELDS}
    )
    _check(checked, rows)
    payload = write_versioned(row, real)
    record(
        StatusEdited(row.funnel_id, row.funnel.name, row.pk, row.name, row.outcome, **payload),
        actor=actor,
        subjects=_feed(row.funnel_id),
    )
    return row


@transaction.atomic
def archive_status(status: ClosingStatus, *, actor: Member | None) -> ClosingStatus:
    """Offer it no more; deals that ended so keep it. A no-op if it is in the archive. Raises `Forbidden`."""
    require_configure(actor)
    row = statuses_under_lock(status.funnel_id, status.outcome)[status.pk]
    if row.archived_at is not None:
        return row
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
    record(
        StatusArchived(row.funnel_id, row.funnel.name, row.pk, row.name, row.outcome),
        actor=actor,
        subjects=_feed(row.funnel_id),
    )
    return row


@transaction.atomic
def restore_status(status: ClosingStatus, *, actor: Member | None) -> ClosingStatus:
    """Offer it again. Raises `Refused` when its name is taken meanwhile, `Forbidden`."""
    require_configure(actor)
    rows = statuses_under_lock(status.funnel_id, status.outcome)
    row = rows[status.pk]
    if row.archived_at is None:
        return row
    _check(row, rows)
    row.archived_at = None
    row.save(update_fields=["archived_at"])
    record(
        StatusRestored(row.funnel_id, row.funnel.name, row.pk, row.name, row.outcome),
        actor=actor,
        subjects=_feed(row.funnel_id),
    )
    return row


@transaction.atomic
def reorder_statuses(funnel: Funnel, outcome: str, ids: Sequence[int], *, actor: Member | None) -> None:
    """Put the statuses *ids* in this order; the first one is meant where nobody chooses.

    Raises `Refused` when one is not of this outcome of the funnel, `Forbidden`.
    """
    require_configure(actor)
    rows = statuses_under_lock(funnel.pk, outcome)
    before = list(rows)
    after = rearranged(before, ids)
    if after == before:
        return
    put_in_order(rows, after)
    record(
        StatusesReordered(funnel.pk, funnel.name, outcome, before, after),
        actor=actor,
        subjects=_feed(funnel.pk),
    )


def _check(row: ClosingStatus, others: Mapping[int, ClosingStatus]) -> None:
    key = fold(row.name)
    if any(
        fold(other.name) == key
        for other in others.values()
        if other.pk != row.pk and other.archived_at is None
    ):
        raise Refused(
            _("There is a closing status “%(name)s” in this funnel already.") % {"name": row.name},
            field="name",
        )
    validate(row, ["name", "about"])


@transaction.atomic
def set_rules(funnel: Funnel | None, *, actor: Member | None, **values: Any) -> ClosingRules:
    """Write the rules of endings of *funnel* (None: of the company); fields that are not given stay as they were.

    A funnel's first own rules begin as a copy of the company's. Raises `Refused`, `Forbidden`.
    """
    require_configure(actor)
    if unknown := set(values) - set(RULE_FIELDS):
        raise TypeError(f"closing rules have no fields {sorted(unknown)}")
    row = _locked_rules(funnel)
    written = row.pk is not None
    before = _told(row) if written else None
    texts_before = {name: shown(row, name) for name in RULE_FIELDS}
    for name, value in values.items():
        setattr(row, name, _rule(name, value))
    if before == _told(row):
        return row
    if written:
        row.version += 1
    row.save()
    changed = [name for name in RULE_FIELDS if shown(row, name) != texts_before[name]]
    texts = {name: [texts_before[name], shown(row, name)] for name in changed}
    record(
        RulesSet(
            funnel.pk if funnel else None, funnel.name if funnel else "", before, _told(row), texts=texts
        ),
        actor=actor,
        subjects=_feed(funnel.pk if funnel else None),
    )
    return row


@transaction.atomic
def drop_rules(funnel: Funnel, *, actor: Member | None) -> None:
    """Let the company's rules hold in *funnel* again. A no-op if they do. Raises `Forbidden`."""
    require_configure(actor)
    row = _locked_rules(funnel)
    if row.pk is None:
        return
    before = _told(row)
    row.delete()
    record(RulesSet(funnel.pk, funnel.name, before, None, texts={}), actor=actor, subjects=_feed(funnel.pk))


def _locked_rules(funnel: Funnel | None) -> ClosingRules:
    """The row of *funnel*, locked; a new one that says what holds there now, if there is none."""
    if funnel is not None:
        Funnel.objects.select_for_update(no_key=True).get(pk=funnel.pk)
    rows = ClosingRules.objects.select_for_update(of=("self",)).filter(Q(funnel=None) | Q(funnel=funnel))
    found = {rules.funnel_id: rules for rules in rows}
    key = funnel.pk if funnel else None
    if key in found:
        return found[key]
    pattern = found.get(None) or usual_rules()
    return ClosingRules(funnel=funnel, **{name: getattr(pattern, name) for name in RULE_FIELDS})


def _rule(name: str, value: Any) -> Any:
    if name in ("asks_won_reason", "outlasts"):
        return bool(value)
    if value in (None, ""):
        return None
    if name == "confirm_above":
        amount = Decimal(value)
        if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 13:
            raise Refused(_("The sum must be from 0 to 9,999,999,999,999."), field=name)
        return amount.quantize(Decimal("0.01"))
    least, most = _LIMITS[name]
    number = int(value)
    if not least <= number <= most:
        raise Refused(
            _("Between %(least)s and %(most)s, or empty.") % {"least": least, "most": most}, field=name
        )
    return number


def _told(row: ClosingRules) -> dict[str, Any]:
    return {name: jsonable(getattr(row, name)) for name in RULE_FIELDS}
