"""How deals end, in the book's pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from voronka.core.tenancy import scope
from voronka.playbook.actions import add_part, add_status
from voronka.playbook.closing import rules_for, statuses_of
from voronka.playbook.models import ClosingRules, Criterion, Funnel

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(world: World, as_member: Any) -> Client:
    return as_member(world.admin)


def address(world: World, what: str) -> str:
    return f"/w/{world.workspace.slug}/book/{what}"


def test_a_status_is_added_with_a_criterion_and_read_by_everybody(
    world: World, admin: Client, as_member: Any, funnel: Funnel
) -> None:
    home = address(world, f"funnels/{funnel.pk}/closing/")
    assert admin.get(f"{home}won/new/", headers=HTMX).status_code == 200
    admin.post(f"{home}won/new/", {"name": "Оплачено", "about": "Деньги на счёте"}, headers=HTMX)
    [status] = statuses_of(funnel.pk, "won")
    form = address(world, f"closing/{status.pk}/criterion/")
    page = admin.get(form, headers=HTMX).content.decode()
    # Nothing of a stage can be asked of an ending.
    assert 'value="field_filled"' in page
    assert 'value="task_done"' not in page
    values = {"kind": "field_filled", "param_field": "deal:amount", "strictness": "refuse"}
    admin.post(form, values, headers=HTMX)
    row = Criterion.objects.get(closing=status)
    read = as_member(world.anna).get(home).content.decode()
    assert "Оплачено" in read
    assert "Деньги на счёте" in read
    assert "Сумма" in read
    assert "won/new/" not in read
    edit = address(world, f"parts/criterion/{row.pk}/")
    assert admin.get(edit, headers=HTMX).status_code == 200
    admin.post(edit, {**values, "strictness": "ask"}, headers=HTMX)
    assert Criterion.objects.get(pk=row.pk).strictness == "ask"
    admin.post(f"{edit}away/", headers=HTMX)
    assert Criterion.objects.get(pk=row.pk).archived_at is not None


def test_a_name_that_is_taken_comes_back_with_its_sentence(
    world: World, admin: Client, funnel: Funnel
) -> None:
    add_status(funnel, "lost", actor=world.admin, name="Отказ")
    home = address(world, f"funnels/{funnel.pk}/closing/")
    answer = admin.post(f"{home}lost/new/", {"name": "отказ"}, headers=HTMX)
    assert answer.status_code == 422
    assert "уже есть" in answer.content.decode()
    assert admin.get(f"{home}open/new/").status_code == 404


def test_rules_are_written_for_the_company_and_for_one_funnel(
    world: World, admin: Client, funnel: Funnel
) -> None:
    values = {"confirm_above": "500 000", "silent_days": "40"}
    admin.post(address(world, "rules/"), values, headers=HTMX)
    assert rules_for(funnel.pk).confirm_above == Decimal(500_000)
    own = address(world, f"funnels/{funnel.pk}/closing/rules/")
    assert "500" in admin.get(own, headers=HTMX).content.decode()
    admin.post(own, {"confirm_attempts": "3"}, headers=HTMX)
    assert (rules_for(funnel.pk).confirm_attempts, rules_for(funnel.pk).confirm_above) == (3, None)
    bad = admin.post(own, {"silent_days": "9999"}, headers=HTMX)
    assert bad.status_code == 422
    admin.post(f"{own}drop/", headers=HTMX)
    assert ClosingRules.objects.count() == 1


def test_a_funnel_of_another_company_is_not_there(
    world: World, as_member: Any, funnel: Funnel, stranger: World
) -> None:
    with scope(stranger.workspace):
        client: Client = as_member(stranger.admin)
    assert client.get(f"/w/{stranger.slug}/book/funnels/{funnel.pk}/closing/").status_code == 404
    seller: Client = as_member(world.anna)
    assert seller.post(address(world, f"funnels/{funnel.pk}/closing/won/new/")).status_code == 403


def test_the_page_asks_as_much_for_many_statuses_as_for_few(
    world: World, admin: Client, funnel: Funnel, django_assert_max_num_queries: Any
) -> None:
    home = address(world, f"funnels/{funnel.pk}/closing/")

    def count() -> int:
        with django_assert_max_num_queries(60) as queries:
            assert admin.get(home, headers=HTMX).status_code == 200
        return len(queries)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            status = add_status(funnel, "won", actor=world.admin, name=f"Статус {number}")
            add_part(
                Criterion, status, actor=world.admin, kind="field_filled", params={"field": "deal:amount"}
            )

    fill(0, 1)
    count()
    few = count()
    fill(1, 12)
    assert count() == few
