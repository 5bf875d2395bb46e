"""Hints are switched on and off for the whole company."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.deals.hints import events
from voronka.deals.hints.models import HintOff
from voronka.deals.hints.registry import rule_of
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


@transaction.atomic
def switch_hint(code: str, *, actor: Member, on: bool) -> Event | None:
    """Let the deals be looked at by the rule *code*, or not. A no-op if it is so; raises `Refused`, `Forbidden`."""
    actor.require(Subject.BOOK, Action.CONFIGURE)
    if rule_of(code) is None:
        raise Refused(_("There is no such hint."), field="code")
    if HintOff.objects.select_for_update().filter(code=code).exists() != on:
        return None
    events.put(code, on=on)
    return record(events.HintSwitched(code, on), actor=actor, subjects=[])
