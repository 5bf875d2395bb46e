"""A form sent twice does its work once."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from voronka.core.errors import Refused
from voronka.ui.once import once


class Person:
    """Whoever is signed in."""

    def __init__(self, pk: int) -> None:
        self.pk = pk


@pytest.fixture
def calls() -> list[str]:
    return []


pytestmark = pytest.mark.django_db


def post(token: str = "t1", person: int = 1, path: str = "/deals/new/") -> HttpRequest:
    request = RequestFactory().post(path, {"once": token})
    request.user = Person(person)  # type: ignore[assignment]
    return request


def test_second_request_gets_the_answer_of_the_first(calls: list[str]) -> None:
    @once
    def view(request: HttpRequest) -> HttpResponse:
        calls.append("made")
        return HttpResponse(status=204, headers={"HX-Trigger": f'{{"n": {len(calls)}}}'})

    first, second = view(post()), view(post())

    assert calls == ["made"]
    assert (second.status_code, second.headers["HX-Trigger"]) == (204, first.headers["HX-Trigger"])


def test_another_token_person_or_form_is_another_deed(calls: list[str]) -> None:
    @once
    def view(request: HttpRequest) -> HttpResponse:
        calls.append("made")
        return HttpResponse()

    for request in (post(), post("t2"), post(person=2), post(path="/clients/new/"), post("")):
        view(request)
    view(post(""))

    assert len(calls) == 6


@pytest.mark.parametrize("failure", [Refused("нет"), RuntimeError()])
def test_what_failed_may_be_sent_again(calls: list[str], failure: Exception) -> None:
    @once
    def view(request: HttpRequest) -> HttpResponse:
        calls.append("tried")
        if len(calls) == 1:
            raise failure
        return HttpResponse("made")

    with pytest.raises(type(failure)):
        view(post())

    assert view(post()).content == b"made"


def test_form_with_errors_may_be_sent_again(calls: list[str]) -> None:
    @once
    def view(request: HttpRequest) -> HttpResponse:
        calls.append("tried")
        return HttpResponse(status=422 if len(calls) == 1 else 200)

    assert view(post()).status_code == 422
    assert view(post()).status_code == 200


def test_while_the_first_is_at_work_the_second_is_told_so(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voronka.ui.once._PATIENCE_SECONDS", 0.0)

    @once
    def inner(request: HttpRequest) -> HttpResponse:
        calls.append("twice")
        return HttpResponse()

    @once
    def view(request: HttpRequest) -> HttpResponse:
        calls.append("made")
        again = post()
        again.workspace = None
        again.session = {}  # type: ignore[assignment]
        assert inner(again).status_code == 409
        return HttpResponse("done")

    assert view(post()).content == b"done"
    assert calls == ["made"]
