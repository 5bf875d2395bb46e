"""Funnels with their stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from ninja import Router, Schema

from voronka.api.access import ApiRequest, needs
from voronka.api.shapes import Id, Ref, ref
from voronka.playbook.models import ClosingStatus
from voronka.playbook.queries import FunnelInBook, book_of

router = Router()


class StageOut(Schema):
    """A step of a funnel; an archived one stays for history."""

    id: int
    name: str
    order: int
    probability: int
    category: str
    limit_days: int | None
    is_key: bool
    color: str
    archived: bool
    merged_into: int | None


class ClosingOut(Schema):
    """A way in which deals of a funnel end; the first of its outcome is meant where none is said."""

    id: int
    outcome: str
    name: str
    about: str
    archived: bool


class FunnelOut(Schema):
    """A sequence of stages by which something is sold to somebody."""

    id: int
    name: str
    product_group: Ref | None
    segment: Ref | None
    order: int
    archived: bool
    stages: list[StageOut]
    closing_statuses: list[ClosingOut]


def funnel_out(found: FunnelInBook, statuses: Iterable[ClosingStatus]) -> dict[str, Any]:
    funnel = found.funnel
    return {
        "id": funnel.pk,
        "name": funnel.name,
        "product_group": ref(funnel.product_group),
        "segment": ref(funnel.segment),
        "order": funnel.order,
        "archived": funnel.archived_at is not None,
        "stages": [
            {
                "id": stage.pk,
                "name": stage.name,
                "order": stage.order,
                "probability": stage.probability,
                "category": stage.category,
                "limit_days": stage.limit_days,
                "is_key": stage.is_key,
                "color": stage.color,
                "archived": stage.archived_at is not None,
                "merged_into": stage.merged_into_id,
            }
            for stage in found.all_stages
        ],
        "closing_statuses": [
            {
                "id": status.pk,
                "outcome": status.outcome,
                "name": status.name,
                "about": status.about,
                "archived": status.archived_at is not None,
            }
            for status in statuses
        ],
    }


@router.get("/funnels/", response=list[FunnelOut], **needs("book:read"))
def list_funnels(request: ApiRequest) -> list[dict[str, Any]]:
    """All funnels with their stages, archived ones too, in their order."""
    statuses: dict[int, list[ClosingStatus]] = {}
    for status in ClosingStatus.objects.order_by("-outcome", "order", "id"):
        statuses.setdefault(status.funnel_id, []).append(status)
    return [funnel_out(found, statuses.get(found.funnel.pk, [])) for found in book_of().funnels]


@router.get("/funnels/{funnel_id}/", response=FunnelOut, **needs("book:read"))
def get_funnel(request: ApiRequest, funnel_id: Id) -> dict[str, Any]:
    """One funnel with its stages."""
    found = book_of().get(funnel_id)
    if found is None:
        raise Http404
    return funnel_out(found, found.funnel.closing_statuses.order_by("-outcome", "order", "id"))
