"""What the pages of reports ask with: links that change the question, and the dialog of the filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.analytics.filters import chosen_of, own_dimensions, rest_of
from voronka.deals.filter_words import Option, options
from voronka.deals.filters import LABELS, DealFilter
from voronka.desk.lists.fields import Field, Kind
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Action, Reach, Subject


@dataclass(frozen=True)
class Choice:
    """One of several links: a segment or a line of a menu."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class FilterField:
    """A list of choices in the dialog."""

    name: str
    label: str
    options: list[Option]
    chosen: list[str]
    source: str = ""


def filter_fields(request: HttpRequest, query: DealFilter) -> list[FilterField]:
    """The conditions that the dialog offers to who asks, with what is chosen."""
    member = request.member  # type: ignore[attr-defined]
    names = ["segment", "product_group", "source", "region", "industry"]
    if member.reach(Subject.REPORT, Action.SEE) > Reach.OWN:
        names = ["owner", "team", *names]
    chosen = query.to_params()
    lists = [FilterField(name, str(LABELS[name]), options(name), chosen.get(name, [])) for name in names]
    for name, known in own_dimensions(member).items():
        picked = chosen_of(query, name)
        lists.append(
            FilterField(
                name, str(known.label), _own_options(known, picked), picked, _own_source(request, known)
            )
        )
    return lists


def kept(query: DealFilter, params: dict[str, list[str]], fields: list[FilterField]) -> list[tuple[str, str]]:
    """The rest of a question as hidden fields of the dialog, with the conditions that its lists do not tell."""
    shown = {field.name for field in fields}
    rest = rest_of(query, shown).to_text()
    pairs = [
        (name, value) for name, values in params.items() if name not in shown | {"where"} for value in values
    ]
    return [*pairs, ("where", rest)] if rest else pairs


def _own_options(known: Field, picked: list[str]) -> list[Option]:
    if known.kind == Kind.FLAG:
        return [Option("yes", _("yes")), Option("no", _("no"))]
    found = dict(known.options()) if known.options else {}
    found = {str(value): str(text) for value, text in found.items()}
    return [Option(value, text) for value, text in (found | known.texts_of(picked)).items()]


def _own_source(request: HttpRequest, known: Field) -> str:
    """Where a long list of choices is asked for as one types."""
    if not known.source.startswith("field-"):
        return ""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    return workspace_url("field_choices", slug, int(known.source.removeprefix("field-")))


def filter_context(
    request: HttpRequest, query: DealFilter, params: dict[str, list[str]], action: str
) -> dict[str, Any]:
    """What `reports/filter.html` needs to ask for the conditions of a report at *action*."""
    fields = filter_fields(request, query)
    conditions = workspace_url("report_conditions", request.workspace.slug)  # type: ignore[attr-defined]
    return {
        "room": "reports",
        "action": action,
        "kept": kept(query, params, fields),
        "lists": fields,
        "conditions_url": f"{conditions}?{urlencode({**params, 'to': action}, doseq=True)}",
    }
