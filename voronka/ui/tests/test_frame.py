"""The frame: workspace in the address, language, policy, navigation, calm pages of errors, tags."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from voronka.ui import errors, navigation
from voronka.ui.icons import icon_svg
from voronka.ui.middleware import CONTENT_SECURITY_POLICY

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def draw(source: str, **context: Any) -> str:
    return engines["django"].from_string(source).render(context)


# ---- workspace


def test_other_workspace_does_not_exist(world: Any, stranger: Any, as_member: Any) -> None:
    client = as_member(world.anna)

    own = client.get(client.w("/settings/"), follow=True)
    other = client.get(f"/w/{stranger.workspace.slug}/settings/")
    nobodys = client.get("/w/no-such-company/settings/")

    assert own.status_code == 200
    assert (other.status_code, nobodys.status_code) == (404, 404)


def test_nobody_signed_in_is_sent_to_sign_in_and_back(world: Any, client: Client) -> None:
    response = client.get(f"/w/{world.workspace.slug}/settings/")

    assert response.status_code == 302
    assert f"next=/w/{world.workspace.slug}/settings/" in response.headers["Location"]


def test_expired_session_answers_htmx_with_401_so_that_the_form_stays(world: Any, client: Client) -> None:
    response = client.post(f"/w/{world.workspace.slug}/settings/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["X-Sign-In"] == reverse("account_login")
    assert response.content == b""


# ---- language and policy


@pytest.mark.parametrize(
    ("accepts", "language"), [("en-GB,en", "en"), ("ru", "ru"), ("de", "ru"), ("", "ru")]
)
def test_language_follows_the_browser_and_falls_back_to_russian(
    db: None, accepts: str, language: str
) -> None:
    response = Client().get("/accounts/login/", headers={"accept-language": accepts})

    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in response.content.decode()


def test_language_of_the_person_wins(world: Any, as_member: Any) -> None:
    world.anna.user.language = "en"
    world.anna.user.save(update_fields=["language"])
    client = as_member(world.anna)

    response = client.get(client.w("/settings/"), follow=True, headers={"accept-language": "ru"})

    assert response.headers["Content-Language"] == "en"


def test_every_answer_carries_the_policy(db: None) -> None:
    assert Client().get("/accounts/login/").headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe-eval" not in CONTENT_SECURITY_POLICY
    assert "script-src 'self';" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_need_no_inline_scripts_or_styles(template: Path) -> None:
    text = template.read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]*(\bsrc=|type=\"application/json\"))", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+=\"", text)
    assert not re.search(r"\bhx-on\b", text)


# ---- navigation


def test_room_appears_only_with_its_screen() -> None:
    items = [
        navigation.NavItem("settings", "S", "settings", "settings"),
        navigation.NavItem("moon", "M", "moon", "no_such_screen"),
    ]

    assert [item.key for item in navigation.shown(items, slug="x", member=None)] == ["settings"]


def test_room_is_hidden_from_those_who_may_not_see_it() -> None:
    item = navigation.NavItem(
        "settings", "S", "settings", "settings", may_see=lambda member: member == "boss"
    )

    assert navigation.shown([item], slug="x", member="boss")
    assert not navigation.shown([item], slug="x", member="seller")


def test_registering_a_room_twice_keeps_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "ITEMS", list(navigation.ITEMS))
    item = navigation.NavItem("calendar", "C", "calendar", "settings")

    navigation.register(item, before="reports")
    navigation.register(item)

    keys = [known.key for known in navigation.ITEMS]
    assert keys.count("calendar") == 1
    assert keys.index("calendar") == keys.index("reports") - 1


# ---- errors


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "413"])
def test_error_pages_draw_without_a_session(code: str) -> None:
    assert "<h1>" in draw(f'{{% include "{code}.html" %}}')


def test_500_needs_nothing_and_speaks_both_languages() -> None:
    text = (TEMPLATES / "500.html").read_text(encoding="utf-8")

    assert "{%" not in text
    assert "{{" not in text
    assert "Что-то сломалось" in text
    assert 'lang="en"' in text


def test_too_much_is_413_and_damaged_is_400(rf: RequestFactory) -> None:
    assert errors.bad_request(rf.get("/"), RequestDataTooBig()).status_code == 413
    assert errors.bad_request(rf.get("/"), ValueError()).status_code == 400


# ---- tags


def test_unknown_icon_is_an_error_while_developing_only(settings: Any) -> None:
    icon_svg.cache_clear()
    settings.DEBUG = True
    with pytest.raises(KeyError):
        icon_svg("no-such-icon")
    settings.DEBUG = False
    assert "<svg" in icon_svg("no-such-icon")
    icon_svg.cache_clear()


def test_avatar_has_initials_and_escapes_the_name() -> None:
    assert ">АС<" in draw("{% avatar name %}", name="Анна Седова")
    assert "<b>" not in draw("{% avatar name %}", name="<b>Анна</b>")
    assert "v-avatar-none" in draw("{% avatar name %}", name="")


def test_panel_link_inherits_nothing_from_the_list_around_it() -> None:
    html = draw('<a {% opens_panel "/w/x/deals/1/" %}>', x=1)

    assert 'href="/w/x/deals/1/"' in html
    assert 'hx-target="#panel"' in html
    assert 'hx-select="unset"' in html


def test_sort_head_turns_over_and_forgets_the_page(rf: RequestFactory) -> None:
    head = '{% sort_th "amount" "Sum" num=True %}'

    first = draw(head, request=rf.get("/?page=3&owner=1"))
    again = draw(head, request=rf.get("/?sort=-amount"))

    assert "?owner=1&amp;sort=-amount" in first
    assert "?sort=amount" in again
    assert 'aria-sort="descending"' in again


def test_field_ties_help_and_errors_to_the_control() -> None:
    from voronka.ui.showcase.samples import SampleForm

    form = SampleForm({"name": ""})
    form.is_valid()
    html = draw("{% field form.name %}", form=form)

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_components_page_is_for_developers(world: Any, as_member: Any, settings: Any) -> None:
    client = as_member(world.anna)
    assert client.get("/components/").status_code == 404

    world.anna.user.is_staff = True
    world.anna.user.save(update_fields=["is_staff"])
    assert client.get("/components/").status_code == 200
