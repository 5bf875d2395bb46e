"""What verbs of a deal check before they write: rights, states, values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.models import Company, Person, Source
from voronka.core.errors import Forbidden, Refused
from voronka.core.text import clean, length_problem
from voronka.deals import history
from voronka.deals.choices import DealKind, Interest, Outcome, Priority
from voronka.deals.models import Deal
from voronka.playbook.models import ForecastCategory, Funnel, Reason, ReasonKind, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Subject

MAX_AMOUNT = Decimal(10) ** 13

_CHOICES: dict[str, Any] = {
    "kind": DealKind,
    "interest": Interest,
    "category": ForecastCategory,
    "head_category": ForecastCategory,
}

_RELATED: dict[str, Any] = {"company": Company, "person": Person, "source": Source, "product": Product}


def subjects_of(deal: Deal) -> list[tuple[str, int | None]]:
    """Whose feeds show what happens to *deal*."""
    return [("deal", deal.pk), ("company", deal.company_id), ("person", deal.person_id)]


def lock_for(deal: Deal, actor: Member, action: Action) -> dt.datetime:
    """Lock the deal and see that the actor may do *action* to it as it is now."""
    at = history.lock(deal)
    require_reach(actor, action, deal.owner_id, deal.team_id)
    return at


def require_reach(actor: Member, action: Action, owner_id: int | None, team_id: int | None) -> None:
    if not actor.reaches(Subject.DEAL, action, owner_id=owner_id, team_id=team_id):
        raise Forbidden(f"{action} deal")


def require_open(deal: Deal) -> None:
    if deal.outcome == Outcome.DELETED:
        raise Refused(_("The deal is deleted: restore it first."))
    if not deal.is_open:
        raise Refused(_("The deal is closed: return it to work first."))


def check_stage(stage: Stage, funnel: Funnel) -> None:
    if stage.funnel_id != funnel.pk:
        raise Refused(_("The stage “%(stage)s” belongs to another funnel.") % {"stage": stage}, field="stage")
    if stage.archived_at is not None or funnel.archived_at is not None:
        raise Refused(
            _("The stage “%(stage)s” is archived: choose another.") % {"stage": stage}, field="stage"
        )


def check_reason(reason: Reason, kind: ReasonKind) -> None:
    if reason.kind != kind:
        raise Refused(_("This reason is for the other outcome."), field="reason")
    if reason.archived_at is not None:
        raise Refused(
            _("The reason “%(reason)s” is archived: choose another.") % {"reason": reason}, field="reason"
        )


def title_of(value: str) -> str:
    title = clean(value)
    if not title:
        raise Refused(_("Name the deal: what does the client want?"), field="title")
    if problem := length_problem(title, 250):
        raise Refused(problem, field="title")
    return title


def comment_of(value: Any) -> str:
    text = clean(value, multiline=True)
    if problem := length_problem(text, 20_000):
        raise Refused(problem, field="comment")
    return text


def amount_of(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Refused(_("The sum is not a number."), field="amount") from error
    if not amount.is_finite() or amount < 0 or amount >= MAX_AMOUNT:
        raise Refused(_("The sum must be from 0 to 9,999,999,999,999."), field="amount")
    return amount.quantize(Decimal("0.01"))


def seen_by(actor: Member, obj: Any, field: str) -> Any:
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


def checked(deal: Deal, actor: Member, changes: Mapping[str, Any]) -> dict[str, Any]:
    """*changes* with every value possible for its field; raises `Refused` naming the field otherwise."""
    checked: dict[str, Any] = {}
    for key, value in changes.items():
        name = key.removesuffix("_id")
        if name == "title":
            value = title_of(value)
        elif name == "amount":
            value = amount_of(value)
        elif name == "comment":
            value = comment_of(value)
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
