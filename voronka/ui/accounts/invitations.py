"""What the link in an invitation leads to."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from voronka.core.errors import Refused
from voronka.core.tenancy import scope
from voronka.ui.accounts.forms import JoinForm, add_refusal, calm
from voronka.ui.accounts.seen import note_browser
from voronka.ui.accounts.views import first_page_of
from voronka.workspaces.actions import accept_invitation, create_user
from voronka.workspaces.actions.invitations import spent_reason
from voronka.workspaces.models import Invitation, Member, User
from voronka.workspaces.rules import token_digest

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites where; join with the account one has, or make one.

    The link came by e-mail, so whoever holds it has shown that the address is theirs.
    """
    found = (
        Invitation.objects.unscoped()
        .select_related("workspace", "role", "team", "invited_by")
        .filter(token_digest=token_digest(token))
        .first()
    )
    if found is None:
        return render(request, "accounts/invitation_spent.html", {"reason": ""}, status=404)
    with scope(found.workspace_id):
        if not found.is_open:
            return _spent(request, found)
        return _answer(request, found)


def _spent(request: HttpRequest, found: Invitation) -> HttpResponse:
    if request.user.is_authenticated and found.accepted_at:
        member = Member.objects.active().filter(user=request.user).select_related("workspace").first()
        if member:
            return redirect(first_page_of(member))
    return render(request, "accounts/invitation_spent.html", {"reason": spent_reason(found)}, status=410)


def _answer(request: HttpRequest, found: Invitation) -> HttpResponse:
    context = {"invitation": found, "mine": False, "has_account": False, "form": None, "refusal": None}
    if request.user.is_authenticated:
        context["mine"] = request.user.email.lower() == found.email.lower()
        if request.method == "POST":
            try:
                return _join(request, found, request.user)
            except Refused as refusal:
                context["refusal"] = refusal
        return render(request, "accounts/invitation.html", context, status=409 if context["refusal"] else 200)
    if User.objects.filter(email__iexact=found.email).exists():
        return render(request, "accounts/invitation.html", {**context, "has_account": True})
    form = JoinForm(request.POST or None, email=found.email, initial={"name": found.name})
    calm(form)
    if request.method == "POST" and form.is_valid():
        try:
            return _join_anew(request, found, form)
        except Refused as refusal:
            add_refusal(form, refusal)
    return render(
        request, "accounts/invitation.html", {**context, "form": form}, status=422 if form.errors else 200
    )


def _join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    with transaction.atomic():
        member = accept_invitation(found, user=user)
        EmailAddress.objects.filter(user=user, email__iexact=user.email).update(verified=True)
    return redirect(first_page_of(member))


def _join_anew(request: HttpRequest, found: Invitation, form: JoinForm) -> HttpResponse:
    with transaction.atomic():
        user = create_user(
            email=found.email,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            language=(get_language() or "ru")[:2],
            confirmed=True,
        )
        member = accept_invitation(found, user=user)
    login(request, user, backend=BACKEND)
    note_browser(request)
    return redirect(first_page_of(member))
