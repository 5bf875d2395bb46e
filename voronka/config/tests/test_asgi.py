"""What the web server hands on."""

from __future__ import annotations

from urllib.parse import parse_qs

from voronka.config.asgi import escaped


def test_letters_that_were_not_encoded_arrive_all_the_same() -> None:
    raw = "q=старт&page=2&s=%D0%B0".encode()
    assert escaped(raw).isascii()
    assert parse_qs(escaped(raw).decode()) == {"q": ["старт"], "page": ["2"], "s": ["а"]}
    assert escaped(b"q=%20a+b&c=d") == b"q=%20a+b&c=d"
