"""Forms of how deals end: a closing status, and the rules of endings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.models import ClosingRules, ClosingStatus
from voronka.ui.book.forms import AmountField


class StatusForm(forms.Form):
    """A way to end."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=ClosingStatus._meta.get_field("name").max_length,
    )
    about = forms.CharField(
        label=gettext_lazy("When it is chosen"),
        max_length=ClosingStatus._meta.get_field("about").max_length,
        required=False,
        help_text=gettext_lazy("Sellers see it beside the name when they close a deal."),
    )


def _count(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **more
    )


class RulesForm(forms.Form):
    """When a loss needs the head, and when an open deal counts as dead. Empty fields switch a rule off."""

    asks_won_reason = forms.BooleanField(label=gettext_lazy("Ask why a deal was won, always"), required=False)
    confirm_above = AmountField(label=gettext_lazy("Above the sum"), required=False)
    confirm_attempts = _count(
        gettext_lazy("With fewer contacts than"),
        help_text=gettext_lazy(
            "Calls, meetings and letters of the deal, whether or not the client answered."
        ),
    )
    silent_days = _count(
        gettext_lazy("No contact for, days"),
        help_text=gettext_lazy("Nobody spoke to the client so long, and no talk is planned."),
    )
    planless_days = _count(
        gettext_lazy("Nothing planned for, days"),
        help_text=gettext_lazy("No call, no meeting, no task ahead since the deal last moved or spoke."),
    )
    outlasts = forms.BooleanField(
        label=gettext_lazy("In work longer than 99 of 100 won deals of the funnel"), required=False
    )

    @classmethod
    def of(cls, rules: ClosingRules) -> RulesForm:
        """The form with what holds now."""
        return cls(initial={name: getattr(rules, name) for name in cls.base_fields})
