"""The first deal: who, what, and the next step. One form, one transaction, then the card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.activities.actions import plan_activity
from voronka.clients.actions import create_company
from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.playbook.models import ActivityKind, Channel, Funnel
from voronka.ui.access import workspace_view
from voronka.ui.deals.moves import deal_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

CALL_AT = dt.time(11, 0)


class FirstDealForm(forms.Form):
    """As little as a deal can live by."""

    client = forms.CharField(
        label=gettext_lazy("Who wants to buy?"),
        max_length=250,
        widget=forms.TextInput({"autofocus": "", "placeholder": gettext_lazy("Company or name")}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "tel"}),
    )
    title = forms.CharField(label=gettext_lazy("What does the client want?"), max_length=250)
    amount = forms.CharField(
        label=gettext_lazy("Sum"), required=False, widget=forms.TextInput({"data-money": ""})
    )
    funnel: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Funnel"), empty_label=None
    )
    call = forms.BooleanField(
        label=gettext_lazy("Remind me to call on the next working day, at 11:00"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["funnel"].queryset = Funnel.objects.filter(archived_at=None).order_by("order", "id")  # type: ignore[attr-defined]
        if not member.sees("deal", "amount"):
            del self.fields["amount"]

    def clean_amount(self) -> Any:
        try:
            return parse_amount(self.cleaned_data["amount"])
        except Unreadable as problem:
            raise forms.ValidationError(str(problem)) from problem


@once
@workspace_view(Subject.DEAL, Action.CREATE)
def first_deal(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the client, the deal and the call, then the deal's card."""
    member: Member = request.member  # type: ignore[attr-defined]
    slug = request.workspace.slug  # type: ignore[attr-defined]
    if not Funnel.objects.filter(archived_at=None).exists():
        return HttpResponseRedirect(workspace_url("first_steps", slug))
    form = FirstDealForm(request.POST if request.method == "POST" else None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            deal = _create(member, form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            said = _("This is your first deal. Its stage says what to do next.")
            return done(request, said, redirect=deal_url(request, deal), go=True)
    context = {"room": "first_steps", "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "guide/first_deal.html", context, fragment="content", status=status)


@transaction.atomic
def _create(member: Member, data: dict[str, Any]) -> Deal:
    contacts = [("phone", data["phone"])] if data["phone"] else []
    company = create_company(actor=member, name=data["client"], contacts=contacts, in_passing=True)
    deal = create_deal(
        actor=member,
        title=data["title"],
        funnel=data["funnel"],
        company=company,
        amount=data.get("amount"),
    )
    kind = ActivityKind.objects.filter(channel=Channel.CALL, archived_at=None).order_by("order", "pk").first()
    if data["call"] and kind is not None:
        day = add_working_days(clock.today(), 1)
        due = dt.datetime.combine(day, CALL_AT, tzinfo=clock.shown_zone())
        plan_activity(
            actor=member, kind=kind, due_at=due, deal=deal, remind_at=due - dt.timedelta(minutes=15)
        )
    return deal
