"""What a token of the API may be let to do: never more than its member may do by hand.

A scope narrows the member's rights to one subject, reading only or writing too; a reach narrows how far they go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from voronka.workspaces.rights import Action, Reach, Rights, Subject

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


class Scope(models.TextChoices):
    """What a token is for; writing includes reading."""

    DEALS_READ = "deals:read", _("deals: read")
    DEALS_WRITE = "deals:write", _("deals: read and change")
    CLIENTS_READ = "clients:read", _("clients: read")
    CLIENTS_WRITE = "clients:write", _("clients: read and change")
    ACTIVITIES_READ = "activities:read", _("activities: read")
    ACTIVITIES_WRITE = "activities:write", _("activities: read and change")
    BOOK_READ = "book:read", _("sales book, lists and products: read")
    BOOK_WRITE = "book:write", _("sales book, lists and products: read and change")
    MEMBERS_READ = "members:read", _("colleagues and teams: read")
    REPORTS_READ = "reports:read", _("reports: read")


_SUBJECTS: Final[dict[str, Subject]] = {
    "deals": Subject.DEAL,
    "clients": Subject.CLIENT,
    "activities": Subject.ACTIVITY,
    "book": Subject.BOOK,
    "members": Subject.MEMBER,
    "reports": Subject.REPORT,
}
# Things of these belong to somebody; of the others there is one for all, and reach says nothing.
_OWNED: Final = frozenset({Subject.DEAL, Subject.CLIENT, Subject.ACTIVITY, Subject.REPORT})
# Reading on and on is an export: the member's right to it comes along, the scope alone gives none.
_READ: Final = (Action.SEE, Action.EXPORT)
_WRITE: Final = (*_READ, Action.CREATE, Action.EDIT, Action.DELETE, Action.HAND_OVER, Action.CONFIGURE)


def covers(scopes: Iterable[str], wanted: str) -> bool:
    """Whether *scopes* let do *wanted*: the same, or writing where reading is asked."""
    have = set(scopes)
    return wanted in have or wanted.replace(":read", ":write") in have


def narrowed(rights: Rights, scopes: Iterable[str], reach: int) -> Rights:
    """*rights* of a role cut down to *scopes* and, for what belongs to somebody, to *reach*."""
    result: Rights = {}
    for scope in scopes:
        area, _sep, mode = scope.partition(":")
        subject = _SUBJECTS[area]
        given = rights.get(subject.value, {})
        for action in _WRITE if mode == "write" else _READ:
            far = int(given.get(action.value, 0))
            if far:
                kept = min(far, int(reach)) if subject in _OWNED else far
                result.setdefault(subject.value, {})[action.value] = kept
    return result


def widest_reach(member: Member) -> int:
    """How far the role of *member* lets see what belongs to somebody; at least their own things."""
    return max(int(Reach.OWN), *(int(member.reach(subject, Action.SEE)) for subject in _OWNED))


def reaches() -> list[tuple[int, str]]:
    """The reaches that a token may be given."""
    return [(int(reach), str(reach.label)) for reach in Reach if reach > Reach.NONE]
