"""Deals as lists know them: fields, views made in code, and what can be done to many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from voronka.core import formats
from voronka.core.errors import Refused
from voronka.core.text import fold
from voronka.deals import actions
from voronka.deals.choices import Outcome
from voronka.deals.fields import deal_fields
from voronka.deals.handing.sharing_out import RULES, Turns
from voronka.deals.handing.sheets import draft
from voronka.deals.models import Deal
from voronka.desk.lists.conditions import Group
from voronka.desk.lists.reading import chosen_id, member_of, tag_of
from voronka.desk.lists.registry import Listing, Verb, View, register
from voronka.playbook.models import Reason, Stage
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

OPEN = ["outcome", "in", "open"]
PRESENT = frozenset(Outcome.values) - {Outcome.DELETED.value}
# Switches that only open deals answer, yes or no.
ABOUT_OPEN = frozenset({"no_next_step", "overdue_step", "overdue_close", "no_expected"})


def rows(member: Member, action: Action, where: Group) -> Any:
    """Deals within reach; the bin only for those who may empty it."""
    outcomes = asked_outcomes(where)
    if action == Action.SEE and (outcomes is None or Outcome.DELETED in outcomes):
        seen = Deal.objects.visible_to(member)
        binned = Deal.objects.visible_to(member, Action.DELETE)
        if outcomes == {Outcome.DELETED.value}:
            return binned
        if member.reach(Subject.DEAL, Action.DELETE) == Reach.ALL:
            return seen
        return seen.filter(
            ~Q(outcome=Outcome.DELETED) | Q(pk__in=binned.filter(outcome=Outcome.DELETED).values("pk"))
        )
    return Deal.objects.visible_to(member, action, only_open=outcomes == {Outcome.OPEN.value})


def asked_outcomes(where: Group) -> set[str] | None:
    """The outcomes that rows of *where* surely have; None when any is possible."""
    if where.joined == "or":
        each = [asked_outcomes(Group("and", (item,))) for item in where.items]
        return None if None in each else set().union(*(found for found in each if found is not None))
    is_present = False
    for item in where.items:
        if isinstance(item, Group):
            found = asked_outcomes(item)
        elif item.field in ABOUT_OPEN:
            found = {Outcome.OPEN.value}
        elif item.field == "outcome":
            given = set(item.values)
            found = given if item.op == "in" else set(Outcome.values) - given
            if found == PRESENT and len(where.items) > 1:
                # «Not deleted» goes without saying: another condition may say more.
                is_present = True
                continue
        else:
            found = None
        if found is not None:
            return found
    return set(PRESENT) if is_present else None


def search(deals: Any, text: str) -> Any:
    """Deals with *text* in the name, the client's name, or with this number."""
    words = fold(text)
    if not words:
        return deals
    found = Q(title__icontains=text) | Q(company__name_key__contains=words)
    digits = words.lstrip("№# ")
    if digits:
        found |= Q(code__icontains=text.lstrip("№# "))
    if digits.isascii() and digits.isdecimal() and len(digits) < 16:
        found |= Q(number=int(digits))
    return deals.filter(found)


def counted(count: int) -> str:
    """«3 deals» in words."""
    return ngettext("%(count)s deal", "%(count)s deals", count) % {"count": formats.number(count)}


def _owner(params: Any, actor: Member) -> dict[str, Any]:
    return {"owner": member_of(params.get("owner", ""))}


def _stage(params: Any, actor: Member) -> dict[str, Any]:
    stage = Stage.objects.filter(pk=chosen_id(params.get("stage", ""))).select_related("funnel").first()
    if stage is None:
        raise Refused(_("Choose the stage."), field="stage")
    return {"stage": stage}


def _reason(params: Any, actor: Member) -> dict[str, Any]:
    reason = Reason.objects.filter(pk=chosen_id(params.get("reason", "")), kind="lost").first()
    if reason is None:
        raise Refused(_("Say why the deal was lost: choose a reason."), field="reason")
    return {"reason": reason, "comment": params.get("comment", "")}


def _tag(params: Any, actor: Member) -> dict[str, Any]:
    return {"tag": tag_of(params.get("tag", ""))}


def _assign(deal: Deal, actor: Member, given: Mapping[str, Any]) -> Any:
    return actions.assign_deal(deal, actor=actor, owner=given["owner"])


def _sharing(params: Any, actor: Member) -> dict[str, Any]:
    asked = params.get("members") or []
    ids = [chosen_id(value) for value in ([asked] if isinstance(asked, str) else asked)]
    members = list(Member.objects.active().filter(pk__in=[pk for pk in ids if pk]).order_by("name", "pk"))
    if not members:
        raise Refused(_("Choose colleagues among whom to share the deals out."), field="members")
    rule = params.get("rule", "")
    if rule not in RULES:
        raise Refused(_("There is no such choice."), field="rule")
    names = ", ".join(formats.short_name(member.name) for member in members)
    return {"owner": names, "turns": Turns(members, rule)}


def _share_out(deal: Deal, actor: Member, given: Mapping[str, Any]) -> Any:
    owner = given["turns"].next(deal)
    return actions.assign_deal(deal, actor=actor, owner=owner, sheet=draft(deal, actor))


def _move(deal: Deal, actor: Member, given: Mapping[str, Any]) -> Any:
    return actions.move_deal(deal, actor=actor, stage=given["stage"])


def _lose(deal: Deal, actor: Member, given: Mapping[str, Any]) -> Any:
    return actions.lose_deal(deal, actor=actor, reason=given["reason"], comment=given["comment"])


def edit(
    deal: Deal, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """The verb of a cell."""
    return actions.edit_deal(deal, actor=actor, changes=changes, was=was)


VERBS = [
    Verb("assign", gettext_lazy("Hand over"), "user-share", Action.HAND_OVER, _assign, "owner", _owner),
    Verb("move", gettext_lazy("Move to a stage"), "arrow-right", Action.EDIT, _move, "stage", _stage),
    Verb(
        "tag",
        gettext_lazy("Put a tag on"),
        "tag",
        Action.EDIT,
        lambda deal, actor, given: actions.set_tag(deal, actor=actor, tag=given["tag"], on=True),
        "tag",
        _tag,
    ),
    Verb(
        "untag",
        gettext_lazy("Take a tag off"),
        "tag-off",
        Action.EDIT,
        lambda deal, actor, given: actions.set_tag(deal, actor=actor, tag=given["tag"], on=False),
        "tag",
        _tag,
    ),
    Verb(
        "share_out",
        gettext_lazy("Share out"),
        "users-group",
        Action.HAND_OVER,
        _share_out,
        "sharing",
        _sharing,
    ),
    Verb("lose", gettext_lazy("Close as lost"), "thumb-down", Action.EDIT, _lose, "reason", _reason),
    Verb(
        "delete",
        gettext_lazy("Delete"),
        "trash",
        Action.DELETE,
        lambda deal, actor, given: actions.delete_deal(deal, actor=actor),
        danger=True,
    ),
    Verb(
        "restore",
        gettext_lazy("Restore"),
        "arrow-back-up",
        Action.DELETE,
        lambda deal, actor, given: actions.restore_deal(deal, actor=actor),
    ),
]

LISTING = register(
    Listing(
        code="deal",
        subject=Subject.DEAL,
        label=gettext_lazy("Deals"),
        counted=counted,
        rows=rows,
        base=lambda: Deal.objects.all(),
        fields=deal_fields,
        main="title",
        columns=("title", "company", "amount", "stage", "next_activity_at", "expected_close", "owner"),
        sort="-opened_at",
        state="outcome",
        present=("outcome", "out", Outcome.DELETED.value),
        views=[
            View("open", pgettext_lazy("view of deals", "Open"), [OPEN]),
            View("mine", gettext_lazy("My open ones"), [OPEN, ["owner", "in", "me"]], wide=True),
            View(
                "overdue",
                pgettext_lazy("deals", "Overdue"),
                [["or", ["overdue_step", "yes"], ["overdue_close", "yes"]]],
                sort="next_activity_at",
            ),
            View("no_step", gettext_lazy("No next step"), [["no_next_step", "yes"]]),
            View(
                "closing",
                gettext_lazy("Close this month"),
                [OPEN, ["expected_close", "period", "this_month"]],
                sort="expected_close",
            ),
            View(
                "silent",
                gettext_lazy("Silent for 30 days"),
                [OPEN, ["silent", "ge", "30"]],
                sort="-amount",
                tucked=True,
            ),
            View(
                "won",
                gettext_lazy("Won this quarter"),
                [["outcome", "in", "won"], ["closed_at", "period", "this_quarter"]],
                sort="-closed_at",
                columns=("number", "title", "company", "amount", "closed_at", "closed_owner"),
                tucked=True,
            ),
            View(
                "lost",
                gettext_lazy("Lost this quarter"),
                [["outcome", "in", "lost"], ["closed_at", "period", "this_quarter"]],
                sort="-closed_at",
                columns=("number", "title", "company", "reason", "amount", "closed_at", "closed_owner"),
                tucked=True,
            ),
            View(
                "reanimation",
                gettext_lazy("To come back to"),
                [["outcome", "in", "lost"], ["next_activity_at", "filled"]],
                sort="next_activity_at",
                columns=("title", "company", "reason", "amount", "closed_at", "next_activity_at", "owner"),
                tucked=True,
            ),
            View("all", pgettext_lazy("deals", "All"), []),
            View(
                "deleted",
                pgettext_lazy("deals", "Deleted"),
                [["outcome", "in", "deleted"]],
                tucked=True,
            ),
        ],
        quick=("owner", "stage", "expected_close", "amount"),
        search=search,
        edit=edit,
        verbs=VERBS,
        aliases={
            "client": "company",
            "expected": "expected_close",
            "next": "next_activity_at",
            "opened": "opened_at",
            "closed": "closed_at",
            "since": "stage_since",
        },
    )
)
