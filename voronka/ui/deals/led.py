"""People of ours, prices and competitors on the card of a deal: what is shown, and the dialogs that change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from voronka.catalog.dictionaries import ensure_competitor
from voronka.catalog.models import Competitor
from voronka.core import clock, formats
from voronka.core.errors import Forbidden, Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.deals.choices import Side
from voronka.deals.led.people import add_colleague, remove_colleague
from voronka.deals.led.rivals import remove_rival, set_rival
from voronka.deals.led.talks import make_offer, remove_offer
from voronka.deals.models import Deal, Offer, Rival
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.clients.choosing import NEW, person_from
from voronka.ui.deals.moves import answer, chosen, deal_of
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# The drawing of prices, in pixels of its own: dots keep clear of the edge.
WIDTH, HEIGHT, EDGE = 240, 64, 6


@dataclass(frozen=True)
class Curve:
    """Prices of one side as they went: *points* for a polyline, *dots* for each price."""

    side: str
    points: str
    dots: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RivalShown:
    """A competitor in words; *gap*: how its price stands to ours."""

    row: Rival
    url: str
    gap: str
    tone: str


def led(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    """Colleagues, prices and competitors for the card: three queries, two where sums are hidden."""
    member = request.member  # type: ignore[attr-defined]
    priced = member.sees("deal", "amount")
    offers = list(deal.offers.select_related("person", "member")) if priced else []
    rivals = list(deal.rivals.select_related("competitor"))
    return {
        "colleagues": list(deal.colleagues.select_related("member")),
        "priced": priced,
        "offers": offers[::-1],
        "curves": curves(offers),
        "rivals": [_rival(request, row, deal, priced) for row in rivals],
    }


def curves(offers: Sequence[Offer]) -> list[Curve]:
    """The way of both prices, oldest first; nothing to draw before there are two of one currency."""
    rows = [offer for offer in offers if offer.currency == offers[-1].currency]
    if len(rows) < 2:
        return []
    first, last = rows[0].day, rows[-1].day
    low, high = min(row.amount for row in rows), max(row.amount for row in rows)
    days, spread = (last - first).days, high - low

    def place(index: int, row: Offer) -> tuple[str, str]:
        along = (row.day - first).days / days if days else index / (len(rows) - 1)
        up = float((row.amount - low) / spread) if spread else 0.5
        x, y = EDGE + along * (WIDTH - 2 * EDGE), HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE)
        return f"{x:.1f}", f"{y:.1f}"

    found = []
    for side in Side.values:
        dots = [(*place(i, row), _words(row)) for i, row in enumerate(rows) if row.side == side]
        if dots:
            found.append(Curve(side, " ".join(f"{x},{y}" for x, y, _text in dots), tuple(dots)))
    return found


def _words(row: Offer) -> str:
    return f"{formats.short_date(row.day)}: {formats.money(row.amount, row.currency)}"


def _rival(request: HttpRequest, row: Rival, deal: Deal, priced: bool) -> RivalShown:
    url = f"{workspace_url('deal_rival', request.workspace.slug, deal.number)}?competitor={row.competitor_id}"  # type: ignore[attr-defined]
    if row.price is None:
        return RivalShown(row, url, _("price not known"), "v-soon")
    if not (priced and deal.amount):
        return RivalShown(row, url, "", "v-quiet")
    percent = round((row.price - deal.amount) * 100 / deal.amount)
    if percent == 0:
        return RivalShown(row, url, _("as ours"), "v-quiet")
    words = _("%(percent)s %% below ours") if percent < 0 else _("%(percent)s %% above ours")
    return RivalShown(row, url, words % {"percent": abs(percent)}, "v-bad" if percent < 0 else "v-good")


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def colleague(request: HttpRequest, number: int) -> HttpResponse:
    """Let one of ours take part in the deal."""
    deal = deal_of(request, number)
    others = Member.objects.active().exclude(pk=deal.owner_id)
    if request.method == "GET":
        row = deal.colleagues.filter(member=_number(request.GET.get("member"))).first()
        context = {
            "room": "deals",
            "deal": deal,
            "row": row,
            "members": list(others.select_related("team").order_by("name")),
        }
        return render_page(request, "deals/colleague.html", context, fragment="form")
    member = chosen(others, request.POST.get("member"), "member")
    if member is None:
        raise Refused(_("Choose a colleague."), field="member")
    event = add_colleague(
        deal,
        actor=request.member,  # type: ignore[attr-defined]
        member=member,
        part=request.POST.get("part", ""),
    )
    return answer(request, deal, event, _("%(person)s takes part in the deal") % {"person": member.name})


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def colleague_remove(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Take one of ours out of the deal."""
    deal = deal_of(request, number)
    member = get_or_404(Member.objects.all(), pk)
    event = remove_colleague(deal, actor=request.member, member=member)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("%(person)s is out of the deal") % {"person": member.name})


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
@once
def offer(request: HttpRequest, number: int) -> HttpResponse:
    """Write down a price: ours or the client's."""
    deal = deal_of(request, number)
    member = request.member  # type: ignore[attr-defined]
    if not member.sees("deal", "amount"):
        raise Forbidden("amount")
    if request.method == "GET":
        side = request.GET.get("side", "")
        context = {
            "room": "deals",
            "deal": deal,
            "sides": Side.choices,
            "side": side if side in Side.values else Side.OURS,
            "today": clock.today(),
            "may_set": "amount" not in member.readonly_fields("deal"),
        }
        return render_page(request, "deals/offer.html", context, fragment="form")
    event = make_offer(
        deal,
        actor=member,
        side=request.POST.get("side", ""),
        amount=_amount(request.POST.get("amount", ""), "amount"),
        day=_day(request.POST.get("day", "")),
        terms=request.POST.get("terms", ""),
        person=person_from(member, request.POST.get("person", ""), company=deal.company),
        set_amount=request.POST.get("set_amount") == "1",
    )
    return answer(request, deal, event, _("The price is written down"))


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def offer_remove(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Take away a price that was written down by mistake."""
    deal = deal_of(request, number)
    row = get_or_404(Offer.objects.filter(deal=deal), pk)
    event = remove_offer(row, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("The price is taken out of the talks"))


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def rival(request: HttpRequest, number: int) -> HttpResponse:
    """Name a competitor, its price and our answer; a new name becomes an entry of the list."""
    deal = deal_of(request, number)
    member = request.member  # type: ignore[attr-defined]
    if request.method == "GET":
        row = deal.rivals.filter(competitor=_number(request.GET.get("competitor"))).first()
        context = {
            "room": "deals",
            "deal": deal,
            "row": row,
            "competitors": list(Competitor.objects.filter(archived_at=None)),
        }
        return render_page(request, "deals/rival.html", context, fragment="form")
    event = set_rival(
        deal,
        actor=member,
        competitor=_competitor(member, request.POST.get("competitor", "")),
        price=_amount(request.POST.get("price", ""), "price"),
        answer=request.POST.get("answer", ""),
    )
    return answer(request, deal, event, _("Saved"))


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def rival_remove(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """A competitor does not bid any more."""
    deal = deal_of(request, number)
    competitor = get_or_404(Competitor.objects.all(), pk)
    event = remove_rival(deal, actor=request.member, competitor=competitor)  # type: ignore[attr-defined]
    return answer(request, deal, event, _("“%(name)s” is out of the deal") % {"name": competitor.name})


def _competitor(member: Member, value: str) -> Competitor:
    if value.startswith(NEW):
        try:
            return ensure_competitor(actor=member, name=value.removeprefix(NEW))
        except Refused as refusal:
            raise Refused(refusal.message, field="competitor") from refusal
    found = chosen(Competitor.objects.all(), value, "competitor")
    if found is None:
        raise Refused(_("Name the competitor."), field="competitor")
    return found


def _amount(value: str, field: str) -> Decimal | None:
    try:
        return parse_amount(value)
    except Unreadable as problem:
        raise Refused(str(problem), field=field) from problem


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Refused(_("This is not a date."), field="day") from error


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 19 else None
