"""What a ready-made sales book consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from voronka.playbook.models import Channel, ForecastCategory, Strictness
from voronka.playbook.palette import color_at
from voronka.workspaces.rights import RoleCode


class Text(NamedTuple):
    """One text in both languages."""

    ru: str
    en: str

    def on(self, language: str) -> str:
        """The text in *language* ("ru", "en", "en-gb", …); Russian where there is no other."""
        return self.en if language.startswith("en") else self.ru


NO_TEXT = Text("", "")


@dataclass(frozen=True)
class TaskTemplate:
    """A task that entering the stage plans. *kind* is the channel of the activity, *role* empty for the responsible."""

    kind: Channel
    text: Text
    after: int = 0
    required: bool = False
    role: RoleCode | None = None
    script: Text = NO_TEXT


@dataclass(frozen=True)
class CriterionTemplate:
    """What must be so before the deal goes on. `lines` of a checklist are texts; other kinds use *params*."""

    kind: str
    params: tuple[tuple[str, str], ...] = ()
    lines: tuple[Text, ...] = ()
    strictness: Strictness = Strictness.WARN


@dataclass(frozen=True)
class ObjectionTemplate:
    """What clients object, and what to answer."""

    text: Text
    answer: Text


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
    remedies: Text = NO_TEXT
    tasks: tuple[TaskTemplate, ...] = ()
    criteria: tuple[CriterionTemplate, ...] = ()
    objections: tuple[ObjectionTemplate, ...] = ()
    told_at: tuple[int, ...] = (100, 200)

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
class CellTemplate:
    """What a target group buys a product group for (both by their codes), by what it chooses, its own steps."""

    group: str
    segment: str
    buys_for: Text
    chooses_by: Text
    steps: tuple[Text, ...]


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
    cells: tuple[CellTemplate, ...] = ()


@dataclass(frozen=True)
class StageWork:
    """What a stage asks, kept beside the template's outline: see `with_work`."""

    tasks: tuple[TaskTemplate, ...]
    criteria: tuple[CriterionTemplate, ...] = ()
    objections: tuple[ObjectionTemplate, ...] = ()
    remedies: Text = NO_TEXT


def with_work(template: BookTemplate, work: dict[str, dict[str, StageWork]]) -> BookTemplate:
    """*template* with what its stages ask: Russian name of a funnel -> Russian name of a stage -> work.

    Raises `KeyError` for a stage without work: a template is complete or none.
    """
    return replace(
        template,
        funnels=tuple(
            replace(
                funnel,
                stages=tuple(
                    replace(
                        stage,
                        tasks=work[funnel.name.ru][stage.name.ru].tasks,
                        criteria=work[funnel.name.ru][stage.name.ru].criteria,
                        objections=work[funnel.name.ru][stage.name.ru].objections,
                        remedies=work[funnel.name.ru][stage.name.ru].remedies,
                    )
                    for stage in funnel.stages
                ),
            )
            for funnel in template.funnels
        ),
    )


def _doing(kind: Channel) -> Callable[..., TaskTemplate]:
    def make(
        ru: str,
        en: str,
        after: int = 0,
        *,
        must: bool = False,
        role: RoleCode | None = None,
        how: Text = NO_TEXT,
    ) -> TaskTemplate:
        return TaskTemplate(kind, Text(ru, en), after, must, role, how)

    return make


# Short words for the tables of work: `call("Позвонить", "Call", 1, must=True)`.
call, meet, demo, visit, letter, todo = map(
    _doing, (Channel.CALL, Channel.MEETING, Channel.DEMO, Channel.VISIT, Channel.LETTER, Channel.TASK)
)


def filled(field: str, strictness: Strictness = Strictness.WARN) -> CriterionTemplate:
    """A field (`deal:amount`, `company:inn`) is filled in."""
    return CriterionTemplate("field_filled", (("field", field),), strictness=strictness)


def known(role: str, strictness: Strictness = Strictness.WARN) -> CriterionTemplate:
    """A person in this role of the purchase is known."""
    return CriterionTemplate("role_known", (("role", role),), strictness=strictness)


def held(channel: Channel, strictness: Strictness = Strictness.WARN) -> CriterionTemplate:
    """A contact of this nature was held."""
    return CriterionTemplate("activity_held", (("channel", channel.value),), strictness=strictness)


def ticked(*lines: Text, strictness: Strictness = Strictness.ASK) -> CriterionTemplate:
    """Every line of the list is ticked."""
    return CriterionTemplate("checklist", lines=lines, strictness=strictness)


def says(ru: str, en: str, answer_ru: str, answer_en: str) -> ObjectionTemplate:
    """What clients say, and what to answer."""
    return ObjectionTemplate(Text(ru, en), Text(answer_ru, answer_en))


def step(
    ru: str,
    en: str,
    goal: Text,
    result: Text,
    limit: int,
    chance: int,
    *work: TaskTemplate | CriterionTemplate | ObjectionTemplate,
    key: bool = False,
    role: RoleCode = RoleCode.SELLER,
    stuck: Text = NO_TEXT,
) -> StageTemplate:
    """A stage with its work in one place, in the order in which it is done; `funnel_of` gives it its colour."""
    return StageTemplate(
        Text(ru, en),
        goal,
        result,
        limit,
        chance,
        color="",
        role=role,
        is_key=key,
        remedies=stuck,
        tasks=tuple(one for one in work if isinstance(one, TaskTemplate)),
        criteria=tuple(one for one in work if isinstance(one, CriterionTemplate)),
        objections=tuple(one for one in work if isinstance(one, ObjectionTemplate)),
    )


def funnel_of(ru: str, en: str, group: str, segment: str, *stages: StageTemplate) -> FunnelTemplate:
    """A funnel of `step`s; neighbours differ in colour."""
    painted = tuple(replace(stage, color=color_at(place)) for place, stage in enumerate(stages))
    return FunnelTemplate(Text(ru, en), group, segment, painted)
