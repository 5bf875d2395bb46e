"""Makes the demo company: people, book, clients, two years of deals, contacts, plans.

Deterministic: the same seed, day and scale make the same company. Everything goes through the verbs and set verbs
of the rooms, so nothing here can be in a state that the product does not allow.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation

from voronka.activities.bulk import ActivityRow, import_activities
from voronka.activities.events import ActivityLogged
from voronka.activities.models import Activity
from voronka.catalog.models import Product
from voronka.clients.bulk import CompanyRow, PersonRow, import_companies
from voronka.clients.models import Company, Person, Position, Segment, Source
from voronka.clients.regions import REGIONS
from voronka.core.calendar import add_working_days, is_working_day
from voronka.core.periods import add_months
from voronka.core.tenancy import scope
from voronka.deals import events as deal_events
from voronka.deals.actions import set_tag
from voronka.deals.bulk import DealRow, StateRow, import_deals
from voronka.deals.choices import Basis, Outcome
from voronka.deals.models import Deal
from voronka.deals.search import refresh_deals
from voronka.desk.notes import add_note
from voronka.desk.tags import tag_named
from voronka.integrations.demo import names
from voronka.integrations.demo.led import plan_days, tasks_of_book, tasks_of_stage
from voronka.integrations.demo.life import SEASON, Life, Seller, live, office_hour
from voronka.journal.bulk import PastEvent, write_past
from voronka.playbook.actions.kpis import add_kpi
from voronka.playbook.actions.templates import apply_template
from voronka.playbook.measures import measure_of
from voronka.playbook.models import ActivityKind, Funnel, Reason, ReasonKind, Stage
from voronka.targets.actions import PlanCell, set_plans
from voronka.workspaces.actions.accounts import create_user, create_workspace
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.rights import RoleCode

NAME = "Северный стеллаж"
SLUG = "demo"
PASSWORD = "voronka-demo"
DOMAIN = "demo.voronka.local"
ZONE = ZoneInfo("Europe/Moscow")
YEARS_BACK = 2
# Deals opened later than this many days ago, and all open ones, have their story in the feed.
FEED_DAYS = 45
# Deals of a day in an average month, over the whole company.
FLOW = 8.6
# Where clients are: a few large regions first.
REGION_WEIGHTS = {
    "77": 26,
    "78": 14,
    "50": 12,
    "47": 6,
    "66": 8,
    "16": 6,
    "54": 6,
    "63": 5,
    "23": 5,
    "74": 4,
    "52": 4,
}

Say = Callable[[str], None]


@dataclass
class Demo:
    """What is known while the company is being made."""

    rng: random.Random
    now: dt.datetime
    scale: float
    admin: Member
    sellers: list[Seller] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    people: dict[int, list[Person]] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(ZONE).date()


def make_demo(
    *,
    slug: str = SLUG,
    seed: int = 7,
    now: dt.datetime | None = None,
    scale: float = 1.0,
    say: Say = lambda text: None,
) -> Workspace:
    """Make the company and return its workspace; all or nothing. *scale* 0.05 makes a small one for tests.

    Raises `Refused` when *slug* is taken.
    """
    now = now or timezone.now()
    with transaction.atomic(), translation.override("ru"), timezone.override(ZONE):
        user = _user("Игорь Черных", "admin")
        admin = create_workspace(user=user, name=NAME, slug=slug, is_demo=True)
        with scope(admin.workspace):
            demo = Demo(random.Random(seed), now.astimezone(ZONE), scale, admin)
            say("Сотрудники и отделы…")
            _staff(demo)
            say("Книга продаж…")
            apply_template("equipment", actor=admin, language="ru")
            say("Клиенты и контактные лица…")
            _clients(demo)
            say("Сделки за два года…")
            deals = _deals(demo)
            say(f"Звонки, встречи, письма по {len(deals)} сделкам…")
            _activities(demo, deals)
            plan_days({pk: row for pk, row, _life in deals if row.present.outcome == Outcome.OPEN})
            say("Планы, заметки, поиск…")
            _plans(demo, deals)
            _kpis(demo)
            _story(demo, deals)
            refresh_deals(pk for pk, _row, _life in deals)
    return admin.workspace


def _user(name: str, login: str) -> User:
    email = f"{login}@{DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = create_user(email=email, name=name, password=PASSWORD, confirmed=True)
    return user


_LEADERS = (
    # login, name, role, team, post
    ("head", "Глеб Орлов", RoleCode.HEAD, "root", "Руководитель отдела продаж"),
    ("director", "Захар Белов", RoleCode.DIRECTOR, None, "Директор"),
    ("marketer", "Ева Лебедева", RoleCode.MARKETER, None, "Маркетолог"),
    ("service", "Жанна Попова", RoleCode.SERVICE, None, "Руководитель сервиса"),
)
_TEAMS = (("Север", 5), ("Юг", 5), ("Розница и запчасти", 4))


def _staff(demo: Demo) -> None:
    roles = {role.code: role for role in Role.objects.all()}
    root = Team.objects.get(parent=None)
    Team.objects.filter(pk=root.pk).update(name="Продажи", head=None)
    Member.objects.filter(pk=demo.admin.pk).update(team=None, post="Администратор")
    demo.admin.refresh_from_db()
    demo.members["admin"] = demo.admin

    def hire(login: str, name: str, role: str, team: Team | None, post: str) -> Member:
        user = _user(name, login)
        member = Member.objects.create(
            user=user, name=name, email=user.email, role=roles[role], team=team, post=post
        )
        demo.members[login] = member
        return member

    for login, name, role, team, post in _LEADERS:
        hire(login, name, role, root if team else None, post)
    Team.objects.filter(pk=root.pk).update(head=demo.members["head"])
    # The first seller is the one who is named in the sign-in lines.
    given = iter([("seller", "Анна Седова")])
    taken = {demo.admin.name, *(leader[1] for leader in _LEADERS), "Анна Седова"}
    for title, size in _TEAMS:
        team = Team.objects.create(name=title, parent=root)
        for number in range(size):
            login, name = next(given, ("", ""))
            while not name or (name in taken and login != "seller"):
                name = names.person(demo.rng)
            taken.add(name)
            login = login or names.latin(name.split()[1]) + "." + names.latin(name.split()[0])
            is_head = number == 0 and login != "seller"
            if number == 1 and team.head_id is None:
                is_head = True
            post = "Руководитель группы" if is_head else "Менеджер по продажам"
            member = hire(login, name, RoleCode.HEAD if is_head else RoleCode.SELLER, team, post)
            if is_head:
                Team.objects.filter(pk=team.pk).update(head=member)
                team.head_id = member.pk
            skill = demo.rng.choice((0.9, 0.96, 1.0, 1.02, 1.06))
            seller = Seller(
                member=member,
                flow=demo.rng.choice((0.6, 0.9, 1.0, 1.1, 1.4)),
                skill=skill,
                speed=demo.rng.uniform(0.75, 1.25),
                order=demo.rng.choice((0.6, 0.9, 1.0, 1.0, 1.05)),
            )
            if login == "seller":
                # Whoever looks at the demo looks through her eyes: a busy seller with won deals in any month.
                seller = replace(seller, flow=1.8, skill=1.05, speed=1.1, order=1.0)
            demo.sellers.append(seller)


def _clients(demo: Demo) -> None:
    rng = demo.rng
    segments, sources = list(Segment.objects.all()), list(Source.objects.all())
    codes = [region.code for region in REGIONS if region.code != "99"]
    weights = [REGION_WEIGHTS.get(code, 0.6) for code in codes]
    taken: set[str] = set()
    rows = []
    for _ in range(max(20, round(760 * demo.scale))):
        name = names.company(rng, taken)
        region = rng.choices(codes, weights)[0]
        is_person = name.startswith("ИП")
        inn = names.inn(rng, region, person=is_person)
        seller = rng.choice(demo.sellers).member
        domain = f"{names.latin(name.split(' ', 1)[1])[:20]}.example"
        people = []
        for number in range(rng.choices((1, 2, 3, 4), (4, 5, 3, 1))[0]):
            full = names.person(rng, patronymic=True)
            post, kind = names.POSTS[
                rng.randrange(3) if number == 0 and rng.random() < 0.5 else rng.randrange(len(names.POSTS))
            ]
            people.append(
                PersonRow(
                    name=full,
                    title=post,
                    kind=kind if rng.random() < 0.8 else "",
                    phones=[f"+79{rng.randrange(10**9):09d}"],
                    emails=[f"{names.latin(full.split()[0])}@{domain}"] if rng.random() < 0.8 else [],
                    owner_id=seller.pk,
                    team_id=seller.team_id,
                )
            )
        rows.append(
            CompanyRow(
                name=name,
                inn=inn,
                kpp="" if is_person else f"{inn[:4]}01001",
                region=region,
                industry=rng.choice("CCCCGGGGHHAFILM"),
                size=rng.choices(("micro", "small", "medium", "large"), (3, 5, 4, 2))[0],
                site=f"https://{domain}",
                segment_id=rng.choice(segments).pk if rng.random() < 0.94 else None,
                source_id=rng.choice(sources).pk if rng.random() < 0.9 else None,
                owner_id=seller.pk,
                team_id=seller.team_id,
                is_key=rng.random() < 0.06,
                created_at=demo.now - dt.timedelta(days=rng.randint(1, 365 * YEARS_BACK + 200)),
                phones=[f"+7495{rng.randrange(10**7):07d}"],
                emails=[f"info@{domain}"],
                people=people,
            )
        )
    demo.companies = import_companies(rows, actor=demo.admin)
    people_of: dict[int, list[Person]] = defaultdict(list)
    for post in Position.objects.select_related("person").order_by("pk"):
        people_of[post.company_id].append(post.person)
    demo.people = dict(people_of)


Made = list[tuple[int, DealRow, Life]]


def _deals(demo: Demo) -> Made:
    rng = demo.rng
    funnels = list(Funnel.objects.select_related("product_group", "segment").order_by("order", "id"))
    stages: dict[int, list[Stage]] = defaultdict(list)
    for stage in Stage.objects.filter(archived_at=None).order_by("order"):
        stages[stage.funnel_id].append(stage)
    lost = list(Reason.objects.filter(kind=ReasonKind.LOST).values_list("pk", flat=True))
    won = list(Reason.objects.filter(kind=ReasonKind.WON).values_list("pk", flat=True))
    products = list(Product.objects.filter(archived_at=None))
    by_owner: dict[int | None, list[Company]] = defaultdict(list)
    for company in demo.companies:
        by_owner[company.owner_id].append(company)
    service_group = funnels[-1].product_group_id
    rows, lives = [], []
    day = demo.today - dt.timedelta(days=365 * YEARS_BACK)
    while day <= demo.today:
        if is_working_day(day):
            growth = 0.85 + 0.3 * (1 - (demo.today - day).days / (365 * YEARS_BACK))
            expected = FLOW * demo.scale * SEASON[day.month - 1] * growth
            for _ in range(_poisson(rng, expected)):
                seller = rng.choices(demo.sellers, [one.flow for one in demo.sellers])[0]
                place = rng.choices(range(len(funnels)), (4, 3, 2, 2)[: len(funnels)])[0]
                funnel = funnels[place]
                opened = office_hour(rng, day, ZONE)
                if opened >= demo.now:
                    continue
                company = rng.choice(by_owner[seller.member.pk] or demo.companies)
                is_service = funnel.product_group_id == service_group
                size = rng.lognormvariate(11.9 if is_service else 13.6, 0.85)
                amount = None if rng.random() < 0.09 else Decimal(int(size / 1000) * 1000 + 5000)
                life = live(
                    rng,
                    seller=seller,
                    stages=stages[funnel.pk],
                    opened=opened,
                    now=demo.now,
                    amount=amount,
                    lost_reasons=lost,
                    won_reasons=won,
                )
                rows.append(_row(demo, funnel, company, seller, life, products, is_service=is_service))
                lives.append(life)
        day += dt.timedelta(days=1)
    ids = import_deals(rows, actor=demo.admin)
    return list(zip(ids, rows, lives, strict=True))


def _row(
    demo: Demo,
    funnel: Funnel,
    company: Company,
    seller: Seller,
    life: Life,
    products: list[Product],
    *,
    is_service: bool,
) -> DealRow:
    rng = demo.rng
    people = demo.people.get(company.pk, [])
    of_group = [product for product in products if product.group_id == funnel.product_group_id]
    product = rng.choice(of_group) if of_group and rng.random() < 0.7 else None
    opened = life.states[0].valid_from
    interest = rng.choices(("", "cold", "warm", "hot"), (3, 2, 4, 2))[0]
    return DealRow(
        title=rng.choice(names.DEALS["service" if is_service else "machines"]),
        states=life.states,
        opened_at=opened,
        company_id=company.pk,
        person_id=people[0].pk if people and rng.random() < 0.9 else None,
        source_id=company.source_id,
        product_id=product.pk if product else None,
        product_group_id=funnel.product_group_id,
        kind=rng.choices(("new", "repeat", "additional", "renewal", "tender"), (6, 3, 1, 1, 1))[0],
        priority=rng.choices((1, 2, 3), (1, 7, 2))[0],
        interest=interest,
        interest_at=opened if interest else None,
        comment=rng.choice(names.COMMENTS),
        created_at=opened,
        created_by_id=seller.member.pk,
        basis=Basis.SEEN.value,
    )


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's method; the means here are small."""
    limit, product, count = 2.718281828459045**-mean, rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _activities(demo: Demo, deals: Made) -> None:
    rng = demo.rng
    kinds: dict[str, list[ActivityKind]] = defaultdict(list)
    for kind in ActivityKind.objects.filter(archived_at=None).order_by("order"):
        kinds[kind.channel].append(kind)
    tasks = tasks_of_book()
    rows: list[ActivityRow] = []
    for pk, row, life in deals:
        owner_id, team_id = row.present.owner_id, row.present.team_id
        assert owner_id is not None
        for moment, place in life.contacts:
            channel = _channel(rng, place)
            reached = rng.random() < 0.78 if channel == "call" else None
            kind = rng.choice(kinds[channel]) if channel in kinds else kinds["call"][0]
            rows.append(
                ActivityRow(
                    kind_id=kind.pk,
                    owner_id=owner_id,
                    team_id=team_id,
                    due_at=moment,
                    deal_id=pk,
                    company_id=row.company_id,
                    person_id=row.person_id,
                    done_at=moment,
                    result=names.NOT_REACHED if reached is False else rng.choice(names.RESULTS[channel]),
                    reached=reached,
                    direction="in" if rng.random() < 0.25 else "out",
                    is_cold=channel == "call" and place == 0 and rng.random() < 0.35,
                    created_at=moment,
                )
            )
        if row.present.outcome == Outcome.OPEN:
            ahead = _next_step(demo, kinds, pk, row)
            asked = tasks_of_stage(rng, tasks.get(row.present.stage_id, []), pk, row, demo.now)
            # Whoever plans nothing has put the book's tasks aside too.
            rows += [*ahead, *(task for task in asked if ahead or task.done_at is not None)]
    rows += _cold_calls(demo, kinds)
    import_activities(rows, actor=demo.admin)


def _channel(rng: random.Random, place: int) -> str:
    if place == 0:
        return rng.choices(("call", "letter"), (8, 2))[0]
    return rng.choices(
        ("call", "meeting", "demo", "visit", "letter", "fax", "task"), (9, 4, 2, 1, 5, 0.2, 2)
    )[0]


def _next_step(demo: Demo, kinds: dict[str, list[ActivityKind]], pk: int, row: DealRow) -> list[ActivityRow]:
    """What is planned on an open deal: often something, sometimes late, sometimes nothing at all."""
    rng = demo.rng
    seller = next(one for one in demo.sellers if one.member.pk == row.present.owner_id)
    if rng.random() > 0.78 * seller.order:
        return []
    days = rng.choices((-6, -3, -1, 0, 1, 2, 3, 5, 8, 13), (1, 1, 2, 5, 4, 3, 3, 2, 2, 1))[0]
    day = demo.today + dt.timedelta(days=days)
    day = add_working_days(day, 0) if days > 0 else day
    channel = rng.choices(("call", "meeting", "letter", "task"), (6, 2, 2, 2))[0]
    kind = kinds[channel][0]
    has_time = channel in ("call", "meeting") and rng.random() < 0.8
    due = dt.datetime.combine(day, dt.time(rng.randint(9, 17), rng.choice((0, 15, 30, 45))), ZONE)
    subject = {
        "call": "Узнать решение по КП",
        "meeting": "Встреча на складе клиента",
        "letter": "Отправить договор",
        "task": "Подготовить расчёт",
    }[channel]
    return [
        ActivityRow(
            kind_id=kind.pk,
            owner_id=seller.member.pk,
            team_id=seller.member.team_id,
            due_at=due,
            deal_id=pk,
            company_id=row.company_id,
            person_id=row.person_id,
            subject=subject,
            has_time=has_time,
            created_at=demo.now - dt.timedelta(days=rng.randint(1, 7)),
        )
    ]


def _cold_calls(demo: Demo, kinds: dict[str, list[ActivityKind]]) -> list[ActivityRow]:
    """Calls to clients without a deal: most reach nobody."""
    rng = demo.rng
    rows = []
    for seller in demo.sellers:
        for _ in range(round(220 * demo.scale * seller.flow)):
            day = demo.today - dt.timedelta(days=rng.randint(0, 365))
            moment = office_hour(rng, day, ZONE)
            if moment >= demo.now:
                continue
            reached = rng.random() < 0.4
            rows.append(
                ActivityRow(
                    kind_id=kinds["call"][0].pk,
                    owner_id=seller.member.pk,
                    team_id=seller.member.team_id,
                    due_at=moment,
                    company_id=rng.choice(demo.companies).pk,
                    done_at=moment,
                    result=rng.choice(names.RESULTS["call"]) if reached else names.NOT_REACHED,
                    reached=reached,
                    is_cold=True,
                    created_at=moment,
                )
            )
    return rows


def _plans(demo: Demo, deals: Made) -> None:
    """Targets near what each seller really sells, for the last year, this one and the months to come."""
    won: dict[int, Decimal] = defaultdict(Decimal)
    since = demo.now - dt.timedelta(days=365)
    for _pk, row, _life in deals:
        present: StateRow = row.present
        if present.outcome == Outcome.WON and present.owner_id and present.valid_from >= since:
            won[present.owner_id] += present.amount_base or Decimal(0)
    cells = []
    month = demo.today.replace(month=1, day=1)
    month = month.replace(year=month.year - 1)
    while month <= demo.today.replace(day=1) or month.year == demo.today.year:
        for seller in demo.sellers:
            usual = won[seller.member.pk] / 12 or Decimal(300_000)
            target = usual * Decimal(str(SEASON[month.month - 1])) * Decimal(demo.rng.randint(90, 125)) / 100
            cells.append(
                PlanCell(seller.member.pk, month, max(Decimal(100_000), target.quantize(Decimal("1E+4"))))
            )
        month = add_months(month, 1)
    set_plans(cells, actor=demo.admin)


def _kpis(demo: Demo) -> None:
    """What the company judges its sellers by."""
    for measure, target, weight in (
        ("key_stage", 6, 30),
        ("won_sum", None, 30),
        ("win_rate", 35, 15),
        ("contacts", 60, 15),
        ("ripening", 45, 10),
    ):
        kind = measure_of(measure)
        assert kind is not None
        values = {"target": None if target is None else Decimal(target), "weight": weight}
        add_kpi(actor=demo.admin, name=str(kind.title), measure=measure, **values)


def _story(demo: Demo, deals: Made) -> None:
    """Feeds of recent deals, notes and tags."""
    rng = demo.rng
    since = demo.now - dt.timedelta(days=FEED_DAYS)
    recent = {
        pk: (row, life)
        for pk, row, life in deals
        if row.present.outcome == Outcome.OPEN or row.opened_at >= since or row.present.valid_from >= since
    }
    stages = {stage.pk: stage for stage in Stage.objects.select_related("funnel")}
    reasons = dict(Reason.objects.values_list("pk", "name"))
    past: list[PastEvent] = []
    for pk, (row, _life) in recent.items():
        subjects = [("deal", pk), ("company", row.company_id), ("person", row.person_id)]
        before: StateRow | None = None
        for state in row.states:
            payload = _told(pk, row, before, state, stages, reasons)
            if payload is not None:
                past.append(PastEvent(payload, state.valid_from, state.owner_id, subjects))
            before = state
    done = Activity.objects.filter(deal__in=list(recent), done_at__isnull=False).select_related("kind")
    for activity in done.iterator():
        payload = ActivityLogged(
            activity=activity.pk,
            kind=activity.kind.name,
            icon=activity.kind.icon,
            subject=activity.subject,
            version=1,
            channel=activity.channel,
            direction=activity.direction,
            is_cold=activity.is_cold,
            reached=activity.reached,
            result=activity.result,
            done_at=activity.done_at.isoformat() if activity.done_at else "",
        )
        subjects = [
            ("deal", activity.deal_id),
            ("company", activity.company_id),
            ("person", activity.person_id),
        ]
        past.append(PastEvent(payload, activity.done_at or demo.now, activity.owner_id, subjects))
    write_past(past)
    tags = [tag_named(word) for word in names.TAGS]
    sample = rng.sample(sorted(recent), min(len(recent), max(3, round(90 * demo.scale))))
    for pk in sample:
        deal = Deal.objects.select_related("owner__role").get(pk=pk)
        owner = deal.owner
        if owner is None or not deal.is_open:
            continue
        if rng.random() < 0.5:
            add_note(actor=owner, subject=("deal", pk), text=rng.choice(names.NOTES))
        else:
            set_tag(deal, actor=owner, tag=rng.choice(tags), on=True)


def _told(
    pk: int,
    row: DealRow,
    before: StateRow | None,
    state: StateRow,
    stages: dict[int, Stage],
    reasons: dict[int, str],
) -> Any:
    """The event that made *state*; None for what a feed would not tell."""
    stage = stages[state.stage_id]
    if before is None:
        return deal_events.DealCreated(
            deal=pk,
            number=row.number or 0,
            title=row.title,
            stage=stage.name,
            funnel=stage.funnel.name,
            amount=str(state.amount) if state.amount is not None else None,
            currency=state.currency,
            owner=state.owner_id,
        )
    if state.outcome == Outcome.WON:
        amount = str(state.amount) if state.amount is not None else None
        return deal_events.DealWon(pk, amount, state.currency, reasons.get(state.reason_id or 0, ""))
    if state.outcome == Outcome.LOST:
        return deal_events.DealLost(pk, stage.name, reasons.get(state.reason_id or 0, ""), "")
    if state.stage_id != before.stage_id:
        left = stages[before.stage_id]
        return deal_events.DealMoved(
            pk, left.pk, left.name, left.funnel.name, stage.pk, stage.name, stage.funnel.name
        )
    return None
