"""The page «Дубли», and two cards side by side before they become one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients import actions
from voronka.clients.jobs import ask_for_duplicates
from voronka.clients.matching.groups import groups
from voronka.clients.merging import movers_of
from voronka.clients.merging.fields import compare
from voronka.clients.models import Company, DuplicateSearch, Person
from voronka.core.errors import Refused
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening
from voronka.ui.clients.choosing import company_from, person_from
from voronka.ui.htmx import done, render_page, target
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

PAGE = 20
KINDS: dict[str, Any] = {"company": Company, "person": Person}


def may_merge(member: Member, kind: str) -> bool:
    """Whether the member's rights cover any merge of this kind."""
    return member.may(Subject.CLIENT, Action.EDIT) and (
        kind == "person" or member.may(Subject.CLIENT, Action.DELETE)
    )


@workspace_view(Subject.CLIENT, Action.EDIT)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Groups of cards that look the same, as the last search found them."""
    member: Member = request.member  # type: ignore[attr-defined]
    kind = "person" if request.GET.get("kind") == "person" else "company"
    given = request.GET.get("from", "")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    found, total = groups(member, kind, start=start, size=PAGE)
    url = workspace_url("duplicates", request.workspace.slug)  # type: ignore[attr-defined]
    context = {
        "room": "clients",
        "kind": kind,
        "groups": found,
        "total": total,
        "more_url": f"{url}?kind={kind}&from={start + PAGE}" if start + PAGE < total else "",
        "may_merge": may_merge(member, kind),
        "sees_inn": member.sees("client", "inn"),
        "state": DuplicateSearch.objects.first(),
    }
    fragment = "groups" if start and target(request) else "list"
    return render_page(request, "clients/duplicates_page.html", context, fragment)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def duplicates_search(request: HttpRequest) -> HttpResponse:
    """Look for duplicates anew, in the background."""
    ask_for_duplicates()
    url = workspace_url("duplicates", request.workspace.slug)  # type: ignore[attr-defined]
    return done(request, _("The search has begun: the page will refresh itself."), redirect=url)


@require_POST
@workspace_view(Subject.CLIENT, Action.EDIT)
def duplicates_dismiss(request: HttpRequest, kind: str, pk: int, other: int) -> HttpResponse:
    """These two are not one."""
    one, two = _card(request, kind, pk), _card(request, kind, other)
    with listening(request) as heard:
        actions.dismiss_pair(kind, one.pk, two.pk, actor=request.member)  # type: ignore[attr-defined]
    url = workspace_url("duplicates", request.workspace.slug)  # type: ignore[attr-defined]
    return answer(request, heard, _("Remembered: not duplicates"), redirect=f"{url}?kind={kind}")


def _card(request: HttpRequest, kind: str, pk: int) -> Any:
    if kind not in KINDS:
        raise Http404
    return get_or_404(KINDS[kind].objects.present().visible_to(request.member), pk)  # type: ignore[attr-defined]


@workspace_view(Subject.CLIENT, Action.DELETE)
def company_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Two companies side by side; POST makes them one."""
    return _merge(request, "company", pk)


@workspace_view(Subject.CLIENT, Action.EDIT)
def person_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Two people side by side; POST makes them one."""
    return _merge(request, "person", pk)


def _merge(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    one = _card(request, kind, pk)
    slug = request.workspace.slug  # type: ignore[attr-defined]
    given = request.POST.get("with") or request.GET.get("with", "")
    if not given:
        return _choose(request, kind, one)
    choose = company_from if kind == "company" else person_from
    try:
        two = choose(request.member, given, field="with") if given.isdigit() else None  # type: ignore[attr-defined]
        if two is None or two.pk == one.pk:
            raise Refused(_("Choose another card to merge with."), field="with")
    except Refused as refusal:
        return _choose(request, kind, one, refusal.message)
    if request.method == "POST":
        return _merged(request, kind, one, two)
    swapped = request.GET.get("keep") == str(two.pk)
    left, right = (two, one) if swapped else (one, two)
    sides = [_column(card, kind, slug) for card in (left, right)]
    context = {
        "room": "clients",
        "kind": kind,
        "left": sides[0],
        "right": sides[1],
        "sides": sides,
        "rows": compare(left, right, request.member),  # type: ignore[attr-defined]
        "url": workspace_url(f"{kind}_merge", slug, one.pk),
        "other": two.pk,
        "keep_other": one.pk if swapped else two.pk,
    }
    return render_page(request, "clients/merge.html", context, "form")


def _column(card: Any, kind: str, slug: str) -> dict[str, Any]:
    """What stands on a card besides its fields: how many of what."""
    counts: dict[str, int] = {}
    for mover in movers_of(kind):
        if mover.label and (many := mover.count(card.pk)):
            counts[str(mover.label)] = counts.get(str(mover.label), 0) + many
    return {"card": card, "url": workspace_url(kind, slug, card.pk), "counts": list(counts.items())}


def _merged(request: HttpRequest, kind: str, one: Any, two: Any) -> HttpResponse:
    keep = request.POST.get("keep", "")
    into, loser = (two, one) if keep == str(two.pk) else (one, two)
    take = [name for name in request.POST if request.POST[name] == f"take-{loser.pk}"]
    seen = {}
    for card in (one, two):
        version = request.POST.get(f"version-{card.pk}", "")
        if version.isdigit() and len(version) < 10:
            seen[card.pk] = int(version)
    verb = actions.merge_companies if kind == "company" else actions.merge_people
    with listening(request) as heard:
        verb(loser, into, actor=request.member, take=[n.removeprefix("f-") for n in take], seen=seen)  # type: ignore[attr-defined]
    url = workspace_url(kind, request.workspace.slug, into.pk)  # type: ignore[attr-defined]
    return answer(request, heard, _("Merged: %(name)s") % {"name": into.name}, redirect=url, go=True)


def _choose(request: HttpRequest, kind: str, one: Any, problem: str = "") -> HttpResponse:
    """With which card: a dialog on the card itself."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    context = {
        "room": "clients",
        "card": one,
        "url": workspace_url(f"{kind}_merge", slug, one.pk),
        "source": workspace_url("companies_options" if kind == "company" else "people_options", slug),
        "back": workspace_url(kind, slug, one.pk),
        "problem": problem,
    }
    return render_page(request, "clients/merge_choose.html", context, "form", status=422 if problem else 200)
