"""What can be done to a deal: each verb is one function, one transaction, one event."""

from __future__ import annotations

from voronka.deals.actions.checks import MAX_AMOUNT, subjects_of
from voronka.deals.actions.closing import delete_deal, lose_deal, reopen_deal, restore_deal, win_deal
from voronka.deals.actions.facts import (
    EDITABLE,
    add_participant,
    edit_deal,
    note_contacts,
    remove_participant,
    set_tag,
)
from voronka.deals.actions.keeping import keep_deal
from voronka.deals.actions.moving import assign_deal, move_deal, void_move
from voronka.deals.actions.opening import create_deal
from voronka.deals.actions.second_key import confirm_loss, return_loss, withdraw_loss

__all__ = [
    "EDITABLE",
    "MAX_AMOUNT",
    "add_participant",
    "assign_deal",
    "confirm_loss",
    "create_deal",
    "delete_deal",
    "edit_deal",
    "keep_deal",
    "lose_deal",
    "move_deal",
    "note_contacts",
    "remove_participant",
    "reopen_deal",
    "restore_deal",
    "return_loss",
    "set_tag",
    "subjects_of",
    "void_move",
    "win_deal",
    "withdraw_loss",
]
