"""The whole log, for those who answer for the company: who did what, by member, kind, days and text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _

from voronka.core import clock
from voronka.core.periods import end_of, start_of
from voronka.core.text import clean, fold, like_escape
from voronka.journal.models import Event

# Without days asked, a text is looked for in so many: the log is long and has no index of words.
SEARCHED_DAYS: Final = 90

_SIGNING = (
    "member.signed_in",
    "member.sign_in_failed",
    "member.code_wrong",
    "member.code_spent",
    "member.sessions_ended",
    "member.password_changed",
    "member.email_changed",
    "member.app_set_up",
    "member.app_removed",
    "member.passkey_added",
    "member.passkey_removed",
    "member.codes_renewed",
    "member.factors_reset",
)


def _rooms(*names: str) -> Q:
    return Q(type__regex=rf"^({'|'.join(names)})\.")


KINDS: Final[dict[str, tuple[Any, Q]]] = {
    "signin": (_("Signing in"), Q(type__in=_SIGNING)),
    "failed": (_("Failed to sign in"), Q(type__in=("member.sign_in_failed", "member.code_wrong"))),
    "export": (_("Exports"), Q(type__endswith=".exported")),
    "rights": (
        _("Roles, colleagues, teams, tokens"),
        _rooms("role", "member", "team", "token", "workspace") & ~Q(type__in=_SIGNING),
    ),
    "settings": (
        _("Settings and sales book"),
        _rooms("field", "funnel", "stage", "entry", "book", "numbering", "layout", "view", "products"),
    ),
    "deals": (_("Deals"), _rooms("deal", "deals")),
    "clients": (
        _("Clients"),
        _rooms("company", "person", "contact", "account", "position", "clients", "pair", "access"),
    ),
    "activities": (_("Activities"), _rooms("activity", "activities", "note", "notes")),
    "plans": (_("Plans"), _rooms("plans")),
    "import": (_("Import"), _rooms("import") | Q(type__endswith=".imported")),
    "undone": (_("Undone"), Q(type="event.undone")),
}


@dataclass(frozen=True)
class AuditFilter:
    """What of the log is asked. Days are whole, both ends included; *who* is a member's id, 0 for nobody."""

    who: int | None = None
    kind: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    text: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> AuditFilter:
        """Read a query string; what makes no sense asks nothing."""
        who = str(params.get("who") or "")
        kind = str(params.get("kind") or "")
        return cls(
            who=int(who) if who.isascii() and who.isdigit() and len(who) < 19 else None,
            kind=kind if kind in KINDS else "",
            first=_day(params.get("from")),
            last=_day(params.get("to")),
            text=clean(params.get("q") or "")[:100],
        )

    def to_query(self, **extra: Any) -> str:
        """The normal form as a query string without «?»."""
        params = {
            "who": "" if self.who is None else str(self.who),
            "kind": self.kind,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "q": self.text,
            **extra,
        }
        return urlencode({name: value for name, value in params.items() if value not in ("", None)})

    def __bool__(self) -> bool:
        return bool(self.to_query())

    def events(self) -> Any:
        """The events asked for, newest first; page them by `id__lt`."""
        found = Event.objects.select_related("actor").order_by("-id")
        if self.who is not None:
            mine = Q(actor=self.who or None)
            # Nobody did it, but it was this person's door.
            found = found.filter(mine | Q(type="member.sign_in_failed", payload__member=self.who))
        if self.kind:
            found = found.filter(KINDS[self.kind][1])
        first = self.first
        if self.text and first is None:
            first = (self.last or clock.today()) - dt.timedelta(days=SEARCHED_DAYS)
        if first:
            found = found.filter(at__gte=start_of(first))
        if self.last:
            found = found.filter(at__lt=end_of(self.last))
        if self.text:
            folded = Func(
                Lower(Cast(F("payload"), TextField())),
                Value("ё"),
                Value("е"),
                function="translate",
                output_field=TextField(),
            )
            pattern = f"%{like_escape(fold(self.text))}%"
            found = found.annotate(folded=folded).filter(folded__like=pattern)
        return found


def _day(value: Any) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
