"""One's own way in: password, address, second factors, sessions; and what the company asks of everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.password_change import change_password, finalize_password_change
from allauth.account.models import EmailAddress
from allauth.core.ratelimit import consume_or_429
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal import flows
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from voronka.core.errors import Forbidden
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.devices import device, device_icon
from voronka.ui.accounts.seen import note_browser
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.forms import EmailForm, PasswordForm
from voronka.ui.settings.tabs import profile_tabs, tabs
from voronka.workspaces.actions.security import note_sessions_ended, require_second_factor
from voronka.workspaces.factors import has_second_factor, kinds_of
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import email_confirmed


@dataclass(frozen=True)
class Session:
    """A browser somebody is signed in with."""

    pk: int
    device: str
    icon: str
    address: str
    last_seen_at: Any
    is_current: bool


@workspace_view()
def security(request: MemberRequest) -> HttpResponse:
    """The page of one's own way in."""
    return _page(request)


@sensitive_post_parameters("oldpassword", "password")
@workspace_view()
def password(request: MemberRequest) -> HttpResponse:
    """Change the password; other browsers are signed out by it."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST":
        if limited := consume_or_429(request, action="change_password"):
            return limited
        if form.is_valid() and _fits(request, form):
            change_password(request.user, form.cleaned_data["password"])
            flows.sessions.end_other_sessions(request, request.user)
            was = request.session.session_key
            finalize_password_change(request, request.user)
            # This browser goes on under a new key.
            UserSession.objects.filter(session_key=was).delete()
            return done(
                request,
                _("Other browsers are signed out."),
                redirect=workspace_url("security", request.workspace.slug),
                go=True,
            )
    return _page(request, password_form=form)


def _fits(request: MemberRequest, form: PasswordForm) -> bool:
    if not request.user.check_password(form.cleaned_data["oldpassword"]):
        form.add_error("oldpassword", _("The present password is wrong."))
        return False
    try:
        validate_password(form.cleaned_data["password"], request.user)
    except ValidationError as problem:
        form.add_error("password", problem)
        return False
    return True


@sensitive_post_parameters("password")
@workspace_view()
def email(request: MemberRequest) -> HttpResponse:
    """Ask for another address: the present one stays until the link in the letter to the new one is opened."""
    form = EmailForm(request.user, request.POST or None)
    if request.method == "POST":
        if limited := consume_or_429(request, action="manage_email", user=request.user):
            return limited
        if form.is_valid():
            wanted = form.cleaned_data["email"]
            EmailAddress.objects.add_new_email(request, request.user, wanted)
            return done(
                request,
                _("A letter with a link is on its way to %(email)s.") % {"email": wanted},
                redirect=workspace_url("security", request.workspace.slug),
                go=True,
            )
    return _page(request, email_form=form)


@require_POST
@workspace_view()
def email_forget(request: MemberRequest) -> HttpResponse:
    """Keep the present address after all."""
    if wanted := EmailAddress.objects.get_new(request.user):
        wanted.remove()
    return done(request, _("Your address stays."), redirect=workspace_url("security", request.workspace.slug))


@require_POST
@workspace_view()
def session_end(request: MemberRequest) -> HttpResponse:
    """Sign one browser out (`session`), or all but this one."""
    found = UserSession.objects.filter(user=request.user)
    wanted = request.POST.get("session", "")
    if wanted:
        found = found.filter(pk=wanted if wanted.isdecimal() and len(wanted) < 18 else 0)
    others = [session for session in found if not session.is_current()]
    flows.sessions.end_sessions(request, others)
    note_sessions_ended(request.user, len(others))
    return done(
        request,
        _("Signed out there.") if others else _("There is nobody to sign out."),
        redirect=workspace_url("security", request.workspace.slug),
    )


def _page(
    request: MemberRequest,
    *,
    password_form: PasswordForm | None = None,
    email_form: EmailForm | None = None,
) -> HttpResponse:
    user = request.user
    factors = {
        factor.type: factor for factor in Authenticator.objects.filter(user=user).exclude(type="webauthn")
    }
    codes: Any = factors.get("recovery_codes")
    context = {
        "room": "settings",
        "tab": "profile",
        "tabs": tabs(request),
        "parts": profile_tabs(request, "security"),
        "password_form": password_form or PasswordForm(),
        "email_form": email_form or EmailForm(user),
        "confirmed": email_confirmed(user),
        "new_email": EmailAddress.objects.get_new(user),
        "app": factors.get("totp"),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "passkeys": Authenticator.objects.filter(user=user, type="webauthn").order_by("pk"),
        "sessions": _sessions(request),
    }
    wrong = (password_form and password_form.errors) or (email_form and email_form.errors)
    return render_page(request, "settings/security.html", context, status=422 if wrong else 200)


def _sessions(request: MemberRequest) -> list[Session]:
    """The living sessions, this one first, then by when they were last used."""
    note_browser(request)
    living = sorted(
        UserSession.objects.purge_and_list(request.user),
        key=lambda session: (session.is_current(), session.last_seen_at),
        reverse=True,
    )
    return [
        Session(
            session.pk,
            device(session.user_agent),
            device_icon(session.user_agent),
            session.ip,
            session.last_seen_at,
            session.is_current(),
        )
        for session in living
    ]


@workspace_view(Subject.WORKSPACE, Action.SEE)
def company_security(request: MemberRequest) -> HttpResponse:
    """Whether the company asks for a second factor, and who has one."""
    if request.method == "POST":
        if not request.member.may(Subject.WORKSPACE, Action.CONFIGURE):
            raise Forbidden("configure workspace")
        on = request.POST.get("on") == "1"
        require_second_factor(actor=request.member, on=on)
        text = _("A second factor is required from now on.") if on else _("A second factor is not required.")
        return done(request, text, redirect=workspace_url("company_security", request.workspace.slug))
    people = list(Member.objects.active().exclude(user=None).select_related("role").order_by("name", "pk"))
    kinds = kinds_of(member.user_id for member in people)
    rows = [(member, kinds.get(member.user_id, set())) for member in people]
    context = {
        "room": "settings",
        "tab": "company_security",
        "tabs": tabs(request),
        "rows": sorted(rows, key=lambda row: bool(row[1])),
        "without": sum(not found for _member, found in rows),
        "required": request.workspace.second_factor_required,
        "has_own": has_second_factor(request.user),
        "may_switch": request.member.may(Subject.WORKSPACE, Action.CONFIGURE),
    }
    return render_page(request, "settings/company_security.html", context)
