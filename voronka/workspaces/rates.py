"""Rates of currencies: what a sum in another one is worth in the company's own (metrics.md, amounts)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.core import formats
from voronka.core.errors import Refused
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.journal.registry import event_type
from voronka.workspaces.models import Rate
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import CURRENCIES, locked_workspace

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

FIRST_DAY, LAST_DAY = dt.date(1992, 1, 1), dt.date(2100, 1, 1)
MOST_AT_ONCE = 5000
LIMIT = Decimal(10) ** 9


@dataclass(frozen=True)
class NewRate:
    """*value* units of the company's currency for one of *currency* from *day* on; None takes the rate away."""

    currency: str
    day: dt.date
    value: Decimal | None


def rate_on(currency: str, day: dt.date) -> Decimal | None:
    """The latest rate of *currency* not after *day*; None when there is none."""
    found = (
        Rate.objects.filter(currency=currency, day__lte=day).order_by("-day").values_list("value", flat=True)
    )
    return found.first()


def rates_on(day: dt.date) -> dict[str, Decimal]:
    """Every currency's latest rate not after *day*, in one query."""
    rows = Rate.objects.filter(day__lte=day).order_by("currency", "-day").distinct("currency")
    return dict(rows.values_list("currency", "value"))


def converted(amount: Decimal, rate: Decimal) -> Decimal:
    """*amount* in the company's currency, to the kopeck, halves up."""
    return (amount * rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@transaction.atomic
def set_rates(rates: Iterable[NewRate], *, actor: Member) -> Event | None:
    """Write all *rates* or none; None when everything was so already.

    Raises `Forbidden`, and `Refused` for an unknown currency, the company's own, or an impossible day or rate.
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    # One at a time: two lists pasted at once must not meet halfway.
    own = locked_workspace(actor.workspace_id).currency
    wanted = {(rate.currency, rate.day): _checked(rate, own) for rate in rates}
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(_("At most %(count)s rates at once.") % {"count": MOST_AT_ONCE})
    days = {day for _currency, day in wanted}
    present = {(row.currency, row.day): row for row in Rate.objects.filter(day__in=days)}
    changed: list[list[Any]] = []
    for (currency, day), value in wanted.items():
        row = present.get((currency, day))
        was = row.value if row else None
        if was != value:
            changed.append([currency, day.isoformat(), _text(was), _text(value)])
    if not changed:
        return None
    _write(changed, after=3)
    return record(RatesSet(changed), actor=actor, subjects=[("workspace", actor.workspace_id)])


def _checked(rate: NewRate, own: str) -> Decimal | None:
    if rate.currency not in CURRENCIES:
        raise Refused(
            _("There is no currency “%(code)s” here.") % {"code": rate.currency[:10]}, field="currency"
        )
    if rate.currency == own:
        raise Refused(
            _("%(code)s is the company's own currency: it needs no rate.") % {"code": own}, field="currency"
        )
    if not FIRST_DAY <= rate.day < LAST_DAY:
        raise Refused(_("Check the year of the date."), field="day")
    if rate.value is None:
        return None
    value = rate.value.quantize(Decimal("0.000001")) if rate.value.is_finite() else Decimal(0)
    if not 0 < value < LIMIT:
        raise Refused(_("A rate is a number above zero."), field="value")
    return value


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _write(changed: list[list[Any]], *, after: int) -> None:
    """Let the rates be what stands at the place *after* of each row (2: before the event, 3: after it)."""
    for row in changed:
        rate = Rate.objects.filter(currency=row[0], day=row[1])
        if row[after] is None:
            rate.delete()
        else:
            Rate.objects.update_or_create(
                currency=row[0], day=dt.date.fromisoformat(row[1]), defaults={"value": Decimal(row[after])}
            )


def _undo(event: Any, payload: Any, actor: Any) -> None:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    locked_workspace(actor.workspace_id)
    for currency, day, _was, now in payload.rates:
        present = Rate.objects.filter(currency=currency, day=day).values_list("value", flat=True).first()
        if present != (None if now is None else Decimal(now)):
            raise Refused(_("These rates were changed again since: it can no longer be undone."))
    _write(payload.rates, after=2)


def _tell(payload: RatesSet) -> dict[str, Any]:
    count = len(payload.rates)
    return {"what": ngettext("%(count)s rate", "%(count)s rates", count) % {"count": count}}


def _body(payload: RatesSet) -> str:
    lines = [
        f"{currency}, {formats.short_date(dt.date.fromisoformat(day))}: {_shown(was)} → {_shown(now)}"
        for currency, day, was, now in payload.rates[:10]
    ]
    rest = len(payload.rates) - len(lines)
    return "\n".join([*lines, _("and %(count)s more") % {"count": rest}] if rest else lines)


def _shown(value: str | None) -> str:
    return formats.number(None if value is None else Decimal(value), 4)


@event_type(
    "rates.set",
    sentence=N_("Currency rates: {what}"),
    icon="currency-dollar",
    describe=_tell,
    body=_body,
    undo=_undo,
)
@dataclass(frozen=True)
class RatesSet:
    """*rates*: currency, ISO day, rate before, rate after (decimal texts, None for none)."""

    rates: list[list[Any]]
