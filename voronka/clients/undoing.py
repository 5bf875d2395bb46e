"""How each change of a client is taken back: exactly what it wrote, and only if nothing was built on it since."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from voronka.clients.checks import require
from voronka.clients.merging import movers_of
from voronka.clients.models import (
    AccessRequest,
    BankAccount,
    Company,
    CompanyTag,
    ContactPoint,
    DuplicatePair,
    Person,
    Position,
    RequestStatus,
)
from voronka.clients.objections import require_removable
from voronka.core import clock
from voronka.core.edits import jsonable, put, restored
from voronka.core.errors import Refused
from voronka.desk.fields.values import require_fit
from voronka.workspaces.rights import Action


def _gone() -> Refused:
    return Refused(_("This is no longer there: it was deleted meanwhile."))


def _changed() -> Refused:
    return Refused(_("This was changed again since then, so it cannot be undone."))


def _locked(model: Any, pk: int) -> Any:
    row = model.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise _gone()
    if getattr(row, "merged_into_id", None):
        raise Refused(_("The card was merged with another one since: undo the merge first."))
    return row


def _put_back(row: models.Model, changes: dict[str, list[Any]]) -> None:
    """Write the values before, if the present ones are still those after."""
    for attname, (_before, after) in changes.items():
        if jsonable(getattr(row, attname)) != after:
            raise _changed()
    fields = put(row, {name: restored(row, name, before) for name, (before, _after) in changes.items()})
    if hasattr(row, "version"):
        row.version += 1
        fields.append("version")
    row.save(update_fields=fields)


def _client(model: Any, pk: int, actor: Any, action: Action = Action.EDIT) -> Any:
    row = _locked(model, pk)
    require(actor, row, action)
    return row


def _client_of(payload: Any, actor: Any) -> None:
    """The right to change what belongs to a client is the right to change the client."""
    if getattr(payload, "company", None):
        _client(Company, payload.company, actor)
    if getattr(payload, "person", None) and not getattr(payload, "company", None):
        _client(Person, payload.person, actor)


def _set_deleted(row: Any, deleted: bool) -> None:
    if (row.deleted_at is not None) == deleted:
        raise _changed()
    row.deleted_at = clock.now() if deleted else None
    row.version += 1
    row.save(update_fields=["deleted_at", "version"])


def company_created(event: Any, payload: Any, actor: Any) -> None:
    company = _client(Company, payload.company, actor)
    require_removable(company)
    _set_deleted(company, True)


def company_edited(event: Any, payload: Any, actor: Any) -> None:
    require_fit("company", {name: before for name, (before, _after) in payload.changes.items()})
    _put_back(_client(Company, payload.company, actor), payload.changes)


def company_assigned(event: Any, payload: Any, actor: Any) -> None:
    # The one who handed it over may take it back, though it may be out of reach by now.
    _put_back(_locked(Company, payload.company), {"owner_id": payload.owner, "team_id": payload.team})


def company_deleted(event: Any, payload: Any, actor: Any) -> None:
    _set_deleted(_client(Company, payload.company, actor), False)


def company_restored(event: Any, payload: Any, actor: Any) -> None:
    company = _client(Company, payload.company, actor)
    require_removable(company)
    _set_deleted(company, True)


def company_tagged(event: Any, payload: Any, actor: Any) -> None:
    _client(Company, payload.company, actor)
    CompanyTag.objects.filter(company=payload.company, tag=payload.tag).delete()


def company_untagged(event: Any, payload: Any, actor: Any) -> None:
    _client(Company, payload.company, actor)
    CompanyTag.objects.get_or_create(company_id=payload.company, tag_id=payload.tag)


def contact_added(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    contact = _locked(ContactPoint, payload.contact)
    if contact.value != payload.value:
        raise _changed()
    contact.delete()


def contact_edited(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _put_back(_locked(ContactPoint, payload.contact), payload.changes)


def contact_removed(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _require_present(Company, payload.company)
    _require_present(Person, payload.person)
    # The old id comes back too: other events in the feed speak of it.
    ContactPoint.objects.create(
        pk=payload.contact,
        company_id=payload.company,
        person_id=payload.person,
        kind=payload.kind,
        value=payload.value,
        normal=payload.normal,
        label=payload.label,
    )


def account_added(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    account = _locked(BankAccount, payload.row)
    if account.account != payload.account:
        raise _changed()
    account.delete()


def account_edited(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _put_back(_locked(BankAccount, payload.row), payload.changes)


def account_removed(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _require_present(Company, payload.company)
    BankAccount.objects.create(
        pk=payload.row,
        company_id=payload.company,
        account=payload.account,
        bic=payload.bic,
        bank=payload.bank,
        correspondent=payload.correspondent,
    )


def person_created(event: Any, payload: Any, actor: Any) -> None:
    person = _client(Person, payload.person, actor)
    require_removable(person)
    _set_deleted(person, True)


def person_edited(event: Any, payload: Any, actor: Any) -> None:
    require_fit("person", {name: before for name, (before, _after) in payload.changes.items()})
    _put_back(_client(Person, payload.person, actor), payload.changes)


def person_assigned(event: Any, payload: Any, actor: Any) -> None:
    _put_back(_locked(Person, payload.person), {"owner_id": payload.owner, "team_id": payload.team})


def person_deleted(event: Any, payload: Any, actor: Any) -> None:
    _set_deleted(_client(Person, payload.person, actor), False)


def person_restored(event: Any, payload: Any, actor: Any) -> None:
    person = _client(Person, payload.person, actor)
    require_removable(person)
    _set_deleted(person, True)


def position_added(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    Position.objects.filter(pk=payload.position).delete()


def position_edited(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _put_back(_locked(Position, payload.position), payload.changes)


def position_removed(event: Any, payload: Any, actor: Any) -> None:
    _client_of(payload, actor)
    _require_present(Company, payload.company)
    _require_present(Person, payload.person)
    if Position.objects.filter(person=payload.person, company=payload.company).exists():
        raise _changed()
    Position.objects.create(
        pk=payload.position,
        person_id=payload.person,
        company_id=payload.company,
        title=payload.title,
        kind=payload.kind,
        is_main=payload.is_main,
    )


def merged(event: Any, payload: Any, actor: Any) -> None:
    """Two cards again: everything that moved goes back, if nothing was built on it."""
    kind = event.type.partition(".")[0]
    model: Any = Company if kind == "company" else Person
    winner = getattr(payload, kind)
    movers = movers_of(kind)
    for mover in reversed(movers):
        mover.hold(winner)
    rows = model.objects.select_for_update().filter(pk__in=[winner, payload.loser]).order_by("pk")
    cards = {row.pk: row for row in rows}
    if len(cards) < 2:
        raise _gone()
    into, loser = cards[winner], cards[payload.loser]
    if into.deleted_at is not None or loser.merged_into_id != winner:
        raise _changed()
    require(actor, into, Action.EDIT)
    _put_back(into, payload.changes)
    for mover in reversed(movers):
        if mover.code in payload.moved:
            mover.back(loser.pk, winner, payload.moved[mover.code])
    loser.deleted_at = loser.merged_into = None
    loser.version += 1
    loser.save(update_fields=["deleted_at", "merged_into", "version"])


def pair_dismissed(event: Any, payload: Any, actor: Any) -> None:
    found = DuplicatePair.objects.filter(pk=payload.pair)
    # A pair that nobody searched for stands there only because it was dismissed.
    found.filter(score=0).delete()
    found.update(dismissed_at=None, dismissed_by=None)


def access_requested(event: Any, payload: Any, actor: Any) -> None:
    AccessRequest.objects.filter(pk=payload.request, status=RequestStatus.OPEN).delete()


def access_decided(event: Any, payload: Any, actor: Any) -> None:
    """The question waits for an answer again."""
    request = _locked(AccessRequest, payload.request)
    _client_of(payload, actor)
    after = RequestStatus.GRANTED if event.type == "access.granted" else RequestStatus.REFUSED
    if request.status != after:
        raise _changed()
    others = AccessRequest.objects.filter(
        company=request.company_id, person=request.person_id, member=request.member_id
    )
    if others.filter(status=RequestStatus.OPEN).exists():
        raise _changed()
    request.status, request.decided_at, request.decided_by = RequestStatus.OPEN, None, None
    request.save(update_fields=["status", "decided_at", "decided_by"])


def _require_present(model: Any, pk: int | None) -> None:
    if pk is not None and not model.objects.filter(pk=pk, deleted_at=None).exists():
        raise _gone()
