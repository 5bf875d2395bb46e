"""Entries of lists go into the archive; one that deals have asks first what becomes of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.core.errors import Refused
from voronka.deals.models import Deal
from voronka.desk.dictionaries import Dictionary, archive_entry, merge_entry
from voronka.playbook.models import Reason
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, book_url, listening, put_refusal
from voronka.ui.book.views.lists import dictionary_or_404
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject

KEEP, MERGE = "keep", "merge"


class AwayForm(forms.Form):
    """What becomes of the deals that have the entry: they keep it, or are counted under *into*."""

    deals = forms.ChoiceField(
        label=gettext_lazy("What becomes of them"),
        choices=[
            (KEEP, gettext_lazy("keep it: reports go on showing it")),
            (MERGE, gettext_lazy("are counted under another one:")),
        ],
        widget=forms.RadioSelect,
        initial=KEEP,
    )
    into: Any = forms.ModelChoiceField(
        label=gettext_lazy("Another one"), queryset=None, required=False, empty_label=None
    )

    def __init__(self, *args: Any, dictionary: Dictionary, entry: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = dictionary.active().exclude(pk=entry.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("deals") == MERGE and given.get("into") is None:
            self.add_error("into", _("Choose one."))
        return given


def deals_with(entry: Any) -> int:
    """How many deals have this reason, of the whole company."""
    return Deal.objects.filter(reason=entry).count() if isinstance(entry, Reason) else 0


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def archive(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Out of choice. GET, and POST without an answer where deals have it: ask what becomes of them."""
    dictionary = dictionary_or_404(code)
    entry = get_or_404(dictionary.entries(), pk)
    used = deals_with(entry)
    url = book_url(request, "book_list", code)
    if request.method == "POST" and not used:
        with listening(request) as heard:
            archive_entry(entry, actor=request.member)  # type: ignore[attr-defined]
        return answer(request, heard, _said(entry), redirect=url)
    data = request.POST if request.method == "POST" else None
    form = AwayForm(data, dictionary=dictionary, entry=entry)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"] if form.cleaned_data["deals"] == MERGE else None
        try:
            with listening(request) as heard:
                if into is not None:
                    merge_entry(entry, into, actor=request.member)  # type: ignore[attr-defined]
                else:
                    archive_entry(entry, actor=request.member)  # type: ignore[attr-defined]
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _said(entry), redirect=url)
    context = {
        "room": "book",
        "entry": entry,
        "used": used,
        "form": form,
        "url": book_url(request, "book_entry_archive", code, pk),
    }
    return render_page(request, "book/entry_away.html", context, "form", status=422 if form.errors else 200)


def _said(entry: Any) -> str:
    return _("“%(name)s” put into the archive") % {"name": entry.name}
