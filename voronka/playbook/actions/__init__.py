"""Verbs on the sales book."""

from voronka.playbook.actions.funnels import (
    archive_funnel,
    create_funnel,
    edit_funnel,
    mark_recounted,
    reorder_funnels,
    restore_funnel,
)
from voronka.playbook.actions.parts import add_part, edit_part, put_part_away, reorder_parts
from voronka.playbook.actions.stages import (
    add_stage,
    archive_stage,
    edit_stage,
    merge_stage,
    reorder_stages,
    restore_stage,
    set_key_stage,
)
from voronka.playbook.actions.templates import Applied, apply_template
from voronka.playbook.dictionaries import create_kind, create_reason, ensure_reason, merge_reason

__all__ = [
    "Applied",
    "add_part",
    "add_stage",
    "apply_template",
    "archive_funnel",
    "archive_stage",
    "create_funnel",
    "create_kind",
    "create_reason",
    "edit_funnel",
    "edit_part",
    "edit_stage",
    "ensure_reason",
    "mark_recounted",
    "merge_reason",
    "merge_stage",
    "put_part_away",
    "reorder_funnels",
    "reorder_parts",
    "reorder_stages",
    "restore_funnel",
    "restore_stage",
    "set_key_stage",
]
