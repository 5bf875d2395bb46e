"""What is told while a client is being typed, and how access is asked for and given on the screen."""

from __future__ import annotations

import re

import pytest

from tests.world import make_company
from voronka.clients.models import AccessRequest, Company
from voronka.desk.models import Notice


def token_in(page: str) -> str:
    return re.search(r'"token": "([^"]+)"', page)[1]


@pytest.fixture
def hidden(world):
    return make_company(world.vera, "ООО «Тайна»", inn="7707083893")


def test_the_card_in_reach_is_linked_and_one_out_of_reach_is_not_named(world, hidden, as_member):
    own = make_company(world.anna, "ООО «Своя»", inn="7736050003")
    anna = as_member(world.anna)
    page = anna.get(anna.w("/clients/same/"), {"inn": "7736050003"}).content.decode()
    assert f"/clients/{own.pk}/" in page
    assert "Своя" in page
    page = anna.get(anna.w("/clients/same/"), {"field": "inn", "value": "7707083893"}).content.decode()
    assert "Вера Морозова" in page
    assert "Тайна" not in page
    assert f"/clients/{hidden.pk}/" not in page


def test_a_name_typed_into_a_field_of_choice_is_looked_for_too(world, as_member):
    make_company(world.anna, "ромашка")
    anna = as_member(world.anna)
    assert "ромашка" in anna.get(anna.w("/clients/same/"), {"company": "new:Ромашка"}).content.decode()
    assert not anna.get(anna.w("/clients/same/"), {"company": "12"}).content.strip()
    assert not anna.get(anna.w("/people/same/"), {"person": "new:Ромашка"}).content.strip()


def test_the_dialogs_ask_while_one_types(world, as_member):
    anna = as_member(world.anna)
    company = make_company(world.anna, "Ромашка")
    for path in ("/clients/new/", f"/clients/{company.pk}/"):
        assert "/clients/same/" in anna.get(anna.w(path)).content.decode()
    assert "/people/same/" in anna.get(anna.w("/people/new/")).content.decode()


def test_access_is_asked_by_the_token_of_the_warning_alone(world, hidden, as_member):
    anna, boris = as_member(world.anna), as_member(world.boris)
    page = anna.get(anna.w("/clients/same/"), {"inn": "7707083893"}).content.decode()
    token = token_in(page)
    for forged in ("", f"company:{hidden.pk}:{world.anna.pk}", token[:-1]):
        assert anna.post(anna.w("/clients/access/"), {"token": forged}).status_code == 404
    assert boris.post(boris.w("/clients/access/"), {"token": token}).status_code == 404
    answer = anna.post(anna.w("/clients/access/"), {"token": token}, headers={"HX-Request": "true"})
    assert "Вера Морозова" in answer.content.decode()
    assert AccessRequest.objects.get().member == world.anna
    page = anna.get(anna.w("/clients/same/"), {"inn": "7707083893"}).content.decode()
    assert "token" not in page.split("hx-post")[0]
    assert "hx-post" not in page


def test_the_notice_leads_to_the_buttons_and_one_of_them_opens_the_card(world, hidden, as_member):
    anna, vera = as_member(world.anna), as_member(world.vera)
    page = anna.get(anna.w("/clients/same/"), {"inn": "7707083893"}).content.decode()
    anna.post(anna.w("/clients/access/"), {"token": token_in(page)})
    notice = Notice.objects.get(member=world.vera)
    url = vera.get(vera.w(f"/notices/{notice.pk}/")).headers["Location"]
    page = vera.get(url).content.decode()
    assert "Анна Седова" in page
    # A seller may open the card but not hand it over.
    assert 'value="open"' in page
    assert 'value="hand"' not in page
    assert anna.get(url).status_code == 403
    assert vera.post(f"{url}answer/", {"answer": "whatever"}).status_code == 404
    vera.post(f"{url}answer/", {"answer": "open"})
    assert anna.get(anna.w(f"/clients/{hidden.pk}/")).status_code == 200
    assert 'value="open"' not in vera.get(url).content.decode()


def test_a_head_hands_the_client_over_from_the_same_page(world, hidden, as_member):
    head = as_member(world.head)
    asked = AccessRequest.objects.create(company=hidden, member=world.anna)
    url = head.w(f"/clients/access/{asked.pk}/")
    assert 'value="hand"' in head.get(url).content.decode()
    head.post(f"{url}answer/", {"answer": "hand"})
    assert Company.objects.get(pk=hidden.pk).owner == world.anna
