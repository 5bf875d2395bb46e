"""The feed's own address, and notes on any card."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.clients.models import Company, Person
from voronka.core.errors import Refused
from voronka.deals.models import Deal
from voronka.desk import actions
from voronka.desk.files.actions import taking
from voronka.desk.models import Note
from voronka.desk.notes import may_edit
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, listening, undo_url
from voronka.ui.feed import read_feed
from voronka.ui.files.shown import given_files
from voronka.ui.htmx import refused, render_page, toast, trigger, wants_fragment
from voronka.ui.mentions import with_warning
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

SUBJECTS: dict[str, tuple[Any, Subject]] = {
    "company": (Company, Subject.CLIENT),
    "person": (Person, Subject.CLIENT),
    "deal": (Deal, Subject.DEAL),
}


def visible_subject(request: HttpRequest, kind: str, pk: int) -> Any:
    """The card's object. Raises `Http404`, `Forbidden`."""
    if kind not in SUBJECTS:
        raise Http404
    model, subject = SUBJECTS[kind]
    member: Member = request.member  # type: ignore[attr-defined]
    member.require(subject, "see")
    return get_or_404(model.objects.present().visible_to(member), pk)


def card_url(request: HttpRequest, kind: str, obj: Any) -> str:
    """Where the card of a subject is."""
    key = obj.number if kind == "deal" else obj.pk
    return workspace_url(kind, request.workspace.slug, key)  # type: ignore[attr-defined]


@workspace_view()
def feed(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A part of a card's feed: `before` an event, of a `kind`, with words in it."""
    obj = visible_subject(request, kind, pk)
    before = request.GET.get("before", "")
    found = read_feed(
        request,
        (kind, pk),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        kind=request.GET.get("show", ""),
        text=request.GET.get("words", ""),
    )
    context = {"room": "clients", "feed": found, "title": str(obj), "back": card_url(request, kind, obj)}
    return render_page(request, "feed/feed.html", context, "feed" if found.is_first else "items")


@require_POST
@workspace_view()
@once
def note_add(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Write a note on a card; on a deal's it shows in the client's feed too."""
    obj = visible_subject(request, kind, pk)
    also = (("company", obj.company_id), ("person", obj.person_id)) if kind == "deal" else ()
    with listening(request) as heard, taking(given_files(request)) as files:
        actions.add_note(
            actor=request.member,  # type: ignore[attr-defined]
            subject=(kind, pk),
            text=request.POST.get("text", ""),
            also=also,
            pin=request.POST.get("pin") == "1",
            files=files,
        )
    if not wants_fragment(request):
        return answer(request, heard, _("Note saved"), redirect=card_url(request, kind, obj))
    # An empty form for the next note takes the place of this one.
    response = render(
        request, "feed/note_new.html", {"composer": {"kind": kind, "pk": pk, "key": f"{kind}-{pk}"}}
    )
    back = undo_url(request, heard.event) if heard.event else None
    said = with_warning(request, _("Note saved"), request.POST.get("text", ""), (kind, pk))
    # What came along shows among the card's files too.
    return trigger(toast(response, said, undo_url=back), "refresh" if files else "feed:refresh")


@workspace_view()
def note_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note: the form in its place in the feed, then the feed anew."""
    note, back = _visible_note(request, pk)
    member: Member = request.member  # type: ignore[attr-defined]
    if not may_edit(note, member):
        return refused(request, Refused(_("Only the author may change this note.")), status=403)
    if request.method == "POST":
        with listening(request) as heard:
            actions.edit_note(note, actor=member, text=request.POST.get("text", ""))
        about = (note.subject_kind, note.subject_id)
        said = with_warning(request, _("Saved"), request.POST.get("text", ""), about)
        return answer(request, heard, said, redirect=back)
    return render(request, "feed/note_form.html", {"note": note, "back": back})


@require_POST
@workspace_view()
def note_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin a note to the top of its card, or let it go."""
    note, back = _visible_note(request, pk)
    pinned = request.POST.get("pinned") == "1"
    with listening(request) as heard:
        actions.pin_note(note, actor=request.member, pinned=pinned)  # type: ignore[attr-defined]
    return answer(request, heard, _("Note pinned") if pinned else _("Note unpinned"), redirect=back)


@require_POST
@workspace_view()
def note_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a note."""
    note, back = _visible_note(request, pk)
    with listening(request) as heard:
        actions.delete_note(note, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Note deleted"), redirect=back)


def _visible_note(request: HttpRequest, pk: int) -> tuple[Note, str]:
    note = get_or_404(Note.objects.filter(deleted_at=None), pk)
    obj = visible_subject(request, note.subject_kind, note.subject_id)
    return note, card_url(request, note.subject_kind, obj)
