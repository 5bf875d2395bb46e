"""The set verb stores exactly what the row verbs store."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.activities.actions import log_activity, plan_activity
from voronka.activities.bulk import ActivityRow, import_activities
from voronka.activities.models import Activity
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SUMMARY = (
    "next_activity_at",
    "next_activity_has_time",
    "next_activity_text",
    "next_activity_icon",
    "last_contact_at",
)


def test_rows_and_sets_leave_the_same_behind(world: World, funnel: Any) -> None:
    kinds = list(ActivityKind.objects.all())
    with clock.frozen(NOW):
        company = make_company(world.anna)
        by_row, by_set = (
            [
                create_deal(actor=world.anna, title=f"{name} {i}", funnel=funnel, company=company)
                for i in range(10)
            ]
            for name in ("row", "set")
        )
        rows = []
        for i in range(60):
            kind, moment = kinds[i % 4], NOW + dt.timedelta(hours=(i * 37) % 300 - 150)
            common = {"subject": f"Дело {i}" if i % 3 else "", "direction": "in" if i % 5 else "out"}
            place: dict[str, Any] = {
                "kind_id": kind.pk,
                "owner_id": world.anna.pk,
                "team_id": world.anna.team_id,
            }
            place |= {"deal_id": by_set[i % 10].pk, "company_id": company.pk}
            if moment > NOW:
                plan_activity(actor=world.anna, kind=kind, due_at=moment, deal=by_row[i % 10], **common)
                rows.append(ActivityRow(due_at=moment, **place, **common))
            else:
                log_activity(
                    actor=world.anna,
                    kind=kind,
                    done_at=moment,
                    deal=by_row[i % 10],
                    result="Да",
                    without_next=True,
                    **common,
                )
                rows.append(ActivityRow(due_at=moment, done_at=moment, result="Да", **place, **common))
        before = Event.objects.count()

        assert import_activities(rows, actor=world.anna) == 60

    assert Event.objects.count() == before + 1
    left_out = {"id", "deal_id", "version"}
    fields = [f.attname for f in Activity._meta.concrete_fields if f.attname not in left_out]
    stored = [
        list(Activity.objects.filter(deal__in=deals).order_by("id").values(*fields))
        for deals in (by_row, by_set)
    ]
    assert stored[0] == stored[1]
    assert len(stored[0]) == 60
    summaries = [
        list(Deal.objects.filter(pk__in=[d.pk for d in deals]).order_by("id").values(*SUMMARY))
        for deals in (by_row, by_set)
    ]
    assert summaries[0] == summaries[1]


def test_one_impossible_row_leaves_nothing(world: World, funnel: Any) -> None:
    kind = ActivityKind.objects.first()
    assert kind is not None
    good = ActivityRow(kind_id=kind.pk, owner_id=world.anna.pk, team_id=None, due_at=NOW)
    bad = ActivityRow(kind_id=kind.pk, owner_id=world.anna.pk, team_id=None, due_at=NOW, minutes=-1)

    with pytest.raises(Refused):
        import_activities([good, bad], actor=world.anna)

    assert not Activity.objects.exists()
