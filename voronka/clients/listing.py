"""Companies and people as lists know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from voronka.clients import actions
from voronka.clients.filters import found
from voronka.clients.industries import industry_choices, industry_name
from voronka.clients.models import (
    Company,
    CompanyTag,
    ContactKind,
    ContactPoint,
    Person,
    Position,
    PostKind,
    Segment,
    Size,
    Source,
)
from voronka.clients.regions import region_choices, region_name
from voronka.core import formats
from voronka.desk.lists.common import days_since, members, silent, tags
from voronka.desk.lists.conditions import Condition, Group
from voronka.desk.lists.fields import Field, Kind, Links, entries_of, names_in
from voronka.desk.lists.reading import member_of, tag_of
from voronka.desk.lists.registry import Listing, Verb, View, register
from voronka.desk.models import Tag
from voronka.workspaces.models import Member, Team
from voronka.workspaces.rights import Action, Subject

REQUISITES, CONTACTS, PEOPLE, DEALS = _("Requisites"), _("Contacts"), _("People"), _("Deals")


def _contacts(kind: ContactKind, back: str) -> Links:
    return Links(lambda: ContactPoint.objects.filter(kind=kind), back, "value")


def _shown_contacts(kind: ContactKind) -> Any:
    return lambda client: [point.value for point in client.contacts.all() if point.kind == kind]


def _has_next(asked: Condition, member: Member | None) -> Q:
    return Q(next_activity_at__isnull=asked.op == "yes")


def company_fields() -> list[Field]:
    """All fields of a company, in the order of the column chooser."""
    return [
        Field(
            "name",
            pgettext_lazy("company", "Name"),
            Kind.TEXT,
            "name",
            sort="name_key",
            nullable=False,
            editable=True,
            default=True,
            width=280,
        ),
        Field(
            "segment",
            _("Segment"),
            Kind.DICTIONARY,
            "segment_id",
            sort="segment__name",
            options=entries_of(Segment),
            names=names_in(Segment),
            related=("segment",),
            editable=True,
            default=True,
        ),
        Field(
            "is_key",
            _("Key client"),
            Kind.FLAG,
            "is_key",
            nullable=False,
            editable=True,
            width=120,
        ),
        Field(
            "source",
            _("Source"),
            Kind.DICTIONARY,
            "source_id",
            sort="source__name",
            options=entries_of(Source),
            names=names_in(Source),
            related=("source",),
            editable=True,
        ),
        Field(
            "tags",
            _("Tags"),
            Kind.TAGS,
            options=tags,
            names=names_in(Tag),
            links=Links(lambda: CompanyTag.objects.all(), "company", "tag_id"),
            show=lambda company: [link.tag.name for link in company.tag_links.all()],
            prefetch=("tag_links__tag",),
            sortable=False,
        ),
        Field(
            "size",
            _("Size"),
            Kind.CHOICE,
            "size",
            options=lambda: Size.choices,
            show=lambda company: str(company.get_size_display()),
            editable=True,
            width=120,
        ),
        Field(
            "region",
            _("Region"),
            Kind.CHOICE,
            "region",
            options=region_choices,
            show=lambda company: region_name(company.region) if company.region else "",
            raw=lambda company: company.region,
            editable=True,
            default=True,
        ),
        Field(
            "industry",
            _("Industry"),
            Kind.CHOICE,
            "industry",
            options=industry_choices,
            show=lambda company: industry_name(company.industry) if company.industry else "",
            raw=lambda company: company.industry,
            editable=True,
            width=200,
        ),
        Field("inn", _("INN"), Kind.TEXT, "inn", nullable=False, editable=True, group=REQUISITES, width=130),
        Field("kpp", _("KPP"), Kind.TEXT, "kpp", nullable=False, editable=True, group=REQUISITES, width=120),
        Field("ogrn", _("OGRN"), Kind.TEXT, "ogrn", nullable=False, editable=True, group=REQUISITES),
        Field(
            "legal_name",
            _("Full legal name"),
            Kind.TEXT,
            "legal_name",
            nullable=False,
            editable=True,
            group=REQUISITES,
            width=260,
        ),
        Field(
            "address",
            _("Address"),
            Kind.TEXT,
            "address",
            nullable=False,
            editable=True,
            group=CONTACTS,
            width=260,
        ),
        Field("site", _("Site"), Kind.TEXT, "site", nullable=False, editable=True, group=CONTACTS),
        Field(
            "phones",
            _("Phones"),
            Kind.PHONE,
            links=_contacts(ContactKind.PHONE, "company"),
            show=_shown_contacts(ContactKind.PHONE),
            prefetch=("contacts",),
            sortable=False,
            group=CONTACTS,
        ),
        Field(
            "emails",
            _("E-mails"),
            Kind.EMAIL,
            links=_contacts(ContactKind.EMAIL, "company"),
            show=_shown_contacts(ContactKind.EMAIL),
            prefetch=("contacts",),
            sortable=False,
            group=CONTACTS,
            width=200,
        ),
        *_owner_fields("company"),
        Field(
            "no_next_step",
            _("No next step"),
            Kind.FLAG,
            condition=_has_next,
            sortable=False,
            listed=False,
            group=DEALS,
        ),
        Field("next_activity_at", _("Next step"), Kind.MOMENT, "next_activity_at", group=DEALS, width=130),
    ]


def _owner_fields(subject: str) -> list[Field]:
    return [
        Field(
            "last_contact_at",
            _("Last contact"),
            Kind.MOMENT,
            "last_contact_at",
            default=True,
            group=PEOPLE,
            width=140,
        ),
        Field(
            "silent",
            _("Silent for, days"),
            Kind.DAYS,
            condition=silent("created_at"),
            show=lambda client: days_since(client.last_contact_at or client.created_at),
            sortable=False,
            group=PEOPLE,
            width=110,
        ),
        Field(
            "owner",
            _("Responsible"),
            Kind.MEMBER,
            "owner_id",
            sort="owner__name",
            options=members,
            names=names_in(Member),
            related=("owner",),
            default=True,
            group=PEOPLE,
            width=170,
        ),
        Field(
            "team",
            _("Team"),
            Kind.TEAM,
            "team_id",
            sort="team__name",
            options=entries_of(Team),
            names=names_in(Team),
            related=("team",),
            group=PEOPLE,
        ),
        Field(
            "created_at",
            pgettext_lazy("client", "Added"),
            Kind.MOMENT,
            "created_at",
            nullable=False,
            default=subject == "company",
            group=PEOPLE,
            width=120,
        ),
        Field(
            "deleted",
            pgettext_lazy("client", "Deleted"),
            Kind.FLAG,
            condition=lambda asked, member: Q(deleted_at__isnull=asked.op == "no"),
            sortable=False,
            listed=False,
            group=PEOPLE,
        ),
    ]


def person_fields() -> list[Field]:
    """All fields of a contact person."""
    posts = Prefetch("positions", Position.objects.select_related("company").order_by("-is_main", "id"))
    works_at = Position.objects.filter(person=OuterRef("pk")).order_by("-is_main", "id")
    return [
        Field(
            "name",
            _("Name"),
            Kind.TEXT,
            "name",
            sort="name_key",
            nullable=False,
            editable=True,
            default=True,
            width=240,
        ),
        Field(
            "company",
            _("Company"),
            Kind.COMPANY,
            links=Links(lambda: Position.objects.all(), "person", "company_id"),
            sort=Subquery(works_at.values("company__name_key")[:1]),
            source="companies",
            names=names_in(Company),
            show=lambda person: [post.company.name for post in person.positions.all()],
            prefetch=(posts,),
            default=True,
            width=220,
        ),
        Field(
            "post",
            _("Post"),
            Kind.TEXT,
            links=Links(lambda: Position.objects.exclude(title=""), "person", "title"),
            show=lambda person: [post.title for post in person.positions.all() if post.title],
            prefetch=(posts,),
            sortable=False,
            default=True,
        ),
        Field(
            "role",
            _("Role in the purchase"),
            Kind.CHOICES,
            links=Links(lambda: Position.objects.exclude(kind=""), "person", "kind"),
            options=lambda: PostKind.choices,
            show=lambda person: [
                str(post.get_kind_display()) for post in person.positions.all() if post.kind
            ],
            prefetch=(posts,),
            sortable=False,
        ),
        Field(
            "phones",
            _("Phones"),
            Kind.PHONE,
            links=_contacts(ContactKind.PHONE, "person"),
            show=_shown_contacts(ContactKind.PHONE),
            prefetch=("contacts",),
            sortable=False,
            default=True,
            group=CONTACTS,
        ),
        Field(
            "emails",
            _("E-mails"),
            Kind.EMAIL,
            links=_contacts(ContactKind.EMAIL, "person"),
            show=_shown_contacts(ContactKind.EMAIL),
            prefetch=("contacts",),
            sortable=False,
            default=True,
            group=CONTACTS,
            width=200,
        ),
        Field("birthday", _("Birthday"), Kind.DATE, "birthday", editable=True, group=CONTACTS, width=120),
        Field("about", _("About"), Kind.LONGTEXT, "about", nullable=False, editable=True, sortable=False),
        Field(
            "source",
            _("Source"),
            Kind.DICTIONARY,
            "source_id",
            sort="source__name",
            options=entries_of(Source),
            names=names_in(Source),
            related=("source",),
            editable=True,
        ),
        *_owner_fields("person"),
    ]


def company_rows(member: Member, action: Action, where: Group) -> Any:
    return Company.objects.visible_to(member, _reach_for(action, where))


def person_rows(member: Member, action: Action, where: Group) -> Any:
    return Person.objects.visible_to(member, _reach_for(action, where))


def _reach_for(action: Action, where: Group) -> Action:
    """The deleted are seen by those who may delete."""
    asks = any(c.field == "deleted" and c.op == "yes" for c in where.conditions())
    return Action.DELETE if asks and action == Action.SEE else action


def companies_counted(count: int) -> str:
    """«3 clients» in words."""
    return ngettext("%(count)s client", "%(count)s clients", count) % {"count": formats.number(count)}


def people_counted(count: int) -> str:
    """«3 people» in words."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": formats.number(count)}


def _owner(params: Any, actor: Member) -> dict[str, Any]:
    return {"owner": member_of(params.get("owner", ""))}


def _tag(params: Any, actor: Member) -> dict[str, Any]:
    return {"tag": tag_of(params.get("tag", ""))}


def edit_company(
    company: Company, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """The verb of a company's cell."""
    return actions.edit_company(company, actor=actor, changes=changes, was=was)


def edit_person(
    person: Person, *, actor: Member, changes: Mapping[str, Any], was: Mapping[str, Any] | None = None
) -> Any:
    """The verb of a person's cell."""
    return actions.edit_person(person, actor=actor, changes=changes, was=was)


VIEWS = [
    View("all", pgettext_lazy("clients", "All"), []),
    View("mine", pgettext_lazy("clients", "Mine"), [["owner", "in", "me"]], wide=True),
    View("silent", _("Silent for 30 days"), [["silent", "ge", "30"]], sort="last_contact_at"),
]
DELETED = View("deleted", pgettext_lazy("clients", "Deleted"), [["deleted", "yes"]], tucked=True)

COMPANIES = register(
    Listing(
        code="company",
        subject=Subject.CLIENT,
        label=_("Companies"),
        counted=companies_counted,
        rows=company_rows,
        base=lambda: Company.objects.all(),
        columns=(
            "name",
            "segment",
            "region",
            "open_deals",
            "open_sum",
            "last_contact_at",
            "owner",
            "created_at",
        ),
        fields=company_fields,
        main="name",
        sort="name",
        state="deleted",
        present=("deleted", "no"),
        views=[
            *VIEWS[:2],
            View("key", _("Key clients"), [["is_key", "yes"]]),
            VIEWS[2],
            View("in_work", _("With open deals"), [["has_deals", "yes"]]),
            View("no_step", _("No next step"), [["has_deals", "yes"], ["no_next_step", "yes"]], tucked=True),
            DELETED,
        ],
        quick=("owner", "segment", "region", "tags"),
        search=lambda rows, text: rows.filter(found("company", text)),
        edit=edit_company,
        hidden_as="client",
        verbs=[
            Verb(
                "assign",
                _("Hand over"),
                "user-share",
                Action.HAND_OVER,
                lambda company, actor, given: actions.assign_company(
                    company, actor=actor, owner=given["owner"]
                ),
                "owner",
                _owner,
            ),
            Verb(
                "tag",
                _("Put a tag on"),
                "tag",
                Action.EDIT,
                lambda company, actor, given: actions.tag_company(
                    company, actor=actor, name=given["tag"].name
                ),
                "tag",
                _tag,
            ),
            Verb(
                "untag",
                _("Take a tag off"),
                "tag-off",
                Action.EDIT,
                lambda company, actor, given: actions.untag_company(company, actor=actor, tag=given["tag"]),
                "tag",
                _tag,
            ),
            Verb(
                "delete",
                _("Delete"),
                "trash",
                Action.DELETE,
                lambda company, actor, given: actions.delete_company(company, actor=actor),
                danger=True,
            ),
            Verb(
                "restore",
                _("Restore"),
                "arrow-back-up",
                Action.DELETE,
                lambda company, actor, given: actions.restore_company(company, actor=actor),
            ),
        ],
        aliases={"contact": "last_contact_at", "created": "created_at"},
    )
)

PEOPLE_LISTING = register(
    Listing(
        code="person",
        subject=Subject.CLIENT,
        label=_("People"),
        counted=people_counted,
        rows=person_rows,
        base=lambda: Person.objects.all(),
        columns=("name", "company", "post", "phones", "emails", "last_contact_at", "owner"),
        fields=person_fields,
        main="name",
        sort="name",
        state="deleted",
        present=("deleted", "no"),
        views=[
            *VIEWS,
            View(
                "birthdays",
                _("With a birthday"),
                [["birthday", "filled"]],
                columns=("name", "company", "birthday", "phones", "owner"),
                tucked=True,
            ),
            DELETED,
        ],
        quick=("owner", "role", "company"),
        search=lambda rows, text: rows.filter(found("person", text)),
        edit=edit_person,
        hidden_as="client",
        verbs=[
            Verb(
                "assign",
                _("Hand over"),
                "user-share",
                Action.HAND_OVER,
                lambda person, actor, given: actions.assign_person(person, actor=actor, owner=given["owner"]),
                "owner",
                _owner,
            ),
            Verb(
                "delete",
                _("Delete"),
                "trash",
                Action.EDIT,
                lambda person, actor, given: actions.delete_person(person, actor=actor),
                danger=True,
            ),
            Verb(
                "restore",
                _("Restore"),
                "arrow-back-up",
                Action.DELETE,
                lambda person, actor, given: actions.restore_person(person, actor=actor),
            ),
        ],
        aliases={"contact": "last_contact_at", "kind": "role"},
    )
)
