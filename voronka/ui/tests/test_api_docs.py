"""The page that tells the API: every operation of the description, with an example that can be pasted."""

from __future__ import annotations

import datetime as dt
import shlex
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from voronka.core.interfaces import description
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.ui.settings.reference import sections, type_of
from voronka.workspaces.actions import create_token
from voronka.workspaces.rights import Reach


def test_every_operation_stands_on_a_page_with_its_example(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    found = sections("https://crm.example")
    told = {(one.method.lower(), one.path) for part in found.values() for one in part.operations}
    assert told == {(method, path) for path, of in description()["paths"].items() for method in of}
    for one in (one for part in found.values() for one in part.operations):
        words = shlex.split(one.example)
        assert words[0] == "curl"
        assert f"https://crm.example{one.path}" in words
        assert one.about
    for slug in found:
        page = browser.get(browser.w(f"/settings/api/docs/{slug}/"))
        assert page.status_code == 200
        assert all(one.path in page.content.decode() for one in found[slug].operations)


def test_an_example_carries_what_is_required_and_fields_are_told(world: World) -> None:
    deals = {one.code: one for one in sections("https://crm.example")["deals"].operations}
    new = deals["create_deal"]
    assert '"title": ' in new.example
    title = next(one for one in new.body if one.name == "title")
    assert title.required
    assert title.type == "text"
    listed = {one.name for one in deals["list_deals"].answer}
    assert {"items", "items[].amount", "next"} <= listed
    assert "404" in dict(deals["win_deal"].errors)


def test_the_first_page_tells_how_to_begin_and_leads_from_the_tokens(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    docs = browser.w("/settings/api/docs/")
    assert docs in browser.get(browser.w("/settings/api/")).content.decode()
    text = browser.get(docs).content.decode()
    assert "Idempotency-Key" in text
    assert "Стеллажи на склад" in text
    assert browser.get(browser.w("/settings/api/docs/nothing/")).status_code == 404


def test_the_first_commands_do_what_they_say(world: World, funnel: Any, as_member: Any) -> None:
    browser = as_member(world.anna)
    page = browser.get(browser.w("/settings/api/docs/"))
    _token, secret = create_token(
        actor=world.anna,
        name="Сайт",
        scopes=["deals:write"],
        reach=Reach.ALL,
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    for _what, command in page.context["begin"]:
        words = shlex.split(command.replace("vrk_…", secret))
        address = urlsplit(next(word for word in words if word.startswith("http"))).path
        headers = dict(words[at + 1].split(": ") for at, word in enumerate(words) if word == "-H")
        query = "&".join(
            f"{name}={quote(value)}"
            for at, word in enumerate(words)
            if word == "--data-urlencode"
            for name, value in [words[at + 1].split("=", 1)]
        )
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        body = words[words.index("-d") + 1] if "-d" in words else ""
        with scope(None):
            answer = Client().generic(
                method, f"{address}?{query}", body, content_type="application/json", headers=headers
            )
        assert answer.status_code in (200, 201), answer.content.decode()
    assert Deal.objects.get().title == "Стеллажи на склад"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Ref"}, "Ref"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "date or null"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"enum": ["in", "out"]}, "one of: in, out"),
        ({}, "anything"),
    ],
)
def test_types_are_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_of(schema) == words
