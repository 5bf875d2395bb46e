"""Tags: a word becomes one when it is first used."""

from __future__ import annotations

from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.text import clean, fold, length_problem
from voronka.desk.models import Tag


def tag_named(name: str) -> Tag:
    """The tag called *name* (any case, ё as е), made if there is none. Raises `Refused` for no word."""
    name = clean(name)
    if not name:
        raise Refused(_("Type the tag."), field="name")
    if problem := length_problem(name, 50):
        raise Refused(problem, field="name")
    tag, _made = Tag.objects.get_or_create(name_key=fold(name)[:50], defaults={"name": name})
    return tag
