"""What a member keeps at hand: the cards opened last, and those marked with a star.

No events: it is a matter between the member and the own list, as the bell is. Subjects are named by kind and id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.desk.models import Favourite, OpenedCard, SearchRow
from voronka.desk.search import Hit

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

SHOWN = 20
# Some of those opened may be gone or out of reach by the time they are shown.
KEPT = 40
MOST_FAVOURITES = 200

Named = tuple[str, int]

_OPENED = """
WITH opened AS (
  INSERT INTO desk_openedcard (workspace_id, member_id, kind, object_id, opened_at)
  VALUES (%(workspace)s, %(member)s, %(kind)s, %(pk)s, %(now)s)
  ON CONFLICT (workspace_id, member_id, kind, object_id) DO UPDATE SET opened_at = excluded.opened_at
), old AS (
  DELETE FROM desk_openedcard
  WHERE workspace_id = %(workspace)s AND member_id = %(member)s AND opened_at < (
    SELECT opened_at FROM desk_openedcard
    WHERE workspace_id = %(workspace)s AND member_id = %(member)s
    ORDER BY opened_at DESC OFFSET %(kept)s LIMIT 1)
)
SELECT EXISTS (
  SELECT 1 FROM desk_favourite
  WHERE workspace_id = %(workspace)s AND member_id = %(member)s AND kind = %(kind)s AND object_id = %(pk)s)
"""


def note_opened(member: Member, kind: str, pk: int) -> bool:
    """Remember that *member* opened the card; return whether it is a favourite. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OPENED,
            {
                "workspace": require_workspace_id(),
                "member": member.pk,
                "kind": kind,
                "pk": pk,
                "now": clock.now(),
                "kept": KEPT,
            },
        )
        return bool(cursor.fetchone()[0])


def is_favourite(member: Member, kind: str, pk: int) -> bool:
    """Whether *member* marked the card."""
    return Favourite.objects.filter(member=member, kind=kind, object_id=pk).exists()


def set_favourite(member: Member, kind: str, pk: int, *, on: bool) -> None:
    """Mark the card or take the mark off; the caller reached it through `visible_to()`."""
    if not on:
        Favourite.objects.filter(member=member, kind=kind, object_id=pk).delete()
    elif Favourite.objects.filter(member=member).count() < MOST_FAVOURITES:
        Favourite.objects.get_or_create(
            member=member, kind=kind, object_id=pk, defaults={"created_at": clock.now()}
        )


def recent(member: Member) -> list[Named]:
    """Cards that *member* opened, the latest first."""
    rows = OpenedCard.objects.filter(member=member).order_by("-opened_at", "-pk")
    return list(rows.values_list("kind", "object_id")[:KEPT])


def favourites(member: Member) -> list[Named]:
    """Cards that *member* marked, the latest first."""
    rows = Favourite.objects.filter(member=member).order_by("-created_at", "-pk")
    return list(rows.values_list("kind", "object_id")[:MOST_FAVOURITES])


def as_hits(cards: Iterable[Named]) -> list[Hit]:
    """The cards as the search would tell them, in their order; those that are found no more are left out."""
    wanted = list(dict.fromkeys(cards))
    ids: dict[str, list[int]] = {}
    for kind, pk in wanted:
        ids.setdefault(kind, []).append(pk)
    known = {}
    rows = SearchRow.objects.filter(object_id__in=[pk for _kind, pk in wanted], kind__in=ids)
    for row in rows.values_list("kind", "object_id", "title", "hint", "number"):
        known[row[0], row[1]] = Hit(*row)
    return [known[card] for card in wanted if card in known]
