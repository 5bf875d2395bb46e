"""The rooms of the settings. Others add theirs with `navigation.NavItem`s of their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.ui.access import MemberRequest
from voronka.ui.navigation import NavItem, ShownItem, shown, workspace_url
from voronka.workspaces.rights import Action, Subject

TABS: list[NavItem] = [
    NavItem("profile", _("My profile"), "user", "profile"),
    NavItem("members", _("Colleagues"), "users", "members", lambda m: m.may(Subject.MEMBER, Action.SEE)),
    NavItem("teams", _("Teams"), "sitemap", "teams", lambda m: m.may(Subject.MEMBER, Action.SEE)),
    NavItem(
        "roles",
        _("Roles and rights"),
        "shield",
        "roles",
        lambda m: m.may(Subject.WORKSPACE, Action.CONFIGURE),
    ),
    NavItem(
        "company",
        _("Company"),
        "building",
        "company_settings",
        lambda m: m.may(Subject.WORKSPACE, Action.SEE),
    ),
    NavItem(
        "company_security",
        _("Security"),
        "shield-lock",
        "company_security",
        lambda m: m.may(Subject.WORKSPACE, Action.SEE),
    ),
    NavItem(
        "fields", _("Fields"), "forms", "fields_first", lambda m: m.may(Subject.WORKSPACE, Action.CONFIGURE)
    ),
    NavItem("working_days", _("Working days"), "calendar-cog", "working_days"),
    NavItem(
        "rates",
        _("Currencies"),
        "currency-dollar",
        "rates",
        lambda m: m.may(Subject.WORKSPACE, Action.CONFIGURE),
    ),
    NavItem("hints", _("Hints"), "bulb", "hints", lambda m: m.may(Subject.BOOK, Action.CONFIGURE)),
    NavItem("tokens", _("API"), "api", "tokens"),
    NavItem(
        "audit",
        _("Audit"),
        "history",
        "audit",
        lambda m: m.may(Subject.WORKSPACE, Action.CONFIGURE),
    ),
    NavItem("imports", _("Import"), "file-import", "imports", lambda m: m.may(Subject.IMPORT, Action.CREATE)),
]


def tabs(request: MemberRequest) -> list[ShownItem]:
    """The rooms that exist and that the member may enter."""
    return shown(TABS, slug=request.workspace.slug, member=request.member)


PROFILE = [
    ("profile", _("About me")),
    ("security", _("Sign-in and security")),
    ("profile_notices", _("Notices")),
]


def profile_tabs(request: MemberRequest, current: str) -> list[tuple[str, Any, bool]]:
    """The parts of one's profile, for `components/tabs.html`."""
    slug = request.workspace.slug
    return [(workspace_url(name, slug), label, name == current) for name, label in PROFILE]
