"""What rooms above ask of the desk: notes and search rows."""

from voronka.desk.notes import add_note, delete_note, edit_note, pin_note
from voronka.desk.search import (
    Row,
    drop_search_row,
    drop_search_rows,
    put_search_row,
    put_search_rows,
    search,
)

__all__ = [
    "Row",
    "add_note",
    "delete_note",
    "drop_search_row",
    "drop_search_rows",
    "edit_note",
    "pin_note",
    "put_search_row",
    "put_search_rows",
    "search",
]
