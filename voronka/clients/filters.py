"""The filter of clients: read from a query string, written back in its normal form, applied to a queryset.

Values that make no sense are dropped, never an error: an address that was sent to a colleague must open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q
from django.utils.dateparse import parse_datetime

from voronka.clients.industries import BY_SECTION
from voronka.clients.models import CompanyTag, PostKind
from voronka.clients.regions import BY_CODE
from voronka.core import clock
from voronka.core.text import clean, company_key, fold
from voronka.desk.search import matching

# "-" among codes and 0 among ids mean «not given».
NOT_GIVEN_CODE = "-"
NOT_GIVEN = 0
MOST_VALUES = 100
LONGEST_SILENCE = 3650
COMPANY_SORTS = ("name", "-name", "contact", "-contact", "created", "-created")
PEOPLE_SORTS = ("name", "-name", "contact", "-contact")

_COLUMNS = {"name": "name_key", "contact": "last_contact_at", "created": "created_at"}


@dataclass(frozen=True)
class CompanyFilter:
    """Conditions on companies, all of which must hold; several values of one field mean «any of them»."""

    q: str = ""
    segment: tuple[int, ...] = ()
    source: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()
    tag: tuple[int, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    key: bool = False
    silent: int | None = None
    sort: str = "name"

    @classmethod
    def from_params(cls, params: Any) -> CompanyFilter:
        """Read a `QueryDict`."""
        return cls(
            q=clean(params.get("q", ""))[:100],
            segment=_ids(params.getlist("segment")),
            source=_ids(params.getlist("source")),
            owner=_ids(params.getlist("owner")),
            tag=_ids(params.getlist("tag")),
            region=_codes(params.getlist("region"), BY_CODE),
            industry=_codes(params.getlist("industry"), BY_SECTION),
            key=params.get("key") == "1",
            silent=_days(params.get("silent", "")),
            sort=params.get("sort") if params.get("sort") in COMPANY_SORTS else "name",
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked (the order aside)."""
        return self == CompanyFilter(sort=self.sort)

    def apply(self, companies: Any) -> Any:
        """*companies* (made by `visible_to`) that meet the conditions, in no order yet."""
        companies = companies.present()
        if self.q:
            companies = companies.filter(found("company", self.q))
        for name in ("segment", "source", "owner"):
            if chosen := getattr(self, name):
                companies = companies.filter(_among(f"{name}_id", chosen))
        for name in ("region", "industry"):
            if codes := getattr(self, name):
                wanted = Q(**{f"{name}__in": [code for code in codes if code != NOT_GIVEN_CODE]})
                companies = companies.filter(wanted | Q(**{name: ""}) if NOT_GIVEN_CODE in codes else wanted)
        if self.tag:
            companies = companies.filter(
                Exists(CompanyTag.objects.filter(company=OuterRef("pk"), tag__in=self.tag))
            )
        if self.key:
            companies = companies.filter(is_key=True)
        if self.silent is not None:
            since = clock.now() - dt.timedelta(days=self.silent)
            # A client never reached is silent since it was added.
            companies = companies.filter(
                Q(last_contact_at__lt=since) | Q(last_contact_at=None, created_at__lt=since)
            )
        return companies

    def page(self, companies: Any, after: str, size: int) -> tuple[list[Any], str]:
        """One keyset page of *companies* and the mark after which the next begins ("" at the end)."""
        return keyset_page(companies, self.sort, after, size)


@dataclass(frozen=True)
class PersonFilter:
    """Conditions on contact persons."""

    q: str = ""
    owner: tuple[int, ...] = ()
    kind: tuple[str, ...] = ()
    sort: str = "name"

    @classmethod
    def from_params(cls, params: Any) -> PersonFilter:
        """Read a `QueryDict`."""
        return cls(
            q=clean(params.get("q", ""))[:100],
            owner=_ids(params.getlist("owner")),
            kind=_codes(params.getlist("kind"), PostKind.values),
            sort=params.get("sort") if params.get("sort") in PEOPLE_SORTS else "name",
        )

    @property
    def is_empty(self) -> bool:
        return self == PersonFilter(sort=self.sort)

    def apply(self, people: Any) -> Any:
        """*people* (made by `visible_to`) that meet the conditions."""
        people = people.present()
        if self.q:
            people = people.filter(found("person", self.q))
        if self.owner:
            people = people.filter(_among("owner_id", self.owner))
        if self.kind:
            positions = people.model.positions.rel.related_model.objects
            wanted = [kind for kind in self.kind if kind != NOT_GIVEN_CODE]
            people = people.filter(Exists(positions.filter(person=OuterRef("pk"), kind__in=wanted)))
        return people

    def page(self, people: Any, after: str, size: int) -> tuple[list[Any], str]:
        return keyset_page(people, self.sort, after, size)


def to_query(params: Mapping[str, Any]) -> str:
    """A query string of what is not empty; lists are repeated names."""
    return urlencode(
        {name: value for name, value in params.items() if value not in ("", None, (), [])}, doseq=True
    )


def keyset_page(rows: Any, sort: str, after: str, size: int) -> tuple[list[Any], str]:
    """*size* rows after the mark *after*, and the next mark. An unreadable mark begins anew."""
    down = sort.startswith("-")
    name = sort.lstrip("-")
    column = _COLUMNS[name]
    mark = _read_mark(after, name)
    if mark is not None:
        rows = rows.filter(_beyond(column, *mark, down=down))
    # The never reached come first when the longest silent do.
    order = F(column).desc(nulls_last=True) if down else F(column).asc(nulls_first=True)
    if name != "contact":
        order = F(column).desc() if down else F(column).asc()
    found = list(rows.order_by(order, "-pk" if down else "pk")[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    value = getattr(last, column)
    text = value.isoformat() if isinstance(value, dt.datetime) else (value or "")
    return found[:size], f"{last.pk}~{text}"


def _read_mark(after: str, name: str) -> tuple[Any, int] | None:
    pk, _sign, text = after[:400].partition("~")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    if name == "name":
        return clean(text), int(pk)
    try:
        moment = parse_datetime(text.replace(" ", "+")) if text else None
    except ValueError:
        return None
    if text and (moment is None or moment.tzinfo is None):
        return None
    return moment, int(pk)


def _beyond(column: str, value: Any, pk: int, *, down: bool) -> Q:
    beyond = "lt" if down else "gt"
    same_then = Q(**{f"pk__{beyond}": pk})
    if value is None:
        here = Q(**{f"{column}__isnull": True}) & same_then
        return here if down else here | Q(**{f"{column}__isnull": False})
    further = Q(**{f"{column}__{beyond}": value}) | (Q(**{column: value}) & same_then)
    if down and column == "last_contact_at":
        further |= Q(**{f"{column}__isnull": True})
    return further


def found(kind: str, text: str) -> Q:
    """Clients of *kind* found by their words; by the beginning of the name when the text is too short."""
    rows = matching(kind, text)
    if rows is None:
        # Too short for the index of words: the beginning of the name.
        return Q(name_key__startswith=company_key(text) if kind == "company" else fold(text))
    return Q(pk__in=rows.values("object_id"))


def _among(column: str, ids: tuple[int, ...]) -> Q:
    wanted = Q(**{f"{column}__in": [pk for pk in ids if pk != NOT_GIVEN]})
    return wanted | Q(**{f"{column}__isnull": True}) if NOT_GIVEN in ids else wanted


def _ids(values: list[str]) -> tuple[int, ...]:
    good = {int(v) for v in values[:MOST_VALUES] if v.isascii() and v.isdigit() and len(v) <= 18}
    return tuple(sorted(good))


def _codes(values: list[str], known: Any) -> tuple[str, ...]:
    return tuple(sorted({v for v in values[:MOST_VALUES] if v in known or v == NOT_GIVEN_CODE}))


def _days(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 4 and 0 < int(text) <= LONGEST_SILENCE:
        return int(text)
    return None
