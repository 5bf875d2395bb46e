"""Lists of the sales book: reasons for winning and losing, kinds of activities.

Editing, archiving, merging and ordering of entries: `voronka.desk.dictionaries`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import voronka.catalog.dictionaries
import voronka.clients.dictionaries  # noqa: F401  (declared before they are guarded)
from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Refused
from voronka.desk.dictionaries import create_entry, ensure_entry, merge_entry
from voronka.desk.dictionaries.registry import Dictionary, guard, register
from voronka.playbook.models import ActivityKind, Channel, FollowUp, Funnel, Reason, ReasonKind

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

LONGEST_MINUTES = 24 * 60
LONGEST_WAY_BACK = 5 * 365

# What a new kind looks like until somebody chooses an icon; also the choice that the screen offers.
CHANNEL_ICONS: dict[str, str] = {
    Channel.CALL: "phone",
    Channel.MEETING: "users",
    Channel.DEMO: "presentation",
    Channel.VISIT: "car",
    Channel.LETTER: "mail",
    Channel.FAX: "printer",
    Channel.TASK: "checkbox",
}


def _kind_is_sound(kind: ActivityKind) -> None:
    if not 1 <= kind.minutes <= LONGEST_MINUTES:
        raise Refused(_("The usual length is between 1 minute and 24 hours."), field="minutes")
    if not re.fullmatch(r"[a-z0-9-]+", kind.icon):
        raise Refused(_("Choose one of the icons."), field="icon")


def _reason_is_sound(reason: Reason) -> None:
    if reason.return_days is not None and not 1 <= reason.return_days <= LONGEST_WAY_BACK:
        raise Refused(_("Between 1 day and 5 years, or empty."), field="return_days")
    if reason.follow_up not in FollowUp.values:
        raise Refused(_("There is no such choice."), field="follow_up")
    if reason.follow_up == FollowUp.DEAL and reason.return_days is None:
        raise Refused(_("Say in how many days the deal comes back."), field="return_days")
    if reason.return_to is not None and not reason.return_to.is_active:
        raise Refused(
            _("%(member)s does not work here any more.") % {"member": reason.return_to}, field="return_to"
        )


def _same_nature(kind: ActivityKind, goal: ActivityKind) -> None:
    if kind.channel != goal.channel:
        raise Refused(
            _("Only kinds of one nature can be merged: reports count by it."),
            field="into",
        )


WON_REASONS = register(
    Dictionary(
        "won_reason",
        Reason,
        title=gettext_lazy("Reasons for winning"),
        fixed={"kind": ReasonKind.WON},
        mergeable=True,
    )
)
# A loss needs its reason, so one must always be there to choose.
LOST_REASONS = register(
    Dictionary(
        "lost_reason",
        Reason,
        title=gettext_lazy("Reasons for losing"),
        fields=("follow_up", "return_days", "return_to"),
        fixed={"kind": ReasonKind.LOST},
        mergeable=True,
        keep_one=True,
        check=_reason_is_sound,
    )
)
ACTIVITY_KINDS = register(
    Dictionary(
        "activity_kind",
        ActivityKind,
        title=gettext_lazy("Kinds of activities"),
        fields=("channel", "icon", "minutes"),
        keep_one=True,
        mergeable=True,
        moves=True,
        check_merge=_same_nature,
        check=_kind_is_sound,
    )
)


@guard("product_group")
def _group_has_no_funnel(group: ProductGroup) -> None:
    _object_to_funnel(Funnel.objects.filter(product_group=group, archived_at=None).first(), group.name)


@guard("segment")
def _segment_has_no_funnel(segment: Segment) -> None:
    _object_to_funnel(Funnel.objects.filter(segment=segment, archived_at=None).first(), segment.name)


def _object_to_funnel(funnel: Funnel | None, name: str) -> None:
    if funnel is not None:
        raise Refused(
            _("“%(name)s” has the funnel “%(funnel)s”. Archive the funnel or give it another place first.")
            % {"name": name, "funnel": funnel.name}
        )


def reason_code(kind: str) -> str:
    """The code of the list that holds reasons of this `ReasonKind`."""
    return "won_reason" if kind == ReasonKind.WON else "lost_reason"


def create_reason(*, actor: Member | None, kind: str, name: str) -> Reason:
    """Add a reason for winning or losing. Raises `Refused` for a name that is taken, `Forbidden`."""
    return create_entry(reason_code(kind), actor=actor, name=name)


def ensure_reason(*, actor: Member | None, kind: str, name: str) -> Reason:
    """The reason of this name (or the one it was merged into), made if there is none (imports)."""
    return ensure_entry(reason_code(kind), actor=actor, name=name)


def merge_reason(reason: Reason, into: Reason, *, actor: Member | None) -> Reason:
    """Count *reason* as *into* from now on, in all of history too. Raises `Refused`, `Forbidden`."""
    return merge_entry(reason, into, actor=actor)


def create_kind(
    *, actor: Member | None, name: str, channel: str, icon: str = "", minutes: int = 15
) -> ActivityKind:
    """Add a kind of activity; the icon follows the channel if none is given. Raises `Refused`, `Forbidden`."""
    return create_entry(
        "activity_kind",
        actor=actor,
        name=name,
        channel=channel,
        icon=icon or CHANNEL_ICONS.get(channel, "checkbox"),
        minutes=minutes,
    )
