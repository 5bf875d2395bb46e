"""Lists of names that a company keeps for itself: sources, segments, reasons, kinds of activities, products…

A room declares its lists in the registry; one set of verbs with events and undo then serves them all.
"""

from voronka.desk.dictionaries.actions import (
    archive_entry,
    create_entry,
    edit_entry,
    ensure_entry,
    merge_entry,
    reorder_entries,
    restore_entry,
)
from voronka.desk.dictionaries.registry import (
    Dictionary,
    all_dictionaries,
    dictionary_of,
    get_dictionary,
    guard,
)

__all__ = [
    "Dictionary",
    "all_dictionaries",
    "archive_entry",
    "create_entry",
    "dictionary_of",
    "edit_entry",
    "ensure_entry",
    "get_dictionary",
    "guard",
    "merge_entry",
    "reorder_entries",
    "restore_entry",
]
