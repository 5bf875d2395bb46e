"""Deals that tunnels of the book bind to this one, both ways."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.deals.closing.models import TunnelRun
from voronka.deals.models import Deal
from voronka.ui.navigation import workspace_url


@dataclass(frozen=True)
class Linked:
    """A line of the card: *note* says what binds; *url* is empty where the other deal may not be seen or is not yet."""

    text: str
    note: str
    is_onward: bool
    url: str = ""


def linked_deals(request: HttpRequest, deal: Deal) -> list[Linked]:
    """Where the deal came from, and what it opened or will open; two queries."""
    runs = list(
        TunnelRun.objects.filter(Q(source=deal) | Q(target=deal))
        .select_related("source__funnel", "target__funnel", "tunnel__target")
        .order_by("due_on", "pk")
    )
    if not runs:
        return []
    others = [run.target_id if run.source_id == deal.pk else run.source_id for run in runs]
    seen = Deal.objects.present().visible_to(request.member)  # type: ignore[attr-defined]
    numbers = dict(seen.filter(pk__in=[pk for pk in others if pk]).values_list("pk", "number"))
    slug = request.workspace.slug  # type: ignore[attr-defined]

    def line(run: TunnelRun) -> Linked:
        onward = run.source_id == deal.pk
        other = run.target if onward else run.source
        if other is None:
            if run.problem:
                return Linked(run.tunnel.target.name, run.problem, True)
            day = formats.short_date(run.due_on)
            return Linked(run.tunnel.target.name, _("opens on %(day)s") % {"day": day}, True)
        number = numbers.get(other.pk)
        if number is None:
            return Linked(_("A deal that you do not see"), other.funnel.name, onward)
        return Linked(other.title, other.funnel.name, onward, workspace_url("deal", slug, number))

    return [line(run) for run in runs]
