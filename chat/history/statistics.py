"""A conversation in numbers, by one statement however long it is."""

from collections import Counter
from dataclasses import dataclass, field

from chat.models import Conversation, shown_verdict
from config.db.sql import fetch_all, is_postgresql

# The seconds of an answer are known where a model of this server wrote it, and without a pause.
_STATEMENT = """
WITH answer AS (
  SELECT chat_reply.id, status, model,
    CASE WHEN prompt_tokens IS NULL OR completion_tokens IS NULL THEN 0 ELSE 1 END AS is_counted,
    prompt_tokens, completion_tokens,
    CASE WHEN status = 'done' AND answered_from IS NULL AND continuations = 0
      THEN {seconds} END AS seconds
  FROM chat_reply JOIN chat_chat ON chat_chat.id = chat_reply.chat_id
  WHERE chat_chat.conversation_id = %s
), timed AS (
  SELECT seconds, row_number() OVER (ORDER BY seconds) AS place, count(*) OVER () AS total
  FROM answer WHERE seconds IS NOT NULL
)
SELECT 'answers', status, model, count(*), sum(is_counted),
  sum(is_counted * prompt_tokens), sum(is_counted * completion_tokens)
FROM answer GROUP BY status, model
UNION ALL
SELECT 'seconds', '', '', max(total), 0,
  avg(CASE WHEN place IN ((total + 1) / 2, (total + 2) / 2) THEN seconds END), max(seconds)
FROM timed
UNION ALL
SELECT 'quotations', verdict, match, count(*), 0, 0, 0
FROM chat_citation WHERE reply_id IN (SELECT id FROM answer WHERE status <> 'streaming')
GROUP BY verdict, match
"""
_SECONDS = "extract(epoch FROM finished_at - chat_reply.created_at)::double precision"
_SECONDS_IN_SQLITE = "(julianday(finished_at) - julianday(chat_reply.created_at)) * 86400.0"


@dataclass(slots=True)
class Statistics:
    """`states`, `models` and `verdicts` are counts by name. The tokens are those of the `counted`
    answers; of the others none are known. `median` and `longest` are the seconds that the `timed`
    answers took, None where there is none.
    """

    states: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    timed: int = 0
    median: float | None = None
    longest: float | None = None


def statistics_of(conversation: Conversation) -> Statistics:
    """The numbers of all answers in a conversation, also of those that are not shown."""
    found = Statistics()
    seconds = _SECONDS if is_postgresql() else _SECONDS_IN_SQLITE
    rows = fetch_all(_STATEMENT.format(seconds=seconds), [conversation.pk])
    for kind, name, other, count, counted, first, second in rows:
        if kind == "answers":
            found.states[name] += count
            found.models[other] += count
            found.counted += int(counted)
            found.prompt_tokens += int(first or 0)
            found.completion_tokens += int(second or 0)
        elif kind == "quotations":
            found.verdicts[shown_verdict(name, other)] += count
        elif count:
            found.timed, found.median, found.longest = count, first, second
    return found
