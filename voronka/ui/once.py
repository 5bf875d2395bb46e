"""A form sent twice does its work once.

The template puts `{% once %}` into the form; the view is wrapped in `@once`. The second request with the same
token gets the answer of the first, also when both arrive at the same moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.ui.htmx import refused

_KEPT_SECONDS = 60 * 60 * 24
_BUSY_SECONDS = 60
_PATIENCE_SECONDS = 5.0
_BUSY = "busy"
_HEADERS = ("Location", "HX-Redirect", "HX-Trigger", "HX-Location", "Content-Type")


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run a POST with a `once` token at most once per person; failures (4xx, 5xx, exceptions) may be repeated."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.POST.get("once", "")[:64] if request.method == "POST" else ""
        if not token:
            return view(request, *args, **kwargs)
        key = f"once:{request.user.pk}:{request.path}:{token}"
        if not cache.add(key, _BUSY, _BUSY_SECONDS):
            return _answer_of_the_first(request, key)
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            cache.delete(key)
            raise
        if response.status_code >= 400:
            cache.delete(key)
        else:
            headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
            cache.set(key, (response.status_code, headers, response.content), _KEPT_SECONDS)
        return response

    return wrapped


def _answer_of_the_first(request: HttpRequest, key: str) -> HttpResponse:
    until = time.monotonic() + _PATIENCE_SECONDS
    while (kept := cache.get(key)) == _BUSY and time.monotonic() < until:
        time.sleep(0.05)
    if kept is None or kept == _BUSY:
        return refused(
            request, Refused(_("This is already being saved. Look at the result before sending again."))
        )
    status, headers, content = kept
    return HttpResponse(content, status=status, headers=headers)
