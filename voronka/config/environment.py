"""Configuration read from the environment, with `.env` of the working folder underneath it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

ROOT = Path(__file__).resolve().parents[2]


def load_dotenv(path: Path) -> None:
    """Put `KEY=value` lines of *path* into the environment; what is already set wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        key, sep, value = line.strip().partition("=")
        if sep and not key.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip().strip("\"'"))


def _number(name: str, default: int, *, most: int) -> int:
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise Fault(
            _("{name}: a number from 1 to {most} is expected, not “{given}”.").format(
                name=name, most=most, given=given
            )
        )
    return int(given)


@dataclass(frozen=True)
class Environment:
    """Every knob of an installation; README lists them with their defaults."""

    host: str
    port: int
    data: Path
    database_url: str
    database_direct_url: str
    secret_key: str
    debug: bool
    hosts: list[str]
    base_url: str
    email_url: str
    email_from: str
    web_workers: int
    worker_concurrency: int
    api_per_minute: int
    language: str
    log_level: str

    @classmethod
    def read(cls) -> Environment:
        """Raises Fault if a value cannot be what it should be."""
        load_dotenv(Path.cwd() / ".env")
        get = os.environ.get
        port = _number("VORONKA_PORT", 8000, most=65535)
        return cls(
            host=get("VORONKA_HOST") or "127.0.0.1",
            port=port,
            data=Path(get("VORONKA_DATA") or ROOT / "data").expanduser().absolute(),
            database_url=get("DATABASE_URL") or "",
            database_direct_url=get("DATABASE_DIRECT_URL") or get("DATABASE_URL") or "",
            secret_key=get("VORONKA_SECRET_KEY") or "",
            debug=(get("VORONKA_DEBUG") or "") in {"1", "true", "yes"},
            hosts=[h for h in (get("VORONKA_HOSTS") or "").split(",") if h],
            base_url=(get("VORONKA_URL") or f"http://localhost:{port}").rstrip("/"),
            email_url=get("VORONKA_EMAIL_URL") or "",
            email_from=get("VORONKA_EMAIL_FROM") or "Воронка <no-reply@localhost>",
            web_workers=_number("VORONKA_WEB_WORKERS", 2, most=64),
            worker_concurrency=_number("VORONKA_WORKER_CONCURRENCY", 4, most=64),
            api_per_minute=_number("VORONKA_API_PER_MINUTE", 600, most=1_000_000),
            language=get("VORONKA_LANGUAGE") or "ru",
            log_level=get("VORONKA_LOG_LEVEL") or "INFO",
        )
