"""What was deleted can be brought back, also after the toast is gone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients import actions
from voronka.clients.models import Company, Person
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

SHOWN = 100


@workspace_view(Subject.CLIENT, Action.DELETE)
def clients_deleted(request: HttpRequest) -> HttpResponse:
    """The latest deleted companies and people within the member's right to delete."""
    context = {
        "room": "clients",
        "companies": _latest(request, Company),
        "people": _latest(request, Person),
        "shown": SHOWN,
    }
    return render_page(request, "clients/deleted.html", context, "list")


def _latest(request: HttpRequest, model: Any) -> list[Any]:
    member: Member = request.member  # type: ignore[attr-defined]
    gone = model.objects.visible_to(member, Action.DELETE).filter(deleted_at__isnull=False, merged_into=None)
    return list(gone.select_related("owner").order_by("-deleted_at", "-pk")[:SHOWN])


@require_POST
@workspace_view(Subject.CLIENT, Action.DELETE)
def company_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted client back."""
    company = get_or_404(Company.objects.visible_to(request.member, Action.DELETE), pk)  # type: ignore[attr-defined]
    with listening(request) as heard:
        actions.restore_company(company, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Client restored"), redirect=_list_url(request))


@require_POST
@workspace_view(Subject.CLIENT, Action.DELETE)
def person_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted contact person back."""
    person = get_or_404(Person.objects.visible_to(request.member, Action.DELETE), pk)  # type: ignore[attr-defined]
    with listening(request) as heard:
        actions.restore_person(person, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Contact person restored"), redirect=_list_url(request))


def _list_url(request: HttpRequest) -> str:
    return workspace_url("clients_deleted", request.workspace.slug)  # type: ignore[attr-defined]
