"""Every way in leads past here: coming in and failing to is told to the audit, with the address and the browser."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import user_logged_in
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver

from voronka.ui.accounts.devices import device
from voronka.workspaces.actions import signins


@receiver(user_logged_in, dispatch_uid="signins.in")
def came_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    signins.note_signed_in(user, **_whence(request))


@receiver(user_login_failed, dispatch_uid="signins.failed")
def failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    email = credentials.get("email") or credentials.get("username") or credentials.get("login") or ""
    if request is not None and email:
        signins.note_failed(str(email), **_whence(request))


def _whence(request: Any) -> dict[str, str]:
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:
        # Behind a proxy that names no address: better to know the rest than nothing.
        address = ""
    return {"address": address or "—", "device": device(request.META.get("HTTP_USER_AGENT", ""))}
