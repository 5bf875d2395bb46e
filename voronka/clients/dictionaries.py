"""Lists of the clients' room: whom we sell to (segments), where clients come from (sources).

Editing, archiving and ordering of entries: `voronka.desk.dictionaries`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from voronka.clients.models import Segment, Source
from voronka.desk.dictionaries import create_entry, ensure_entry
from voronka.desk.dictionaries.registry import Dictionary, register

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

SEGMENTS = register(
    Dictionary(
        "segment", Segment, title=_("Target groups"), fields=("description",), mergeable=True, moves=True
    )
)
SOURCES = register(Dictionary("source", Source, title=_("Sources"), mergeable=True, moves=True))


def create_segment(*, actor: Member | None, name: str, description: str = "") -> Segment:
    """Add a target group. Raises `Refused` for a name that is taken, `Forbidden`."""
    return create_entry("segment", actor=actor, name=name, description=description)


def ensure_segment(*, actor: Member | None, name: str) -> Segment:
    """The target group of this name, made if there is none (imports)."""
    return ensure_entry("segment", actor=actor, name=name)


def create_source(*, actor: Member | None, name: str) -> Source:
    """Add a source. Raises `Refused` for a name that is taken, `Forbidden`."""
    return create_entry("source", actor=actor, name=name)


def ensure_source(*, actor: Member | None, name: str) -> Source:
    """The source of this name, made if there is none (imports)."""
    return ensure_entry("source", actor=actor, name=name)
