"""One workspace never sees another: held for every table there is, also for those that come later."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from tests.world import World, make_company
from voronka.clients.models import Company, Position
from voronka.core.errors import NoWorkspace
from voronka.core.tenancy import (
    CompositeKey,
    WorkspaceForeignKey,
    WorkspaceManager,
    WorkspaceModel,
    scope,
)
from voronka.workspaces.models import Member, Team

ROOT = Path(__file__).resolve().parents[1]

# From the ground up; rooms of one floor stand in one line (architecture.md, 1).
FLOORS = [
    {"core"},
    {"journal"},
    {"workspaces"},
    {"desk"},
    {"clients", "catalog"},
    {"playbook"},
    {"deals"},
    {"activities"},
    {"targets"},
    {"analytics"},
    {"integrations"},
    {"ui", "api"},
]
# The two lowest name workspace and member by string only; that is how a log can stand below those it tells of.
UPWARD_BY_STRING = {("core", "workspaces"), ("journal", "workspaces")}


def floor(label: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if label in rooms)


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("voronka.")]


def workspace_models() -> list[Any]:
    return [model for model in ours() if issubclass(model, WorkspaceModel)]


def links() -> list[tuple[Any, Any]]:
    """Every foreign key from one workspace table to another."""
    return [
        (model, field)
        for model in workspace_models()
        for field in model._meta.local_fields
        if field.is_relation and issubclass(field.related_model, WorkspaceModel)
    ]


def constraints(kind: str) -> set[tuple[str, str]]:
    """(table, definition) of the constraints of *kind* ("f", "u") that PostgreSQL really has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = %s",
            [kind],
        )
        return {(table.strip('"'), definition.replace('"', "")) for table, definition in cursor.fetchall()}


def test_tables_of_people_and_companies_alone_stand_outside_a_workspace() -> None:
    outside = {model._meta.label for model in ours() if not issubclass(model, WorkspaceModel)}

    assert outside == {"workspaces.User", "workspaces.Workspace"}


def test_through_tables_carry_the_workspace_too() -> None:
    made_by_django = [
        model._meta.label for model in apps.get_models(include_auto_created=True) if model._meta.auto_created
    ]

    assert [label for label in made_by_django if not label.startswith(("auth.", "account."))] == []


@pytest.mark.django_db
def test_every_workspace_table_has_the_composite_key() -> None:
    present = constraints("u")

    for model in workspace_models():
        assert any(isinstance(c, CompositeKey) for c in model._meta.constraints), model
        assert (model._meta.db_table, "UNIQUE (workspace_id, id)") in present, model


@pytest.mark.django_db
def test_every_link_between_workspace_tables_is_guarded_by_the_database() -> None:
    present = constraints("f")

    assert len(links()) > 40
    for model, field in links():
        assert isinstance(field, WorkspaceForeignKey), (
            f"{model.__name__}.{field.name} is an ordinary foreign key"
        )
        wanted = (
            f"FOREIGN KEY (workspace_id, {field.column}) REFERENCES "
            f"{field.related_model._meta.db_table}(workspace_id, id) DEFERRABLE"
        )
        assert (model._meta.db_table, wanted) in present, f"{model.__name__}.{field.name} has no constraint"


def test_every_unique_rule_and_index_of_a_workspace_table_begins_with_the_workspace() -> None:
    # Secrets from outside: nobody knows the workspace yet.
    known = {
        "workspaces.Invitation.token_digest",
        "workspaces.ApiToken.digest",
        "activities.CalendarLink.digest",
    }
    found = set()
    for model in workspace_models():
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key:
                found.add(f"{model._meta.label}.{field.name}")
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                assert constraint.fields[0] == "workspace", f"{model.__name__}: {constraint.name}"
        for index in model._meta.indexes:
            if type(index) is models.Index and index.fields:
                assert index.fields[0] == "workspace", f"{model.__name__}: {index.name}"

    assert found == known


def test_every_workspace_table_is_read_through_the_scoped_manager() -> None:
    for model in workspace_models():
        for name, manager in model._meta.managers_map.items():
            assert isinstance(manager, WorkspaceManager), f"{model.__name__}.{name}"


def test_foreign_keys_obey_the_floors() -> None:
    wrong = []
    for model in ours():
        for field in model._meta.local_fields:
            if not field.is_relation or not field.related_model.__module__.startswith("voronka."):
                continue
            here, there = model._meta.app_label, field.related_model._meta.app_label
            below = here == there or floor(there) < floor(here)
            # Every table names its workspace.
            if not below and field.name != "workspace" and (here, there) not in UPWARD_BY_STRING:
                wrong.append(f"{model.__name__}.{field.name}: {here} -> {there}")

    assert wrong == []


def test_models_of_higher_floors_are_not_fetched_by_name_below_the_interface() -> None:
    """`apps.get_model("deals", …)` is an import in disguise."""
    wrong = []
    for path in sorted((ROOT / "voronka").rglob("*.py")):
        room = path.relative_to(ROOT / "voronka").parts[0]
        if {"tests", "migrations"} & set(path.parts) or not any(room in rooms for rooms in FLOORS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "get_model"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                there = str(node.args[0].value).split(".")[0]
                known = any(there in rooms for rooms in FLOORS) and (room, there) not in UPWARD_BY_STRING
                if known and floor(there) > floor(room):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {room} -> {there}")

    assert wrong == []


def test_no_domain_module_speaks_http() -> None:
    wrong = []
    for path in sorted((ROOT / "voronka").rglob("*.py")):
        room = path.relative_to(ROOT / "voronka").parts[0]
        if room in {"ui", "api", "config"} or "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if any(name.startswith(("django.http", "django.shortcuts", "django.views")) for name in names):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", workspace_models(), ids=lambda model: model.__name__)
def test_nothing_is_read_outside_a_workspace(model: Any) -> None:
    reads = [
        lambda: list(model.objects.all()),
        lambda: model.objects.count(),
        lambda: model.objects.exists(),
        lambda: model.objects.filter(pk=1).first(),
        lambda: model.objects.exclude(pk=1).exists(),
        lambda: model.objects.values_list("pk"),
        lambda: model.objects.update(),
        lambda: model.objects.create(),
        lambda: model.objects.get_or_create(pk=1),
        lambda: model.objects.bulk_create([]),
        lambda: model.objects.in_bulk([1]),
    ]

    for read in reads:
        with pytest.raises(NoWorkspace):
            read()


def test_nothing_at_all_needs_no_workspace() -> None:
    assert list(Company.objects.none()) == []


def test_another_workspaces_rows_are_not_there(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        theirs = make_company(stranger.anna)

    assert not Company.objects.filter(pk=theirs.pk).exists()
    assert theirs.pk not in set(Company.objects.values_list("pk", flat=True))
    assert Company.objects.exclude(pk=0).filter(pk=theirs.pk).count() == 0
    assert Company.objects.for_workspace(stranger.workspace).get() == theirs


def test_a_row_of_another_workspace_is_not_saved_here(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        theirs = make_company(stranger.anna)

    theirs.name = "Чужое"
    with pytest.raises(NoWorkspace):
        theirs.save()


def test_postgresql_refuses_a_link_to_another_workspace(world: World, stranger: World) -> None:
    mine = make_company(world.anna)
    foreign = stranger.boris

    with pytest.raises(IntegrityError), transaction.atomic():
        make_company(foreign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.bulk_create([Company(name="Х", name_key="х", owner_id=foreign.pk)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.filter(pk=mine.pk).update(owner=foreign)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE clients_company SET owner_id = %s WHERE id = %s", [foreign.pk, mine.pk])
    mine.owner = foreign
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.save()

    mine.refresh_from_db()
    assert mine.owner == world.anna


def test_postgresql_refuses_to_carry_a_row_with_links_to_another_workspace(
    world: World, stranger: World
) -> None:
    mine = make_company(world.anna)

    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.filter(pk=mine.pk).update(workspace=stranger.workspace)


def test_links_of_links_are_guarded_too(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        theirs = make_company(stranger.anna)

    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.create(company=theirs, person_id=0, title="Снабженец")
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.filter(pk=world.teams["north"].pk).update(parent=stranger.teams["root"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=world.anna.pk).update(role=stranger.roles["admin"])


def test_a_link_that_a_row_has_is_checked_at_once_and_not_at_the_end(world: World, stranger: World) -> None:
    """Deferred checks would tell of a mistake only at commit, far from the line that made it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'ws_%%' AND condeferred")
        assert cursor.fetchone()[0] == 0


def test_a_scope_inside_a_scope_comes_back(world: World, stranger: World) -> None:
    with scope(stranger.workspace):
        assert Member.objects.filter(pk=stranger.anna.pk).exists()
        with scope(None), pytest.raises(NoWorkspace):
            Member.objects.exists()

    assert Member.objects.filter(pk=world.anna.pk).exists()


def test_a_scope_is_left_by_an_exception(world: World, stranger: World) -> None:
    with pytest.raises(ZeroDivisionError), scope(stranger.workspace):
        raise ZeroDivisionError

    assert Member.objects.filter(pk=world.anna.pk).exists()


def test_the_exits_from_the_scope_are_few() -> None:
    """`unscoped()` is a place to look at; a new one is added here knowingly."""
    allowed = {
        "voronka/core/tenancy.py",
        "voronka/activities/calendar_link.py",  # a calendar that another program reads knows no workspace yet
        "voronka/ui/middleware.py",  # which workspace may this person enter
        "voronka/ui/live.py",  # the stream stands outside the middleware: who asks, and one feed of pulses for all
        "voronka/ui/news.py",  # the cards of that feed; they are told within the reach of who listens
        "voronka/ui/accounts/views.py",  # one's companies
        "voronka/ui/accounts/factors.py",  # which of one's companies require a second factor
        "voronka/workspaces/actions/security.py",  # a change of somebody's way in is told in each company
        "voronka/ui/accounts/invitations.py",  # a link from a letter knows no workspace yet
        "voronka/ui/accounts/seen.py",  # one's memberships, by primary key
        "voronka/workspaces/actions/accounts.py",  # a person's name in all of the person's companies
        "voronka/workspaces/actions/members.py",  # whether a leaver has another company to work in
        "voronka/workspaces/actions/signins.py",  # coming in is told in all of the person's companies
        "voronka/workspaces/actions/tokens.py",  # a secret that a program shows knows no workspace yet
    }
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "voronka").rglob("*.py")
        if "tests" not in path.parts and ".unscoped()" in path.read_text(encoding="utf-8")
    }

    assert found <= allowed


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())


def test_the_floors_of_this_test_are_those_of_the_house() -> None:
    labels = {config.label for config in apps.get_app_configs() if config.name.startswith("voronka.")}

    assert labels == set().union(*FLOORS)
