"""Words that a body may use where the house has choices: what the choices are is said in their rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from voronka.activities.models import Direction
from voronka.analytics.funnel.query import Age, By, Compare, Form
from voronka.clients.models import ContactKind, PostKind, Size
from voronka.core.periods import PRESETS
from voronka.deals.choices import Attitude, DealKind, Influence, Interest, Side
from voronka.playbook.models import Channel, ForecastCategory


def one_of(values: Any, *, empty: bool = False) -> Any:
    """The type of one of these words; with *empty* also none of them."""
    return Literal[("", *values) if empty else tuple(values)]


if TYPE_CHECKING:
    # A checker wants them written out; programs want them to follow the choices.
    AgeWord = str
    AttitudeWord = str
    ByWord = str
    CategoryWord = str
    ChannelWord = str
    CompareWord = str
    ContactWord = str
    DealKindWord = str
    DirectionWord = str
    FormWord = str
    InfluenceWord = str
    InterestWord = str
    PeriodWord = str
    PostKindWord = str
    SideWord = str
    SizeWord = str
else:
    AgeWord = one_of(Age.values)
    AttitudeWord = one_of(Attitude.values, empty=True)
    ByWord = one_of(By.values)
    CategoryWord = one_of(ForecastCategory.values, empty=True)
    ChannelWord = one_of(Channel.values)
    CompareWord = one_of(Compare.values)
    ContactWord = one_of(ContactKind.values)
    DealKindWord = one_of(DealKind.values)
    DirectionWord = one_of(Direction.values)
    FormWord = one_of(Form.values)
    InfluenceWord = one_of(Influence.values, empty=True)
    InterestWord = one_of(Interest.values, empty=True)
    PeriodWord = one_of(preset.code for preset in PRESETS)
    PostKindWord = one_of(PostKind.values, empty=True)
    SideWord = one_of(Side.values)
    SizeWord = one_of(Size.values, empty=True)
