"""The filter of deals: one object that board, table, exports, bulk actions and reports share.

Read from a query string (`from_params`), written back in its normal form (`to_params`, `to_query`), applied to a
queryset (`apply`), told in words (`chips`). Values that make no sense are dropped, never an error: an address
that was sent to a colleague must open.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voronka.core import clock, formats
from voronka.core.periods import end_of, period_label, start_of
from voronka.core.tenancy import current_workspace_id
from voronka.core.text import fold
from voronka.deals.choices import DealKind, Interest, Outcome, Priority
from voronka.desk.lists.conditions import Group, apply, parse
from voronka.desk.lists.registry import custom_fields, get_listing

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

# In a list of ids: «not given».
NOT_GIVEN = 0
NOT_GIVEN_CODE = "-"

Kind = Literal["id", "ids", "codes", "day", "sum", "text", "flag", "tree"]

# Field -> what it holds. The order is the order of chips and of the normal form.
FIELDS: dict[str, Kind] = {
    "funnel": "id",
    "q": "text",
    "stage": "ids",
    "owner": "ids",
    "team": "ids",
    "segment": "ids",
    "product_group": "ids",
    "source": "ids",
    "region": "codes",
    "industry": "codes",
    "company": "ids",
    "outcome": "codes",
    "reason": "ids",
    "closed_owner": "ids",
    "kind": "codes",
    "priority": "codes",
    "interest": "codes",
    "opened_from": "day",
    "opened_to": "day",
    "closed_from": "day",
    "closed_to": "day",
    "expected_from": "day",
    "expected_to": "day",
    "amount_from": "sum",
    "amount_to": "sum",
    "no_next_step": "flag",
    "overdue_step": "flag",
    "no_amount": "flag",
    "no_expected": "flag",
    "overdue_close": "flag",
    "where": "tree",
}

LABELS: dict[str, str | Promise] = {
    "funnel": _("Funnel"),
    "q": _("Search"),
    "stage": _("Stage"),
    "owner": _("Responsible"),
    "team": _("Team"),
    "segment": _("Segment"),
    "product_group": _("Product group"),
    "source": _("Source"),
    "region": _("Region"),
    "industry": _("Industry"),
    "company": _("Client"),
    "outcome": _("Outcome"),
    "reason": _("Reason"),
    "closed_owner": _("Closed by"),
    "kind": _("Kind"),
    "priority": _("Priority"),
    "interest": _("Interest"),
    "opened_from": _("Opened"),
    "closed_from": _("Closed"),
    "expected_from": _("Expected close"),
    "amount_from": _("Sum"),
    "no_next_step": _("No next step"),
    "overdue_step": _("Next step overdue"),
    "no_amount": _("No sum"),
    "no_expected": _("No expected date"),
    "overdue_close": _("Expected date has passed"),
    "where": _("Conditions"),
}

_CODES: dict[str, frozenset[str]] = {
    "outcome": frozenset(Outcome.values),
    "kind": frozenset(DealKind.values),
    "priority": frozenset(str(value) for value in Priority.values),
    "interest": frozenset((*Interest.values, NOT_GIVEN_CODE)),
}

# Conditions by the hideable field that they would let guess.
_GUESSED: dict[str, tuple[str, ...]] = {
    "amount": ("amount_from", "amount_to", "no_amount"),
    "expected_close": ("expected_from", "expected_to", "no_expected", "overdue_close"),
    "source": ("source",),
    "interest": ("interest",),
}


def unasked(hidden: Iterable[str]) -> frozenset[str]:
    """The conditions that whoever is kept from the fields *hidden* may not ask."""
    return frozenset(name for field in hidden for name in _GUESSED.get(field, ()))


# Attributes that do not change with time: of the client (today's) and of the deal itself.
_COLUMNS = {
    "segment": "company__segment_id",
    "source": "source_id",
    "region": "company__region",
    "industry": "company__industry",
    "company": "company_id",
    "kind": "kind",
    "priority": "priority",
    "interest": "interest",
}


@dataclass(frozen=True)
class Chip:
    """One condition in words; `without` is the query string that lacks it."""

    field: str
    label: str
    text: str
    without: str


@dataclass(frozen=True)
class DealFilter:
    """Conditions on deals, all of which must hold; an empty field asks nothing.

    Several values of one field mean «any of them»; 0 (or "-" among codes) means «not given». Days are whole days
    of the workspace, both ends included. `team` includes the teams below, `product_group` the groups below.
    `where` is a tree of conditions on any field (desk.lists.conditions) in its normal form; *asker* is whose «me» and
    whose hidden fields it goes by.
    """

    funnel: int | None = None
    q: str = ""
    stage: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()
    team: tuple[int, ...] = ()
    segment: tuple[int, ...] = ()
    product_group: tuple[int, ...] = ()
    source: tuple[int, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    company: tuple[int, ...] = ()
    outcome: tuple[str, ...] = ()
    reason: tuple[int, ...] = ()
    closed_owner: tuple[int, ...] = ()
    kind: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    interest: tuple[str, ...] = ()
    opened_from: dt.date | None = None
    opened_to: dt.date | None = None
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None
    expected_from: dt.date | None = None
    expected_to: dt.date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    no_next_step: bool = False
    overdue_step: bool = False
    no_amount: bool = False
    no_expected: bool = False
    overdue_close: bool = False
    where: str = ""
    asker: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        # One normal form, whoever makes the filter: equal questions are equal objects.
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, tuple):
                object.__setattr__(self, f.name, tuple(sorted(set(value))))

    # -- reading and writing ------------------------------------------------------------------------------------

    @classmethod
    def from_params(cls, params: Mapping[str, Any], member: Member | None = None) -> DealFilter:
        """Read a query string (a `QueryDict` or a dict of values or lists). `owner=me` is *member*.

        Conditions on fields that *member* may not see are dropped: they would let guess the values.
        """
        given: dict[str, Any] = {}
        kept = unasked(member.hidden_fields("deal")) if member is not None else frozenset()
        for name, kind in FIELDS.items():
            if name in kept:
                continue
            value = _read(kind, _values(params, name), _CODES.get(name), member)
            if value not in (None, "", (), False):
                given[name] = value
        return cls(**given, asker=member)

    def to_params(self) -> dict[str, list[str]]:
        """The normal form: only what is asked, in the fixed order, values sorted."""
        return {
            name: _written(getattr(self, name))
            for name in FIELDS
            if getattr(self, name) not in (None, "", (), False)
        }

    def to_query(self, **extra: Any) -> str:
        """The normal form as a query string, without «?»; *extra* parameters follow."""
        params: dict[str, Any] = dict(self.to_params())
        params.update({name: value for name, value in extra.items() if value not in (None, "")})
        return urlencode(params, doseq=True)

    @property
    def digest(self) -> str:
        """Short and steady: equal filters have equal digests."""
        return hashlib.sha256(self.to_query().encode()).hexdigest()[:16]

    def __bool__(self) -> bool:
        """Whether anything but the funnel is asked."""
        return any(name != "funnel" for name in self.to_params())

    def only(self, names: Iterable[str]) -> DealFilter:
        """The same filter with no other fields than *names*."""
        kept = set(names)
        return DealFilter(
            **{f.name: getattr(self, f.name) for f in fields(self) if f.name in kept}, asker=self.asker
        )

    def without(self, *names: str) -> DealFilter:
        """The same filter without the conditions *names*."""
        empty = DealFilter()
        return replace(self, **{name: getattr(empty, name) for name in names})

    # -- applying -----------------------------------------------------------------------------------------------

    def apply(self, queryset: Any) -> Any:
        """*queryset* of deals narrowed to this filter. Rights are not its business: start from `visible_to`.

        Without an asked outcome the deleted deals stay away.
        """
        queryset = self.apply_attributes(queryset)
        if self.funnel:
            queryset = queryset.filter(funnel_id=self.funnel)
        if self.outcome:
            queryset = queryset.filter(outcome__in=self.outcome)
        else:
            queryset = queryset.exclude(outcome=Outcome.DELETED)
        for name in ("stage", "owner", "reason", "closed_owner"):
            queryset = _among(queryset, f"{name}_id", getattr(self, name))
        queryset = _among(queryset, "team_id", self.team_ids())
        queryset = _between_days(queryset, "opened_at", self.opened_from, self.opened_to)
        queryset = _between_days(queryset, "closed_at", self.closed_from, self.closed_to)
        if self.expected_from:
            queryset = queryset.filter(expected_close__gte=self.expected_from)
        if self.expected_to:
            queryset = queryset.filter(expected_close__lte=self.expected_to)
        if self.amount_from is not None:
            queryset = queryset.filter(amount_base__gte=self.amount_from)
        if self.amount_to is not None:
            queryset = queryset.filter(amount_base__lte=self.amount_to)
        if self.no_next_step:
            queryset = queryset.filter(outcome=Outcome.OPEN, next_activity_at=None)
        if self.overdue_step:
            queryset = queryset.filter(outcome=Outcome.OPEN, next_activity_at__lt=clock.now())
        if self.no_amount:
            queryset = queryset.filter(amount=None)
        if self.no_expected:
            queryset = queryset.filter(outcome=Outcome.OPEN, expected_close=None)
        if self.overdue_close:
            queryset = queryset.filter(outcome=Outcome.OPEN, expected_close__lt=clock.today())
        if self.where:
            queryset = apply(queryset, self.tree(), self._known(), self.asker)
        return self._search(queryset)

    def tree(self) -> Group:
        """`where` as a tree, without what the asker may not see."""
        return parse(self.where, self._known()).where

    def _known(self) -> dict[str, Any]:
        return known_fields(self.asker)

    def apply_attributes(self, queryset: Any) -> Any:
        """Only the conditions that hold whatever the moment: client, source, product group, kind, priority.

        Reports use it: stage, outcome, owner and sum they read from the history.
        """
        for name, column in _COLUMNS.items():
            queryset = _among(queryset, column, getattr(self, name))
        return _among(queryset, "product_group_id", self.product_group_ids())

    def team_ids(self) -> tuple[int, ...]:
        """The asked teams with all below them."""
        from voronka.workspaces.models import Team

        return _with_children(Team, self.team)

    def product_group_ids(self) -> tuple[int, ...]:
        """The asked product groups with all below them."""
        from voronka.catalog.models import ProductGroup

        return _with_children(ProductGroup, self.product_group)

    def _search(self, queryset: Any) -> Any:
        words = fold(self.q)
        if not words:
            return queryset
        condition = Q(title__icontains=self.q) | Q(company__name_key__contains=words)
        digits = words.lstrip("№# ")
        if digits.isdecimal() and len(digits) < 16:
            condition |= Q(number=int(digits))
        return queryset.filter(condition)

    # -- in words -----------------------------------------------------------------------------------------------

    def chips(self, *, skip: Iterable[str] = ("funnel",), **extra: Any) -> list[Chip]:
        """The conditions in words, each with the query string that lacks it (*extra* parameters stay)."""
        from voronka.deals.filter_words import told

        chips = []
        skipped = set(skip)
        for names in _groups(self):
            if names[0] in skipped:
                continue
            label = str(LABELS.get(names[0]) or LABELS[names[0].replace("_to", "_from")])
            chips.append(Chip(names[0], label, told(self, names[0]), self.without(*names).to_query(**extra)))
        return chips


_PAIRS = ("opened", "closed", "expected", "amount")


def _groups(query: DealFilter) -> list[tuple[str, ...]]:
    """Names of the asked fields; the two ends of a range are one chip."""
    asked = query.to_params()
    groups: list[tuple[str, ...]] = []
    for name in asked:
        stem = name.removesuffix("_from").removesuffix("_to")
        if stem in _PAIRS and name != stem:
            pair = (f"{stem}_from", f"{stem}_to")
            if pair not in groups:
                groups.append(pair)
        else:
            groups.append((name,))
    return groups


def known_fields(member: Member | None) -> dict[str, Any]:
    """The fields of deals that *member* sees; all of them where nobody in particular asks."""
    listing = get_listing("deal")
    if member is not None:
        return listing.fields_for(member)
    own = custom_fields("deal") if current_workspace_id() is not None else []
    return {known.name: known for known in [*listing.fields(), *own]}


def _values(params: Mapping[str, Any], name: str) -> list[str]:
    values = params.getlist(name) if hasattr(params, "getlist") else params.get(name, [])
    if isinstance(values, (str, int, bool, Decimal, dt.date)) or values is None:
        values = [values]
    return [str(value).strip() for value in values if value not in (None, "", False)]


def _read(kind: Kind, values: list[str], allowed: frozenset[str] | None, member: Member | None) -> Any:
    if not values:
        return None
    if kind == "text":
        return values[-1].replace("\x00", "")[:200]
    if kind == "tree":
        return parse(values[-1], known_fields(member)).where.to_text()
    if kind == "flag":
        return values[-1].lower() in ("1", "true", "on", "yes")
    if kind == "day":
        try:
            day = dt.date.fromisoformat(values[-1])
        except ValueError:
            return None
        # Room for time zones at both ends: a year of 1 or 9999 cannot be moved to UTC.
        return day if 1900 <= day.year <= 2200 else None
    if kind == "sum":
        try:
            amount = Decimal(values[-1].replace("\u00a0", "").replace(" ", "").replace(",", "."))
        except InvalidOperation:
            return None
        return amount if amount.is_finite() and abs(amount) < 10**13 else None
    parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
    if kind == "codes":
        return tuple(sorted({part for part in parts if (part in allowed if allowed else len(part) <= 2)}))
    ids = {_id(part, member) for part in parts} - {None}
    if kind == "id":
        return next(iter(ids), None) or None
    return tuple(sorted(ids))


def _id(text: str, member: Member | None) -> int | None:
    if text == "me":
        return member.pk if member else None
    if text in ("none", NOT_GIVEN_CODE):
        return NOT_GIVEN
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None


def _written(value: Any) -> list[str]:
    if value is True:
        return ["1"]
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return [str(value)]


def _among(queryset: Any, column: str, values: tuple[Any, ...]) -> Any:
    """Rows whose *column* is one of *values*; 0 and "-" stand for «not given»."""
    if not values:
        return queryset
    known = [value for value in values if value not in (NOT_GIVEN, NOT_GIVEN_CODE)]
    condition = Q(**{f"{column}__in": known}) if known else Q()
    if len(known) < len(values):
        # Region, industry and interest are texts: not given is an empty one (or a deal without a client).
        condition |= Q(**{f"{column}__isnull": True})
        if NOT_GIVEN_CODE in values:
            condition |= Q(**{column: ""})
    return queryset.filter(condition)


def _between_days(queryset: Any, column: str, first: dt.date | None, last: dt.date | None) -> Any:
    if first:
        queryset = queryset.filter(**{f"{column}__gte": start_of(first)})
    if last:
        queryset = queryset.filter(**{f"{column}__lt": end_of(last)})
    return queryset


def _with_children(model: Any, ids: tuple[int, ...]) -> tuple[int, ...]:
    """*ids* and the ids of everything below them in the tree of *model*."""
    if not ids:
        return ()
    children: dict[int, list[int]] = {}
    for pk, parent_id in model.objects.values_list("id", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    found: set[int] = set()
    rest = list(ids)
    while rest:
        pk = rest.pop()
        if pk not in found:
            found.add(pk)
            rest.extend(children.get(pk, ()))
    return tuple(sorted(found))


def range_text(first: Any, last: Any, *, money: bool = False) -> str:
    """«с 1 июля», «до 30 сент. 2026», or both ends."""
    if money:
        if first is not None and last is not None:
            return f"{formats.number(first)} – {formats.number(last)}"
        return f"≥ {formats.number(first)}" if first is not None else f"≤ {formats.number(last)}"
    if first and last:
        return period_label(first, last)
    if first:
        return str(_("from %(day)s") % {"day": period_label(first, first)})
    return str(_("until %(day)s") % {"day": period_label(last, last)})
