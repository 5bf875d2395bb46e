"""Tunnels of a funnel: what its deals open elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from voronka.core.errors import Refused
from voronka.playbook.actions import add_tunnel, edit_tunnel, put_tunnel_away
from voronka.playbook.models import Funnel, Trigger, Tunnel, Wait
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.book.answers import answer, book_url, listening, put_refusal
from voronka.ui.book.tunnel_forms import TunnelForm
from voronka.ui.book.views.funnels import funnel_or_404
from voronka.ui.htmx import render_page
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject


def tunnels_of(funnel: Funnel) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tunnels that lead on from the funnel, and those that lead here; two queries."""
    rows = Tunnel.objects.filter(archived_at=None).select_related(
        "funnel", "stage", "closing", "target", "target_stage", "owner"
    )
    onward = [_line(row) for row in rows.filter(funnel=funnel).order_by("order", "id")]
    here = [_line(row) for row in rows.filter(target=funnel).exclude(funnel=funnel).order_by("id")]
    return onward, here


def _line(row: Tunnel) -> dict[str, Any]:
    notes = [after(row)]
    if row.owner:
        notes.append(row.owner.name)
    if row.keeps_amount:
        notes.append(_("with the same sum"))
    where = row.target.name + (f" · {row.target_stage.name}" if row.target_stage else "")
    return {"row": row, "when": when(row), "where": where, "notes": notes}


def when(row: Tunnel) -> str:
    """What opens the tunnel, in words."""
    if row.trigger == Trigger.STAGE:
        return _("Enters “%(stage)s”") % {"stage": row.stage}
    if row.closing is not None:
        return row.closing.name
    return pgettext("deal", "Won") if row.trigger == Trigger.WON else pgettext("deal", "Lost")


def after(row: Tunnel) -> str:
    """How long it waits, in words."""
    if not row.after:
        return _("at once")
    words = (
        ngettext("in %(n)s day", "in %(n)s days", row.after)
        if row.wait == Wait.DAYS
        else ngettext("in %(n)s month", "in %(n)s months", row.after)
    )
    return words % {"n": row.after}


@once
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new tunnel from the funnel."""
    funnel = funnel_or_404(pk)
    url = book_url(request, "book_tunnel_new", pk)
    form = TunnelForm(request.POST if request.method == "POST" else None, funnel=funnel)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                add_tunnel(funnel, actor=request.member, **form.values)  # type: ignore[attr-defined]
        except Refused as refusal:
            _put(form, refusal)
        else:
            return answer(request, heard, _("Added"), redirect=book_url(request, "book_closing", pk))
    return _show(request, funnel, form, url)


@workspace_view(Subject.BOOK, Action.CONFIGURE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One tunnel."""
    row = get_or_404(Tunnel.objects.select_related("funnel", "owner"), pk)
    form = TunnelForm(request.POST if request.method == "POST" else None, funnel=row.funnel, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            with listening(request) as heard:
                edit_tunnel(row, actor=request.member, changes=form.values)  # type: ignore[attr-defined]
        except Refused as refusal:
            _put(form, refusal)
        else:
            back = book_url(request, "book_closing", row.funnel_id)
            return answer(request, heard, _("Saved"), redirect=back)
    return _show(request, row.funnel, form, book_url(request, "book_tunnel", pk), row)


def _put(form: TunnelForm, refusal: Refused) -> None:
    """Show the sentence at the choice that says it: two of the verb's fields stand in one choice."""
    said = {"stage": "when", "closing": "when", "trigger": "when", "target": "to", "target_stage": "to"}
    put_refusal(form, Refused(refusal.message, field=said.get(refusal.field or "", refusal.field)))


def _show(
    request: HttpRequest, funnel: Funnel, form: TunnelForm, url: str, row: Tunnel | None = None
) -> HttpResponse:
    context = {"room": "book", "funnel": funnel, "form": form, "url": url, "row": row}
    return render_page(request, "book/tunnel_form.html", context, "form", status=422 if form.errors else 200)


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Open no more deals through it."""
    row = get_or_404(Tunnel.objects.all(), pk)
    with listening(request) as heard:
        put_tunnel_away(row, actor=request.member)  # type: ignore[attr-defined]
    back = book_url(request, "book_closing", row.funnel_id)
    return answer(request, heard, _("Taken out of the book"), redirect=back)
