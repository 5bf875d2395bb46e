"""What can happen to a deal."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from voronka.clients.models import PostKind
from voronka.core.formats import money
from voronka.deals import kept, undoing
from voronka.deals.choices import Attitude, Influence
from voronka.deals.handing.sheets import lines
from voronka.journal.registry import event_type
from voronka.workspaces.viewer import seen_now


def _sum(payload: Any) -> str:
    if payload.amount:
        return money(Decimal(payload.amount), payload.currency)
    return _("no sum") if seen_now("deal", "amount") else "—"


def _without(payload: Any) -> str:
    """What the book asked for and was missing when the deal went on, and why it was let go."""
    if not payload.missing:
        return ""
    told = _("Was missing: %(what)s.") % {"what": "; ".join(payload.missing)}
    return f"{told} {payload.override}".strip()


@event_type(
    "deal.created",
    sentence=N_("Deal created: {title} · {stage} · {sum}"),
    icon="plus",
    describe=lambda p: {"title": p.title, "stage": p.stage, "sum": _sum(p)},
    body=lambda p: _("Opened from the deal “%(title)s”") % {"title": p.from_deal} if p.from_deal else "",
    kept=kept.priced,
    undo=undoing.creation,
)
@dataclass(frozen=True)
class DealCreated:
    """A deal began; names as they were then."""

    deal: int
    number: int
    title: str
    stage: str
    funnel: str
    amount: str | None
    currency: str
    owner: int | None
    # The deal that opened it through a tunnel of the book, by its title.
    from_deal: str = ""


@event_type(
    "deal.edited",
    sentence=N_("Changed: {fields}"),
    icon="pencil",
    describe=lambda p: {"fields": "; ".join(f"{c['label']}: {c['was']} → {c['now']}" for c in p.shown)},
    kept=kept.edited,
    undo=undoing.edit,
)
@dataclass(frozen=True)
class DealEdited:
    """*before* and *after* by attribute name; *shown* the same for people: label, was, now."""

    deal: int
    before: dict[str, Any]
    after: dict[str, Any]
    shown: list[dict[str, str]]


@event_type(
    "deal.moved",
    sentence=N_("Stage: {was} → {now}"),
    icon="arrow-right",
    describe=lambda p: {
        "was": f"{p.from_funnel} · {p.from_stage}" if p.from_funnel != p.to_funnel else p.from_stage,
        "now": f"{p.to_funnel} · {p.to_stage}" if p.from_funnel != p.to_funnel else p.to_stage,
    },
    body=_without,
    undo=undoing.last_state,
)
@dataclass(frozen=True)
class DealMoved:
    """The deal went to another stage, maybe of another funnel; names as they were then."""

    deal: int
    from_stage_id: int
    from_stage: str
    from_funnel: str
    to_stage_id: int
    to_stage: str
    to_funnel: str
    # What the book asked for and was missing; a head's reason to go on without what it demands.
    missing: list[str] = field(default_factory=list)
    override: str = ""
    plan_before: dict[str, Any] | None = None


@event_type(
    "deal.won",
    sentence=N_("Won: {sum}"),
    icon="trophy",
    describe=lambda p: {"sum": _sum(p)},
    body=lambda p: "\n".join(filter(None, [p.closing, p.reason, _without(p)])),
    kept=kept.priced,
    undo=undoing.last_state,
    notify=True,
)
@dataclass(frozen=True)
class DealWon:
    """The deal ended in «Успех»."""

    deal: int
    amount: str | None
    currency: str
    reason: str
    missing: list[str] = field(default_factory=list)
    override: str = ""
    closing: str = ""
    # A loss that had been proposed and was withdrawn by winning.
    proposal: int | None = None


def _how_lost(payload: Any) -> str:
    proposed = _("%(name)s proposed it.") % {"name": payload.proposed_by} if payload.proposed_by else ""
    return "\n".join(filter(None, [payload.closing, payload.comment, proposed, _without(payload)]))


@event_type(
    "deal.lost",
    sentence=N_("Lost on stage “{stage}”: {reason}"),
    icon="thumb-down",
    body=_how_lost,
    undo=undoing.last_state,
    notify=True,
)
@dataclass(frozen=True)
class DealLost:
    """The deal ended in «Отказ», for *reason*, while it stood in *stage*; `proposal` is what was confirmed by it."""

    deal: int
    stage: str
    reason: str
    comment: str
    closing: str = ""
    missing: list[str] = field(default_factory=list)
    override: str = ""
    proposal: int | None = None
    proposed_by: str = ""


@event_type(
    "deal.reopened",
    sentence=N_("Returned to work on stage “{stage}”"),
    icon="refresh",
    undo=undoing.last_state,
)
@dataclass(frozen=True)
class DealReopened:
    """A closed deal is open again."""

    deal: int
    stage: str
    was: str


@event_type(
    "deal.assigned",
    sentence=N_("Handed over: {was} → {now}"),
    icon="user-share",
    describe=lambda p: {"was": p.from_owner or "—", "now": p.to_owner or "—"},
    body=lambda p: "\n".join(f"{label}: {text}" for label, text in lines(p.sheet or {})),
    undo=undoing.handed_over,
    notify=True,
)
@dataclass(frozen=True)
class DealAssigned:
    """Another member is responsible; names as they were then. *sheet* is what the new owner was told, by part."""

    deal: int
    from_owner_id: int | None
    from_owner: str
    to_owner_id: int | None
    to_owner: str
    sheet: dict[str, str] | None = None


@event_type(
    "deal.move_voided", sentence=N_("Move marked as a mistake: {was} → {now} did not happen"), icon="eraser"
)
@dataclass(frozen=True)
class MoveVoided:
    """The move was a mistake: the deal counts as having stayed in *was*."""

    deal: int
    event: int
    was: str
    now: str


@event_type("deal.deleted", sentence=N_("Deal deleted"), icon="trash", undo=undoing.last_state)
@dataclass(frozen=True)
class DealDeleted:
    """The deal is in the bin; its history stays."""

    deal: int
    title: str
    proposal: int | None = None


@event_type("deal.restored", sentence=N_("Deal restored"), icon="restore", undo=undoing.last_state)
@dataclass(frozen=True)
class DealRestored:
    """The deal came back from the bin as it was."""

    deal: int
    title: str


@event_type(
    "deals.moved_by_merge",
    sentence=N_("Open deals went from stage “{was}” to “{now}”: {deals}"),
    icon="git-merge",
    undo=undoing.many_moved,
    webhook=False,
)
@dataclass(frozen=True)
class DealsMovedByMerge:
    """The open deals of a merged or archived stage were moved to another one."""

    was: str
    now: str
    deals: int


@event_type("deals.imported", sentence=N_("Imported: {deals}"), icon="file-import", quiet=True)
@dataclass(frozen=True)
class DealsImported:
    """One batch of deals came in by import."""

    deals: int
    batch: int | None


def _participant(payload: Any) -> dict[str, str]:
    if not payload.added:
        return {"change": f"− {payload.person}"}
    now = payload.now or {"kind": payload.kind}
    words = [str(PostKind(now["kind"]).label)] if now.get("kind") in PostKind.values else []
    if now.get("influence") in Influence.values:
        words.append(_("influence: %(level)s") % {"level": Influence(now["influence"]).label})
    if now.get("attitude") in Attitude.values:
        words.append(str(Attitude(now["attitude"]).label))
    return {"change": f"+ {payload.person}" + (f" ({', '.join(words)})" if words else "")}


@event_type(
    "deal.participants_changed",
    sentence=N_("People in the deal: {change}"),
    icon="users",
    describe=_participant,
    undo=undoing.participant,
    personal=("person",),
)
@dataclass(frozen=True)
class ParticipantsChanged:
    """A person was added to the deal, taken out of it, or is judged otherwise: *now* and *before* by column."""

    deal: int
    person_id: int
    person: str
    kind: str
    added: bool
    now: dict[str, str] | None = None
    before: dict[str, str] | None = None


@event_type(
    "deal.tagged",
    sentence=N_("Tag: {change}"),
    icon="tag",
    describe=lambda p: {"change": ("+ " if p.added else "− ") + p.tag},
    undo=undoing.tag,
)
@dataclass(frozen=True)
class DealTagged:
    """A tag was put on the deal or taken off it."""

    deal: int
    tag_id: int
    tag: str
    added: bool


@event_type("deals.exported", sentence=N_("Deals exported: {deals}"), icon="file-export", webhook=False)
@dataclass(frozen=True)
class DealsExported:
    """*deals* of the filter *query* went out as a file."""

    deals: int
    query: str
