"""How an operation says what it needs, and how it finds what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from voronka.api.middleware import ApiRequest
from voronka.api.problems import Problem, no_scope, no_token
from voronka.core.errors import Forbidden, Refused
from voronka.workspaces.scopes import covers


class Token(HttpBearer):
    """The token that `ApiMiddleware` has found must cover *scope* ("" for any token).

    It also turns away parameters that the operation does not know: a filter with a slip of the pen would else answer
    with everything.
    """

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope
        # Filled in when the interface is built.
        self.knows: frozenset[str] = frozenset()

    def __call__(self, request: HttpRequest) -> Any:
        token = getattr(request, "token", None)
        if token is None:
            raise no_token()
        if self.scope and not covers(token.scopes, self.scope):
            raise no_scope(self.scope)
        if unknown := set(request.GET) - self.knows:
            errors = [
                {"field": name, "message": _("There is no such parameter.")} for name in sorted(unknown)
            ]
            raise Problem(422, _("There is no such parameter."), "invalid", errors=errors)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: the middleware has done it."""
        raise NotImplementedError


def needs(scope: str = "") -> dict[str, Any]:
    """What every operation is declared with: `@router.get("/deals/", **needs("deals:read"))`."""
    extra: dict[str, Any] = {"x-scope": scope} if scope else {}
    return {"auth": Token(scope), "openapi_extra": extra, "exclude_unset": True}


def require_scope(request: HttpRequest, scope: str) -> None:
    """Raise `Problem` 403 when the token lacks *scope*: for operations whose scope depends on what they are about."""
    if not covers(request.token.scopes, scope):  # type: ignore[attr-defined]
        raise no_scope(scope)


def guarded(scope: str) -> dict[str, Any]:
    """The same for operations that take `If-Match`."""
    about = "The ETag that was read: the change is made only to that version."
    header = {"in": "header", "name": "If-Match", "required": False, "schema": {"type": "string"}}
    declared = needs(scope)
    declared["openapi_extra"] |= {"parameters": [{**header, "description": about}]}
    return declared


class Merged(Exception):
    """What was asked for was merged: *old* is the id asked, *new* that of the one that stays."""

    def __init__(self, old: int, new: int) -> None:
        super().__init__(old, new)
        self.old, self.new = old, new

    def response(self, request: HttpRequest) -> HttpResponse:
        """Reading is led on; a change is not done to another thing than was named."""
        sentence = _("It was merged into number %(new)s: use that one.") % {"new": self.new}
        if request.method in ("GET", "HEAD"):
            path = request.get_full_path().replace(f"/{self.old}/", f"/{self.new}/", 1)
            problem = Problem(301, sentence, headers={"Location": path}, merged_into=self.new)
        else:
            problem = Problem(409, sentence, "merged", merged_into=self.new)
        return problem.response(request)


def found(rows: Any, pk: int, *, by: str = "pk") -> Any:
    """The one of *rows* (made by `visible_to`) with this id.

    Raises `Http404` when the workspace has none such (or it is deleted), `Forbidden` when it is out of reach, `Merged`
    when another one that is within reach has taken it over.
    """
    row = rows.filter(**{by: pk}).first()
    if row is not None or by != "pk":
        if row is None:
            raise Http404
        return row
    everything: Any = rows.model._default_manager.all()
    if hasattr(everything, "present"):
        if (winner := _winner(everything, pk)) and rows.filter(pk=winner).exists():
            raise Merged(pk, winner)
        everything = everything.present()
    if everything.filter(pk=pk).exists():
        raise Forbidden(f"{rows.model._meta.label_lower} {pk}")
    raise Http404


def _winner(rows: Any, pk: int) -> int | None:
    """The one that has taken over the row *pk*, through all merges since; None for a row that was not merged."""
    if not any(field.name == "merged_into" for field in rows.model._meta.get_fields()):
        return None
    seen: set[int] = set()
    winner = None
    while pk not in seen and (into := rows.filter(pk=pk).values_list("merged_into_id", flat=True).first()):
        seen.add(pk)
        winner = pk = into
    return winner


def related(rows: Any, pk: int | None, field: str) -> Any:
    """The one of *rows* that a body names in *field*; None for None. Raises `Refused` when there is none such."""
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Refused(_("There is no such choice."), field=field)
    return row


@contextmanager
def unchanged(request: HttpRequest, row: Any, hold: Callable[[], object] | None = None) -> Iterator[None]:
    """Do the work only on the version that `If-Match` names, if it names one.

    *hold* locks what the verb locks before the row itself, in the verb's order. Raises `Problem` 412.
    """
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted or wanted == "*":
        yield
        return
    with transaction.atomic():
        if hold is not None:
            hold()
        rows = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk)
        version = rows.values_list("version", flat=True).first()
        if wanted not in (etag(version), f"W/{etag(version)}"):
            raise Problem(
                412,
                _("It has been changed since you read it: read it again and repeat."),
                headers={"ETag": etag(version)},
            )
        yield


def etag(version: int | None) -> str:
    return f'"{version}"'


def tagged(response: HttpResponse, row: Any) -> None:
    """Tell the version, for `If-Match` later."""
    response.headers["ETag"] = etag(row.version)


__all__ = [
    "ApiRequest",
    "Merged",
    "Token",
    "etag",
    "found",
    "guarded",
    "needs",
    "related",
    "require_scope",
    "tagged",
    "unchanged",
]
