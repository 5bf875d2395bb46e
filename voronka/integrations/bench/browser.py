"""A browser without a screen: one connection that is kept, cookies, the token of forms."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

IDLE_SECONDS = 5.0


class Unexpected(Exception):
    """The server answered something else than the page that was asked for."""


@dataclass
class Browser:
    """Somebody at *base* («http://127.0.0.1:8000»)."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        self.used_at = 0.0
        self.connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=120)

    def sign_in(self, email: str, password: str) -> Browser:
        """Through the form, as people do; returns itself. Raises `Unexpected` when the door stays shut."""
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"login": email, "password": password}, fragment=False)
        if "sessionid" not in self.cookies:
            raise Unexpected(f"{email} cannot sign in at {self.base}")
        return self

    def again(self) -> Browser:
        """The same person over another connection."""
        return Browser(self.base, dict(self.cookies))

    def get(self, path: str) -> float:
        """Open a page whole; milliseconds until its last byte."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, data: dict[str, object], *, fragment: bool = True) -> float:
        """Send a form, by htmx if *fragment*; milliseconds until the last byte of the answer."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            **({"HX-Request": "true"} if fragment else {}),
        }
        return self._ask("POST", path, urlencode(data), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> float:
        if time.monotonic() - self.used_at > IDLE_SECONDS:
            # The server hangs up on those who are silent for long; the next request then opens a line of its own.
            self.connection.close()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        self.connection.request(
            method, path, body, {"Cookie": cookie, "Accept-Language": "ru", "Referer": self.base, **headers}
        )
        answer = self.connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - begun) * 1000
        self.used_at = time.monotonic()
        for text in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(text).items()}
        if answer.status >= 400 or (method == "GET" and answer.status != 200):
            raise Unexpected(f"{method} {path}: {answer.status} {content[:200]!r}")
        return took
