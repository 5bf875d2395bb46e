"""Tags: a word becomes one when it is first used; they are renamed, coloured, merged and archived as a list."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.core.errors import Refused
from voronka.core.text import clean, fold, length_problem
from voronka.desk.dictionaries.registry import Dictionary, register
from voronka.desk.models import Tag

# Until somebody chooses a colour.
PLAIN = "secondary"


def _has_a_color(tag: Tag) -> None:
    if tag.color != PLAIN and not re.fullmatch(r"#[0-9a-f]{6}", tag.color):
        raise Refused(_("Choose one of the colours."), field="color")


TAGS = register(
    Dictionary(
        "tag",
        Tag,
        title=gettext_lazy("Tags"),
        fields=("color",),
        mergeable=True,
        moves=True,
        check=_has_a_color,
    )
)


def tag_named(name: str) -> Tag:
    """The tag called *name* (any case, ё as е), made if there is none; the one into which it was merged.

    Raises `Refused` for no word.
    """
    name = clean(name)
    if not name:
        raise Refused(_("Type the tag."), field="name")
    if problem := length_problem(name, 50):
        raise Refused(problem, field="name")
    tag, _made = Tag.objects.get_or_create(name_key=fold(name)[:50], defaults={"name": name})
    return tag.merged_into or tag
