"""The one table in which everything is found: how rows are written, and how they are asked.

A row's text is folded words without punctuation, its title first; phones are digits with the country's code.
Every room keeps its rows fresh by consequences of its own events, in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.db.models import Lookup, Q, TextField

from voronka.core import clock
from voronka.core.tenancy import require_workspace_id
from voronka.core.text import clip, company_key, fold, like_escape, swap_layout
from voronka.desk.models import SearchRow
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

# Whose right decides about rows of a kind.
KINDS: Final[dict[str, Subject]] = {
    "deal": Subject.DEAL,
    "company": Subject.CLIENT,
    "person": Subject.CLIENT,
}


@TextField.register_lookup
class Like(Lookup):
    """`text__like`: LIKE with a pattern of ours, in the form that the trigram index knows."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", [*left_params, *right_params]


LONGEST_QUERY = 100
LONGEST_ROW = 2000
CANDIDATES = 500
LIKENESS = 0.5
# A fuzzy question reads much of the table; past this it is not worth waiting for.
FUZZY_MS = 400


@dataclass(frozen=True)
class Row:
    """What is written for one findable thing.

    `text` is anything it may be found by besides the title (it is folded here); `owner_ids` and `team_ids` are
    those who may find it; `number` is its per-workspace number, found whole whatever its length.
    """

    kind: str
    object_id: int
    title: str
    hint: str = ""
    text: str = ""
    owner_ids: Sequence[int] = ()
    team_ids: Sequence[int] = ()
    weight: int = 0
    number: int | None = None


def searchable(text: str) -> str:
    """*text* as rows keep it and questions ask it: folded, punctuation as spaces (e-mail addresses stay whole)."""
    return " ".join(_NOT_WORD.sub(" ", fold(text)).split())


_NOT_WORD: Final = re.compile(r"[^\w@.+&]+|(?<!\w)[.+]+|[.+]+(?!\w)|_+")


def put_search_row(
    kind: str,
    object_id: int,
    title: str,
    hint: str = "",
    text: str = "",
    owner_ids: Iterable[int | None] = (),
    team_ids: Iterable[int | None] = (),
    weight: int = 0,
    number: int | None = None,
) -> None:
    """Make one thing findable, or refresh how it is found. See `Row`."""
    put_search_rows(
        [
            Row(
                kind=kind,
                object_id=object_id,
                title=title,
                hint=hint,
                text=text,
                owner_ids=[pk for pk in owner_ids if pk is not None],
                team_ids=[pk for pk in team_ids if pk is not None],
                weight=weight,
                number=number,
            )
        ]
    )


Refresh = Callable[[Iterable[int]], None]
_gathered: ContextVar[dict[Refresh, set[int]] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[None]:
    """Search rows that are asked to be refreshed inside are refreshed at the end of the block, all at once."""
    found: dict[Refresh, set[int]] = {}
    token = _gathered.set(found)
    try:
        yield
    finally:
        _gathered.reset(token)
    for refresh, ids in found.items():
        refresh(sorted(ids))


def gathers(refresh: Refresh, ids: Iterable[int]) -> bool:
    """Whether `refresh(ids)` is put off to the end of a `gathering()` block; else the caller does it now."""
    found = _gathered.get()
    if found is None:
        return False
    found.setdefault(refresh, set()).update(ids)
    return True


def put_search_rows(rows: Iterable[Row]) -> int:
    """The same for many, in one statement per thousand. Returns how many were written."""
    now, count, batch = clock.about_now(), 0, []
    for row in rows:
        batch.append(_model(row, now))
        if len(batch) == 1000:
            count += _write(batch)
            batch = []
    return count + _write(batch)


def copy_search_rows(rows: Iterable[Row]) -> None:
    """The same for things that have no rows yet (just imported), by COPY; a row that is there is an error."""
    now, workspace_id = clock.about_now(), require_workspace_id()
    with connection.cursor() as cursor:
        statement = f"COPY {SearchRow._meta.db_table} ({', '.join(_COPIED)}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                made = _model(row, now)
                copy.write_row([workspace_id, *(getattr(made, name) for name in _COPIED[1:])])


_COPIED: Final = (
    "workspace_id",
    "kind",
    "object_id",
    "title",
    "hint",
    "text",
    "number",
    "owner_ids",
    "team_ids",
    "weight",
    "updated_at",
)


def drop_search_row(kind: str, object_id: int) -> None:
    """Make one thing not findable any more."""
    drop_search_rows(kind, [object_id])


def drop_search_rows(kind: str, object_ids: Iterable[int]) -> None:
    """The same for many; none cost nothing."""
    if ids := list(object_ids):
        SearchRow.objects.filter(kind=kind, object_id__among=ids).delete()


def _model(row: Row, now: Any) -> SearchRow:
    return SearchRow(
        kind=row.kind,
        object_id=row.object_id,
        title=clip(row.title, 300),
        hint=clip(row.hint, 300),
        # Without the legal form in front, so that what begins as typed is known by it.
        text=searchable(f"{company_key(row.title)} {row.text}"[: LONGEST_ROW * 2])[:LONGEST_ROW],
        owner_ids=sorted({pk for pk in row.owner_ids if pk is not None}),
        team_ids=sorted({pk for pk in row.team_ids if pk is not None}),
        weight=row.weight,
        number=row.number,
        updated_at=now,
    )


def _write(batch: list[SearchRow]) -> int:
    if batch:
        SearchRow.objects.bulk_create(
            batch,
            update_conflicts=True,
            unique_fields=["workspace", "kind", "object_id"],
            update_fields=[
                "title",
                "hint",
                "text",
                "owner_ids",
                "team_ids",
                "weight",
                "number",
                "updated_at",
            ],
        )
    return len(batch)


# --- asking


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    kind: str
    object_id: int
    title: str
    hint: str
    number: int | None


@dataclass(frozen=True)
class Found:
    """What a question found; `asked_as` is the text really asked when the keyboard was on the wrong layout."""

    hits: list[Hit] = field(default_factory=list)
    asked_as: str = ""
    is_like: bool = False

    def __bool__(self) -> bool:
        return bool(self.hits)


# Kind -> (member, ids) -> per id the words of its row (and of its hint) that the member is kept from.
Hidden = Callable[[Member, Sequence[int]], dict[int, set[str]]]
_hidden: dict[str, Hidden] = {}


def hide_words(kind: str, provider: Hidden) -> None:
    """Register who knows which words of rows of *kind* a member may not find things by; {} when none are hidden."""
    _hidden[kind] = provider


def search(
    member: Member,
    text: str,
    limit: int = 20,
    kinds: Iterable[str] | None = None,
    *,
    fuzzy: bool = True,
) -> Found:
    """What *member* may find by *text*: part of a name, a phone in any form, an ИНН, a number («№ 1043»).

    Letters from 3, digits from 4 (a whole number from 1). The other keyboard layout and then likeness are tried
    only when nothing was found exactly; likeness reads much, and is left out without *fuzzy*. Fields that are
    hidden from the member find nothing.
    """
    found = _search(member, text, limit, kinds, fuzzy)
    return replace(found, hits=without_hidden(member, found.hits, found.asked_as or text))


def without_hidden(member: Member, hits: Sequence[Hit], text: str) -> list[Hit]:
    """*hits* less those that *text* matches by hidden words only, and with no such words in their hints."""
    kept: list[Hit] = []
    words: dict[tuple[str, int], set[str]] = {}
    for kind in {hit.kind for hit in hits} & set(_hidden):
        ids = [hit.object_id for hit in hits if hit.kind == kind]
        words |= {(kind, pk): found for pk, found in _hidden[kind](member, ids).items() if found}
    if not words:
        return list(hits)
    rows = SearchRow.objects.filter(
        kind__in={kind for kind, _pk in words}, object_id__in=[pk for _kind, pk in words]
    )
    texts = {(row.kind, row.object_id): row.text for row in rows}
    groups = _groups(text)
    for hit in hits:
        hidden = words.get((hit.kind, hit.object_id))
        if not hidden:
            kept.append(hit)
            continue
        left = " ".join(
            word for word in texts.get((hit.kind, hit.object_id), "").split() if word not in hidden
        )
        if groups and not all(
            any(pattern.strip("%").replace("\\", "") in left for pattern in group) for group in groups
        ):
            continue
        hint = " · ".join(part for part in hit.hint.split(" · ") if searchable(part) not in hidden)
        kept.append(replace(hit, hint=hint))
    return kept


def _search(member: Member, text: str, limit: int, kinds: Iterable[str] | None, fuzzy: bool) -> Found:
    wanted = [kind for kind in KINDS if kinds is None or kind in set(kinds)]
    reach = _reach(member, wanted)
    text = text[:LONGEST_QUERY]
    if not reach:
        return Found()
    if hits := _exact(text, reach, limit):
        return Found(hits)
    swapped = swap_layout(text)
    if swapped != text and (hits := _exact(swapped, reach, limit)):
        return Found(hits, asked_as=swapped)
    if fuzzy and (hits := _alike(text, reach, limit)):
        return Found(hits, is_like=True)
    return Found()


def matching(kind: str, text: str) -> Any:
    """Search rows of *kind* that *text* finds exactly, whatever the reach: to filter a list that has its own.

    None when the text is too short to look for. Falls back to the other keyboard layout like `search()`.
    """
    rows = SearchRow.objects.filter(kind=kind)
    for asked in (text[:LONGEST_QUERY], swap_layout(text[:LONGEST_QUERY])):
        groups = _groups(asked)
        if not groups:
            return None
        found = rows
        for group in groups:
            condition = Q()
            for pattern in group:
                condition |= Q(text__like=pattern)
            found = found.filter(condition)
        if found.exists():
            return found
    return rows.none()


def alike(kind: str, text: str, limit: int) -> list[int]:
    """Ids of what has a word like those of *text*, whatever the reach: for asking whether it is there already."""
    return [hit.object_id for hit in _alike(text, _Condition("kind = %s", (kind,)), limit)]


@dataclass(frozen=True)
class _Condition:
    sql: str
    params: tuple[Any, ...] = ()


def _reach(member: Member, kinds: list[str]) -> _Condition | None:
    """The part of WHERE that keeps rows within the member's reach; None when nothing is."""
    whole: list[str] = []
    parts: list[_Condition] = []
    for kind in kinds:
        reach = member.reach(KINDS[kind], Action.SEE)
        if reach == Reach.ALL:
            whole.append(kind)
        elif reach == Reach.TEAM and member.team_ids:
            parts.append(
                _Condition(
                    "(kind = %s AND (owner_ids && %s::bigint[] OR team_ids && %s::bigint[]))",
                    (kind, [member.pk], sorted(member.team_ids)),
                )
            )
        elif reach >= Reach.OWN:
            parts.append(_Condition("(kind = %s AND owner_ids && %s::bigint[])", (kind, [member.pk])))
    if len(whole) == len(KINDS):
        return _Condition("TRUE")
    if whole:
        parts.append(_Condition("kind = ANY(%s)", (whole,)))
    if not parts:
        return None
    return _Condition(
        "(" + " OR ".join(part.sql for part in parts) + ")",
        tuple(param for part in parts for param in part.params),
    )


_PHONE_LIKE: Final = re.compile(r"[\d\s()+\-–—.]+")
_NUMBER: Final = re.compile(r"\s*(?:№|#|N|No\.?)?\s*(\d{1,15})\s*", re.IGNORECASE)


def _exact(text: str, reach: _Condition, limit: int) -> list[Hit]:
    hits: list[Hit] = []
    number = _NUMBER.fullmatch(text)
    if number:
        hits = _by_number(int(number[1]), reach, limit)
    if groups := _groups(text):
        whole = re.sub(r"\D", "", text) if _PHONE_LIKE.fullmatch(text) else " ".join(_words(text))
        hits += _by_patterns(groups, whole, reach, limit)
    return list(dict.fromkeys(hits))[:limit]


def _groups(text: str) -> list[list[str]]:
    """LIKE patterns: a row must match one of every group. [] when *text* is too short to look for."""
    if _PHONE_LIKE.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        return [_digit_patterns(digits)] if len(digits) >= 4 else []
    return [[f"%{like_escape(word)}%"] for word in _words(text)]


def _words(text: str) -> list[str]:
    """The words to be found, each of them; [] when none is long enough to look for."""
    words = list(dict.fromkeys(searchable(text.replace("№", " ")).split()))[:6]
    # The legal form says nothing and half of all clients have it.
    telling = [word for word in words if word not in _LEGAL] or words
    return telling if any(len(word) >= 3 for word in telling) else []


_LEGAL: Final = frozenset(["ооо", "оао", "зао", "пао", "нао", "ао", "ип", "llc", "ltd", "inc", "gmbh"])


def _digit_patterns(digits: str) -> list[str]:
    """LIKE patterns of a phone (or of any part of a number) typed in whatever form."""
    if len(digits) > 11 and digits[0] not in "78":
        return [f"%{digits}%"]
    if len(digits) == 11 and digits[0] in "78":
        return [f"%{digits[-10:]}%"]
    patterns = [f"%{digits}%"]
    if digits[0] == "8" and len(digits) > 4:
        # «8 916 …» begins a Russian phone, which is kept as 7916….
        patterns.append(f"%7{digits[1:]}%")
    return patterns


def _by_number(number: int, reach: _Condition, limit: int) -> list[Hit]:
    return _hits(
        f"SELECT kind, object_id, title, hint, number FROM desk_searchrow "
        f"WHERE workspace_id = %s AND number = %s AND {reach.sql} ORDER BY weight DESC LIMIT %s",
        [require_workspace_id(), number, *reach.params, limit],
    )


def _by_patterns(groups: list[list[str]], whole: str, reach: _Condition, limit: int) -> list[Hit]:
    """Rows in which every group has a pattern that matches; the best of the first `CANDIDATES`."""
    # The longest word first: it is what the index is best at, the others only filter.
    groups = sorted(groups, key=lambda patterns: -max(map(len, patterns)))
    conditions = " AND ".join("(" + " OR ".join(["text LIKE %s"] * len(g)) + ")" for g in groups)
    start = like_escape(whole)
    return _hits(
        f"SELECT kind, object_id, title, hint, number FROM ("
        f" SELECT kind, object_id, title, hint, number, text, weight, updated_at FROM desk_searchrow"
        f" WHERE workspace_id = %s AND {conditions} AND {reach.sql} LIMIT %s"
        f") candidates ORDER BY text LIKE %s DESC, strpos(text, %s) BETWEEN 1 AND length(title) DESC,"
        f" text LIKE %s DESC, weight DESC, updated_at DESC, object_id DESC"
        f" LIMIT %s",
        [
            require_workspace_id(),
            *(pattern for group in groups for pattern in group),
            *reach.params,
            CANDIDATES,
            f"{start}%",
            whole,
            f"% {start}%",
            limit,
        ],
    )


def _alike(text: str, reach: _Condition, limit: int) -> list[Hit]:
    """Rows with a word like the one typed («рамашка»); [] also when it would take too long."""
    words = [word for word in _words(text) if word.isalpha()]
    if not words:
        return []
    typed = " ".join(words)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true),"
            " set_config('statement_timeout', %s, true)",
            [str(LIKENESS), str(FUZZY_MS)],
        )
        try:
            with transaction.atomic():
                return _hits(
                    f"SELECT kind, object_id, title, hint, number FROM ("
                    f" SELECT kind, object_id, title, hint, number, text, weight FROM desk_searchrow"
                    f" WHERE workspace_id = %s AND text %%> %s AND {reach.sql} LIMIT %s"
                    f") candidates ORDER BY word_similarity(%s, lower(title)) DESC,"
                    f" word_similarity(%s, text) DESC, weight DESC, object_id DESC LIMIT %s",
                    [require_workspace_id(), typed, *reach.params, CANDIDATES, typed, typed, limit],
                )
        except OperationalError:
            return []
        finally:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", ["0"])


def _hits(sql: str, params: list[Any]) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Hit(*row) for row in cursor.fetchall()]
