"""The audit: everything is there for administrators, page by page, and what is taken out is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.world import PASSWORD, World, make_company
from voronka.clients.actions import edit_company
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.desk.models import Notice
from voronka.journal.models import Event
from voronka.ui.settings import audit
from voronka.workspaces.models import Member

SignIn = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def _no_limits_left() -> None:
    cache.clear()


def rename(world: World, who: str, names: list[str]) -> None:
    company = make_company(world.anna, "Прежняя")
    for name in names:
        edit_company(company, actor=world.members[who], changes={"name": name})


def page(browser: Client, query: str = "") -> str:
    return browser.get(browser.w(f"/settings/audit/{query}")).content.decode()


def test_it_is_filtered_by_member_kind_days_and_text(world: World, as_member: SignIn) -> None:
    rename(world, "anna", ["Ёлка"])
    rename(world, "head", ["Сосна"])
    admin = as_member(world.admin)
    both = page(admin)
    assert "Ёлка" in both
    assert "Сосна" in both
    today = clock.today()
    for query, there, away in (
        (f"?who={world.anna.pk}", "Ёлка", "Сосна"),
        ("?q=елка", "Ёлка", "Сосна"),
        (f"?from={today}&kind=clients", "Сосна", "?????"),
        ("?kind=deals", "kind", "Сосна"),
        ("?to=2001-01-01", "to", "Ёлка"),
        ("?from=nonsense&kind=nonsense&who=nonsense", "Сосна", "?????"),
    ):
        shown = page(admin, query)
        assert there in shown, query
        assert f"→ {away}" not in shown, query


def test_pages_follow_each_other_without_gaps(
    world: World, as_member: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 4)
    rename(world, "anna", [f"Имя {n}" for n in range(10)])
    admin = as_member(world.admin)
    seen: list[str] = []
    url = admin.w("/settings/audit/?kind=clients")
    for _step in range(5):
        shown = admin.get(url)
        seen += [line.event.pk for line in shown.context["lines"]]
        url = shown.context["more_url"]
        if not url:
            break
    assert seen == list(
        Event.objects.filter(type__startswith="company.").order_by("-id").values_list("pk", flat=True)
    )
    assert len(seen) == 10


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_taken_out_is_told_to_the_other_administrators(
    world: World, as_member: SignIn, form: str
) -> None:
    Member.objects.filter(pk=world.director.pk).update(role=world.roles["admin"])
    rename(world, "anna", ["=cmd()"])
    admin = as_member(world.admin)
    answer = admin.get(admin.w(f"/settings/audit/file/?kind=clients&format={form}"))
    assert answer.status_code == 200
    assert answer.content[:2] == (b"PK" if form == "xlsx" else b"\xef\xbb")
    event = Event.objects.get(type="audit.exported")
    assert event.payload["rows"] == 1
    assert event.payload["filter"]
    assert Notice.objects.get(kind="export").member == world.director


def test_coming_in_and_failing_to_is_told_in_each_company(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        Member.objects.create(user=world.anna.user, name="Анна", role=stranger.roles["seller"])
    browser = Client(REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    for email in (world.anna.email, "nobody@x.test"):
        browser.post("/accounts/login/", {"login": email, "password": "wrong wrong wrong"})
    browser.post("/accounts/login/", {"login": world.anna.email, "password": PASSWORD})
    for there in (world, stranger):
        with scope(there.workspace):
            events = list(Event.objects.filter(type__contains="sign").order_by("id"))
            assert [(e.type, e.actor_id is None) for e in events] == [
                ("member.sign_in_failed", True),
                ("member.signed_in", False),
            ]
            assert events[0].payload["address"] == "203.0.113.7"
            assert "Firefox" in events[1].payload["device"]
            assert "wrong" not in str(events[0].payload)


def test_a_failure_is_found_by_the_member_whose_door_it_was(world: World, as_member: SignIn) -> None:
    Client().post("/accounts/login/", {"login": world.anna.email, "password": "wrong wrong wrong"})
    admin = as_member(world.admin)
    assert world.anna.name in page(admin, f"?who={world.anna.pk}&kind=failed")
    assert "data-row" in page(admin, "?kind=failed&who=0")
    assert "data-row" not in page(admin, f"?kind=failed&who={world.boris.pk}")
    # It is not a matter of the member's page.
    assert "203.0" not in admin.get(admin.w(f"/settings/members/{world.anna.pk}/")).content.decode()
