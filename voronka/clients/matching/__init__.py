"""Which clients are the same: asked while somebody types, and of everybody in bulk."""

from voronka.clients.matching.keys import REASONS, reason_words
from voronka.clients.matching.typing import Duplicate, find_companies, find_people

__all__ = ["REASONS", "Duplicate", "find_companies", "find_people", "reason_words"]
