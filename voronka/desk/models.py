"""What every subject uses. Subjects are named by kind and id, since the desk stands below them all."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.tenancy import WorkspaceForeignKey, WorkspaceModel
from voronka.desk.delivery.models import Delivery, DeliveryState, NoticeSettings
from voronka.desk.fields.models import CardLayout, CustomField, FieldOption
from voronka.desk.lists.models import FirstView, ListJob, ListLayout, SavedView

__all__ = [
    "CardLayout",
    "CustomField",
    "Delivery",
    "DeliveryState",
    "ExternalRef",
    "FieldOption",
    "File",
    "FirstView",
    "ImportBatch",
    "ImportChange",
    "ImportMapping",
    "ImportStatus",
    "Kept",
    "ListJob",
    "ListLayout",
    "Note",
    "Notice",
    "NoticeSettings",
    "Numbering",
    "SavedView",
    "SearchRow",
    "Seen",
    "Tag",
    "Viewing",
]


class Note(WorkspaceModel):
    """A remark on a card; may be pinned to its top."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    author = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    pinned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "subject_kind", "subject_id", "-id"], name="note_of_subject")
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Tag(WorkspaceModel):
    """A word that members put on clients and deals."""

    name = models.CharField(_("Name"), max_length=50)
    name_key = models.CharField(max_length=50, db_collation="C")
    color = models.CharField(_("Colour"), max_length=20, default="secondary")
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = WorkspaceForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name_key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class File(WorkspaceModel):
    """A file on a card. Its bytes lie under `VORONKA_DATA/files/<workspace>/`, under a name of our own."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    note = WorkspaceForeignKey(Note, on_delete=models.SET_NULL, null=True, blank=True, related_name="files")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    # By the content, not by the name.
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    author = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "subject_kind", "subject_id", "-id"], name="file_of_subject")
        ]

    def __str__(self) -> str:
        return self.name


class Numbering(WorkspaceModel):
    """The pattern by which things of a kind are numbered: prefix, year, counter of a fixed width."""

    kind = models.CharField(max_length=20)
    prefix = models.CharField(_("Prefix"), max_length=20, blank=True)
    with_year = models.BooleanField(_("With the year"), default=False)
    # Begin with 1 again each year; only together with the year, else numbers would repeat.
    yearly = models.BooleanField(_("Begin anew each year"), default=False)
    width = models.PositiveSmallIntegerField(_("Digits at least"), default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind"], name="numbering_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.prefix}"


class Kept(WorkspaceModel):
    """What a change of many rows replaced, kept beside its event so that undo finds it.

    `place` says where (a table and column), `data` what, by the verb's own shape.
    """

    event = WorkspaceForeignKey("journal.Event", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=100)
    data = models.JSONField()

    def __str__(self) -> str:
        return self.place


class SearchRow(WorkspaceModel):
    """One findable thing: everything it may be found by, folded, and who may find it."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    hint = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    # The number that people see («№ 1043»): found whole, however short.
    number = models.BigIntegerField(null=True)
    owner_ids = ArrayField(models.BigIntegerField(), default=list)
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    # What stands higher among equals: open deals before closed, key clients before others.
    weight = models.SmallIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "object_id"], name="search_row_once"),
        ]
        indexes = [
            # Words and reach in one index: a seller's few rows are found among everybody's many.
            GinIndex(
                F("workspace_id"),
                OpClass(F("text"), name="gin_trgm_ops"),
                F("owner_ids"),
                F("team_ids"),
                name="search_text_trgm",
            ),
            models.Index(
                fields=["workspace", "number"], name="search_number", condition=models.Q(number__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Notice(WorkspaceModel):
    """One line in a member's bell."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    # Makes a second delivery of the same notice harmless.
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    # Opened, put off or answered, rather than merely swept away.
    reacted_at = models.DateTimeField(null=True, blank=True)
    # Some wish a kind by letter and not here.
    in_bell = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "member", "key"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["workspace", "member", "-id"], name="notice_unread", condition=models.Q(read_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Seen(WorkspaceModel):
    """What a member has been shown and need not be shown again: a tour of a screen, the first steps."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=60)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "seen"
        constraints = [models.UniqueConstraint(fields=["workspace", "member", "code"], name="seen_once")]

    def __str__(self) -> str:
        return self.code


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    DRAFT = "draft", _("being prepared")
    CHECKING = "checking", _("being looked through")
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class ImportBatch(WorkspaceModel):
    """One import: the files, how their columns are read, how far it is, what came of it.

    Several files brought together are a lot: a batch of the subject `lot`, with a batch for each subject of each file
    that points to it. They are written, and undone, as one.
    """

    subject = models.CharField(max_length=20)
    lot = WorkspaceForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    file_path = models.CharField(max_length=255)
    history_name = models.CharField(max_length=255, blank=True)
    history_path = models.CharField(max_length=255, blank=True)
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.DRAFT)
    total_rows = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error_path = models.CharField(max_length=255, blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportChange(WorkspaceModel):
    """What an import overwrote in something that was there: undoing puts it back if nobody changed it since."""

    batch = WorkspaceForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    # Column → value, as JSON.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["workspace", "batch", "kind"], name="import_change_of")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"


class ImportMapping(WorkspaceModel):
    """How a file with these headers was read last time."""

    subject = models.CharField(max_length=20)
    headers_digest = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "subject", "headers_digest"], name="mapping_once")
        ]

    def __str__(self) -> str:
        return self.headers_digest


class ExternalRef(WorkspaceModel):
    """Which row of an outside system an object of ours came from; importing it again updates it."""

    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=120)
    object_id = models.BigIntegerField()
    # What the row said when it was last taken: the same again is no update.
    digest = models.CharField(max_length=40, blank=True, db_default="")
    # The import that created the object: what undoing that import takes away.
    batch = WorkspaceForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "source", "kind", "external_id"], name="external_ref_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "kind", "object_id"], name="external_ref_of")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class OpenedCard(WorkspaceModel):
    """When a member last looked at a card: the latest ones are a press away."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "member", "kind", "object_id"], name="opened_card_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "member", "-opened_at"], name="opened_card_latest")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"


class Favourite(WorkspaceModel):
    """A card that a member keeps at hand."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "member", "kind", "object_id"], name="favourite_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"


class Viewing(WorkspaceModel):
    """A member has a card open: said anew every few seconds, worth nothing soon after."""

    member = WorkspaceForeignKey("workspaces.Member", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "object_id", "member"], name="viewing_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"
