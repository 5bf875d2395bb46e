"""Forms of the fields' settings. They read what people type; the rules stand in the verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.desk.fields.models import CustomField, FieldKind, FieldOption
from voronka.desk.fields.registry import FieldSubject
from voronka.playbook.models import Funnel

OPTIONS_HINT = gettext_lazy(
    "One per line. A list can be pasted from a spreadsheet; what is there already is passed over."
)


class FieldForm(forms.Form):
    """A field; for a new one also its kind and choices."""

    label = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of value"), choices=FieldKind.choices)
    options = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-autosize": "1"}),
        help_text=OPTIONS_HINT,
    )
    group = forms.CharField(
        label=gettext_lazy("Group on the card"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "field-groups"}),
        help_text=gettext_lazy("Fields of one group stand together under its name."),
    )
    help = forms.CharField(label=gettext_lazy("Hint"), required=False, max_length=300)
    required_at_creation = forms.BooleanField(label=gettext_lazy("Required at creation"), required=False)
    funnel_ids = forms.MultipleChoiceField(
        label=gettext_lazy("Only in these funnels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: in all of them."),
    )

    def __init__(
        self, *args: Any, subject: FieldSubject, field: CustomField | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["autofocus"] = ""
        if field is not None:
            del self.fields["kind"]
            del self.fields["options"]
        if not subject.asks_at_creation:
            del self.fields["required_at_creation"]
        if subject.by_funnel:
            kept = field.funnel_ids if field else []
            funnels = [
                row for row in Funnel.objects.order_by("order", "id") if not row.archived_at or row.pk in kept
            ]
            self.fields["funnel_ids"].choices = [(str(row.pk), row.name) for row in funnels]  # type: ignore[attr-defined]
        else:
            del self.fields["funnel_ids"]

    def clean_funnel_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["funnel_ids"]]


class OptionsForm(forms.Form):
    """More choices, pasted."""

    options = forms.CharField(
        label=gettext_lazy("Choices"),
        widget=forms.Textarea(attrs={"rows": 8, "data-autosize": "1", "autofocus": ""}),
        help_text=OPTIONS_HINT,
    )


class OptionForm(forms.Form):
    """The name of one choice."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autofocus": ""}),
    )


class KindForm(forms.Form):
    """Another kind for a field that has values."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of value"))
    drop = forms.BooleanField(
        label=gettext_lazy("Put aside the values that cannot be turned"),
        required=False,
        help_text=gettext_lazy("They are kept beside the change: undoing it brings them back."),
    )

    def __init__(self, *args: Any, kinds: list[FieldKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]


class IntoForm(forms.Form):
    """Another choice of the same list, searched for."""

    into: Any = forms.ModelChoiceField(label=gettext_lazy("Merge into"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, option: FieldOption, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = FieldOption.objects.filter(field=option.field_id, archived_at=None).exclude(
            pk=option.pk
        )
        chosen = str(self.data.get("into", ""))
        names = (
            list(field.queryset.filter(pk=int(chosen)).values_list("pk", "name"))
            if chosen.isdecimal()
            else []
        )
        field.widget = forms.Select({"data-combobox": "", "data-source": source}, choices=[("", ""), *names])
