"""The way in: second factors, sessions, address, switching between companies."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.world import PASSWORD, World
from voronka.activities.models import Activity
from voronka.core.tenancy import scope
from voronka.desk.models import Notice
from voronka.desk.notices import notify
from voronka.journal.models import Event
from voronka.playbook.models import ActivityKind
from voronka.ui.accounts.devices import device
from voronka.ui.live import _member as asked_at_the_stream
from voronka.workspaces.actions import invite
from voronka.workspaces.models import Member, User, Workspace

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _no_limits_of_before() -> None:
    cache.clear()


@pytest.fixture
def secret(world: World) -> str:
    """Anna has an application with this key, and recovery codes."""
    made = generate_totp_secret()
    user = world.anna.user
    TOTP.activate(user, made)
    RecoveryCodes.activate(user)
    return made


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(browser: Client, email: str, password: str = PASSWORD) -> Any:
    return browser.post("/accounts/login/", {"login": email, "password": password})


def again(browser: Client) -> None:
    """Show once more that it is oneself."""
    browser.post("/accounts/again/", {"password": PASSWORD})


def types() -> list[str]:
    """What was recorded, but for the coming in itself."""
    told = Event.objects.exclude(type="member.signed_in")
    return list(told.order_by("pk").values_list("type", flat=True))


def text(response: Any) -> str:
    return response.content.decode()


# The second step


def test_the_password_alone_does_not_open(world: World, secret: str) -> None:
    browser = Client()

    response = sign_in(browser, world.anna.user.email)

    assert response.headers["Location"] == "/accounts/login/second/"
    assert browser.get(f"/w/{world.slug}/deals/").status_code == 302
    browser.post("/accounts/login/second/", {"code": code(secret)})
    assert browser.get(f"/w/{world.slug}/settings/profile/").status_code == 200


def test_a_wrong_code_does_not_open_and_is_told(world: World, secret: str) -> None:
    browser = Client()
    sign_in(browser, world.anna.user.email)

    response = browser.post("/accounts/login/second/", {"code": "000000"})

    assert response.context["form"].errors["code"]
    assert browser.get(f"/w/{world.slug}/settings/profile/").status_code == 302
    assert types() == ["member.code_wrong"]


def test_a_code_opens_once_even_within_its_minute(world: World, secret: str) -> None:
    first, second = Client(), Client()
    spent = code(secret, 1)
    for browser in (first, second):
        sign_in(browser, world.anna.user.email)
        browser.post("/accounts/login/second/", {"code": spent})
        # django-allauth itself forgets after half a minute, while it takes a code for a whole one and a half.
        cache.delete(f"allauth.mfa.totp.used?user={world.anna.user_id}&code={spent}")

    assert first.get(f"/w/{world.slug}/settings/profile/").status_code == 200
    assert second.get(f"/w/{world.slug}/settings/profile/").status_code == 302


def test_guessing_codes_is_stopped(world: World, secret: str) -> None:
    browser = Client()
    sign_in(browser, world.anna.user.email)
    for _ in range(6):
        browser.post("/accounts/login/second/", {"code": "000000"})

    response = browser.post("/accounts/login/second/", {"code": code(secret)})

    assert "Location" not in response.headers
    assert browser.get(f"/w/{world.slug}/settings/profile/").status_code == 302


def test_a_recovery_code_opens_once_and_is_told(world: World, secret: str) -> None:
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, world.anna.user.email)
        browser.post("/accounts/login/second/", {"code": spare})

    assert first.get(f"/w/{world.slug}/settings/profile/").status_code == 200
    assert second.get(f"/w/{world.slug}/settings/profile/").status_code == 302
    assert "member.code_spent" in types()


# Setting up


def test_an_application_is_set_up_by_its_first_code(
    world: World, as_member: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = as_member(world.anna)
    asked = browser.get("/accounts/security/app/")
    assert asked.headers["Location"].startswith("/accounts/again/")
    again(browser)

    page = browser.get("/accounts/security/app/")
    key = page.context["form"].secret
    assert page.context["totp_svg_data_uri"].startswith("data:image/svg+xml")
    assert browser.post("/accounts/security/app/", {"code": "000000"}).context["form"].errors["code"]
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post("/accounts/security/app/", {"code": code(key)})

    assert response.headers["Location"] == "/accounts/security/codes/"
    kept = Authenticator.objects.get(type="totp")
    assert key not in str(kept.data)
    assert types() == ["member.app_set_up"]
    assert mail.outbox[-1].to == [world.anna.user.email]
    shown = browser.get("/accounts/security/codes/")
    assert len(re.findall(r"<li><code>\d{8}</code>", text(shown))) == 10
    assert "no-store" in shown.headers["Cache-Control"]
    assert not re.search(r"<code>\d{8}", text(browser.get("/accounts/security/codes/")))


def test_an_application_is_switched_off_by_who_shows_to_be_oneself(
    world: World, secret: str, as_member: Any
) -> None:
    browser = as_member(world.anna)
    browser.post("/accounts/security/app/off/")
    assert Authenticator.objects.filter(type="totp").exists()

    again(browser)
    browser.post("/accounts/security/app/off/")

    assert not Authenticator.objects.exists()
    assert types() == ["member.app_removed"]


def test_new_recovery_codes_make_the_old_worthless(
    world: World, secret: str, as_member: Any, django_capture_on_commit_callbacks: Any
) -> None:
    old = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    browser = as_member(world.anna)
    again(browser)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/security/codes/new/")

    assert not set(old) & set(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes())
    assert types() == ["member.codes_renewed"]


def test_one_does_not_guess_the_own_password_for_ever(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    answers = [browser.post("/accounts/again/", {"password": "не тот"}).status_code for _ in range(12)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_somebody_elses_passkey_does_not_exist(world: World, as_member: Any) -> None:
    theirs = Authenticator.objects.create(user=world.boris.user, type="webauthn", data={"name": "Ключ"})
    browser = as_member(world.anna)
    again(browser)

    assert browser.post(f"/accounts/security/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_an_invented_passkey_opens_nothing(world: World) -> None:
    browser = Client()
    options = browser.get("/accounts/login/passkey/", HTTP_ACCEPT="application/json").json()
    assert options["request_options"]["publicKey"]["challenge"]

    for answer in ("", "{}", '{"id": "x", "response": {}}', "[]", "null"):
        response = browser.post("/accounts/login/passkey/", {"credential": answer})
        assert response.status_code == 302
        assert response.headers["Location"] == "/accounts/login/"


def test_an_invented_passkey_is_not_added(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    again(browser)
    browser.get("/accounts/security/passkeys/add/")

    for answer in ("", "{}", '{"id": "x", "rawId": "x", "response": {}}', "[1]", "7"):
        response = browser.post("/accounts/security/passkeys/add/", {"name": "Х", "credential": answer})
        assert response.status_code == 200
    assert not Authenticator.objects.exists()


# Required


@pytest.fixture
def strict(world: World) -> World:
    Workspace.objects.filter(pk=world.workspace.pk).update(second_factor_required=True)
    return world


def test_without_a_factor_one_is_led_to_it_before_anything_else(strict: World, as_member: Any) -> None:
    browser = as_member(strict.anna)

    page = browser.get(browser.w("/deals/"))
    assert page.headers["Location"] == f"/accounts/security/?next=%2Fw%2F{strict.slug}%2Fdeals%2F"
    fragment = browser.get(browser.w("/deals/"), **HTMX)
    assert fragment.headers["HX-Redirect"].startswith("/accounts/security/")
    action = browser.post(browser.w("/settings/profile/"), {"name": "Х", "language": "ru", "theme": "auto"})
    assert action.status_code == 302
    assert User.objects.get(pk=strict.anna.user_id).name == "Анна Седова"
    assert strict.workspace.name in text(browser.get(page.headers["Location"]))


def test_with_a_factor_one_comes_where_one_wanted(strict: World, as_member: Any) -> None:
    browser = as_member(strict.anna)
    address = browser.get(browser.w("/deals/")).headers["Location"]
    browser.get(address)
    TOTP.activate(strict.anna.user, generate_totp_secret())

    assert browser.get("/accounts/security/").headers["Location"] == browser.w("/deals/")
    assert browser.get(browser.w("/settings/profile/")).status_code == 200


def test_one_is_not_led_out_of_the_house(world: World, secret: str, as_member: Any) -> None:
    browser = as_member(world.anna)

    response = browser.get("/accounts/security/?next=https://evil.example/")

    assert response.headers["Location"] == browser.w("/settings/profile/security/")


def test_the_live_stream_keeps_out_who_has_none(
    strict: World, as_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The stream reads in a thread of its own and gives the connection back; a test has only this one.
    monkeypatch.setattr("voronka.ui.live.connection.close", lambda: None)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in as_member(strict.anna).cookies.items())
    assert asked_at_the_stream(cookies, strict.slug) is None

    TOTP.activate(strict.anna.user, generate_totp_secret())

    assert asked_at_the_stream(cookies, strict.slug) == strict.anna


def test_the_last_factor_stays_while_a_company_requires_one(
    strict: World, secret: str, as_member: Any
) -> None:
    browser = as_member(strict.anna)
    again(browser)

    browser.post("/accounts/security/app/off/")
    assert Authenticator.objects.filter(type="totp").exists()

    key = Authenticator.objects.create(user=strict.anna.user, type="webauthn", data={"name": "Ключ"})
    browser.post("/accounts/security/app/off/")
    assert not Authenticator.objects.filter(type="totp").exists()
    browser.post(f"/accounts/security/passkeys/{key.pk}/remove/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_an_administrator_requires_it_in_the_settings(world: World, as_member: Any) -> None:
    browser = as_member(world.admin)
    path = browser.w("/settings/security/")
    assert browser.post(path, {"on": "1"}, **HTMX).status_code == 409
    assert not Workspace.objects.get(pk=world.workspace.pk).second_factor_required

    TOTP.activate(world.admin.user, generate_totp_secret())
    assert browser.post(path, {"on": "1"}, **HTMX).status_code == 204

    assert Workspace.objects.get(pk=world.workspace.pk).second_factor_required
    page = browser.get(path)
    assert page.context["without"] == 8
    assert dict(page.context["rows"])[world.admin] == {"totp"}


# Sessions


def test_browsers_are_listed_and_ended_one_by_one(world: World) -> None:
    here = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36")
    there = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Version/17 Safari/604.1", REMOTE_ADDR="10.1.2.3")
    third = Client()
    for browser in (here, there, third):
        sign_in(browser, world.anna.user.email)
    path = f"/w/{world.slug}/settings/profile/security/"

    shown = here.get(path).context["sessions"]

    assert shown[0].is_current
    assert shown[0].device == "Chrome, Windows"
    phone = next(session for session in shown if session.device == "Safari, iPhone")
    assert (phone.address, phone.icon) == ("10.1.2.3", "device-mobile")
    here.post(f"/w/{world.slug}/settings/profile/sessions/end/", {"session": phone.pk})
    assert there.get(path).status_code == 302
    assert third.get(path).status_code == 200
    here.post(f"/w/{world.slug}/settings/profile/sessions/end/")
    assert third.get(path).status_code == 302
    assert here.get(path).status_code == 200
    assert types() == ["member.sessions_ended"] * 2


def test_somebody_elses_session_is_not_ended(world: World, as_member: Any) -> None:
    theirs = Client()
    sign_in(theirs, world.boris.user.email)
    browser = as_member(world.anna)

    browser.post(browser.w("/settings/profile/sessions/end/"), {"session": UserSession.objects.get().pk})
    browser.post(browser.w("/settings/profile/sessions/end/"), {"session": "1; drop"})

    assert theirs.get(f"/w/{world.slug}/settings/profile/").status_code == 200
    assert types() == []


def test_a_new_password_ends_other_sessions_and_is_told(world: World) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        sign_in(browser, world.anna.user.email)
    data = {"oldpassword": PASSWORD, "password": "совсем новая фраза"}

    here.post(f"/w/{world.slug}/settings/profile/password/", data)

    assert there.get(f"/w/{world.slug}/settings/profile/").status_code == 302
    assert here.get(f"/w/{world.slug}/settings/profile/").status_code == 200
    assert UserSession.objects.filter(user=world.anna.user).count() == 1
    assert types() == ["member.password_changed"]
    assert mail.outbox[-1].to == [world.anna.user.email]


def test_a_password_set_by_a_link_is_told_too(world: World) -> None:
    browser = Client()
    browser.post("/accounts/password/", {"email": world.anna.user.email})
    path = re.search(r"https?://[^/]+(/accounts/password/\S+)", str(mail.outbox[-1].body))
    assert path
    form = browser.get(path[1], follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": "совсем новая фраза"})

    assert types() == ["member.password_changed"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140 YaBrowser/25 Safari/537", "Yandex Browser, Linux"),
        ("Mozilla/5.0 (Macintosh) Gecko Firefox/133", "Firefox, macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
    ],
)
def test_a_browser_is_told_in_words(said: str, shown: str) -> None:
    assert device(said) == shown


# The address


def test_a_new_address_works_once_its_link_is_opened(world: World, as_member: Any) -> None:
    user = world.anna.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = as_member(world.anna)
    path = browser.w("/settings/profile/email/")

    assert browser.post(path, {"email": "new@romashka.test", "password": "не тот"}, **HTMX).status_code == 422
    browser.post(path, {"email": "new@romashka.test", "password": PASSWORD}, **HTMX)

    assert User.objects.get(pk=world.anna.user_id).email == "anna@romashka.test"
    assert "new@romashka.test" in text(browser.get(browser.w("/settings/profile/security/")))
    link = re.search(r"https?://[^/]+(/accounts/confirm/\S+)", str(mail.outbox[-1].body))
    assert link
    assert mail.outbox[-1].to == ["new@romashka.test"]
    browser.post(link[1])
    world.anna.refresh_from_db()
    assert User.objects.get(pk=world.anna.user_id).email == world.anna.email == "new@romashka.test"
    assert types() == ["member.email_changed"]
    assert mail.outbox[-1].to == ["anna@romashka.test"]


def test_an_address_of_another_account_is_refused(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    data = {"email": world.boris.user.email.upper(), "password": PASSWORD}

    response = browser.post(browser.w("/settings/profile/email/"), data, **HTMX)

    assert response.status_code == 422
    assert mail.outbox == []


def test_the_old_address_may_stay(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    data = {"email": "new@romashka.test", "password": PASSWORD}
    browser.post(browser.w("/settings/profile/email/"), data, **HTMX)

    browser.post(browser.w("/settings/profile/email/forget/"), **HTMX)

    link = re.search(r"https?://[^/]+(/accounts/confirm/\S+)", str(mail.outbox[-1].body))
    assert link
    browser.post(link[1])
    assert User.objects.get(pk=world.anna.user_id).email == "anna@romashka.test"


# Oneself


def test_the_profile_has_post_phone_and_hours(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    data = {"name": "Анна", "post": "Старшая", "phone": "+7 900", "language": "ru", "theme": "auto"}

    browser.post(browser.w("/settings/profile/"), {**data, "time_zone": "Asia/Omsk"}, **HTMX)
    wrong = browser.post(browser.w("/settings/profile/"), {**data, "time_zone": "Mars/Olympus"}, **HTMX)

    world.anna.refresh_from_db()
    assert (world.anna.post, world.anna.phone) == ("Старшая", "+7 900")
    assert User.objects.get(pk=world.anna.user_id).time_zone == "Asia/Omsk"
    assert wrong.status_code == 422


def test_a_kind_of_notices_is_done_without(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)

    wishes = {
        "bell": ["reminder", "deal"],
        "digest_at": "08:00",
        "quiet_from": "",
        "quiet_till": "",
        "most_letters": "5",
    }
    assert browser.post(browser.w("/settings/profile/notices/"), wishes, **HTMX).status_code < 400

    world.anna.refresh_from_db()
    for kind in ("reminder", "member", "access"):
        notify(world.anna, kind=kind, text=kind, key=kind)
    assert set(Notice.objects.values_list("kind", flat=True)) == {"reminder", "access"}


def test_hours_are_the_readers_and_days_the_companys(world: World, funnel: Any, as_member: Any) -> None:
    """Omsk is three hours ahead of Moscow: what is typed there at 10:00 is 7:00 in the company."""
    User.objects.filter(pk=world.anna.user_id).update(time_zone="Asia/Omsk")
    browser = as_member(world.anna)
    kind = ActivityKind.objects.first()
    data = {"kind": kind.pk, "subject": "Позвонить", "due_day": "2030-06-10", "due_time": "10:00"}
    browser.post(browser.w("/activities/new/"), {**data, "remind": ""}, **HTMX)
    browser.post(
        browser.w("/activities/new/"), {**data, "subject": "Весь день", "due_time": "", "remind": ""}, **HTMX
    )

    timed = Activity.objects.get(subject="Позвонить")
    whole = Activity.objects.get(subject="Весь день")

    assert timed.due_at == dt.datetime(2030, 6, 10, 4, 0, tzinfo=dt.UTC)
    assert whole.due_at.astimezone(ZoneInfo("Europe/Moscow")).date() == dt.date(2030, 6, 10)
    mine = text(browser.get(browser.w(f"/activities/{timed.pk}/")))
    assert "10:00" in mine
    heads = as_member(world.north_head)
    assert "07:00" in text(heads.get(heads.w(f"/activities/{timed.pk}/")))
    form = text(browser.get(browser.w(f"/activities/{whole.pk}/edit/")))
    assert 'value="2030-06-10"' in form


# Several companies


@pytest.fixture
def there(world: World, stranger: World) -> Member:
    """Anna works in the other company too."""
    user = world.anna.user
    with scope(stranger.workspace):
        return Member.objects.create(
            user=user, name=user.name, email=user.email, role=stranger.roles["seller"]
        )


def test_one_begins_where_one_was_last(world: World, there: Member, as_member: Any) -> None:
    browser = as_member(world.anna)
    assert browser.get("/").headers["Location"] == "/companies/"

    for member in (there, world.anna):
        slug = member.workspace.slug
        browser.get(f"/w/{slug}/settings/profile/")
        assert browser.get("/").headers["Location"].startswith(f"/w/{slug}/")


def test_every_page_offers_the_other_companies(world: World, there: Member, as_member: Any) -> None:
    browser = as_member(world.anna)

    page = text(browser.get(browser.w("/settings/profile/")))

    assert f'href="/w/{there.workspace.slug}/"' in page
    boris = as_member(world.boris)
    assert f'href="/w/{there.workspace.slug}/"' not in text(boris.get(boris.w("/settings/profile/")))


def test_an_invitation_is_accepted_in_one_click(world: World, stranger: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    with scope(stranger.workspace):
        invite(actor=stranger.admin, email=world.anna.user.email, role=stranger.roles["seller"])

    found = browser.get("/companies/").context["invitations"]
    assert [invitation.workspace for invitation, _url in found] == [stranger.workspace]
    response = browser.post(found[0][1])

    assert response.headers["Location"].startswith(f"/w/{stranger.slug}/")
    assert not as_member(world.boris).get("/companies/").context["invitations"]


def test_an_unconfirmed_address_shows_no_invitations(world: World, stranger: World, as_member: Any) -> None:
    EmailAddress.objects.create(user=world.anna.user, email=world.anna.user.email, verified=False)
    with scope(stranger.workspace):
        invite(actor=stranger.admin, email=world.anna.user.email, role=stranger.roles["seller"])

    assert as_member(world.anna).get("/companies/").context["invitations"] == []
