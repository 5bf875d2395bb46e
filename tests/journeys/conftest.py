"""A real browser against a real server. Whatever a page does wrong on the way fails the journey at its end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

import voronka

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


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """`visitor(member)` is that member, signed in; `visitor()` a stranger. Options go to the browser's context."""
    opened: list[tuple[Any, Visitor]] = []

    def open_browser(member: Any = None, **options: Any) -> Visitor:
        context = chromium.new_context(
            **{"locale": "ru-RU", "viewport": {"width": 1440, "height": 900}, **options}
        )
        context.add_init_script(REPORT_VIOLATIONS)
        context.set_default_timeout(15_000)
        # The stream is asynchronous and this server is not; voronka/ui/tests/test_live.py looks after it.
        context.route(
            "**/live",
            lambda route: route.fulfill(content_type="text/event-stream", body="retry: 600000\n\n"),
        )
        made = Visitor(context.new_page(), live_server.url)
        made.page.on("pageerror", lambda error: made.problems.append(f"{made.page.url}: {error}"))
        made.page.on(
            "console",
            # A form that comes back with what is missing is an answer, though the browser calls it an error.
            lambda said: (
                said.type == "error"
                and "status of 422" not in said.text
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
