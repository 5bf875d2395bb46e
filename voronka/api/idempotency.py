"""A POST with an `Idempotency-Key` does its work once, however often it arrives.

The key's row is written in the transaction of the work itself: either both stand or neither, whatever dies in
between. Only answers that did something are kept; a refused request may be mended and sent again under its key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.api.models import KeptAnswer
from voronka.api.problems import Problem
from voronka.workspaces.models import ApiToken

KEPT: Final = dt.timedelta(hours=24)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,100}")
_HEADERS: Final = ("Content-Type", "ETag", "Location")


def once(request: HttpRequest, token: ApiToken, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of *work*, or the one that was given to this key before.

    Raises `Problem`: 400 for a key that cannot be one, 422 when the key came with another request, 409 while the
    first request is still at work.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise Problem(400, _("An Idempotency-Key has 1 to 100 printable characters without spaces."))
    digest = _digest(request)
    with transaction.atomic():
        if not _taken(token, key):
            raise Problem(
                409,
                _("A request with this Idempotency-Key is being worked on: ask again in a moment."),
                "at-work",
                headers={"Retry-After": "1"},
            )
        kept = KeptAnswer.objects.filter(token=token, key=key).first()
        if kept is not None and kept.created_at >= timezone.now() - KEPT:
            return _again(kept, digest)
        if kept is not None:
            kept.delete()
        response = work()
        if response.status_code >= 300:
            transaction.set_rollback(True)
            return response
        KeptAnswer.objects.create(
            token=token,
            key=key,
            digest=digest,
            status=response.status_code,
            headers={name: response.headers[name] for name in _HEADERS if name in response.headers},
            body=response.content.decode(),
            created_at=timezone.now(),
        )
        return response


def _again(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.digest != digest:
        raise Problem(
            422,
            _("This Idempotency-Key was used for another request within a day: take a new one."),
            "key-used",
        )
    response = HttpResponse(kept.body, status=kept.status, headers=kept.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()


def _taken(token: ApiToken, key: str) -> bool:
    """Whether the key is ours till the end of the transaction; False when another request has it just now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"api:{token.pk}:{key}"])
        return bool(cursor.fetchone()[0])


def forget_old() -> None:
    """Answers older than a day are let go (in the current workspace)."""
    KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
