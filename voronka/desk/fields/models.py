"""Fields that a company makes for itself, and what they may hold.

Values stand in the column `custom` of the subject's own table, as JSON by the field's key (see `Shaped`).
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.edits import PREFIX
from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class FieldKind(models.TextChoices):
    """What a field holds. In JSON: text, long text and link as a string; number and money as a string with a
    decimal point; date as ISO; yes/no as true or false; choice as the option's id, several choices as a list of
    such; colleague, contact person and company as an id. An absent key means that nothing was said."""

    TEXT = "text", pgettext_lazy("kind of field", "text")
    LONGTEXT = "longtext", pgettext_lazy("kind of field", "long text")
    NUMBER = "number", pgettext_lazy("kind of field", "number")
    MONEY = "money", pgettext_lazy("kind of field", "sum of money")
    DATE = "date", pgettext_lazy("kind of field", "date")
    CHOICE = "choice", pgettext_lazy("kind of field", "one of a list")
    CHOICES = "choices", pgettext_lazy("kind of field", "several of a list")
    FLAG = "flag", pgettext_lazy("kind of field", "yes or no")
    MEMBER = "member", pgettext_lazy("kind of field", "colleague")
    PERSON = "person", pgettext_lazy("kind of field", "contact person")
    COMPANY = "company", pgettext_lazy("kind of field", "company")
    LINK = "link", pgettext_lazy("kind of field", "link")


WITH_OPTIONS = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})
LINKED = frozenset({FieldKind.MEMBER, FieldKind.PERSON, FieldKind.COMPANY})


class CustomField(WorkspaceModel):
    """A field made in the settings. Its name in forms, filters, events and the API is `x_<key>`, for good."""

    subject = models.CharField(max_length=20)
    key = models.CharField(max_length=40, db_collation="C")
    label = models.CharField(_("Name"), max_length=100)
    kind = models.CharField(_("Kind of value"), max_length=10, choices=FieldKind.choices)
    group = models.CharField(_("Group on the card"), max_length=100, blank=True)
    help = models.CharField(_("Hint"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    required_at_creation = models.BooleanField(_("Required at creation"), default=False)
    # Only in these funnels (deals); empty means in all. The desk stands below funnels, so ids only.
    funnel_ids = ArrayField(models.BigIntegerField(), default=list)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "subject", "key"], name="custom_field_key_once")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """What the field is called everywhere but on the screen."""
        return f"{PREFIX}{self.key}"

    @property
    def has_options(self) -> bool:
        return self.kind in WITH_OPTIONS


class FieldOption(WorkspaceModel):
    """One of the values that a field offers."""

    field = WorkspaceForeignKey(CustomField, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(_("Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    order = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "field", "name_key"], name="field_option_name_once")
        ]
        indexes = [models.Index(fields=["workspace", "field", "order", "id"], name="field_option_order")]

    def __str__(self) -> str:
        return self.name


class CardLayout(WorkspaceModel):
    """How a subject's card is laid out, for a role, a funnel, both or everybody.

    `groups`: [{"title": str, "collapsed": bool, "fields": [name, …]}, …]; "" is the card's own first group.
    `required`: names of built-in fields that have to be given at creation.
    """

    subject = models.CharField(max_length=20)
    role = WorkspaceForeignKey(
        "workspaces.Role", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    funnel_id = models.BigIntegerField(null=True, blank=True)
    groups = models.JSONField(default=list)
    required = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "subject", "role", "funnel_id"],
                name="card_layout_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.subject


def own_values_index(name: str) -> GinIndex:
    """Finds rows of a workspace by a value of an own field (`custom @> {"key": 5}`), among those that have any."""
    return GinIndex(
        F("workspace_id"),
        OpClass(F("custom"), name="jsonb_path_ops"),
        name=name,
        condition=~Q(custom={}),
    )


class Shaped(models.Model):
    """A table whose rows carry values of the company's own fields.

    `row.x_<key>` reads one (None where nothing was said); `core.edits` writes them.
    """

    custom = models.JSONField(
        default=dict, db_default=Value({}, output_field=models.JSONField()), editable=False
    )

    class Meta:
        abstract = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith(PREFIX):
            return self.custom.get(name.removeprefix(PREFIX))
        raise AttributeError(f"{type(self).__name__} has no {name}")
