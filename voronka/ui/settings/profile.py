"""One's own name, language, theme, keys and password."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume_or_429
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.forms import PasswordForm, ProfileForm
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import edit_profile
from voronka.workspaces.rules import email_confirmed

YEAR = 60 * 60 * 24 * 365


@workspace_view()
def profile(request: MemberRequest) -> HttpResponse:
    """The page of one's own settings."""
    user = request.user
    initial = {
        "name": user.name,
        "language": user.language or (get_language() or "ru")[:2],
        "theme": user.theme,
        "keys_on": user.keys_on,
    }
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        edit_profile(actor=user, changes=form.cleaned_data)
        with override(form.cleaned_data["language"]):
            response = done(
                request, _("Saved"), redirect=workspace_url("profile", request.workspace.slug), go=True
            )
        # The script that draws the theme before the first pixel knows cookies only.
        response.set_cookie("theme", form.cleaned_data["theme"], max_age=YEAR, samesite="Lax")
        return response
    return _page(request, form, PasswordForm())


@sensitive_post_parameters("oldpassword", "password")
@workspace_view()
def password(request: MemberRequest) -> HttpResponse:
    """Change the password; other browsers are signed out by it."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST":
        if limited := consume_or_429(request, action="change_password"):
            return limited
        if form.is_valid() and _fits(request, form):
            get_adapter().set_password(request.user, form.cleaned_data["password"])
            update_session_auth_hash(request, request.user)
            return done(
                request,
                _("The new password is set; other browsers are signed out."),
                redirect=workspace_url("profile", request.workspace.slug),
                go=True,
            )
    user = request.user
    initial = {"name": user.name, "language": user.language, "theme": user.theme, "keys_on": user.keys_on}
    return _page(request, ProfileForm(initial=initial), form)


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


def _page(request: MemberRequest, form: ProfileForm, password_form: PasswordForm) -> HttpResponse:
    context = {
        "room": "settings",
        "tab": "profile",
        "tabs": tabs(request),
        "form": form,
        "password_form": password_form,
        "confirmed": email_confirmed(request.user),
    }
    status = 422 if form.errors or password_form.errors else 200
    return render_page(request, "settings/profile.html", context, status=status)
