"""Two cards become one: every room says here which of its rows name a client, so that none is lost.

    register(Column("deals", "company", Deal, "company", label=_("Deals")))

`tests/test_merging.py` holds that each link to a client is declared.
"""

from voronka.clients.merging.movers import Column, CustomLinks, Mover, movers_of, register

__all__ = ["Column", "CustomLinks", "Mover", "movers_of", "register"]
