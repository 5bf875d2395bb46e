"""Forms of the clients' room. They only carry what was typed: what may be is decided by the verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.clients.models import PostKind
from voronka.core.errors import Refused
from voronka.ui.navigation import workspace_url
from voronka.workspaces.models import Member

# Longer texts are refused by the verbs with a sentence; this only keeps nonsense out of the log.
LONG = 100_000


class Plain(forms.CharField):
    """Text as typed: cleaning and limits belong to the verb, so that each has one place and one sentence."""

    def __init__(
        self, *, label: Any, required: bool = False, rows: int = 0, attrs: Any = None, **more: Any
    ) -> None:
        given = {"autocomplete": "off", **(attrs or {})}
        widget: forms.Widget = forms.TextInput(attrs=given)
        if rows:
            widget = forms.Textarea(attrs={"rows": rows, "data-autosize": "", **given})
        super().__init__(label=label, required=required, widget=widget, strip=True, max_length=LONG, **more)
        # The limit is the verb's to tell; an attribute would cut what is pasted without a word.
        widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        return super().to_python((value or "").replace("\x00", "") if isinstance(value, str) else value) or ""


class Chosen(forms.CharField):
    """A remote combobox: an id, or `new:<text>`."""

    def __init__(self, *, label: Any, required: bool = False) -> None:
        super().__init__(label=label, required=required, max_length=LONG, widget=forms.Select())


class CompanyForm(forms.Form):
    """The quick dialog: what is needed to begin; the rest waits on the card."""

    name = Plain(label=pgettext_lazy("company", "Name"), required=True)
    inn = Plain(label=_("INN"), attrs={"inputmode": "numeric"})
    phone = Plain(label=_("Phone"), attrs={"type": "tel", "inputmode": "tel"})
    email = Plain(label=_("E-mail"), attrs={"inputmode": "email"})
    person = Plain(label=_("Contact person"))
    person_phone = Plain(label=_("Phone of the person"), attrs={"type": "tel", "inputmode": "tel"})


class PersonForm(forms.Form):
    """A contact person with the post."""

    name = Plain(label=_("Name"), required=True)
    company = Chosen(label=_("Client"))
    title = Plain(label=_("Post"))
    kind = forms.ChoiceField(label=_("Role in the purchase"), required=False)
    phone = Plain(label=_("Phone"), attrs={"type": "tel", "inputmode": "tel"})
    email = Plain(label=_("E-mail"), attrs={"inputmode": "email"})

    def __init__(self, *args: Any, workspace: Any, chosen: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "—"), *PostKind.choices]  # type: ignore[attr-defined]
        combobox(self.fields["company"], "companies_options", workspace, chosen, create=True)


class PositionForm(forms.Form):
    """One more place of work."""

    company = Chosen(label=_("Client"), required=True)
    title = Plain(label=_("Post"))
    kind = forms.ChoiceField(label=_("Role in the purchase"), required=False)

    def __init__(self, *args: Any, workspace: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "—"), *PostKind.choices]  # type: ignore[attr-defined]
        combobox(self.fields["company"], "companies_options", workspace, None, create=True)


class AccountForm(forms.Form):
    """A settlement account."""

    bic = Plain(label=_("BIC"), attrs={"inputmode": "numeric"})
    account = Plain(label=_("Account"), required=True, attrs={"inputmode": "numeric"})
    bank = Plain(label=_("Bank"))
    correspondent = Plain(label=_("Correspondent account"), attrs={"inputmode": "numeric"})


class AssignForm(forms.Form):
    """Who is to be responsible."""

    owner: Any = forms.ModelChoiceField(label=_("Responsible"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = Member.objects.active()  # type: ignore[attr-defined]
        self.fields["owner"].widget.attrs["data-combobox"] = ""
        self.fields["owner"].error_messages["invalid_choice"] = _("Choose a colleague from the list.")


def combobox(field: forms.Field, source: str, workspace: Any, chosen: Any, *, create: bool) -> None:
    """Make *field* a searchable list that asks the address *source*; *chosen* is shown in it from the start."""
    field.widget.attrs |= {"data-combobox": "", "data-source": workspace_url(source, workspace.slug)}
    if create:
        field.widget.attrs["data-create"] = ""
    field.widget.choices = [("", ""), *([(chosen.pk, chosen.name)] if chosen else [])]


# Inputs of the short dialogs, by the field that a role may be kept from.
_KEPT = {"inn": "inn", "phone": "phones", "person_phone": "phones", "email": "emails"}


def drop_kept(form: forms.Form, member: Member) -> None:
    """Ask for nothing that *member* may not see or change."""
    kept = member.hidden_fields("client") | member.readonly_fields("client")
    for name, field in _KEPT.items():
        if field in kept:
            form.fields.pop(name, None)


def refuse(form: forms.Form, refusal: Refused) -> None:
    """Show the verb's sentence at its field, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def initial_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
