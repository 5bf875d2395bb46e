"""What a member hears, how and when: kinds by channels, quiet hours, the morning letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.desk.delivery.channels import BELL, Channel, channels
from voronka.desk.delivery.kinds import ASKING, KINDS
from voronka.desk.delivery.models import NoticeSettings
from voronka.desk.delivery.wishes import choose_notices, keep_on, settings_of, switch_off, wants
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.forms import add_refusal
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.tabs import profile_tabs, tabs


class TimeOfDay(forms.TimeField):
    """Hours and minutes, as browsers show them."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control form-control-sm"})


class WishesForm(forms.Form):
    """When something may come; the table of kinds is drawn beside it."""

    is_quiet = forms.BooleanField(
        label=gettext_lazy("Quiet hours"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        required=False,
        help_text=gettext_lazy("Letters wait for their end; the bell fills silently."),
    )
    quiet_from: Any = TimeOfDay(label=gettext_lazy("from"), required=False)
    quiet_till: Any = TimeOfDay(label=gettext_lazy("till"), required=False)
    has_digest = forms.BooleanField(
        label=gettext_lazy("Morning letter"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        required=False,
        help_text=gettext_lazy(
            "On working days: what is overdue, what today holds, what waits for an answer."
        ),
    )
    digest_at: Any = TimeOfDay(label=gettext_lazy("at"), required=False)
    most_letters = forms.IntegerField(
        label=gettext_lazy("Other letters a day at most"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("What is over waits for the morning letter."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for switch, names in (("is_quiet", ("quiet_from", "quiet_till")), ("has_digest", ("digest_at",))):
            for name in names:
                if cleaned.get(switch) and not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill in this field."))
        return cleaned


@dataclass(frozen=True)
class Cell:
    """One kind by one channel; a fixed one cannot be switched off."""

    channel: Channel
    checked: bool
    fixed: bool


@dataclass(frozen=True)
class KindRow:
    """A kind of notices and the ways it may come by."""

    kind: str
    label: Any
    cells: list[Cell]


def rows_of(settings: NoticeSettings) -> list[KindRow]:
    """The table of kinds × channels."""
    return [
        KindRow(
            kind,
            label,
            [
                Cell(channel, wants(settings, channel, kind), channel.code == BELL and kind in ASKING)
                for channel in channels()
            ],
        )
        for kind, label in {**KINDS, **ASKING}.items()
    ]


@workspace_view()
def notices(request: MemberRequest) -> HttpResponse:
    """Which notices come by which way, and when none."""
    found = settings_of(request.member)
    initial = {
        "is_quiet": found.quiet_from is not None,
        "quiet_from": found.quiet_from or "20:00",
        "quiet_till": found.quiet_till or "08:00",
        "has_digest": found.digest_at is not None,
        "digest_at": found.digest_at or "08:30",
        "most_letters": found.most_letters,
    }
    form = WishesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            choose_notices(
                actor=request.member,
                wanted={channel.code: request.POST.getlist(channel.code) for channel in channels()},
                quiet=(given["quiet_from"], given["quiet_till"]) if given["is_quiet"] else None,
                digest_at=given["digest_at"] if given["has_digest"] else None,
                most_letters=given["most_letters"],
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            back = workspace_url("profile_notices", request.workspace.slug)
            return done(request, _("Saved"), redirect=back, go=True)
    context = {
        "room": "settings",
        "tab": "profile",
        "tabs": tabs(request),
        "parts": profile_tabs(request, "profile_notices"),
        "form": form,
        "channels": [(channel, channel.obstacle(request.member)) for channel in channels()],
        "rows": rows_of(found),
    }
    return render_page(request, "settings/notices.html", context, status=422 if form.errors else 200)


@require_POST
@workspace_view()
def quieten(request: MemberRequest) -> HttpResponse:
    """The answer to «nobody reads these»: switch the kind off, or keep it."""
    kind = request.POST.get("kind", "")
    back = workspace_url("notices", request.workspace.slug)
    if "keep" in request.POST:
        keep_on(kind, actor=request.member)
        return done(request, _("They will go on coming."), redirect=back)
    switch_off(kind, actor=request.member)
    return done(request, _("Switched off. The profile switches them on again."), redirect=back)
