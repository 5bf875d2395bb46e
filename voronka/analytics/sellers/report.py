"""«Продавцы»: contacts, deals in work and results side by side, from team to seller (metrics.md, Outcomes and Activity).

Finished activities count to who did them, results to who closed, the pipeline to whose it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from voronka.analytics.cuts.dimensions import DIMENSIONS
from voronka.analytics.cuts.rows import closed, opened
from voronka.analytics.frame import Rows, Sql, Unanswerable, fetch, reading
from voronka.analytics.listing import Spec
from voronka.analytics.reporting.answer import (
    NOTHING,
    Answer,
    Bar,
    Column,
    Headline,
    Kind,
    Picture,
    Row,
    Table,
    Value,
)
from voronka.analytics.reporting.question import Asking, Question
from voronka.analytics.reporting.registry import Instrument, register
from voronka.analytics.reporting.scope import Scope, standing
from voronka.analytics.reporting.teams import Node, Teams, folded_from
from voronka.analytics.sellers import rows
from voronka.core import formats
from voronka.playbook.models import Channel

if TYPE_CHECKING:
    from voronka.core.periods import Period
    from voronka.workspaces.models import Member

ZERO = Decimal(0)
CALL, MEETING, TASK = Channel.CALL.value, Channel.MEETING.value, Channel.TASK.value
# What seller and team a deal of the cuts belongs to: its own two dimensions.
OWNER, TEAM = DIMENSIONS["owner"], DIMENSIONS["team"]

ASKING = Asking(default="this_month")


@dataclass
class Work:
    """What one seller did in a team in the period, and what is in work now."""

    calls: int = 0
    meetings: int = 0
    others: int = 0
    clients: int = 0
    overdue: int = 0
    opened: int = 0
    standing: int = 0
    standing_sum: Decimal = ZERO
    won: int = 0
    won_sum: Decimal = ZERO
    won_priced: int = 0
    lost: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def _together(works: Iterable[Work]) -> Work:
    return sum(works, Work())


def run(question: Question, member: Member | None) -> Answer:
    """Sellers by team: contacts, deals in work, results of the period."""
    scope = Scope.of(question, member)
    period = question.days()
    answer = Answer(
        str(SELLERS.title), (period.label(),), currency=scope.currency, hides_sums=scope.hides_sums
    )
    with reading():
        work = _count(scope, period)
    if not work:
        answer.is_empty = True
        return answer
    teams = Teams()
    nodes = teams.tree(work, _together)
    whole = _together(work.values())
    answer.tables = [
        _table(
            "work",
            _("Contacts and deals in work"),
            _work_columns(scope),
            nodes,
            whole,
            lambda k, w: _work(scope, k, w),
        ),
        _table(
            "results",
            _("Results of the period"),
            _result_columns(scope),
            nodes,
            whole,
            lambda k, w: _results(scope, k, w),
        ),
    ]
    contacts = whole.calls + whole.meetings + whole.others
    answer.figures = [
        Headline(_("Contacts"), Value(contacts, "all|contacts" if contacts else ""), Kind.COUNT, better=1),
        Headline(_("Won deals"), Value(whole.won, "all|won" if whole.won else ""), Kind.COUNT, better=1),
    ]
    if not scope.hides_sums:
        answer.figures.append(
            Headline(_("Won sum"), Value(whole.won_sum, "all|won" if whole.won else ""), Kind.MONEY, better=1)
        )
    closed_ = whole.won + whole.lost
    if closed_:
        rate = Value(Decimal(whole.won) / closed_, "all|closed", n=closed_)
        answer.figures.append(Headline(_("Win rate"), rate, Kind.PERCENT, better=1))
    sellers = [node for node in nodes if node.is_seller]
    answer.pictures = [
        Picture(
            "stacked",
            _("Contacts of the period"),
            Kind.COUNT,
            [
                Bar(
                    node.name,
                    0,
                    parts=(
                        (_("Calls"), node.figures.calls, f"{node.key}|calls"),
                        (_("Meetings"), node.figures.meetings, f"{node.key}|meetings"),
                        (_("Letters and others"), node.figures.others, f"{node.key}|others"),
                    ),
                )
                for node in sorted(sellers, key=lambda node: -_contacts(node.figures))[:15]
                if _contacts(node.figures)
            ],
        )
    ]
    if not answer.pictures[0].bars:
        answer.pictures = []
    idle = [node.name for node in sellers if not _contacts(node.figures) and node.figures.standing]
    if idle:
        names = ", ".join(formats.short_name(name) for name in idle[:3])
        answer.sentence = _("Deals in work but not one contact in these days: %(names)s.") % {"names": names}
        answer.tone = "bad"
    return answer


def _contacts(work: Work) -> int:
    return work.calls + work.meetings + work.others


def _count(scope: Scope, period: Period) -> dict[tuple[int | None, int | None], Work]:
    """(team, owner) -> what they did, in five statements."""
    found: dict[tuple[int | None, int | None], Work] = {}

    def of(team: int | str | None, owner: int | str | None) -> Work:
        return found.setdefault((_number(team), _number(owner)), Work())

    for team, owner, calls, meetings, others, clients in fetch(
        rows.done(scope, period).select(
            Sql(
                "r.team_id, r.owner_id, count(*) FILTER (WHERE r.channel = %s), count(*) FILTER (WHERE r.channel = %s),"
                " count(*) FILTER (WHERE r.channel NOT IN (%s, %s, %s)),"
                " count(DISTINCT r.client) FILTER (WHERE r.channel <> %s)",
                (CALL, MEETING, CALL, MEETING, TASK, TASK),
            ),
            None,
            "GROUP BY 1, 2",
        )
    ):
        work = of(team, owner)
        work.calls, work.meetings, work.others, work.clients = calls, meetings, others, clients
    for team, owner, n in fetch(
        rows.overdue(scope).select("r.team_id, r.owner_id, count(*)", None, "GROUP BY 1, 2")
    ):
        of(team, owner).overdue = n
    for team, owner, n, amount in fetch(
        standing(scope, scope.now).select(
            "r.team_id, r.owner_id, count(*), sum(r.amount)", None, "GROUP BY 1, 2"
        )
    ):
        work = of(team, owner)
        work.standing, work.standing_sum = n, amount or ZERO
    for team, owner, n in fetch(
        _opened(scope, period).select("r.team_id, r.owner_id, count(*)", None, "GROUP BY 1, 2")
    ):
        of(team, owner).opened = n
    for team, owner, won, won_sum, priced, lost in fetch(
        _closed(scope, period).select(
            "r.team_id, r.owner_id, count(*) FILTER (WHERE r.outcome = 'won'),"
            " sum(r.amount) FILTER (WHERE r.outcome = 'won'), count(r.amount) FILTER (WHERE r.outcome = 'won'),"
            " count(*) FILTER (WHERE r.outcome = 'lost')",
            None,
            "GROUP BY 1, 2",
        )
    ):
        work = of(team, owner)
        work.won, work.won_sum, work.won_priced, work.lost = won, won_sum or ZERO, priced, lost
    return {key: work for key, work in found.items() if work != Work()}


def _closed(scope: Scope, period: Period) -> Rows:
    return _owned(closed(scope, period, OWNER, TEAM))


def _opened(scope: Scope, period: Period) -> Rows:
    return _owned(opened(scope, period, OWNER, TEAM))


def _owned(relation: Rows) -> Rows:
    """The cuts by owner and team as the two columns that `Teams` asks for."""
    return Rows(
        relation.select(
            "r.*, nullif(r.cut, '-')::bigint AS owner_id, nullif(r.other_cut, '-')::bigint AS team_id"
        )
    )


def _number(value: int | str | None) -> int | None:
    return None if value is None else int(value)


def _table(
    code: str,
    title: str,
    columns: list[Column],
    nodes: list[Node[Work]],
    whole: Work,
    values: Callable[[str, Work], list[Value]],
) -> Table:
    shown = [
        Row(node.key, node.name, values(node.key, node.figures), node.level, parent=node.parent)
        for node in nodes
    ]
    return Table(
        code,
        title,
        _("Who"),
        columns,
        shown,
        Row("all", _("Total"), values("all", whole)),
        folded_from=folded_from(nodes),
    )


def _work_columns(scope: Scope) -> list[Column]:
    return [
        Column("calls", _("Calls"), Kind.COUNT, _("Finished in the period"), better=1),
        Column("meetings", _("Meetings"), Kind.COUNT, _("Finished in the period"), better=1),
        Column("others", _("Letters and others"), Kind.COUNT, better=1),
        Column(
            "overdue", _("Overdue now"), Kind.COUNT, _("Planned activities whose time has passed"), better=-1
        ),
        Column("opened", _("Deals opened"), Kind.COUNT, better=1),
        Column("standing", _("In work now"), Kind.COUNT),
        *([] if scope.hides_sums else [Column("standing_sum", _("Sum in work"), Kind.MONEY)]),
    ]


def _result_columns(scope: Scope) -> list[Column]:
    return [
        Column("won", pgettext("deals", "Won"), Kind.COUNT, better=1),
        *([] if scope.hides_sums else [Column("sum", _("Won sum"), Kind.MONEY, better=1)]),
        Column("lost", pgettext("deals", "Lost"), Kind.COUNT, better=-1),
        Column("rate", _("Win rate"), Kind.PERCENT, _("Won of those closed in the period"), better=1),
        *(
            []
            if scope.hides_sums
            else [
                Column(
                    "average", _("Average deal"), Kind.MONEY, _("Won sum by won deals with a sum"), better=1
                )
            ]
        ),
        Column(
            "contacts",
            _("Contacts per won deal"),
            Kind.NUMBER,
            _("Finished contacts of the period by deals won in it"),
            better=-1,
        ),
    ]


def _work(scope: Scope, key: str, work: Work) -> list[Value]:
    def count(what: str, n: int, tone: str = "") -> Value:
        return Value(n, f"{key}|{what}" if n else "", tone)

    return [
        count("calls", work.calls),
        count("meetings", work.meetings),
        count("others", work.others),
        count("overdue", work.overdue, "bad" if work.overdue else ""),
        count("opened", work.opened),
        count("standing", work.standing),
        *([] if scope.hides_sums else [Value(work.standing_sum, f"{key}|standing" if work.standing else "")]),
    ]


def _results(scope: Scope, key: str, work: Work) -> list[Value]:
    closed_ = work.won + work.lost
    won = f"{key}|won" if work.won else ""
    average = (work.won_sum / work.won_priced).quantize(Decimal("0.01")) if work.won_priced else None
    return [
        Value(work.won, won),
        *([] if scope.hides_sums else [Value(work.won_sum, won)]),
        Value(work.lost, f"{key}|lost" if work.lost else ""),
        Value(Decimal(work.won) / closed_, f"{key}|closed", n=closed_) if closed_ else NOTHING,
        *(
            []
            if scope.hides_sums
            else [Value(average, n=work.won_priced) if average is not None else NOTHING]
        ),
        Value(round(_contacts(work) / work.won, 1)) if work.won else NOTHING,
    ]


def spec(question: Question, member: Member | None, cell: str) -> Spec:
    """The activities or deals behind a number: `who|what`."""
    scope = Scope.of(question, member)
    period = question.days()
    who, _sep, what = cell.partition("|")
    teams = Teams()
    where, name = teams.condition(who), teams.title_of(who)
    activities = {
        "calls": (_("Calls"), Sql(" AND r.channel = %s", (CALL,))),
        "meetings": (_("Meetings"), Sql(" AND r.channel = %s", (MEETING,))),
        "others": (_("Letters and others"), Sql(" AND r.channel NOT IN (%s, %s, %s)", (CALL, MEETING, TASK))),
        "contacts": (_("Contacts"), Sql(" AND r.channel <> %s", (TASK,))),
    }
    titled = (lambda title: f"{title}: {name}") if name else (lambda title: title)
    if what in activities:
        title, more = activities[what]
        return Spec(
            rows.done(scope, period), titled(title), where + more, at_title=_("When"), of_activities=True
        )
    if what == "overdue":
        return Spec(
            rows.overdue(scope), titled(_("Overdue")), where, at_title=_("Planned for"), of_activities=True
        )
    if what == "standing":
        relation = Rows(
            standing(scope, scope.now).select(
                "r.*, r.deal_id AS id, NULL::bigint AS client, r.valid_from AS at"
            )
        )
        return Spec(relation, titled(_("In work now")), where, at_title=_("Since"))
    if what == "opened":
        return Spec(_opened(scope, period), titled(_("Opened in the period")), where, at_title=_("Opened"))
    outcomes = {"won": _("Won"), "lost": _("Lost"), "closed": _("Closed, the won are marked")}
    if what not in outcomes:
        raise Unanswerable(_("This number has no list behind it."))
    if what != "closed":
        where = where + Sql(" AND r.outcome = %s", (what,))
    return Spec(
        _closed(scope, period),
        titled(outcomes[what]),
        where,
        mark=Sql("r.outcome = 'won'") if what == "closed" else None,
        mark_title=_("Won"),
        at_title=_("Closed"),
    )


SELLERS = register(
    Instrument(
        "sellers",
        gettext_lazy("Sellers"),
        gettext_lazy(
            "Calls, meetings, deals in work, overdue, wins, win rate and average deal of every team and seller."
        ),
        "users",
        gettext_lazy("People"),
        ASKING,
        run,
        spec,
    )
)
