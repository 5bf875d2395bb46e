"""The form of a tunnel: when a deal is opened, where, by whose hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.playbook.models import ClosingStatus, Funnel, Stage, Trigger, Tunnel, Wait
from voronka.playbook.queries import active_funnels, stages_of
from voronka.workspaces.models import Member


class TunnelForm(forms.Form):
    """`when` says trigger and stage or status in one choice, `to` funnel and stage."""

    when = forms.ChoiceField(label=gettext_lazy("When"))
    to = forms.ChoiceField(
        label=gettext_lazy("Opens a deal in"), widget=forms.Select(attrs={"data-combobox": "1"})
    )
    after = forms.IntegerField(
        label=pgettext_lazy("tunnel", "In"),
        min_value=0,
        initial=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    wait = forms.ChoiceField(
        label=gettext_lazy("Counted in"), choices=Wait.choices, help_text=gettext_lazy("0 is at once.")
    )
    title = forms.CharField(
        label=gettext_lazy("Name of the new deal"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("{title} stands for the name of the first deal; empty: the same name."),
    )
    owner: Any = forms.ModelChoiceField(
        label=gettext_lazy("Who answers for it"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("who answers for the first deal"),
    )
    keeps_amount = forms.BooleanField(label=gettext_lazy("With the same sum"), required=False)

    def __init__(self, *args: Any, funnel: Funnel, row: Tunnel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].choices = _whens(funnel)  # type: ignore[attr-defined]
        self.fields["to"].choices = _targets()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = Member.objects.active().order_by("name")  # type: ignore[attr-defined]
        if row is not None and not self.is_bound:
            self.initial = said(row)

    @property
    def values(self) -> dict[str, Any]:
        """What the verb reads, of a valid form."""
        given = self.cleaned_data
        trigger, _colon, pk = given["when"].partition(":")
        place, _colon, target = given["to"].partition(":")
        stage = Stage.objects.select_related("funnel").get(pk=target) if place == "s" else None
        return {
            "trigger": trigger,
            "stage": Stage.objects.get(pk=pk) if trigger == Trigger.STAGE else None,
            "closing": ClosingStatus.objects.get(pk=pk) if pk and trigger != Trigger.STAGE else None,
            "target": stage.funnel if stage else Funnel.objects.get(pk=target),
            "target_stage": stage,
            "after": given["after"],
            "wait": given["wait"],
            "title": given["title"],
            "owner": given["owner"],
            "keeps_amount": given["keeps_amount"],
        }


def said(row: Tunnel) -> dict[str, Any]:
    """The tunnel as the form says it."""
    place = row.stage_id or row.closing_id
    return {
        "when": f"{row.trigger}:{place}" if place else row.trigger,
        "to": f"s:{row.target_stage_id}" if row.target_stage_id else f"f:{row.target_id}",
        **{name: getattr(row, name) for name in ("after", "wait", "title", "owner", "keeps_amount")},
    }


def _whens(funnel: Funnel) -> list[Any]:
    statuses = list(ClosingStatus.objects.filter(funnel=funnel, archived_at=None).order_by("order", "id"))
    choices: list[Any] = []
    for outcome, label in ((Trigger.WON, _("Won in any way")), (Trigger.LOST, _("Lost in any way"))):
        choices.append((outcome.value, label))
        choices += [(f"{outcome.value}:{s.pk}", s.name) for s in statuses if s.outcome == outcome]
    stages = [(f"stage:{stage.pk}", stage.name) for stage in stages_of(funnel)]
    return [(_("Ends"), choices), (_("Enters the stage"), stages)]


def _targets() -> list[Any]:
    return [
        (
            found.funnel.name,
            [
                (
                    f"f:{found.funnel.pk}",
                    _("%(funnel)s: from the first stage") % {"funnel": found.funnel.name},
                ),
                *((f"s:{stage.pk}", f"{found.funnel.name}: {stage.name}") for stage in found.stages[1:]),
            ],
        )
        for found in active_funnels()
    ]
