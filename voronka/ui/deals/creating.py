"""A new deal, from anywhere: only what is needed now, the rest waits on the card."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from voronka.catalog.models import Product
from voronka.clients.models import Company, Person, Source
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.deals.actions import create_deal
from voronka.deals.choices import DealKind, Interest
from voronka.playbook.models import Funnel
from voronka.playbook.queries import funnel_of_pair
from voronka.ui.access import workspace_view
from voronka.ui.clients.choosing import NEW, company_from, person_from
from voronka.ui.deals.board import FUNNEL_COOKIE
from voronka.ui.deals.moves import deal_url, undo_url
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.shape.creation import ask, given, own_of
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject


class RemoteSelect(forms.Select):
    """A select whose choices come from an address; only the chosen one is drawn (and asked for only then)."""

    def __init__(self, chosen: Callable[[], list[tuple[str, str]]], attrs: dict[str, Any]) -> None:
        super().__init__(attrs, choices=CallableChoiceIterator(lambda: [("", ""), *chosen()]))


class DealForm(forms.Form):
    """What is asked at creation; the client and the person may be typed anew (`new:<name>`)."""

    title = forms.CharField(label=gettext_lazy("What does the client want?"))
    company = forms.CharField(label=gettext_lazy("Client"), required=False)
    person = forms.CharField(label=gettext_lazy("Contact person"), required=False)
    funnel: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Funnel"), empty_label=None
    )
    amount = forms.CharField(
        label=gettext_lazy("Sum"), required=False, widget=forms.TextInput({"data-money": ""})
    )
    expected_close = forms.DateField(
        label=gettext_lazy("Expected close"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    source: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Source"), required=False, empty_label="—"
    )
    product: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Product"), required=False, empty_label="—"
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=DealKind.choices, required=False)
    interest = forms.ChoiceField(label=gettext_lazy("Interest"), required=False)
    owner: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Responsible"), required=False
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.member: Member = request.member  # type: ignore[attr-defined]
        slug = request.workspace.slug  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs |= {
            "autofocus": "",
            "placeholder": _("For example: pallet racks, 2nd stage"),
        }
        self.fields["company"].widget = RemoteSelect(
            lambda: self._chosen("company", Company),
            {"data-combobox": "", "data-create": "", "data-source": workspace_url("companies_options", slug)},
        )
        self.fields["person"].widget = RemoteSelect(
            lambda: self._chosen("person", Person),
            {"data-combobox": "", "data-create": "", "data-source": workspace_url("people_options", slug)},
        )
        self.fields["funnel"].queryset = Funnel.objects.filter(archived_at=None).order_by("order", "id")  # type: ignore[attr-defined]
        self.fields["interest"].choices = [("", "—"), *Interest.choices]  # type: ignore[attr-defined]
        self.fields["source"].queryset = Source.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["product"].queryset = Product.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        reach = self.member.reach(Subject.DEAL, Action.CREATE)
        if reach > Reach.OWN:
            owners = Member.objects.active()
            if reach == Reach.TEAM:
                owners = owners.filter(team__in=self.member.team_ids)
            self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
            self.fields["owner"].empty_label = self.member.name  # type: ignore[attr-defined]
        else:
            del self.fields["owner"]
        ask(self, request, "deal")
        for name in self.member.hidden_fields("deal") | self.member.readonly_fields("deal"):
            self.fields.pop(name, None)

    @property
    def own(self) -> list[forms.BoundField]:
        """The company's own fields that are required."""
        return own_of(self)

    def _chosen(self, name: str, model: Any) -> list[tuple[str, str]]:
        """The present choice, to be drawn again: an object the member sees, or the new name."""
        value = str(self.data.get(name) or self.initial.get(name) or "")
        if value.startswith("new:"):
            return [(value, value.removeprefix("new:"))]
        if value.isdecimal() and len(value) < 19:
            found = model.objects.present().visible_to(self.member, by_row=True).filter(pk=int(value)).first()
            return [(value, str(found))] if found else []
        return []

    def clean_amount(self) -> Any:
        try:
            return parse_amount(self.cleaned_data["amount"])
        except Unreadable as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        return title


@require_http_methods(["GET", "POST"])
@once
@workspace_view(Subject.DEAL, Action.CREATE)
def new(request: HttpRequest) -> HttpResponse:
    """The form; POST creates the deal, and the client and the person when they are new."""
    if request.method == "GET":
        form = DealForm(request, initial=_proposed(request))
        return _form(request, form)
    form = DealForm(request, request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        deal = _create(request, form.cleaned_data, given(form))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _form(request, form, status=422)
    event = deal.states.select_related("event").get().event
    text = _("Deal № %(number)s is created") % {"number": deal.shown_number}
    # The board shows the new card; the client's card, Today or a report do not, so the way to it is in the toast.
    back = undo_url(request, event)
    return done(request, text, redirect=deal_url(request, deal), undo_url=back, opens=True)


def _create(request: HttpRequest, data: dict[str, Any], own: dict[str, Any]) -> Any:
    member = request.member  # type: ignore[attr-defined]
    # The verb is a transaction of its own; one around it is needed only where a client is made on the way.
    makes_client = data["company"].startswith(NEW) or data["person"].startswith(NEW)
    with transaction.atomic() if makes_client else nullcontext():
        company = company_from(member, data["company"])
        person = person_from(member, data["person"], company=company)
        return create_deal(
            actor=member,
            title=data["title"],
            funnel=data["funnel"],
            company=company,
            person=person,
            amount=data.get("amount"),
            expected_close=data.get("expected_close"),
            source=data.get("source"),
            product=data.get("product"),
            kind=data["kind"] or DealKind.NEW,
            interest=data.get("interest", ""),
            **own,
            owner=data.get("owner"),
        )


def _proposed(request: HttpRequest) -> dict[str, Any]:
    """The client and person of the card one came from; the funnel by segment, else the last one looked at."""
    member = request.member  # type: ignore[attr-defined]
    company = _visible(Company, member, request.GET.get("company", ""))
    person = _visible(Person, member, request.GET.get("person", ""))
    funnel = funnel_of_pair(None, company.segment) if company and company.segment_id else None
    last = request.COOKIES.get(FUNNEL_COOKIE, "")
    return {
        "company": company.pk if company else "",
        "person": person.pk if person else "",
        "funnel": funnel.pk if funnel else (int(last) if last.isdecimal() else None),
        "source": company.source_id if company else None,
        "kind": DealKind.REPEAT if company and company.deals.filter(outcome="won").exists() else DealKind.NEW,
        "title": request.GET.get("title", "")[:250],
    }


def _visible(model: Any, member: Member, value: str) -> Any:
    if not (value.isdecimal() and len(value) < 19):
        return None
    return model.objects.present().visible_to(member, by_row=True).filter(pk=int(value)).first()


@require_GET
@workspace_view(Subject.DEAL, Action.CREATE)
def funnel(request: HttpRequest) -> HttpResponse:
    """The field of the funnel, drawn anew when the client or the product was chosen: the book proposes one.

    What a person has chosen against the last proposal (`proposed`) stays; the proposal is then only said.
    """
    member = request.member  # type: ignore[attr-defined]
    company = _visible(Company, member, request.GET.get("company", ""))
    product = _product(request.GET.get("product", ""))
    found = funnel_of_pair(product.group if product else None, company.segment if company else None)
    present = request.GET.get("funnel", "")
    chosen = present if found is None or present != request.GET.get("proposed", "") else str(found.pk)
    form = DealForm(request, initial={"funnel": chosen})
    why = ""
    if found is not None:
        named = [part.name for part in (product and product.group, company and company.segment) if part]
        why = _("By the book (%(pair)s): %(funnel)s") % {"pair": " → ".join(named), "funnel": found.name}
    return _form(request, form, part="funnel", proposed=str(found.pk) if found else present, why=why)


def _product(value: str) -> Product | None:
    if not (value.isdecimal() and len(value) < 19):
        return None
    return Product.objects.filter(pk=int(value)).select_related("group").first()


def _form(
    request: HttpRequest,
    form: DealForm,
    *,
    status: int = 200,
    part: str = "form",
    proposed: str | None = None,
    why: str = "",
) -> HttpResponse:
    context = {
        "room": "deals",
        "form": form,
        "url": workspace_url("deal_new", request.workspace.slug),  # type: ignore[attr-defined]
        # What the select holds before anybody touches it counts as proposed.
        "proposed": proposed or form.data.get("proposed") or form["funnel"].value() or _first_of(form),
        "why": why,
    }
    return render_page(request, "deals/new.html", context, fragment=part, status=status)


def _first_of(form: DealForm) -> int | str:
    first = form.fields["funnel"].queryset.first()  # type: ignore[attr-defined]
    return first.pk if first else ""
