"""Fields of the company's own as columns of a file: which there are, and values read as they are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from voronka.core.edits import PREFIX
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable
from voronka.core.text import clip, fold
from voronka.desk.fields.models import CustomField, FieldKind, FieldOption
from voronka.desk.fields.values import fields_of, read
from voronka.integrations.spreadsheets.cells import text_of
from voronka.integrations.spreadsheets.columns import Field
from voronka.workspaces.models import Member

# Subject of a file → subject of own fields.
SUBJECTS: Final = {"deals": "deal", "companies": "company", "people": "person", "activities": "activity"}
# What other systems put behind the name of a field of a contact or a company.
_TAILS: Final = {
    "companies": ("компания", "company"),
    "people": ("контакт", "contact"),
    "deals": ("сделка", "deal"),
}
# A contact person or a company in an own field is a reference that a name in a file does not settle.
_UNREAD: Final = frozenset({FieldKind.PERSON, FieldKind.COMPANY})


def own_fields(kind: str) -> tuple[Field, ...]:
    """Own fields of the subject *kind* that a column may fill."""
    subject = SUBJECTS.get(kind)
    if subject is None:
        return ()
    found = []
    for row in fields_of(subject):
        if row.kind not in _UNREAD:
            label = fold(row.label)
            names = (label, *(f"{label} ({tail})" for tail in _TAILS.get(kind, ())))
            found.append(Field(row.name, row.label, names, kind="own"))
    return tuple(found)


class OwnValues:
    """Reads cells into values of own fields."""

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        keys = [name.removeprefix(PREFIX) for name in names]
        self._rows: dict[str, CustomField] = {}
        self._choices: dict[str, dict[str, int]] = {}
        if not keys:
            return
        rows = CustomField.objects.filter(subject=SUBJECTS[kind], key__in=keys)
        self._rows = {row.name: row for row in rows}
        for row in self._rows.values():
            if row.has_options:
                options = FieldOption.objects.filter(field=row, archived_at=None)
                self._choices[row.name] = {fold(option.name): option.pk for option in options}
            elif row.kind == FieldKind.MEMBER:
                self._choices[row.name] = {fold(member.name): member.pk for member in Member.objects.all()}

    def read(
        self, name: str, cells: Sequence[Any], problems: list[str], warnings: Counter[str]
    ) -> tuple[str, Any]:
        """The key of the field and the stored value, None for nothing."""
        row = self._rows[name]
        texts = [text for text in map(text_of, cells) if text]
        if not texts:
            return row.key, None
        if name in self._choices:
            return row.key, self._chosen(row, texts, warnings)
        try:
            return row.key, read(row.kind, texts[-1])
        except Unreadable as fault:
            problems.append(_("“%(field)s”: %(problem)s") % {"field": row.label, "problem": fault})
        except Refused as refusal:
            problems.append(refusal.message)
        return row.key, None

    def _chosen(self, row: CustomField, texts: Sequence[str], warnings: Counter[str]) -> Any:
        known = self._choices[row.name]
        words = [texts[-1]]
        if row.kind == FieldKind.CHOICES:
            words = [word.strip() for text in texts for word in text.replace(";", ",").split(",")]
        ids = []
        for word in filter(None, words):
            if (pk := known.get(fold(word))) is not None:
                ids.append(pk)
            else:
                warnings[
                    _("“%(field)s” has no choice “%(value)s”: left out.")
                    % {"field": row.label, "value": clip(word, 40)}
                ] += 1
        if row.kind == FieldKind.CHOICES:
            return sorted(set(ids)) or None
        return ids[0] if ids else None
