"""Who uses the system: people, the companies they work in, their roles and teams."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.errors import Forbidden
from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceManager, WorkspaceModel
from voronka.workspaces.querysets import MemberQuerySet
from voronka.workspaces.rights import Action, Reach, RoleCode, Subject, field_of, subject_of_fields


class UserManager(BaseUserManager["User"]):
    """Users are found by e-mail, in any case of letters."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """One person who signs in; may be a member of several workspaces."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=150, blank=True)
    language = models.CharField(_("Language"), max_length=5, blank=True)
    theme = models.CharField(_("Theme"), max_length=5, default="auto")
    keys_on = models.BooleanField(_("Keyboard shortcuts"), default=True)
    # "" is the company's: hours are shown in it, days and reports always go by the company's.
    time_zone = models.CharField(_("Time zone"), max_length=50, blank=True, default="")
    # Where "/" leads somebody who works in several companies.
    last_workspace = models.ForeignKey(
        "Workspace", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Rights belong to members, not to users; Django's own permissions are not used."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Workspace(models.Model):
    """One customer of the system; its data never meets another's."""

    name = models.CharField(_("Company name"), max_length=150)
    slug = models.SlugField(max_length=50, unique=True)
    currency = models.CharField(_("Currency"), max_length=3, default="RUB")
    time_zone = models.CharField(_("Time zone"), max_length=50, default="Europe/Moscow")
    language = models.CharField(_("Language"), max_length=5, default="ru")
    is_demo = models.BooleanField(default=False)
    # Whoever has no second factor is led to set one up before anything else.
    second_factor_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Role(WorkspaceModel):
    """A named set of rights (see `rights.py`); six come with every workspace."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    rights = models.JSONField(default=dict)
    # {subject: [names]}, as `rights.hideable()` names them.
    hidden_fields = models.JSONField(default=dict, blank=True)
    readonly_fields = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="role_code_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The workspace's own name of the role, else the standard one in the reader's language."""
        return self.name or (str(RoleCode(self.code).label) if self.is_standard else self.code)

    @property
    def is_standard(self) -> bool:
        """Whether it is one of the six that come with the workspace: it may be changed, not deleted."""
        return self.code in RoleCode.values

    def reach(self, subject: str, action: str) -> Reach:
        return Reach(self.rights.get(str(subject), {}).get(str(action), 0))


class Team(WorkspaceModel):
    """A department; teams form a tree, each may have a head."""

    name = models.CharField(_("Name"), max_length=100)
    parent = WorkspaceForeignKey(
        "self",
        verbose_name=_("Part of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    head = WorkspaceForeignKey(
        "Member",
        verbose_name=_("Head"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="heads",
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class MemberStatus(models.TextChoices):
    """Where a member stands with the workspace."""

    ACTIVE = "active", _("active")
    INVITED = "invited", _("invited")
    FORMER = "former", _("former")


class Member(WorkspaceModel):
    """A person in a workspace. Former members stay by name: history belongs to somebody."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    name = models.CharField(_("Name"), max_length=150)
    email = models.EmailField(_("E-mail"), blank=True)
    post = models.CharField(_("Post"), max_length=100, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    role = WorkspaceForeignKey(Role, verbose_name=_("Role"), on_delete=models.PROTECT, related_name="members")
    team = WorkspaceForeignKey(
        Team,
        verbose_name=_("Team"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
    )
    status = models.CharField(max_length=10, choices=MemberStatus.choices, default=MemberStatus.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = WorkspaceManager.of(MemberQuerySet)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_user_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == MemberStatus.ACTIVE

    def reach(self, subject: Subject | str, action: Action | str) -> Reach:
        """How far this member may do *action* with *subject*."""
        return self.role.reach(subject, action)

    def may(self, subject: Subject | str, action: Action | str) -> bool:
        """Whether this member may do it at all, to anything."""
        return self.reach(subject, action) > Reach.NONE

    def require(self, subject: Subject | str, action: Action | str) -> None:
        """Raise `Forbidden` unless `may()`."""
        if not self.may(subject, action):
            raise Forbidden(f"{action} {subject}")

    def hidden_fields(self, subject: Subject | str) -> frozenset[str]:
        """Names of the fields of *subject* that this member is never shown, told, summed or sent."""
        return frozenset(self.role.hidden_fields.get(subject_of_fields(subject), ()))

    def readonly_fields(self, subject: Subject | str) -> frozenset[str]:
        """Names of the fields of *subject* that this member sees and does not change."""
        return frozenset(self.role.readonly_fields.get(subject_of_fields(subject), ()))

    def sees(self, subject: Subject | str, field: str) -> bool:
        """Whether *field* of *subject* is not hidden from this member."""
        return field not in self.hidden_fields(subject)

    def require_fields(self, subject: Subject | str, names: Iterable[str]) -> None:
        """Raise `Forbidden` if one of *names* is hidden from this member or only to be read."""
        kept = self.hidden_fields(subject) | self.readonly_fields(subject)
        if kept and (touched := sorted(kept & {field_of(name) for name in names})):
            raise Forbidden(f"edit {subject} {', '.join(touched)}")

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """Ids of the teams within reach `TEAM`: own one, those headed, and all below them."""
        children: dict[int | None, list[int]] = {}
        roots: set[int] = {self.team_id} if self.team_id else set()
        for pk, parent_id, head_id in self._teams:
            children.setdefault(parent_id, []).append(pk)
            if head_id == self.pk:
                roots.add(pk)
        found: set[int] = set()
        while roots:
            pk = roots.pop()
            if pk not in found:
                found.add(pk)
                roots.update(children.get(pk, ()))
        return frozenset(found)

    @cached_property
    def _teams(self) -> list[tuple[int, int | None, int | None]]:
        """Id, parent and head of every team of the workspace."""
        teams = Team.objects.for_workspace(self.workspace_id)
        return list(teams.values_list("id", "parent_id", "head_id"))

    @property
    def reaches_most_teams(self) -> bool:
        """Whether at least half of the teams are within reach `TEAM`: queries choose their form by it."""
        return self.share_of_teams >= 0.5

    @property
    def share_of_teams(self) -> float:
        """Which part of the workspace's teams is within reach `TEAM`; 1 where there are none."""
        return len(self.team_ids) / len(self._teams) if self._teams else 1.0

    def reaches(
        self, subject: Subject | str, action: Action | str, *, owner_id: int | None, team_id: int | None
    ) -> bool:
        """Whether the right covers an object of this owner and team."""
        reach = self.reach(subject, action)
        if reach == Reach.ALL:
            return True
        if reach >= Reach.OWN and owner_id == self.pk:
            return True
        return reach == Reach.TEAM and team_id in self.team_ids


class Invitation(WorkspaceModel):
    """A colleague asked to join; the link in the letter holds the token (only its digest is stored)."""

    email = models.EmailField(_("E-mail"))
    name = models.CharField(_("Name"), max_length=150, blank=True)
    role = WorkspaceForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    team = WorkspaceForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    invited_by = WorkspaceForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class ApiToken(WorkspaceModel):
    """A key by which a program acts in a member's name; the secret is shown once, only its digest is stored."""

    member = WorkspaceForeignKey(Member, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=100)
    # What people tell tokens apart by; too little to guess the rest.
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    reach = models.PositiveSmallIntegerField(choices=Reach.choices, default=Reach.OWN)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Requests of the present minute: what the limit counts by.
    window_at = models.DateTimeField(null=True, blank=True)
    window_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class Counter(WorkspaceModel):
    """The last per-workspace number given out («Сделка № 1043»)."""

    kind = models.CharField(max_length=20)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind"], name="counter_kind_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class Rate(WorkspaceModel):
    """What one unit of a currency cost in the workspace's own on a day; holds until a later one."""

    currency = models.CharField(_("Currency"), max_length=3)
    day = models.DateField(_("Day"))
    value = models.DecimalField(_("Rate"), max_digits=18, decimal_places=6)

    class Meta:
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "currency", "day"], name="rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(value__gt=0), name="rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day:%Y-%m-%d}: {self.value}"


class DayKind(models.TextChoices):
    """What a company does on a day of its own."""

    OFF = "off", _("day off")
    WORKING = "working", _("working day")
    SHORT = "short", _("short day")


class CompanyDay(WorkspaceModel):
    """A day on which the company does otherwise than the production calendar says."""

    day = models.DateField(_("Day"))
    kind = models.CharField(max_length=10, choices=DayKind.choices, default=DayKind.OFF)
    name = models.CharField(_("Why"), max_length=100, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="company_day_once")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.kind}"


class AbsenceKind(models.TextChoices):
    """Why somebody does not work."""

    HOLIDAY = "holiday", _("holiday leave")
    SICK = "sick", _("sick leave")
    TRIP = "trip", _("business trip")
    OFF = "off", _("day off")


class Absence(WorkspaceModel):
    """Days, both ends included, on which a member does not work."""

    member = WorkspaceForeignKey(Member, on_delete=models.CASCADE, related_name="absences")
    first = models.DateField(_("From the day"))
    last = models.DateField(_("To the day"))
    kind = models.CharField(max_length=10, choices=AbsenceKind.choices, default=AbsenceKind.HOLIDAY)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["first", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="absence_forward"),
        ]
        indexes = [models.Index(fields=["workspace", "member", "last"], name="absence_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.first:%Y-%m-%d} - {self.last:%Y-%m-%d}"
