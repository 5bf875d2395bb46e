"""The book as a document: everything a snapshot holds, put into words, for the screen and for paper alike.

`document_of(content)` gives plain JSON values:

    {"cells": [{group, segment, buys_for, chooses_by, steps}],
     "funnels": [{name, place, anchor, diagram (SVG), wide, length, stages: [
         {number, name, anchor, color, is_key, facts: [text], goal, result, remedies, control,
          tasks: [{text, notes, required, script, materials}], criteria: [{text, strictness}],
          objections: [{text, answer}]}],
        "ends": [{title, statuses: [{name, about, criteria}]}], "rules": [text]}],
     "kpis": [{name, is_key, measure, target, weight, thresholds, only, method}],
     "won_reasons": [text], "lost_reasons": [{name, follow_up}], "kinds": [{name, notes}]}

A section that the snapshot lacks (an older version of the book) is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from voronka.core import formats
from voronka.core.diagrams import SCREEN, End, Flow, Palette, Step, flow_svg, is_wide
from voronka.core.text import fold
from voronka.playbook.comparing import criterion_words, named, role_title
from voronka.playbook.measures import KEY_STAGE, Unit, measure_of
from voronka.playbook.models import Channel, Strictness, Trigger, Wait

Row = Mapping[str, Any]


def document_of(content: Row, *, palette: Palette = SCREEN) -> dict[str, Any]:
    """The document of a book's snapshot, in the reader's language."""
    group, segment = named("groups"), named("segments")
    leads = _leads(content)
    return {
        "cells": [
            {
                "anchor": f"cell-{place}",
                "group": group(cell["group"], content),
                "segment": segment(cell["segment"], content),
                "buys_for": cell["buys_for"],
                "chooses_by": cell["chooses_by"],
                "steps": cell["steps"],
            }
            for place, cell in enumerate(content.get("cells", []), start=1)
        ],
        "segments": [
            {"name": row["name"], "description": row["description"]}
            for row in content.get("segments", [])
            if row["description"]
        ],
        "funnels": [
            _funnel(funnel, content, place, leads.get(funnel.get("id", 0), {}), palette)
            for place, funnel in enumerate(content.get("funnels", []), start=1)
        ],
        "kpis": [_kpi(row, content, place) for place, row in enumerate(content.get("kpis", []), start=1)],
        "won_reasons": [row["name"] for row in content.get("won_reasons", [])],
        "lost_reasons": [
            {"name": row["name"], "follow_up": _follow_up(row)} for row in content.get("lost_reasons", [])
        ],
        "kinds": [{"name": row["name"], "notes": _kind_notes(row)} for row in content.get("kinds", [])],
    }


def _funnel(
    funnel: Row, content: Row, place: int, leads: Mapping[Any, list[str]], palette: Palette
) -> dict[str, Any]:
    stages = [_stage(stage, content, f"{place}-{n}", n) for n, stage in enumerate(funnel["stages"], start=1)]
    ends = [_end(outcome, funnel, content) for outcome in ("won", "lost")]
    limits = [stage["limit_days"] for stage in funnel["stages"]]
    days = sum(limit or 0 for limit in limits)
    return {
        "name": funnel["name"],
        "anchor": f"funnel-{place}",
        "place": _place(funnel, content),
        "length": _("%(days)s by the limits of the stages") % {"days": formats.working_days(days)}
        if days
        else "",
        "stages": stages,
        "ends": ends,
        "rules": _rules(funnel, content),
        "leads": [
            {"where": where, "texts": texts}
            for key, texts in leads.items()
            for where in [_where(key, funnel)]
            if texts
        ],
        **_diagram(funnel, stages, ends, leads, palette),
    }


def _leads(content: Row) -> dict[int, dict[Any, list[str]]]:
    """Funnel id -> stage id or outcome -> what is opened elsewhere, in words: the tunnels of the book."""
    found: dict[int, dict[Any, list[str]]] = {}
    for row in content.get("tunnels", []):
        parts = [named("funnels")(row["target"], content)]
        if row["closing"] is not None:
            parts.append(_("for “%(status)s”") % {"status": named("closing")(row["closing"], content)})
        if row["after"]:
            parts.append(_wait(row["after"], row["wait"]))
        key = row["stage"] if row["trigger"] == Trigger.STAGE else row["trigger"]
        found.setdefault(row["funnel"], {}).setdefault(key, []).append(", ".join(parts))
    return found


def _wait(count: int, wait: str) -> str:
    if wait == Wait.MONTHS:
        return ngettext("in %(count)s month", "in %(count)s months", count) % {"count": count}
    return ngettext("in %(count)s day", "in %(count)s days", count) % {"count": count}


def _where(key: Any, funnel: Row) -> str:
    titles = {"won": str(_WON()), "lost": str(_LOST())}
    return titles.get(key) or next(
        (stage["name"] for stage in funnel["stages"] if stage.get("id") == key), str(key)
    )


def _WON() -> str:
    return pgettext("end of a funnel", "Won")


def _LOST() -> str:
    return pgettext("end of a funnel", "Lost")


def _place(funnel: Row, content: Row) -> str:
    if funnel["group"] is None and funnel["segment"] is None:
        return ""
    return " → ".join(
        [named("groups")(funnel["group"], content), named("segments")(funnel["segment"], content)]
    )


def _diagram(
    funnel: Row, stages: list[dict[str, Any]], ends: list[dict[str, Any]], leads: Any, palette: Palette
) -> dict[str, Any]:
    on_paper = palette is not SCREEN
    steps = [
        Step(
            title=stage["name"],
            note=" · ".join(stage["short"]),
            color=stage["color"],
            is_key=stage["is_key"],
            leads=leads.get(raw.get("id"), []),
            href="" if on_paper else f"#{stage['anchor']}",
        )
        for raw, stage in zip(funnel["stages"], stages, strict=True)
    ]
    won, lost = (
        End(end["title"], [status["name"] for status in end["statuses"]], leads.get(outcome, []))
        for outcome, end in zip(("won", "lost"), ends, strict=True)
    )
    about = _("Block diagram of the funnel “%(name)s”") % {"name": funnel["name"]}
    flow = Flow(about, steps, won, lost, key_word=_("key stage"))
    return {"diagram": flow_svg(flow, palette), "wide": is_wide(flow)}


def _stage(stage: Row, content: Row, anchor: str, number: int) -> dict[str, Any]:
    short = [formats.percent(Decimal(stage["probability"]) / 100)]
    if stage["limit_days"]:
        short.insert(0, formats.working_days(stage["limit_days"]))
    if stage["role"]:
        short.append(role_title(stage["role"]))
    strictness = dict(Strictness.choices)
    facts = [
        (_("Time limit"), formats.working_days(stage["limit_days"]) if stage["limit_days"] else "—"),
        (_("Probability of winning"), formats.percent(Decimal(stage["probability"]) / 100)),
        (_("Responsible"), role_title(stage["role"])),
    ]
    if stage.get("wip_limit"):
        facts.append((_("Deals at most"), formats.number(stage["wip_limit"])))
    return {
        "number": number,
        "name": stage["name"],
        "anchor": f"stage-{anchor}",
        "color": stage["color"],
        "is_key": stage["is_key"],
        "short": short,
        "facts": facts,
        "limit": facts[0][1],
        "chance": facts[1][1],
        "role": facts[2][1],
        "goal": stage["goal"],
        "result": stage["result"],
        "remedies": stage["remedies"],
        "control": _control(stage),
        "tasks": [_task(task, content) for task in stage["tasks"]],
        "criteria": _criteria(stage["criteria"], strictness),
        "objections": [{"text": row["text"], "answer": row["answer"]} for row in stage["objections"]],
    }


def _control(stage: Row) -> str:
    said = []
    if stage["told_at"] and stage["limit_days"]:
        shares = ", ".join(formats.percent(Decimal(share) / 100) for share in stage["told_at"])
        said.append(_("The head is told when %(shares)s of the time limit has passed.") % {"shares": shares})
        # Versions kept before there was such a rule have nothing to say of it.
        if days := stage.get("escalates_after"):
            said.append(
                _("Without a reaction the next head up is told after %(days)s.")
                % {"days": formats.working_days(days)}
            )
    if stage["moves_itself"]:
        said.append(_("When nothing is missing any more, the deal goes on by itself."))
    return " ".join(said)


def _criteria(rows: list[Row], strictness: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"text": criterion_words(row), "strictness": str(strictness.get(row["strictness"], ""))}
        for row in rows
    ]


def _task(task: Row, content: Row) -> dict[str, Any]:
    days = (
        _("on the day of entering")
        if task["after_days"] == 0
        else _("in %(days)s working d.") % {"days": task["after_days"]}
    )
    who = role_title(task["role"]) if task["role"] else _("the deal's responsible")
    materials = [
        one if isinstance(one, str) else str(one.get("name") or one.get("url") or "")
        for one in task["materials"]
    ]
    return {
        "text": task["text"],
        "kind": named("kinds")(task["kind"], content),
        "when": days,
        "who": who,
        "required": task["required"],
        "script": task["script"],
        "materials": materials,
    }


def _end(outcome: str, funnel: Row, content: Row) -> dict[str, Any]:
    strictness = dict(Strictness.choices)
    return {
        "title": _WON() if outcome == "won" else _LOST(),
        "outcome": outcome,
        "statuses": [
            {
                "name": row["name"],
                "about": row["about"],
                "criteria": _criteria(row["criteria"], strictness),
            }
            for row in content.get("closing", [])
            if row["funnel"] == funnel.get("id") and row["outcome"] == outcome
        ],
    }


def _rules(funnel: Row, content: Row) -> list[str]:
    """The rules of endings that hold in the funnel, a sentence each; nothing where none were written."""
    written = {row["funnel"]: row for row in content.get("closing_rules", [])}
    rules = written.get(funnel.get("id")) or written.get(None)
    if rules is None:
        return []
    said = []
    if rules["asks_won_reason"]:
        said.append(_("A deal is won with a reason."))
    if rules["confirm_above"]:
        amount = formats.money(Decimal(rules["confirm_above"]))
        said.append(_("A loss above %(sum)s is confirmed by the head.") % {"sum": amount})
    if rules["confirm_attempts"]:
        said.append(
            ngettext(
                "A loss after fewer than %(count)s contact is confirmed by the head.",
                "A loss after fewer than %(count)s contacts is confirmed by the head.",
                rules["confirm_attempts"],
            )
            % {"count": rules["confirm_attempts"]}
        )
    if rules["silent_days"]:
        said.append(
            _("After %(days)s without a contact the deal has to be decided.")
            % {"days": formats.days(rules["silent_days"])}
        )
    if rules["planless_days"]:
        said.append(
            _("After %(days)s without anything planned the deal has to be decided.")
            % {"days": formats.days(rules["planless_days"])}
        )
    if rules["outlasts"]:
        said.append(_("A deal in work longer than 99 of 100 won ones has to be decided."))
    return said


def _kpi(row: Row, content: Row, place: int) -> dict[str, Any]:
    kind = measure_of(row["measure"])
    only = [
        named(section)(row[name], content)
        for section, name in (("funnels", "funnel"), ("groups", "group"), ("segments", "segment"))
        if row[name] is not None
    ]
    thresholds = _("good from %(good)s, bearable from %(fair)s of the target") % {
        "good": formats.percent(Decimal(row["good"]) / 100),
        "fair": formats.percent(Decimal(row["fair"]) / 100),
    }
    if row["better"] == "less":
        thresholds += "; " + _("less is better")
    return {
        "name": row["name"],
        "anchor": f"kpi-{place}",
        "is_key": row["measure"] == KEY_STAGE,
        "measure": str(kind.title) if kind else row["measure"],
        "target": _target(row, kind),
        "weight": formats.percent(Decimal(row["weight"]) / 100),
        "thresholds": thresholds,
        "only": " · ".join(only),
        "method": row["method"] or (str(kind.method) if kind else ""),
    }


def _target(row: Row, kind: Any) -> str:
    if row["target"] is None:
        return _("the sales plan") if kind is not None and kind.of_plan else "—"
    value = Decimal(row["target"])
    if kind is not None and kind.unit == Unit.SUM:
        return formats.money(value)
    if kind is not None and kind.unit == Unit.PERCENT:
        return formats.percent(value / 100)
    if kind is not None and kind.unit == Unit.DAYS:
        return formats.days(value)
    return formats.number(value)


def _follow_up(row: Row) -> str:
    days = row.get("return_days")
    return _("back to the client in %(days)s") % {"days": formats.days(days)} if days else ""


def _kind_notes(row: Row) -> str:
    minutes = ngettext("%(count)s minute", "%(count)s minutes", row["minutes"]) % {"count": row["minutes"]}
    return f"{Channel(row['channel']).label} · {minutes}"


@dataclass(frozen=True)
class Hit:
    """A place of the document that says the words: *where* it stands, and the text around them."""

    where: str
    anchor: str
    before: str
    match: str
    after: str


AROUND = 70
MOST_HITS = 100


def search_in(document: Row, words: str) -> list[Hit]:
    """Where the document says *words*, in its order; the first `MOST_HITS`."""
    wanted = fold(words)
    if not wanted:
        return []
    found = []
    for where, anchor, text in _texts(document):
        hit = _hit(where, anchor, text, wanted)
        if hit is not None:
            found.append(hit)
        if len(found) >= MOST_HITS:
            break
    return found


def _hit(where: str, anchor: str, text: str, wanted: str) -> Hit | None:
    plain = " ".join(text.split())
    folded = fold(plain)
    at = folded.find(wanted)
    if at < 0:
        return None
    if len(folded) != len(plain):
        # Something invisible was left out, so places in the two differ: the text alone is shown.
        return Hit(where, anchor, plain[: 2 * AROUND], "", "")
    end = at + len(wanted)
    before, after = plain[:at], plain[end:]
    return Hit(
        where,
        anchor,
        f"…{before[-AROUND:]}" if len(before) > AROUND else before,
        plain[at:end],
        f"{after[:AROUND]}…" if len(after) > AROUND else after,
    )


def _texts(document: Row) -> Iterator[tuple[str, str, str]]:
    """(where, anchor, text) of everything that can be found."""
    for cell in document["cells"]:
        where = f"{cell['group']} → {cell['segment']}"
        for text in (where, cell["buys_for"], cell["chooses_by"], *cell["steps"]):
            yield where, cell["anchor"], text
    for row in document["segments"]:
        yield row["name"], "segments", f"{row['name']}: {row['description']}"
    for funnel in document["funnels"]:
        yield funnel["name"], funnel["anchor"], f"{funnel['name']} {funnel['place']}"
        for stage in funnel["stages"]:
            where = f"{funnel['name']} → {stage['name']}"
            for text in _stage_texts(stage):
                yield where, stage["anchor"], text
        for end in funnel["ends"]:
            for status in end["statuses"]:
                text = " ".join([status["name"], status["about"], *(c["text"] for c in status["criteria"])])
                yield f"{funnel['name']} → {end['title']}", f"{funnel['anchor']}-ends", text
        for rule in funnel["rules"]:
            yield funnel["name"], f"{funnel['anchor']}-ends", rule
    for kpi in document["kpis"]:
        yield kpi["name"], kpi["anchor"], f"{kpi['name']} {kpi['measure']} {kpi['method']}"
    for reason in document["won_reasons"]:
        yield _("Reasons for winning"), "lists", reason
    for reason in document["lost_reasons"]:
        yield _("Reasons for losing"), "lists", reason["name"]
    for kind in document["kinds"]:
        yield _("Kinds of activities"), "lists", kind["name"]


def _stage_texts(stage: Row) -> Iterator[str]:
    yield from (stage["name"], stage["goal"], stage["result"], stage["remedies"], stage["control"])
    for task in stage["tasks"]:
        yield " ".join([task["text"], task["kind"], task["script"], *task["materials"]])
    for criterion in stage["criteria"]:
        yield criterion["text"]
    for row in stage["objections"]:
        yield f"{row['text']} {row['answer']}"
