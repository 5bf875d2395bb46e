"""The way in with more than a password, in a browser that has a device of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import PASSWORD, World
from voronka.workspaces.models import Workspace

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(someone: Visitor) -> Visitor:
    """Give the browser a device that holds passkeys, at the one address where they work without https."""
    devtools = someone.page.context.new_cdp_session(someone.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    cache.clear()
    return someone


def sign_in(someone: Visitor, email: str) -> None:
    someone.go("/accounts/login/")
    someone.page.fill("[name=login]", email)
    someone.page.fill("[name=password]", PASSWORD)
    someone.page.get_by_role("button", name="Войти", exact=True).click()


def forget(someone: Visitor) -> None:
    """Be a stranger again; from an empty page, which asks for nothing meanwhile."""
    someone.page.goto("about:blank")
    someone.page.context.clear_cookies()


def shows_itself(someone: Visitor) -> None:
    someone.page.fill("[name=password]", PASSWORD)
    someone.page.get_by_role("button", name="Продолжить").click()


def faultless(someone: Visitor) -> None:
    assert someone.faults() == []


def test_a_passkey_is_added_and_opens_instead_of_the_password(
    visitor: Callable[..., Visitor], world: World
) -> None:
    anna = with_device(visitor())
    page = anna.page
    sign_in(anna, world.anna.user.email)
    page.wait_for_url("**/w/**")

    anna.go(f"/w/{world.slug}/settings/profile/security/")
    page.get_by_role("link", name="Добавить").click()
    shows_itself(anna)
    faultless(anna)
    page.fill("[name=name]", "Мой ноутбук")
    page.get_by_role("button", name="Добавить").click()
    page.wait_for_url("**/codes/")
    faultless(anna)
    page.get_by_role("link", name="Коды сохранены").click()
    expect(page.get_by_text("Мой ноутбук")).to_be_visible()

    # Instead of the password.
    forget(anna)
    anna.go("/accounts/login/")
    page.get_by_role("button", name="Войти по ключу доступа").click()
    page.wait_for_url("**/w/**")

    # Beside the password.
    forget(anna)
    sign_in(anna, world.anna.user.email)
    page.wait_for_url("**/second/")
    faultless(anna)
    page.get_by_role("button", name="Подтвердить ключом доступа").click()
    page.wait_for_url("**/w/**")

    anna.go(f"/w/{world.slug}/settings/profile/security/")
    page.get_by_role("link", name="Убрать: Мой ноутбук").click()
    shows_itself(anna)
    faultless(anna)
    page.get_by_role("button", name="Убрать").click()
    expect(page.get_by_text("Ключ доступа удалён.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_a_strange_device_is_told_so(visitor: Callable[..., Visitor], world: World) -> None:
    someone = with_device(visitor())
    someone.go("/accounts/login/")
    someone.page.get_by_role("button", name="Войти по ключу доступа").click()

    expect(someone.page.get_by_text("Не получилось")).to_be_visible()
    faultless(someone)

    # A passkey belongs to a name, and numbers are none.
    someone.base = someone.base.replace("localhost", "127.0.0.1")
    someone.go("/accounts/login/")
    someone.page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(someone.page.get_by_text("Ключам доступа нужны")).to_be_visible()


def test_a_company_that_requires_a_factor_lets_in_after_setting_one_up(
    visitor: Callable[..., Visitor], world: World
) -> None:
    Workspace.objects.filter(pk=world.workspace.pk).update(second_factor_required=True)
    cache.clear()
    anna = visitor(world.anna)
    page = anna.page

    anna.go(f"/w/{world.slug}/deals/")
    page.wait_for_url("**/accounts/security/**")
    faultless(anna)
    page.get_by_role("link", name="Приложение с кодами").click()
    shows_itself(anna)
    faultless(anna)
    key = page.locator(".v-key code").text_content() or ""
    page.fill("[name=code]", format_hotp_value(hotp_value(key, int(time.time()) // 30)))
    page.get_by_role("button", name="Включить").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать текстовым файлом").click()
    assert download.value.suggested_filename.endswith(".txt")
    page.get_by_role("link", name="Коды сохранены").click()
    page.wait_for_url(f"**/w/{world.slug}/deals/**")
