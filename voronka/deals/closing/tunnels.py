"""Deals go through tunnels of the book: an ending or a stage opens a deal in another funnel, at once or on its day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.deals import history
from voronka.deals.actions.opening import open_from
from voronka.deals.choices import DealKind, Outcome
from voronka.deals.closing.models import TunnelRun
from voronka.deals.leaving.heads import Heads
from voronka.deals.models import Deal
from voronka.desk.notices import in_words_of, notify
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.playbook.models import Stage, Trigger, Tunnel, Wait
from voronka.workspaces.models import Member

TITLE = "{title}"


@on("deal.won", "deal.lost", "deal.created", "deal.moved")
def _come_to_tunnels(event: Event, payload: Any) -> None:
    """Open what the book says of this ending or stage, or note its day. Each tunnel is gone through once."""
    trigger = {"deal.won": Trigger.WON, "deal.lost": Trigger.LOST}.get(event.type, Trigger.STAGE)
    ways = Tunnel.objects.filter(trigger=trigger, archived_at=None).order_by("order", "id")
    if trigger == Trigger.STAGE:
        ways = ways.filter(stage__in=Deal.objects.filter(pk=payload.deal).values("stage"))
    else:
        ways = ways.filter(funnel__in=Deal.objects.filter(pk=payload.deal).values("funnel"))
    found = list(ways.select_related("target", "target_stage__funnel", "owner"))
    if not found:
        return
    source = Deal.objects.select_related("owner").get(pk=payload.deal)
    for tunnel in found:
        if tunnel.closing_id is not None and tunnel.closing_id != source.closing_id:
            continue
        run, new = TunnelRun.objects.get_or_create(
            source=source, tunnel=tunnel, defaults={"due_on": due_on(tunnel, clock.today()), "event": event}
        )
        if new and not tunnel.after:
            go_through(run)


def due_on(tunnel: Tunnel, day: dt.date) -> dt.date:
    """The day on which a deal that came to *tunnel* on *day* opens the next one."""
    if tunnel.wait == Wait.DAYS:
        return day + dt.timedelta(days=tunnel.after)
    months = day.month - 1 + tunnel.after
    year, month = day.year + months // 12, months % 12 + 1
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))


def go_through(run: TunnelRun) -> Deal | None:
    """Open the deal of *run*; None, with the problem noted, when the other funnel cannot take it."""
    tunnel, source = run.tunnel, run.source
    stage = _entrance(tunnel)
    owner = _answers(tunnel, source)
    if stage is None or owner is None:
        run.problem = _("The funnel “%(name)s” takes no deals any more.") % {"name": tunnel.target}
        if owner is None:
            run.problem = _("There is nobody to answer for the new deal.")
        run.save(update_fields=["problem"])
        return None
    title = (tunnel.title or TITLE).replace(TITLE, source.title)
    kind = DealKind.REPEAT if tunnel.after else DealKind.ADDITIONAL
    deal = open_from(
        source, stage=stage, owner=owner, title=title, keeps_amount=tunnel.keeps_amount, kind=kind.value
    )
    run.target = deal
    run.save(update_fields=["target"])
    with in_words_of(owner):
        text = _("A deal has opened by itself: %(title)s") % {"title": deal.title}
        notify(owner, kind="deal", text=text, url=f"deal:{deal.pk}", key=f"tunnel:{run.pk}")
    return deal


def _entrance(tunnel: Tunnel) -> Stage | None:
    """The stage at which the new deal begins; None where the funnel is out of use."""
    if tunnel.target.archived_at is not None:
        return None
    wanted = tunnel.target_stage
    if wanted is not None and wanted.archived_at is None:
        return wanted
    stages = Stage.objects.filter(funnel=tunnel.target_id, archived_at=None).select_related("funnel")
    return stages.order_by("order", "id").first()


def _answers(tunnel: Tunnel, source: Deal) -> Member | None:
    """The member named by the book, else who answers for the first deal, else a head, if they work here still."""
    for member in (tunnel.owner, source.owner):
        if member is not None and member.is_active:
            return member
    return next(iter(Heads().of(source)), None)


def open_due() -> int:
    """Open the deals whose day has come, each in a transaction of its own; return how many were opened.

    Bears a second run: a row that is opened or has a problem is out of the list.
    """
    opened = 0
    waiting = TunnelRun.objects.filter(target=None, problem="", due_on__lte=clock.today())
    for pk in list(waiting.order_by("due_on", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            run = (
                TunnelRun.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related(
                    "source__owner", "tunnel__target", "tunnel__target_stage__funnel", "tunnel__owner"
                )
                .filter(pk=pk, target=None, problem="")
                .first()
            )
            if run is None:
                continue
            history.lock(run.source)
            if run.source.outcome == Outcome.DELETED:
                run.delete()
            elif go_through(run) is not None:
                opened += 1
    return opened


@on("deal.reopened", "deal.deleted")
def _forget_what_was_planned(event: Event, payload: Any) -> None:
    """The ending is no more: what it was to open later is not opened. An open deal's stages keep their tunnels."""
    runs = TunnelRun.objects.filter(source=payload.deal, target=None)
    if event.type == "deal.reopened":
        runs = runs.filter(tunnel__trigger__in=[Trigger.WON, Trigger.LOST])
    runs.delete()


@on("event.undone")
def _take_the_plan_back(event: Event, payload: Any) -> None:
    """Undoing what brought the deal to a tunnel undoes the plan; a deal that was opened is undone as its consequence."""
    if payload.what in ("deal.won", "deal.lost", "deal.created", "deal.moved"):
        runs = TunnelRun.objects.filter(event=payload.event)
        runs.exclude(target__outcome=Outcome.OPEN).delete()
