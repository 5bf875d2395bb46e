"""Errors as programs read them: `application/problem+json` (RFC 9457) with a sentence in the asked language."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CONTENT_TYPE: Final = "application/problem+json"
# Names of the kinds: they stay when sentences change, so programs decide by them.
KINDS: Final[dict[int, tuple[str, str | Promise]]] = {
    301: ("merged", gettext_lazy("It was merged into another.")),
    400: ("bad-request", gettext_lazy("The request cannot be read.")),
    401: ("no-token", gettext_lazy("A live token is needed.")),
    403: ("forbidden", gettext_lazy("There is no right to do this.")),
    404: ("not-found", gettext_lazy("There is no such thing.")),
    405: ("wrong-method", gettext_lazy("This address does not know such a method.")),
    409: ("conflict", gettext_lazy("Somebody else was first.")),
    412: ("changed-meanwhile", gettext_lazy("It was changed meanwhile.")),
    413: ("too-large", gettext_lazy("The request is too large.")),
    415: ("not-json", gettext_lazy("The body must be JSON.")),
    422: ("refused", gettext_lazy("This cannot be done as asked.")),
    429: ("too-many-requests", gettext_lazy("Too many requests.")),
    500: ("broken", gettext_lazy("Something broke on our side.")),
}


@dataclass
class Problem(Exception):
    """An answer that is not the wanted one. `detail` is a whole sentence for a person, `kind` a name for a program."""

    status: int
    detail: str = ""
    kind: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    merged_into: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.status, self.detail)

    def response(self, request: HttpRequest) -> HttpResponse:
        """The answer itself. `errors`: which field (a path with dots) and why; `changes`: who was first, and how."""
        kind, title = KINDS[self.status]
        body: dict[str, Any] = {
            "type": f"urn:voronka:problem:{self.kind or kind}",
            "title": str(title),
            "status": self.status,
            "detail": self.detail or str(title),
            "request_id": getattr(request, "request_id", ""),
        }
        if self.errors:
            body["errors"] = self.errors
        if self.changes:
            body["changes"] = self.changes
        if self.merged_into is not None:
            body["merged_into"] = self.merged_into
        text = json.dumps(body, ensure_ascii=False, cls=DjangoJSONEncoder)
        return HttpResponse(text, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def no_token() -> Problem:
    """Nobody knows who asks; which part of the secret is wrong is not told."""
    return Problem(
        401,
        _(
            "Send a live token: “Authorization: Bearer vrk_…”. This one is absent, unknown, revoked or expired."
        ),
        headers={"WWW-Authenticate": 'Bearer realm="voronka"'},
    )


def no_scope(scope: str) -> Problem:
    """The member may, the token may not."""
    return Problem(
        403, _("The token has no scope “%(scope)s”.") % {"scope": scope}, "no-scope",
        headers={"WWW-Authenticate": f'Bearer realm="voronka", error="insufficient_scope", scope="{scope}"'},
    )  # fmt: skip


def fault(error: dict[str, Any]) -> dict[str, str]:
    """One objection of the validation (pydantic's) as `{field, message}` in words of ours."""
    where = [
        str(step) for step in error.get("loc", ()) if step not in ("body", "query", "path", "header", "data")
    ]
    context = error.get("ctx", {})
    sentence = _SENTENCES.get(str(error.get("type")), gettext_lazy("This value does not fit."))
    try:
        message = str(sentence) % {name: str(value) for name, value in context.items()}
    except KeyError:
        message = _("This value does not fit.")
    return {"field": ".".join(where), "message": message}


_SENTENCES: Final[dict[str, str | Promise]] = {
    "missing": gettext_lazy("This field is needed."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_type": gettext_lazy("A text is expected."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters."),
    "string_pattern_mismatch": gettext_lazy("This value does not fit."),
    "int_type": gettext_lazy("A whole number is expected."),
    "int_parsing": gettext_lazy("A whole number is expected."),
    "int_from_float": gettext_lazy("A whole number is expected."),
    "decimal_type": gettext_lazy("A number is expected."),
    "decimal_parsing": gettext_lazy("A number is expected."),
    "bool_type": gettext_lazy("Yes or no is expected: true, false."),
    "bool_parsing": gettext_lazy("Yes or no is expected: true, false."),
    "date_type": gettext_lazy("A date like 2026-01-31 is expected."),
    "date_parsing": gettext_lazy("A date like 2026-01-31 is expected."),
    "date_from_datetime_parsing": gettext_lazy("A date like 2026-01-31 is expected."),
    "datetime_type": gettext_lazy("A moment like 2026-01-31T10:00:00+03:00 is expected."),
    "datetime_parsing": gettext_lazy("A moment like 2026-01-31T10:00:00+03:00 is expected."),
    "datetime_from_date_parsing": gettext_lazy("A moment like 2026-01-31T10:00:00+03:00 is expected."),
    "timezone_aware": gettext_lazy("Name the time zone of the moment, like +03:00."),
    "list_type": gettext_lazy("A list is expected."),
    "dict_type": gettext_lazy("An object is expected."),
    "model_attributes_type": gettext_lazy("An object is expected."),
    "enum": gettext_lazy("One of these is expected: %(expected)s."),
    "literal_error": gettext_lazy("One of these is expected: %(expected)s."),
    "greater_than_equal": gettext_lazy("Not less than %(ge)s."),
    "less_than_equal": gettext_lazy("Not more than %(le)s."),
    "less_than": gettext_lazy("Less than %(lt)s."),
    "too_long": gettext_lazy("At most %(max_length)s entries."),
}
