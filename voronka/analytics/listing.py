"""The list behind a number, for every report: the same rows, under the number's own condition.

A report names each number's list (a *cell*) and says how it is made (`Spec`); `open_spec` reads a page of it with
the totals of the whole.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from voronka.analytics.frame import Rows, Sql, fetch, fetch_one, reading

PAGE = 50


@dataclass(frozen=True)
class Spec:
    """One kind of cell: its rows, the condition, what is marked, and its sentence.

    `having` replaces the condition when clients are counted and the client as a whole decides; `spent` names a
    length in seconds that the list shows; `always_rows` marks cells that never count clients.
    """

    relation: Rows
    title: str
    where: Sql | None = None
    having: Sql | None = None
    mark: Sql | None = None
    mark_title: str = ""
    spent: str = ""
    always_rows: bool = False
    at_title: str = ""
    # The rows are activities: `id` is the activity's.
    of_activities: bool = False


@dataclass(frozen=True)
class Line:
    """One row of the list: a deal (or a move of one), or a client with its deals."""

    id: int
    deal_id: int | None
    client_id: int | None
    number: int | None
    title: str
    client: str
    amount: Decimal | None
    stage: str
    outcome: str
    owner: str
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    at: dt.datetime | None
    spent: int | None
    marked: bool
    deals: int


@dataclass
class Listing:
    """A page of the list with the totals of the whole; `asked` says in words of what report it is."""

    cell: str
    title: str
    by_clients: bool
    lines: list[Line]
    count: int
    sum: Decimal
    unpriced: int
    marked: int | None
    marked_sum: Decimal | None
    mark_title: str
    has_spent: bool
    at_title: str
    following: str = ""
    asked: tuple[str, ...] = ()
    of_activities: bool = False


def open_spec(
    spec: Spec,
    *,
    cell: str,
    by_clients: bool = False,
    after: str = "",
    limit: int | None = PAGE,
    asked: tuple[str, ...] = (),
) -> Listing:
    """The rows of *spec*, largest sums first: a page of *limit* (None: all) after the key *after*."""
    by_clients = by_clients and not spec.always_rows
    listed = _by_client(spec) if by_clients else _by_row(spec)
    with reading():
        n, total, priced, marked, marked_sum, deals = fetch_one(
            listed.select(
                "count(*), sum(r.amount), sum(r.priced)::bigint, count(*) FILTER (WHERE r.marked),"
                " sum(r.amount) FILTER (WHERE r.marked), sum(r.deals)::bigint"
            )
        )
        page = _after(listed, after, limit)
        read = _activities if spec.of_activities else _clients if by_clients else _deals
        lines = read(page)
    following = ""
    if limit is not None and len(lines) > limit:
        lines = lines[:limit]
        last = lines[-1]
        following = f"{'' if last.amount is None else last.amount}_{last.id}"
    return Listing(
        cell=cell,
        title=spec.title,
        by_clients=by_clients,
        lines=lines,
        count=n,
        sum=total or Decimal(0),
        unpriced=(deals or 0) - (priced or 0),
        marked=marked if spec.mark else None,
        marked_sum=(marked_sum or Decimal(0)) if spec.mark else None,
        mark_title=spec.mark_title,
        has_spent=bool(spec.spent),
        at_title=spec.at_title,
        following=following,
        asked=asked,
        of_activities=spec.of_activities,
    )


def _by_row(spec: Spec) -> Rows:
    mark = spec.mark or Sql("FALSE")
    spent = spec.spent or "NULL::bigint"
    return Rows(
        spec.relation.select(
            f"r.id, r.deal_id, NULL::bigint AS client, r.amount, r.at, {spent} AS spent,"
            " (r.amount IS NOT NULL)::int AS priced, 1 AS deals, " + mark + " AS marked",
            spec.where,
        )
    )


def _by_client(spec: Spec) -> Rows:
    mark = spec.mark or Sql("FALSE")
    where = spec.where if spec.where and not spec.having else Sql("TRUE")
    having = " HAVING " + spec.having if spec.having else Sql("")
    return Rows(
        spec.relation.select(
            "r.client AS id, NULL::bigint AS deal_id, r.client, sum(r.amount) AS amount, max(r.at) AS at,"
            " NULL::bigint AS spent, count(r.amount) AS priced, count(*) AS deals, bool_or("
            + mark
            + ") AS marked",
            "r.client IS NOT NULL AND (" + where + ")",
        )
        + " GROUP BY r.client"
        + having
    )


def _after(listed: Rows, after: str, limit: int | None) -> Sql:
    """The rows of a page and one more, which says whether there are others."""
    where = Sql("TRUE")
    amount, _sep, pk = after.rpartition("_")
    if pk.lstrip("-").isdecimal():
        where = (
            Sql("r.amount IS NULL AND r.id > %s", (int(pk),))
            if not amount
            else Sql(
                "(r.amount < %s OR r.amount IS NULL OR (r.amount = %s AND r.id > %s))",
                (_decimal(amount), _decimal(amount), int(pk)),
            )
        )
    tail = "ORDER BY r.amount DESC NULLS LAST, r.id" + ("" if limit is None else f" LIMIT {limit + 1}")
    return listed.select("*", where, tail)


def _clients(page: Sql) -> list[Line]:
    found = fetch(
        "SELECT p.id, coalesce(c.name, h.name), p.amount, p.at, p.marked, p.deals FROM ("
        + page
        + ") p LEFT JOIN clients_company c ON c.id = p.client LEFT JOIN clients_person h ON h.id = -p.client"
        " ORDER BY p.amount DESC NULLS LAST, p.id"
    )
    return [
        Line(pk, None, pk, None, "", name or "", amount, "", "", "", None, None, at, None, marked, deals)
        for pk, name, amount, at, marked, deals in found
    ]


def _activities(page: Sql) -> list[Line]:
    found = fetch(
        "SELECT p.id, p.deal_id, a.subject, coalesce(c.name, h.name, ''), k.name, coalesce(o.name, ''), p.at, p.marked"
        " FROM ("
        + page
        + ") p JOIN activities_activity a ON a.id = p.id JOIN playbook_activitykind k ON k.id = a.kind_id"
        " LEFT JOIN clients_company c ON c.id = a.company_id LEFT JOIN clients_person h ON h.id = a.person_id"
        " LEFT JOIN workspaces_member o ON o.id = a.owner_id ORDER BY p.id"
    )
    return [
        Line(pk, deal, None, None, subject, client, None, kind, "", who, None, None, at, None, marked, 1)
        for pk, deal, subject, client, kind, who, at, marked in found
    ]


def _deals(page: Sql) -> list[Line]:
    found = fetch(
        "SELECT p.id, p.deal_id, d.company_id, d.number, d.title, coalesce(c.name, h.name, ''), p.amount,"
        " s.name, d.outcome, coalesce(o.name, ''), d.opened_at, d.closed_at, p.at, p.spent, p.marked FROM ("
        + page
        + ") p JOIN deals_deal d ON d.id = p.deal_id JOIN playbook_stage s ON s.id = d.stage_id"
        " LEFT JOIN clients_company c ON c.id = d.company_id LEFT JOIN clients_person h ON h.id = d.person_id"
        " LEFT JOIN workspaces_member o ON o.id ="
        " CASE WHEN d.outcome IN ('won', 'lost') THEN d.closed_owner_id ELSE d.owner_id END"
        " ORDER BY p.amount DESC NULLS LAST, p.id"
    )
    return [Line(*[*row, 1]) for row in found]


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return Decimal(0)
    return value if value.is_finite() and abs(value) < 10**18 else Decimal(0)
