"""What happens to clients. Payloads hold ids and the values before and after, so that each can be told and undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as N_

from voronka.clients import kept, telling, undoing
from voronka.journal.registry import event_type


@event_type(
    "company.created",
    sentence=N_("Client added: {name}"),
    icon="building-plus",
    undo=undoing.company_created,
)
@dataclass(frozen=True)
class CompanyCreated:
    company: int
    name: str


@event_type(
    "company.edited",
    kept=kept.edited,
    sentence=N_("Changed: {what}"),
    icon="pencil",
    describe=telling.company_changes,
    body=telling.company_changes_body,
    undo=undoing.company_edited,
)
@dataclass(frozen=True)
class CompanyEdited:
    """`changes`: attribute -> [before, after]; `texts`: the same as people read them, where ids tell nothing."""

    company: int
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


@event_type(
    "company.assigned",
    sentence=N_("Responsible: {before} → {after}"),
    icon="user-share",
    describe=telling.assignment,
    undo=undoing.company_assigned,
    notify=True,
)
@dataclass(frozen=True)
class CompanyAssigned:
    company: int
    owner: list[int | None]
    team: list[int | None]
    names: list[str]


@event_type(
    "company.deleted", sentence=N_("Client deleted: {name}"), icon="trash", undo=undoing.company_deleted
)
@dataclass(frozen=True)
class CompanyDeleted:
    company: int
    name: str


@event_type(
    "company.restored", sentence=N_("Client restored: {name}"), icon="restore", undo=undoing.company_restored
)
@dataclass(frozen=True)
class CompanyRestored:
    company: int
    name: str


@event_type("company.tagged", sentence=N_("Tag added: {name}"), icon="tag", undo=undoing.company_tagged)
@dataclass(frozen=True)
class CompanyTagged:
    company: int
    tag: int
    name: str


@event_type(
    "company.untagged", sentence=N_("Tag removed: {name}"), icon="tag-off", undo=undoing.company_untagged
)
@dataclass(frozen=True)
class CompanyUntagged:
    company: int
    tag: int
    name: str


@event_type(
    "contact.added",
    kept=kept.of_contact,
    sentence=N_("Contact added: {value}"),
    icon="address-book",
    undo=undoing.contact_added,
    personal=["value", "normal"],
)
@dataclass(frozen=True)
class ContactAdded:
    contact: int
    company: int | None
    person: int | None
    kind: str
    value: str


@event_type(
    "contact.edited",
    kept=kept.of_contact,
    sentence=N_("Contact changed: {before} → {after}"),
    icon="address-book",
    describe=telling.contact_change,
    undo=undoing.contact_edited,
    personal=["changes"],
)
@dataclass(frozen=True)
class ContactEdited:
    contact: int
    company: int | None
    person: int | None
    changes: dict[str, list[Any]]
    kind: str = ""


@event_type(
    "contact.removed",
    kept=kept.of_contact,
    sentence=N_("Contact removed: {value}"),
    icon="address-book-off",
    undo=undoing.contact_removed,
    personal=["value", "normal", "label"],
)
@dataclass(frozen=True)
class ContactRemoved:
    contact: int
    company: int | None
    person: int | None
    kind: str
    value: str
    normal: str
    label: str


@event_type(
    "account.added",
    kept=kept.of_account,
    sentence=N_("Bank account added: {account}"),
    icon="building-bank",
    undo=undoing.account_added,
)
@dataclass(frozen=True)
class AccountAdded:
    row: int
    company: int
    account: str


@event_type(
    "account.edited",
    kept=kept.of_account,
    sentence=N_("Bank account changed: {account}"),
    icon="building-bank",
    undo=undoing.account_edited,
)
@dataclass(frozen=True)
class AccountEdited:
    row: int
    company: int
    account: str
    changes: dict[str, list[Any]]


@event_type(
    "account.removed",
    kept=kept.of_account,
    sentence=N_("Bank account removed: {account}"),
    icon="building-bank",
    undo=undoing.account_removed,
)
@dataclass(frozen=True)
class AccountRemoved:
    row: int
    company: int
    account: str
    bic: str
    bank: str
    correspondent: str


@event_type(
    "person.created",
    sentence=N_("Contact person added: {name}"),
    icon="user-plus",
    undo=undoing.person_created,
    personal=["name"],
)
@dataclass(frozen=True)
class PersonCreated:
    person: int
    name: str


@event_type(
    "person.edited",
    kept=kept.edited,
    sentence=N_("Changed: {what}"),
    icon="pencil",
    describe=telling.person_changes,
    body=telling.person_changes_body,
    undo=undoing.person_edited,
    personal=["changes", "texts"],
)
@dataclass(frozen=True)
class PersonEdited:
    person: int
    name: str
    changes: dict[str, list[Any]]
    texts: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


@event_type(
    "person.assigned",
    sentence=N_("Responsible: {before} → {after}"),
    icon="user-share",
    describe=telling.assignment,
    undo=undoing.person_assigned,
)
@dataclass(frozen=True)
class PersonAssigned:
    person: int
    owner: list[int | None]
    team: list[int | None]
    names: list[str]


@event_type(
    "person.deleted",
    sentence=N_("Contact person deleted: {name}"),
    icon="user-minus",
    undo=undoing.person_deleted,
    personal=["name"],
)
@dataclass(frozen=True)
class PersonDeleted:
    person: int
    name: str


@event_type(
    "person.restored",
    sentence=N_("Contact person restored: {name}"),
    icon="restore",
    undo=undoing.person_restored,
    personal=["name"],
)
@dataclass(frozen=True)
class PersonRestored:
    person: int
    name: str


@event_type(
    "position.added",
    sentence=N_("{person_name} works in {company_name}"),
    icon="briefcase",
    undo=undoing.position_added,
    personal=["person_name"],
)
@dataclass(frozen=True)
class PositionAdded:
    position: int
    person: int
    company: int
    person_name: str
    company_name: str


@event_type(
    "position.edited",
    sentence=N_("Post changed: {person_name}, {what}"),
    icon="briefcase",
    describe=telling.position_changes,
    undo=undoing.position_edited,
    personal=["person_name"],
)
@dataclass(frozen=True)
class PositionEdited:
    position: int
    person: int
    company: int
    person_name: str
    changes: dict[str, list[Any]]


@event_type(
    "position.removed",
    sentence=N_("{person_name} no longer works in {company_name}"),
    icon="briefcase-off",
    undo=undoing.position_removed,
    personal=["person_name"],
)
@dataclass(frozen=True)
class PositionRemoved:
    position: int
    person: int
    company: int
    person_name: str
    company_name: str
    title: str
    kind: str
    is_main: bool


@event_type(
    "company.merged",
    sentence=N_("Merged with “{loser_name}”"),
    icon="git-merge",
    body=telling.merged_body,
    kept=kept.merged,
    undo=undoing.merged,
)
@dataclass(frozen=True)
class CompanyMerged:
    """`changes`: attribute -> [before, after]; `moved`: code of the mover -> what it moved; `taken` and `left`: the name
    of a field, then words."""

    company: int
    loser: int
    name: str
    loser_name: str
    changes: dict[str, list[Any]] = field(default_factory=dict)
    taken: list[list[str]] = field(default_factory=list)
    left: list[list[str]] = field(default_factory=list)
    moved: dict[str, Any] = field(default_factory=dict)


@event_type(
    "person.merged",
    sentence=N_("Merged with “{loser_name}”"),
    icon="git-merge",
    body=telling.merged_body,
    kept=kept.merged,
    undo=undoing.merged,
    personal=["name", "loser_name", "changes", "taken", "left"],
)
@dataclass(frozen=True)
class PersonMerged:
    person: int
    loser: int
    name: str
    loser_name: str
    changes: dict[str, list[Any]] = field(default_factory=dict)
    taken: list[list[str]] = field(default_factory=list)
    left: list[list[str]] = field(default_factory=list)
    moved: dict[str, Any] = field(default_factory=dict)


@event_type(
    "pair.dismissed",
    sentence=N_("Not duplicates: {told}"),
    icon="equal-not",
    describe=telling.pair,
    undo=undoing.pair_dismissed,
    quiet=True,
)
@dataclass(frozen=True)
class PairDismissed:
    kind: str
    pair: int
    names: list[str]


@event_type(
    "access.requested",
    sentence=N_("{member_name} asks for access"),
    icon="lock-question",
    undo=undoing.access_requested,
)
@dataclass(frozen=True)
class AccessRequested:
    request: int
    company: int | None
    person: int | None
    member: int
    member_name: str


@event_type(
    "access.granted",
    sentence=N_("Access given: {member_name}"),
    icon="lock-open",
    undo=undoing.access_decided,
)
@dataclass(frozen=True)
class AccessGranted:
    request: int
    company: int | None
    person: int | None
    member: int
    member_name: str


@event_type(
    "access.refused",
    sentence=N_("Access refused: {member_name}"),
    icon="lock",
    undo=undoing.access_decided,
)
@dataclass(frozen=True)
class AccessRefused:
    request: int
    company: int | None
    person: int | None
    member: int
    member_name: str


@event_type(
    "clients.imported",
    sentence=N_("Clients imported: {companies}, people: {people}"),
    icon="file-import",
    quiet=True,
)
@dataclass(frozen=True)
class ClientsImported:
    """One batch of clients came in by import."""

    companies: int
    people: int


@event_type(
    "clients.updated",
    sentence=N_(
        "Clients brought up to date by a file: {companies}, people: {people}, contacts added: {contacts}"
    ),
    icon="file-import",
    quiet=True,
)
@dataclass(frozen=True)
class ClientsUpdated:
    """One batch of clients was changed by import."""

    companies: int
    people: int
    contacts: int
