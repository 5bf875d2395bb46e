"""Facts of a deal, its people and its tags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Person, PostKind
from voronka.core.edits import jsonable, merge, put, shown
from voronka.core.errors import Forbidden, Refused
from voronka.deals import events, history, kept
from voronka.deals.actions.checks import checked, lock_for, seen_by, subjects_of
from voronka.deals.choices import Attitude, Cause, Influence
from voronka.deals.labels import label_of
from voronka.deals.models import STATE_FIELDS, Deal, DealParticipant, DealTag
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.fields.values import clean_was, split, told_changes
from voronka.desk.models import Tag
from voronka.journal.actions import record, recording
from voronka.journal.models import Event
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

EDITABLE = frozenset(
    [
        "title",
        "company",
        "person",
        "kind",
        "priority",
        "interest",
        "source",
        "product",
        "comment",
        "amount",
        "currency",
        "expected_close",
        "category",
        "head_category",
        "probability",
    ]
)


@transaction.atomic
def edit_deal(
    deal: Deal, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Event | None:
    """Change facts of a deal (`EDITABLE`, by field name); return the event, or None when nothing differs.

    *was* holds the values the form was made from. Raises `Conflict` when somebody changed the same field
    first, `Refused` for an impossible value and for the sum of a closed deal below head's reach.
    """
    built_in, own = split(changes)
    own = clean_own("deal", own, actor=actor, present=deal.custom)
    at = lock_for(deal, actor, Action.EDIT)
    actor.require_fields("deal", map(kept.field_of, changes))
    unknown = {name.removesuffix("_id") for name in built_in} - EDITABLE
    if unknown:
        raise Refused(_("This cannot be changed here: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    real = merge(deal, {**checked(deal, actor, built_in), **own}, clean_was("deal", was))
    if not real:
        return None
    if (
        not deal.is_open
        and real.keys() & {"amount", "currency"}
        and actor.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM
    ):
        raise Refused(_("The sum of a closed deal is corrected by the head."), field="amount")
    if "head_category" in real and actor.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM:
        raise Forbidden("head_category")
    if "product_id" in real:
        product = Product.objects.filter(pk=real["product_id"]).first()
        group_id = product.group_id if product and product.group_id else deal.funnel.product_group_id
        if group_id != deal.product_group_id:
            real["product_group_id"] = group_id
    if real.keys() & {"amount", "currency"}:
        base = history.in_workspace_currency(
            int(deal.workspace_id or 0), real.get("amount", deal.amount), real.get("currency", deal.currency)
        )
        if base != deal.amount_base:
            real["amount_base"] = base
    if "interest" in real:
        real["interest_at"] = at
    before = {name: jsonable(getattr(deal, name)) for name in real}
    labels = [name for name in built_in if _attname(deal, name) in real]
    was_shown = {name: shown(deal, name.removesuffix("_id")) for name in labels}
    feeds = subjects_of(deal)
    own_shown = told_changes("deal", before, real, actor)
    columns = put(deal, real)
    payload = events.DealEdited(
        deal=deal.pk,
        before=before,
        after={name: jsonable(value) for name, value in real.items()},
        shown=[
            {
                "name": name.removesuffix("_id"),
                "label": label_of(name.removesuffix("_id")),
                "was": was_shown[name],
                "now": shown(deal, name.removesuffix("_id")),
            }
            for name in labels
        ]
        + [{"name": name, **words} for name, words in own_shown.items()],
    )
    with recording(payload, actor=actor, subjects=[*feeds, *subjects_of(deal)], at=at) as event:
        if in_state := {name: value for name, value in real.items() if name in STATE_FIELDS}:
            history.change(deal, in_state, at=at, cause=Cause.EDITED, event=event)
        history.write(deal, *(name for name in columns if name not in STATE_FIELDS))
    return event


@transaction.atomic
def add_participant(
    deal: Deal, *, actor: Member, person: Person, kind: str = "", influence: str = "", attitude: str = ""
) -> Event | None:
    """Note that *person* takes part in the purchase: role, influence, attitude. A second call changes them.

    A no-op if it is so already. Raises `Refused` for a word that is none of the choices.
    """
    lock_for(deal, actor, Action.EDIT)
    seen_by(actor, person, "person")
    now = {"kind": kind, "influence": influence, "attitude": attitude}
    for name, choices in (("kind", PostKind), ("influence", Influence), ("attitude", Attitude)):
        if now[name] and now[name] not in choices.values:
            raise Refused(_("There is no such choice."), field=name)
    row = DealParticipant.objects.filter(deal=deal, person=person).first()
    before = {name: getattr(row, name) for name in now} if row else None
    if before == now:
        return None
    DealParticipant.objects.update_or_create(deal=deal, person=person, defaults=now)
    payload = events.ParticipantsChanged(
        deal.pk, person.pk, person.name, kind, added=True, now=now, before=before
    )
    return record(payload, actor=actor, subjects=[*subjects_of(deal), ("person", person.pk)])


@transaction.atomic
def remove_participant(deal: Deal, *, actor: Member, person: Person) -> Event | None:
    """Take *person* out of the deal. A no-op if not in it."""
    lock_for(deal, actor, Action.EDIT)
    row = DealParticipant.objects.filter(deal=deal, person=person).first()
    if row is None:
        return None
    before = {"kind": row.kind, "influence": row.influence, "attitude": row.attitude}
    row.delete()
    payload = events.ParticipantsChanged(
        deal.pk, person.pk, person.name, row.kind, added=False, before=before
    )
    return record(payload, actor=actor, subjects=[*subjects_of(deal), ("person", person.pk)])


@transaction.atomic
def set_tag(deal: Deal, *, actor: Member, tag: Tag, on: bool) -> Event | None:
    """Put a tag on the deal or take it off. A no-op if it is so already."""
    lock_for(deal, actor, Action.EDIT)
    links = DealTag.objects.filter(deal=deal, tag=tag)
    if links.exists() == on:
        return None
    if on:
        DealTag.objects.create(deal=deal, tag=tag)
    else:
        links.delete()
    return record(
        events.DealTagged(deal.pk, tag.pk, tag.name, added=on), actor=actor, subjects=[("deal", deal.pk)]
    )


def note_contacts(
    deal_id: int,
    *,
    next_at: dt.datetime | None,
    next_has_time: bool = True,
    next_text: str = "",
    next_icon: str = "",
    last_contact_at: dt.datetime | None,
) -> None:
    """Write the summary columns that `activities` owns: the next planned activity and the last contact.

    No event: they repeat what activity events said. The version stays, so that nobody's form is disturbed.
    """
    Deal.objects.filter(pk=deal_id).update(
        next_activity_at=next_at,
        next_activity_has_time=next_has_time,
        next_activity_text=next_text[:250],
        next_activity_icon=next_icon,
        last_contact_at=last_contact_at,
    )


def _attname(deal: Deal, name: str) -> str:
    return deal._meta.get_field(name.removesuffix("_id")).attname  # type: ignore[union-attr]
