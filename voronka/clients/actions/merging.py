"""Verbs that make two cards one. The one that goes stays as another name of the one that takes it in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.clients import events
from voronka.clients.checks import require
from voronka.clients.merging import fields as compared
from voronka.clients.merging import movers_of
from voronka.clients.models import Company, DuplicatePair, Person
from voronka.core import clock
from voronka.core.edits import PREFIX
from voronka.core.errors import Refused
from voronka.core.text import company_key, fold
from voronka.journal.actions import record
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

Client = Company | Person


@transaction.atomic
def merge_companies(
    loser: Company,
    into: Company,
    *,
    actor: Member | None,
    take: Collection[str] = (),
    seen: Mapping[int, int] | None = None,
) -> Company:
    """Make *loser* another name of *into*: everything that stands on its card moves there, links lead there.

    *take* names the fields (built-in ones and `x_<key>`) whose values *into* takes from *loser*; *seen* are the
    versions (by id) that the choice was made from. Needs the right to delete the one and to edit the other. Raises
    `Refused` when one of the two is gone, merged already or changed since, `Forbidden`.
    """
    return _merge("company", loser, into, actor=actor, take=take, seen=seen)


@transaction.atomic
def merge_people(
    loser: Person,
    into: Person,
    *,
    actor: Member | None,
    take: Collection[str] = (),
    seen: Mapping[int, int] | None = None,
) -> Person:
    """The same for people; the right to edit both is enough, as for deleting one."""
    return _merge("person", loser, into, actor=actor, take=take, seen=seen)


def _merge(
    kind: str,
    loser: Any,
    into: Any,
    *,
    actor: Member | None,
    take: Collection[str],
    seen: Mapping[int, int] | None,
) -> Any:
    model = type(into)
    if loser.pk == into.pk:
        raise Refused(_("Choose another card to merge with."))
    # Rows before cards, as the verbs on rows lock them; cards in the order of ids, so that two merges crosswise wait
    # for each other and the second one finds its card gone.
    movers = movers_of(kind)
    for mover in reversed(movers):
        mover.hold(loser.pk)
    rows = model.objects.select_for_update(of=("self",)).filter(pk__in=[loser.pk, into.pk]).order_by("pk")
    cards = {row.pk: row for row in rows}
    loser, into = _present(cards.get(loser.pk)), _present(cards.get(into.pk))
    require(actor, loser, Action.DELETE if kind == "company" else Action.EDIT)
    require(actor, into, Action.EDIT)
    if seen is not None and any(seen.get(pk, card.version) != card.version for pk, card in cards.items()):
        raise Refused(_("One of the two was changed meanwhile: look at them once more."))
    if actor is not None:
        actor.require_fields(kind, take)
    taken, left = _told(loser, into, take)
    changes = _take_over(loser, into, take)
    moved = {
        mover.code: done
        for mover in movers
        if (done := mover.move(loser.pk, into.pk)) not in ([], {"ids": []})
    }
    loser.deleted_at, loser.merged_into = clock.now(), into
    loser.version += 1
    loser.save(update_fields=["deleted_at", "merged_into", "version"])
    payload_class = events.CompanyMerged if kind == "company" else events.PersonMerged
    record(
        payload_class(
            **{kind: into.pk},
            loser=loser.pk,
            name=into.name,
            loser_name=loser.name,
            changes=changes,
            taken=taken,
            left=left,
            moved=moved,
        ),
        actor=actor,
        subjects=[(kind, into.pk), (kind, loser.pk)],
    )
    return into


def _present(card: Any) -> Any:
    if card is None or (card.deleted_at is not None and card.merged_into_id is None):
        raise Refused(_("One of the two is no longer there: it was deleted meanwhile."))
    if card.merged_into_id is not None:
        raise Refused(
            _("“%(name)s” was merged into “%(into)s” already: open that card.")
            % {"name": card.name, "into": card.merged_into.name}
        )
    return card


def _told(loser: Any, into: Any, take: Collection[str]) -> tuple[list[list[str]], list[list[str]]]:
    """In words, after the name of the field: what changes on the card that stays, and what only the other one said."""
    taken, left = [], []
    for row in compared.compare(into, loser):
        if not row.differs:
            continue
        if row.name in take:
            taken.append([row.name, row.label, row.left, row.right])
        elif row.right:
            left.append([row.name, row.label, row.right])
    return taken, left


def _take_over(loser: Any, into: Any, take: Collection[str]) -> dict[str, list[Any]]:
    """Write the chosen values of *loser* to *into*; return attribute -> [before, after]."""
    known = set(compared.names_of(into))
    changes: dict[str, list[Any]] = {}
    columns = set()
    for name in take:
        if name not in known:
            raise Refused(_("There is no such field: “%(name)s”.") % {"name": name})
        if (before := compared.raw(into, name)) == (after := compared.raw(loser, name)):
            continue
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX)
            into.custom = {k: v for k, v in {**into.custom, key: after}.items() if v is not None}
            columns.add("custom")
            changes[name] = [before, after]
            continue
        names = ["owner", "team"] if name == "owner" else [name]
        for each in names:
            attname = into._meta.get_field(each).attname
            pair = [compared.raw(into, each), compared.raw(loser, each)]
            setattr(into, attname, getattr(loser, attname))
            columns.add(attname)
            changes[attname] = pair
        if name == "name":
            key_of = company_key if isinstance(into, Company) else fold
            changes["name_key"] = [
                into.name_key,
                key_of(into.name)[: into._meta.get_field("name_key").max_length],
            ]
            into.name_key = changes["name_key"][1]
            columns.add("name_key")
    into.version += 1
    into.save(update_fields=[*columns, "version"])
    return changes


@transaction.atomic
def dismiss_pair(kind: str, one: int, other: int, *, actor: Member) -> DuplicatePair | None:
    """Remember that two cards which look the same are not; they are shown together no more."""
    model: Any = Company if kind == "company" else Person
    first, second = sorted([one, other])
    cards = list(model.objects.present().filter(pk__in=[first, second]))
    if len(cards) < 2:
        raise Refused(_("One of the two is no longer there: it was deleted meanwhile."))
    for card in cards:
        require(actor, card, Action.EDIT)
    pair, _made = DuplicatePair.objects.select_for_update().get_or_create(
        kind=kind, first_id=first, second_id=second
    )
    if pair.dismissed_at is not None:
        return pair
    pair.dismissed_at, pair.dismissed_by = clock.now(), actor
    pair.save(update_fields=["dismissed_at", "dismissed_by"])
    record(
        events.PairDismissed(kind=kind, pair=pair.pk, names=[card.name for card in cards]),
        actor=actor,
        subjects=[(kind, first), (kind, second)],
    )
    return pair
