"""What can be done to a deal: each verb is one function, one transaction, one event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Company, Person, Source
from voronka.core import clock
from voronka.core.edits import jsonable, merge, put, shown
from voronka.core.errors import Change, Conflict, Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.deals import events, history, kept
from voronka.deals.choices import Cause, DealKind, Interest, Outcome, Priority
from voronka.deals.labels import label_of
from voronka.deals.leaving.checking import pass_on
from voronka.deals.models import STATE_FIELDS, Deal, DealParticipant, DealTag
from voronka.deals.plan import planned
from voronka.desk.fields.layouts import require_given
from voronka.desk.fields.values import clean as clean_own
from voronka.desk.fields.values import clean_was, split, told_changes
from voronka.desk.models import Tag
from voronka.desk.numbering import next_code
from voronka.journal.actions import record, recording
from voronka.journal.models import Event
from voronka.playbook.models import ForecastCategory, Funnel, Reason, ReasonKind, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.numbering import next_numbers
from voronka.workspaces.rights import Action, Reach, Subject

MAX_AMOUNT = Decimal(10) ** 13
EDITABLE = frozenset(
    [
        "title",
        "company",
        "person",
        "kind",
        "priority",
        "interest",
        "source",
        "product",
        "comment",
        "amount",
        "currency",
        "expected_close",
        "category",
        "head_category",
        "probability",
    ]
)


def subjects_of(deal: Deal) -> list[tuple[str, int | None]]:
    """Whose feeds show what happens to *deal*."""
    return [("deal", deal.pk), ("company", deal.company_id), ("person", deal.person_id)]


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
        _require_reach(actor, Action.CREATE, owner.pk, owner.team_id)
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
    _check_stage(stage, funnel)
    workspace = actor.workspace
    moment = clock.now()
    deal = Deal(
        title=_title(title),
        company=_seen_by(actor, company, "company"),
        person=_seen_by(actor, person, "person"),
        amount=_amount(amount),
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
        comment=_comment(comment),
        created_at=moment,
        created_by=actor,
        opened_at=moment,
        state_since=moment,
        stage_since=moment,
        stage_plan=planned({}, stages, at=stage, entered=timezone.localdate(moment)),
    )
    deal.amount_base = (
        deal.amount
        if deal.currency == workspace.currency
        else history.in_workspace_currency(workspace.pk, deal.amount, deal.currency)
    )
    put(deal, values)
    deal.number = next_numbers("deal")
    deal.code = _free_code(next_code("deal", deal.number))
    deal.save(force_insert=True)
    payload = events.DealCreated(
        deal=deal.pk,
        number=deal.number,
        title=deal.title,
        stage=stage.name,
        funnel=funnel.name,
        amount=jsonable(deal.amount),
        currency=deal.currency,
        owner=owner.pk,
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=moment) as event:
        history.begin(deal, cause=Cause.CREATED, event=event)
    return deal


@transaction.atomic
def edit_deal(
    deal: Deal, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Event | None:
    """Change facts of a deal (`EDITABLE`, by field name); return the event, or None when nothing differs.

    *was* holds the values the form was made from. Raises `Conflict` when somebody changed the same field
    first, `Refused` for an impossible value and for the sum of a closed deal below head's reach.
    """
    built_in, own = split(changes)
    own = clean_own("deal", own, actor=actor, present=deal.custom)
    at = _lock_for(deal, actor, Action.EDIT)
    actor.require_fields("deal", map(kept.field_of, changes))
    unknown = {name.removesuffix("_id") for name in built_in} - EDITABLE
    if unknown:
        raise Refused(_("This cannot be changed here: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    real = merge(deal, {**_checked(deal, actor, built_in), **own}, clean_was("deal", was))
    if not real:
        return None
    if (
        not deal.is_open
        and real.keys() & {"amount", "currency"}
        and actor.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM
    ):
        raise Refused(_("The sum of a closed deal is corrected by the head."), field="amount")
    if "head_category" in real and actor.reach(Subject.DEAL, Action.EDIT) < Reach.TEAM:
        raise Forbidden("head_category")
    if "product_id" in real:
        product = Product.objects.filter(pk=real["product_id"]).first()
        group_id = product.group_id if product and product.group_id else deal.funnel.product_group_id
        if group_id != deal.product_group_id:
            real["product_group_id"] = group_id
    if real.keys() & {"amount", "currency"}:
        base = history.in_workspace_currency(
            int(deal.workspace_id or 0), real.get("amount", deal.amount), real.get("currency", deal.currency)
        )
        if base != deal.amount_base:
            real["amount_base"] = base
    if "interest" in real:
        real["interest_at"] = at
    before = {name: jsonable(getattr(deal, name)) for name in real}
    labels = [name for name in built_in if _attname(deal, name) in real]
    was_shown = {name: shown(deal, name.removesuffix("_id")) for name in labels}
    feeds = subjects_of(deal)
    own_shown = told_changes("deal", before, real, actor)
    columns = put(deal, real)
    payload = events.DealEdited(
        deal=deal.pk,
        before=before,
        after={name: jsonable(value) for name, value in real.items()},
        shown=[
            {
                "name": name.removesuffix("_id"),
                "label": label_of(name.removesuffix("_id")),
                "was": was_shown[name],
                "now": shown(deal, name.removesuffix("_id")),
            }
            for name in labels
        ]
        + [{"name": name, **words} for name, words in own_shown.items()],
    )
    with recording(payload, actor=actor, subjects=[*feeds, *subjects_of(deal)], at=at) as event:
        if in_state := {name: value for name, value in real.items() if name in STATE_FIELDS}:
            history.change(deal, in_state, at=at, cause=Cause.EDITED, event=event)
        history.write(deal, *(name for name in columns if name not in STATE_FIELDS))
    return event


@transaction.atomic
def move_deal(
    deal: Deal,
    *,
    actor: Member,
    stage: Stage,
    expected_stage_id: int | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Move an open deal to *stage*: forward, back, over stages, or to another funnel.

    *expected_stage_id* is the stage in which the actor saw it. *acknowledged*: go on though the book asks for more;
    *override*: a head's reason to go on though the book refuses. Raises `Conflict` when it stands elsewhere by now,
    `Unfinished` when something is missing that holds it, `Refused` when it is closed or the stage is archived.
    """
    at = _lock_for(deal, actor, Action.EDIT)
    if deal.stage_id == stage.pk:
        return None
    _require_open(deal)
    if expected_stage_id is not None and expected_stage_id != deal.stage_id:
        raise Conflict(
            _(
                "Somebody has already moved this deal: now it is on “%(stage)s”. Check and move again if needed."
            )
            % {"stage": deal.stage},
            [Change("stage", expected_stage_id, deal.stage_id, stage.pk)],
        )
    _check_stage(stage, stage.funnel)
    passing = pass_on(deal, stage, actor=actor, acknowledged=acknowledged, override=override)
    payload = events.DealMoved(
        deal=deal.pk,
        from_stage_id=deal.stage_id,
        from_stage=deal.stage.name,
        from_funnel=deal.funnel.name,
        to_stage_id=stage.pk,
        to_stage=stage.name,
        to_funnel=stage.funnel.name,
        missing=passing.texts,
        override=_comment(override) if passing.missing else "",
        plan_before=deal.stage_plan,
    )
    stages = stage.funnel.stages.filter(archived_at=None)
    deal.stage_plan = planned(deal.stage_plan, stages, at=stage, entered=timezone.localdate(at))
    extra = ["stage_plan"]
    if stage.funnel_id != deal.funnel_id and not (deal.product and deal.product.group_id):
        deal.product_group_id = stage.funnel.product_group_id
        extra.append("product_group_id")
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        place = {"stage_id": stage.pk, "funnel_id": stage.funnel_id}
        history.change(deal, place, at=at, cause=Cause.MOVED, event=event)
        history.write(deal, *extra)
        passing.write(deal, event, at)
    return event


@transaction.atomic
def win_deal(
    deal: Deal,
    *,
    actor: Member,
    reason: Reason | None = None,
    amount: Decimal | None = None,
    acknowledged: bool = False,
    override: str = "",
) -> Event | None:
    """Close an open deal with «Успех»; *amount* corrects the sum in the same state. A no-op if it is won.

    The criteria of the present and all later stages are asked, as by `move_deal`; raises `Unfinished`.
    """
    at = _lock_for(deal, actor, Action.EDIT)
    if amount is not None:
        actor.require_fields("deal", ["amount"])
    if deal.outcome == Outcome.WON:
        return None
    _require_open(deal)
    if reason is not None:
        _check_reason(reason, ReasonKind.WON)
    values: dict[str, Any] = {"outcome": Outcome.WON.value, "reason_id": reason.pk if reason else None}
    if amount is not None:
        values["amount"] = _amount(amount)
        values["amount_base"] = history.in_workspace_currency(
            int(deal.workspace_id or 0), values["amount"], deal.currency
        )
        # Criteria are asked of the deal as it will be closed.
        deal.amount, deal.amount_base = values["amount"], values["amount_base"]
    passing = pass_on(deal, None, actor=actor, acknowledged=acknowledged, override=override)
    payload = events.DealWon(
        deal=deal.pk,
        amount=jsonable(values.get("amount", deal.amount)),
        currency=deal.currency,
        reason=reason.name if reason else "",
        missing=passing.texts,
        override=_comment(override) if passing.missing else "",
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.WON, event=event)
        history.write(deal)
        passing.write(deal, event, at)
    return event


@transaction.atomic
def lose_deal(deal: Deal, *, actor: Member, reason: Reason | None, comment: str = "") -> Event | None:
    """Close an open deal with «Отказ»; the reason is required. A no-op if it is lost."""
    at = _lock_for(deal, actor, Action.EDIT)
    if deal.outcome == Outcome.LOST:
        return None
    _require_open(deal)
    if reason is None:
        raise Refused(_("Say why the deal was lost: choose a reason."), field="reason")
    _check_reason(reason, ReasonKind.LOST)
    payload = events.DealLost(
        deal=deal.pk, stage=deal.stage.name, reason=reason.name, comment=_comment(comment)
    )
    values = {"outcome": Outcome.LOST.value, "reason_id": reason.pk}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.LOST, event=event)
        history.write(deal)
    return event


@transaction.atomic
def reopen_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Return a closed deal to work, on the stage where it stood. A no-op if it is open."""
    at = _lock_for(deal, actor, Action.EDIT)
    if deal.is_open:
        return None
    if deal.outcome == Outcome.DELETED:
        raise Refused(_("The deal is deleted: restore it first."))
    stage = deal.stage
    if stage.archived_at is not None:
        stage = (
            stage.merged_into
            or deal.funnel.stages.filter(archived_at=None).order_by("order").first()
            or stage
        )
    payload = events.DealReopened(deal=deal.pk, stage=stage.name, was=deal.outcome)
    values: dict[str, Any] = {"outcome": Outcome.OPEN.value, "reason_id": None}
    if stage.pk != deal.stage_id:
        values |= {"stage_id": stage.pk, "funnel_id": stage.funnel_id}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.REOPENED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def assign_deal(deal: Deal, *, actor: Member, owner: Member) -> Event | None:
    """Hand the deal over to an active member; the team follows. A no-op if it is theirs."""
    at = _lock_for(deal, actor, Action.HAND_OVER)
    if deal.owner_id == owner.pk:
        return None
    if not owner.is_active:
        raise Refused(_("%(member)s does not work here any more.") % {"member": owner}, field="owner")
    payload = events.DealAssigned(
        deal=deal.pk,
        from_owner_id=deal.owner_id,
        from_owner=deal.owner.name if deal.owner else "",
        to_owner_id=owner.pk,
        to_owner=owner.name,
    )
    values = {"owner_id": owner.pk, "team_id": owner.team_id}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.HANDED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def void_move(deal: Deal, *, actor: Member, event: Event) -> Event:
    """Mark a move (the event of one) as a mistake: it counts nowhere, the deal stayed where it had been.

    Raises `Refused` when it is no move of this deal or is void already.
    """
    at = _lock_for(deal, actor, Action.EDIT)
    if event.type != "deal.moved" or event.payload.get("deal") != deal.pk:
        raise Refused(_("Only a move of this deal can be marked as a mistake."))
    payload = events.MoveVoided(
        deal=deal.pk, event=event.pk, was=event.payload["from_stage"], now=event.payload["to_stage"]
    )
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as mark:
        history.correct_stage(deal, event, by=mark)
        Event.objects.filter(pk=event.pk).update(undone_by=mark)
        history.write(deal)
    return mark


@transaction.atomic
def delete_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Put a deal into the bin; its history stays and it counts nowhere. A no-op if it is there."""
    at = _lock_for(deal, actor, Action.DELETE)
    if deal.outcome == Outcome.DELETED:
        return None
    payload = events.DealDeleted(deal=deal.pk, title=deal.title)
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, {"outcome": Outcome.DELETED.value}, at=at, cause=Cause.DELETED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def restore_deal(deal: Deal, *, actor: Member) -> Event | None:
    """Take a deal out of the bin, as it was. A no-op if it is not in it."""
    at = _lock_for(deal, actor, Action.DELETE)
    if deal.outcome != Outcome.DELETED:
        return None
    was = deal.states.filter(void=False).exclude(outcome=Outcome.DELETED).order_by("-valid_from").first()
    payload = events.DealRestored(deal=deal.pk, title=deal.title)
    values = {"outcome": was.outcome if was else Outcome.OPEN.value}
    with recording(payload, actor=actor, subjects=subjects_of(deal), at=at) as event:
        history.change(deal, values, at=at, cause=Cause.RESTORED, event=event)
        history.write(deal)
    return event


@transaction.atomic
def add_participant(deal: Deal, *, actor: Member, person: Person, kind: str = "") -> Event | None:
    """Note that *person* takes part in the purchase in the role *kind*; a second call changes the role."""
    _lock_for(deal, actor, Action.EDIT)
    _seen_by(actor, person, "person")
    row, created = DealParticipant.objects.get_or_create(deal=deal, person=person, defaults={"kind": kind})
    if not created:
        if row.kind != kind:
            row.kind = kind
            row.save(update_fields=["kind"])
        return None
    payload = events.ParticipantsChanged(deal.pk, person.pk, person.name, kind, added=True)
    return record(payload, actor=actor, subjects=[*subjects_of(deal), ("person", person.pk)])


@transaction.atomic
def remove_participant(deal: Deal, *, actor: Member, person: Person) -> Event | None:
    """Take *person* out of the deal. A no-op if not in it."""
    _lock_for(deal, actor, Action.EDIT)
    row = DealParticipant.objects.filter(deal=deal, person=person).first()
    if row is None:
        return None
    row.delete()
    payload = events.ParticipantsChanged(deal.pk, person.pk, person.name, row.kind, added=False)
    return record(payload, actor=actor, subjects=[*subjects_of(deal), ("person", person.pk)])


@transaction.atomic
def set_tag(deal: Deal, *, actor: Member, tag: Tag, on: bool) -> Event | None:
    """Put a tag on the deal or take it off. A no-op if it is so already."""
    _lock_for(deal, actor, Action.EDIT)
    links = DealTag.objects.filter(deal=deal, tag=tag)
    if links.exists() == on:
        return None
    if on:
        DealTag.objects.create(deal=deal, tag=tag)
    else:
        links.delete()
    return record(
        events.DealTagged(deal.pk, tag.pk, tag.name, added=on), actor=actor, subjects=[("deal", deal.pk)]
    )


def note_contacts(
    deal_id: int,
    *,
    next_at: dt.datetime | None,
    next_has_time: bool = True,
    next_text: str = "",
    next_icon: str = "",
    last_contact_at: dt.datetime | None,
) -> None:
    """Write the summary columns that `activities` owns: the next planned activity and the last contact.

    No event: they repeat what activity events said. The version stays, so that nobody's form is disturbed.
    """
    Deal.objects.filter(pk=deal_id).update(
        next_activity_at=next_at,
        next_activity_has_time=next_has_time,
        next_activity_text=next_text[:250],
        next_activity_icon=next_icon,
        last_contact_at=last_contact_at,
    )


def _lock_for(deal: Deal, actor: Member, action: Action) -> dt.datetime:
    """Lock the deal and see that the actor may do *action* to it as it is now."""
    at = history.lock(deal)
    _require_reach(actor, action, deal.owner_id, deal.team_id)
    return at


def _require_reach(actor: Member, action: Action, owner_id: int | None, team_id: int | None) -> None:
    if not actor.reaches(Subject.DEAL, action, owner_id=owner_id, team_id=team_id):
        raise Forbidden(f"{action} deal")


def _require_open(deal: Deal) -> None:
    if deal.outcome == Outcome.DELETED:
        raise Refused(_("The deal is deleted: restore it first."))
    if not deal.is_open:
        raise Refused(_("The deal is closed: return it to work first."))


def _check_stage(stage: Stage, funnel: Funnel) -> None:
    if stage.funnel_id != funnel.pk:
        raise Refused(_("The stage “%(stage)s” belongs to another funnel.") % {"stage": stage}, field="stage")
    if stage.archived_at is not None or funnel.archived_at is not None:
        raise Refused(
            _("The stage “%(stage)s” is archived: choose another.") % {"stage": stage}, field="stage"
        )


def _check_reason(reason: Reason, kind: ReasonKind) -> None:
    if reason.kind != kind:
        raise Refused(_("This reason is for the other outcome."), field="reason")
    if reason.archived_at is not None:
        raise Refused(
            _("The reason “%(reason)s” is archived: choose another.") % {"reason": reason}, field="reason"
        )


def _title(value: str) -> str:
    title = clean(value)
    if not title:
        raise Refused(_("Name the deal: what does the client want?"), field="title")
    if problem := length_problem(title, 250):
        raise Refused(problem, field="title")
    return title


def _comment(value: Any) -> str:
    text = clean(value, multiline=True)
    if problem := length_problem(text, 20_000):
        raise Refused(problem, field="comment")
    return text


def _amount(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Refused(_("The sum is not a number."), field="amount") from error
    if not amount.is_finite() or amount < 0 or amount >= MAX_AMOUNT:
        raise Refused(_("The sum must be from 0 to 9,999,999,999,999."), field="amount")
    return amount.quantize(Decimal("0.01"))


def _seen_by(actor: Member, obj: Any, field: str) -> Any:
    """The client or person, if the actor may see it; otherwise it is as good as absent."""
    if obj is None or (
        # One's own and the team's are known by their columns; the rest costs a question.
        obj.workspace_id == actor.workspace_id
        and actor.reaches(Subject.CLIENT, Action.SEE, owner_id=obj.owner_id, team_id=obj.team_id)
    ):
        return obj
    if not type(obj).objects.visible_to(actor, by_row=True).filter(pk=obj.pk).exists():
        raise Refused(_("There is no such client within your reach."), field=field)
    return obj


def _free_code(code: str) -> str:
    """*code*, or with «-2» where a former pattern gave the same one; the counter's lock keeps others out."""
    free, again = code, 2
    while code and Deal.objects.filter(code=free).exists():
        free, again = f"{code}-{again}", again + 1
    return free


def _attname(deal: Deal, name: str) -> str:
    return deal._meta.get_field(name.removesuffix("_id")).attname  # type: ignore[union-attr]


_CHOICES: dict[str, Any] = {
    "kind": DealKind,
    "interest": Interest,
    "category": ForecastCategory,
    "head_category": ForecastCategory,
}
_RELATED: dict[str, Any] = {"company": Company, "person": Person, "source": Source, "product": Product}


def _checked(deal: Deal, actor: Member, changes: Mapping[str, Any]) -> dict[str, Any]:
    """*changes* with every value possible for its field; raises `Refused` naming the field otherwise."""
    checked: dict[str, Any] = {}
    for key, value in changes.items():
        name = key.removesuffix("_id")
        if name == "title":
            value = _title(value)
        elif name == "amount":
            value = _amount(value)
        elif name == "comment":
            value = _comment(value)
        elif name == "currency":
            value = (value or "").upper()
            if len(value) != 3 or not value.isalpha():
                raise Refused(_("A currency has three letters, like RUB."), field=name)
        elif name in _CHOICES:
            if value and value not in _CHOICES[name].values:
                raise Refused(_("There is no such choice."), field=name)
            value = value or ""
            if name == "kind" and not value:
                value = DealKind.NEW.value
        elif name == "priority":
            if str(value) not in map(str, Priority.values):
                raise Refused(_("There is no such choice."), field=name)
            value = int(value)
        elif name == "probability":
            value = _percent(value)
        elif name == "expected_close" and isinstance(value, str) and value:
            try:
                value = dt.date.fromisoformat(value)
            except ValueError as error:
                raise Refused(_("This is not a date."), field=name) from error
        elif name in _RELATED:
            value = _related(deal, actor, name, value)
        checked[name] = value
    return checked


def _percent(value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        percent = int(value)
    except (TypeError, ValueError) as error:
        raise Refused(_("Probability is a number from 0 to 100."), field="probability") from error
    if not 0 <= percent <= 100:
        raise Refused(_("Probability is a number from 0 to 100."), field="probability")
    return percent


def _related(deal: Deal, actor: Member, name: str, value: Any) -> int | None:
    """The id of a related object that exists here and that the actor may see."""
    if value in (None, ""):
        return None
    pk = getattr(value, "pk", value)
    if getattr(deal, f"{name}_id") == pk:
        return pk
    objects = _RELATED[name].objects
    rows = objects.visible_to(actor, by_row=True) if name in ("company", "person") else objects.all()
    try:
        found = rows.filter(pk=pk).exists()
    except (TypeError, ValueError):
        found = False
    if not found:
        raise Refused(_("There is no such choice."), field=name)
    return int(pk)
