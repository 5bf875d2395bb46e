"""Background work with other systems."""

from __future__ import annotations

import base64
from typing import Any

from django.core.mail import get_connection
from django.db import connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from voronka.core.jobs import workspace_job
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.workspaces.models import Member

SMTP = "django.core.mail.backends.smtp.EmailBackend"


# Tries again after 10 s, 100 s, 17 min, 2.8 h, then gives up: after a day a link is of little use.
@app.task(
    name="mail.send_letter",
    retry=RetryStrategy(max_attempts=5, exponential_wait=10),
    pass_context=True,
)
def send_letter(context: JobContext, sender: str, recipients: list[str], letter: str) -> None:
    """Hand one letter (base64 of the whole message) to the mail server.

    Sent at least once: a worker that dies between the server's answer and ours sends it again.
    """
    if not letter:
        return
    server: Any = get_connection(SMTP)
    server.open()
    try:
        server.connection.sendmail(sender, recipients, base64.b64decode(letter))
    finally:
        server.close()
    if context.job:
        forget_letter(context.job.id)


def forget_letter(job_id: int | None) -> None:
    """Letters hold links that let people in; finished jobs are kept for a while, their letters are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{letter}', '\"\"') WHERE id = %s", [job_id]
        )


@workspace_job("imports.look_through")
def look_through(batch: int) -> None:
    """Say what an import would do: for files too large for a request."""
    found = ImportBatch.objects.filter(pk=batch, status=ImportStatus.CHECKING).first()
    if found is not None:
        running.look_through(found)


@workspace_job("imports.run")
def run_import(batch: int) -> None:
    """Carry an import out. A second run (the worker of the first was killed) begins anew: nothing was written."""
    found = ImportBatch.objects.filter(
        pk=batch, status__in=[ImportStatus.QUEUED, ImportStatus.RUNNING]
    ).first()
    if found is not None:
        running.run(found)
        if found.status == ImportStatus.DONE:
            running.forget_files(found)


@workspace_job("imports.undo")
def undo_import(batch: int, member: int) -> None:
    """Take an import back. A second run finds it undone, or begins anew."""
    found = ImportBatch.objects.filter(pk=batch, status=ImportStatus.UNDOING).first()
    actor = Member.objects.active().filter(pk=member).first()
    if found is not None and actor is not None:
        running.take_back(found, actor=actor)
