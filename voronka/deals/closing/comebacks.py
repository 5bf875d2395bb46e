"""Lost deals come back by themselves, and who won what back: nothing falls into a black hole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from voronka.core import clock
from voronka.core.calendar import add_working_days
from voronka.deals import history
from voronka.deals.actions.closing import place_to_return, reopened
from voronka.deals.choices import Cause, Outcome
from voronka.deals.closing.events import DealCameBack
from voronka.deals.closing.models import Comeback
from voronka.deals.leaving.heads import Heads
from voronka.deals.models import Deal, DealState
from voronka.desk.notices import in_words_of, notify
from voronka.journal.actions import recording
from voronka.journal.models import Event
from voronka.journal.registry import on
from voronka.playbook.models import FollowUp, Reason, ReasonKind
from voronka.workspaces.models import Member

# Won back is counted over this time.
LATELY = dt.timedelta(days=365)


@on("deal.lost")
def _note_the_day(event: Event, payload: Any) -> None:
    """The reason may say that the deal itself comes back."""
    deal = Deal.objects.select_related("reason").get(pk=payload.deal)
    reason = deal.reason
    if reason is None or reason.follow_up != FollowUp.DEAL or not reason.return_days:
        return
    day = add_working_days(clock.today() + dt.timedelta(days=reason.return_days), 0)
    Comeback.objects.update_or_create(
        deal=deal, done_at=None, defaults={"due_on": day, "member": reason.return_to, "event": event}
    )


@on("deal.reopened", "deal.deleted")
def _forget_the_day(event: Event, payload: Any) -> None:
    Comeback.objects.filter(deal=payload.deal, done_at=None).delete()


@on("event.undone")
def _forget_the_day_of_an_undone_loss(event: Event, payload: Any) -> None:
    if payload.what == "deal.lost":
        Comeback.objects.filter(event=payload.event, done_at=None).delete()


def come_back_due() -> int:
    """Put the lost deals whose day has come back to work; return how many. Bears a second run."""
    back = 0
    rows = Comeback.objects.filter(done_at=None, due_on__lte=clock.today()).order_by("due_on", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            row = (
                Comeback.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("deal", "member")
                .filter(pk=pk, done_at=None)
                .first()
            )
            if row is not None:
                back += _come_back(row)
    return back


def _come_back(row: Comeback) -> int:
    deal = row.deal
    at = history.lock(deal)
    if deal.outcome != Outcome.LOST:
        row.delete()
        return 0
    owner = _owner(row, deal)
    payload = DealCameBack(
        deal.pk,
        deal.title,
        deal.stage.name,
        deal.reason.name if deal.reason else "",
        owner.name if owner else "",
    )
    values = reopened(deal, place_to_return(deal))
    if owner is not None:
        values |= {"owner_id": owner.pk, "team_id": owner.team_id}
    subjects = [("deal", deal.pk), ("company", deal.company_id), ("person", deal.person_id)]
    with recording(payload, actor=None, subjects=subjects, at=at) as event:
        history.change(deal, values, at=at, cause=Cause.REOPENED, event=event)
        history.write(deal)
    row.done_at = at
    row.save(update_fields=["done_at"])
    if owner is not None:
        with in_words_of(owner):
            text = _("A lost deal is back in work: %(title)s") % {"title": deal.title}
            notify(owner, kind="deal", text=text, url=f"deal:{deal.pk}", key=f"comeback:{row.pk}")
    return 1


def _owner(row: Comeback, deal: Deal) -> Member | None:
    for member in (row.member, deal.owner):
        if member is not None and member.is_active:
            return member
    return next(iter(Heads().of(deal)), None)


def _once_lost(deals: Any) -> Any:
    lost = DealState.objects.filter(deal=OuterRef("pk"), outcome=Outcome.LOST, void=False)
    return deals.filter(Exists(lost))


@dataclass(frozen=True)
class WonBack:
    """How many deals a member won that had been lost before, and their sum in the company's currency."""

    member: Member | None
    deals: int
    amount: Decimal


def won_back(member: Member) -> list[WonBack]:
    """Deals of the last year that were won after a loss, by who won them, as far as *member* sees them."""
    since = clock.now() - LATELY
    deals = Deal.objects.visible_to(member).filter(outcome=Outcome.WON, closed_at__gte=since)
    rows = list(
        _once_lost(deals).order_by().values("closed_owner").annotate(n=Count("pk"), amount=Sum("amount_base"))
    )
    members = Member.objects.in_bulk([row["closed_owner"] for row in rows if row["closed_owner"]])
    found = [WonBack(members.get(row["closed_owner"]), row["n"], row["amount"] or Decimal(0)) for row in rows]
    return sorted(found, key=lambda row: (-row.deals, -row.amount))


def returning_reasons() -> int:
    """How many reasons for losing say that one comes back."""
    rows = Reason.objects.filter(kind=ReasonKind.LOST, archived_at=None, return_days__gt=0)
    return rows.filter(follow_up__in=[FollowUp.CONTACT, FollowUp.DEAL]).count()


def in_work_again(member: Member) -> Any:
    """Open deals that were lost once."""
    return _once_lost(Deal.objects.visible_to(member, only_open=True)).order_by("-state_since", "-pk")


def to_come_back(member: Member) -> Any:
    """Lost deals that come back by themselves, or with whose client something is planned."""
    waiting = Comeback.objects.filter(deal=OuterRef("pk"), done_at=None)
    deals = Deal.objects.visible_to(member).filter(outcome=Outcome.LOST)
    return deals.filter(Exists(waiting) | Q(next_activity_at__isnull=False)).order_by(
        "next_activity_at", "-closed_at", "-pk"
    )


def for_marketing(member: Member) -> Any:
    """Lost deals whose reason hands the client to marketing, the newest first."""
    deals = Deal.objects.visible_to(member).filter(outcome=Outcome.LOST)
    return deals.filter(reason__follow_up=FollowUp.MARKETING).order_by("-closed_at", "-pk")
