"""Who may do what, how far: the six roles that every workspace starts with.

A right is object × action → reach. Roles keep theirs as data (`Role.rights`), so that a workspace can change
them; this module has the words and the defaults, and which fields a role may be kept from (`hideable()`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reach(models.IntegerChoices):
    """How far a right goes."""

    NONE = 0, _("none")
    OWN = 1, _("own")
    TEAM = 2, _("own team with subteams")
    ALL = 3, _("all")


class Action(models.TextChoices):
    """What one may do with an object."""

    SEE = "see", _("see")
    CREATE = "create", _("create")
    EDIT = "edit", _("edit")
    DELETE = "delete", _("delete")
    EXPORT = "export", _("export")
    HAND_OVER = "hand_over", _("hand over")
    CONFIGURE = "configure", _("configure")


class Subject(models.TextChoices):
    """What a right is about."""

    DEAL = "deal", _("deals")
    CLIENT = "client", _("clients")
    ACTIVITY = "activity", _("activities")
    BOOK = "book", _("sales book")
    PLAN = "plan", _("sales plans")
    REPORT = "report", _("reports")
    MEMBER = "member", _("members and teams")
    WORKSPACE = "workspace", _("company settings")
    IMPORT = "import", _("import")


class RoleCode(models.TextChoices):
    """The six roles of product.md."""

    SELLER = "seller", _("Seller")
    HEAD = "head", _("Head of sales")
    MARKETER = "marketer", _("Marketer")
    SERVICE = "service", _("After-sales support")
    DIRECTOR = "director", _("Director")
    ADMIN = "admin", _("Administrator")


Rights = dict[str, dict[str, int]]

_WORK = (Action.SEE, Action.CREATE, Action.EDIT, Action.DELETE, Action.EXPORT, Action.HAND_OVER)


def _rights(**subjects: dict[Action, Reach]) -> Rights:
    return {
        name: {action.value: int(reach) for action, reach in given.items()}
        for name, given in subjects.items()
    }


def _all_of(*actions: Action, reach: Reach) -> dict[Action, Reach]:
    return dict.fromkeys(actions, reach)


DEFAULT_RIGHTS: dict[str, Rights] = {
    RoleCode.SELLER: _rights(
        deal=_all_of(Action.SEE, Action.CREATE, Action.EDIT, reach=Reach.OWN),
        client=_all_of(Action.SEE, Action.CREATE, Action.EDIT, reach=Reach.OWN),
        activity=_all_of(Action.SEE, Action.CREATE, Action.EDIT, Action.DELETE, reach=Reach.OWN),
        book={Action.SEE: Reach.ALL},
        plan={Action.SEE: Reach.OWN},
        report={Action.SEE: Reach.OWN},
        member={Action.SEE: Reach.ALL},
    ),
    RoleCode.HEAD: _rights(
        deal=_all_of(*_WORK, reach=Reach.TEAM),
        client=_all_of(*_WORK, reach=Reach.TEAM),
        activity=_all_of(*_WORK, reach=Reach.TEAM),
        book={Action.SEE: Reach.ALL, Action.CONFIGURE: Reach.ALL},
        plan={Action.SEE: Reach.TEAM, Action.EDIT: Reach.TEAM},
        report={Action.SEE: Reach.TEAM, Action.EXPORT: Reach.TEAM},
        member={Action.SEE: Reach.ALL},
        **{"import": {Action.CREATE: Reach.ALL}},
    ),
    RoleCode.MARKETER: _rights(
        deal={Action.SEE: Reach.ALL},
        client=_all_of(Action.SEE, Action.CREATE, Action.EDIT, Action.EXPORT, reach=Reach.ALL),
        activity=_all_of(Action.SEE, Action.CREATE, Action.EDIT, reach=Reach.OWN),
        book={Action.SEE: Reach.ALL},
        report={Action.SEE: Reach.ALL, Action.EXPORT: Reach.ALL},
        member={Action.SEE: Reach.ALL},
    ),
    RoleCode.SERVICE: _rights(
        deal=_all_of(Action.SEE, Action.CREATE, Action.EDIT, reach=Reach.OWN),
        client={Action.SEE: Reach.ALL, Action.CREATE: Reach.ALL, Action.EDIT: Reach.ALL},
        activity=_all_of(Action.SEE, Action.CREATE, Action.EDIT, Action.DELETE, reach=Reach.OWN),
        book={Action.SEE: Reach.ALL},
        report={Action.SEE: Reach.OWN},
        member={Action.SEE: Reach.ALL},
    ),
    RoleCode.DIRECTOR: _rights(
        deal=_all_of(*_WORK, reach=Reach.ALL),
        client=_all_of(*_WORK, reach=Reach.ALL),
        activity=_all_of(*_WORK, reach=Reach.ALL),
        book={Action.SEE: Reach.ALL, Action.CONFIGURE: Reach.ALL},
        plan={Action.SEE: Reach.ALL, Action.EDIT: Reach.ALL},
        report={Action.SEE: Reach.ALL, Action.EXPORT: Reach.ALL},
        member={Action.SEE: Reach.ALL},
        **{"import": {Action.CREATE: Reach.ALL}},
    ),
    RoleCode.ADMIN: _rights(
        deal=_all_of(*_WORK, Action.CONFIGURE, reach=Reach.ALL),
        client=_all_of(*_WORK, Action.CONFIGURE, reach=Reach.ALL),
        activity=_all_of(*_WORK, Action.CONFIGURE, reach=Reach.ALL),
        book={Action.SEE: Reach.ALL, Action.CONFIGURE: Reach.ALL},
        plan={Action.SEE: Reach.ALL, Action.EDIT: Reach.ALL},
        report={Action.SEE: Reach.ALL, Action.EXPORT: Reach.ALL},
        member={
            Action.SEE: Reach.ALL,
            Action.CREATE: Reach.ALL,
            Action.EDIT: Reach.ALL,
            Action.DELETE: Reach.ALL,
        },
        workspace={Action.SEE: Reach.ALL, Action.CONFIGURE: Reach.ALL},
        **{"import": {Action.CREATE: Reach.ALL}},
    ),
}

_NO_OR_ALL = (Reach.NONE, Reach.ALL)
_ANY = (Reach.NONE, Reach.OWN, Reach.TEAM, Reach.ALL)

# What a role may be given: other combinations of object, action and reach mean nothing.
GRANTABLE: dict[Subject, dict[Action, tuple[Reach, ...]]] = {
    Subject.DEAL: dict.fromkeys(_WORK, _ANY),
    Subject.CLIENT: dict.fromkeys(_WORK, _ANY),
    Subject.ACTIVITY: dict.fromkeys(_WORK, _ANY),
    Subject.PLAN: dict.fromkeys((Action.SEE, Action.EDIT), _ANY),
    Subject.REPORT: dict.fromkeys((Action.SEE, Action.EXPORT), _ANY),
    Subject.BOOK: dict.fromkeys((Action.SEE, Action.CONFIGURE), _NO_OR_ALL),
    Subject.IMPORT: {Action.CREATE: _NO_OR_ALL},
    Subject.MEMBER: dict.fromkeys((Action.SEE, Action.CREATE, Action.EDIT, Action.DELETE), _NO_OR_ALL),
    Subject.WORKSPACE: dict.fromkeys((Action.SEE, Action.CONFIGURE), _NO_OR_ALL),
}


@dataclass(frozen=True)
class Hideable:
    """A field that a role may be kept from seeing, or from changing.

    *computed* fields (sums, probabilities of a stage) nobody edits: they are hidden or shown.
    """

    subject: str
    name: str
    label: Any
    computed: bool = False


HideableProvider = Callable[[], Iterable[Hideable]]

_hideable: dict[tuple[str, str], Hideable] = {}
_providers: list[HideableProvider] = []

# Companies and people are one subject to roles, whatever list or card speaks of them.
_SAME_SUBJECT = {"company": "client", "person": "client"}


def subject_of_fields(subject: str) -> str:
    """The subject under whose name roles keep hidden fields: "company" and "person" are "client"."""
    name = str(subject)
    return _SAME_SUBJECT.get(name, name)


def field_of(attname: str) -> str:
    """The field of a column: "source_id" is "source"; own fields ("x_client_id") are called as they are."""
    return attname if attname.startswith("x_") else attname.removesuffix("_id")


def register_hideable(subject: str, *fields: tuple[str, Any], computed: Iterable[str] = ()) -> None:
    """Let roles hide these fields of *subject*: (name, label). A name that is known already keeps its label."""
    subject = subject_of_fields(subject)
    for name, label in fields:
        _hideable.setdefault((subject, name), Hideable(subject, name, label, computed=name in computed))


def provide_hideable(provider: HideableProvider) -> HideableProvider:
    """Register who knows fields that differ by workspace (a company's own ones, `x_<key>`)."""
    _providers.append(provider)
    return provider


def hideable() -> list[Hideable]:
    """Every field that a role may hide in this workspace, in the order of registration."""
    found = dict(_hideable)
    for provider in _providers:
        for known in provider():
            subject = subject_of_fields(known.subject)
            found.setdefault(
                (subject, known.name), Hideable(subject, known.name, known.label, known.computed)
            )
    return list(found.values())
