"""Conversations of ChatGPT's export (`conversations.json`): a tree of messages, of which questions
and answers are read, and system and tool messages are passed over.

Several messages of the assistant in a row, as around a search, are one answer. Where the tree
divides at an answer, each way is an answer of its own to the same question.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chat.importing.types import (
    ImportedChat,
    ImportedConversation,
    ImportedReply,
    NotAConversation,
)
from chat.importing.values import dict_of, list_of, model_of, text_of, time_of, title_of

# Of one question: what two answers have in common is copied.
MOST_REPLIES = 10
_TEXTS = {"text", "multimodal_text", "code"}


def is_chatgpts(value: dict[str, Any]) -> bool:
    return isinstance(value.get("mapping"), dict)


def read_chatgpt(value: dict[str, Any]) -> ImportedConversation:
    """Raises `NotAConversation`."""
    source = value.get("conversation_id") or value.get("id")
    if not (is_chatgpts(value) and isinstance(source, str) and source):
        raise NotAConversation
    digest = hashlib.sha256(source.encode(errors="replace")).hexdigest()
    return ImportedConversation(
        source_id=f"chatgpt:{digest}",
        title=title_of(value.get("title")),
        created_at=time_of(value.get("create_time")),
        chats=_Tree(value["mapping"], value.get("current_node")).chats(),
    )


@dataclass(frozen=True)
class _Step:
    """A node to visit, and what its message follows: a chat, and of an answer to it as many of its
    messages.
    """

    node: str
    chat: int | None = None
    reply: int | None = None
    messages: int = 0


class _Tree:
    def __init__(self, nodes: dict[str, Any], current: Any) -> None:
        self._nodes = {key: dict_of(node) for key, node in nodes.items()}
        self._current = self._path_to(current)
        self._chats: list[ImportedChat] = []
        self._answers: list[list[_Answer]] = []  # of each chat

    def chats(self) -> list[ImportedChat]:
        """Parents first. No node is visited twice, however the file links them."""
        roots = [key for key, node in self._nodes.items() if not self._is_node(node.get("parent"))]
        waiting = [_Step(key) for key in reversed(roots)]
        visited: set[str] = set()
        while waiting:
            step = waiting.pop()
            if step.node not in visited:
                visited.add(step.node)
                waiting += reversed(self._visit(step))
        for chat, answers in zip(self._chats, self._answers, strict=True):
            chat.replies = [answer.reply() for answer in answers]
        return self._chats

    def _visit(self, step: _Step) -> list[_Step]:
        """Takes the node's message, and returns the steps to its children."""
        node = self._nodes[step.node]
        message = dict_of(node.get("message"))
        role = dict_of(message.get("author")).get("role")
        if role == "user" and (text := _text_of(message)):
            step = _Step(step.node, self._ask(text, message, parent=step.chat))
        elif role == "assistant" and step.chat is not None and (text := _text_of(message)):
            step = self._answer(text, message, step)
        return [
            replace(step, node=key) for key in list_of(node.get("children")) if self._is_node(key)
        ]

    def _is_node(self, key: Any) -> bool:
        return isinstance(key, str) and key in self._nodes

    def _ask(self, text: str, message: dict[str, Any], *, parent: int | None) -> int:
        created = time_of(message.get("create_time"))
        self._chats.append(ImportedChat(text, parent=parent, created_at=created))
        self._answers.append([])
        return len(self._chats) - 1

    def _answer(self, text: str, message: dict[str, Any], step: _Step) -> _Step:
        """Adds to the answer that the message follows, or to a copy of its beginning where another
        branch has gone on with it, or begins one.
        """
        assert step.chat is not None  # noqa: S101 - for the types  # nosec B101
        answers = self._answers[step.chat]
        before = answers[step.reply].texts if step.reply is not None else []
        place = step.reply
        if place is None or len(before) > step.messages:
            if len(answers) >= MOST_REPLIES:
                return step
            model = model_of(dict_of(message.get("metadata")).get("model_slug"))
            created = time_of(message.get("create_time"))
            answers.append(_Answer(before[: step.messages], model, created))
            place = len(answers) - 1
        answers[place].texts.append(text)
        if step.node in self._current:
            self._chats[step.chat].shown = place
        return replace(step, reply=place, messages=step.messages + 1)

    def _path_to(self, key: Any) -> set[str]:
        path: set[str] = set()
        while self._is_node(key) and key not in path:
            path.add(key)
            key = self._nodes[key].get("parent")
        return path


@dataclass
class _Answer:
    texts: list[str]
    model: str
    created_at: datetime | None

    def reply(self) -> ImportedReply:
        return ImportedReply("\n\n".join(self.texts), self.model, self.created_at)


def _text_of(message: dict[str, Any]) -> str:
    """The text of a message that a person sees. Of pictures and files only a mark is left."""
    content = dict_of(message.get("content"))
    is_hidden = dict_of(message.get("metadata")).get("is_visually_hidden_from_conversation")
    kind = content.get("content_type")
    if is_hidden or not (isinstance(kind, str) and kind in _TEXTS):
        return ""
    if isinstance(content.get("text"), str):
        return text_of(content["text"])
    parts = [
        text_of(part) if isinstance(part, str) else _("(an attachment that was not imported)")
        for part in list_of(content.get("parts"))
    ]
    return "\n\n".join(filter(None, parts))
