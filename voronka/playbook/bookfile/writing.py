"""A snapshot of the book without ids: rows are known by their names, so that the file fits into any company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from voronka.playbook.bookfile.shape import BOOK, EDITION, MARK, Field
from voronka.playbook.criteria import kind_of

Row = Mapping[str, Any]


def write_book(content: Row, *, title: str) -> str:
    """The file of a snapshot; *title* stands in its first line as a comment."""
    head = "".join(f"# {line}\n" for line in title.splitlines())
    return head + yaml.dump(
        {MARK: EDITION, **portable(content)},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
        indent=2,
    )


def portable(content: Row) -> dict[str, Any]:
    """The snapshot as the file says it: names instead of ids, nothing that is as it would be anyway."""
    names = {
        section: {row["id"]: row["name"] for row in content.get(section, [])}
        for section in ("groups", "segments", "kinds", "funnels")
    }

    def named(section: str, pk: Any) -> str:
        return names[section].get(pk, "")

    stages = {stage["id"]: stage["name"] for row in content.get("funnels", []) for stage in row["stages"]}
    statuses = {row["id"]: row["name"] for row in content.get("closing", [])}

    def tunnel(row: Row) -> dict[str, Any]:
        return {
            **row,
            "stage": stages.get(row["stage"], ""),
            "closing": statuses.get(row["closing"], ""),
            "target": named("funnels", row["target"]),
            "target_stage": stages.get(row["target_stage"], ""),
        }

    def funnel(row: Row) -> dict[str, Any]:
        ends: dict[str, list[Row]] = {"won": [], "lost": []}
        for status in content.get("closing", []):
            if status["funnel"] == row["id"]:
                ends[status["outcome"]].append({**status, "criteria": _criteria(status["criteria"], {})})
        return {
            "name": row["name"],
            "group": named("groups", row["group"]),
            "segment": named("segments", row["segment"]),
            "stages": [_stage(stage, names["kinds"]) for stage in row["stages"]],
            **ends,
            "rules": _rules(content, row["id"]),
            "tunnels": [
                tunnel(one)
                for one in content.get("tunnels", [])
                if one["funnel"] == row["id"] and one["target"] in names["funnels"]
            ],
        }

    whole = {
        "groups": [{**row, "parent": named("groups", row["parent"])} for row in content.get("groups", [])],
        "segments": content.get("segments", []),
        "kinds": content.get("kinds", []),
        "funnels": [funnel(row) for row in content.get("funnels", [])],
        "rules": _rules(content, None),
        "cells": [
            {**row, "group": named("groups", row["group"]), "segment": named("segments", row["segment"])}
            for row in content.get("cells", [])
        ],
        "won_reasons": content.get("won_reasons", []),
        "lost_reasons": content.get("lost_reasons", []),
        "kpis": [
            {
                **row,
                "funnel": named("funnels", row["funnel"]),
                "group": named("groups", row["group"]),
                "segment": named("segments", row["segment"]),
            }
            for row in content.get("kpis", [])
        ],
    }
    return _pruned(whole, BOOK)


def _rules(content: Row, funnel_id: int | None) -> Row | None:
    return next((row for row in content.get("closing_rules", []) if row["funnel"] == funnel_id), None)


def _stage(stage: Row, kinds: Mapping[int, str]) -> dict[str, Any]:
    texts = {task["id"]: task["text"] for task in stage["tasks"]}
    return {
        **stage,
        "role": stage["role"] or "",
        "tasks": [
            {
                **task,
                # One that was put away since: a task needs some kind.
                "kind": kinds.get(task["kind"]) or next(iter(kinds.values()), ""),
                "role": task["role"] or "",
                # Files do not travel in a text.
                "materials": [one for one in task["materials"] if isinstance(one, str)],
            }
            for task in stage["tasks"]
        ],
        "criteria": _criteria(stage["criteria"], texts),
    }


def _criteria(rows: list[Row], tasks: Mapping[int, str]) -> list[dict[str, Any]]:
    told = []
    for row in rows:
        kind = kind_of(row["kind"])
        values = dict(row["params"])
        for param in kind.params if kind else ():
            if param.refers == "task" and str(values.get(param.name, "")).isdecimal():
                values[param.name] = tasks.get(int(values[param.name]), "")
        told.append({"kind": row["kind"], "strictness": row["strictness"], **values})
    return told


def _pruned(row: Row, fields: Mapping[str, Field], *, is_open: bool = False) -> dict[str, Any]:
    """*row* in the order of *fields*, without what equals its default, and without what the format has not."""
    told: dict[str, Any] = {}
    for name, field in fields.items():
        value = row.get(name)
        if field.kind == "rows":
            value = [_pruned(one, field.of, is_open=field.open) for one in value or []]
        elif field.kind == "row" and value is not None:
            told[name] = _pruned(value, field.of)
            continue
        if field.required or (value != field.default and value not in (None, "")):
            told[name] = value
    if is_open:
        told |= {name: value for name, value in row.items() if name not in fields}
    return told


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as people write them, lists are indented under their names."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
