"""Forms of what a stage asks: a task, an exit criterion, an objection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy

from voronka.core.formats import number
from voronka.core.parsing import Unreadable, parse_amount
from voronka.playbook.criteria import CriterionKind, Param, kind_of, kinds
from voronka.playbook.models import ActivityKind, Criterion, Stage, StagePart, StageTask, Strictness
from voronka.workspaces.models import Role

PARAM = "param_"


def _area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "data-autosize": "1"})


class TaskForm(forms.Form):
    """What is to be done on the stage, by whom, when and how."""

    text = forms.CharField(label=gettext_lazy("What to do"), max_length=250)
    kind: Any = forms.ModelChoiceField(label=gettext_lazy("Kind"), queryset=None, empty_label=None)
    after_days = forms.IntegerField(
        label=gettext_lazy("In how many working days"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("Counted from entering the stage; 0 is the same day."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    role: Any = forms.ModelChoiceField(
        label=gettext_lazy("Who does it"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("the deal's responsible"),
    )
    required = forms.BooleanField(
        label=gettext_lazy("The deal should not leave the stage without it"), required=False
    )
    script = forms.CharField(
        label=gettext_lazy("How to do it: script, questions, phrases"), required=False, widget=_area(3)
    )
    materials = forms.CharField(
        label=gettext_lazy("Materials"),
        required=False,
        widget=_area(),
        help_text=gettext_lazy(
            "Links to films and templates, one in a line, with a title if you like. Files are added to a saved task."
        ),
    )

    def __init__(self, *args: Any, row: StageTask | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = row.kind_id if row else None
        self.fields["kind"].queryset = ActivityKind.objects.filter(  # type: ignore[attr-defined]
            models.Q(archived_at=None) | models.Q(pk=kept)
        )
        self.fields["role"].queryset = Role.objects.all()  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """What clients object, and what to answer."""

    text = forms.CharField(label=gettext_lazy("What clients say"), max_length=250)
    answer = forms.CharField(label=gettext_lazy("What to answer"), required=False, widget=_area(3))


class CriterionForm(forms.Form):
    """A criterion of the chosen kind; its parameters are fields of their own."""

    kind = forms.ChoiceField(label=gettext_lazy("What must be so"))
    strictness = forms.ChoiceField(
        label=gettext_lazy("If it is not"), choices=Strictness.choices, initial=Strictness.WARN
    )

    def __init__(self, *args: Any, stage: Stage, row: Criterion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [kind for kind in kinds() if _can_be_said(kind, stage) or (row and row.kind == kind.code)]
        self.fields["kind"].choices = [(kind.code, kind.title) for kind in offered]  # type: ignore[attr-defined]
        code = self.data.get("kind") or self.initial.get("kind") or offered[0].code
        self.chosen: CriterionKind | None = kind_of(code)
        params = row.params if row and row.kind == code else {}
        strictness = self.fields.pop("strictness")
        for param in self.chosen.params if self.chosen else ():
            self.fields[PARAM + param.name] = _param_field(param, stage)
            self.initial.setdefault(PARAM + param.name, _shown(param, params.get(param.name, param.default)))
        self.fields["strictness"] = strictness

    @property
    def params(self) -> dict[str, Any]:
        """What was said about the criterion, as the verb reads it."""
        return {
            name.removeprefix(PARAM): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PARAM)
        }


def _can_be_said(kind: CriterionKind, stage: Stage) -> bool:
    """Whether there is anything to choose: a closing status has no tasks to be done."""
    return stage.pk is not None or all(
        param.options(stage) for param in kind.params if param.kind == "choice" and param.options
    )


def _param_field(param: Param, stage: Stage) -> forms.Field:
    if param.kind == "choice":
        options = param.options(stage) if param.options else []
        return forms.ChoiceField(
            label=str(param.label), choices=options, widget=forms.Select(attrs={"data-combobox": "1"})
        )
    if param.kind == "lines":
        return forms.CharField(label=str(param.label), widget=_area(4))
    attrs = {"inputmode": "decimal"} | ({"data-money": "1"} if param.kind == "sum" else {})
    return forms.CharField(label=str(param.label), widget=forms.TextInput(attrs=attrs))


def _shown(param: Param, value: Any) -> Any:
    if param.kind == "lines":
        return "\n".join(value) if isinstance(value, list) else value
    if param.kind == "sum" and value:
        try:
            return number(parse_amount(str(value)))
        except Unreadable:
            return value
    return value


def form_for(
    model: type[StagePart], stage: Stage, data: Any = None, row: Any = None, **initial: Any
) -> forms.Form:
    """The form of this kind of row, filled from *row* or *initial*."""
    if model is Criterion:
        given = {"kind": row.kind, "strictness": row.strictness} if row else {}
        return CriterionForm(data, stage=stage, row=row, initial={**given, **initial})
    fields = TaskForm if model is StageTask else ObjectionForm
    names = list(fields.base_fields)
    given = {name: getattr(row, name) for name in names} if row else {"after_days": 0}
    if model is StageTask:
        return TaskForm(data, row=row, initial={**given, **initial})
    return ObjectionForm(data, initial={**given, **initial})
