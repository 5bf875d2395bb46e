"""A list made one's own: columns, order, filter, view, values in their cells, work on many, a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.conftest import Visitor
from tests.world import World, make_company
from voronka.activities.actions import plan_activity
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal, edit_deal
from voronka.deals.models import Deal
from voronka.desk.fields.actions import create_field
from voronka.desk.jobs import run_list_job
from voronka.desk.lists.models import ListJob, SavedView
from voronka.playbook.actions import add_part
from voronka.playbook.models import ActivityKind, Criterion, Funnel, Strictness

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MANY = 56


@pytest.fixture
def deals(world: World, funnel: Funnel) -> list[Deal]:
    """Of Boris: many from Kazan, most of them without a next step; a few others; one without the sum that the book asks for."""
    field = create_field(
        actor=None, subject="deal", label="Город склада", kind="choice", options=["Казань", "Пермь"]
    )
    kazan = field.options.get(name="Казань")
    company = make_company(world.boris)
    made = [
        create_deal(
            actor=world.boris,
            title=f"Склад {number:02}",
            funnel=funnel,
            company=company,
            amount=Decimal(1000 * (number // 2 + 1)),
        )
        for number in range(MANY)
    ]
    for deal in made:
        edit_deal(deal, actor=world.boris, changes={field.name: kazan.pk})
    busy = create_deal(actor=world.boris, title="Есть шаг", funnel=funnel, amount=Decimal(7))
    edit_deal(busy, actor=world.boris, changes={field.name: kazan.pk})
    plan_activity(
        actor=world.boris, deal=busy, kind=ActivityKind.objects.first(), due_at=busy.created_at, has_time=True
    )
    create_deal(actor=world.boris, title="Без города", funnel=funnel, amount=Decimal(8))
    bare = create_deal(actor=world.boris, title="Склад без суммы", funnel=funnel)
    edit_deal(bare, actor=world.boris, changes={field.name: kazan.pk})
    add_part(
        Criterion,
        bare.stage,
        actor=world.admin,
        kind="field_filled",
        params={"field": "deal:amount"},
        strictness=Strictness.REFUSE,
    )
    return made


def pick(select: Locator, text: str) -> None:
    """Choose in a combobox, as soon as it is one."""
    expect(select).to_have_class(re.compile("tomselected"))
    select.evaluate(
        """(select, text) => {
            const box = select.tomselect;
            box.addItem(Object.keys(box.options).find((value) => box.options[value].text.trim() === text));
        }""",
        text,
    )


@contextmanager
def drawn_anew(row: Locator) -> Iterator[None]:
    """The row comes back from the server with the ways and values of what was chosen in it."""
    row.evaluate("(row) => row.setAttribute('data-former', '')")
    yield
    expect(row).not_to_have_attribute("data-former", "")


def condition(group: Locator, field: str, op: str | None = None) -> Locator:
    """A new row of *group* about *field*."""
    group.locator(":scope > .v-group-foot [data-cond-add]").click()
    row = group.locator(":scope > [data-items] > [data-cond]").last
    with drawn_anew(row):
        pick(row.locator("[name=field]"), field)
    if op is not None:
        with drawn_anew(row):
            row.locator("[name=op]").select_option(op)
    return row


def named(page: Page) -> list[str]:
    return page.locator("#list-rows tr[data-row] .v-list-name").all_inner_texts()


def test_a_list_is_made_ones_own(
    visitor: Callable[..., Visitor], world: World, deals: list[Deal], tmp_path: Path
) -> None:
    head = visitor(world.head, accept_downloads=True)
    page, dialog = head.page, head.page.locator("#dialog-frame")
    head.go(f"/w/{world.slug}/deals/table/?view=all")

    # Columns: an own field comes in and goes to the second place; the order is by the sum, then by the name.
    page.get_by_role("link", name="Столбцы").click()
    expect(dialog.locator("[data-chooser-list]")).to_be_visible()
    pick(dialog.locator("[data-chooser-add]"), "Город склада")
    added = dialog.locator("[data-chooser-list] li", has_text="Город склада")
    while added.evaluate("(line) => [...line.parentElement.children].indexOf(line)") > 1:
        added.locator("[data-chooser-up]").click()
    dialog.locator("[name=by]").nth(0).select_option("amount")
    dialog.locator("[name=way]").nth(0).select_option("down")
    dialog.locator("[name=by]").nth(1).select_option("title")
    dialog.locator("[name=way]").nth(1).select_option("up")
    dialog.locator("button[type=submit].btn-primary").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".v-rows thead th[data-col]").nth(1)).to_contain_text("Город склада")
    assert named(page)[:4] == ["Склад 54", "Склад 55", "Склад 52", "Склад 53"]

    # The filter: no next step, and either of Kazan or opened long ago.
    page.locator(".v-list-bar").get_by_text("Фильтр", exact=True).click()
    outer = dialog.locator("[data-builder] .v-dialog-body > [data-group]")
    condition(outer, "Нет следующего шага")
    outer.locator(":scope > .v-group-foot [data-group-add]").click()
    inner = outer.locator("[data-group]").last
    inner.locator(":scope > .v-group-head [data-joint=or]").click()
    for row in inner.locator("[data-cond]").all():
        row.locator("[data-cond-remove]").click()
    pick(condition(inner, "Город склада").locator(".v-cond-value [name=value]"), "Казань")
    condition(inner, "Открыта", "older").locator("input[name=value]").fill("30")
    dialog.locator("button[type=submit].btn-primary").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".v-list-bar")).to_contain_text("Нет следующего шага")
    expect(page.locator(".v-list-bar")).to_contain_text("Город склада: Казань или")
    expect(page.locator("#list-foot")).to_contain_text(f"{MANY + 1} сдел")

    # Kept as a view for everybody: a colleague finds the same tab with the same rows within reach.
    page.get_by_role("link", name="Сохранить как вид", exact=True).click()
    dialog.locator("[name=name]").fill("Казань без шага")
    dialog.locator("[name=shared]").check()
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".v-list-viewtabs [aria-current]")).to_have_text("Казань без шага")
    with scope(world.workspace):
        view = SavedView.objects.get()
        assert (view.is_shared, view.is_pinned, view.sort) == (True, True, "-amount,title")
    boris = visitor(world.boris)
    boris.go(f"/w/{world.slug}/deals/table/")
    boris.page.locator(".v-list-viewtabs").get_by_text("Казань без шага").click()
    expect(boris.page.locator("#list-foot")).to_contain_text(f"{MANY + 1} сдел")
    expect(boris.page.locator(".v-rows thead th[data-col]").nth(1)).to_contain_text("Город склада")
    anna = visitor(world.anna)
    anna.go(f"/w/{world.slug}/deals/table/?view={view.code}")
    expect(anna.page.locator("#list-body")).to_contain_text("Ничего не найдено")

    # A value in its cell: what is no sum is refused with the text kept, then taken.
    cell = page.locator("#list-rows tr[data-row]").first.locator("[data-cell=amount]")
    cell.hover()
    cell.locator(".v-cell-pencil").click()
    cell.locator("[name=value]").fill("дорого")
    page.keyboard.press("Enter")
    expect(cell.locator("[data-form-error]")).to_be_visible()
    expect(cell.locator("[name=value]")).to_have_value("дорого")
    cell.locator("[name=value]").fill("1,5 млн")
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("1 500 000 ₽")
    deals[-2].refresh_from_db()
    assert deals[-2].amount == Decimal(1_500_000)
    head.problems[:] = [said for said in head.problems if "409" not in said]

    # All that was found go on to a stage; the one without a sum is refused by name; then everything goes back.
    page.locator("[data-list-all]").check()
    page.locator("[data-list-every]").click()
    expect(page.locator("[data-list-count]")).to_have_text(f"{MANY + 1}")
    foot, bar = (
        page.locator("#list-foot tr > *").first.bounding_box(),
        page.locator("[data-list-bulk]").bounding_box(),
    )
    assert foot is not None
    assert bar is not None
    assert foot["y"] + foot["height"] <= bar["y"]
    page.locator("[data-list-bulk]").get_by_role("button", name="Перевести на этап").click()
    pick(dialog.locator("[name=stage]"), "Потребность")
    dialog.locator("button[type=submit]").click()
    # Many verbs take their time on a busy machine.
    expect(dialog).to_contain_text(f"{MANY} строк", timeout=60_000)
    dialog.locator("details summary").click()
    expect(dialog.locator(".v-list-refusals")).to_contain_text("Склад без суммы")
    assert Deal.objects.for_workspace(world.workspace).filter(stage__name="Потребность").count() == MANY
    dialog.get_by_role("button", name="Отменить всё").click()
    expect(page.locator("#toasts")).to_contain_text(f"{MANY} строк", timeout=60_000)
    assert not Deal.objects.for_workspace(world.workspace).filter(stage__name="Потребность").exists()

    # The file holds what the list shows: its columns, its order, its rows.
    head.go(f"/w/{world.slug}/deals/table/?view={view.code}")
    page.get_by_role("link", name="Выгрузить").click()
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".progress")).to_be_visible()
    with scope(world.workspace):
        job = ListJob.objects.get(kind="export")
    run_list_job.func(workspace_id=world.workspace.pk, job=job.pk)
    with page.expect_download() as coming:
        dialog.get_by_role("link", name="Скачать").click()
    path = tmp_path / "deals.xlsx"
    coming.value.save_as(path)
    rows: list[list[Any]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    heads = next(line for line in rows if "Город склада" in line)
    data = rows[rows.index(heads) + 1 :]
    assert heads[:2] == ["Сделка", "Город склада"]
    assert [line[0] for line in data[:3]] == ["Склад 54", "Склад 55", "Склад 52"]
    assert data[0][heads.index("Сумма")] == 1_500_000
    assert len([line for line in data if line[1] == "Казань"]) == MANY + 1
