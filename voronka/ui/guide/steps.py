"""The checklist of first steps. What is done is read from the data, never ticked by hand; whoever wishes hides it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.activities.models import Activity
from voronka.core import clock
from voronka.deals.models import Deal
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.desk.seen import has_seen, note_seen
from voronka.playbook.models import Funnel
from voronka.targets.models import SalesPlan
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.views import first_page_of
from voronka.ui.htmx import done, render_page, wants_fragment
from voronka.ui.navigation import optional_url, workspace_url
from voronka.workspaces.models import Invitation, Member
from voronka.workspaces.rights import Action, Subject

CODE = "first_steps"
FIRST_WEEKS = dt.timedelta(days=21)


@dataclass(frozen=True)
class Step:
    """One thing to do, with what it is good for; *dialog* opens *url* over the page."""

    icon: str
    title: str
    text: str
    label: str
    url: str
    is_done: bool
    dialog: bool = False


def is_new(request: HttpRequest) -> bool:
    """Whether the member is in the first weeks here: the checklist stands beside the work meanwhile."""
    workspace, member = request.workspace, request.member  # type: ignore[attr-defined]
    return not workspace.is_demo and bool(clock.about_now() - member.created_at < FIRST_WEEKS)


def steps(member: Member) -> list[Step]:
    """What is worth doing first, of the company for whoever sets it up, then of one's own work.

    A step without a screen or a right is left out.
    """
    has_funnel = Funnel.objects.filter(archived_at=None).exists()
    company = _of_company(member, has_funnel) if member.may(Subject.BOOK, Action.CONFIGURE) else []
    found = [*company, *_of_work(member, has_funnel)]
    return [step for step in found if step.url or step.is_done]


def _of_company(member: Member, has_funnel: bool) -> list[Step]:
    slug = member.workspace.slug
    return [
        Step(
            "book-2",
            _("Say how you sell"),
            _("Funnels with stages, deadlines and reasons. Everything can be changed later."),
            _("Choose"),
            workspace_url("first_book", slug),
            has_funnel,
        ),
        Step(
            "user-plus",
            _("Invite colleagues"),
            _("Everybody sees what concerns them: one's own deals, the team's, or all."),
            _("Invite"),
            optional_url("invite", slug) if member.may(Subject.MEMBER, Action.CREATE) else "",
            Invitation.objects.exists() or Member.objects.active().count() > 1,
            dialog=True,
        ),
        Step(
            "file-import",
            _("Bring your deals in"),
            _("From Excel or CSV, the closed ones too: reports work from the first day."),
            _("Import"),
            optional_url("imports", slug) if member.may(Subject.IMPORT, Action.CREATE) else "",
            ImportBatch.objects.filter(status=ImportStatus.DONE).exists(),
        ),
        Step(
            "target",
            _("Set the plan of the month"),
            _("Then everybody sees every day how much is left and whether the open deals suffice."),
            _("Set"),
            optional_url("plans", slug) if member.may(Subject.PLAN, Action.EDIT) else "",
            SalesPlan.objects.exists(),
        ),
    ]


def _of_work(member: Member, has_funnel: bool) -> list[Step]:
    slug = member.workspace.slug
    own = Activity.objects.filter(owner=member, cancelled_at=None)
    may_deal = has_funnel and member.may(Subject.DEAL, Action.CREATE)
    may_do = member.may(Subject.ACTIVITY, Action.CREATE)
    return [
        Step(
            "plus",
            _("Add the first deal"),
            _("A name is enough; the rest can wait."),
            _("Add"),
            optional_url("first_deal", slug) if may_deal else "",
            Deal.objects.filter(owner=member).exists(),
        ),
        Step(
            "calendar-plus",
            _("Plan the next contact"),
            _("A deal without a next step is a deal forgotten: Voronka reminds you in time."),
            _("Plan"),
            optional_url("activity_new", slug) if may_do else "",
            own.filter(stage_task=None).exists(),
            dialog=True,
        ),
        Step(
            "circle-check",
            _("Finish an activity and plan the following one"),
            _("Write the result in two words on Today; the next step is asked for at once."),
            _("Open Today"),
            optional_url("today", slug) if may_do else "",
            own.filter(done_at__isnull=False).exists(),
        ),
    ]


@workspace_view()
def first_steps(request: MemberRequest) -> HttpResponse:
    """The checklist; for a company without a book, the dialogue that makes it. Beside the work: nothing to say once
    all is done or the member has hidden it.
    """
    member = request.member
    fragment = wants_fragment(request)
    makes_book = (
        member.may(Subject.BOOK, Action.CONFIGURE) and not Funnel.objects.filter(archived_at=None).exists()
    )
    if fragment and makes_book:
        # The dialogue was left before it made the book: nothing else comes first, hidden or not.
        return render_page(request, "guide/steps.html", {"room": "first_steps"}, fragment="go_on")
    if fragment and has_seen(member, CODE):
        return HttpResponse()
    todo = steps(member)
    if fragment and all(step.is_done for step in todo):
        return HttpResponse()
    if makes_book:
        return HttpResponseRedirect(workspace_url("first_book", request.workspace.slug))
    context = {
        "room": "first_steps",
        "steps": todo,
        "done": sum(step.is_done for step in todo),
        "folded": "folded" in request.GET,
        "board_url": first_page_of(member),
    }
    return render_page(request, "guide/steps.html", context, fragment="guide")


@require_POST
@workspace_view()
def hide(request: MemberRequest) -> HttpResponse:
    """Put the checklist away; its page stays in the help."""
    note_seen(request.member, CODE)
    return done(request, _("Hidden. The help shows it again."), redirect=first_page_of(request.member))
