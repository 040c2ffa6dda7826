"""Lines by their terms: the index gives lines that have the terms which tell most, up to a bound;
the best of those are weighed by all terms and by their length (BM25). The database does both.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Any, NamedTuple

from django.db import connection

from quotes.arms import Arm, Question
from quotes.index import VECTOR

_CANDIDATES = 300  # lines that are weighed by all terms
_NEAR_THE_BEST = 0.35  # of what the best candidate has, others beyond the limit must have this
_K, _B, _AVERAGE = 0.8, 0.75, 20  # BM25's constants; the terms of a usual line
_SHORTEST, _A_TERM = 1 + _K * (1 - _B), _K * _B / _AVERAGE  # its divisor: from the start, by term


Terms = tuple[str, ...]  # that stand in one line together
Line = tuple[int, str, str, str, str]  # as a `Row` begins


class Row(NamedTuple):
    """An applied line. `shared` is the weight of the question's terms that it has."""

    id: int
    content: str
    speaker: str
    source: str
    context: str
    shared: float
    score: float


def look_up(question: Question, *, limit: int) -> list[Row]:
    """The best lines by BM25, at most `limit`."""
    return _LOOK_UP[connection.vendor](question, limit) if question.arms else []


def lines_with(groups: Sequence[Terms], *, most: int) -> list[list[int]]:
    """For each group of terms the ids of the applied lines that have all of them, at most so many;
    by one statement.
    """
    return _WITH[connection.vendor](groups, most) if groups else []


def lines_of(ids: Iterable[int]) -> list[Line]:
    """The applied lines among those, oldest first."""
    return _lines("id", ids)


def lines_with_skeleton(hashes: Iterable[int]) -> list[Line]:
    """The applied lines whose `skeleton_hash` is among those, oldest first."""
    return _lines("skeleton_hash", hashes)


def _lines(column: str, values: Iterable[int]) -> list[Line]:
    with connection.cursor() as cursor:
        statement = _LINES[connection.vendor].format(column=column)
        cursor.execute(statement, [json.dumps([*values])])
        return list(cursor.fetchall())


def weighed(weights: Mapping[str, float], search_text: str, row: Sequence[Any]) -> Row:
    """The same of a line at hand: `row` is what its `Row` begins with."""
    shared = sum([weights[term] for term in weights.keys() & search_text.split(" ")])
    return Row._make([*row, shared, shared / _divisor(search_text)])


def _divisor(search_text: str) -> float:
    """BM25's, by the number of terms."""
    return _SHORTEST + _A_TERM * (search_text.count(" ") + 1)


def _rest(question: Question) -> dict[str, float]:
    """The terms that were not looked up alone, and so are in no sum of what a line has."""
    alone = {arm.terms[0] for arm in question.arms if len(arm.terms) == 1}
    return {term: weight for term, weight in question.weights.items() if term not in alone}


def _postgresql(question: Question, limit: int) -> list[Row]:
    arms, rest = question.arms, _rest(question)
    values: list[Any] = [value for term in rest for value in (f" {term} ", rest[term])]
    for arm in arms:
        counted = arm.weight if len(arm.terms) == 1 else 0.0
        values += [arm.weight, counted, arm.finds, _tsquery(arm.terms), arm.most]
    statement = _BEST.format(arms=" UNION ALL ".join([_ARM] * len(arms)), rest=_HAS * len(rest))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit, limit])
        return list(map(Row._make, cursor.fetchall()))


# Only names and marks are put together here; what people wrote goes as values.
_ARM = (
    "(SELECT id, %s::float8 AS weight, %s::float8 AS counted, %s AS finds FROM quotes_quote"  # noqa: S608
    f" WHERE is_apply AND {VECTOR} @@ %s::tsquery LIMIT %s)"
)
_HAS = " + CASE WHEN strpos(tokens, %s) > 0 THEN %s::float8 ELSE 0 END"
_BEST = f"""
    SELECT id, content, speaker, source, context, shared,
        shared / ({_SHORTEST}::float8 + {_A_TERM}::float8 * length) AS score
    FROM (
        SELECT id, content, speaker, source, context, length, counted{{rest}} AS shared
        FROM (
            SELECT q.id, content, speaker, source, context, counted,
                ' ' || search_text || ' ' AS tokens,
                (length(search_text) - length(replace(search_text, ' ', '')) + 1)::float8 AS length
            FROM (
                SELECT id, weight, counted, max(weight) OVER () AS best,
                    row_number() OVER (ORDER BY weight DESC, id) AS place
                FROM (
                    SELECT id, sum(weight) AS weight, sum(counted) AS counted FROM ({{arms}}) arm
                    GROUP BY id HAVING bool_or(finds)
                    ORDER BY weight DESC, id LIMIT {_CANDIDATES}
                ) summed
            ) candidate JOIN quotes_quote q ON q.id = candidate.id
            WHERE is_apply AND (place <= %s OR weight >= best * {_NEAR_THE_BEST})
            OFFSET 0  -- of no effect but that the tokens are put together once
        ) line
    ) weighed
    ORDER BY score DESC, id LIMIT %s
"""  # noqa: S608


def _sqlite(question: Question, limit: int) -> list[Row]:
    """Summed up and weighed in Python, which takes half of the time that SQLite needs for it."""
    summed = _summed(question.arms, _postings(question.arms))
    near = _near(summed, limit)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT search_text, id, content, speaker, source, context FROM quotes_quote"
            " WHERE is_apply AND id IN (SELECT value FROM json_each(%s))",
            [f"[{','.join(near)}]"],
        )
        lines = cursor.fetchall()
    if _rest(question):
        rows = [weighed(question.weights, tokens, line) for tokens, *line in lines]
        return nsmallest(limit, rows, key=lambda row: (-row.score, row.id))
    scored = [(summed[str(line[1])] / _divisor(line[0]), -line[1], line) for line in lines]
    best = nlargest(limit, scored)
    return [Row._make([*line[1:], summed[str(line[1])], score]) for score, _, line in best]


def _postings(arms: Sequence[Arm]) -> list[str]:
    """For each arm the ids of its lines, with commas between."""
    arm = (
        "SELECT group_concat(rowid) FROM"
        " (SELECT rowid FROM quotes_index WHERE quotes_index MATCH %s LIMIT %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join([arm] * len(arms)),
            [value for each in arms for value in (_fts5(each.terms), each.most)],
        )
        return [ids or "" for (ids,) in cursor.fetchall()]


def _summed(arms: Sequence[Arm], postings: Sequence[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    get = weights.get
    for arm, ids in sorted(zip(arms, postings, strict=True), key=lambda both: not both[0].finds):
        weight = arm.weight
        for line in ids.split(",") if ids else ():
            if arm.finds or line in weights:
                weights[line] = get(line, 0.0) + weight
    return weights


def _near(weights: Mapping[str, float], limit: int) -> list[str]:
    best = nlargest(_CANDIDATES, weights, key=weights.__getitem__)
    least = weights[best[0]] * _NEAR_THE_BEST if best else 0.0
    return [line for n, line in enumerate(best) if n < limit or weights[line] >= least]


_LOOK_UP: dict[str, Callable[..., list[Row]]] = {"postgresql": _postgresql, "sqlite": _sqlite}


def _fts5(terms: Sequence[str]) -> str:
    return " AND ".join(f'"{term}"' for term in terms)


def _tsquery(terms: Sequence[str]) -> str:
    return " & ".join(f"'{term}'" for term in terms)


def _with_sqlite(groups: Sequence[Terms], most: int) -> list[list[int]]:
    """By one short statement: SQLite would take longer to read a long one than to do it."""
    statement = """
        SELECT (
            SELECT group_concat(rowid) FROM (
                SELECT rowid FROM quotes_index WHERE quotes_index MATCH terms.value LIMIT %s
            )
        )
        FROM json_each(%s) terms
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [most, json.dumps([*map(_fts5, groups)])])
        return [[*map(int, ids.split(","))] if ids else [] for (ids,) in cursor.fetchall()]


def _with_postgresql(groups: Sequence[Terms], most: int) -> list[list[int]]:
    """With each group for itself in the statement, so that its planner knows the terms."""
    arm = (
        "SELECT ARRAY(SELECT id FROM quotes_quote"  # noqa: S608
        f" WHERE is_apply AND {VECTOR} @@ %s::tsquery LIMIT %s)"
    )
    values = [value for terms in groups for value in (_tsquery(terms), most)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([arm] * len(groups)), values)
        return [ids for (ids,) in cursor.fetchall()]


_WITH: dict[str, Callable[[Sequence[Terms], int], list[list[int]]]] = {
    "sqlite": _with_sqlite,
    "postgresql": _with_postgresql,
}
_LINES = {
    vendor: (
        "SELECT id, content, speaker, source, context FROM quotes_quote"  # noqa: S608
        f" WHERE is_apply AND {{column}} IN (SELECT {value} FROM {each}(%s)) ORDER BY id"
    )
    for vendor, value, each in (
        ("sqlite", "value", "json_each"),
        ("postgresql", "value::bigint", "json_array_elements_text"),
    )
}
