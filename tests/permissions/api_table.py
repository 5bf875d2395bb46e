"""The table of the interface for programs: every operation × who may use it × whose things.

    Op("win_deal", DEAL_EDIT, deal, {"amount": "5"})

the operation's name; who may (as in `table`); the ids in its address, made from the things of an owner (t) and the cast
(c); the body, or how it is made of them. An operation without ids is about no object of anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.permissions.cast import Cast, Things
from tests.permissions.table import (
    ACTIVITY_EDIT,
    ACTIVITY_SEE,
    ALL,
    CLIENT_EDIT,
    CLIENT_MANAGE,
    CLIENT_SEE,
    DEAL_CREATE,
    DEAL_EDIT,
    DEAL_MANAGE,
    DEAL_SEE,
    MANAGERS,
    NOTE_EDIT,
    offered,
    rivalled,
)
from voronka.core import clock

Ids = Callable[[Things, Cast], dict[str, Any]]
Body = dict[str, Any] | Callable[[Things, Cast], dict[str, Any]]


@dataclass(frozen=True)
class Op:
    """One operation. *shared*: its ids name things that belong to nobody in particular."""

    name: str
    may: dict[str, str]
    ids: Ids | None = None
    body: Body | None = None
    query: str = ""
    shared: bool = False

    def sent(self, things: Things, cast: Cast) -> dict[str, Any] | None:
        return self.body(things, cast) if callable(self.body) else self.body


def deal(t: Things, c: Cast) -> dict[str, Any]:
    return {"deal_id": t.deal.pk}


def cell(t: Things, c: Cast) -> dict[str, Any]:
    return {"product_group_id": c.funnel.product_group_id, "segment_id": c.funnel.segment_id}


def version(t: Things, c: Cast) -> dict[str, Any]:
    from voronka.playbook.versions import keep_version, newest_version

    kept = keep_version() or newest_version()
    return {"number": kept.number if kept else 0}


def offer(t: Things, c: Cast) -> dict[str, Any]:
    _number, pk = offered(t, c)
    return {"deal_id": t.deal.pk, "offer_id": pk}


def rival(t: Things, c: Cast) -> dict[str, Any]:
    from voronka.deals.models import Rival

    _number, pk = rivalled(t, c)
    Rival.objects.get_or_create(deal=t.deal, competitor_id=pk)
    return {"deal_id": t.deal.pk, "competitor_id": pk}


def colleague(t: Things, c: Cast) -> dict[str, Any]:
    """Somebody who takes part in the deal beside its owner."""
    from voronka.deals.models import Colleague

    other = next(one for one in c.world.members.values() if one != t.owner)
    Colleague.objects.get_or_create(deal=t.deal, member=other)
    return {"deal_id": t.deal.pk, "member_id": other.pk}


def company(t: Things, c: Cast) -> dict[str, Any]:
    return {"company_id": t.company.pk}


def person(t: Things, c: Cast) -> dict[str, Any]:
    return {"person_id": t.person.pk}


def activity(t: Things, c: Cast) -> dict[str, Any]:
    return {"activity_id": t.activity.pk}


def contact(t: Things, c: Cast) -> dict[str, Any]:
    return {"contact_id": t.contact.pk}


def position(t: Things, c: Cast) -> dict[str, Any]:
    return {"position_id": t.position.pk}


def account(t: Things, c: Cast) -> dict[str, Any]:
    return {"account_id": t.account.pk}


def note(t: Things, c: Cast) -> dict[str, Any]:
    return {"note_id": t.note.pk}


def member(t: Things, c: Cast) -> dict[str, Any]:
    return {"member_id": t.owner.pk}


def funnel(t: Things, c: Cast) -> dict[str, Any]:
    return {"funnel_id": c.funnel.pk}


def entry(t: Things, c: Cast) -> dict[str, Any]:
    from voronka.playbook.models import Reason

    return {"code": "lost_reason", "entry_id": Reason.objects.filter(kind="lost").order_by("pk")[0].pk}


def of_list(t: Things, c: Cast) -> dict[str, Any]:
    return {"code": "lost_reason"}


def product(t: Things, c: Cast) -> dict[str, Any]:
    from voronka.catalog.models import Product

    return {"product_id": Product.objects.order_by("pk")[0].pk}


def own_field(t: Things, c: Cast) -> dict[str, Any]:
    return {"subject": "deal", "key": "none"}


def _owner(t: Things, c: Cast) -> dict[str, Any]:
    """Somebody else: to hand over to whom it belongs already is nothing, and nothing needs no right."""
    others = (c.world.vera, c.world.boris)
    return {"owner": next(member.pk for member in others if member.pk != t.owner.pk)}


def _kind(t: Things, c: Cast) -> int:
    from voronka.playbook.models import ActivityKind

    return ActivityKind.objects.order_by("pk")[0].pk


def _lost(t: Things, c: Cast) -> dict[str, Any]:
    return {"reason": entry(t, c)["entry_id"]}


NOTE = {"text": "Запись"}
CONTACT = {"kind": "email", "value": "new@example.com"}
TAG = {"name": "срочно"}

OPERATIONS = [
    Op("who_am_i", ALL),
    Op("list_regions", ALL),
    Op("list_industries", ALL),
    Op("list_custom_fields", ALL),
    Op("list_field_options", ALL, own_field, shared=True),
    Op("find", ALL, query="?q=сделка"),
    Op("list_tags", ALL),
    # Deals
    Op("list_deals", ALL),
    Op("create_deal", DEAL_CREATE, None, lambda t, c: {"title": "Новая", "funnel": c.funnel.pk}),
    Op("get_deal", DEAL_SEE, deal),
    Op("edit_deal", DEAL_EDIT, deal, {"title": "Новое"}),
    Op("move_deal", DEAL_EDIT, deal, lambda t, c: {"stage": c.stages[3].pk}),
    Op("win_deal", DEAL_EDIT, deal, {}),
    Op("lose_deal", DEAL_EDIT, deal, _lost),
    Op("list_offers", DEAL_SEE, deal),
    Op("make_deal_offer", DEAL_EDIT, deal, {"side": "ours", "amount": "100"}),
    Op("remove_deal_offer", DEAL_EDIT, offer),
    Op("list_rivals", DEAL_SEE, deal),
    Op("set_deal_rival", DEAL_EDIT, rival, {"price": "90"}),
    Op("remove_deal_rival", DEAL_EDIT, rival),
    Op("list_colleagues", DEAL_SEE, deal),
    Op("set_deal_colleague", DEAL_EDIT, colleague, {"part": "смета"}),
    Op("remove_deal_colleague", DEAL_EDIT, colleague),
    Op("accept_deal", DEAL_EDIT, deal, {}),
    Op("decide_loss", DEAL_MANAGE, deal, {"verdict": "confirm"}),
    Op("keep_deal", DEAL_EDIT, deal, lambda t, c: {"until": clock.today().isoformat()}),
    Op("reopen_deal", DEAL_EDIT, lambda t, c: {"deal_id": t.won.pk}, {}),
    Op("assign_deal", DEAL_MANAGE, deal, _owner),
    Op("delete_deal", DEAL_MANAGE, deal),
    Op("restore_deal", DEAL_MANAGE, deal, {}),
    Op("add_deal_participant", DEAL_EDIT, deal, lambda t, c: {"person": t.person.pk}),
    Op("remove_deal_participant", DEAL_EDIT, lambda t, c: {**deal(t, c), "person_id": t.person.pk}),
    Op("tag_deal", DEAL_EDIT, deal, TAG),
    Op("untag_deal", DEAL_EDIT, lambda t, c: {**deal(t, c), "tag_id": t.tag.pk}),
    Op("list_deal_notes", DEAL_SEE, deal),
    Op("add_deal_note", DEAL_SEE, deal, NOTE),
    Op("list_deal_events", DEAL_SEE, deal),
    # Clients
    Op("list_companies", ALL),
    Op("create_company", CLIENT_SEE, None, {"name": "ООО «Новая»"}),
    Op("get_company", CLIENT_SEE, company),
    Op("edit_company", CLIENT_EDIT, company, {"name": "Другая"}),
    Op("assign_company", CLIENT_MANAGE, company, _owner),
    Op("delete_company", CLIENT_MANAGE, company),
    Op("restore_company", CLIENT_MANAGE, company, {}),
    Op("add_company_contact", CLIENT_EDIT, company, CONTACT),
    Op("tag_company", CLIENT_EDIT, company, TAG),
    Op("untag_company", CLIENT_EDIT, lambda t, c: {**company(t, c), "tag_id": t.tag.pk}),
    Op("list_company_notes", CLIENT_SEE, company),
    Op("add_company_note", CLIENT_SEE, company, NOTE),
    Op("list_company_events", CLIENT_SEE, company),
    Op("find_duplicates", ALL, query="?name=Ромашка"),
    Op("list_accounts", CLIENT_SEE, company),
    Op("add_account", CLIENT_EDIT, company, {"account": "40702810900000000001"}),
    Op("edit_account", CLIENT_EDIT, account, {"bank": "Другой"}),
    Op("remove_account", CLIENT_EDIT, account),
    Op("list_people", ALL),
    Op("create_person", CLIENT_SEE, None, {"name": "Новый Человек"}),
    Op("get_person", CLIENT_SEE, person),
    Op("edit_person", CLIENT_EDIT, person, {"name": "Другой"}),
    Op("assign_person", CLIENT_MANAGE, person, _owner),
    Op("delete_person", CLIENT_EDIT, person),
    Op("restore_person", CLIENT_MANAGE, person, {}),
    Op("add_person_contact", CLIENT_EDIT, person, CONTACT),
    Op("add_position", CLIENT_EDIT, person, lambda t, c: {"company": t.company.pk}),
    Op("edit_position", CLIENT_EDIT, position, {"title": "Директор"}),
    Op("remove_position", CLIENT_EDIT, position),
    Op("list_person_notes", CLIENT_SEE, person),
    Op("add_person_note", CLIENT_SEE, person, NOTE),
    Op("list_person_events", CLIENT_SEE, person),
    Op("edit_contact", CLIENT_EDIT, contact, {"label": "склад"}),
    Op("remove_contact", CLIENT_EDIT, contact),
    Op("edit_note", NOTE_EDIT, note, {"text": "Правка"}),
    Op("delete_note", NOTE_EDIT, note),
    # Activities
    Op("list_activities", ALL),
    Op(
        "plan_activity",
        ACTIVITY_EDIT,
        None,
        lambda t, c: {"kind": _kind(t, c), "due_at": "2030-01-01T10:00:00+03:00"},
    ),
    Op("log_activity", ACTIVITY_EDIT, None, lambda t, c: {"kind": _kind(t, c), "without_next": True}),
    Op("get_activity", ACTIVITY_SEE, activity),
    Op("edit_activity", ACTIVITY_EDIT, activity, {"subject": "Другое"}),
    Op("complete_activity", ACTIVITY_EDIT, activity, {"without_next": True}),
    Op("cancel_activity", ACTIVITY_EDIT, activity, {}),
    Op("reopen_activity", ACTIVITY_EDIT, activity, {}),
    # The book
    Op("list_funnels", ALL),
    Op("get_funnel", ALL, funnel, shared=True),
    Op("list_cells", ALL),
    Op("write_grid_cell", MANAGERS, cell, {"buys_for": "Пуск к дате"}, shared=True),
    Op("propose_funnel", ALL),
    Op("list_versions", ALL),
    Op("get_version", ALL, version, shared=True),
    Op("list_entries", ALL, of_list, shared=True),
    Op("get_entry", ALL, entry, shared=True),
    Op("create_dictionary_entry", MANAGERS, of_list, {"name": "Новая причина"}, shared=True),
    Op("edit_dictionary_entry", MANAGERS, entry, {"name": "Иначе"}, shared=True),
    Op("archive_dictionary_entry", MANAGERS, entry, {}, shared=True),
    Op("restore_dictionary_entry", MANAGERS, entry, {}, shared=True),
    Op("list_products", ALL),
    Op("get_product", ALL, product, shared=True),
    Op("create_product", MANAGERS, None, {"name": "Новый товар"}),
    Op("edit_product", MANAGERS, product, {"name": "Иначе"}, shared=True),
    Op("archive_product", MANAGERS, product, {}, shared=True),
    Op("restore_product", MANAGERS, product, {}, shared=True),
    # Colleagues, reports
    Op("list_members", ALL),
    Op("get_member", ALL, member),
    Op("list_teams", ALL),
    Op("funnel_report", ALL),
    Op("changes_report", ALL),
    Op("pipeline_report", ALL),
    Op("outcomes_report", ALL),
    Op("intake_report", ALL),
    Op("reasons_report", ALL),
    Op("sellers_report", ALL),
]
# Lists of another workspace's names are asked by code, not by id.
# Every company counts the versions of its book from one.
NO_FOREIGN = {"list_entries", "create_dictionary_entry", "list_field_options", "get_version"}
