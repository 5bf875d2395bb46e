"""Lists of companies and of people: the list machine with the heads of the room, and cells that only clients have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.clients.models import Company
from voronka.core import clock, formats
from voronka.desk.lists.conditions import NOTHING, Condition, Group
from voronka.ui.access import workspace_view
from voronka.ui.icons import icon_svg
from voronka.ui.lists.screens import Screen, register
from voronka.ui.lists.table import show_list
from voronka.ui.navigation import optional_url, workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

# Days without contact from which the date is marked.
SOON_SILENT, LONG_SILENT = 30, 90
# Plain parameters of addresses that were kept -> fields of the list.
_COMPANY = {
    "segment": "segment",
    "source": "source",
    "owner": "owner",
    "tag": "tags",
    "region": "region",
    "industry": "industry",
}
_PERSON = {"owner": "owner", "kind": "role"}


def _listed(params: Mapping[str, Any], known: Mapping[str, str]) -> list[Condition]:
    items = []
    for name, field in known.items():
        values = [NOTHING if value in ("0", "-") else value for value in _all(params, name) if value]
        if values:
            items.append(Condition(field, "any" if field in ("tags", "role") else "in", tuple(values)))
    return items


def _all(params: Mapping[str, Any], name: str) -> list[str]:
    return params.getlist(name) if hasattr(params, "getlist") else [str(params.get(name, ""))]


def kept_companies(params: Mapping[str, Any], member: Member) -> Group | None:
    """Conditions of older addresses of the list of companies."""
    items = _listed(params, _COMPANY)
    if params.get("key") == "1":
        items.append(Condition("is_key", "yes"))
    days = str(params.get("silent", ""))
    if days.isascii() and days.isdecimal() and 0 < int(days) <= 3650:
        items.append(Condition("silent", "ge", (days,)))
    return Group("and", tuple(items)) if items else None


def kept_people(params: Mapping[str, Any], member: Member) -> Group | None:
    """Conditions of older addresses of the list of people."""
    items = _listed(params, _PERSON)
    return Group("and", tuple(items)) if items else None


def contact_cell(client: Any) -> SafeString:
    """When the client was last reached; a long silence is marked."""
    days = (clock.now() - (client.last_contact_at or client.created_at)).days
    tone = "v-bad" if days >= LONG_SILENT else "v-soon" if days >= SOON_SILENT else ""
    text = formats.short_date(client.last_contact_at) if client.last_contact_at else _("never")
    if not tone:
        return format_html("{}", text)
    return format_html('<span class="{}">{} {}</span>', tone, icon_svg("clock"), text)


def name_cell(company: Company) -> SafeString:
    """The name with the mark of a key client."""
    if not company.is_key:
        return format_html("{}", company.name)
    return format_html(
        '{} <span class="v-soon">{}</span>', company.name, icon_svg("star", "", _("Key client"))
    )


def _tabs(current: str) -> Any:
    def tabs(slug: str, state: Any) -> list[tuple[str, str, bool]]:
        return [
            (workspace_url("companies", slug), _("Companies"), current == "company"),
            (workspace_url("people", slug), _("People"), current == "person"),
        ]

    return tabs


def _links(kind: str) -> Any:
    def links(slug: str, member: Member) -> list[tuple[str, str, str]]:
        found = []
        if url := optional_url("duplicates", slug):
            found.append((f"{url}?kind={kind}" if kind == "person" else url, _("Duplicates"), "copy"))
        if member.may(Subject.CLIENT, Action.DELETE):
            found.append((workspace_url("clients_deleted", slug), _("Bin"), "trash"))
        return found

    return links


register(
    Screen(
        code="company",
        room="clients",
        url_name="companies",
        row_url=lambda company, slug: workspace_url("company", slug, company.pk),
        title=gettext_lazy("Clients"),
        find=gettext_lazy("Name, INN, phone"),
        icon="building",
        create="company_new",
        create_label=gettext_lazy("Client"),
        empty_title=gettext_lazy("Here will be your clients"),
        empty_text=gettext_lazy(
            "Requisites, people, deals and the whole history of each client on one card. Add the first one or bring a list in by import."
        ),
        tabs=_tabs("company"),
        tabs_label=gettext_lazy("Clients"),
        links=_links("company"),
        kept=kept_companies,
        cells={"last_contact_at": contact_cell, "name": name_cell},
    )
)
register(
    Screen(
        code="person",
        room="clients",
        url_name="people",
        row_url=lambda person, slug: workspace_url("person", slug, person.pk),
        title=gettext_lazy("Clients"),
        find=gettext_lazy("Name, phone, e-mail, client"),
        icon="users",
        create="person_new",
        create_label=gettext_lazy("Contact person"),
        empty_title=gettext_lazy("Here will be the people you talk to"),
        empty_text=gettext_lazy(
            "Who decides, who influences, who uses: posts in several companies, phones and the history of contacts."
        ),
        tabs=_tabs("person"),
        tabs_label=gettext_lazy("Clients"),
        links=_links("person"),
        kept=kept_people,
        cells={"last_contact_at": contact_cell},
    )
)


@workspace_view(Subject.CLIENT)
def companies(request: HttpRequest) -> HttpResponse:
    """The list of clients."""
    return show_list(request, "company")


@workspace_view(Subject.CLIENT)
def people(request: HttpRequest) -> HttpResponse:
    """The list of contact persons."""
    return show_list(request, "person")
