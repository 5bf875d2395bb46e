"""Rules that a deal itself, its people, prices and competitors can answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from voronka.clients.models import Position, PostKind
from voronka.core import formats
from voronka.core.calendar import working_days_since
from voronka.deals.choices import Attitude, Side
from voronka.deals.hints.registry import Found, Rule, Situation, fact, register
from voronka.deals.leaving.checking import criteria_between
from voronka.deals.models import Deal, DealParticipant, Offer, Rival
from voronka.deals.plan import stands
from voronka.playbook.criteria import unmet
from voronka.playbook.models import Stage

# A client with whom nobody has been in touch for longer is silent (metrics.md, Durations).
SILENT_DAYS = 14
# From this share of the stage's time limit on its end is near.
NEARLY = 0.8
# So often a date may be pushed before it is no date.
MOST_PUSHES = 3
# A counter-offer waits so many days before it is told.
ANSWER_DAYS = 1


# --- facts


@fact("deciders")
def deciders_of(deals: Sequence[Deal]) -> Mapping[int, Any]:
    """The attitudes of the decision makers that are known, "" where it is not said; two statements."""
    found: dict[int, list[str]] = defaultdict(list)
    people: dict[int, set[int]] = defaultdict(set)
    for deal in deals:
        if deal.person_id:
            people[deal.pk].add(deal.person_id)
    for row in DealParticipant.objects.filter(deal__in=[deal.pk for deal in deals]):
        if row.kind == PostKind.DECISION:
            found[row.deal_id].append(row.attitude)
        elif not row.kind:
            people[row.deal_id].add(row.person_id)
    held = Q(company__in={deal.company_id for deal in deals if deal.company_id})
    held &= Q(person__in=set().union(*people.values()))
    posts = set(Position.objects.filter(held, kind=PostKind.DECISION).values_list("company_id", "person_id"))
    for deal in deals:
        found[deal.pk] += ["" for pk in people[deal.pk] if (deal.company_id, pk) in posts]
    return found


@fact("last_offer")
def last_offers(deals: Sequence[Deal]) -> Mapping[int, Any]:
    """The last price that was named in each deal."""
    rows = Offer.objects.filter(deal__in=[deal.pk for deal in deals]).order_by("deal", "-day", "-id")
    return {row.deal_id: row for row in rows.distinct("deal")}


@fact("rivals")
def rivals_of(deals: Sequence[Deal]) -> Mapping[int, Any]:
    """The competitors in each deal."""
    found: dict[int, list[Rival]] = defaultdict(list)
    rows = Rival.objects.filter(deal__in=[deal.pk for deal in deals]).select_related("competitor")
    for row in rows.order_by("id"):
        found[row.deal_id].append(row)
    return found


# --- the next contact


def _overdue(s: Situation) -> Found | None:
    at = s.deal.next_activity_at
    if at is None:
        return None
    late = (s.today - timezone.localdate(at)).days
    if late < 1 and not (late == 0 and s.deal.next_activity_has_time and at < s.now):
        return None
    words = ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late} if late else _("today")
    what = s.deal.next_activity_text
    return Found(what, words, "plan", short=f"{what}: {words}", icon=s.deal.next_activity_icon)


def _no_next(s: Situation) -> Found | None:
    if s.deal.next_activity_at is not None:
        return None
    return Found(_("No next step"), _("Agree on the next contact, or the client cools down."), "plan")


def _silent(s: Situation) -> Found | None:
    at = s.deal.next_activity_at
    if at is not None and timezone.localdate(at) >= s.today:
        return None
    silent = (s.today - timezone.localdate(s.deal.last_contact_at or s.deal.opened_at)).days
    if silent <= SILENT_DAYS:
        return None
    words = ngettext("No contact for %(days)s day", "No contact for %(days)s days", silent)
    return Found(words % {"days": silent}, _("Remind of yourself."), "plan")


# --- time


def _passed(s: Situation) -> tuple[int, int]:
    return working_days_since(s.deal.stage_since, until=s.today), s.deal.stage.limit_days or 0


def _late(s: Situation) -> Found | None:
    passed, limit = _passed(s)
    if not limit or passed <= limit:
        return None
    named = {"stage": s.deal.stage.name, "passed": passed, "limit": limit}
    return Found(
        _("Too long on “%(stage)s”") % named,
        _("%(passed)s of %(limit)s working days: move on, or decide.") % named,
        "move",
        short=_("“%(stage)s”: %(days)s beyond the limit")
        % {"stage": s.deal.stage.name, "days": formats.working_days(passed - limit)},
    )


def _near(s: Situation) -> Found | None:
    passed, limit = _passed(s)
    if not limit or passed < 2 or not limit * NEARLY <= passed <= limit:
        return None
    left = limit - passed
    words = (
        ngettext("%(days)s working day is left", "%(days)s working days are left", left) % {"days": left}
        if left
        else _("The last day of the limit")
    )
    title = _("“%(stage)s” is to be left soon") % {"stage": s.deal.stage.name}
    return Found(title, words, "move", short=f"{title}: {words}")


def _close_passed(s: Situation) -> Found | None:
    day = s.deal.expected_close
    if day is None or day >= s.today:
        return None
    late = (s.today - day).days
    return Found(
        _("The expected date has passed"),
        _("It was %(day)s. When will the client decide now?") % {"day": formats.short_date(day)},
        "date",
        short=ngettext("Expected to close %(days)s day ago", "Expected to close %(days)s days ago", late)
        % {"days": late},
    )


def _pushed(s: Situation) -> Found | None:
    if s.deal.pushes < MOST_PUSHES or s.deal.expected_close is None or s.deal.expected_close < s.today:
        return None
    words = ngettext(
        "The close was put off %(times)s time", "The close was put off %(times)s times", s.deal.pushes
    )
    return Found(
        words % {"times": s.deal.pushes}, _("Ask the client what really decides on the date."), "plan"
    )


def _close_early(s: Situation) -> Found | None:
    day = s.deal.expected_close
    if day is None or day < s.today or not s.deal.stage_plan:
        return None
    stages = list(Stage.objects.filter(funnel=s.deal.funnel_id, archived_at=None))
    plan = stands(s.deal.stage_plan, stages, at=s.deal.stage, today=s.today)
    last = max((plan[stage.pk] for stage in stages if stage.pk in plan), default=day)
    if last <= day:
        return None
    return Found(
        _("The close is expected before the plan"),
        _("Expected: %(day)s. By the stages' time limits: %(last)s.")
        % {"day": formats.short_date(day), "last": formats.short_date(last)},
        "date",
    )


# --- what is not known


def _no_amount(s: Situation) -> Found | None:
    if s.deal.amount is not None:
        return None
    return Found(_("The sum is not known"), _("Without it the deal adds nothing to the forecast."), "sum")


def _no_decider(s: Situation) -> Found | None:
    if not s.deal.company_id or s.fact("deciders"):
        return None
    return Found(
        _("Who decides is not known"),
        _("Find out who signs, and add this person."),
        "person",
        PostKind.DECISION,
    )


def _against(s: Situation) -> Found | None:
    attitudes = s.fact("deciders") or []
    if not attitudes or set(attitudes) != {Attitude.OPPONENT.value}:
        return None
    return Found(_("Who decides is against us"), _("Find somebody at the client's who is for us."), "plan")


def _missing(s: Situation) -> Found | None:
    stages = Stage.objects.filter(
        funnel=s.deal.funnel_id, archived_at=None, order__gt=s.deal.stage.order
    ).order_by("order", "id")
    missing = unmet(s.deal, criteria_between(s.deal.stage, stages.first()))
    if not missing:
        return None
    first = missing[0].missing.text
    title = first[:1].upper() + first[1:]
    rest = len(missing) - 1
    text = (
        ngettext(
            "And %(count)s thing more for this stage.", "And %(count)s things more for this stage.", rest
        )
        % {"count": rest}
        if rest
        else _("The stage asks for it before the deal goes on.")
    )
    passed, limit = _passed(s)
    # While there is time it is a good idea; when the stage is to be left it is what holds the deal.
    weight = 85 if limit and passed >= limit * NEARLY else None
    return Found(title, text, "missing", weight=weight)


# --- prices and competitors


def _counter(s: Situation) -> Found | None:
    offer = s.fact("last_offer")
    if offer is None or offer.side != Side.THEIRS or (s.today - offer.day).days < ANSWER_DAYS:
        return None
    named = {"sum": formats.money(offer.amount, offer.currency), "day": formats.short_date(offer.day)}
    return Found(
        _("The client named %(sum)s") % named,
        _("No answer of ours yet; the price was named: %(day)s") % named,
        "offer",
    )


def _cheaper(s: Situation) -> Found | None:
    ours = s.deal.amount
    for row in s.fact("rivals") or []:
        if ours and row.price is not None and row.price < ours and not row.answer:
            percent = round((ours - row.price) * 100 / ours) or 1
            title = _("“%(name)s” is %(percent)s %% cheaper") % {
                "name": row.competitor.name,
                "percent": formats.number(percent),
            }
            return Found(
                title, _("Write down what we answer to this price."), "rival", str(row.competitor_id)
            )
    return None


def _no_price(s: Situation) -> Found | None:
    for row in s.fact("rivals") or []:
        if row.price is None:
            title = _("The price of “%(name)s” is not known") % {"name": row.competitor.name}
            return Found(title, _("Ask the client what they are offered."), "rival", str(row.competitor_id))
    return None


for rule in (
    Rule(
        "overdue",
        100,
        "alert-circle",
        gettext_lazy("An overdue task or contact"),
        gettext_lazy("The nearest planned activity of the deal is past its time."),
        _overdue,
    ),
    Rule(
        "no_next",
        95,
        "alert-circle",
        gettext_lazy("No next contact"),
        gettext_lazy("Nothing is planned in the deal."),
        _no_next,
    ),
    Rule(
        "stage_late",
        90,
        "clock-exclamation",
        gettext_lazy("The time limit has passed"),
        gettext_lazy("The deal has stood on its stage for more working days than the book gives."),
        _late,
    ),
    Rule(
        "counter",
        80,
        "arrows-exchange",
        gettext_lazy("A counter-offer without an answer"),
        gettext_lazy("The last price was named by the client, yesterday or earlier."),
        _counter,
        ("amount",),
    ),
    Rule(
        "close_passed",
        75,
        "calendar-exclamation",
        gettext_lazy("The expected date is in the past"),
        gettext_lazy("The deal was expected to close before today."),
        _close_passed,
        ("expected_close",),
    ),
    Rule(
        "rival_cheaper",
        70,
        "swords",
        gettext_lazy("A competitor is cheaper"),
        gettext_lazy("A competitor's price is below the deal's sum, and our answer is not written down."),
        _cheaper,
        ("amount",),
    ),
    Rule(
        "silent",
        65,
        "message-off",
        gettext_lazy("The client is silent"),
        gettext_lazy("No contact for more than 14 days, and nothing is planned from today on."),
        _silent,
    ),
    Rule(
        "against",
        62,
        "thumb-down",
        gettext_lazy("The decision maker is against us"),
        gettext_lazy("Everybody known to decide is marked as against us."),
        _against,
    ),
    Rule(
        "no_decider",
        60,
        "user-question",
        gettext_lazy("No decision maker is known"),
        gettext_lazy("Nobody in the deal has this role, nor holds such a post with the client."),
        _no_decider,
    ),
    Rule(
        "pushed",
        58,
        "calendar-repeat",
        gettext_lazy("The close is put off again and again"),
        gettext_lazy("The expected date was pushed three times or more."),
        _pushed,
        ("expected_close",),
    ),
    Rule(
        "close_early",
        57,
        "calendar-exclamation",
        gettext_lazy("The close is expected before the plan"),
        gettext_lazy("By the stages' time limits the deal will be through later than the expected date."),
        _close_early,
        ("expected_close",),
        deep=True,
    ),
    Rule(
        "rival_no_price",
        55,
        "swords",
        gettext_lazy("A competitor without a price"),
        gettext_lazy("A competitor is named in the deal, its price is not."),
        _no_price,
        ("amount",),
    ),
    Rule(
        "stage_near",
        50,
        "hourglass",
        gettext_lazy("The time limit is near"),
        gettext_lazy("80 % of the stage's time limit have passed."),
        _near,
    ),
    Rule(
        "no_amount",
        40,
        "coin",
        gettext_lazy("The sum is not known"),
        gettext_lazy("The deal has no sum."),
        _no_amount,
        ("amount",),
    ),
    Rule(
        "missing",
        35,
        "list-check",
        gettext_lazy("Exit criteria are missing"),
        gettext_lazy(
            "The stage asks for something that is not there yet. When its time limit is near, this comes before most others. On the card only."
        ),
        _missing,
        deep=True,
    ),
):
    register(rule)
