"""A request with an Idempotency-Key does its work once."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from tests.world import World, make_book, make_world
from voronka.api import idempotency
from voronka.api.models import KeptAnswer
from voronka.api.tests.calling import Program
from voronka.core.tenancy import scope
from voronka.deals.models import Deal
from voronka.journal.models import Event


def body(funnel: Any, title: str = "Сделка") -> dict[str, Any]:
    return {"title": title, "funnel": funnel.pk}


def test_a_repeated_request_gets_the_same_answer_and_does_nothing(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)

    first = program.post("/deals/", body(funnel), Idempotency_Key="a-1")
    again = program.post("/deals/", body(funnel), Idempotency_Key="a-1")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["ETag"] == again.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Deal.objects.count() == Event.objects.filter(type="deal.created").count() == 1


def test_another_body_or_address_under_the_same_key_is_told(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)
    program.post("/deals/", body(funnel), Idempotency_Key="a-1")

    other = program.post("/deals/", body(funnel, "Другая"), Idempotency_Key="a-1")
    elsewhere = program.post("/companies/", {"name": "Ромашка"}, Idempotency_Key="a-1")

    assert other.status_code == elsewhere.status_code == 422
    assert other.json()["type"] == "urn:voronka:problem:key-used"
    assert Deal.objects.count() == 1


def test_keys_of_different_tokens_do_not_meet(world: World, funnel: Any) -> None:
    for program in (Program.of(world.anna), Program.of(world.anna), Program.of(world.boris)):
        assert program.post("/deals/", body(funnel), Idempotency_Key="a-1").status_code == 201

    assert Deal.objects.count() == 3


def test_a_refused_request_may_be_mended_under_its_key(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)

    refused = program.post("/deals/", body(funnel, " "), Idempotency_Key="a-1")
    mended = program.post("/deals/", body(funnel), Idempotency_Key="a-1")

    assert refused.status_code == 422
    assert mended.status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 101])
def test_a_key_that_cannot_be_one_is_told(world: World, funnel: Any, key: str) -> None:
    assert Program.of(world.anna).post("/deals/", body(funnel), Idempotency_Key=key).status_code == 400
    assert not Deal.objects.exists()


def test_answers_are_kept_for_a_day(world: World, funnel: Any) -> None:
    program = Program.of(world.anna)
    program.post("/deals/", body(funnel), Idempotency_Key="a-1")
    program.post("/deals/", body(funnel), Idempotency_Key="a-2")
    KeptAnswer.objects.filter(key="a-1").update(created_at=timezone.now() - dt.timedelta(hours=25))

    assert program.post("/deals/", body(funnel), Idempotency_Key="a-1").status_code == 201
    assert Deal.objects.count() == 3
    KeptAnswer.objects.filter(key="a-1").update(created_at=timezone.now() - dt.timedelta(hours=25))
    idempotency.forget_old()
    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["a-2"]


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_deal() -> None:
    world = make_world()
    with scope(world.workspace):
        funnel = make_book(world)
    program = Program.of(world.anna)
    with scope(world.workspace), connection.cursor() as cursor:
        # Somebody else is at work with the key.
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"api:{program.token.pk}:a-1"])
    answers: list[Any] = []

    def ask() -> None:
        answers.append(Program(program.secret).post("/deals/", body(funnel), Idempotency_Key="a-1"))
        connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"api:{program.token.pk}:a-1"])

    assert [answer.status_code for answer in answers] == [409]
    assert answers[0].headers["Retry-After"] == "1"
    assert program.post("/deals/", body(funnel), Idempotency_Key="a-1").status_code == 201
    with scope(world.workspace):
        assert Deal.objects.count() == 1
