"""What a book's file may hold: its fields, what fits into them, and what they are when left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from voronka.playbook.actions.kpis import LONGEST_METHOD
from voronka.playbook.actions.parts import LONGEST_TEXT, LONGEST_WAIT, MOST_PARTS
from voronka.playbook.actions.stages import LONGEST_LIMIT, MOST_ON_BOARD, MOST_STAGES, TOLD_AT
from voronka.playbook.actions.stages import LONGEST_WAIT as LONGEST_WAIT_OF_HEAD
from voronka.playbook.actions.tunnels import LONGEST_WAIT as LONGEST_WAIT_OF_TUNNEL
from voronka.playbook.kpi_models import Better
from voronka.playbook.models import Channel, FollowUp, ForecastCategory, Strictness, Trigger, Wait

# The first key of the file, and the edition of the format that this program writes and reads.
MARK: Final = "voronka_book"
EDITION: Final = 1

Kind = Literal["text", "number", "sum", "flag", "choice", "texts", "numbers", "rows", "row"]


@dataclass(frozen=True)
class Field:
    """One field. *default* stands for a field left out (None: empty); *most*: of letters, or of rows.

    *refers*: the value is the name of something in this section of the file, or of the present book.
    """

    kind: Kind
    default: Any = None
    required: bool = False
    most: int = 0
    low: int = 0
    high: int = 0
    many_lines: bool = False
    choices: tuple[Any, ...] = ()
    refers: str = ""
    of: Mapping[str, Field] = field(default_factory=dict)
    # Which fields tell rows apart; no two rows of a list have the same.
    key: tuple[str, ...] = ()
    # More fields by the value of `kind`: parameters of a criterion.
    open: bool = False


def _text(most: int = 150, *, required: bool = False, refers: str = "") -> Field:
    return Field("text", "", required, most, refers=refers)


def _long(most: int = LONGEST_TEXT) -> Field:
    return Field("text", "", most=most, many_lines=True)


def _number(low: int, high: int, default: int | None = None) -> Field:
    return Field("number", default, low=low, high=high)


def _rows(of: Mapping[str, Field], *key: str, most: int = 500, open: bool = False) -> Field:
    return Field("rows", [], most=most, of=of, key=key, open=open)


NAME = _text(required=True)
CRITERION: Final = {
    "kind": Field("text", "", required=True, most=30),
    "strictness": Field("choice", Strictness.WARN.value, choices=tuple(Strictness.values)),
}
TASK: Final = {
    "text": _text(250, required=True),
    "kind": _text(60, required=True, refers="kinds"),
    "after_days": _number(0, LONGEST_WAIT, 0),
    "role": _text(60, refers="roles"),
    "required": Field("flag", False),
    "script": _long(),
    "materials": Field("texts", [], most=50),
}
STAGE: Final = {
    "name": _text(100, required=True),
    "goal": _long(),
    "result": _long(),
    "role": _text(60, refers="roles"),
    "limit_days": _number(1, LONGEST_LIMIT),
    "wip_limit": _number(1, MOST_ON_BOARD),
    "probability": _number(0, 100, 0),
    "category": Field("choice", ForecastCategory.PIPELINE.value, choices=tuple(ForecastCategory.values)),
    "color": _text(7),
    "is_key": Field("flag", False),
    "told_at": Field("numbers", [], choices=TOLD_AT),
    "escalates_after": _number(1, LONGEST_WAIT_OF_HEAD),
    "moves_itself": Field("flag", False),
    "tasks": _rows(TASK, most=MOST_PARTS),
    "criteria": _rows(CRITERION, most=MOST_PARTS, open=True),
    "objections": _rows({"text": _text(250, required=True), "answer": _long()}, most=MOST_PARTS),
    "remedies": _long(),
}
STATUS: Final = {
    "name": _text(100, required=True),
    "about": _text(250),
    "criteria": _rows(CRITERION, most=MOST_PARTS, open=True),
}
RULES: Final = {
    "asks_won_reason": Field("flag", False),
    "confirm_above": Field("sum"),
    "confirm_attempts": _number(1, 100),
    "silent_days": _number(1, 3650),
    "planless_days": _number(1, 3650),
    "outlasts": Field("flag", False),
}
TUNNEL: Final = {
    "trigger": Field("choice", required=True, choices=tuple(Trigger.values)),
    "stage": _text(100),
    "closing": _text(100),
    "target": _text(required=True, refers="funnels"),
    "target_stage": _text(100),
    "after": _number(0, LONGEST_WAIT_OF_TUNNEL, 0),
    "wait": Field("choice", Wait.DAYS.value, choices=tuple(Wait.values)),
    "title": _text(150),
    "keeps_amount": Field("flag", False),
}
BOOK: Final[dict[str, Field]] = {
    "groups": _rows({"name": NAME, "parent": _text(refers="groups")}, "name"),
    "segments": _rows({"name": NAME, "description": _long()}, "name"),
    "kinds": _rows(
        {
            "name": _text(60, required=True),
            "channel": Field("choice", required=True, choices=tuple(Channel.values)),
            "icon": _text(40),
            "minutes": _number(1, 24 * 60, 15),
        },
        "name",
    ),
    "funnels": _rows(
        {
            "name": NAME,
            "group": _text(refers="groups"),
            "segment": _text(refers="segments"),
            "stages": Field("rows", [], required=True, most=MOST_STAGES, of=STAGE, key=("name",)),
            "won": _rows(STATUS, "name", most=20),
            "lost": _rows(STATUS, "name", most=20),
            "rules": Field("row", of=RULES),
            "tunnels": _rows(TUNNEL, most=20),
        },
        "name",
    ),
    "rules": Field("row", of=RULES),
    "cells": _rows(
        {
            "group": _text(required=True, refers="groups"),
            "segment": _text(required=True, refers="segments"),
            "buys_for": _long(),
            "chooses_by": _long(),
            "steps": Field("texts", [], most=50),
        },
        "group",
        "segment",
    ),
    "won_reasons": _rows({"name": NAME}, "name"),
    "lost_reasons": _rows(
        {
            "name": NAME,
            "follow_up": Field("choice", FollowUp.CONTACT.value, choices=tuple(FollowUp.values)),
            "return_days": _number(1, 5 * 365),
        },
        "name",
    ),
    "kpis": _rows(
        {
            "name": NAME,
            "measure": _text(30, required=True, refers="measures"),
            "funnel": _text(refers="funnels"),
            "group": _text(refers="groups"),
            "segment": _text(refers="segments"),
            "target": Field("sum"),
            "weight": _number(1, 100, 20),
            "better": Field("choice", Better.MORE.value, choices=tuple(Better.values)),
            "good": _number(1, 200, 100),
            "fair": _number(1, 200, 80),
            "method": _long(LONGEST_METHOD),
        },
        "name",
        most=5,
    ),
}
