"""One cell of the grid of plans: a member's amount for a month, or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal

from voronka.core.errors import Forbidden
from voronka.targets.models import SalesPlan
from voronka.targets.querysets import planned_members
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

Key = tuple[int, dt.date]


def require_settable(actor: Member, member_ids: Iterable[int]) -> dict[int, Member]:
    """The members by id; raises `Forbidden` when *actor* may not set the plan of one of them."""
    wanted = set(member_ids)
    found = planned_members(actor, Action.EDIT).in_bulk(wanted)
    if missing := wanted - found.keys():
        raise Forbidden(f"edit plan of members {sorted(missing)}")
    return found


def locked(measure: str, keys: Collection[Key]) -> dict[Key, SalesPlan]:
    """The existing plans of *keys*, locked in one order, so that two grids saved at once wait and do not deadlock."""
    rows = (
        SalesPlan.objects.select_for_update(of=("self",))
        .filter(
            measure=measure,
            member__in={member for member, _m in keys},
            month__in={month for _m, month in keys},
        )
        .order_by("member_id", "month")
    )
    wanted = set(keys)
    found = {(row.member_id, row.month): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def write(measure: str, key: Key, row: SalesPlan | None, amount: Decimal | None) -> None:
    """Set, change or take away one plan."""
    if amount is None:
        if row is not None:
            row.delete()
    elif row is None:
        SalesPlan.objects.create(member_id=key[0], month=key[1], measure=measure, amount=amount)
    else:
        row.amount = amount
        row.version += 1
        row.save(update_fields=["amount", "version"])
