"""Dead deals: open ones that the book's rules no longer believe in. They stay in a list until somebody decides.

A deal is dead when nobody has spoken to the client for long and no talk is planned (silence), when nothing is planned
at all (no plan), or when it is in work longer than 99 of 100 deals that the funnel ever won (outlasts). Each rule is
the company's or the funnel's (`playbook.closing`), and each can be off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import ngettext

from voronka.core import clock
from voronka.core.periods import start_of
from voronka.core.tenancy import require_workspace_id
from voronka.deals.choices import Basis, Outcome
from voronka.deals.closing.models import LossProposal, Verdict
from voronka.deals.models import Deal
from voronka.playbook.closing import rules_by_funnel
from voronka.playbook.models import ClosingRules, Funnel, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action

SILENT, PLANLESS, OUTLASTS = "silent", "planless", "outlasts"
# Fewer won deals than this say nothing of the hundredth one.
FEWEST_WON: Final = 30
# How long the measure is kept: it hardly moves in a day.
KEPT_SECONDS: Final = 12 * 3600

# What is proposed with one button.
LOSE, PLAN, KEEP = "lose", "plan", "keep"
# From this chance on, in per cent, the money is near: nobody is told to give such a deal up.
NEAR_CHANCE: Final = 70


class _Percentile99(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.99) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def longest_cycles() -> dict[int, int]:
    """Funnel -> calendar days within which 99 of 100 of its won deals were won; funnels with too few are left out."""
    key = f"deals:longest:{require_workspace_id()}"
    found: dict[int, int] | None = cache.get(key)
    if found is None:
        won = Deal.objects.filter(outcome=Outcome.WON, closed_at__isnull=False).exclude(basis=Basis.ASSUMED)
        took = ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField())
        rows = won.order_by().values("funnel").annotate(n=Count("pk"), longest=_Percentile99(took))
        found = {row["funnel"]: max(1, row["longest"].days) for row in rows if row["n"] >= FEWEST_WON}
        cache.set(key, found, KEPT_SECONDS)
    return found


@dataclass(frozen=True)
class Terms:
    """The rules as they stand today: by funnel, with the days after which each of them speaks."""

    today: dt.date
    rules: dict[int | None, ClosingRules]
    longest: dict[int, int]
    # Funnel -> the order of its key stage; funnels without one are left out.
    keys: dict[int, int]

    @classmethod
    def now(cls) -> Terms:
        keys = Stage.objects.filter(is_key=True, archived_at=None).values_list("funnel", "order")
        return cls(clock.today(), rules_by_funnel(), longest_cycles(), dict(keys))

    def is_near(self, deal: Deal) -> bool:
        """Whether the money is near: likely, or beyond the key stage of its funnel."""
        key = self.keys.get(deal.funnel_id)
        return deal.chance >= NEAR_CHANCE or (key is not None and deal.stage.order > key)

    def of(self, funnel_id: int) -> ClosingRules:
        """The rules of a funnel."""
        return self.rules.get(funnel_id) or self.rules[None]

    def _before(self, days: int) -> dt.datetime:
        return start_of(self.today - dt.timedelta(days=days))

    def condition(self) -> Q:
        """Which open deals are dead, as one condition."""
        funnels = list(Funnel.objects.values_list("pk", flat=True))
        dead = Q(pk__in=[])
        for rules, ids in self._groups(funnels):
            here = Q(pk__in=[])
            if rules.silent_days:
                here |= self._silent(rules.silent_days)
            if rules.planless_days:
                here |= self._planless(rules.planless_days)
            dead |= Q(funnel__in=ids) & here
            if rules.outlasts:
                for pk in ids:
                    if pk in self.longest:
                        dead |= Q(funnel=pk, opened_at__lt=self._before(self.longest[pk]))
        return dead

    def _groups(self, funnels: Iterable[int]) -> list[tuple[ClosingRules, list[int]]]:
        own = [(self.rules[pk], [pk]) for pk in funnels if pk in self.rules]
        return [*own, (self.rules[None], [pk for pk in funnels if pk not in self.rules])]

    def _silent(self, days: int) -> Q:
        before = self._before(days)
        unheard = Q(last_contact_at__lt=before) | Q(last_contact_at=None, opened_at__lt=before)
        return unheard & (Q(next_activity_at=None) | Q(next_activity_at__lt=start_of(self.today)))

    def _planless(self, days: int) -> Q:
        before = self._before(days)
        still = Q(stage_since__lt=before) & (Q(last_contact_at=None) | Q(last_contact_at__lt=before))
        return Q(next_activity_at=None) & still

    def why(self, deal: Deal) -> list[tuple[str, int]]:
        """The rules that count the deal as dead, each with how many days it has been so."""
        rules, now = self.of(deal.funnel_id), start_of(self.today)

        def days_since(moment: dt.datetime) -> int:
            return (self.today - timezone.localdate(moment)).days

        found = []
        heard = deal.last_contact_at or deal.opened_at
        behind = deal.next_activity_at is None or deal.next_activity_at < now
        if rules.silent_days and behind and heard < self._before(rules.silent_days):
            found.append((SILENT, days_since(heard)))
        moved = max(deal.stage_since, deal.last_contact_at or deal.stage_since)
        if (
            rules.planless_days
            and deal.next_activity_at is None
            and moved < self._before(rules.planless_days)
        ):
            found.append((PLANLESS, days_since(moved)))
        longest = self.longest.get(deal.funnel_id)
        if rules.outlasts and longest is not None and deal.opened_at < self._before(longest):
            found.append((OUTLASTS, days_since(deal.opened_at)))
        return found


def dead_deals(member: Member, terms: Terms | None = None) -> Any:
    """Dead deals that *member* may decide about, unless a head let them live on or their loss waits for a word."""
    terms = terms or Terms.now()
    waits = LossProposal.objects.filter(deal=OuterRef("pk"), verdict=Verdict.OPEN)
    return (
        Deal.objects.visible_to(member, Action.EDIT, only_open=True)
        .filter(Q(alive_until=None) | Q(alive_until__lt=terms.today))
        .filter(terms.condition())
        .exclude(Exists(waits))
    )


def proposed(why: Iterable[tuple[str, int]], *, near: bool = False) -> str:
    """What one would do about it: give up what is silent and has no plan, plan what only lacks a plan, keep the rest.

    Where the money is *near*, one calls before giving up.
    """
    codes = {code for code, _days in why}
    if {SILENT, PLANLESS} <= codes and not near:
        return LOSE
    return PLAN if codes & {SILENT, PLANLESS} else KEEP


def told(code: str, days: int) -> str:
    """One rule in words."""
    if code == SILENT:
        words = ngettext("silence for %(days)s day", "silence for %(days)s days", days)
    elif code == PLANLESS:
        words = ngettext("nothing planned for %(days)s day", "nothing planned for %(days)s days", days)
    else:
        words = ngettext("in work for %(days)s day", "in work for %(days)s days", days)
    return words % {"days": days}
