"""Words that a body may use where the house has choices: what the choices are is said in their rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from voronka.activities.models import Direction
from voronka.analytics.funnel.query import Age, By, Compare, Form
from voronka.clients.models import ContactKind, PostKind, Size
from voronka.core.periods import PRESETS
from voronka.deals.choices import DealKind, Interest
from voronka.playbook.models import Channel, ForecastCategory


def _words(values: Any, *, empty: bool = False) -> Any:
    return Literal[("", *values) if empty else tuple(values)]


if TYPE_CHECKING:
    # A checker wants them written out; programs want them to follow the choices.
    AgeWord = str
    ByWord = str
    CategoryWord = str
    ChannelWord = str
    CompareWord = str
    ContactWord = str
    DealKindWord = str
    DirectionWord = str
    FormWord = str
    InterestWord = str
    PeriodWord = str
    PostKindWord = str
    SizeWord = str
else:
    AgeWord = _words(Age.values)
    ByWord = _words(By.values)
    CategoryWord = _words(ForecastCategory.values, empty=True)
    ChannelWord = _words(Channel.values)
    CompareWord = _words(Compare.values)
    ContactWord = _words(ContactKind.values)
    DealKindWord = _words(DealKind.values)
    DirectionWord = _words(Direction.values)
    FormWord = _words(Form.values)
    InterestWord = _words(Interest.values, empty=True)
    PeriodWord = _words(preset.code for preset in PRESETS)
    PostKindWord = _words(PostKind.values, empty=True)
    SizeWord = _words(Size.values, empty=True)
