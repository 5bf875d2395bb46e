"""What is here already, asked by what a file knows it by.

Keys: `id:<source>:<number there>`, `any:<number>` (whatever system it came from), `inn:…`, `contact:…` (a phone or an
e-mail as stored), `name:…` (for people `name:<name>@<company>`), `sku:…`, `number:…` (our own number of a deal).

For a preview of several files at once the things that earlier files will bring are expected under the same keys;
their ids are negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from voronka.catalog.models import Product
from voronka.clients.models import Company, ContactPoint, Person, Position
from voronka.core.text import company_key, fold
from voronka.deals.models import Deal
from voronka.desk.models import ExternalRef
from voronka.workspaces.models import Member, MemberStatus

PART = 5_000
AMBIGUOUS = 0


@lru_cache(maxsize=50_000)
def client_key(name: str) -> str:
    """The name of a client as `Company.name_key` has it."""
    return company_key(name)[:250] or fold(name)[:250]


def person_key(name: str, company: str = "") -> str:
    """The key of a person by name, within a company (its name) if there is one."""
    return f"name:{fold(name)[:200]}@{client_key(company) if company else ''}"


def parts(keys: Iterable[Any], size: int = PART) -> Iterator[list[Any]]:
    listed = list(keys)
    return (listed[start : start + size] for start in range(0, len(listed), size))


class Known:
    """What is here, and what is expected to be. The same object goes through all files of one import."""

    def __init__(self, *, looking_ahead: bool = True) -> None:
        """*looking_ahead* False: things are written as they are met, and nothing need be expected."""
        self._looking_ahead = looking_ahead
        self._expected: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self._last = 0

    def expect(self, kind: str, keys: Iterable[str], name: str = "") -> None:
        """A thing of *kind* will be there, known by *keys* and called *name*."""
        if not self._looking_ahead:
            return
        if name:
            self._names[kind].append(name)
        self._last -= 1
        for key in keys:
            self._expected[kind].setdefault(key, self._last)

    def names_coming(self, kind: str) -> list[str]:
        """What the things of *kind* are called that earlier files bring."""
        return self._names[kind]

    def coming(self, kind: str, key: str) -> bool:
        """Whether an earlier file brings it."""
        return key in self._expected[kind]

    def first_named(self, words: dict[str, str]) -> dict[str, str]:
        """Of names (by key) that nobody here has those that no earlier file names either."""
        fresh = {key: word for key, word in words.items() if f"member:{key}" not in self._expected["member"]}
        for key in fresh:
            self.expect("member", [f"member:{key}"])
        return fresh

    def find(self, kind: str, keys: Iterable[str]) -> dict[str, int]:
        """Key → id, for those that one thing alone is known by; a key of several things is left out."""
        by_prefix: defaultdict[str, list[str]] = defaultdict(list)
        for key in dict.fromkeys(keys):
            prefix, _colon, rest = key.partition(":")
            by_prefix[prefix].append(rest)
        found: dict[str, int] = {}
        for prefix, rests in by_prefix.items():
            ask = _ASK.get((kind, prefix), _ASK.get(("", prefix)))
            if ask is None:
                continue
            for part in parts(rests):
                for rest, pk in ask(kind, part):
                    key = f"{prefix}:{rest}"
                    # The first of several of a name; phones and articles of several are nobody's.
                    if found.setdefault(key, pk) != pk and prefix in ("contact", "sku", "any", "title"):
                        found[key] = AMBIGUOUS
        expected = self._expected.get(kind)
        if expected:
            for rests_prefix, rests in by_prefix.items():
                for rest in rests:
                    key = f"{rests_prefix}:{rest}"
                    if key in expected:
                        found.setdefault(key, expected[key])
        return {key: pk for key, pk in found.items() if pk != AMBIGUOUS}


_Ask = Callable[[str, list[str]], Iterable[tuple[str, int]]]


def _by_ref(kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    by_source: defaultdict[str, list[str]] = defaultdict(list)
    for rest in rests:
        source, _colon, external_id = rest.partition(":")
        by_source[source].append(external_id)
    for source, ids in by_source.items():
        for external_id, pk in ExternalRef.objects.filter(
            source=source, kind=kind, external_id__among=ids
        ).values_list("external_id", "object_id"):
            yield f"{source}:{external_id}", pk


def _by_any_ref(kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    refs: QuerySet[Any] = ExternalRef.objects.filter(kind=kind, external_id__among=rests).exclude(
        source="import"
    )
    return refs.values_list("external_id", "object_id")


def _by_contact(kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    column = f"{kind}_id"
    points: QuerySet[Any] = ContactPoint.objects.filter(
        normal__among=rests, **{f"{kind}__isnull": False, f"{kind}__deleted_at": None}
    )
    return points.order_by(column).values_list("normal", column).distinct()


def _companies_by_inn(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    found: QuerySet[Any] = Company.objects.filter(deleted_at=None, inn__among=rests).order_by("pk")
    return found.values_list("inn", "pk")


def _companies_by_name(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    found: QuerySet[Any] = Company.objects.filter(deleted_at=None, name_key__among=rests).order_by("pk")
    return found.values_list("name_key", "pk")


def _people_by_name(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    names = list({rest.partition("@")[0] for rest in rests})
    present = Person.objects.filter(deleted_at=None, name_key__among=names).order_by("pk")
    for pk, name in present.filter(positions=None).values_list("pk", "name_key"):
        yield f"{name}@", pk
    posts = Position.objects.filter(person__in=present).order_by("person_id")
    for pk, name, company in posts.values_list("person_id", "person__name_key", "company__name_key"):
        yield f"{name}@{company}", pk


def _products_by_name(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    return Product.objects.filter(name_key__among=rests).values_list("name_key", "pk")


def _products_by_sku(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    return Product.objects.filter(sku__among=rests).exclude(sku="").order_by("pk").values_list("sku", "pk")


def _deals_by_number(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    numbers = [int(rest) for rest in rests if rest.isascii() and rest.isdigit() and len(rest) < 15]
    for number, pk in Deal.objects.filter(number__among=numbers).values_list("number", "pk"):
        yield str(number), pk


def _deals_by_title(_kind: str, rests: list[str]) -> Iterable[tuple[str, int]]:
    return Deal.objects.exclude(outcome="deleted").filter(title__among=rests).values_list("title", "pk")


_ASK: dict[tuple[str, str], _Ask] = {
    ("", "id"): _by_ref,
    ("", "any"): _by_any_ref,
    ("company", "contact"): _by_contact,
    ("person", "contact"): _by_contact,
    ("company", "inn"): _companies_by_inn,
    ("company", "name"): _companies_by_name,
    ("person", "name"): _people_by_name,
    ("product", "name"): _products_by_name,
    ("product", "sku"): _products_by_sku,
    ("deal", "number"): _deals_by_number,
    ("deal", "title"): _deals_by_title,
}


def members_named(names: Iterable[str]) -> tuple[dict[str, Member], dict[str, str]]:
    """By folded name: the members of these names or e-mails, and the names that nobody here has."""
    wanted = {fold(name): name for name in reversed(dict.fromkeys(names)) if name}
    found: dict[str, Member] = {}
    ranks = {MemberStatus.ACTIVE: 0, MemberStatus.INVITED: 1, MemberStatus.FORMER: 2}
    for member in sorted(Member.objects.all(), key=lambda m: (ranks[MemberStatus(m.status)], m.pk)):
        for key in {fold(member.name), fold(member.email), turned(member.name)}:
            if key and key in wanted:
                found.setdefault(key, member)
    return found, {key: name for key, name in wanted.items() if key not in found}


def turned(name: str) -> str:
    """«Седова Анна» for «Анна Седова»: programs write names both ways."""
    words = fold(name).split()
    return " ".join(reversed(words)) if len(words) == 2 else ""
