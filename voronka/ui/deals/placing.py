"""A card carried to another column of a board that is not by stages: the field changes through its own verb."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from voronka.catalog.models import Product
from voronka.core import formats
from voronka.core.errors import Conflict, Refused
from voronka.deals import actions
from voronka.deals.grouping import COLUMNS, NONE, close_in, key_of
from voronka.deals.models import Deal
from voronka.journal.models import Event
from voronka.ui.access import require_reach, workspace_view
from voronka.ui.deals import board
from voronka.ui.deals.moves import answer, chosen, deal_of, undo_url
from voronka.ui.htmx import render_page, toast
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def place(request: HttpRequest, number: int) -> HttpResponse:
    """POST `by`, `to`, `expected`: carry the deal to the column *to* of the board by that field.

    GET: the products of the group `to`, since a group is changed by choosing a product of it.
    """
    deal = deal_of(request, number)
    if request.method == "GET":
        products = Product.objects.filter(archived_at=None, group_id=_id(request.GET.get("to", "")))
        context = {"room": "deals", "deal": deal, "products": products, "to": request.GET.get("to", "")}
        return render_page(request, "deals/place.html", context, fragment="form")
    by = COLUMNS.get(request.POST.get("by", ""))
    carry = {"month": _to_month, "owner": _to_owner, "group": _to_group}.get(by.code if by else "")
    if by is None or carry is None:
        raise Refused(_("There is no such choice."), field="by")
    if by.code == "owner":
        require_reach(request, Subject.DEAL, Action.HAND_OVER, deal)
    left = key_of(deal, by)
    if request.POST.get("expected", left) != left:
        raise Conflict(_("Somebody has already changed this deal. Look at it and try again."), [])
    event, text = carry(request, deal, request.POST.get("to", ""))
    if board.is_from_board(request):
        return toast(board.moved(request, deal, left), text, undo_url=undo_url(request, event))
    return answer(request, deal, event, text)


def _to_month(request: HttpRequest, deal: Deal, to: str) -> tuple[Event | None, str]:
    was = deal.expected_close
    try:
        day = close_in(to, was)
    except ValueError as problem:
        raise Refused(_("There is no such choice."), field="to") from problem
    event = actions.edit_deal(
        deal,
        actor=request.member,  # type: ignore[attr-defined]
        changes={"expected_close": day},
        was={"expected_close": was},
    )
    if day is None:
        return event, _("“%(deal)s” has no date of close now") % {"deal": deal.title}
    return event, _("“%(deal)s” is expected to close on %(day)s") % {
        "deal": deal.title,
        "day": formats.short_date(day),
    }


def _to_owner(request: HttpRequest, deal: Deal, to: str) -> tuple[Event | None, str]:
    owner = chosen(Member.objects.active().select_related("team"), to if to != NONE else "", "to")
    if owner is None:
        raise Refused(_("Choose a colleague."), field="to")
    event = actions.assign_deal(deal, actor=request.member, owner=owner)  # type: ignore[attr-defined]
    return event, _("%(member)s is responsible now") % {"member": owner}


def _to_group(request: HttpRequest, deal: Deal, to: str) -> tuple[Event | None, str]:
    products = Product.objects.filter(archived_at=None, group_id=_id(to))
    product = chosen(products, request.POST.get("product"), "product")
    if product is None:
        raise Refused(_("Choose the product."), field="product")
    event = actions.edit_deal(
        deal,
        actor=request.member,  # type: ignore[attr-defined]
        changes={"product": product},
        was={"product": deal.product},
    )
    return event, _("“%(deal)s”: %(product)s") % {"deal": deal.title, "product": product}


def _id(text: str) -> int:
    """A primary key, or 0 that no row has."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
