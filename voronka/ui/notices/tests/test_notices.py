"""The bell through its pages."""

from __future__ import annotations

from typing import Any

from tests.world import World
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.desk.models import Notice
from voronka.desk.notices import notify, unread_count

HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_badge_counts_what_is_unread(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    assert anna.get(anna.w("/notices/badge/")).content == b""
    for number in range(101):
        notify(world.anna, kind="deal", text=str(number), key=str(number))
    assert anna.get(anna.w("/notices/badge/")).content == b"99+"

    assert anna.post(anna.w("/notices/read/"), **HTMX).status_code == 204
    assert anna.get(anna.w("/notices/badge/")).content == b""


def test_following_a_line_reads_it_and_leads_to_its_card(world: World, as_member: Any, funnel: Any) -> None:
    anna = as_member(world.anna)
    deal = create_deal(actor=world.anna, title="Сделка", funnel=funnel)
    for url in (f"deal:{deal.pk}", "deal:999999", "members", "", "nonsense:5", "https://evil.example/"):
        notify(world.anna, kind="deal", text="x", key=url, url=url)

    answers = {n.url: anna.get(anna.w(f"/notices/{n.pk}/")) for n in Notice.objects.all()}

    assert all(answer.status_code == 302 for answer in answers.values())
    assert all(answer.headers["Location"].startswith(f"/w/{world.slug}/") for answer in answers.values())
    assert answers["members"].headers["Location"].endswith("/settings/members/")
    assert unread_count(world.anna) == 0


def test_pages_and_fragments(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    assert b"<html" in anna.get(anna.w("/notices/")).content
    for number in range(35):
        notify(world.anna, kind="deal", text=f"Строка {number:02}", key=str(number))

    first = anna.get(anna.w("/notices/"), **HTMX)
    assert b"<html" not in first.content
    assert "Строка 34" in first.content.decode()
    rest = anna.get(first.context["more_url"], **HTMX).content.decode()
    assert "Строка 00" in rest
    assert "Строка 34" not in rest


def test_anothers_line_is_not_mine(world: World, stranger: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    notify(world.boris, kind="deal", text="Бориса", key="1")
    theirs = Notice.objects.get()
    with scope(stranger.workspace):
        notify(stranger.anna, kind="deal", text="чужая", key="1")
        alien = Notice.objects.get()

    assert anna.get(anna.w(f"/notices/{theirs.pk}/")).status_code == 403
    assert anna.get(anna.w(f"/notices/{alien.pk}/")).status_code == 404
    assert "Бориса" not in anna.get(anna.w("/notices/")).content.decode()
    anna.post(anna.w("/notices/read/"))
    theirs.refresh_from_db()
    assert theirs.read_at is None
