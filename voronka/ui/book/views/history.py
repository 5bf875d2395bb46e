"""What history says beside the book: computed chances, and which stage decides."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from voronka.analytics.book.chances import Chance, chances_of
from voronka.analytics.book.key_stage import KeyProposal, key_proposal
from voronka.core import clock
from voronka.playbook.models import Funnel, Stage
from voronka.playbook.queries import stages_of
from voronka.ui.access import workspace_view
from voronka.ui.book.views.funnels import funnel_or_404
from voronka.ui.htmx import render_page
from voronka.workspaces.rights import Action, Subject

# A stage's given chance that is off by so many points is pointed out.
FAR = 15
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Line:
    """A stage with what is given and what is computed."""

    stage: Stage
    chance: Chance | None

    @property
    def is_far(self) -> bool:
        return self.chance is not None and abs(self.chance.percent - self.stage.probability) >= FAR


@require_GET
@workspace_view(Subject.BOOK, Action.SEE)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Given and computed chances side by side, and the proposed key stage. Comes after the page, which is quick."""
    funnel = funnel_or_404(pk)
    stages = stages_of(funnel)
    chances = chances_of(funnel, stages)
    proposal = _proposal(funnel, stages)
    context = {
        "room": "book",
        "funnel": funnel,
        "lines": [Line(stage, chances.get(stage.pk)) for stage in stages] if chances else [],
        "proposal": proposal,
        "lag": _lag(proposal) if proposal else "",
        "bond": f"{proposal.bond:.2f}".replace(".", ",") if proposal else "",
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }
    return render_page(request, "book/history.html", context, "history")


def _proposal(funnel: Funnel, stages: list[Stage]) -> KeyProposal | None:
    """Counted once a day: two years of visits move slowly."""
    order = crc32("-".join(str(stage.pk) for stage in stages).encode())
    key = f"book-key:{funnel.workspace_id}:{funnel.pk}:{clock.today()}:{order}"
    kept = cache.get(key)
    if kept is None:
        found = key_proposal(funnel, stages)
        kept = (found.stage.pk, found.bond, found.lag, found.months) if found else ()
        cache.set(key, kept, DAY)
    if not kept:
        return None
    stage = next((one for one in stages if one.pk == kept[0]), None)
    return KeyProposal(stage, *kept[1:]) if stage else None


def _lag(proposal: KeyProposal) -> str:
    if not proposal.lag:
        return _("in the same month")
    return ngettext("%(count)s month later", "%(count)s months later", proposal.lag) % {"count": proposal.lag}


def chance_in_words(chance: Chance | None) -> str:
    """«computed: 38 % (won 41 of 120 closed in 12 months)», "" where nothing was closed."""
    if chance is None:
        return ""
    return _("computed: %(percent)s %% (won %(won)s of %(closed)s closed in %(months)s months)") % {
        "percent": chance.percent,
        "won": chance.won,
        "closed": chance.closed,
        "months": chance.months,
    }
