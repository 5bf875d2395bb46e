"""What may be written about a client: values cleaned and checked, rights asked, contacts brought to one form.

Two kinds of trouble: what cannot be (a letter in an ИНН, a foreign segment) is refused with a sentence; what is
only suspicious (a checksum) is saved and told beside the field (`requisite_warnings`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.clients.industries import industry_name
from voronka.clients.kept import CONTACT_FIELDS
from voronka.clients.models import BankAccount, Company, ContactKind, Person
from voronka.clients.regions import region_name
from voronka.core import clock, requisites
from voronka.core.emails import is_email, normalise_email
from voronka.core.errors import Forbidden, Refused
from voronka.core.parsing import Unreadable, parse_day
from voronka.core.phones import parse_phone
from voronka.core.text import clean, length_problem
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

LONGEST_TEXT = 20_000


# --- objects and rights


def present_company(pk: int | None) -> Company:
    """The company, locked; `Refused` if it was deleted meanwhile."""
    return _present(Company, pk)


def present_person(pk: int | None) -> Person:
    """The person, locked; `Refused` if deleted meanwhile."""
    return _present(Person, pk)


def require_filled(actor: Member, fields: Mapping[str, Any], contacts: Collection[Any]) -> None:
    """Raise `Forbidden` if a client is being created with something that the actor may not see or change."""
    names = [name for name, value in fields.items() if value not in (None, "")]
    names += [CONTACT_FIELDS.get(str(given[0]), "") for given in contacts if given[1]]
    actor.require_fields("client", names)


def _present(model: Any, pk: int | None) -> Any:
    row = model.objects.select_for_update(of=("self",)).filter(pk=pk, deleted_at=None).first()
    if row is None:
        require_unmerged(model, pk)
        raise Refused(
            _(
                "This client is no longer there: it was deleted meanwhile. It can be brought back from the list of the deleted."
            )
        )
    return row


def require_unmerged(model: Any, pk: int | None) -> None:
    """Raise `Refused` when the card became another name of one that took it in."""
    row = model.objects.select_related("merged_into").filter(pk=pk, merged_into__isnull=False).first()
    if row is not None:
        raise Refused(
            _("“%(name)s” was merged into “%(into)s” already: open that card.")
            % {"name": row.name, "into": row.merged_into.name}
        )


def require(actor: Member | None, client: Company | Person, action: Action) -> None:
    """Raise `Forbidden` unless *actor* may do *action* with this client; None is the system itself."""
    if actor is None or actor.reach(Subject.CLIENT, action) == Reach.ALL:
        return
    if not type(client).objects.visible_to(actor, action).filter(pk=client.pk).exists():
        raise Forbidden(f"{action} client {client.pk}")


def active_member(member: Member) -> Member:
    """*member*, freshly read; `Refused` for one who is not active here (a foreign one does not exist here)."""
    fresh = Member.objects.active().filter(pk=member.pk).first()
    if fresh is None:
        raise Refused(_("This colleague does not work here any more: choose another one."), field="owner")
    return fresh


def require_owner(actor: Member, owner: Member, action: Action) -> None:
    """Raise `Forbidden` unless *actor* may do *action* in the name of *owner*."""
    if not actor.reaches(Subject.CLIENT, action, owner_id=owner.pk, team_id=owner.team_id):
        raise Forbidden(f"{action} client for member {owner.pk}")


# --- values


def tidy(
    model: type[models.Model], changes: Mapping[str, Any], *, allowed: Collection[str]
) -> dict[str, Any]:
    """Clean and check *changes* (field name -> value as given) and return them by attribute name.

    Raises `Refused` naming the field for a value that cannot be; `KeyError` for a field not *allowed*.
    """
    values: dict[str, Any] = {}
    for name, value in changes.items():
        name = name.removesuffix("_id")
        if name not in allowed:
            raise KeyError(name)
        field = model._meta.get_field(name)
        if field.is_relation:
            values[field.attname] = _related(field, name, value)  # type: ignore[union-attr]
        elif isinstance(field, models.BooleanField):
            values[name] = value in (True, "true", "True", "on", "1", "yes")
        elif isinstance(field, models.DateField):
            values[name] = _birthday(name, value)
        else:
            values[name] = _text(field, name, value)
    return values


def _text(field: Any, name: str, value: Any) -> str:
    many = isinstance(field, models.TextField)
    text = clean(value, multiline=many)
    if check := _SHAPES.get(name):
        text = check(text)
    if problem := length_problem(text, LONGEST_TEXT if many else field.max_length):
        raise Refused(problem, field=name)
    if text and field.choices and text not in dict(field.flatchoices):
        raise Refused(_("There is no such choice: choose from the list."), field=name)
    if not text and not field.blank and name == "name":
        raise Refused(_("Type the name."), field=name)
    return text


def _related(field: Any, name: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    pk = value.pk if isinstance(value, models.Model) else value
    try:
        found = field.related_model.objects.filter(pk=int(pk)).exists()
    except (TypeError, ValueError, OverflowError):
        found = False
    if not found:
        raise Refused(_("There is no such choice: choose from the list."), field=name)
    return int(pk)


def _birthday(name: str, value: Any) -> dt.date | None:
    try:
        day = parse_day(clean(value) if isinstance(value, str) else value, timezone.get_current_timezone())
    except (Unreadable, ValidationError):
        day = None
        if value not in (None, ""):
            raise Refused(_("Type the date as 31.12.1980."), field=name) from None
    if day is not None and not dt.date(1900, 1, 1) <= day <= clock.today():
        raise Refused(_("A birthday is a day in the past."), field=name)
    return day


def _number(name: str, lengths: tuple[int, ...], sentence: Callable[[], str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        bare = re.sub(r"[\s\u00a0-]", "", text).upper()
        good = re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}" if name == "kpp" else r"[0-9]+", bare)
        if bare and (not good or len(bare) not in lengths):
            raise Refused(sentence(), field=name)
        return bare

    return check


def _region(text: str) -> str:
    if text and not region_name(text):
        raise Refused(_("There is no such region: choose from the list."), field="region")
    return text


def _industry(text: str) -> str:
    text = text.upper()
    if text and not industry_name(text):
        raise Refused(_("There is no such industry: choose from the list."), field="industry")
    return text


def _okved(text: str) -> str:
    if text and not re.fullmatch(r"\d{2}(\.\d{1,2}(\.\d{1,2})?)?", text):
        raise Refused(_("An OKVED code looks like 46.69 or 46.69.5."), field="okved")
    return text


_SHAPES: dict[str, Callable[[str], str]] = {
    "inn": _number("inn", (10, 12), lambda: _("An INN has 10 digits (a company) or 12 (an entrepreneur).")),
    "kpp": _number("kpp", (9,), lambda: _("A KPP has 9 characters.")),
    "ogrn": _number("ogrn", (13, 15), lambda: _("An OGRN has 13 digits, an OGRNIP 15.")),
    "bic": _number("bic", (9,), lambda: _("A BIC has 9 digits.")),
    "account": _number("account", (20,), lambda: _("An account has 20 digits.")),
    "correspondent": _number("correspondent", (20,), lambda: _("A correspondent account has 20 digits.")),
    "region": _region,
    "industry": _industry,
    "okved": _okved,
}


# --- contacts


class NewContact(NamedTuple):
    """A contact as it is given: `(ContactKind, value, label)`."""

    kind: str
    value: str
    label: str = ""


class CheckedContact(NamedTuple):
    """A contact fit to be stored; `normal` is what duplicates and calls are matched by."""

    kind: str
    value: str
    label: str
    normal: str


def checked_contact(kind: str, value: object, label: object = "") -> CheckedContact | None:
    """The contact cleaned; None when there is nothing in it. Raises `Refused` for what cannot be one."""
    if kind not in ContactKind.values:
        raise Refused(_("There is no such choice: choose from the list."), field="kind")
    text, note = clean(value), clean(label)
    if not text:
        return None
    for each, limit, name in ((text, 150, "value"), (note, 40, "label")):
        if problem := length_problem(each, limit):
            raise Refused(problem, field=name)
    if kind == ContactKind.PHONE:
        phone = parse_phone(text)
        if phone is None:
            raise Refused(
                _("This does not look like a phone: type it with its code, as +7 495 123-45-67."),
                field="value",
            )
        return CheckedContact(kind, phone.display, note, phone.normal)
    if kind == ContactKind.EMAIL:
        address = normalise_email(text)
        if not is_email(address):
            raise Refused(_("This does not look like an e-mail address."), field="value")
        return CheckedContact(kind, address, note, address)
    return CheckedContact(kind, text, note, text.lower())


# --- warnings


def requisite_warnings(company: Company) -> dict[str, str]:
    """Field name -> why the number looks wrong. Empty fields are not wrong."""
    found = {
        "inn": requisites.inn_problem(company.inn) if company.inn else None,
        "kpp": requisites.kpp_problem(company.kpp) if company.kpp else None,
        "ogrn": requisites.ogrn_problem(company.ogrn) if company.ogrn else None,
    }
    if company.kpp and len(company.inn) == 12:
        found["kpp"] = _("An entrepreneur has no KPP.")
    return {name: problem for name, problem in found.items() if problem}


def account_warnings(row: BankAccount) -> dict[str, str]:
    """The same for a bank account."""
    found = {
        "bic": requisites.bic_problem(row.bic) if row.bic else None,
        "account": requisites.account_problem(row.account, row.bic) if row.bic else None,
        "correspondent": requisites.correspondent_problem(row.correspondent, row.bic)
        if row.bic and row.correspondent
        else None,
    }
    return {name: problem for name, problem in found.items() if problem}
