"""How a view inside a workspace is entered, and how it finds the object it is about.

    @workspace_view(Subject.DEAL, Action.EDIT)
    def win(request, number):
        deal = get_or_404(Deal.objects.visible_to(request.member), number=number)
        require_reach(request, Subject.DEAL, Action.EDIT, deal)
        win_deal(deal, actor=request.member)
        return done(request, _("Won"), redirect=...)

`WorkspaceMiddleware` has already signed the member in and entered the scope. Answers: another workspace, or no
such object: 404; an object or an action out of one's reach: 403; a verb that says no: the sentence, 409.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse

from voronka.core.errors import Forbidden, Refused
from voronka.ui.htmx import refused
from voronka.workspaces.models import Member, User, Workspace
from voronka.workspaces.rights import Action, Subject


class MemberRequest(HttpRequest):
    """A request inside a workspace, as `WorkspaceMiddleware` hands it on (a type for the eye and for mypy)."""

    user: User
    member: Member
    workspace: Workspace


# Any: a page, a redirect or a file, which have no common ancestor but the base response.
View = Callable[..., Any]
M = TypeVar("M", bound=models.Model)


def workspace_view(
    subject: Subject | None = None, action: Action = Action.SEE, *, sees: tuple[str, str] | None = None
) -> Callable[[View], View]:
    """A view for members; with a *subject*, only for those who may do *action* to it at all (else 403).

    Without one it is open to every member. *sees* names a field, ("deal", "amount"), that must not be hidden. `view.needs` tells the right to the table of permissions.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            member = getattr(request, "member", None)
            if member is None:
                raise Http404
            if subject is not None:
                member.require(subject, action)
            if sees is not None and not member.sees(*sees):
                raise Forbidden(f"see {sees}")
            try:
                return view(request, *args, **kwargs)
            except Refused as refusal:
                return refused(request, refusal)

        wrapped.needs = (subject, action)  # type: ignore[attr-defined]
        return wrapped

    return decorate


def get_or_404(queryset: models.QuerySet[M], pk: Any = None, **lookup: Any) -> M:
    """The one object of *queryset* (made by `visible_to`) with this primary key or these fields.

    Raises `Http404` when the workspace has none such (or it is deleted), `Forbidden` when it has one out of the
    member's reach.
    """
    if pk is not None:
        lookup["pk"] = pk
    try:
        found = queryset.filter(**lookup).first()
    except (ValueError, OverflowError):
        raise Http404 from None
    if found is not None:
        return found
    everything: Any = queryset.model._default_manager.all()
    if hasattr(everything, "present"):
        everything = everything.present()
    if everything.filter(**lookup).exists():
        raise Forbidden(f"{queryset.model._meta.label_lower} {lookup}")
    raise Http404


def require_reach(request: HttpRequest, subject: Subject, action: Action, obj: Any) -> None:
    """Raise `Forbidden` unless the member's right covers *obj* (by its `owner_id` and `team_id`)."""
    if not request.member.reaches(subject, action, owner_id=obj.owner_id, team_id=obj.team_id):  # type: ignore[attr-defined]
        raise Forbidden(f"{action} {subject} {obj.pk}")
