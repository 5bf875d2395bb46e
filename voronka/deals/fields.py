"""The fields of a deal as lists know them."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.catalog.models import Product, ProductGroup
from voronka.clients.industries import industry_choices, industry_name
from voronka.clients.models import Company, Person, Segment, Source
from voronka.clients.regions import region_choices, region_name
from voronka.core import clock
from voronka.deals.choices import DealKind, Interest, Outcome, Priority
from voronka.deals.models import DealTag
from voronka.desk.lists.common import days_since, members, older, silent, tags
from voronka.desk.lists.conditions import NOTHING, Condition, with_children
from voronka.desk.lists.fields import Field, Kind, Links, Option, entries_of, names_in
from voronka.desk.models import Tag
from voronka.playbook.models import ForecastCategory, Funnel, Reason, Stage
from voronka.workspaces.models import Member, Team

CLIENT, TIMES, MONEY, PEOPLE, STEP = (
    _("Client"),
    _("Dates"),
    _("Money"),
    _("People"),
    _("Next step"),
)


def _stages() -> list[Option]:
    rows = Stage.objects.filter(archived_at=None, funnel__archived_at=None).select_related("funnel")
    found = list(rows.order_by("funnel__order", "funnel_id", "order"))
    single = len({row.funnel_id for row in found}) < 2
    return [(row.pk, row.name if single else f"{row.funnel.name} · {row.name}") for row in found]


def _open_when(ask: Callable[[], Q]) -> Callable[[Condition, Member | None], Q]:
    """A switch about open deals: «yes» asks it of them, «no» the opposite of them."""

    def condition(asked: Condition, member: Member | None) -> Q:
        found = ask()
        return Q(outcome=Outcome.OPEN) & (found if asked.op == "yes" else ~found)

    return condition


def deal_fields() -> list[Field]:
    """All of them, in the order of the column chooser."""
    return [*_of_itself(), *_of_money(), *_of_next_step(), *_of_people(), *_of_client(), *_of_times()]


def _of_itself() -> list[Field]:
    return [
        Field("number", "№", Kind.NUMBER, "number", nullable=False, width=76),
        Field("title", _("Deal"), Kind.TEXT, "title", nullable=False, editable=True, default=True, width=245),
        Field(
            "stage",
            _("Stage"),
            Kind.DICTIONARY,
            "stage_id",
            sort="stage__order",
            nullable=False,
            options=_stages,
            names=names_in(Stage),
            related=("stage",),
            default=True,
            width=150,
        ),
        Field(
            "funnel",
            _("Funnel"),
            Kind.DICTIONARY,
            "funnel_id",
            sort="funnel__name",
            nullable=False,
            options=entries_of(Funnel),
            names=names_in(Funnel),
            related=("funnel",),
        ),
        Field(
            "outcome",
            _("Outcome"),
            Kind.CHOICE,
            "outcome",
            nullable=False,
            options=lambda: Outcome.choices,
            show=lambda deal: str(deal.get_outcome_display()),
            width=110,
        ),
        Field(
            "reason",
            _("Reason"),
            Kind.DICTIONARY,
            "reason_id",
            sort="reason__name",
            options=entries_of(Reason, kind="lost"),
            names=names_in(Reason),
            related=("reason",),
        ),
        Field(
            "kind",
            _("Kind"),
            Kind.CHOICE,
            "kind",
            nullable=False,
            options=lambda: DealKind.choices,
            show=lambda deal: str(deal.get_kind_display()),
            editable=True,
            width=120,
        ),
        Field(
            "priority",
            _("Priority"),
            Kind.CHOICE,
            "priority",
            nullable=False,
            options=lambda: Priority.choices,
            show=lambda deal: str(deal.get_priority_display()),
            editable=True,
            width=110,
        ),
        Field(
            "interest",
            _("Interest"),
            Kind.CHOICE,
            "interest",
            options=lambda: Interest.choices,
            show=lambda deal: str(deal.get_interest_display()),
            editable=True,
            width=110,
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
            "product",
            _("Product"),
            Kind.DICTIONARY,
            "product_id",
            sort="product__name",
            options=entries_of(Product),
            names=names_in(Product),
            related=("product",),
            editable=True,
            width=200,
        ),
        Field(
            "product_group",
            _("Product group"),
            Kind.DICTIONARY,
            "product_group_id",
            sort="product_group__name",
            options=entries_of(ProductGroup),
            names=names_in(ProductGroup),
            condition=_in_group,
            related=("product_group",),
        ),
        Field(
            "tags",
            _("Tags"),
            Kind.TAGS,
            options=tags,
            names=names_in(Tag),
            links=Links(lambda: DealTag.objects.all(), "deal", "tag_id"),
            show=lambda deal: [link.tag.name for link in deal.tag_links.all()],
            prefetch=("tag_links__tag",),
            sortable=False,
        ),
        Field(
            "comment", _("Comment"), Kind.LONGTEXT, "comment", nullable=False, editable=True, sortable=False
        ),
    ]


def _in_group(asked: Condition, member: Member | None) -> Q:
    """Groups are asked with all below them."""
    if asked.op in ("filled", "empty"):
        return Q(product_group__isnull=asked.op == "empty")
    ids = with_children(ProductGroup, [int(value) for value in asked.values if value != NOTHING])
    found = Q(product_group_id__in=ids)
    if NOTHING in asked.values:
        found |= Q(product_group_id__isnull=True)
    return ~found if asked.op == "out" else found


def _of_money() -> list[Field]:
    chance = Coalesce("probability", "stage__probability")
    return [
        Field(
            "amount",
            _("Sum"),
            Kind.MONEY,
            "amount_base",
            currency=lambda deal: deal.currency,
            editable=True,
            default=True,
            total=True,
            group=MONEY,
            width=140,
        ),
        Field(
            "weighted",
            _("Weighted sum"),
            Kind.MONEY,
            F("amount_base") * chance / 100,
            show=lambda deal: deal.weighted if deal.amount_base is not None else None,
            related=("stage",),
            total=True,
            group=MONEY,
            width=140,
            rests_on=("amount", "probability"),
        ),
        Field(
            "probability",
            _("Probability, %"),
            Kind.PERCENT,
            chance,
            nullable=False,
            related=("stage",),
            show=lambda deal: deal.chance,
            raw=lambda deal: deal.probability,
            editable=True,
            group=MONEY,
            width=110,
        ),
        Field(
            "category",
            _("Category"),
            Kind.CHOICE,
            "category",
            options=lambda: ForecastCategory.choices,
            show=lambda deal: str(deal.get_category_display()),
            editable=True,
            group=MONEY,
        ),
        Field("currency", _("Currency"), Kind.TEXT, "currency", nullable=False, group=MONEY, width=90),
        Field(
            "no_amount",
            _("No sum"),
            Kind.FLAG,
            condition=lambda asked, member: Q(amount__isnull=asked.op == "yes"),
            sortable=False,
            listed=False,
            group=MONEY,
            rests_on=("amount",),
        ),
    ]


def _of_next_step() -> list[Field]:
    return [
        Field(
            "next_activity_at",
            _("Next step"),
            Kind.MOMENT,
            "next_activity_at",
            default=True,
            group=STEP,
            width=175,
        ),
        Field(
            "next_activity_text",
            _("Next step: what"),
            Kind.TEXT,
            "next_activity_text",
            nullable=False,
            group=STEP,
            width=200,
        ),
        Field(
            "no_next_step",
            _("No next step"),
            Kind.FLAG,
            condition=_open_when(lambda: Q(next_activity_at=None)),
            sortable=False,
            listed=False,
            group=STEP,
        ),
        Field(
            "overdue_step",
            _("Next step overdue"),
            Kind.FLAG,
            condition=_open_when(lambda: Q(next_activity_at__lt=clock.now())),
            sortable=False,
            listed=False,
            group=STEP,
        ),
        Field("last_contact_at", _("Last contact"), Kind.MOMENT, "last_contact_at", group=STEP, width=130),
        Field(
            "silent",
            _("Silent for, days"),
            Kind.DAYS,
            condition=silent("opened_at"),
            show=lambda deal: days_since(deal.last_contact_at or deal.opened_at),
            sortable=False,
            group=STEP,
            width=110,
        ),
    ]


def _of_people() -> list[Field]:
    return [
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
            width=150,
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
            "closed_owner",
            _("Closed by"),
            Kind.MEMBER,
            "closed_owner_id",
            sort="closed_owner__name",
            options=members,
            names=names_in(Member),
            related=("closed_owner",),
            group=PEOPLE,
        ),
        Field(
            "created_by",
            _("Created by"),
            Kind.MEMBER,
            "created_by_id",
            sort="created_by__name",
            options=members,
            names=names_in(Member),
            related=("created_by",),
            group=PEOPLE,
        ),
    ]


def _of_client() -> list[Field]:
    return [
        Field(
            "company",
            _("Client"),
            Kind.COMPANY,
            "company_id",
            sort="company__name_key",
            source="companies",
            names=names_in(Company),
            related=("company",),
            editable=True,
            default=True,
            group=CLIENT,
            width=170,
        ),
        Field(
            "person",
            _("Contact person"),
            Kind.PERSON,
            "person_id",
            sort="person__name_key",
            source="people",
            names=names_in(Person),
            related=("person",),
            editable=True,
            group=CLIENT,
        ),
        Field(
            "segment",
            _("Segment"),
            Kind.DICTIONARY,
            "company__segment_id",
            sort="company__segment__name",
            options=entries_of(Segment),
            names=names_in(Segment),
            show=lambda deal: deal.company.segment if deal.company else None,
            related=("company__segment",),
            group=CLIENT,
        ),
        Field(
            "region",
            _("Region"),
            Kind.CHOICE,
            "company__region",
            options=region_choices,
            show=lambda deal: region_name(deal.company.region) if deal.company else "",
            related=("company",),
            group=CLIENT,
        ),
        Field(
            "industry",
            _("Industry"),
            Kind.CHOICE,
            "company__industry",
            options=industry_choices,
            show=lambda deal: industry_name(deal.company.industry) if deal.company else "",
            related=("company",),
            group=CLIENT,
        ),
    ]


def _of_times() -> list[Field]:
    return [
        Field(
            "expected_close",
            _("Expected close"),
            Kind.DATE,
            "expected_close",
            editable=True,
            default=True,
            group=TIMES,
            width=130,
        ),
        Field(
            "overdue_close",
            _("Expected date has passed"),
            Kind.FLAG,
            condition=_open_when(lambda: Q(expected_close__lt=clock.today())),
            sortable=False,
            listed=False,
            group=TIMES,
        ),
        Field(
            "no_expected",
            _("No expected date"),
            Kind.FLAG,
            condition=_open_when(lambda: Q(expected_close=None)),
            sortable=False,
            listed=False,
            group=TIMES,
        ),
        Field(
            "opened_at",
            pgettext_lazy("deal", "Opened"),
            Kind.MOMENT,
            "opened_at",
            nullable=False,
            default=True,
            group=TIMES,
            width=120,
        ),
        Field("closed_at", pgettext_lazy("deal", "Closed"), Kind.MOMENT, "closed_at", group=TIMES, width=120),
        Field("created_at", _("Created"), Kind.MOMENT, "created_at", nullable=False, group=TIMES, width=120),
        Field(
            "stage_since", _("In the stage since"), Kind.MOMENT, "stage_since", nullable=False, group=TIMES
        ),
        Field(
            "days_in_stage",
            _("Days in the stage"),
            Kind.DAYS,
            "stage_since",
            condition=older("stage_since"),
            show=lambda deal: days_since(deal.stage_since),
            sortable=False,
            group=TIMES,
            width=110,
        ),
        Field("pushes", _("Times put off"), Kind.NUMBER, "pushes", nullable=False, group=TIMES, width=110),
    ]
