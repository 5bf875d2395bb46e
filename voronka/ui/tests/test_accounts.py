"""Coming in: sign-up, sign-in, reset, invitations, one's companies."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.world import PASSWORD, World
from voronka.core.tenancy import scope
from voronka.workspaces.actions import create_user, create_workspace, deactivate_member, invite
from voronka.workspaces.models import Invitation, Member, User, Workspace
from voronka.workspaces.rules import invitation_token

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
FORM = {
    "company": "ООО «Ромашка»",
    "name": "Игорь Черных",
    "email": "boss@example.com",
    "password1": "лошадь батарея скрепка",
}


@pytest.fixture
def visitor() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="ru")


def link(pattern: str, letter: int = -1) -> str:
    """The path of the link in the newest letter."""
    found = re.search(r"https?://[^/]+(" + pattern + r"\S*)", str(mail.outbox[letter].body))
    assert found, mail.outbox[letter].body
    return found[1]


def sign_up(visitor: Client, **changes: str) -> Any:
    return visitor.post("/accounts/signup/", {**FORM, **changes})


# Sign-up


def test_one_form_makes_the_company_and_leads_to_the_first_steps(visitor: Client) -> None:
    response = sign_up(visitor)

    member = Member.objects.unscoped().get()
    assert (member.workspace.name, member.workspace.language) == ("ООО «Ромашка»", "ru")
    assert response.headers["Location"] == "/w/romashka/first-steps/"
    assert visitor.get(response.headers["Location"], follow=True).status_code == 200
    assert mail.outbox[0].to == ["boss@example.com"]


def test_the_language_of_the_browser_is_the_companys() -> None:
    sign_up(Client(HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.8"))

    assert Workspace.objects.get().language == User.objects.get().language == "en"
    assert "confirm" in mail.outbox[0].subject.lower()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", " "),
        ("company", "я" * 151),
        ("name", ""),
        ("email", "нет такого"),
        ("email", "a" * 250 + "@example.com"),
        ("password1", "123"),
        ("password1", "boss@example.com"),
    ],
)
def test_a_bad_field_is_told_and_nothing_typed_is_lost(visitor: Client, field: str, value: str) -> None:
    response = sign_up(visitor, **{field: value})

    assert response.status_code == 200
    assert response.context["form"].errors[field]
    if field != "company":
        assert "Ромашка" in response.content.decode()
    assert not User.objects.exists()
    assert not Workspace.objects.exists()
    assert mail.outbox == []


def test_a_megabyte_in_a_name_is_a_sentence_not_an_error(visitor: Client) -> None:
    response = sign_up(visitor, company="я" * 1_000_000)

    assert response.status_code == 200
    assert response.context["form"].errors["company"]


def test_markup_in_a_name_is_text(visitor: Client) -> None:
    sign_up(visitor, company="<script>alert(1)</script>", name="<b>Я</b>")

    page = visitor.get("/companies/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_known_address_is_told_so_where_sign_up_goes_straight_in(visitor: Client) -> None:
    create_user(email="boss@example.com", name="Первый", password="x")

    response = sign_up(visitor)

    assert response.context["form"].errors["email"]
    assert not Workspace.objects.exists()


def test_with_a_mail_server_sign_up_does_not_tell_which_addresses_are_known(
    visitor: Client, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    create_user(email="known@example.com", name="Первый", password="x", confirmed=True)

    fresh = sign_up(visitor, email="new@example.com")
    known = sign_up(Client(HTTP_ACCEPT_LANGUAGE="ru"), email="known@example.com")

    assert fresh.status_code == known.status_code == 302
    assert fresh.headers["Location"] == known.headers["Location"] == "/accounts/confirm/"
    assert [letter.to for letter in mail.outbox] == [["new@example.com"], ["known@example.com"]]
    assert Workspace.objects.count() == 1


def test_with_a_mail_server_one_comes_in_by_the_link(visitor: Client, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sign_up(visitor)
    assert visitor.get("/w/romashka/settings/profile/").status_code == 302

    visitor.post(link("/accounts/confirm/"))

    assert visitor.get("/w/romashka/settings/profile/").status_code == 200


def test_the_banner_stays_until_the_address_is_confirmed(visitor: Client) -> None:
    sign_up(visitor)
    banner = "/accounts/confirm/again/"
    assert banner in visitor.get("/w/romashka/first-steps/book/").content.decode()

    path = link("/accounts/confirm/")
    assert visitor.get(path).status_code == 200
    assert banner in visitor.get("/w/romashka/first-steps/book/").content.decode()
    visitor.post(path)

    assert banner not in visitor.get("/w/romashka/first-steps/book/").content.decode()


def test_the_letter_is_sent_again_but_not_in_a_row(visitor: Client) -> None:
    sign_up(visitor)

    visitor.post("/accounts/confirm/again/")

    # The first letter left a moment ago.
    assert len(mail.outbox) == 1


def test_a_signed_in_person_makes_a_second_company(visitor: Client) -> None:
    sign_up(visitor)

    response = visitor.post("/companies/", {"company": "Василёк"})

    assert response.headers["Location"] == "/w/vasilek/first-steps/"
    assert Member.objects.unscoped().count() == 2


def test_a_form_sent_twice_makes_one_company(visitor: Client) -> None:
    sign_up(visitor)

    answers = [visitor.post("/companies/", {"company": "Василёк", "once": "t1"}) for _ in range(2)]

    assert Workspace.objects.count() == 2
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


# The first page


def test_a_stranger_is_welcomed(visitor: Client) -> None:
    page = visitor.get("/").content.decode()

    assert "/accounts/signup/" in page
    assert "/accounts/login/" in page


def test_with_one_company_the_first_page_leads_to_work(world: World, as_member: Any) -> None:
    assert as_member(world.anna).get("/").headers["Location"].startswith("/w/romashka/")


def test_with_several_companies_one_chooses(world: World, as_member: Any) -> None:
    with scope(None):
        create_workspace(user=world.anna.user, name="Вторая")
    visitor = as_member(world.anna)

    assert visitor.get("/").headers["Location"] == "/companies/"
    page = visitor.get("/companies/").content.decode()
    assert "/w/romashka/" in page
    assert "/w/vtoraya/" in page


def test_without_a_company_one_is_told_what_to_do(world: World, as_member: Any) -> None:
    deactivate_member(world.anna, actor=world.admin)
    visitor = as_member(world.anna)

    assert visitor.get("/", follow=True).status_code == 200
    assert visitor.get("/w/romashka/settings/profile/").status_code == 404


# Sign-in


def sign_in(visitor: Client, email: str, password: str, **extra: str) -> Any:
    return visitor.post("/accounts/login/", {"login": email, "password": password, **extra})


def test_one_signs_in_and_returns_to_the_page_that_was_asked_for(world: World, visitor: Client) -> None:
    asked = visitor.get("/w/romashka/settings/members/?view=former")
    response = visitor.post(asked.headers["Location"], {"login": "ANNA@romashka.test", "password": PASSWORD})
    follow = sign_in(
        Client(), "anna@romashka.test", PASSWORD, next="/w/romashka/settings/members/?view=former"
    )

    assert asked.headers["Location"].startswith("/accounts/login/?next=/w/romashka/")
    assert response.status_code == 302
    assert follow.headers["Location"] == "/w/romashka/settings/members/?view=former"


def test_sign_in_does_not_lead_out_of_the_house(world: World, visitor: Client) -> None:
    response = sign_in(visitor, "anna@romashka.test", PASSWORD, next="https://evil.example/")

    assert response.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_look_alike(world: World, visitor: Client) -> None:
    wrong = sign_in(visitor, "anna@romashka.test", "wrong password")
    unknown = sign_in(visitor, "nobody@romashka.test", "wrong password")

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_guessing_is_stopped_and_a_right_password_does_not_help_then(world: World, visitor: Client) -> None:
    for _ in range(5):
        sign_in(visitor, "anna@romashka.test", "wrong password")

    response = sign_in(visitor, "anna@romashka.test", PASSWORD)

    assert response.status_code == 200
    assert "_auth_user_id" not in visitor.session


def test_a_flood_of_sign_ups_is_answered_calmly(visitor: Client) -> None:
    answers = [sign_up(visitor, email="") for _ in range(21)]

    assert answers[-1].status_code == 429
    assert "429.html" in [template.name for template in answers[-1].templates]


def test_signing_out_is_an_action(world: World, as_member: Any) -> None:
    visitor = as_member(world.anna)

    assert visitor.get("/accounts/logout/").status_code == 405
    assert visitor.post("/accounts/logout/").headers["Location"] == "/"
    assert visitor.get("/w/romashka/settings/profile/").status_code == 302


def test_who_is_switched_off_is_out_at_once(world: World, as_member: Any) -> None:
    visitor = as_member(world.anna)
    User.objects.filter(pk=world.anna.user_id).update(is_active=False)

    assert visitor.get("/w/romashka/settings/profile/").status_code == 302


# A lost session


def test_a_lost_session_keeps_a_half_filled_form(world: World, visitor: Client) -> None:
    response = visitor.post("/w/romashka/settings/teams/new/", {"name": "Восток"}, **HTMX)

    assert response.status_code == 401
    assert response.headers["X-Sign-In"] == "/accounts/login/"


def test_an_action_without_a_session_comes_back_to_the_page_it_was_asked_from(
    world: World, visitor: Client
) -> None:
    response = visitor.post(
        "/w/romashka/settings/teams/new/", HTTP_REFERER="http://testserver/w/romashka/settings/teams/"
    )
    from_outside = visitor.post("/w/romashka/settings/teams/new/", HTTP_REFERER="https://evil.example/w/x/")

    assert response.headers["Location"] == "/accounts/login/?next=/w/romashka/settings/teams/"
    assert from_outside.headers["Location"] == "/accounts/login/?next=/"


def test_the_address_says_the_company_and_others_are_not_there(
    world: World, stranger: World, as_member: Any
) -> None:
    visitor = as_member(world.anna)

    assert visitor.get("/w/vasilek/settings/profile/").status_code == 404
    assert visitor.get("/w/nowhere/settings/profile/").status_code == 404


# A forgotten password


def ask_reset(visitor: Client, email: str) -> Any:
    return visitor.post("/accounts/password/", {"email": email})


def test_a_new_password_is_set_by_a_link_that_works_once(world: World, visitor: Client) -> None:
    ask_reset(visitor, "anna@romashka.test")
    path = link("/accounts/password/")

    page = visitor.get(path, follow=True)
    weak = visitor.post(page.request["PATH_INFO"], {"password1": "short"})
    visitor.post(page.request["PATH_INFO"], {"password1": "новая длинная фраза"})

    assert weak.context["form"].errors["password1"]
    assert not weak.context.get("token_fail")
    assert User.objects.get(pk=world.anna.user_id).check_password("новая длинная фраза")
    assert Client().get(path, follow=True).context["token_fail"] is True


def test_a_reset_does_not_tell_which_addresses_are_known(world: World, visitor: Client) -> None:
    known = ask_reset(visitor, "anna@romashka.test")
    unknown = ask_reset(visitor, "nobody@example.com")

    assert known.headers["Location"] == unknown.headers["Location"]
    assert visitor.get(known.headers["Location"]).status_code == 200


@pytest.mark.parametrize("path", ["/accounts/password/1-abc/", "/accounts/confirm/Mw:1:x/"])
def test_an_invented_link_is_a_calm_page(world: World, visitor: Client, path: str) -> None:
    response = visitor.get(path)

    assert response.status_code == 200
    assert "<form" not in response.content.decode().split("<main")[1].split("v-languages")[0]


def test_letters_are_in_the_language_of_the_account(world: World) -> None:
    User.objects.filter(pk=world.anna.user_id).update(language="ru")

    ask_reset(Client(HTTP_ACCEPT_LANGUAGE="en"), "anna@romashka.test")

    assert mail.outbox[0].subject == "Новый пароль"


# Invitations


@pytest.fixture
def invitation(world: World) -> Invitation:
    found = invite(
        actor=world.admin, email="new@example.com", role=world.roles["seller"], team=world.teams["north"]
    )
    mail.outbox.clear()
    return found


def address(invitation: Invitation) -> str:
    return f"/invitation/{invitation_token(invitation)}/"


def test_a_colleague_joins_with_a_name_and_a_password(
    world: World, invitation: Invitation, visitor: Client
) -> None:
    assert "Игорь Черных" in visitor.get(address(invitation)).content.decode()

    response = visitor.post(address(invitation), {"name": "Нина Новая", "password": "длинная фраза тут"})

    assert response.headers["Location"].startswith("/w/romashka/")
    member = Member.objects.get(name="Нина Новая")
    assert (member.role, member.team) == (world.roles["seller"], world.teams["north"])
    assert visitor.get("/w/romashka/settings/profile/").status_code == 200
    # The link came by e-mail, so the address needs no confirmation.
    assert "/accounts/confirm/again/" not in visitor.get("/w/romashka/settings/profile/").content.decode()


def test_looking_at_the_invitation_joins_nobody(
    world: World, invitation: Invitation, visitor: Client
) -> None:
    visitor.get(address(invitation))
    visitor.head(address(invitation))

    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.parametrize(
    "data", [{"name": "", "password": "длинная фраза тут"}, {"name": "Я", "password": "1"}]
)
def test_a_bad_answer_is_told(invitation: Invitation, visitor: Client, data: dict[str, str]) -> None:
    response = visitor.post(address(invitation), data)

    assert response.status_code == 422
    assert Member.objects.filter(email="new@example.com").count() == 0


def test_who_has_an_account_signs_in_to_join(world: World, invitation: Invitation, visitor: Client) -> None:
    user = create_user(email="new@example.com", name="Нина", password="x")

    page = visitor.get(address(invitation)).content.decode()
    assert f"/accounts/login/?next={address(invitation)}" in page
    assert visitor.post(address(invitation), {"name": "Я", "password": "длинная фраза"}).status_code == 200
    visitor.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    visitor.post(address(invitation))

    assert Member.objects.get(user=user).is_active


def test_another_persons_session_does_not_join(world: World, invitation: Invitation, as_member: Any) -> None:
    visitor = as_member(world.anna)

    assert "new@example.com" in visitor.get(address(invitation)).content.decode()
    assert visitor.post(address(invitation)).status_code == 409
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.parametrize("field", ["expires_at", "revoked_at", "accepted_at"])
def test_a_spent_link_says_why(invitation: Invitation, visitor: Client, field: str) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**{field: timezone.now() - dt.timedelta(days=1)})
    path = address(Invitation.objects.get(pk=invitation.pk)) if field != "expires_at" else address(invitation)

    response = visitor.get(path)

    assert response.status_code == 410
    assert response.context["reason"]


def test_an_unknown_link_is_404(visitor: Client, world: World) -> None:
    assert visitor.get("/invitation/aaaaaaaa/").status_code == 404
    assert visitor.get("/invitation/" + "a" * 5000 + "/").status_code == 404
