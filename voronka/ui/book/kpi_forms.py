"""The form of a KPI."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.clients.models import Segment
from voronka.playbook.kpi_models import Better, Kpi
from voronka.playbook.measures import measures
from voronka.playbook.models import Funnel
from voronka.ui.book.forms import AmountField, GroupChoice

_NUMERIC = {"inputmode": "numeric"}


class KpiForm(forms.Form):
    """What is counted, of which deals, and how it is judged."""

    measure = forms.ChoiceField(label=gettext_lazy("What is counted"))
    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Empty: as the measure is called."),
    )
    target = AmountField(
        label=gettext_lazy("Target of one seller for a month"),
        required=False,
        help_text=gettext_lazy(
            "Shares in per cent. Empty: the number is only watched; the won sum is judged by the plan."
        ),
    )
    better = forms.ChoiceField(label=gettext_lazy("Which way is good"), choices=Better.choices)
    weight = forms.IntegerField(
        label=gettext_lazy("Weight, %"), min_value=1, max_value=100, widget=forms.NumberInput(attrs=_NUMERIC)
    )
    good = forms.IntegerField(
        label=gettext_lazy("Good from, % of the target"),
        min_value=1,
        max_value=200,
        widget=forms.NumberInput(attrs=_NUMERIC),
    )
    fair = forms.IntegerField(
        label=gettext_lazy("Bearable from, % of the target"),
        min_value=1,
        max_value=200,
        widget=forms.NumberInput(attrs=_NUMERIC),
    )
    funnel: Any = forms.ModelChoiceField(
        label=gettext_lazy("Funnel"), queryset=None, required=False, empty_label=gettext_lazy("all")
    )
    product_group = GroupChoice(label=gettext_lazy("What we sell"), required=False)
    segment: Any = forms.ModelChoiceField(
        label=gettext_lazy("To whom"), queryset=None, required=False, empty_label=gettext_lazy("all")
    )
    method = forms.CharField(
        label=gettext_lazy("How it is counted and judged"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": "1"}),
        help_text=gettext_lazy("Stands in the book and in its PDF. Empty: as the measure describes itself."),
    )

    def __init__(self, *args: Any, row: Kpi | None = None, **kwargs: Any) -> None:
        if row is not None:
            initial = {name: getattr(row, name) for name in self.base_fields}
            kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [(kind.code, kind.title) for kind in measures()]  # type: ignore[attr-defined]
        for name, model in (("funnel", Funnel), ("segment", Segment)):
            kept = getattr(row, f"{name}_id") if row else None
            self.fields[name].queryset = model.objects.filter(  # type: ignore[attr-defined]
                models.Q(archived_at=None) | models.Q(pk=kept)
            ).order_by("order", "id")
        self.fields["product_group"].offer(keep=row.product_group_id if row else None)  # type: ignore[attr-defined]
