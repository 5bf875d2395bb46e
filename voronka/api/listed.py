"""Lists for programs: the one list machine of the house, with its conditions, orders and places.

A program is told what a page leaves out in silence: an unknown or hidden field, a value that does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import Field

from voronka.api.paging import Page
from voronka.api.problems import Problem
from voronka.api.shapes import AskedFields
from voronka.core.errors import Refused
from voronka.core.text import clip
from voronka.desk.lists import conditions, paging
from voronka.desk.lists.conditions import Group
from voronka.desk.lists.events import ListExported
from voronka.desk.lists.registry import Listing, get_listing
from voronka.desk.lists.words import told
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

_SALT: Final = "voronka.api.place"
# So many rows of one walk are reading; more are an export (docs/decisions/reading-by-the-api.md).
WALK: Final = 1000


class AskedList(AskedFields):
    """What the lists of deals, clients, activities and products take."""

    q: str | None = Field(None, max_length=100, description="words to be found")
    where: str | None = Field(
        None,
        max_length=20_000,
        description='a tree of conditions in JSON, as the lists have it: `[["amount","ge","100000"],["owner","in","me"]]`',
    )
    sort: str | None = Field(
        None,
        max_length=200,
        pattern=r"^-?[a-z][a-z0-9_]*(,-?[a-z][a-z0-9_]*){0,2}$",
        description="up to three fields by commas, “-” before one for downwards",
    )


# A parameter of the address -> the field and the operator of the condition that it is short for.
Plain = Mapping[str, tuple[str, str]]


def listed(
    code: str,
    member: Member,
    asked: AskedList,
    *,
    full: Callable[[Any], Any],
    plain: Plain | None = None,
    narrow: Callable[[Any], Any] | None = None,
) -> Page:
    """One page of the list *code* as *member* may see it.

    *full* adds to rows what an answer tells; *narrow* has further conditions. Raises `Problem` 400 for a cursor that
    is not of this list, 403 beyond `WALK` rows without the right to export, `Refused` for conditions and orders that the
    list does not know.
    """
    listing = get_listing(code)
    fields = listing.fields_for(member)
    where = _tree(asked, plain or {}, fields)
    whole = listing.where_of(where)
    rows = conditions.apply(listing.rows(member, Action.SEE, whole), whole, {**_all(code), **fields}, member)
    if narrow is not None:
        rows = narrow(rows)
    if asked.q:
        if listing.search is None:
            raise Refused(_("This list is not searched by words."), field="q")
        rows = listing.search(rows, asked.q)
    sort = asked.sort or listing.sort
    keys = paging.keys_of(sort, fields)
    if asked.sort and len(keys) != len(asked.sort.split(",")):
        raise Refused(_("There is no such field to sort by."), field="sort")
    after, read, is_export = _place(asked.cursor, code, sort)
    if read >= WALK and not is_export:
        _export(listing, member, rows, told(where, fields))
        is_export = True
    found, place = paging.page(full(rows), keys, after, asked.limit)
    cursor = [code, sort, place, read + len(found), is_export]
    return Page(found, signing.dumps(cursor, salt=_SALT) if place else None)


@transaction.atomic
def _export(listing: Listing, member: Member, rows: Any, words: str) -> None:
    """A walk that goes on and on is told as the export it is, once."""
    if not member.may(listing.subject, Action.EXPORT):
        raise Problem(
            403,
            _("More than %(count)s rows of one list are an export, and there is no right to export here.")
            % {"count": WALK},
            "no-export",
        )
    words = f"API · {words}" if words else "API"
    record(
        ListExported(listing.code, rows.order_by().count(), clip(words, 500), [], "api"),
        actor=member,
        subjects=[],
    )


def _all(code: str) -> dict[str, Any]:
    """Every field: what goes without saying (the deleted stay away) holds for those who do not see the field too."""
    return {known.name: known for known in get_listing(code).fields()}


def _tree(asked: AskedList, plain: Plain, fields: Mapping[str, Any]) -> Group:
    where = read_tree(asked.where, fields, "where") if asked.where else Group()
    short = [
        [field, op, *(str(value) for value in given)] if isinstance(given, list) else [field, op, str(given)]
        for name, (field, op) in plain.items()
        if (given := getattr(asked, name))
    ]
    # Each by itself, so that the sentence names the parameter.
    for name, condition in zip([name for name in plain if getattr(asked, name)], short, strict=True):
        where = where.also(*read_tree([condition], fields, name).items)
    return where


def read_tree(given: Any, fields: Mapping[str, Any], name: str) -> Group:
    """A tree of conditions out of the parameter *name*. Raises `Refused` for what is none, or asks what is not there."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise Refused(_("This is not a tree of conditions in JSON."), field=name) from None
        if not isinstance(given, list):
            raise Refused(_("This is not a tree of conditions in JSON."), field=name)
    parsed = conditions.parse(given, fields)
    if parsed.refused:
        raise Refused(" ".join(parsed.refused), field=name)
    return parsed.where


def _place(cursor: str | None, code: str, sort: str) -> tuple[str, int, bool]:
    """The place where the page begins, how many rows were read before it, whether it was told as an export."""
    if not cursor:
        return "", 0, False
    try:
        of, by, place, read, is_export = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        of, by, place, read, is_export = "", "", "", 0, False
    if (of, by) != (code, sort):
        raise Problem(400, _("This cursor is not of this list and order: begin without one."), "wrong-cursor")
    return str(place), int(read), bool(is_export)


def require_seen(member: Member, subject: str, names: Iterable[str]) -> None:
    """Raise `Refused` when one of *names* is hidden from *member*: an order or a filter would tell what it hides."""
    hidden = member.hidden_fields(subject)
    for name in names:
        if name in hidden:
            raise Refused(_("There is no such field."), field=name)
