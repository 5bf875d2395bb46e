"""What notices are about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# What one may do without.
KINDS: dict[str, Any] = {
    "reminder": _("Reminders of my calls, meetings and tasks"),
    "activity": _("Calls, meetings and tasks given to me"),
    "deal": _("Deals handed over to me or taken away"),
    "limit": _("Deals that stand on a stage for long"),
    "member": _("New colleagues"),
    "import": _("Finished imports"),
    "list": _("Finished bulk actions and exports"),
    "export": _("Exports by the people I answer for"),
}
# What waits for an answer: it always comes into the bell, as does a kind that stands in neither list.
ASKING: dict[str, Any] = {
    "approval": _("Questions and answers about deals"),
    "mention": _("Mentions of me"),
    "access": _("Requests for access to clients"),
}
