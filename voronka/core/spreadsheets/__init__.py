"""Spreadsheets in and out: xlsx, xls, ods and text of any usual encoding in; xlsx and csv out."""

from voronka.core.spreadsheets.guards import NotATable
from voronka.core.spreadsheets.reading import MAX_COLUMNS, MAX_ROWS, Cell, Row, Table, open_table
from voronka.core.spreadsheets.writing import (
    Column,
    Kind,
    RejectedRow,
    Sheet,
    write_csv,
    write_rejected,
    write_xlsx,
)

__all__ = [
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Cell",
    "Column",
    "Kind",
    "NotATable",
    "RejectedRow",
    "Row",
    "Sheet",
    "Table",
    "open_table",
    "write_csv",
    "write_rejected",
    "write_xlsx",
]
