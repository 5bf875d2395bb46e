"""How a file is to be read: what the wizard asks, a map file says, and the workspace remembers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.core.text import clean, fold
from voronka.integrations.spreadsheets.fields import REQUIRED, base_name, fields_for, header_key, label_of
from voronka.integrations.spreadsheets.more_fields import NEED_ONE

CLOSINGS = ("=won", "=lost")


@dataclass
class Options:
    """Answers about a file.

    `columns`, `history_columns`: field → header. `stages`: value of the stage column → `=won`, `=lost` or the
    name of a stage (values not named here are decided by `words.propose`). `stage_order`: names of new stages in
    order. `funnel`: an existing funnel's name or a new one; empty: the only funnel there is, else a new one.
    `default_opened`: ISO day for deals without an opening date; empty: such rows are not taken. `source`: the
    system whose ids these are. `lost_stage`: where deals stood that were lost in no known stage, `first` or `last`.
    `only`: of a file that holds several subjects, the column that tells them apart and its value, as
    `{"column": "Тип", "value": "компания"}`. `same`: names of the file that mean others (`similar.py`). `leave_out`: the
    file is one of several and is not to come in.
    """

    columns: dict[str, str] = field(default_factory=dict)
    history_columns: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    history_sheet: str = ""
    funnel: str = ""
    stages: dict[str, str] = field(default_factory=dict)
    stage_order: list[str] = field(default_factory=list)
    default_opened: str = ""
    currency: str = ""
    source: str = ""
    lost_stage: str = "first"
    only: dict[str, str] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    leave_out: bool = False

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Options:
        """Options out of JSON. Raises `Refused` for an unknown name or a value of another shape."""
        if not isinstance(data, Mapping):
            raise Refused(_("A map is a JSON object: {“columns”: {…}, “stages”: {…}}."))
        known = {f.name: f for f in dataclasses.fields(cls)}
        if unknown := sorted(set(map(str, data)) - set(known)):
            raise Refused(
                _("The map has unknown entries: %(names)s. Known: %(known)s.")
                % {"names": ", ".join(unknown), "known": ", ".join(known)}
            )
        made = cls()
        for name, value in data.items():
            shape = type(getattr(made, name))
            fits = isinstance(value, shape)
            if fits and shape is dict:
                fits = all(isinstance(v, str) for pair in value.items() for v in pair)
            if fits and shape is list:
                fits = all(isinstance(v, str) for v in value)
            if not fits:
                raise Refused(_("The entry “%(name)s” of the map has a wrong shape.") % {"name": name})
            setattr(made, name, value)
        if made.lost_stage not in ("first", "last"):
            raise Refused(_("The entry “%(name)s” of the map has a wrong shape.") % {"name": "lost_stage"})
        made.check_day()
        return made

    def dump(self) -> dict[str, Any]:
        """The same as JSON values."""
        return dataclasses.asdict(self)

    def check_day(self) -> dt.date | None:
        """The default opening day; `Refused` if it is no day or has not come yet."""
        if not self.default_opened:
            return None
        try:
            day = dt.date.fromisoformat(self.default_opened)
        except ValueError:
            raise Refused(
                _("“%(value)s” is not a day: write it as 2026-01-31.")
                % {"value": clean(self.default_opened, 40)},
                field="default_opened",
            ) from None
        if day > clock.today() or day.year < 1990:
            raise Refused(
                _("The opening day of deals lies in the past, not before 1990."), field="default_opened"
            )
        return day


def headers_digest(headers: Iterable[str]) -> str:
    """What a set of headers is remembered by, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(header_key, headers))).encode()).hexdigest()


def check_columns(columns: Mapping[str, str], header: Iterable[str], kind: str) -> dict[str, str]:
    """*columns* held to the file: known fields, headers that are there, no column for two fields.

    Headers are compared folded; raises `Refused` naming the trouble.
    """
    by_key = {fold(title): title for title in header}
    fields = fields_for(kind)
    names = {f.name for f in fields}
    checked: dict[str, str] = {}
    for name, title in columns.items():
        if base_name(name) not in names:
            raise Refused(
                _("There is no field “%(name)s”. Known: %(known)s.")
                % {"name": name, "known": ", ".join(f.name for f in fields)}
            )
        if not title:
            continue
        found = by_key.get(fold(title))
        if found is None:
            raise Refused(
                _("There is no column “%(title)s” in the file. There are: %(known)s.")
                % {"title": clean(title, 80), "known": ", ".join(list(by_key.values())[:30])}
            )
        if found in checked.values():
            raise Refused(_("The column “%(title)s” is chosen for two fields.") % {"title": found})
        checked[name] = found
    missing = sorted(REQUIRED[kind] - set(checked))
    if missing:
        raise Refused(
            _("These columns are missing in the file: %(names)s.")
            % {"names": ", ".join(f"{label_of(kind, name)} ({name})" for name in missing)}
        )
    one_of = NEED_ONE.get(kind, frozenset())
    if kind == "deals" and not one_of & set(checked):
        raise Refused(
            _(
                "No column of the file names the deals: at least one of name, client, contact person, product or "
                "number is needed."
            )
        )
    if one_of and not one_of & set(checked):
        raise Refused(
            _("At least one of these columns is needed: %(names)s.")
            % {"names": ", ".join(str(one.label) for one in fields if one.name in one_of)}
        )
    return checked


def left_out(header: Iterable[str], columns: Mapping[str, str]) -> list[str]:
    """Titles of columns that are not carried over."""
    used = set(columns.values())
    return [title for title in header if title not in used]
