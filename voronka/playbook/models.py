"""How we sell: the sales book."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceModel


class ForecastCategory(models.TextChoices):
    """How sure we are of an open deal."""

    COMMIT = "commit", _("Commit")
    BEST_CASE = "best_case", _("Best case")
    PIPELINE = "pipeline", _("Pipeline")
    OMITTED = "omitted", _("Omitted")


class Funnel(Versioned, WorkspaceModel):
    """The sequence of stages by which a product group is sold to a segment."""

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    product_group = WorkspaceForeignKey(
        "catalog.ProductGroup", on_delete=models.PROTECT, null=True, blank=True, related_name="funnels"
    )
    segment = WorkspaceForeignKey(
        "clients.Segment", on_delete=models.PROTECT, null=True, blank=True, related_name="funnels"
    )
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    # When a reorder last made the depths of its deals be counted anew; reports name this date.
    recounted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class Stage(Versioned, WorkspaceModel):
    """One step of a funnel. Archived or merged into another, never deleted: history refers to it."""

    funnel = WorkspaceForeignKey(Funnel, on_delete=models.PROTECT, related_name="stages")
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=100)
    order = models.PositiveSmallIntegerField(default=0)
    goal = models.TextField(_("Goal"), blank=True)
    result = models.TextField(_("Expected result"), blank=True)
    role = WorkspaceForeignKey(
        "workspaces.Role", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    limit_days = models.PositiveSmallIntegerField(_("Time limit, working days"), null=True, blank=True)
    probability = models.PositiveSmallIntegerField(_("Probability, %"), default=0)
    category = models.CharField(
        _("Forecast category"),
        max_length=10,
        choices=ForecastCategory.choices,
        default=ForecastCategory.PIPELINE,
    )
    color = models.CharField(_("Colour"), max_length=7, default="#64748b")
    is_key = models.BooleanField(_("Key stage"), default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(probability__lte=100), name="stage_probability_percent"),
            models.UniqueConstraint(
                fields=["workspace", "funnel"], condition=Q(is_key=True), name="stage_key_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReasonKind(models.TextChoices):
    """Which outcome a reason explains."""

    WON = "won", _("Why we won")
    LOST = "lost", _("Why we lost")


class Reason(WorkspaceModel):
    """Why a deal was won or lost."""

    kind = models.CharField(max_length=5, choices=ReasonKind.choices)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        ordering = ["kind", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "name_key"], name="reason_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    """What an activity is by its nature; reports count by it, whatever the kind is called."""

    CALL = "call", pgettext_lazy("activity", "Call")
    MEETING = "meeting", pgettext_lazy("activity", "Meeting")
    DEMO = "demo", pgettext_lazy("activity", "Demonstration")
    VISIT = "visit", pgettext_lazy("activity", "Visit")
    LETTER = "letter", pgettext_lazy("activity", "Letter")
    FAX = "fax", pgettext_lazy("activity", "Fax")
    TASK = "task", pgettext_lazy("activity", "Task")


class ActivityKind(WorkspaceModel):
    """A kind of activity as this workspace calls it."""

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=60)
    channel = models.CharField(_("Nature"), max_length=10, choices=Channel.choices)
    icon = models.CharField(max_length=40, default="checkbox")
    minutes = models.PositiveSmallIntegerField(_("Usual length, minutes"), default=15)
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_contact(self) -> bool:
        """Whether it is a contact with the client (a task is not)."""
        return self.channel != Channel.TASK
