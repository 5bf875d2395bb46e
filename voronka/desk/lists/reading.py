"""What bulk actions read out of their forms: a member, a tag, an entry."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.desk.models import Tag
from voronka.desk.tags import tag_named
from voronka.workspaces.models import Member


def chosen_id(text: Any) -> int | None:
    """An id out of a form; None for anything else."""
    text = str(text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def member_of(text: Any) -> Member:
    """Who was chosen. Raises `Refused` for nobody, and for those who do not work here."""
    member = Member.objects.filter(pk=chosen_id(text)).first()
    if member is None:
        raise Refused(_("Choose who will be responsible."), field="owner")
    if not member.is_active:
        raise Refused(_("%(member)s does not work here any more.") % {"member": member}, field="owner")
    return member


def tag_of(text: Any) -> Tag:
    """The tag chosen by its id, or the word typed («new:word»), made if there is none. Raises `Refused`."""
    text = str(text or "").strip()
    tag = Tag.objects.filter(pk=chosen_id(text)).first() if chosen_id(text) else None
    return tag or tag_named(text.removeprefix("new:").lstrip("#"))
