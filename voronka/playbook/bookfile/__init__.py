"""The whole book as one YAML file: written, read with faults named by line, compared and applied."""

from voronka.playbook.bookfile.applying import apply_book, preview
from voronka.playbook.bookfile.reading import Fault, Unreadable, read_book
from voronka.playbook.bookfile.writing import portable, write_book

__all__ = ["Fault", "Unreadable", "apply_book", "portable", "preview", "read_book", "write_book"]
