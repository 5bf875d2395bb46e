"""The lists of the book: reasons, sources, kinds of activities, target groups, product groups, products."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from voronka.catalog.models import ProductGroup
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.desk.dictionaries import (
    Dictionary,
    create_entry,
    edit_entry,
    get_dictionary,
    merge_entry,
    reorder_entries,
    restore_entry,
)
from voronka.desk.tags import PLAIN
from voronka.playbook.queries import in_tree
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import (
    answer,
    book_url,
    conflict_of,
    ids_of,
    listening,
    put_refusal,
    stepped,
    touched,
    was_of,
)
from voronka.ui.book.forms import EntryForm
from voronka.ui.book.tabs import TABS
from voronka.ui.htmx import render_page
from voronka.ui.lists.table import show_list
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject

PER_PAGE = 100

ICONS = {
    "won_reason": "trophy",
    "lost_reason": "mood-sad",
    "source": "compass",
    "activity_kind": "phone",
    "segment": "users-group",
    "product_group": "category",
    "competitor": "swords",
    "tag": "tags",
}


def dictionary_or_404(code: str) -> Dictionary:
    """A list that has a tab here."""
    if code not in TABS:
        raise Http404
    return get_dictionary(code)


def _url(request: HttpRequest, code: str) -> str:
    return book_url(request, "book_list", code)


@workspace_view(Subject.BOOK, Action.SEE)
def first(request: HttpRequest) -> HttpResponse:
    """The lists open at the first tab."""
    return redirect(_url(request, next(iter(TABS))))


@workspace_view(Subject.BOOK, Action.SEE)
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One list under its tab."""
    if code == "product":
        return show_list(request, code)
    dictionary = dictionary_or_404(code)
    asked = request.GET.get("q", "")[:100]
    rows, found = _rows(dictionary, asked, request.GET.get("page"))
    context = {
        "room": "book",
        "tab": "lists",
        "code": code,
        "dictionary": dictionary,
        "about": TABS[code],
        "icon": ICONS[code],
        "tabs": [(_url(request, c), get_dictionary(c).title, c == code) for c in TABS],
        "rows": rows,
        "found": found,
        "asked": asked,
        "put_away": _put_away(dictionary),
        # A tree is arranged by its groups, an alphabet by itself.
        "may_order": dictionary.ordered,
        "may_configure": request.member.may(Subject.BOOK, Action.CONFIGURE),  # type: ignore[attr-defined]
    }
    return render_page(request, "book/list.html", context, "list")


def _rows(dictionary: Dictionary, asked: str, page_number: Any) -> tuple[list[dict[str, Any]], Any]:
    """Rows to show, and the page of the paginator for lists that may be long (None for short ones)."""
    entries = dictionary.active()
    if dictionary.model is ProductGroup:
        return [{"entry": group, "depth": depth} for group, depth in in_tree(entries)], None
    if dictionary.ordered:
        return [{"entry": entry, "depth": 0} for entry in entries], None
    if asked:
        entries = entries.filter(name_key__contains=fold(asked))
    found = Paginator(entries, PER_PAGE).get_page(page_number)
    return [{"entry": entry, "depth": 0} for entry in found], found


def _put_away(dictionary: Dictionary) -> list[Any]:
    entries = dictionary.entries().exclude(archived_at=None)
    return list((entries.select_related("merged_into") if dictionary.mergeable else entries)[:200])


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest, code: str) -> HttpResponse:
    """A new entry of the list."""
    dictionary = dictionary_or_404(code)
    if request.method != "POST":
        initial = {
            "activity_kind": {"minutes": 15, "icon": "phone", "channel": "call"},
            "tag": {"color": PLAIN},
        }.get(code, {})
        return _show(request, dictionary, EntryForm(dictionary=dictionary, initial=initial))
    form = EntryForm(request.POST, dictionary=dictionary)
    if form.is_valid():
        try:
            with listening(request) as heard:
                create_entry(code, actor=request.member, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Added"), redirect=_url(request, code))
    return _show(request, dictionary, form, status=422)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """An entry of the list."""
    dictionary = dictionary_or_404(code)
    entry = get_or_404(dictionary.entries(), pk)
    if request.method != "POST":
        initial = {name: getattr(entry, name) for name in ("name", *dictionary.fields)}
        return _show(
            request, dictionary, EntryForm(dictionary=dictionary, entry=entry, initial=initial), entry
        )
    form = EntryForm(request.POST, dictionary=dictionary, entry=entry)
    if form.is_valid():
        changes, was = touched(request, form)
        try:
            with listening(request) as heard:
                edit_entry(entry, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
        except Refused as refusal:
            if conflict := conflict_of(refusal):
                fresh = get_or_404(dictionary.entries(), pk)
                return _show(request, dictionary, form, fresh, conflict, status=422)
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=_url(request, code))
    return _show(request, dictionary, form, entry, status=422)


def _show(
    request: HttpRequest,
    dictionary: Dictionary,
    form: EntryForm,
    entry: Any = None,
    conflict: Any = None,
    status: int = 200,
) -> HttpResponse:
    code = dictionary.code
    context = {
        "room": "book",
        "code": code,
        "dictionary": dictionary,
        "form": form,
        "entry": entry,
        "was": was_of(entry, ("name", *dictionary.fields)),
        "conflict": conflict,
        "url": book_url(request, "book_entry", code, entry.pk)
        if entry
        else book_url(request, "book_entry_new", code),
    }
    return render_page(request, "book/entry_form.html", context, "form", status=status)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Offered again."""
    entry = get_or_404(dictionary_or_404(code).entries(), pk)
    with listening(request) as heard:
        restore_entry(entry, actor=request.member)  # type: ignore[attr-defined]
    text = _("“%(name)s” taken out of the archive") % {"name": entry.name}
    return answer(request, heard, text, redirect=_url(request, code))


class IntoForm(forms.Form):
    """Another entry of the same list."""

    into: Any = forms.ModelChoiceField(label=gettext_lazy("Merge into"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, dictionary: Dictionary, entry: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = dictionary.active().exclude(pk=entry.pk)  # type: ignore[attr-defined]


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def merge(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Merge a reason into another one: says first what follows."""
    dictionary = dictionary_or_404(code)
    if not dictionary.mergeable:
        raise Http404
    entry = get_or_404(dictionary.entries(), pk)
    form = IntoForm(request.POST if request.method == "POST" else None, dictionary=dictionary, entry=entry)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                merge_entry(entry, form.cleaned_data["into"], actor=request.member)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Merged"), redirect=_url(request, code))
    context = {
        "room": "book",
        "code": code,
        "dictionary": dictionary,
        "entry": entry,
        "form": form,
        "url": book_url(request, "book_entry_merge", code, pk),
    }
    return render_page(request, "book/entry_merge.html", context, "form", status=422 if form.errors else 200)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def order(request: HttpRequest, code: str) -> HttpResponse:
    """A new order: `ids`, or one step of `move` (`by` = up, down) among those shown side by side."""
    dictionary = dictionary_or_404(code)
    if not dictionary.ordered:
        raise Http404
    ids = ids_of(request)
    if move := ids_of(request, "move"):
        entry = get_or_404(dictionary.active(), move[0])
        beside = dictionary.active()
        if dictionary.model is ProductGroup:
            beside = beside.filter(parent=entry.parent_id)
        ids = stepped([row.pk for row in beside], entry.pk, request.POST.get("by", ""))
    with listening(request) as heard:
        reorder_entries(code, ids, actor=request.member)  # type: ignore[attr-defined]
    return answer(request, heard, _("Order saved"), redirect=_url(request, code))
