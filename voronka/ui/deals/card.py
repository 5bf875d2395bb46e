"""The deal's card: a whole page, or a panel over a list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from voronka.clients.models import ContactPoint, Person, Position, PostKind
from voronka.core import clock, formats
from voronka.core.calendar import working_days_since
from voronka.core.errors import Refused
from voronka.core.parsing import Unreadable, parse_amount
from voronka.deals import actions
from voronka.deals.choices import Attitude, Basis, Influence
from voronka.deals.handing.sheets import PARTS, lines
from voronka.deals.models import Deal, DealParticipant, HandOver, StageVisit
from voronka.deals.plan import due_days, stands
from voronka.desk.models import Tag
from voronka.desk.tags import tag_named
from voronka.journal.models import Event
from voronka.playbook.queries import stages_of
from voronka.ui.access import get_or_404, workspace_view
from voronka.ui.clients.cards import composer
from voronka.ui.clients.choosing import company_from, person_from
from voronka.ui.deals import facts as facts_of
from voronka.ui.deals import shown
from voronka.ui.deals.hints import card_hints
from voronka.ui.deals.led import led
from voronka.ui.deals.linked import linked_deals
from voronka.ui.deals.moves import answer, asked_of, chosen, deal_of, deal_url, undo_url
from voronka.ui.decisions.views import waiting_loss
from voronka.ui.feed import read_feed
from voronka.ui.htmx import render_page, toast, trigger
from voronka.ui.navigation import workspace_url
from voronka.ui.palette.star import remember
from voronka.ui.shape.facts import fact_groups
from voronka.workspaces.rights import Action, Subject
from voronka.workspaces.viewer import seen_now

MOST_OTHERS = 5
_ATTITUDE_TONES = {Attitude.SUPPORTER: shown.GOOD, Attitude.OPPONENT: shown.BAD}


@require_GET
@workspace_view(Subject.DEAL)
def deal(request: HttpRequest, number: int) -> HttpResponse:
    """Everything about one deal."""
    member = request.member  # type: ignore[attr-defined]
    found = get_or_404(
        Deal.objects.visible_to(member).select_related(
            "company",
            "person",
            "owner",
            "stage__role",
            "funnel",
            "source",
            "product",
            "reason",
            "closing",
            "closed_owner",
        ),
        number=number,
    )
    context = {**card_context(request, found), "is_favourite": remember(request, "deal", found.pk)}
    return render_page(request, "deals/card.html", context, fragment="card")


def card_context(request: HttpRequest, found: Deal) -> dict[str, Any]:
    """Everything the card shows; the number of queries does not depend on how much happened."""
    member = request.member  # type: ignore[attr-defined]

    def may(action: Action) -> bool:
        return member.reaches(Subject.DEAL, action, owner_id=found.owner_id, team_id=found.team_id)

    may_edit = may(Action.EDIT)
    editable = may_edit and found.outcome != "deleted"
    people = people_of(found)
    person_url = workspace_url("deal_person", request.workspace.slug, found.number)  # type: ignore[attr-defined]
    for row in people:
        row["url"] = f"{person_url}?person={row['person'].pk}"
    talks = led(request, found)
    knows_decider = any(row["kind"] == PostKind.DECISION for row in people)
    others = Deal.objects.visible_to(member).present().filter(company=found.company_id).exclude(pk=found.pk)
    moves = Event.objects.filter(
        type="deal.moved", subjects__kind="deal", subjects__object_id=found.pk, undone_by=None
    ).order_by("-id")
    return {
        "room": "deals",
        "deal": found,
        "head": facts_of.facts(request, found, facts_of.HEAD, may_edit=editable),
        "groups": fact_groups(
            request,
            "deal",
            found,
            lambda name, may: facts_of.fact(request, found, name, may_edit=may),
            may_edit=editable,
            funnel_id=found.funnel_id,
        ),
        "client": facts_of.fact(request, found, "company", may_edit=editable),
        "close": shown.close_date(found),
        "stepper": stepper(request, found, may_edit=editable and found.is_open),
        "hints": card_hints(request, found, _known(found, people, talks))
        if found.is_open and editable
        else [],
        "next_step": _planned(found),
        "handed": _handed(found),
        "stage_age": shown.age_in_stage(found) if found.is_open else None,
        "stage_limit": formats.working_days(found.stage.limit_days) if found.stage.limit_days else "",
        "loss": waiting_loss(request, found) if found.is_open else None,
        "people": people,
        "knows_decider": knows_decider,
        "decider_url": f"{person_url}?kind={PostKind.DECISION.value}",
        **talks,
        "phones": list(ContactPoint.objects.seen().filter(company=found.company_id)[:4])
        if found.company_id
        else [],
        "others": _others(request, others) if found.company_id else [],
        "linked": linked_deals(request, found),
        "tags": list(Tag.objects.filter(pk__in=found.tag_links.values("tag"))),
        "all_tags": list(Tag.objects.filter(archived_at=None).values_list("name", flat=True)[:200])
        if editable
        else [],
        "moves": list(moves[:10]) if editable else [],
        "feed": read_feed(request, ("deal", found.pk)),
        "composer": composer(request, deal=found.pk, company=found.company_id, person=found.person_id),
        "basis_note": _basis_note(found),
        "may_edit": editable,
        "may_assign": may(Action.HAND_OVER) and found.outcome != "deleted",
        "may_delete": may(Action.DELETE),
        "may_reopen": may_edit and found.is_closed,
        **_addresses(request, found),
    }


def _known(found: Deal, people: list[dict[str, Any]], talks: dict[str, Any]) -> dict[str, dict[int, Any]]:
    """What the card has read already, as the rules of hints want it."""
    deciders = [row["stance"] for row in people if row["is_decider"]]
    facts: dict[str, dict[int, Any]] = {
        "deciders": {found.pk: deciders},
        "rivals": {found.pk: [rival.row for rival in talks["rivals"]]},
    }
    if talks["priced"]:
        facts["last_offer"] = {found.pk: talks["offers"][0] if talks["offers"] else None}
    return facts


def _others(request: HttpRequest, others: Any) -> list[Deal]:
    """Other deals of the client, the open ones first, each with its address."""
    rows = list(
        others.select_related("stage").order_by(F("closed_at").desc(nulls_first=True), "-pk")[:MOST_OTHERS]
    )
    for row in rows:
        row.card_url = deal_url(request, row)
    return rows


def _addresses(request: HttpRequest, found: Deal) -> dict[str, str]:
    slug = request.workspace.slug  # type: ignore[attr-defined]
    named = {
        name: workspace_url(f"deal_{name.removesuffix('_url')}", slug, found.number)
        for name in ("assign_url", "move_url", "lose_url", "win_url", "person_url")
    }
    company = workspace_url("company", slug, found.company_id) if found.company_id else ""
    return {**named, "card_url": deal_url(request, found), "company_url": company}


def _handed(found: Deal) -> dict[str, Any] | None:
    """The sheet with which the deal came to its owner and which waits to be accepted."""
    open_ones = HandOver.objects.filter(deal=found, accepted_at=None, passed_on=False)
    row = open_ones.select_related("given_by").first()
    if row is None:
        return None
    return {"row": row, "lines": lines({name: getattr(row, name) for name in PARTS})}


def _planned(found: Deal) -> shown.Said | None:
    """The next activity in words; what is missing or overdue is a hint instead."""
    if not found.is_open or found.next_activity_at is None:
        return None
    step = shown.next_step(found)
    return None if step.tone == shown.BAD else step


def people_of(found: Deal) -> list[dict[str, Any]]:
    """Who takes part: the main contact first; the role in this deal, else the one held in the company."""
    parts = {row.person_id: row for row in DealParticipant.objects.filter(deal=found)}
    ids = [*([found.person_id] if found.person_id else []), *parts]
    if not ids:
        return []
    contacts_seen = Prefetch("contacts", ContactPoint.objects.seen())
    people = Person.objects.filter(pk__in=ids, deleted_at=None).prefetch_related(contacts_seen)
    posts = {
        post.person_id: post
        for post in Position.objects.filter(person__in=ids, company=found.company_id).order_by("is_main")
    }
    rows = []
    for person in sorted(people, key=lambda one: (one.pk != found.person_id, one.name_key)):
        post = posts.get(person.pk)
        part = parts.get(person.pk)
        kind = (part.kind if part else "") or (post.kind if post else "")
        contacts = {contact.kind: contact for contact in reversed(person.contacts.all())}
        words = [post.title if post else "", str(PostKind(kind).label) if kind in PostKind.values else ""]
        if part and part.influence:
            words.append(_("influence: %(level)s") % {"level": part.get_influence_display()})
        rows.append(
            {
                "person": person,
                "kind": kind,
                "hint": " · ".join(filter(None, words)),
                "phone": contacts.get("phone"),
                "email": contacts.get("email"),
                "is_main": person.pk == found.person_id,
                "is_decider": kind == PostKind.DECISION,
                "stance": part.attitude if part else "",
                "attitude": part.get_attitude_display() if part else "",
                "tone": _ATTITUDE_TONES.get(part.attitude, shown.QUIET) if part else shown.QUIET,
            }
        )
    return rows


def stepper(request: HttpRequest, found: Deal, *, may_edit: bool) -> list[dict[str, Any]]:
    """The stages with what happened on each: entered, passed over, to be left by."""
    slug = request.workspace.slug  # type: ignore[attr-defined]
    entered: dict[int, StageVisit] = {}
    for visit in found.visits.order_by("entered"):
        entered[visit.stage_id] = visit
    steps = []
    stages = list(stages_of(found.funnel_id))
    first_days = due_days(found.stage_plan)
    plan = stands(found.stage_plan, stages, at=found.stage, today=clock.today()) if found.is_open else {}
    for stage in stages:
        been = entered.get(stage.pk)
        step = {"stage": stage, "name": stage.name, "note": "", "state": "", "url": ""}
        if stage.pk == found.stage_id and found.is_open:
            passed = working_days_since(found.stage_since, until=clock.today())
            late = bool(stage.limit_days) and passed > (stage.limit_days or 0)
            step |= {"state": "late" if late else "now", "note": shown.age_in_stage(found).text}
        elif been is not None:
            step |= {"state": "done", "note": formats.short_date(been.entered)}
        elif found.outcome == "won" or stage.order < found.deepest_order:
            step |= {"state": "skipped", "note": _("passed over")}
        elif stage.pk in plan and found.is_open:
            step["note"] = _("plan %(day)s") % {"day": formats.short_date(plan[stage.pk])}
            if stage.pk in first_days and first_days[stage.pk][0] != plan[stage.pk]:
                first = formats.short_date(first_days[stage.pk][0])
                step["title"] = _("Planned at first: %(day)s") % {"day": first}
        elif stage.limit_days:
            step["note"] = formats.working_days(stage.limit_days)
        if may_edit and stage.pk != found.stage_id:
            # The form proposes the pressed stage: a press and a confirmation are a move.
            step["url"] = f"{workspace_url('deal_move', slug, found.number)}?stage={stage.pk}"
        steps.append(step)
    end = {
        "won": (_("Won"), "done", formats.short_date(found.closed_at)),
        "lost": (_("Lost"), "late", formats.short_date(found.closed_at)),
    }.get(found.outcome, (_("Won"), "", shown.close_date(found).text if found.expected_close else ""))
    steps.append({"name": end[0], "state": end[1], "note": end[2], "url": "", "stage": None})
    if plan and found.expected_close and (last := max(plan.values())) > found.expected_close:
        _mark_early(steps[-1], last)
    if may_edit:
        steps[-1]["url"] = workspace_url("deal_win", slug, found.number)
    return steps


def _mark_early(step: dict[str, Any], planned: dt.date) -> None:
    """The typed day of the close stays, and says that the stages do not fit before it."""
    if not seen_now("deal", "expected_close"):
        return
    step["state"] = "early"
    step["note"] = _("%(day)s · before the plan") % {"day": step["note"]}
    step["title"] = _("Through all stages by their time limits: %(day)s") % {
        "day": formats.short_date(planned)
    }


def _basis_note(found: Deal) -> str:
    if found.basis == Basis.IMPORTED:
        return _("Brought over from the old base together with its history.")
    if found.basis == Basis.ASSUMED:
        return _(
            "Brought over from the old base without its history: how long it stood on each stage is not known."
        )
    return ""


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """One field in place: `field`, `value`, `was`."""
    found = deal_of(request, number)
    name = request.POST.get("field", "")
    if name not in (*facts_of.HEAD, *facts_of.FACTS, "company", "person", "currency"):
        raise Refused(_("This cannot be changed here: %(fields)s.") % {"fields": name})
    value = _value(request, name, request.POST.get("value", ""))
    was = {name: request.POST["was"]} if "was" in request.POST else None
    event = actions.edit_deal(found, actor=request.member, changes={name: value}, was=was)  # type: ignore[attr-defined]
    if not getattr(request, "htmx", False):
        return answer(request, found, event, _("Saved"))
    fresh = Deal.objects.select_related("stage", "funnel", "company", "owner").get(pk=found.pk)
    response = render(request, "components/inline.html", facts_of.fact(request, fresh, name, may_edit=True))
    if event is not None:
        toast(response, _("Saved"), undo_url=undo_url(request, event))
        trigger(response, "deal:changed")
    return response


def _value(request: HttpRequest, name: str, value: str) -> Any:
    member = request.member  # type: ignore[attr-defined]
    if name == "amount":
        try:
            return parse_amount(value)
        except Unreadable as problem:
            raise Refused(str(problem), field=name) from problem
    if name == "company":
        return company_from(member, value)
    if name == "person":
        return person_from(member, value)
    return value.rstrip("% ") if name == "probability" else value


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def dates(request: HttpRequest, number: int) -> HttpResponse:
    """Sum and expected date in one dialog, from the hints."""
    found = deal_of(request, number)
    if request.method == "GET":
        context = {"room": "deals", "deal": found, "asked": asked_of(request, "amount", "expected_close")}
        return render_page(request, "deals/dates.html", context, fragment="form")
    changes = {
        name: _value(request, name, request.POST[name])
        for name in ("amount", "expected_close")
        if name in request.POST
    }
    was = {name: request.POST.get(f"was_{name}", "") for name in changes}
    event = actions.edit_deal(found, actor=request.member, changes=changes, was=was)  # type: ignore[attr-defined]
    return answer(request, found, event, _("Saved"))


@require_http_methods(["GET", "POST"])
@workspace_view(Subject.DEAL, Action.EDIT)
def person(request: HttpRequest, number: int) -> HttpResponse:
    """Add a person to the deal, with the role in the purchase; a new one gets a post with the client."""
    found = deal_of(request, number)
    member = request.member  # type: ignore[attr-defined]
    if request.method == "GET":
        asked = request.GET.get("person", "")
        pk = int(asked) if asked.isdecimal() and len(asked) < 19 else None
        someone = Person.objects.present().visible_to(member, by_row=True).filter(pk=pk).first()
        kind = request.GET.get("kind", "")
        context = {
            "room": "deals",
            "deal": found,
            "someone": someone,
            "row": DealParticipant.objects.filter(deal=found, person=someone).first() if someone else None,
            "kind": kind if kind in PostKind.values else "",
            "kinds": PostKind.choices,
            "influences": Influence.choices,
            "attitudes": Attitude.choices,
        }
        return render_page(request, "deals/person.html", context, fragment="form")
    someone = person_from(member, request.POST.get("person", ""), company=found.company)
    if someone is None:
        raise Refused(_("Choose a person or type a new name."), field="person")
    said = {name: request.POST.get(name, "") for name in ("kind", "influence", "attitude")}
    event = actions.add_participant(found, actor=member, person=someone, **said)
    return answer(request, found, event, _("%(person)s takes part in the deal") % {"person": someone.name})


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def person_remove(request: HttpRequest, number: int, person_id: int) -> HttpResponse:
    """Take a person out of the deal."""
    found = deal_of(request, number)
    row = get_or_404(DealParticipant.objects.filter(deal=found).select_related("person"), person_id=person_id)
    event = actions.remove_participant(found, actor=request.member, person=row.person)  # type: ignore[attr-defined]
    return answer(request, found, event, _("%(person)s is out of the deal") % {"person": row.person.name})


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def tag_add(request: HttpRequest, number: int) -> HttpResponse:
    """Put a tag on the deal; a new word becomes a tag."""
    found = deal_of(request, number)
    tag = tag_named(request.POST.get("name", ""))
    event = actions.set_tag(found, actor=request.member, tag=tag, on=True)  # type: ignore[attr-defined]
    return answer(request, found, event, _("Tag added"))


@require_POST
@workspace_view(Subject.DEAL, Action.EDIT)
def tag_remove(request: HttpRequest, number: int, tag_id: int) -> HttpResponse:
    """Take a tag off the deal."""
    found = deal_of(request, number)
    tag = chosen(Tag.objects.all(), str(tag_id), "tag")
    event = actions.set_tag(found, actor=request.member, tag=tag, on=False)  # type: ignore[attr-defined]
    return answer(request, found, event, _("Tag removed"))
