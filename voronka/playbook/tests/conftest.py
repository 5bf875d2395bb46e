"""What several tests of the book need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from voronka.playbook import stage_usage
from voronka.playbook.models import Funnel, Stage


@pytest.fixture
def stages(funnel: Funnel) -> list[Stage]:
    """The five stages of the world's funnel."""
    return list(Stage.objects.filter(funnel=funnel).order_by("order"))


@pytest.fixture
def busy() -> Iterator[dict[int, int]]:
    """Open deals by stage id, as the deals' room would tell them; the real room is left out meanwhile."""
    counts: dict[int, int] = {}
    before = list(stage_usage._counters)
    stage_usage._counters[:] = [lambda stage: counts.get(stage.pk, 0)]
    yield counts
    stage_usage._counters[:] = before
