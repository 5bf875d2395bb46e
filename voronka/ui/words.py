"""The words that scripts say, and the addresses of what they load only when needed.

A policy without inline scripts leaves one way to hand them over: a data block of JSON in the page.
"""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def words_for_scripts() -> dict[str, str]:
    """Texts and addresses for `window.voronka.words`, in the active language."""
    return {
        "language": get_language() or "ru",
        "edit": _("Edit"),
        "open": _("Open"),
        "undo": _("Undo"),
        "undone": _("Undone"),
        "close": _("Close"),
        "offline": _("No connection. What you typed is kept; we will go on when the network is back."),
        "online": _("The connection is back."),
        "unsent": _("Not sent yet: there is no connection. It will be sent as soon as the network is back."),
        "send_now": _("Send now"),
        "failed": _("The server could not do that. Nothing was changed; please try again."),
        "forbidden": _("You have no right to do this. Ask your head or the administrator."),
        "missing": _("This is no longer here: it may have been deleted or handed over."),
        "too_large": _("That is too much for one time. Please make it smaller."),
        "signed_out": _(
            "You have been signed out. Sign in in a new tab and come back: what you typed is still here."
        ),
        "sign_in": _("Sign in"),
        "stale": _("This page was open for too long. Reload it; what you typed is kept."),
        "reload": _("Reload"),
        "draft": _("Draft restored"),
        "discard": _("Discard"),
        "nothing_found": _("Nothing found"),
        "searching": _("Searching…"),
        "create": _("Create"),
        "type_more": _("Type to search"),
        "leave": _("What you typed is not saved yet. Leave anyway?"),
        "colleagues": _("Colleagues"),
        "copied": _("Copied"),
        "keys_on": _("Keys are on"),
        "keys_off": _("Keys are off"),
        "no_data": _("No data for this choice"),
        "tom_select_js": static("vendor/tom-select.min.js"),
        "tom_select_css": static("vendor/tom-select.min.css"),
        "sortable_js": static("vendor/sortable.min.js"),
        "echarts_js": static("vendor/echarts.min.js"),
        "echarts_ru_js": static("vendor/echarts-ru.js"),
    }
