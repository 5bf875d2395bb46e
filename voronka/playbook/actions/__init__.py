"""Verbs on the sales book."""

from voronka.playbook.actions.cells import write_cell
from voronka.playbook.actions.closing import (
    add_status,
    archive_status,
    drop_rules,
    edit_status,
    reorder_statuses,
    restore_status,
    set_rules,
)
from voronka.playbook.actions.funnels import (
    archive_funnel,
    create_funnel,
    edit_funnel,
    mark_recounted,
    reorder_funnels,
    restore_funnel,
)
from voronka.playbook.actions.kpis import add_kpi, edit_kpi, put_kpi_away, reorder_kpis
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
from voronka.playbook.actions.tunnels import add_tunnel, edit_tunnel, put_tunnel_away
from voronka.playbook.dictionaries import create_kind, create_reason, ensure_reason, merge_reason

__all__ = [
    "Applied",
    "add_kpi",
    "add_part",
    "add_stage",
    "add_status",
    "add_tunnel",
    "apply_template",
    "archive_funnel",
    "archive_stage",
    "archive_status",
    "create_funnel",
    "create_kind",
    "create_reason",
    "drop_rules",
    "edit_funnel",
    "edit_kpi",
    "edit_part",
    "edit_stage",
    "edit_status",
    "edit_tunnel",
    "ensure_reason",
    "mark_recounted",
    "merge_reason",
    "merge_stage",
    "put_kpi_away",
    "put_part_away",
    "put_tunnel_away",
    "reorder_funnels",
    "reorder_kpis",
    "reorder_parts",
    "reorder_stages",
    "reorder_statuses",
    "restore_funnel",
    "restore_stage",
    "restore_status",
    "set_key_stage",
    "set_rules",
    "write_cell",
]
