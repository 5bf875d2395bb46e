"""How a deal reads on a board, in a list and on its card: words and tones, no markup."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock, formats
from voronka.core.calendar import working_days_since
from voronka.deals.choices import Interest, Priority
from voronka.deals.models import Deal
from voronka.ui.navigation import workspace_url
from voronka.workspaces.viewer import seen_now

GOOD, SOON, BAD, QUIET = "v-good", "v-soon", "v-bad", "v-quiet"
# From this share of the stage's time limit on the deal is worth a look.
NEARLY = 0.8


@dataclass(frozen=True)
class Said:
    """A few words, their tone and icon."""

    text: str
    tone: str = QUIET
    icon: str = ""


@dataclass(frozen=True)
class CardShown:
    """A deal on the board, for components/deal_card.html."""

    deal: Deal
    url: str
    name: str
    client: str
    sum_text: str
    age_text: str
    age_tone: str
    next_text: str
    next_tone: str
    next_icon: str
    owner: str
    flags: list[Said]


def card(deal: Deal, slug: str) -> CardShown:
    """The words of a board card; needs `company`, `owner` and `stage` loaded."""
    age, step = age_in_stage(deal), next_step(deal)
    return CardShown(
        deal=deal,
        url=workspace_url("deal", slug, deal.number),
        name=deal.title,
        client=deal.company.name if deal.company else "",
        sum_text=formats.money(deal.seen_amount, deal.currency) if deal.seen_amount is not None else "",
        age_text=age.text,
        age_tone=age.tone,
        next_text=step.text,
        next_tone=step.tone,
        next_icon=step.icon,
        owner=deal.owner.name if deal.owner else "",
        flags=flags(deal),
    )


def age_in_stage(deal: Deal) -> Said:
    """Working days in the stage against its limit: «4 из 5 дн.»; plain days where no limit is set."""
    passed = working_days_since(deal.stage_since, until=clock.today())
    limit = deal.stage.limit_days
    if not limit:
        return Said(_("%(days)s d.") % {"days": passed})
    tone = BAD if passed > limit else SOON if passed >= limit * NEARLY and passed > 1 else GOOD
    return Said(_("%(passed)s of %(limit)s d.") % {"passed": passed, "limit": limit}, tone)


def load(count: int, limit: int | None) -> Said | None:
    """A column against the number of deals that the book advises for it; nothing while there is room."""
    if not limit or count < limit:
        return None
    if count == limit:
        return Said(_("Full: %(limit)s deals at most") % {"limit": limit}, SOON, "alert-circle")
    words = ngettext(
        "Over the limit of %(limit)s by %(over)s", "Over the limit of %(limit)s by %(over)s", count - limit
    )
    return Said(words % {"limit": limit, "over": count - limit}, BAD, "alert-circle")


def next_step(deal: Deal) -> Said:
    """What comes next, with red for none and for overdue, green for today."""
    at = deal.next_activity_at
    if at is None:
        return Said(_("No next step"), BAD, "alert-circle")
    icon = deal.next_activity_icon or "arrow-right"
    now = clock.now()
    day, today = timezone.localdate(at), timezone.localdate(now)
    if day < today:
        late = (today - day).days
        words = ngettext("%(days)s day late: %(what)s", "%(days)s days late: %(what)s", late)
        return Said(words % {"what": deal.next_activity_text, "days": late}, BAD, "alert-circle")
    when = formats.short_datetime(at) if deal.next_activity_has_time else formats.short_date(at)
    # The day first: where the line is cut, it is the words that go.
    text = f"{when} · {deal.next_activity_text}"
    if day == today:
        late_today = deal.next_activity_has_time and at < now
        return Said(text, BAD if late_today else GOOD, "alert-circle" if late_today else icon)
    return Said(text, QUIET, icon)


def flags(deal: Deal) -> list[Said]:
    """The seller's marks: high priority, a hot client."""
    shown = []
    if deal.priority == Priority.HIGH:
        shown.append(Said(_("High priority"), SOON, "flag"))
    if deal.interest == Interest.HOT and seen_now("deal", "interest"):
        shown.append(Said(_("Hot interest"), BAD, "flame"))
    return shown


def close_date(deal: Deal) -> Said:
    """The expected date; red when an open deal's has passed."""
    if deal.expected_close is None or not seen_now("deal", "expected_close"):
        return Said("—")
    passed = deal.is_open and deal.expected_close < clock.today()
    return Said(formats.short_date(deal.expected_close), BAD if passed else "")


def in_days(moment: dt.datetime | None) -> int | None:
    """Whole days since *moment*, by the calendar."""
    return None if moment is None else (clock.today() - timezone.localdate(moment)).days


def person_name(member: Any) -> str:
    """A colleague's name, or a dash."""
    return member.name if member else "—"
