"""Deals and their history.

`DealState` is the only history; `Deal` repeats its present row, `StageVisit` and the `deepest_*` columns are
summaries of it, kept in the same transaction (architecture.md, 4). All four are written by `deals.history` alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.deals.choices import (
    Attitude,
    Basis,
    Cause,
    DealKind,
    Influence,
    Interest,
    Outcome,
    Priority,
    VisitEnd,
)
from voronka.deals.querysets import DealQuerySet
from voronka.desk.fields.models import Shaped, own_values_index
from voronka.playbook.models import ForecastCategory
from voronka.workspaces.viewer import seen_now


class StateFields(models.Model):
    """What a state holds; the present deal repeats it."""

    stage = WorkspaceForeignKey("playbook.Stage", on_delete=models.PROTECT, related_name="+", db_index=False)
    funnel = WorkspaceForeignKey(
        "playbook.Funnel", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=7, choices=Outcome.choices, default=Outcome.OPEN)
    reason = WorkspaceForeignKey(
        "playbook.Reason", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # How exactly it ended, where the funnel tells its endings apart.
    closing = WorkspaceForeignKey(
        "playbook.ClosingStatus",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    amount = models.DecimalField(_("Sum"), max_digits=15, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="RUB")
    # The sum in the workspace's currency at the rate of the day the state was written; None: no sum or no rate.
    amount_base = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    expected_close = models.DateField(_("Expected close"), null=True, blank=True)
    category = models.CharField(max_length=10, choices=ForecastCategory.choices, blank=True)
    head_category = models.CharField(max_length=10, choices=ForecastCategory.choices, blank=True)
    probability = models.PositiveSmallIntegerField(_("Probability, %"), null=True, blank=True)
    owner = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    team = WorkspaceForeignKey(
        "workspaces.Team", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


STATE_FIELDS = tuple(field.attname for field in StateFields._meta.local_fields)


class Deal(Shaped, Versioned, StateFields, WorkspaceModel):
    """A sale under way or done, from the client's interest to «Успех» or «Отказ»."""

    number = models.BigIntegerField()
    # How the number reads by the company's own pattern («Д-2026/0043»); "" where there is none.
    code = models.CharField(_("Number"), max_length=60, blank=True, db_default="")
    title = models.CharField(_("Name"), max_length=250)
    company = WorkspaceForeignKey(
        "clients.Company",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        db_index=False,
    )
    person = WorkspaceForeignKey(
        "clients.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="deals"
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=DealKind.choices, default=DealKind.NEW)
    priority = models.PositiveSmallIntegerField(
        _("Priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    interest = models.CharField(_("Interest"), max_length=5, choices=Interest.choices, blank=True)
    interest_at = models.DateTimeField(null=True, blank=True)
    source = WorkspaceForeignKey(
        "clients.Source", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    product = WorkspaceForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The product's group, else the funnel's: what «по товарным группам» counts by.
    product_group = WorkspaceForeignKey(
        "catalog.ProductGroup",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    comment = models.TextField(_("Comment"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_owner = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_team = WorkspaceForeignKey(
        "workspaces.Team", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.SEEN)
    # Summaries of the history.
    state_since = models.DateTimeField(default=timezone.now)
    stage_since = models.DateTimeField(default=timezone.now)
    deepest_stage = WorkspaceForeignKey(
        "playbook.Stage", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    deepest_order = models.PositiveSmallIntegerField(default=0)
    pushes = models.PositiveSmallIntegerField(default=0)
    # By what day each stage is to be left: {stage id: [as planned at first, as planned now]}, see `deals.plan`.
    stage_plan = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    # Summaries written by `activities` through `deals.actions.note_contacts()`.
    next_activity_at = models.DateTimeField(null=True, blank=True)
    next_activity_has_time = models.BooleanField(default=True)
    next_activity_text = models.CharField(max_length=250, blank=True)
    next_activity_icon = models.CharField(max_length=40, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    # A head said that the deal lives; until this day it is not asked about again (`deals.closing.dead`).
    alive_until = models.DateField(null=True, blank=True)

    objects: ClassVar[Any] = WorkspaceManager.of(DealQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="deal_number_once"),
            models.UniqueConstraint(
                fields=["workspace", "code"], condition=~Q(code=""), name="deal_code_once"
            ),
            models.CheckConstraint(condition=Q(probability__lte=100), name="deal_probability_percent"),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome__in=["open", "deleted"])
                | Q(closed_at__isnull=False, outcome__in=["won", "lost", "deleted"]),
                name="deal_closed_when_over",
            ),
        ]
        indexes = [
            own_values_index("deal_own_values"),
            # The board: a column's cards, newest in the stage first.
            models.Index(
                fields=["workspace", "stage", "-stage_since", "-id"],
                name="deal_board",
                condition=Q(outcome="open"),
            ),
            # The board's heads: counts and sums by index only, within anyone's reach.
            models.Index(
                fields=["workspace", "funnel", "stage", "owner", "team"],
                include=["amount_base", "probability", "next_activity_at", "amount"],
                name="deal_open_sums",
                condition=Q(outcome="open"),
            ),
            # Today: what of a member's open deals needs attention, answered by the index alone.
            models.Index(
                fields=["workspace", "owner", "next_activity_at"],
                include=[
                    "id",
                    "stage",
                    "stage_since",
                    "last_contact_at",
                    "expected_close",
                    "opened_at",
                    "amount_base",
                ],
                name="deal_attention",
                condition=Q(outcome="open"),
            ),
            # The cohort funnel.
            models.Index(
                fields=["workspace", "funnel", "opened_at"],
                include=[
                    "deepest_order",
                    "outcome",
                    "amount_base",
                    "company",
                    "stage",
                    "reason",
                    "basis",
                    "state_since",
                    "person",
                    "owner",
                    "team",
                    "closed_owner",
                    "closed_team",
                    "id",
                ],
                name="deal_cohort",
            ),
            # Results: what was closed in a period.
            models.Index(
                fields=["workspace", "outcome", "closed_at"],
                include=["closed_owner", "closed_team", "amount_base", "funnel"],
                name="deal_closed",
            ),
            models.Index(fields=["workspace", "company", "-id"], name="deal_of_company"),
            # Whose clients a member sees by having deals with them.
            models.Index(
                fields=["workspace", "owner", "company"],
                name="deal_clients_of_owner",
                condition=~Q(outcome="deleted") & Q(company__isnull=False),
            ),
            models.Index(
                fields=["workspace", "team", "company"],
                name="deal_clients_of_team",
                condition=~Q(outcome="deleted") & Q(company__isnull=False),
            ),
            models.Index(fields=["workspace", "-opened_at", "-id"], name="deal_recent"),
            # Lists by sum, open or all, up or down; and open ones by their dates.
            models.Index(fields=["workspace", "amount_base", "id"], name="deal_by_sum"),
            models.Index(
                fields=["workspace", "amount_base", "id"],
                name="deal_open_by_sum",
                condition=Q(outcome="open"),
            ),
            models.Index(
                fields=["workspace", "expected_close", "id"],
                name="deal_open_by_close",
                condition=Q(outcome="open"),
            ),
            models.Index(
                fields=["workspace", "next_activity_at", "id"],
                name="deal_open_by_next",
                condition=Q(outcome="open"),
            ),
            # What a seller sees: own ones, and those that were closed as own.
            models.Index(fields=["workspace", "owner"], name="deal_of_owner"),
            models.Index(
                fields=["workspace", "closed_owner"],
                name="deal_closed_by",
                condition=Q(outcome__in=["won", "lost"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def seen_amount(self) -> Decimal | None:
        """The sum as the present viewer may see it: None also where it is hidden."""
        return self.amount if seen_now("deal", "amount") else None

    @property
    def shown_number(self) -> str:
        """The number as people read it."""
        return self.code or str(self.number)

    @property
    def is_open(self) -> bool:
        return self.outcome == Outcome.OPEN

    @property
    def is_closed(self) -> bool:
        return self.outcome in (Outcome.WON, Outcome.LOST)

    @property
    def chance(self) -> int:
        """Probability in per cent: the seller's own, else the stage's."""
        return self.probability if self.probability is not None else self.stage.probability

    @property
    def weighted(self) -> Decimal:
        """Sum × probability in the workspace's currency; 0 without a sum."""
        return (self.amount_base or Decimal(0)) * self.chance / 100


class DealState(StateFields, WorkspaceModel):
    """One row per period in which nothing of it changed: `[valid_from, valid_to)`."""

    deal = WorkspaceForeignKey(Deal, on_delete=models.CASCADE, related_name="states", db_index=False)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.SEEN)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    void = models.BooleanField(default=False)
    event = WorkspaceForeignKey(
        "journal.Event", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="state_lasts"
            ),
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(valid_to=None, void=False), name="state_one_present"
            ),
            ExclusionConstraint(
                name="state_no_overlap",
                expressions=[
                    ("deal", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(void=False),
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "deal", "valid_from"], name="state_of_deal"),
            # As of a day: the states valid then; the older half of the table is skipped by valid_to.
            models.Index(
                fields=["workspace", "funnel", "valid_to", "valid_from"],
                include=["stage", "outcome", "amount_base", "probability", "owner", "team", "deal"],
                name="state_as_of",
                condition=Q(void=False, outcome="open"),
            ),
            # Won sums (targets.facts): the few changes that came after a closing.
            models.Index(
                fields=["workspace", "valid_from"],
                name="state_after_closing",
                condition=Q(void=False)
                & (Q(cause="reopened") | Q(outcome="won", cause__in=["edited", "rate"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.valid_from:%Y-%m-%d}"


class StageVisit(WorkspaceModel):
    """A maximal run of a deal's (non-void) states in one stage while open."""

    deal = WorkspaceForeignKey(Deal, on_delete=models.CASCADE, related_name="visits", db_index=False)
    funnel = WorkspaceForeignKey(
        "playbook.Funnel", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stage = WorkspaceForeignKey("playbook.Stage", on_delete=models.PROTECT, related_name="+", db_index=False)
    entered = models.DateTimeField()
    left = models.DateTimeField(null=True, blank=True)
    seconds = models.BigIntegerField(null=True, blank=True)
    end = models.CharField(max_length=8, choices=VisitEnd.choices, blank=True)
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.SEEN)
    # The deal's whole time in the stage when this visit ended, in seconds; None while it goes on, or if a part of
    # it is assumed. With `is_last` (no later visit to the stage) it is «time in stage» without grouping.
    spent = models.BigIntegerField(null=True, blank=True)
    is_last = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(left=None), name="visit_one_present"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "deal", "entered"], name="visit_of_deal"),
            models.Index(
                fields=["workspace", "funnel", "left"],
                include=["stage", "deal", "entered", "end", "basis", "spent", "is_last"],
                name="visit_left",
            ),
            models.Index(
                fields=["workspace", "funnel", "entered"],
                include=["stage", "deal", "left", "end", "basis"],
                name="visit_entered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} in {self.stage_id}"


class DealParticipant(WorkspaceModel):
    """A person who takes part in the purchase."""

    deal = WorkspaceForeignKey(Deal, on_delete=models.CASCADE, related_name="participants")
    person = WorkspaceForeignKey("clients.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("Role in the purchase"), max_length=12, blank=True)
    influence = models.CharField(_("Influence"), max_length=6, choices=Influence.choices, blank=True)
    attitude = models.CharField(_("Attitude"), max_length=9, choices=Attitude.choices, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "deal", "person"], name="participant_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.deal_id}"


class DealTag(WorkspaceModel):
    """A tag put on a deal."""

    deal = WorkspaceForeignKey(Deal, on_delete=models.CASCADE, related_name="tag_links")
    tag = WorkspaceForeignKey("desk.Tag", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "deal", "tag"], name="deal_tag_once")]

    def __str__(self) -> str:
        return str(self.tag)


# Tables of a part of the room that has a folder of its own.
from voronka.deals.closing.models import Comeback, LossProposal, TunnelRun  # noqa: E402
from voronka.deals.handing.models import HandOver  # noqa: E402
from voronka.deals.hints.models import HintOff  # noqa: E402
from voronka.deals.leaving.models import Approval, Passage, Tick  # noqa: E402
from voronka.deals.led.models import Colleague, Offer, Rival  # noqa: E402

__all__ = [
    "STATE_FIELDS",
    "Approval",
    "Colleague",
    "Comeback",
    "Deal",
    "DealParticipant",
    "DealState",
    "DealTag",
    "HandOver",
    "HintOff",
    "LossProposal",
    "Offer",
    "Passage",
    "Rival",
    "StageVisit",
    "Tick",
    "TunnelRun",
]
