"""Working days: the company's own beside the production calendar, and when colleagues are away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from voronka.core import clock
from voronka.core.calendar import is_short_day, is_working_day, last_decreed_year
from voronka.core.errors import Refused
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.accounts.forms import add_refusal
from voronka.ui.book.answers import undo_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.models import Absence, AbsenceKind, CompanyDay, DayKind, Member
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.working_days import (
    add_absence,
    may_arrange,
    remove_absence,
    set_company_day,
)

DAY = {"type": "date", "autocomplete": "off"}
# Absences that ended longer ago only lengthen the page.
SHOWN_BACK = dt.timedelta(days=30)


class AbsenceForm(forms.Form):
    """From when to when, and why."""

    member = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int)
    first = forms.DateField(label=gettext_lazy("From the day"), widget=forms.DateInput(attrs=DAY))
    last = forms.DateField(label=gettext_lazy("To the day"), widget=forms.DateInput(attrs=DAY))
    kind = forms.ChoiceField(label=gettext_lazy("Why"), choices=AbsenceKind.choices)

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.choices = [(member.pk, member.name) for member in members]


class CompanyDayForm(forms.Form):
    """One day of the company's own."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs=DAY))
    kind = forms.ChoiceField(label=pgettext_lazy("day", "What it is"), choices=DayKind.choices)
    name = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=100)


@workspace_view()
@once
def working_days(request: MemberRequest) -> HttpResponse:
    """The page; posting writes an absence down."""
    members = _members(request)
    initial = {"member": request.member.pk, "first": clock.today().isoformat()}
    form = AbsenceForm(request.POST or None, members=members, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        member = next(member for member in members if member.pk == given["member"])
        try:
            add_absence(
                member, actor=request.member, first=given["first"], last=given["last"], kind=given["kind"]
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return done(request, _("Written down"), redirect=_address(request))
    return _page(request, members, form, CompanyDayForm())


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
@once
def company_day(request: MemberRequest) -> HttpResponse:
    """Say what a day is, whatever the production calendar says of it."""
    form = CompanyDayForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            event = set_company_day(
                given["day"], actor=request.member, kind=given["kind"], name=given["name"]
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            undo = undo_url(request, event) if event else None
            return done(request, _("Saved"), redirect=_address(request), undo_url=undo)
    members = _members(request)
    return _page(request, members, AbsenceForm(members=members), form)


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def company_day_clear(request: MemberRequest, pk: int) -> HttpResponse:
    """The day is again what the production calendar says."""
    row = get_or_404(CompanyDay.objects.all(), pk)
    event = set_company_day(row.day, actor=request.member, kind="")
    undo = undo_url(request, event) if event else None
    return done(request, _("As in the production calendar"), redirect=_address(request), undo_url=undo)


@require_POST
@workspace_view()
def absence_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """They are working days again."""
    remove_absence(
        get_or_404(Absence.objects.select_related("member"), pk),
        actor=request.member,
    )
    return done(request, _("These are working days again"), redirect=_address(request))


def _members(request: MemberRequest) -> list[Member]:
    """Those whose days this member arranges, oneself first."""
    found = [
        member for member in Member.objects.active().order_by("name") if may_arrange(request.member, member)
    ]
    return sorted(found, key=lambda member: member.pk != request.member.pk)


def _address(request: MemberRequest) -> str:
    return workspace_url("working_days", request.workspace.slug)


def _page(
    request: MemberRequest, members: list[Member], form: AbsenceForm, day_form: CompanyDayForm
) -> HttpResponse:
    today = clock.today()
    mine = {member.pk for member in members}
    away = list(
        Absence.objects.filter(member__in=mine, last__gte=today - SHOWN_BACK).select_related("member")
    )
    # The decree of the next year comes in autumn: who plans ahead should know what the days rest on.
    ahead = [today.year, today.year + 1]
    context = {
        "room": "settings",
        "tabs": tabs(request),
        "tab": "working_days",
        "form": form,
        "day_form": day_form,
        "away": away,
        "today": today,
        "days": list(CompanyDay.objects.filter(day__year__gte=today.year)),
        "may_set": request.member.may(Subject.WORKSPACE, Action.CONFIGURE),
        "unknown_years": [year for year in ahead if year > last_decreed_year()],
        "short": [day for day in _year_from(today) if is_short_day(day)],
        "moved": [day for day in _year_from(today) if day.weekday() > 4 and is_working_day(day)],
        "alone": len(members) == 1,
    }
    status = 422 if form.errors or day_form.errors else 200
    return render_page(request, "settings/working_days.html", context, "page", status=status)


def _year_from(today: dt.date) -> list[dt.date]:
    return [today + dt.timedelta(days=shift) for shift in range(366)]
