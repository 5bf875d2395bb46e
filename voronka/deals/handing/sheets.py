"""The hand-over sheet: what is drafted from the deal, what a person writes, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.clients.models import Person, Position, PostKind
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
        "people": "\n".join(_people(deal)),
        "risks": "\n".join(risks),
        "money": "\n".join(money),
    }
    return {name: text for name, text in told.items() if text}


def _people(deal: Deal) -> list[str]:
    """The main contact and who takes part, each with the role in this deal, else the one held in the company."""
    parts = {row.person_id: row for row in deal.participants.all()}
    ids = [*([deal.person_id] if deal.person_id else []), *parts]
    people = Person.objects.filter(pk__in=ids, deleted_at=None)
    posts = Position.objects.filter(person__in=ids, company=deal.company_id).order_by("is_main")
    held = {post.person_id: post for post in posts}
    found = []
    for person in sorted(people, key=lambda one: (one.pk != deal.person_id, one.name_key)):
        part, post = parts.get(person.pk), held.get(person.pk)
        kind = (part.kind if part else "") or (post.kind if post else "")
        words = [post.title] if post and post.title else []
        words += [str(PostKind(kind).label)] if kind in PostKind.values else []
        words += [str(Attitude(part.attitude).label)] if part and part.attitude else []
        found.append(f"{person.name} ({', '.join(words)})" if words else person.name)
    return found
