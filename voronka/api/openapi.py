"""The interface described: OpenAPI 3.1 with every error that an operation may answer with."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import override
from ninja import NinjaAPI

from voronka.api.problems import CONTENT_TYPE, KINDS

_EVERYWHERE: Final = (400, 401, 403, 404, 422, 429, 500)
_WITH_BODY: Final = (409, 413, 415)
_GUARDED: Final = (409, 412)
# Things that may have been merged since their id was learnt.
_MERGEABLE: Final = ("{company_id}", "{person_id}")
_PROBLEM: Final = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "a name of the kind of trouble, for programs"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a whole sentence for a person"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "changes": {"type": "array", "items": {"type": "object"}},
        "merged_into": {"type": "integer", "description": "the id of the one that stays"},
    },
}
_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
    "description": "The same request under the same key gets the same answer for a day and does nothing twice.",
}


def document(api: NinjaAPI) -> dict[str, Any]:
    """The description as a JSON value, in English, the same on every machine."""
    with override("en"):
        found: dict[str, Any] = _plain(dict(api.get_openapi_schema(path_prefix="/api/v1/")))
    found["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    found["components"]["responses"] = {
        f"Problem{status}": {
            "description": _english(title),
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, (_kind, title) in KINDS.items()
    }
    for address, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(address, method, operation)
    return found


def _english(text: Any) -> str:
    with override("en"):
        return str(text)


def _complete(address: str, method: str, operation: dict[str, Any]) -> None:
    statuses = [*_EVERYWHERE, *(_WITH_BODY if method != "get" else ())]
    guarded = any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ()))
    if method == "get" and any(of_one in address for of_one in _MERGEABLE):
        statuses.append(301)
    elif any(of_one in address for of_one in _MERGEABLE):
        statuses.append(409)
    if guarded:
        statuses += _GUARDED
    if method == "post":
        operation.setdefault("parameters", []).append(dict(_KEY))
    for status in sorted(set(statuses)):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _plain(value: Any) -> Any:
    """Without lazy texts and with keys as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
