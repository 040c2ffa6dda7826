"""Conversations as `chat.history.archive` writes them."""

import hashlib
from typing import Any

import orjson

from chat.importing.types import (
    ImportedChat,
    ImportedConversation,
    ImportedReply,
    NotAConversation,
)
from chat.importing.values import dict_of, list_of, model_of, text_of, time_of, title_of


def is_own(value: dict[str, Any]) -> bool:
    return isinstance(value.get("chats"), list)


def read_own(value: dict[str, Any]) -> ImportedConversation:
    """Raises `NotAConversation`."""
    if not is_own(value):
        raise NotAConversation
    places: dict[Any, int] = {}
    chats: list[ImportedChat] = []
    for given in map(dict_of, value["chats"]):
        if not (content := text_of(given.get("content"))):
            continue
        key = given.get("id")
        if isinstance(key, int | str):
            places[key] = len(chats)
        chats.append(_chat(given, content, places))
    return ImportedConversation(
        source_id=_source_id(value),
        title=title_of(value.get("title")),
        system_prompt=text_of(value.get("system_prompt")),
        model=model_of(value.get("model")),
        pinned=value.get("pinned") is True,
        created_at=time_of(value.get("created_at")),
        chats=chats,
    )


def _chat(given: dict[str, Any], content: str, places: dict[Any, int]) -> ImportedChat:
    parent, own = given.get("parent"), given.get("id")
    is_known = isinstance(parent, int | str) and parent != own
    chat = ImportedChat(
        content,
        parent=places.get(parent) if is_known else None,
        created_at=time_of(given.get("created_at")),
    )
    for reply in map(dict_of, list_of(given.get("replies"))):
        if answer := text_of(reply.get("content")):
            if reply.get("id") == given.get("shown_reply"):
                chat.shown = len(chat.replies)
            chat.replies.append(
                ImportedReply(
                    answer, model_of(reply.get("model")), time_of(reply.get("created_at"))
                )
            )
    return chat


def _source_id(value: dict[str, Any]) -> str:
    """Two sites may have given the same id, so the first question counts, too."""
    first = dict_of(next(iter(value["chats"]), None))
    told = [value.get("id"), value.get("created_at"), first.get("content")]
    return "daesa:" + hashlib.sha256(orjson.dumps(told)).hexdigest()
