"""What stands around every page: the language, the workspace, the content security policy."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.ui.accounts.seen import note_seen
from voronka.ui.htmx import refused
from voronka.workspaces.factors import must_set_up
from voronka.workspaces.models import Member
from voronka.workspaces.viewer import viewing

GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)

_IN_WORKSPACE = re.compile(r"^/w/(?P<slug>[-\w]+)(?:/|$)")


class ContentSecurityMiddleware:
    """Sends the one content security policy: nothing of others' hosts, no inline scripts, no eval."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class LanguageMiddleware:
    """The language of the person, else of the cookie, else of the browser, else Russian."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._use(request, translation.get_language_from_request(request))
        try:
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "ru")
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            return response
        finally:
            translation.deactivate()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """The person is known only now: AuthenticationMiddleware stands further in."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        chosen = getattr(request.user, "language", "")
        if chosen in dict(settings.LANGUAGES):
            self._use(request, chosen)

    @staticmethod
    def _use(request: HttpRequest, language: str) -> None:
        translation.activate(language)
        request.LANGUAGE_CODE = language


class WorkspaceMiddleware:
    """Enters the workspace named in the address and takes its slug away from the view.

    Sets `request.workspace` and `request.member` (None outside `/w/<slug>/`), `request.memberships` (all of the
    person's, by name of the company), the scope of the tenant managers and the time zones: the company's for days,
    the person's for hours. A workspace one is not an active member of does not exist (404). Nobody signed in: to
    the sign-in page and back, or 401 for htmx, so that a half-filled form survives. Without the second factor that
    the company requires: to setting one up.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.workspace = request.member = None  # type: ignore[attr-defined]
        found = _IN_WORKSPACE.match(request.path_info)
        if found is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        # All of the person's companies at once: the menu on every page names the others.
        everywhere = list(Member.objects.unscoped().of_user(request.user).order_by("workspace__name"))
        member = next((member for member in everywhere if member.workspace.slug == found["slug"]), None)
        if member is None:
            # Raised inside process_view, so that Django renders the ordinary 404 page.
            return self.get_response(request)
        request.member = member  # type: ignore[attr-defined]
        request.memberships = everywhere  # type: ignore[attr-defined]
        request.workspace = member.workspace  # type: ignore[attr-defined]
        note_seen(request, member)
        if must_set_up(member):
            return _factor_first(request)
        own = zoneinfo.ZoneInfo(request.user.time_zone) if request.user.time_zone else None
        company = zoneinfo.ZoneInfo(member.workspace.time_zone)
        with scope(member.workspace_id), timezone.override(company), clock.shown_in(own), viewing(member):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Views never see the slug: they have `request.workspace`."""
        if kwargs.pop("workspace_slug", None) is not None and request.workspace is None:  # type: ignore[attr-defined]
            raise Http404

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What a verb refuses and the view did not answer for itself."""
        if isinstance(exception, Refused):
            return refused(request, exception)
        if isinstance(exception, Forbidden):
            raise PermissionDenied(str(exception)) from exception
        return None


def _factor_first(request: HttpRequest) -> HttpResponse:
    """The company asks for a second factor, and this member has none: nothing else is to be had here."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") and not request.htmx else "/"  # type: ignore[attr-defined]
    address = f"{resolve_url('mfa_index')}?{urlencode({'next': back})}"
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", None):
        login = resolve_url(settings.LOGIN_URL)
        return HttpResponse(status=401, headers={"X-Sign-In": login})
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    # An action cannot be repeated by coming back to its address; the page it was asked from can.
    page = urlsplit(request.headers.get("Referer", ""))
    back = page.path if page.netloc == request.get_host() and _IN_WORKSPACE.match(page.path) else "/"
    return redirect_to_login(back, settings.LOGIN_URL)
