"""Bringing deals in: everything in one transaction, in parts that fit into memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from voronka.catalog.models import Product
from voronka.clients.bulk import (
    CompanyRow,
    ContactRow,
    PersonRow,
    import_companies,
    import_people,
    update_clients,
)
from voronka.clients.models import Company
from voronka.clients.regions import region_of_inn
from voronka.clients.search import refresh_companies, refresh_people
from voronka.core.errors import Refused
from voronka.core.tenancy import require_workspace_id
from voronka.deals.bulk import DealRow, StateRow, import_deals, rewrite_deals, tag_deals
from voronka.deals.choices import Basis
from voronka.deals.search import add_imported, refresh_deals
from voronka.desk.bulk import NoteRow, import_notes
from voronka.desk.dictionaries.actions import ensure_entry
from voronka.desk.models import ExternalRef, ImportBatch, Note
from voronka.desk.tags import tag_named
from voronka.integrations.spreadsheets.assessing import Assessment, FunnelPlan
from voronka.integrations.spreadsheets.known import client_key
from voronka.integrations.spreadsheets.parsing import ParsedDeal, folded
from voronka.integrations.spreadsheets.plans import MADE
from voronka.playbook.actions.funnels import create_funnel
from voronka.playbook.actions.stages import add_stage
from voronka.playbook.models import Funnel, Stage
from voronka.workspaces.actions.members import mark_former
from voronka.workspaces.models import Member

PART = 4000

Progress = Callable[[int, int], None]


@dataclass
class Written:
    """How much was written."""

    created: int = 0
    updated: int = 0
    companies: int = 0
    people: int = 0
    products: int = 0
    stages: int = 0
    funnels: int = 0
    owners: int = 0


@transaction.atomic
def write(
    assessment: Assessment,
    *,
    actor: Member,
    batch: ImportBatch,
    source: str,
    default_owner: Member | None,
    currency: str,
    numbers: Iterator[int] | None = None,
    progress: Progress = lambda done, total: None,
) -> Written:
    """Write what *assessment* found new or changed. *currency* is the workspace's, *numbers* were reserved for the
    deals (without them they are taken on the way).

    Raises `Refused` (too many stages for a funnel…); then nothing is written.
    """
    one_at_a_time()
    return _Writer(assessment, actor, batch, source, default_owner, currency, numbers).write(progress)


def one_at_a_time() -> None:
    """Two imports at once would both create the same new clients: the second is told to wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [7_402_001, require_workspace_id()])
        if not cursor.fetchone()[0]:
            raise Refused(_("Another import is running in this company. Start this one when it is done."))


class _Writer:
    def __init__(
        self,
        assessment: Assessment,
        actor: Member,
        batch: ImportBatch,
        source: str,
        default_owner: Member | None,
        currency: str,
        numbers: Iterator[int] | None,
    ) -> None:
        self._numbers = numbers
        self._found, self._actor, self._batch, self._source = assessment, actor, batch, source
        self._default_owner, self._currency = default_owner, currency
        self._written = Written()
        self._stage_ids: dict[str, dict[str, int]] = {}
        self._funnel_ids: dict[str, tuple[int, int | None]] = {}
        self._groups = dict(Product.objects.values_list("pk", "group_id"))

    def write(self, progress: Progress) -> Written:
        found, written = self._found, self._written
        deals = [*found.created, *(deal for deal, _pk in found.updated)]
        if not deals:
            return written
        self._owners()
        self._words()
        self._funnels()
        self._clients(deals)
        names = self._company_names()
        total, done = len(deals), 0
        for part in _parts(found.created):
            rows = [self._row(deal) for deal in part]
            ids = import_deals(
                rows, actor=self._actor, batch=self._batch.pk, first_number=self._reserved(len(rows))
            )
            self._refer(
                (self._source, "deal", d.external_id, pk, d.digest) for d, pk in zip(part, ids, strict=True)
            )
            add_imported(rows, names)
            self._remark(list(zip(part, ids, strict=True)))
            done += len(part)
            progress(done, total)
        for pairs in _parts(found.updated):
            rows = []
            for deal, pk in pairs:
                row = self._row(deal)
                row.id = pk
                rows.append(row)
            rewrite_deals(rows, actor=self._actor, batch=self._batch.pk)
            self._renew(pairs)
            self._remark(pairs, anew=True)
            refresh_deals([pk for _deal, pk in pairs])
            done += len(pairs)
            progress(done, total)
        self._find_clients(deals)
        written.created, written.updated = len(found.created), len(found.updated)
        return written

    def _reserved(self, count: int) -> int | None:
        """The first of *count* numbers reserved before, or None when they are not enough."""
        if self._numbers is None:
            return None
        taken = list(islice(self._numbers, count))
        # Somebody undid an import since they were counted: the rest is taken from the counter.
        return taken[0] if len(taken) == count else None

    def _remark(self, pairs: Sequence[tuple[ParsedDeal, int]], *, anew: bool = False) -> None:
        """Tags and notes of the deals; *anew*: those that are there are not written twice."""
        tags: dict[str, int] = {}
        for deal, _pk in pairs:
            for tag in deal.tags:
                if tag not in tags:
                    tags[tag] = tag_named(tag).pk
        if tags:
            tag_deals((pk, tags[tag]) for deal, pk in pairs for tag in deal.tags)
        there: set[tuple[int, str]] = set()
        with_notes = [pk for deal, pk in pairs if deal.notes]
        if anew and with_notes:
            notes = Note.objects.filter(subject_kind="deal", subject_id__in=with_notes)
            there = set(notes.values_list("subject_id", "body"))
        rows = []
        for deal, pk in pairs:
            if deal.notes:
                author = self._found.owners.get(folded(deal.owner)) or self._actor
                company = self._found.companies.get(client_key(deal.company)) if deal.company else None
                at = deal.closed_at or deal.opened_at
                rows += [
                    NoteRow(("deal", pk), text, author.pk, at, (("company", company),))
                    for text in deal.notes
                    if (pk, text) not in there
                ]
        if rows:
            self._made("note", import_notes(rows, actor=self._actor))

    # --- what deals refer to

    def _owners(self) -> None:
        for key, name in self._found.new_owners.items():
            member = mark_former(name, actor=self._actor)
            self._found.owners[key] = member
            self._made("member", [member.pk])
            self._written.owners += 1

    def _words(self) -> None:
        found, actor = self._found, self._actor
        for code, new, ids in (
            ("source", found.new_sources, found.sources),
            ("lost_reason", found.new_reasons, found.reasons),
        ):
            for key, name in new.items():
                ids[key] = ensure_entry(code, actor=actor, name=name).pk
                self._made(code, [ids[key]])
        products = Product.objects.bulk_create(
            (Product(name=name, name_key=key) for key, name in found.new_products.items()), batch_size=2000
        )
        for product in products:
            found.products[product.name_key] = product.pk
            self._groups[product.pk] = None
        self._made("product", [product.pk for product in products])
        self._written.products = len(products)

    def _funnels(self) -> None:
        names = self._found.parsed.stages
        for key, plan in self._found.funnels.items():
            funnel = plan.funnel
            if funnel is None:
                funnel = create_funnel(
                    actor=self._actor, name=plan.name, stages=[names[k] for k in plan.missing] or None
                )
                self._made("funnel", [funnel.pk])
                self._written.funnels += 1
                stages = {folded(s.name): s.pk for s in Stage.objects.filter(funnel=funnel)}
                self._made("stage", list(stages.values()))
                self._written.stages += len(stages)
            else:
                stages = {**plan.stage_ids, **self._added(plan, funnel)}
            self._stage_ids[key] = stages
            self._funnel_ids[key] = (funnel.pk, funnel.product_group_id)

    def _added(self, plan: FunnelPlan, funnel: Funnel) -> dict[str, int]:
        """New stages of a funnel that is there: each behind the one before it in the order of the file."""
        order = list(self._found.parsed.stages)
        ids, added = dict(plan.stage_ids), {}
        for key in plan.missing:
            before = [k for k in order[: order.index(key)] if k in ids]
            after = Stage.objects.get(pk=ids[before[-1]]) if before else None
            stage = add_stage(funnel, actor=self._actor, name=self._found.parsed.stages[key], after=after)
            ids[key] = added[key] = stage.pk
        self._made("stage", list(added.values()))
        self._written.stages += len(added)
        return added

    def _clients(self, deals: Sequence[ParsedDeal]) -> None:
        found = self._found
        owners: dict[str, tuple[int | None, int | None]] = {}
        opened: dict[str, dt.datetime] = {}
        for deal in deals:
            if deal.company:
                key = client_key(deal.company)
                owners.setdefault(key, self._owner(deal))
                opened[key] = min(opened.get(key, deal.opened_at), deal.opened_at)
        inns: dict[str, str] = {}
        told: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
        posts: dict[tuple[str, str], str] = {}
        for deal in deals:
            company = client_key(deal.company) if deal.company else ""
            pair = (folded(deal.person)[:200] if deal.person else "", company)
            if deal.inn and company:
                inns.setdefault(company, deal.inn)
            if deal.person_post:
                posts.setdefault(pair, deal.person_post)
            if deal.phones or deal.emails:
                # Of the contact person where one is named, else of the company.
                phones, emails = told.setdefault(pair, ({}, {}))
                phones.update(dict.fromkeys(deal.phones))
                emails.update(dict.fromkeys(deal.emails))
        keys = list(found.new_companies)
        known = {pair for pair in told if pair[0] and pair in found.people}
        known |= {pair for pair in told if not pair[0] and pair[1] in found.companies}
        companies = import_companies(
            (
                CompanyRow(
                    name,
                    inn=inns.get(key, "") if len(inns.get(key, "")) in (10, 12) else "",
                    region=region_of_inn(inns.get(key, "")),
                    owner_id=owners[key][0],
                    team_id=owners[key][1],
                    created_at=opened[key],
                    phones=list(told.get(("", key), ({}, {}))[0]),
                    emails=list(told.get(("", key), ({}, {}))[1]),
                )
                for key, name in found.new_companies.items()
            ),
            actor=self._actor,
            findable=False,
        )
        found.companies.update(zip(keys, (company.pk for company in companies), strict=True))
        self._made("company", [company.pk for company in companies])
        owner_of: dict[tuple[str, str], tuple[int | None, int | None]] = {}
        for deal in deals:
            if deal.person:
                pair = (folded(deal.person)[:200], client_key(deal.company) if deal.company else "")
                owner_of.setdefault(pair, self._owner(deal))
        pairs = list(found.new_people)
        people = import_people(
            (
                PersonRow(
                    found.new_people[pair],
                    title=posts.get(pair, ""),
                    owner_id=owner_of[pair][0],
                    team_id=owner_of[pair][1],
                    phones=list(told.get(pair, ({}, {}))[0]),
                    emails=list(told.get(pair, ({}, {}))[1]),
                )
                for pair in pairs
            ),
            actor=self._actor,
            company_ids=[found.companies.get(company) for _name, company in pairs],
            findable=False,
        )
        found.people.update(zip(pairs, (person.pk for person in people), strict=True))
        self._made("person", [person.pk for person in people])
        self._written.companies, self._written.people = len(companies), len(people)
        contacts = [
            ContactRow(
                kind,
                value,
                person_id=found.people[pair] if pair[0] else None,
                company_id=None if pair[0] else found.companies[pair[1]],
            )
            for pair in known
            for kind, values in zip(("phone", "email"), told[pair], strict=True)
            for value in values
        ]
        self._made("contact", update_clients(actor=self._actor, contacts=contacts))

    def _company_names(self) -> dict[int, str]:
        """Names of the clients concerned, by id: as they are here, not as the file spells them."""
        names = {self._found.companies[key]: name for key, name in self._found.new_companies.items()}
        rest = [pk for pk in self._found.companies.values() if pk not in names]
        for part in _parts(rest):
            names.update(Company.objects.filter(pk__in=part).values_list("pk", "name"))
        return names

    def _find_clients(self, deals: Sequence[ParsedDeal]) -> None:
        """Clients are found by those who have deals with them, so their search rows come last."""
        keys = {client_key(deal.company) for deal in deals if deal.company}
        refresh_companies(self._found.companies[key] for key in keys)
        # The people of the clients are found with them; here are those who work nowhere.
        refresh_people(self._found.people[pair] for pair in self._found.new_people if not pair[1])

    # --- one deal

    def _owner(self, deal: ParsedDeal) -> tuple[int | None, int | None]:
        member = self._found.owners[folded(deal.owner)] if deal.owner else self._default_owner
        return (member.pk, member.team_id) if member else (None, None)

    def _row(self, deal: ParsedDeal) -> DealRow:
        key = folded(deal.funnel or self._found.default_funnel)
        funnel_id, funnel_group = self._funnel_ids[key]
        stage_ids = self._stage_ids[key]
        owner_id, team_id = self._owner(deal)
        basis = (Basis.ASSUMED if deal.assumed else Basis.IMPORTED).value
        shared: dict[str, Any] = {
            "funnel_id": funnel_id,
            "amount": deal.amount,
            "currency": deal.currency,
            "amount_base": deal.amount if deal.currency == self._currency else None,
            "expected_close": deal.expected_close,
            "owner_id": owner_id,
            "team_id": team_id,
            "basis": basis,
        }
        states = [
            StateRow(valid_from=moment, stage_id=stage_ids[folded(stage)], **shared)
            for moment, stage in deal.path
        ]
        if deal.closed_at is not None:
            # When the deal was closed the file itself says, whatever is supposed of the way there.
            reason_id = self._found.reasons[folded(deal.reason)] if deal.reason else None
            states.append(
                StateRow(
                    valid_from=deal.closed_at,
                    stage_id=states[-1].stage_id,
                    outcome=deal.outcome,
                    reason_id=reason_id,
                    **shared,
                )
            )
        product_id = self._found.products[folded(deal.product)] if deal.product else None
        group = self._groups.get(product_id) if product_id else None
        company = client_key(deal.company) if deal.company else ""
        return DealRow(
            title=deal.title,
            states=states,
            opened_at=deal.opened_at,
            company_id=self._found.companies[company] if company else None,
            person_id=self._found.people[folded(deal.person)[:200], company] if deal.person else None,
            source_id=self._found.sources[folded(deal.source)] if deal.source else None,
            product_id=product_id,
            product_group_id=group or funnel_group,
            comment=deal.comment,
            custom=deal.custom,
            created_by_id=self._actor.pk,
            basis=basis,
        )

    # --- where things came from

    def _made(self, kind: str, ids: Sequence[int]) -> None:
        self._refer((MADE, kind, str(pk), pk, "") for pk in ids)

    def _refer(self, rows: Iterable[tuple[str, str, str, int, str]]) -> None:
        workspace_id = require_workspace_id()
        with (
            connection.cursor() as cursor,
            cursor.copy(
                f"COPY {ExternalRef._meta.db_table} "
                "(workspace_id, source, kind, external_id, object_id, digest, batch_id) FROM STDIN"
            ) as copy,
        ):
            for row in rows:
                copy.write_row([workspace_id, *row, self._batch.pk])

    def _renew(self, pairs: Sequence[tuple[ParsedDeal, int]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE desk_externalref r SET digest = n.digest FROM unnest(%s::text[], %s::text[]) "
                "AS n(external_id, digest) WHERE r.workspace_id = %s AND r.source = %s AND r.kind = 'deal' "
                "AND r.external_id = n.external_id",
                [
                    [deal.external_id for deal, _pk in pairs],
                    [deal.digest for deal, _pk in pairs],
                    require_workspace_id(),
                    self._source,
                ],
            )


def _parts(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + PART] for start in range(0, len(items), PART))


__all__ = ["Written", "one_at_a_time", "write"]
