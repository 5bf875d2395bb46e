"""Teams: the tree, with heads."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.accounts.forms import add_refusal, calm
from voronka.ui.book.answers import answer, listening, touched
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.settings.forms import TeamForm
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import archive_team, create_team, edit_team, restore_team
from voronka.workspaces.models import Team
from voronka.workspaces.queries import team_tree
from voronka.workspaces.rights import Action, Subject


@workspace_view(Subject.MEMBER, Action.SEE)
def teams(request: MemberRequest) -> HttpResponse:
    """The tree of teams."""
    archived = Team.objects.filter(archived_at__isnull=False)
    may_edit = request.member.may(Subject.MEMBER, Action.EDIT)
    context = {
        "room": "settings",
        "tab": "teams",
        "tabs": tabs(request),
        "rows": team_tree(),
        "archived": archived if may_edit else [],
        "may_edit": may_edit,
    }
    return render_page(request, "settings/teams.html", context, fragment="list")


@workspace_view(Subject.MEMBER, Action.EDIT)
@once
def new(request: MemberRequest) -> HttpResponse:
    """The dialog that makes a team."""
    form = TeamForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    calm(form)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                team = create_team(actor=request.member, **form.cleaned_data)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            back = workspace_url("teams", request.workspace.slug)
            text = _("Team “%(name)s” is created.") % {"name": team.name}
            return answer(request, heard, text, redirect=back)
    context = {
        "room": "settings",
        "form": form,
        "title": _("New team"),
        "url": workspace_url("team_new", request.workspace.slug),
        "submit": _("Create"),
    }
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


@workspace_view(Subject.MEMBER, Action.EDIT)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """The dialog that renames, moves a team or changes its head."""
    team = get_or_404(Team.objects.all(), pk)
    initial = {"name": team.name, "parent": team.parent_id, "head": team.head_id}
    form = TeamForm(request.POST or None, initial=initial, team=team)
    calm(form)
    if request.method == "POST" and form.is_valid():
        changes, was = touched(request, form)
        with listening(request) as heard:
            edit_team(team, actor=request.member, changes=changes, was=was)
        return answer(request, heard, _("Saved"), redirect=workspace_url("teams", request.workspace.slug))
    context = {
        "room": "settings",
        "form": form,
        "title": team.name,
        "url": workspace_url("team_edit", request.workspace.slug, team.pk),
        "was": initial,
    }
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


@require_POST
@workspace_view(Subject.MEMBER, Action.EDIT)
def archive(request: MemberRequest, pk: int) -> HttpResponse:
    """Put an empty team away."""
    with listening(request) as heard:
        team = archive_team(get_or_404(Team.objects.all(), pk), actor=request.member)
    back = workspace_url("teams", request.workspace.slug)
    return answer(request, heard, _("Team “%(name)s” is archived.") % {"name": team.name}, redirect=back)


@require_POST
@workspace_view(Subject.MEMBER, Action.EDIT)
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Bring an archived team back."""
    team = restore_team(get_or_404(Team.objects.all(), pk), actor=request.member)
    back = workspace_url("teams", request.workspace.slug)
    return done(request, _("Team “%(name)s” is back.") % {"name": team.name}, redirect=back)
