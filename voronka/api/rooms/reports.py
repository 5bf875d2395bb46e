"""Reports: the figures of the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ninja import Query, Router
from pydantic import Field

from voronka.analytics.funnel import output
from voronka.analytics.funnel.query import Age, By, Compare, Form, FunnelQuery
from voronka.analytics.funnel.report import run
from voronka.api.access import ApiRequest, needs
from voronka.api.filters import deal_parameters
from voronka.api.shapes import In
from voronka.api.words import AgeWord, ByWord, CompareWord, FormWord, PeriodWord

router = Router()


class _Asked(In):
    form: FormWord = Form.COHORT.value
    by: ByWord = By.DEALS.value
    period: PeriodWord | None = None
    first: dt.date | None = Field(None, alias="from", description="first day of the period")
    last: dt.date | None = Field(None, alias="to", description="last day of the period, included")
    date: dt.date | None = Field(None, description="the day of the as-of form; its end is read")
    compare: CompareWord = Compare.NONE.value
    age: AgeWord = Age.SAME.value


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
    return output.as_json(run(FunnelQuery.from_params(sent, request.member), request.member))
