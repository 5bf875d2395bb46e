"""A file as lists, chips and previews show it, and the files that came with a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, cast

from django.http import HttpRequest

from voronka.desk.files.kinds import IMAGES, PDF
from voronka.desk.files.rules import may_delete
from voronka.desk.models import File
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member

_ICONS = {PDF: "file-type-pdf", "text/plain": "file-text"}


@dataclass(frozen=True)
class FileRow:
    """A file with its icon and its addresses; *about* names the activity that it came with on a deal's card."""

    file: File
    icon: str
    url: str
    may_delete: bool
    about: str = ""

    @property
    def is_image(self) -> bool:
        return self.file.content_type in IMAGES

    @property
    def has_preview(self) -> bool:
        return self.is_image or self.file.content_type == PDF

    @property
    def content_url(self) -> str:
        return f"{self.url}content/"

    @property
    def preview_url(self) -> str:
        return f"{self.url}preview/"

    @property
    def delete_url(self) -> str:
        return f"{self.url}delete/"


def file_row(request: HttpRequest, file: File, about: str = "") -> FileRow:
    """*file* as the member of *request* sees it."""
    member: Member = request.member  # type: ignore[attr-defined]
    url = workspace_url("file", request.workspace.slug, file.pk)  # type: ignore[attr-defined]
    return FileRow(file, _icon(file.content_type), url, may_delete(file, member), about)


def _icon(kind: str) -> str:
    if kind in _ICONS:
        return _ICONS[kind]
    if kind.startswith("image/"):
        return "photo"
    return "file-spreadsheet" if "sheet" in kind or "excel" in kind else "file"


def given_files(request: HttpRequest) -> list[tuple[str, BinaryIO]]:
    """What the form brought as `files`: (name, content), for `taking()`."""
    return [(one.name or "", cast(BinaryIO, one.file)) for one in request.FILES.getlist("files")]
