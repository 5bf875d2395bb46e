"""Settings «Fields»: what each subject carries, its kind, order, choices."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.fields.actions import archive_field, create_field, edit_field, reorder_fields, restore_field
from voronka.desk.fields.kinds import change_kind, possible_kinds
from voronka.desk.fields.models import CustomField, FieldKind, FieldOption
from voronka.desk.fields.options import add_options, merge_option, rename_option, set_option_archived
from voronka.desk.fields.registry import FieldSubject, all_subjects, get_subject
from voronka.desk.fields.writing import used
from voronka.playbook.models import Funnel
from voronka.ui.access import MemberRequest, get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    feed_of,
    ids_of,
    listening,
    put_refusal,
    stepped,
    touched,
    was_of,
)
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.ui.settings.tabs import tabs
from voronka.ui.shape.forms import FieldForm, IntoForm, KindForm, OptionForm, OptionsForm
from voronka.workspaces.rights import Action, Subject

PER_PAGE = 100
MOST_FOUND = 50
EDITED = ("label", "group", "help", "required_at_creation")
ICONS = {
    FieldKind.TEXT: "letter-t",
    FieldKind.LONGTEXT: "align-left",
    FieldKind.NUMBER: "hash",
    FieldKind.MONEY: "coin",
    FieldKind.DATE: "calendar",
    FieldKind.CHOICE: "circle-dot",
    FieldKind.CHOICES: "list-check",
    FieldKind.FLAG: "toggle-left",
    FieldKind.MEMBER: "user",
    FieldKind.PERSON: "address-book",
    FieldKind.COMPANY: "building",
    FieldKind.LINK: "link",
}

configures = workspace_view(Subject.WORKSPACE, Action.CONFIGURE)


def subject_or_404(code: str) -> FieldSubject:
    """A subject that may have fields."""
    try:
        return get_subject(code)
    except KeyError:
        raise Http404 from None


def back_url(request: HttpRequest, field: CustomField) -> str:
    return book_url(request, "fields", field.subject)


@require_GET
@configures
def first(request: MemberRequest) -> HttpResponse:
    """The fields open at those of deals."""
    return redirect(book_url(request, "fields", "deal"))


@require_GET
@configures
def page(request: MemberRequest, subject: str) -> HttpResponse:
    """All fields of one subject, in their order."""
    declared = subject_or_404(subject)
    rows = list(CustomField.objects.filter(subject=subject))
    counts = used(subject)
    funnels = dict(Funnel.objects.values_list("pk", "name")) if declared.by_funnel else {}
    shown = [
        {
            "field": row,
            "icon": ICONS[FieldKind(row.kind)],
            "used": counts.get(row.key, 0),
            "funnels": ", ".join(funnels[pk] for pk in row.funnel_ids if pk in funnels),
        }
        for row in rows
    ]
    context = {
        "room": "settings",
        "tab": "fields",
        "tabs": tabs(request),
        "subject": declared,
        "subjects": [
            (book_url(request, "fields", one.code), one.title, one.code == subject) for one in all_subjects()
        ],
        "rows": [row for row in shown if row["field"].archived_at is None],
        "archived": [row for row in shown if row["field"].archived_at is not None],
        "changes": feed_of("fields", 1),
    }
    return render_page(request, "shape/fields.html", context, "list")


@once
@configures
def new(request: MemberRequest, subject: str) -> HttpResponse:
    """A new field."""
    declared = subject_or_404(subject)
    form = FieldForm(request.POST if request.method == "POST" else None, subject=declared)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["options"] = data["options"].splitlines()
        try:
            with listening(request) as heard:
                create_field(actor=request.member, subject=subject, **data)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Field added"), redirect=book_url(request, "fields", subject))
    return _dialog(request, declared, form, book_url(request, "field_new", subject))


@once
@configures
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Name, group, hint of a field, and whether it is required."""
    field = get_or_404(CustomField.objects.all(), pk)
    declared = get_subject(field.subject)
    initial: dict[str, Any] = {name: getattr(field, name) for name in EDITED}
    initial["funnel_ids"] = [str(one) for one in field.funnel_ids]
    form = FieldForm(
        request.POST if request.method == "POST" else None, initial=initial, subject=declared, field=field
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_field(field, actor=request.member, changes=changes, was=was)
        except Refused as refusal:
            conflict = conflict_of(refusal)
            if conflict is None:
                put_refusal(form, refusal)
            field.refresh_from_db()
        else:
            return answer(request, heard, _("Saved"), redirect=back_url(request, field))
    return _dialog(request, declared, form, book_url(request, "field_edit", pk), field, conflict)


def _dialog(
    request: MemberRequest,
    declared: FieldSubject,
    form: FieldForm,
    url: str,
    field: CustomField | None = None,
    conflict: Any = None,
) -> HttpResponse:
    groups = CustomField.objects.filter(subject=declared.code).exclude(group="").order_by()
    context = {
        "room": "settings",
        "subject": declared,
        "form": form,
        "field": field,
        "url": url,
        "was": was_of(field, EDITED),
        "conflict": conflict,
        "groups": list(groups.values_list("group", flat=True).distinct()[:100]),
    }
    failed = request.method == "POST"
    return render_page(request, "shape/field_form.html", context, "form", status=422 if failed else 200)


@require_POST
@configures
def order(request: MemberRequest, subject: str) -> HttpResponse:
    """A new order: `ids`, or one step of `move` (`by` = up, down)."""
    subject_or_404(subject)
    ids = ids_of(request)
    if move := ids_of(request, "move"):
        present = CustomField.objects.filter(subject=subject, archived_at=None).values_list("pk", flat=True)
        ids = stepped(list(present), move[0], request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_fields(subject, ids, actor=request.member)
    return answer(request, heard, _("Order saved"), redirect=book_url(request, "fields", subject))


@require_POST
@configures
def archive(request: MemberRequest, pk: int) -> HttpResponse:
    """Off the cards; what was said in it stays."""
    field = get_or_404(CustomField.objects.all(), pk)
    with listening(request) as heard:
        archive_field(field, actor=request.member)
    text = _("“%(name)s” put into the archive") % {"name": field.label}
    return answer(request, heard, text, redirect=back_url(request, field))


@require_POST
@configures
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Back on the cards, with all that was said in it."""
    field = get_or_404(CustomField.objects.all(), pk)
    with listening(request) as heard:
        restore_field(field, actor=request.member)
    text = _("“%(name)s” taken out of the archive") % {"name": field.label}
    return answer(request, heard, text, redirect=back_url(request, field))


@once
@configures
def kind(request: MemberRequest, pk: int) -> HttpResponse:
    """Another kind of value; says what stands in the way."""
    field = get_or_404(CustomField.objects.all(), pk)
    form = KindForm(request.POST if request.method == "POST" else None, kinds=possible_kinds(field.kind))
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                change_kind(
                    field, form.cleaned_data["kind"], actor=request.member, drop=form.cleaned_data["drop"]
                )
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=back_url(request, field))
    context = {
        "room": "settings",
        "field": field,
        "form": form,
        "used": used(field.subject).get(field.key, 0),
        "url": book_url(request, "field_kind", pk),
    }
    return render_page(request, "shape/field_kind.html", context, "form", status=422 if form.errors else 200)


# --- choices


def _listed(request: HttpRequest, pk: int) -> CustomField:
    field = get_or_404(CustomField.objects.all(), pk)
    if not field.has_options:
        raise Http404
    return field


def options_url(request: HttpRequest, field_id: int) -> str:
    return book_url(request, "field_options", field_id)


@require_GET
@configures
def options(request: MemberRequest, pk: int) -> HttpResponse:
    """The choices of a field, searched and paged: there may be thousands."""
    field = _listed(request, pk)
    asked = request.GET.get("q", "")[:100]
    rows = FieldOption.objects.filter(field=field, archived_at=None)
    if asked:
        rows = rows.filter(name_key__contains=fold(asked))
    context = {
        "room": "settings",
        "tab": "fields",
        "tabs": tabs(request),
        "field": field,
        "icon": ICONS[FieldKind(field.kind)],
        "subject": get_subject(field.subject),
        "asked": asked,
        "found": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "archived": FieldOption.objects.filter(field=field)
        .exclude(archived_at=None)
        .select_related("merged_into")[:200],
    }
    return render_page(request, "shape/options.html", context, "list")


@once
@configures
def options_add(request: MemberRequest, pk: int) -> HttpResponse:
    """More choices, a line each."""
    field = _listed(request, pk)
    form = OptionsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                made = add_options(field, form.cleaned_data["options"].splitlines(), actor=request.member)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            text = _("Choices added: %(count)s") % {"count": len(made)}
            return answer(request, heard, text, redirect=options_url(request, pk))
    return _small(request, form, field.label, book_url(request, "field_options_add", pk), _("Add"))


@once
@configures
def option(request: MemberRequest, pk: int) -> HttpResponse:
    """Another name for a choice."""
    row = get_or_404(FieldOption.objects.all(), pk)
    form = OptionForm(request.POST if request.method == "POST" else None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                rename_option(row, form.cleaned_data["name"], actor=request.member)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=options_url(request, row.field_id))
    return _small(request, form, row.field.label, book_url(request, "field_option", pk), _("Save"))


def _small(request: MemberRequest, form: Any, title: str, url: str, submit: str) -> HttpResponse:
    context = {"room": "settings", "form": form, "title": title, "url": url, "submit": submit}
    return render_page(request, "settings/form.html", context, "form", status=422 if form.errors else 200)


@require_POST
@configures
def option_archive(request: MemberRequest, pk: int) -> HttpResponse:
    """Offered no more."""
    return _option_archived(request, pk, True, _("“%(name)s” put into the archive"))


@require_POST
@configures
def option_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Offered again."""
    return _option_archived(request, pk, False, _("“%(name)s” taken out of the archive"))


def _option_archived(request: MemberRequest, pk: int, archived: bool, text: str) -> HttpResponse:
    row = get_or_404(FieldOption.objects.all(), pk)
    with listening(request) as heard:
        set_option_archived(row, archived, actor=request.member)
    return answer(request, heard, text % {"name": row.name}, redirect=options_url(request, row.field_id))


@once
@configures
def option_merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Let another choice take this one in."""
    row = get_or_404(FieldOption.objects.all(), pk)
    source = f"{book_url(request, 'field_choices', row.field_id)}?but={row.pk}"
    form = IntoForm(request.POST if request.method == "POST" else None, option=row, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                merge_option(row, form.cleaned_data["into"], actor=request.member)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Merged"), redirect=options_url(request, row.field_id))
    context = {
        "room": "settings",
        "form": form,
        "title": _("Merge “%(name)s” into another") % {"name": row.name},
        "hint": _("Every card that names it will name the chosen one. You can undo it."),
        "url": book_url(request, "field_option_merge", pk),
        "submit": _("Merge"),
    }
    return render_page(request, "settings/form.html", context, "form", status=422 if form.errors else 200)


@require_GET
@workspace_view()
def choices(request: MemberRequest, pk: int) -> JsonResponse:
    """Choices of a field that have what was typed in their names, for a combobox."""
    field = get_or_404(CustomField.objects.all(), pk)
    if field.name in request.member.hidden_fields(field.subject):
        raise Http404
    rows = FieldOption.objects.filter(field=field, archived_at=None)
    if asked := fold(request.GET.get("q", "")[:100]):
        rows = rows.filter(name_key__contains=asked)
    if (but := request.GET.get("but", "")).isdecimal() and len(but) < 19:
        rows = rows.exclude(pk=int(but))
    return JsonResponse(
        {
            "items": [
                {"value": str(pk), "text": name} for pk, name in rows.values_list("pk", "name")[:MOST_FOUND]
            ]
        }
    )
