"""What Django's mail is handed to: the queue of an installation with a mail server, or a folder without one."""

from __future__ import annotations

import base64
import logging
import os
import secrets
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from voronka.integrations.jobs import send_letter

logger = logging.getLogger("voronka.mail")


class QueueBackend(BaseEmailBackend):
    """Puts letters into the job queue, within the present transaction.

    A slow or dead mail server then delays the letter and not the person, and what is rolled back sends nothing.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = 0
        for message in email_messages:
            recipients = [parseaddr(address)[1] for address in message.recipients()]
            if not recipients:
                continue
            send_letter.defer(
                sender=parseaddr(message.from_email)[1],
                recipients=recipients,
                letter=base64.b64encode(_bytes(message)).decode(),
                deliveries=getattr(message, "deliveries", []),
                workspace=getattr(message, "workspace_id", 0),
            )
            # Whoever keeps a log learns that the answer comes later (`integrations.jobs.send_letter`).
            message.is_queued = True  # type: ignore[attr-defined]
            sent += 1
        return sent


class FolderBackend(BaseEmailBackend):
    """Writes letters to files that a person can read, and to the console: there is no mail server yet."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder: Path = getattr(settings, "MAIL_FOLDER")  # noqa: B009 - ours, unknown to the stubs
        # Letters hold links that let people in.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            text = _readable(message)
            name = f"{timezone.now():%Y-%m-%d_%H%M%S}_{secrets.token_hex(3)}.txt"
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            logger.info("A letter (kept in %s):\n%s", folder / name, text)
        return len(email_messages)


def _bytes(message: EmailMessage) -> bytes:
    """The whole letter as mail servers take it."""
    whole: Any = message.message()
    return whole.as_bytes(linesep="\r\n")


def _readable(message: Any) -> str:
    head = {
        "From": message.from_email,
        "To": ", ".join(message.recipients()),
        "Subject": message.subject,
    }
    return "\n".join(f"{name}: {value}" for name, value in head.items()) + f"\n\n{message.body}\n"
