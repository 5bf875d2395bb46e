"""One complaint about one weak password: several at once read like several faults."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)


class OneComplaint:
    """Asks Django's validators in turn, the plainest fault first, and stops at the first that objects."""

    def __init__(self, min_length: int = 10) -> None:
        self._asked: list[Any] = [
            MinimumLengthValidator(min_length),
            UserAttributeSimilarityValidator(),
            CommonPasswordValidator(),
        ]

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` with one sentence."""
        for one in self._asked:
            one.validate(password, user)

    def get_help_text(self) -> str:
        """The length says enough."""
        return str(self._asked[0].get_help_text())
