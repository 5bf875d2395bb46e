"""A weak password is complained of once."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from voronka.workspaces.models import User


@pytest.mark.parametrize(
    ("password", "said"),
    [
        # Too short, too common and all figures.
        ("12345", "корот"),
        ("anna.sedova", "похож"),
        ("qwertyuiop", "простой|распростран"),
    ],
)
def test_one_weak_password_has_one_fault(password: str, said: str) -> None:
    user = User(email="anna.sedova@example.com", name="Анна Седова")
    with pytest.raises(ValidationError, match=rf"(?i){said}") as caught:
        validate_password(password, user)
    assert len(caught.value.messages) == 1


def test_a_good_password_has_none() -> None:
    validate_password("лошадь-скрепка-17", User(email="anna@example.com", name="Анна"))
