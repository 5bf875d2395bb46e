"""What an import would do here: the parsed file beside what the workspace has. Reads only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from voronka.clients.models import Source
from voronka.core.errors import Refused
from voronka.deals.bulk import untouched
from voronka.desk.models import ExternalRef
from voronka.integrations.spreadsheets.known import Known, client_key, members_named, person_key
from voronka.integrations.spreadsheets.parsing import Parsed, ParsedDeal, folded
from voronka.integrations.spreadsheets.plans import MOST_OWNERS, MOST_WORDS, too_many
from voronka.integrations.spreadsheets.similar import OF_DEALS, Alike, alike, answer_key, meant, names_of
from voronka.playbook.models import Funnel, Reason, ReasonKind, Stage
from voronka.workspaces.models import Member

MOST_FUNNELS = 30


@dataclass
class FunnelPlan:
    """A funnel that deals go to: the one that is there, or None for a new one; its stages by folded name."""

    name: str
    funnel: Funnel | None
    stage_ids: dict[str, int]
    # Folded names of stages to be added.
    missing: list[str] = field(default_factory=list)


@dataclass
class Assessment:
    """An import as it would be now. Names are keyed as the tables compare them (`fold`, `client_key`)."""

    parsed: Parsed
    # The name of the funnel of the deals that name none.
    default_funnel: str = ""
    funnels: dict[str, FunnelPlan] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)
    new_companies: dict[str, str] = field(default_factory=dict)
    people: dict[tuple[str, str], int] = field(default_factory=dict)
    new_people: dict[tuple[str, str], str] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    new_products: dict[str, str] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    new_sources: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    new_reasons: dict[str, str] = field(default_factory=dict)
    owners: dict[str, Member] = field(default_factory=dict)
    new_owners: dict[str, str] = field(default_factory=dict)
    created: list[ParsedDeal] = field(default_factory=list)
    # Deals that say something else than when they were last taken, with the ids of ours.
    updated: list[tuple[ParsedDeal, int]] = field(default_factory=list)
    unchanged: int = 0
    # Worked on here since: left as they are.
    kept: list[tuple[ParsedDeal, int]] = field(default_factory=list)
    # Names that are nearly known here, those first that were said to be the same.
    alike: list[Alike] = field(default_factory=list)

    @property
    def new_stages(self) -> int:
        return sum(len(plan.missing) for plan in self.funnels.values())


def target_funnel(name: str, *, new_name: str = "") -> tuple[str, Funnel | None]:
    """The funnel of that name, or its name if it is to be made.

    Without a name: the only one there is; none yet: *new_name*. Raises `Refused` when it cannot be told.
    """
    funnels = list(Funnel.objects.filter(archived_at=None))
    if name:
        return name, next((f for f in funnels if folded(f.name) == folded(name)), None)
    if len(funnels) > 1:
        raise Refused(
            _("Which funnel do the deals go to? There are: %(names)s.")
            % {"names": ", ".join(f"«{f.name}»" for f in funnels[:20])},
            field="funnel",
        )
    if funnels:
        return funnels[0].name, funnels[0]
    return new_name or _("Sales"), None


def stages_of(funnel: Funnel | None) -> dict[str, Stage]:
    """Stages of a funnel by folded name, in order; merged ones lead to where they went."""
    if funnel is None:
        return {}
    stages = list(Stage.objects.filter(funnel=funnel).select_related("merged_into"))
    found = {folded(s.name): s for s in stages if s.archived_at is None}
    for stage in stages:
        if stage.archived_at is not None:
            found.setdefault(folded(stage.name), stage.merged_into or stage)
    return found


def assess(
    parsed: Parsed,
    *,
    source: str,
    funnel: str,
    known: Known | None = None,
    same: Mapping[str, str] | None = None,
) -> Assessment:
    """Compare; *source* names the system whose ids the file has, *funnel* where deals without one go; *known* has
    what earlier files of the same import are to bring, and is told what this one brings; *same* are the answers about
    names that are nearly known.

    Raises `Refused` when a column plainly holds something else than it is said to.
    """
    made = Assessment(parsed, default_funnel=funnel)
    known = known or Known()
    if same:
        _rename(made, same)
    _sort_out(made, source, known)
    deals = [*made.created, *(deal for deal, _pk in made.updated)]
    _funnels(made, deals, funnel)
    _clients(made, deals, known)
    _words(made, deals, known)
    made.owners, new = members_named(deal.owner for deal in deals if deal.owner)
    if len(new) > MOST_OWNERS:
        raise too_many(_("Responsible"), len(new))
    made.new_owners = known.first_named(new)
    for deal in made.created:
        known.expect(
            "deal", [f"id:{source}:{deal.external_id}", f"any:{deal.external_id}", f"title:{deal.title}"]
        )
    return made


def _rename(made: Assessment, same: Mapping[str, str]) -> None:
    met: dict[str, Alike] = {}
    for index, deal in enumerate(made.parsed.deals):
        changes: dict[str, Any] = {}
        for field_name, (_code, column) in OF_DEALS.items():
            name = getattr(deal, column)
            if (other := meant(same, field_name, name)) != name:
                changes[column] = other
                met.setdefault(answer_key(field_name, name), Alike(field_name, name, other, same=True))
        if changes:
            made.parsed.deals[index] = dataclasses.replace(deal, **changes)
    made.alike = list(met.values())


def _sort_out(made: Assessment, source: str, known: Known) -> None:
    refs = {}
    ids = [deal.external_id for deal in made.parsed.deals]
    for start in range(0, len(ids), 10_000):
        for external_id, pk, digest in ExternalRef.objects.filter(
            source=source, kind="deal", external_id__among=ids[start : start + 10_000]
        ).values_list("external_id", "object_id", "digest"):
            refs[external_id] = (pk, digest)
    changed: list[tuple[ParsedDeal, int]] = []
    for deal in made.parsed.deals:
        pk, digest = refs.get(deal.external_id, (None, ""))
        if pk is None and known.coming("deal", f"id:{source}:{deal.external_id}"):
            # Two exports of one system overlap.
            made.unchanged += 1
        elif pk is None:
            made.created.append(deal)
        elif digest == deal.digest:
            made.unchanged += 1
        else:
            changed.append((deal, pk))
    for start in range(0, len(changed), 10_000):
        part = changed[start : start + 10_000]
        free = untouched([pk for _deal, pk in part])
        made.updated += [pair for pair in part if pair[1] in free]
        made.kept += [pair for pair in part if pair[1] not in free]


def _funnels(made: Assessment, deals: Sequence[ParsedDeal], default: str) -> None:
    used: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for deal in deals:
        name = deal.funnel or default
        key = folded(name)
        names.setdefault(key, name)
        stages = used.setdefault(key, {})
        for _moment, stage in deal.path:
            stages[stage if stage in made.parsed.stages else folded(stage)] = None
    if len(names) > MOST_FUNNELS:
        raise too_many(_("Funnel"), len(names))
    for key, name in names.items():
        name, funnel = target_funnel(name)
        there = stages_of(funnel)
        plan = FunnelPlan(name, funnel, {k: s.pk for k, s in there.items()})
        # New stages stand in the order of the file's stages; a new funnel has those its deals use.
        plan.missing = [k for k in made.parsed.stages if k in used[key] and k not in there]
        if funnel is None and len(names) == 1:
            plan.missing = list(made.parsed.stages)
        made.funnels[key] = plan


def _clients(made: Assessment, deals: Sequence[ParsedDeal], known: Known) -> None:
    wanted: dict[str, str] = {}
    inns: dict[str, str] = {}
    people: dict[tuple[str, str], str] = {}
    for deal in deals:
        key = client_key(deal.company) if deal.company else ""
        if key:
            wanted.setdefault(key, deal.company)
            if deal.inn:
                inns.setdefault(key, deal.inn)
        if deal.person:
            people.setdefault((folded(deal.person)[:200], key), deal.person)
    found = known.find("company", [f"name:{key}" for key in wanted])
    by_inn = known.find("company", [f"inn:{inn}" for inn in inns.values()])
    for key in wanted:
        # A client is known by its ИНН before its name.
        pk = by_inn.get(f"inn:{inns.get(key, '')}") or found.get(f"name:{key}")
        if pk is not None:
            made.companies[key] = pk
    made.new_companies = {key: name for key, name in wanted.items() if key not in made.companies}
    for key in made.new_companies:
        known.expect("company", [f"name:{key}", *([f"inn:{inns[key]}"] if key in inns else [])])
    names = {pair: person_key(name, wanted.get(pair[1], "")) for pair, name in people.items()}
    there = known.find("person", names.values())
    made.people = {pair: there[key] for pair, key in names.items() if key in there}
    made.new_people = {pair: name for pair, name in people.items() if pair not in made.people}
    for pair in made.new_people:
        known.expect("person", [names[pair]])


def _words(made: Assessment, deals: Sequence[ParsedDeal], known: Known) -> None:
    products = {folded(d.product): d.product for d in reversed(deals) if d.product}
    there = known.find("product", [f"name:{key}" for key in products])
    made.products = {key.removeprefix("name:"): pk for key, pk in there.items()}
    made.new_products = {key: name for key, name in products.items() if key not in made.products}
    sources = {folded(d.source): d.source for d in reversed(deals) if d.source}
    if len(sources) > MOST_WORDS:
        raise too_many(_("Source"), len(sources))
    made.sources = dict(Source.objects.filter(name_key__in=list(sources)).values_list("name_key", "pk"))
    made.new_sources = {key: name for key, name in sources.items() if key not in made.sources}
    reasons = {folded(d.reason): d.reason for d in reversed(deals) if d.reason}
    if len(reasons) > MOST_WORDS:
        raise too_many(_("Reason of refusal"), len(reasons))
    found = Reason.objects.filter(kind=ReasonKind.LOST, name_key__in=list(reasons))
    made.reasons = {
        key: into or pk for key, pk, into in found.values_list("name_key", "pk", "merged_into_id")
    }
    made.new_reasons = {key: name for key, name in reasons.items() if key not in made.reasons}
    for field_name, new in (
        ("product", made.new_products),
        ("source", made.new_sources),
        ("lost_reason", made.new_reasons),
    ):
        if new:
            code = OF_DEALS[field_name][0]
            made.alike += alike(field_name, new.values(), [*names_of(code), *known.names_coming(code)])
