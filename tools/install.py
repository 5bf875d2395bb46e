"""Prepares `.venv`: `make setup` and `make test` call it. Needs nothing but Python ≥ 3.11.

python3 tools/install.py               what the product needs
python3 tools/install.py --dev         also what tests and linters need
python3 tools/install.py --chromium    also a browser for the journeys in tests/
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this very file tells people
        return fail(f"Нужен Python 3.11 или новее, а это {sys.version.split()[0]}: make PYTHON=python3.12 …")
    lock = ROOT / ("requirements-dev.lock" if "--dev" in arguments else "requirements.lock")
    stamp = VENV / f"{lock.stem}.stamp"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode())
    if not stamp.is_file() or stamp.read_text() != wanted.hexdigest():
        if not make_venv():
            return 1
        if not install_locked(lock):
            return fail("Не удалось поставить библиотеки: нужен доступ к PyPI (сообщение pip — выше).")
        step("Собираем Воронку…")
        # Its build tools are in the lock as well, so nothing is fetched without a hash.
        built = pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        if built.returncode != 0:
            return fail("Не удалось собрать пакет (сообщение — выше).")
        stamp.write_text(wanted.hexdigest())
    if subprocess.run([PYTHON, ROOT / "hatch_build.py"], cwd=ROOT, check=False).returncode != 0:
        return fail("Не удалось собрать файлы для браузера: нужен доступ к реестру npm (сообщение — выше).")
    if "--chromium" in arguments and not have_browser():
        return fail("Для проверок в браузере нужен Chromium: поставьте пакет chromium и повторите.")
    return 0


def step(text: str) -> None:
    print(f"• {text}", flush=True)


def fail(text: str) -> int:
    print(f"\n{text}", file=sys.stderr)
    return 1


def pip(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments], cwd=ROOT, check=False
    )


def make_venv() -> bool:
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode
        == 0
    ):
        return True
    step(f"Готовим окружение {VENV.name} (Python {sys.version.split()[0]})…")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        fail(
            f"Не удалось создать {VENV}: в Debian и Ubuntu поставьте пакет python3-venv.\n{made.stdout}{made.stderr}"
        )
    return made.returncode == 0


def install_locked(lock: Path) -> bool:
    """Install exactly what the lock names, telling how far it is."""
    total = sum("==" in line for line in lock.read_text().splitlines())
    step(f"Ставим библиотеки ({total})…")
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install"]
    options = ["--progress-bar", "off", "--no-deps", "--require-hashes", "--requirement", str(lock)]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    seen = 0
    for line in process.stdout:
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen += 1
            name = (
                line.split("==")[0]
                .removeprefix("Collecting ")
                .removeprefix("Requirement already satisfied: ")
            )
            progress(f"  {seen}/{total} {name}", often=seen % 10 == 0)
        elif line.startswith("Installing collected packages"):
            progress("  раскладываем по местам…", often=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    return process.wait() == 0


def progress(text: str, *, often: bool) -> None:
    """One line that renews itself on a terminal; every tenth line elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)
    elif often:
        print(text, flush=True)


def have_browser() -> bool:
    if os.environ.get("VORONKA_CHROMIUM") or any(shutil.which(name) for name in BROWSERS):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    step("Ставим Chromium…")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    return any(shutil.which(name) for name in BROWSERS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
