"""Two cards become one: every room says here which of its rows name a client, so that none is lost.

    register(Column("deals", "company", Deal, "company", label=_("Deals")))

`tests/test_merging.py` holds that each link to a client is declared.
"""

from typing import Any

from voronka.clients.merging.movers import Column, CustomLinks, Mover, movers_of, register

MOST_STEPS = 100


def stays(model: Any, pk: int) -> int | None:
    """The id of the card of which card *pk* is another name, however many merges away; None when it is none."""
    goal: int | None = None
    step: int | None = pk
    for _step in range(MOST_STEPS):
        step = (
            model.objects.filter(pk=step, merged_into__isnull=False)
            .values_list("merged_into_id", flat=True)
            .first()
        )
        if step is None:
            break
        goal = step
    return goal


__all__ = ["Column", "CustomLinks", "Mover", "movers_of", "register", "stays"]
