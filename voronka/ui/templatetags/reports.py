"""Tags of the pages of reports."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def swaps(url: str) -> SafeString:
    """Attributes of a link that reads the report anew in place; the address follows, and it works without scripts."""
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#report" hx-swap="outerHTML" hx-push-url="{0}" hx-indicator="#report"',
        url,
    )
