"""A real browser against a real server. Whatever a page does wrong on the way fails the journey at its end."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

import voronka
from voronka.journal.models import Event
from voronka.ui.news import Happening, News, cards_of, told

AXE = Path(voronka.__file__).parent / "ui" / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Started for each module: while Playwright runs, its event loop keeps other tests from having theirs."""
    path = os.environ.get("VORONKA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        # Never a silent pass: make test installs it or says that it is missing.
        pytest.fail(
            "Chromium is not installed (make test does it on Debian as root; VORONKA_CHROMIUM names another)"
        )
    # And journeys look into the database meanwhile.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@dataclass
class Visitor:
    """One person at a browser."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page; its status."""
        answer = self.page.goto(self.base + path, wait_until="load")
        assert answer is not None
        return answer.status

    def faults(self) -> list[str]:
        """What axe finds on the page as it is now: rule, how many places, the first of them."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        )
        return [
            f"{rule['id']} ×{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]}"
            for rule in found["violations"]
        ]


def no_news(route: Route) -> None:
    route.fulfill(content_type="text/event-stream", body="retry: 600000\n\n")


def live_of(member: Any) -> Callable[[Route], None]:
    """The live stream of *member*, in short pieces: the stream is asynchronous and this server is not.

    What is told, and to whom, is the real thing; voronka/ui/tests/test_live.py looks after the stream itself.
    """
    last = [Event.objects.unscoped().aggregate(top=Max("id"))["top"] or 0]

    def answer(route: Route) -> None:
        try:
            said = news_of_now()
        finally:
            # The browser calls from a context of its own, with a connection of its own.
            connection.close()
        route.fulfill(content_type="text/event-stream", body="retry: 300\n\n" + said)

    def news_of_now() -> str:
        rows = Event.objects.unscoped().filter(id__gt=last[0], workspace_id=member.workspace_id)
        found = list(rows.order_by("id").values_list("id", "workspace_id", "actor_id", "type"))
        cards = cards_of([row[0] for row in found])
        news = News()
        for row in found:
            last[0] = row[0]
            news |= Happening(*row, cards=tuple(cards.get(row[0], ()))).news
        message = told(news, member) if found else None
        return f"event: changed\ndata: {json.dumps(message)}\n\n" if message else ""

    return answer


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """`visitor(member)` is that member, signed in; `visitor()` a stranger. Options go to the browser's context.

    With `live=True` the page hears what others do.
    """
    opened: list[tuple[Any, Visitor]] = []

    def open_browser(member: Any = None, **options: Any) -> Visitor:
        hears = options.pop("live", False)
        context = chromium.new_context(
            **{"locale": "ru-RU", "viewport": {"width": 1440, "height": 900}, **options}
        )
        context.add_init_script(REPORT_VIOLATIONS)
        context.set_default_timeout(15_000)
        context.route("**/live", live_of(member) if hears else no_news)
        made = Visitor(context.new_page(), live_server.url)
        made.page.on("pageerror", lambda error: made.problems.append(f"{made.page.url}: {error}"))
        made.page.on(
            "console",
            # A form that comes back with what is missing is an answer, though the browser calls it an error.
            lambda said: (
                said.type == "error"
                and not (
                    "status of 422" in said.text and re.search("/(move|win|lose)/", said.location["url"])
                )
                and made.problems.append(f"{made.page.url}: {said.text}")
            ),
        )
        made.page.on(
            "response",
            lambda answer: answer.status >= 500 and made.problems.append(f"{answer.url}: {answer.status}"),
        )
        if member is not None:
            client = Client()
            client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        opened.append((context, made))
        return made

    yield open_browser
    problems = [problem for _, made in opened for problem in made.problems]
    for context, _ in opened:
        context.close()
    assert problems == []
