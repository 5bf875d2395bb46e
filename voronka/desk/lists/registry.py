"""The subjects that have lists. A room registers its own in `<room>/listing.py` when the apps are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from voronka.desk.lists.fields import Field
from voronka.workspaces.rights import Action, Subject

if TYPE_CHECKING:
    from voronka.desk.lists.conditions import Group
    from voronka.workspaces.models import Member


@dataclass(frozen=True)
class View:
    """A view made in code: known to everybody, changed by nobody. `where` is a tree as it stands in an address."""

    code: str
    label: str | Promise
    where: Any = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    icon: str = ""
    # Only for those who reach further than their own.
    wide: bool = False
    # Not a tab of its own until somebody asks for it.
    tucked: bool = False


@dataclass(frozen=True)
class Verb:
    """Something that can be done to many rows: `run(row, actor, given)` is the room's verb for one row.

    `needs` names what is asked first ("owner", "stage", "reason", "tag", "field", "activity"); *given* has it, ready
    (`read(params, actor)` makes it and may refuse). `again` stands for rows that are not present any more (restore).
    """

    code: str
    label: str | Promise
    icon: str
    action: Action
    run: Callable[[Any, Member, Mapping[str, Any]], Any]
    needs: str = ""
    read: Callable[[Any, Member], dict[str, Any]] | None = None
    danger: bool = False
    subject: Subject | None = None


@dataclass(frozen=True)
class Listing:
    """A subject as lists know it.

    `rows(member, action, where)` are the rows that *member* may do *action* to; it sees the asked conditions, because
    rows that are deleted, or surely open, are reached by other ways. `present` is the tree that holds unless a
    condition speaks of the field `state` (the deleted stay away). `main` is the field that names a row.
    """

    code: str
    subject: Subject
    label: str | Promise
    counted: Callable[[int], str]
    rows: Callable[[Member, Action, Group], Any]
    # Every row of the workspace, unasked: what bulk work reads its rows from. The row's verb asks for the right.
    base: Callable[[], Any]
    fields: Callable[[], Iterable[Field]]
    sort: str
    views: Sequence[View]
    main: str
    # Columns of whoever has chosen none, in their order; the fields marked so when it is empty.
    columns: tuple[str, ...] = ()
    state: str = ""
    present: tuple[Any, ...] = ()
    quick: tuple[str, ...] = ()
    search: Callable[[Any, str], Any] | None = None
    # The row's verb of editing: (row, actor, changes, was).
    edit: Callable[..., Any] | None = None
    # Writes onto a page of rows what their cells need beside their own columns: (rows, member).
    complete: Callable[[list[Any], Member], None] | None = None
    verbs: list[Verb] = field(default_factory=list)
    # What doing something with a row is called among the rights of the subject, where that differs.
    rights: Mapping[Action, Action] = field(default_factory=dict)
    # Fields about whose hiding roles speak under another subject's name (people are clients to them).
    hidden_as: str = ""
    # Words of other times for the same fields, in addresses that were kept: "client" -> "company".
    aliases: Mapping[str, str] = field(default_factory=dict)

    def may(self, member: Member, action: Action) -> bool:
        """Whether *member* may do *action* to any row of the list at all."""
        return member.may(self.subject, self.rights.get(action, action))

    def require(self, member: Member, action: Action) -> None:
        """Raise `Forbidden` unless `may()`."""
        member.require(self.subject, self.rights.get(action, action))

    def fields_for(self, member: Member) -> dict[str, Field]:
        """Built-in and custom fields by name, without the hidden ones; what the role may only read is not editable."""
        subject = self.hidden_as or self.code
        hidden = member.hidden_fields(subject) if hasattr(member, "hidden_fields") else frozenset()
        readonly = member.readonly_fields(subject) if hasattr(member, "readonly_fields") else frozenset()
        found = {
            known.name: known.readonly() if known.name in readonly else known
            for known in [*self.fields(), *custom_fields(self.code)]
            if known.name not in hidden and hidden.isdisjoint(known.rests_on)
        }
        if not self.may(member, Action.EDIT):
            found = {name: known.readonly() for name, known in found.items()}
        return found

    def completed(self, rows: list[Any], member: Member) -> None:
        """Write onto a page of rows what their cells need: built-in (`complete`) and custom ones."""
        if self.complete is not None:
            self.complete(rows, member)
        for completer in _completers:
            completer(self.code, rows, member)

    def where_of(self, where: Group) -> Group:
        """*where* with what goes without saying: the deleted stay away unless they are asked for."""
        from voronka.desk.lists.conditions import Condition

        if not self.present or where.speaks_of(self.state):
            return where
        name, op, *values = self.present
        return where.also(Condition(name, op, tuple(values)))

    def default_columns(self, fields: Mapping[str, Field]) -> list[str]:
        """What is shown to whoever has chosen nothing."""
        chosen = [name for name in self.columns if name in fields]
        return chosen or [name for name, known in fields.items() if known.default]

    def verb(self, code: str) -> Verb | None:
        return next((known for known in self.verbs if known.code == code), None)

    def view(self, code: str) -> View | None:
        return next((known for known in self.views if known.code == code), None)


CustomFields = Callable[[str], Iterable[Field]]
Completer = Callable[[str, list[Any], "Member"], None]

_listings: dict[str, Listing] = {}
_providers: list[CustomFields] = []
_completers: list[Completer] = []


def register(listing: Listing) -> Listing:
    """Make a subject known. Raises `ValueError` for a second one of the same name."""
    if listing.code in _listings:
        raise ValueError(f"the list {listing.code} is registered twice")
    _listings[listing.code] = listing
    return listing


def get_listing(code: str) -> Listing:
    """The subject's list; `KeyError` for an unknown one."""
    return _listings[code]


def known_label(code: str) -> str:
    """What the list *code* is called; the code itself where nobody knows it any more."""
    return str(_listings[code].label) if code in _listings else code


def all_listings() -> list[Listing]:
    """Every registered subject, in the order of registration."""
    return list(_listings.values())


def provide_custom_fields(provider: CustomFields) -> CustomFields:
    """Register who knows the custom fields of a subject: `provider(code)` -> fields named `x_<key>`."""
    _providers.append(provider)
    return provider


def complete_custom_fields(completer: Completer) -> Completer:
    """Register who writes the words of custom values onto a page of rows: `completer(code, rows, member)`."""
    _completers.append(completer)
    return completer


def custom_fields(code: str) -> list[Field]:
    """The custom fields of the subject *code* in this workspace."""
    return [known for provider in _providers for known in provider(code)]
