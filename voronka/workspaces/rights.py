"""Who may do what, how far: the six roles that every workspace starts with.

A right is object × action → reach. Roles keep theirs as data (`Role.rights`), so that a workspace can change
them; this module has the words and the defaults.
"""

from __future__ import annotations

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
