"""Lists on the screen: the state in the address, cells, dialogs, views, bulk actions, files; for whom they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.core.tenancy import scope
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.jobs import run_list_job
from voronka.desk.lists.models import ListJob, ListLayout, SavedView
from voronka.journal.models import Event

HTMX = {"HTTP_HX_REQUEST": "true"}
LISTS = {"deal": "/deals/table/", "company": "/clients/", "person": "/people/", "activity": "/activities/"}


@pytest.fixture
def deals(world: World, funnel: Any) -> list[Deal]:
    return [
        create_deal(actor=owner, title=title, funnel=funnel, amount=Decimal(amount))
        for owner, title, amount in [
            (world.anna, "кран", 100),
            (world.anna, "мост", 300),
            (world.boris, "порт", 200),
        ]
    ]


@pytest.fixture
def head(world: World, as_member: Callable) -> Client:
    return as_member(world.head)


def titles(browser: Client, **params: Any) -> list[str]:
    response = browser.get(browser.w("/deals/table/"), params)
    assert response.status_code == 200
    return [deal.title for deal in response.context["found"]]


def where(*conditions: Any) -> str:
    return json.dumps(list(conditions))


def test_the_address_says_everything(head: Client, deals: list[Deal]) -> None:
    assert set(titles(head)) == {"кран", "мост", "порт"}
    assert titles(head, sort="-amount") == ["мост", "порт", "кран"]
    assert titles(head, sort="owner,-amount") == ["мост", "кран", "порт"]
    assert titles(head, where=where(["amount", "ge", "200"]), sort="amount") == ["порт", "мост"]
    assert titles(
        head, where=where(["or", ["amount", "le", "100"], ["title", "is", "порт"]]), sort="amount"
    ) == ["кран", "порт"]
    assert titles(head, q="мос") == ["мост"]
    # Words to find leave the view's conditions standing.
    assert titles(head, view="open", q="мос") == ["мост"]
    assert titles(head, view="won", q="мос") == []
    assert titles(head, **{"f.owner": str(deals[2].owner_id)}) == ["порт"]
    assert titles(head, view="won") == []
    # What reports and cards write.
    assert titles(head, amount_from="250") == ["мост"]
    assert titles(head, outcome="won") == []


def test_me_in_a_sent_address_is_whoever_opens_it(
    world: World, deals: list[Deal], as_member: Callable, head: Client
) -> None:
    mine = where(["owner", "in", "me"])
    anna = as_member(world.anna)
    assert set(titles(anna, where=mine)) == {"кран", "мост"}
    assert titles(head, where=mine) == []


def test_a_hidden_field_is_nowhere(world: World, deals: list[Deal], as_member: Callable) -> None:
    role = world.roles["seller"]
    role.hidden_fields = {"deal": ["amount"]}
    role.save()
    browser = as_member(type(world.anna).objects.get(pk=world.anna.pk))
    page = browser.get(
        browser.w("/deals/table/"), {"where": where(["amount", "ge", "200"]), "sort": "-amount"}
    )
    # Neither column nor sum; the condition is left out with a word, the order falls back.
    assert {deal.title for deal in page.context["found"]} == {"кран", "мост"}
    assert "300\u00a0₽" not in page.text
    assert "v-list-dropped" in page.text
    assert browser.get(browser.w(f"/lists/deal/{deals[0].pk}/amount/")).status_code == 404
    assert browser.get(browser.w("/lists/deal/condition/?field=amount")).status_code == 404
    assert 'value="amount"' not in browser.get(browser.w("/lists/deal/columns/")).text


def test_a_value_that_is_none_is_told_at_its_field(head: Client) -> None:
    for field, op in (
        ("amount", "ge"),
        ("amount", "between"),
        ("expected_close", "after"),
        ("expected_close", "last"),
    ):
        row = head.get(head.w(f"/lists/deal/condition/?field={field}&op={op}"), **HTMX).text
        # The browser stops the form; lists.js puts the sentence at the field, where what was typed stays.
        assert row.count("data-bad=") == row.count('name="value"') > 0, (field, op)
        assert "data-cond-bad" in row


def test_too_many_conditions_are_told(head: Client, deals: list[Deal]) -> None:
    tree = [["amount", "ge", str(number)] for number in range(51)]
    response = head.get(head.w("/deals/table/"), {"where": json.dumps(tree)}, **HTMX)
    assert response.status_code == 409
    assert "50" in response.text


@pytest.mark.parametrize("code", LISTS)
def test_every_list_and_dialog_opens_whole_and_in_part(head: Client, deals: list[Deal], code: str) -> None:
    paths = [
        LISTS[code],
        *(f"/lists/{code}/{name}/" for name in ("filter", "columns", "views", "views/new", "export")),
    ]
    for path in [
        *paths,
        f"/lists/{code}/condition/?field=owner&op=in",
        f"/lists/{code}/bulk/assign/?ids=1,2",
    ]:
        whole, part = head.get(head.w(path)), head.get(head.w(path), **HTMX)
        assert whole.status_code == part.status_code == 200, path
        assert "<html" in whole.text, path
        assert "<html" not in part.text, path
        assert part.text.strip(), path
    assert head.get(head.w("/lists/nothing/filter/")).status_code == 404
    assert head.get(head.w(f"/lists/{code}/bulk/nothing/")).status_code == 404


@pytest.mark.parametrize("code", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "where=%5B%5B",
        "where=%00",
        "sort=drop,table",
        "after=zzz",
        "view=99999999999999999999",
        "f.owner=x&f.no=1",
        "where=[[[[[]]]]]",
    ],
)
def test_a_broken_address_still_answers(head: Client, deals: list[Deal], code: str, query: str) -> None:
    assert head.get(head.w(f"{LISTS[code]}?{query}")).status_code in (200, 409)


# -- cells


def test_a_value_is_changed_in_its_cell(head: Client, deals: list[Deal]) -> None:
    url = head.w(f"/lists/deal/{deals[0].pk}/amount/?columns=title,amount")
    assert 'name="was" value="100.00"' in head.get(url, **HTMX).text
    answer = head.post(url, {"value": "1 500,50", "was": "100.00"}, **HTMX)
    assert answer.status_code == 200
    assert answer.text.startswith("<tr")
    assert Deal.objects.get(pk=deals[0].pk).amount == Decimal("1500.50")
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert head.post(undo, **HTMX).status_code == 204
    assert Deal.objects.get(pk=deals[0].pk).amount == 100


def test_a_conflict_and_a_wrong_value_are_told_at_the_cell(head: Client, deals: list[Deal]) -> None:
    url = head.w(f"/lists/deal/{deals[0].pk}/amount/")
    for value, was in (("сколько-то", "100.00"), ("500", "77")):
        answer = head.post(url, {"value": value, "was": was}, **HTMX)
        assert answer.status_code == 409
        assert answer.headers["X-Refused"]
    assert Deal.objects.get(pk=deals[0].pk).amount == 100


def test_read_only_and_others_cells_are_forbidden(
    world: World, deals: list[Deal], as_member: Callable, head: Client
) -> None:
    role = world.roles["seller"]
    role.readonly_fields = {"deal": ["amount"]}
    role.save()
    anna = as_member(type(world.anna).objects.get(pk=world.anna.pk))
    assert anna.get(anna.w("/deals/table/")).text.count("is-editable") > 0
    assert anna.post(anna.w(f"/lists/deal/{deals[0].pk}/amount/"), {"value": "1"}).status_code == 403
    assert anna.post(anna.w(f"/lists/deal/{deals[2].pk}/title/"), {"value": "Х"}).status_code == 403
    assert anna.post(anna.w(f"/lists/deal/{deals[0].pk}/number/"), {"value": "1"}).status_code == 403
    assert head.post(head.w("/lists/deal/999999/title/"), {"value": "Х"}).status_code == 404


def test_another_workspace_has_no_such_rows(stranger: World, deals: list[Deal], as_member: Callable) -> None:
    with scope(stranger.workspace):
        browser = as_member(stranger.director)
        assert browser.post(browser.w(f"/lists/deal/{deals[0].pk}/title/"), {"value": "Х"}).status_code == 404
        answer = browser.post(browser.w("/lists/deal/bulk/delete/"), {"ids": str(deals[0].pk)}, **HTMX)
        assert answer.status_code == 409
        assert browser.get("/w/romashka/lists/deal/filter/").status_code == 404


# -- columns and views


def test_columns_are_chosen_and_kept_for_the_view(world: World, head: Client, deals: list[Deal]) -> None:
    head.post(
        head.w("/lists/deal/columns/"),
        {"column": ["title", "owner", "number"], "by": ["amount"], "way": ["down"]},
        **HTMX,
    )
    page = head.get(head.w("/deals/table/"))
    assert [head.field.name for head in page.context["heads"]] == ["title", "owner", "number"]
    head.post(
        head.w("/lists/deal/layout/"),
        {"view": "open", "columns": "title,number,owner", "widths": '{"number": 99}'},
    )
    page = head.get(head.w("/deals/table/"))
    assert [(h.field.name, h.width) for h in page.context["heads"]][1] == ("number", 99)
    head.post(head.w("/lists/deal/columns/"), {"usual": "1"}, **HTMX)
    assert not ListLayout.objects.exists()


def test_a_view_is_saved_from_the_screen_and_overwritten(
    world: World, head: Client, deals: list[Deal]
) -> None:
    query = f"where={where(['amount', 'ge', '200'])}&sort=-amount"
    head.post(head.w(f"/lists/deal/views/new/?{query}"), {"name": "Крупные", "pinned": "1"}, **HTMX)
    view = SavedView.objects.get()
    assert titles(head, view=view.code) == ["мост", "порт"]
    page = head.get(head.w("/deals/table/"), {"view": view.code})
    assert not page.context["state"].is_changed
    changed = head.get(head.w("/deals/table/"), {"view": view.code, "where": where(["amount", "ge", "300"])})
    assert changed.context["state"].is_changed
    head.post(
        head.w(
            f"/lists/deal/views/{view.pk}/overwrite/?view={view.code}&where={where(['amount', 'ge', '300'])}"
        ),
        **HTMX,
    )
    assert titles(head, view=view.code) == ["мост"]
    head.post(head.w(f"/lists/deal/views/{view.pk}/delete/"), **HTMX)
    assert set(titles(head, view=view.code)) == {"кран", "мост", "порт"}


# -- many rows


def test_chosen_rows_and_everything_found(world: World, head: Client, deals: list[Deal]) -> None:
    url = head.w("/lists/deal/bulk/assign/")
    answer = head.post(url, {"ids": f"{deals[0].pk},{deals[1].pk}", "owner": world.boris.pk}, **HTMX)
    assert answer.status_code == 204
    assert set(Deal.objects.filter(owner=world.boris).values_list("title", flat=True)) == {
        "кран",
        "мост",
        "порт",
    }
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert head.post(undo, **HTMX).status_code == 204
    assert Deal.objects.filter(owner=world.anna).count() == 2
    query = f"?where={where(['amount', 'ge', '200'])}"
    head.post(url + query, {"all": "1", "owner": world.vera.pk}, **HTMX)
    assert set(Deal.objects.filter(owner=world.vera).values_list("title", flat=True)) == {"мост", "порт"}


def test_more_than_can_be_waited_for_is_a_job(
    world: World, head: Client, deals: list[Deal], monkeypatch: Any
) -> None:
    monkeypatch.setattr("voronka.desk.lists.bulk.AT_ONCE", 2)
    answer = head.post(head.w("/lists/deal/bulk/delete/"), {"all": "1"}, **HTMX)
    assert "progressbar" in answer.text
    job = ListJob.objects.get()
    assert job.status == "queued"
    run_list_job.func(workspace_id=world.workspace.pk, job=job.pk)
    assert Deal.objects.filter(outcome="deleted").count() == 3
    progress = head.get(head.w(f"/lists/jobs/{job.pk}/?part=progress"), **HTMX)
    assert "progressbar" not in progress.text
    # A second run of the same job changes nothing more.
    run_list_job.func(workspace_id=world.workspace.pk, job=job.pk)
    assert Event.objects.filter(type="deal.deleted").count() == 3


def test_an_export_is_a_file_for_whoever_asked(
    world: World, head: Client, deals: list[Deal], as_member: Callable, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    query = f"?where={where(['amount', 'ge', '200'])}&columns=title,amount"
    head.post(head.w(f"/lists/deal/export/{query}"), {"format": "csv"}, **HTMX)
    job = ListJob.objects.get()
    run_list_job.func(workspace_id=world.workspace.pk, job=job.pk)
    url = head.w(f"/lists/jobs/{job.pk}/file/")
    assert url in head.get(head.w(f"/lists/jobs/{job.pk}/")).text
    file = head.get(url)
    assert "attachment" in file.headers["Content-Disposition"]
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert sorted(line.split(";")[0] for line in text.splitlines()[1:]) == ["мост", "порт"]
    # Nobody else's, not even a director's; and no more once it has run out.
    director = as_member(world.director)
    assert director.get(director.w(f"/lists/jobs/{job.pk}/file/")).status_code == 403
    ListJob.objects.update(finished_at="2026-01-01T00:00:00Z")
    assert head.get(url).status_code == 404


def test_the_board_asks_the_same_conditions(head: Client, deals: list[Deal]) -> None:
    page = head.get(head.w("/deals/"), {"where": where(["amount", "ge", "200"])})
    assert page.status_code == 200
    # The menu has «на экране»: cards are told by their addresses.
    assert f"/deals/{deals[1].number}/" in page.text
    assert f"/deals/{deals[0].number}/" not in page.text
    dialog = head.get(
        head.w("/lists/deal/filter/"), {"to": "board", "where": where(["amount", "ge", "200"])}, **HTMX
    )
    assert 'action="/w/romashka/deals/"' in dialog.text


def test_changing_a_field_of_many_begins_with_one_that_many_share(head: Client, deals: list[Deal]) -> None:
    url = head.w(f"/lists/deal/bulk/set/?ids={deals[0].pk},{deals[1].pk}")
    page = head.get(url, **HTMX)
    assert page.context["field"].name in ("kind", "priority", "source", "expected_close")
    assert "title" not in {known.name for known in page.context["editable"]}
    # Only what may be empty can be emptied.
    assert "очистит" not in head.get(url + "&field=priority", **HTMX).text
    assert "очистит" in head.get(url + "&field=source", **HTMX).text
