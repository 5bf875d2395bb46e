"""A form sent twice does its work once.

The template puts `{% once %}` into the form; the view is wrapped in `@once`. The second request with the same
token gets the answer of the first, also when both arrive at the same moment.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.ui.htmx import refused

_KEPT_SECONDS = 60 * 60
_BUSY_SECONDS = 60
_PATIENCE_SECONDS = 5.0
_HEADERS = ("Location", "HX-Redirect", "HX-Trigger", "HX-Location", "Content-Type")


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run a POST with a `once` token at most once per person; failures (4xx, 5xx, exceptions) may be repeated."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.POST.get("once", "")[:64] if request.method == "POST" else ""
        if not token:
            return view(request, *args, **kwargs)
        key = f"once:{request.user.pk}:{request.path}:{token}"
        if not _claim(key):
            return _answer_of_the_first(request, key)
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            _forget(key)
            raise
        if response.status_code >= 400:
            _forget(key)
        else:
            headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
            _keep(
                key, {"status": response.status_code, "headers": headers, "text": response.content.decode()}
            )
        return response

    return wrapped


def _answer_of_the_first(request: HttpRequest, key: str) -> HttpResponse:
    until = time.monotonic() + _PATIENCE_SECONDS
    while (kept := _kept(key)) == {} and time.monotonic() < until:
        time.sleep(0.05)
    if not kept:
        return refused(
            request, Refused(_("This is already being saved. Look at the result before sending again."))
        )
    return HttpResponse(kept["text"], status=kept["status"], headers=kept["headers"])


# The rows stand in the table of the cache, written by hand: Django's cache would count the whole table and take
# eight statements for what is one here, on the hottest writes of all.
_TABLE = settings.CACHES["default"]["LOCATION"]


def _claim(key: str) -> bool:
    """Whether we are the first with this key (or the one before us died half-way, a minute ago)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} (cache_key, value, expires) "
            "VALUES (%(key)s, '{}', clock_timestamp() + %(seconds)s * interval '1 second') "
            "ON CONFLICT (cache_key) DO UPDATE SET value = '{}', expires = EXCLUDED.expires "
            f"WHERE {_TABLE}.expires < clock_timestamp() RETURNING 1",
            {"key": key, "seconds": _BUSY_SECONDS},
        )
        return cursor.fetchone() is not None


def _keep(key: str, answer: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET value = %s, expires = clock_timestamp() + %s * interval '1 second' "
            "WHERE cache_key = %s",
            [json.dumps(answer), _KEPT_SECONDS, key],
        )


def _kept(key: str) -> dict[str, Any] | None:
    """The answer; {} while the first request is still at work, None when it failed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {_TABLE} WHERE cache_key = %s", [key])
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


def _forget(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_TABLE} WHERE cache_key = %s", [key])
