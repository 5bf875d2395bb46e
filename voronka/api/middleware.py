"""What stands around every request of a program: who asks, how often, whether a second time; and calm errors.

Everything under `/api/` answers with JSON, the unexpected too. The token names the workspace; its member acts with
rights narrowed to the token's scopes and reach (`workspaces.scopes`), so that every verb and every list holds.
"""

from __future__ import annotations

import copy
import logging
import re
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.api.idempotency import once
from voronka.api.problems import CONTENT_TYPE, KINDS, Problem, no_token
from voronka.core.tenancy import scope
from voronka.workspaces.actions import count_use, live_token
from voronka.workspaces.factors import must_set_up
from voronka.workspaces.models import ApiToken, Member
from voronka.workspaces.scopes import narrowed
from voronka.workspaces.viewer import viewing

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
MOST_BYTES: Final = 1024 * 1024
_ROOT: Final = "/api/"
# What anybody may read: how the interface looks says nothing about anybody's data.
_OPEN: Final = frozenset({"/api/v1/openapi.json"})
_ID: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class ApiRequest(HttpRequest):
    """A request as the middleware hands it on (a type for the eye and for mypy)."""

    token: ApiToken
    member: Member
    request_id: str


class ApiMiddleware:
    """Lets programs in under `/api/` and leaves everything else alone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_ROOT):
            return self.get_response(request)
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        headers: dict[str, str] = {}
        try:
            response = self._calm(request, self._let_in(request, headers))
        except Problem as problem:
            response = problem.response(request)
        for name, value in headers.items():
            response.headers[name] = value
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _let_in(self, request: HttpRequest, headers: dict[str, str]) -> HttpResponse:
        if request.path_info in _OPEN:
            return self.get_response(request)
        _require_modest(request)
        token = live_token(_secret(request))
        if token is None:
            raise no_token()
        _count(token, headers)
        member = acting(token)
        if must_set_up(member):
            raise Problem(
                403,
                _(
                    "The company requires a second factor, and the token’s owner has none: set one up in the profile."
                ),
                "no-second-factor",
            )
        request.token, request.member = token, member  # type: ignore[attr-defined]
        zone = zoneinfo.ZoneInfo(token.workspace.time_zone)
        with scope(token.workspace_id), timezone.override(zone), viewing(member):
            if request.method == "POST" and "Idempotency-Key" in request.headers:
                return once(request, token, lambda: self._calm(request, self.get_response(request)))
            return self.get_response(request)

    @staticmethod
    def _calm(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A page about an error (no such address, no such method) as a program can read it."""
        kind = response.headers.get("Content-Type", "")
        if response.status_code < 400 or kind.startswith(CONTENT_TYPE):
            return response
        status = (
            response.status_code
            if response.status_code in KINDS
            else 500
            if response.status_code > 499
            else 400
        )
        calm = Problem(status).response(request)
        if "Allow" in response.headers:
            calm.headers["Allow"] = response.headers["Allow"]
        return calm


def acting(token: ApiToken) -> Member:
    """The token's member with no more rights than the token has."""
    member: Member = token.member
    member.workspace = token.workspace
    role = copy.copy(member.role)
    role.rights = narrowed(role.rights, token.scopes, token.reach)
    member.role = role
    return member


def _secret(request: HttpRequest) -> str:
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _count(token: ApiToken, headers: dict[str, str]) -> None:
    """Count the request and tell the program where it stands. Raises `Problem` 429."""
    limit = settings.API_PER_MINUTE
    use = count_use(token)
    headers["RateLimit-Limit"] = str(limit)
    headers["RateLimit-Remaining"] = str(max(0, limit - use.count))
    headers["RateLimit-Reset"] = str(use.seconds_left)
    if use.count > limit:
        raise Problem(
            429,
            _("The token may ask %(limit)s times a minute. Wait %(seconds)s s.")
            % {"limit": limit, "seconds": use.seconds_left},
            headers={"Retry-After": str(use.seconds_left)},
        )


def _require_modest(request: HttpRequest) -> None:
    """Raise `Problem` for a body that is too large or not JSON; nothing of it is read before that."""
    size = request.headers.get("Content-Length") or "0"
    try:
        too_large = int(size) > MOST_BYTES or len(request.body) > MOST_BYTES
    except (ValueError, RequestDataTooBig):
        too_large = True
    if too_large:
        raise Problem(413, _("A request has at most %(size)s KB.") % {"size": MOST_BYTES // 1024})
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if request.body and kind != "application/json":
        raise Problem(415, _("Send the body as JSON: “Content-Type: application/json”."))
