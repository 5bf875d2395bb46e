"""Background work with other systems."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from django.core.mail import get_connection
from django.db import connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from voronka.core.jobs import workspace_job
from voronka.desk.delivery.sending import is_settled, settle
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.workspaces.models import Member

SMTP = "django.core.mail.backends.smtp.EmailBackend"


MOST_ATTEMPTS = 5


# Tries again after 10 s, 100 s, 17 min, 2.8 h, then gives up: after a day a link is of little use.
@app.task(
    name="mail.send_letter",
    retry=RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=10),
    pass_context=True,
)
def send_letter(
    context: JobContext,
    sender: str,
    recipients: list[str],
    letter: str,
    deliveries: Sequence[int] = (),
    workspace: int = 0,
) -> None:
    """Hand one letter (base64 of the whole message) to the mail server; *deliveries* of the log of *workspace* learn the outcome.

    Sent at least once: a worker that dies between the server's answer and ours sends it again, with the same
    Message-ID. Where there is a log that gap is one statement wide.
    """
    if not letter or is_settled(deliveries, workspace=workspace):
        return
    server: Any = get_connection(SMTP)
    try:
        server.open()
        try:
            server.connection.sendmail(sender, recipients, base64.b64decode(letter))
        finally:
            server.close()
    except Exception as error:
        if deliveries and context.job and context.job.attempts >= MOST_ATTEMPTS:
            settle(deliveries, workspace=workspace, error=str(error))
        raise
    if deliveries:
        settle(deliveries, workspace=workspace)
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
