"""Criteria that activities can answer: a task of the book is done, a meeting was held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.activities.models import Activity
from voronka.deals.closing.keys import counts_attempts
from voronka.deals.leaving.checking import TASK_DONE
from voronka.playbook.criteria import CriterionKind, Missing, Param, declare
from voronka.playbook.models import ActivityKind, Channel, Criterion, Stage, StageTask


def _task_options(stage: Stage) -> list[tuple[str, str]]:
    rows = StageTask.objects.filter(stage=stage.pk, archived_at=None).order_by("order", "id")
    return [(str(row.pk), row.text) for row in rows]


def _task(params: Mapping[str, Any]) -> StageTask | None:
    return StageTask.objects.filter(pk=int(params["task"])).first()


def _check_task(deal: Any, criterion: Criterion) -> Missing | None:
    task = _task(criterion.params)
    if task is None or task.archived_at is not None:
        return None
    mine = Activity.objects.filter(deal=deal, stage_task=task, cancelled_at=None)
    if mine.filter(done_at__isnull=False).exists():
        return None
    planned = mine.values_list("pk", flat=True).first()
    return Missing(_("the task “%(task)s” is not done") % {"task": task.text}, "task", str(planned or ""))


def _tell_task(params: Mapping[str, Any]) -> str:
    task = _task(params)
    return _("done: %(task)s") % {"task": task.text if task else "—"}


def _problem_of_task(stage: Stage, params: Mapping[str, Any]) -> str:
    task = _task(params)
    if task is None or task.archived_at is not None:
        return _("The task is no longer in the book: nobody can do it.")
    if stage.limit_days is not None and task.after_days > stage.limit_days:
        return _("The task is planned for later than the stage may last: in time it can never be done.")
    return ""


def _problem_of_contact(stage: Stage, params: Mapping[str, Any]) -> str:
    if ActivityKind.objects.filter(channel=params["channel"], archived_at=None).exists():
        return ""
    return _("There is no kind of activity of this nature: nobody can hold it.")


declare(
    CriterionKind(
        TASK_DONE,
        gettext_lazy("A task of the stage is done"),
        (Param("task", gettext_lazy("Task"), "choice", _task_options, refers="task"),),
        _check_task,
        _tell_task,
        _problem_of_task,
    )
)


def _channel_options(stage: Stage) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in Channel.choices if value != Channel.TASK]


def _check_held(deal: Any, criterion: Criterion) -> Missing | None:
    channel = criterion.params["channel"]
    held = Activity.objects.done().filter(deal=deal, channel=channel).exclude(reached=False)
    if held.exists():
        return None
    return Missing(_("not held yet: %(what)s") % {"what": Channel(channel).label}, "activity", channel)


declare(
    CriterionKind(
        "activity_held",
        gettext_lazy("A contact was held"),
        (Param("channel", gettext_lazy("What contact"), "choice", _channel_options),),
        _check_held,
        lambda params: _("held: %(what)s") % {"what": Channel(params["channel"]).label},
        _problem_of_contact,
    )
)


@counts_attempts
def contacts_of(deal: Any) -> int:
    """Calls, meetings and letters of the deal that were done, whether or not the client answered."""
    return Activity.objects.done().filter(deal=deal).exclude(channel=Channel.TASK).count()
