"""References moved from one row to another and back: what merging entries of dictionaries and tags comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from voronka.core.errors import Refused
from voronka.desk.models import Kept

BATCH = 5000


def references(model: type[models.Model]) -> list[tuple[Any, str]]:
    """Every (model, field name) that points at rows of *model*, of whatever room; `merged_into` is not one."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            field = relation.field  # type: ignore[union-attr]
            if field.name != "merged_into" and not field.model._meta.abstract:
                found.append((field.model, field.name))
    return found


def move_references(row: Any, goal: Any, *, event: Any) -> int:
    """Let everything that points at *row* point at *goal*; return how many rows. What was moved is kept at *event*.

    Where both stand beside each other (a tag on a card), the double is taken away, and kept too. Raises `Refused`
    when something cannot have both.
    """
    moved = 0
    for model, name in references(type(row)):
        place = f"{model._meta.label_lower}.{name}"
        doubles = _doubles(model, name, row, goal)
        if doubles:
            gone = list(model.objects.filter(pk__in=doubles).values())
            Kept.objects.create(event=event, place=f"{place}!", data=[_plain(values) for values in gone])
            model.objects.filter(pk__in=doubles).delete()
        ids = list(model.objects.filter(**{name: row.pk}).order_by("pk").values_list("pk", flat=True))
        for batch in _batches(ids):
            Kept.objects.create(event=event, place=place, data=batch)
            try:
                with transaction.atomic():
                    model.objects.filter(pk__in=batch).update(**{name: goal.pk})
            except IntegrityError:
                raise Refused(
                    _(
                        "“%(name)s” and “%(into)s” are both used in one place, which can hold only one of them."
                    )
                    % {"name": row, "into": goal}
                ) from None
        moved += len(ids)
    return moved


def move_back(row: Any, goal: Any, *, event: Any) -> None:
    """Let what `move_references` moved point at *row* again; what points elsewhere by now stays there."""
    places = {f"{model._meta.label_lower}.{name}": (model, name) for model, name in references(type(row))}
    for kept in Kept.objects.filter(event=event).order_by("pk"):
        model, name = places[kept.place.removesuffix("!")]
        if kept.place.endswith("!"):
            for values in kept.data:
                with transaction.atomic():
                    model.objects.bulk_create([model(**values)], ignore_conflicts=True)
        else:
            model.objects.filter(pk__in=kept.data, **{name: goal.pk}).update(**{name: row.pk})


def _doubles(model: Any, name: str, row: Any, goal: Any) -> list[int]:
    """Ids of rows that point at *row* and would repeat ones that point at *goal*."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields:
            others = [field for field in constraint.fields if field not in (name, "workspace")]
            if not others or constraint.condition is not None:
                continue
            present = set(model.objects.filter(**{name: goal.pk}).values_list(*others))
            rows = model.objects.filter(**{name: row.pk}).values_list("pk", *others)
            return [pk for pk, *key in rows if tuple(key) in present] if _is_link(model) else []
    return []


def _is_link(model: Any) -> bool:
    """A row that says nothing but that two things belong together: taking a double away loses nothing."""
    return all(
        field.is_relation or field.primary_key or field.name == "workspace"
        for field in model._meta.concrete_fields
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in values.items() if value is None or isinstance(value, int | str | bool)
    }


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
