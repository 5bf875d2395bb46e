"""Forms of the sales book. They read what people type; the rules stand in the verbs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from voronka.catalog.models import ProductGroup
from voronka.clients.models import Segment
from voronka.core.formats import number
from voronka.core.parsing import Unreadable, parse_amount
from voronka.desk.dictionaries import Dictionary
from voronka.desk.tags import PLAIN
from voronka.playbook.dictionaries import CHANNEL_ICONS
from voronka.playbook.models import Channel, FollowUp, ForecastCategory, Funnel
from voronka.playbook.palette import PALETTE
from voronka.playbook.queries import in_tree
from voronka.playbook.templates_data import all_templates, get_template
from voronka.playbook.templates_data.shapes import FunnelTemplate
from voronka.workspaces.models import Member, Role

KIND_ICONS = (
    *dict.fromkeys(CHANNEL_ICONS.values()),
    "phone-call",
    "message",
    "at",
    "device-desktop",
    "video",
    "map-pin",
    "file-text",
    "tool",
    "truck-delivery",
    "gift",
    "bulb",
    "calendar-event",
)


class GroupChoice(forms.ModelChoiceField):
    """A product group; children are indented under their parents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)

    def offer(self, keep: int | None = None, without: int | None = None) -> None:
        """Offer the active groups (and *keep*, even if archived), but not *without*."""
        rows = ProductGroup.objects.filter(models.Q(archived_at=None) | models.Q(pk=keep))
        self.queryset = rows.exclude(pk=without)
        tree = [(g.pk, f"{'— ' * depth}{g.name}") for g, depth in in_tree(self.queryset)]
        self.choices = [("", "—"), *tree]


class AmountField(forms.CharField):
    """A sum as people write it: «12 450,50», «1,2 млн»."""

    widget = forms.TextInput(attrs={"data-money": "1", "inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        try:
            return parse_amount(value)
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None


class FunnelForm(forms.Form):
    """Name and place of a funnel; for a new one also what it begins with."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=150)
    product_group = GroupChoice(label=gettext_lazy("What we sell"), required=False)
    segment: Any = forms.ModelChoiceField(
        label=gettext_lazy("To whom"), queryset=None, required=False, empty_label="—"
    )
    start = forms.ChoiceField(label=gettext_lazy("Begin with"), required=False)

    def __init__(self, *args: Any, funnel: Funnel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product_group"].offer(keep=funnel.product_group_id if funnel else None)  # type: ignore[attr-defined]
        kept = funnel.segment_id if funnel else None
        self.fields["segment"].queryset = Segment.objects.filter(  # type: ignore[attr-defined]
            models.Q(archived_at=None) | models.Q(pk=kept)
        )
        if funnel is not None:
            del self.fields["start"]
            return
        copies = [
            (f"{f.pk}", f.name) for f in Funnel.objects.filter(archived_at=None).order_by("order", "id")
        ]
        usual = [("", _("five usual stages")), ("one", _("one stage"))]
        self.fields["start"].choices = [  # type: ignore[attr-defined]
            *usual,
            *([(_("Copy with all its tasks and criteria"), copies)] if copies else []),
            *starts_of_templates(),
        ]


def starts_of_templates() -> list[tuple[str, list[tuple[str, str]]]]:
    """Funnels of the ready-made books as choices, a group for each book: «template:services:0»."""
    language = get_language() or "ru"
    return [
        (
            _("From the template “%(name)s”") % {"name": template.title.on(language)},
            [
                (f"template:{template.code}:{place}", funnel.name.on(language))
                for place, funnel in enumerate(template.funnels)
            ],
        )
        for template in all_templates()
    ]


def template_of(start: str) -> FunnelTemplate | None:
    """The ready-made funnel that a choice of `starts_of_templates()` names."""
    word, _sep, rest = start.partition(":")
    code, _sep, place = rest.partition(":")
    return get_template(code).funnels[int(place)] if word == "template" else None


class StageForm(forms.Form):
    """Everything that is said of one stage."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100)
    goal = forms.CharField(
        label=gettext_lazy("Goal"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": "1"}),
        help_text=gettext_lazy("What we want to bring about with the client while the deal stands here."),
    )
    result = forms.CharField(
        label=gettext_lazy("Expected result"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": "1"}),
        help_text=gettext_lazy("How everybody can tell that the stage is finished."),
    )
    role: Any = forms.ModelChoiceField(
        label=gettext_lazy("Responsible"), queryset=None, required=False, empty_label="—"
    )
    limit_days = forms.IntegerField(
        label=gettext_lazy("Time limit, working days"),
        required=False,
        min_value=1,
        max_value=365,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    wip_limit = forms.IntegerField(
        label=gettext_lazy("Deals on the board at most"),
        required=False,
        min_value=1,
        max_value=10_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("With more, the column says that it is too full; nothing is forbidden."),
    )
    probability = forms.IntegerField(
        label=gettext_lazy("Probability, %"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    category = forms.ChoiceField(label=gettext_lazy("Forecast category"), choices=ForecastCategory.choices)
    color = forms.ChoiceField(label=gettext_lazy("Colour"), widget=forms.RadioSelect)
    remedies = forms.CharField(
        label=gettext_lazy("Remedies"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": "1"}),
        help_text=gettext_lazy("What to do when deals stick here or are lost."),
    )
    told_at = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tell the head when the deal has stood here for"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (50, gettext_lazy("half of the time limit")),
            (100, gettext_lazy("all of it")),
            (200, gettext_lazy("twice as long")),
        ],
    )
    escalates_after = forms.IntegerField(
        label=gettext_lazy("Without a reaction tell the next head up after, working days"),
        required=False,
        min_value=1,
        max_value=60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy(
            "To react is to open the notice or to do anything with the deal. Empty: never."
        ),
    )
    moves_itself = forms.BooleanField(
        label=gettext_lazy("When nothing is missing any more, the deal goes on by itself"), required=False
    )

    def __init__(self, *args: Any, color: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = Role.objects.all()  # type: ignore[attr-defined]
        tones = [(tone.color, tone.name) for tone in PALETTE]
        if color and color not in dict(tones):
            # A colour that came with an import stays choosable.
            tones.append((color, _("present colour")))
        self.fields["color"].choices = tones  # type: ignore[attr-defined]


class EntryForm(forms.Form):
    """An entry of any dictionary: its name and the fields which that list has."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"))

    def __init__(self, *args: Any, dictionary: Dictionary, entry: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = dictionary.model._meta.get_field("name").max_length  # type: ignore[union-attr]
        self.fields["name"] = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=limit)
        for name in dictionary.fields:
            self.fields[name] = self._field(name, dictionary, entry)

    @staticmethod
    def _field(name: str, dictionary: Dictionary, entry: Any) -> forms.Field:
        if name == "description":
            area = forms.Textarea(attrs={"rows": 3, "data-autosize": "1"})
            return forms.CharField(label=_("Description"), required=False, widget=area)
        if name in {"parent", "group"}:
            label = _("Inside the group") if name == "parent" else _("Group")
            choice = GroupChoice(label=label, required=False)
            keep = getattr(entry, f"{name}_id", None)
            choice.offer(keep=keep, without=entry.pk if entry and name == "parent" else None)
            return choice
        if name == "channel":
            return forms.ChoiceField(
                label=_("Nature"),
                choices=Channel.choices,
                help_text=_("Reports count by it, whatever the name."),
            )
        if name == "icon":
            icons = [(icon, icon) for icon in KIND_ICONS]
            if entry and entry.icon not in KIND_ICONS:
                icons.append((entry.icon, entry.icon))
            return forms.ChoiceField(label=_("Icon"), choices=icons, widget=forms.RadioSelect)
        if name == "color":
            tones = [(PLAIN, _("without a colour")), *((tone.color, tone.name) for tone in PALETTE)]
            return forms.ChoiceField(label=_("Colour"), choices=tones, widget=forms.RadioSelect)
        if name == "minutes":
            return forms.IntegerField(label=_("Usual length, minutes"), min_value=1, max_value=1440)
        if name == "follow_up":
            return forms.ChoiceField(label=_("What comes after a loss"), choices=FollowUp.choices)
        if name == "return_to":
            return forms.ModelChoiceField(
                label=_("Who comes back"),
                queryset=Member.objects.active().order_by("name"),
                required=False,
                empty_label=_("who had the deal"),
            )
        if name == "return_days":
            return forms.IntegerField(
                label=_("Come back to the client in, days"),
                required=False,
                min_value=1,
                max_value=1825,
                help_text=_(
                    "In so many days the call is planned or the deal comes back. Empty: nobody calls."
                ),
            )
        if name == "price":
            return AmountField(label=_("Price with VAT"), required=False)
        model_field = dictionary.model._meta.get_field(name)
        label = {"sku": _("Article"), "unit": _("Unit"), "site": _("Site")}.get(name, name)
        return forms.CharField(label=label, required=False, max_length=model_field.max_length)  # type: ignore[union-attr]
