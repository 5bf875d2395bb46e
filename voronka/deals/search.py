"""How deals are found: their rows in the desk's search table, kept fresh in the transaction of every change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from voronka.clients.search import refresh_companies
from voronka.core.text import company_key
from voronka.deals.bulk import DealRow
from voronka.deals.choices import Outcome
from voronka.deals.models import Deal
from voronka.desk.search import Row, copy_search_rows, drop_search_rows, gathers, put_search_rows

BATCH = 1000


def refresh_deals(ids: Iterable[int], *, clients_too: bool = False) -> None:
    """Write the search rows of these deals anew; deleted ones are no longer found.

    With *clients_too* those who work on the deals find the clients as well, where they could not as yet.
    """
    ids = list(ids)
    if gathers(_refresh_with_clients if clients_too else refresh_deals, ids):
        return
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        deals = list(Deal.objects.filter(pk__in=batch).select_related("company"))
        put_search_rows(_row(deal) for deal in deals if deal.outcome != Outcome.DELETED)
        drop_search_rows("deal", set(batch) - {deal.pk for deal in deals if deal.outcome != Outcome.DELETED})
        if clients_too:
            refresh_companies(_strange_companies(deals))


def _refresh_with_clients(ids: Iterable[int]) -> None:
    refresh_deals(ids, clients_too=True)


def add_imported(rows: Iterable[DealRow], companies: Mapping[int, str]) -> None:
    """Make deals findable that `bulk.import_deals` has just written; *companies*: names by id.

    Says what `refresh_deals` would, without reading the deals back.
    """
    copy_search_rows(_imported(row, companies.get(row.company_id or 0, "")) for row in rows)


def _imported(row: DealRow, company: str) -> Row:
    present = row.present
    is_open = present.outcome == Outcome.OPEN
    return Row(
        kind="deal",
        object_id=row.id or 0,
        title=row.title,
        hint=" · ".join(filter(None, [f"№ {row.number}", company])),
        text=company_key(company) if company else "",
        owner_ids=[present.owner_id] if present.owner_id else [],
        team_ids=[present.team_id] if present.team_id else [],
        weight=2 if is_open else 0,
        number=row.number,
    )


def _row(deal: Deal) -> Row:
    closed = deal.is_closed
    owners = [deal.owner_id, deal.closed_owner_id if closed else None]
    teams = [deal.team_id, deal.closed_team_id if closed else None]
    return Row(
        kind="deal",
        object_id=deal.pk,
        title=deal.title,
        hint=" · ".join(filter(None, [f"№ {deal.shown_number}", deal.company.name if deal.company else ""])),
        text=" ".join(filter(None, [deal.code, company_key(deal.company.name) if deal.company else ""])),
        owner_ids=[pk for pk in owners if pk],
        team_ids=[pk for pk in teams if pk],
        weight=2 if deal.is_open else 0,
        number=deal.number,
    )


def _strange_companies(deals: Iterable[Deal]) -> Iterator[int]:
    """Clients whose own owner and team do not already cover the deal's."""
    for deal in deals:
        company = deal.company
        if company and (company.owner_id, company.team_id) != (deal.owner_id, deal.team_id):
            yield company.pk
