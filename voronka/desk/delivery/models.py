"""What each member wishes to hear, and what was delivered."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel

DIGEST_AT = dt.time(8, 30)
MOST_LETTERS = 10


class NoticeSettings(WorkspaceModel):
    """One member's wishes. Whoever has no row has the defaults."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    # {channel: {kind: bool}}; what is not named is as the channel has it by default.
    wanted = models.JSONField(default=dict, blank=True)
    # In this time nothing but the bell; in the member's own time zone, and it may go past midnight.
    quiet_from = models.TimeField(_("Quiet from"), null=True, blank=True)
    quiet_till = models.TimeField(_("Quiet till"), null=True, blank=True)
    # The morning letter of working days; empty: none.
    digest_at = models.TimeField(_("Morning letter at"), null=True, blank=True, default=DIGEST_AT)
    # Further letters of a day wait for the morning one.
    most_letters = models.PositiveSmallIntegerField(_("Letters a day at most"), default=MOST_LETTERS)
    digested_on = models.DateField(null=True, blank=True)
    # Kinds that nobody reacts to: {kind: how many came in vain}, and until when the member wishes not to be asked.
    in_vain = models.JSONField(default=dict, blank=True)
    not_asked_till = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "notice settings"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member"], name="notice_settings_once"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_till=None)
                | Q(quiet_from__isnull=False, quiet_till__isnull=False),
                name="quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("waiting")
    HANDED = "handed", _("given to the mail")
    SENT = "sent", _("delivered")
    HELD = "held", _("kept for the morning letter")
    NEEDLESS = "needless", _("not needed any more")
    FAILED = "failed", _("failed")


class Delivery(WorkspaceModel):
    """One notice (or one morning letter) on its way to one member by one channel: the log and the queue at once."""

    notice = WorkspaceForeignKey("desk.Notice", on_delete=models.CASCADE, null=True, related_name="+")
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    # Whatever is asked twice under one key is delivered once.
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    # Not before: quiet hours, or a pause after a failure.
    due_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Notices that went in one letter bear the same name of it.
    letter = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member", "channel", "key"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["workspace", "due_at", "id"], name="delivery_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["workspace", "member", "channel", "-id"], name="delivery_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.key}"
