"""The values on a deal's card, each ready to be edited in place (components/inline.html)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Source
from voronka.core import formats
from voronka.core.edits import jsonable
from voronka.deals.choices import DealKind, Interest, Priority
from voronka.deals.labels import label_of
from voronka.deals.models import Deal
from voronka.playbook.models import ForecastCategory
from voronka.ui.deals import shown
from voronka.ui.navigation import workspace_url

FACTS = ("kind", "priority", "interest", "source", "product", "comment")
HEAD = ("title", "amount", "expected_close", "probability", "category")
NOTHING = ("", "—")
_CHOICES: dict[str, Any] = {
    "kind": DealKind.choices,
    "priority": Priority.choices,
    "interest": [NOTHING, *Interest.choices],
}
_TYPES = {
    "amount": "money",
    "expected_close": "date",
    "probability": "number",
    "comment": "textarea",
    "company": "combobox",
    "person": "combobox",
}
_REMOTE = {"company": "companies_options", "person": "people_options"}


def fact(request: HttpRequest, deal: Deal, name: str, *, may_edit: bool) -> dict[str, Any]:
    """The context of components/inline.html for one field."""
    field = deal._meta.get_field(name)
    value = jsonable(getattr(deal, field.attname))  # type: ignore[union-attr]
    made: dict[str, Any] = {
        "label": label_of(name),
        "field": name,
        "value": value,
        "shown": shown_value(deal, name),
        "url": workspace_url("deal_edit", request.workspace.slug, deal.number),  # type: ignore[attr-defined]
        "past": workspace_url("field_past", request.workspace.slug, "deal", deal.pk, name),  # type: ignore[attr-defined]
        "type": _TYPES.get(name, "text"),
        "may_edit": may_edit,
    }
    if may_edit:
        made |= _control(request, deal, name, value)
    return made


def facts(
    request: HttpRequest, deal: Deal, names: tuple[str, ...], *, may_edit: bool
) -> dict[str, dict[str, Any]]:
    """The same for several fields, by name; those that the member may not see are left out."""
    member = request.member  # type: ignore[attr-defined]
    hidden, readonly = member.hidden_fields("deal"), member.readonly_fields("deal")
    return {
        name: fact(request, deal, name, may_edit=may_edit and name not in readonly)
        for name in names
        if name not in hidden
    }


def shown_value(deal: Deal, name: str) -> str:
    """The value as people read it; "" where there is none."""
    value = getattr(deal, name)
    if name == "amount":
        return "" if value is None else formats.money(value, deal.currency)
    if name == "expected_close":
        return "" if value is None else shown.close_date(deal).text
    if name == "probability":
        return formats.percent(deal.chance / 100)
    if name == "category":
        return str(ForecastCategory(deal.category or deal.stage.category).label)
    if name == "interest" and value:
        since = f" · {formats.short_date(deal.interest_at)}" if deal.interest_at else ""
        return f"{deal.get_interest_display()}{since}"
    if name in _CHOICES:
        return str(getattr(deal, f"get_{name}_display")())
    return "" if value is None else str(value)


def _control(request: HttpRequest, deal: Deal, name: str, value: Any) -> dict[str, Any]:
    if name in _CHOICES:
        return {"type": "select", "options": _CHOICES[name]}
    if name == "category":
        by_stage = _("by the stage: %(category)s") % {"category": ForecastCategory(deal.stage.category).label}
        return {"type": "select", "options": [("", by_stage), *ForecastCategory.choices]}
    if name in ("source", "product"):
        model: Any = Source if name == "source" else Product
        rows = model.objects.values_list("pk", "name", "archived_at")
        live = [(pk, text) for pk, text, gone in rows if not gone or pk == value]
        return {"type": "combobox" if len(live) > 12 else "select", "options": [NOTHING, *live]}
    if name in _REMOTE:
        present = getattr(deal, name)
        source = workspace_url(_REMOTE[name], request.workspace.slug)  # type: ignore[attr-defined]
        return {
            "source": source,
            "options": [NOTHING, *([(present.pk, str(present))] if present else [])],
        }
    return {}
