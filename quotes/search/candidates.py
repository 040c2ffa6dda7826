"""Lines by their terms. The index returns lines that have the most selective terms, up to a limit;
the best of those are then scored by all terms and by their length (BM25), both in the database.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

import orjson
from django.db import connection

from quotes.columns import SEARCHED, BoardLine
from quotes.search.index import VECTOR
from quotes.search.query_plan import Clause, QueryPlan

_SCORED = 300  # lines that are scored by all terms
_LEAST_SHARE = 0.35  # of the best line's weight: beyond `limit`, lines with less are not scored
_K, _B, _AVERAGE = 0.8, 0.75, 20  # BM25's constants, and the number of terms of an average line
_DIVISOR_BASE, _DIVISOR_PER_TERM = 1 + _K * (1 - _B), _K * _B / _AVERAGE

_TEXT = ", ".join(SEARCHED)
_COLUMNS = f"id, {_TEXT}"

Terms = tuple[str, ...]  # that one line has together


@dataclass(slots=True)
class Candidate(BoardLine):
    """An applied line. `shared` is the summed weight of the query's terms that it has, `score` its
    BM25 score, `search_text` its own tokens.
    """

    shared: float = 0.0
    score: float = 0.0
    search_text: str = ""


def fetch_candidates(plan: QueryPlan, *, limit: int) -> list[Candidate]:
    """The best lines by BM25, at most `limit`."""
    return _FETCH[connection.vendor](plan, limit) if plan.clauses else []


def ids_with_terms(groups: Sequence[Terms], *, limit: int) -> list[list[int]]:
    """For each group of terms, the ids of applied lines that have all of them, at most `limit` for
    each. One statement for all groups.
    """
    return _IDS_WITH_TERMS[connection.vendor](groups, limit) if groups else []


def lines_by_id(ids: Iterable[int]) -> list[BoardLine]:
    """The applied lines among those, oldest first."""
    return _lines_by("id", ids)


def lines_by_skeleton(hashes: Iterable[int]) -> list[BoardLine]:
    """The applied lines with one of these `skeleton_hash`es, oldest first."""
    return _lines_by("skeleton_hash", hashes)


def credits_by_id(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The speaker and the work of each applied line among those."""
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS_BY_ID[connection.vendor], [json.dumps([*ids])])
        return {pk: (speaker, source) for pk, speaker, source in cursor.fetchall()}


def _lines_by(column: str, values: Iterable[int]) -> list[BoardLine]:
    with connection.cursor() as cursor:
        statement = _LINES_BY[connection.vendor].format(column=column)
        cursor.execute(statement, [json.dumps([*values])])
        return [BoardLine(*row) for row in cursor.fetchall()]


def bm25(weights: Mapping[str, float], search_text: str) -> tuple[float, float]:
    """`shared` and `score` of a line with these tokens."""
    shared = sum([weights[term] for term in weights.keys() & search_text.split(" ")])
    return shared, shared / _divisor(search_text)


def _divisor(search_text: str) -> float:
    """BM25's: grows with the number of terms."""
    return _DIVISOR_BASE + _DIVISOR_PER_TERM * (search_text.count(" ") + 1)


def _uncounted_terms(plan: QueryPlan) -> dict[str, float]:
    """The terms without a clause of their own, whose weights no summed clause contains."""
    alone = {clause.terms[0] for clause in plan.clauses if len(clause.terms) == 1}
    return {term: weight for term, weight in plan.weights.items() if term not in alone}


def _fetch_postgresql(plan: QueryPlan, limit: int) -> list[Candidate]:
    clauses, rest = plan.clauses, _uncounted_terms(plan)
    values: list[Any] = [value for term in rest for value in (f" {term} ", rest[term])]
    for clause in clauses:
        counted = clause.weight if len(clause.terms) == 1 else 0.0
        values += [clause.weight, counted, clause.selects, _tsquery(clause.terms), clause.limit]
    statement = _BEST.format(
        clauses=" UNION ALL ".join([_CLAUSE] * len(clauses)), rest=_HAS_TERM * len(rest)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit, limit])
        return [Candidate(*row) for row in cursor.fetchall()]


# Only constants are put into the statements; texts of users are passed as parameters.
_CLAUSE = (
    "(SELECT id, %s::float8 AS weight, %s::float8 AS counted, %s AS selects FROM quotes_quote"  # noqa: S608
    f" WHERE is_apply AND {VECTOR} @@ %s::tsquery LIMIT %s)"
)
_HAS_TERM = " + CASE WHEN strpos(tokens, %s) > 0 THEN %s::float8 ELSE 0 END"
_BEST = f"""
    SELECT {_COLUMNS}, shared,
        shared / ({_DIVISOR_BASE}::float8 + {_DIVISOR_PER_TERM}::float8 * length) AS score,
        search_text
    FROM (
        SELECT {_COLUMNS}, search_text, length, counted{{rest}} AS shared
        FROM (
            SELECT q.id, {_TEXT}, search_text, counted,
                ' ' || search_text || ' ' AS tokens,
                (length(search_text) - length(replace(search_text, ' ', '')) + 1)::float8 AS length
            FROM (
                SELECT id, weight, counted, max(weight) OVER () AS best,
                    row_number() OVER (ORDER BY weight DESC, id) AS place
                FROM (
                    SELECT id, sum(weight) AS weight, sum(counted) AS counted
                    FROM ({{clauses}}) clause
                    GROUP BY id HAVING bool_or(selects)
                    ORDER BY weight DESC, id LIMIT {_SCORED}
                ) summed
            ) candidate JOIN quotes_quote q ON q.id = candidate.id
            WHERE is_apply AND (place <= %s OR weight >= best * {_LEAST_SHARE})
            OFFSET 0  -- keeps PostgreSQL from computing `tokens` once for each term
        ) line
    ) weighed
    ORDER BY score DESC, id LIMIT %s
"""  # noqa: S608


def _fetch_sqlite(plan: QueryPlan, limit: int) -> list[Candidate]:
    """Sums and scores in Python, which takes half of the time that SQLite needs for it."""
    summed = _sum_weights(plan.clauses, _posting_lists(plan.clauses))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT search_text, {_COLUMNS} FROM quotes_quote"  # noqa: S608
            " WHERE is_apply AND id IN (SELECT value FROM json_each(%s))",
            [f"[{','.join(_best_ids(summed, limit))}]"],
        )
        rows = cursor.fetchall()
    if _uncounted_terms(plan):
        scored = [(*bm25(plan.weights, row[0]), row) for row in rows]
    else:
        weights = [summed[str(row[1])] for row in rows]
        scored = [
            (shared, shared / _divisor(row[0]), row)
            for shared, row in zip(weights, rows, strict=True)
        ]
    best = nlargest(limit, scored, key=lambda each: (each[1], -each[2][1]))
    return [Candidate(*(*row[1:], shared, score, row[0])) for shared, score, row in best]


def _posting_lists(clauses: Sequence[Clause]) -> list[str]:
    """For each clause, the ids of its lines, comma-separated."""
    part = (
        "SELECT group_concat(rowid) FROM"
        " (SELECT rowid FROM quotes_index WHERE quotes_index MATCH %s LIMIT %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join([part] * len(clauses)),
            [value for clause in clauses for value in (_fts5(clause.terms), clause.limit)],
        )
        return [ids or "" for (ids,) in cursor.fetchall()]


def _sum_weights(clauses: Sequence[Clause], postings: Sequence[str]) -> dict[str, float]:
    """The summed weights by id, of the lines that some selecting clause has."""
    weights: dict[str, float] = {}
    get = weights.get
    selecting_first = sorted(
        zip(clauses, postings, strict=True), key=lambda pair: not pair[0].selects
    )
    for clause, ids in selecting_first:
        weight = clause.weight
        for line in ids.split(",") if ids else ():
            if clause.selects or line in weights:
                weights[line] = get(line, 0.0) + weight
    return weights


def _best_ids(weights: Mapping[str, float], limit: int) -> list[str]:
    best = nlargest(_SCORED, weights, key=weights.__getitem__)
    least = weights[best[0]] * _LEAST_SHARE if best else 0.0
    return [line for n, line in enumerate(best) if n < limit or weights[line] >= least]


_FETCH: dict[str, Callable[[QueryPlan, int], list[Candidate]]] = {
    "postgresql": _fetch_postgresql,
    "sqlite": _fetch_sqlite,
}


def _fts5(terms: Sequence[str]) -> str:
    return '"' + '" AND "'.join(terms) + '"'


def _tsquery(terms: Sequence[str]) -> str:
    return " & ".join(f"'{term}'" for term in terms)


def _ids_with_terms_sqlite(groups: Sequence[Terms], limit: int) -> list[list[int]]:
    """One short statement: SQLite would take longer to parse a long one than to run it."""
    statement = """
        SELECT (
            SELECT group_concat(rowid) FROM (
                SELECT rowid FROM quotes_index WHERE quotes_index MATCH terms.value LIMIT %s
            )
        )
        FROM json_each(%s) terms
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [limit, orjson.dumps([*map(_fts5, groups)]).decode()])
        return [orjson.loads(f"[{ids or ''}]") for (ids,) in cursor.fetchall()]


def _ids_with_terms_postgresql(groups: Sequence[Terms], limit: int) -> list[list[int]]:
    """Each group is a subquery of its own, so that the planner knows its terms."""
    part = (
        "SELECT ARRAY(SELECT id FROM quotes_quote"  # noqa: S608
        f" WHERE is_apply AND {VECTOR} @@ %s::tsquery LIMIT %s)"
    )
    values = [value for terms in groups for value in (_tsquery(terms), limit)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([part] * len(groups)), values)
        return [ids for (ids,) in cursor.fetchall()]


_IDS_WITH_TERMS: dict[str, Callable[[Sequence[Terms], int], list[list[int]]]] = {
    "sqlite": _ids_with_terms_sqlite,
    "postgresql": _ids_with_terms_postgresql,
}
_AMONG = {
    "sqlite": "is_apply AND {column} IN (SELECT value FROM json_each(%s))",
    "postgresql": (
        "is_apply AND {column} IN (SELECT value::bigint FROM json_array_elements_text(%s))"
    ),
}
_LINES_BY = {
    vendor: f"SELECT {_COLUMNS} FROM quotes_quote WHERE {among} ORDER BY id"  # noqa: S608
    for vendor, among in _AMONG.items()
}
_CREDITS_BY_ID = {
    vendor: f"SELECT id, speaker, source FROM quotes_quote WHERE {among}".format(column="id")  # noqa: S608
    for vendor, among in _AMONG.items()
}
