"""The way of a notice: written once, laid ready for each channel in the same transaction, handed over by the clock.

The table is the queue: what a dead worker had in hand is still «waiting», and what was handed over is not.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone, translation

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import clip
from voronka.desk.delivery.channels import BELL, Channel, channel_of, channels
from voronka.desk.delivery.models import Delivery, DeliveryState, NoticeSettings
from voronka.desk.delivery.wishes import bell, quiet_until, settings_of_many, wants

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

logger = logging.getLogger("voronka.notices")

# Lines written in one statement; members whose letters go out in one transaction.
BATCH = 1000
MEMBERS = 50
# Pauses after a failure; a delivery that failed once more is given up.
PAUSES = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)]
KEPT = dt.timedelta(days=90)


class Line(NamedTuple):
    """What to tell whom. *url* is `kind:id` or a path that begins with "/"; *key* makes a repetition harmless."""

    member: Member
    kind: str
    text: str
    key: str
    url: str = ""


def zone_of(member: Member) -> dt.tzinfo:
    """The member's own time zone, else the company's."""
    user = member.user
    return zoneinfo.ZoneInfo(user.time_zone if user and user.time_zone else member.workspace.time_zone)


@contextmanager
def in_words_of(member: Member) -> Iterator[None]:
    """The language and time zone of *member*, for whom a text is being written."""
    user = member.user
    language = (user.language if user else "") or member.workspace.language or settings.LANGUAGE_CODE
    own = zoneinfo.ZoneInfo(user.time_zone) if user and user.time_zone else None
    company = zoneinfo.ZoneInfo(member.workspace.time_zone)
    with translation.override(language), timezone.override(company), clock.shown_in(own):
        yield


def tell(lines: Iterable[Line]) -> int:
    """Write *lines* and lay them ready for each channel that their members wish; return how many were new.

    Who does not work here (invited, former) hears nothing. Four statements for each `BATCH` of lines.
    """
    told = [line for line in lines if line.member.is_active]
    return sum(_tell(told[start : start + BATCH]) for start in range(0, len(told), BATCH))


@transaction.atomic
def _tell(lines: list[Line]) -> int:
    now = clock.now()
    wishes = settings_of_many({line.member.pk for line in lines})
    ways: list[tuple[Line, list[Channel]]] = []
    for line in lines:
        own = wishes.get(line.member.pk) or NoticeSettings(member=line.member)
        chosen = [channel for channel in channels() if wants(own, channel, line.kind)]
        if chosen:
            ways.append((line, chosen))
    written = _write([(line, bell() in chosen) for line, chosen in ways], now)
    deliveries = []
    for line, chosen in ways:
        # The same key twice in one call: the first one is the one that was written.
        notice_id = written.pop((line.member.pk, line.key[:120]), None)
        if notice_id is None:
            continue
        own = wishes.get(line.member.pk) or NoticeSettings(member=line.member)
        for channel in chosen:
            at_once = not channel.loud
            deliveries.append(
                Delivery(
                    notice_id=notice_id,
                    member=line.member,
                    kind=line.kind,
                    channel=channel.code,
                    key=line.key[:120],
                    state=DeliveryState.SENT if at_once else DeliveryState.WAITING,
                    created_at=now,
                    due_at=now if at_once else quiet_until(own, now, zone_of(line.member)),
                    done_at=now if at_once else None,
                )
            )
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len({delivery.notice_id for delivery in deliveries})


_INSERT = """
INSERT INTO desk_notice (workspace_id, member_id, kind, text, url, key, created_at, in_bell)
SELECT %s, member, kind, text, url, key, %s, in_bell
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
  WITH ORDINALITY AS l(member, kind, text, url, key, in_bell, place)
ORDER BY place
ON CONFLICT (workspace_id, member_id, key) DO NOTHING
RETURNING member_id, key, id
"""


def _write(lines: Sequence[tuple[Line, bool]], now: dt.datetime) -> dict[tuple[int, str], int]:
    """Insert the notices; return the ids of those that were not there, by member and key. One statement."""
    if not lines:
        return {}
    columns: list[list[Any]] = [
        [line.member.pk for line, _bell in lines],
        [line.kind for line, _bell in lines],
        [clip(line.text, 300) for line, _bell in lines],
        [line.url[:300] for line, _bell in lines],
        [line.key[:120] for line, _bell in lines],
        [in_bell for _line, in_bell in lines],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [require_workspace_id(), now, *columns])
        return {(member, key): pk for member, key, pk in cursor.fetchall()}


def deliver() -> int:
    """Hand over everything that is due, in the current workspace; return how many deliveries were dealt with.

    Several workers may do it at once: each takes rows that nobody else holds.
    """
    count = 0
    while taken := _deliver_some():
        count += taken
    return count


@transaction.atomic
def _deliver_some() -> int:
    now = clock.now()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    # All that waits for a member goes in one letter.
    members = list(due.order_by("member_id").values_list("member_id", flat=True).distinct()[:MEMBERS])
    rows = list(
        due.filter(member__in=members)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("notice", "member__user", "member__workspace", "member__role")
        .order_by("due_at", "id")
    )
    if not rows:
        return 0
    groups: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
    for row in rows:
        groups[row.member_id, row.channel].append(row)
    wishes = settings_of_many({member for member, _channel in groups})
    sent = _letters_today({member for member, _channel in groups}, now)
    for (member_id, code), some in groups.items():
        own = wishes.get(member_id) or NoticeSettings(member=some[0].member)
        _deliver_group(some, channel_of(code), own, sent.get((member_id, code), 0), now)
    _save(rows)
    return len(rows)


def _save(rows: Iterable[Delivery]) -> None:
    """Write what was decided: one statement for all rows that share it, as those of one letter do."""
    same: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    names = ("state", "due_at", "done_at", "attempts", "letter", "error")
    for row in rows:
        same[tuple(getattr(row, name) for name in names)].append(row.pk)
    for values, pks in same.items():
        Delivery.objects.filter(pk__in=pks).update(**dict(zip(names, values, strict=True)))


def _deliver_group(
    rows: list[Delivery], channel: Channel | None, own: NoticeSettings, letters: int, now: dt.datetime
) -> None:
    """Decide about the waiting rows of one member and channel, and write the decision into them."""
    member = rows[0].member
    if channel is None or not member.is_active or not channel.reaches(member):
        _put(rows, DeliveryState.NEEDLESS, now)
        return
    still = quiet_until(own, now, zone_of(member))
    if channel.loud and still > now:
        # The member has chosen quiet hours since.
        for row in rows:
            row.due_at = still
        return
    # What was read meanwhile, or is not wished any more, needs no letter.
    needed = [
        row
        for row in rows
        if wants(own, channel, row.kind) and (row.notice is None or row.notice.read_at is None)
    ]
    _put([row for row in rows if row not in needed], DeliveryState.NEEDLESS, now)
    if not needed:
        return
    if channel.loud and letters >= own.most_letters:
        _put(needed, DeliveryState.HELD, now)
        return
    letter = needed[0].letter or f"{channel.code}-{member.workspace_id}-{needed[0].pk}"
    try:
        with transaction.atomic(), in_words_of(member):
            state = channel.deliver(member, needed, letter=letter)
    except Exception as error:
        logger.exception("Channel %s failed for member %s", channel.code, member.pk)
        for row in needed:
            failed(row, str(error), now)
        return
    for row in needed:
        row.letter = letter
        row.attempts += 1
        row.error = ""
    _put(needed, state, now)


def _put(rows: Iterable[Delivery], state: DeliveryState, now: dt.datetime) -> None:
    for row in rows:
        row.state, row.done_at = state, now


def failed(row: Delivery, why: str, now: dt.datetime) -> None:
    """Note a failure on *row* (unsaved): it is tried again after a pause, and given up after the last one."""
    row.error = clip(why, 300)
    row.done_at = now
    if row.attempts < len(PAUSES):
        row.due_at = now + PAUSES[row.attempts]
    else:
        row.state = DeliveryState.FAILED
    row.attempts += 1


def _letters_today(members: set[int], now: dt.datetime) -> dict[tuple[int, str], int]:
    """How many letters each member has got since the company's midnight, by member and channel."""
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Delivery.objects.filter(
            member__in=members, state__in=[DeliveryState.HANDED, DeliveryState.SENT], done_at__gte=since
        )
        .exclude(channel=BELL)
        .exclude(notice=None)
        .values("member_id", "channel")
        .annotate(letters=Count("letter", distinct=True))
    )
    return {(row["member_id"], row["channel"]): row["letters"] for row in rows.order_by()}


def settle(ids: Sequence[int], *, workspace: int, error: str = "") -> None:
    """The mail has answered about letters handed to it: they are delivered, or given up for *error*."""
    state = DeliveryState.FAILED if error else DeliveryState.SENT
    handed = Delivery.objects.for_workspace(workspace).filter(pk__in=ids, state=DeliveryState.HANDED)
    handed.update(state=state, error=clip(error, 300), done_at=clock.now())


def is_settled(ids: Sequence[int], *, workspace: int) -> bool:
    """Whether the mail has taken all of these already: who asks is a second run of a job whose worker died."""
    taken = Delivery.objects.for_workspace(workspace).filter(pk__in=ids, state=DeliveryState.SENT)
    return bool(ids) and taken.count() == len(ids)


def forget_old() -> int:
    """Drop the log of what is older than `KEPT`; return how many rows (those of notices go with them)."""
    deleted, _per_model = Delivery.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted
