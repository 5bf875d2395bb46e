"""What PostgreSQL reads out of an address: the same words in indexes and in questions, so that they meet."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Lower

HOST = r"^(?:[a-z]+://)?(?:www\.)?([^/:?#[:space:]]+)"


class MailDomain(Func):
    """What stands after @ in the normal form of an e-mail address."""

    function = "split_part"
    output_field = CharField()

    def __init__(self, column: str, **extra: Any) -> None:
        super().__init__(F(column), Value("@"), Value(2), **extra)


class SiteHost(Func):
    """The name of the host in the address of a site, without `www.`; NULL when there is none."""

    function = "substring"
    output_field = CharField()

    def __init__(self, column: str, **extra: Any) -> None:
        super().__init__(Lower(column), Value(HOST), **extra)
