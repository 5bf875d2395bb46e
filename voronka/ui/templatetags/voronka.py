"""Tags and filters of every template (built in: no `{% load %}`).

{% icon "phone" %}  {% icon "alert-circle" class="v-bad" title=_("Overdue") %}
{{ deal.amount|money:deal.currency }}  {{ total|short_money }}  {{ day|day }}  {{ moment|when }}
{{ 5|days }}  {{ share|percent }}  {{ member.name|initials }}
{% avatar member %}  {% field form.name %}  {% url_w "deal" deal.number %}  {% once %}
<a {% opens_panel url %}>…</a>  <button {% opens_dialog url %}>…</button>
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms, template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.core import formats
from voronka.desk.mentions import highlighted
from voronka.ui.icons import icon_svg
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member

register = template.Library()

Number = Decimal | int | float


@register.simple_tag
def icon(name: str, title: str = "", **attributes: str) -> SafeString:
    """Inline SVG. `class="…"` adds classes, `title` makes it speak to a screen reader."""
    return icon_svg(name, attributes.get("class", ""), str(title))


@register.filter
def money(value: Number | None, currency: str = "RUB") -> str:
    """«12 450 000 ₽», «—» for an unknown sum."""
    return formats.money(value, currency or "RUB")


@register.filter
def currency_sign(code: str) -> str:
    """«₽» for RUB, «$» for USD; the code itself where there is no sign."""
    return formats.currency_symbol(code)


@register.filter
def short_money(value: Number | None, currency: str = "RUB") -> str:
    """«12,4 млн ₽»."""
    return formats.short_money(value, currency or "RUB")


@register.filter
def number(value: Number | None, digits: int | None = None) -> str:
    """«12 450,5»."""
    return formats.number(value, digits)


@register.filter
def file_size(value: int) -> str:
    """«1,2 МБ»."""
    return formats.file_size(value)


@register.filter
def percent(value: Number | None, digits: int = 0) -> str:
    """A share of one as «42 %»."""
    return formats.percent(value, digits)


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """«вчера», «22 нояб.», «22 нояб. 2025»."""
    return formats.short_date(value)


@register.filter
def when(value: dt.datetime | dt.date | None) -> str:
    """«сегодня, 15:30»; a date without a time shows as a day."""
    if value is None or isinstance(value, dt.datetime):
        return formats.short_datetime(value)
    return formats.short_date(value)


@register.filter
def own_day(value: dt.datetime | None) -> str:
    """The day that belongs to an hour: by the reader's clock, where `day` goes by the company's."""
    return formats.own_day(value)


@register.filter
def hour(value: dt.datetime | None) -> str:
    """«15:30» by the reader's clock."""
    return formats.clock_time(value)


@register.filter
def days(value: Number | None, digits: int = 0) -> str:
    """«3 дня»."""
    return formats.days(value, digits)


@register.filter
def initials(name: Any) -> str:
    """«АС» for «Анна Седова»."""
    return formats.initials(str(name or ""))


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """A round sign with initials; *person* is a member (or anything with `name`) or a name. `size`: sm, lg, xl."""
    name = str(getattr(person, "name", person) or "")
    if not name:
        return format_html('<span class="v-avatar v-avatar-none" title="—">{}</span>', icon_svg("user"))
    return format_html(
        '<span class="v-avatar{}" title="{}" aria-hidden="true">{}</span>',
        f" v-avatar-{size}" if size else "",
        name,
        formats.initials(name),
    )


@register.simple_tag(takes_context=True)
def mentions(context: Context, text: str) -> SafeString:
    """*text* with «@Анна Седова» marked where a colleague of that name is meant."""
    text = str(text or "")
    names: list[str] = []
    if "@" in text:
        request: Any = context["request"]
        if not hasattr(request, "member_names"):
            # Once for all the texts of a page.
            request.member_names = list(Member.objects.values_list("name", flat=True))
        names = request.member_names
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="v-mention">{}</span>', piece) if is_mention else piece,)
            for piece, is_mention in highlighted(text, names)
        ),
    )


@register.simple_tag(takes_context=True)
def url_w(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """`{% url %}` inside the current workspace: the slug is added."""
    return workspace_url(name, _slug(context), *args, **kwargs)


def _slug(context: Context) -> str:
    workspace: Any = getattr(context.get("request"), "workspace", None) or context.get("workspace")
    return workspace.slug


@register.inclusion_tag("guide/tour.html", takes_context=True)
def tour(context: Context, code: str) -> dict[str, Any]:
    """The tour of this screen (`ui/guide/tours.py`), with its offer for who is new."""
    from voronka.ui.guide.tours import tour_of

    words = "|".join([_("Back"), pgettext("step", "Next"), _("Close"), pgettext("2 of 5", "of")])
    return {"tour": tour_of(context["request"], code), "words": words}


@register.simple_tag
def once() -> SafeString:
    """Hidden token: the same form sent twice does its work once (`voronka.ui.once`)."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4().hex)


# The list around a link has its own hx-select and hx-push-url, which htmx would hand down.
_NOTHING_INHERITED = SafeString(
    'hx-swap="innerHTML" hx-select="unset" hx-select-oob="unset" hx-push-url="false" hx-include="unset"'
)


@register.simple_tag
def opens_panel(url: str) -> SafeString:
    """Attributes of a link that slides *url* over the list; a plain link to the whole page without scripts."""
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#panel" {1} data-opens="panel"', url, _NOTHING_INHERITED
    )


@register.simple_tag
def opens_dialog(url: str) -> SafeString:
    """Attributes of a link or button that loads the form at *url* into the dialog."""
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#dialog" {1} data-opens="dialog"', url, _NOTHING_INHERITED
    )


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, label: str = "", hint: str = "", **attributes: str) -> dict[str, Any]:
    """Label, control with the right classes, help and errors tied to it by `aria-describedby`.

    Other attributes go to the control, underscores as hyphens: `{% field form.amount data_money="1" %}`.
    """
    widget = bound.field.widget
    choice = isinstance(widget, forms.CheckboxInput)
    group = isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
    classes = attributes.pop("class", "")
    control = (
        "form-check-input"
        if choice
        else "form-select"
        if isinstance(widget, forms.Select)
        else "form-control"
    )
    attrs: dict[str, str | bool] = {name.replace("_", "-"): str(value) for name, value in attributes.items()}
    if not group:
        given = str(widget.attrs.get("class", ""))
        attrs["class"] = " ".join(
            filter(None, [control, given, classes, "is-invalid" if bound.errors else ""])
        )
    described = []
    help_text = hint or bound.help_text
    if help_text:
        described.append(f"{bound.auto_id}_help")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described and not group:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "for_id": attrs.get("id") or bound.id_for_label,
        "label": label or bound.label,
        "help": help_text,
        "choice": choice,
        "group": group,
        "optional": not bound.field.required,
    }


@register.inclusion_tag("components/quick_dates.html")
def quick_dates(for_id: str) -> dict[str, Any]:
    """Small buttons under a date field: today, tomorrow, in a week, in a month."""
    choices = [
        (0, _("today")),
        (1, _("tomorrow")),
        (3, _("in 3 days")),
        (7, _("in a week")),
        (30, _("in a month")),
    ]
    return {"for_id": for_id, "quick_dates": choices}


@register.inclusion_tag("components/sort_th.html", takes_context=True)
def sort_th(
    context: Context,
    key: str,
    label: str,
    *,
    num: bool = False,
    target: str = "",
    name: str = "sort",
    css: str = "",
) -> dict[str, Any]:
    """A column head that sorts: the first press up (sums: down), the second the other way.

    With *target* (a selector) the list reloads in place and the address follows.
    """
    now = context["request"].GET.get(name, "") or context.get("sort", "")
    direction = "ascending" if now == key else "descending" if now == f"-{key}" else ""
    following = f"-{key}" if direction == "ascending" or (num and not direction) else key
    return {
        "label": label,
        "num": num,
        "css": css,
        "target": target,
        "direction": direction,
        "href": query(context, **{name: following, "page": None, "after": None}),
    }


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The present query string with *changes* (None or "" removes): `<a href="{% query sort="-amount" page=None %}">`."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        elif isinstance(value, (list, tuple)):
            params.setlist(name, [str(item) for item in value])
        else:
            params[name] = str(value)
    return "?" + params.urlencode()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, "" when it has none."""
    try:
        return mapping.get(key, "")
    except AttributeError:
        return ""


@register.filter
def short_number(value: Number | None) -> str:
    """«12,4 тыс.»."""
    return formats.short_number(value)


@register.filter
def month_name(value: dt.date) -> str:
    """«Ноябрь 2026»."""
    return formats.month(value)
