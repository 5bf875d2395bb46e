"""What a member wishes: which kinds by which channel, when not, and the verbs that change it.

No event: it is between the member and the bell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.desk.delivery.channels import BELL, Channel, channel_of, channels
from voronka.desk.delivery.kinds import ASKING, KINDS
from voronka.desk.delivery.models import NoticeSettings

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

MOST_LETTERS_A_DAY = 100
ASK_AGAIN = dt.timedelta(days=90)


def settings_of(member: Member) -> NoticeSettings:
    """The member's wishes; the defaults (an unsaved row) when nothing was ever said."""
    found = NoticeSettings.objects.filter(member=member).first()
    return found or NoticeSettings(member=member)


def settings_of_many(members: Iterable[int]) -> dict[int, NoticeSettings]:
    """The rows there are, by member; one statement."""
    return {row.member_id: row for row in NoticeSettings.objects.filter(member__in=list(members))}


def wants(settings: NoticeSettings, channel: Channel, kind: str) -> bool:
    """Whether *kind* is to come by *channel*. What asks for an answer always comes into the bell."""
    if channel.code == BELL and kind not in KINDS:
        return True
    return bool(settings.wanted.get(channel.code, {}).get(kind, channel.wanted_by_default))


def quiet_until(settings: NoticeSettings, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """*moment*, or the end of the quiet hours that it falls into."""
    begin, end = settings.quiet_from, settings.quiet_till
    if begin is None or end is None or begin == end:
        return moment
    local = moment.astimezone(zone)
    now = local.time()
    inside = begin <= now < end if begin < end else now >= begin or now < end
    if not inside:
        return moment
    day = local.date() if now < end else local.date() + dt.timedelta(days=1)
    # A wall clock's time: an hour that a change of clocks leaves out or repeats is read as Python reads it.
    return dt.datetime.combine(day, end, tzinfo=zone).astimezone(dt.UTC)


@transaction.atomic
def choose_notices(
    *,
    actor: Member,
    wanted: Mapping[str, Iterable[str]],
    quiet: tuple[dt.time, dt.time] | None,
    digest_at: dt.time | None,
    most_letters: int,
) -> NoticeSettings:
    """Say which kinds come by which channel (*wanted*: the whole choice), the quiet hours, the morning letter's time
    (None: no letter) and how many letters a day may come besides. Raises `Refused` for what cannot be.
    """
    if not 0 <= most_letters <= MOST_LETTERS_A_DAY:
        raise Refused(_("Between 0 and 100 letters a day."), field="most_letters")
    if quiet is not None and quiet[0] == quiet[1]:
        raise Refused(
            _("Quiet hours begin and end at the same time: change one of them."), field="quiet_till"
        )
    found = locked_settings(actor)
    kinds = [*KINDS, *ASKING]
    for code, chosen in wanted.items():
        if channel_of(code) is not None:
            mine = set(chosen)
            found.wanted[code] = {kind: kind in mine for kind in kinds}
    found.quiet_from, found.quiet_till = quiet or (None, None)
    found.digest_at = digest_at
    found.most_letters = most_letters
    found.in_vain = {kind: count for kind, count in found.in_vain.items() if wants(found, bell(), kind)}
    found.save()
    return found


@transaction.atomic
def switch_off(kind: str, *, actor: Member) -> None:
    """No more notices of *kind*, by any channel. Raises `Refused` for a kind that asks for an answer."""
    if kind not in KINDS:
        raise Refused(_("These notices wait for your answer: they always come."))
    found = locked_settings(actor)
    for channel in channels():
        found.wanted.setdefault(channel.code, {})[kind] = False
    found.in_vain.pop(kind, None)
    found.save(update_fields=["wanted", "in_vain"])


@transaction.atomic
def keep_on(kind: str, *, actor: Member) -> None:
    """Notices of *kind* go on; whether they are needed is asked again after `ASK_AGAIN`."""
    found = locked_settings(actor)
    if found.in_vain.pop(kind, None) is None:
        return
    found.not_asked_till[kind] = (clock.today() + ASK_AGAIN).isoformat()
    found.save(update_fields=["in_vain", "not_asked_till"])


def bell() -> Channel:
    """The channel that is always there."""
    found = channel_of(BELL)
    assert found is not None
    return found


def locked_settings(member: Member) -> NoticeSettings:
    """The member's row, made if need be, and locked."""
    NoticeSettings.objects.bulk_create([NoticeSettings(member=member)], ignore_conflicts=True)
    return NoticeSettings.objects.select_for_update().get(member=member)
