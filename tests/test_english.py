"""A company that works in English meets no Russian word on any screen, in any dialog, in any sentence of a feed."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import override

from voronka.activities.actions import plan_activity
from voronka.clients.models import Company
from voronka.core.tenancy import scope
from voronka.core.text import fold
from voronka.deals.actions import create_deal, lose_deal, move_deal, win_deal
from voronka.desk.notes import add_note
from voronka.playbook.actions import apply_template
from voronka.playbook.models import ActivityKind, Funnel, Reason, ReasonKind, Stage
from voronka.workspaces.actions import create_user, create_workspace, edit_member
from voronka.workspaces.models import Member

pytestmark = pytest.mark.django_db

CYRILLIC = re.compile("[А-Яа-яЁё][А-Яа-яЁё «»—–-]*")
LINK = re.compile(r'(?:href|hx-get|action)="(/[^"#]*)"')
# A language is called by its own name; the names of the Russian regions and of industries are what they are.
OWN_NAMES = re.compile(r"Русский|<select[^>]*name=\"(?:region|industry)\".*?</select>", re.DOTALL)
NOT_PAGES = ("/file/", "/export", "/download", "/logout", ".xlsx", ".csv", "/static/", "/live")
MOST_SCREENS = 200


@pytest.fixture
def company(db: None) -> Iterator[Member]:
    """Acme, with a book in English, a deal at every stage, a won and a lost one, tasks and notes."""
    with scope(None), override("en"):
        user = create_user(
            email="boss@acme.test", name="Ann Boss", password="x" * 20, language="en", confirmed=True
        )
        member = create_workspace(user=user, name="Acme", language="en")
    with scope(member.workspace), override("en"):
        apply_template("equipment", actor=member, language="en")
        _work(member)
        yield member


def _work(member: Member) -> None:
    client = Company.objects.create(name="Globex", name_key=fold("Globex"), owner=member, team=member.team)
    funnel = Funnel.objects.order_by("pk").first()
    stages = list(Stage.objects.filter(funnel=funnel).order_by("order"))
    deals = [
        create_deal(
            actor=member,
            title=f"Racks {n}",
            funnel=funnel,
            stage=stage,
            company=client,
            amount=Decimal(1000 * n),
        )
        for n, stage in enumerate([*stages, stages[0], stages[0]], start=1)
    ]
    move_deal(deals[0], actor=member, stage=stages[1], acknowledged=True)
    won = Reason.objects.filter(kind=ReasonKind.WON).first()
    win_deal(deals[-1], actor=member, reason=won, override="The contract is signed")
    lose_deal(deals[-2], actor=member, reason=Reason.objects.filter(kind=ReasonKind.LOST).first())
    plan_activity(
        actor=member,
        kind=ActivityKind.objects.first(),
        due_at=timezone.now() + dt.timedelta(hours=1),
        deal=deals[0],
        subject="Call back",
    )
    add_note(actor=member, subject=("company", client.pk), text="Likes blue")
    edit_member(member, actor=member, changes={"post": "Director"})


def seen_words(page: str) -> set[str]:
    """Russian words of a page."""
    return set(CYRILLIC.findall(OWN_NAMES.sub("", html.unescape(page))))


def test_no_screen_shows_a_russian_word(company: Member, as_member: Any) -> None:
    browser: Client = as_member(company)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    waiting = [f"/w/{company.workspace.slug}/", f"/w/{company.workspace.slug}/deals/"]
    kinds: set[str] = set()
    russian: dict[str, set[str]] = {}
    broken: list[str] = []

    while waiting and len(kinds) < MOST_SCREENS:
        path = waiting.pop(0)
        if any(mark in path for mark in NOT_PAGES):
            continue
        try:
            kind = str(resolve(path.split("?")[0]).view_name)
        except Resolver404:
            continue
        if kind in kinds:
            continue
        kinds.add(kind)
        answer = browser.get(path, follow=True)
        if answer.status_code == 405:
            continue  # only to be done, not to be looked at
        if answer.status_code >= 500:
            broken.append(path)
        page = answer.content.decode() if not answer.streaming else ""
        if words := seen_words(page):
            russian[path] = words
        waiting += [html.unescape(link) for link in LINK.findall(page)]

    assert len(kinds) > 60
    assert broken == []
    assert russian == {}
