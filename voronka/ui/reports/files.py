"""Workbooks as answers: small enough to be made while one waits, whole in memory (a response never streams)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpResponse

from voronka.core.spreadsheets import Sheet, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """*sheets* as a file called *name*, in any alphabet."""
    target = io.BytesIO()
    write_xlsx(target, sheets)
    response = HttpResponse(target.getvalue(), content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
