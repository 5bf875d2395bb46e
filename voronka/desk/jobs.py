"""Long work asked of lists: bulk actions, their undoing, exports."""

from __future__ import annotations

from voronka.core.jobs import workspace_job
from voronka.desk.lists import bulk, exporting
from voronka.desk.lists.models import JobKind, ListJob


@workspace_job("lists.run")
def run_list_job(job: int) -> None:
    """Carry a list's job out; one that is over is left alone, one that was broken off goes on."""
    found = (
        ListJob.objects.select_related("member__workspace", "member__user", "event").filter(pk=job).first()
    )
    if found is None or found.is_over:
        return
    if found.kind == JobKind.EXPORT:
        exporting.run(found)
    else:
        bulk.run(found)
