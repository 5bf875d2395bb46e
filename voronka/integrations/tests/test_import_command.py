"""`voronka import`: the summary, the refusals, and a process killed in the middle."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.world import World, make_world
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.spreadsheets import running
from voronka.integrations.spreadsheets.tests.bringing import written
from voronka.workspaces.models import Workspace

HEADER = ["id", "title", "amount", "company", "stage", "opened_at", "outcome", "closed_at"]
ROWS = [
    ["1", "Стеллажи", "100", "Ромашка", "Заявка", "10.01.2026", "", ""],
    ["2", "Полки", "200", "Лютик", "Договор", "10.01.2026", "won", "20.01.2026"],
    ["3", "Плохая", "сто", "Лютик", "Договор", "10.01.2026", "", ""],
]


def told(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("import", "deals", *arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_a_new_company_is_made_and_its_deals_come_in(db: None, tmp_path: Path) -> None:
    errors = tmp_path / "плохие.xlsx"
    told(
        str(written(tmp_path, ROWS, HEADER)), "--workspace", "newco", "--create-workspace", "--funnel", "Наша",
        "--errors", str(errors),
    )  # fmt: skip
    workspace = Workspace.objects.get(slug="newco")
    with scope(workspace):
        assert set(Deal.objects.values_list("title", "outcome", "funnel__name")) == {
            ("Стеллажи", "open", "Наша"),
            ("Полки", "won", "Наша"),
        }
        assert ImportBatch.objects.get().status == ImportStatus.DONE
    assert errors.exists()


def test_a_dry_run_writes_nothing(world: World, tmp_path: Path) -> None:
    assert "2" in told(str(written(tmp_path, ROWS, HEADER)), "--workspace", world.slug, "--dry-run")
    assert not Deal.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_map_says_what_headers_do_not(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, [["A", "Дело", "Икс", "2026-01-10"]], ["k", "t", "s", "d"])
    answers = {
        "columns": {"id": "k", "title": "t", "stage": "s", "opened_at": "d", "closed_at": ""},
        "stages": {"Икс": "Первый"},
        "funnel": "Карта",
    }
    (tmp_path / "map.json").write_text(json.dumps(answers), encoding="utf-8")
    told(str(path), "--workspace", world.slug, "--map", str(tmp_path / "map.json"))
    deal = Deal.objects.get()
    assert (deal.title, deal.stage.name, deal.funnel.name) == ("Дело", "Первый", "Карта")


@pytest.mark.parametrize(
    "arguments",
    [
        ["нет_такого.csv", "--workspace", "romashka"],
        ["{file}", "--workspace", "nowhere"],
        ["{file}", "--workspace", "romashka", "--map", "нет_карты.json"],
        ["{file}", "--workspace", "romashka", "--default-opened", "завтра"],
        ["{file}", "--workspace", "romashka", "--history", "нет_истории.csv"],
        ["{file}", "--workspace", "romashka", "--as", "anna@romashka.test"],
        ["{file}", "--workspace", "romashka", "--as", "nobody@romashka.test"],
    ],
)
def test_what_cannot_be_done_is_one_sentence(world: World, tmp_path: Path, arguments: list[str]) -> None:
    path = str(written(tmp_path, ROWS, HEADER))
    with pytest.raises(CommandError) as refusal:
        told(*[argument.format(file=path) for argument in arguments])
    assert str(refusal.value)
    assert not Deal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    world = make_world()
    rows = [
        [str(n), f"Сделка {n}", "5", f"Клиент {n % 900}", "Заявка", "10.01.2026", "", ""]
        for n in range(30_000)
    ]
    path = written(tmp_path, rows, HEADER)
    database = connection.settings_dict
    # The host may be the folder of a socket: it goes into the query.
    who = f"{quote(database['USER'], safe='')}:{quote(database['PASSWORD'] or '', safe='')}"
    where = urlencode({"host": database["HOST"]})
    address = f"postgres://{who}@:{database['PORT']}/{database['NAME']}?{where}"
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import", "deals", str(path), "--workspace", world.slug],
        cwd=root,
        env={**os.environ, "DATABASE_URL": address, "VORONKA_DATA": str(tmp_path / "data")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    deadline = time.monotonic() + 120
    # The first part of the deals is written, the others are not.
    while b"4000 / 30000" not in said.split(b"30000 / 30000", 1)[-1] and time.monotonic() < deadline:
        chunk = os.read(process.stderr.fileno(), 4096)
        if not chunk:
            break
        said += chunk
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, said.decode()
    process.stderr.close()
    with scope(world.workspace):
        for _try in range(100):
            batch = running.notice_if_broken(ImportBatch.objects.get())
            if batch.status == ImportStatus.FAILED:
                break
            time.sleep(0.05)
        assert batch.status == ImportStatus.FAILED
        assert not Deal.objects.exists()
        again = running.run(batch)
        assert (again.status, again.result["created"]) == (ImportStatus.DONE, 30_000)
