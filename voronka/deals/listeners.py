"""What deals do when something happens here or elsewhere, and what they tell the rooms below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.clients.models import Company
from voronka.clients.objections import objection
from voronka.clients.reach import company_tie, company_workers
from voronka.core import clock
from voronka.core.errors import Refused
from voronka.deals import events
from voronka.deals import merging as merging
from voronka.deals import revaluing as revaluing
from voronka.deals.choices import Cause, Outcome
from voronka.deals.closing import announcements as closing_announcements  # noqa: F401
from voronka.deals.closing import comebacks as closing_comebacks  # noqa: F401
from voronka.deals.closing import events as closing_events  # noqa: F401
from voronka.deals.closing import tunnels as closing_tunnels  # noqa: F401
from voronka.deals.handing import events as handing_events  # noqa: F401
from voronka.deals.hints import events as hint_events  # noqa: F401
from voronka.deals.hints import rules as hint_rules  # noqa: F401
from voronka.deals.jobs import recount_funnel
from voronka.deals.leaving import announcements as leaving_announcements  # noqa: F401
from voronka.deals.leaving import events as leaving_events  # noqa: F401
from voronka.deals.leaving import kinds as leaving_kinds  # noqa: F401
from voronka.deals.leaving.moving import go_on_if_ready
from voronka.deals.led import events as led_events  # noqa: F401
from voronka.deals.many import change_many
from voronka.deals.models import Deal
from voronka.deals.search import refresh_deals
from voronka.desk.mentions import sees
from voronka.journal.actions import recording
from voronka.journal.models import Event, EventSubject
from voronka.journal.registry import on
from voronka.playbook import stage_usage
from voronka.playbook.models import Stage
from voronka.workspaces.models import Member


@sees("deal")
def deals_seen(member: Member) -> Any:
    """Deals that *member* sees: who is mentioned on another one is not told."""
    return Deal.objects.present().visible_to(member)


@company_tie
def has_a_deal(within: Callable[[str, str], Q]) -> Any:
    """Who has a deal with a client sees the client."""
    deals = Deal.objects.present().filter(company__isnull=False)
    return deals.filter(within("owner_id", "team_id")).values("company")


@company_workers
def who_have_deals(ids: Sequence[int]) -> Any:
    """(company, owner, team) of the deals with these companies."""
    deals = Deal.objects.present().filter(company__in=ids)
    return deals.order_by().values_list("company_id", "owner_id", "team_id").distinct()


@objection
def has_open_deals(client: Any) -> str:
    """A client stays while somebody sells to it."""
    field = "company" if isinstance(client, Company) else "person"
    count = Deal.objects.open().filter(**{field: client}).count()
    if not count:
        return ""
    return ngettext(
        "There is an open deal with this client: close it or hand it to another client first.",
        "There are %(count)s open deals with this client: close them or hand them to another client first.",
        count,
    ) % {"count": count}


@stage_usage.register
def open_deals_on(stage: Stage) -> int:
    """How many open deals stand in the stage."""
    return Deal.objects.open().filter(stage=stage).count()


@on(
    "deal.created",
    "deal.edited",
    "deal.assigned",
    "deal.won",
    "deal.lost",
    "deal.reopened",
    "deal.came_back",
    "deal.deleted",
    "deal.restored",
)
def _deal_is_found(event: Any, payload: Any) -> None:
    if event.type == "deal.edited" and not {"title", "company_id"} & payload.after.keys():
        return
    about_clients = event.type in ("deal.created", "deal.edited", "deal.assigned")
    refresh_deals([payload.deal], clients_too=about_clients)


@on("event.undone")
def _undone_is_found(event: Any, payload: Any) -> None:
    if payload.what.startswith("deal."):
        subjects = EventSubject.objects.filter(event=event, kind="deal")
        refresh_deals(subjects.values_list("object_id", flat=True))


@on("stage.merged", "stage.archived")
def _deals_leave_the_stage(event: Any, payload: Any) -> None:
    """Open deals of a stage that is no more stand in its successor; what they went through is counted anew."""
    target = Stage.objects.filter(pk=payload.into if event.type == "stage.merged" else payload.target).first()
    if target is None:
        return
    here = Deal.objects.open().filter(stage=payload.stage)
    moved = events.DealsMovedByMerge(was=payload.stage_name, now=target.name, deals=here.count())
    with recording(moved, actor=event.actor, subjects=[]) as mark:
        place = {"stage_id": target.pk, "funnel_id": target.funnel_id}
        change_many(here, place, at=clock.now(), cause=Cause.MERGED, event=mark)
    recount_funnel.defer(workspace_id=event.workspace_id, funnel_id=target.funnel_id)


@on("funnel.reordered", "stage.added", "stage.restored")
def _depths_are_counted_anew(event: Any, payload: Any) -> None:
    """Depth is an order, and the orders have changed (metrics.md#ground-rules)."""
    if Deal.objects.filter(funnel=payload.funnel).exists():
        recount_funnel.defer(workspace_id=event.workspace_id, funnel_id=payload.funnel)


@on("event.undone")
def _book_is_as_it_was(event: Any, payload: Any) -> None:
    from voronka.journal.models import Event

    if payload.what in (
        "stage.merged",
        "stage.archived",
        "funnel.reordered",
        "stage.added",
        "stage.restored",
    ):
        undone = Event.objects.get(pk=payload.event)
        recount_funnel.defer(workspace_id=event.workspace_id, funnel_id=undone.payload["funnel"])


@on("member.team_changed")
def _open_deals_follow_to_the_team(event: Any, payload: Any) -> None:
    """The pipeline belongs to the team in which its owner works now; what is closed stays where it was closed."""
    mine = Deal.objects.filter(owner=payload.member, outcome=Outcome.OPEN)
    ids = change_many(mine, {"team_id": payload.team_after}, at=clock.now(), cause=Cause.HANDED, event=event)
    refresh_deals(ids)


@on("workspace.edited")
def _sums_keep_their_currency(event: Any, payload: Any) -> None:
    """Every deal's sum is also kept in the company's currency; without rates it cannot be counted anew."""
    if "currency" in payload.after and Deal.objects.exists():
        raise Refused(_("There are deals already: their sums are in the present currency."), field="currency")


@on("deal.edited", "deal.ticked", "deal.approval_decided", "deal.participants_changed")
def _go_on_by_itself(event: Event, payload: Any) -> None:
    """The last criterion may be met now, and the stage may say that this is enough."""
    go_on_if_ready(payload.deal, event.actor)
