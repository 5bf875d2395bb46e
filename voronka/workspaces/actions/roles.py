"""Roles: made, copied, renamed, given other rights, deleted. Whoever configures the company does it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from voronka.core.errors import Conflict, Refused
from voronka.core.text import fold
from voronka.journal.actions import record
from voronka.journal.models import Event
from voronka.workspaces.actions.members import keep_an_admin
from voronka.workspaces.models import Invitation, Member, Role
from voronka.workspaces.rights import GRANTABLE, Action, Rights, Subject, hideable
from voronka.workspaces.role_events import RoleCreated, RoleDeleted, RoleEdited
from voronka.workspaces.rules import locked_workspace, require_text

EDITABLE = frozenset({"name", "rights", "hidden_fields", "readonly_fields"})
MOST_ROLES = 50


@transaction.atomic
def create_role(*, actor: Member, name: str, copy_of: Role | None = None) -> Role:
    """A role of the company's own: without any right, or with those of *copy_of*.

    Raises `Refused` for an empty name or one that another role has.
    """
    _begin(actor)
    name = _free_name(name, None)
    if Role.objects.count() >= MOST_ROLES:
        raise Refused(_("There are %(count)s roles already: delete one first.") % {"count": MOST_ROLES})
    last = Role.objects.aggregate(last=Max("order"))["last"] or 0
    role = Role.objects.create(
        code=f"own-{secrets.token_hex(5)}",
        name=name,
        rights=copy_of.rights if copy_of else {},
        hidden_fields=copy_of.hidden_fields if copy_of else {},
        readonly_fields=copy_of.readonly_fields if copy_of else {},
        order=last + 1,
    )
    payload = RoleCreated(role=role.pk, name=name, copy_of=copy_of.title if copy_of else "")
    record(payload, actor=actor, subjects=[("role", role.pk)])
    return role


@transaction.atomic
def edit_role(
    role: Role, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Event | None:
    """Change `name`, `rights` ({subject: {action: reach}}), `hidden_fields`, `readonly_fields` ({subject: [names]}).

    Rights and fields come whole; *was* holds those the form was made from. Returns None when nothing differs. Raises
    `Refused` for a right that reaches further than its holder sees and when nobody would be left to manage the
    company, `Conflict` when somebody changed the same column first.
    """
    _begin(actor)
    role = Role.objects.select_for_update().get(pk=role.pk)
    if unknown := set(changes) - EDITABLE:
        raise ValueError(f"not to be edited: {sorted(unknown)}")
    real: dict[str, Any] = {}
    for name, value in changes.items():
        wanted, present = _cleaned(role, name, value), _cleaned(role, name, getattr(role, name))
        if wanted == present:
            continue
        if was is not None and name in was:
            basis = _cleaned(role, name, was[name])
            if wanted == basis:
                continue
            if basis != present:
                raise Conflict(
                    _(
                        "Somebody changed this role while you were editing it: look at it and change it again."
                    ),
                    [],
                )
        real[name] = wanted
    if not real:
        return None
    if "rights" in real:
        _refuse_blind(real["rights"])
    before = {name: getattr(role, name) for name in real}
    for name, value in real.items():
        setattr(role, name, value)
    role.save(update_fields=list(real))
    keep_an_admin()
    payload = RoleEdited(role=role.pk, code=role.code, name=role.name, before=before, after=real)
    return record(payload, actor=actor, subjects=[("role", role.pk)])


@transaction.atomic
def delete_role(role: Role, *, actor: Member, move_to: Role | None = None) -> Event:
    """Delete a role of the company's own; its people, former ones too, get the role *move_to*.

    Raises `Refused` for one of the six standard roles, while people have it and no other is given, and while an
    invitation promises it.
    """
    _begin(actor)
    role = Role.objects.select_for_update().get(pk=role.pk)
    if role.is_standard:
        raise Refused(_("A standard role cannot be deleted; its rights can be changed."))
    moved = []
    if move_to is not None and move_to.pk != role.pk:
        moved = list(Member.objects.filter(role=role).values_list("pk", flat=True))
        Member.objects.filter(pk__in=moved).update(role=move_to)
    refuse_in_use(role)
    keep_an_admin()
    kept = {name: getattr(role, name) for name in ("code", "order", *sorted(EDITABLE))}
    payload = RoleDeleted(
        role=role.pk, name=role.title, kept=kept, moved=moved, moved_to=move_to.pk if move_to else None
    )
    role.delete()
    return record(payload, actor=actor, subjects=[("role", payload.role)])


def refuse_in_use(role: Role) -> None:
    """Raise `Refused` while somebody has *role* or is invited to it."""
    if Member.objects.filter(role=role).exists():
        raise Refused(_("There are people with this role: give them another one first."), field="move_to")
    if Invitation.objects.filter(role=role, accepted_at=None, revoked_at=None).exists():
        raise Refused(_("Somebody is invited to this role: revoke the invitation first."))


def _begin(actor: Member) -> None:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    locked_workspace(actor.workspace_id)


def _free_name(value: Any, role: Role | None) -> str:
    name = require_text(value, Role, "name")
    others = Role.objects.exclude(pk=role.pk) if role else Role.objects.all()
    if fold(name) in {fold(other.title) for other in others}:
        raise Refused(_("There is a role of this name already."), field="name")
    return name


def _cleaned(role: Role, name: str, value: Any) -> Any:
    if name == "rights":
        return cleaned_rights(value)
    if name == "name":
        # A standard role takes its standard name back when its own is emptied.
        return "" if role.is_standard and not str(value or "").strip() else _free_name(value, role)
    return _cleaned_fields(value, readonly=name == "readonly_fields", present=getattr(role, name))


def cleaned_rights(given: Mapping[str, Mapping[str, Any]]) -> Rights:
    """*given* with known rights only, without those of no reach; raises `Refused` for a reach that cannot be."""
    rights: Rights = {}
    for subject, actions in GRANTABLE.items():
        for action, possible in actions.items():
            far = int(given.get(subject, {}).get(action, 0) or 0)
            if far not in map(int, possible):
                raise Refused(_("There is no such right."))
            if far:
                rights.setdefault(subject.value, {})[action.value] = far
    return rights


def _refuse_blind(rights: Rights) -> None:
    """Raise `Refused` for a right that reaches further than seeing does."""
    for subject, actions in GRANTABLE.items():
        given = rights.get(subject.value, {})
        if Action.SEE in actions and any(far > given.get(Action.SEE.value, 0) for far in given.values()):
            raise Refused(
                _(
                    "“%(subject)s”: nobody can do anything with what is not seen. Widen “see” or narrow the rest."
                )
                % {"subject": str(subject.label).capitalize()}
            )


def _cleaned_fields(
    given: Mapping[str, Iterable[str]], *, readonly: bool, present: Mapping[str, Iterable[str]]
) -> dict[str, list[str]]:
    """*given* by subject, names sorted; unknown names stay only if they stood there (an archived field)."""
    known = {(field.subject, field.name) for field in hideable() if not (readonly and field.computed)}
    result: dict[str, list[str]] = {}
    for subject, names in given.items():
        kept = sorted(
            name for name in set(names) if (subject, name) in known or name in present.get(subject, ())
        )
        if kept:
            result[subject] = kept
    return result
