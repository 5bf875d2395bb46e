"""One's own name, language, hours, theme and keys."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.forms import add_refusal
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.forms import ProfileForm
from voronka.ui.settings.tabs import profile_tabs, tabs
from voronka.workspaces.actions import edit_profile
from voronka.workspaces.actions.own import OWN, edit_own_details

YEAR = 60 * 60 * 24 * 365


@workspace_view()
def profile(request: MemberRequest) -> HttpResponse:
    """The page of one's own settings."""
    user = request.user
    initial = {
        "name": user.name,
        "post": request.member.post,
        "phone": request.member.phone,
        "language": user.language or (get_language() or "ru")[:2],
        "time_zone": user.time_zone,
        "theme": user.theme,
        "keys_on": user.keys_on,
    }
    form = ProfileForm(request.POST or None, initial=initial, user=user, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, form)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            with override(form.cleaned_data["language"]):
                back = workspace_url("profile", request.workspace.slug)
                response = done(request, _("Saved"), redirect=back, go=True)
            # The script that draws the theme before the first pixel knows cookies only.
            response.set_cookie("theme", form.cleaned_data["theme"], max_age=YEAR, samesite="Lax")
            return response
    context = {
        "room": "settings",
        "tab": "profile",
        "tabs": tabs(request),
        "parts": profile_tabs(request, "profile"),
        "form": form,
    }
    return render_page(request, "settings/profile.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(request: MemberRequest, form: ProfileForm) -> None:
    own = {name: form.cleaned_data[name] for name in OWN if name in form.data}
    of_person = {name: value for name, value in form.cleaned_data.items() if name not in OWN}
    edit_own_details(actor=request.member, changes=own)
    edit_profile(actor=request.user, changes=of_person)
