"""Mentions in what is written about activities; the card they lead to is the deal, else the client, else it itself."""

from __future__ import annotations

from typing import Any

from voronka.activities.models import Activity
from voronka.desk.mentions import sees, tell_mentioned
from voronka.journal.registry import on
from voronka.workspaces.models import Member


@sees("activity")
def _visible(member: Member) -> Any:
    return Activity.objects.visible_to(member)


def card_of(activity: Activity) -> tuple[str, int]:
    """Whose card shows the activity."""
    for kind in ("deal", "company", "person"):
        if pk := getattr(activity, f"{kind}_id"):
            return kind, pk
    return "activity", activity.pk


@on("activity.done", "activity.logged", "activity.edited")
def _tell(event: Any, payload: Any) -> None:
    if event.type == "activity.edited" and "result" not in payload.before:
        return
    activity = Activity.objects.get(pk=payload.activity)
    if event.actor is None or "@" not in activity.result:
        return
    before = payload.before.get("result", "") if event.type == "activity.edited" else ""
    tell_mentioned(
        activity.result,
        actor=event.actor,
        subject=card_of(activity),
        source=f"activity:{activity.pk}",
        before=before,
    )
