"""A new company's first quarter of an hour: how it sells, who joins, the first deals."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.deals.models import Deal
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.playbook.actions import apply_template
from voronka.playbook.actions.blank import start_blank
from voronka.playbook.models import Funnel
from voronka.playbook.templates_data import all_templates
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.accounts.views import first_page_of
from voronka.ui.htmx import done, render_page, wants_fragment
from voronka.ui.navigation import optional_url, workspace_url
from voronka.ui.once import once
from voronka.workspaces.models import Invitation, Member
from voronka.workspaces.rights import Action, Subject

BLANK = "blank"


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


@dataclass(frozen=True)
class Way:
    """One way to sell that can be chosen."""

    code: str
    icon: str
    title: str
    text: str
    stages: list[str]


def ways() -> list[Way]:
    """The templates, then a book of one's own."""
    language = get_language() or "ru"
    found = [
        Way(
            t.code,
            t.icon,
            t.title.on(language),
            t.for_whom.on(language),
            [stage.name.on(language) for stage in t.funnels[0].stages],
        )
        for t in all_templates()
    ]
    own = Way(
        BLANK,
        "pencil",
        _("Our own way"),
        _("One funnel of five usual stages, which you rename and complete as you like."),
        [],
    )
    return [*found, own]


def steps(member: Member) -> list[Step]:
    """What is still worth doing; a step without a screen or a right is left out."""
    slug = member.workspace.slug
    has_funnel = Funnel.objects.filter(archived_at=None).exists()
    found = [
        Step(
            "book-2",
            _("Say how you sell"),
            _("Funnels with stages, deadlines and reasons. Everything can be changed later."),
            _("Choose"),
            workspace_url("first_steps", slug) if member.may(Subject.BOOK, Action.CONFIGURE) else "",
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
            "plus",
            _("Add the first deal"),
            _("A name is enough; the rest can wait."),
            _("Add"),
            optional_url("deal_new", slug) if has_funnel and member.may(Subject.DEAL, Action.CREATE) else "",
            Deal.objects.exists(),
            dialog=True,
        ),
    ]
    return [step for step in found if step.url or step.is_done]


@workspace_view()
def first_steps(request: MemberRequest) -> HttpResponse:
    """Choose how the company sells; afterwards, what else to begin with."""
    may_choose = request.member.may(Subject.BOOK, Action.CONFIGURE)
    has_funnel = Funnel.objects.filter(archived_at=None).exists()
    todo = steps(request.member)
    if wants_fragment(request) and (not may_choose or all(step.is_done for step in todo)):
        # The guide on an empty board is for who sets the company up, and only as long as it has something to say.
        return HttpResponse()
    context = {
        "room": "first_steps",
        "steps": todo,
        "done": sum(step.is_done for step in todo),
        "folded": "folded" in request.GET,
        "ways": ways() if may_choose and not has_funnel else [],
        "has_funnel": has_funnel,
        "board_url": first_page_of(request.member),
    }
    return render_page(request, "settings/first_steps.html", context, fragment="guide")


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
@once
def choose_template(request: MemberRequest) -> HttpResponse:
    """Fill the sales book in one of the ready ways, and go to the board."""
    code = request.POST.get("code", "")
    language = request.workspace.language
    if code == BLANK:
        start_blank(actor=request.member, language=language)
    else:
        apply_template(code, actor=request.member, language=language)
    slug = request.workspace.slug
    return done(
        request,
        _("The sales book is ready."),
        redirect=optional_url("deals_board", slug) or workspace_url("first_steps", slug),
        go=True,
    )
