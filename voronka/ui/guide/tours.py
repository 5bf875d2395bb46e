"""Tours: what is where on a screen. Once for each member in the first weeks, and whenever they ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from voronka.desk.seen import has_seen, note_seen
from voronka.ui.access import workspace_view
from voronka.ui.guide.steps import is_new
from voronka.ui.navigation import workspace_url


class Stop(NamedTuple):
    """A place on the screen and what it is good for; one that is not there is passed over."""

    place: str
    title: Any
    text: Any


TOURS: dict[str, list[Stop]] = {
    "today": [
        Stop(
            ".v-stats",
            _("Your day in numbers"),
            _("What is overdue, what today holds, what is done already. Every number opens its list."),
        ),
        Stop(
            ".v-today",
            _("What to do, by the hour"),
            _("Finish an activity with a word about the result; Voronka asks for the next step at once."),
        ),
        Stop(
            ".v-search-input",
            _("Search and commands"),
            _("Clients by name or phone, deals, people, and what to do. Ctrl K from anywhere."),
        ),
        Stop(
            ".v-bell",
            _("Reminders"),
            _("They come here, and by e-mail if you wish. The profile says which, and when it is quiet."),
        ),
    ],
    "board": [
        Stop(
            ".v-board, .v-lanes",
            _("Stages from left to right"),
            _("Drag a card to the next stage. What the stage asks for is asked then, and nothing is lost."),
        ),
        Stop(
            "#board-stats",
            _("What it comes to"),
            _("How many deals, for what sum, and how much of it is likely. The filter counts too."),
        ),
        Stop(
            ".v-deal",
            _("A card says what is wrong"),
            _("How long it stands here, when the next contact is, what is missing. A click opens the deal."),
        ),
    ],
    "deal": [
        Stop(
            ".v-stepper",
            _("Where the deal stands"),
            _("Stages with their planned days and what really happened. A click moves the deal."),
        ),
        Stop(
            "#deal-stage",
            _("What to do now"),
            _(
                "The stage's goal, tasks with scripts, what must be so before going on, answers to objections."
            ),
        ),
        Stop(
            "#deal-feed",
            _("Everything that happened"),
            _("Notes, calls and changes in one line. Write here; «@» calls a colleague."),
        ),
    ],
    "book": [
        Stop(
            "#book .v-head",
            _("How the company sells"),
            _("Funnels, reasons, kinds of activities, goals. Whoever comes new reads it in an evening."),
        ),
        Stop(
            "#book .card",
            _("The grid"),
            _("A cell leads to its funnel; a deal finds the funnel by what is sold and to whom."),
        ),
    ],
}


@dataclass(frozen=True)
class Tour:
    """A tour as the template draws it. *offered*: the member is new here and has not seen it."""

    code: str
    stops: list[dict[str, str]]
    seen_url: str
    offered: bool


def tour_of(request: HttpRequest, code: str) -> Tour:
    """The tour *code*, in the reader's language. Asks the database only for who is in the first weeks."""
    member = request.member  # type: ignore[attr-defined]
    return Tour(
        code,
        [{"place": stop.place, "title": str(stop.title), "text": str(stop.text)} for stop in TOURS[code]],
        workspace_url("tour_seen", request.workspace.slug, code),  # type: ignore[attr-defined]
        is_new(request) and not has_seen(member, f"tour:{code}"),
    )


@require_POST
@workspace_view()
def seen(request: HttpRequest, code: str) -> HttpResponse:
    """The member went through a tour or does not want it."""
    if code not in TOURS:
        raise Http404
    note_seen(request.member, f"tour:{code}")  # type: ignore[attr-defined]
    return HttpResponse(status=204)
