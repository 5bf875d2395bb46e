"""A rule of hints was switched on or off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_
from django.utils.translation import pgettext

from voronka.deals.hints.models import HintOff
from voronka.deals.hints.registry import rule_of
from voronka.journal.registry import event_type
from voronka.workspaces.rights import Action, Subject


def put(code: str, *, on: bool) -> None:
    """Write the switch."""
    if on:
        HintOff.objects.filter(code=code).delete()
    else:
        HintOff.objects.get_or_create(code=code)


def _undo(event: Any, payload: Any, actor: Any) -> None:
    actor.require(Subject.BOOK, Action.CONFIGURE)
    put(payload.code, on=not payload.on)


def _told(payload: Any) -> dict[str, str]:
    rule = rule_of(payload.code)
    return {
        "hint": str(rule.title) if rule else payload.code,
        "how": pgettext("switch", "on") if payload.on else pgettext("switch", "off"),
    }


@event_type(
    "hint.switched",
    sentence=N_("Hint “{hint}”: {how}"),
    icon="bulb",
    describe=_told,
    undo=_undo,
    webhook=False,
)
@dataclass(frozen=True)
class HintSwitched:
    """Deals are looked at by this rule from now on, or are not."""

    code: str
    on: bool
