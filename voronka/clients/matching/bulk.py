"""All pairs of clients that look the same, found in one statement per kind and kept until the next search.

Signs become keys (a number, an address, a domain, a name); who shares a key makes a pair. A key that many share says
nothing (the phone of a business centre), so large groups are left out; that also bounds the work. Similar names are
compared by trigrams only within blocks: the same consonants, or a rare word in common.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from voronka.clients.expressions import HOST
from voronka.clients.matching.keys import REASONS, TELLS_NOTHING, TOLD_APART
from voronka.clients.matching.typing import ALIKE
from voronka.clients.models import DuplicatePair, DuplicateSearch
from voronka.core import clock
from voronka.core.tenancy import require_workspace_id

# More than so many with one key: it is not theirs.
MOST_OF_A_KEY = 12
MOST_OF_A_BLOCK = 40
# The surest are kept; nobody goes through more.
MOST_PAIRS = 5000
# A similar name is enough for companies; namesakes are many, so people need one sign more.
LEAST_SCORE = {"company": 30, "person": 55}

# A family name in common is half of a short name.
ONE_NAME = 0.6

VOWELS = "аеёиоуыэюяйьъaeiouy"


def search() -> int:
    """Find all pairs of the workspace anew; return how many. What people said of a pair stays said."""
    found = 0
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorting a hundred thousand keys in memory is worth it; the setting ends with the transaction.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        for kind, pairs in (("company", _COMPANY_PAIRS), ("person", _PERSON_PAIRS)):
            cursor.execute(_KEEP.format(pairs=pairs), _params(kind, now))
            found += cursor.rowcount
        DuplicatePair.objects.filter(dismissed_at=None, found_at__lt=now).delete()
    DuplicateSearch.objects.update_or_create(
        defaults={"queued_at": None, "finished_at": clock.now(), "found": found}
    )
    return found


def _params(kind: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "workspace": require_workspace_id(),
        "kind": kind,
        "now": now,
        "host": HOST,
        "public": sorted(TELLS_NOTHING),
        "most": MOST_OF_A_KEY,
        "most_block": MOST_OF_A_BLOCK,
        "alike": ALIKE,
        "one_name": ONE_NAME,
        "vowels": VOWELS,
        "least": LEAST_SCORE[kind],
        "limit": MOST_PAIRS,
        "apart": TOLD_APART,
        "signs": list(REASONS),
        "weights": [weight for _words, weight in REASONS.values()],
    }


# Signs of pairs -> scored pairs, written over those found before.
_KEEP = """
WITH {pairs},
weighed AS (
  SELECT p.first_id, p.second_id, sum(w.weight) AS sum,
         greatest(0, least(CASE WHEN bool_or(p.sign = 'other_inn') THEN %(apart)s ELSE 100 END, sum(w.weight))) AS score,
         array_agg(p.sign ORDER BY w.weight DESC, p.sign) AS reasons
  FROM (SELECT DISTINCT first_id, second_id, sign FROM pairs) p
  JOIN unnest(%(signs)s::text[], %(weights)s::int[]) AS w(sign, weight) ON w.sign = p.sign
  GROUP BY p.first_id, p.second_id
)
INSERT INTO clients_duplicatepair (workspace_id, kind, first_id, second_id, score, reasons, found_at)
SELECT %(workspace)s, %(kind)s, first_id, second_id, score, reasons, %(now)s
FROM weighed WHERE sum >= %(least)s
ORDER BY score DESC, first_id, second_id LIMIT %(limit)s
ON CONFLICT (workspace_id, kind, first_id, second_id)
DO UPDATE SET score = excluded.score, reasons = excluded.reasons, found_at = excluded.found_at
"""

_COMPANY_PAIRS = """
company AS MATERIALIZED (
  SELECT id, name_key, inn, kpp, lower(site) AS site FROM clients_company
  WHERE workspace_id = %(workspace)s AND deleted_at IS NULL
),
contact AS MATERIALIZED (
  SELECT p.company_id AS id, p.kind, p.normal FROM clients_contactpoint p
  WHERE p.workspace_id = %(workspace)s AND p.company_id IS NOT NULL AND p.kind IN ('phone', 'email')
  UNION
  SELECT w.company_id, p.kind, p.normal FROM clients_contactpoint p
  JOIN clients_person h ON h.workspace_id = p.workspace_id AND h.id = p.person_id AND h.deleted_at IS NULL
  JOIN clients_position w ON w.workspace_id = p.workspace_id AND w.person_id = p.person_id
  WHERE p.workspace_id = %(workspace)s AND p.person_id IS NOT NULL AND p.kind IN ('phone', 'email')
),
key AS (
  SELECT id, 'inn' AS sign, inn AS key FROM company WHERE inn <> ''
  UNION SELECT id, kind, normal FROM contact
  UNION SELECT id, 'domain', split_part(normal, '@', 2) FROM contact WHERE kind = 'email'
  UNION SELECT id, 'domain', substring(site, %(host)s) FROM company WHERE site <> ''
  UNION SELECT id, 'name', name_key FROM company WHERE length(name_key) > 1
),
present_key AS (
  SELECT k.* FROM key k JOIN company c USING (id)
  WHERE k.key IS NOT NULL AND k.key <> '' AND (k.sign <> 'domain' OR k.key <> ALL (%(public)s))
),
counted AS (SELECT *, count(*) OVER (PARTITION BY sign, key) AS many FROM present_key),
shared AS MATERIALIZED (SELECT id, sign, key FROM counted WHERE many BETWEEN 2 AND %(most)s),
block AS (
  SELECT id, name_key, 'c:' || regexp_replace(translate(name_key, %(vowels)s || ' -.', ''), '(.)\\1+', '\\1', 'g') AS key
  FROM company WHERE length(name_key) > 3
  UNION
  SELECT id, name_key, 'w:' || word
  FROM company, regexp_split_to_table(name_key, '[^[:alnum:]]+') AS word WHERE length(word) > 4
),
counted_block AS (SELECT *, count(*) OVER (PARTITION BY key) AS many FROM block WHERE length(key) > 4),
small_block AS MATERIALIZED (SELECT * FROM counted_block WHERE many BETWEEN 2 AND %(most_block)s),
guessed AS MATERIALIZED (
  SELECT a.id AS first_id, b.id AS second_id,
         CASE WHEN a.sign = 'inn' AND x.kpp <> '' AND y.kpp <> '' AND x.kpp <> y.kpp THEN 'branch' ELSE a.sign END AS sign
  FROM shared a JOIN shared b ON b.sign = a.sign AND b.key = a.key AND b.id > a.id
  JOIN company x ON x.id = a.id JOIN company y ON y.id = b.id
  UNION ALL
  SELECT a.id, b.id, 'alike'
  FROM small_block a JOIN small_block b ON b.key = a.key AND b.id > a.id
  WHERE a.name_key <> b.name_key AND similarity(a.name_key, b.name_key) >= %(alike)s
    AND regexp_replace(a.name_key, '\\D', '', 'g') = regexp_replace(b.name_key, '\\D', '', 'g')
),
pairs AS (
  -- The same mail is the same domain: that is told once.
  SELECT * FROM guessed g WHERE sign <> 'domain' OR NOT EXISTS (
    SELECT 1 FROM guessed e WHERE e.first_id = g.first_id AND e.second_id = g.second_id AND e.sign = 'email')
  UNION ALL
  SELECT g.first_id, g.second_id, 'other_inn' FROM guessed g
  JOIN company x ON x.id = g.first_id JOIN company y ON y.id = g.second_id
  WHERE x.inn <> '' AND y.inn <> '' AND x.inn <> y.inn
)
"""

_PERSON_PAIRS = """
person AS MATERIALIZED (
  SELECT id, name_key, birthday FROM clients_person
  WHERE workspace_id = %(workspace)s AND deleted_at IS NULL
),
key AS (
  SELECT p.person_id AS id, p.kind AS sign, p.normal AS key FROM clients_contactpoint p
  WHERE p.workspace_id = %(workspace)s AND p.person_id IS NOT NULL AND p.kind IN ('phone', 'email')
  UNION SELECT id, 'fullname', name_key FROM person WHERE name_key LIKE '%% %%'
),
counted AS (
  SELECT k.*, count(*) OVER (PARTITION BY k.sign, k.key) AS many FROM key k JOIN person USING (id)
),
shared AS MATERIALIZED (SELECT id, sign, key FROM counted WHERE many BETWEEN 2 AND %(most)s),
certain AS MATERIALIZED (
  SELECT a.id AS first_id, b.id AS second_id, a.sign
  FROM shared a JOIN shared b ON b.sign = a.sign AND b.key = a.key AND b.id > a.id
),
pairs AS (
  SELECT * FROM certain
  UNION ALL
  SELECT c.first_id, c.second_id, 'company' FROM certain c
  JOIN clients_position a ON a.workspace_id = %(workspace)s AND a.person_id = c.first_id
  JOIN clients_position b ON b.workspace_id = %(workspace)s AND b.person_id = c.second_id
    AND b.company_id = a.company_id
  UNION ALL
  SELECT c.first_id, c.second_id, 'birthday' FROM certain c
  JOIN person a ON a.id = c.first_id JOIN person b ON b.id = c.second_id AND b.birthday = a.birthday
  UNION ALL
  SELECT c.first_id, c.second_id, 'other_name' FROM certain c
  JOIN person a ON a.id = c.first_id JOIN person b ON b.id = c.second_id
  WHERE greatest(word_similarity(a.name_key, b.name_key), word_similarity(b.name_key, a.name_key)) < %(one_name)s
)
"""
