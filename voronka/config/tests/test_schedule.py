"""What the schedule does when a worker dies, and that the schedule is whole."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from voronka.config import schedule


@pytest.fixture(autouse=True)
def _clean_queue(transactional_db: None) -> Iterator[None]:
    """Procrastinate's tables are not emptied with Django's."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def stalled_job(*, attempts: int, beat: str) -> int:
    """A job that is being done by a worker whose last sign of life is *beat* ago; its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
            [beat],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, worker_id)"
            " VALUES ('default', 'schedule.forget_old_jobs', 'doing', %s, %s) RETURNING id",
            [attempts, worker],
        )
        return int(cursor.fetchone()[0])


def status(job: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()[0]


def requeue() -> None:
    async_to_sync(schedule.requeue_stalled.func)(SimpleNamespace(app=app, job=None), 0)


def test_the_job_of_a_dead_worker_is_queued_again() -> None:
    job = stalled_job(attempts=0, beat="5 minutes")
    requeue()
    assert status(job) == "todo"


def test_the_job_of_a_living_worker_is_left_to_it() -> None:
    job = stalled_job(attempts=0, beat="1 second")
    requeue()
    assert status(job) == "doing"


def test_a_job_that_keeps_killing_its_workers_is_given_up() -> None:
    job = stalled_job(attempts=schedule.MOST_ATTEMPTS, beat="5 minutes")
    requeue()
    assert status(job) == "failed"


def test_every_periodic_task_has_a_lock_of_its_own() -> None:
    periodic = [task.task for task in app.periodic_registry.periodic_tasks.values()]
    assert len(periodic) >= 5
    assert len({task.queueing_lock for task in periodic}) == len(periodic)
