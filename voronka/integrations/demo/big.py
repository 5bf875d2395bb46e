"""`voronka demo --deals N`: a company of any size, to measure on. Numbers by NumPy, rows by SQL, minutes for a million.

Per deal: 2–3 stage visits and 3–4 states, 1–2 activities, a search row; per five deals a client with one person.
The feed holds the beginnings of the last year's deals. What the row verbs would write is what stands here: a test
counts all summaries and search rows anew and finds no difference.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone, translation

from voronka.activities.models import Activity
from voronka.clients.models import Company, ContactPoint, Person, Position, Source
from voronka.clients.regions import REGIONS, region_name
from voronka.core import clock
from voronka.core.tenancy import require_workspace_id, scope
from voronka.core.text import company_key, fold
from voronka.deals.models import Deal, DealState, StageVisit
from voronka.desk.models import SearchRow
from voronka.desk.search import Row, copy_search_rows, searchable
from voronka.integrations.demo import names
from voronka.integrations.demo.company import DOMAIN, PASSWORD
from voronka.integrations.demo.lives import (
    DAY,
    LOST,
    SECOND,
    STAYS,
    WON,
    Contacts,
    Deals,
    Visits,
    earliest,
    latest,
    live,
    talk,
)
from voronka.integrations.demo.loading import NEVER, put_aside, reserve_ids, stage, tidy
from voronka.integrations.demo.talk import CHANNELS, NEXT_STEPS, add_talk, first_kinds, write_talk
from voronka.journal.models import Event, EventSubject
from voronka.playbook.actions.templates import apply_template
from voronka.playbook.models import Funnel, Reason, ReasonKind, Stage
from voronka.targets.actions import PlanCell, set_plans
from voronka.workspaces.actions.accounts import create_user, create_workspace
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.numbering import next_numbers
from voronka.workspaces.rights import RoleCode

TABLES = [
    *(Company, Person, Position, ContactPoint),
    *(Deal, DealState, StageVisit, Activity, SearchRow, Event, EventSubject),
]
# From here on putting indexes aside is quicker than keeping them.
LARGE = 50_000
DEALS_PER_CLIENT, DEALS_PER_SELLER, TEAM_SIZE = 5, 5_000, 10
ENDS = ("", "forward", "won", "lost")
TITLES = names.DEALS["machines"] + names.DEALS["service"]

Say = Callable[[str], None]


@dataclass
class Staff:
    """Who works there: the sellers as arrays of ids of members and their teams, the director for the log."""

    sellers: list[Member]
    director: Member

    @property
    def ids(self) -> np.ndarray:
        return np.array([seller.pk for seller in self.sellers])

    @property
    def teams(self) -> np.ndarray:
        return np.array([seller.team_id for seller in self.sellers])


@dataclass
class Clients:
    """Ids of companies and of the one person in each; client *n* belongs to seller *n* modulo their number."""

    companies: np.ndarray
    people: np.ndarray


def email_of(login: str, slug: str) -> str:
    """The address by which `seller`, `head` and `director` of the workspace sign in (password: `PASSWORD`)."""
    return f"{login}.{slug}@{DOMAIN}"


def make_big(
    slug: str,
    count: int,
    seed: int = 7,
    *,
    activities: int = 0,
    say: Say = lambda text: None,
    large: bool | None = None,
) -> Workspace:
    """Make the workspace *slug* with *count* deals; all or nothing. Raises `Refused` when *slug* is taken.

    *activities*: how many to have at least (1–2 per deal come by themselves).
    *large*: put indexes aside while writing (others wait for these tables meanwhile); None decides by *count*.
    """
    began = time.monotonic()
    with translation.override("ru"):
        with transaction.atomic():
            user = _user("Игорь Черных", "admin", slug)
            admin = create_workspace(user=user, name=f"Большая компания, {count}", slug=slug, is_demo=True)
            with scope(admin.workspace):
                _fill(admin, count, seed, activities, count >= LARGE if large is None else large, say)
        say("Чистка и статистика…")
        tidy(TABLES)
    say(f"Готово за {time.monotonic() - began:.0f} с; вход: {email_of('seller', slug)}, пароль {PASSWORD}")
    return admin.workspace


def _fill(admin: Member, count: int, seed: int, activities: int, large: bool, say: Say) -> None:
    rng = np.random.default_rng(seed)
    now = int(timezone.now().timestamp()) * SECOND
    staff = _staff(admin, min(200, max(14, count // DEALS_PER_SELLER)))
    apply_template("equipment", actor=admin, language="ru")
    funnels = list(Funnel.objects.order_by("order", "id"))
    stages = [list(Stage.objects.filter(funnel=one, archived_at=None).order_by("order")) for one in funnels]
    clients_count = max(len(staff.sellers), count // DEALS_PER_CLIENT)
    say(f"Сотрудников: {len(staff.sellers)}, клиентов: {clients_count}, сделок: {count}")
    deals, visits = live(rng, stages, len(staff.sellers), count, now)
    contacts = talk(rng, deals, visits, now)
    # A client of the deal's own seller.
    rounds = clients_count // len(staff.sellers)
    client = deals.seller + len(staff.sellers) * rng.integers(0, rounds, count)
    has_person = rng.random(count) < 0.9
    with connection.cursor() as cursor, put_aside(cursor, TABLES, wanted=large):
        say("Клиенты и контактные лица…")
        clients = _clients(cursor, staff, clients_count, seed, contacts, client, has_person)
        say(f"Сделки, состояний: {len(visits.deal) + int((deals.outcome != STAYS).sum())}…")
        ids = _deals(cursor, rng, staff, funnels, deals, visits, contacts, clients, client, has_person)
        say(f"Дела: {len(contacts.deal)}…")
        write_talk(cursor, rng, ids, contacts)
        if activities > len(contacts.deal):
            say(f"Ещё дел: {activities - len(contacts.deal)}…")
            add_talk(cursor, activities)
        say("Поиск…")
        _search_rows(cursor)
        say("Лента…")
        _events(cursor, ids, deals, now)
        say("Индексы и проверка ссылок…" if large else "Планы…")
    _plans(staff, admin)


def _user(name: str, login: str, slug: str) -> User:
    email = email_of(login, slug)
    return User.objects.filter(email=email).first() or create_user(
        email=email, name=name, password=PASSWORD, confirmed=True
    )


def _staff(admin: Member, sellers: int) -> Staff:
    """*sellers* in teams of ten; the first seller, the head and the director can sign in, the rest are names."""
    rng, slug = random.Random(1), admin.workspace.slug
    roles = {role.code: role for role in Role.objects.all()}
    root = Team.objects.get(parent=None)

    def hire(login: str, role: str, team: Team | None, post: str) -> Member:
        user = _user(names.person(rng), login, slug) if login else None
        name = user.name if user else names.person(rng)
        return Member.objects.create(
            user=user, name=name, email=user.email if user else "", role=roles[role], team=team, post=post
        )

    director = hire("director", RoleCode.DIRECTOR, None, "Директор")
    head = hire("head", RoleCode.HEAD, root, "Руководитель отдела продаж")
    Team.objects.filter(pk=root.pk).update(head=head)
    made: list[Member] = []
    for number in range(sellers):
        if number % TEAM_SIZE == 0:
            team = Team.objects.create(name=f"Отдел {number // TEAM_SIZE + 1}", parent=root)
        made.append(hire("" if made else "seller", RoleCode.SELLER, team, "Менеджер по продажам"))
    return Staff(made, director)


def _clients(
    cursor: Any,
    staff: Staff,
    count: int,
    seed: int,
    contacts: Contacts,
    client: np.ndarray,
    has_person: np.ndarray,
) -> Clients:
    """Companies with one person each, their phones and e-mails, and how they are found."""
    rng = random.Random(seed)
    company_ids, person_ids = reserve_ids(cursor, Company, count), reserve_ids(cursor, Person, count)
    is_done = contacts.done != NEVER
    spoken = is_done & (contacts.channel != CHANNELS.index("task"))
    of_client = client[contacts.deal]
    with_person = spoken & has_person[contacts.deal]
    stage(
        cursor,
        "big_client",
        {
            "n": ("bigint", np.arange(count)),
            "company_id": ("bigint", company_ids),
            "person_id": ("bigint", person_ids),
            "owner_id": ("bigint", staff.ids[np.arange(count) % len(staff.sellers)]),
            "team_id": ("bigint", staff.teams[np.arange(count) % len(staff.sellers)]),
            "last_contact_at": ("timestamptz", latest(of_client[spoken], contacts.done[spoken], count)),
            "person_contact_at": (
                "timestamptz",
                latest(of_client[with_person], contacts.done[with_person], count),
            ),
            "next_activity_at": ("timestamptz", earliest(of_client[~is_done], contacts.due[~is_done], count)),
        },
    )
    cursor.execute("DROP TABLE IF EXISTS pg_temp.big_word")
    cursor.execute(
        "CREATE TEMP TABLE big_word (n bigint, name text, name_key text, search_key text, inn text, "
        "region text, person text, person_key text, post text, kind text, phone bigint, mobile bigint) "
        "ON COMMIT DROP"
    )
    words = [_words(rng, number) for number in range(count)]
    with cursor.copy("COPY big_word FROM STDIN") as copy:
        for number, word in enumerate(words):
            copy.write_row((number, *word))
    cursor.execute("ANALYZE big_word")
    cursor.execute(_CLIENTS, {"workspace": require_workspace_id(), "now": clock.now()})
    copy_search_rows(_client_rows(staff, words, company_ids, person_ids))
    return Clients(company_ids, person_ids)


def _words(rng: random.Random, number: int) -> tuple[Any, ...]:
    """The texts of one client, in the order of the columns of `big_word`."""
    first, second = rng.choice(names.FIRST_PARTS), rng.choice(names.SECOND_PARTS)
    legal = rng.choices(("ООО", "АО", "ПАО"), (70, 25, 5))[0]
    name = f"{legal} «{first}{second.lower()}-{rng.randrange(1, 400)}»"
    region = rng.choice(REGIONS[:80]).code
    person = names.person(rng, patronymic=True)
    post, kind = rng.choice(names.POSTS)
    return (
        name,
        company_key(name),
        searchable(company_key(name)),
        names.inn(rng, region, person=False),
        region,
        person,
        fold(person),
        post,
        kind,
        # Every number once, and each a valid one of Moscow.
        74951000000 + number % 8_000_000,
        79160000000 + number * 37 % 10_000_000,
    )


def _client_rows(
    staff: Staff, words: Sequence[tuple[Any, ...]], companies: np.ndarray, people: np.ndarray
) -> Iterator[Row]:
    sellers = [(seller.pk, seller.team_id) for seller in staff.sellers]
    regions = {region.code: region_name(region.code) for region in REGIONS}
    for number, (word, company_id, person_id) in enumerate(
        zip(words, companies.tolist(), people.tolist(), strict=True)
    ):
        name, key, _search, inn, region, person, _person, post, _kind, phone, mobile = word
        owner_id, team_id = sellers[number % len(sellers)]
        for kind, pk, title, hint, text in (
            ("company", company_id, name, f"{inn} · {regions[region]}", f" {inn}  {phone}"),
            ("person", person_id, person, f"{name} · {post}", f"{mobile} {key}"),
        ):
            yield Row(kind, pk, title, hint, text, [owner_id], [team_id] if team_id else [], weight=1)


def _deals(
    cursor: Any,
    rng: np.random.Generator,
    staff: Staff,
    funnels: list[Funnel],
    deals: Deals,
    visits: Visits,
    contacts: Contacts,
    clients: Clients,
    client: np.ndarray,
    has_person: np.ndarray,
) -> np.ndarray:
    """Deals, their states and visits; returns the deals' ids."""
    count = len(deals.opened)
    ids = reserve_ids(cursor, Deal, count)
    lost = list(Reason.objects.filter(kind=ReasonKind.LOST).order_by("order").values_list("pk", flat=True))
    won = list(Reason.objects.filter(kind=ReasonKind.WON).order_by("order").values_list("pk", flat=True))
    early = np.minimum(np.abs(rng.normal(deals.order * 0.5, 1.4, count)).astype(int), len(lost) - 1)
    reason = np.select(
        [deals.outcome == LOST, deals.outcome == WON],
        [np.array(lost)[early], np.array(won)[rng.integers(0, len(won), count)]],
        0,
    )
    is_done = contacts.done != NEVER
    spoken = is_done & (contacts.channel != CHANNELS.index("task"))
    next_channel = np.zeros(count, np.int64)
    next_channel[contacts.deal[~is_done]] = contacts.channel[~is_done]
    sources = list(Source.objects.order_by("order").values_list("pk", flat=True))
    stage(
        cursor,
        "big_deal",
        {
            "id": ("bigint", ids),
            "number": ("bigint", next_numbers("deal", count) + np.arange(count)),
            "title": ("smallint", rng.integers(1, len(TITLES) + 1, count)),
            "client": ("bigint", client),
            "company_id": ("bigint", clients.companies[client]),
            "person_id": ("bigint", np.where(has_person, clients.people[client], 0)),
            "source_id": ("bigint", np.array(sources)[rng.integers(0, len(sources), count)]),
            "funnel_id": ("bigint", np.array([f.pk for f in funnels])[deals.funnel]),
            "group_id": ("bigint", np.array([f.product_group_id or 0 for f in funnels])[deals.funnel]),
            "stage_id": ("bigint", deals.stage),
            "stage_order": ("smallint", deals.order),
            "outcome": ("smallint", deals.outcome),
            "reason_id": ("bigint", reason),
            "amount": ("bigint", deals.amount),
            "expected": ("date", deals.expected // DAY - 10957),
            "owner_id": ("bigint", staff.ids[deals.seller]),
            "team_id": ("bigint", staff.teams[deals.seller]),
            "opened_at": ("timestamptz", deals.opened),
            "closed_at": ("timestamptz", deals.closed),
            "stage_since": ("timestamptz", deals.stage_since),
            "kind": ("smallint", rng.choice((1, 2, 3, 4, 5), count, p=(0.5, 0.25, 0.1, 0.1, 0.05))),
            "priority": ("smallint", rng.choice((1, 2, 3), count, p=(0.1, 0.7, 0.2))),
            "interest": ("smallint", rng.choice((1, 2, 3, 4), count, p=(0.3, 0.2, 0.3, 0.2))),
            "next_at": (
                "timestamptz",
                earliest(contacts.deal[~is_done], contacts.due[~is_done], count),
            ),
            "next_channel": ("smallint", next_channel + 1),
            "last_contact_at": ("timestamptz", latest(contacts.deal[spoken], contacts.done[spoken], count)),
        },
    )
    stage(
        cursor,
        "big_visit",
        {
            "deal_id": ("bigint", ids[visits.deal]),
            "funnel_id": ("bigint", visits.funnel),
            "stage_id": ("bigint", visits.stage),
            "entered": ("timestamptz", visits.entered),
            "left_at": ("timestamptz", visits.left),
            "ended": ("smallint", visits.end + 1),
        },
    )
    kinds = first_kinds()
    cursor.execute(
        _DEALS,
        {
            "workspace": require_workspace_id(),
            "titles": list(TITLES),
            "next_steps": list(NEXT_STEPS),
            "icons": [kinds[channel].icon for channel in CHANNELS],
        },
    )
    cursor.execute(_STATES, {"workspace": require_workspace_id()})
    cursor.execute(_VISITS, {"workspace": require_workspace_id(), "ends": list(ENDS)})
    return ids


def _search_rows(cursor: Any) -> None:
    cursor.execute(
        _SEARCH,
        {
            "workspace": require_workspace_id(),
            "titles": list(TITLES),
            "keys": [searchable(company_key(title)) for title in TITLES],
            "now": clock.now(),
        },
    )


def _events(cursor: Any, ids: np.ndarray, deals: Deals, now: int) -> None:
    """The beginnings of the last year's deals, in the feeds of deal, company and person."""
    recent = ids[deals.opened > now - 365 * DAY]
    if len(recent):
        stage(
            cursor,
            "big_event",
            {"id": ("bigint", reserve_ids(cursor, Event, len(recent))), "deal_id": ("bigint", recent)},
        )
        cursor.execute(_EVENTS, {"workspace": require_workspace_id(), "titles": list(TITLES)})
        cursor.execute(_SUBJECTS, {"workspace": require_workspace_id()})


def _plans(staff: Staff, admin: Member) -> None:
    """Plans of this year for everybody."""
    today = timezone.localdate()
    months = [today.replace(month=month, day=1) for month in range(1, 13)]
    plan = Decimal(1_500_000)
    set_plans([PlanCell(seller.pk, month, plan) for seller in staff.sellers for month in months], actor=admin)


_CLIENTS = """
WITH company AS (
  INSERT INTO clients_company (id, workspace_id, version, name, name_key, legal_name, inn, kpp, ogrn, region, industry,
    okved, legal_address, address, site, size, is_key, owner_id, team_id, created_at, last_contact_at, next_activity_at)
  SELECT company_id, %(workspace)s, 1, name, name_key, '', inn, left(inn, 4) || '01001', '', region,
    substr('CCCCGGGGHHAFILM', 1 + (n %% 15)::int, 1), '', '', '', '', '', false, owner_id, team_id,
    %(now)s - make_interval(days => (n %% 1800)::int), nullif(last_contact_at, 'infinity'),
    nullif(next_activity_at, 'infinity')
  FROM big_client JOIN big_word USING (n) ORDER BY n
), person AS (
  INSERT INTO clients_person (id, workspace_id, version, name, name_key, about, owner_id, team_id, created_at,
    last_contact_at)
  SELECT person_id, %(workspace)s, 1, person, person_key, '', owner_id, team_id,
    %(now)s - make_interval(days => (n %% 1800)::int), nullif(person_contact_at, 'infinity')
  FROM big_client JOIN big_word USING (n) ORDER BY n
), post AS (
  INSERT INTO clients_position (workspace_id, person_id, company_id, title, kind, is_main)
  SELECT %(workspace)s, person_id, company_id, post, kind, true
  FROM big_client JOIN big_word USING (n) ORDER BY n
)
INSERT INTO clients_contactpoint (workspace_id, kind, company_id, person_id, value, normal, label)
SELECT %(workspace)s, 'phone', one.company_id, one.person_id,
  regexp_replace(one.phone::text, '^(.)(...)(...)(..)(..)$', '+\\1 \\2 \\3-\\4-\\5'), '+' || one.phone, ''
FROM big_client JOIN big_word USING (n)
CROSS JOIN LATERAL (VALUES (company_id, NULL, phone), (NULL, person_id, mobile)) one (company_id, person_id, phone)
ORDER BY n
"""

_DEALS = """
INSERT INTO deals_deal (id, workspace_id, version, number, title, company_id, person_id, kind, priority, interest,
  interest_at, source_id, product_group_id, comment, created_at, created_by_id, opened_at, closed_at, closed_owner_id,
  closed_team_id, basis, state_since, stage_since, deepest_stage_id, deepest_order, pushes, next_activity_at,
  next_activity_has_time, next_activity_text, next_activity_icon, last_contact_at, stage_id, funnel_id, outcome,
  reason_id, amount, currency, amount_base, expected_close, category, head_category, owner_id, team_id)
SELECT id, %(workspace)s, 1, number, (%(titles)s::text[])[title], company_id, nullif(person_id, 0),
  ('{new,repeat,additional,renewal,tender}'::text[])[kind], priority, ('{"",cold,warm,hot}'::text[])[interest],
  CASE WHEN interest > 1 THEN opened_at END, source_id, nullif(group_id, 0), '', opened_at, owner_id, opened_at,
  nullif(closed_at, 'infinity'), CASE WHEN outcome > 0 THEN owner_id END, CASE WHEN outcome > 0 THEN team_id END,
  'seen', stage_since, stage_since, stage_id, stage_order, 0, nullif(next_at, 'infinity'), true,
  CASE WHEN next_at < 'infinity' THEN (%(next_steps)s::text[])[next_channel] ELSE '' END,
  CASE WHEN next_at < 'infinity' THEN (%(icons)s::text[])[next_channel] ELSE '' END,
  nullif(last_contact_at, 'infinity'), stage_id, funnel_id, ('{open,"",won,lost}'::text[])[outcome + 1],
  nullif(reason_id, 0), nullif(amount, -1), 'RUB', nullif(amount, -1), expected, '', '', owner_id, team_id
FROM big_deal ORDER BY id
"""

# One state for every visit, and one for the end.
_STATES = """
INSERT INTO deals_dealstate (workspace_id, deal_id, valid_from, valid_to, basis, cause, void, stage_id, funnel_id,
  outcome, reason_id, amount, currency, amount_base, expected_close, category, head_category, owner_id, team_id)
SELECT %(workspace)s, d.id, s.since, nullif(s.till, 'infinity'), 'seen',
  CASE WHEN s.is_end THEN CASE d.outcome WHEN 2 THEN 'won' ELSE 'lost' END
       WHEN s.since = d.opened_at THEN 'created' ELSE 'moved' END,
  false, s.stage_id, d.funnel_id,
  CASE WHEN NOT s.is_end THEN 'open' WHEN d.outcome = 2 THEN 'won' ELSE 'lost' END,
  CASE WHEN s.is_end THEN nullif(d.reason_id, 0) END,
  nullif(d.amount, -1), 'RUB', nullif(d.amount, -1), d.expected, '', '', d.owner_id, d.team_id
FROM (
  SELECT deal_id, stage_id, entered AS since, left_at AS till, false AS is_end FROM big_visit
  UNION ALL
  SELECT id, stage_id, closed_at, 'infinity', true FROM big_deal WHERE outcome > 0
) s JOIN big_deal d ON d.id = s.deal_id
ORDER BY d.id, s.since
"""

_VISITS = """
INSERT INTO deals_stagevisit (workspace_id, deal_id, funnel_id, stage_id, entered, "left", seconds, "end", basis,
  spent, is_last)
SELECT %(workspace)s, deal_id, funnel_id, stage_id, entered, nullif(left_at, 'infinity'), seconds,
  (%(ends)s::text[])[ended], 'seen', seconds, true
FROM (
  SELECT *, CASE WHEN left_at < 'infinity' THEN extract(epoch FROM left_at - entered)::bigint END AS seconds
  FROM big_visit
) visit ORDER BY deal_id, entered
"""

# The words that `deals.search` would write.
_SEARCH = """
INSERT INTO desk_searchrow (workspace_id, kind, object_id, title, hint, text, number, owner_ids, team_ids, weight,
  updated_at)
SELECT %(workspace)s, 'deal', d.id, (%(titles)s::text[])[d.title], '№ ' || d.number || ' · ' || w.name,
  (%(keys)s::text[])[d.title] || ' ' || w.search_key, d.number, ARRAY[d.owner_id], ARRAY[d.team_id],
  CASE d.outcome WHEN 0 THEN 2 ELSE 0 END, %(now)s
FROM big_deal d JOIN big_word w ON w.n = d.client
ORDER BY d.id
"""

_EVENTS = """
WITH place AS MATERIALIZED (
  SELECT DISTINCT ON (f.id) f.id, f.name AS funnel, s.name AS stage
  FROM playbook_funnel f JOIN playbook_stage s ON s.funnel_id = f.id AND s.workspace_id = f.workspace_id
  WHERE f.workspace_id = %(workspace)s ORDER BY f.id, s.order
)
INSERT INTO journal_event (id, workspace_id, type, at, actor_id, payload)
SELECT e.id, %(workspace)s, 'deal.created', d.opened_at, d.owner_id,
  jsonb_build_object('deal', d.id, 'number', d.number, 'title', (%(titles)s::text[])[d.title], 'stage', place.stage,
    'funnel', place.funnel, 'amount', nullif(d.amount, -1)::numeric(15, 2)::text, 'currency', 'RUB',
    'owner', d.owner_id, 'from_deal', '')
FROM big_event e JOIN big_deal d ON d.id = e.deal_id JOIN place ON place.id = d.funnel_id
ORDER BY e.id
"""

_SUBJECTS = """
INSERT INTO journal_eventsubject (workspace_id, event_id, kind, object_id)
SELECT %(workspace)s, e.id, one.kind, one.object_id
FROM big_event e JOIN big_deal d ON d.id = e.deal_id
CROSS JOIN LATERAL (VALUES ('deal', d.id), ('company', d.company_id), ('person', d.person_id)) one (kind, object_id)
WHERE one.object_id > 0
ORDER BY one.kind, one.object_id, e.id
"""
