"""A field that a role is kept from is nowhere: not on a card, a board, in a list, a search, a report, the feed."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.permissions.table import OUTSIDE
from tests.test_permissions import patterns
from tests.world import World, make_company, make_person
from voronka.activities.models import Activity
from voronka.clients.actions import add_contact, edit_company, edit_contact
from voronka.clients.models import Company, Person
from voronka.core.errors import Forbidden
from voronka.deals.actions import create_deal, edit_deal, win_deal
from voronka.deals.filters import DealFilter
from voronka.deals.models import Deal
from voronka.desk.fields.actions import create_field
from voronka.desk.models import Notice
from voronka.desk.search import search
from voronka.journal.models import Event
from voronka.workspaces.actions import edit_role
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, hideable

SUM = Decimal(7654321)
# However it is written: whole, in groups (by any space), in thousands.
SUMS = ("7654321", "7 654 321", "7\xa0654\xa0321", "7\u202f654\u202f321", "7,65", "7,7\xa0млн")
PHONE, DIGITS = "+7 495 777-66-55", "4957776655"
MAIL, INN = "secret@logist.test", "7707083893"
CLOSE = dt.date(2031, 7, 19)


class Kept:
    """A deal of Anna's with everything that can be hidden, and her eyes."""

    def __init__(self, world: World, funnel: Any) -> None:
        self.world = world
        self.company = make_company(world.anna, "ООО «Логист»")
        edit_company(self.company, actor=world.admin, changes={"inn": INN})
        self.person = make_person(self.company)
        self.phone = add_contact(self.company, actor=world.admin, kind="phone", value=PHONE)
        add_contact(self.person, actor=world.admin, kind="email", value=MAIL)
        self.deal = create_deal(
            actor=world.admin,
            title="Стеллажи",
            funnel=funnel,
            company=self.company,
            person=self.person,
            owner=world.anna,
            amount=SUM,
        )
        edit_deal(self.deal, actor=world.admin, changes={"expected_close": CLOSE, "amount": SUM + 1000})
        edit_deal(self.deal, actor=world.admin, changes={"amount": SUM})
        won = create_deal(
            actor=world.admin,
            title="Выигранная",
            funnel=funnel,
            company=self.company,
            owner=world.anna,
            amount=SUM,
        )
        win_deal(won, actor=world.admin)

    def role(self, **changes: Any) -> Member:
        edit_role(self.world.roles["seller"], actor=self.world.admin, changes=changes)
        return Member.objects.select_related("role").get(pk=self.world.anna.pk)

    def pages(self) -> list[str]:
        """Every page without arguments, and those of the deal and its client."""
        deal, company, person = self.deal.number, self.company.pk, self.person.pk
        return [
            "/today/",
            "/deals/",
            "/deals/table/",
            "/deals/filter/",
            "/deals/new/",
            f"/deals/{deal}/",
            f"/deals/{deal}/win/",
            f"/deals/{deal}/dates/",
            f"/deals/{deal}/move/",
            "/clients/",
            "/people/",
            f"/clients/{company}/",
            f"/people/{person}/",
            "/search/?q=Логист",
            "/activities/",
            "/reports/funnel/",
            "/reports/funnel/?form=now&by=sum",
            "/reports/funnel/deals/?cell=won",
            f"/settings/members/{self.world.anna.pk}/",
            "/notices/",
            *everywhere(self.world.slug),
        ]


# Files are another matter (they go by the same rows); signing in again asks for the password.
_NO_PAGES = ("file", "export", "return", "reauthenticate", "sessions")


def everywhere(slug: str) -> Iterator[str]:
    """The addresses inside a workspace that need nothing but its name."""
    for pattern in patterns():
        if getattr(pattern, "name", None) in OUTSIDE or not hasattr(pattern.callback, "needs"):
            continue
        try:
            address = reverse(pattern.name, args=[slug])
        except NoReverseMatch:
            continue
        if not any(word in pattern.name for word in _NO_PAGES):
            yield address.removeprefix(f"/w/{slug}")


@pytest.fixture
def kept(world: World, funnel: Any) -> Kept:
    return Kept(world, funnel)


def read(browser: Client, kept: Kept) -> Iterator[tuple[str, str]]:
    """Each page and what stands in it; those that are forbidden say nothing."""
    found = 0
    for path in kept.pages():
        answer = browser.get(browser.w(path))  # type: ignore[attr-defined]
        # 400: it asks for parameters (the days of a calendar) before it says anything.
        assert answer.status_code in (200, 204, 302, 400, 403, 404, 405), (path, answer.status_code)
        found += answer.status_code == 200
        # Papers are no text; what pages say is.
        yield path, answer.content.decode(errors="replace")
    assert found > 30, found


def test_a_sum_is_seen_until_it_is_hidden(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    seen = [path for path, page in read(as_member(kept.world.anna), kept) if any(s in page for s in SUMS)]
    assert len(seen) >= 9, seen
    kept.role(hidden_fields={"deal": ["amount"]})
    leaks = [path for path, page in read(as_member(kept.world.anna), kept) if any(s in page for s in SUMS)]
    assert leaks == []


def test_hidden_contacts_and_numbers_stand_nowhere(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    secrets = (PHONE, "777-66-55", DIGITS, MAIL, INN)
    seen = [path for path, page in read(as_member(kept.world.anna), kept) if any(s in page for s in secrets)]
    assert len(seen) >= 4, seen
    kept.role(hidden_fields={"client": ["phones", "emails", "inn"]})
    leaks = [path for path, page in read(as_member(kept.world.anna), kept) if any(s in page for s in secrets)]
    assert leaks == []


def test_a_hidden_date_stands_nowhere(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    secrets = ("2031-07-19", "19 июл", "19.07.2031")
    assert any(s in page for _path, page in read(as_member(kept.world.anna), kept) for s in secrets)
    kept.role(hidden_fields={"deal": ["expected_close"]})
    leaks = [path for path, page in read(as_member(kept.world.anna), kept) if any(s in page for s in secrets)]
    assert leaks == []


def test_nothing_is_found_by_what_is_hidden(kept: Kept) -> None:
    def found(member: Member, text: str) -> bool:
        return any(hit.object_id in (kept.company.pk, kept.person.pk) for hit in search(member, text).hits)

    for text in ("495 777-66-55", "7776655", MAIL, INN):
        assert found(kept.world.anna, text), text
    anna = kept.role(hidden_fields={"client": ["phones", "emails", "inn"]})
    for text in ("495 777-66-55", "7776655", MAIL, INN):
        assert not found(anna, text), text
    assert found(anna, "логист")


def test_nobody_filters_by_what_is_hidden(kept: Kept) -> None:
    asked = {"amount_from": ["1"], "no_amount": ["1"], "expected_from": ["2031-01-01"], "interest": ["hot"]}
    assert set(DealFilter.from_params(asked, kept.world.anna).to_params()) == set(asked)
    anna = kept.role(hidden_fields={"deal": ["amount", "expected_close"]})
    assert set(DealFilter.from_params(asked, anna).to_params()) == {"interest"}


@pytest.mark.parametrize("column", ["hidden_fields", "readonly_fields"])
def test_the_verbs_refuse_what_is_kept(kept: Kept, column: str) -> None:
    anna = kept.role(**{column: {"deal": ["amount"], "client": ["phones", "inn"]}})
    for attempt in (
        lambda: edit_deal(kept.deal, actor=anna, changes={"amount": Decimal(1)}),
        lambda: edit_deal(kept.deal, actor=anna, changes={"amount": SUM}),
        lambda: edit_deal(kept.deal, actor=anna, changes={"currency": "USD"}),
        lambda: win_deal(kept.deal, actor=anna, amount=Decimal(1)),
        lambda: create_deal(actor=anna, title="Ещё", funnel=kept.deal.funnel, amount=Decimal(1)),
        lambda: edit_company(kept.company, actor=anna, changes={"inn": ""}),
        lambda: edit_contact(kept.phone, actor=anna, changes={"value": "+7 495 000-00-00"}),
        lambda: add_contact(kept.company, actor=anna, kind="phone", value="+7 495 000-00-00"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    kept.deal.refresh_from_db()
    assert (kept.deal.amount, kept.deal.outcome) == (SUM, "open")
    assert edit_deal(kept.deal, actor=anna, changes={"title": "Полки"}) is not None
    win_deal(kept.deal, actor=anna)
    kept.deal.refresh_from_db()
    assert (kept.deal.amount, kept.deal.outcome) == (SUM, "won")


def test_a_read_only_sum_is_shown_and_not_asked_for(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    kept.role(readonly_fields={"deal": ["amount"]})
    anna = as_member(kept.world.anna)
    page = anna.get(anna.w(f"/deals/{kept.deal.number}/")).content.decode()
    assert any(text in page for text in SUMS)
    for dialog in ("win", "dates"):
        form = anna.get(anna.w(f"/deals/{kept.deal.number}/{dialog}/")).content.decode()
        assert 'name="amount"' not in form
    assert 'name="amount"' not in anna.get(anna.w("/deals/new/")).content.decode()
    answer = anna.post(anna.w(f"/deals/{kept.deal.number}/edit/"), {"field": "amount", "value": "5"})
    assert answer.status_code == 403


def test_every_field_that_can_be_hidden_can_be(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    """No page breaks for whoever sees none of them."""
    everything: dict[str, list[str]] = {}
    for field in hideable():
        everything.setdefault(field.subject, []).append(field.name)
    kept.role(hidden_fields=everything)
    anna = as_member(kept.world.anna)
    assert [path for path, _page in read(anna, kept)]
    made = anna.post(anna.w("/deals/new/"), {"title": "Новая", "funnel": kept.deal.funnel_id})
    assert made.status_code == 302
    assert anna.post(anna.w("/clients/new/"), {"name": "ООО «Новое»"}).status_code in (200, 302)


def test_an_own_field_is_hidden_like_any_other(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    budget = create_field(actor=kept.world.admin, subject="deal", label="Бюджет", kind="text")
    edit_deal(kept.deal, actor=kept.world.admin, changes={budget.name: "тайная-смета"})
    assert any("тайная-смета" in page for _path, page in read(as_member(kept.world.anna), kept))
    anna = kept.role(hidden_fields={"deal": [budget.name]})
    assert anna.hidden_fields("deal") == {budget.name}
    leaks = [path for path, page in read(as_member(kept.world.anna), kept) if "тайная-смета" in page]
    assert leaks == []
    with pytest.raises(Forbidden):
        edit_deal(kept.deal, actor=anna, changes={budget.name: "моё"})


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_wider_reach_never_shows_less(kept: Kept, data: st.DataObject) -> None:
    """For every member, subject and action: own ⊆ team ⊆ all."""
    name = data.draw(st.sampled_from(sorted(kept.world.members)))
    subject, model = data.draw(
        st.sampled_from([("deal", Deal), ("client", Company), ("client", Person), ("activity", Activity)])
    )
    action = data.draw(st.sampled_from([Action.SEE, Action.EDIT, Action.DELETE, Action.EXPORT]))
    seen: set[int] = set()
    for far in Reach:
        member = Member.objects.select_related("role").get(pk=kept.world.members[name].pk)
        member.role.rights = {subject: {action.value: int(far)}}
        found = set(model.objects.visible_to(member, action).values_list("pk", flat=True))
        assert seen <= found, (name, subject, action, far)
        assert far != Reach.NONE or not found
        seen = found
    assert seen == set(model.objects.values_list("pk", flat=True))


def test_files_have_no_hidden_sums(kept: Kept, as_member: Callable[[Any], Client]) -> None:
    role = kept.world.roles["head"]
    head = as_member(kept.world.head)

    def texts(path: str) -> str:
        answer = head.get(head.w(path))  # type: ignore[attr-defined]
        assert answer.status_code == 200, path
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))

    files = [
        "/reports/funnel/file/",
        "/reports/funnel/file/?form=now",
        "/reports/funnel/deals/file/?cell=won",
    ]
    assert all(str(SUM) in texts(path) for path in files)
    edit_role(role, actor=kept.world.admin, changes={"hidden_fields": {"deal": ["amount"]}})
    assert not any(str(SUM) in texts(path) for path in files)
    assert Event.objects.filter(type="report.exported").count() == 4
    assert Event.objects.filter(type="deals.exported").count() == 2
    assert Notice.objects.filter(kind="export", member=kept.world.admin).count() == 6
