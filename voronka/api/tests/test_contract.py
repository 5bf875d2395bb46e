"""The interface does what it says: generated requests, good and bad, held to its own description.

Every operation is asked with what its schema allows and with what it does not. No answer may be a failure of ours, an
undescribed status or a shape that the description does not have, and nothing may be taken that the description
forbids. What was written is rolled back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.permissions.cast import Cast, make_cast
from voronka.api.openapi import document
from voronka.api.tests.calling import Program
from voronka.api.urls import api
from voronka.config.wsgi import application
from voronka.core.tenancy import scope
from voronka.playbook.models import ActivityKind, Reason

EXAMPLES = 8
load_all_checks()


def described(*, secured: bool) -> list[Any]:
    """The operations as the library sees them; without *secured* it does not spend its bad requests on bad tokens."""
    text = document(api)
    if not secured:
        del text["components"]["securitySchemes"]
        for methods in text["paths"].values():
            for operation in methods.values():
                operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(text)
    schema.app = application
    return [found.ok() for found in schema.get_all_operations()]


OPERATIONS = {f"{found.method.upper()} {found.path}": found for found in described(secured=True)}
OPEN = {f"{found.method.upper()} {found.path}": found for found in described(secured=False)}
# What takes nothing cannot be asked wrongly.
BARE = {
    f"{method.upper()} {path}"
    for path, methods in document(api)["paths"].items()
    for method, operation in methods.items()
    if not operation.get("parameters") and not operation.get("requestBody")
}
MODES = {"good": GenerationMode.POSITIVE, "bad": GenerationMode.NEGATIVE}
# A body that fits the schema may still be refused by a rule of the house: 422 with a sentence.
EXCLUDED = [positive_data_acceptance]


def cases() -> list[tuple[str, str]]:
    return [(name, mode) for name in OPERATIONS for mode in MODES if mode == "good" or name not in BARE]


class Stage:
    """A company with everything in it, a token of its administrator, and the ids of things by their names."""

    def __init__(self) -> None:
        cast: Cast = make_cast("romashka")
        self.program = Program.of(cast.world.admin)
        self.seen: Counter[int] = Counter()
        things = cast.things["anna"]
        with scope(cast.world.workspace):
            self.ids = {
                "deal": things.deal.pk,
                "company": things.company.pk,
                "person": things.person.pk,
                "activity": things.activity.pk,
                "contact": things.contact.pk,
                "position": things.position.pk,
                "note": things.note.pk,
                "account": things.account.pk,
                "tag": things.tag.pk,
                "funnel": cast.funnel.pk,
                "stage": cast.stages[2].pk,
                "owner": cast.world.boris.pk,
                "member": cast.world.boris.pk,
                "kind": ActivityKind.objects.order_by("pk")[0].pk,
                "reason": Reason.objects.filter(kind="lost").order_by("pk")[0].pk,
            }

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.program.secret}"}

    def real(self, case: Any) -> None:
        """Put things that there are in the place of things that there are not."""
        for name in case.path_parameters or {}:
            if name.removesuffix("_id") in self.ids and name.endswith("_id"):
                case.path_parameters[name] = self.ids[name.removesuffix("_id")]
        if isinstance(case.body, dict):
            for name, value in case.body.items():
                if name in self.ids and isinstance(value, int):
                    case.body[name] = self.ids[name]


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    limit, django_settings.API_PER_MINUTE = django_settings.API_PER_MINUTE, 1_000_000
    # Every request would end the connection that all is rolled back in, as a web process ends what is too old.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), scope(None), transaction.atomic():
        yield Stage()
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    django_settings.API_PER_MINUTE = limit


def test_every_operation_is_described() -> None:
    paths = document(api)["paths"]

    assert len(OPERATIONS) == len(OPEN) == sum(len(methods) for methods in paths.values()) >= 80


@pytest.mark.parametrize(("name", "mode"), cases())
def test_it_answers_as_described(stage: Stage, name: str, mode: str) -> None:
    operation = (OPERATIONS if mode == "good" else OPEN)[name]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def holds(data: Any) -> None:
        case = data.draw(operation.as_strategy(MODES[mode]))
        if mode == "good":
            stage.real(case)
        with transaction.atomic():
            answer = case.call(headers=stage.headers())
            stage.seen[answer.status_code] += 1
            transaction.set_rollback(True)
        with transaction.atomic():
            case.validate_response(answer, headers=stage.headers(), excluded_checks=EXCLUDED)
            transaction.set_rollback(True)

    holds()


def test_good_requests_do_their_work(stage: Stage) -> None:
    """Else the above would hold of an interface that refuses everything."""
    done = sum(count for status, count in stage.seen.items() if status < 300)

    print(f"{len(OPERATIONS)} operations, {stage.seen.total()} requests: {dict(sorted(stage.seen.items()))}")
    assert done > len(OPERATIONS)
