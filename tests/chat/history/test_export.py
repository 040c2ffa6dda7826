"""GET /conversations/{id} with `Accept: text/markdown`."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chat.attachments.models import Attachment
from chat.history import export
from chat.history.markdown import plain, plain_line, quoted, without_html
from chat.models import Citation, Status
from tests.chat import asking
from tests.chat.asking import ask, make_chat, make_chats
from tests.factories import make_quote
from tests.gevent_child import lets_others_run

pytestmark = pytest.mark.django_db

EVIL = [
    "# A heading of its own\n\nA title\n=====\n\nAnother\n---",
    "```\nnever closed",
    "~~~ never closed",
    "<!-- never closed",
    "<script>alert(1)</script>\n<details><pre>",
    "text\n\n    indented\n\n- list\n  ```\n  in it",
    "> quoted\nlazy\n\n\n1. one\n1) two",
    "[x]: http://evil.example\n\n> [^1]: note\n\n- [y]: http://evil.example",
    "a\rb\r\n# c\r***\r",
    "**bold *and _more",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "***\n---\n___",
    "\\",
    "&lt;b&gt; &#35; `<b>` <b",
]


def export_of(client, conversation, **headers):
    response = client.get(
        f"/conversations/{conversation.pk}", headers={"Accept": "text/markdown", **headers}
    )
    assert response.status_code == 200
    return response


def test_names_of_files(alice, as_alice):
    chat = make_chat(alice, attachment_count=1)
    row = {"kind": "text", "size": 1, "tokens": 1, "key": "k", "digest": "d"}
    Attachment.objects.create(user=alice, chat=chat, name="*a*\n# b.txt", **row)
    assert "*Files: \\*a\\* # b.txt*" in text_of(export_of(as_alice, chat.conversation))


def text_of(response) -> str:
    return b"".join(response.streaming_content).decode()


def top_level(document: str) -> list[str]:
    """The top-level blocks of a document, as a CommonMark parser sees them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document)
    return [token.type for token in tokens if token.level == 0 and token.nesting >= 0]


@pytest.mark.parametrize(
    ("unjudged", "shown"),
    [
        (None, None),
        ("part", "*Not all of its quotations were compared with the board.*"),
        ("none", "*Its quotations were not compared with the board.*"),
    ],
)
def test_what_was_not_judged_is_stated(alice, as_alice, unjudged, shown):
    chat = make_chat(alice, reply={"unjudged": unjudged})
    document = text_of(export_of(as_alice, chat.conversation))
    assert document.endswith(f"> An answer\n\n{shown}\n" if shown else "> An answer\n")


BEFORE = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
STORED = {
    ("en", False): "*Answered before, on 2026-03-01 09:30 KST.*",
    ("en", True): "*This is the answer to a similar question, of 2026-03-01 09:30 KST.*",
    ("ko", False): "*2026-03-01 09:30 KST에 이미 답한 질문입니다.*",
    ("ko", True): "*비슷한 질문에 2026-03-01 09:30 KST에 한 답변입니다.*",
}


@pytest.mark.parametrize(("language", "alike"), STORED)
def test_a_stored_answer_says_when_it_was_written(alice, as_alice, language, alike):
    chat = make_chat(alice, reply={"answered_from": BEFORE, "answered_alike": alike})
    document = text_of(export_of(as_alice, chat.conversation, **{"Accept-Language": language}))
    assert document.endswith(f"> An answer\n\n{STORED[language, alike]}\n")


@pytest.mark.usefixtures("upstream")
def test_all_of_it(as_alice, bob):
    make_quote(bob, "The rest is silence.", speaker="Hamlet", source="Act V", is_apply=True)
    answer = (
        "He says “The rest is silence.” [999], “The rest is violence.” and "
        "the proverb “Nobody has ever said this at all.” That is *all*."
    )
    conversation = ask(as_alice, f"Silence?\n[[say: {asking.said(answer)}]]").json()["conversation"]
    path = f"/conversations/{conversation}"
    document = text_of(as_alice.get(path, headers={"Accept": "text/markdown"}))
    head, about, rest = document.split("\n\n", 2)
    assert (head, about[:19]) == ("# Silence?", "Exported from Daesa")
    time = rest.split("· ")[1].split("\n")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d KST", time)
    shown, asked, question, answered, said, verdicts, citations = rest.split("\n\n")
    assert (shown, asked) == ("---", f"**Question** · {time}")
    assert question.startswith("> Silence?\\\n> \\[\\[say: H")
    assert question.endswith("ll\\*.\\]\\]")
    assert (answered, said) == ("**Answer** · fake", f"> {answer}")
    assert verdicts == "**Quotations**"
    assert citations.split("\n") == [
        (
            "1. ✓ word for word: “The rest is silence.” · Hamlet, Act V"
            " · the answer names another line's number"
        ),
        (
            "2. ≠ altered: “The rest is violence.”"
            " · on the board: “The rest is silence.” — Hamlet, Act V"
        ),
        "3. ? not on the board: “Nobody has ever said this at all.”",
        "",
    ]


def test_head(as_alice, alice):
    chat = make_chat(alice, "Hamlet / Act 1: “who?”")
    response = export_of(as_alice, chat.conversation)
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Hamlet%20Act%201%20%E2%80%9Cwho%20%E2%80%9D.md"
    )
    assert "Accept" in response["Vary"]
    assert response["RateLimit"].startswith('"daily";r=5;')


def test_in_the_callers_language(as_alice, alice):
    chat = make_chat(alice, "질문입니다", "답입니다", reply={"status": Status.STOPPED})
    document = text_of(export_of(as_alice, chat.conversation, **{"Accept-Language": "ko"}))
    assert "**질문** · " in document
    assert "**답변** · fake" in document
    assert "Daesa에서 내보냈습니다" in document
    assert document.endswith("> 답입니다\n\n*멈춤*\n")


@pytest.mark.parametrize(
    ("ended", "language", "shown"),
    [
        ({"finish_reason": "length"}, "en", "cut off at the limit of its length"),
        ({"finish_reason": "length"}, "ko", "최대 길이에 이르러 잘림"),
        (
            {"status": Status.FAILED, "error_code": "upstream_content_filter"},
            "en",
            "cut off by the model's content filter",
        ),
        (
            {"status": Status.FAILED, "error_code": "upstream_content_filter"},
            "ko",
            "모델의 콘텐츠 필터가 잘라냄",
        ),
        ({"status": Status.IMPORTED, "finish_reason": "stop"}, "en", None),
    ],
)
def test_an_answer_that_was_cut_off_says_so(as_alice, alice, ended, language, shown):
    chat = make_chat(alice, "Question", "So far", reply=ended)
    document = text_of(export_of(as_alice, chat.conversation, **{"Accept-Language": language}))
    assert f"> So far\n\n*{shown}*\n" in document if shown else document.endswith("> So far\n")


def test_json_is_still_the_default(as_alice, alice):
    chat = make_chat(alice)
    for accept in ("*/*", "application/json"):
        response = as_alice.get(
            f"/conversations/{chat.conversation_id}", headers={"Accept": accept}
        )
        assert response["Content-Type"] == "application/json"
        assert response.json()["chat_count"] == 1


def test_of_others_there_is_none(as_bob, alice):
    chat = make_chat(alice)
    response = as_bob.get(
        f"/conversations/{chat.conversation_id}", headers={"Accept": "text/markdown"}
    )
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_changes_are_answered_in_json(as_alice, alice):
    chat = make_chat(alice)
    path = f"/conversations/{chat.conversation_id}"
    response = as_alice.patch(path, {"title": "New"}, headers={"Accept": "text/markdown"})
    assert response.status_code == 406


def test_empty_and_untitled(as_alice):
    pk = as_alice.post("/conversations", {}).json()["id"]
    response = as_alice.get(f"/conversations/{pk}", headers={"Accept": "text/markdown"})
    assert response["Content-Disposition"] == f'attachment; filename="{pk}.md"'
    assert text_of(response).startswith("# Untitled\n\nExported")


def test_what_left_the_board_is_not_shown(as_alice, alice, bob):
    gone = make_quote(bob, "This one went back to review.", is_apply=False)
    reply = make_chat(alice, answer="“This one went back.”").chat_reply
    for quote in (gone, None):
        Citation.objects.create(
            reply=reply, quote=quote, text="This one went back.", start=1, end=20, verdict="altered"
        )
    document = text_of(export_of(as_alice, reply.chat.conversation))
    assert "went back to review" not in document
    assert document.count("· no longer on the board\n") == 2


def cited(reply, **given) -> None:
    whole = {"text": "Who's there?", "start": 0, "end": 12, "match": "skeleton", **given}
    Citation.objects.create(reply=reply, **whole)


QUOTED, BOARD = "“Who's there?”", "on the board: “Whos there.”"
SAME = f"≈ same words, other punctuation: {QUOTED}"
LOOK_ALIKE = "letters that look the same but are different ones, or hidden marks"
TOLD_AS_WRONG = "the answer itself calls this wording wrong"
DIFFERENCE = [("missing", "Whos"), ("added", "Who's"), ("missing", "there."), ("added", "there?")]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            {"verdict": "same_words", "difference": DIFFERENCE},
            f"{SAME} · differs: “Who's” for “Whos”, “there?” for “there.” · {BOARD}",
        ),
        # As it was stored before there was the verdict.
        ({"verdict": "verbatim"}, f"{SAME} · {BOARD}"),
        ({"verdict": "verbatim", "match": "exact"}, f"✓ word for word: {QUOTED}"),
        (
            {"verdict": "excerpt", "match": "excerpt", "notes": ["negation_left_out"]},
            f"✓ part of a line: {QUOTED} · {BOARD} · the left-out part contains a negation",
        ),
        (
            {"verdict": "altered", "match": "", "notes": ["look_alike", "told_as_wrong"]},
            f"≠ altered: {QUOTED} · {BOARD} · {LOOK_ALIKE} · {TOLD_AS_WRONG}",
        ),
    ],
)
def test_what_differs_is_told(as_alice, alice, bob, given, shown):
    quote = make_quote(bob, "Whos there.", is_apply=True)
    reply = make_chat(alice).chat_reply
    cited(reply, quote=quote, **given)
    document = text_of(export_of(as_alice, reply.chat.conversation))
    assert document.splitlines()[-1] == f"1. {shown}"


def test_a_reply_that_never_came(as_alice, alice):
    chat = make_chat(alice, "A question", "", reply={"status": Status.FAILED})
    document = text_of(export_of(as_alice, chat.conversation))
    assert document.endswith("**Answer** · fake\n\n*failed*\n")


def test_statements_and_memory_are_those_of_a_batch(as_alice, alice):
    count = 2 * export.CHATS_PER_QUERY + 1
    first, *_others = make_chats(alice, count)
    response = export_of(as_alice, first.conversation)
    with CaptureQueriesContext(connection) as statements:
        pieces = list(response.streaming_content)
    assert len(pieces) == 1 + count
    assert len(statements) == 2 * 2  # chats and citations of each batch but the first
    document = b"".join(pieces).decode()
    places = [document.index(f"> Question {n}\n") for n in range(count)]
    assert all(one < other for one, other in pairwise(places))


@pytest.mark.parametrize("text", EVIL)
def test_what_people_and_models_write_stays_in_its_place(as_alice, alice, text):
    chat = make_chat(alice, text, text)
    last = make_chat(alice, "last", "end", conversation=chat.conversation)
    document = text_of(export_of(as_alice, last.conversation))
    turn = ["hr", "paragraph_open", "blockquote_open", "paragraph_open", "blockquote_open"]
    assert top_level(document) == ["heading_open", "paragraph_open", *turn, *turn]
    tokens = MarkdownIt("commonmark").parse(document)
    inline = [child for token in tokens for child in token.children or ()]
    assert not {"html_block", "html_inline"} & {token.type for token in [*tokens, *inline]}
    assert "link_open" not in [token.type for token in inline]


@given(st.text(alphabet="ab12 \n\r\t#*_`~<>[]()|\\&!-+=.:;/", max_size=60))
def test_a_question_is_no_markup_at_all(text):
    tokens = MarkdownIt("commonmark").parse(plain(text))
    kinds = {token.type for token in tokens} - {"inline"}
    assert kinds <= {"paragraph_open", "paragraph_close"}
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "text_special", "hardbreak", "softbreak"}


@given(st.text(alphabet="ab1 \n\r#*`~<>[]!-:/", max_size=60))
def test_an_answer_ends_where_it_ends(text):
    document = f"{quoted(without_html(text))}\n\n## After\n"
    assert top_level(document) == ["blockquote_open", "heading_open"]


@given(st.text(max_size=30))
def test_one_line_is_one_line(text):
    assert "\n" not in plain_line(text)


@pytest.mark.django_db(transaction=True)
def test_others_are_let_go_on_between_the_chats(alice):
    """Long answers take milliseconds each; other requests do not wait for a fast reader."""
    conversation = make_chat(alice, "First").conversation
    for _ in range(3):
        make_chat(alice, "Another", conversation=conversation)
    head_and_chats = """
from chat.history.export import export
from chat.models import Conversation
export(Conversation.objects.get(), language="en")"""
    assert lets_others_run(head_and_chats) == [False, True, True, True]
