"""What the room does in the background: by the clock (listed in `config/schedule.py`), and when asked."""

from __future__ import annotations

import datetime as dt
import logging
from itertools import groupby

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from voronka.activities.leaving import hand_over_and_tell
from voronka.activities.models import Activity
from voronka.activities.summaries import recount
from voronka.core import clock, formats
from voronka.core.jobs import workspace_job
from voronka.desk.delivery.sending import Line, in_words_of, tell
from voronka.workspaces.models import Member

logger = logging.getLogger(__name__)

# A reminder that could not be given for longer (the server was off) is left to Today's list of overdue.
LATEST = dt.timedelta(days=7)
BATCH = 1000


def remind() -> int:
    """Give every reminder that is due to its owner, in the current workspace; return how many were given.

    May run as often as one likes, and in several workers at once: what was given is noted on the activity in the same
    transaction, and the notice's key holds the moment it is for. Each comes once, and again when it was put off.
    """
    count = 0
    while given := _remind_some():
        count += given
    return count


@transaction.atomic
def _remind_some() -> int:
    now = clock.now()
    due = list(
        Activity.objects.planned()
        .filter(
            Q(reminded_for=None) | ~Q(reminded_for=F("remind_at")),
            remind_at__lte=now,
            remind_at__gt=now - LATEST,
            owner__status="active",
        )
        .select_related("owner__user", "owner__workspace", "kind", "company")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("remind_at", "id")[:BATCH]
    )
    lines = []
    for _owner, own in groupby(sorted(due, key=lambda row: row.owner_id), key=lambda row: row.owner_id):
        rows = list(own)
        with in_words_of(rows[0].owner):
            lines += [
                Line(
                    row.owner,
                    "reminder",
                    reminder_text(row),
                    f"remind:{row.pk}:{row.remind_at.isoformat()}",
                    f"activity:{row.pk}",
                )
                for row in rows
            ]
    tell(lines)
    Activity.objects.filter(pk__in=[row.pk for row in due]).update(reminded_for=F("remind_at"))
    return len(due)


def reminder_text(activity: Activity) -> str:
    """«15:30 Звонок: обсудить КП, ООО «Вкус»»."""
    moment = (
        formats.short_datetime(activity.due_at) if activity.has_time else formats.short_date(activity.due_at)
    )
    what = activity.kind.name
    if activity.subject != what:
        what = f"{what}: {activity.subject}"
    if activity.company is not None:
        what = f"{what} · {activity.company.name}"
    return _("%(when)s: %(what)s") % {"when": moment[:1].upper() + moment[1:], "what": what}


def check_summaries() -> dict[str, int]:
    """Recount what deals and clients repeat of activities; none should have been wrong, and it is said if any was."""
    wrong = recount()
    if any(wrong.values()):
        logger.error("Summaries of activities were wrong and have been mended: %s", wrong)
    return wrong


@workspace_job("activities.let_go")
def let_go(member: int, actor: int, to: dict[str, list[int]]) -> None:
    """Hand over the much that somebody leaves behind; *to* as in the verb, by numbers of members."""
    everybody = Member.objects.select_related("role", "user", "workspace", "team").in_bulk()
    people = {code: [everybody[pk] for pk in pks] for code, pks in to.items()}
    hand_over_and_tell(everybody[member], actor=everybody[actor], to=people)
