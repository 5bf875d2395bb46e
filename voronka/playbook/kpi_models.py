"""The five numbers by which a company judges how it sells."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceModel


class Better(models.TextChoices):
    """Which way is good."""

    MORE = "more", _("More is better")
    LESS = "less", _("Less is better")


class Kpi(Versioned, WorkspaceModel):
    """A measure that is watched every month, what it should be for one seller, and what is good enough.

    Put away, never deleted: earlier editions of the book refer to it.
    """

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    # A code of `playbook.measures`.
    measure = models.CharField(_("Measure"), max_length=30)
    funnel = WorkspaceForeignKey(
        "playbook.Funnel",
        verbose_name=_("Funnel"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    segment = WorkspaceForeignKey(
        "clients.Segment",
        verbose_name=_("Target group"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    product_group = WorkspaceForeignKey(
        "catalog.ProductGroup",
        verbose_name=_("Product group"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # Of one seller in a month; empty: nothing is asked, the number is only watched.
    target = models.DecimalField(
        _("Target of one seller for a month"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    weight = models.PositiveSmallIntegerField(_("Weight, %"), default=20)
    better = models.CharField(
        _("Which way is good"), max_length=4, choices=Better.choices, default=Better.MORE
    )
    # Shares of the target, in per cent, from which the number is green and amber; below it is red.
    good = models.PositiveSmallIntegerField(_("Good from, % of the target"), default=100)
    fair = models.PositiveSmallIntegerField(_("Bearable from, % of the target"), default=80)
    method = models.TextField(_("How it is counted and judged"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = "KPI"
        constraints = [
            models.CheckConstraint(
                condition=Q(fair__lte=models.F("good"), good__lte=200), name="kpi_thresholds_rise"
            ),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="kpi_weight_percent"),
            models.CheckConstraint(condition=Q(target=None) | Q(target__gt=0), name="kpi_target_positive"),
        ]

    def __str__(self) -> str:
        return self.name
