"""Setting plans: a cell or a whole grid in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.core.edits import jsonable
from voronka.core.errors import Change, Conflict, Forbidden, Refused
from voronka.core.tenancy import require_workspace_id
from voronka.deals.models import Deal
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.targets import events
from voronka.targets.cells import locked, require_settable, write
from voronka.targets.facts import Correction, correction_at
from voronka.targets.models import Measure, PostedBack
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

MAX_AMOUNT = Decimal(10) ** 13


class Unset:
    """Whoever sets a plan without having looked at a former one."""


UNSET = Unset()


@dataclass(frozen=True)
class PlanCell:
    """*amount* for *member_id* in the month of *month*; None: no plan. *was*: the value the form was made from."""

    member_id: int
    month: dt.date
    amount: Decimal | None
    was: Decimal | Unset | None = UNSET


def set_plan(member: Member, month: dt.date, amount: Decimal | None, *, actor: Member) -> Event | None:
    """Set one seller's plan for a month. Raises as `set_plans`."""
    return set_plans([PlanCell(member.pk, month, amount)], actor=actor)


@transaction.atomic
def set_plans(cells: Iterable[PlanCell], *, actor: Member, measure: str = Measure.WON_SUM) -> Event | None:
    """Write all *cells* or none; return the event, None when everything was so already.

    Raises `Forbidden` for a member whose plan the actor may not set, `Refused` for an impossible sum, and
    `Conflict` naming every cell that somebody else has set to something else meanwhile.
    """
    wanted: dict[tuple[int, dt.date], PlanCell] = {
        (cell.member_id, cell.month.replace(day=1)): cell for cell in cells
    }
    if not wanted:
        return None
    members = require_settable(actor, (member_id for member_id, _month in wanted))
    amounts = {key: _amount(cell.amount) for key, cell in wanted.items()}
    _one_at_a_time(measure)
    present = locked(measure, wanted.keys())
    changed: list[dict[str, Any]] = []
    conflicts: list[Change] = []
    for key in sorted(wanted):
        now = present[key].amount if key in present else None
        if amounts[key] == now:
            continue
        was = wanted[key].was
        label = f"{members[key[0]].name}, {formats.month(key[1])}"
        if not isinstance(was, Unset) and was != now:
            conflicts.append(Change(field=label, was=was, theirs=now, yours=amounts[key]))
            continue
        changed.append(
            {
                "member": key[0],
                "name": members[key[0]].name,
                "month": key[1].isoformat(),
                "was": jsonable(now),
                "now": jsonable(amounts[key]),
            }
        )
    if conflicts:
        told = "; ".join(f"{c.field}: {formats.number(c.theirs)}" for c in conflicts[:5])
        raise Conflict(
            _("Somebody set other plans meanwhile: %(told)s. Nothing was overwritten: check and save again.")
            % {"told": told},
            conflicts,
        )
    if not changed:
        return None
    for cell in changed:
        place = (cell["member"], dt.date.fromisoformat(cell["month"]))
        write(measure, place, present.get(place), amounts[place])
    subjects = [("plans", 1), *(("member", cell["member"]) for cell in changed)]
    return record(events.PlansSet(measure=measure, cells=changed), actor=actor, subjects=subjects)


@transaction.atomic
def post_back(correction: Correction, *, actor: Member) -> Event | None:
    """Let a correction count in the month of the closing (metrics.md, «After closing»); None if it does so already.

    Raises `Forbidden` for a deal credited to somebody whose plan the actor may not set, `Refused` when the deal
    was changed meanwhile and there is no such correction any more.
    """
    actor.require(Subject.PLAN, Action.EDIT)
    if correction.owner_id is None:
        if actor.reach(Subject.PLAN, Action.EDIT) < Reach.ALL:
            raise Forbidden("edit plan")
    else:
        require_settable(actor, [correction.owner_id])
    deal = Deal.objects.select_for_update(of=("self",)).get(pk=correction.deal_id)
    now = correction_at(deal.pk, correction.at)
    if now is None:
        raise Refused(_("The deal was changed meanwhile: this correction is no longer there."))
    if now.posted_back:
        return None
    PostedBack.objects.create(deal=deal, at=correction.at, member=actor)
    payload = events.CorrectionPostedBack(
        deal=deal.pk,
        title=deal.title,
        at=correction.at.isoformat(),
        closed_at=correction.closed_at.isoformat(),
        amount=jsonable(now.amount),
    )
    return record(
        payload, actor=actor, subjects=[("plans", 1), ("deal", deal.pk), ("member", correction.owner_id)]
    )


def _one_at_a_time(measure: str) -> None:
    """A cell that is still empty has no row to lock: the grid of the workspace as a whole is locked instead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('plans'), hashtext(%s))",
            [f"{require_workspace_id()}:{measure}"],
        )


def _amount(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value < MAX_AMOUNT:
        raise Refused(_("The sum must be from 0 to 9,999,999,999,999."), field="amount")
    return value.quantize(Decimal("0.01"))
