"""What stands on a client's card in this room and below it, and moves when two cards become one."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from voronka.clients.merging.movers import Column, CustomLinks, register
from voronka.clients.models import AccessRequest, BankAccount, CompanyTag, ContactPoint, Position
from voronka.desk.models import ExternalRef, Favourite, OpenedCard
from voronka.journal.models import EventSubject


class Posts(Column):
    """Posts of a person: of two main places of work the one of the card that stays remains main."""

    def move(self, loser: int, winner: int) -> Any:
        had_main = Position.objects.filter(person=winner, is_main=True).exists()
        moved = super().move(loser, winner)
        if had_main:
            for post in Position.objects.filter(pk__in=moved["ids"], is_main=True):
                post.is_main = False
                post.save(update_fields=["is_main"])
                moved.setdefault("filled", []).append([post.pk, "is_main", True, False])
        return moved


_LABELS = {"note": _("Notes"), "file": _("Files")}


def _of_the_desk(kind: str) -> list[Column]:
    """Whatever the desk keeps on cards: notes, files and what comes later, all named by kind and id."""
    return [
        Column(
            str(model._meta.model_name),
            kind,
            model,
            "subject_id",
            label=_LABELS.get(str(model._meta.model_name), ""),
            where={"subject_kind": kind},
        )
        for model in apps.get_app_config("desk").get_models()
        if {"subject_kind", "subject_id"} <= {field.name for field in model._meta.concrete_fields}
    ]


for _kind in ("company", "person"):
    register(
        *_of_the_desk(_kind),
        Column("contacts", _kind, ContactPoint, _kind, label=_("Contacts"), unique="normal", fill=("label",)),
        Column(
            "feed",
            _kind,
            EventSubject,
            "object_id",
            label=_("Events of the history"),
            where={"kind": _kind},
            unique="event",
        ),
        Column("refs", _kind, ExternalRef, "object_id", where={"kind": _kind}),
        Column(
            "favourites", _kind, Favourite, "object_id", where={"kind": _kind}, unique="member", lenient=True
        ),
        Column(
            "opened", _kind, OpenedCard, "object_id", where={"kind": _kind}, unique="member", lenient=True
        ),
        Column("access", _kind, AccessRequest, _kind, unique="member", only={"status": "open"}),
        CustomLinks(_kind),
    )

register(
    Column(
        "posts",
        "company",
        Position,
        "company",
        label=_("People"),
        unique="person",
        fill=("title", "kind", "is_main"),
    ),
    Column("accounts", "company", BankAccount, "company", label=_("Bank accounts"), unique="account"),
    Column("tags", "company", CompanyTag, "company", label=_("Tags"), unique="tag"),
    Posts(
        "posts",
        "person",
        Position,
        "person",
        label=_("Places of work"),
        unique="company",
        fill=("title", "kind", "is_main"),
    ),
)
