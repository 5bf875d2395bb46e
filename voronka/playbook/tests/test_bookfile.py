"""The book as one file: there and back again, faults by line, the difference before it is made."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from voronka.activities.stage_criteria import TASK_DONE
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import scope
from voronka.core.text import clean
from voronka.deals.actions import create_deal
from voronka.journal.models import Event
from voronka.playbook.actions import add_kpi, add_part, add_tunnel, apply_template, edit_stage
from voronka.playbook.bookfile import Unreadable, apply_book, portable, preview, read_book, write_book
from voronka.playbook.bookfile.shape import BOOK
from voronka.playbook.models import (
    ActivityKind,
    BookVersion,
    Cell,
    ClosingRules,
    ClosingStatus,
    Criterion,
    Funnel,
    Objection,
    Stage,
    StageTask,
)
from voronka.playbook.snapshot import book_snapshot
from voronka.playbook.templates_data import all_templates


@pytest.fixture
def book(world: World, funnel: Funnel) -> Any:
    """A book with something of every kind in it."""
    stage = Stage.objects.filter(funnel=funnel).order_by("order")[0]
    call = ActivityKind.objects.get(channel="call")
    role = world.roles["seller"]
    task = add_part(
        StageTask, stage, actor=None, kind=call, text="Позвонить: «да» или нет?", after_days=2, role=role
    )
    add_part(Criterion, stage, actor=None, kind=TASK_DONE, params={"task": str(task.pk)}, strictness="refuse")
    add_part(Criterion, stage, actor=None, kind="checklist", params={"lines": ["Фото", "yes", "12"]})
    add_part(Criterion, stage, actor=None, kind="amount_limit", params={"limit": "1500000"})
    add_part(Objection, stage, actor=None, text="Дорого", answer="# не комментарий\n\n- не список: правда")
    edit_stage(stage, actor=None, changes={"told_at": [50, 200], "goal": "Первая строка\n  вторая: строка"})
    status = ClosingStatus.objects.create(funnel=funnel, outcome="lost", name="null", about="~", order=1)
    add_part(Criterion, status, actor=None, kind="checklist", params={"lines": ["Причина понята"]})
    ClosingRules.objects.create(funnel=None, confirm_above=Decimal("500000.50"), silent_days=30)
    Cell.objects.create(
        product_group=funnel.product_group, segment=funnel.segment, buys_for="Чтобы", buying_steps="раз\nдва"
    )
    service = Funnel.objects.create(name="Сервис", order=2)
    first = Stage.objects.create(funnel=service, name="Заявка", order=1)
    add_tunnel(funnel, actor=None, trigger="won", target=service, target_stage=first, after=3, wait="months")
    add_tunnel(funnel, actor=None, trigger="lost", closing=status, target=service, title="Вернуть")
    add_kpi(actor=None, name="2026", measure="calls", target=Decimal("12.5"), funnel=funnel)
    return funnel


def test_there_and_back_again_changes_nothing(world: World, book: Any) -> None:
    text = write_book(book_snapshot(), title="Книга\nверсия 1")
    assert text.startswith("# Книга\n# версия 1\nvoronka_book: 1\n")
    assert preview(read_book(text), actor=world.head, exact=True) == []
    events = Event.objects.count()
    apply_book(read_book(text), actor=world.head, exact=True, name="book.yaml")
    assert [event.type for event in Event.objects.order_by("id")[events:]] == ["book.read_in"]


@pytest.mark.parametrize("code", [template.code for template in all_templates()][:2])
def test_an_empty_company_gets_the_very_same_book(world: World, stranger: World, code: str) -> None:
    apply_template(code, actor=None, language="ru")
    add_kpi(actor=None, name="Звонки", measure="calls", target=Decimal(60))
    said = portable(book_snapshot())
    text = write_book(book_snapshot(), title="x")
    with scope(stranger.workspace):
        apply_book(read_book(text), actor=stranger.head, exact=True)
        assert portable(book_snapshot()) == said
        # One version, whatever number of changes made it.
        assert BookVersion.objects.count() == 1


def test_everything_of_a_rich_book_travels(world: World, stranger: World, book: Any) -> None:
    text = write_book(book_snapshot(), title="x")
    said = portable(book_snapshot())
    with scope(stranger.workspace):
        apply_book(read_book(text), actor=stranger.head, exact=True)
        assert portable(book_snapshot()) == said
        criterion = Criterion.objects.get(kind=TASK_DONE)
        assert criterion.params == {"task": str(StageTask.objects.get().pk)}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
NAMES = st.sampled_from(
    ["null", "yes", "1e3", "- a", "#", "a: b", "'", '"', "2026-01-01", "*x", "&y", "!z", "Ё", "%"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    goal=WORDS,
    answer=st.lists(WORDS, max_size=4).map("\n".join),
    name=NAMES,
    days=st.none() | st.integers(1, 365),
)
def test_whatever_people_write_is_read_as_it_was_written(
    world: World, goal: str, answer: str, name: str, days: int | None
) -> None:
    goal, answer = clean(goal, multiline=True), clean(answer, multiline=True)
    stage = {
        "id": 1, "name": name, "goal": goal, "result": "", "role": None, "limit_days": days, "wip_limit": None,
        "probability": 5, "category": "pipeline", "color": "#64748b", "is_key": True, "remedies": answer,
        "told_at": [50], "moves_itself": True, "tasks": [], "criteria": [],
        "objections": [{"id": 2, "text": name, "answer": answer}],
    }  # fmt: skip
    content = {
        "format": 1,
        "funnels": [{"id": 3, "name": name, "group": None, "segment": None, "stages": [stage]}],
    }
    read = read_book(write_book(content, title="x"))
    (told,) = read["funnels"][0]["stages"]
    assert (told["name"], told["goal"], told["remedies"], told["limit_days"]) == (name, goal, answer, days)
    assert told["objections"][0]["answer"] == answer
    assert told["objections"][0]["text"] == name


HEAD = "voronka_book: 1\n"
FUNNEL = HEAD + "funnels:\n  - name: Опт\n    stages:\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("просто текст", 1, "voronka_book"),
        ("", 1, "voronka_book"),
        ("a: [1, 2\nb: 3", 2, "YAML"),
        ("funnels: []\n", 1, "voronka_book"),
        ("# книга\nvoronka_book: 2\n", 2, "2"),
        (HEAD + "funels: []\n", 2, "funels"),
        (HEAD + "funnels: []\nfunnels: []\n", 3, "funnels"),
        (FUNNEL + "      - name: Этап\n        limit: 5\n", 6, "limit"),
        (FUNNEL + "      - goal: без имени\n", 5, "name"),
        (FUNNEL + "      - name: Этап\n        limit_days: скоро\n", 6, "365"),
        (FUNNEL + "      - name: Этап\n        limit_days: 900\n", 6, "365"),
        (FUNNEL + "      - name: Этап\n        is_key: пожалуй\n", 6, "true"),
        (FUNNEL + "      - name: Этап\n        category: sure\n", 6, "commit"),
        (FUNNEL + "      - name: Этап\n        color: розовый\n", 5, "розовый"),
        (FUNNEL + "      - name: Этап\n        told_at: [10]\n", 6, "50"),
        (FUNNEL + "      - name: Этап\n      - name: ЭТАП\n", 6, "ЭТАП"),
        (FUNNEL + "      - name: А\n        is_key: true\n      - name: Б\n        is_key: true\n", 7, ""),
        (FUNNEL + "      - name: Этап\n        role: Шаман\n", 6, "Шаман"),
        (FUNNEL + "      - name: Этап\n        tasks: звонить\n", 6, "- "),
        (FUNNEL + "      - name: Этап\n        tasks:\n          - {text: Да, kind: Телепатия}\n", 7, "Телепатия"),
        (FUNNEL + "      - name: Этап\n        criteria:\n          - kind: oracle\n", 7, "oracle"),
        (FUNNEL + "      - name: Этап\n        criteria:\n          - {kind: checklist, line: [А]}\n", 7, "line"),
        (FUNNEL + "      - name: Э\n        criteria:\n          - {kind: role_known, role: tsar}\n", 7, ""),
        (FUNNEL + "      - name: Э\n        criteria:\n          - {kind: task_done, task: Нет такой}\n", 7, "Нет такой"),
        (FUNNEL + "      - name: Э\n        goal: *x\n", 6, "*"),
        (HEAD + "funnels:\n  - name: Опт\n    group: Нет\n    stages: [{name: А}]\n", 4, "Нет"),
        (HEAD + "funnels:\n  - name: Опт\n    stages: []\n", 4, ""),
        (HEAD + "groups:\n  - {name: А, parent: Б}\n  - {name: Б, parent: А}\n", 3, "А"),
        (HEAD + "kpis:\n  - {name: К, measure: horoscope}\n", 3, "horoscope"),
        (HEAD + "kpis:\n  - {name: К, measure: calls, good: 50, fair: 80}\n", 3, "fair"),
        (HEAD + "kpis:\n  - {name: К, measure: calls, target: NaN}\n", 3, ""),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(world: World, text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read_book(text)
    assert next(found.line for found in fault.value.faults) == line
    assert words in str(fault.value)


def test_tunnels_in_a_circle_are_refused_with_the_line(world: World) -> None:
    text = (
        HEAD
        + """funnels:
  - name: Продажа
    stages: [{name: А}]
    tunnels: [{trigger: won, target: Сервис}]
  - name: Сервис
    stages: [{name: Б}]
    tunnels:
      - {trigger: won, target: Продажа}
"""
    )
    with pytest.raises(Refused, match=r"9.*Сервис → Продажа → Сервис"):
        preview(read_book(text), actor=world.head, exact=False)
    assert not Funnel.objects.exists()


def test_all_faults_are_told_at_once(world: World) -> None:
    with pytest.raises(Unreadable) as fault:
        read_book(HEAD + "a: 1\nb: 2\nfunnels:\n  - stages: [{name: А, probability: 200}]\n")
    assert [found.line for found in fault.value.faults] == [2, 3, 5, 5]


def test_references_are_no_way_to_make_a_small_file_huge(world: World) -> None:
    bomb = HEAD + "a: &a [x]\nb: &b [*a, *a]\nfunnels: [*b, *b]\n"
    with pytest.raises(Unreadable):
        read_book(bomb)


def test_the_difference_is_told_and_nothing_is_changed_by_looking(world: World, book: Any) -> None:
    text = write_book(book_snapshot(), title="x").replace("limit_days: 3", "limit_days: 9")
    before = (book_snapshot(), Event.objects.count(), BookVersion.objects.count())
    (change,) = preview(read_book(text), actor=world.head, exact=False)
    assert (change.before, change.after) == ("3", "9")
    assert (book_snapshot(), Event.objects.count(), BookVersion.objects.count()) == before
    apply_book(read_book(text), actor=world.head, exact=False, name="book.yaml")
    assert Stage.objects.get(funnel=book, name="Первый контакт").limit_days == 9


def test_what_the_file_does_not_name_stays_unless_it_is_to_be_exact(world: World, book: Any) -> None:
    small = read_book(HEAD + "funnels:\n  - name: Опт\n    stages: [{name: Заявка}, {name: Отгрузка}]\n")
    apply_book(copy.deepcopy(small), actor=world.head, exact=False)
    assert set(Funnel.objects.filter(archived_at=None).values_list("name", flat=True)) == {
        book.name,
        "Сервис",
        "Опт",
    }
    kinds = "kinds: [{name: Звонок, channel: call}]\nlost_reasons: [{name: Дорого}]\n"
    exact = HEAD + kinds + "funnels:\n  - name: Опт\n    stages: [{name: Отгрузка}]\n"
    apply_book(read_book(exact), actor=world.head, exact=True)
    now = portable(book_snapshot())
    assert [f["name"] for f in now["funnels"]] == ["Опт"]
    assert [s["name"] for s in now["funnels"][0]["stages"]] == ["Отгрузка"]
    assert "groups" not in now
    assert "kpis" not in now
    assert [r["name"] for r in now["lost_reasons"]] == ["Дорого"]


def test_open_deals_are_not_swept_away_and_nothing_is_done_by_halves(world: World, book: Any) -> None:
    create_deal(actor=world.anna, title="Живая", funnel=book)
    content = portable(book_snapshot())
    content["funnels"][0]["stages"] = content["funnels"][0]["stages"][1:]
    content["funnels"][0]["stages"][0]["goal"] = "Новая цель"
    import yaml

    text = yaml.safe_dump({"voronka_book": 1, **content}, allow_unicode=True)
    with pytest.raises(Refused, match="Первый контакт"):
        apply_book(read_book(text), actor=world.head, exact=True)
    assert not Stage.objects.filter(goal="Новая цель").exists()


def test_a_refusal_of_a_verb_names_the_line(world: World, book: Any) -> None:
    text = HEAD + "kinds:\n  - {name: Звонок, channel: call}\n  - {name: Визит, channel: visit, icon: '?!'}\n"
    with pytest.raises(Refused, match="4"):
        apply_book(read_book(text), actor=world.head, exact=False)
    assert not ActivityKind.objects.filter(name="Визит").exists()


def test_only_who_configures_the_book_reads_a_file_in(world: World, book: Any) -> None:
    with pytest.raises(Forbidden):
        apply_book(read_book(HEAD), actor=world.anna, exact=True)


def test_the_format_knows_every_section_and_field_of_the_snapshot(world: World, book: Any) -> None:
    """Whoever adds something to the book adds it to the file, or names it here."""
    content = book_snapshot()
    assert set(content) - set(BOOK) - {"format"} == {"closing", "closing_rules", "tunnels"}
    stage = content["funnels"][0]["stages"][0]
    assert set(stage) - set(BOOK["funnels"].of["stages"].of) - {"id"} == set()
    tunnel = BOOK["funnels"].of["tunnels"].of
    # People do not travel with the file.
    assert set(content["tunnels"][0]) - set(tunnel) - {"id", "funnel"} == {"owner"}
    reason = BOOK["lost_reasons"].of
    assert set(content["lost_reasons"][0]) - set(reason) - {"id"} == {"return_to"}
    task = stage["tasks"][0]
    assert set(task) - set(BOOK["funnels"].of["stages"].of["tasks"].of) - {"id"} == set()
    assert set(content["kpis"][0]) - set(BOOK["kpis"].of) - {"id"} == set()
    assert (
        set(content["closing"][0]) - set(BOOK["funnels"].of["lost"].of) - {"id", "funnel", "outcome"} == set()
    )
