"""Which questions are the same, and under which key the answer to one is stored."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from chat.answering import board_model
from chat.answering.prompts import build_messages
from chat.answering.quote_ids import quotes_by_id
from chat.upstream import deployments_of
from config.text import searchable
from quotes.search.board_version import newest_lines
from quotes.search.find import asks_for_line_of_day

OFF, EXACT, NEAR = "off", "exact", "near"  # the values of ANSWER_CACHE
_FORM = 1  # of keys; another one makes all stored answers unknown
_FINAL_MARKS = " .?!。…~"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question that a stored answer may answer. `key` is of all that its answer depends on, and
    `context` of all of that but the question. `takes_similar`: the answer to a similar question
    of the same context will do.
    """

    key: str
    context: str
    question: str
    model: str
    takes_similar: bool


def same_question(question: str) -> str:
    """A form that questions share which differ in case, width, spaces and the marks at their end
    alone.
    """
    text = " ".join(searchable(question).split())
    return text.rstrip(_FINAL_MARKS) or text


def wanted(  # noqa: PLR0913 - each is a choice of its own
    *,
    user_id: int,
    question: str,
    model: str,
    system_prompt: str,
    temperature: float,
    max_tokens: int,
) -> Wanted | None:
    """The question of a user, if stored answers may answer this model's. Unless
    ANSWER_CACHE_SHARED says otherwise, only the user's own may; so where the user has given a
    system prompt. Costs a query.
    """
    mode = settings.ANSWER_CACHE.get(model, OFF)
    if mode == OFF or model == board_model.NAME:
        return None
    is_shared = settings.ANSWER_CACHE_SHARED and not system_prompt
    context = _digest(
        None if is_shared else user_id,
        *(model, float(temperature), max_tokens),
        *_of_this_server(model, system_prompt),
        timezone.localdate().isoformat() if asks_for_line_of_day(question) else "",
        newest_lines(),
    )
    key = _digest(context, same_question(question))
    return Wanted(key, context, question, model, takes_similar=mode == NEAR)


def _of_this_server(model: str, system_prompt: str) -> list[Any]:
    """What the model is told beside the question and the lines, what chooses the lines, and what
    judges the quotations.
    """
    system, _ = build_messages(
        system_prompt=system_prompt,
        found=(),
        history=(),
        question="",
        by_id=quotes_by_id(model),
    )
    judging = [settings.SPECTACULAR_SETTINGS["VERSION"], settings.QUOTE_POLICY]
    lines = [settings.QUOTE_LINES, settings.QUOTE_TOKENS]
    vectors = [settings.EMBEDDING_MODEL, settings.EMBEDDING_QUERY_PREFIX]
    asked = [settings.OPENAI_BASE_URL, sorted({one.served_as for one in deployments_of(model)})]
    return [*asked, system["content"], *judging, *lines, *vectors]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps([_FORM, *parts]).encode()).hexdigest()
