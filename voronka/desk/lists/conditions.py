"""Conditions on the rows of a list: a tree of «and» and «or», written into addresses, applied, told in words.

Written as JSON lists: a condition is `[field, op, value…]`, a group `["and", …]` or `["or", …]`; the whole is a group
(a list of conditions stands for «and»). What makes no sense is dropped, with a word about it: an address that was
sent to a colleague must open. Too much of it is refused with a sentence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.periods import end_of, start_of
from voronka.desk.lists import relative
from voronka.desk.lists.fields import (
    NUMBERS,
    ONE_OF,
    SEVERAL_OF,
    TEXTS,
    TIMES,
    Field,
    Kind,
    ids_among,
)

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

MOST_CONDITIONS = 50
DEEPEST = 3
MOST_VALUES = 200
LONGEST_VALUE = 200
LONGEST_TEXT = 20_000
# Among values: the reader, the reader's teams, «not given».
ME, MY_TEAM, NOTHING = "me", "team", "-"

OPS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(TEXTS, ("contains", "lacks", "begins", "is", "not", "filled", "empty")),
    **dict.fromkeys(NUMBERS, ("ge", "le", "between", "eq", "ne", "filled", "empty")),
    Kind.DAYS: ("ge", "le"),
    **dict.fromkeys(
        TIMES,
        ("period", "on", "before", "after", "between", "last", "next", "older", "later", "filled", "empty"),
    ),
    Kind.FLAG: ("yes", "no"),
    **dict.fromkeys(ONE_OF, ("in", "out", "filled", "empty")),
    **dict.fromkeys(SEVERAL_OF, ("any", "all", "none", "filled", "empty")),
}
WITHOUT_VALUE = frozenset({"filled", "empty", "yes", "no"})
MANY_VALUES = frozenset({"in", "out", "any", "all", "none"})
IN_DAYS = frozenset({"last", "next", "older", "later"})
MOST_DAYS = 36_500


@dataclass(frozen=True)
class Condition:
    """`field op values`: «amount ge 1000000»."""

    field: str
    op: str
    values: tuple[str, ...] = ()

    def dump(self) -> list[Any]:
        return [self.field, self.op, *self.values]


@dataclass(frozen=True)
class Group:
    """Conditions and groups of which all («and») or any («or») must hold; without any it holds always."""

    joined: Literal["and", "or"] = "and"
    items: tuple[Condition | Group, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)

    def dump(self, *, nested: bool = False) -> list[Any]:
        """As it stands in an address: the outermost «and» goes without saying."""
        inside = [item.dump(nested=True) if isinstance(item, Group) else item.dump() for item in self.items]
        return [self.joined, *inside] if nested or self.joined == "or" else inside

    def to_text(self) -> str:
        """The normal form: equal trees have equal texts; "" for the empty one."""
        return json.dumps(self.dump(), ensure_ascii=False, separators=(",", ":")) if self.items else ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_text().encode()).hexdigest()[:16]

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it, at any depth."""
        for item in self.items:
            if isinstance(item, Condition):
                yield item
            else:
                yield from item.conditions()

    def speaks_of(self, name: str) -> bool:
        return any(condition.field == name for condition in self.conditions())

    def also(self, *more: Condition | Group) -> Group:
        """This and *more*."""
        if self.joined == "and":
            return tidied(Group("and", (*self.items, *more)))
        return tidied(Group("and", (self, *more)))

    def without(self, index: int) -> Group:
        """The same without its item number *index*."""
        return Group(self.joined, tuple(item for i, item in enumerate(self.items) if i != index))


@dataclass(frozen=True)
class Parsed:
    """What was understood, and sentences about what was not.

    `dropped` tells people what the list goes on without; `refused` tells programs of the same what is wrong.
    """

    where: Group
    dropped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def parse(given: Any, fields: Mapping[str, Field]) -> Parsed:
    """Read a tree out of an address (its text) or out of JSON (lists).

    Unknown and hidden fields, operators and values that do not fit are dropped. Raises `Refused` for more than
    `MOST_CONDITIONS` conditions or `DEEPEST` levels.
    """
    if isinstance(given, Group):
        given = given.dump()
    if isinstance(given, str):
        if not given.strip():
            return Parsed(Group())
        if len(given) > LONGEST_TEXT:
            raise Refused(_too_many())
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            said = (_("The filter in the address could not be read."),)
            return Parsed(Group(), said, said)
    reader = _Reader(fields)
    where = reader.group(given, 1) if isinstance(given, list | tuple) else None
    return Parsed(
        tidied(where or Group()), tuple(dict.fromkeys(reader.dropped)), tuple(dict.fromkeys(reader.refused))
    )


def _too_many() -> str:
    return _("A filter may have at most %(most)s conditions: take some of them off.") % {
        "most": MOST_CONDITIONS
    }


class _Reader:
    """Reads one tree, counting."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.dropped: list[str] = []
        self.refused: list[str] = []
        self.count = 0

    def group(self, given: Any, depth: int) -> Group:
        if depth > DEEPEST:
            raise Refused(
                _("Groups of conditions may stand in one another at most %(most)s deep.") % {"most": DEEPEST}
            )
        joined: Literal["and", "or"] = "and"
        items = list(given)
        if items and isinstance(items[0], str):
            if items[0] not in ("and", "or"):
                return Group("and", tuple(self._one(items)))
            joined, items = items[0], items[1:]  # type: ignore[assignment]
        found: list[Condition | Group] = []
        for item in items:
            if not isinstance(item, list | tuple) or not item:
                continue
            if isinstance(item[0], str) and item[0] not in ("and", "or"):
                found += self._one(item)
            else:
                found.append(self.group(item, depth + 1))
        return Group(joined, tuple(found))

    def _one(self, given: Any) -> list[Condition]:
        self.count += 1
        if self.count > MOST_CONDITIONS:
            raise Refused(_too_many())
        name, op = str(given[0]), str(given[1]) if len(given) > 1 else ""
        field = self.fields.get(name)
        if field is None or not field.filterable:
            self.dropped.append(_("A condition on a field that you do not see was left out."))
            self.refused.append(_("There is no field “%(field)s” to ask about here.") % {"field": name[:60]})
            return []
        if op not in ops_of(field):
            return self._not_understood(field)
        values = tuple(
            text
            for value in list(given[2:])[:MOST_VALUES]
            if isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and (text := str(value).replace("\x00", "").strip()[:LONGEST_VALUE]) is not None
        )
        fit = _fitting(field, op, values)
        return self._not_understood(field) if fit is None else [Condition(name, op, fit)]

    def _not_understood(self, field: Field) -> list[Condition]:
        named = {"field": field.label}
        self.dropped.append(_("A condition on “%(field)s” was not understood and was left out.") % named)
        self.refused.append(_("The condition on “%(field)s” is not understood.") % named)
        return []


def _fitting(field: Field, op: str, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values in their normal form; None when the operator cannot work with them."""
    if op in WITHOUT_VALUE:
        return ()
    if op in MANY_VALUES:
        good = {value for value in values if value and _is_possible(field, value)}
        return tuple(sorted(_as_merged(field, good))) or None
    if op == "period":
        return values[:1] if values and values[0] in relative.PERIODS else None
    if op in IN_DAYS or field.kind == Kind.DAYS:
        days = values[0] if values else ""
        return (str(int(days)),) if days.isascii() and days.isdecimal() and int(days) <= MOST_DAYS else None
    if op == "between":
        ends = (*values, "", "")[:2]
        read = [_normal(field, end) if end else "" for end in ends]
        return None if None in read or not any(read) else tuple(str(end) for end in read)
    value = _normal(field, values[0]) if values and values[0] else None
    return None if value is None else (value,)


def _as_merged(field: Field, values: set[str]) -> set[str]:
    """*values* with those that were merged into others replaced by the others: filters that were kept go on working."""
    model, ids = field.merging_model, ids_among(values)
    if model is None or not ids:
        return values
    merged = model.objects.filter(pk__in=ids, merged_into__isnull=False)
    into = {str(old): str(new) for old, new in merged.values_list("pk", "merged_into_id")}
    return {into.get(value, value) for value in values} if into else values


def _normal(field: Field, text: str) -> str | None:
    if field.kind in NUMBERS:
        number = as_number(text)
        return None if number is None else f"{number.normalize():f}"
    if field.kind in TIMES:
        day = as_day(text)
        return day.isoformat() if day else None
    return text or None


def _is_possible(field: Field, value: str) -> bool:
    if value == NOTHING:
        return field.nullable or field.links is not None
    if (field.kind == Kind.MEMBER and value in (ME, MY_TEAM)) or (
        field.kind == Kind.TEAM and value == MY_TEAM
    ):
        return True
    if field.kind in (
        Kind.MEMBER,
        Kind.TEAM,
        Kind.COMPANY,
        Kind.PERSON,
        Kind.DEAL,
        Kind.DICTIONARY,
        Kind.TAGS,
    ):
        return value.isascii() and value.isdecimal() and len(value) < 19
    return value in field.texts_of([value])


def tidied(where: Group) -> Group:
    """The normal form: groups of one dissolved, groups of the same joint joined, repetitions left out."""
    items: list[Condition | Group] = []
    for item in where.items:
        if isinstance(item, Group):
            inner = tidied(item)
            if len(inner.items) <= 1 or inner.joined == where.joined:
                items += inner.items
            else:
                items.append(inner)
        else:
            items.append(item)
    found = tuple(dict.fromkeys(items))
    if len(found) == 1 and isinstance(found[0], Group):
        return found[0]
    return Group("and" if len(found) <= 1 else where.joined, found)


def ops_of(field: Field) -> tuple[str, ...]:
    """The operators of a field."""
    if field.ops:
        return field.ops
    ops = OPS[field.kind]
    return ops if field.nullable or field.links else tuple(op for op in ops if op not in ("filled", "empty"))


# -- applying


def apply(rows: Any, where: Group, fields: Mapping[str, Field], member: Member | None) -> Any:
    """*rows* for which *where* holds; «я» and «моя команда» are *member*'s. Rights are not its business."""
    names: dict[str, str] = {}
    for condition in where.conditions():
        field = fields.get(condition.field)
        if field is not None and field.column and not isinstance(field.column, str):
            names[field.name] = f"_field_{len(names)}"
            rows = rows.alias(**{names[field.name]: field.column})
    found = _joined(where, fields, names, member)
    return rows.filter(found) if found is not None else rows


def _joined(
    group: Group, fields: Mapping[str, Field], names: Mapping[str, str], member: Member | None
) -> Q | None:
    found: Q | None = None
    for item in group.items:
        if isinstance(item, Group):
            one = _joined(item, fields, names, member)
        elif (field := fields.get(item.field)) is not None:
            one = condition_q(field, item, member, names.get(field.name, ""))
        else:
            one = None
        if one is not None:
            found = one if found is None else (found & one if group.joined == "and" else found | one)
    return found


def condition_q(field: Field, condition: Condition, member: Member | None, column: str = "") -> Q:
    """One condition as a `Q`; *column* is the alias of an expression."""
    if field.condition is not None:
        return field.condition(condition, member)
    if field.links is not None:
        return _linked(field, condition)
    column = column or str(field.column)
    if field.kind in TEXTS:
        return _text(column, condition, nullable=field.nullable)
    if condition.op in ("filled", "empty"):
        return _emptiness(field, column, empty=condition.op == "empty")
    if field.kind == Kind.FLAG:
        return Q(**{column: condition.op == "yes"})
    if field.kind in NUMBERS:
        return _number(column, condition)
    if field.kind in TIMES:
        return _time(column, condition, moments=field.kind == Kind.MOMENT)
    if field.kind in SEVERAL_OF:
        return _several(column, condition)
    return _one_of(field, column, condition, member)


def _emptiness(field: Field, column: str, *, empty: bool) -> Q:
    found = Q(**{f"{column}__isnull": True})
    if field.kind == Kind.CHOICE:
        found |= Q(**{column: ""})
    return found if empty else ~found


def _text(column: str, condition: Condition, *, nullable: bool) -> Q:
    op = condition.op
    if op in ("filled", "empty"):
        found = Q(**{column: ""}) | Q(**{f"{column}__isnull": True})
        return found if op == "empty" else ~found
    lookup = {"contains": "icontains", "lacks": "icontains", "begins": "istartswith"}.get(op, "iexact")
    found = Q(**{f"{column}__{lookup}": condition.values[0]})
    if op in ("lacks", "not"):
        return ~found | Q(**{f"{column}__isnull": True}) if nullable else ~found
    return found


def _number(column: str, condition: Condition) -> Q:
    numbers = [as_number(value) for value in condition.values]
    if condition.op == "between":
        found = Q()
        if numbers[0] is not None:
            found &= Q(**{f"{column}__gte": numbers[0]})
        if numbers[1] is not None:
            found &= Q(**{f"{column}__lte": numbers[1]})
        return found
    if condition.op == "ne":
        return ~Q(**{column: numbers[0]}) | Q(**{f"{column}__isnull": True})
    lookup = {"ge": "__gte", "le": "__lte", "eq": ""}[condition.op]
    return Q(**{f"{column}{lookup}": numbers[0]})


def _time(column: str, condition: Condition, *, moments: bool) -> Q:
    first, last = days_of(condition)
    found = Q()
    if first is not None:
        found &= Q(**{f"{column}__gte": start_of(first) if moments else first})
    if last is not None:
        found &= Q(**{f"{column}__lt": end_of(last)}) if moments else Q(**{f"{column}__lte": last})
    return found


def days_of(condition: Condition) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day that a condition on a date means; None where it is open."""
    op, values, today = condition.op, condition.values, clock.today()
    if op == "period":
        return relative.period(values[0], today)
    if op in IN_DAYS:
        days = dt.timedelta(days=int(values[0]))
        ends: dict[str, tuple[dt.date | None, dt.date | None]] = {
            "last": (today - days, today),
            "next": (today, _later(today, days)),
            "older": (None, today - days - dt.timedelta(days=1)),
            "later": (_later(today, days + dt.timedelta(days=1)), None),
        }
        return ends[op]
    read = [as_day(value) for value in values]
    if op == "between":
        return read[0], read[1]
    day = read[0]
    if day is None:
        return None, None
    one = dt.timedelta(days=1)
    return {"on": (day, day), "before": (None, day - one), "after": (day + one, None)}[op]


def _later(day: dt.date, by: dt.timedelta) -> dt.date:
    return day + by


def _one_of(field: Field, column: str, condition: Condition, member: Member | None) -> Q:
    found = Q(pk__in=[])
    plain: list[Any] = []
    for value in condition.values:
        if value == NOTHING:
            found |= _emptiness(field, column, empty=True)
        elif field.kind == Kind.MEMBER and value == ME:
            plain += [member.pk] if member else []
        elif value == MY_TEAM and field.kind == Kind.MEMBER:
            plain += _team_mates(member) if member else []
        elif value == MY_TEAM and field.kind == Kind.TEAM:
            plain += sorted(member.team_ids) if member else []
        else:
            plain.append(int(value) if field.kind not in (Kind.CHOICE,) else value)
    if field.kind == Kind.TEAM:
        from voronka.workspaces.models import Team

        plain = with_children(Team, plain)
    plain += _merged_into(field, plain)
    if plain:
        # One value as an equality: an index that is ordered by something else behind it can then be walked.
        found |= Q(**{column: plain[0]}) if len(plain) == 1 else Q(**{f"{column}__in": plain})
    return ~found if condition.op == "out" else found


def _merged_into(field: Field, ids: list[Any]) -> list[int]:
    """What was merged into the entries *ids*: where merging moves nothing, rows still point at the old ones."""
    model = field.merging_model
    if model is None or field.kind != Kind.DICTIONARY or not ids:
        return []
    return list(model.objects.filter(merged_into__in=ids).order_by("pk").values_list("pk", flat=True))


def _team_mates(member: Member) -> list[int]:
    """Ids of those in *member*'s teams, *member* included."""
    teams = member.team_ids
    ids = set(type(member).objects.filter(team_id__in=teams).values_list("pk", flat=True)) if teams else set()
    return sorted(ids | {member.pk})


def with_children(model: Any, ids: Iterable[int]) -> list[int]:
    """*ids* and the ids of everything below them in the tree of *model*."""
    rest = list(ids)
    if not rest:
        return []
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in model.objects.values_list("id", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    found: set[int] = set()
    while rest:
        pk = rest.pop()
        if pk not in found:
            found.add(pk)
            rest.extend(children.get(pk, ()))
    return sorted(found)


def _linked(field: Field, condition: Condition) -> Q:
    links = field.links
    if links is None:
        raise TypeError(field.name)
    rows = links.rows().filter(**{links.back: OuterRef("pk")}).order_by()
    op, value = condition.op, links.value
    if op in ("filled", "empty"):
        return Q(Exists(rows)) if op == "filled" else ~Q(Exists(rows))
    if field.kind in TEXTS:
        positive = Condition(
            condition.field, {"lacks": "contains", "not": "is"}.get(op, op), condition.values
        )
        found = Q(Exists(rows.filter(_text(value, positive, nullable=False))))
        return ~found if op in ("lacks", "not") else found
    given = [v for v in condition.values if v != NOTHING]
    if op == "all":
        every = Q()
        for one in given:
            every &= Q(Exists(rows.filter(**{value: one})))
        return every
    found = Q(Exists(rows.filter(**{f"{value}__in": given}))) if given else Q(pk__in=[])
    if NOTHING in condition.values:
        found |= ~Q(Exists(rows))
    return ~found if op in ("none", "out") else found


def _several(column: str, condition: Condition) -> Q:
    """Several values in one JSON list."""
    found = Q(pk__in=[]) if condition.op != "all" else Q()
    for value in condition.values:
        one = Q(**{f"{column}__contains": [value]})
        found = found & one if condition.op == "all" else found | one
    if condition.op == "none":
        return ~found | Q(**{f"{column}__isnull": True})
    return found


# What a field of the filter builder takes as a number; `as_number` reads whatever matches it.
NUMBER_PATTERN: Final = r"\s*[\-−]?\s*(\d\s*){1,13}([.,]\d{0,8})?\s*"


def as_number(text: str) -> Decimal | None:
    """A number as people type it; None for anything else."""
    try:
        number = Decimal("".join(text.split()).replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**13 and number.as_tuple().exponent > -9 else None  # type: ignore[operator]


def as_day(text: str) -> dt.date | None:
    """A day of our times (1900 to 2200); None for anything else."""
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
