"""What members change of themselves: no right is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from voronka.core.edits import merge, snapshot
from voronka.journal.actions import record
from voronka.workspaces.events import MemberEdited
from voronka.workspaces.models import Member
from voronka.workspaces.rules import fitting_text

OWN = ("post", "phone")


@transaction.atomic
def edit_own_details(*, actor: Member, changes: Mapping[str, Any]) -> Member:
    """Change one's own `post` and `phone` as colleagues see them. Raises `Refused` for a text too long."""
    if unknown := set(changes) - set(OWN):
        raise ValueError(f"not one's own: {sorted(unknown)}")
    member = Member.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    real = merge(member, {name: fitting_text(value, Member, name) for name, value in changes.items()})
    if not real:
        return member
    before = snapshot(member, real)
    for attname, value in real.items():
        setattr(member, attname, value)
    member.save(update_fields=list(real))
    record(
        MemberEdited(member=member.pk, name=member.name, before=before, after=snapshot(member, real)),
        actor=actor,
        subjects=[("member", member.pk)],
    )
    return member
