"""Undo of what was decided about numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.targets.cells import locked, require_settable, write
from voronka.targets.models import PostedBack
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


def plans(event: Any, payload: Any, actor: Member) -> None:
    """Give every value that the event set its former value back; refused whole if one was set again since."""
    keys = [(cell["member"], dt.date.fromisoformat(cell["month"])) for cell in payload.cells]
    require_settable(actor, [member_id for member_id, _month in keys])
    present = locked(payload.measure, keys)
    for key, cell in zip(keys, payload.cells, strict=True):
        amount = present[key].amount if key in present else None
        if amount != _amount(cell["now"]):
            raise Refused(
                _("The plan of %(name)s was set again since: it can no longer be undone.")
                % {"name": cell["name"]}
            )
    for key, cell in zip(keys, payload.cells, strict=True):
        write(payload.measure, key, present.get(key), _amount(cell["was"]))


def posting(event: Any, payload: Any, actor: Member) -> None:
    """The correction counts in its own month again."""
    actor.require(Subject.PLAN, Action.EDIT)
    at = dt.datetime.fromisoformat(payload.at)
    gone, _per_model = PostedBack.objects.filter(deal_id=payload.deal, at=at).delete()
    if not gone:
        raise Refused(_("This correction counts in its own month already."))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
