"""What was done and what is to be done."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.activities.querysets import ActivityQuerySet
from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.desk.fields.models import Shaped, own_values_index


class Direction(models.TextChoices):
    """Who began the contact."""

    OUT = "out", _("outgoing")
    IN = "in", _("incoming")


class Places(NamedTuple):
    """Whose summaries an activity counts in."""

    deal_id: int | None
    company_id: int | None
    person_id: int | None


class Unit(models.TextChoices):
    """What a repeated activity is counted in."""

    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")


class Series(WorkspaceModel):
    """How an activity repeats, and what each next one is made of; whose and about whom it is, the former one says."""

    every = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.WEEK)
    # Occurrence 0; months are counted from it, so that the 31st comes back after a short month.
    start = models.DateField()
    # By the clock of `zone`; none for whole days.
    at = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=50)
    until = models.DateField(null=True, blank=True)
    times = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = WorkspaceForeignKey("playbook.ActivityKind", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=250)
    minutes = models.PositiveSmallIntegerField(default=15)
    # Minutes between the reminder and the activity.
    remind_before = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return f"{self.subject}: {self.every} {self.unit}"


class Activity(Shaped, Versioned, WorkspaceModel):
    """A call, meeting, letter, task…: planned while `done_at` is empty, done after."""

    kind = WorkspaceForeignKey("playbook.ActivityKind", on_delete=models.PROTECT, related_name="+")
    # Repeated from the kind, so that reports and summaries need no join.
    channel = models.CharField(max_length=10)
    subject = models.CharField(_("What to do"), max_length=250)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    is_cold = models.BooleanField(_("Cold"), default=False)
    reached = models.BooleanField(_("Reached"), null=True, blank=True)
    due_at = models.DateTimeField(_("When"))
    has_time = models.BooleanField(default=True)
    minutes = models.PositiveSmallIntegerField(_("Length, minutes"), default=15)
    remind_at = models.DateTimeField(null=True, blank=True)
    # The `remind_at` that its owner has been reminded of.
    reminded_for = models.DateTimeField(null=True, blank=True, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(_("Result"), blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    company = WorkspaceForeignKey(
        "clients.Company", on_delete=models.CASCADE, null=True, blank=True, related_name="activities"
    )
    person = WorkspaceForeignKey(
        "clients.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    deal = WorkspaceForeignKey(
        "deals.Deal", on_delete=models.CASCADE, null=True, blank=True, related_name="activities"
    )
    owner = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="activities")
    team = WorkspaceForeignKey("workspaces.Team", on_delete=models.PROTECT, null=True, related_name="+")
    # The task of the sales book that made it.
    stage_task = WorkspaceForeignKey(
        "playbook.StageTask",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # What it repeats, and which occurrence it is.
    series = WorkspaceForeignKey(
        Series, on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    series_number = models.PositiveIntegerField(null=True, blank=True)
    created_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = WorkspaceManager.of(ActivityQuerySet)

    class Meta:
        constraints = [
            # Two workers make the next one once.
            models.UniqueConstraint(
                fields=["workspace", "series", "series_number"],
                name="activity_occurrence_once",
                condition=Q(series__isnull=False),
            )
        ]
        indexes = [
            own_values_index("activity_own_values"),
            # Today: what a member has still to do, by its time.
            models.Index(
                fields=["workspace", "owner", "due_at", "id"],
                name="activity_planned",
                condition=Q(done_at=None, cancelled_at=None),
            ),
            # All of one member by time: among millions his few finished ones are not to be looked for one by one.
            models.Index(fields=["workspace", "owner", "due_at", "id"], name="activity_of_owner"),
            # The list over many members, by time.
            models.Index(
                fields=["workspace", "due_at", "id"],
                name="activity_planned_all",
                condition=Q(done_at=None, cancelled_at=None),
            ),
            models.Index(
                fields=["workspace", "-done_at", "-id"],
                name="activity_done_all",
                condition=Q(done_at__isnull=False),
            ),
            models.Index(
                fields=["workspace", "-due_at", "-id"],
                name="activity_cancelled_all",
                condition=Q(cancelled_at__isnull=False),
            ),
            models.Index(fields=["workspace", "due_at", "id"], name="activity_by_due"),
            models.Index(fields=["workspace", "deal", "due_at"], name="activity_of_deal"),
            models.Index(fields=["workspace", "company", "due_at"], name="activity_of_company"),
            # Whose clients a member sees by having activities with them.
            models.Index(
                fields=["workspace", "owner", "company"],
                name="activity_clients_of_owner",
                condition=Q(cancelled_at=None, company__isnull=False),
            ),
            models.Index(
                fields=["workspace", "team", "company"],
                name="activity_clients_of_team",
                condition=Q(cancelled_at=None, company__isnull=False),
            ),
            # Reports: finished activities of a member in a period.
            models.Index(
                fields=["workspace", "owner", "done_at"],
                name="activity_done",
                condition=Q(done_at__isnull=False),
            ),
            models.Index(
                fields=["workspace", "remind_at"],
                name="activity_reminders",
                condition=Q(done_at=None, cancelled_at=None, remind_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def places(self) -> Places:
        return Places(self.deal_id, self.company_id, self.person_id)

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None


class CalendarLink(WorkspaceModel):
    """The secret address at which a member's calendar is read by other programs; only its digest is stored."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "member"], name="calendar_link_one_open", condition=Q(closed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.created_at:%Y-%m-%d}"
