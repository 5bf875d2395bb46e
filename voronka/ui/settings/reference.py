"""The description of the API cut into what a page shows: sections, operations, their fields, an example for each."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.utils.text import slugify

from voronka.core.interfaces import description

_REF: Final = "#/components/schemas/"
_ORDER: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 4
_SAMPLES: Final[dict[str, Any]] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T10:00:00+03:00",
    "integer": 1,
    "number": "150000.00",
    "boolean": True,
    "object": {},
    "string": "…",
}


@dataclass(frozen=True)
class FieldOf:
    """A parameter or a field: its type in a few words (`integer`, `list of Ref`)."""

    name: str
    type: str
    where: str = ""
    required: bool = False
    about: str = ""


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    code: str
    method: str
    path: str
    about: str
    scope: str
    parameters: tuple[FieldOf, ...]
    body: tuple[FieldOf, ...]
    answer: tuple[FieldOf, ...]
    errors: tuple[tuple[str, str], ...]
    example: str


@dataclass
class Section:
    """Operations on one subject, by address."""

    slug: str
    title: str
    operations: list[Operation] = field(default_factory=list)


@lru_cache(maxsize=4)
def sections(base_url: str) -> dict[str, Section]:
    """All sections by slug; examples ask *base_url*."""
    whole = description()
    found: dict[str, Section] = {}
    for path, operations in sorted(whole["paths"].items()):
        for method in sorted(operations, key=_ORDER.index):
            given = operations[method]
            title = given.get("tags", ["Other"])[0]
            section = found.setdefault(slugify(title), Section(slugify(title), title))
            section.operations.append(_operation(whole, base_url, path, method, given))
    return dict(sorted(found.items(), key=lambda pair: pair[1].title))


def _operation(whole: Any, base_url: str, path: str, method: str, given: Mapping[str, Any]) -> Operation:
    body = _json_of(given.get("requestBody", {}))
    answers = given["responses"]
    good = next((code for code in sorted(answers) if code.startswith("2")), "")
    return Operation(
        code=given["operationId"],
        method=method.upper(),
        path=path,
        about=given.get("description") or given.get("summary", ""),
        scope=given.get("x-scope", ""),
        parameters=tuple(_parameters(whole, given)),
        body=tuple(_fields(whole, body)),
        answer=tuple(_fields(whole, _json_of(answers.get(good, {})))),
        errors=tuple(
            (code, _told(whole, answers[code])) for code in sorted(answers) if not code.startswith("2")
        ),
        example=_example(whole, base_url, path, method, body),
    )


def _parameters(whole: Any, given: Mapping[str, Any]) -> Iterator[FieldOf]:
    for one in given.get("parameters", ()):
        about = one.get("description") or one["schema"].get("description", "")
        yield FieldOf(
            one["name"],
            type_of(one["schema"]),
            one["in"],
            one.get("required", False),
            about + _bounds(one["schema"]),
        )


def _json_of(part: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return content


def _told(whole: Any, answer: Mapping[str, Any]) -> str:
    name = str(answer.get("$ref", "")).rpartition("/")[2]
    found = whole["components"]["responses"].get(name, answer)
    return str(found.get("description", ""))


def _followed(whole: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Mapping[str, Any] = whole["components"]["schemas"].get(schema["$ref"].removeprefix(_REF), {})
        return found
    return schema


def _fields(whole: Any, schema: Mapping[str, Any]) -> Iterator[FieldOf]:
    """The fields of an object, those of the rows of a list behind them as `items[].name`."""
    found = _followed(whole, schema)
    if found.get("type") == "array":
        for one in _fields(whole, found.get("items", {})):
            yield FieldOf(f"[].{one.name}", one.type, one.where, one.required, one.about)
        return
    needed = set(found.get("required", ()))
    for name, inner in found.get("properties", {}).items():
        yield FieldOf(
            name, type_of(inner), required=name in needed, about=inner.get("description", "") + _bounds(inner)
        )
        if name == "items" and inner.get("type") == "array":
            for one in _fields(whole, inner["items"]):
                yield FieldOf(f"items[].{one.name}", one.type, about=one.about)


def type_of(schema: Mapping[str, Any]) -> str:
    """`integer`, `text`, `list of Ref`, `one of: a, b`; what may be empty says so."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return "one of: " + ", ".join(map(str, schema["enum"]))
    if parts := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        words = list(dict.fromkeys(type_of(part) for part in parts))
        return " or ".join("null" if word == "null" else word for word in words)
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if kind == "string":
        return str(schema.get("format", "text"))
    return str(kind)


def _bounds(schema: Mapping[str, Any]) -> str:
    """« (at most 100 characters)», and what is taken when nothing is said."""
    said = []
    for part in (schema, *schema.get("anyOf", ())):
        if "maxLength" in part:
            said.append(f"at most {part['maxLength']} characters")
        if part.get("type") == "integer" and part.get("maximum", 1 << 40) < 1 << 32:
            said.append(f"{part.get('minimum', 0)} to {part['maximum']}")
    if schema.get("default") not in (None, "", [], {}):
        said.append(f"{json.dumps(schema['default'], ensure_ascii=False)} unless given")
    text = "; ".join(dict.fromkeys(said))
    return f" ({text})" if text else ""


def _example(whole: Any, base_url: str, path: str, method: str, body: Mapping[str, Any]) -> str:
    """A command to be pasted: with the body's required fields, or the first ones where none is required."""
    lines = [f"curl {shlex.quote(base_url + path)}"]
    if method != "get":
        lines[0] = f"curl -X {method.upper()} {shlex.quote(base_url + path)}"
    lines.append("-H 'Authorization: Bearer vrk_…'")
    if body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(_sample(whole, body), ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _sample(whole: Any, schema: Mapping[str, Any], depth: int = 0) -> Any:
    found = _followed(whole, schema)
    if found.get("examples"):
        return found["examples"][0]
    if "const" in found:
        return found["const"]
    if "enum" in found:
        return found["enum"][0]
    for part in found.get("anyOf", ()):
        if part.get("type") != "null":
            return _sample(whole, part, depth)
    if found.get("type") == "array":
        return [_sample(whole, found.get("items", {}), depth + 1)] if depth < _DEEPEST else []
    if found.get("properties") and depth < _DEEPEST:
        needed = [*found.get("required", ())] or list(found["properties"])[:2]
        return {name: _sample(whole, found["properties"][name], depth + 1) for name in needed}
    return _SAMPLES.get(found.get("format", ""), _SAMPLES.get(found.get("type", ""), "…"))
