"""Reading a book's file. Nothing is guessed: every fault is named with its line, as many of them as help at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.errors import Refused
from voronka.core.text import clean, fold
from voronka.playbook.actions.parts import value_of
from voronka.playbook.bookfile.shape import BOOK, EDITION, MARK, Field
from voronka.playbook.criteria import kind_of
from voronka.playbook.measures import measures
from voronka.playbook.models import ActivityKind, Funnel, Stage
from voronka.playbook.palette import is_color
from voronka.workspaces.models import Role

LARGEST: Final = 2_000_000
MOST_FAULTS: Final = 30


@dataclass(frozen=True)
class Fault:
    """What is wrong, and in which line of the file (from 1)."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(text)s") % {"line": self.line, "text": self.text}


class Unreadable(Refused):
    """The file is no book of ours; *faults* say where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), field="file")
        self.faults = faults


class Row(dict[str, Any]):
    """A row of the file with the line where it begins."""

    line = 0


def read_book(text: str) -> Row:
    """The book in *text*: every field of `shape.BOOK`, left out ones as their defaults. Raises `Unreadable`."""
    if len(text) > LARGEST:
        raise Unreadable([Fault(1, _("the file is too large for a book."))])
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                reader.fault(event, _("references (*) are not read here: write the text out."))
                raise Unreadable(reader.faults)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        why = _("this is not YAML (%(why)s).") % {"why": fault.problem or fault.context or ""}
        raise Unreadable([Fault(mark.line + 1 if mark else 1, why)]) from None
    except (yaml.YAMLError, RecursionError) as fault:
        raise Unreadable([Fault(1, _("this is not YAML (%(why)s).") % {"why": str(fault)[:200]})]) from None
    book = reader.book(root)
    if reader.faults:
        raise Unreadable(sorted(reader.faults, key=lambda fault: fault.line)[:MOST_FAULTS])
    return book


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.refers: list[tuple[Any, str, str]] = []

    def fault(self, place: Any, text: str) -> None:
        self.faults.append(Fault(place.start_mark.line + 1, text))

    def book(self, root: Any) -> Row:
        if not isinstance(root, yaml.MappingNode):
            self.faults.append(
                Fault(
                    1,
                    _("this is not a sales book: it begins with “%(mark)s: %(edition)s”.")
                    % {"mark": MARK, "edition": EDITION},
                )
            )
            return Row()
        first = next((pair for pair in root.value if pair[0].value == MARK), None)
        if first is None:
            self.fault(
                root,
                _("this is not a sales book: it begins with “%(mark)s: %(edition)s”.")
                % {"mark": MARK, "edition": EDITION},
            )
            return Row()
        if first[1].value != str(EDITION):
            self.fault(
                first[1],
                _("the book is of edition %(theirs)s, and this program reads edition %(ours)s.")
                % {"theirs": str(first[1].value)[:20], "ours": EDITION},
            )
            return Row()
        rest = [pair for pair in root.value if pair is not first]
        book = self.row(yaml.MappingNode(root.tag, rest, root.start_mark, root.end_mark), BOOK)
        self.check_names(book)
        return book

    def row(self, node: Any, fields: Mapping[str, Field], *, is_open: bool = False) -> Row:
        found = Row()
        found.line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, _("fields are expected here: “name: value”."))
            return found
        more: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name in found or name in more:
                self.fault(key, _("“%(name)s” stands here twice.") % {"name": name[:60]})
            elif name in fields:
                found[name] = self.value(value, fields[name])
            elif is_open:
                more[name] = (key, value)
            else:
                self.fault(
                    key,
                    _("unknown field “%(name)s”; possible are: %(names)s.")
                    % {"name": name[:60], "names": ", ".join(fields)},
                )
        for name, field in fields.items():
            if name not in found:
                if field.required:
                    self.fault(node, _("“%(name)s” is missing.") % {"name": name})
                found[name] = self.default(field)
        if is_open:
            self.criterion(node, found, more)
        return found

    def default(self, field: Field) -> Any:
        return list(field.default) if isinstance(field.default, list) else field.default

    def value(self, node: Any, field: Field) -> Any:
        if field.kind == "rows":
            return self.rows(node, field)
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
            if field.required:
                self.fault(node, _("something has to stand here."))
            return self.default(field)
        if field.kind == "row":
            return self.row(node, field.of)
        if field.kind in ("texts", "numbers"):
            return self.many(node, field)
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, _("one value is expected here."))
            return self.default(field)
        return getattr(self, f"_{field.kind}")(node, field)

    def rows(self, node: Any, field: Field) -> list[Row]:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
            node = yaml.SequenceNode("", [], node.start_mark, node.end_mark)
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, _("a list is expected here: each row begins with “- ”."))
            return []
        if len(node.value) > field.most:
            self.fault(node, _("too many rows: at most %(most)s.") % {"most": field.most})
            return []
        if field.required and not node.value:
            self.fault(node, _("something has to stand here."))
        found = [self.row(one, field.of, is_open=field.open) for one in node.value]
        seen: dict[tuple[str, ...], int] = {}
        for row in found if field.key else ():
            key = tuple(fold(row.get(name)) for name in field.key)
            if key in seen and all(key):
                names = " → ".join(str(row.get(name)) for name in field.key)
                self.faults.append(
                    Fault(
                        row.line,
                        _("“%(name)s” stands in line %(line)s already.") % {"name": names, "line": seen[key]},
                    )
                )
            seen.setdefault(key, row.line)
        return found

    def many(self, node: Any, field: Field) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode) or not all(
            isinstance(one, yaml.ScalarNode) for one in node.value
        ):
            self.fault(node, _("a list of plain values is expected here."))
            return []
        if field.kind == "texts":
            return [text for one in node.value if (text := clean(one.value))]
        numbers = [self._number(one, Field("number", 0, low=0, high=10_000)) for one in node.value]
        for one, number in zip(node.value, numbers, strict=True):
            if number not in field.choices:
                self.fault(one, _one_of(field.choices))
        return sorted(set(numbers))

    def _text(self, node: Any, field: Field) -> str:
        text = clean(node.value, multiline=field.many_lines)
        if len(text) > field.most:
            self.fault(node, _("the text is too long: at most %(most)s characters.") % {"most": field.most})
        if field.required and not text:
            self.fault(node, _("something has to stand here."))
        if field.refers and text:
            self.refers.append((node, field.refers, text))
        return text

    def _number(self, node: Any, field: Field) -> int | None:
        try:
            number = int(node.value)
        except ValueError:
            number = None
        if number is None or not field.low <= number <= field.high:
            self.fault(
                node,
                _("a whole number from %(low)s to %(high)s is expected here.")
                % {"low": field.low, "high": field.high},
            )
            return field.default
        return number

    def _sum(self, node: Any, field: Field) -> str | None:
        try:
            amount = Decimal(node.value.replace(" ", ""))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 13:
            self.fault(node, _("a number is expected here."))
            return None
        return str(amount.quantize(Decimal("0.01")))

    def _flag(self, node: Any, field: Field) -> bool:
        if node.tag != "tag:yaml.org,2002:bool":
            self.fault(node, _("true or false is expected here."))
            return False
        return node.value.lower() in ("true", "yes", "on")

    def _choice(self, node: Any, field: Field) -> Any:
        if node.value not in field.choices:
            self.fault(node, _one_of(field.choices))
            return field.default
        return node.value

    def criterion(self, node: Any, found: Row, more: Mapping[str, tuple[Any, Any]]) -> None:
        """The parameters of a criterion, as its kind asks for them."""
        kind = kind_of(found["kind"])
        if kind is None:
            if found["kind"]:
                self.fault(node, _("there is no criterion “%(kind)s”.") % {"kind": found["kind"]})
            return
        known = {param.name: param for param in kind.params}
        for name in more.keys() - known.keys():
            self.fault(
                more[name][0],
                _("unknown field “%(name)s”; possible are: %(names)s.")
                % {"name": name[:60], "names": ", ".join([*known, "kind", "strictness"])},
            )
        params: dict[str, Any] = {}
        for name, param in known.items():
            if name not in more:
                self.fault(node, _("“%(name)s” is missing.") % {"name": name})
                continue
            value = more[name][1]
            given = (
                [one.value for one in value.value if isinstance(one, yaml.ScalarNode)]
                if isinstance(value, yaml.SequenceNode)
                else value.value
                if isinstance(value, yaml.ScalarNode)
                else ""
            )
            if param.refers == "task":
                params[name] = clean(given if isinstance(given, str) else "")
                continue
            try:
                params[name] = value_of(param, given, Stage())
            except Refused as refusal:
                self.fault(value, refusal.message)
        found["params"] = params

    def check_names(self, book: Row) -> None:
        """Names that refer to others must be there: in the file, or in the present book."""
        known = _present()
        for section in ("groups", "segments", "kinds", "funnels"):
            known[section] |= {fold(row.get("name")) for row in book.get(section, [])}
        for node, section, text in self.refers:
            if fold(text) not in known[section]:
                self.fault(
                    node, _("there is no “%(name)s” among: %(what)s.") % {"name": text, "what": section}
                )
        for funnel in book.get("funnels", []):
            keys = [stage for stage in funnel["stages"] if stage["is_key"]]
            for stage in keys[1:]:
                self.faults.append(Fault(stage.line, _("a funnel has one key stage only.")))
            for stage in funnel["stages"]:
                if stage["color"] and not is_color(stage["color"]):
                    told = _("“%(color)s” is none of the book's colours.") % {"color": stage["color"]}
                    self.faults.append(Fault(stage.line, told))
                self._tasks_named(stage)
        for row in book.get("kpis", []):
            if row["fair"] > row["good"]:
                self.faults.append(Fault(row.line, _("“fair” lies below “good”.")))
        self._groups_in_circle(book.get("groups", []))

    def _tasks_named(self, stage: Row) -> None:
        texts = {fold(task["text"]) for task in stage["tasks"]}
        for criterion in stage["criteria"]:
            kind = kind_of(criterion["kind"])
            for param in kind.params if kind else ():
                text = criterion.get("params", {}).get(param.name, "")
                if param.refers == "task" and fold(text) not in texts:
                    self.faults.append(
                        Fault(criterion.line, _("the stage has no task “%(name)s”.") % {"name": text})
                    )

    def _groups_in_circle(self, groups: Iterable[Row]) -> None:
        parents = {fold(row["name"]): (fold(row["parent"]), row) for row in groups}
        for name, (_parent, row) in parents.items():
            at, seen = name, set()
            while at in parents and at not in seen:
                seen.add(at)
                at = parents[at][0]
            if at == name and at in seen:
                self.faults.append(
                    Fault(row.line, _("“%(name)s” lies inside itself.") % {"name": row["name"]})
                )


def _one_of(choices: Iterable[Any]) -> str:
    return _("one of these is expected here: %(choices)s.") % {"choices": ", ".join(map(str, choices))}


def _present() -> dict[str, set[str]]:
    def names(model: Any) -> set[str]:
        return {fold(name) for name in model.objects.filter(archived_at=None).values_list("name", flat=True)}

    roles = {fold(word) for role in Role.objects.all() for word in (role.code, role.name, role.title) if word}
    return {
        "groups": names(ProductGroup),
        "segments": names(Segment),
        "kinds": names(ActivityKind),
        "funnels": names(Funnel),
        "roles": roles,
        "measures": {kind.code for kind in measures()},
    }
