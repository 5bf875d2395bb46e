"""Colleagues: who works here, as what; inviting, editing, leaving."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.activities import jobs
from voronka.activities.leaving import let_go
from voronka.core.errors import Refused
from voronka.core.jobs import is_under_way
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.journal.registry import quiet_types
from voronka.journal.sentences import Told, tell
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.accounts.forms import add_refusal, calm
from voronka.ui.book.answers import answer, listening, touched
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.settings.forms import InviteForm, MemberForm
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import (
    deactivate_member,
    edit_member,
    invite,
    invite_again,
    return_member,
    revoke_invitation,
)
from voronka.workspaces.leaving import open_things
from voronka.workspaces.models import Invitation, Member, Role
from voronka.workspaces.queries import members_list, waiting_invitations
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.rules import email_confirmed

PAGE = 100
HISTORY = 50
# More than this to hand over is done in the background.
AT_ONCE = 200


@workspace_view(Subject.MEMBER, Action.SEE)
def members(request: MemberRequest) -> HttpResponse:
    """Who works here, who left, who is invited."""
    view = request.GET.get("view", "")
    may_invite = request.member.may(Subject.MEMBER, Action.CREATE)
    if view not in {"", "former"} and not (view == "invited" and may_invite):
        view = ""
    found = waiting_invitations() if view == "invited" else members_list(former=view == "former")
    if (text := request.GET.get("q", "").strip()) and view != "invited":
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "room": "settings",
        "tab": "members",
        "tabs": tabs(request),
        "view": view,
        "text": text,
        "page": page,
        "may_invite": may_invite,
        "may_edit": request.member.may(Subject.MEMBER, Action.EDIT),
        "waiting": waiting_invitations().count() if may_invite else 0,
        "former": members_list(former=True).count(),
    }
    return render_page(request, "settings/members.html", context, fragment="list")


@workspace_view(Subject.MEMBER, Action.SEE)
def member(request: MemberRequest, pk: int) -> HttpResponse:
    """One colleague: place in the company, open deals, what happened."""
    shown = get_or_404(Member.objects.select_related("role", "team", "user"), pk)
    seen = Deal.objects.visible_to(request.member).open().filter(owner=shown)
    events = (
        Event.objects.feed_of("member", shown.pk).exclude(type__in=quiet_types())[:HISTORY]
        if request.member.may(Subject.MEMBER, Action.EDIT)
        else []
    )
    handed, back_url = (
        _handed_over(shown) if request.member.may(Subject.MEMBER, Action.DELETE) else (None, "")
    )
    context = {
        "room": "settings",
        "tab": "members",
        "tabs": tabs(request),
        "shown": shown,
        "is_handing_over": _is_handing_over(shown),
        "handed": handed,
        "handed_undo": back_url,
        "open_deals": seen.aggregate(count=Count("pk"), sum=Sum("amount_base")),
        "headed": shown.heads.filter(archived_at=None),
        "history": [told for event in events if not (told := tell(event)).silent],
        "may_edit": request.member.may(Subject.MEMBER, Action.EDIT),
        "may_invite": request.member.may(Subject.MEMBER, Action.CREATE),
        "may_remove": request.member.may(Subject.MEMBER, Action.DELETE),
    }
    return render_page(request, "settings/member.html", context)


@workspace_view(Subject.MEMBER, Action.EDIT)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """The dialog with a colleague's details."""
    shown = get_or_404(Member.objects.select_related("role", "team"), pk)
    initial = {name: getattr(shown, name) for name in ("name", "post", "phone")}
    initial |= {"role": shown.role_id, "team": shown.team_id}
    form = MemberForm(request.POST or None, initial=initial)
    url = workspace_url("member_edit", request.workspace.slug, shown.pk)
    if request.method == "POST" and form.is_valid():
        changes, was = touched(request, form)
        with listening(request) as heard:
            edit_member(shown, actor=request.member, changes=changes, was=was)
        return answer(
            request, heard, _("Saved"), redirect=workspace_url("member", request.workspace.slug, shown.pk)
        )
    context = {"room": "settings", "form": form, "title": shown.name, "url": url, "was": initial}
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


@workspace_view(Subject.MEMBER, Action.DELETE)
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Who gets what a colleague leaves behind; then let them go."""
    shown = get_or_404(Member.objects.select_related("role", "team"), pk)
    things = open_things(shown)
    people = list(
        Member.objects.active().filter(user__isnull=False).exclude(pk=shown.pk).order_by("name", "pk")
    )
    team = [person for person in people if shown.team_id and person.team_id == shown.team_id]
    if request.method == "POST":
        to = {code: _receivers(request.POST.get(f"to_{code}", ""), code, people, team) for code in things}
        back = workspace_url("member", request.workspace.slug, shown.pk)
        if sum(count for code, (count, _words) in things.items() if to[code]) > AT_ONCE:
            _let_go_later(request, shown, to)
            return done(request, redirect=back, go=True)
        with listening(request) as heard:
            if any(to.values()):
                let_go(shown, actor=request.member, to=to)
            else:
                deactivate_member(shown, actor=request.member, leave_open=True)
        return answer(
            request, heard, _("%(name)s has left the company.") % {"name": shown.name}, redirect=back, go=True
        )
    context = {
        "room": "settings",
        "shown": shown,
        "much": sum(count for count, _words in things.values()) > AT_ONCE,
        "things": [(code, words) for code, (_count, words) in things.items()],
        "people": people,
        "team_count": len(team),
        "headed": shown.heads.filter(archived_at=None),
    }
    return render_page(request, "settings/leave.html", context, fragment="form")


def _let_go_later(request: MemberRequest, shown: Member, to: dict[str, list[Member]]) -> None:
    """In the background, once: a second press finds it on its way."""
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=shown.pk)
        if _is_handing_over(shown):
            return
        jobs.let_go.defer(
            workspace_id=request.workspace.pk,
            member=shown.pk,
            actor=request.member.pk,
            to={code: [person.pk for person in people] for code, people in to.items()},
        )


def _is_handing_over(shown: Member) -> bool:
    return shown.is_active and is_under_way(
        "activities.let_go", workspace_id=shown.workspace_id, member=shown.pk
    )


def _handed_over(shown: Member) -> tuple[Told | None, str]:
    """Who got what when the member left, and the way to take it back ("" when it was)."""
    if shown.is_active:
        return None, ""
    event = Event.objects.feed_of("member", shown.pk).filter(type="member.let_go", undone_by=None).first()
    if event is None:
        return None, ""
    told = tell(event)
    return told, workspace_url("undo", shown.workspace.slug, event.pk) if told.undoable else ""


def _receivers(value: str, code: str, people: list[Member], team: list[Member]) -> list[Member]:
    """Whom the form names for one kind: nobody ("leave"), the team by turns, or one. `Refused` for no answer."""
    if value == "leave":
        return []
    if value == "team" and team:
        return team
    found = [person for person in people if str(person.pk) == value]
    if not found:
        raise Refused(_("Say for each who gets it, or that it stays."), field=f"to_{code}")
    return found


@require_POST
@workspace_view(Subject.MEMBER, Action.CREATE)
def come_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a former colleague in again."""
    shown = get_or_404(Member.objects.all(), pk)
    return_member(shown, actor=request.member)
    back = workspace_url("member", request.workspace.slug, shown.pk)
    return done(request, _("%(name)s works here again.") % {"name": shown.name}, redirect=back)


@workspace_view(Subject.MEMBER, Action.CREATE)
@once
def invite_colleague(request: MemberRequest) -> HttpResponse:
    """The dialog that invites a colleague by e-mail."""
    if not email_confirmed(request.user):
        told = {"room": "settings", "title": _("Invite a colleague")}
        return render_page(request, "settings/confirm_first.html", told, fragment="form")
    form = InviteForm(request.POST or None, initial=_usual(request))
    calm(form)
    back = workspace_url("members", request.workspace.slug) + "?view=invited"
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            invitation = invite(
                actor=request.member,
                email=data["email"],
                name=data["name"],
                role=data["role"],
                team=data["team"],
            )
        except Refused as refusal:
            if refusal.field is None:
                raise
            add_refusal(form, refusal)
        else:
            return done(
                request,
                _("The invitation is on its way to %(email)s.") % {"email": invitation.email},
                redirect=back,
            )
    url = workspace_url("invite", request.workspace.slug)
    context = {
        "room": "settings",
        "form": form,
        "title": _("Invite a colleague"),
        "url": url,
        "submit": _("Send the invitation"),
        "hint": _("The colleague receives a letter with a link, which works for 14 days."),
    }
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


def _usual(request: MemberRequest) -> dict[str, Any]:
    seller = Role.objects.filter(code="seller").first()
    return {"role": seller.pk if seller else None, "team": request.member.team_id}


@require_POST
@workspace_view(Subject.MEMBER, Action.CREATE)
def invitation_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the letter once more."""
    invitation = invite_again(get_or_404(Invitation.objects.all(), pk), actor=request.member)
    return done(
        request,
        _("The invitation is on its way to %(email)s.") % {"email": invitation.email},
        redirect=workspace_url("members", request.workspace.slug) + "?view=invited",
    )


@require_POST
@workspace_view(Subject.MEMBER, Action.CREATE)
def invitation_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Make the link worthless."""
    invitation = revoke_invitation(get_or_404(Invitation.objects.all(), pk), actor=request.member)
    return done(
        request,
        _("The invitation of %(email)s is revoked.") % {"email": invitation.email},
        redirect=workspace_url("members", request.workspace.slug) + "?view=invited",
    )
