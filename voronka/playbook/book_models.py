"""The book as a whole: what is sold to whom and why it is bought, and the book as it stood on any date."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceModel


class Cell(Versioned, WorkspaceModel):
    """What a target group buys a product group for. The funnel of the cell is a row of its own."""

    product_group = WorkspaceForeignKey(
        "catalog.ProductGroup", on_delete=models.PROTECT, related_name="cells"
    )
    segment = WorkspaceForeignKey("clients.Segment", on_delete=models.PROTECT, related_name="cells")
    buys_for = models.TextField(_("What they buy it for"), blank=True)
    chooses_by = models.TextField(_("By what they choose"), blank=True)
    # The client's own steps of buying, one in a line: ours are the stages of the funnel.
    buying_steps = models.TextField(_("Their own steps of buying"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "product_group", "segment"], name="cell_once")
        ]

    def __str__(self) -> str:
        return f"{self.product_group} → {self.segment}"

    @property
    def is_said(self) -> bool:
        """Whether anything is written here."""
        return bool(self.buys_for or self.chooses_by or self.buying_steps)

    @property
    def steps(self) -> list[str]:
        """The client's steps, in order."""
        return [line.strip() for line in self.buying_steps.splitlines() if line.strip()]


class BookVersion(WorkspaceModel):
    """The whole book after a change: `content` is what `playbook.snapshot.book_snapshot()` gave then."""

    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    # Who changed it and by what; None for the first version and for what was noticed by night.
    actor = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    event = WorkspaceForeignKey(
        "journal.Event", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=64)
    content = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="book_version_number_once")
        ]
        indexes = [models.Index(fields=["workspace", "-at"], name="book_version_at")]

    def __str__(self) -> str:
        return str(self.number)
