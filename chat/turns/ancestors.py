"""The turns that a question follows: its parent's, that one's parent's, and so on to the first
question of the branch.

Read where the question is stored, since its answer is to follow what is shown at that moment. A
question cannot follow an answer that is still being written: it is refused, and takes no unit.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings

from chat.answering.prompts import MESSAGE_OVERHEAD, PastTurn
from chat.models import Reply
from chat.turns.errors import ParentInProgress
from chat.upstream import ChatMessage
from chat.upstream.errors import UpstreamContentFilter
from config.db.sql import fetch_all

# A token is at most five characters (`token_estimate`), so no turn beyond so many can be sent, but
# for texts with long runs of spaces: of those, fewer turns are sent than would fit.
_CHARACTERS_PER_TOKEN = 5
_WHITE_SPACE = " \t\n\r\v\f"

# Of a turn without an answer nothing is sent. What a content filter ended is not sent either: the
# filter would refuse each question that follows it.
_TURN = """
SELECT chat.id, chat.parent_id, chat.content AS question,
  CASE WHEN chat.attachment_count > 0 THEN chat.id END AS with_files,
  CASE WHEN reply.status <> 'streaming' AND reply.error_code <> %s
    AND trim(reply.content, %s) <> '' THEN reply.content END AS answer,
  CASE WHEN reply.status = 'streaming' THEN reply.id END AS in_progress,
  {room} AS room
FROM {source} LEFT JOIN chat_reply AS reply ON reply.id = chat.chat_reply_id
"""
# `room` is how many characters there are for a turn and those above it. A parent is older than its
# children, so that the walk ends.
_ROOM = f"""ancestor.room - coalesce(
    {2 * MESSAGE_OVERHEAD * _CHARACTERS_PER_TOKEN}
    + length(ancestor.question) + length(ancestor.answer), 0)"""
_WALK = (
    _TURN.format(room="%s", source="chat_chat AS chat")
    + "WHERE chat.id = %s UNION ALL"
    + _TURN.format(
        room=_ROOM, source="ancestor JOIN chat_chat AS chat ON chat.id = ancestor.parent_id"
    )
    + "WHERE ancestor.room > 0 AND chat.id < ancestor.id"
)
_READ = f"""
WITH RECURSIVE ancestor AS ({_WALK})
SELECT question, answer, with_files, in_progress FROM ancestor ORDER BY id DESC
"""  # noqa: S608

# A condition for a statement of PostgreSQL that has the part `ancestor`.
NONE_IN_PROGRESS = "NOT EXISTS (SELECT FROM ancestor WHERE in_progress IS NOT NULL)"


def walk_statement(parent_id: int) -> tuple[str, list[Any]]:
    """The recursive statement, to be named `ancestor`, and its values. Its rows are the parent and
    the turns above it as far as `CONTEXT_TOKENS` may reach; greater ids are newer. `answer` is
    NULL where the turn is not to be sent.
    """
    of_turn = [UpstreamContentFilter.default_code, _WHITE_SPACE]
    room = settings.CONTEXT_TOKENS * _CHARACTERS_PER_TOKEN
    return _WALK, [*of_turn, room, parent_id, *of_turn]


def past_turns(parent_id: int | None, *, may_refuse: bool = True) -> list[PastTurn]:
    """The whole turns that a question under this parent follows, newest first. Raises
    `ParentInProgress` where an answer among them is still being written, unless the question is
    stored already.
    """
    if parent_id is None:
        return []
    _, values = walk_statement(parent_id)
    rows = fetch_all(_READ, values)
    for *_turn, in_progress in rows:
        if may_refuse and in_progress is not None:
            raise _refusal(in_progress)
    return whole_turns(row[:-1] for row in rows)


def whole_turns(rows: Iterable[Sequence[Any]]) -> list[PastTurn]:
    """Questions with their answers as messages; without those that have no answer. Each row has
    both, and the key of the question where files go with it, else None.
    """
    return [
        (_question(question, with_files), {"role": "assistant", "content": answer})
        for question, answer, with_files in rows
        if answer is not None
    ]


def _question(content: str, with_files: int | None) -> ChatMessage:
    if with_files is None:
        return {"role": "user", "content": content}
    return {"role": "user", "content": content, "asked_in": with_files}


def _refusal(reply: int) -> ParentInProgress:
    stream_id = Reply.objects.filter(pk=reply).values_list("stream_id", flat=True).first()
    return ParentInProgress(stream_id=stream_id)
