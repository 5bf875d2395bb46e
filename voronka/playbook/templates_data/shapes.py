"""What a ready-made sales book consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from voronka.playbook.models import ForecastCategory
from voronka.workspaces.rights import RoleCode


class Text(NamedTuple):
    """One text in both languages."""

    ru: str
    en: str

    def on(self, language: str) -> str:
        """The text in *language* ("ru", "en", "en-gb", …); Russian where there is no other."""
        return self.en if language.startswith("en") else self.ru


@dataclass(frozen=True)
class StageTemplate:
    """`limit` in working days, `probability` in per cent of reaching «won» from here."""

    name: Text
    goal: Text
    result: Text
    limit: int
    probability: int
    color: str
    role: RoleCode = RoleCode.SELLER
    is_key: bool = False

    @property
    def category(self) -> ForecastCategory:
        """How sure a deal of this stage is, as the forecast counts it."""
        if self.probability >= 75:
            return ForecastCategory.COMMIT
        return ForecastCategory.BEST_CASE if self.probability >= 50 else ForecastCategory.PIPELINE


@dataclass(frozen=True)
class FunnelTemplate:
    """`group` and `segment` are codes of this template's lists."""

    name: Text
    group: str
    segment: str
    stages: tuple[StageTemplate, ...]


@dataclass(frozen=True)
class GroupTemplate:
    code: str
    name: Text


@dataclass(frozen=True)
class SegmentTemplate:
    code: str
    name: Text
    description: Text


@dataclass(frozen=True)
class ProductTemplate:
    """`price` in whole units of the workspace's currency, VAT included."""

    group: str
    sku: str
    name: Text
    unit: Text
    price: int


@dataclass(frozen=True)
class KindTemplate:
    """`channel` is a value of `playbook.models.Channel`, `icon` a name of Tabler's outline set."""

    name: Text
    channel: str
    icon: str
    minutes: int


@dataclass(frozen=True)
class BookTemplate:
    """A whole book. `for_whom` tells which companies it suits, in one sentence."""

    code: str
    icon: str
    title: Text
    for_whom: Text
    groups: tuple[GroupTemplate, ...]
    segments: tuple[SegmentTemplate, ...]
    funnels: tuple[FunnelTemplate, ...]
    products: tuple[ProductTemplate, ...]
    won_reasons: tuple[Text, ...]
    lost_reasons: tuple[Text, ...]
    sources: tuple[Text, ...]
    kinds: tuple[KindTemplate, ...]
