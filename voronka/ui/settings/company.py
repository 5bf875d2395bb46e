"""The company's own settings."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from voronka.core.errors import Forbidden, Refused
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.forms import add_refusal
from voronka.ui.accounts.views import first_page_of
from voronka.ui.book.answers import answer, listening, touched
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.forms import CompanySettingsForm
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import edit_workspace
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


@workspace_view()
def start(request: MemberRequest) -> HttpResponse:
    """The bare address of the company leads to where the day begins."""
    return redirect(first_page_of(request.member))


@workspace_view()
def no_rights(request: MemberRequest) -> HttpResponse:
    """For whoever has a role that opens no room: who can change that."""
    managers = Member.objects.active().filter(role__rights__member__edit__gt=0).order_by("name")[:5]
    return render_page(request, "settings/no_rights.html", {"room": "", "managers": managers})


@workspace_view()
def index(request: MemberRequest) -> HttpResponse:
    """The settings begin with the company for those who manage it, else with oneself."""
    manages = request.member.may(Subject.WORKSPACE, Action.SEE)
    return redirect(workspace_url("company_settings" if manages else "profile", request.workspace.slug))


@workspace_view(Subject.WORKSPACE, Action.SEE)
def company(request: MemberRequest) -> HttpResponse:
    """Name, currency, time zone, language."""
    names = list(CompanySettingsForm.base_fields)
    initial = {name: getattr(request.workspace, name) for name in names}
    form = CompanySettingsForm(request.POST or None, initial=initial, workspace=request.workspace)
    if request.method == "POST":
        if not request.member.may(Subject.WORKSPACE, Action.CONFIGURE):
            raise Forbidden("configure workspace")
        if form.is_valid():
            try:
                changes, was = touched(request, form)
                with listening(request) as heard:
                    edit_workspace(actor=request.member, changes=changes, was=was)
            except Refused as refusal:
                if refusal.field is None:
                    raise
                add_refusal(form, refusal)
            else:
                back = workspace_url("company_settings", request.workspace.slug)
                return answer(request, heard, _("Saved"), redirect=back, go=True)
    context = {
        "room": "settings",
        "tab": "company",
        "tabs": tabs(request),
        "form": form,
        "was": initial,
        "address": request.build_absolute_uri(f"/w/{request.workspace.slug}/"),
    }
    return render_page(
        request, "settings/company.html", context, fragment="form", status=422 if form.errors else 200
    )
