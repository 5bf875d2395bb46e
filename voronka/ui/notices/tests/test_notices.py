"""The bell through its pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress

from tests.world import World
from voronka.activities.actions import plan_activity
from voronka.activities.jobs import remind
from voronka.core import clock
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.desk.delivery.wishes import keep_on, settings_of
from voronka.desk.models import Notice, NoticeSettings
from voronka.desk.notices import notify, unread_count
from voronka.playbook.models import ActivityKind
from voronka.workspaces.models import Workspace

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


def test_a_reminder_is_put_off_from_its_line(world: World, as_member: Any, funnel: Any) -> None:
    anna = as_member(world.anna)
    call = plan_activity(
        actor=world.anna,
        kind=ActivityKind.objects.get(channel="call"),
        due_at=clock.now() + dt.timedelta(hours=1),
        remind_at=clock.now(),
    )
    remind()
    line = Notice.objects.get()
    assert anna.w(f"/notices/{line.pk}/snooze/") in anna.get(anna.w("/notices/")).content.decode()

    for wrong in ({"at": "nonsense"}, {"at": "2020-01-01T10:00"}, {}):
        assert anna.post(anna.w(f"/notices/{line.pk}/snooze/"), wrong, **HTMX).status_code == 409
    assert anna.post(anna.w(f"/notices/{line.pk}/snooze/"), {"for": "1h"}, **HTMX).status_code == 204

    call.refresh_from_db()
    assert call.remind_at is not None
    assert call.remind_at > clock.now() + dt.timedelta(minutes=58)
    assert unread_count(world.anna) == 0
    assert (
        as_member(world.boris).post(anna.w(f"/notices/{line.pk}/snooze/"), {"for": "1h"}).status_code == 403
    )


def test_a_kind_in_vain_is_offered_to_be_switched_off(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    for kind in ("limit", "list"):
        keep_on(kind, actor=world.anna)
    NoticeSettings.objects.filter(member=world.anna).update(in_vain={"limit": 12, "list": 30})
    page = anna.get(anna.w("/notices/")).content.decode()
    assert "12 уведомлений" in page

    anna.post(anna.w("/settings/profile/notices/quieten/"), {"kind": "limit"}, **HTMX)
    anna.post(anna.w("/settings/profile/notices/quieten/"), {"kind": "list", "keep": "1"}, **HTMX)
    assert (
        anna.post(anna.w("/settings/profile/notices/quieten/"), {"kind": "approval"}, **HTMX).status_code
        == 409
    )

    own = settings_of(world.anna)
    assert (own.in_vain, own.wanted["bell"]) == ({}, {"limit": False})
    assert "Отключить?" not in anna.get(anna.w("/notices/")).content.decode()


def test_mail_and_sign_in_say_the_same_of_an_address(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    url = anna.w("/settings/profile/notices/")
    unconfirmed, demo = "нет подтверждённого адреса", "писем не отправляет"
    address = EmailAddress.objects.create(user=world.anna.user, email=world.anna.user.email, verified=True)
    assert unconfirmed not in anna.get(url).text
    Workspace.objects.filter(pk=world.workspace.pk).update(is_demo=True)
    page = anna.get(url).text
    assert demo in page
    assert unconfirmed not in page
    Workspace.objects.filter(pk=world.workspace.pk).update(is_demo=False)
    EmailAddress.objects.filter(pk=address.pk).update(verified=False)
    assert unconfirmed in anna.get(url).text


def test_the_page_of_wishes_is_kept(world: World, as_member: Any) -> None:
    anna = as_member(world.anna)
    url = anna.w("/settings/profile/notices/")
    given = {
        "bell": ["deal", "limit"],
        "mail": ["deal", "approval"],
        "has_digest": "on",
        "digest_at": "07:45",
        "is_quiet": "on",
        "quiet_from": "20:00",
        "quiet_till": "08:00",
        "most_letters": "3",
    }
    assert anna.post(url, {**given, "quiet_till": ""}).status_code == 422
    assert anna.post(url, {**given, "quiet_till": "20:00"}).status_code == 422
    assert settings_of(world.anna).pk is None

    assert anna.post(url, given).status_code == 302
    own = settings_of(world.anna)
    assert (own.digest_at, own.quiet_from, own.quiet_till, own.most_letters) == (
        dt.time(7, 45),
        dt.time(20),
        dt.time(8),
        3,
    )
    wished = {code: {k for k, on in kinds.items() if on} for code, kinds in own.wanted.items()}
    assert wished == {"bell": {"deal", "limit"}, "mail": {"deal", "approval"}}
    page = anna.get(url).content.decode()
    assert 'value="07:45"' in page
    notify(world.anna, kind="list", text="x", key="muted")
    assert unread_count(world.anna) == 0
