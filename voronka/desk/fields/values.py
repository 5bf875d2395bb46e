"""Values of own fields: from what people and programs give to what is stored, and back to words."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core import formats
from voronka.core.edits import PREFIX
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount, parse_day
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import clean as clean_text
from voronka.core.text import fold, length_problem
from voronka.desk.fields.models import LINKED, CustomField, FieldKind, FieldOption
from voronka.desk.fields.registry import rows_of
from voronka.workspaces.models import Member, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = {FieldKind.TEXT: 500, FieldKind.LONGTEXT: 20_000, FieldKind.LINK: 500}
MOST_CHOSEN = 200
YES = frozenset(["true", "1", "on", "yes", "y", "да", "+", "истина"])
NO = frozenset(["false", "0", "off", "no", "n", "нет", "-", "ложь"])


def fields_of(subject: str, *, funnel_id: int | None = None) -> list[CustomField]:
    """The fields in use of a subject, in their order; with *funnel_id* those that belong to this funnel."""
    rows = CustomField.objects.filter(subject=subject, archived_at=None)
    return [row for row in rows if not row.funnel_ids or funnel_id is None or funnel_id in row.funnel_ids]


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """*values* parted into those of the model's fields and those of own ones (`x_…`)."""
    own = {name: value for name, value in values.items() if name.startswith(PREFIX)}
    return {name: value for name, value in values.items() if name not in own}, own


def hold_definitions() -> None:
    """Wait until nobody changes the kind of a field, and let nobody do so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK, require_workspace_id()])


# The first half of the key of an advisory lock; the second is the workspace.
LOCK = 30_501


def clean(
    subject: str,
    values: Mapping[str, Any],
    *,
    actor: Member | None,
    present: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Check values by name (`x_<key>`) and return them as they are stored, None for nothing.

    *values* are what a form, a program or a stored row gives: text, numbers, dates, objects, ids. *present* is the
    row's `custom`: archived options and former colleagues that stand there may stay. Call it before locking rows.
    Raises `Refused` naming the field for a value that cannot be, and for an unknown or archived field; `Forbidden`
    for one that the actor may not see or change.
    """
    if not values:
        return {}
    hold_definitions()
    known = _named(subject, values)
    found: dict[str, Any] = {}
    for name, value in values.items():
        field = known.get(name)
        if field is None or field.archived_at is not None:
            raise Refused(_("There is no such field: “%(name)s”.") % {"name": name}, field=name)
        try:
            found[name] = read(field.kind, value)
        except Unreadable as fault:
            raise Refused(
                _("“%(field)s”: %(problem)s") % {"field": field.label, "problem": fault}, field=name
            ) from None
    present = present or {}
    if actor is not None:
        changed = [name for name, value in found.items() if value != present.get(name.removeprefix(PREFIX))]
        actor.require_fields(subject, changed)
    _require_there(known, found, actor, present)
    return found


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The column `custom` of a new row with these cleaned *values*."""
    return {name.removeprefix(PREFIX): value for name, value in values.items() if value is not None}


def clean_was(subject: str, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a form was made from, as it is stored; what cannot be read counts as not said."""
    if values is None:
        return None
    built_in, own = split(values)
    if own:
        for name, field in _named(subject, own).items():
            try:
                built_in[name] = read(field.kind, own[name])
            except Unreadable:
                continue
    return built_in


def _named(subject: str, names: Iterable[str]) -> dict[str, CustomField]:
    keys = [name.removeprefix(PREFIX) for name in names]
    return {row.name: row for row in CustomField.objects.filter(subject=subject, key__in=keys)}


def read(kind: str, value: Any) -> Any:
    """The stored form of *value*; None for nothing. Raises `Unreadable`. Whether ids exist is not asked here."""
    if value is None or value == "" or value == []:
        return None
    return _READERS[FieldKind(kind)](value)


def _read_text(limit: int, *, multiline: bool = False) -> Callable[[Any], str | None]:
    def reader(value: Any) -> str | None:
        text = clean_text(value, multiline=multiline)
        if problem := length_problem(text, limit):
            raise Unreadable(problem)
        return text or None

    return reader


def _read_link(value: Any) -> str | None:
    text = clean_text(value)
    if not text:
        return None
    if not re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) or re.match(r"[^/:]+:\d", text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or " " in text:
        raise Unreadable(
            _("“%(value)s” is not a link: it looks like https://example.com.") % {"value": text[:60]}
        )
    if problem := length_problem(text, LONGEST[FieldKind.LINK]):
        raise Unreadable(problem)
    return text


def _read_number(value: Any) -> str | None:
    try:
        found = parse_amount(value, places=6)
    except Unreadable:
        raise Unreadable(_("“%(value)s” is not a number.") % {"value": str(value)[:60]}) from None
    return None if found is None else format(found.normalize(), "f")


def _read_money(value: Any) -> str | None:
    found = parse_amount(value)
    return None if found is None else format(found, "f")


def _read_date(value: Any) -> str | None:
    found = parse_day(value, timezone.get_current_timezone())
    return None if found is None else found.isoformat()


def _read_flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = fold(value)
    if text in YES:
        return True
    if text in NO:
        return False
    if not text:
        return None
    raise Unreadable(_("“%(value)s” is neither yes nor no.") % {"value": str(value)[:60]})


def _read_id(value: Any) -> int:
    pk = getattr(value, "pk", value)
    if isinstance(pk, bool) or not re.fullmatch(r"[0-9]{1,18}", str(pk)):
        raise Unreadable(_("There is no such choice: choose from the list."))
    return int(pk)


def _read_ids(value: Any) -> list[int] | None:
    if isinstance(value, str):
        value = [part for part in re.split(r"[,\s]+", value) if part]
    elif isinstance(value, int) or hasattr(value, "pk"):
        value = [value]
    found = sorted({_read_id(one) for one in value})
    if len(found) > MOST_CHOSEN:
        raise Unreadable(_("Too many choices: at most %(limit)s fit.") % {"limit": MOST_CHOSEN})
    return found or None


_READERS: dict[FieldKind, Any] = {
    FieldKind.TEXT: _read_text(LONGEST[FieldKind.TEXT]),
    FieldKind.LONGTEXT: _read_text(LONGEST[FieldKind.LONGTEXT], multiline=True),
    FieldKind.LINK: _read_link,
    FieldKind.NUMBER: _read_number,
    FieldKind.MONEY: _read_money,
    FieldKind.DATE: _read_date,
    FieldKind.FLAG: _read_flag,
    FieldKind.CHOICE: _read_id,
    FieldKind.CHOICES: _read_ids,
    FieldKind.MEMBER: _read_id,
    FieldKind.PERSON: _read_id,
    FieldKind.COMPANY: _read_id,
}


def fits(kind: str, value: Any) -> bool:
    """Whether *value*, as it was stored once, is what a field of this kind stores."""
    if value is None:
        return True
    try:
        return read(kind, value) == value
    except Unreadable:
        return False


def require_fit(subject: str, values: Mapping[str, Any]) -> None:
    """Before an undo: what it brings back must still fit the fields. Raises `Refused` when a kind was changed."""
    _built_in, own = split(values)
    if own:
        hold_definitions()
        known = _named(subject, own)
        if any(name not in known or not fits(known[name].kind, value) for name, value in own.items()):
            raise Refused(_("The kind of this field was changed since, so this cannot be undone."))


def _ids(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]


def _require_there(
    known: Mapping[str, CustomField],
    stored: Mapping[str, Any],
    actor: Member | None,
    present: Mapping[str, Any],
) -> None:
    """Every id among *stored* names something that may be chosen, or that was chosen before."""
    wanted: dict[tuple[str, int], set[int]] = {}
    for name, value in stored.items():
        field = known[name]
        if value is None or not (field.has_options or field.kind in LINKED):
            continue
        kept = present.get(field.key)
        ids = set(_ids(value)) - set([] if kept is None else _ids(kept))
        if ids:
            wanted[name, field.pk] = ids
    for (name, pk), ids in wanted.items():
        field = known[name]
        if field.has_options:
            found = FieldOption.objects.filter(field=pk, archived_at=None, pk__in=ids)
        elif field.kind == FieldKind.MEMBER:
            found = Member.objects.active().filter(pk__in=ids)
        else:
            found = rows_of(field.kind, actor).filter(pk__in=ids)
        if found.count() != len(ids):
            raise Refused(
                _("“%(field)s”: %(problem)s")
                % {"field": field.label, "problem": _("There is no such choice: choose from the list.")},
                field=name,
            )


class Names:
    """Words for stored values of many rows in a fixed number of queries: `collect` all, then `text` each."""

    def __init__(self, member: Member | None = None) -> None:
        self.member = member
        self._asked: defaultdict[str, set[int]] = defaultdict(set)
        self._names: dict[str, dict[int, tuple[int, str]]] = {}
        self._currency = ""

    def collect(self, field: CustomField, value: Any) -> None:
        """Note that *value* of *field* will be told."""
        if value is None:
            return
        if field.has_options:
            self._asked["option"].update(_ids(value))
        elif field.kind in LINKED:
            self._asked[field.kind].add(value)

    def text(self, field: CustomField, value: Any) -> str:
        """*value* as people read it; "" for nothing."""
        if value is None:
            return ""
        try:
            return self._text(field, value)
        except (ValueError, TypeError, ArithmeticError):
            # Written by hand into the database: better shown raw than an error on every card.
            return str(value)

    def _text(self, field: CustomField, value: Any) -> str:
        kind = field.kind
        if field.has_options:
            names = self._loaded("option")
            found = sorted(names[pk] for pk in _ids(value) if pk in names)
            return ", ".join(name for _order, name in found)
        if kind in LINKED:
            return self._loaded(kind).get(value, (0, "…"))[1]
        if kind == FieldKind.FLAG:
            return _("yes") if value else _("no")
        if kind == FieldKind.DATE:
            return formats.numeric_date(dt.date.fromisoformat(value))
        if kind == FieldKind.NUMBER:
            return formats.number(Decimal(value))
        if kind == FieldKind.MONEY:
            return formats.money(Decimal(value), self._workspace_currency())
        return str(value)

    def _loaded(self, what: str) -> dict[int, tuple[int, str]]:
        known = self._names.setdefault(what, {})
        if asked := self._asked.pop(what, None):
            for row in self._rows(what).filter(pk__in=asked - known.keys()).only(*self._columns(what)):
                known[row.pk] = (getattr(row, "order", 0), row.name)
        return known

    def _rows(self, what: str) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any]
        if what == "option":
            rows = FieldOption.objects.all()
        elif what == FieldKind.MEMBER:
            rows = Member.objects.all()
        else:
            # Whom the reader may not see is not named.
            rows = rows_of(what, self.member)
        return rows

    @staticmethod
    def _columns(what: str) -> tuple[str, ...]:
        return ("workspace", "name", "order") if what == "option" else ("workspace", "name")

    def _workspace_currency(self) -> str:
        if not self._currency:
            self._currency = Workspace.objects.only("currency").get(pk=require_workspace_id()).currency
        return self._currency


def told(pairs: Iterable[tuple[CustomField, Any]], member: Member | None = None) -> list[str]:
    """Each (field, stored value) as people read it, "" for nothing; in at most five queries for all."""
    pairs = list(pairs)
    names = Names(member)
    for field, value in pairs:
        names.collect(field, value)
    return [names.text(field, value) for field, value in pairs]


def told_changes(
    subject: str, before: Mapping[str, Any], after: Mapping[str, Any], member: Member | None
) -> dict[str, dict[str, str]]:
    """For events: `x_…` -> {"label", "was", "now"} of the own fields among *after*."""
    _built_in, own = split(after)
    if not own:
        return {}
    known = _named(subject, own)
    names = [name for name in own if name in known]
    words = told(
        [pair for name in names for pair in ((known[name], before.get(name)), (known[name], own[name]))],
        member,
    )
    return {
        name: {
            "label": known[name].label,
            "was": words[2 * at] or formats.EMPTY,
            "now": words[2 * at + 1] or formats.EMPTY,
        }
        for at, name in enumerate(names)
    }
