"""Reports: the figures of the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import override
from ninja import Query, Router
from pydantic import Field, create_model

from voronka.analytics.filters import REPORT_FIELDS, report_fields
from voronka.analytics.funnel import output
from voronka.analytics.funnel.query import Age, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.analytics.reporting.question import Against, Question
from voronka.analytics.reporting.registry import Instrument, answer, instruments
from voronka.api.access import ApiRequest, needs
from voronka.api.filters import deal_parameters
from voronka.api.listed import read_tree
from voronka.api.shapes import In
from voronka.api.words import AgeWord, ByWord, CompareWord, FormWord, PeriodWord, one_of
from voronka.core.errors import Forbidden
from voronka.deals.filters import FIELDS

router = Router()
_WHERE: Any = Field(
    None,
    max_length=20_000,
    description="a tree of conditions in JSON, as the list of deals has it, on what holds of a deal whatever the moment:"
    " own fields, tags, client, source, product…",
)


class _Asked(In):
    form: FormWord = Form.COHORT.value
    by: ByWord = By.DEALS.value
    period: PeriodWord | None = None
    first: dt.date | None = Field(None, alias="from", description="first day of the period")
    last: dt.date | None = Field(None, alias="to", description="last day of the period, included")
    date: dt.date | None = Field(None, description="the day of the as-of form; its end is read")
    compare: CompareWord = Compare.NONE.value
    age: AgeWord = Age.SAME.value
    where: str | None = _WHERE


if TYPE_CHECKING:
    FunnelAsked = _Asked
else:
    FunnelAsked = deal_parameters("FunnelAsked", base=_Asked)


@router.get("/reports/funnel/", response=dict[str, Any], **needs("reports:read"))
def funnel_report(request: ApiRequest, asked: Query[FunnelAsked]) -> dict[str, Any]:
    """The sales funnel: cohort, movement, now or as of a day, of the deals that the member's reports cover."""
    sent = {
        name: value for name, value in asked.dict(by_alias=True).items() if value not in (None, [], False)
    }
    if asked.where:
        read_tree(asked.where, report_fields(request.member), "where")
    return output.as_json(run(FunnelQuery.from_params(sent, request.member), request.member))


def _asked_of(instrument: Instrument) -> Any:
    """What this report can be asked, as a model: its days, its comparison, its own choices, the filter."""
    asking = instrument.asking
    fields: dict[str, Any] = {"where": (str | None, _WHERE)}
    if asking.has_period:
        fields |= {
            "period": (PeriodWord | None, None),
            "first": (dt.date | None, Field(None, alias="from", description="first day of the period")),
            "last": (dt.date | None, Field(None, alias="to", description="last day of the period, included")),
        }
    if asking.has_day:
        about = "as of the end of this day; now by default"
        fields["date"] = (dt.date | None, Field(None, description=about))
    if asking.compares:
        fields["compare"] = (one_of(Against.values), Against.NONE.value)
    for choice in asking.choices:
        words = [code for code, _label in choice.values]
        if choice.more:
            about = f"one of {', '.join(words)}, or `x_<key>` of an own field"
            fields[choice.name] = (str, Field(choice.default, max_length=100, description=about))
        else:
            fields[choice.name] = (one_of(words), choice.default)
    name = "".join(part.capitalize() for part in instrument.name.split("-"))
    base = create_model(f"{name}Base", __base__=In, **fields)
    return deal_parameters(f"{name}Asked", base=base, skip=frozenset(FIELDS) - set(REPORT_FIELDS))


def _serve(instrument: Instrument) -> None:
    """Make *instrument* an operation of its own, so that its parameters and words are documented."""
    asked_model = _asked_of(instrument)

    def standard_report(request: ApiRequest, asked: Any) -> dict[str, Any]:
        sent = {
            name: value for name, value in asked.dict(by_alias=True).items() if value not in (None, [], False)
        }
        if instrument.name not in instruments(request.member):
            raise Forbidden(f"see the report {instrument.name}")
        if asked.where:
            read_tree(asked.where, report_fields(request.member), "where")
        question = Question.from_params(instrument.asking, sent, request.member)
        return answer(instrument, question, request.member).json()

    # Without postponed annotations: the model is known here only.
    standard_report.__annotations__ = {
        "request": ApiRequest,
        "asked": Query[asked_model],  # type: ignore[misc,valid-type]
        "return": dict[str, Any],
    }
    standard_report.__name__ = f"{instrument.name.replace('-', '_')}_report"
    with override("en"):
        standard_report.__doc__ = str(instrument.about)
    router.get(f"/reports/{instrument.name}/", response=dict[str, Any], **needs("reports:read"))(
        standard_report
    )


for _instrument in instruments().values():
    _serve(_instrument)
