"""The sales book on paper: a title page, contents, diagrams, stages, KPIs with their method."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from voronka.core import documents, formats
from voronka.core.diagrams import PAPER
from voronka.playbook.document import document_of

TEMPLATE: Final = Path(__file__).parent / "paper" / "handbook.typ"


def handbook(content: Mapping[str, Any], *, company: str, version: int | None, day: dt.date) -> bytes:
    """The PDF of a book's snapshot in the present language. *version* and *day*: which book it is."""
    return documents.to_pdf(TEMPLATE, paper_of(content, company=company, version=version, day=day))


def paper_of(
    content: Mapping[str, Any], *, company: str, version: int | None, day: dt.date
) -> dict[str, Any]:
    """The value that the template prints."""
    document = document_of(content, palette=PAPER)
    edition = _("Version %(number)s") % {"number": version} if version else _("Draft")
    stages = sum(len(funnel["stages"]) for funnel in document["funnels"])
    return {
        **document,
        "company": company,
        "language": (get_language() or "ru")[:2],
        "title_facts": [
            [_("Edition"), edition],
            [_("As of"), formats.long_date(day)],
            [_("Inside"), f"{_('Funnels')}: {len(document['funnels'])}, {_('stages')}: {stages}"],
        ],
        "t": {**_words(), "version": f"{edition}, {formats.long_date(day)}"},
    }


def _words() -> dict[str, str]:
    return {
        "title": _("Sales book"),
        "subtitle": _("How we sell: to whom, what, by which stages, and how we judge it"),
        "contents": _("Contents"),
        "whom": _("What we sell and to whom"),
        "buys_for": _("What they buy it for"),
        "chooses_by": _("By what they choose"),
        "buying_steps": _("Their own steps of buying"),
        "stages": _("Stages"),
        "stage": _("Stage"),
        "result": _("Expected result"),
        "limit": _("Time limit"),
        "chance": _("Chance"),
        "key_stage": _("key stage"),
        "goal": _("Goal"),
        "tasks": _("Tasks of the stage"),
        "what": _("What to do"),
        "who": _("Who does it"),
        "when": _("When"),
        "required": pgettext("task", "required"),
        "materials": _("Materials"),
        "criteria": _("Exit criteria"),
        "objections": _("Objections and answers"),
        "objection": _("What clients say"),
        "answer": _("What to answer"),
        "remedies": _("Remedies"),
        "endings": _("How deals end"),
        "kpis": _("KPIs"),
        "kpis_about": _("Targets are those of one seller for a month."),
        "kpi": _("KPI"),
        "target": _("Target"),
        "weight": _("Weight"),
        "thresholds": _("How it is judged"),
        "method": _("How they are counted"),
        "score": _("The score is the weighted share; one KPI counts for 120% at most."),
        "lists": _("Lists"),
        "lost_reasons": _("Reasons for losing"),
        "won_reasons": _("Reasons for winning"),
        "kinds": _("Kinds of activities"),
    }
