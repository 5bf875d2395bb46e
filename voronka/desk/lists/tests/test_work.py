"""Views, bulk actions and exports: the rule, the refusal, the event, the way back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.world import World, make_company
from voronka.core.errors import Forbidden, Refused
from voronka.deals.actions import create_deal, delete_deal, edit_deal, win_deal
from voronka.deals.models import Deal
from voronka.desk.lists import bulk, exporting, views
from voronka.desk.lists.conditions import Group, parse
from voronka.desk.lists.models import FirstView, ListJob, SavedView
from voronka.desk.lists.registry import get_listing
from voronka.journal.actions import undo
from voronka.journal.models import Event
from voronka.playbook.models import Reason


@pytest.fixture
def deals(world: World, funnel: Any) -> list[Deal]:
    return [
        create_deal(actor=owner, title=title, funnel=funnel, amount=Decimal(100))
        for owner, title in [(world.anna, "кран"), (world.boris, "мост"), (world.vera, "порт")]
    ]


def run(verb: str, actor: Any, rows: list[Deal], **params: Any) -> ListJob:
    listing = get_listing("deal")
    found = bulk.find_verb(listing, actor, verb)
    return bulk.run(bulk.ask(listing, found, actor=actor, ids=[row.pk for row in rows], params=params))


# -- bulk


def test_a_bulk_action_is_the_rows_verb_with_a_report(world: World, deals: list[Deal]) -> None:
    win_deal(deals[1], actor=world.head)
    stage = deals[0].funnel.stages.order_by("order")[2]
    job = run("move", world.north_head, deals, stage=stage.pk)
    assert (job.status, job.done, job.total) == ("done", 3, 3)
    # One moved; the closed one refuses in words; Vera's is out of the head's of the North reach.
    assert job.result["changed"] == 1
    assert job.result["refused"] == 2
    assert {(pk, name) for pk, name, _why in job.refusals} == {(deals[1].pk, "мост"), (deals[2].pk, "порт")}
    assert Deal.objects.get(pk=deals[0].pk).stage == stage
    assert Deal.objects.get(pk=deals[2].pk).stage == deals[2].stage
    parent = Event.objects.get(type="list.bulk_done")
    assert Event.objects.get(type="deal.moved").cause == parent
    assert parent.payload["rows"] == 3


def test_the_whole_is_taken_back_at_once(world: World, deals: list[Deal]) -> None:
    before = [deal.owner for deal in deals]
    job = run("assign", world.head, deals, owner=world.boris.pk)
    assert (job.result["changed"], job.result["same"]) == (2, 1)
    back = bulk.run(bulk.ask_undo(job, actor=world.head))
    assert back.result["changed"] == 2
    assert [Deal.objects.get(pk=deal.pk).owner for deal in deals] == before
    job.event.refresh_from_db()
    assert job.event.undone_by_id is not None
    with pytest.raises(Refused):
        bulk.ask_undo(job, actor=world.head)


def test_what_was_built_on_stays_and_is_told(world: World, deals: list[Deal]) -> None:
    job = run("set", world.head, deals, field="amount", value="500")
    edit_deal(Deal.objects.get(pk=deals[0].pk), actor=world.anna, changes={"amount": 900})
    back = bulk.run(bulk.ask_undo(job, actor=world.head))
    assert (back.result["changed"], back.result["refused"]) == (2, 1)
    assert back.refusals[0][1] == "кран"
    assert [Deal.objects.get(pk=deal.pk).amount for deal in deals] == [900, 100, 100]


def test_a_refused_value_changes_nothing(world: World, deals: list[Deal]) -> None:
    job = run("set", world.head, deals, field="title", value="")
    assert job.result["refused"] == 3
    assert not Event.objects.filter(type="deal.edited").exists()


def test_lose_tag_and_delete_go_through_their_verbs(world: World, deals: list[Deal]) -> None:
    reason = Reason.objects.filter(kind="lost").first()
    assert run("tag", world.head, deals, tag="new:срочно").result["changed"] == 3
    assert run("untag", world.head, deals[:1], tag=deals[1].tag_links.get().tag_id).result["changed"] == 1
    assert run("lose", world.head, deals[:2], reason=reason.pk, comment="дорого").result["changed"] == 2
    assert run("delete", world.head, deals[2:]).result["changed"] == 1
    assert run("restore", world.head, deals[2:]).result["changed"] == 1
    with pytest.raises(Refused):
        run("lose", world.head, deals, reason="")


def test_what_one_may_not_do_to_one_row_one_may_not_do_to_many(world: World, deals: list[Deal]) -> None:
    for verb in ("assign", "delete"):
        with pytest.raises(Forbidden):
            run(verb, world.anna, deals, owner=world.boris.pk)
    assert not ListJob.objects.exists()
    assert "delete" not in {verb.code for verb in bulk.verbs_for(get_listing("deal"), world.anna)}


def test_no_rows_and_too_many_are_refused(world: World, deals: list[Deal]) -> None:
    listing = get_listing("deal")
    verb = bulk.find_verb(listing, world.head, "delete")
    for ids in ([], list(range(1, bulk.MOST_ROWS + 2))):
        with pytest.raises(Refused):
            bulk.ask(listing, verb, actor=world.head, ids=ids, params={})


def test_a_second_worker_goes_on_where_the_first_died(
    world: World, deals: list[Deal], monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulk, "PORTION", 1)
    listing = get_listing("deal")
    job = bulk.ask(
        listing,
        bulk.find_verb(listing, world.head, "set"),
        actor=world.head,
        ids=[deal.pk for deal in deals],
        params={"field": "amount", "value": "7"},
    )
    job.done = 1
    job.save()
    bulk.run(job)
    assert [Deal.objects.get(pk=deal.pk).amount for deal in deals] == [100, 7, 7]
    assert job.done == 3


# -- exports


def test_the_file_holds_exactly_what_is_shown(
    world: World, deals: list[Deal], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    listing = get_listing("deal")
    Deal.objects.filter(pk=deals[0].pk).update(title="=1+1", amount=5, amount_base=5)
    delete_deal(Deal.objects.get(pk=deals[2].pk), actor=world.head)
    where = parse([["amount", "ge", "1"]], listing.fields_for(world.head)).where
    job = exporting.ask(
        listing, actor=world.head, where=where, sort="amount", columns=["title", "amount", "owner"]
    )
    assert exporting.run(job).status == "done"
    rows = CalamineWorkbook.from_path(job.file_path).get_sheet_by_index(0).to_python()
    head = next(index for index, row in enumerate(rows) if len([cell for cell in row if cell]) == 3)
    assert [[row[0], row[1]] for row in rows[head + 1 :]] == [["=1+1", 5.0], ["мост", 100.0]]
    event = Event.objects.get(type="list.exported")
    assert (event.payload["rows"], event.actor) == (2, world.head)
    assert "1" in event.payload["filter"]

    text = exporting.run(exporting.ask(listing, actor=world.head, where=where, columns=["title"], kind="csv"))
    with open(text.file_path, encoding="utf-8-sig") as file:
        lines = file.read().splitlines()
    assert "'=1+1" in lines


def test_export_is_a_right_and_its_reach_is_asked_anew(
    world: World, deals: list[Deal], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    listing = get_listing("deal")
    with pytest.raises(Forbidden):
        exporting.ask(listing, actor=world.anna, where=Group(), columns=["title"])
    job = exporting.run(exporting.ask(listing, actor=world.north_head, where=Group(), columns=["title"]))
    assert job.total == 2
    late = exporting.ask(listing, actor=world.north_head, where=Group(), columns=["title"])
    role = world.north_head.role
    role.rights = {**role.rights, "deal": {**role.rights["deal"], "export": 0}}
    role.save()
    late = ListJob.objects.get(pk=late.pk)
    assert exporting.run(late).status == "failed"
    assert not late.file_path
    assert Event.objects.filter(type="list.exported").count() == 1


def test_hidden_columns_are_not_exported_and_old_files_go(
    world: World, deals: list[Deal], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    world.head.role.hidden_fields = {"deal": ["amount"]}
    world.head.role.save()
    listing = get_listing("deal")
    job = exporting.run(
        exporting.ask(listing, actor=world.head, where=Group(), columns=["title", "amount"], kind="csv")
    )
    with open(job.file_path, encoding="utf-8-sig") as file:
        assert ";" not in file.readline()
    assert exporting.forget_old() == 0
    ListJob.objects.update(finished_at="2026-01-01T00:00:00Z")
    assert exporting.forget_old() == 1
    assert list(tmp_path.glob("exports/*")) == []


# -- views


def test_a_view_is_saved_changed_deleted_and_each_is_undone(world: World) -> None:
    listing = get_listing("deal")
    view = views.save_view(
        listing, actor=world.anna, name=" Крупные ", where='[["amount","ge","1000000"]]', columns=["title"]
    )
    assert view.name == "Крупные"
    views.change_view(view, actor=world.anna, name="Большие", is_pinned=False)
    undo(Event.objects.get(type="view.changed"), actor=world.anna)
    view.refresh_from_db()
    assert (view.name, view.is_pinned) == ("Крупные", True)
    views.delete_view(view, actor=world.anna)
    assert views.find_view(listing, world.anna, view.code) is None
    undo(Event.objects.get(type="view.deleted"), actor=world.anna)
    assert views.find_view(listing, world.anna, view.code) == view
    for name in ("", "х" * 81):
        with pytest.raises(Refused):
            views.save_view(listing, actor=world.anna, name=name)


def test_ones_own_view_is_nobody_elses_until_shared(world: World) -> None:
    listing = get_listing("deal")
    view = views.save_view(listing, actor=world.anna, name="Мои крупные")
    assert views.find_view(listing, world.boris, view.code) is None
    views.change_view(view, actor=world.anna, is_shared=True)
    assert views.find_view(listing, world.boris, view.code) == view
    with pytest.raises(Forbidden):
        views.change_view(view, actor=world.boris, name="Чужое")
    # Whoever configures the company minds what is shared.
    views.change_view(view, actor=world.admin, name="Крупные")
    assert SavedView.objects.get().name == "Крупные"


def test_a_list_opens_with_the_view_of_the_role(world: World) -> None:
    listing = get_listing("deal")
    assert views.first_view(listing, world.anna) == "open"
    own = views.save_view(listing, actor=world.admin, name="Своё")
    with pytest.raises(Refused):
        views.set_first_view(listing, actor=world.admin, role=world.anna.role, view=own.code, name="Своё")
    with pytest.raises(Forbidden):
        views.set_first_view(listing, actor=world.head, role=world.anna.role, view="mine", name="Мои")
    views.set_first_view(listing, actor=world.admin, role=world.anna.role, view="mine", name="Мои")
    assert views.first_view(listing, world.anna) == "mine"
    assert views.first_view(listing, world.head) == "open"
    undo(Event.objects.get(type="view.made_first"), actor=world.admin)
    assert not FirstView.objects.exists()


def test_layouts_keep_only_what_makes_sense(world: World) -> None:
    listing = get_listing("deal")
    layout = views.keep_layout(
        listing,
        actor=world.anna,
        view="open",
        columns=["title", "secret", "amount", "amount"],
        widths={"title": 9000, "amount": 3, "x": "wide", "y": True},
    )
    assert layout.columns == ["title", "amount"]
    assert layout.widths == {"title": 800, "amount": 60}


def test_clients_and_activities_take_bulk_actions_too(world: World, funnel: Any) -> None:
    from voronka.playbook.models import ActivityKind

    companies = [make_company(world.anna, f"ООО «{name}»") for name in "АБ"]
    listing = get_listing("company")
    plan = bulk.find_verb(listing, world.head, "plan")
    kind = ActivityKind.objects.first()
    job = bulk.run(
        bulk.ask(
            listing,
            plan,
            actor=world.head,
            ids=[company.pk for company in companies],
            params={"kind": str(kind.pk), "subject": "Позвонить", "day": "2030-05-05"},
        )
    )
    assert job.result["changed"] == 2
    planned = get_listing("activity").base()
    assert {row.owner for row in planned} == {world.anna}
    activities = get_listing("activity")
    put_off = bulk.run(
        bulk.ask(
            activities,
            bulk.find_verb(activities, world.head, "put_off"),
            actor=world.head,
            ids=[row.pk for row in planned],
            params={"day": "2030-06-06"},
        )
    )
    assert put_off.result["changed"] == 2
    bulk.run(bulk.ask_undo(job, actor=world.head))
