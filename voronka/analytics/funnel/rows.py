"""The rows behind every number of the funnel, one relation for each form.

Columns of all of them: `id` (of what is counted), `deal_id`, `stage_id`, `amount`, `at`. A cohort has `outcome`,
`pos` (depth as a position, won = n + 1), `reason_id`, `assumed`; the pipeline has `probability`; movement has
`what` (entry or how the visit ended). `client` names the client: a company's id, or minus a person's.
"""

from __future__ import annotations

from django.db.models import BigIntegerField, DecimalField, Expression, F, Q, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from voronka.analytics.frame import Rows, Sql, all_of, array
from voronka.analytics.funnel.context import Context
from voronka.analytics.funnel.query import By
from voronka.deals.choices import Basis, Outcome, VisitEnd
from voronka.deals.models import Deal, StageVisit


def _client(ctx: Context) -> Expression:
    """The client of a deal. Only where clients are counted: it is what keeps a scan from being index-only."""
    if ctx.query.by != By.CLIENTS:
        return Value(None, output_field=BigIntegerField())
    return Coalesce("company_id", -F("person_id"), output_field=BigIntegerField())


_DEAL_COLUMNS = (
    "deal_id bigint, client bigint, outcome text, depth int, stage_id bigint, reason_id bigint,"
    " amount numeric, assumed bool, at timestamptz"
)


def _of_clients(ctx: Context, rows: Rows, everybody: bool = False) -> Rows:
    """Where clients are counted, deals without a client are left out (and counted apart)."""
    if ctx.query.by != By.CLIENTS or everybody:
        return rows
    return rows.filter(Sql("r.client IS NOT NULL"))


_MONEY = DecimalField(max_digits=15, decimal_places=2)


def _amount(ctx: Context) -> Expression | F:
    """The sum of a deal; none for whoever is kept from sums, so that nothing is added up of them anywhere."""
    return Cast(Value(None), _MONEY) if ctx.hides_sums else F("amount_base")


def _state_amount(ctx: Context) -> str:
    """The same for the states `s`."""
    return "NULL::numeric" if ctx.hides_sums else "s.amount_base"


def cohort(ctx: Context, *, everybody: bool = False) -> Rows:
    """Deals opened in the period, as they are, or as they were just before `ctx.read_at`."""
    rows = _cohort_now(ctx) if ctx.read_at is None else _cohort_then(ctx)
    rows = _of_clients(ctx, rows, everybody)
    pos = Sql(
        "CASE WHEN r.outcome = 'won' THEN %s ELSE greatest(1, width_bucket(r.depth, ", (ctx.won_pos,)
    ) + (array(ctx.orders, "int") + ")) END AS pos")
    return Rows(rows.select("r.deal_id AS id, r.*, " + pos))


def _present(ctx: Context, condition: Q) -> Rows:
    """Deals of the funnel as they are, in the columns of a cohort."""
    deals = ctx.credit.deals_now().filter(condition, funnel_id=ctx.funnel.pk).exclude(outcome=Outcome.DELETED)
    return Rows.of(
        deals.annotate(
            client=_client(ctx),
            deal_id=F("id"),
            depth=F("deepest_order"),
            amount_=_amount(ctx),
            assumed=Exact(F("basis"), Basis.ASSUMED),
        ).values_list(
            "deal_id",
            "client",
            "outcome",
            "depth",
            "stage_id",
            "reason_id",
            "amount_",
            "assumed",
            "opened_at",
        ),
        _DEAL_COLUMNS,
    )


def _named(rows: Rows) -> Rows:
    """Give the columns of `_present` the names that the rest relies on, whatever Django calls them."""
    return Rows(
        "SELECT * FROM ("
        + rows.sql
        + ") AS q(deal_id, client, outcome, depth, stage_id, reason_id, amount, assumed, at)"
    )


def _cohort_now(ctx: Context) -> Rows:
    return _named(_present(ctx, Q(opened_at__gte=ctx.start, opened_at__lt=ctx.end)))


def _cohort_then(ctx: Context) -> Rows:
    """The cohort as it was just before `ctx.read_at`.

    A deal that has not changed since then is read from its row; only the others from their states.
    """
    moment = ctx.read_at
    opened = Q(opened_at__gte=ctx.start, opened_at__lt=min(ctx.end, moment))  # type: ignore[type-var]
    unchanged = _named(_present(ctx, opened & Q(state_since__lt=moment)))
    since = ctx.credit.deals().filter(opened, state_since__gte=moment)
    moved_away = StageVisit.objects.filter(
        funnel_id=ctx.funnel.pk, left__gte=moment, end=VisitEnd.FUNNEL
    ).values("deal_id")
    base = [
        Rows.of(
            deals.annotate(client=_client(ctx)).values_list(
                "id", "client", "basis", "opened_at", "closed_at", "closed_owner_id", "closed_team_id"
            ),
            "id bigint, client bigint, basis text, opened_at timestamptz, closed_at timestamptz,"
            " closed_owner_id bigint, closed_team_id bigint",
        ).sql
        for deals in (
            since.filter(funnel_id=ctx.funnel.pk),
            since.exclude(funnel_id=ctx.funnel.pk).filter(pk__in=moved_away),
        )
    ]
    ids = [pk for stage in ctx.stages for pk in stage.ids]
    orders = [stage.order for stage in ctx.stages for _ in stage.ids]
    # Whoever closed it, if it had been closed by then; a deal that was reopened later had its owner of that time.
    closed = "s.outcome <> 'open' AND d.closed_at < %s"
    credit = ctx.credit.sql(
        f"(CASE WHEN {closed} THEN d.closed_owner_id ELSE s.owner_id END)".replace("%s", "m.moment"),
        f"(CASE WHEN {closed} THEN d.closed_team_id ELSE s.team_id END)".replace("%s", "m.moment"),
    )
    then = (
        Sql(
            "SELECT d.id AS deal_id, d.client, s.outcome, deepest.depth, s.stage_id, s.reason_id,"
            f" {_state_amount(ctx)} AS amount, d.basis = 'assumed' AS assumed, d.opened_at AS at FROM (("
        )
        + base[0]
        + ") UNION ALL ("
        + base[1]
        # LATERAL: the deals are few, the planner thinks them many and would read all states.
        + Sql(
            ")) AS d(id, client, basis, opened_at, closed_at, closed_owner_id, closed_team_id)"
            " CROSS JOIN (SELECT %s::timestamptz AS moment) m"
            " CROSS JOIN LATERAL (SELECT x.* FROM deals_dealstate x WHERE x.workspace_id = %s"
            " AND x.deal_id = d.id AND NOT x.void AND x.valid_from < m.moment"
            " ORDER BY x.valid_from DESC LIMIT 1) s"
            " CROSS JOIN LATERAL (SELECT max(o.depth) AS depth FROM deals_dealstate x"
            " JOIN unnest(%s::bigint[], %s::int[]) AS o(id, depth) ON o.id = x.stage_id"
            " WHERE x.workspace_id = %s AND x.deal_id = d.id AND NOT x.void AND x.valid_from < m.moment) deepest"
            " WHERE s.funnel_id = %s AND s.outcome <> 'deleted' AND ",
            (moment, ctx.workspace_id, ids, orders, ctx.workspace_id, ctx.funnel.pk),
        )
        + credit
    )
    return Rows("(" + unchanged.sql + ") UNION ALL (" + then + ")")


def standing(ctx: Context, *, everybody: bool = False) -> Rows:
    """Open deals with the stage in which they stand: at present, or just before `ctx.read_at`."""
    return _of_clients(ctx, _standing(ctx), everybody)


def _standing(ctx: Context) -> Rows:
    if ctx.read_at is None:
        deals = ctx.credit.deals().filter(
            ctx.credit.q("owner_id", "team_id"), funnel_id=ctx.funnel.pk, outcome=Outcome.OPEN
        )
        rows = Rows.of(
            deals.annotate(client=_client(ctx), amount_=_amount(ctx)).values_list(
                "id", "client", "stage_id", "amount_", "probability", "stage_since", "next_activity_at"
            ),
            "id bigint, client bigint, stage_id bigint, amount numeric, probability int, at timestamptz,"
            " next_activity_at timestamptz",
        )
        return Rows(
            "SELECT id AS deal_id, * FROM ("
            + rows.sql
            + ") AS q(id, client, stage_id, amount, probability, at, next_activity_at)"
        )
    conditions = [
        Sql("s.workspace_id = %s AND s.funnel_id = %s", (ctx.workspace_id, ctx.funnel.pk)),
        Sql("NOT s.void AND s.outcome = 'open' AND s.valid_from < %s", (ctx.read_at,)),
        ctx.credit.sql("s.owner_id", "s.team_id"),
    ]
    # Two branches, so that each is a range of the index; OR would read the whole table.
    branches = [Sql("s.valid_to IS NULL"), Sql("s.valid_to >= %s", (ctx.read_at,))]
    client, join = _joined(ctx, "s.deal_id")
    columns = (
        f"SELECT s.deal_id AS id, s.deal_id, {client} AS client, s.stage_id, {_state_amount(ctx)} AS amount,"
        " s.probability, s.valid_from AS at, NULL::timestamptz AS next_activity_at FROM deals_dealstate s"
    )
    parts = [columns + join + " WHERE " + all_of([*conditions, branch]) for branch in branches]
    return Rows("(" + parts[0] + ") UNION ALL (" + parts[1] + ")")


def _joined(ctx: Context, deal_id: str) -> tuple[str, Sql]:
    """The client's expression and the join to the deals, left out where nothing of theirs is asked."""
    if ctx.query.by != By.CLIENTS and not ctx.credit.asks_deals:
        return "NULL::bigint", Sql("")
    deals = Rows.of(
        ctx.credit.deals().annotate(client=_client(ctx)).values_list("id", "client"),
        "id bigint, client bigint",
    )
    return "d.client", " JOIN (" + deals.sql + f") AS d(id, client) ON d.id = {deal_id}"


MOVES = tuple(
    end.value
    for end in (
        VisitEnd.FORWARD,
        VisitEnd.BACK,
        VisitEnd.WON,
        VisitEnd.LOST,
        VisitEnd.FUNNEL,
        VisitEnd.DELETED,
    )
)


def movement(ctx: Context, *, priced: bool = False) -> Rows:
    """Entries into stages and exits from them in the period, one row for each, from recorded visits.

    Moves made by a merge of stages are no movement. The owner and the sum are those of the moment: of the state
    that began there; without *priced*, sums are read only where they are asked.
    """
    client, join = _joined(ctx, "v.deal_id")
    by_state = priced or ctx.query.by == By.SUM or not ctx.credit.is_all

    def side(what: str, column: str, more: str) -> Sql:
        state, amount = "", "NULL::numeric"
        conditions = [
            Sql("v.workspace_id = %s AND v.funnel_id = %s", (ctx.workspace_id, ctx.funnel.pk)),
            Sql(f"v.{column} >= %s AND v.{column} < %s AND v.basis <> 'assumed'", (ctx.start, ctx.end)),
            Sql(more),
        ]
        if by_state:
            state = (
                " JOIN deals_dealstate s ON s.workspace_id = v.workspace_id AND s.deal_id = v.deal_id"
                f" AND s.valid_from = v.{column} AND NOT s.void"
            )
            amount = _state_amount(ctx)
            conditions.append(ctx.credit.sql("s.owner_id", "s.team_id"))
        head = (
            f"SELECT v.id, v.deal_id, {client} AS client, v.stage_id, {amount} AS amount, {what} AS what,"
            f" v.{column} AS at FROM deals_stagevisit v{state}"
        )
        return head + join + " WHERE " + all_of(conditions)

    merged_before = (
        "NOT EXISTS (SELECT 1 FROM deals_stagevisit p WHERE p.workspace_id = v.workspace_id"
        ' AND p.deal_id = v.deal_id AND p."left" = v.entered AND p."end" = \'merged\')'
        if len(ctx.place) > len(ctx.stages)
        else "TRUE"
    )
    entries = side("'entry'::text", "entered", merged_before)
    exits = side('v."end"::text', '"left"', "v.\"end\" <> 'merged'")
    return _of_clients(ctx, Rows("(" + entries + ") UNION ALL (" + exits + ")"))


def balance(ctx: Context, *, at_end: bool, priced: bool = False) -> Rows:
    """Visits going on just before the period, or just before its end: what movement begins and ends with."""
    moment = ctx.end if at_end else ctx.start
    client, join = _joined(ctx, "v.deal_id")
    conditions = [
        Sql("v.workspace_id = %s AND v.funnel_id = %s", (ctx.workspace_id, ctx.funnel.pk)),
        Sql("v.entered < %s AND v.basis <> 'assumed'", (moment,)),
    ]
    amount = "NULL::numeric"
    state = Sql("")
    if priced or ctx.query.by == By.SUM or not ctx.credit.is_all:
        amount = _state_amount(ctx)
        state = Sql(
            " JOIN deals_dealstate s ON s.workspace_id = v.workspace_id AND s.deal_id = v.deal_id"
            " AND NOT s.void AND s.valid_from < %s AND (s.valid_to IS NULL OR s.valid_to >= %s)",
            (moment, moment),
        )
        conditions.append(ctx.credit.sql("s.owner_id", "s.team_id"))
    head = (
        f"SELECT v.id, v.deal_id, {client} AS client, v.stage_id, {amount} AS amount, v.entered AS at"
        " FROM deals_stagevisit v"
    )
    branches = [Sql('v."left" IS NULL'), Sql('v."left" >= %s', (moment,))]
    parts = [head + state + join + " WHERE " + all_of([*conditions, branch]) for branch in branches]
    return _of_clients(ctx, Rows("(" + parts[0] + ") UNION ALL (" + parts[1] + ")"))


def visits(ctx: Context) -> Rows:
    """Visits that began or ended in the period, for the two durations in one pass.

    `began` and `finished` say which of the two a row serves; `spent` is the deal's whole time in the stage.
    """
    head = Sql(
        "SELECT v.id, v.deal_id, v.stage_id, v.entered >= %s AS began,"
        ' (v.is_last AND v."left" < %s AND v.spent IS NOT NULL) AS finished, v.spent, v.entered, v."left",'
        ' v."left" AS at FROM deals_stagevisit v WHERE ',
        (ctx.start, ctx.end),
    )
    conditions = [
        Sql("v.workspace_id = %s AND v.funnel_id = %s", (ctx.workspace_id, ctx.funnel.pk)),
        Sql("v.basis <> 'assumed' AND v.entered < %s", (ctx.end,)),
    ]
    # Two branches, so that each is a range of the index; OR would read all visits of the funnel.
    branches = [Sql('v."left" IS NULL'), Sql('v."left" >= %s', (ctx.start,))]
    parts = [head + all_of([*conditions, branch]) for branch in branches]
    return Rows("SELECT v.* FROM ((" + parts[0] + ") UNION ALL (" + parts[1] + ")) v" + _of_deals(ctx))


def _of_deals(ctx: Context) -> Sql:
    """What joins visits `v` to deals that are not deleted, whose figures may be read and are asked."""
    if ctx.credit.is_all and not ctx.credit.asks_deals:
        deleted = Rows.of(Deal.objects.filter(outcome=Outcome.DELETED).values_list("id"), "id bigint")
        return " WHERE v.deal_id NOT IN (" + deleted.sql + ")"
    deals = ctx.credit.deals_now().exclude(outcome=Outcome.DELETED).order_by()
    if not ctx.credit.is_wide:
        return (
            " JOIN (" + Rows.of(deals.values_list("id"), "id bigint").sql + ") AS d(id) ON d.id = v.deal_id"
        )
    # Nearly all visits are of deals that are in the funnel still, within reach and not at rest since before the
    # period: one index has these. The others are few and asked one by one; by both bounds, because an equality
    # would be answered by reading all deals.
    stirred = Q(outcome=Outcome.OPEN) | Q(state_since__gte=ctx.start)
    here = Rows.of(deals.filter(stirred, funnel_id=ctx.funnel.pk).values_list("id"), "id bigint")
    others = Rows.of(deals.values_list("id"), "id bigint")
    return (
        " LEFT JOIN ("
        + here.sql
        + ") AS d(id) ON d.id = v.deal_id WHERE d.id IS NOT NULL OR EXISTS (SELECT 1 FROM ("
        + others.sql
        + ") AS o(id) WHERE o.id >= v.deal_id AND o.id <= v.deal_id)"
    )


def ripened(ctx: Context) -> Rows:
    """Deals won in the period, with the seconds from opening to winning."""
    deals = (
        ctx.credit.deals()
        .filter(ctx.credit.q("closed_owner_id", "closed_team_id"))
        .filter(outcome=Outcome.WON, funnel_id=ctx.funnel.pk, closed_at__gte=ctx.start, closed_at__lt=ctx.end)
    )
    rows = Rows.of(
        deals.annotate(amount_=_amount(ctx)).values_list(
            "id", "stage_id", "amount_", "opened_at", "closed_at"
        ),
        "id bigint, stage_id bigint, amount numeric, opened_at timestamptz, closed_at timestamptz",
    )
    return Rows(
        "SELECT id, id AS deal_id, stage_id, amount, closed_at AS at,"
        " extract(epoch FROM closed_at - opened_at)::bigint AS spent FROM ("
        + rows.sql
        + ") AS q(id, stage_id, amount, opened_at, closed_at)"
    )
