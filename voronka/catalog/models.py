"""What we sell."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel


class ProductGroup(WorkspaceModel):
    """A direction of sales; groups form a tree."""

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    parent = WorkspaceForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["order", "name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="product_group_once")]

    def __str__(self) -> str:
        return self.name


class Product(WorkspaceModel):
    """A product or a service."""

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=250)
    name_key = models.CharField(max_length=250, db_collation="C")
    sku = models.CharField(_("Article"), max_length=60, blank=True)
    group = WorkspaceForeignKey(
        ProductGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="products"
    )
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    price = models.DecimalField(_("Price"), max_digits=15, decimal_places=2, null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="product_name_once")]

    def __str__(self) -> str:
        return self.name


class Competitor(WorkspaceModel):
    """A company that offers our clients the same."""

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    site = models.CharField(_("Site"), max_length=200, blank=True)
    # What it is good at and what we say to that.
    description = models.TextField(_("Description"), blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="competitor_once")]

    def __str__(self) -> str:
        return self.name
