"""Dictionaries: sources, segments, reasons, kinds of activities, product groups; regions, industries and tags."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import Model
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from voronka.api.access import ApiRequest, found, needs, related
from voronka.api.paging import BY_ID, Order, page
from voronka.api.shapes import Asked, Id, In, Listed, Ref, given, ref
from voronka.api.words import ChannelWord
from voronka.catalog.models import ProductGroup
from voronka.clients.industries import industry_choices
from voronka.clients.regions import REGIONS
from voronka.core.errors import Refused
from voronka.desk.dictionaries import archive_entry, create_entry, edit_entry, get_dictionary, restore_entry
from voronka.desk.models import Tag

router = Router()
# Products have a room of their own.
Code = Literal[
    "segment", "source", "won_reason", "lost_reason", "activity_kind", "product_group", "competitor"
]


class EntryOut(Schema):
    """An entry of a list. `fields` has what entries of this list have besides a name."""

    id: int
    name: str
    order: int | None
    archived: bool
    merged_into: int | None
    fields: dict[str, Any]


class EntryFields(In):
    """What entries may have besides a name; each list has its own of these."""

    description: Annotated[str, Field(max_length=20_000)] | None = None
    channel: ChannelWord | None = None
    icon: Annotated[str, Field(max_length=40)] | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    site: Annotated[str, Field(max_length=200)] | None = None
    parent: Id | None = None


class NewEntry(EntryFields):
    name: Annotated[str, Field(min_length=1, max_length=150)]


class EntryPatch(EntryFields):
    name: Annotated[str, Field(min_length=1, max_length=150)] | None = None


class EntriesAsked(Asked):
    archived: bool = Field(False, description="the archived ones instead of those in use")


class Named(Schema):
    """A code and its name in the language that was asked for."""

    code: str
    name: str


def entry_out(code: str, row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in get_dictionary(code).fields}
    return {
        "id": row.pk,
        "name": row.name,
        "order": getattr(row, "order", None),
        "archived": row.archived_at is not None,
        "merged_into": getattr(row, "merged_into_id", None),
        "fields": {name: _plain(value) for name, value in values.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return str(value) if isinstance(value, Decimal) else value


def _values(code: str, body: EntryFields) -> dict[str, Any]:
    """The sent fields, those of this list only."""
    sent = given(body, "name")
    for name in sent:
        if name not in get_dictionary(code).fields:
            raise Refused(_("Entries of this list have no such field."), field=name)
    if "parent" in sent:
        sent["parent"] = related(ProductGroup.objects.all(), body.parent, "parent")
    return {name: value for name, value in sent.items() if value is not None or name == "parent"}


@router.get("/dictionaries/{code}/", response=Listed[EntryOut], **needs("book:read"))
def list_entries(request: ApiRequest, code: Code, asked: Query[EntriesAsked]) -> dict[str, Any]:
    """The entries of a list."""
    dictionary = get_dictionary(code)
    rows = dictionary.entries().filter(archived_at__isnull=not asked.archived)
    paged = page(rows, BY_ID, "id", asked.cursor, asked.limit)
    return {"items": [entry_out(code, row) for row in paged.rows], "next": paged.next}


@router.post("/dictionaries/{code}/", response={201: EntryOut}, **needs("book:write"))
def create_dictionary_entry(request: ApiRequest, code: Code, body: NewEntry) -> dict[str, Any]:
    """Add an entry to the end of a list."""
    request.member.require("book", "configure")
    if code == "activity_kind" and body.channel is None:
        raise Refused(_("Say what the activity is by its nature."), field="channel")
    return entry_out(code, create_entry(code, actor=request.member, name=body.name, **_values(code, body)))


@router.get("/dictionaries/{code}/{entry_id}/", response=EntryOut, **needs("book:read"))
def get_entry(request: ApiRequest, code: Code, entry_id: Id) -> dict[str, Any]:
    """One entry of a list."""
    return entry_out(code, _see(code, entry_id))


def _see(code: str, entry_id: int) -> Any:
    return found(get_dictionary(code).entries(), entry_id, by="id")


@router.patch("/dictionaries/{code}/{entry_id}/", response=EntryOut, **needs("book:write"))
def edit_dictionary_entry(request: ApiRequest, code: Code, entry_id: Id, body: EntryPatch) -> dict[str, Any]:
    """Rename an entry or change its fields."""
    request.member.require("book", "configure")
    changes = _values(code, body) | ({"name": body.name} if body.name is not None else {})
    return entry_out(code, edit_entry(_see(code, entry_id), actor=request.member, changes=changes))


@router.post("/dictionaries/{code}/{entry_id}/archive/", response=EntryOut, **needs("book:write"))
def archive_dictionary_entry(request: ApiRequest, code: Code, entry_id: Id) -> dict[str, Any]:
    """Take an entry out of choice; what refers to it keeps it."""
    return entry_out(code, archive_entry(_see(code, entry_id), actor=request.member))


@router.post("/dictionaries/{code}/{entry_id}/restore/", response=EntryOut, **needs("book:write"))
def restore_dictionary_entry(request: ApiRequest, code: Code, entry_id: Id) -> dict[str, Any]:
    """Offer an archived entry again."""
    return entry_out(code, restore_entry(_see(code, entry_id), actor=request.member))


@router.get("/regions/", response=list[Named], **needs())
def list_regions(request: ApiRequest) -> list[dict[str, Any]]:
    """The regions of Russia by the codes that companies keep."""
    return [{"code": region.code, "name": region.name} for region in REGIONS]


@router.get("/industries/", response=list[Named], **needs())
def list_industries(request: ApiRequest) -> list[dict[str, Any]]:
    """The sections of OKVED by the codes that companies keep."""
    return [{"code": code, "name": str(name)} for code, name in industry_choices()]


@router.get("/tags/", response=Listed[Ref], **needs())
def list_tags(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The tags of the company, by name."""
    paged = page(Tag.objects.all(), {"name": Order("name_key")}, "name", asked.cursor, asked.limit)
    return {"items": [ref(tag) for tag in paged.rows], "next": paged.next}
