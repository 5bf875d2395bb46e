"""One workspace never sees another: the scope, the manager that raises without it, and the guarded foreign key.

Three defences stand behind each other (architecture.md, 5): this manager, `visible_to(member)` of each
subject, and composite foreign keys that make PostgreSQL itself refuse a link across workspaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from django.db.models.constraints import BaseConstraint

from voronka.core.errors import NoWorkspace

_current: ContextVar[int | None] = ContextVar("current_workspace", default=None)
_kept: ContextVar[dict[str, Any] | None] = ContextVar("kept_in_scope", default=None)


def current_workspace_id() -> int | None:
    """The workspace we are in, or None outside any."""
    return _current.get()


def require_workspace_id() -> int:
    """The workspace we are in; raises `NoWorkspace` outside any."""
    workspace_id = _current.get()
    if workspace_id is None:
        raise NoWorkspace("no workspace is set: enter one with core.tenancy.scope()")
    return workspace_id


@contextmanager
def scope(workspace: Any) -> Iterator[None]:
    """Be inside *workspace* (an object or an id; None leaves any) for the block.

    Entered in four places only: middleware, job base, command helper, live stream.
    """
    token, kept = _current.set(getattr(workspace, "pk", workspace)), _kept.set({})
    try:
        yield
    finally:
        _current.reset(token)
        _kept.reset(kept)


def kept_in_scope() -> dict[str, Any]:
    """What was read once and holds until the scope is left (a request, a job); forgotten at once outside any."""
    kept = _kept.get()
    return {} if kept is None else kept


class WorkspaceQuerySet(models.QuerySet):
    """Base of the querysets of all workspace tables."""


class WorkspaceManager(models.Manager.from_queryset(WorkspaceQuerySet)):  # type: ignore[misc]
    """Reads only the current workspace, and raises where there is none.

    The two exits are named, so that they can be searched for: `for_workspace(w)` and `unscoped()`.
    """

    use_in_migrations = False

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(workspace_id=require_workspace_id())

    def none(self) -> Any:
        """No rows: asks nothing, so it is safe outside any workspace (fields of forms are declared there)."""
        return super().get_queryset().none()

    def for_workspace(self, workspace: Any) -> Any:
        """Rows of *workspace* (an object or an id), whatever the current one is."""
        return super().get_queryset().filter(workspace_id=getattr(workspace, "pk", workspace))

    def unscoped(self) -> Any:
        """Rows of all workspaces. For maintenance only; every call is a place to look at."""
        return super().get_queryset()

    @classmethod
    def of(cls, queryset_class: type[WorkspaceQuerySet]) -> Any:
        """A manager of this kind with the methods of *queryset_class*."""
        return cls.from_queryset(queryset_class)()


class WorkspaceModel(models.Model):
    """Base of every table that belongs to a workspace."""

    workspace = models.ForeignKey(
        "workspaces.Workspace",
        on_delete=models.CASCADE,
        default=current_workspace_id,
        related_name="+",
        # The composite key (workspace_id, id) of every table begins with it.
        db_index=False,
    )

    objects = WorkspaceManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        current = current_workspace_id()
        if current is not None and self.workspace_id != current:
            raise NoWorkspace(f"{self._meta.label} of workspace {self.workspace_id} saved inside {current}")
        super().save(*args, **kwargs)


class CompositeKey(BaseConstraint):
    """`UNIQUE (workspace_id, id)`, the target of guarded foreign keys.

    A constraint of our own rather than `UniqueConstraint`: validating it on every `full_clean()` would cost a
    query and could never fail.
    """

    def __init__(
        self, *, name: str, violation_error_code: Any = None, violation_error_message: Any = None
    ) -> None:
        super().__init__(name=name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return f'CONSTRAINT "{self.name}" UNIQUE (workspace_id, id)'

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table = model._meta.db_table
        return f'ALTER TABLE "{table}" ADD CONSTRAINT "{self.name}" UNIQUE (workspace_id, id)'

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to ask the database: `id` alone is unique already."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeKey) and self.name == other.name

    __hash__ = BaseConstraint.__hash__


class WorkspaceLink(BaseConstraint):
    """`FOREIGN KEY (workspace_id, x_id) REFERENCES x (workspace_id, id)`."""

    def __init__(
        self, *, field: str, name: str, violation_error_code: Any = None, violation_error_message: Any = None
    ) -> None:
        super().__init__(name=name)
        self.field = field

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        # At the end of the migration: the other table, or its composite key, may come later in it.
        schema_editor.deferred_sql.append(self.statement(model))

    def statement(self, model: Any) -> str:
        """The SQL that adds it to *model*'s table."""
        field = model._meta.get_field(self.field)
        target = field.remote_field.model._meta.db_table
        return (
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" '
            f'FOREIGN KEY (workspace_id, "{field.column}") REFERENCES "{target}" (workspace_id, id) '
            "DEFERRABLE INITIALLY IMMEDIATE"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT IF EXISTS "{self.name}"'

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database holds it; a form offers only objects of the workspace."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkspaceLink) and (self.name, self.field) == (other.name, other.field)

    __hash__ = BaseConstraint.__hash__

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}


def _add_constraint(model: type[models.Model], constraint: BaseConstraint) -> None:
    if all(existing.name != constraint.name for existing in model._meta.constraints):
        model._meta.constraints = [*model._meta.constraints, constraint]
        model._meta.original_attrs["constraints"] = model._meta.constraints


class WorkspaceForeignKey(models.ForeignKey):
    """A foreign key inside one workspace; the database refuses any other link, `bulk_create` and SQL included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        if not cls._meta.abstract and cls.__module__ != "__fake__":
            _add_constraint(cls, WorkspaceLink(field=name, name=f"ws_{cls._meta.db_table}_{name}"[:63]))


def _guard(sender: type[models.Model], **kwargs: Any) -> None:
    if issubclass(sender, WorkspaceModel) and not sender._meta.abstract and sender.__module__ != "__fake__":
        _add_constraint(sender, CompositeKey(name=f"ws_{sender._meta.db_table}_key"[:63]))


models.signals.class_prepared.connect(_guard, dispatch_uid="voronka.core.tenancy")


class Versioned(models.Model):
    """Counts its own changes; a form sends back the number it was made from."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


__all__ = [
    "Versioned",
    "WorkspaceForeignKey",
    "WorkspaceManager",
    "WorkspaceModel",
    "WorkspaceQuerySet",
    "current_workspace_id",
    "kept_in_scope",
    "require_workspace_id",
    "scope",
]
