"""Two clients become one with everything on their cards, and two again. Stands here: the topmost room that moves."""

from __future__ import annotations

import datetime as dt
import random
import threading
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from tests.world import make_company, make_person
from voronka.activities.actions import log_activity, plan_activity
from voronka.clients.actions import (
    add_account,
    add_contact,
    add_position,
    create_company,
    create_person,
    delete_company,
    dismiss_pair,
    edit_company,
    edit_contact,
    merge_companies,
    merge_people,
    restore_company,
    tag_company,
)
from voronka.clients.merging.movers import movers_of
from voronka.clients.models import Company, ContactPoint, DuplicatePair, Person, Position
from voronka.core.errors import Forbidden, Refused
from voronka.core.tenancy import WorkspaceModel, scope
from voronka.deals.actions import add_participant, assign_deal, create_deal, win_deal
from voronka.deals.models import Deal, DealParticipant, DealState
from voronka.desk.models import ExternalRef, Favourite, Note, OpenedCard, SearchRow
from voronka.desk.notes import add_note
from voronka.desk.search import search
from voronka.journal.actions import undo
from voronka.journal.models import Event, EventSubject
from voronka.journal.sentences import tell
from voronka.playbook.models import ActivityKind
from voronka.workspaces.viewer import viewing

# Written by the log about the merge itself, or counted by every save.
OF_THE_LOG = {"journal.Event", "journal.EventSubject", "procrastinate"}
COUNTED = {"version", "updated_at"}
# Named by id and not to be moved: search rows are written anew, what an import overwrote was in that very row, who
# looks at a card looks for a minute.
OF_THE_ROW = {"desk.SearchRow", "desk.ImportChange", "desk.Viewing"}


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of the workspace, but for the log of events after the first that is asked for."""
    found = {}
    for model in apps.get_models():
        if not issubclass(model, WorkspaceModel) or model._meta.label in OF_THE_LOG:
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in COUNTED]
        found[model._meta.label] = sorted(model.objects.values(*names), key=lambda row: str(row["id"]))
    # Search rows are written anew: their ids tell nothing.
    for row in found["desk.SearchRow"]:
        row.pop("id")
    found["desk.SearchRow"].sort(key=lambda row: (row["kind"], row["object_id"]))
    return found


def feed_of(kind: str, pk: int) -> set[int]:
    return set(EventSubject.objects.filter(kind=kind, object_id=pk).values_list("event_id", flat=True))


def furnished(world: Any, funnel: Any, dice: random.Random, name: str, shared: list[Person]) -> Company:
    """A client with a random lot of everything; some people work in both."""
    boss = world.admin
    company = create_company(actor=boss, name=name, owner=dice.choice([world.anna, world.vera]))
    for kind, value in (("phone", "+7916000000{}"), ("email", "m{}@romashka.ru"), ("messenger", "@m{}")):
        for number in dice.sample(range(4), dice.randint(0, 3)):
            add_contact(company, actor=boss, kind=kind, value=value.format(number), label=dice.choice("АБ "))
    for number in dice.sample(range(3), dice.randint(0, 2)):
        add_account(company, actor=boss, account=f"4070281013825012301{number}", bic="044525225")
    for tag in dice.sample(["срочно", "важно", "опт"], dice.randint(0, 3)):
        tag_company(company, actor=boss, name=tag)
    people = [person for person in shared if dice.random() < 0.6]
    for person in people:
        add_position(person, actor=boss, company=company, title=dice.choice(["", "Закупки"]))
    for number in range(dice.randint(0, 2)):
        people.append(create_person(actor=boss, name=f"Лицо {name} {number}", company=company))
    for number in range(dice.randint(0, 3)):
        contact = dice.choice(people) if people and dice.random() < 0.7 else None
        deal = create_deal(
            actor=boss, title=f"Сделка {number}", funnel=funnel, company=company, person=contact,
            owner=dice.choice([world.anna, world.boris]),
        )  # fmt: skip
        for person in people[:2]:
            add_participant(deal, actor=boss, person=person, kind=dice.choice(["", "user"]))
        if dice.random() < 0.3:
            win_deal(deal, actor=boss)
    for _number in range(dice.randint(0, 4)):
        place: dict[str, Any] = {"company": company, "person": dice.choice(people) if people else None}
        some = Deal.objects.filter(company=company).order_by("?").first() if dice.random() < 0.5 else None
        if some is not None:
            place = {"deal": some}
        kind = ActivityKind.objects.order_by("?").first()
        when = timezone.now() + dt.timedelta(hours=dice.randint(1, 99))
        if dice.random() < 0.5:
            plan_activity(actor=boss, kind=kind, due_at=when, **place)
        else:
            log_activity(
                actor=boss,
                kind=kind,
                done_at=when - dt.timedelta(days=9),
                result="Ок",
                without_next=True,
                **place,
            )
    add_note(actor=boss, subject=("company", company.pk), text="Заметка", pin=dice.random() < 0.5)
    ExternalRef.objects.create(source="amo", kind="company", external_id=name, object_id=company.pk)
    for member in dice.sample([world.anna, world.vera, boss], dice.randint(0, 3)):
        Favourite.objects.create(member=member, kind="company", object_id=company.pk)
        OpenedCard.objects.create(member=member, kind="company", object_id=company.pk)
    edit_company(company, actor=boss, changes={"inn": dice.choice(["", "7707083893"]), "site": name})
    return Company.objects.get(pk=company.pk)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_and_undo_brings_back_everything(world, funnel, seed):
    dice = random.Random(seed)
    shared = [create_person(actor=world.admin, name=f"Общее лицо {number}") for number in range(3)]
    one = furnished(world, funnel, dice, "Ромашка", shared)
    two = furnished(world, funnel, dice, "Ромашка плюс", shared)
    before = everything()
    feeds = {pk: feed_of("company", pk) for pk in (one.pk, two.pk)}
    contacts = set(ContactPoint.objects.filter(company__isnull=False).values_list("normal", flat=True))
    people = set(Position.objects.values_list("person", flat=True))
    states = list(DealState.objects.order_by("pk").values())

    merge_companies(two, one, actor=world.admin, take=["name", "inn", "owner"])

    one.refresh_from_db()
    two.refresh_from_db()
    assert (two.merged_into, one.name, one.inn, one.owner) == (one, two.name, two.inn, two.owner)
    # Everything that could be found on either card is on the one that stays.
    assert set(one.contacts.values_list("normal", flat=True)) == contacts
    assert set(one.positions.values_list("person", flat=True)) == people
    assert not Deal.objects.filter(company=two).exists()
    assert not two.activities.exists()
    assert Note.objects.filter(subject_kind="company", subject_id=one.pk).count() == 2
    assert ExternalRef.objects.filter(kind="company", object_id=one.pk).count() == 2
    assert feeds[one.pk] | feeds[two.pk] <= feed_of("company", one.pk)
    for label, rows in before.items():
        if label != "desk.SearchRow":
            assert len(everything()[label]) == len(rows), label
    assert list(DealState.objects.order_by("pk").values()) == states
    # The summaries are those of both together, and the nightly recount finds nothing to mend.
    from voronka.activities.summaries import recount

    assert recount() == {"deal": 0, "company": 0, "person": 0}
    assert not SearchRow.objects.filter(kind="company", object_id=two.pk).exists()

    undo(Event.objects.get(type="company.merged"), actor=world.admin)
    after = everything()
    for label in before:
        assert after[label] == before[label], label
    assert feed_of("company", one.pk) >= feeds[one.pk]
    assert feeds[two.pk] <= feed_of("company", two.pk)
    assert not (feeds[two.pk] - feeds[one.pk]) & feed_of("company", one.pk)


@pytest.mark.parametrize("seed", range(4))
def test_people_become_one_and_two_again(world, funnel, seed):
    dice = random.Random(seed)
    shared = [create_person(actor=world.admin, name=f"Игорь Белов {number}") for number in range(2)]
    furnished(world, funnel, dice, "Ромашка", shared)
    furnished(world, funnel, dice, "Лютик", shared)
    one, two = shared
    add_contact(two, actor=world.admin, kind="email", value="belov@lutik.ru")
    before = everything()
    companies = set(Position.objects.filter(person__in=shared).values_list("company", flat=True))
    deals = set(Deal.objects.filter(person__in=shared).values_list("pk", flat=True))
    parts = set(DealParticipant.objects.filter(person__in=shared).values_list("deal", flat=True))

    merge_people(two, one, actor=world.admin)

    assert set(Position.objects.filter(person=one).values_list("company", flat=True)) == companies
    assert Position.objects.filter(person=one, is_main=True).count() <= 1
    assert set(Deal.objects.filter(person=one).values_list("pk", flat=True)) == deals
    assert set(DealParticipant.objects.filter(person=one).values_list("deal", flat=True)) == parts
    assert one.contacts.filter(normal="belov@lutik.ru").exists()
    undo(Event.objects.get(type="person.merged"), actor=world.admin)
    after = everything()
    for label in before:
        assert after[label] == before[label], label


def test_every_link_to_a_client_is_declared():
    """A new table that names a client must say how its rows move, or they would stay on a card that nobody sees."""
    declared = {
        (mover.model, mover.column)
        for kind in ("company", "person")
        for mover in movers_of(kind)
        if hasattr(mover, "model")
    }
    # The alias itself.
    declared |= {(Company, "merged_into_id"), (Person, "merged_into_id")}
    missing = []
    for model in apps.get_models():
        if not issubclass(model, WorkspaceModel):
            continue
        for field in model._meta.concrete_fields:
            points = isinstance(field, models.ForeignKey) and field.related_model in (Company, Person)
            named = field.name in ("object_id", "subject_id") and model._meta.label not in OF_THE_ROW
            if (points or named) and (model, field.attname) not in declared:
                missing.append(f"{model._meta.label}.{field.attname}")
    assert missing == []


def test_what_was_chosen_is_told_and_what_was_left_too(world):
    one = create_company(actor=world.anna, name="Ромашка", inn="7707083893")
    two = create_company(actor=world.anna, name="Ромашка 2", inn="7736050003", site="romashka.ru")
    merge_companies(two, one, actor=world.admin, take=["site"])
    told = tell(Event.objects.get(type="company.merged"))
    assert "Ромашка 2" in told.sentence
    assert "romashka.ru" in told.body
    assert "7736050003" in told.body
    assert tell(Event.objects.get(type="company.merged")).undoable


def test_rights_to_both_are_needed(world):
    one, two = make_company(world.anna, "Ромашка"), make_company(world.vera, "Ромашка")
    mine = make_company(world.anna, "Ромашка 3")
    for actor, loser, into in (
        (world.anna, mine, one),  # a seller deletes no clients
        (world.north_head, two, one),
        (world.north_head, one, two),
    ):
        with pytest.raises(Forbidden):
            merge_companies(loser, into, actor=actor)
    with pytest.raises(Refused):
        merge_companies(one, one, actor=world.admin)
    assert not Event.objects.filter(type="company.merged").exists()
    merge_companies(mine, one, actor=world.north_head)
    people = make_person(one, "Игорь"), make_person(one, "Игорь Б.")
    merge_people(*people, actor=world.anna)


def test_a_card_that_went_is_not_merged_again_nor_restored_nor_written_to(world, funnel):
    one, two, three = (create_company(actor=world.anna, name=f"Ромашка {n}") for n in range(3))
    merge_companies(two, one, actor=world.admin)
    for loser, into in ((one, two), (two, three), (three, two)):
        with pytest.raises(Refused):
            merge_companies(loser, into, actor=world.admin)
    with pytest.raises(Refused):
        restore_company(two, actor=world.admin)
    with pytest.raises(Refused, match="Ромашка 0"):
        edit_company(two, actor=world.anna, changes={"name": "Х"})
    # A form that was open meanwhile still holds the old card.
    with pytest.raises(Refused):
        create_deal(actor=world.admin, title="Сделка", funnel=funnel, company=two)
    with pytest.raises(Refused):
        plan_activity(
            actor=world.admin, kind=ActivityKind.objects.first(), due_at=timezone.now(), company=two
        )
    assert not Deal.objects.exists()
    # What had been done to the card that went cannot be undone behind the merge's back.
    with pytest.raises(Refused):
        undo(Event.objects.filter(type="company.created").order_by("pk")[1], actor=world.anna)
    merge_companies(one, three, actor=world.admin)
    with pytest.raises(Refused):
        undo(Event.objects.filter(type="company.merged").earliest("pk"), actor=world.admin)
    undo(Event.objects.filter(type="company.merged").latest("pk"), actor=world.admin)
    undo(Event.objects.filter(type="company.merged").earliest("pk"), actor=world.admin)
    assert Company.objects.present().count() == 3


def test_a_choice_made_from_old_cards_is_refused(world):
    one, two = (create_company(actor=world.anna, name=f"Ромашка {n}") for n in range(2))
    seen = {one.pk: one.version, two.pk: two.version}
    edit_company(two, actor=world.anna, changes={"name": "Лютик"})
    with pytest.raises(Refused):
        merge_companies(two, one, actor=world.admin, seen=seen)
    assert Company.objects.present().count() == 2


def test_what_was_built_on_a_merge_stands_in_the_way_of_undoing_it(world, funnel):
    one, two = (create_company(actor=world.anna, name=f"Ромашка {n}") for n in range(2))
    contact = add_contact(two, actor=world.anna, kind="phone", value="+79161234567")
    deal = create_deal(actor=world.anna, title="Сделка", funnel=funnel, company=two)
    merge_companies(two, one, actor=world.admin, take=["name"])
    event = Event.objects.get(type="company.merged")
    # What does not touch the cards is not in the way; a changed name is.
    assign_deal(Deal.objects.get(pk=deal.pk), actor=world.admin, owner=world.boris)
    edit_contact(ContactPoint.objects.get(pk=contact.pk), actor=world.anna, changes={"label": "склад"})
    edit_company(one, actor=world.anna, changes={"name": "Лютик"})
    with pytest.raises(Refused):
        undo(event, actor=world.admin)
    edit_company(one, actor=world.anna, changes={"name": "Ромашка 1"})
    ContactPoint.objects.filter(pk=contact.pk).delete()
    with pytest.raises(Refused):
        undo(event, actor=world.admin)
    two.refresh_from_db()
    assert two.merged_into == one
    assert Deal.objects.get(pk=deal.pk).company == one


def test_the_search_finds_the_one_that_stays_by_the_words_of_both(world, funnel):
    one = create_company(actor=world.anna, name="Ромашка")
    two = create_company(actor=world.anna, name="Одуванчик")
    add_contact(two, actor=world.anna, kind="phone", value="+79161234567")
    deal = create_deal(actor=world.anna, title="Стеллажи", funnel=funnel, company=two)
    merge_companies(two, one, actor=world.admin)
    assert [hit.object_id for hit in search(world.anna, "9161234567").hits] == [one.pk]
    assert not search(world.anna, "одуванчик").hits
    assert "Ромашка" in SearchRow.objects.get(kind="deal", object_id=deal.pk).hint
    undo(Event.objects.get(type="company.merged"), actor=world.admin)
    assert [hit.object_id for hit in search(world.anna, "одуванчик", kinds=["company"]).hits] == [two.pk]


def test_a_pair_said_to_be_two_is_remembered(world):
    one, two = (create_company(actor=world.anna, name="Ромашка") for _n in range(2))
    with pytest.raises(Forbidden):
        dismiss_pair("company", one.pk, two.pk, actor=world.boris)
    dismiss_pair("company", two.pk, one.pk, actor=world.anna)
    dismiss_pair("company", one.pk, two.pk, actor=world.anna)
    pair = DuplicatePair.objects.get()
    assert (pair.first_id, pair.second_id, pair.dismissed_by) == (one.pk, two.pk, world.anna)
    event = Event.objects.get(type="pair.dismissed")
    undo(event, actor=world.anna)
    assert not DuplicatePair.objects.exists()
    delete_company(two, actor=world.admin)
    with pytest.raises(Refused):
        dismiss_pair("company", one.pk, two.pk, actor=world.anna)


@pytest.mark.django_db(transaction=True)
def test_two_merges_crosswise_leave_one_card_and_one_refusal():
    from tests.world import make_world

    world = make_world()
    with scope(world.workspace):
        one, two = (create_company(actor=world.admin, name=f"Ромашка {n}") for n in range(2))
    barrier = threading.Barrier(2)
    results: list[str] = []

    def run(loser: Company, into: Company) -> None:
        try:
            with scope(world.workspace):
                barrier.wait(10)
                merge_companies(loser, into, actor=world.admin)
            results.append("merged")
        except Refused:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["merged", "refused"]
    with scope(world.workspace):
        assert Company.objects.present().count() == 1
        assert Event.objects.filter(type="company.merged").count() == 1


def test_hidden_and_read_only_fields_stay_so_when_cards_are_merged(world):
    one = create_company(actor=world.anna, name="Ромашка", inn="7707083893")
    two = create_company(actor=world.anna, name="Ромашка", inn="7736050003", site="romashka.ru")
    role = world.roles["head"]
    role.hidden_fields = {"client": ["inn"]}
    role.readonly_fields = {"client": ["site"]}
    role.save()
    head = type(world.head).objects.get(pk=world.head.pk)
    for field in ("inn", "site"):
        with pytest.raises(Forbidden):
            merge_companies(two, one, actor=head, take=[field])
    merge_companies(two, one, actor=head)
    event = Event.objects.get(type="company.merged")
    # The log keeps what was left behind; who may not see it is not told.
    assert "7736050003" in tell(event).body
    with viewing(head):
        assert "7736050003" not in tell(event).body
        assert "romashka.ru" in tell(event).body
