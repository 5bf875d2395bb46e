"""Whom we sell to: companies and the people who work in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.clients.expressions import MailDomain, SiteHost
from voronka.clients.querysets import CompanyQuerySet, ContactPointQuerySet, PersonQuerySet
from voronka.core.tenancy import Versioned, WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.desk.fields.models import Shaped, own_values_index


class Segment(WorkspaceModel):
    """A target group: whom we sell to."""

    name = models.CharField(_("Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    description = models.TextField(_("Description"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["order", "name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="segment_name_once")]

    def __str__(self) -> str:
        return self.name


class Source(WorkspaceModel):
    """Where a client or a deal came from."""

    name = models.CharField(_("Name"), max_length=150)
    name_key = models.CharField(max_length=150, db_collation="C")
    order = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["order", "name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="source_name_once")]

    def __str__(self) -> str:
        return self.name


class Size(models.TextChoices):
    """How large a client is."""

    MICRO = "micro", _("micro")
    SMALL = "small", _("small")
    MEDIUM = "medium", _("medium")
    LARGE = "large", _("large")


class Company(Shaped, Versioned, WorkspaceModel):
    """A client, present or possible."""

    name = models.CharField(pgettext_lazy("company", "Name"), max_length=250)
    # Folded, without the legal form: order, duplicates and keyset pages rest on it.
    name_key = models.CharField(max_length=250, db_collation="C")
    legal_name = models.CharField(_("Full legal name"), max_length=400, blank=True)
    inn = models.CharField(_("INN"), max_length=12, blank=True)
    kpp = models.CharField(_("KPP"), max_length=9, blank=True)
    ogrn = models.CharField(_("OGRN"), max_length=15, blank=True)
    region = models.CharField(_("Region"), max_length=2, blank=True)
    industry = models.CharField(_("Industry"), max_length=1, blank=True)
    okved = models.CharField(_("OKVED code"), max_length=8, blank=True)
    legal_address = models.CharField(_("Legal address"), max_length=400, blank=True)
    address = models.CharField(_("Address"), max_length=400, blank=True)
    site = models.CharField(_("Site"), max_length=200, blank=True)
    size = models.CharField(_("Size"), max_length=10, choices=Size.choices, blank=True)
    segment = WorkspaceForeignKey(
        Segment,
        verbose_name=_("Segment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
    )
    source = WorkspaceForeignKey(
        Source,
        verbose_name=_("Source"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
    )
    is_key = models.BooleanField(_("Key client"), default=False)
    owner = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="companies"
    )
    team = WorkspaceForeignKey(
        "workspaces.Team", on_delete=models.PROTECT, null=True, related_name="companies"
    )
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Another name of this one: old links lead there. Set together with `deleted_at`, by `merge_companies` alone.
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Summaries, written by `activities` through `actions.note_contacts()`.
    last_contact_at = models.DateTimeField(null=True, blank=True)
    next_activity_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = WorkspaceManager.of(CompanyQuerySet)

    class Meta:
        ordering = ["name_key", "id"]
        indexes = [
            own_values_index("company_own_values"),
            # The deleted too: deals are sorted by the name of whatever client they have.
            models.Index(fields=["workspace", "name_key", "id"], name="company_by_name"),
            models.Index(fields=["workspace", "owner", "name_key", "id"], name="company_by_owner"),
            models.Index(fields=["workspace", "team", "name_key", "id"], name="company_by_team"),
            models.Index(fields=["workspace", "inn"], name="company_by_inn", condition=~Q(inn="")),
            models.Index(
                fields=["workspace", "last_contact_at", "id"],
                name="company_by_contact",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["workspace", "created_at", "id"], name="company_by_age", condition=Q(deleted_at=None)
            ),
            models.Index(F("workspace"), SiteHost("site"), name="company_by_site", condition=~Q(site="")),
            models.Index(
                fields=["workspace", "merged_into"],
                name="company_merged",
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BankAccount(WorkspaceModel):
    """A settlement account of a client."""

    company = WorkspaceForeignKey(Company, on_delete=models.CASCADE, related_name="accounts")
    bic = models.CharField(_("BIC"), max_length=9)
    account = models.CharField(_("Account"), max_length=20)
    bank = models.CharField(_("Bank"), max_length=200, blank=True)
    correspondent = models.CharField(_("Correspondent account"), max_length=20, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.account


class PostKind(models.TextChoices):
    """A person's role in the purchase."""

    DECISION = "decision", _("decision maker")
    ECONOMIC = "economic", _("economic buyer")
    INFLUENCER = "influencer", _("influencer")
    TECHNICAL = "technical", _("technical expert")
    USER = "user", _("user")
    BUYER = "buyer", _("purchasing")
    OTHER = "other", _("other")


class Person(Shaped, Versioned, WorkspaceModel):
    """A contact person; may hold posts in several companies."""

    name = models.CharField(_("Name"), max_length=200)
    name_key = models.CharField(max_length=200, db_collation="C")
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    about = models.TextField(_("About"), blank=True)
    source = WorkspaceForeignKey(
        Source,
        verbose_name=_("Source"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
    )
    owner = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, related_name="people"
    )
    team = WorkspaceForeignKey("workspaces.Team", on_delete=models.PROTECT, null=True, related_name="people")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    last_contact_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = WorkspaceManager.of(PersonQuerySet)

    class Meta:
        ordering = ["name_key", "id"]
        indexes = [
            own_values_index("person_own_values"),
            models.Index(
                fields=["workspace", "name_key", "id"], name="person_by_name", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["workspace", "last_contact_at", "id"],
                name="person_by_contact",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["workspace", "merged_into"],
                name="person_merged",
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Position(WorkspaceModel):
    """A person's post in a company and role in its purchases."""

    person = WorkspaceForeignKey(Person, on_delete=models.CASCADE, related_name="positions")
    company = WorkspaceForeignKey(Company, on_delete=models.CASCADE, related_name="positions")
    title = models.CharField(_("Post"), max_length=150, blank=True)
    kind = models.CharField(_("Role in the purchase"), max_length=12, choices=PostKind.choices, blank=True)
    is_main = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_main", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "person", "company"], name="position_once")
        ]

    def __str__(self) -> str:
        return self.title


class ContactKind(models.TextChoices):
    """How one can be reached."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    MESSENGER = "messenger", _("Messenger")


class ContactPoint(WorkspaceModel):
    """A phone, an e-mail or a messenger of a company or a person."""

    kind = models.CharField(max_length=10, choices=ContactKind.choices)
    company = WorkspaceForeignKey(
        Company, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    person = WorkspaceForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    value = models.CharField(max_length=150)
    # E.164 for phones, lower case for the rest: what duplicates and incoming calls are matched by.
    normal = models.CharField(max_length=150, db_collation="C")
    label = models.CharField(max_length=40, blank=True)

    objects: ClassVar[Any] = WorkspaceManager.of(ContactPointQuerySet)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=True, person__isnull=False)
                | Q(company__isnull=False, person__isnull=True),
                name="contact_point_of_one",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "normal"], name="contact_point_normal"),
            models.Index(
                F("workspace"), MailDomain("normal"), name="contact_point_domain", condition=Q(kind="email")
            ),
        ]

    def __str__(self) -> str:
        return self.value


class CompanyTag(WorkspaceModel):
    """A tag put on a company."""

    company = WorkspaceForeignKey(Company, on_delete=models.CASCADE, related_name="tag_links")
    tag = WorkspaceForeignKey("desk.Tag", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "company", "tag"], name="company_tag_once")
        ]

    def __str__(self) -> str:
        return str(self.tag)


class RequestStatus(models.TextChoices):
    """Where a request for access stands."""

    OPEN = "open", _("waiting")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class AccessRequest(WorkspaceModel):
    """A member asks to work with a client out of reach. A granted one is the tie by which the client is seen."""

    company = WorkspaceForeignKey(
        Company, on_delete=models.CASCADE, null=True, blank=True, related_name="access_requests"
    )
    person = WorkspaceForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="access_requests"
    )
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=8, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=True, person__isnull=False)
                | Q(company__isnull=False, person__isnull=True),
                name="access_request_to_one",
            ),
            models.UniqueConstraint(
                fields=["workspace", "company", "member"],
                condition=Q(status="open"),
                name="access_company_asked_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "person", "member"],
                condition=Q(status="open"),
                name="access_person_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.company_id or self.person_id}"

    @property
    def client(self) -> Company | Person:
        """What access is asked to."""
        found = self.company or self.person
        assert found is not None
        return found


class DuplicatePair(WorkspaceModel):
    """Two clients of one kind that look the same, as the last search found them; or that somebody said are not.

    Ids and not links: a pair is a guess about rows, it must neither hold them nor move with them.
    """

    kind = models.CharField(max_length=7)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    score = models.PositiveSmallIntegerField(default=0)
    reasons = ArrayField(models.CharField(max_length=10), default=list)
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = WorkspaceForeignKey(
        "workspaces.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "first_id", "second_id"], name="duplicate_pair_once"
            ),
            models.CheckConstraint(condition=Q(first_id__lt=F("second_id")), name="duplicate_pair_ordered"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "kind", "-score", "first_id"],
                name="duplicate_pair_best",
                condition=Q(dismissed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_id} = {self.second_id}"


class DuplicateSearch(WorkspaceModel):
    """When duplicates were last looked for in bulk: one row for a workspace."""

    queued_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="duplicate_search_once")]

    def __str__(self) -> str:
        return f"{self.finished_at}: {self.found}"
