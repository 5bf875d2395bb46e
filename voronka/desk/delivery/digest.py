"""The morning letter: one a working day, of what each room has to say to this member.

@part("overdue", order=10)
def overdue(member: Member, day: date) -> Part | None: ...
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.calendar import is_working_day
from voronka.desk.delivery.channels import channels
from voronka.desk.delivery.models import Delivery, DeliveryState, NoticeSettings
from voronka.desk.delivery.sending import failed, in_words_of, zone_of
from voronka.desk.delivery.wishes import locked_settings, settings_of_many
from voronka.workspaces.models import Member
from voronka.workspaces.working_days import days_away

if TYPE_CHECKING:
    from collections.abc import Iterable

# A morning letter that could not leave for so long is not sent in the evening.
TOO_LATE = dt.timedelta(hours=5)
MOST_LINES = 7


class DigestLine(NamedTuple):
    """*url* as in a notice: `kind:id`."""

    text: str
    url: str


@dataclass(frozen=True)
class Part:
    """What one room says: at most `MOST_LINES` of its lines, and how many there are; *url* leads to all of them."""

    title: str
    lines: list[DigestLine]
    total: int
    url: str = ""

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass
class Digest:
    """The whole letter of one member and day."""

    member: Member
    day: dt.date
    parts: list[Part] = field(default_factory=list)


Making = Callable[["Member", dt.date], Part | None]
_parts: dict[str, tuple[int, Making]] = {}


def part(name: str, *, order: int) -> Callable[[Making], Making]:
    """Declare a part of the letter; None: nothing to say today."""

    def note(making: Making) -> Making:
        _parts[name] = (order, making)
        return making

    return note


def digest_of(member: Member, day: dt.date) -> Digest:
    """What the letter of *day* would say, in the present language."""
    made = (making(member, day) for _order, making in sorted(_parts.values(), key=lambda one: one[0]))
    return Digest(member, day, [one for one in made if one is not None and one.total])


def send_digests() -> int:
    """Send every morning letter whose time has come, in the current workspace; return how many were sent.

    May run every minute and in several workers: the day is noted on the member's row, under its lock.
    """
    ways = [channel for channel in channels() if channel.takes_digests]
    members = list(Member.objects.active().select_related("user", "workspace", "role"))
    wishes = settings_of_many(member.pk for member in members)
    now = clock.about_now()
    sent = 0
    for member in members:
        own = wishes.get(member.pk) or NoticeSettings(member=member)
        if _is_due(own, member, now) and any(channel.reaches(member) for channel in ways):
            sent += _send(member, now)
    return sent


def _is_due(own: NoticeSettings, member: Member, now: dt.datetime) -> bool:
    local = now.astimezone(zone_of(member))
    day = local.date()
    if own.digest_at is None or own.digested_on == day or not is_working_day(day):
        return False
    at = dt.datetime.combine(day, own.digest_at, tzinfo=local.tzinfo)
    return at <= local < at + TOO_LATE


@transaction.atomic
def _send(member: Member, now: dt.datetime) -> int:
    own = locked_settings(member)
    day = now.astimezone(zone_of(member)).date()
    if not _is_due(own, member, now) or days_away([member.pk], day, day)[member.pk]:
        return 0
    own.digested_on = day
    own.save(update_fields=["digested_on"])
    sent = 0
    for channel in channels():
        if not channel.takes_digests or not channel.reaches(member):
            continue
        held = Delivery.objects.filter(member=member, channel=channel.code, state=DeliveryState.HELD)
        kept = list(held.select_related("notice").order_by("id"))
        with in_words_of(member):
            digest = digest_of(member, day)
            if later := _held_over(kept):
                digest.parts.append(later)
            if not digest.parts:
                continue
            delivery = Delivery.objects.create(
                member=member,
                kind="digest",
                channel=channel.code,
                key=f"digest:{day.isoformat()}",
                created_at=now,
                due_at=now,
                letter=f"{channel.code}-{member.workspace_id}-{member.pk}-{day.isoformat()}",
            )
            try:
                with transaction.atomic():
                    delivery.state = channel.deliver_digest(digest, delivery=delivery)
            except Exception as error:
                # Not tried again: the next morning has its own, and nothing in it is lost.
                failed(delivery, str(error), now)
                delivery.state = DeliveryState.FAILED
        delivery.done_at = now
        delivery.save()
        if delivery.state != DeliveryState.FAILED:
            pks = [row.pk for row in kept]
            Delivery.objects.filter(pk__in=pks).update(
                state=delivery.state, letter=delivery.letter, done_at=now
            )
            sent += 1
    return sent


def _held_over(rows: Iterable[Delivery]) -> Part | None:
    """What had to wait because the day had letters enough, unless it was read in the bell."""
    lines = [
        DigestLine(row.notice.text, f"notice:{row.notice.pk}")
        for row in rows
        if row.notice is not None and row.notice.read_at is None
    ]
    return Part(_("Also since the last letter"), lines[:MOST_LINES], len(lines), "notices") if lines else None
