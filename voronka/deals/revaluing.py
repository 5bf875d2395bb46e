"""Open deals in other currencies, counted anew at today's rates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as N_
from django.utils.translation import ngettext

from voronka.core import clock
from voronka.deals import history
from voronka.deals.choices import Cause, Outcome
from voronka.deals.many import take_back_many
from voronka.deals.models import Deal
from voronka.deals.search import refresh_deals
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.journal.registry import event_type
from voronka.workspaces.rates import converted, rates_on
from voronka.workspaces.rights import Action, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


def _undo(event: Any, payload: Any, actor: Any) -> None:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    refresh_deals(take_back_many(event, at=clock.now()))


def _tell(payload: DealsRevalued) -> dict[str, Any]:
    return {
        "what": ngettext("%(count)s open deal", "%(count)s open deals", payload.deals)
        % {"count": payload.deals}
    }


@event_type(
    "deals.revalued",
    sentence=N_("Counted anew at the rates of the day: {what}"),
    icon="currency-dollar",
    describe=_tell,
    body=lambda payload: ", ".join(f"{code} {rate}" for code, rate in payload.rates.items()),
    undo=_undo,
)
@dataclass(frozen=True)
class DealsRevalued:
    """*rates*: currency -> the rate of the day (decimal text)."""

    deals: int
    rates: dict[str, str]


def foreign(own: str) -> Any:
    """Open deals with a sum in another currency than *own*."""
    return Deal.objects.filter(outcome=Outcome.OPEN, amount__isnull=False).exclude(currency=own)


@dataclass(frozen=True)
class Standing:
    """How the open deals in other currencies stand: how many by currency, and how many of them have no rate."""

    by_currency: dict[str, int]
    without_rate: int


def standing(own: str) -> Standing:
    """For the page of rates; one query."""
    rows = foreign(own).values_list("currency", "amount_base")
    counted = Counter(currency for currency, _base in rows)
    return Standing(dict(counted.most_common()), sum(base is None for _currency, base in rows))


@transaction.atomic
def revalue_open_deals(*, actor: Member) -> Event | None:
    """Count the sums of open deals in other currencies at today's rates; None when nothing differs.

    Each change is a dated state of the deal («rate»), so that reports as of earlier days keep their sums. A deal whose
    currency has no rate stays as it is. Raises `Forbidden`.
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    workspace = actor.workspace
    rates = rates_on(clock.today())
    wanted = [
        (deal, base)
        for deal in foreign(workspace.currency).order_by("pk")
        if deal.currency in rates
        and (base := converted(deal.amount, rates[deal.currency])) != deal.amount_base
    ]
    if not wanted:
        return None
    used = {deal.currency: str(rates[deal.currency].normalize()) for deal, _base in wanted}
    payload = DealsRevalued(len(wanted), used)
    with recording(payload, actor=actor, subjects=[("workspace", workspace.pk)]) as event:
        for deal, _base in wanted:
            at = history.lock(deal)
            # Read anew under the lock: the sum may have been changed, or the deal closed, a moment ago.
            if not deal.is_open or deal.amount is None or deal.currency not in rates:
                continue
            base = converted(deal.amount, rates[deal.currency])
            if base != deal.amount_base:
                history.change(deal, {"amount_base": base}, at=at, cause=Cause.RATE, event=event)
                history.write(deal)
    return event
