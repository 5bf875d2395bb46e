"""Criteria that a deal itself can answer: a field is filled, a role is known, the sum is approved, a list is ticked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.clients.models import Position, PostKind
from voronka.core import formats
from voronka.deals.labels import label_of
from voronka.deals.leaving.models import Approval, Tick
from voronka.deals.models import DealParticipant
from voronka.desk.fields.values import fields_of
from voronka.playbook.criteria import CriterionKind, Missing, Param, declare
from voronka.playbook.models import Criterion, Stage

Params = Mapping[str, Any]

OWN_FIELDS = ("amount", "expected_close", "company", "person", "source", "product", "interest", "comment")
CLIENT_FIELDS = {
    "inn": gettext_lazy("Client: INN"),
    "region": gettext_lazy("Client: region"),
    "industry": gettext_lazy("Client: industry"),
    "segment": gettext_lazy("Client: target group"),
}
OWN, CLIENT = "deal:", "company:"


def _field_options(stage: Stage) -> list[tuple[str, str]]:
    own = [(OWN + name, label_of(name)) for name in OWN_FIELDS]
    custom = [(f"{OWN}{field.name}", field.label) for field in fields_of("deal")]
    client = [(CLIENT + name, str(label)) for name, label in CLIENT_FIELDS.items()]
    client += [
        (f"{CLIENT}{field.name}", _("Client: %(field)s") % {"field": field.label})
        for field in fields_of("company")
    ]
    return own + custom + client


def _field_label(params: Params) -> str:
    where, _sep, name = params["field"].partition(":")
    # Pages that list many criteria ask for many labels: fields of the house need no query.
    if where == "deal" and name in OWN_FIELDS:
        return label_of(name)
    if where == "company" and name in CLIENT_FIELDS:
        return str(CLIENT_FIELDS[name])
    return dict(_field_options(Stage())).get(params["field"]) or str(params["field"])


def _problem_of_field(stage: Stage, params: Params) -> str:
    name = params["field"]
    if name not in dict(_field_options(stage)):
        return _("There is no such field any more: it can never be filled in.")
    where, _sep, field = name.partition(":")
    role = stage.role
    subject = "deal" if where == "deal" else "client"
    kept = (role.hidden_fields, role.readonly_fields) if role is not None else ()
    if any(field in fields.get(subject, ()) for fields in kept):
        return _("“%(role)s” may not fill in this field: somebody else will have to.") % {"role": role}
    return ""


def _check_field(deal: Any, criterion: Criterion) -> Missing | None:
    params = criterion.params
    where, _sep, name = params["field"].partition(":")
    holder = deal if where == "deal" else deal.company
    if holder is None:
        return Missing(_("the client is not named"), "field", "company")
    value = holder.custom.get(name[2:]) if name.startswith("x_") else getattr(holder, name, None)
    # «No» is an answer too.
    if value is False or value not in (None, "", [], 0):
        return None
    text = _("“%(field)s” is not filled in") % {"field": _field_label(params)}
    return Missing(text, "field" if where == "deal" else "client", name)


declare(
    CriterionKind(
        "field_filled",
        gettext_lazy("A field is filled in"),
        (Param("field", pgettext_lazy("of a card", "Field"), "choice", _field_options),),
        _check_field,
        lambda params: _("filled in: %(field)s") % {"field": _field_label(params)},
        _problem_of_field,
    )
)


def _role_options(stage: Stage) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in PostKind.choices if value != PostKind.OTHER]


def _check_role(deal: Any, criterion: Criterion) -> Missing | None:
    kind = criterion.params["role"]
    if DealParticipant.objects.filter(deal=deal, kind=kind).exists():
        return None
    who = Q(person=deal.person_id) | Q(person__in=DealParticipant.objects.filter(deal=deal).values("person"))
    if deal.company_id and Position.objects.filter(who, company=deal.company_id, kind=kind).exists():
        return None
    return Missing(_("it is not known who is the %(role)s") % {"role": PostKind(kind).label}, "person", kind)


declare(
    CriterionKind(
        "role_known",
        gettext_lazy("A person in this role is known"),
        (Param("role", gettext_lazy("Role in the purchase"), "choice", _role_options, PostKind.DECISION),),
        _check_role,
        lambda params: _("known in the deal: %(role)s") % {"role": PostKind(params["role"]).label},
    )
)


def _check_amount(deal: Any, criterion: Criterion) -> Missing | None:
    limit = Decimal(criterion.params["limit"])
    if deal.amount_base is None or deal.amount_base <= limit:
        return None
    approvals = Approval.objects.filter(deal=deal, criterion=criterion)
    # What was approved holds for that sum; a higher one is asked for again.
    if approvals.filter(approved=True, amount_base__gte=deal.amount_base).exists():
        return None
    if approvals.filter(approved=None).exists():
        return Missing(_("the head has not approved the sum yet"), "asked", str(criterion.pk))
    text = _("a sum above %(limit)s needs the head's approval") % {"limit": formats.number(limit)}
    return Missing(text, "approval", str(criterion.pk))


declare(
    CriterionKind(
        "amount_limit",
        gettext_lazy("Above a sum the head approves"),
        (Param("limit", gettext_lazy("Sum, in the company's currency"), "sum"),),
        _check_amount,
        lambda params: (
            _("above %(limit)s approved by the head") % {"limit": formats.number(Decimal(params["limit"]))}
        ),
    )
)


def _check_list(deal: Any, criterion: Criterion) -> Missing | None:
    ticked = set(Tick.objects.filter(deal=deal, criterion=criterion).values_list("line", flat=True))
    left = [line for line in criterion.params["lines"] if line not in ticked]
    if not left:
        return None
    return Missing(_("not ticked: %(lines)s") % {"lines": ", ".join(left)}, "checklist", str(criterion.pk))


declare(
    CriterionKind(
        "checklist",
        gettext_lazy("A checklist is ticked"),
        (Param("lines", gettext_lazy("Lines, one under another"), "lines"),),
        _check_list,
        lambda params: _("ticked: %(lines)s") % {"lines": ", ".join(params["lines"])},
    )
)
