"""Whoever was let in works with the client, and so sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from voronka.clients.models import AccessRequest, Company, Person, RequestStatus
from voronka.clients.reach import company_tie, company_workers
from voronka.desk.mentions import sees
from voronka.workspaces.models import Member


@sees("company")
def companies_seen(member: Member) -> Any:
    """Companies that *member* sees: who is mentioned on another card is not told."""
    return Company.objects.present().visible_to(member)


@sees("person")
def people_seen(member: Member) -> Any:
    """The same of people."""
    return Person.objects.present().visible_to(member)


@company_tie
def was_let_in(within: Callable[[str, str], Q]) -> Any:
    """Companies to which somebody within reach was given access."""
    granted = AccessRequest.objects.filter(status=RequestStatus.GRANTED, company__isnull=False)
    return granted.filter(within("member_id", "member__team_id")).values("company")


@company_workers
def who_were_let_in(ids: Sequence[int]) -> Any:
    """(company, member, team) of those given access to these companies."""
    granted = AccessRequest.objects.filter(status=RequestStatus.GRANTED, company__in=ids)
    return granted.order_by().values_list("company_id", "member_id", "member__team_id").distinct()
