"""The table: every address × who may use it × whose things.

A room adds rows for its addresses:

    Row("deal_win", "GP", DEAL_EDIT, lambda t, c: (t.deal.number,))

name of the address; methods (G, P); who may; the arguments after the slug, made from the things of an owner (t)
and the cast (c). A row without arguments is about no object. «May» says for each role whose things it reaches:
"o" one's own, "t" a team-mate's, "a" another team's; rows without an object say only which roles come in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.signing import Signer

from tests.permissions.cast import Cast, Things

ROLES = ("seller", "head", "marketer", "service", "director", "admin")
Args = Callable[[Things, Cast], tuple[Any, ...]]


def reach(**letters: str) -> dict[str, str]:
    """Roles left out reach nothing."""
    return {role: letters.get(role, "") for role in ROLES}


ALL = reach(**dict.fromkeys(ROLES, "ota"))
EVERYBODYS_OWN = reach(**dict.fromkeys(ROLES, "o"))
MANAGERS = reach(head="ota", director="ota", admin="ota")
ADMIN = reach(admin="ota")

DEAL_SEE = reach(seller="o", head="ot", marketer="ota", service="o", director="ota", admin="ota")
DEAL_CREATE = reach(seller="o", head="ot", service="o", director="ota", admin="ota")
DEAL_EDIT = DEAL_CREATE
DEAL_MANAGE = reach(head="ot", director="ota", admin="ota")  # delete, export, hand over
CLIENT_SEE = reach(seller="o", head="ot", marketer="ota", service="ota", director="ota", admin="ota")
CLIENT_EDIT = CLIENT_SEE
CLIENT_MANAGE = reach(head="ot", director="ota", admin="ota")
# The responsible answers, and the heads who may hand over.
ACCESS_ANSWER = reach(seller="o", head="ot", marketer="o", service="o", director="ota", admin="ota")
NOTE_EDIT = reach(seller="o", head="o", marketer="o", service="o", director="ota", admin="ota")
# An activity of a deal is read by who sees the deal, and worked on by its owner and the heads.
ACTIVITY_SEE = reach(seller="o", head="ot", marketer="ota", service="o", director="ota", admin="ota")
ACTIVITY_EDIT = reach(seller="o", head="ot", marketer="o", service="o", director="ota", admin="ota")
# One's own days, and of those whose activities one plans.
ABSENCE_EDIT = ACTIVITY_EDIT
PLAN_SEE = reach(seller="ota", head="ota", director="ota", admin="ota")
REPORT_EXPORT = reach(head="ota", marketer="ota", director="ota", admin="ota")


@dataclass(frozen=True)
class Row:
    """One address. *data* is sent with POST; *query* is appended to the address."""

    name: str
    methods: str
    may: dict[str, str]
    args: Args | None = None
    data: Callable[[Things, Cast], dict[str, Any]] = field(default=lambda t, c: {})
    query: str = ""

    @property
    def is_owned(self) -> bool:
        """Whether the address is about something that belongs to a member; funnels and teams do not."""
        return self.args is not None and self.args not in SHARED


def deal(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.deal.number,)


def company(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.company.pk,)


def person(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.person.pk,)


def access_request(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.access.pk,)


def activity(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.activity.pk,)


def funnel(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.funnel.pk,)


def hint(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("silent",)


def offered(t: Things, c: Cast) -> tuple[Any, ...]:
    from voronka.deals.models import Offer

    offer = Offer.objects.filter(deal=t.deal).first() or Offer.objects.create(
        deal=t.deal, side="ours", day=t.deal.opened_at.date(), amount=5, currency="RUB", member=t.owner
    )
    return (t.deal.number, offer.pk)


def rivalled(t: Things, c: Cast) -> tuple[Any, ...]:
    from voronka.catalog.dictionaries import ensure_competitor

    return (t.deal.number, ensure_competitor(actor=None, name="СтеллажПро").pk)


def company_day(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.company_day.pk,)


def stage(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.stages[2].pk,)


def ending(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.funnel.pk, "lost")


def tunnel(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.tunnel.pk,)


def closing_status(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.closing.pk,)


def book_cell(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.funnel.product_group_id, c.funnel.segment_id)


def book_version(t: Things, c: Cast) -> tuple[Any, ...]:
    from voronka.playbook.versions import keep_version, newest_version

    kept = keep_version() or newest_version()
    return (kept.number if kept else 0,)


def reason(t: Things, c: Cast) -> tuple[Any, ...]:
    from voronka.playbook.models import Reason

    return ("lost_reason", Reason.objects.filter(kind="lost").order_by("pk").first().pk)


def kpi(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.kpi.pk,)


def of_list(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("lost_reason",)


def product(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.product.pk,)


def a_report(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("changes",)


def deal_list(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal",)


def bulk_move(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal", "move")


def bulk_assign(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal", "assign")


def bulk_delete(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal", "delete")


def list_job(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.list_job.pk,)


def own_view(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal", t.view.pk)


def token(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.token.pk,)


def team(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.world.teams["south"].pk,)


def role(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.world.roles["marketer"].pk,)


def draft(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.draft.pk,)


def imported(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.imported.pk,)


def token_of(client: Any, asker: Things) -> str:
    return Signer(salt="voronka.access").sign(f"company:{client.pk}:{asker.owner.pk}")


def rate(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.rate.pk,)


def parts_of_stage(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.stages[0].pk, "objection")


def stage_part(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("objection", c.objection.pk)


def ticked(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.deal.number, c.checklist.pk)


def tasked(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.deal.number, c.task.pk)


def proposal(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.proposal.pk,)


def approval(t: Things, c: Cast) -> tuple[Any, ...]:
    return (t.approval.pk,)


def of_fields(t: Things, c: Cast) -> tuple[Any, ...]:
    return ("deal",)


def own_field(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.own_field.pk,)


def own_option(t: Things, c: Cast) -> tuple[Any, ...]:
    return (c.own_field.options.first().pk,)


# Outside a workspace: the same for everybody, held by the tests of their rooms.
OUTSIDE = {
    "home",
    "my_companies",
    "invitation",
    # Whoever has the secret; test_ical.py says who that is.
    "calendar_feed",
    "account_signup",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "confirm_again",
    "ui_components",
    # The interface for programs: held by tests/test_api_permissions.py.
    "api_openapi",
    "api_unknown",
    "account_reauthenticate",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_login_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
}

ACCOUNTS = [
    Row("workspace", "G", ALL),
    Row("no_rights", "G", ALL),
    Row("first_steps", "G", ALL),
    Row("choose_template", "P", MANAGERS),
    Row("first_book", "G", MANAGERS),
    Row("first_deal", "GP", DEAL_CREATE),
    Row("first_steps_hide", "P", ALL),
    Row("tour_seen", "P", ALL, lambda t, c: ("today",)),
    Row("settings", "G", ALL),
    Row("hints", "G", MANAGERS),
    Row("hint_switch", "P", MANAGERS, hint),
    Row("profile", "GP", ALL),
    Row("profile_password", "GP", ALL),
    Row("profile_notices", "GP", ALL),
    Row("notices_quieten", "P", ALL),
    Row("notice_snooze", "P", EVERYBODYS_OWN, lambda t, c: (t.notice.pk,)),
    Row("profile_email", "GP", ALL),
    Row("profile_email_forget", "P", ALL),
    Row("security", "G", ALL),
    Row("session_end", "P", ALL),
    Row("company_security", "GP", ADMIN),
    Row("company_settings", "GP", ADMIN),
    Row("members", "G", ALL),
    Row("member", "G", ALL, lambda t, c: (t.owner.pk,)),
    Row("member_edit", "GP", ADMIN, lambda t, c: (t.owner.pk,)),
    Row("member_leave", "GP", ADMIN, lambda t, c: (t.owner.pk,)),
    Row("member_return", "P", ADMIN, lambda t, c: (c.former.pk,)),
    Row("invite", "GP", ADMIN),
    Row("invitation_again", "P", ADMIN, lambda t, c: (c.invitation.pk,)),
    Row("invitation_revoke", "P", ADMIN, lambda t, c: (c.invitation.pk,)),
    Row("audit", "G", ADMIN),
    Row("audit_file", "G", ADMIN),
    Row("roles", "G", ADMIN),
    Row("role_new", "GP", ADMIN),
    Row("role", "G", ADMIN, role),
    Row("role_edit", "P", ADMIN, role),
    Row("role_preview", "P", ADMIN, role),
    Row("role_rename", "GP", ADMIN, role),
    Row("role_delete", "GP", ADMIN, role),
    Row("tokens", "G", ALL),
    Row("api_docs", "G", ALL),
    Row("api_section", "G", ALL, lambda t, c: ("deals",)),
    Row("token_new", "GP", ALL),
    # One's own; an administrator anybody's.
    Row("token_revoke", "P", EVERYBODYS_OWN | {"admin": "ota"}, token),
    Row("teams", "G", ALL),
    Row("team_new", "GP", ADMIN),
    Row("team_edit", "GP", ADMIN, team),
    Row("team_archive", "P", ADMIN, team),
    Row("team_restore", "P", ADMIN, lambda t, c: (c.archived_team.pk,)),
    # What those did whose clients one may change.
    Row(
        "undo",
        "P",
        reach(seller="o", head="ot", marketer="ota", service="ota", director="ota", admin="ota"),
        lambda t, c: (t.edited.pk,),
    ),
]

DEALS = [
    Row("deals_board", "G", DEAL_SEE),
    Row("deals_cell", "G", ALL, query="?column=none&by=month"),
    Row("deals_column", "G", ALL, stage),
    Row("deals_table", "G", DEAL_SEE),
    Row("deal_new", "GP", DEAL_CREATE),
    Row("deal_new_funnel", "G", DEAL_CREATE),
    Row("deal", "G", DEAL_SEE, deal),
    Row(
        "deal_edit",
        "P",
        DEAL_EDIT,
        deal,
        lambda t, c: {"field": "title", "value": "Новое", "was": t.deal.title},
    ),
    Row("deal_dates", "GP", DEAL_EDIT, deal),
    Row("deal_person", "GP", DEAL_EDIT, deal),
    Row("deal_person_remove", "P", DEAL_EDIT, lambda t, c: (t.deal.number, t.person.pk)),
    Row("deal_colleague", "GP", DEAL_EDIT, deal),
    Row("deal_colleague_remove", "P", DEAL_EDIT, lambda t, c: (t.deal.number, t.owner.pk)),
    Row("deal_offer", "GP", DEAL_EDIT, deal),
    Row("deal_offer_remove", "P", DEAL_EDIT, offered),
    Row("deal_rival", "GP", DEAL_EDIT, deal),
    Row("deal_rival_remove", "P", DEAL_EDIT, rivalled),
    Row("deal_tag_add", "P", DEAL_EDIT, deal, lambda t, c: {"name": "срочно"}),
    Row("deal_tag_remove", "P", DEAL_EDIT, lambda t, c: (t.deal.number, t.tag.pk)),
    Row("deal_place", "GP", DEAL_EDIT, deal, lambda t, c: {"by": "month", "to": "none"}),
    Row("deal_move", "GP", DEAL_EDIT, deal, lambda t, c: {"stage": c.stages[3].pk}),
    Row("deal_stage", "G", DEAL_SEE, deal),
    Row("deal_tick", "P", DEAL_EDIT, ticked),
    Row("deal_task", "P", DEAL_EDIT, tasked),
    Row("approvals", "G", MANAGERS),
    Row("approval", "GP", DEAL_MANAGE, approval),
    Row("decisions", "G", MANAGERS),
    Row("decisions_badge", "G", ALL),
    Row("dead_deals", "G", DEAL_CREATE),
    Row("reanimation", "G", ALL),
    Row("loss", "G", DEAL_EDIT, proposal),
    Row("loss", "P", DEAL_MANAGE, proposal, lambda t, c: {"verdict": "confirm"}),
    Row("loss_withdraw", "P", DEAL_EDIT, proposal),
    Row("deal_keep", "GP", DEAL_EDIT, deal, lambda t, c: {"days": "30"}),
    Row("deal_win", "GP", DEAL_EDIT, deal),
    Row("deal_lose", "GP", DEAL_EDIT, deal),
    Row("deal_reopen", "P", DEAL_EDIT, deal),
    Row("deal_assign", "GP", DEAL_MANAGE, deal),
    Row("deal_accept", "P", DEAL_EDIT, deal),
    Row("deal_delete", "P", DEAL_MANAGE, deal),
    Row("deal_restore", "P", DEAL_MANAGE, deal),
    Row("deal_void_move", "P", DEAL_EDIT, lambda t, c: (t.deal.number, t.moved.pk)),
]

CLIENTS = [
    Row("field_past", "G", DEAL_SEE, lambda t, c: ("deal", t.deal.pk, "title")),
    Row("field_back", "P", DEAL_SEE, lambda t, c: ("deal", t.deal.pk, "title")),
    Row("field_past", "G", CLIENT_SEE, lambda t, c: ("company", t.company.pk, "inn")),
    Row("field_back", "P", CLIENT_SEE, lambda t, c: ("company", t.company.pk, "inn")),
    Row("companies", "G", CLIENT_SEE),
    Row("company_new", "GP", CLIENT_SEE),
    Row("company_duplicates", "G", CLIENT_SEE),
    Row("person_duplicates", "G", CLIENT_SEE),
    Row("duplicates", "G", CLIENT_EDIT),
    Row("duplicates_search", "P", CLIENT_EDIT),
    Row(
        "duplicates_dismiss",
        "P",
        CLIENT_EDIT,
        lambda t, c: ("company", t.company.pk, t.second.pk),
    ),
    Row("company_merge", "GP", CLIENT_MANAGE, company, lambda t, c: {"with": t.second.pk}),
    Row("person_merge", "GP", CLIENT_EDIT, person),
    # Who sees the client already is told so (409); the token is all that others know of it.
    Row("access_ask", "P", CLIENT_SEE, None, lambda t, c: {"token": token_of(c.things["vera"].company, t)}),
    Row("access_request", "G", ACCESS_ANSWER, access_request),
    Row("access_answer", "P", ACCESS_ANSWER, access_request, lambda t, c: {"answer": "refuse"}),
    Row("companies_options", "G", CLIENT_SEE),
    Row("company_on_the_spot", "P", CLIENT_SEE),
    Row("company", "G", CLIENT_SEE, company),
    Row(
        "company_edit",
        "P",
        CLIENT_EDIT,
        company,
        lambda t, c: {"field": "name", "value": "Х", "was": t.company.name},
    ),
    Row("company_key", "P", CLIENT_EDIT, company),
    Row("company_assign", "GP", CLIENT_MANAGE, company),
    Row("company_delete", "P", CLIENT_MANAGE, company),
    Row("company_restore", "P", CLIENT_MANAGE, company),
    Row("person_restore", "P", CLIENT_MANAGE, person),
    Row("clients_deleted", "G", CLIENT_MANAGE),
    Row("tag_add", "P", CLIENT_EDIT, company, lambda t, c: {"name": "срочно"}),
    Row("tag_remove", "P", CLIENT_EDIT, lambda t, c: (t.company.pk, t.tag.pk)),
    Row("company_contact_add", "P", CLIENT_EDIT, company),
    Row("account_add", "GP", CLIENT_EDIT, company),
    Row("account_edit", "GP", CLIENT_EDIT, lambda t, c: (t.account.pk,)),
    Row("account_remove", "P", CLIENT_EDIT, lambda t, c: (t.account.pk,)),
    Row("contact_edit", "P", CLIENT_EDIT, lambda t, c: (t.contact.pk,)),
    Row("contact_remove", "P", CLIENT_EDIT, lambda t, c: (t.contact.pk,)),
    Row(
        "position_edit",
        "P",
        CLIENT_EDIT,
        lambda t, c: (t.position.pk,),
        lambda t, c: {"field": "title", "value": "Х"},
    ),
    Row("position_remove", "P", CLIENT_EDIT, lambda t, c: (t.position.pk,)),
    Row("people", "G", CLIENT_SEE),
    Row("person_new", "GP", CLIENT_SEE),
    Row("people_options", "G", CLIENT_SEE),
    Row("person_on_the_spot", "P", CLIENT_SEE),
    Row("person", "G", CLIENT_SEE, person),
    Row(
        "person_edit",
        "P",
        CLIENT_EDIT,
        person,
        lambda t, c: {"field": "name", "value": "Х", "was": t.person.name},
    ),
    Row("person_assign", "GP", CLIENT_MANAGE, person),
    Row("person_delete", "P", CLIENT_EDIT, person),
    Row("position_add", "GP", CLIENT_EDIT, person),
    Row("person_contact_add", "P", CLIENT_EDIT, person),
    Row("feed", "G", CLIENT_SEE, lambda t, c: ("company", t.company.pk)),
    Row("note_add", "P", CLIENT_SEE, lambda t, c: ("company", t.company.pk), lambda t, c: {"text": "Запись"}),
    # The things' owner wrote the note; a director and an administrator mind everybody's.
    Row("note_edit", "GP", NOTE_EDIT, lambda t, c: (t.note.pk,), lambda t, c: {"text": "Правка"}),
    Row("note_pin", "P", CLIENT_SEE, lambda t, c: (t.note.pk,)),
    Row("note_delete", "P", NOTE_EDIT, lambda t, c: (t.note.pk,)),
    Row("search", "G", ALL, query="?q=ООО"),
    Row("search_suggest", "G", ALL, query="?q=ООО"),
    Row("palette", "G", ALL, query="?q=ООО"),
    Row("at_hand", "G", ALL),
    Row("mention_people", "G", ALL),
    Row("favourite_on", "P", CLIENT_SEE, lambda t, c: ("company", t.company.pk)),
    Row("favourite_off", "P", DEAL_SEE, lambda t, c: ("deal", t.deal.pk)),
]

ACTIVITIES = [
    Row("today", "G", ALL),
    Row("today_badge", "G", ALL),
    Row("today_handed", "G", ALL),
    Row("today_close_date", "GP", DEAL_EDIT, lambda t, c: (t.deal.pk,)),
    Row("calendar", "G", ALL),
    Row("calendar_entries", "G", ALL, query="?start=2026-11-16&end=2026-11-23"),
    Row("calendar_link", "GP", ALL),
    Row("calendar_link_close", "P", ALL),
    Row("activities", "G", ALL),
    Row("activity_new", "GP", ALL),
    Row("activity_compose", "P", ALL),
    Row("activity_places", "G", ALL),
    Row("activity", "G", ACTIVITY_SEE, activity),
    Row("activity_edit", "GP", ACTIVITY_EDIT, activity),
    Row("activity_complete", "GP", ACTIVITY_EDIT, activity),
    Row("activity_reschedule", "P", ACTIVITY_EDIT, activity),
    Row("activity_move", "P", ACTIVITY_EDIT, activity, data=lambda t, c: {"start": "2027-01-12T10:00:00"}),
    Row("activity_stop", "P", ACTIVITY_EDIT, activity),
    Row("activity_cancel", "P", ACTIVITY_EDIT, activity),
    Row("activity_reopen", "P", ACTIVITY_EDIT, activity),
    Row("plans", "G", PLAN_SEE),
    Row("plans_save", "P", MANAGERS),
    Row("plan_corrections", "G", PLAN_SEE),
    Row("plan_post_back", "P", DEAL_MANAGE, deal),
    Row("kpis", "G", PLAN_SEE),
    Row("kpi", "G", PLAN_SEE, kpi),
    Row("here", "P", DEAL_SEE, lambda t, c: ("deal", t.deal.pk)),
    Row("notices", "G", ALL),
    Row("notices_badge", "G", ALL),
    Row("notices_read", "P", ALL),
    Row("notice", "G", EVERYBODYS_OWN, lambda t, c: (t.notice.pk,)),
]

LISTS = [
    Row("list_deals_options", "G", DEAL_SEE),
    Row("list_totals", "G", DEAL_SEE, deal_list),
    Row("list_filter", "G", DEAL_SEE, deal_list),
    Row("list_condition", "G", DEAL_SEE, deal_list, query="?field=amount"),
    Row("list_columns", "GP", DEAL_SEE, deal_list),
    Row("list_layout", "P", DEAL_SEE, deal_list),
    Row("list_views", "G", DEAL_SEE, deal_list),
    Row("list_view_new", "GP", DEAL_SEE, deal_list, lambda t, c: {"name": "Вид"}),
    Row(
        "list_view_first",
        "P",
        ADMIN,
        deal_list,
        lambda t, c: {"role": c.world.roles["seller"].pk, "first": "all"},
    ),
    # A view of one's own is nobody else's; a shared one is held by the tests of the room.
    Row("list_view_edit", "P", EVERYBODYS_OWN, own_view, lambda t, c: {"name": "Вид"}),
    Row("list_view_overwrite", "P", EVERYBODYS_OWN, own_view),
    Row("list_view_delete", "P", EVERYBODYS_OWN, own_view),
    Row("list_bulk", "GP", DEAL_EDIT, bulk_move),
    Row("list_bulk", "GP", DEAL_MANAGE, bulk_assign),
    Row("list_bulk", "GP", DEAL_MANAGE, bulk_delete),
    Row("list_export", "GP", DEAL_MANAGE, deal_list),
    Row("list_job", "G", EVERYBODYS_OWN, list_job),
    Row("list_job_undo", "P", EVERYBODYS_OWN, list_job),
    Row("list_job_file", "G", reach(head="o", director="o", admin="o"), list_job),
    Row(
        "list_cell",
        "GP",
        DEAL_EDIT,
        lambda t, c: ("deal", t.deal.pk, "title"),
        lambda t, c: {"value": "Новое", "was": t.deal.title},
    ),
]

BOOK = [
    Row("book", "G", ALL),
    Row("book_template", "GP", MANAGERS),
    Row("book_versions", "G", ALL),
    Row("book_version", "G", ALL, book_version),
    Row("book_cell", "G", ALL, book_cell),
    Row("book_cell", "P", MANAGERS, book_cell),
    Row("book_order", "P", MANAGERS),
    Row("book_funnel_new", "GP", MANAGERS),
    Row("book_funnel", "G", ALL, funnel),
    Row("book_funnel_edit", "GP", MANAGERS, funnel),
    Row("book_funnel_archive", "P", MANAGERS, funnel),
    Row("book_funnel_restore", "P", MANAGERS, funnel),
    Row("book_funnel_order", "P", MANAGERS, funnel),
    Row("book_funnel_key", "P", MANAGERS, funnel),
    Row("book_funnel_history", "G", ALL, funnel),
    Row("book_stage_new", "GP", MANAGERS, funnel),
    Row("book_stage", "G", ALL, stage),
    Row("stage_how", "G", ALL, stage),
    Row("book_stage", "P", MANAGERS, stage),
    Row("book_stage_archive", "GP", MANAGERS, stage),
    Row("book_stage_restore", "P", MANAGERS, stage),
    Row("book_stage_merge", "GP", MANAGERS, stage),
    Row("book_stage_parts", "G", ALL, stage),
    Row("book_rules", "GP", MANAGERS),
    Row("book_closing", "G", ALL, funnel),
    Row("book_closing_rules", "GP", MANAGERS, funnel),
    Row("book_closing_rules_drop", "P", MANAGERS, funnel),
    Row("book_closing_new", "GP", MANAGERS, ending),
    Row("book_closing_order", "P", MANAGERS, ending),
    Row("book_tunnel_new", "GP", MANAGERS, funnel),
    Row("book_tunnel", "GP", MANAGERS, tunnel),
    Row("book_tunnel_away", "P", MANAGERS, tunnel),
    Row("book_closing_edit", "GP", MANAGERS, closing_status),
    Row("book_closing_archive", "P", MANAGERS, closing_status),
    Row("book_closing_restore", "P", MANAGERS, closing_status),
    Row("book_closing_criterion", "GP", MANAGERS, closing_status),
    Row("book_part_new", "GP", MANAGERS, parts_of_stage),
    Row("book_parts_order", "P", MANAGERS, parts_of_stage),
    Row("book_part", "GP", MANAGERS, stage_part),
    Row("book_part_away", "P", MANAGERS, stage_part),
    Row("book_document", "G", ALL),
    Row("book_pdf", "G", ALL),
    Row("book_save", "G", ALL),
    Row("book_read", "GP", MANAGERS),
    Row("book_kpis", "G", ALL),
    Row("book_kpi_new", "GP", MANAGERS),
    Row("book_kpis_order", "P", MANAGERS),
    Row("book_kpi", "GP", MANAGERS, kpi),
    Row("book_kpi_away", "P", MANAGERS, kpi),
    Row("book_lists", "G", ALL),
    Row("book_list", "G", ALL, of_list),
    Row("book_products", "G", ALL),
    Row("book_product_new", "GP", MANAGERS),
    Row("book_product", "G", ALL, product),
    Row("book_entry_new", "GP", MANAGERS, of_list),
    Row("book_list_order", "P", MANAGERS, of_list),
    Row("book_entry", "GP", MANAGERS, reason),
    Row("book_entry_archive", "GP", MANAGERS, reason),
    Row("book_entry_restore", "P", MANAGERS, reason),
    Row("book_entry_merge", "GP", MANAGERS, reason),
]

REPORTS = [
    Row("reports", "G", ALL),
    Row("report_funnel", "G", ALL),
    Row("report_funnel_filter", "G", ALL),
    Row("report_conditions", "G", ALL),
    Row("report_funnel_file", "G", REPORT_EXPORT),
    Row("report_funnel_deals", "G", ALL, query="?cell=won"),
    Row("report_funnel_deals_file", "G", DEAL_MANAGE, query="?cell=won"),
    Row("report", "G", ALL, a_report),
    Row("report_filter", "G", ALL, a_report),
    Row("report_file", "G", REPORT_EXPORT, a_report),
    Row("report_list", "G", ALL, a_report, query="?cell=opening"),
    Row("report_list_file", "G", MANAGERS, a_report, query="?cell=opening"),
]

IMPORTS = [
    Row("imports", "G", MANAGERS),
    Row("import_start", "GP", MANAGERS),
    Row("import_one", "G", MANAGERS, imported),
    Row("import_files", "G", MANAGERS, draft),
    Row("import_subject", "P", MANAGERS, draft),
    Row("import_leave", "P", MANAGERS, draft),
    Row("import_same", "P", MANAGERS, draft),
    Row("import_make_fields", "P", ADMIN, draft),
    Row("import_columns", "GP", MANAGERS, draft),
    Row("import_stages", "GP", MANAGERS, draft),
    Row("import_preview", "G", MANAGERS, draft),
    Row("import_run", "P", MANAGERS, draft),
    Row("import_progress", "G", MANAGERS, imported),
    Row("import_errors", "G", MANAGERS, imported),
    Row("import_undo", "P", MANAGERS, imported),
    Row("import_discard", "P", MANAGERS, draft),
]

SHAPE = [
    Row("working_days", "GP", ALL),
    Row("company_day", "P", ADMIN),
    Row("company_day_clear", "P", ADMIN, company_day),
    Row("absence_remove", "P", ABSENCE_EDIT, lambda t, c: (t.absence.pk,)),
    Row("rates", "GP", ADMIN),
    Row("rates_paste", "P", ADMIN),
    Row("rates_revalue", "P", ADMIN),
    Row("rate_remove", "P", ADMIN, rate),
    Row("fields_first", "G", ADMIN),
    Row("fields", "G", ADMIN, of_fields),
    Row("field_new", "GP", ADMIN, of_fields),
    Row("fields_order", "P", ADMIN, of_fields),
    Row("field_edit", "GP", ADMIN, own_field),
    Row("field_kind", "GP", ADMIN, own_field),
    Row("field_archive", "P", ADMIN, own_field),
    Row("field_restore", "P", ADMIN, own_field),
    Row("field_options", "G", ADMIN, own_field),
    Row("field_options_add", "GP", ADMIN, own_field),
    Row("field_option", "GP", ADMIN, own_option),
    Row("field_option_archive", "P", ADMIN, own_option),
    Row("field_option_restore", "P", ADMIN, own_option),
    Row("field_option_merge", "GP", ADMIN, own_option),
    Row("field_choices", "G", ALL, own_field),
    Row("card_layout", "GP", ADMIN, of_fields),
    Row("numbering", "GP", ADMIN),
    Row("colleague_choices", "G", ALL),
    Row("files", "GP", CLIENT_SEE, lambda t, c: ("company", t.company.pk)),
    Row("file", "G", CLIENT_SEE, lambda t, c: (t.file.pk,)),
    Row("file_content", "G", CLIENT_SEE, lambda t, c: (t.file.pk,)),
    Row("file_preview", "G", CLIENT_SEE, lambda t, c: (t.file.pk,)),
    Row("file_delete", "P", NOTE_EDIT, lambda t, c: (t.file.pk,)),
    Row(
        "own_edit",
        "P",
        DEAL_EDIT,
        lambda t, c: ("deal", t.deal.pk),
        lambda t, c: {"field": c.own_field.name, "value": c.own_field.options.first().pk},
    ),
]

# What belongs to the whole workspace.
SHARED = (
    deal_list,
    bulk_move,
    bulk_assign,
    bulk_delete,
    rate,
    hint,
    parts_of_stage,
    stage_part,
    funnel,
    stage,
    reason,
    of_list,
    book_cell,
    product,
    team,
    role,
    draft,
    imported,
    of_fields,
    own_field,
    own_option,
)

# Addresses whose arguments name no row of the workspace: a stranger's cannot be told from one's own.
NO_OWN_ROWS = {
    # Named by a code that every company has.
    "hint_switch",
    "tour_seen",
    *(row.name for row in LISTS if row.args is deal_list),
    *(row.name for row in REPORTS if row.args is a_report),
    "api_section",
    "list_bulk",
    "book_list",
    # Every company counts its versions from one.
    "book_version",
    "book_entry_new",
    "book_list_order",
    "fields",
    "field_new",
    "fields_order",
    "card_layout",
}

TABLE: list[Row] = [*ACCOUNTS, *DEALS, *CLIENTS, *ACTIVITIES, *BOOK, *REPORTS, *IMPORTS, *SHAPE, *LISTS]
