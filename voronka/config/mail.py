"""Where letters go: `VORONKA_EMAIL_URL`, else a folder and the console."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from voronka.config.environment import Environment
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

_TIMEOUT_SECONDS = 20


class BadEmailUrl(Fault):
    """`VORONKA_EMAIL_URL` cannot be read; the message says what is wrong with it."""


def mail_settings(env: Environment) -> dict[str, Any]:
    """Django's EMAIL_* settings.

    `smtp://user:password@host:port` speaks STARTTLS on port 587 (the default), plain text on others;
    `smtp+tls://` insists on STARTTLS, `smtps://` is TLS from the first byte (port 465).
    Raises `BadEmailUrl` for another scheme, a missing host or a port that is none.
    """
    common = {"DEFAULT_FROM_EMAIL": env.email_from, "SERVER_EMAIL": env.email_from}
    if not env.email_url:
        return {
            **common,
            "EMAIL_BACKEND": "voronka.integrations.mail.backends.FolderBackend",
            "MAIL_FOLDER": env.data / "mail",
        }
    parts = urlsplit(env.email_url)
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname:
        raise BadEmailUrl(_("VORONKA_EMAIL_URL: expected smtp://user:password@host:port."))
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
    except ValueError as error:
        raise BadEmailUrl(_("VORONKA_EMAIL_URL: the port is not a number from 1 to 65535.")) from error
    return {
        **common,
        "EMAIL_BACKEND": "voronka.integrations.mail.backends.QueueBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls" or (parts.scheme == "smtp" and port == 587),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": _TIMEOUT_SECONDS,
    }
