"""Deals come in whole, once, with their dates, outcome, reason and history; an import can be taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.world import World, make_company
from voronka.clients.models import Company, Person
from voronka.core.errors import Forbidden, Refused
from voronka.core.spreadsheets import open_table
from voronka.deals import actions, bulk
from voronka.deals.models import Deal, DealState
from voronka.deals.tests.checks import assert_summaries_hold
from voronka.desk.models import ExternalRef, ImportMapping, ImportStatus, Notice, SearchRow
from voronka.integrations.spreadsheets import running, writing
from voronka.integrations.spreadsheets.tests.bringing import HEADER, brought, looked_at, written
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.journal.models import Event
from voronka.playbook.models import Funnel, Reason, Stage
from voronka.workspaces.models import Member, MemberStatus

ROWS = [
    ["1", "Стеллажи", "100 000,50", "ООО «Ромашка»", "Анна Седова", "Потребность", "10.01.2026", "", "", ""],
    ["2", "Склад", "2.5 млн", "Ромашка", "anna@romashka.test", "", "11.01.2026", "won", "2026-02-01", ""],
    [
        "3",
        "Полки",
        "",
        "АО Лютик",
        "Пётр Ушедший",
        "Договор",
        "12 января 2026",
        "lost",
        "03.02.2026",
        "Сильно дорого",
    ],
]


def test_rows_come_in_with_clients_owners_stages_and_reasons(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    batch = brought(world.admin, written(tmp_path, ROWS))
    assert batch.status == ImportStatus.DONE, batch.message
    assert (batch.result["created"], batch.result["rejected"], batch.result["companies"]) == (3, 0, 2)
    one, two, three = Deal.objects.order_by("number")
    assert (one.amount, one.stage.name, one.outcome, one.owner) == (
        Decimal("100000.50"), "Потребность", "open", world.anna,
    )  # fmt: skip
    assert one.company == two.company
    assert (two.amount, two.outcome, two.owner, two.stage.name) == (
        Decimal(2_500_000),
        "won",
        world.anna,
        "Договор",
    )
    assert two.closed_at == dt.datetime(2026, 1, 31, 21, tzinfo=dt.UTC)
    assert (three.outcome, three.reason.name, three.stage.name) == ("lost", "Сильно дорого", "Договор")
    assert (three.owner.name, three.owner.status) == ("Пётр Ушедший", MemberStatus.FORMER)
    assert {deal.basis for deal in (one, two, three)} == {"assumed"}
    for deal in (one, two, three):
        assert_summaries_hold(deal)
    assert SearchRow.objects.filter(kind="deal").count() == 3
    assert Event.objects.filter(type="import.done").count() == 1
    assert Notice.objects.filter(member=world.admin, kind="import").count() == 1


def test_what_is_found_is_what_the_row_verbs_would_have_written(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    from voronka.deals.search import refresh_deals

    brought(world.admin, written(tmp_path, ROWS))
    fields = ("title", "hint", "text", "number", "owner_ids", "team_ids", "weight")
    rows = SearchRow.objects.filter(kind="deal").order_by("object_id")
    copied = list(rows.values(*fields))
    refresh_deals(Deal.objects.values_list("pk", flat=True))
    assert list(rows.values(*fields)) == copied


def test_a_history_gives_stages_their_order_and_states_their_moments(world: World, tmp_path: Path) -> None:
    deals = written(tmp_path, [["7", "Заявка", "10", "2026-01-05T10:00:00Z", "won", "2026-01-20T10:00:00Z"]],
                    ["id", "title", "amount", "opened_at", "outcome", "closed_at"])  # fmt: skip
    history = written(
        tmp_path,
        [
            ["7", "Предложение", "2026-01-10T10:00:00Z"],
            ["7", "Новая", "2026-01-05T10:00:00.5Z"],
            ["7", "Расчёт", "2026-01-10T10:00:00Z"],
            ["7", "Расчёт", "2026-01-12T10:00:00Z"],
        ],
        ["deal_id", "stage", "entered_at"],
        "history.csv",
    )
    batch = brought(world.admin, deals, history)
    assert batch.status == ImportStatus.DONE, batch.message
    deal = Deal.objects.get()
    assert list(Stage.objects.order_by("order").values_list("name", flat=True)) == [
        "Новая",
        "Предложение",
        "Расчёт",
    ]
    states = list(DealState.objects.filter(deal=deal).order_by("valid_from"))
    assert [state.stage.name for state in states] == ["Новая", "Предложение", "Расчёт", "Расчёт"]
    assert states[2].valid_from - states[1].valid_from == dt.timedelta(microseconds=1)
    assert (states[-1].outcome, states[0].valid_from, deal.basis) == ("won", deal.opened_at, "imported")
    assert_summaries_hold(deal)


def test_the_same_file_again_changes_nothing_and_a_changed_row_updates(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    brought(world.admin, written(tmp_path, ROWS))
    number = Deal.objects.get(title="Полки").number
    again = brought(world.admin, written(tmp_path, ROWS))
    assert (again.result["created"], again.result["updated"], again.result["unchanged"]) == (0, 0, 3)
    changed = [*ROWS[:2], [*ROWS[2][:2], "500", *ROWS[2][3:]]]
    third = brought(world.admin, written(tmp_path, changed))
    assert (third.result["updated"], third.result["unchanged"]) == (1, 2)
    deal = Deal.objects.get(title="Полки")
    assert (deal.amount, deal.number, Deal.objects.count()) == (Decimal(500), number, 3)
    assert Company.objects.count() == 2


def test_rows_without_numbers_are_known_again_by_what_they_say(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    header, rows = HEADER[1:], [row[1:] for row in [*ROWS, ROWS[0]]]
    brought(world.admin, written(tmp_path, rows, header))
    again = brought(world.admin, written(tmp_path, rows, header))
    assert (Deal.objects.count(), again.result["unchanged"]) == (4, 4)


def test_deals_worked_on_here_are_left_and_named(world: World, funnel: Funnel, tmp_path: Path) -> None:
    brought(world.admin, written(tmp_path, ROWS))
    deal = Deal.objects.get(title="Стеллажи")
    actions.edit_deal(deal, actor=world.anna, changes={"amount": Decimal(7)})
    changed = [[*ROWS[0][:2], "900", *ROWS[0][3:]], *ROWS[1:]]
    batch = brought(world.admin, written(tmp_path, changed))
    assert (batch.result["kept"], batch.result["kept_titles"]) == (1, ["Стеллажи"])
    deal.refresh_from_db()
    assert deal.amount == Decimal(7)


def test_an_import_can_be_undone_whole(world: World, funnel: Funnel, tmp_path: Path) -> None:
    rows = [[*row, "Товар", "Иван Контактов"] for row in ROWS]
    rows[0][5] = "Совсем новый этап"
    batch = brought(world.admin, written(tmp_path, rows, [*HEADER, "product", "person"]))
    assert (Person.objects.count(), Stage.objects.filter(name="Совсем новый этап").count()) == (2, 1)
    undone = undo_import(batch, actor=world.admin)
    assert (undone.deals, undone.kept) == (3, 0)
    for model in (Deal, DealState, Company, Person):
        assert model.objects.count() == 0
    assert not Stage.objects.filter(name="Совсем новый этап").exists()
    assert not Reason.objects.filter(name="Сильно дорого").exists()
    assert not Member.objects.filter(status=MemberStatus.FORMER).exists()
    assert not ExternalRef.objects.exists()
    assert not SearchRow.objects.filter(kind__in=["deal", "company", "person"]).exists()
    assert Event.objects.filter(type="import.undone").count() == 1
    batch.refresh_from_db()
    assert batch.status == ImportStatus.UNDONE


def test_undoing_keeps_and_names_what_was_built_on(world: World, funnel: Funnel, tmp_path: Path) -> None:
    batch = brought(world.admin, written(tmp_path, ROWS))
    deal = Deal.objects.get(title="Стеллажи")
    actions.edit_deal(deal, actor=world.anna, changes={"amount": Decimal(7)})
    undone = undo_import(batch, actor=world.admin)
    assert (undone.deals, undone.kept, undone.kept_titles) == (2, 1, ["Стеллажи"])
    assert Company.objects.get() == deal.company


def test_undoing_leaves_clients_that_were_here_before(world: World, funnel: Funnel, tmp_path: Path) -> None:
    ours = make_company(world.anna, "Ромашка")
    batch = brought(world.admin, written(tmp_path, ROWS))
    assert Deal.objects.filter(company=ours).count() == 2
    undo_import(batch, actor=world.admin)
    assert list(Company.objects.all()) == [ours]


def test_a_fault_in_the_middle_leaves_nothing(
    world: World, funnel: Funnel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def failing(*args: Any, **kwargs: Any) -> list[int]:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the disk is full")
        return bulk.import_deals(*args, **kwargs)

    monkeypatch.setattr(writing, "import_deals", failing)
    monkeypatch.setattr(writing, "PART", 2)
    before = (Member.objects.count(), Stage.objects.count(), Reason.objects.count())
    batch = brought(world.admin, written(tmp_path, ROWS))
    assert len(calls) == 2
    assert batch.status == ImportStatus.FAILED
    assert batch.message
    assert not Deal.objects.exists()
    assert not Company.objects.exists()
    assert not ExternalRef.objects.exists()
    assert (Member.objects.count(), Stage.objects.count(), Reason.objects.count()) == before
    assert not Event.objects.filter(type="import.done").exists()


def test_a_dry_run_tells_the_same_and_writes_nothing(world: World, funnel: Funnel, tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    told = running.summary_of(looked_at(world.admin, path))
    assert not Deal.objects.exists()
    assert not Company.objects.exists()
    done = brought(world.admin, path).result
    assert {name: done[name] for name in told} == told


def test_only_who_may_import_imports(world: World, funnel: Funnel, tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    with pytest.raises(Forbidden):
        looked_at(world.anna, path)
    assert brought(world.anna, path).status == ImportStatus.FAILED
    batch = brought(world.admin, path)
    with pytest.raises(Forbidden):
        undo_import(batch, actor=world.anna)
    assert Deal.objects.count() == 3


def test_answers_are_remembered_for_the_same_headers(world: World, funnel: Funnel, tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    brought(world.admin, path, default_opened="2026-01-01", lost_stage="last")
    assert ImportMapping.objects.count() == 1
    options = running.first_options(running.open_files(written(tmp_path, ROWS[:1])))
    assert (options.default_opened, options.lost_stage) == ("2026-01-01", "last")


def test_several_funnels_need_a_choice_unless_the_file_names_them(
    world: World, funnel: Funnel, tmp_path: Path
) -> None:
    from voronka.playbook.actions.funnels import create_funnel

    create_funnel(actor=world.admin, name="Услуги", stages=["Заявка", "Договор"])
    with pytest.raises(Refused, match="Услуги"):
        looked_at(world.admin, written(tmp_path, ROWS))
    rows = [[*ROWS[0], "Услуги"], [*ROWS[1], "Новое дело"], [*ROWS[2], "Услуги"]]
    batch = brought(world.admin, written(tmp_path, rows, [*HEADER, "Воронка"]))
    assert batch.status == ImportStatus.DONE, batch.message
    assert [deal.funnel.name for deal in Deal.objects.order_by("number")] == [
        "Услуги",
        "Новое дело",
        "Услуги",
    ]


def test_values_of_the_stage_column_may_mean_outcomes(world: World, funnel: Funnel, tmp_path: Path) -> None:
    header = ["ID", "Название сделки", "Бюджет ", "Ответственный", "Дата создания сделки", "Дата закрытия", "Этап сделки", "Воронка"]  # fmt: skip
    rows = [
        [
            "1",
            "А",
            "1",
            "Анна Седова",
            "22.01.2026 10:15:00",
            "не закрыта",
            "Презентация",
            "Оборудование · Розница",
        ],
        [
            "2",
            "Б",
            "2",
            "Анна Седова",
            "22.01.2026 10:15:00",
            "25.01.2026 12:00:00",
            "Успешно реализовано",
            "",
        ],
        ["3", "В", "3", "Анна Седова", "22.01.2026 10:15:00", "25.01.2026 12:00:00", "143", ""],
        ["4", "Г", "3", "Анна Седова", "22.01.2026 10:15:00", "25.01.2026", "Морозим", ""],
    ]
    found = looked_at(world.admin, written(tmp_path, rows, header))
    assert len(found.parsed.rejected) == 1
    batch = brought(world.admin, written(tmp_path, rows, header), stages={"Морозим": "=lost"})
    assert batch.status == ImportStatus.DONE, batch.message
    assert list(Deal.objects.order_by("number").values_list("outcome", flat=True)) == [
        "open",
        "won",
        "lost",
        "lost",
    ]
    assert {deal.funnel for deal in Deal.objects.all()} == {funnel}


def test_rejected_rows_go_out_with_their_reasons(world: World, funnel: Funnel, tmp_path: Path) -> None:
    rows = [
        ROWS[0],
        ["9", "Плохая", "сто", "К", "Анна Седова", "Договор", "не дата", "won", "2026-01-01", ""],
    ]
    batch = brought(world.admin, written(tmp_path, rows))
    assert (batch.result["created"], batch.result["rejected"]) == (1, 1)
    table = open_table(batch.error_path)
    (row,) = table.sample()
    assert row.cells[1] == "Плохая"
    assert row.cells[-2] == 3
    assert "сто" in str(row.cells[-1])
    assert "не дата" in str(row.cells[-1])
    assert not Company.objects.filter(name="К").exists()
