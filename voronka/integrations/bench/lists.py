"""What is asked of lists: pages under conditions, an edit of many rows, a file of many."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from pathlib import Path
from urllib.parse import urlencode

from django.db import connection
from django.db.models import CharField, F, Max
from django.db.models.functions import Cast, JSONObject, Mod
from django.utils import timezone

from voronka.deals.choices import Outcome
from voronka.deals.models import Deal
from voronka.desk.fields.actions import create_field
from voronka.desk.fields.models import CustomField, FieldKind, FieldOption
from voronka.desk.lists import bulk, conditions, exporting
from voronka.desk.lists.models import JobStatus, ListJob
from voronka.desk.lists.registry import get_listing
from voronka.integrations.bench.browser import Unexpected
from voronka.workspaces.models import Member

OWN_FIELD, PLACES = "Площадка", ("Подольск", "Тверь", "Казань")
OWN_NUMBER = "Нагрузка, кг"
# Every so many deals have a value in the field of the company's own.
ONE_IN = 50


def by_sum() -> str:
    """The table of open deals, the greatest first."""
    return "/deals/table/?sort=-amount"


def narrowed(actor: Member) -> str:
    """The table under three conditions and one on a field of the company's own."""
    field = _own_field(actor)
    place = FieldOption.objects.filter(field=field).order_by("order", "pk")[0]
    where = [
        ["amount", "ge", "200000"],
        ["kind", "in", "new"],
        ["expected_close", "filled"],
        [field.name, "in", str(place.pk)],
    ]
    return f"/deals/table/?{urlencode({'where': json.dumps(where), 'sort': '-amount'})}"


def by_own_number(actor: Member) -> str:
    """The table of open deals by a number of the company's own, the greatest first."""
    return f"/deals/table/?{urlencode({'sort': f'-{_own_number(actor).name}'})}"


def _own_number(actor: Member) -> CustomField:
    """The field, made and filled at the first run; its deals are not those of the other one."""
    found = CustomField.objects.filter(subject="deal", label=OWN_NUMBER, archived_at=None).first()
    if found is not None:
        return found
    field = create_field(actor=actor, subject="deal", label=OWN_NUMBER, kind=FieldKind.NUMBER)
    some = Deal.objects.annotate(rest=Mod(F("number"), ONE_IN))
    number = Cast(Mod(F("number") * 7919, 9973), CharField())
    some.filter(rest__in=(3, 4)).update(custom=JSONObject(**{field.key: number}))
    _tell_planner()
    return field


def _tell_planner() -> None:
    """Of the new values: the server would learn of them by itself in some minutes."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Deal._meta.db_table}")


def _own_field(actor: Member) -> CustomField:
    """The field, made and filled at the first run."""
    found = CustomField.objects.filter(subject="deal", label=OWN_FIELD, archived_at=None).first()
    if found is not None:
        return found
    field = create_field(actor=actor, subject="deal", label=OWN_FIELD, kind=FieldKind.CHOICE, options=PLACES)
    some = Deal.objects.annotate(rest=Mod(F("number"), ONE_IN))
    for rest, option in enumerate(FieldOption.objects.filter(field=field).order_by("order", "pk")):
        some.filter(rest=rest).update(custom={field.key: option.pk})
    _tell_planner()
    return field


def edit_many(actor: Member, count: int) -> tuple[int, float]:
    """Give the latest *count* open deals another expected date, each by its verb; (how many, seconds)."""
    listing = get_listing("deal")
    ids = list(
        Deal.objects.filter(outcome=Outcome.OPEN).order_by("-number").values_list("pk", flat=True)[:count]
    )
    # Another day with each run: what is so already is left alone.
    day = timezone.localdate() + dt.timedelta(days=random.randint(30, 3000))
    params = {"field": "expected_close", "value": day.isoformat()}
    job = bulk.ask(listing, bulk.find_verb(listing, actor, "set"), actor=actor, ids=ids, params=params)
    begun = time.perf_counter()
    _done(bulk.run(job))
    return len(ids), time.perf_counter() - begun


def export_many(actor: Member, count: int) -> tuple[int, float]:
    """Write the *count* deals with the highest numbers to a spreadsheet; (how many, seconds)."""
    listing = get_listing("deal")
    last = Deal.objects.aggregate(last=Max("number"))["last"] or 0
    asked = [["number", "ge", str(max(1, last - count + 1))]]
    where = conditions.parse(asked, listing.fields_for(actor)).where
    job = exporting.ask(listing, actor=actor, where=where, columns=listing.columns)
    begun = time.perf_counter()
    _done(exporting.run(job))
    seconds = time.perf_counter() - begun
    Path(job.file_path).unlink()
    return job.done, seconds


def _done(job: ListJob) -> None:
    if job.status != JobStatus.DONE:
        raise Unexpected(f"{job.title}: {job.message}")
