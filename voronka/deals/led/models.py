"""People of ours in a deal, prices that were named in it, and who else bids."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel
from voronka.deals.choices import Side


class Colleague(WorkspaceModel):
    """One of ours who takes part in a deal beside its owner."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="colleagues")
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    part = models.CharField(_("What for"), max_length=100, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["workspace", "deal", "member"], name="colleague_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.deal_id}"


class Offer(WorkspaceModel):
    """A price named in the talks: ours or the client's, in the deal's currency of that day, VAT included."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="offers", db_index=False)
    side = models.CharField(max_length=6, choices=Side.choices)
    day = models.DateField(_("Day"))
    amount = models.DecimalField(_("Sum"), max_digits=15, decimal_places=2)
    currency = models.CharField(max_length=3)
    terms = models.TextField(_("Terms"), blank=True)
    # With whom of the client's people it was talked over.
    person = WorkspaceForeignKey(
        "clients.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="offer_not_negative")]
        indexes = [models.Index(fields=["workspace", "deal", "day", "id"], name="offer_of_deal")]

    def __str__(self) -> str:
        return f"{self.side} {self.amount}"


class Rival(WorkspaceModel):
    """A competitor in a deal: the price as far as it is known, and what we answer."""

    deal = WorkspaceForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="rivals")
    competitor = WorkspaceForeignKey("catalog.Competitor", on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(_("Price"), max_digits=15, decimal_places=2, null=True, blank=True)
    priced_on = models.DateField(null=True, blank=True)
    answer = models.TextField(_("Our answer"), blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "deal", "competitor"], name="rival_once"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="rival_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.competitor_id} in {self.deal_id}"
