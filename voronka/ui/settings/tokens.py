"""Tokens of the API: one's own; administrators see and revoke everybody's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.accounts.forms import add_refusal, calm
from voronka.ui.htmx import done, render_page, trigger
from voronka.ui.navigation import workspace_url
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import create_token, revoke_token
from voronka.workspaces.models import ApiToken
from voronka.workspaces.rights import Action, Reach, Subject
from voronka.workspaces.scopes import Scope, reaches, widest_reach

TERMS = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("a year")),
    ("1095", gettext_lazy("three years")),
]


class TokenForm(forms.Form):
    """What a token is for, how far it reaches and how long it lives."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=100,
        help_text=gettext_lazy("Where it will be used: “Site”, “Accounting”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    reach = forms.TypedChoiceField(
        label=gettext_lazy("Whose things"),
        coerce=int,
        help_text=gettext_lazy("Never further than your own rights, as they are at that moment."),
    )
    term = forms.TypedChoiceField(label=gettext_lazy("Works for"), choices=TERMS, coerce=int, initial="365")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach: Any = self.fields["reach"]
        reach.choices = reaches()


@workspace_view()
def tokens(request: MemberRequest) -> HttpResponse:
    """The list: one's own, or everybody's for who configures the company."""
    return render_page(request, "settings/tokens.html", _context(request), fragment="list")


def _context(request: MemberRequest) -> dict[str, Any]:
    may_all = request.member.may(Subject.WORKSPACE, Action.CONFIGURE)
    everybody = may_all and request.GET.get("view") == "all"
    rows = ApiToken.objects.select_related("member")
    found = list(rows if everybody else rows.filter(member=request.member))
    labels = dict(Scope.choices)
    for token in found:
        token.words = [str(labels.get(scope, scope)) for scope in token.scopes]
        token.reach_word = str(Reach(token.reach).label)
    return {
        "room": "settings",
        "tab": "tokens",
        "tabs": tabs(request),
        "live": [token for token in found if token.is_live],
        "spent": [token for token in found if not token.is_live],
        "may_all": may_all,
        "everybody": everybody,
        "base_url": settings.BASE_URL,
        "per_minute": settings.API_PER_MINUTE,
    }


@sensitive_variables("secret")
@workspace_view()
def new(request: MemberRequest) -> HttpResponse:
    """The dialog that makes a token. Its secret is in the answer to this request and nowhere else."""
    form = TokenForm(request.POST or None, initial={"reach": widest_reach(request.member)})
    calm(form)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            token, secret = create_token(
                actor=request.member,
                name=given["name"],
                scopes=given["scopes"],
                reach=given["reach"],
                expires_at=clock.now() + dt.timedelta(days=given["term"]),
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            context = {"room": "settings", "token": token, "secret": secret, "base_url": settings.BASE_URL}
            response = render_page(request, "settings/token_made.html", context, fragment="made")
            response.headers["Cache-Control"] = "no-store"
            return trigger(response, "refresh")
    context = {
        "room": "settings",
        "form": form,
        "title": _("New token"),
        "url": workspace_url("token_new", request.workspace.slug),
        "submit": _("Create"),
    }
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


@require_POST
@workspace_view()
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a token worthless at once."""
    token = revoke_token(get_or_404(ApiToken.objects.all(), pk), actor=request.member)
    back = workspace_url("tokens", request.workspace.slug)
    return done(request, _("The token “%(name)s” is revoked.") % {"name": token.name}, redirect=back)
