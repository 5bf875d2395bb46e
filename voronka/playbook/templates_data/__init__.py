"""Ready-made sales books, complete to the last stage, in Russian and English.

A template is data; `playbook.actions.apply_template` writes it into a workspace. Every text is a `Text`, so that a
template without one of the languages cannot be written down at all.
"""

from __future__ import annotations

from functools import lru_cache

from voronka.playbook.templates_data.shapes import BookTemplate, Text, with_work


@lru_cache(maxsize=1)
def _templates() -> dict[str, BookTemplate]:
    from voronka.playbook.templates_data import (
        construction,
        equipment,
        equipment_work,
        logistics,
        maintenance,
        services,
        services_work,
        software,
        wholesale,
    )

    templates = (
        with_work(equipment.TEMPLATE, equipment_work.WORK),
        with_work(services.TEMPLATE, services_work.WORK),
        software.TEMPLATE,
        construction.TEMPLATE,
        wholesale.TEMPLATE,
        maintenance.TEMPLATE,
        logistics.TEMPLATE,
    )
    return {template.code: template for template in templates}


def all_templates() -> list[BookTemplate]:
    """Every template, in the order in which they are offered."""
    return list(_templates().values())


def get_template(code: str) -> BookTemplate:
    """The template *code*; raises `KeyError`."""
    return _templates()[code]


__all__ = ["BookTemplate", "Text", "all_templates", "get_template"]
