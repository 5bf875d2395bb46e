"""What happens to the sales book. Payloads hold ids, so that other rooms can follow and each can be undone.

`order` of stages changes with `funnel.reordered`, `stage.added` (when not at the end) and their undoing; the
deals' room counts depths anew then, and after `stage.merged`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.desk.dictionaries.events import told_changes
from voronka.journal.registry import event_type
from voronka.playbook import undoing
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.parts import PARTS, TITLES


def _names(payload: Any) -> dict[str, Any]:
    return {
        name: getattr(payload, name, "")
        for name in ("name", "stage_name", "into_name", "target_name", "title")
    }


@event_type(
    "funnel.created",
    sentence=N_("Funnel created: {name}"),
    icon="filter-plus",
    describe=_names,
    undo=undoing.funnel_created,
)
@dataclass(frozen=True)
class FunnelCreated:
    funnel: int
    name: str
    stages: list[int]


@event_type(
    "funnel.edited",
    sentence=N_("Funnel changed: {name}"),
    icon="pencil",
    describe=_names,
    body=lambda payload: told_changes(Funnel, payload.texts),
    undo=undoing.funnel_edited,
)
@dataclass(frozen=True)
class FunnelEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    funnel: int
    name: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "funnel.archived",
    sentence=N_("Funnel archived: {name}"),
    icon="archive",
    describe=_names,
    undo=undoing.funnel_archived,
)
@dataclass(frozen=True)
class FunnelArchived:
    funnel: int
    name: str


@event_type(
    "funnel.restored",
    sentence=N_("Funnel restored: {name}"),
    icon="archive-off",
    describe=_names,
    undo=undoing.funnel_restored,
)
@dataclass(frozen=True)
class FunnelRestored:
    funnel: int
    name: str


@event_type(
    "funnel.listed",
    sentence=N_("Order of funnels changed"),
    icon="arrows-sort",
    describe=_names,
    undo=undoing.funnels_listed,
)
@dataclass(frozen=True)
class FunnelsListed:
    before: list[int]
    after: list[int]


@event_type(
    "funnel.reordered",
    sentence=N_("Order of stages changed: {name}"),
    icon="arrows-sort",
    describe=_names,
    undo=undoing.funnel_reordered,
)
@dataclass(frozen=True)
class FunnelReordered:
    """`before`, `after`: ids of all stages of the funnel, archived ones too, in their order."""

    funnel: int
    name: str
    before: list[int]
    after: list[int]


@event_type(
    "stage.added",
    sentence=N_("Stage added: “{stage_name}” ({name})"),
    icon="plus",
    describe=_names,
    undo=undoing.stage_added,
)
@dataclass(frozen=True)
class StageAdded:
    """`order` of the new stage; `shifted`: later stages moved one place on."""

    funnel: int
    name: str
    stage: int
    stage_name: str
    order: int
    shifted: bool


@event_type(
    "stage.edited",
    sentence=N_("Stage changed: “{stage_name}” ({name})"),
    icon="pencil",
    describe=_names,
    body=lambda payload: told_changes(Stage, payload.texts),
    undo=undoing.stage_edited,
)
@dataclass(frozen=True)
class StageEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    funnel: int
    name: str
    stage: int
    stage_name: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]


@event_type(
    "stage.key_set",
    sentence=N_("Key stage chosen: “{stage_name}” ({name})"),
    icon="star",
    describe=lambda payload: {"name": payload.name, "stage_name": payload.stage_name or "—"},
    undo=undoing.key_set,
)
@dataclass(frozen=True)
class StageKeySet:
    """`stage` and `before` are None when there is, or was, no key stage."""

    funnel: int
    name: str
    stage: int | None
    stage_name: str
    before: int | None


@event_type(
    "stage.archived",
    sentence=N_("Stage archived: “{stage_name}” ({name})"),
    icon="archive",
    describe=_names,
    undo=undoing.stage_archived,
)
@dataclass(frozen=True)
class StageArchived:
    """`target` is the stage to which open deals go (None when there were none); the deals' room moves them."""

    funnel: int
    name: str
    stage: int
    stage_name: str
    target: int | None
    target_name: str
    was_key: bool


@event_type(
    "stage.restored",
    sentence=N_("Stage restored: “{stage_name}” ({name})"),
    icon="archive-off",
    describe=_names,
    undo=undoing.stage_restored,
)
@dataclass(frozen=True)
class StageRestored:
    funnel: int
    name: str
    stage: int
    stage_name: str


@event_type(
    "stage.merged",
    sentence=N_("Stages merged: “{stage_name}” → “{into_name}” ({name})"),
    icon="git-merge",
    describe=_names,
    undo=undoing.stage_merged,
)
@dataclass(frozen=True)
class StageMerged:
    """Open deals go to `into` (the deals' room moves them). `followers` had been merged into the stage before;
    `key_moved`: the stage was the key stage, and `into` has become it."""

    funnel: int
    name: str
    stage: int
    stage_name: str
    into: int
    into_name: str
    followers: list[int]
    was_archived: bool
    key_moved: bool


def _part(payload: Any) -> dict[str, Any]:
    return {
        "part": _(TITLES[payload.part]),
        "title": getattr(payload, "title", ""),
        "stage": payload.stage_name,
    }


@event_type(
    "stage.part_added",
    sentence=N_("{part} added on “{stage}”: {title}"),
    icon="plus",
    describe=_part,
    undo=undoing.part_added,
)
@dataclass(frozen=True)
class PartAdded:
    """`part`: task, criterion or objection; `row` is its id. With `closing` the stage is a closing status."""

    stage: int
    stage_name: str
    part: str
    row: int
    title: str
    closing: bool = False


@event_type(
    "stage.part_edited",
    sentence=N_("{part} changed on “{stage}”: {title}"),
    icon="pencil",
    describe=_part,
    body=lambda payload: told_changes(PARTS[payload.part], payload.texts),
    undo=undoing.part_edited,
)
@dataclass(frozen=True)
class PartEdited:
    """`changes`: attribute -> [before, after]; `texts`: field -> the same as people read them."""

    stage: int
    stage_name: str
    part: str
    row: int
    title: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]]
    closing: bool = False


@event_type(
    "stage.part_put_away",
    sentence=N_("{part} taken out on “{stage}”: {title}"),
    icon="archive",
    describe=_part,
    undo=undoing.part_put_away,
)
@dataclass(frozen=True)
class PartPutAway:
    stage: int
    stage_name: str
    part: str
    row: int
    title: str
    closing: bool = False


@event_type(
    "stage.parts_reordered",
    sentence=N_("{part}: order changed on “{stage}”"),
    icon="arrows-sort",
    describe=_part,
    undo=undoing.parts_reordered,
)
@dataclass(frozen=True)
class PartsReordered:
    stage: int
    stage_name: str
    part: str
    before: list[int]
    after: list[int]
    closing: bool = False


@event_type(
    "book.template_applied",
    sentence=N_("Sales book filled from a template: {title}"),
    icon="template",
    describe=_names,
    undo=undoing.template_applied,
)
@dataclass(frozen=True)
class TemplateApplied:
    """`made`: model (`playbook.stage`) -> ids of what was added."""

    code: str
    title: str
    made: dict[str, list[int]]


@event_type(
    "book.read_in",
    sentence=N_("Sales book read in from a file: {name}"),
    icon="file-import",
    describe=lambda payload: {"name": payload.name or "—"},
)
@dataclass(frozen=True)
class BookReadIn:
    """The changes themselves are events of their own; *exact*: what the file did not name was put away."""

    name: str
    exact: bool


# Events of parts of the book that have files of their own, and what the newest of them says in it.
from voronka.playbook import closing_events as closing_events  # noqa: E402
from voronka.playbook import tunnel_events as tunnel_events  # noqa: E402
from voronka.playbook import tunnels as tunnels  # noqa: E402
