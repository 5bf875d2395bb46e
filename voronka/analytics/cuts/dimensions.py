"""By what deals can be told apart: sellers, teams, products, clients' attributes, months, own fields.

A dimension is an expression on a deal and the names of its values. Values are texts («12», «77»), NONE where a deal has
none. Attributes of clients and the source are today's (metrics.md, Credit).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf, TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.analytics.filters import own_dimensions
from voronka.analytics.frame import Unanswerable
from voronka.catalog.models import Product, ProductGroup
from voronka.clients.industries import industry_name
from voronka.clients.models import Segment, Source
from voronka.clients.regions import region_name
from voronka.core import formats
from voronka.core.edits import PREFIX
from voronka.deals.choices import DealKind
from voronka.desk.lists.fields import Kind
from voronka.playbook.models import Funnel, Reason, Stage
from voronka.workspaces.models import Member as Colleague
from voronka.workspaces.models import Team

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

NONE = "-"
Names = Callable[[Iterable[str]], dict[str, str]]


@dataclass(frozen=True)
class Dimension:
    """One way to tell deals apart. `column` names the attribute; `moment` that which months are counted by.

    `is_ordered` rows stand in the order of their values (months), the others by size.
    """

    code: str
    label: str | Promise
    column: str
    names: Names
    is_ordered: bool = False

    def expression(self, *, owner: Any, team: Any, moment: str) -> Any:
        """The value as text; *owner*, *team* (expressions) and *moment* (a column) are what the report credits by."""
        if self.code == "month":
            # As text in the workspace's time zone: «2026-06-01 00:00:00».
            return Coalesce(Cast(TruncMonth(moment), TextField()), Value(NONE), output_field=TextField())
        if self.column.startswith(PREFIX):
            value: Any = KeyTextTransform(self.column.removeprefix(PREFIX), "custom")
        else:
            value = Cast({"owner": owner, "team": team}.get(self.column) or F(self.column), TextField())
        return Coalesce(NullIf(value, Value("")), Value(NONE), output_field=TextField())


def _of(model: Any) -> Names:
    def names(values: Iterable[str]) -> dict[str, str]:
        ids = [int(value) for value in values if value.isdecimal()]
        return {str(row.pk): str(row) for row in model.objects.filter(pk__in=ids)}

    return names


def _stages(values: Iterable[str]) -> dict[str, str]:
    """Stages by name; those of two funnels that are called alike also say of which they are."""
    ids = [int(value) for value in values if value.isdecimal()]
    found = list(Stage.objects.filter(pk__in=ids).select_related("funnel"))
    alike = {name for name, n in Counter(stage.name for stage in found).items() if n > 1}
    return {
        str(stage.pk): f"{stage.name} · {stage.funnel.name}" if stage.name in alike else stage.name
        for stage in found
    }


def _said(say: Callable[[str], str]) -> Names:
    return lambda values: {value: say(value) or value for value in values if value != NONE}


def _kind(value: str) -> str:
    return str(DealKind(value).label) if value in DealKind.values else value


def _month(value: str) -> str:
    return formats.month(_day(value), short=True)


def _day(value: str) -> dt.date:
    return dt.date.fromisoformat(value[:10])


DIMENSIONS = {
    one.code: one
    for one in (
        Dimension("owner", gettext_lazy("By seller"), "owner", _of(Colleague)),
        Dimension("team", gettext_lazy("By team"), "team", _of(Team)),
        Dimension("group", gettext_lazy("By product group"), "product_group_id", _of(ProductGroup)),
        Dimension("product", gettext_lazy("By product"), "product_id", _of(Product)),
        Dimension("segment", gettext_lazy("By segment"), "company__segment_id", _of(Segment)),
        Dimension("source", gettext_lazy("By source"), "source_id", _of(Source)),
        Dimension("region", gettext_lazy("By region"), "company__region", _said(region_name)),
        Dimension("industry", gettext_lazy("By industry"), "company__industry", _said(industry_name)),
        Dimension("kind", gettext_lazy("By kind of deal"), "kind", _said(_kind)),
        Dimension("in-funnel", gettext_lazy("By funnel"), "funnel_id", _of(Funnel)),
        Dimension("at-stage", gettext_lazy("By stage"), "stage_id", _stages),
        Dimension("why", gettext_lazy("By reason"), "reason_id", _of(Reason)),
        Dimension("month", gettext_lazy("By month"), "", _said(_month), is_ordered=True),
    )
}


def choices(*codes: str) -> tuple[tuple[str, str | Promise], ...]:
    """The choices of a report, in this order; the first is its default."""
    return tuple((code, DIMENSIONS[code].label) for code in codes)


def own_choices(member: Member | None) -> list[tuple[str, str | Promise]]:
    """Own fields by which deals are told apart: those with one value of few."""
    return [
        (name, _("By “%(field)s”") % {"field": field.label})
        for name, field in own_dimensions(member).items()
        if field.kind in (Kind.DICTIONARY, Kind.FLAG, Kind.MEMBER)
    ]


def dimension(code: str, member: Member | None) -> Dimension:
    """The dimension of this code, an own field's too. Raises `Unanswerable`."""
    if code in DIMENSIONS:
        return DIMENSIONS[code]
    field = own_dimensions(member).get(code)
    if field is None:
        raise Unanswerable(_("There is no such cut. Choose another one."))
    if field.kind == Kind.FLAG:
        words = {"true": _("yes"), "false": _("no")}
        return Dimension(code, str(field.label), code, lambda values: words)
    return Dimension(code, str(field.label), code, lambda values: dict(field.texts_of(list(values))))
