"""Second factors outside any company: setting them up, using and losing them.

The flows are django-allauth's; the pages are ours. Inside a company the same things are listed in one's profile
(`voronka.ui.settings.security`), which is where one comes back to.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from voronka.ui.accounts.factors import asked_by_companies, is_last_needed
from voronka.ui.accounts.views import last_member
from voronka.ui.navigation import workspace_url
from voronka.workspaces.factors import factors_of, has_second_factor, must_set_up

BACK = "second_factor_back"


@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where every flow ends: back to the page that was asked for, to one's profile, or to setting a factor up."""
    if wanted := request.GET.get("next"):
        request.session[BACK] = wanted
    user: Any = request.user
    if has_second_factor(user):
        back = request.session.pop(BACK, "")
        if back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
            return redirect(back)
    member = last_member(user)
    if member is not None and not must_set_up(member):
        return redirect(workspace_url("security", member.workspace.slug))
    context = {"companies": asked_by_companies(user), "factors": factors_of(user)}
    return render(request, "accounts/second_factor.html", context)


class SecondStep(AuthenticateView):
    """The page between the password and the house."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = set(factors_of(self.stage.login.user).values_list("type", flat=True))
        found = {"has_app": "totp" in kinds, "has_passkey": "webauthn" in kinds}
        return {**super().get_context_data(**kwargs), **found}


class RecoveryCodes(ViewRecoveryCodesView):
    """Shown once, and to be taken away as a file: made in the page itself, so that nothing has to keep them."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lines = [_("Recovery codes of Voronka"), self.request.user.email, "", *context["unused_codes"]]
        return {**context, "codes_as_text": "\r\n".join(map(str, lines)) + "\r\n"}


class RemovePasskey(RemoveWebAuthnView):
    """Not the last one while a company asks for a second factor."""

    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, is_needed=is_last_needed(self.object))

    def form_valid(self, form: Any) -> HttpResponse:
        if is_last_needed(self.object):
            form.add_error(None, _("One of your companies requires a second factor: add another one first."))
            return self.form_invalid(form)
        return super().form_valid(form)


second_step = SecondStep.as_view()
recovery_codes = never_cache(RecoveryCodes.as_view())
remove_passkey = RemovePasskey.as_view()
