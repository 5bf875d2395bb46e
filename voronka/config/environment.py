"""Configuration read from the environment, with `.env` of the working folder underneath it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_dotenv(path: Path) -> None:
    """Put `KEY=value` lines of *path* into the environment; what is already set wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        key, sep, value = line.strip().partition("=")
        if sep and not key.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip().strip("\"'"))


@dataclass(frozen=True)
class Environment:
    """Every knob of an installation; README lists them with their defaults."""

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
    log_level: str

    @classmethod
    def read(cls) -> Environment:
        load_dotenv(Path.cwd() / ".env")
        get = os.environ.get
        port = int(get("VORONKA_PORT") or 8000)
        return cls(
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
            web_workers=int(get("VORONKA_WEB_WORKERS") or 2),
            log_level=get("VORONKA_LOG_LEVEL") or "INFO",
        )
