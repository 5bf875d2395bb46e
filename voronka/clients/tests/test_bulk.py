"""The set verbs store exactly what the row verbs store: 500 rows both ways."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.world import World
from voronka.clients.actions import create_company, create_person, edit_company, edit_person
from voronka.clients.bulk import (
    CompanyRow,
    ContactRow,
    PersonRow,
    add_positions,
    import_companies,
    import_people,
    tag_companies,
    update_clients,
)
from voronka.clients.models import Company, Person, Position
from voronka.core import clock
from voronka.desk.models import SearchRow
from voronka.desk.tags import tag_named
from voronka.journal.models import Event

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
COUNT = 500


def told_of(model: Any, pks: list[int]) -> list[dict[str, Any]]:
    """The rows with their contacts and search rows, without what tells one of two equal rows from the other."""
    kind = model._meta.model_name
    found = {row.object_id: row for row in SearchRow.objects.filter(kind=kind, object_id__in=pks)}
    rows = []
    for row in model.objects.filter(pk__in=pks).order_by("pk").prefetch_related("contacts"):
        values = {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if f.name != "id"}
        values["contacts"] = sorted((c.kind, c.value, c.normal) for c in row.contacts.all())
        search = found[row.pk]
        values["search"] = (
            search.title,
            search.hint,
            search.text,
            search.owner_ids,
            search.team_ids,
            search.weight,
        )
        if model is Person:
            posts = Position.objects.filter(person=row).values_list(
                "company__name", "title", "kind", "is_main"
            )
            values["posts"] = sorted(posts)
        rows.append(values)
    return rows


def test_companies_by_row_and_by_set_are_the_same(world: World) -> None:
    facts = [
        {
            "name": f"ООО «Клиент {n:03}»",
            "inn": "7707083893" if n % 3 else "",
            "region": "77" if n % 2 else "",
            "site": f"client{n}.ru",
            "address": "Москва" if n % 5 else "",
            "legal_name": f"Общество «Клиент {n}»",
            "is_key": n % 7 == 0,
        }
        for n in range(COUNT)
    ]
    contacts = [
        [("phone", f"+7 495 100-{n // 100:02}-{n % 100:02}"), ("email", f"c{n}@client.ru")]
        for n in range(COUNT)
    ]
    with clock.frozen(NOW):
        one_by_one = [
            create_company(actor=world.anna, contacts=points, **each).pk
            for each, points in zip(facts, contacts, strict=True)
        ]
        before = Event.objects.count()
        rows = [
            CompanyRow(
                **each,
                owner_id=world.anna.pk,
                team_id=world.anna.team_id,
                phones=[points[0][1]],
                emails=[points[1][1]],
            )
            for each, points in zip(facts, contacts, strict=True)
        ]
        together = [company.pk for company in import_companies(rows, actor=world.anna)]
    assert Event.objects.count() == before + 1
    assert told_of(Company, one_by_one) == told_of(Company, together)


def test_people_by_row_and_by_set_are_the_same(world: World) -> None:
    with clock.frozen(NOW):
        company = create_company(actor=world.anna, name="Ромашка")
        one_by_one, rows = [], []
        for n in range(COUNT):
            facts: dict[str, Any] = {
                "birthday": dt.date(1980, 1, 1 + n % 28),
                "about": "Любит чай" if n % 2 else "",
            }
            post = "Директор" if n % 4 else ""
            phone = f"+7 916 200-{n // 100:02}-{n % 100:02}"
            place = company if n % 3 else None
            one_by_one.append(
                create_person(
                    actor=world.anna, name=f"Пётр Иванов {n}", company=place, title=post, contacts=[("phone", phone)],
                    **facts,
                ).pk
            )  # fmt: skip
            rows.append(
                PersonRow(
                    f"Пётр Иванов {n}", title=post, phones=[phone], owner_id=world.anna.pk,
                    team_id=world.anna.team_id, **facts,
                )
            )  # fmt: skip
        before = Event.objects.count()
        places = [company.pk if n % 3 else None for n in range(COUNT)]
        together = [p.pk for p in import_people(rows, actor=world.anna, company_ids=places)]
    assert Event.objects.count() == before + 1
    assert told_of(Person, one_by_one) == told_of(Person, together)


def test_changes_by_row_and_by_set_are_the_same(world: World) -> None:
    names = [f"Клиент {n:03}" for n in range(100)]
    with clock.frozen(NOW):
        first = [create_company(actor=world.anna, name=name) for name in names]
        second = [create_company(actor=world.anna, name=name) for name in names]
        person = create_person(actor=world.anna, name="Пётр")
        for company in first:
            edit_company(company, actor=world.anna, changes={"name": f"{company.name} плюс", "site": "x.ru"})
        edit_person(person, actor=world.anna, changes={"name": "Павел"})
        before = Event.objects.count()
        update_clients(
            actor=world.anna,
            companies={c.pk: {"name": f"{c.name} плюс", "site": "x.ru"} for c in second},
            people={person.pk: {"name": "Пётр"}},
        )
    assert Event.objects.count() == before + 1
    columns = ("name", "name_key", "site", "owner_id")
    assert list(Company.objects.filter(pk__in=[c.pk for c in first]).order_by("pk").values(*columns)) == list(
        Company.objects.filter(pk__in=[c.pk for c in second]).order_by("pk").values(*columns)
    )
    person.refresh_from_db()
    assert (person.name, person.name_key) == ("Пётр", "петр")


def test_what_a_client_has_is_not_added_again(world: World) -> None:
    company = create_company(actor=world.anna, name="Ромашка", contacts=[("phone", "+7 495 123-45-67")])
    person = create_person(actor=world.anna, name="Пётр", company=company)
    rows = [
        ContactRow("phone", text, company_id=company.pk) for text in ("8 (495) 123-45-67", "+7 495 765-43-21")
    ]
    assert (
        len(
            update_clients(
                actor=world.anna, contacts=[*rows, ContactRow("phone", "нет", company_id=company.pk)]
            )
        )
        == 1
    )
    assert update_clients(actor=world.anna, contacts=rows) == []
    assert add_positions([(person.pk, company.pk, "Директор")], actor=world.anna) == []
    tag = tag_named("опт")
    assert len(tag_companies([(company.pk, tag.pk), (company.pk, tag.pk)])) == 1
    assert tag_companies([(company.pk, tag.pk)]) == []
