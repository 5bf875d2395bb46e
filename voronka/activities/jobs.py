"""What the room does by the clock (listed in `config/schedule.py`)."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils.translation import gettext as _

from voronka.activities.models import Activity
from voronka.activities.summaries import recount
from voronka.core import clock, formats
from voronka.desk.notices import in_words_of, notify

logger = logging.getLogger(__name__)

# A reminder that could not be given for longer (the server was off) is left to Today's list of overdue.
LATEST = dt.timedelta(days=1)


def remind() -> int:
    """Put every reminder that is due into its owner's bell, in the current workspace; return how many are due.

    May run as often as one likes: the notice's key holds the moment it is for, so that each comes once, and again
    when the activity was put off.
    """
    now = clock.now()
    due = (
        Activity.objects.planned()
        .filter(remind_at__lte=now, remind_at__gt=now - LATEST, owner__status="active")
        .select_related("owner__user", "owner__workspace", "kind", "company")
        .order_by("remind_at")
    )
    count = 0
    for activity in due:
        with in_words_of(activity.owner):
            notify(
                activity.owner,
                kind="reminder",
                text=_reminder(activity),
                url=f"activity:{activity.pk}",
                key=f"remind:{activity.pk}:{activity.remind_at.isoformat()}",
            )
        count += 1
    return count


def _reminder(activity: Activity) -> str:
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
