"""Own fields that a form of creation asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from voronka.core.edits import PREFIX
from voronka.desk.fields.layouts import demands_of
from voronka.desk.fields.models import CustomField, FieldKind
from voronka.desk.fields.values import Names, read
from voronka.ui.shape.facts import RIGHTS_OF, source_of


class RawField(forms.Field):
    """What was posted, as it was: reading and checking belong to the verb."""

    def clean(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value or ""


def ask(form: forms.Form, request: HttpRequest, subject: str) -> None:
    """Add the own fields that are required at creation to *form*, and mark the built-in ones that are.

    Fields of certain funnels only are asked too: the verb knows whether they are missing. Values: `given(form)`.
    """
    member = request.member  # type: ignore[attr-defined]
    hidden = member.hidden_fields(RIGHTS_OF.get(subject, subject))
    demands = demands_of(subject)
    for name in demands.built_in(None):
        if name in form.fields:
            form.fields[name].required = True
    names = Names(member)
    for field in demands.fields:
        if field.name not in hidden:
            form.fields[field.name] = _form_field(request, form, field, names)


def given(form: forms.Form) -> dict[str, Any]:
    """The own values of a valid form, for the verb of creation."""
    return {name: value for name, value in form.cleaned_data.items() if name.startswith(PREFIX)}


def own_of(form: forms.Form) -> list[forms.BoundField]:
    """The own fields of *form*, to be drawn."""
    return [form[name] for name in form.fields if name.startswith(PREFIX)]


def _form_field(request: HttpRequest, form: forms.Form, field: CustomField, names: Names) -> forms.Field:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    made = RawField(label=field.label, required=False, help_text=field.help, widget=_widget(field, slug))
    if isinstance(made.widget, forms.Select) and source_of(slug, field):
        made.widget.choices = [("", ""), *_chosen(form, field, names)]
    return made


def _widget(field: CustomField, slug: str) -> forms.Widget:
    kind = FieldKind(field.kind)
    if source := source_of(slug, field):
        attrs = {"data-combobox": "", "data-source": source}
        return forms.SelectMultiple(attrs) if kind == FieldKind.CHOICES else forms.Select(attrs)
    if kind == FieldKind.FLAG:
        return forms.Select(choices=[("", "—"), ("true", _("yes")), ("false", _("no"))])
    if kind == FieldKind.LONGTEXT:
        return forms.Textarea({"rows": 2, "data-autosize": ""})
    if kind == FieldKind.DATE:
        return forms.DateInput({"type": "date"})
    attrs = {
        FieldKind.MONEY: {"data-money": "", "inputmode": "decimal"},
        FieldKind.NUMBER: {"inputmode": "decimal"},
        FieldKind.LINK: {"inputmode": "url"},
    }.get(kind, {})
    return forms.TextInput({"autocomplete": "off", **attrs})


def _chosen(form: forms.Form, field: CustomField, names: Names) -> list[tuple[str, str]]:
    """What was chosen before the form came back, to be drawn again."""
    posted = form.data.getlist(field.name) if hasattr(form.data, "getlist") else []
    found = []
    for value in posted:
        if value.isdecimal() and len(value) < 19:
            stored = read(field.kind, value)
            names.collect(field, stored)
            found.append((value, names.text(field, stored)))
    return found
