"""Settings: colleagues, teams, the company, one's own profile, the first steps."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import PASSWORD, World, make_company
from voronka.activities.jobs import let_go as let_go_job
from voronka.deals.actions import create_deal
from voronka.deals.models import Deal
from voronka.desk.models import Notice
from voronka.journal.models import Event
from voronka.playbook.models import Funnel
from voronka.ui.settings import members
from voronka.workspaces.actions import archive_team, create_team, deactivate_member, invite, mark_former
from voronka.workspaces.models import Invitation, Member, Team, User, Workspace

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def admin(world: World, as_member: Any) -> Client:
    return as_member(world.admin)


def shown(response: Any) -> str:
    return response.content.decode()


def toast_of(response: Any) -> dict[str, Any]:
    return json.loads(response.headers["HX-Trigger"])["toast"]


# Colleagues


def test_colleagues_are_listed_whole_and_as_a_fragment(world: World, admin: Client) -> None:
    page = shown(admin.get(admin.w("/settings/members/")))
    fragment = shown(admin.get(admin.w("/settings/members/"), **HTMX))

    for text in (page, fragment):
        assert "Анна Седова" in text
        assert "Север" in text
    assert "<html" in page
    assert "<html" not in fragment


def test_a_seller_sees_colleagues_but_no_way_to_change_them(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)

    text = shown(browser.get(browser.w("/settings/members/")))
    card = shown(browser.get(browser.w(f"/settings/members/{world.boris.pk}/")))

    assert "Борис Ильин" in text
    assert "/settings/invitations/new/" not in text
    assert "/edit/" not in card


def test_former_colleagues_have_a_list_of_their_own(world: World, admin: Client) -> None:
    deactivate_member(world.vera, actor=world.admin)
    mark_former("Пётр Старый", actor=world.admin)

    working = shown(admin.get(admin.w("/settings/members/"), **HTMX))
    former = shown(admin.get(admin.w("/settings/members/?view=former"), **HTMX))

    assert "Вера Морозова" not in working
    assert "Вера Морозова" in former
    assert "Пётр Старый" in former


@pytest.mark.parametrize(("text", "found"), [("седов", True), ("anna@", True), ("нет такого", False)])
def test_colleagues_are_found_by_name_and_address(admin: Client, text: str, found: bool) -> None:
    assert ("Анна Седова" in shown(admin.get(admin.w("/settings/members/"), {"q": text}, **HTMX))) is found


def test_the_list_costs_the_same_for_5_and_for_90_colleagues(world: World, admin: Client) -> None:
    path = admin.w("/settings/members/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(path)
        return len(captured)

    few = queries()
    Member.objects.bulk_create(
        Member(name=f"Сотрудник {n:02}", role=world.roles["seller"], team=world.teams["south"])
        for n in range(80)
    )

    assert queries() == few


def test_a_colleague_is_changed_in_a_dialog_with_the_way_back(world: World, admin: Client) -> None:
    path = admin.w(f"/settings/members/{world.anna.pk}/edit/")
    form = admin.get(path, **HTMX)
    data = {"name": "Анна Седова", "post": "Старший", "phone": "", "role": world.roles["head"].pk, "team": ""}

    response = admin.post(path, {**data, "was_name": "Анна Седова", "was_post": "", "was_phone": ""}, **HTMX)

    assert f'name="was_team" value="{world.teams["north"].pk}"' in shown(form)
    assert response.status_code == 204
    assert toast_of(response)["undo"]
    world.anna.refresh_from_db()
    assert (world.anna.post, world.anna.role, world.anna.team) == ("Старший", world.roles["head"], None)


def test_undo_of_the_toast_works(world: World, admin: Client) -> None:
    path = admin.w(f"/settings/members/{world.anna.pk}/edit/")
    data = {"name": "Аня", "role": world.anna.role_id, "team": world.anna.team_id, "was_name": "Анна Седова"}

    response = admin.post(path, data, **HTMX)
    admin.post(toast_of(response)["undo"], **HTMX)

    world.anna.refresh_from_db()
    assert world.anna.name == "Анна Седова"


def test_of_two_editors_the_later_is_told_and_nothing_is_overwritten(world: World, admin: Client) -> None:
    path = admin.w(f"/settings/members/{world.anna.pk}/edit/")
    data = {"name": "Анна", "role": world.anna.role_id, "team": world.anna.team_id, "was_name": "Анна Седова"}
    admin.post(path, {**data, "name": "Первая"}, **HTMX)

    response = admin.post(path, {**data, "name": "Вторая"}, **HTMX)

    assert response.status_code == 409
    assert "Первая" in shown(response)
    world.anna.refresh_from_db()
    assert world.anna.name == "Первая"


def test_two_editors_of_different_fields_both_succeed(world: World, admin: Client) -> None:
    path = admin.w(f"/settings/members/{world.anna.pk}/edit/")
    made_from = {"was_name": "Анна Седова", "was_post": "", "was_role": world.anna.role_id}
    base = {"name": "Анна Седова", "post": "", "role": world.anna.role_id, "team": world.anna.team_id}
    admin.post(path, {**base, **made_from, "name": "Анна Новая"}, **HTMX)

    response = admin.post(path, {**base, **made_from, "post": "Старший"}, **HTMX)

    assert response.status_code == 204
    world.anna.refresh_from_db()
    assert (world.anna.name, world.anna.post) == ("Анна Новая", "Старший")


@pytest.mark.parametrize("field", ["role", "team"])
def test_another_workspaces_role_or_team_cannot_be_chosen(
    world: World, stranger: World, admin: Client, field: str
) -> None:
    foreign = {"role": stranger.roles["admin"].pk, "team": stranger.teams["north"].pk}[field]
    data = {"name": "Анна", "role": world.anna.role_id, "team": world.anna.team_id, field: foreign}

    response = admin.post(admin.w(f"/settings/members/{world.anna.pk}/edit/"), data, **HTMX)

    assert response.status_code == 422
    assert not Event.objects.exists()


def test_who_leaves_is_said_to_leave_deals_behind(world: World, funnel: Funnel, admin: Client) -> None:
    company = make_company(world.anna)
    for amount in (100, None):
        create_deal(
            actor=world.admin,
            title="Сделка",
            funnel=funnel,
            company=company,
            owner=world.anna,
            amount=Decimal(amount) if amount else None,
        )
    path = admin.w(f"/settings/members/{world.anna.pk}/leave/")

    text = shown(admin.get(path, **HTMX))
    refused = admin.post(path, **HTMX)
    response = admin.post(path, {"to_deals": "leave", "to_clients": "leave"}, **HTMX)

    assert refused.status_code == 409
    assert "2 открытые сделки" in text
    assert response.status_code == 204
    world.anna.refresh_from_db()
    assert not world.anna.is_active


def test_who_has_left_is_out_with_the_next_click(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    assert browser.get(browser.w("/settings/profile/")).status_code == 200

    deactivate_member(world.anna, actor=world.admin)

    assert browser.get(browser.w("/settings/profile/")).status_code == 404


def test_the_last_administrator_is_kept_with_a_sentence(world: World, admin: Client) -> None:
    response = admin.post(admin.w(f"/settings/members/{world.admin.pk}/leave/"), **HTMX)

    assert response.status_code == 409
    assert "администратор" in shown(response)
    world.admin.refresh_from_db()
    assert world.admin.is_active


# Invitations


def test_a_colleague_is_invited_from_the_dialog(world: World, admin: Client) -> None:
    data = {"email": "new@example.com", "name": "Нина", "role": world.roles["seller"].pk, "team": ""}

    response = admin.post(admin.w("/settings/invitations/new/"), data, **HTMX)

    assert response.status_code == 204
    assert mail.outbox[0].to == ["new@example.com"]
    assert "new@example.com" in shown(admin.get(admin.w("/settings/members/?view=invited"), **HTMX))


@pytest.mark.parametrize("email", ["", "не адрес", "anna@romashka.test"])
def test_a_wrong_address_is_told_at_its_field(world: World, admin: Client, email: str) -> None:
    data = {"email": email, "role": world.roles["seller"].pk}

    response = admin.post(admin.w("/settings/invitations/new/"), data, **HTMX)

    assert response.status_code == 422
    assert response.context["form"].errors["email"]
    assert mail.outbox == []


def test_an_invitation_sent_twice_is_one(world: World, admin: Client) -> None:
    data = {"email": "new@example.com", "role": world.roles["seller"].pk, "once": "t1"}

    answers = [admin.post(admin.w("/settings/invitations/new/"), data, **HTMX).status_code for _ in range(2)]

    assert answers == [204, 204]
    assert Invitation.objects.count() == len(mail.outbox) == 1


def test_an_invitation_is_sent_again_and_revoked(world: World, admin: Client) -> None:
    invitation = invite(actor=world.admin, email="new@example.com", role=world.roles["seller"])

    admin.post(admin.w(f"/settings/invitations/{invitation.pk}/again/"), **HTMX)
    admin.post(admin.w(f"/settings/invitations/{invitation.pk}/revoke/"), **HTMX)

    assert len(mail.outbox) == 2
    invitation.refresh_from_db()
    assert invitation.revoked_at


# Teams


def test_teams_are_drawn_as_a_tree(world: World, admin: Client) -> None:
    text = shown(admin.get(admin.w("/settings/teams/"), **HTMX))

    assert text.index("Продажи") < text.index("Север") < text.index("Юг")
    assert "--depth: 1" in text


def test_a_team_is_made_moved_archived_and_brought_back(world: World, admin: Client) -> None:
    admin.post(admin.w("/settings/teams/new/"), {"name": "Восток", "parent": world.teams["north"].pk}, **HTMX)
    team = Team.objects.get(name="Восток")
    path = admin.w(f"/settings/teams/{team.pk}/")
    admin.post(path + "edit/", {"name": "Дальний восток", "parent": "", "head": world.vera.pk}, **HTMX)
    team.refresh_from_db()
    assert (team.name, team.parent, team.head) == ("Дальний восток", None, world.vera)

    admin.post(path + "archive/", **HTMX)
    assert Team.objects.get(pk=team.pk).archived_at
    admin.post(path + "restore/", **HTMX)
    assert Team.objects.get(pk=team.pk).archived_at is None


def test_a_team_is_not_offered_as_its_own_parent(world: World, admin: Client) -> None:
    form = admin.get(admin.w(f"/settings/teams/{world.teams['root'].pk}/edit/")).context["form"]

    assert [value for value, _label in form.fields["parent"].choices] == [""]


def test_a_team_with_people_stays_with_a_sentence(world: World, admin: Client) -> None:
    response = admin.post(admin.w(f"/settings/teams/{world.teams['south'].pk}/archive/"), **HTMX)

    assert response.status_code == 409
    assert Team.objects.get(pk=world.teams["south"].pk).archived_at is None


def test_archived_teams_are_not_offered_to_anybody(world: World, admin: Client) -> None:
    gone = create_team(actor=world.admin, name="Прежний")
    archive_team(gone, actor=world.admin)

    form = admin.get(admin.w("/settings/invitations/new/")).context["form"]

    assert gone.pk not in [value for value, _label in form.fields["team"].choices]


# The company


def test_the_company_is_renamed_and_gets_its_own_time(world: World, admin: Client) -> None:
    data = {"name": "Ромашка+", "currency": "RUB", "time_zone": "Asia/Omsk", "language": "ru"}

    response = admin.post(admin.w("/settings/company/"), data)

    assert response.status_code == 302
    workspace = Workspace.objects.get(pk=world.workspace.pk)
    assert (workspace.name, workspace.time_zone) == ("Ромашка+", "Asia/Omsk")


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("currency", "XXX"), ("time_zone", "Mars/Crater"), ("language", "tlh")]
)
def test_a_bad_setting_is_told_at_its_field(world: World, admin: Client, field: str, value: str) -> None:
    data = {
        "name": "Ромашка",
        "currency": "RUB",
        "time_zone": "Europe/Moscow",
        "language": "ru",
        field: value,
    }

    response = admin.post(admin.w("/settings/company/"), data, **HTMX)

    assert response.status_code == 422
    assert response.context["form"].errors[field]


@pytest.mark.parametrize("name", ["anna", "director"])
def test_settings_begin_with_what_one_may_see(world: World, as_member: Any, name: str) -> None:
    browser = as_member(world.members[name])

    assert browser.get(browser.w("/settings/")).headers["Location"] == browser.w("/settings/profile/")
    tabs = [tab.key for tab in browser.get(browser.w("/settings/profile/")).context["tabs"]]
    assert "company" not in tabs


# Oneself


def test_the_profile_changes_language_theme_and_keys(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)

    response = browser.post(
        browser.w("/settings/profile/"), {"name": "Анна С.", "language": "en", "theme": "dark"}, **HTMX
    )

    assert response.headers["HX-Redirect"] == browser.w("/settings/profile/")
    assert response.cookies["theme"].value == "dark"
    user = User.objects.get(pk=world.anna.user_id)
    assert (user.name, user.language, user.theme, user.keys_on) == ("Анна С.", "en", "dark", False)
    assert "My profile" in shown(browser.get(browser.w("/settings/profile/")))


def test_a_new_password_keeps_this_browser_and_signs_the_others_out(world: World, as_member: Any) -> None:
    here, elsewhere = as_member(world.anna), as_member(world.anna)
    data = {"oldpassword": PASSWORD, "password": "совсем новая фраза"}

    assert here.post(here.w("/settings/profile/password/"), data).status_code == 302

    assert here.get(here.w("/settings/profile/")).status_code == 200
    assert elsewhere.get(elsewhere.w("/settings/profile/")).status_code == 302
    assert User.objects.get(pk=world.anna.user_id).check_password("совсем новая фраза")


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("oldpassword", {"oldpassword": "не тот", "password": "совсем новая фраза"}),
        ("password", {"oldpassword": PASSWORD, "password": "коротко"}),
        ("password", {"oldpassword": PASSWORD, "password": ""}),
    ],
)
def test_a_bad_password_is_told_at_its_field(
    world: World, as_member: Any, field: str, data: dict[str, str]
) -> None:
    browser = as_member(world.anna)

    response = browser.post(browser.w("/settings/profile/password/"), data, **HTMX)

    assert response.status_code == 422
    assert response.context["password_form"].errors[field]
    assert User.objects.get(pk=world.anna.user_id).check_password(PASSWORD)


def test_keys_switched_off_in_the_profile_are_off_on_every_page(world: World, as_member: Any) -> None:
    browser = as_member(world.anna)
    path = browser.w("/settings/profile/")
    assert 'data-keys="off"' not in shown(browser.get(path))

    browser.post(path, {"name": "Анна", "language": "ru", "theme": "auto"})

    assert 'data-keys="off"' in shown(browser.get(path))


def test_who_has_not_confirmed_the_own_address_is_told_so_before_the_form(
    world: World, admin: Client
) -> None:
    user = world.admin.user
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)

    page = admin.get(admin.w("/settings/invitations/new/"), **HTMX).content.decode()

    assert 'name="email"' not in page
    assert user.email in page
    EmailAddress.objects.update(verified=True)
    assert 'name="email"' in admin.get(admin.w("/settings/invitations/new/"), **HTMX).content.decode()


# A form that was opened as a page of its own


def test_a_dialog_opened_as_a_page_leads_to_its_result(world: World, admin: Client) -> None:
    data = {"email": "new@example.com", "name": "Нина", "role": world.roles["seller"].pk, "team": ""}
    path = admin.w("/settings/invitations/new/")
    alone = {**HTMX, "HTTP_HX_CURRENT_URL": f"http://testserver{path}"}
    over = {**HTMX, "HTTP_HX_CURRENT_URL": f"http://testserver{admin.w('/settings/members/')}"}

    response = admin.post(path, data, **alone)
    other = admin.post(path, {**data, "email": "second@example.com"}, **over)

    assert response.headers["HX-Redirect"] == admin.w("/settings/members/?view=invited")
    assert "HX-Redirect" not in other.headers
    assert "dialog:close" in other.headers["HX-Trigger"]


# Much to hand over


def test_much_is_handed_over_in_the_background_once_and_its_result_is_shown(
    world: World, funnel: Funnel, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(world.anna)
    for number in range(3):
        create_deal(actor=world.admin, title=f"{number}", funnel=funnel, company=company, owner=world.anna)
    monkeypatch.setattr(members, "AT_ONCE", 2)
    path = admin.w(f"/settings/members/{world.anna.pk}/leave/")
    card = admin.w(f"/settings/members/{world.anna.pk}/")
    to = {"to_deals": str(world.boris.pk), "to_clients": str(world.vera.pk)}

    first = admin.post(path, to, **HTMX)
    admin.post(path, to, **HTMX)

    jobs = list(ProcrastinateJob.objects.filter(task_name="activities.let_go"))
    assert len(jobs) == 1
    assert first.headers["HX-Redirect"] == card
    assert "Передаём дела" in shown(admin.get(card))
    let_go_job.func(**jobs[0].args)
    ProcrastinateJob.objects.filter(pk=jobs[0].pk).delete()
    text = shown(admin.get(card))
    assert "Передаём дела" not in text
    assert "Дела переданы" in text
    assert "3 открытые сделки → Борис" in text
    assert f"/undo/{Event.objects.get(type='member.let_go').pk}/" in text
    assert set(Deal.objects.values_list("owner", flat=True)) == {world.boris.pk}
    assert Notice.objects.filter(member=world.admin, text__contains="Дела переданы").count() == 1


def test_a_hand_over_that_is_refused_in_the_background_is_told(world: World, funnel: Funnel) -> None:
    create_deal(actor=world.anna, title="Сделка", funnel=funnel, company=make_company(world.anna))
    deactivate_member(world.boris, actor=world.admin, leave_open=True)

    let_go_job.func(
        workspace_id=world.workspace.pk,
        member=world.anna.pk,
        actor=world.admin.pk,
        to={"deals": [world.boris.pk]},
    )

    world.anna.refresh_from_db()
    assert world.anna.is_active
    assert "не может" in Notice.objects.get(member=world.admin, kind="member").text
