"""Background work inside a workspace (Procrastinate; a job may run twice, so each must bear it).

    @workspace_job("activities.remind")
    def remind() -> None: ...

    remind.defer(workspace_id=workspace.pk)

Jobs live in a room's `jobs.py` (found by itself); what runs by the clock is listed in `config/schedule.py`.
"""

from __future__ import annotations

import functools
import logging
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone, translation
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from voronka.core.tenancy import scope

logger = logging.getLogger(__name__)


@contextmanager
def inside(workspace: Any) -> Iterator[None]:
    """The scope, time zone and language of *workspace* (an object), as a request of its members would have them."""
    try:
        zone = zoneinfo.ZoneInfo(workspace.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    language = workspace.language or settings.LANGUAGE_CODE
    with scope(workspace), timezone.override(zone), translation.override(language):
        yield


def _fresh_connection() -> None:
    """A worker's thread lives for days; what broke or grew old since its last job is put away, as requests do."""
    if not connection.in_atomic_block:
        close_old_connections()


def workspace_job(name: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job that runs inside the workspace given by `workspace_id`; one that is gone is let go.

    *options* are Procrastinate's (`queue`, `retry`, `lock`, `pass_context`…). The function itself stays callable
    for tests as `job.func(workspace_id=…)`.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def run(*args: Any, workspace_id: int, **kwargs: Any) -> Any:
            _fresh_connection()
            workspace = apps.get_model("workspaces", "Workspace").objects.filter(pk=workspace_id).first()
            if workspace is None:
                logger.warning("Job %s: workspace %s is gone", name, workspace_id)
                return None
            with inside(workspace):
                return function(*args, **kwargs)

        return app.task(name=name, **options)(run)

    return decorate


def is_under_way(name: str, *, workspace_id: int | None, **arguments: Any) -> bool:
    """Whether a job *name* with these *arguments* waits or is being done."""
    wanted = {f"args__{key}": value for key, value in {"workspace_id": workspace_id, **arguments}.items()}
    return ProcrastinateJob.objects.filter(
        task_name=name, status__in=[Status.TODO.value, Status.DOING.value], **wanted
    ).exists()


def in_every_workspace(work: Callable[[], Any]) -> int:
    """Do *work* inside each workspace in turn; return in how many it failed (logged, and the others go on)."""
    _fresh_connection()
    failed = 0
    for workspace in apps.get_model("workspaces", "Workspace").objects.order_by("pk").iterator():
        try:
            with inside(workspace):
                work()
        except Exception:
            logger.exception("%s failed in workspace %s", work.__qualname__, workspace.slug)
            failed += 1
    return failed
