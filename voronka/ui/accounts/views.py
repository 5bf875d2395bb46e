"""Coming in: the first page, sign-up, sign-out, one's companies."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.email_verification import send_verification_email_for_user
from allauth.account.views import SignupView
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.ui.accounts.forms import CompanyForm, SignUpForm, add_refusal, calm
from voronka.ui.accounts.seen import remember_confirmation
from voronka.ui.htmx import done
from voronka.ui.navigation import ITEMS, shown, workspace_url
from voronka.ui.once import once
from voronka.workspaces.actions import create_workspace
from voronka.workspaces.models import Invitation, Member
from voronka.workspaces.rules import email_confirmed, invitation_token


def first_page_of(member: Member) -> str:
    """Where a member begins the day: Today, else the first room the role opens, else a page that says whom to ask."""
    slug = member.workspace.slug
    rooms = shown(ITEMS, slug=slug, member=member)
    return rooms[0].url if rooms else workspace_url("no_rights", slug)


def last_member(user: Any) -> Member | None:
    """Who the person was last, in whichever company; None without any."""
    memberships = list(Member.objects.unscoped().of_user(user).order_by("workspace__name"))
    here = (member for member in memberships if member.workspace_id == user.last_workspace_id)
    if found := next(here, None):
        return found
    return memberships[0] if len(memberships) == 1 else None


def home(request: HttpRequest) -> HttpResponse:
    """The welcome page, or straight to work in the company one was in last; else the choice."""
    if not request.user.is_authenticated:
        return render(request, "accounts/welcome.html")
    remember_confirmation(request, request.user)
    member = last_member(request.user)
    return redirect(first_page_of(member) if member else "my_companies")


@login_required
@once
def my_companies(request: HttpRequest) -> HttpResponse:
    """One's companies, and a form for one more."""
    form = CompanyForm(request.POST or None)
    calm(form)
    if request.method == "POST" and form.is_valid():
        language = (get_language() or "ru")[:2]
        try:
            member = create_workspace(
                user=request.user,  # type: ignore[arg-type]
                name=form.cleaned_data["company"],
                language=language,
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(workspace_url("first_steps", member.workspace.slug))
    memberships = Member.objects.unscoped().of_user(request.user).order_by("workspace__name")
    companies = [{"member": member, "url": first_page_of(member)} for member in memberships]
    context = {"companies": companies, "form": form, "invitations": waiting_for(request.user)}
    return render(request, "accounts/companies.html", context, status=422 if form.errors else 200)


def waiting_for(user: Any) -> list[tuple[Invitation, str]]:
    """Open invitations for the person's address, each with its link; none while the address is not confirmed:
    who signs up with somebody's address must not get that person's invitations."""
    if not email_confirmed(user):
        return []
    found = (
        Invitation.objects.unscoped()
        .select_related("workspace", "role", "invited_by")
        .filter(email__iexact=user.email, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .order_by("-pk")
    )
    return [(invitation, reverse("invitation", args=[invitation_token(invitation)])) for invitation in found]


class SignUp(SignupView):
    """The company, its first administrator and the way in: one form."""

    template_name = "account/signup.html"

    def get_form_class(self) -> type[SignUpForm]:
        return SignUpForm

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Refused as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)

    def get_success_url(self) -> str:
        """Asked for after the form has made the company, so the newest one of the new person is meant."""
        member = Member.objects.unscoped().of_user(self.user).order_by("-pk").first()
        return workspace_url("first_steps", member.workspace.slug) if member else "/"


sign_up = SignUp.as_view()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Only by a form: a link in somebody's page must not be able to do it."""
    logout(request)
    return redirect("/")


@login_required
@require_POST
def confirm_again(request: HttpRequest) -> HttpResponse:
    """Send the letter with the confirming link once more (not more often than every three minutes)."""
    if email_confirmed(request.user):
        remember_confirmation(request, request.user)
        return done(request, _("Thank you, the address is confirmed."), redirect="/", go=True)
    sent = send_verification_email_for_user(request, request.user)
    text = (
        _("The letter is on its way to %(email)s.") % {"email": request.user.email}  # type: ignore[union-attr]
        if sent
        else _("A letter was sent a moment ago. Look into your mailbox, also under spam.")
    )
    return done(request, text, redirect="/", level="success" if sent else "info")
