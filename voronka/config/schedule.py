"""All periodic work on one screen. The worker of any machine does it; each tick runs once."""

from __future__ import annotations

import logging

from django.core.management import call_command
from procrastinate import JobContext, exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from voronka.activities import jobs as activities
from voronka.activities import repeating
from voronka.api import idempotency
from voronka.clients import jobs as clients
from voronka.core.jobs import in_every_workspace
from voronka.deals import jobs as deals
from voronka.desk import notices
from voronka.desk.delivery import digest, sending, vain
from voronka.desk.files import cleaning
from voronka.desk.lists import exporting
from voronka.playbook.versions import keep_version

logger = logging.getLogger(__name__)

# A job that took its worker with it this often is broken itself.
MOST_ATTEMPTS = 5
KEPT_HOURS = 24 * 7


@app.periodic(cron="* * * * *", periodic_id="requeue")
@app.task(name="schedule.requeue_stalled", queueing_lock="schedule.requeue_stalled", pass_context=True)
async def requeue_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs whose worker died (kill -9, power) to another: they would stay "doing" for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        if job.id is None or (context.job and job.id == context.job.id):
            continue
        try:
            if job.attempts >= MOST_ATTEMPTS:
                logger.error(
                    "Job %s %s has lost its worker %s times: given up", job.id, job.task_name, job.attempts
                )
                await manager.finish_job(job, Status.FAILED, delete_job=False)
            else:
                logger.warning("Job %s %s has lost its worker: queued again", job.id, job.task_name)
                await manager.retry_job(job)
        except exceptions.AlreadyEnqueued:
            # Its like already waits; this one is not needed.
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="17 3 * * *", periodic_id="old-jobs")
@app.task(name="schedule.forget_old_jobs", queueing_lock="schedule.forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Finished jobs are kept for a week."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=False)


@app.periodic(cron="37 3 * * *", periodic_id="old-sessions")
@app.task(name="schedule.forget_old_sessions", queueing_lock="schedule.forget_old_sessions")
def forget_old_sessions(timestamp: int) -> None:
    """Sessions that have run out are removed every night."""
    call_command("clearsessions")


@app.periodic(cron="* * * * *", periodic_id="reminders")
@app.task(name="schedule.remind", queueing_lock="schedule.remind")
def remind(timestamp: int) -> None:
    """Reminders that are due are given; they reach the bell at once and other channels by `deliver`."""
    in_every_workspace(activities.remind)


@app.periodic(cron="* * * * *", periodic_id="deliveries")
@app.task(name="schedule.deliver", queueing_lock="schedule.deliver")
def deliver(timestamp: int) -> None:
    """Morning letters and notices whose time has come go out by e-mail and whatever channels there are."""
    in_every_workspace(digest.send_digests)
    in_every_workspace(sending.deliver)


@app.periodic(cron="37 4 * * *", periodic_id="vain-notices")
@app.task(name="schedule.look_for_vain", queueing_lock="schedule.look_for_vain")
def look_for_vain(timestamp: int) -> None:
    """Kinds of notices that somebody never opens are noted every night, to be switched off if they like."""
    in_every_workspace(vain.look_for_vain)


@app.periodic(cron="*/10 * * * *", periodic_id="repeated-activities")
@app.task(name="schedule.repeat_activities", queueing_lock="schedule.repeat_activities")
def repeat_activities(timestamp: int) -> None:
    """A repeated activity whose time has come is planned for its next time, done or not."""
    in_every_workspace(repeating.make_next_of_past)


@app.periodic(cron="47 3 * * *", periodic_id="activity-summaries")
@app.task(name="schedule.check_activity_summaries", queueing_lock="schedule.check_activity_summaries")
def check_activity_summaries(timestamp: int) -> None:
    """What deals and clients repeat of their activities is counted anew and must not differ."""
    in_every_workspace(activities.check_summaries)


@app.periodic(cron="7 4 * * *", periodic_id="duplicates")
@app.task(name="schedule.look_for_duplicates", queueing_lock="schedule.look_for_duplicates")
def look_for_duplicates(timestamp: int) -> None:
    """Clients entered twice are found every night, and rows that a merge left behind are brought home."""
    in_every_workspace(clients.every_night)


@app.periodic(cron="17 5 * * *", periodic_id="stage-limits")
@app.task(name="schedule.tell_of_limits", queueing_lock="schedule.tell_of_limits")
def tell_of_limits(timestamp: int) -> None:
    """Every morning heads hear of deals that have stood on a stage for as long as the book says."""
    in_every_workspace(deals.control)


@app.periodic(cron="27 * * * *", periodic_id="tunnels")
@app.task(name="schedule.open_due", queueing_lock="schedule.open_due")
def open_due(timestamp: int) -> None:
    """Deals that the book opens on their day; every hour, for days begin at different times."""
    in_every_workspace(deals.open_due)


@app.periodic(cron="57 3 * * *", periodic_id="old-notices")
@app.task(name="schedule.forget_old_notices", queueing_lock="schedule.forget_old_notices")
def forget_old_notices(timestamp: int) -> None:
    """Lines of the bell and the log of deliveries are kept for three months."""
    in_every_workspace(notices.forget_old)
    in_every_workspace(sending.forget_old)


@app.periodic(cron="7 * * * *", periodic_id="old-answers")
@app.task(name="schedule.forget_old_answers", queueing_lock="schedule.forget_old_answers")
def forget_old_answers(timestamp: int) -> None:
    """Answers of the API to requests with an Idempotency-Key are kept for a day."""
    in_every_workspace(idempotency.forget_old)


@app.periodic(cron="27 4 * * *", periodic_id="deleted-files")
@app.task(name="schedule.forget_deleted_files", queueing_lock="schedule.forget_deleted_files")
def forget_deleted_files(timestamp: int) -> None:
    """The bytes of files deleted a month ago leave the disk."""
    in_every_workspace(cleaning.forget_deleted)


@app.periodic(cron="57 3 * * *", periodic_id="books")
@app.task(name="schedule.keep_books", queueing_lock="schedule.keep_books")
def keep_books(timestamp: int) -> None:
    """A book that no version tells of yet (of an older installation, or with a renamed role) is kept every night."""
    in_every_workspace(keep_version)


@app.periodic(cron="7 4 * * *", periodic_id="old-exports")
@app.task(name="schedule.forget_old_exports", queueing_lock="schedule.forget_old_exports")
def forget_old_exports(timestamp: int) -> None:
    """Exported files are kept for a week."""
    in_every_workspace(exporting.forget_old)
