"""How rows that name one client come to name another, and how they go back.

What a mover did is written into the event as JSON: ids, and the few values it filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import F, Func, JSONField, Q, Value
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.desk.fields.models import CustomField
from voronka.desk.fields.registry import get_subject


class Mover(Protocol):
    """Moves rows of one table from a client to another of the same kind ("company" or "person")."""

    @property
    def code(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def label(self) -> Any: ...

    def hold(self, pk: int) -> None:
        """Lock the rows of client *pk* in the order of ids."""

    def move(self, loser: int, winner: int) -> Any:
        """Do it; return what `back` needs, fit for JSON."""

    def back(self, loser: int, winner: int, moved: Any) -> None:
        """Undo `move`; raise `Refused` when something was built on it."""

    def count(self, pk: int) -> int:
        """How many rows client *pk* has."""


_movers: list[Mover] = []


def register(*movers: Mover) -> None:
    """Add movers; a second one of the same code and kind is an error."""
    for mover in movers:
        if any((known.code, known.kind) == (mover.code, mover.kind) for known in _movers):
            raise ValueError(f"mover {mover.code} of {mover.kind} is declared twice")
        _movers.append(mover)


def movers_of(kind: str) -> list[Mover]:
    """All movers of *kind*; rooms above come last."""
    return [mover for mover in _movers if mover.kind == kind]


def built_on() -> Refused:
    return Refused(_("This was changed again since then, so it cannot be undone."))


@dataclass(frozen=True)
class Column:
    """Rows of *model* whose column *name* holds the client's id.

    `where`   fixed values that such rows have (the kind beside an id).
    `unique`  another column with which the client must be unique: of two rows the winner's stays in use and the
              loser's stays behind on the alias, its `fill` columns filling what the winner's leaves empty.
    `only`    the uniqueness holds only among rows with these values.
    `lenient` going back does not mind rows that are gone meanwhile.
    """

    code: str
    kind: str
    model: Any
    name: str
    label: Any = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    unique: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)
    fill: tuple[str, ...] = ()
    lenient: bool = False

    @property
    def column(self) -> str:
        return self.model._meta.get_field(self.name).attname

    def _of(self, pk: int) -> Any:
        return self.model.objects.filter(**{self.column: pk}, **self.where).order_by("pk")

    def hold(self, pk: int) -> None:
        list(self._of(pk).select_for_update(of=("self",), no_key=True).values_list("pk"))

    def count(self, pk: int) -> int:
        return self._of(pk).count()

    def move(self, loser: int, winner: int) -> Any:
        rows = self._of(loser)
        filled: list[list[Any]] = []
        if self.unique:
            taken = self._of(winner).filter(**self.only)
            doubled = rows.filter(**self.only, **{f"{self.unique}__in": taken.values(self.unique)})
            filled = self._fill(doubled, taken)
            rows = rows.exclude(pk__in=[row.pk for row in doubled])
        ids = list(rows.values_list("pk", flat=True))
        self.model.objects.filter(pk__in=ids).update(**{self.column: winner})
        return {"ids": ids, "filled": filled} if filled else {"ids": ids}

    def _fill(self, doubled: Any, taken: Any) -> list[list[Any]]:
        """What the loser's row knows and the winner's does not: [row, column, before, after]."""
        if not self.fill:
            return []
        attname = self.model._meta.get_field(self.unique).attname
        theirs = {getattr(row, attname): row for row in taken}
        filled: list[list[Any]] = []
        for row in doubled:
            kept = theirs[getattr(row, attname)]
            for name in self.fill:
                before, after = getattr(kept, name), getattr(row, name)
                if after and not before:
                    setattr(kept, name, after)
                    kept.save(update_fields=[name])
                    filled.append([kept.pk, name, before, after])
        return filled

    def back(self, loser: int, winner: int, moved: Any) -> None:
        for pk, name, before, after in moved.get("filled", []):
            if not self.model.objects.filter(pk=pk, **{name: after}).update(**{name: before}):
                raise built_on()
        ids = moved.get("ids", [])
        found = self.model.objects.filter(pk__in=ids, **{self.column: winner}).update(**{self.column: loser})
        if found != len(ids) and not self.lenient:
            raise built_on()


@dataclass(frozen=True)
class CustomLinks:
    """Own fields of any subject that point at the client."""

    kind: str
    code: str = "links"
    label: Any = ""

    def _rows(self, pk: int) -> list[tuple[CustomField, Any]]:
        fields = CustomField.objects.filter(kind=self.kind).order_by("pk")
        return [
            (each, get_subject(each.subject).model.objects.filter(custom__contains={each.key: pk}))
            for each in fields
        ]

    def hold(self, pk: int) -> None:
        for _field, rows in self._rows(pk):
            list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))

    def count(self, pk: int) -> int:
        return sum(rows.count() for _field, rows in self._rows(pk))

    def move(self, loser: int, winner: int) -> Any:
        moved = []
        for own, rows in self._rows(loser):
            if ids := list(rows.values_list("pk", flat=True)):
                self._point(own, ids, winner)
                moved.append([own.subject, own.key, ids])
        return moved

    def back(self, loser: int, winner: int, moved: Any) -> None:
        for subject, key, ids in moved:
            own = CustomField.objects.filter(subject=subject, key=key).first()
            if own is None:
                continue
            model = get_subject(subject).model
            if model.objects.filter(pk__in=ids, custom__contains={key: winner}).count() != len(ids):
                raise built_on()
            self._point(own, ids, loser)

    def _point(self, own: CustomField, ids: list[int], pk: int) -> None:
        value = Func(
            F("custom"),
            Value([own.key]),
            Value(pk, JSONField()),
            function="jsonb_set",
            template="%(function)s(%(expressions)s)",
            output_field=JSONField(),
        )
        get_subject(own.subject).model.objects.filter(Q(pk__in=ids)).update(custom=value)
