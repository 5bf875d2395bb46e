"""Rates of currencies: by hand, from a pasted table, and open deals counted anew by them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount, parse_date
from voronka.deals.revaluing import revalue_open_deals, standing
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.book.answers import undo_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.models import Rate
from voronka.workspaces.rates import NewRate, set_rates
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import CURRENCIES

SHOWN = 200


class RateForm(forms.Form):
    """One rate."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    day = forms.DateField(label=gettext_lazy("From the day"), widget=forms.DateInput(attrs={"type": "date"}))
    value = forms.CharField(
        label=gettext_lazy("Rate"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in CURRENCIES if code != own]  # type: ignore[attr-defined]

    def clean_value(self) -> Any:
        try:
            return parse_amount(self.cleaned_data["value"], places=6)
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None


@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
@once
def rates(request: MemberRequest) -> HttpResponse:
    """What is known, a rate by hand, and how the deals in other currencies stand."""
    own = request.workspace.currency
    initial = {"day": clock.today().isoformat()}
    form = RateForm(request.POST or None, own=own, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            event = set_rates(
                [NewRate(given["currency"], given["day"], given["value"])], actor=request.member
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return _done(request, _("Rate saved"), event)
    context = {
        "room": "settings",
        "tabs": tabs(request),
        "tab": "rates",
        "form": form,
        "own": own,
        "rows": list(Rate.objects.order_by("-day", "currency")[:SHOWN]),
        "standing": standing(own),
    }
    return render_page(request, "settings/rates.html", context, "page", status=422 if form.errors else 200)


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
@once
def paste(request: MemberRequest) -> HttpResponse:
    """Many rates: lines of currency, day and rate, as they are copied from a table."""
    found, faults = read_lines(request.POST.get("lines", ""))
    if faults:
        raise Refused(
            _("These lines cannot be read: %(lines)s.") % {"lines": "; ".join(faults[:5])}, field="lines"
        )
    if not found:
        raise Refused(_("Paste lines like “USD 22.11.2026 81,25”."), field="lines")
    event = set_rates(found, actor=request.member)
    text = ngettext("%(count)s rate saved", "%(count)s rates saved", len(found)) % {"count": len(found)}
    return _done(request, text, event)


def read_lines(text: str) -> tuple[list[NewRate], list[str]]:
    """Rates in *text*, and the lines that are none. Currency, day and rate stand in any order, between ; tab or spaces."""
    found, faults = [], []
    for line in text.splitlines():
        words = [word for word in re.split(r"[;\t|]|\s+", line.strip()) if word]
        if not words:
            continue
        rate = _read(words)
        if rate is None:
            faults.append(line.strip()[:60])
        else:
            found.append(rate)
    return found, faults


def _read(words: list[str]) -> NewRate | None:
    codes = [word.upper() for word in words if word.upper() in CURRENCIES]
    rest = [word for word in words if word.upper() not in CURRENCIES]
    if len(codes) != 1 or len(rest) != 2:
        return None
    for day_text, value_text in (rest, rest[::-1]):
        try:
            day, value = parse_date(day_text), parse_amount(value_text, places=6)
        except Unreadable:
            continue
        if day is not None and value is not None:
            return NewRate(codes[0], day.date() if isinstance(day, dt.datetime) else day, value)
    return None


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a rate away: the one before holds on."""
    row = get_or_404(Rate.objects.all(), pk)
    event = set_rates([NewRate(row.currency, row.day, None)], actor=request.member)
    return _done(request, _("Rate removed"), event)


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def revalue(request: MemberRequest) -> HttpResponse:
    """Count open deals in other currencies at today's rates."""
    event = revalue_open_deals(actor=request.member)
    if event is None:
        return _done(request, _("All sums stand at today's rates already"), None)
    count = event.payload["deals"]
    text = ngettext("%(count)s deal counted anew", "%(count)s deals counted anew", count) % {"count": count}
    return _done(request, text, event)


def _done(request: MemberRequest, text: str, event: Any) -> HttpResponse:
    back = workspace_url("rates", request.workspace.slug)
    return done(request, text, redirect=back, undo_url=undo_url(request, event) if event else None)
