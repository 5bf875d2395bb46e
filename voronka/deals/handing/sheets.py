"""The hand-over sheet: what is drafted from the deal, what a person writes, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.clients.models import PostKind
from voronka.core import formats
from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.deals.choices import Attitude
from voronka.deals.handing.models import HandOver
from voronka.deals.hints.reading import hints_of
from voronka.workspaces.viewer import seen_now

if TYPE_CHECKING:
    from voronka.deals.models import Deal
    from voronka.workspaces.models import Member

PARTS = ("promises", "next_step", "people", "risks", "money")
MOST = 2000


def cleaned(sheet: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a sheet that say something. Raises `Refused` naming the part that is too long."""
    found = {}
    for name in PARTS:
        text = clean(sheet.get(name) or "", multiline=True)
        if problem := length_problem(text, MOST):
            raise Refused(problem, field=name)
        if text:
            found[name] = text
    return found


def lines(sheet: Mapping[str, str]) -> list[tuple[str, str]]:
    """(label, text) of each part that says something; money only to who may see sums."""
    labels = {name: str(HandOver._meta.get_field(name).verbose_name) for name in PARTS}  # type: ignore[union-attr]
    return [
        (labels[name], sheet[name])
        for name in PARTS
        if sheet.get(name) and (name != "money" or seen_now("deal", "amount"))
    ]


def draft(deal: Deal, actor: Member) -> dict[str, str]:
    """What the deal itself tells for the sheet, as *actor* sees it: next step, people, risks, money."""
    next_step = ""
    if deal.next_activity_at is not None:
        at = deal.next_activity_at
        # It is read on another day: «tomorrow» would be wrong then.
        when = formats.day_month(at)
        if deal.next_activity_has_time:
            when = f"{when}, {formats.clock_time(at)}"
        next_step = f"{when}: {deal.next_activity_text}"
    people = []
    for row in deal.participants.select_related("person"):
        words = [str(PostKind(row.kind).label)] if row.kind in PostKind.values else []
        words += [str(Attitude(row.attitude).label)] if row.attitude else []
        people.append(f"{row.person.name} ({', '.join(words)})" if words else row.person.name)
    money = []
    if actor.sees("deal", "amount"):
        if deal.amount is not None:
            money.append(_("Sum: %(sum)s") % {"sum": formats.money(deal.amount, deal.currency)})
        last = deal.offers.last()
        if last is not None:
            price = formats.money(last.amount, last.currency)
            money.append(f"{last.get_side_display()}: {price}, {formats.day_month(last.day)}")
    risks = [hint.line for hint in hints_of([deal], actor)[deal.pk]] if deal.is_open else []
    told = {
        "next_step": next_step,
        "people": "\n".join(people),
        "risks": "\n".join(risks),
        "money": "\n".join(money),
    }
    return {name: text for name, text in told.items() if text}
