"""How we sell: the sales book."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
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
    # More open deals than this in the column are too many to be worked on; the board says so and forbids nothing.
    wip_limit = models.PositiveSmallIntegerField(_("Deals on the board at most"), null=True, blank=True)
    probability = models.PositiveSmallIntegerField(_("Probability, %"), default=0)
    category = models.CharField(
        _("Forecast category"),
        max_length=10,
        choices=ForecastCategory.choices,
        default=ForecastCategory.PIPELINE,
    )
    color = models.CharField(_("Colour"), max_length=7, default="#64748b")
    is_key = models.BooleanField(_("Key stage"), default=False)
    remedies = models.TextField(_("Remedies"), blank=True, default="", db_default="")
    # Shares of the time limit, in per cent, at which the head is told that a deal stands here.
    told_at = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, db_default=[])
    # When nobody has reacted so many working days after that, the next head up is told.
    escalates_after = models.PositiveSmallIntegerField(
        _("Without a reaction tell the next head up after, working days"), null=True, blank=True
    )
    # When nothing is missing any more, the deal goes on by itself.
    moves_itself = models.BooleanField(_("The deal moves on by itself"), default=False, db_default=False)
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


class StagePart(Versioned, WorkspaceModel):
    """What the book says about a stage in a row of its own. Put away, never deleted: deals refer to it."""

    stage = WorkspaceForeignKey(Stage, on_delete=models.CASCADE, related_name="%(class)s_rows")
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["order", "id"]


class StageTask(StagePart):
    """An activity that entering the stage creates; days are counted from entering."""

    kind = WorkspaceForeignKey(
        "playbook.ActivityKind", verbose_name=_("Kind"), on_delete=models.PROTECT, related_name="+"
    )
    text = models.CharField(_("What to do"), max_length=250)
    after_days = models.PositiveSmallIntegerField(_("Working days after entering"), default=0)
    # Whose task it is; empty: of the deal's responsible.
    role = WorkspaceForeignKey(
        "workspaces.Role",
        verbose_name=_("Who does it"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    required = models.BooleanField(_("Required"), default=False)
    script = models.TextField(_("How to do it"), blank=True)
    # Links to films, files and templates, one in a line.
    materials = models.TextField(_("Materials"), blank=True)

    def __str__(self) -> str:
        return self.text


class Strictness(models.TextChoices):
    """What happens when a deal leaves a stage and something is missing."""

    ASK = "ask", _("asks")
    WARN = "warn", _("warns")
    REFUSE = "refuse", _("does not let go")


class Criterion(StagePart):
    """What must be so before a deal leaves the stage forward, or closes with a status.

    Kinds are declared in `playbook.criteria`. It has either a stage or a closing status.
    """

    stage = WorkspaceForeignKey(  # type: ignore[assignment]
        Stage, on_delete=models.CASCADE, null=True, blank=True, related_name="criterion_rows"
    )
    closing = WorkspaceForeignKey(
        "playbook.ClosingStatus",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="criterion_rows",
    )
    kind = models.CharField(max_length=30)
    params = models.JSONField(default=dict)
    strictness = models.CharField(max_length=6, choices=Strictness.choices, default=Strictness.WARN)

    class Meta(StagePart.Meta):
        verbose_name_plural = "criteria"
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__isnull=False, closing=None) | Q(stage=None, closing__isnull=False),
                name="criterion_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Objection(StagePart):
    """What clients object on this stage, and what to answer."""

    text = models.CharField(_("Objection"), max_length=250)
    answer = models.TextField(_("Answer"), blank=True)

    def __str__(self) -> str:
        return self.text


class ReasonKind(models.TextChoices):
    """Which outcome a reason explains."""

    WON = "won", _("Why we won")
    LOST = "lost", _("Why we lost")


class FollowUp(models.TextChoices):
    """What comes after a loss for this reason."""

    CONTACT = "contact", _("plan a call to the client")
    DEAL = "deal", _("put the deal back to work")
    MARKETING = "marketing", _("hand to marketing")
    NEVER = "never", _("never come back")


class Reason(WorkspaceModel):
    """Why a deal was won or lost."""

    kind = models.CharField(max_length=5, choices=ReasonKind.choices)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    order = models.PositiveSmallIntegerField(default=0)
    # After a loss for this reason, in how many days somebody comes back to the client; empty: nobody does.
    return_days = models.PositiveSmallIntegerField(
        _("Come back to the client in, days"), null=True, blank=True
    )
    follow_up = models.CharField(
        _("What comes after"),
        max_length=9,
        choices=FollowUp.choices,
        default=FollowUp.CONTACT,
        db_default=FollowUp.CONTACT,
    )
    # Who comes back; empty: who had the deal.
    return_to = WorkspaceForeignKey(
        "workspaces.Member",
        verbose_name=_("Who comes back"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
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

    @property
    def comes_back(self) -> bool:
        """Whether somebody comes back after a loss: by a call or with the deal, in so many days."""
        return bool(self.return_days) and self.follow_up in (FollowUp.CONTACT, FollowUp.DEAL)


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


from voronka.playbook.book_models import BookVersion, Cell  # noqa: E402
from voronka.playbook.closing_models import ClosingRules, ClosingStatus, End  # noqa: E402
from voronka.playbook.kpi_models import Better, Kpi  # noqa: E402
from voronka.playbook.tunnel_models import Trigger, Tunnel, Wait  # noqa: E402

__all__ = [
    "ActivityKind",
    "Better",
    "BookVersion",
    "Cell",
    "Channel",
    "ClosingRules",
    "ClosingStatus",
    "Criterion",
    "End",
    "FollowUp",
    "ForecastCategory",
    "Funnel",
    "Kpi",
    "Objection",
    "Reason",
    "ReasonKind",
    "Stage",
    "StagePart",
    "StageTask",
    "Strictness",
    "Trigger",
    "Tunnel",
    "Wait",
]
