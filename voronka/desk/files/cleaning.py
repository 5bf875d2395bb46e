"""Bytes that nobody can come back for are taken off the disk at night."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.core.files.storage import default_storage

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.desk.models import File

logger = logging.getLogger(__name__)

# For so long a deleted file can be brought back.
KEPT = dt.timedelta(days=30)
# A stored file without a row may belong to a form that is being saved just now.
STRAY_AFTER = dt.timedelta(days=1)


def forget_deleted() -> int:
    """Remove the bytes of files deleted `KEPT` ago, and those whose row was never written; return how many.

    The rows stay: the history still says what was there. Their empty path tells undo that it is too late.
    """
    gone = 0
    old = File.objects.filter(deleted_at__lt=clock.now() - KEPT).exclude(path="")
    for file in old.iterator():
        # First the bytes: broken off in between, the next night finds the row again, and deleting twice is harmless.
        default_storage.delete(file.path)
        file.path = ""
        file.save(update_fields=["path"])
        gone += 1
    for path in list(_strays()):
        default_storage.delete(path)
        gone += 1
    if gone:
        logger.info("%s files left the disk", gone)
    return gone


def _strays() -> Iterator[str]:
    root = f"cards/{require_workspace_id()}"
    if not default_storage.exists(root):
        return
    before = clock.now() - STRAY_AFTER
    for month in default_storage.listdir(root)[0]:
        names = default_storage.listdir(f"{root}/{month}")[1]
        paths = [f"{root}/{month}/{name}" for name in names]
        known = set(File.objects.filter(path__startswith=f"{root}/{month}/").values_list("path", flat=True))
        for path in paths:
            if path not in known and default_storage.get_modified_time(path) < before:
                yield path
