"""What a new user asks of a server without a model, on the seed data: each question gets what it
asks for.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import timezone

from accounts.tokens import issue
from chat.models import DailyUsage, Reply
from quotes.models import LineOfDay, Quote
from tests.chat.asker import ask_at_once
from tests.chat.asking import ask, ask_streaming, used

pytestmark = pytest.mark.usefixtures("board")

SEED_FILE = Path(django_settings.BASE_DIR) / "quotes/fixtures/demo.jsonl"
SEED = [json.loads(row) for row in SEED_FILE.read_text("utf-8").splitlines()]


@pytest.fixture
def board(settings, bob):
    settings.OPENAI_BASE_URL = settings.OPENAI_API_KEY = ""
    settings.DEFAULT_MODEL, settings.CHAT_MODELS = "board", ["board"]
    settings.DAILY_CHAT_LIMIT = 1000
    settings.WRITES_PER_MINUTE = 10_000
    now = timezone.now()
    rows = [Quote(**row, user=bob, is_apply=True, applied_at=now) for row in SEED]
    Quote.objects.bulk_create(rows)


def quoted(response) -> list[str]:
    """The lines of the board that an answer quotes word for word."""
    assert response.status_code == 201, response.content
    citations = response.json()["chat_reply"]["citations"]
    return [one["text"] for one in citations if one["verdict"] == "verbatim"]


def in_turn(client, *questions: str) -> list[str]:
    """What the last of several questions of one conversation quotes."""
    body: dict = {}
    for question in questions:
        response = ask(client, question, **body)
        body = {"conversation": response.json()["conversation"]}
    return quoted(response)


def lines(**fields: str) -> set[str]:
    return {row["content"] for row in SEED if fields.items() <= row.items()}


@pytest.mark.parametrize(
    "question",
    [
        "A line for a day like today", "Pick a line for a day like today",
        "the line of the day please", "What is today's quote?",
        "오늘 같은 날 어울리는 대사 하나 골라 줘", "오늘의 한 줄", "오늘의 대사 알려줘",
        "오늘 같은 날엔 무슨 말이 좋을까?", "quote of the day",
    ],
)  # fmt: skip
def test_the_line_of_the_day(as_alice, question):
    language = "ko" if not question.isascii() else "en"
    response = ask(as_alice, question)
    today = LineOfDay.objects.get()
    assert (today.language, today.quote.language) == (language, language)
    assert quoted(response) == [today.quote.content]
    shown = as_alice.get("/quote/today", headers={"Accept-Language": language})
    assert shown.json()["content"] == today.quote.content


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Show me other lines by Confucius", {"speaker": "Confucius"}),
        ("Confucius's other sayings", {"speaker": "Confucius"}),
        ("a line by hamlet?", {"speaker": "Hamlet"}),
        ("Lines from Macbeth", {"source": "Macbeth"}),
        ("Which lines from Romeo and Juliet are on the board?", {"source": "Romeo and Juliet"}),
        ("do you have anything by Emily Dickinson?", {"speaker": "Emily Dickinson"}),
        ("quotes by the witches", {"speaker": "The Witches"}),
        ("공자의 다른 말", {"speaker": "Confucius"}),
        ("공자의 다른 말도 보여 줘", {"speaker": "Confucius"}),
        ("맥베스의 대사", {"source": "Macbeth"}),
        ("『님의 침묵』의 대사를 찾아 줘", {"source": "님의 침묵"}),
        ("님의 침묵에 나오는 구절", {"source": "님의 침묵"}),
        ("이순신이 한 말 알려줘", {"speaker": "이순신"}),
        ("이상의 대사", {"speaker": "이상"}),
        ("김첨지가 한 말이 뭐야?", {"speaker": "김 첨지"}),
        ("황진이 시조", {"speaker": "황진이"}),
    ],
)
def test_a_speaker_or_a_work(as_alice, question, expected):
    found = quoted(ask(as_alice, question))
    wanted = lines(**expected)
    assert found
    assert set(found) <= wanted
    assert len(found) == min(5, len(wanted))


def test_a_work_in_the_other_language(as_alice):
    assert set(quoted(ask(as_alice, "햄릿의 대사"))) <= lines(source="Hamlet")


def test_a_topic_beside_the_name(as_alice):
    assert quoted(ask(as_alice, "a line by Oscar Wilde about temptation"))[0] == (
        "I can resist everything except temptation."
    )
    found = quoted(ask(as_alice, "윤동주의 별에 대한 시"))
    assert found
    of_stars = {row["content"] for row in SEED if "별" in " ".join(row.values())}
    assert set(found) <= lines(speaker="윤동주") & of_stars


@pytest.mark.parametrize(
    "question", ["Show me other lines by Tolstoy", "톨스토이가 한 말", "a line by Mark Zuckerberg"]
)
def test_somebody_who_is_not_on_the_board(as_alice, question):
    assert quoted(ask(as_alice, question)) == []


@pytest.mark.parametrize("row", SEED, ids=lambda row: row["content"][:20])
def test_what_the_page_suggests_of_any_line(as_alice, row):
    """The texts of `chat.suggest` in the page's messages."""
    line, speaker = row["content"], row["speaker"]
    for question in (
        f"“{line}” 이 대사에 대해 알려 줘",
        f"“{line}”, 무슨 뜻이야?",
        f"Tell me about the line “{line}”",
        f"What does “{line}” mean?",
    ):
        assert quoted(ask(as_alice, question))[0] == line, question
    for question in (f"{speaker}의 대사를 보여 줘", f"Show me lines by {speaker}"):
        if speaker:
            found = quoted(ask(as_alice, question))
            assert found
            assert set(found) <= lines(speaker=speaker), question


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What was that line about the stars in the gutter?", SEED[103]["content"]),
        ("하늘을 우러러 부끄럼이 없기를… 이 시구 뭐였지?", SEED[0]["content"]),
    ],
)
def test_the_example_of_the_sign_in_page(as_alice, question, line):
    """The texts of `introduction` in the page's messages."""
    assert quoted(ask(as_alice, question)) == [line]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("가는 말이 고와야 오는 말이 곱다", "가는 말이 고와야 오는 말이 곱다"),
        ("발 없는 말이 천 리 간다던데", "발 없는 말이 천 리 간다"),
        ("government of the people, by the people", SEED[124]["content"]),
        ("that line from the heaven and the earth", SEED[125]["content"]),
        ("What's in a name? By any other name", SEED[76]["content"]),
    ],
)
def test_lines_that_have_such_words_themselves(as_alice, question, line):
    assert line in quoted(ask(as_alice, question))


@pytest.mark.parametrize(
    "question",
    [
        "hi", "Hello!", "Hi there, how are you?", "Thanks!", "thank you so much :)",
        "What can you do?", "who are you?", "What's the weather?",
        "What is the weather like today?", "ok", "👍", "lol", "bye", "안녕!", "안녕하세요",
        "고마워!", "고맙습니다 ㅎㅎ", "정말 감사합니다!!", "오늘 날씨 어때?", "날씨 알려줘",
        "너는 누구야?", "뭐 할 수 있어?", "안녕, 고마워", "ㅋㅋㅋ", "심심해", "잘 자~",
        "여기는 뭐 하는 곳이야?", "대사야 안녕",
    ],
)  # fmt: skip
def test_small_talk_is_met_kindly_and_costs_nothing(as_alice, alice, question):
    response = ask(as_alice, question)
    assert response.status_code == 201
    reply = response.json()["chat_reply"]
    assert (reply["status"], reply["charged"], reply["citations"]) == ("done", False, [])
    is_korean = any("가" <= letter <= "힣" or "ㄱ" <= letter <= "ㅣ" for letter in question)
    assert ("게시판" in reply["content"]) == is_korean
    assert ("line of the day" in reply["content"]) != is_korean
    assert "r=1000" in response["RateLimit"]
    assert used(alice) == 0


@pytest.mark.parametrize(
    "question",
    [
        "고마워라는 말이 나오는 대사", "hello darkness my old friend",
        "thank you for the music", "사랑이 뭐야?", "good night till it be morrow",
        "what is the question?",
    ],
)  # fmt: skip
def test_a_question_is_no_small_talk(as_alice, alice, question):
    assert ask(as_alice, question).json()["chat_reply"]["charged"]
    assert used(alice) == 1


def test_no_more_small_talk_is_free_than_units_come_back(as_alice, alice, settings):
    settings.DAILY_REFUND_LIMIT = 2
    charged = [ask(as_alice, "hi").json()["chat_reply"]["charged"] for _ in range(4)]
    assert charged == [False, False, True, True]
    assert used(alice) == Reply.objects.filter(charged_day=timezone.localdate()).count() == 2
    assert DailyUsage.objects.get().refunded == 2


def test_small_talk_is_answered_when_no_unit_is_left(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    assert ask(as_alice, "사랑이 뭐야?").json()["chat_reply"]["charged"]
    assert ask(as_alice, "Who said it?").status_code == 429
    response = ask(as_alice, "thanks!")
    assert response.status_code == 201
    assert '"daily";r=0' in response["RateLimit"]
    body = response.json()
    assert (body["chat_reply"]["status"], body["chat_reply"]["charged"]) == ("done", False)
    again = as_alice.post(f"/chat/{body['id']}/replies", {})
    assert (again.status_code, again.json()["chat_reply"]["charged"]) == (201, False)
    assert list(DailyUsage.objects.values_list("used", "refunded")) == [(1, 2)]
    call_command("check_ledger", "--nothing-deleted", stdout=StringIO())


def test_small_talk_is_answered_when_the_site_has_no_unit_left(as_alice, as_bob, settings):
    settings.SITE_DAILY_LIMIT = 1
    assert ask(as_bob, "사랑이 뭐야?").status_code == 201
    assert ask(as_alice, "Who said it?").status_code == 429
    assert ask(as_alice, "thanks!").json()["chat_reply"]["charged"] is False


def test_who_may_not_ask_at_all_gets_no_small_talk(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 0
    assert ask(as_alice, "thanks!").status_code == 429
    assert not DailyUsage.objects.exists()


def test_small_talk_without_a_unit_is_limited(as_alice, alice, settings):
    """By the refunds of a day, and by the answers that are written at the same time."""
    settings.DAILY_CHAT_LIMIT, settings.DAILY_REFUND_LIMIT = 1, 2
    statuses = [ask(as_alice, "hi").status_code for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    assert list(DailyUsage.objects.values_list("used", "refunded")) == [(1, 2)]
    settings.DAILY_REFUND_LIMIT, settings.MAX_STREAMS_PER_USER = 9, 0
    response = ask(as_alice, "hi")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_streams")
    assert list(DailyUsage.objects.values_list("used", "refunded")) == [(1, 2)]


@pytest.mark.django_db(transaction=True)
def test_small_talk_at_once_is_counted_exactly(alice, settings):
    settings.DAILY_CHAT_LIMIT, settings.DAILY_REFUND_LIMIT = 2, 3
    settings.MAX_STREAMS_PER_USER = 50
    statuses = ask_at_once(issue(alice)["access"], 12, content="hi")
    assert statuses == {201: 5, 429: 7}
    assert list(DailyUsage.objects.values_list("used", "refunded")) == [(2, 3)]


@pytest.mark.django_db(transaction=True)
def test_small_talk_is_free_as_a_stream_too(as_alice, alice):
    end = ask_streaming(as_alice, "고마워!")[-1].data
    assert (end["type"], end["chat"]["chat_reply"]["charged"]) == ("END", False)
    assert used(alice) == 0


def test_small_talk_to_a_model_costs_as_any_question(as_alice, alice, upstream, settings):
    settings.DEFAULT_MODEL, settings.CHAT_MODELS = "fake", ["fake"]
    assert ask(as_alice, "hi").json()["chat_reply"]["charged"]
    assert used(alice) == 1


AHN = "안중근의 말 알려줘"
READING = "一日不讀書 口中生荊棘"


@pytest.mark.parametrize(
    "question",
    [
        "사랑이 뭐야?",
        "고마워!",
        "오늘 날씨 어때?",
        "햄릿의 대사도 있어?",
        "love?",
    ],
)
def test_earlier_lines_do_not_answer_another_question(as_alice, question):
    assert in_turn(as_alice, AHN) == [READING]
    assert READING not in in_turn(as_alice, AHN, question)


@pytest.mark.parametrize(
    "question",
    [
        "그건 누가 한 말이야?",
        "무슨 뜻이야?",
        "what does it mean?",
        "그 말 다시 보여 줘",
        "누가 썼어?",
    ],
)
def test_earlier_lines_answer_where_the_question_points_back(as_alice, question):
    assert READING in in_turn(as_alice, AHN, question)


def test_another_line_by_the_same_person(as_alice):
    first = "필사즉생 필생즉사가 무슨 말이야?"
    [shown, *_] = in_turn(as_alice, first)
    for question in ("그 사람의 다른 말", "another one by him", "그분의 다른 명언도 알려줘"):
        found = in_turn(as_alice, first, question)
        assert found
        assert set(found) <= lines(speaker="이순신") - {shown}


def test_another_line_from_the_same_work(as_alice):
    [shown, *_] = in_turn(as_alice, "brevity is the soul of wit")
    found = in_turn(as_alice, "brevity is the soul of wit", "another one from the same play")
    assert found
    assert set(found) <= lines(source="Hamlet") - {shown}


def test_of_somebody_with_one_line_there_is_no_other(as_alice):
    assert in_turn(as_alice, AHN, "그 사람의 다른 말") == []


def test_another_one_and_another_one(as_alice):
    """Each time lines that were not shown yet, until there are none."""
    questions = ["윤동주의 시", "another one", "하나 더 보여 줘"]
    shown = [set(in_turn(as_alice, *questions[: n + 1])) for n in range(3)]
    assert shown[0]
    assert shown[1]
    assert shown[0] | shown[1] == lines(speaker="윤동주")
    assert not shown[0] & shown[1]
    assert shown[2] == set()
