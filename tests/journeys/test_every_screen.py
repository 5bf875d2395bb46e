"""Every screen that can be reached by links: it opens, keeps the content security policy, and axe finds no fault."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.journeys.conftest import Visitor
from tests.world import World, make_company, make_person
from voronka.deals.actions import create_deal, win_deal
from voronka.playbook.models import Funnel, Reason, ReasonKind

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

# These answer with a file or lead out.
NOT_PAGES = ("/openapi.json", "/file/", "/export", "/download", "/logout", ".xlsx", ".csv", "/static/")


def screens(
    visitor: Visitor, start: list[str], look: Callable[[Visitor], list[str]] = Visitor.faults
) -> list[tuple[str, list[str]]]:
    """Follow links from *start*; each kind of screen once. Path and what *look* (axe) says of it."""
    seen: set[str] = set()
    waiting = list(start)
    found = []
    while waiting:
        path = waiting.pop(0)
        if any(mark in path for mark in NOT_PAGES):
            continue
        try:
            kind = str(resolve(path.split("?")[0]).view_name)
        except Resolver404:
            found.append((path, ["a link to nowhere"]))
            continue
        if kind in seen:
            continue
        seen.add(kind)
        status = visitor.go(path)
        found.append((path, [f"status {status}"] if status >= 400 else look(visitor)))
        for link in visitor.page.eval_on_selector_all(
            "a[href]", "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"
        ):
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" == visitor.base:
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


@pytest.fixture
def busy(world: World, funnel: Funnel) -> World:
    """Every list has something to show."""
    company = make_company(world.anna, inn="7707083893")
    person = make_person(company)
    for number, stage in enumerate(funnel.stages.order_by("order")):
        deal = create_deal(
            actor=world.anna,
            title=f"Стеллажи, очередь {number + 1}",
            funnel=funnel,
            stage=stage,
            company=company,
            person=person,
            amount=None if number == 1 else Decimal("1250000.50"),
        )
    win_deal(deal, actor=world.anna, reason=Reason.objects.get(kind=ReasonKind.WON))
    return world


@pytest.mark.parametrize(("name", "scheme"), [("admin", "light"), ("director", "dark")])
def test_a_member_finds_no_fault_on_any_screen(
    visitor: Callable[..., Visitor], busy: World, name: str, scheme: str
) -> None:
    someone = visitor(busy.members[name], color_scheme=scheme)
    found = screens(someone, [f"/w/{busy.slug}/"])
    assert len(found) >= 10
    assert [(path, faults) for path, faults in found if faults] == []


def test_a_phone_shows_the_same_screens(visitor: Callable[..., Visitor], busy: World) -> None:
    someone = visitor(busy.head, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    found = screens(someone, [f"/w/{busy.slug}/"], sticks_out)
    assert [(path, faults) for path, faults in found if faults] == []


def sticks_out(visitor: Visitor) -> list[str]:
    """What makes the page wider than the phone."""
    width = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"wider than the screen by {width} px"] if width > 1 else []


def test_a_stranger_finds_no_fault_at_the_door(visitor: Callable[..., Visitor], db: None) -> None:
    found = screens(visitor(), ["/accounts/login/", "/accounts/signup/", "/accounts/password/"])
    assert [(path, faults) for path, faults in found if faults] == []
