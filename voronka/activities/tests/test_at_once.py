"""Two people at one moment, in two real connections."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.world import World
from voronka.activities.actions import complete_activity, plan_activity
from voronka.activities.models import Activity
from voronka.activities.summaries import recount
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind


def at_once(*works: Callable[[], Any]) -> None:
    """Run *works* each in a thread and connection of its own, begun together."""
    barrier = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            barrier.wait(5)
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failures, failures


@pytest.mark.django_db(transaction=True)
def test_two_activities_of_a_deal_finished_at_once_leave_right_summaries(
    transactional_db: None, world: World, funnel: Any
) -> None:
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel)
    call = ActivityKind.objects.get(channel="call")
    due = clock.now() + dt.timedelta(days=1)
    planned = [plan_activity(actor=world.anna, kind=call, due_at=due, deal=deal) for _each in range(4)]

    def finish(activity: Activity) -> Callable[[], Any]:
        def work() -> None:
            with scope(world.workspace):
                complete_activity(activity, actor=world.anna, without_next=True)

        return work

    at_once(*(finish(activity) for activity in planned[:3]), finish(planned[0]))

    assert recount() == {"deal": 0, "company": 0, "person": 0}
    deal.refresh_from_db()
    assert deal.next_activity_at == planned[3].due_at
    # The same one finished twice is finished once.
    assert Event.objects.filter(type="activity.done").count() == 3
