"""Programs that change the same thing at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from tests.world import make_book, make_company, make_world
from voronka.api.tests.calling import Program
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.journal.models import Event


def at_once(*asks: Any) -> list[Any]:
    """Answers of all *asks*, made in threads that wait for each other."""
    gate = threading.Barrier(len(asks))
    answers: list[Any] = []

    def run(ask: Any) -> None:
        gate.wait(20)
        try:
            answers.append(ask())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_to_one_version_one_is_made() -> None:
    world = make_world()
    with scope(world.workspace):
        deal = create_deal(
            actor=world.anna, title="Стеллажи", funnel=make_book(world), company=make_company(world.anna)
        )
    programs = [Program.of(world.anna) for _number in range(4)]

    answers = at_once(
        *[
            lambda program=program, n=n: program.patch(
                f"/deals/{deal.pk}/", {"title": f"Правка {n}"}, If_Match=f'"{deal.version}"'
            )
            for n, program in enumerate(programs)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    won = next(answer for answer in answers if answer.status_code == 200)
    with scope(world.workspace):
        assert Deal.objects.get().title == won.json()["title"]
        assert Event.objects.filter(type="deal.edited").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_for_requests_at_one_moment(settings: Any) -> None:
    settings.API_PER_MINUTE = 3
    world = make_world()
    secret = Program.of(world.anna).secret

    answers = at_once(*[lambda: Program(secret).get("/me/") for _number in range(6)])

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429, 429]
