"""How pages answer htmx and how they answer everybody else."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django_htmx.middleware import HtmxDetails

from voronka.core.errors import Change, Conflict, Refused
from voronka.ui.htmx import done, refused, target, toast, trigger, wants_fragment


def request(**headers: str) -> Any:
    made = RequestFactory().get(
        "/", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    made.htmx = HtmxDetails(made)
    made.session = {}  # type: ignore[assignment]
    made._messages = FallbackStorage(made)
    made.workspace = None
    return made


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HX_Request": "true"}, True),
        ({"HX_Request": "true", "HX_Boosted": "true"}, False),
        ({"HX_Request": "true", "HX_History_Restore_Request": "true"}, False),
    ],
)
def test_only_plain_htmx_requests_get_fragments(headers: dict[str, str], expected: bool) -> None:
    assert wants_fragment(request(**headers)) is expected


def test_target_is_empty_for_whole_pages() -> None:
    assert target(request(HX_Request="true", HX_Target="panel")) == "panel"
    assert target(request(HX_Request="true", HX_Boosted="true", HX_Target="panel")) == ""


def test_toast_keeps_earlier_events_and_is_ascii() -> None:
    response = toast(trigger(HttpResponse(), "refresh"), "Сделка выиграна", undo_url="/undo/")

    header = response.headers["HX-Trigger"]
    assert header.isascii()
    assert json.loads(header) == {
        "refresh": True,
        "toast": {"text": "Сделка выиграна", "undo": "/undo/", "level": "success"},
    }


def test_done_closes_the_dialog_and_refreshes_lists_for_htmx() -> None:
    response = done(request(HX_Request="true"), "Saved", redirect="/deals/", undo_url="/undo/")

    assert response.status_code == 204
    assert set(json.loads(response.headers["HX-Trigger"])) == {"dialog:close", "refresh", "toast"}
    assert "HX-Redirect" not in response.headers


def test_done_offers_to_open_what_was_made_where_one_stays() -> None:
    made = done(request(HX_Request="true"), "Created", redirect="/deals/1/", opens=True)
    moved = done(request(HX_Request="true"), "Moved", redirect="/deals/1/")

    assert json.loads(made.headers["HX-Trigger"])["toast"]["open"] == "/deals/1/"
    assert "open" not in json.loads(moved.headers["HX-Trigger"])["toast"]


def test_done_moves_on_with_the_toast_as_a_message() -> None:
    asked = request(HX_Request="true")

    response = done(asked, "Created", redirect="/deals/1/", go=True)

    assert response.headers["HX-Redirect"] == "/deals/1/"
    assert [str(message) for message in get_messages(asked)] == ["Created"]


def test_done_redirects_without_scripts() -> None:
    asked = request()

    response = done(asked, "Saved", redirect="/deals/", undo_url="/undo/")

    assert (response.status_code, response.headers["Location"]) == (302, "/deals/")
    (message,) = get_messages(asked)
    assert message.extra_tags == "/undo/"


def test_refusal_is_a_sentence_for_htmx_and_a_page_for_others() -> None:
    fragment = refused(request(HX_Request="true"), Refused("Сначала впишите сумму."))
    assert fragment.status_code == 409
    assert fragment.headers["X-Refused"] == "1"
    assert "Сначала впишите сумму." in fragment.content.decode()
    assert "<html" not in fragment.content.decode()


def test_conflict_tells_what_happened_and_gives_the_form_its_new_basis() -> None:
    changes = [
        Change("amount", was="100", theirs=Decimal("1200.50"), yours="300"),
        Change("close", was="", theirs=dt.date(2026, 12, 9), yours=None),
    ]

    with translation.override("ru"):
        text = refused(request(HX_Request="true"), Conflict("Изменили раньше вас.", changes)).content.decode()

    assert "Изменили раньше вас." in text
    assert 'data-now="amount" data-value="1200.50"' in text, "as a hidden field carries it, not «1200,50»"
    assert 'data-now="close" data-value="2026-12-09"' in text


def test_what_was_typed_is_escaped_in_a_refusal() -> None:
    text = refused(request(HX_Request="true"), Refused("<script>alert(1)</script>")).content.decode()

    assert "<script>" not in text
