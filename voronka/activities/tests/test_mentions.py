"""«@Имя» in notes and results: who is told, who is not, and what stands on the screen."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from tests.world import make_company, make_member
from voronka.activities.actions import complete_activity, edit_activity, log_activity, plan_activity
from voronka.deals.actions import create_deal
from voronka.desk.mentions import highlighted, mentioned_in
from voronka.desk.models import Notice
from voronka.desk.notes import add_note, edit_note
from voronka.playbook.models import ActivityKind


@pytest.fixture
def company(world):
    return make_company(world.anna)


def told():
    return list(Notice.objects.filter(kind="mention").order_by("pk").values_list("member__name", "url"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Анна Седова, посмотри", ["Анна Седова"]),
        ("Спросить @анна седова и @Борис Ильин.", ["Анна Седова", "Борис Ильин"]),
        ("@Анна Седова-Крамер", ["Анна Седова-Крамер"]),
        ("@Анна Седоварь, почта a@Анна Седова", []),
        ("Анна Седова без собаки", []),
        ("@Глеб  Орлов", ["Глеб Орлов"]),
        ("(@Вера Морозова)", ["Вера Морозова"]),
    ],
)
def test_who_is_meant(world, text, names):
    make_member(world, "kramer", "seller", None, "Анна Седова-Крамер")
    assert sorted(member.name for member in mentioned_in(text)) == sorted(names)


def test_a_text_without_the_sign_asks_nobody(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert mentioned_in("Позвонить Анне") == []


def test_namesakes_are_all_meant_and_the_one_who_left_is_not(world):
    make_member(world, "second", "seller", None, "Борис Ильин")
    gone = make_member(world, "gone", "seller", None, "Пётр Гусев")
    gone.status = "former"
    gone.save()
    assert len(mentioned_in("@Борис Ильин и @Пётр Гусев")) == 2


def test_whoever_sees_the_card_is_told_once(world, company):
    note = add_note(
        actor=world.anna, subject=("company", company.pk), text="@Дина Крамер и @Вера Морозова, взгляните"
    )
    # Vera works in another team: the card is not hers to see.
    assert told() == [("Дина Крамер", f"company:{company.pk}")]
    assert "Анна Седова" in Notice.objects.get(kind="mention").text
    edit_note(note, actor=world.anna, text="@Дина Крамер, взгляните ещё раз")
    assert len(told()) == 1
    edit_note(note, actor=world.anna, text="@Глеб Орлов, взгляните")
    assert told()[1:] == [("Глеб Орлов", f"company:{company.pk}")]
    add_note(actor=world.anna, subject=("company", company.pk), text="@Анна Седова, не забудь")
    assert len(told()) == 2


def test_results_of_activities_mention_too(world, funnel, company):
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=company)
    kind = ActivityKind.objects.first()
    now = timezone.now()
    log_activity(
        actor=world.anna, kind=kind, done_at=now, result="@Дина Крамер: просят скидку",
        company=company,
    )  # fmt: skip
    assert told() == [("Дина Крамер", f"company:{company.pk}")]
    planned = plan_activity(actor=world.anna, kind=kind, due_at=now + dt.timedelta(days=1), deal=deal)
    complete_activity(planned, actor=world.anna, result="@Глеб Орлов @Вера Морозова", without_next=True)
    assert told()[1:] == [("Глеб Орлов", f"deal:{deal.pk}")]
    planned.refresh_from_db()
    edit_activity(planned, actor=world.anna, changes={"result": "@Глеб Орлов @Дина Крамер"})
    assert told()[2:] == [("Дина Крамер", f"deal:{deal.pk}")]


def test_only_names_of_colleagues_are_marked():
    assert highlighted("Звонил @Анна Седова!", ["Анна", "Анна Седова"]) == [
        ("Звонил ", False),
        ("@Анна Седова", True),
        ("!", False),
    ]
    assert highlighted("a@Анна и @Пётр", ["Анна"]) == [("a@Анна и @Пётр", False)]


def test_the_author_is_told_who_was_not(world, company, as_member):
    anna = as_member(world.anna)
    answer = anna.post(
        anna.w(f"/notes/company/{company.pk}/"),
        {"text": "@Вера Морозова и @Дина Крамер <b>"},
        headers={"HX-Request": "true"},
    )
    said = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert "Вера Морозова" in said
    assert "Дина Крамер" not in said
    page = anna.get(anna.w(f"/clients/{company.pk}/")).text
    assert '<span class="v-mention">@Вера Морозова</span>' in page
    assert "&lt;b&gt;" in page


def test_colleagues_are_offered_with_either_keyboard(world, as_member, stranger):
    anna = as_member(world.anna)

    def offered(text):
        return [one["text"] for one in anna.get(anna.w("/mentions/people/"), {"q": text}).json()["items"]]

    assert offered("бор") == offered(",jh") == ["Борис Ильин"]
    assert offered("мороз") == ["Вера Морозова"]
    assert "Анна Седова" not in offered("")
    assert offered("никто") == []
