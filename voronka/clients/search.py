"""How clients are found: their rows in the desk's search table, kept fresh in the transaction of every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from voronka.clients.kept import CONTACT_FIELDS
from voronka.clients.models import (
    AccessRequest,
    Company,
    ContactKind,
    ContactPoint,
    Person,
    Position,
    RequestStatus,
)
from voronka.clients.reach import workers_of
from voronka.clients.regions import region_name
from voronka.core.text import company_key, digits
from voronka.desk.models import SearchRow
from voronka.desk.search import Row, drop_search_rows, gathers, hide_words, put_search_rows, searchable
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Subject

BATCH = 1000


def refresh_companies(ids: Iterable[int]) -> None:
    """Write the search rows of these companies anew, and of the people who work in them (they share the reach).

    Rooms above call it when somebody begins or ends to work with a client (`reach.company_workers`).
    """
    ids = set(ids)
    if gathers(refresh_companies, ids):
        return
    pending = iter(sorted(ids))
    while batch := list(islice(pending, BATCH)):
        _refresh_companies(batch)
        people = Position.objects.filter(company__in=batch).values_list("person_id", flat=True)
        _refresh_people(sorted(set(people)))


def let_find(company_id: int | None, owner_id: int | None, team_id: int | None) -> None:
    """Somebody works with the client now: let them find it, if they could not as yet."""
    if company_id is None:
        return
    row = (
        SearchRow.objects.filter(kind="company", object_id=company_id).values("owner_ids", "team_ids").first()
    )
    known = row and owner_id in (*row["owner_ids"], None) and team_id in (*row["team_ids"], None)
    if not known:
        refresh_companies([company_id])


def refresh_people(ids: Iterable[int]) -> None:
    """Write the search rows of these people anew."""
    ids = set(ids)
    if gathers(refresh_people, ids):
        return
    pending = iter(sorted(ids))
    while batch := list(islice(pending, BATCH)):
        _refresh_people(batch)


def _refresh_companies(ids: Sequence[int]) -> None:
    companies = list(Company.objects.filter(pk__in=ids, deleted_at=None))
    contacts = _contacts("company", ids)
    owners, teams = _workers(ids)
    put_search_rows(
        Row(
            kind="company",
            object_id=company.pk,
            title=company.name,
            hint=_hint(company),
            text=" ".join(
                [
                    company_key(company.legal_name),
                    company.inn,
                    company.site,
                    *contacts[company.pk],
                ]
            ),
            owner_ids=[*owners[company.pk], *([company.owner_id] if company.owner_id else [])],
            team_ids=[*teams[company.pk], *([company.team_id] if company.team_id else [])],
            weight=2 if company.is_key else 1,
        )
        for company in companies
    )
    drop_search_rows("company", set(ids) - {company.pk for company in companies})


def _refresh_people(ids: Sequence[int]) -> None:
    if not ids:
        return
    people = list(Person.objects.filter(pk__in=ids, deleted_at=None))
    contacts = _contacts("person", ids)
    posts = defaultdict(list)
    for post in Position.objects.filter(person__in=ids, company__deleted_at=None).select_related("company"):
        posts[post.person_id].append(post)
    company_ids = sorted({post.company_id for found in posts.values() for post in found})
    owners, teams = _workers(company_ids)
    let_in = defaultdict(list)
    granted = AccessRequest.objects.filter(person__in=ids, status=RequestStatus.GRANTED)
    for pk, member_id, team_id in granted.values_list("person_id", "member_id", "member__team_id"):
        let_in[pk].append((member_id, team_id))
    rows = []
    for person in people:
        worked = posts[person.pk]
        owner_ids = {person.owner_id, *(post.company.owner_id for post in worked)}
        team_ids = {person.team_id, *(post.company.team_id for post in worked)}
        for member_id, team_id in let_in[person.pk]:
            owner_ids.add(member_id)
            team_ids.add(team_id)
        for post in worked:
            owner_ids.update(owners[post.company_id])
            team_ids.update(teams[post.company_id])
        first = worked[0] if worked else None
        rows.append(
            Row(
                kind="person",
                object_id=person.pk,
                title=person.name,
                hint=" · ".join(filter(None, [first.company.name, first.title])) if first else "",
                text=" ".join([*contacts[person.pk], *(company_key(post.company.name) for post in worked)]),
                owner_ids=[pk for pk in owner_ids if pk],
                team_ids=[pk for pk in team_ids if pk],
                weight=1,
            )
        )
    put_search_rows(rows)
    drop_search_rows("person", set(ids) - {person.pk for person in people})


def _hint(company: Company) -> str:
    return " · ".join(filter(None, [company.inn, region_name(company.region)]))


def _contacts(kind: str, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    column = f"{kind}_id"
    for owner_id, contact_kind, normal in ContactPoint.objects.filter(**{f"{column}__in": ids}).values_list(
        column, "kind", "normal"
    ):
        found[owner_id].append(
            digits(normal.partition(";")[0]) if contact_kind == ContactKind.PHONE else normal
        )
    return found


def _workers(ids: Sequence[int]) -> tuple[defaultdict[int, set[int]], defaultdict[int, set[int]]]:
    owners: defaultdict[int, set[int]] = defaultdict(set)
    teams: defaultdict[int, set[int]] = defaultdict(set)
    for company_id, owner_id, team_id in workers_of(ids):
        if owner_id:
            owners[company_id].add(owner_id)
        if team_id:
            teams[company_id].add(team_id)
    return owners, teams


def _hidden_words(kind: str, member: Member, ids: Sequence[int]) -> dict[int, set[str]]:
    """What of the rows of these clients *member* may not find them by: hidden contacts and requisites."""
    hidden = member.hidden_fields(Subject.CLIENT)
    kinds = [of for of, name in CONTACT_FIELDS.items() if name in hidden]
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    if kinds:
        points = ContactPoint.objects.filter(kind__in=kinds, **{f"{kind}__in": ids})
        for owner_id, of, normal in points.values_list(f"{kind}_id", "kind", "normal"):
            words = digits(normal.partition(";")[0]) if of == ContactKind.PHONE else normal
            found[owner_id].update(searchable(words).split())
    columns = [name for name in ("inn", "site", "legal_name") if name in hidden]
    if kind == "company" and columns:
        for pk, name, *values in Company.objects.filter(pk__in=ids).values_list("pk", "name", *columns):
            # What stands in the name, too, is no secret.
            name_words = set(searchable(company_key(name)).split())
            for value in values:
                found[pk].update(set(searchable(company_key(value)).split()) - name_words)
    return found


hide_words("company", partial(_hidden_words, "company"))
hide_words("person", partial(_hidden_words, "person"))
