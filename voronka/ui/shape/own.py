"""One value of an own field, changed in place on any card."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.activities.actions import edit_activity
from voronka.activities.models import Activity
from voronka.clients.actions import edit_company, edit_person
from voronka.clients.models import Company, Person
from voronka.core.text import fold
from voronka.deals.actions import edit_deal
from voronka.deals.models import Deal
from voronka.desk.fields.models import CustomField
from voronka.desk.fields.values import Names
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening, undo_url
from voronka.ui.htmx import toast, trigger
from voronka.ui.navigation import workspace_url
from voronka.ui.shape.facts import own_fact
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

VERBS: dict[str, tuple[Any, Any, Subject]] = {
    "company": (Company, edit_company, Subject.CLIENT),
    "person": (Person, edit_person, Subject.CLIENT),
    "deal": (Deal, edit_deal, Subject.DEAL),
    "activity": (Activity, edit_activity, Subject.ACTIVITY),
}
MOST_FOUND = 50


@require_POST
@workspace_view()
def edit(request: MemberRequest, subject: str, pk: int) -> HttpResponse:
    """`field`, `value`, `was`: the room's own verb of editing with one own field."""
    if subject not in VERBS:
        raise Http404
    model, verb, _right = VERBS[subject]
    row = get_or_404(model.objects.visible_to(request.member), pk)
    name = request.POST.get("field", "")
    field = get_or_404(CustomField.objects.filter(subject=subject), key=name.removeprefix("x_"))
    value = ",".join(request.POST.getlist("value"))
    was = {field.name: request.POST["was"]} if "was" in request.POST else None
    with listening(request) as heard:
        verb(row, actor=request.member, changes={field.name: value}, was=was)
    if not getattr(request, "htmx", False):
        return answer(request, heard, _("Saved"), redirect=card_url(request, subject, row))
    fresh = model.objects.get(pk=pk)
    names = Names(request.member)
    names.collect(field, fresh.custom.get(field.key))
    fact = own_fact(request, fresh, field, names, may_edit=True)
    response = render(request, "components/inline.html", fact)
    if heard.event is not None:
        toast(response, _("Saved"), undo_url=undo_url(request, heard.event))
        trigger(response, "feed:refresh")
    return response


def card_url(request: MemberRequest, subject: str, row: Any) -> str:
    """The card of *row*."""
    key = row.number if subject == "deal" else row.pk
    return workspace_url(subject, request.workspace.slug, key)


@require_GET
@workspace_view()
def colleagues(request: MemberRequest) -> JsonResponse:
    """Colleagues who work here, for a combobox."""
    asked = fold(request.GET.get("q", "")[:100])
    rows = [
        (pk, name) for pk, name in Member.objects.active().values_list("pk", "name") if asked in fold(name)
    ]
    return JsonResponse({"items": [{"value": str(pk), "text": name} for pk, name in rows[:MOST_FOUND]]})
