"""A shown line of which only the first words are left: what nothing marks gets a verdict, too."""

import pytest

from quotes.columns import BoardLine
from quotes.verification.verify import verify

ASKED, ASKED_IN_KOREAN = "Give me a quote about love", "사랑에 관한 명언 알려줘"
PURE = (
    "If with a pure mind a person speaks or acts, "
    "happiness follows them like a never-departing shadow."
)
IDEA = "I begin with an idea and then it becomes something else."
ENEMY = "나를 압제하는 악인과 나를 에워싼 극한 원수에게서 벗어나게 하소서"
NEVER = "Never, never, never give up."

pytestmark = pytest.mark.django_db


def judged(answer: str, line: str, question: str = "Hello") -> list[tuple[str, str]]:
    found = verify(answer, [BoardLine(1, line, "", "")], question=question)
    return [(one.verdict, one.span.text) for one in found]


@pytest.mark.parametrize(
    ("line", "answer", "words"),
    [
        (
            PURE,
            "As it goes, If with a pure mind a person speaks high indignation let King.",
            "If with a pure mind a person speaks",
        ),
        (
            IDEA,
            "Picasso said that I begin with an idea not those both shine.",
            "I begin with an idea",
        ),
        (IDEA, "## I begin with an idea never to\n\nSo it is.", "I begin with an idea"),
        (ENEMY, '<div align="center">나를 압제하는 악인과 나를 예물을 하였나이다</div>',
         "나를 압제하는 악인과 나를"),
        ("내가 옛날 곧 이전 해를 생각하였사오며",
         "비가 오면 내가 옛날 곧 아니하는 나비가 사정을 하는 문장이 생각납니다.", "내가 옛날 곧"),
        ("기운이 세면 장수 노릇 하나", "- 기운이 세면 베푸소서 와서", "기운이 세면"),
        (NEVER, "It is ***never, never give up*** and it is well known.", "never, never give up"),
    ],
)  # fmt: skip
def test_the_first_words_of_a_shown_line_are_an_excerpt(line, answer, words):
    found = judged(answer, line)
    assert [text for _, text in found] == [words]
    assert {verdict for verdict, _ in found} <= {"excerpt", "same_words"}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (PURE, "If with some luck we are there by nine, I will call."),
        (PURE, "If with a pure mind you mean an honest one, then yes."),  # too little of the line
        ("This is the way of it all.", "This is the first bus in the morning."),  # small words
        ("Friendship is essentially a partnership.", "Friendship is hard to define at all."),
        ("기운이 세면 장수 노릇 하나", "기운이 없을 때는 쉬는 게 좋아요."),
    ],
)
def test_what_many_sentences_begin_with_is_no_excerpt(line, answer):
    assert judged(answer, line) == []


def test_words_that_go_on_as_the_line_does_are_judged_once():
    assert judged(f"I often think of {IDEA}", IDEA) == [("verbatim", IDEA)]


@pytest.mark.parametrize(
    "answer",
    [
        "People often misquote it as “I begin with an idea not those both shine”, which is wrong.",
        "“I begin with an idea not those both shine” is a common misquotation.",
    ],
)
def test_a_wording_that_is_told_as_wrong_is_altered_if_it_begins_as_a_shown_line(answer):
    found = verify(answer, [BoardLine(1, IDEA, "", "")])
    assert [(one.verdict, one.notes) for one in found] == [("altered", ("told_as_wrong",))]


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (
            ASKED_IN_KOREAN,
            "〈못 먹는 세상의 원수의 일찍이〉라는 문장이 있습니다.",
            "못 먹는 세상의 원수의 일찍이",
        ),
        (ASKED_IN_KOREAN, "《그릇이 커야 두 백성이》라는 말이 좋습니다.", "그릇이 커야 두 백성이"),
        (
            ASKED_IN_KOREAN,
            "| 문장 | 출전 |\n|---|---|\n| 닭 잡아 죄를 하여도 것이 | 속담 |",
            "닭 잡아 죄를 하여도 것이",
        ),
        (
            ASKED,
            "| Words | Work |\n|---|---|\n| the moon has kept a diary | Collected Sayings |",
            "the moon has kept a diary",
        ),
        (ASKED, "- the moon has kept a diary — Abraham Lincoln", "the moon has kept a diary"),
        (ASKED, "**Rainer Maria Rilke**\n\n> am he day a of Tell who", "am he day a of Tell who"),
        (ASKED, '"He who is ... a men" — Laozi', "He who is ... a men"),
    ],
)  # fmt: skip
def test_what_answers_a_question_for_lines_is_claimed_in_more_forms(question, answer, words):
    assert ("unknown", words) in judged(answer, NEVER, question)


@pytest.mark.parametrize(
    "answer",
    [
        "《The Old Man and the Sea》라는 말을 들어 봤어요?",
        "**Aristotle:** “Nicomachean Ethics of the East”",
        "“The Catcher in the Rye”",
        "| Line | Work |\n|---|---|\n| “Never, never, never give up.” | Collected Sayings |",
    ],
)
def test_titles_are_still_no_claims(answer):
    assert [one for one in judged(answer, NEVER, ASKED) if one[0] == "unknown"] == []


@pytest.mark.parametrize("name", ["The Judge — Portia", "집게사장 - 스폰지밥"])
def test_a_dash_in_a_speakers_name_hides_no_speech(name):
    mercy = "the mercy of the moon is kept in a small blue drawer."
    speeches = f"> **{name}**: {mercy}\n> **Sailor**: {NEVER}"
    assert judged(speeches, NEVER, ASKED) == [("unknown", mercy), ("verbatim", NEVER)]


def test_a_credit_behind_a_dash_may_have_a_colon():
    assert judged(f"> {NEVER} — Winston Churchill: Speeches", NEVER, ASKED) == [("verbatim", NEVER)]
