"""The installation's secret key: given, or made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets

from voronka.config.environment import Environment


def secret_key(env: Environment) -> str:
    """Return the key from the environment, else from `secret-key` in the data folder, making it if absent."""
    if env.secret_key:
        return env.secret_key
    path = env.data / "secret-key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    env.data.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
