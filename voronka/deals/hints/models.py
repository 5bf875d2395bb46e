"""Which hints a company does without."""

from __future__ import annotations

from django.db import models

from voronka.core.tenancy import WorkspaceModel


class HintOff(WorkspaceModel):
    """A rule of hints that is switched off here; without a row it is on, so that new rules help at once."""

    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="hint_off_once")]

    def __str__(self) -> str:
        return self.code
