"""The ten commonest tasks, walked as somebody new walks them: pressed and typed, never gone to by an address.

Each task asserts what came of it and counts its presses and fillings. Seconds are only written down, never judged:
they tell of the machine as much as of the screens. `VORONKA_WALK=table.md` keeps the table.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import FilePayload, Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.conftest import Visitor
from voronka.activities.models import Activity
from voronka.clients.models import Company
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.desk.jobs import run_list_job
from voronka.desk.lists.models import ListJob
from voronka.desk.models import ImportBatch
from voronka.integrations.jobs import run_import
from voronka.workspaces.models import Workspace

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CLIENTS = [
    ("Компания", "Телефон", "Город"),
    ("ООО «Кедр»", "8 (916) 555-44-33", "Казань"),
    ("АО «Липа»", "+7 495 111-22-33", "Пермь"),
]
DEALS = [
    ("Название", "Клиент", "Сумма", "Дата создания"),
    ("Полки", "АО «Липа»", 250000, "10.11.2025"),
    ("Погрузчик", "ООО «Кедр»", 900000, "11.11.2025"),
]
PATIENCE = 60_000


@dataclass
class Walk:
    """One person's way through the tasks; `rows` are task, presses and fillings, seconds."""

    page: Page
    rows: list[tuple[str, int, float]] = field(default_factory=list)
    acts: int = 0

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        self.acts, began = 0, time.monotonic()
        yield
        self.rows.append((name, self.acts, time.monotonic() - began))

    def begin(self) -> None:
        """One more act; on a page that has come in full, for scripts that are on their way hear nothing."""
        self.acts += 1
        self.page.wait_for_load_state("load")

    def press(self, what: Locator) -> None:
        self.begin()
        what.click()

    def type(self, where: Locator, text: str) -> None:
        """Write into a field as a person does: the field hears of it."""
        self.begin()
        where.fill(text)

    def give(self, where: Locator, *files: FilePayload) -> None:
        self.begin()
        where.set_input_files(files)

    def escape(self) -> None:
        """Close the panel."""
        self.begin()
        self.page.keyboard.press("Escape")
        expect(self.page.locator("#panel-frame")).to_be_hidden()

    def table(self) -> str:
        lines = [f"| {name} | {acts} | {seconds:.1f} |" for name, acts, seconds in self.rows]
        return "\n".join(["| task | presses and fillings | seconds |", "|---|---|---|", *lines, ""])


def workbook(name: str, rows: list[Any]) -> FilePayload:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return {"name": name, "mimeType": XLSX, "buffer": made.getvalue()}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Ten tasks in a row on a busy machine: a slow answer is not a wrong one."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=None)


def test_the_ten_commonest_tasks(visitor: Callable[..., Visitor], db: None, tmp_path: Path) -> None:
    someone = visitor(accept_downloads=True)
    page = someone.page
    page.set_default_timeout(PATIENCE)
    walk = Walk(page)
    dialog, panel, toasts = page.locator("#dialog-frame"), page.locator("#panel"), page.locator("#toasts")
    card = page.locator(".v-deal-card")
    nav = page.locator(".v-nav")

    someone.go("/accounts/signup/")
    with walk.task("sign up, make the book, first deal"):
        walk.type(page.locator("[name=company]"), "ООО «Проба»")
        walk.type(page.locator("[name=name]"), "Пётр Первый")
        walk.type(page.locator("[name=email]"), "petr@proba.test")
        walk.type(page.locator("[name=password1]"), "очень длинный пароль")
        walk.press(page.locator("form[action*=signup] button[type=submit]"))
        walk.press(page.locator("input[value=equipment]"))
        walk.press(page.get_by_role("button", name="Дальше"))
        expect(page.get_by_role("heading", name="Кому вы продаёте?")).to_be_visible()
        walk.press(page.get_by_role("button", name="Дальше"))
        walk.press(page.get_by_role("button", name="Собрать книгу продаж"))
        page.wait_for_url("**/first-steps/deal/")
        walk.type(page.locator("[name=client]"), "ООО «Ромашка»")
        walk.type(page.locator("[name=title]"), "Стеллажи")
        walk.press(page.get_by_role("button", name="Создать сделку"))
        expect(card).to_contain_text("Стеллажи")
    workspace = Workspace.objects.get()
    with scope(workspace):
        assert Deal.objects.get().company.name == "ООО «Ромашка»"

    with walk.task("import clients and deals from xlsx"):
        walk.press(nav.get_by_role("link", name="Настройки"))
        walk.press(page.get_by_role("link", name="Импорт", exact=True))
        walk.press(page.locator("a[href$='/import/']").first)
        walk.give(
            page.locator("#import-file"), workbook("клиенты.xlsx", CLIENTS), workbook("сделки.xlsx", DEALS)
        )
        walk.press(page.locator("form[data-import-upload] button[type=submit]"))
        walk.press(page.get_by_role("link", name="Проверить"))
        walk.press(page.get_by_role("button", name="Загрузить"))
        expect(page.locator(".v-job")).to_be_visible()
        with scope(workspace):
            batch = ImportBatch.objects.get(lot=None)
        run_import.func(workspace_id=workspace.pk, batch=batch.pk)
        expect(page.get_by_text("Импорт выполнен")).to_be_visible()
    with scope(workspace):
        assert {deal.title: deal.company.name for deal in Deal.objects.all()} == {
            "Стеллажи": "ООО «Ромашка»",
            "Полки": "АО «Липа»",
            "Погрузчик": "ООО «Кедр»",
        }
        cedar = Company.objects.get(name="ООО «Кедр»")

    with walk.task("find a client by phone"):
        walk.type(page.locator("header .v-search-input"), "916 555")
        walk.press(page.locator("#search-results .v-search-item", has_text="Кедр").first)
        page.wait_for_url(f"**/clients/{cedar.pk}/")
        expect(page.locator("h1")).to_contain_text("Кедр")

    with walk.task("create a deal from the client's card"):
        walk.press(page.locator(".v-card-head").get_by_role("link", name="Сделка"))
        walk.type(dialog.locator("[name=title]"), "Линия розлива")
        walk.type(dialog.locator("[name=amount]"), "1,2 млн")
        walk.press(dialog.get_by_role("button", name="Создать", exact=True))
        expect(dialog).to_be_hidden()
        walk.press(toasts.get_by_role("link", name="Открыть"))
        expect(panel.locator(".v-deal-card")).to_contain_text("Линия розлива")
    with scope(workspace):
        deal = Deal.objects.get(title="Линия розлива")
    assert (deal.company_id, deal.amount) == (cedar.pk, 1_200_000)

    with walk.task("log a call with the next step"):
        walk.press(panel.get_by_role("tab", name="Звонок"))
        call = panel.locator("[id^=composer-deal][id$=-call]")
        walk.type(call.locator("[name=result]"), "Ждут предложение")
        walk.type(call.locator("[name=next_subject]"), "Отправить предложение")
        walk.press(call.locator("[data-in-days='1']"))
        walk.press(call.locator("button[type=submit]").first)
        expect(panel.locator(".v-feed").first).to_contain_text("Ждут предложение")
    with scope(workspace):
        logged, following = Activity.objects.filter(deal=deal, stage_task=None).order_by("pk")
        assert (logged.result, logged.done_at is None) == ("Ждут предложение", False)
        assert (following.subject, following.done_at) == ("Отправить предложение", None)
        following_stage = deal.funnel.stages.order_by("order")[1]

    with walk.task("move to the next stage"):
        walk.press(panel.locator(".v-stepper").get_by_role("button", name=following_stage.name))
        walk.press(dialog.locator("button[type=submit]"))
        expect(dialog).to_be_hidden()
        expect(panel.locator(".v-stepper [aria-current=step]")).to_contain_text(following_stage.name)
    deal.refresh_from_db()
    assert deal.stage == following_stage

    with walk.task("win"):
        walk.press(panel.locator("a[href$='/win/']"))
        walk.press(dialog.get_by_role("button", name="Успех"))
        walk.press(dialog.get_by_role("button", name="Всё равно закрыть"))
        expect(panel.locator(".v-deal-card")).to_contain_text("Вернуть в работу")
    deal.refresh_from_db()
    assert deal.outcome == "won"

    with walk.task("lose with a reason"):
        walk.escape()
        walk.press(nav.get_by_role("link", name="Сделки"))
        walk.press(page.locator(".v-deal", has_text="Погрузчик").locator("[data-open]"))
        walk.press(panel.get_by_role("link", name="Отказ"))
        walk.press(dialog.get_by_label("Дорого"))
        walk.press(dialog.locator("button[type=submit]"))
        expect(dialog).to_be_hidden()
        expect(panel.locator(".v-deal-card")).to_contain_text("Вернуть в работу")
    with scope(workspace):
        lost = Deal.objects.get(title="Погрузчик")
        assert (lost.outcome, lost.reason.name) == ("lost", "Дорого")

    with walk.task("deals without a next step"):
        walk.escape()
        walk.press(nav.get_by_role("link", name="Сделки"))
        walk.press(page.locator("#board-stats").get_by_role("link", name="Нет следующего шага: 1"))
        expect(page.locator("#list-rows .v-list-name")).to_have_text(["Полки"])

    with walk.task("export what is shown"):
        walk.press(page.get_by_role("link", name="Выгрузить", exact=True))
        walk.press(dialog.locator("button[type=submit]"))
        expect(dialog.locator(".progress")).to_be_visible()
        with scope(workspace):
            job = ListJob.objects.get(kind="export")
        run_list_job.func(workspace_id=workspace.pk, job=job.pk)
        with page.expect_download() as coming:
            walk.press(dialog.get_by_role("link", name="Скачать"))
        coming.value.save_as(tmp_path / "deals.xlsx")
    titles = {"Стеллажи", "Полки", "Погрузчик", "Линия розлива"}
    lines = CalamineWorkbook.from_path(str(tmp_path / "deals.xlsx")).get_sheet_by_index(0).to_python()
    assert [line[0] for line in lines if line[0] in titles] == ["Полки"]
    if path := os.environ.get("VORONKA_WALK"):
        Path(path).write_text(walk.table(), encoding="utf-8")
