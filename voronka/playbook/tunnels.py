"""What the book as a whole says of tunnels (`playbook.snapshot`, `playbook.comparing`)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.comparing import Shape, describe, named
from voronka.playbook.models import Tunnel
from voronka.playbook.snapshot import section


@section("tunnels")
def tunnels_in_book() -> list[dict[str, Any]]:
    """Every tunnel in use, with ids of what it leads from and to; `owner` by name, for a file travels."""
    rows = Tunnel.objects.filter(archived_at=None, funnel__archived_at=None).select_related("owner")
    return [
        {
            "id": row.pk,
            "funnel": row.funnel_id,
            "trigger": row.trigger,
            "stage": row.stage_id,
            "closing": row.closing_id,
            "target": row.target_id,
            "target_stage": row.target_stage_id,
            "after": row.after,
            "wait": row.wait,
            "title": row.title,
            "owner": row.owner.name if row.owner else "",
            "keeps_amount": row.keeps_amount,
        }
        for row in rows.order_by("funnel__order", "funnel", "order", "id")
    ]


describe(
    "tunnels",
    Shape(
        gettext_lazy("Tunnel"),
        {
            "funnel": gettext_lazy("Funnel"),
            "trigger": gettext_lazy("When"),
            "target": gettext_lazy("Opens a deal in"),
            "after": pgettext_lazy("tunnel", "In"),
            "wait": gettext_lazy("Counted in"),
            "title": gettext_lazy("Name of the new deal"),
            "owner": gettext_lazy("Who answers for it"),
            "keeps_amount": gettext_lazy("With the same sum"),
        },
        show={"funnel": named("funnels"), "target": named("funnels")},
        name=lambda row, book: (
            f"{named('funnels')(row['funnel'], book)} → {named('funnels')(row['target'], book)}"
        ),
    ),
)
