"""Commands: what can be done by typing its name. A room adds its own with `register()`.

    register(Command("deal_win", _("Win the deal"), "trophy", lambda a: a.on_card("deal_win"), how="dialog", on="deal"))

An address that the member may not enter hides its command by itself: the right is read off the view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from voronka.core.text import fold, swap_layout
from voronka.ui.navigation import optional_url, workspace_url
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject


@dataclass
class Asked:
    """Who asks, where, and with which card open."""

    request: HttpRequest
    member: Member
    slug: str
    kind: str = ""
    card: Any = None
    known: dict[str, Any] = field(default_factory=dict)

    def url(self, name: str, query: str = "") -> str:
        """The address *name* of the workspace; "" where there is none."""
        found = optional_url(name, self.slug)
        return f"{found}?{query}" if found and query else found

    def on_card(self, name: str) -> str:
        """The address *name* of the open card."""
        return workspace_url(name, self.slug, self.card.number if self.kind == "deal" else self.card.pk)

    def may_change(self, action: str) -> bool:
        """Whether the member's right covers the open card."""
        if action not in self.known:
            subject = Subject.DEAL if self.kind == "deal" else Subject.CLIENT
            reached = self.member.reaches(
                subject, action, owner_id=self.card.owner_id, team_id=self.card.team_id
            )
            if not reached and self.kind != "deal":
                rows = type(self.card).objects.visible_to(self.member, action)
                reached = rows.filter(pk=self.card.pk).exists()
            self.known[action] = reached
        return self.known[action]


@dataclass(frozen=True)
class Command:
    """`how`: "go" to the address, open it in a "dialog", "post" to it, or "run" a script of that name.

    `on` is the kind of card it needs ("" for none), `words` are further words by which it is found, in every language;
    `key` is the key that does the same; `first`: offered before anything is typed.
    """

    code: str
    label: Any
    icon: str
    url: Callable[[Asked], str]
    words: str = ""
    how: str = "go"
    on: str = ""
    key: str = ""
    first: bool = False


@dataclass(frozen=True)
class Shown:
    """A command as it is drawn."""

    label: str
    icon: str
    url: str
    how: str
    key: str
    on: str


_commands: list[Command] = []


def register(*commands: Command) -> None:
    """Add commands; a second one of the same code is an error."""
    for command in commands:
        if any(known.code == command.code for known in _commands):
            raise ValueError(f"command {command.code} is declared twice")
        _commands.append(command)


def all_commands() -> list[Command]:
    return list(_commands)


def commands(asked: Asked, text: str, limit: int = 8, more: list[Command] | None = None) -> list[Shown]:
    """Commands found by *text*, also as typed with the other keyboard layout; before typing, those that come first.

    What can be done with the open card stands first.
    """
    known = [*_commands, *(more or [])]
    for typed in dict.fromkeys((fold(text), fold(swap_layout(text)))):
        found = [command for command in known if _is_meant(command, typed.split())]
        shown = [one for command in found if (one := _shown(asked, command)) is not None]
        if shown:
            shown.sort(key=lambda one: not one.on)
            return shown[:limit]
    return []


def _is_meant(command: Command, parts: list[str]) -> bool:
    if not parts:
        return command.first
    words = fold(f"{command.label} {command.words}").split()
    return all(any(word.startswith(part) for word in words) for part in parts)


def _shown(asked: Asked, command: Command) -> Shown | None:
    if command.on and (asked.card is None or asked.kind not in command.on.split()):
        return None
    url = command.url(asked)
    if not url or (command.how != "run" and not may_enter(asked.member, url)):
        return None
    return Shown(str(command.label), command.icon, url, command.how, command.key, command.on)


def may_enter(member: Member, url: str) -> bool:
    """Whether the view behind *url* lets the member in at all (`workspace_view` says what it needs)."""
    if not url.startswith("/"):
        return True
    try:
        needs = getattr(resolve(urlsplit(url).path).func, "needs", (None, None))
    except Resolver404:
        return False
    return needs[0] is None or member.may(*needs)
