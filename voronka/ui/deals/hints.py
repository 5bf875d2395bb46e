"""«Следующий шаг»: what is missing for the deal to go on, each with the button that does it. Three at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core import clock, formats
from voronka.core.calendar import working_days_since
from voronka.deals.models import Deal
from voronka.ui.deals.shown import BAD, SOON, in_days
from voronka.ui.navigation import optional_url, workspace_url

MOST = 3
SILENT_DAYS = 14


@dataclass(frozen=True)
class Hint:
    """One thing to do. `url` opens in the dialog; without one the button presses `[data-inline-open]` of *field*."""

    icon: str
    tone: str
    title: str
    text: str
    label: str
    url: str


def hints(request: HttpRequest, deal: Deal, *, knows_decider: bool) -> list[Hint]:
    """What matters most first."""
    found = []
    for hint in _all(request, deal, knows_decider):
        found.append(hint)
        if len(found) == MOST:
            break
    return found


def _all(request: HttpRequest, deal: Deal, knows_decider: bool) -> Iterator[Hint]:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    plan = optional_url("activity_new", slug)
    plan = f"{plan}?deal={deal.pk}" if plan else ""
    now = clock.now()
    member = request.member  # type: ignore[attr-defined]
    asked = {"amount", "expected_close"} - member.hidden_fields("deal") - member.readonly_fields("deal")
    if deal.next_activity_at is None:
        yield Hint(
            "alert-circle",
            BAD,
            _("No next step"),
            _("Agree on the next contact, or the client cools down."),
            _("Plan"),
            plan,
        )
    elif deal.next_activity_at < now and (
        deal.next_activity_has_time or (in_days(deal.next_activity_at) or 0) > 0
    ):
        late = in_days(deal.next_activity_at) or 0
        text = (
            ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late} if late else _("today")
        )
        yield Hint(
            deal.next_activity_icon or "alert-circle", BAD, deal.next_activity_text, text, _("Plan"), plan
        )
    limit = deal.stage.limit_days
    passed = working_days_since(deal.stage_since, until=clock.today())
    if limit and passed > limit:
        yield Hint(
            "clock-exclamation",
            BAD,
            _("Too long on “%(stage)s”") % {"stage": deal.stage.name},
            _("%(passed)s of %(limit)s working days: move on, or decide.")
            % {"passed": passed, "limit": limit},
            _("Move"),
            workspace_url("deal_move", slug, deal.number),
        )
    if "expected_close" in asked and deal.expected_close and deal.expected_close < clock.today():
        yield Hint(
            "calendar-exclamation",
            SOON,
            _("The expected date has passed"),
            _("It was %(day)s. When will the client decide now?")
            % {"day": formats.short_date(deal.expected_close)},
            _("Set the date"),
            workspace_url("deal_dates", slug, deal.number),
        )
    if "amount" in asked and deal.amount is None:
        yield Hint(
            "coin",
            SOON,
            _("The sum is not known"),
            _("Without it the deal adds nothing to the forecast."),
            _("Set the sum"),
            workspace_url("deal_dates", slug, deal.number),
        )
    if not knows_decider and deal.company_id:
        yield Hint(
            "user-question",
            SOON,
            _("Who decides is not known"),
            _("Find out who signs, and add this person."),
            _("Add"),
            workspace_url("deal_person", slug, deal.number),
        )
    silent = in_days(deal.last_contact_at)
    if silent is not None and silent > SILENT_DAYS:
        words = ngettext("No contact for %(days)s day", "No contact for %(days)s days", silent)
        yield Hint("message-off", SOON, words % {"days": silent}, _("Remind of yourself."), _("Plan"), plan)
