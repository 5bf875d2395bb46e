"""How a page answers htmx: a fragment or the whole, a toast, a refusal.

One URL has one template; its fragment is a named partial of the same template. An action answers with
`done()` (or a fragment plus `toast()`), a broken rule with `refused()`. Without htmx the same calls fall
back to whole pages, messages and redirects, so that every screen works without JavaScript.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from voronka.core.errors import Conflict, Refused

Level = Literal["success", "info", "warning", "error"]


def wants_fragment(request: HttpRequest) -> bool:
    """Whether only a part of the page is asked for: htmx, and neither a boosted link nor a restored history."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def target(request: HttpRequest) -> str:
    """The id of the element that htmx is about to fill ("panel", "dialog", …); "" for a whole page."""
    return (request.htmx.target or "") if wants_fragment(request) else ""  # type: ignore[attr-defined]


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    fragment: str = "content",
    *,
    status: int = 200,
) -> HttpResponse:
    """The partial `template#fragment` for htmx, the whole page for everybody else."""
    name = f"{template}#{fragment}" if wants_fragment(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def trigger(response: HttpResponse, event: str, detail: Any = True) -> HttpResponse:
    """Add an event to `HX-Trigger`, keeping those already there. ASCII only: headers carry nothing else."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail
    response.headers["HX-Trigger"] = json.dumps(events, ensure_ascii=True)
    return response


def toast(
    response: HttpResponse,
    text: str,
    *,
    undo_url: str | None = None,
    open_url: str | None = None,
    level: Level = "success",
) -> HttpResponse:
    """Say quietly what happened. `undo_url` adds «Undo» for ten seconds: it is POSTed, then lists refresh.

    `open_url` adds «Open»: the card of what was made, over the page one is on. For htmx answers only; `done()`
    covers both kinds of request.
    """
    said = {"text": str(text), "undo": undo_url, "level": level}
    return trigger(response, "toast", said | {"open": open_url} if open_url else said)


def done(
    request: HttpRequest,
    text: str = "",
    *,
    redirect: str,
    go: bool = False,
    undo_url: str | None = None,
    opens: bool = False,
    level: Level = "success",
) -> HttpResponse:
    """Answer an action that succeeded.

    htmx: nothing to swap (204); the dialog closes, lists that listen to `refresh` reload themselves, the toast
    shows. With `go` the browser moves on to *redirect* instead, and the toast shows there, as it does when the form was
    opened as a page of its own: there is nothing under it to come back to. Where one stays, `opens` offers *redirect*
    in the toast: for the card of what was just made. Without htmx: a redirect with a message.
    """
    go = go or _is_own_page(request, redirect)
    if wants_fragment(request) and not go:
        response = HttpResponse(status=204)
        trigger(response, "dialog:close")
        trigger(response, "refresh")
        open_url = redirect if opens else None
        return toast(response, text, undo_url=undo_url, open_url=open_url, level=level) if text else response
    if text:
        messages.add_message(request, _MESSAGE_LEVELS[level], text, extra_tags=undo_url or "")
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": redirect})
    return HttpResponseRedirect(redirect)


def _is_own_page(request: HttpRequest, redirect: str) -> bool:
    """Whether the form stands on the page of its own address, and success leads elsewhere."""
    htmx: Any = getattr(request, "htmx", None)
    here = urlsplit(htmx.current_url_abs_path or "").path if htmx else ""
    return here == request.path != urlsplit(redirect).path


def refused(request: HttpRequest, refusal: Refused, *, status: int = 409) -> HttpResponse:
    """Show why a verb said no, near the form that asked; what was typed stays where it is.

    htmx puts the sentence into the form's `[data-form-error]`, or into a toast where there is none. Without
    htmx it is a page of its own, and «Back» returns to the filled form.
    """
    # The form gets what stands there now as its new basis, so that saving again means «yes, mine».
    now = [(c.field, _as_sent(c.theirs)) for c in refusal.changes] if isinstance(refusal, Conflict) else []
    context = {"refusal": refusal, "now": now}
    name = "components/refusal.html" if wants_fragment(request) else "refused.html"
    response = render(request, name, context, status=status)
    response.headers["X-Refused"] = "1"
    return response


def _as_sent(value: Any) -> str:
    """A value as a hidden field carries it: never localised."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(getattr(value, "pk", value))


_MESSAGE_LEVELS: dict[str, int] = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}
