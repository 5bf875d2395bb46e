"""Settings «Card»: what stands on a card, in what order, for a role or a funnel; how deals are numbered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from voronka.core import clock
from voronka.core.errors import Refused
from voronka.desk.fields.layouts import arranged, save_layout
from voronka.desk.fields.models import CardLayout
from voronka.desk.fields.values import fields_of
from voronka.desk.models import Numbering
from voronka.desk.numbering import WIDEST, pattern_of, set_numbering, written
from voronka.playbook.models import Funnel
from voronka.ui.access import MemberRequest, get_or_404
from voronka.ui.book.answers import answer, book_url, listening, put_refusal
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.ui.settings.tabs import tabs
from voronka.ui.shape.fields import configures, subject_or_404
from voronka.workspaces.models import Role

GROUP, HIDDEN = "group", "hidden"
# Empty headings at the end, for new groups.
SPARE = 2


def _chosen(request: MemberRequest, by_funnel: bool) -> tuple[Role | None, Funnel | None]:
    given = request.POST if request.method == "POST" else request.GET
    role, funnel = given.get("role", ""), given.get("funnel", "")
    return (
        get_or_404(Role.objects.all(), int(role)) if role.isdecimal() and len(role) < 19 else None,
        get_or_404(Funnel.objects.all(), int(funnel))
        if by_funnel and funnel.isdecimal() and len(funnel) < 19
        else None,
    )


@require_http_methods(["GET", "POST"])
@configures
def layout(request: MemberRequest, subject: str) -> HttpResponse:
    """The card of a subject, to be arranged. POST: `item` in the order of the page, `title` and `fold` of groups."""
    declared = subject_or_404(subject)
    role, funnel = _chosen(request, declared.by_funnel)
    here = f"{book_url(request, 'card_layout', subject)}?role={role.pk if role else ''}"
    if declared.by_funnel:
        here += f"&funnel={funnel.pk if funnel else ''}"
    if request.method == "POST":
        groups = None if "forget" in request.POST else _groups(request)
        with listening(request) as heard:
            save_layout(
                subject,
                actor=request.member,
                groups=groups,
                required=request.POST.getlist("required"),
                role=role,
                funnel_id=funnel.pk if funnel else None,
            )
        return answer(request, heard, _("Layout saved"), redirect=here, go=True)
    fields = fields_of(subject)
    row = CardLayout.objects.filter(
        subject=subject, role=role, funnel_id=funnel.pk if funnel else None
    ).first()
    labels = {name: str(label) for name, label in declared.built_in().items()}
    labels |= {field.name: field.label for field in fields}
    shown = arranged(declared.placed, fields, row.groups if row else None)
    placed = {name for group in shown for name in group.names}
    context = {
        "room": "settings",
        "tab": "fields",
        "tabs": tabs(request),
        "subject": declared,
        "role": role,
        "funnel": funnel,
        "roles": Role.objects.all(),
        "funnels": Funnel.objects.filter(archived_at=None) if declared.by_funnel else [],
        "is_own": row is not None,
        "groups": [
            {"title": group.title, "collapsed": group.collapsed, "items": _items(group.names, labels)}
            for group in shown
        ],
        "spare": range(SPARE),
        "left_out": _items(
            [name for name in (*declared.placed, *(f.name for f in fields)) if name not in placed], labels
        ),
        "may_require": [
            (name, labels[name], row is not None and name in row.required) for name in declared.may_require
        ]
        if role is None
        else [],
        "here": here,
    }
    return render_page(request, "shape/layout.html", context, "layout")


def _items(names: list[str], labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, labels.get(name, name)) for name in names]


def _groups(request: MemberRequest) -> list[dict[str, Any]]:
    """What was posted, read from top to bottom; what stands under «not shown» is left out."""
    titles, folds = iter(request.POST.getlist("title")), iter(request.POST.getlist("fold"))
    groups: list[dict[str, Any]] = [{"title": "", "collapsed": False, "fields": []}]
    hidden = False
    for item in request.POST.getlist("item")[:1000]:
        if item == HIDDEN:
            hidden = True
        elif item == GROUP:
            hidden = False
            groups.append({"title": next(titles, ""), "collapsed": next(folds, "") == "1", "fields": []})
        elif not hidden:
            groups[-1]["fields"].append(item)
    # A heading without a name belongs to what stands above it.
    named: list[dict[str, Any]] = groups[:1]
    for group in groups[1:]:
        if group["title"].strip():
            named.append(group)
        else:
            named[-1]["fields"] += group["fields"]
    return named


class NumberingForm(forms.Form):
    """The pattern of deals' numbers."""

    # Not the prefix of forms: declared fields are no attributes of theirs.
    prefix = forms.CharField(  # type: ignore[assignment]
        label=gettext_lazy("Prefix"), required=False, max_length=20, strip=True
    )
    with_year = forms.BooleanField(label=gettext_lazy("With the year"), required=False)
    yearly = forms.BooleanField(label=gettext_lazy("Begin anew each year"), required=False)
    width = forms.IntegerField(label=gettext_lazy("Digits at least"), min_value=1, max_value=WIDEST)


@once
@configures
def numbering(request: MemberRequest) -> HttpResponse:
    """How deals are numbered from now on, with a sample."""
    row = pattern_of("deal")
    initial = {"prefix": "", "with_year": False, "yearly": False, "width": 1}
    if row is not None:
        initial = {name: getattr(row, name) for name in initial}
    form = NumberingForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                set_numbering("deal", actor=request.member, **form.cleaned_data)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            return answer(request, heard, _("Saved"), redirect=book_url(request, "fields", "deal"))
    asked = NumberingForm(request.GET) if "width" in request.GET else None
    values = asked.cleaned_data if asked is not None and asked.is_valid() else initial
    context = {
        "room": "settings",
        "form": form,
        "url": book_url(request, "numbering"),
        "sample": written(Numbering(kind="deal", **values), 43, clock.today().year),
    }
    fragment = "sample" if asked is not None else "form"
    return render_page(request, "shape/numbering.html", context, fragment, status=422 if form.errors else 200)
