"""The company's own fields: what `custom` of deals, clients and activities may hold."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Query, Router, Schema

from voronka.api.access import ApiRequest, needs
from voronka.api.paging import BY_ID, page
from voronka.api.shapes import Asked, Listed, Ref, ref
from voronka.desk.fields.models import CustomField, FieldOption

router = Router()
Subject = Literal["company", "person", "deal", "activity"]


class FieldOut(Schema):
    """An own field: `key` is its name within `custom`, `x_<key>` its name in `where` and `sort`.

    `options` are the first choices of a list; all of them are at `/custom-fields/{id}/options/`.
    """

    id: int
    subject: str
    key: str
    label: str
    kind: str
    group: str
    required_at_creation: bool
    funnels: list[int]
    archived: bool


class OptionsAsked(Asked):
    pass


class FieldsAsked(Asked):
    subject: Subject | None = None


@router.get("/custom-fields/", response=Listed[FieldOut], **needs())
def list_custom_fields(request: ApiRequest, asked: Query[FieldsAsked]) -> dict[str, Any]:
    """The company's own fields that the member may see."""
    member = request.member
    rows = CustomField.objects.filter(archived_at=None)
    for subject in ("company", "person", "deal", "activity"):
        hidden = [name.removeprefix("x_") for name in member.hidden_fields(subject)]
        rows = rows.exclude(subject=subject, key__in=hidden)
    if asked.subject:
        rows = rows.filter(subject=asked.subject)
    paged = page(rows, BY_ID, "id", asked.cursor, asked.limit)
    return {"items": [field_out(row) for row in paged.rows], "next": paged.next}


def field_out(row: CustomField) -> dict[str, Any]:
    same = ("subject", "key", "label", "kind", "group", "required_at_creation")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in same},
        "funnels": row.funnel_ids,
        "archived": row.archived_at is not None,
    }


@router.get("/custom-fields/{subject}/{key}/options/", response=Listed[Ref], **needs())
def list_field_options(
    request: ApiRequest, subject: Subject, key: str, asked: Query[Asked]
) -> dict[str, Any]:
    """The choices of a field that is one or several of a list."""
    member = request.member
    rows = FieldOption.objects.filter(field__subject=subject, field__key=key, archived_at=None)
    if f"x_{key}" in member.hidden_fields(subject):
        rows = rows.none()
    paged = page(rows, BY_ID, "id", asked.cursor, asked.limit)
    return {"items": [ref(row) for row in paged.rows], "next": paged.next}
