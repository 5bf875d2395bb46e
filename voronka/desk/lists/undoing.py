"""How what was done to views and to many rows is taken back."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.errors import Forbidden, Refused
from voronka.desk.lists.models import FirstView, SavedView
from voronka.workspaces.rights import Action, Subject


def _view(payload: Any, actor: Any) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=payload.view).first()
    if view is None:
        raise Refused(_("There is no such view any more."))
    if view.owner_id != actor.pk and not actor.may(Subject.WORKSPACE, Action.CONFIGURE):
        raise Forbidden("undo view")
    return view


def view_saved(event: Any, payload: Any, actor: Any) -> None:
    view = _view(payload, actor)
    if view.deleted_at is None:
        view.deleted_at = clock.now()
        view.save(update_fields=["deleted_at"])


def view_changed(event: Any, payload: Any, actor: Any) -> None:
    view = _view(payload, actor)
    if any(getattr(view, name) != value for name, value in payload.after.items()):
        raise Refused(_("This was changed again since then, so it cannot be undone."))
    for name, value in payload.before.items():
        setattr(view, name, value)
    view.save(update_fields=list(payload.before))


def view_deleted(event: Any, payload: Any, actor: Any) -> None:
    view = _view(payload, actor)
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])


def first_view(event: Any, payload: Any, actor: Any) -> None:
    actor.require(Subject.WORKSPACE, Action.CONFIGURE)
    rows = FirstView.objects.filter(subject=payload.subject, role_id=payload.role_id)
    if payload.before:
        FirstView.objects.update_or_create(
            subject=payload.subject, role_id=payload.role_id, defaults={"view": payload.before}
        )
    else:
        rows.delete()


def bulk(event: Any, payload: Any, actor: Any) -> None:
    """Nothing of its own: the rows are consequences, and `bulk.take_back` reverses each by itself."""
