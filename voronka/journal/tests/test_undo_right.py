"""Who may take back what another did: whoever's right to change such things covers the one who did it."""

from __future__ import annotations

import pytest

from tests.world import World, make_company
from voronka.clients.actions import edit_company
from voronka.core.errors import Forbidden
from voronka.journal.actions import undo
from voronka.journal.models import Event


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("anna", True),
        ("boris", False),
        ("north_head", True),
        ("head", True),
        ("marketer", True),
        ("vera", False),
    ],
)
def test_rights_decide_and_not_the_name_of_the_role(world: World, who: str, may: bool) -> None:
    company = make_company(world.anna, "Было")
    edit_company(company, actor=world.anna, changes={"name": "Стало"})
    event = Event.objects.get(type="company.edited")
    # The same rights under a name of the company's own.
    for role in world.roles.values():
        role.code = f"own-{role.code[:10]}"
        role.name = role.code
        role.save()
    if may:
        undo(event, actor=getattr(world, who))
    else:
        with pytest.raises(Forbidden):
            undo(event, actor=getattr(world, who))
    company.refresh_from_db()
    assert company.name == ("Было" if may else "Стало")
