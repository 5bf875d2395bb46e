"""Roles: who is in which, and what each may do and see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_POST

from voronka.core.errors import Refused
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.accounts.forms import add_refusal, calm
from voronka.ui.book.answers import answer, listening, touched
from voronka.ui.htmx import render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.ui.settings.forms import RoleField
from voronka.ui.settings.tabs import tabs
from voronka.workspaces.actions import create_role, delete_role, edit_role
from voronka.workspaces.models import MemberStatus, Role
from voronka.workspaces.rights import GRANTABLE, Action, Reach, Subject, hideable
from voronka.workspaces.role_words import what_is_seen

VIEWS = ("rights", "fields")
SUBJECTS_OF_FIELDS = {
    "deal": gettext_lazy("Deals"),
    "client": gettext_lazy("Clients"),
    "activity": gettext_lazy("Activities"),
    "product": gettext_lazy("Products"),
}


@dataclass(frozen=True)
class Cell:
    """One right in the matrix: the select's name, its label, choices and what stands."""

    name: str
    label: Any
    choices: list[tuple[int, str]]
    value: int


@dataclass(frozen=True)
class Group:
    """An object of the matrix, or a subject whose fields may be kept back."""

    code: str
    label: str
    cells: list[Any]


class NewRoleForm(forms.Form):
    """A name, and whose rights to begin with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    copy_of = RoleField(
        label=gettext_lazy("Begin with the rights of"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("No rights at all"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copy_of"].queryset = Role.objects.all()  # type: ignore[attr-defined]


class RenameForm(forms.Form):
    """The role's name; a standard role takes its own back when it is empty."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)


class DeleteForm(forms.Form):
    """Which role the people get."""

    move_to = RoleField(
        label=gettext_lazy("New role of its people"), queryset=None, empty_label=gettext_lazy("Choose a role")
    )

    def __init__(self, *args: Any, role: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move_to"].queryset = Role.objects.exclude(pk=role.pk)  # type: ignore[attr-defined]


@require_GET
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def roles(request: MemberRequest) -> HttpResponse:
    """All roles: how many people are in each, and what they see."""
    working = Count("members", filter=Q(members__status=MemberStatus.ACTIVE))
    found = list(Role.objects.annotate(people=working).order_by("order", "pk"))
    context = _frame(request) | {
        "rows": [(role, what_is_seen(role.rights, role.hidden_fields)) for role in found],
    }
    return render_page(request, "settings/roles.html", context, fragment="list")


@require_GET
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def role(request: MemberRequest, pk: int) -> HttpResponse:
    """One role: the matrix of rights, or the fields that are kept back."""
    found = get_or_404(Role.objects.all(), pk)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "rights"
    context = _frame(request) | {
        "role": found,
        "view": view,
        "groups": _matrix(found) if view == "rights" else _fields(found),
        "people": found.members.filter(status=MemberStatus.ACTIVE).order_by("name")[:12],
        "people_count": found.members.filter(status=MemberStatus.ACTIVE).count(),
        "seen": what_is_seen(found.rights, found.hidden_fields),
        "was": json.dumps(
            {name: getattr(found, name) for name in ("rights", "hidden_fields", "readonly_fields")}
        ),
    }
    return render_page(request, "settings/role.html", context)


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Save one half of the role: its rights, or its fields."""
    found = get_or_404(Role.objects.all(), pk)
    changes = _sent(request.POST)
    was = _was(request.POST.get("was", ""), changes)
    with listening(request) as heard:
        edit_role(found, actor=request.member, changes=changes, was=was)
    view = "?view=fields" if "hidden_fields" in changes else ""
    back = workspace_url("role", request.workspace.slug, found.pk) + view
    return answer(request, heard, _("Saved"), redirect=back, go=True)


@require_POST
@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    """What the people of the role would see, were the form saved as it stands."""
    found = get_or_404(Role.objects.all(), pk)
    sent = _sent(request.POST)
    seen = what_is_seen(
        sent.get("rights", found.rights),
        sent.get("hidden_fields", found.hidden_fields),
    )
    return render_page(request, "settings/role_preview.html", {"role": found, "seen": seen}, fragment="seen")


@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
@once
def new(request: MemberRequest) -> HttpResponse:
    """The dialog that makes a role, empty or as a copy."""
    form = NewRoleForm(request.POST or None, initial={"copy_of": request.GET.get("from")})
    calm(form)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                made = create_role(actor=request.member, **form.cleaned_data)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            text = _("Role “%(name)s” is created.") % {"name": made.name}
            return answer(
                request, heard, text, redirect=workspace_url("role", request.workspace.slug, made.pk), go=True
            )
    return _form(request, form, _("New role"), workspace_url("role_new", request.workspace.slug), _("Create"))


@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def rename(request: MemberRequest, pk: int) -> HttpResponse:
    """The dialog that renames a role."""
    found = get_or_404(Role.objects.all(), pk)
    form = RenameForm(request.POST or None, initial={"name": found.name or found.title})
    calm(form)
    if request.method == "POST" and form.is_valid():
        try:
            changes, _was_name = touched(request, form)
            with listening(request) as heard:
                edit_role(found, actor=request.member, changes=changes)
        except Refused as refusal:
            if refusal.field is None:
                raise
            add_refusal(form, refusal)
        else:
            back = workspace_url("role", request.workspace.slug, found.pk)
            return answer(request, heard, _("Saved"), redirect=back, go=True)
    url = workspace_url("role_rename", request.workspace.slug, found.pk)
    hint = _("Left empty, the role takes its standard name back.") if found.is_standard else ""
    return _form(request, form, _("Rename the role"), url, _("Save"), hint=hint)


@workspace_view(Subject.WORKSPACE, Action.CONFIGURE)
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """The dialog that deletes a role of the company's own; its people get another one."""
    found = get_or_404(Role.objects.all(), pk)
    empty = not found.members.exists()
    form = DeleteForm(request.POST if request.method == "POST" else None, role=found)
    form.fields["move_to"].required = not empty
    calm(form)
    if request.method == "POST" and form.is_valid():
        with listening(request) as heard:
            delete_role(found, actor=request.member, move_to=form.cleaned_data["move_to"])
        text = _("Role “%(name)s” is deleted.") % {"name": found.title}
        return answer(request, heard, text, redirect=workspace_url("roles", request.workspace.slug), go=True)
    if empty:
        del form.fields["move_to"]
    url = workspace_url("role_delete", request.workspace.slug, found.pk)
    title = _("Delete the role “%(name)s”") % {"name": found.title}
    hint = (
        _("Nobody has this role.") if empty else _("Former colleagues keep a role too: they get the new one.")
    )
    return _form(request, form, title, url, _("Delete"), hint=hint)


def _frame(request: MemberRequest) -> dict[str, Any]:
    return {"room": "settings", "tab": "roles", "tabs": tabs(request)}


def _form(
    request: MemberRequest, form: forms.Form, title: str, url: str, submit: str, *, hint: str = ""
) -> HttpResponse:
    context = {
        "room": "settings",
        "form": form,
        "title": title,
        "url": url,
        "submit": submit,
        "hint": hint,
    }
    return render_page(
        request, "settings/form.html", context, fragment="form", status=422 if form.errors else 200
    )


def _matrix(role: Role) -> list[Group]:
    return [
        Group(
            subject.value,
            str(subject.label).capitalize(),
            [
                Cell(
                    f"{subject.value}.{action.value}",
                    action.label,
                    _choices(reaches),
                    int(role.reach(subject, action)),
                )
                for action, reaches in actions.items()
            ],
        )
        for subject, actions in GRANTABLE.items()
    ]


def _choices(reaches: tuple[Reach, ...]) -> list[tuple[int, str]]:
    if len(reaches) == 2:
        return [(int(reaches[0]), pgettext("right", "no")), (int(reaches[1]), pgettext("right", "yes"))]
    return [(int(reach), str(reach.label)) for reach in reaches]


def _fields(role: Role) -> list[Group]:
    groups: dict[str, list[Cell]] = {}
    shown, readonly, hidden = _("shown"), _("read only"), _("hidden")
    for field in hideable():
        choices = [(0, shown), (2, hidden)] if field.computed else [(0, shown), (1, readonly), (2, hidden)]
        value = 0
        if field.name in role.readonly_fields.get(field.subject, ()):
            value = 1
        if field.name in role.hidden_fields.get(field.subject, ()):
            value = 2
        cell = Cell(f"field.{field.subject}.{field.name}", field.label, choices, value)
        groups.setdefault(field.subject, []).append(cell)
    return [
        Group(code, str(SUBJECTS_OF_FIELDS.get(code, code)), sorted(cells, key=lambda c: str(c.label)))
        for code, cells in sorted(groups.items(), key=lambda item: _place(item[0]))
    ]


def _place(subject: str) -> int:
    known = list(SUBJECTS_OF_FIELDS)
    return known.index(subject) if subject in known else len(known)


def _sent(post: Mapping[str, str]) -> dict[str, Any]:
    """What the form says: `rights`, or `hidden_fields` and `readonly_fields`, whole."""
    if post.get("half") == "fields":
        hidden: dict[str, list[str]] = {}
        readonly: dict[str, list[str]] = {}
        for field in hideable():
            value = post.get(f"field.{field.subject}.{field.name}", "0")
            if value in ("1", "2"):
                side = hidden if value == "2" else readonly
                side.setdefault(field.subject, []).append(field.name)
        return {"hidden_fields": hidden, "readonly_fields": readonly}
    rights: dict[str, dict[str, int]] = {}
    for subject, actions in GRANTABLE.items():
        for action in actions:
            value = post.get(f"{subject.value}.{action.value}", "0")
            rights.setdefault(subject.value, {})[action.value] = (
                int(value) if value in "0123" and value else 0
            )
    return {"rights": rights}


def _was(text: str, changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the form was made from; None when it cannot be read."""
    try:
        given = json.loads(text)
    except ValueError:
        return None
    if not isinstance(given, dict) or not all(isinstance(given.get(name), dict) for name in changes):
        return None
    return {name: given[name] for name in changes}
