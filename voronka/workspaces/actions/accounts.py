"""A person's account and a company's."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from voronka.core.edits import merge, snapshot
from voronka.core.errors import Refused
from voronka.core.tenancy import scope
from voronka.journal.actions import record
from voronka.workspaces.events import WorkspaceCreated, WorkspaceEdited
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.rights import DEFAULT_RIGHTS, Action, RoleCode, Subject
from voronka.workspaces.rules import CURRENCIES, locked_workspace, require_text
from voronka.workspaces.slugs import RESERVED, slug_for

_ATTEMPTS = 5


@transaction.atomic
def create_user(
    *, email: str, name: str, password: str | None, language: str = "", confirmed: bool = False
) -> User:
    """A person who can sign in; *confirmed*: we know that the address is theirs.

    The one verb without an actor: nobody is signed in yet. Raises `Refused` when the address is taken.
    """
    email = require_text(email, User, "email").lower()
    name = require_text(name, User, "name")
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email, password=password, name=name, language=language)
    except IntegrityError:
        raise Refused(
            _("There is an account with this e-mail already: sign in instead."), field="email"
        ) from None
    addresses = apps.get_model("account", "EmailAddress").objects
    addresses.create(user_id=user.pk, email=email, primary=True, verified=confirmed)
    return user


@transaction.atomic
def create_workspace(
    *,
    user: User,
    name: str,
    slug: str | None = None,
    language: str = "ru",
    currency: str = "RUB",
    time_zone: str = "Europe/Moscow",
    is_demo: bool = False,
) -> Member:
    """A company account with the six roles, one team and *user* as its administrator, who is returned.

    Call it outside any scope. Raises `Refused` for an empty name, or a given *slug* that is reserved or taken.
    """
    name = require_text(name, Workspace, "name")
    fields = {"language": language, "currency": currency, "time_zone": time_zone, "is_demo": is_demo}
    workspace = _with_free_slug(name, slug, fields)
    with scope(workspace):
        roles = Role.objects.bulk_create(
            Role(code=code, rights=DEFAULT_RIGHTS[code], order=order)
            for order, code in enumerate(RoleCode.values)
        )
        admin = next(role for role in roles if role.code == RoleCode.ADMIN)
        with override(language):
            team = Team.objects.create(name=_("Sales"))
        member = Member.objects.create(
            user=user, name=user.name or user.email, email=user.email, role=admin, team=team
        )
        team.head = member
        team.save(update_fields=["head"])
        record(
            WorkspaceCreated(name=workspace.name, slug=workspace.slug),
            actor=member,
            subjects=[("workspace", workspace.pk), ("member", member.pk)],
        )
    return member


def _with_free_slug(name: str, slug: str | None, fields: dict[str, Any]) -> Workspace:
    for _attempt in range(_ATTEMPTS):
        wanted = slug or slug_for(name)
        if wanted in RESERVED:
            break
        try:
            with transaction.atomic():
                return Workspace.objects.create(name=name, slug=wanted, **fields)
        except IntegrityError:
            # Somebody took the same address in the same second: try the next one, unless it was asked for.
            if slug:
                break
    raise Refused(_("The address “%(slug)s” is taken: choose another one.") % {"slug": wanted}, field="slug")


@transaction.atomic
def edit_workspace(
    *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Workspace:
    """Change `name`, `currency`, `time_zone`, `language` of the actor's company.

    Raises `Refused` for a bad value, `Conflict` when somebody changed the same first. A consequence may refuse
    (a currency in which deals are counted already).
    """
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    workspace = locked_workspace(actor.workspace_id)
    changes = dict(changes)
    if "name" in changes:
        changes["name"] = require_text(changes["name"], Workspace, "name")
    if changes.get("currency", "RUB") not in CURRENCIES:
        raise Refused(_("This currency is not known."), field="currency")
    if changes.get("time_zone", "UTC") not in zoneinfo.available_timezones():
        raise Refused(_("This time zone is not known."), field="time_zone")
    if changes.get("language", "ru") not in dict(settings.LANGUAGES):
        raise Refused(_("This language is not known."), field="language")
    real = merge(workspace, changes, was)
    if not real:
        return workspace
    before = snapshot(workspace, real)
    for attname, value in real.items():
        setattr(workspace, attname, value)
    workspace.save(update_fields=list(real))
    record(
        WorkspaceEdited(before=before, after=snapshot(workspace, real)),
        actor=actor,
        subjects=[("workspace", workspace.pk)],
    )
    return workspace


@transaction.atomic
def edit_profile(*, actor: User, changes: Mapping[str, Any]) -> User:
    """Change a person's own `name`, `language`, `theme`, `keys_on`, `time_zone` ("": the company's); their
    memberships take the new name.

    Settings of a person belong to no company, so no company's journal tells them.
    """
    user = User.objects.select_for_update().get(pk=actor.pk)
    changes = dict(changes)
    if "name" in changes:
        changes["name"] = require_text(changes["name"], User, "name")
    if changes.get("language", "") not in {"", *dict(settings.LANGUAGES)}:
        raise Refused(_("This language is not known."), field="language")
    if changes.get("theme", "auto") not in {"auto", "light", "dark"}:
        raise Refused(_("This theme is not known."), field="theme")
    if changes.get("time_zone", "") not in {"", *zoneinfo.available_timezones()}:
        raise Refused(_("This time zone is not known."), field="time_zone")
    real = merge(user, changes)
    if "name" in real:
        Member.objects.unscoped().filter(user=user, name=user.name).update(name=real["name"])
    for attname, value in real.items():
        setattr(user, attname, value)
    if real:
        user.save(update_fields=list(real))
    return user
