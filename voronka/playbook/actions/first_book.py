"""The first book, from three answers: what is sold, to whom, how many sell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.core.text import clean, length_problem
from voronka.playbook.actions.blank import start_blank
from voronka.playbook.actions.templates import apply_template
from voronka.playbook.models import Funnel
from voronka.playbook.templates_data import BookTemplate, Text
from voronka.playbook.templates_data.shapes import (
    FunnelTemplate,
    GroupTemplate,
    SegmentTemplate,
    StageTemplate,
)

if TYPE_CHECKING:
    from voronka.workspaces.models import Member

BLANK = "blank"
OWN = "own"
# One's own words make a funnel with each of so many target groups (or product groups) that were chosen.
MOST_OWN = 3
MAX_WORDS = 60


@dataclass(frozen=True)
class Answers:
    """What the dialogue has learnt.

    *template*: code of the kind of business, or `BLANK`. *groups*, *segments*: codes of the template's lists that fit.
    *own_group*, *own_segment*: what is sold and to whom in one's own words, "" for nothing more. *alone*: one person
    sells, so that nobody is to be told or asked.
    """

    template: str
    groups: Collection[str] = ()
    segments: Collection[str] = ()
    own_group: str = ""
    own_segment: str = ""
    alone: bool = False


def fitted(template: BookTemplate, answers: Answers) -> BookTemplate:
    """*template* cut to the answers. What is not chosen at all is not asked about: then everything stays.

    One's own words become a group or a segment; their funnels are copies of the template's nearest one.
    """
    groups = [group for group in template.groups if group.code in answers.groups]
    segments = [segment for segment in template.segments if segment.code in answers.segments]
    if own := answers.own_group:
        groups.append(GroupTemplate(OWN, Text(own, own)))
    if own := answers.own_segment:
        segments.append(SegmentTemplate(OWN, Text(own, own), Text("", "")))
    groups = groups or list(template.groups)
    segments = segments or list(template.segments)
    funnels = [
        funnel
        for funnel in template.funnels
        if any(group.code == funnel.group for group in groups)
        and any(segment.code == funnel.segment for segment in segments)
    ]
    pairs = [
        (group, segment) for group in groups for segment in segments if OWN in (group.code, segment.code)
    ]
    if not funnels and not pairs:
        pairs = [(groups[0], segments[0])]
    # Both in one's own words come first: that is what the company lives by.
    pairs.sort(key=lambda pair: sum(part.code != OWN for part in pair))
    made = [_copy(template, group, segment) for group, segment in pairs[:MOST_OWN]]
    kept_groups, kept_segments = {group.code for group in groups}, {segment.code for segment in segments}
    whole: dict[str, Any] = {
        field.name: tuple(
            part
            for part in value
            if getattr(part, "group", None) in {None, *kept_groups}
            and getattr(part, "segment", None) in {None, *kept_segments}
        )
        for field in fields(template)
        # A `Text` is a tuple too.
        if type(value := getattr(template, field.name)) is tuple
    }
    chosen = [*made, *funnels]
    whole |= {
        "groups": tuple(groups),
        "segments": tuple(segments),
        "funnels": tuple(_of_one(funnel) if answers.alone else funnel for funnel in chosen),
    }
    return replace(template, **whole)


def _copy(template: BookTemplate, group: GroupTemplate, segment: SegmentTemplate) -> FunnelTemplate:
    """The template's funnel that is nearest to the pair, under the pair's name."""
    nearest = max(
        template.funnels,
        key=lambda funnel: (funnel.group == group.code) * 2 + (funnel.segment == segment.code),
    )
    name = Text(f"{group.name.ru} · {segment.name.ru}", f"{group.name.en} · {segment.name.en}")
    return replace(nearest, name=name, group=group.code, segment=segment.code)


def _of_one(funnel: FunnelTemplate) -> FunnelTemplate:
    """Who sells alone is not told about himself, and does every task himself."""

    def alone(stage: StageTemplate) -> StageTemplate:
        return replace(stage, told_at=(), tasks=tuple(replace(task, role=None) for task in stage.tasks))

    return replace(funnel, stages=tuple(alone(stage) for stage in funnel.stages))


@transaction.atomic
def build_first_book(answers: Answers, *, actor: Member, language: str) -> list[Funnel]:
    """Fill an empty book by *answers*, in *language*; return its funnels.

    The event is the template's. Raises `Refused` for an unknown template or words that are too long, and when a book
    is there already: it is built further by hand. `Forbidden` without the right to the book.
    """
    words = {"own_group": clean(answers.own_group), "own_segment": clean(answers.own_segment)}
    for field, text in words.items():
        if problem := length_problem(text, MAX_WORDS):
            raise Refused(problem, field=field)
    answers = replace(answers, own_group=words["own_group"], own_segment=words["own_segment"])
    if Funnel.objects.filter(archived_at=None).exists():
        raise Refused(_("The sales book has funnels already: go on in it."))
    if answers.template == BLANK:
        name = " · ".join(filter(None, words.values()))
        return [start_blank(actor=actor, language=language, name=name)]
    return apply_template(
        answers.template, actor=actor, language=language, fit=lambda template: fitted(template, answers)
    ).funnels
