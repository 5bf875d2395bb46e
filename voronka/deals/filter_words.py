"""What a deal filter offers and how its values read: names instead of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.catalog.models import ProductGroup
from voronka.clients.industries import industry_choices
from voronka.clients.models import Company, Segment, Source
from voronka.clients.regions import region_choices
from voronka.deals.choices import DealKind, Interest, Outcome, Priority
from voronka.deals.filters import NOT_GIVEN, NOT_GIVEN_CODE, known_fields, range_text
from voronka.desk.lists.words import told as in_words
from voronka.playbook.models import Funnel, Reason, Stage
from voronka.workspaces.models import Member, Team

if TYPE_CHECKING:
    from voronka.deals.filters import DealFilter

_MODELS: dict[str, Any] = {
    "funnel": Funnel,
    "stage": Stage,
    "owner": Member,
    "closed_owner": Member,
    "team": Team,
    "segment": Segment,
    "product_group": ProductGroup,
    "source": Source,
    "reason": Reason,
    "company": Company,
}
_WORDS: dict[str, Any] = {
    "outcome": Outcome,
    "kind": DealKind,
    "priority": Priority,
    "interest": Interest,
}


def told(query: DealFilter, name: str) -> str:
    """The value of field *name* of *query* in words."""
    stem = name.removesuffix("_from").removesuffix("_to")
    if stem != name:
        first, last = getattr(query, f"{stem}_from"), getattr(query, f"{stem}_to")
        return range_text(first, last, money=stem == "amount")
    value = getattr(query, name)
    if isinstance(value, bool):
        return ""
    if name == "q":
        return f"«{value}»"
    if name == "where":
        return in_words(query.tree(), known_fields(query.asker))
    values = value if isinstance(value, tuple) else (value,)
    names = {str(option.value): option.text for option in options(name, ids=values)}
    # Another workspace's id, or one long gone: the filter finds nothing, and says so.
    return ", ".join(names.get(str(one), _("not found")) for one in values)


class Option:
    """One choice of a filter field: `value` goes to the address, `text` to the screen."""

    __slots__ = ("text", "value")

    def __init__(self, value: Any, text: str) -> None:
        self.value = str(value)
        self.text = str(text)

    def __repr__(self) -> str:
        return f"Option({self.value!r}, {self.text!r})"


def options(name: str, *, ids: Any = None, funnel: int | None = None) -> list[Option]:
    """Choices of field *name*: all live ones (stages: of *funnel*), or those of *ids* whatever their state."""
    if name in _WORDS:
        given = [Option(value, label) for value, label in _WORDS[name].choices]
        return given if name != "interest" else [*given, Option(NOT_GIVEN_CODE, _("not given"))]
    if name in ("region", "industry"):
        table = region_choices() if name == "region" else industry_choices()
        return [*(Option(code, text) for code, text in table), Option(NOT_GIVEN_CODE, _("not given"))]
    rows = _MODELS[name].objects.all()
    if ids is not None:
        rows = rows.filter(pk__in=[value for value in ids if value])
    elif name in ("owner", "closed_owner"):
        rows = rows.exclude(status="invited")
    elif name == "company":
        return []
    else:
        rows = rows.filter(archived_at=None)
        if name == "stage" and funnel:
            rows = rows.filter(funnel_id=funnel)
        if name == "reason":
            rows = rows.filter(kind="lost")
    found = [Option(row.pk, str(row)) for row in rows]
    if name not in ("funnel", "stage", "company") and (ids is None or NOT_GIVEN in ids):
        found.append(Option(NOT_GIVEN, _("not given")))
    return found
