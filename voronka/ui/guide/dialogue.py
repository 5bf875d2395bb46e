"""Three questions (what, to whom, how many sell) make the first book. The answers travel in the address, so that Back
goes back and a reload loses nothing; nothing is written before the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.core.text import clip
from voronka.playbook.actions.first_book import BLANK, MAX_WORDS, Answers, build_first_book, fitted
from voronka.playbook.models import Funnel
from voronka.playbook.templates_data import BookTemplate, all_templates
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.ui.once import once
from voronka.workspaces.rights import Action, Subject

WHAT, WHOM, HOW_MANY = STEPS = ("what", "whom", "how_many")
ALONE = "1"
SELLERS = [
    (ALONE, gettext_lazy("I sell alone")),
    ("2", gettext_lazy("2 to 5 people")),
    ("6", gettext_lazy("6 to 20 people")),
    ("21", gettext_lazy("more than 20")),
]


@dataclass(frozen=True)
class Way:
    """One kind of business that can be chosen."""

    code: str
    icon: str
    title: str
    text: str


def ways() -> list[Way]:
    """The templates, then a book of one's own."""
    language = get_language() or "ru"
    found = [Way(t.code, t.icon, t.title.on(language), t.for_whom.on(language)) for t in all_templates()]
    own = Way(
        BLANK,
        "pencil",
        _("Something else"),
        _("One funnel of five usual stages, which you rename and complete as you like."),
    )
    return [*found, own]


def answers_of(data: QueryDict) -> Answers:
    """What was answered so far, as a form or an address brings it."""
    return Answers(
        template=data.get("code", ""),
        groups=frozenset(data.getlist("group")),
        segments=frozenset(data.getlist("segment")),
        own_group=data.get("own_group", "").strip(),
        own_segment=data.get("own_segment", "").strip(),
        alone=data.get("sellers", "") == ALONE,
    )


def _template(code: str) -> BookTemplate | None:
    return next((template for template in all_templates() if template.code == code), None)


@require_GET
@workspace_view(Subject.BOOK, Action.CONFIGURE)
def dialogue(request: MemberRequest) -> HttpResponse:
    """One question a page. A company that has a book is past it."""
    slug = request.workspace.slug
    if Funnel.objects.filter(archived_at=None).exists():
        return HttpResponseRedirect(workspace_url("first_steps", slug))
    language = get_language() or "ru"
    answers = answers_of(request.GET)
    template = _template(answers.template)
    asked = request.GET.get("step", WHAT)
    step = asked if asked in STEPS and (template or answers.template == BLANK) else WHAT
    context: dict[str, Any] = {
        "room": "first_steps",
        "step": step,
        "place": STEPS.index(step) + 1,
        "total": len(STEPS),
        "answers": answers,
        "max_words": MAX_WORDS,
        "kept": [(name, value) for name, values in request.GET.lists() if name != "step" for value in values],
    }
    if step == WHAT:
        context["ways"] = ways()
    elif step == WHOM and template is not None:
        context["groups"] = [(group.code, group.name.on(language)) for group in template.groups]
        context["segments"] = [
            (segment.code, segment.name.on(language), segment.description.on(language))
            for segment in template.segments
        ]
    elif step == HOW_MANY:
        context["sellers"] = SELLERS
        context["funnels"] = _preview(template, answers, language)
    return render_page(request, "guide/dialogue.html", context, fragment="content")


def _preview(template: BookTemplate | None, answers: Answers, language: str) -> list[tuple[str, list[str]]]:
    """The funnels that would be made, with their stages."""
    if template is None:
        name = " · ".join(filter(None, (answers.own_group, answers.own_segment)))
        return [(clip(name, 2 * MAX_WORDS) or _("Sales"), [])]
    return [
        (funnel.name.on(language), [stage.name.on(language) for stage in funnel.stages])
        for funnel in fitted(template, answers).funnels
    ]


@require_POST
@workspace_view(Subject.BOOK, Action.CONFIGURE)
@once
def build(request: MemberRequest) -> HttpResponse:
    """Make the book of the answers, and go on to the first deal."""
    build_first_book(answers_of(request.POST), actor=request.member, language=request.workspace.language)
    slug = request.workspace.slug
    sells = request.member.may(Subject.DEAL, Action.CREATE)
    return done(
        request,
        _("The sales book is ready."),
        redirect=workspace_url("first_deal" if sells else "first_steps", slug),
        go=True,
    )
