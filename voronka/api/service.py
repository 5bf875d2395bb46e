"""The interface itself: how bodies are read, how errors are told, which rooms it has."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError as FieldError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

from voronka.api.access import Merged, Token
from voronka.api.problems import Problem, fault
from voronka.core.edits import PREFIX, jsonable
from voronka.core.errors import Conflict, Forbidden, Refused
from voronka.deals.leaving.checking import Unfinished

logger = logging.getLogger(__name__)


class StrictParser(Parser):
    """JSON as the standard has it, with texts that a database can hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        return readable(json.loads(request.body, parse_constant=_no_constant))

    def parse_querydict(self, data: Any, list_fields: Any, request: HttpRequest) -> Any:
        for name in data:
            for value in data.getlist(name):
                if "\x00" in value or "\x00" in name:
                    raise Problem(400, _("The address has characters that no text has."))
        return super().parse_querydict(data, list_fields, request)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def readable(value: Any) -> Any:
    """*value* if no text in it has NULs or halves of characters; raises `ValueError`."""
    if isinstance(value, str):
        value.encode("utf-8")
        if "\x00" in value:
            raise ValueError("NUL")
    elif isinstance(value, dict):
        for name, inner in value.items():
            readable(name)
            readable(inner)
    elif isinstance(value, list):
        for inner in value:
            readable(inner)
    return value


def _operation_id(operation: Any) -> str:
    return operation.view_func.__name__


class Api(NinjaAPI):
    """Operations are called after their functions."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return _operation_id(operation)


def build() -> NinjaAPI:
    """The interface with all its rooms."""
    from voronka.api.rooms import ROOMS

    api = Api(
        title="Voronka",
        version="1",
        description="Everything a member may do, for programs. See docs/api.md.",
        docs_url=None,
        openapi_url=None,
        parser=StrictParser(),
        urls_namespace="api",
    )
    for tag, router in ROOMS:
        api.add_router("", router, tags=[tag])
    for operation in operations(api):
        for guard in operation.auth_callbacks:
            if isinstance(guard, Token):
                guard.knows = _query_of(operation)
    _handle_errors(api)
    return api


def operations(api: NinjaAPI) -> Iterator[Operation]:
    """Every operation of the interface."""
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            yield from view.operations


def _query_of(operation: Operation) -> frozenset[str]:
    """The parameters that its address may have."""
    return frozenset(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", ())
    )


def _named(field: str) -> str:
    """A verb's name of a field as bodies have it: the company's own fields stand in `custom`."""
    return f"custom.{field.removeprefix(PREFIX)}" if field.startswith(PREFIX) else field


def _handle_errors(api: NinjaAPI) -> None:
    def handle(kind: type[Exception]) -> Any:
        return api.exception_handler(kind)

    @handle(Problem)
    def told(request: HttpRequest, problem: Problem) -> HttpResponse:
        return problem.response(request)

    @handle(ValidationError)
    def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        faults = [fault(one) for one in error.errors]
        detail = _("Check the fields: %(fields)s.") % {
            "fields": ", ".join(dict.fromkeys(one["field"] or "?" for one in faults))
        }
        return Problem(422, detail, "invalid", errors=faults).response(request)

    @handle(FieldError)
    def unfit(request: HttpRequest, error: FieldError) -> HttpResponse:
        return Problem(422, " ".join(error.messages), "invalid").response(request)

    @handle(Conflict)
    def lost_race(request: HttpRequest, conflict: Conflict) -> HttpResponse:
        changes = [
            {
                "field": _named(change.field),
                "was": jsonable(change.was),
                "theirs": jsonable(change.theirs),
                "yours": jsonable(change.yours),
            }
            for change in conflict.changes
        ]
        return Problem(409, conflict.message, changes=changes).response(request)

    @handle(Unfinished)
    def unfinished(request: HttpRequest, refusal: Unfinished) -> HttpResponse:
        errors = [
            {"field": one.missing.target or one.missing.action, "message": one.missing.text}
            for one in refusal.unmet
        ]
        return Problem(422, refusal.message, "unfinished", errors).response(request)

    @handle(Refused)
    def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
        errors = [{"field": _named(refusal.field), "message": refusal.message}] if refusal.field else []
        return Problem(422, refusal.message, errors=errors).response(request)

    @handle(Forbidden)
    def forbidden(request: HttpRequest, error: Forbidden) -> HttpResponse:
        return Problem(403, _("There is no right to do this: ask an administrator.")).response(request)

    @handle(Merged)
    def moved(request: HttpRequest, merged: Merged) -> HttpResponse:
        return merged.response(request)

    @handle(Http404)
    def absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return Problem(404).response(request)

    @handle(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        # Ninja's own: a body that is no JSON.
        return Problem(400, _("The body is not JSON that can be read.")).response(request)

    @handle(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("%s %s (%s)", request.method, request.path, getattr(request, "request_id", ""))
        detail = _("Something broke on our side; nothing was changed. Tell us the number of the request.")
        return Problem(500, detail).response(request)
