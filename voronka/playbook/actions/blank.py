"""A book to begin with for those who want to write their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from voronka.core.text import fold
from voronka.playbook.actions.funnels import create_funnel
from voronka.playbook.dictionaries import create_kind, ensure_reason
from voronka.playbook.models import ActivityKind, Channel, Funnel, ReasonKind

if TYPE_CHECKING:
    from voronka.workspaces.models import Member


@transaction.atomic
def start_blank(*, actor: Member | None, language: str, name: str = "") -> Funnel:
    """One funnel of five usual stages (called *name*, if given), with the few reasons and kinds that deals live by.

    A workspace that has a funnel keeps it, which is then the answer. Texts are written in *language*. Raises
    `Forbidden`.
    """
    with override(language):
        present = Funnel.objects.filter(archived_at=None).order_by("order", "pk").first()
        funnel = present or create_funnel(actor=actor, name=name or _("Sales"))
        known = {fold(name) for name in ActivityKind.objects.values_list("name", flat=True)}
        for kind, channel, minutes in (
            (pgettext("activity", "Call"), Channel.CALL, 15),
            (pgettext("activity", "Meeting"), Channel.MEETING, 60),
            (pgettext("activity", "Letter"), Channel.LETTER, 15),
            (pgettext("activity", "Task"), Channel.TASK, 30),
        ):
            if fold(kind) not in known:
                create_kind(actor=actor, name=kind, channel=channel, minutes=minutes)
        for reason in (_("Too expensive"), _("Chose a competitor"), _("Put off"), _("No answer")):
            ensure_reason(actor=actor, kind=ReasonKind.LOST, name=reason)
        ensure_reason(actor=actor, kind=ReasonKind.WON, name=_("Our offer suited best"))
    return funnel
