"""What a file is, by its first bytes: names and declared types are only claims."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from voronka.core.text import clean

HEAD: Final = 4096
LONGEST_NAME: Final = 150

PDF = "application/pdf"
TEXT = "text/plain"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
_MAGIC: Final = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", "application/rtf"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"AC10", "image/vnd.dwg"),
)
# Office documents are archives or OLE stores; which of them, their names say, and nothing runs them here.
_INSIDE: Final = {
    ZIP: {
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt": "application/vnd.oasis.opendocument.text",
        "ods": "application/vnd.oasis.opendocument.spreadsheet",
    },
    OLE: {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "msg": "application/vnd.ms-outlook",
    },
}
EXTENSIONS: Final = {
    PDF: ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/bmp": ("bmp",),
    "image/tiff": ("tif", "tiff"),
    "image/heic": ("heic",),
    "image/vnd.dwg": ("dwg",),
    "video/mp4": ("mp4", "mov", "m4v"),
    "audio/mpeg": ("mp3",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/wav": ("wav",),
    "application/rtf": ("rtf", "doc"),
    "application/x-7z-compressed": ("7z",),
    "application/vnd.rar": ("rar",),
    ZIP: ("zip",),
    TEXT: ("txt", "csv", "tsv", "log", "md", "eml", "json", "vcf", "ics", "dxf"),
    **{kind: (ext,) for inside in _INSIDE.values() for ext, kind in inside.items()},
}
# What a browser draws without running anything.
IMAGES: Final = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp"])
# Markup that a browser would run, programs and scripts for the shell.
_ACTIVE: Final = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|xsl)|<%|^#!|^MZ|^\x7fELF|^\xca\xfe\xba\xbe|^\xcf\xfa\xed\xfe",
    re.IGNORECASE,
)
_RESERVED: Final = re.compile(r'[\\/:*?"<>|]+')


def kind_of(head: bytes, name: str) -> str | None:
    """The type of a file that begins with *head*; None for what is not taken (programs, pages, the unknown)."""
    ext = extension(name)
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1") else "video/mp4"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if kind == "image/bmp" and len(head) < 26:
                break
            found = _INSIDE.get(kind, {}).get(ext, kind)
            # A store of OLE without a known name may be an installer.
            return None if found == OLE else found
    return TEXT if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head or _ACTIVE.search(head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")):
        return False
    for encoding in ("utf-8", "cp1251"):
        try:
            # The last character may have been cut in two.
            head[: len(head) - 4 if len(head) == HEAD else len(head)].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def extension(name: str) -> str:
    """The ending of a name without its dot, in lower case."""
    return PurePosixPath(name.lower()).suffix.removeprefix(".")


def safe_name(name: str, kind: str) -> str:
    """The name fit to be shown and saved: no folders, no control or reserved signs; its ending tells the truth."""
    bare = clean(name.replace("\\", "/").rsplit("/", 1)[-1])
    bare = _RESERVED.sub("_", bare).strip(" .")
    allowed = EXTENSIONS.get(kind, ())
    if allowed and extension(bare) not in allowed:
        bare = f"{bare or 'file'}.{allowed[0]}"
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else bare[:LONGEST_NAME]
