"""A deal begins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Company, Person, Source
from voronka.core import clock
from voronka.core.edits import jsonable, put
from voronka.core.errors import Refused
from voronka.deals import events, history
from voronka.deals.actions.checks import (
    amount_of,
    check_stage,
    comment_of,
    require_reach,
    seen_by,
    subjects_of,
    title_of,
)
from voronka.deals.choices import Cause, DealKind, Interest, Priority
from voronka.deals.models import Deal
from voronka.deals.plan import planned
from voronka.desk.fields.layouts import require_given
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.numbering import next_code
from voronka.journal.actions import recording
from voronka.playbook.models import Funnel, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.numbering import next_numbers
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.working_days import away_from


@transaction.atomic
def create_deal(
    *,
    actor: Member,
    title: str,
    funnel: Funnel,
    stage: Stage | None = None,
    company: Company | None = None,
    person: Person | None = None,
    amount: Decimal | None = None,
    currency: str = "",
    owner: Member | None = None,
    kind: str = DealKind.NEW,
    priority: int = Priority.NORMAL,
    interest: str = "",
    source: Source | None = None,
    product: Product | None = None,
    expected_close: dt.date | None = None,
    comment: str = "",
    **own: Any,
) -> Deal:
    """Open a deal in *stage* (the funnel's first unless given), owned by *owner* (the actor unless given).

    *own* are values of the company's own fields (`x_<key>`). Raises `Refused` for an empty title, a stage of
    another funnel, an impossible sum or a missing value that is required, and `Forbidden` for an owner out of
    the actor's reach.
    """
    actor.require(Subject.DEAL, Action.CREATE)
    given = {
        "amount": amount is not None,
        "expected_close": expected_close,
        "interest": interest,
        "source": source,
        "product": product,
        "comment": comment,
    }
    actor.require_fields("deal", [name for name, value in given.items() if value])
    owner = owner or actor
    if owner.pk != actor.pk:
        require_reach(actor, Action.CREATE, owner.pk, owner.team_id)
    values = clean_own("deal", own, actor=actor)
    asked = {
        "company": company,
        "person": person,
        "amount": amount,
        "expected_close": expected_close,
        "source": source or (company.source if company else None),
        "product": product,
        "interest": interest,
    }
    require_given("deal", values, funnel_id=funnel.pk, built_in=asked)
    stages = list(funnel.stages.filter(archived_at=None).order_by("order", "id"))
    stage = stage or next(iter(stages), None)
    if stage is None:
        raise Refused(_("The funnel “%(funnel)s” has no stages yet.") % {"funnel": funnel}, field="funnel")
    check_stage(stage, funnel)
    workspace = actor.workspace
    moment = clock.now()
    deal = Deal(
        workspace=workspace,
        title=title_of(title),
        company=seen_by(actor, company, "company"),
        person=seen_by(actor, person, "person"),
        amount=amount_of(amount),
        currency=currency or workspace.currency,
        owner=owner,
        team_id=owner.team_id,
        kind=DealKind(kind),
        priority=Priority(int(priority)),
        interest=Interest(interest) if interest else "",
        interest_at=moment if interest else None,
        source=source or (company.source if company else None),
        product=product,
        product_group_id=product.group_id if product and product.group_id else funnel.product_group_id,
        funnel=funnel,
        stage=stage,
        deepest_stage=stage,
        deepest_order=stage.order,
        expected_close=expected_close,
        comment=comment_of(comment),
        created_at=moment,
        created_by=actor,
        opened_at=moment,
        state_since=moment,
        stage_since=moment,
        stage_plan=planned(
            {},
            stages,
            at=stage,
            entered=(entered := timezone.localdate(moment)),
            besides=away_from(owner, entered),
        ),
    )
    put(deal, values)
    _begin(deal, actor, moment)
    return deal


def open_from(
    source: Deal, *, stage: Stage, owner: Member, title: str, keeps_amount: bool, kind: str
) -> Deal:
    """Open a deal as a consequence of *source*, with its client, its product and, if wanted, its sum.

    Nobody's rights are asked: the book opens it. The event has no actor, and stands in both feeds. Call it inside the
    transaction of what *source* came from.
    """
    funnel = stage.funnel
    moment = clock.now()
    stages = list(funnel.stages.filter(archived_at=None).order_by("order", "id"))
    same_place = funnel.pk == source.funnel_id or funnel.product_group_id is None
    deal = Deal(
        workspace=source.workspace,
        title=title[:250],
        company_id=source.company_id,
        person_id=source.person_id,
        amount=source.amount if keeps_amount else None,
        currency=source.currency,
        owner=owner,
        team_id=owner.team_id,
        kind=kind,
        source_id=source.source_id,
        product_id=source.product_id if same_place else None,
        product_group_id=source.product_group_id if same_place else funnel.product_group_id,
        funnel=funnel,
        stage=stage,
        deepest_stage=stage,
        deepest_order=stage.order,
        created_at=moment,
        opened_at=moment,
        state_since=moment,
        stage_since=moment,
        stage_plan=planned({}, stages, at=stage, entered=timezone.localdate(moment)),
    )
    _begin(deal, None, moment, source=source)
    return deal


def _begin(deal: Deal, actor: Member | None, moment: dt.datetime, source: Deal | None = None) -> None:
    """Give a new deal its number and its history, and record it."""
    deal.amount_base = (
        deal.amount
        if deal.currency == deal.workspace.currency
        else history.in_workspace_currency(int(deal.workspace_id or 0), deal.amount, deal.currency)
    )
    deal.number = next_numbers("deal")
    deal.code = _free_code(next_code("deal", deal.number))
    deal.save(force_insert=True)
    payload = events.DealCreated(
        deal=deal.pk,
        number=deal.number,
        title=deal.title,
        stage=deal.stage.name,
        funnel=deal.funnel.name,
        amount=jsonable(deal.amount),
        currency=deal.currency,
        owner=deal.owner_id,
        from_deal=source.title if source else "",
    )
    subjects = subjects_of(deal) + ([("deal", source.pk)] if source else [])
    with recording(payload, actor=actor, subjects=subjects, at=moment) as event:
        history.begin(deal, cause=Cause.CREATED, event=event)


def _free_code(code: str) -> str:
    """*code*, or with «-2» where a former pattern gave the same one; the counter's lock keeps others out."""
    free, again = code, 2
    while code and Deal.objects.filter(code=free).exists():
        free, again = f"{code}-{again}", again + 1
    return free
