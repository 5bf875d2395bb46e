"""Fields that several subjects share: who, which tags, for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import Q

from voronka.core import clock
from voronka.desk.lists.conditions import Condition
from voronka.desk.lists.fields import Option
from voronka.desk.models import Tag
from voronka.workspaces.models import Member


def members() -> list[Option]:
    """Who works here, and who did."""
    return [(row.pk, row.name) for row in Member.objects.exclude(status="invited")]


def tags() -> list[Option]:
    """The tags in use."""
    return [(row.pk, row.name) for row in Tag.objects.filter(archived_at=None)]


def silent(since: str) -> Callable[[Condition, Member | None], Q]:
    """«Silent for so many days»: whoever was never reached is silent since the moment in the column *since*."""

    def condition(asked: Condition, member: Member | None) -> Q:
        moment = clock.now() - dt.timedelta(days=int(asked.values[0]))
        found = Q(last_contact_at__lt=moment) | Q(last_contact_at=None, **{f"{since}__lt": moment})
        return found if asked.op == "ge" else ~found

    return condition


def days_since(moment: dt.datetime | None) -> int | None:
    """Whole days from *moment* to now."""
    return None if moment is None else max((clock.now() - moment).days, 0)


def older(column: str) -> Callable[[Condition, Member | None], Q]:
    """«For so many days already», counted from the moment in *column*."""

    def condition(asked: Condition, member: Member | None) -> Q:
        moment = clock.now() - dt.timedelta(days=int(asked.values[0]))
        return Q(**{f"{column}__{'lte' if asked.op == 'ge' else 'gt'}": moment})

    return condition
