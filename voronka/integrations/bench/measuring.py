"""What is measured in one workspace, and how."""

from __future__ import annotations

import csv
import datetime as dt
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.test import Client
from django.utils import timezone

from voronka.activities.models import Activity
from voronka.clients.models import Company, ContactPoint, Person
from voronka.core.tenancy import scope
from voronka.deals.choices import Outcome
from voronka.deals.models import Deal
from voronka.desk.models import ImportBatch, ImportStatus
from voronka.integrations.bench import lists, programs
from voronka.integrations.bench.browser import Browser, Unexpected
from voronka.integrations.demo.big import email_of
from voronka.integrations.demo.company import PASSWORD
from voronka.integrations.spreadsheets import running
from voronka.integrations.spreadsheets.undoing import undo_import
from voronka.playbook.models import Funnel, Stage
from voronka.workspaces.models import Member, Workspace

PAGE_MS, SEARCH_MS, COHORT_MS = 60.0, 50.0, 300.0
CREATES_PER_SECOND, IMPORTED_PER_SECOND = 150.0, 2000.0
CLIENTS = 4
WARM_UP = 5
# The system deals lines to web processes by chance, and four that are kept may all fall to one: after so many requests
# a client takes a new one, as browsers with their six lines each even out by themselves.
LINE = 5


@dataclass(frozen=True)
class Measure:
    """One line of the table: times in milliseconds, or a rate."""

    n: int
    p50: float | None = None
    p95: float | None = None
    per_second: float | None = None
    queries: int | None = None
    budget: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the budget does (None: there is none): p95 at most, a rate at least."""
        if self.budget is None:
            return None
        if self.per_second is not None:
            return self.per_second >= self.budget
        return self.p95 is not None and self.p95 <= self.budget

    def __str__(self) -> str:
        if self.per_second is not None:
            return f"{self.per_second:.0f}/s"
        queries = f", {self.queries} q" if self.queries is not None else ""
        return f"{self.p50:.0f} / {self.p95:.0f} ms{queries}"

    @property
    def value(self) -> float:
        """What growth is told by: the median, or the time of one of many."""
        return self.p50 if self.p50 is not None else 1000 / (self.per_second or 1)


@dataclass(frozen=True)
class Effort:
    """How often each thing is asked."""

    pages: int = 40
    reports: int = 12
    writes: int = 40
    load: int = 200
    imported: int = 10_000
    edited: int = 10_000
    exported: int = 100_000

    @classmethod
    def of(cls, times: int, *, edited: int = 0) -> Effort:
        """Every page asked *times* times, the rest in proportion; *edited* deals edited in bulk, if told."""
        many = times * 250
        return cls(times, max(3, times // 3), times, times * 5, many, edited or many, times * 2500)


Say = Callable[[str], None]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that *share* of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(share * len(ordered) + 0.499999) - 1))]


def measure(
    workspace: Workspace,
    base: str,
    effort: Effort,
    *,
    only: Sequence[str] = (),
    say: Say = lambda text: None,
) -> dict[str, Measure]:
    """Measure a workspace made by `make_big`, over HTTP at *base*. It is left with some more deals.

    Everything, or *only* what has one of these texts in its name.
    """
    with scope(workspace):
        return dict(_Bench(workspace, base, effort, say).run(only))


class _Bench:
    def __init__(self, workspace: Workspace, base: str, effort: Effort, say: Say) -> None:
        self.workspace, self.base, self.effort, self.say = workspace, base, effort, say
        self.root = f"/w/{workspace.slug}"
        # Always the same questions, so that two runs can be compared.
        self.rng = random.Random(11)
        self.members = {
            login: Member.objects.get(email=email_of(login, workspace.slug)) for login in ("seller", "head")
        }
        self.admin = Member.objects.get(email=email_of("admin", workspace.slug))
        self.browsers = {
            login: Browser(base).sign_in(email_of(login, workspace.slug), PASSWORD) for login in self.members
        }

    def run(self, only: Sequence[str] = ()) -> Iterator[tuple[str, Measure]]:
        """What is asked for, one after another; what only reads first."""
        for name, measured in (*self._reading(), *self._writing()):
            if not only or any(text in name for text in only):
                yield self._told(name, measured())

    def _reading(self) -> Iterator[tuple[str, Callable[[], Measure]]]:
        own = self._numbers(owner=self.members["seller"])
        pages: list[tuple[str, str, list[str], int, float]] = [
            ("board, head", "head", [f"/deals/?funnel={pk}" for pk in self._funnels()], 0, PAGE_MS),
            ("board, seller", "seller", [f"/deals/?funnel={pk}" for pk in self._funnels()], 0, PAGE_MS),
            ("deal card, head", "head", [f"/deals/{number}/" for number in self._numbers()], 0, PAGE_MS),
            ("deal card, seller", "seller", [f"/deals/{number}/" for number in own], 0, PAGE_MS),
            ("Today, head", "head", ["/today/"], 0, PAGE_MS),
            ("Today, seller", "seller", ["/today/"], 0, PAGE_MS),
            ("table of deals, head", "head", ["/deals/table/"], 0, PAGE_MS),
            ("table by sum, head", "head", [lists.by_sum()], 0, PAGE_MS),
            ("table by own number, head", "head", [lists.by_own_number(self.admin)], 0, PAGE_MS),
            ("list, 3 conditions and own field", "head", [lists.narrowed(self.admin)], 0, PAGE_MS),
            ("planned activities, head", "head", ["/activities/?owner=all"], 0, PAGE_MS),
            ("done activities, head", "head", ["/activities/?state=done&owner=all"], 0, PAGE_MS),
            ("done activities, seller", "seller", ["/activities/?state=done"], 0, PAGE_MS),
            ("activity card, head", "head", [f"/activities/{pk}/" for pk in self._activities()], 0, PAGE_MS),
            ("clients, head", "head", ["/clients/"], 0, PAGE_MS),
            ("client card, head", "head", [f"/clients/{pk}/" for pk in self._companies()], 0, PAGE_MS),
            ("search, head", "head", [f"/search/suggest/?q={q}" for q in self._words()], 0, SEARCH_MS),
            ("search, seller", "seller", [f"/search/suggest/?q={q}" for q in self._words()], 0, SEARCH_MS),
            ("cohort funnel of a year", "head", self._cohorts(""), self.effort.reports, COHORT_MS),
            ("the same, with durations", "head", self._cohorts("&all=1"), self.effort.reports, COHORT_MS),
        ]
        for name, login, paths, times, budget in pages:
            yield name, partial(self._pages, login, paths, times or self.effort.pages, budget)

    def _writing(self) -> Iterator[tuple[str, Callable[[], Measure]]]:
        yield "create", self._creates
        yield f"create, {CLIENTS} clients", self._load
        yield f"API create, {CLIENTS} clients", self._api_load
        yield "move", self._moves
        yield "bulk edit", lambda: self._rate(*lists.edit_many(self.admin, self.effort.edited))
        yield "export", lambda: self._rate(*lists.export_many(self.admin, self.effort.exported))
        yield "import", self._import

    @staticmethod
    def _rate(count: int, seconds: float) -> Measure:
        return Measure(count, per_second=count / seconds)

    def _told(self, name: str, one: Measure) -> tuple[str, Measure]:
        self.say(f"{name}: {one}")
        return name, one

    def _pages(self, login: str, paths: list[str], times: int, budget: float) -> Measure:
        browser = self.browsers[login]
        chosen = [self.root + self.rng.choice(paths) for _ in range(times)]
        for path in chosen[:WARM_UP]:
            browser.get(path)
        took = [browser.get(path) for path in chosen]
        queries = max(self._queries(login, path) for path in chosen[:3])
        return Measure(times, percentile(took, 0.5), percentile(took, 0.95), queries=queries, budget=budget)

    def _queries(self, login: str, path: str, data: dict[str, Any] | None = None) -> int:
        """How many statements the page costs, counted in this process."""
        client = Client()
        client.force_login(
            self.members[login].user,
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        count = 0

        def counted(execute: Any, *args: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*args)

        with scope(None), connection.execute_wrapper(counted):
            if data is None:
                answer = client.get(path, HTTP_HOST="localhost")
            else:
                answer = client.post(path, data, HTTP_HOST="localhost", HTTP_HX_REQUEST="true")
        if answer.status_code >= 400:
            raise Unexpected(f"{path}: {answer.status_code}")
        return count

    # --- what is asked for

    def _numbers(self, **reach: Any) -> list[int]:
        """Numbers of open deals, from all over."""
        found = Deal.objects.filter(outcome=Outcome.OPEN, **reach).order_by("number")
        numbers = list(found.values_list("number", flat=True))
        return self.rng.sample(numbers, min(200, len(numbers)))

    def _funnels(self) -> list[int]:
        return list(Funnel.objects.filter(archived_at=None).values_list("pk", flat=True))

    def _activities(self) -> list[int]:
        """Ids of activities, from all over."""
        around = Activity.objects.aggregate(first=Min("pk"), last=Max("pk"))
        ids = [self.rng.randint(around["first"] or 0, around["last"] or 0) for _ in range(400)]
        return list(Activity.objects.filter(pk__in=ids).values_list("pk", flat=True)[:200])

    def _companies(self) -> list[int]:
        first = Company.objects.order_by("pk").values_list("pk", flat=True).first() or 0
        last = Company.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        ids = [self.rng.randint(first, last) for _ in range(400)]
        return list(Company.objects.filter(pk__in=ids).values_list("pk", flat=True))

    def _words(self) -> list[str]:
        """What people type: a client's name, a surname with a first name, a phone, an ИНН, a deal's number."""
        from urllib.parse import quote

        words: list[str] = []
        for company in Company.objects.filter(pk__in=self._companies()[:12]):
            words += [company.name, company.name.split("«")[1].rstrip("»")[:9], company.inn]
        for person in Person.objects.order_by("pk")[:12]:
            words.append(" ".join(person.name.split()[:2]))
        for contact in ContactPoint.objects.filter(kind="phone").order_by("-pk")[:12]:
            words.append(f"8{contact.normal[2:]}")
        words += [str(number) for number in self._numbers()[:12]]
        return [quote(word) for word in words]

    def _cohorts(self, more: str) -> list[str]:
        return [
            f"/reports/funnel/?form=cohort&period=last_12_months&funnel={pk}{more}" for pk in self._funnels()
        ]

    # --- what is done

    def _deal(self, number: int) -> dict[str, Any]:
        funnels, companies = self._funnels(), self._own_companies()
        return {
            "title": f"Стеллажи, проба {number}",
            "company": companies[number % len(companies)],
            "funnel": funnels[number % len(funnels)],
            "amount": "250 000",
            "kind": "new",
        }

    def _own_companies(self) -> list[int]:
        own = Company.objects.filter(owner=self.members["seller"]).order_by("pk")
        return list(own.values_list("pk", flat=True)[:100])

    def _creates(self) -> Measure:
        browser, forms = self.browsers["seller"], [self._deal(n) for n in range(self.effort.writes)]
        took = [browser.post(f"{self.root}/deals/new/", form) for form in forms]
        queries = self._queries("seller", f"{self.root}/deals/new/", forms[0])
        return Measure(len(took), percentile(took, 0.5), percentile(took, 0.95), queries=queries)

    def _load(self) -> Measure:
        """Deals made per second by several at once, each as soon as the last is made."""
        each = max(1, self.effort.load // CLIENTS)
        forms = [self._deal(n) for n in range(each)]
        browsers = [self.browsers["seller"].again() for _ in range(CLIENTS)]
        for browser in browsers:
            browser.get(f"{self.root}/deals/new/")
        problems: list[BaseException] = []

        def work(browser: Browser) -> None:
            try:
                for number, form in enumerate(forms):
                    if number % LINE == 0:
                        browser.connection.close()
                    browser.post(f"{self.root}/deals/new/", form)
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(browser,)) for browser in browsers]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        if problems:
            raise problems[0]
        return Measure(each * CLIENTS, per_second=each * CLIENTS / seconds, budget=CREATES_PER_SECOND)

    def _api_load(self) -> Measure:
        """The same over the API: each client has a token and sends an idempotency key with every deal."""
        each = max(1, self.effort.load // CLIENTS)
        bodies = [{**self._deal(n), "amount": "250000.00"} for n in range(each)]
        seconds = programs.creates(self.base, self.members["seller"], bodies, CLIENTS)
        return Measure(each * CLIENTS, per_second=each * CLIENTS / seconds, budget=CREATES_PER_SECOND)

    def _moves(self) -> Measure:
        """Open deals go to another stage of their funnel, one after another."""
        stages: dict[int, list[int]] = {}
        for pk, funnel_id in Stage.objects.filter(archived_at=None).values_list("pk", "funnel_id"):
            stages.setdefault(funnel_id, []).append(pk)
        found = Deal.objects.filter(outcome=Outcome.OPEN, owner=self.members["seller"]).order_by("-number")
        took, queries = [], 0
        for number, stage_id, funnel_id in found.values_list("number", "stage_id", "funnel_id")[
            : self.effort.writes
        ]:
            form = {
                "stage": next(pk for pk in stages[funnel_id] if pk != stage_id),
                "expected": stage_id,
            }
            path = f"{self.root}/deals/{number}/move/"
            if queries:
                took.append(self.browsers["seller"].post(path, form))
            else:
                queries = self._queries("seller", path, form)
        return Measure(len(took), percentile(took, 0.5), percentile(took, 0.95), queries=queries)

    def _import(self) -> Measure:
        """A spreadsheet of deals with new clients comes in, is timed, and is taken out again."""
        with tempfile.TemporaryDirectory() as folder:
            path = self._spreadsheet(Path(folder) / "deals.csv")
            begun = time.perf_counter()
            files = running.open_files(path)
            options = running.first_options(files)
            options.funnel = Funnel.objects.filter(archived_at=None).order_by("order", "id")[0].name
            batch = ImportBatch.objects.create(
                subject="deals",
                member=self.admin,
                file_name=path.name,
                file_path=str(path),
                options=options.dump(),
                status=ImportStatus.QUEUED,
            )
            running.run(batch)
            seconds = time.perf_counter() - begun
        if batch.status != ImportStatus.DONE or batch.result["created"] != self.effort.imported:
            raise Unexpected(f"import: {batch.message} {batch.result}")
        undo_import(batch, actor=self.admin)
        return Measure(
            self.effort.imported,
            per_second=self.effort.imported / seconds,
            budget=IMPORTED_PER_SECOND,
        )

    def _spreadsheet(self, path: Path) -> Path:
        funnel = Funnel.objects.filter(archived_at=None).order_by("order", "id")[0]
        stages = list(Stage.objects.filter(funnel=funnel, archived_at=None).order_by("order"))
        today = timezone.localdate()
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(
                [
                    "id",
                    "title",
                    "amount",
                    "currency",
                    "company",
                    "owner",
                    "stage",
                    "opened_at",
                    "outcome",
                    "closed_at",
                    "lost_reason",
                ]
            )
            for number in range(self.effort.imported):
                opened = today - dt.timedelta(days=10 + number % 700)
                outcome = ("", "won", "lost")[number % 3]
                writer.writerow(
                    [
                        f"bench-{number}",
                        f"Поставка оборудования {number}",
                        50_000 + number % 900 * 1000,
                        "RUB",
                        f"ООО «Проба {number // 5}»",
                        self.members["seller"].name,
                        stages[number % len(stages)].name,
                        opened.isoformat(),
                        outcome,
                        (opened + dt.timedelta(days=5)).isoformat() if outcome else "",
                        "Дорого" if outcome == "lost" else "",
                    ]
                )
        return path
