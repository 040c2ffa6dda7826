"""A line attributed to another speaker is noted; one with its own speaker or none never is."""

import pytest
from django.utils import timezone

from quotes.columns import BoardLine
from quotes.models import Quote
from quotes.search.find import find_text
from quotes.search.index import optimize
from quotes.verification.attribution import (
    Attributed,
    cited_id,
    credits_in,
    wrongly_attributed,
)
from quotes.verification.spans import BLOCK, MARKED
from quotes.verification.verify import verify
from tests.factories import make_quote
from tests.quotes.verification.quoted import span_of

DREAM = "All that we see is but a dream within a dream."
SILENCE = "The rest is silence, and the night is long."
WIT = "Brevity is the soul of wit, my lord."
SKY = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
FLOWERS = "나 보기가 역겨워 가실 때에는 말없이 고이 보내 드리오리다"
NAMELESS = "A line whose speaker nobody remembers today"
LINES = [
    (SILENCE, "Hamlet", "Hamlet"),
    (WIT, "Polonius", "Hamlet"),
    (DREAM, "Edgar Allan Poe", ""),
    ("Imagination is more important than knowledge.", "Albert Einstein", ""),
    ("Shall I compare thee to a summer's day?", "William Shakespeare", "Sonnet 18"),
    (SKY, "윤동주", "서시"),
    ("계절이 지나가는 하늘에는 가을로 가득 차 있습니다", "윤동주", "별 헤는 밤"),
    (FLOWERS, "김소월", "진달래꽃"),
    ("사랑 사랑 내 사랑이야 어화둥둥 내 사랑이야", "성춘향", "춘향전"),
    ("상상력은 지식보다 중요하다 하였으니 잊지 말자", "알베르트 아인슈타인", ""),
    (NAMELESS, "", ""),
]


@pytest.fixture(autouse=True)
def board(alice) -> None:
    for content, speaker, source in LINES:
        make_quote(alice, content, speaker=speaker, source=source, is_apply=True)


def is_wrong(answer: str, words: str, *lines: BoardLine) -> bool:
    kind = BLOCK if answer.lstrip("1. -").startswith(">") else MARKED
    reading, span = span_of(answer, words, kind)
    found = lines or [line for line in find_text(words, limit=5) if line.content == words]
    return bool(wrongly_attributed([Attributed(span, found)], reading, []))


ENGLISH = [
    "“{line}” — {name}",
    '"{line}" - {name}',
    "“{line}” ({name})",
    "“{line}” ({name}, *Collected Works*)",
    "“{line}”\n— {name}",
    "“{line}”\n\n— {name}, *Collected Works*",
    "“{line}” [12] — {name}",
    "As {name} says, “{line}”",
    "As {name} put it, “{line}”",
    "{name} once said that “{line}”",
    "I recall what {name} wrote: “{line}”",
    "In the words of {name}: “{line}”",
    "According to {name}, “{line}”",
    "I like {name}'s line “{line}” very much.",
    "There is a line by {name}: “{line}”",
    "{name}: “{line}”",
    "**{name}:** “{line}”",
    "1. **{name}** – “{line}”",
    "“{line},” said {name}.",
    "“{line},” {name} wrote.",
    "“{line}” is said by {name} in the play.",
    "“{line}” by {name}",
    "“{line}” These are the words of {name}.",
    "“{line}” is from {name}'s last book.",
    "“{line}”[^1]\n\n[^1]: {name}, 1920.",
    "“{line}”\n\n**Speaker:** {name}",
    "**Quote:** “{line}”\n**Author:** {name}",
    '1. **"{line}"**\n   - *{name}*: what it means',
    "| Line | Speaker |\n|---|---|\n| “{line}” | {name} |\n",
    "| Nr | Line | Who |\n|---|---|---|\n| 1 | {line} | {name} |\n",
    "### {name}\n\n“{line}”",
    "> {line}\n> — {name}",
    "> {line} — {name}",
    "> {line}\n>\n> — *{name}*",
    "> {line}\n\n— {name}",
    "**{name}**\n\n> {line}",
    "As {name} said:\n\n> {line}",
    "> Another line.\n> — Jane Doe\n>\n> {line}\n> — {name}",
    "> {line}  \n> Another line.\n>\n> — {name}",
    "> **Jane Doe:** Another line.\n> **{name}:** {line}",
    "“{line} / Another line.” — {name}",
    "> [!quote] {name}\n> {line}",
    "> [!QUOTE]- **{name}**, *Collected Works*\n> {line}",
    "> [!cite] — {name}\n>\n> {line}",
    "> [!quote] {name}:\n> {line}\n> Another line.",
    "> [!quote] {name}\n> Another line.\n> {line}\n> A third one.",
    "> [!quote] {name}\n> “{line}”",
]
KOREAN = [
    "“{line}” — {name}",
    "“{line}”({name})",
    '"{line}" - {name}, 「시집」',
    "{name}은 “{line}”라고 썼습니다.",
    "시인 {name}이 “{line}”라고 노래했다.",
    "{name}의 말처럼 “{line}”",
    "{name}의 명언: “{line}”",
    "{name}의 “{line}”라는 구절이 떠오릅니다.",
    "{name}의 「시집」에는 “{line}”라는 구절이 있습니다.",
    "{name}에 따르면 “{line}”",
    "{name}은 이렇게 말했습니다. “{line}”",
    "{name} 왈, “{line}”",
    "{name} 曰 “{line}”",
    "{name}: 「{line}」",
    "“{line}”라고 {name}이 말했다.",
    "“{line}”라고 {name}은 노래합니다.",
    "“{line}”(이)라는 {name}의 말이 있습니다.",
    "“{line}”는 {name}의 말입니다.",
    "{name}(Kim Sowol)은 “{line}”라고 말했습니다.",
    "“{line}”\n\n**화자:** {name}",
    "| 문장 | 인물 |\n|---|---|\n| “{line}” | {name} |\n",
    "### {name}\n\n“{line}”",
    "> {line}\n> — {name}",
    "> {line}\n> - {name}",
    "{name}은 이렇게 말했습니다.\n\n> {line}",
    "> [!quote] {name}\n> {line}",
    "> [!quote] {name}, 「시집」\n> {line}",
]


@pytest.mark.parametrize("form", ENGLISH)
def test_another_speaker_is_noted(form):
    assert is_wrong(form.format(line=DREAM, name="Albert Einstein"), DREAM)
    assert not is_wrong(form.format(line=DREAM, name="Edgar Allan Poe"), DREAM)
    assert not is_wrong(form.format(line=DREAM, name="Poe"), DREAM)


@pytest.mark.parametrize("form", KOREAN)
def test_another_speaker_is_noted_in_korean(form):
    assert is_wrong(form.format(line=SKY, name="김소월"), SKY)
    assert not is_wrong(form.format(line=SKY, name="윤동주"), SKY)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (f"“{DREAM}” — Jane Doe", DREAM),
        (f"As Jane Doe once said, “{DREAM}”", DREAM),
        (f"“{DREAM},” wrote Jane Doe.", DREAM),
        (f"Jane Doe Jr. said that {DREAM}", DREAM),
        (f"“{SILENCE}” — Polonius", SILENCE),
        (f"Polonius says: “{SILENCE}”", SILENCE),
        (f"아인슈타인의 말처럼 “{SKY}”", SKY),
    ],
)
def test_unknown_persons_surnames_and_other_characters_are_noted(answer, line):
    assert is_wrong(answer, line)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        # What stands behind the words and is no name.
        (f"“{DREAM}” (Cogito, ergo sum)", DREAM),
        (f"“{DREAM}” (Veni, vidi, vici)", DREAM),
        (f"“{SKY}”(이)라는 말이 있습니다.", SKY),
        (f"“{DREAM}” (1603)", DREAM),
        (f"“{DREAM}” (Act 3, Scene 1)", DREAM),
        (f"“{SKY}” (3막 1장)", SKY),
        (f"“{SKY}” (번역: 나)", SKY),
        (f"“{DREAM}” (emphasis mine)", DREAM),
        (f"“{DREAM}” (see above)", DREAM),
        (f"“{SKY}” (중략)", SKY),
        (f"“{DREAM}” — a fine line, I think.", DREAM),
        (f"“{DREAM}” - it closes the poem.", DREAM),
        (f"“{SKY}” — 참 아름다운 시입니다", SKY),
        (f"“{DREAM}” — *A Dream Within a Dream*", DREAM),
        (f"“{DREAM}” — Anonymous", DREAM),
        # Names of the line's own speaker, work and author.
        (f"“{SILENCE}” — Prince Hamlet", SILENCE),
        (f"“{SILENCE}” — William Shakespeare, *Hamlet*", SILENCE),
        (f"“{SILENCE}” — Shakespeare", SILENCE),
        (f"As Shakespeare wrote, “{SILENCE}”", SILENCE),
        (f"“{WIT}” — Hamlet, Act 2", WIT),
        ("춘향이 “사랑 사랑 내 사랑이야 어화둥둥 내 사랑이야”라고 노래한다.", LINES[8][0]),
        (f"「서시」에서 시인은 “{SKY}”라고 노래합니다.", SKY),
        ("“상상력은 지식보다 중요하다 하였으니 잊지 말자” — Albert Einstein", LINES[9][0]),
        # Other names near the words.
        (f"Hamlet tells Polonius: “{SILENCE}”", SILENCE),
        (f"Polonius hears how Hamlet says: “{SILENCE}”", SILENCE),
        (f"“{SILENCE}” said Hamlet to Polonius.", SILENCE),
        (f"Polonius is dead by then. “{SILENCE}” is how it ends.", SILENCE),
        (f"Albert Einstein never wrote it.\n\n“{DREAM}”", DREAM),
        (f"“{DREAM}” is often attributed to Albert Einstein.", DREAM),
        (f"“{DREAM}” was not said by Albert Einstein.", DREAM),
        (f"김소월과 달리 “{SKY}”", SKY),
        (f"김소월에게 윤동주가 “{SKY}”라고 했다면", SKY),
        (f"He said: “{DREAM}”", DREAM),
        (f"As nobody says, “{DREAM}”", DREAM),
        (f"Courage: “{DREAM}”", DREAM),
        (f"### On Dreams\n\n“{DREAM}”", DREAM),
        (f"1. “{DREAM}” – Edgar Allan Poe\n2. “{WIT}” – Polonius", DREAM),
        (f"> {DREAM}\n> — Edgar Allan Poe\n>\n> {WIT}\n> — Polonius", WIT),
        (f"“{NAMELESS}” — Polonius", NAMELESS),
        # Titles of callouts: the line's own work, a subject, a denial, a nearer name, another type.
        (f"> [!quote] Hamlet\n> {WIT}", WIT),
        (f"> [!quote] Hope\n> {DREAM}", DREAM),
        (f"> [!quote] On Dreams\n> {DREAM}", DREAM),
        (f"> [!quote] Albert Einstein never wrote this\n> {DREAM}", DREAM),
        (f"> [!quote] Often credited: Albert Einstein\n> {DREAM}", DREAM),
        (f"> [!quote] Albert Einstein on Edgar Allan Poe\n> {DREAM}", DREAM),
        (f"> [!quote] Albert Einstein\n> Edgar Allan Poe: {DREAM}", DREAM),
        (f"> [!quote] Albert Einstein\n> {DREAM}\n> — Edgar Allan Poe", DREAM),
        (f"> [!note] Albert Einstein\n> {DREAM}", DREAM),
        (f"> [!quote] 오늘의 명언\n> {SKY}", SKY),
    ],
)
def test_no_false_alarm(answer, line, alice):
    make_quote(alice, "Another line of a comedian", speaker="Bob Hope", source="", is_apply=True)
    assert not is_wrong(answer, line)


class TestShortNameInTheTitleOfACallout:
    """It counts where the board shows that it is the name of somebody and nothing else."""

    @pytest.fixture
    def lines(self, alice):
        """Of a board that is so large that usual words are in its lines."""
        authors = {"Albert Einstein": 3, "Bob Hope": 3, "Anatole France": 2}
        speakers = [name for name, count in authors.items() for _ in range(count)]
        named = [(f"A comedian's line {n}", name) for n, name in enumerate(speakers)]
        plain = [(f"There is hope for line {n}", "") for n in range(5_000)]
        Quote.objects.bulk_create(
            (
                Quote(
                    user=alice,
                    content=content,
                    speaker=speaker,
                    is_apply=True,
                    applied_at=timezone.now(),
                )
                for content, speaker in (*named, *plain)
            ),
            batch_size=1000,
        )
        optimize()

    @pytest.mark.usefixtures("lines")
    def test_another_speaker_is_noted(self):
        titled = [form for form in ENGLISH if "> [!" in form]
        einstein = [form.format(line=DREAM, name="Einstein") for form in titled]
        poe = [form.format(line=DREAM, name="Poe") for form in titled]
        assert [answer for answer in einstein if not is_wrong(answer, DREAM)] == []
        assert [answer for answer in poe if is_wrong(answer, DREAM)] == []

    @pytest.mark.usefixtures("lines")
    def test_a_subject_is_none(self):
        """A word of other lines, a rare name, and words that are nobody's name."""
        subjects = ("Hope", "France", "Line", "Imagination")
        titled = [f"> [!quote] {word}\n> {DREAM}" for word in subjects]
        assert [answer for answer in titled if is_wrong(answer, DREAM)] == []

    @pytest.mark.usefixtures("lines")
    def test_it_is_no_name_once_another_line_has_the_word(self, alice):
        answer = f"> [!quote] Einstein\n> {DREAM}"
        assert is_wrong(answer, DREAM)
        make_quote(alice, "No Einstein is needed for that", speaker="Jane Doe", is_apply=True)
        assert not is_wrong(answer, DREAM)

    def test_a_small_board_knows_too_few_words(self, alice):
        for number in range(3):
            make_quote(alice, f"Line {number}", speaker="Albert Einstein", is_apply=True)
        assert not is_wrong(f"> [!quote] Einstein\n> {DREAM}", DREAM)


def test_all_speakers_of_equal_lines_are_right():
    lines = [BoardLine(1, DREAM, "Edgar Allan Poe", ""), BoardLine(2, DREAM, "Jane Austen", "")]
    assert not is_wrong(f"“{DREAM}” — Jane Austen", DREAM, *lines)
    assert not is_wrong(f"“{DREAM}” — Poe", DREAM, *lines)
    assert is_wrong(f"“{DREAM}” — Albert Einstein", DREAM, *lines)


@pytest.mark.parametrize(
    ("speaker", "name"),
    [
        ("Laozi", "Lao Tzu"),
        ("도스토옙스키", "도스토예프스키"),
        ("워런 버핏", "워렌 버핏"),
        ("Leo Tolstoy", "Lev Tolstoi"),
    ],
)
def test_another_spelling_of_the_speaker_is_right(speaker, name, alice):
    make_quote(alice, "Another line of theirs", speaker=name, source="", is_apply=True)
    line = BoardLine(1, DREAM, speaker, "")
    assert not is_wrong(f"“{DREAM}” — {name}", DREAM, line)


def test_each_quotation_has_its_own_speaker():
    answer = f"Hamlet says “{SILENCE}” and Polonius “{WIT}” [1], but 김소월은 “{SKY}”라고 했다."
    assert [is_wrong(answer, line) for line in (SILENCE, WIT, SKY)] == [False, False, True]


def test_any_number_of_names_costs_two_statements(django_assert_num_queries):
    answer = f"As Einstein says, “{DREAM}” 김소월은 “{SKY}”라고 썼습니다."
    found = []
    for words in (DREAM, SKY):
        reading, span = span_of(answer, words)
        found.append(Attributed(span, find_text(words, limit=1)))
    with django_assert_num_queries(2):
        assert len(wrongly_attributed(found, reading, [])) == 2


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (f"The board has an answer to that: “{DREAM}”", DREAM),
        (f"He said: “{DREAM}” It was written late.", DREAM),
        (f"As Poe says, “{DREAM}”", DREAM),
        (f"이런 대사가 있습니다: “{SKY}”", SKY),
        (f"윤동주는 “{SKY}”라고 썼습니다.", SKY),
    ],
)
def test_without_another_name_it_costs_no_statement(answer, line, django_assert_num_queries):
    lines = find_text(line, limit=1)
    with django_assert_num_queries(0):
        assert not is_wrong(answer, line, *lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("To be — or not to be", []),
        ("Words here — a line I love", []),
        ("Marriage: a friendship", []),
        ("To be\n— Hamlet", ["— Hamlet"]),
        ("To be, or not to be. — Hamlet", ["— Hamlet"]),
        ("To be, or not to be. (Hamlet, Act 3)", ["(Hamlet, Act 3)"]),
        ("To be\n(Hamlet)\nBrevity\n— Polonius, Hamlet", ["(Hamlet)", "— Polonius, Hamlet"]),
        ("Hamlet:\nTo be", ["Hamlet:"]),
        ("Hamlet: To be\nOphelia: Good my lord", ["Hamlet:", "Ophelia:"]),
        ("In the beginning\n— Genesis 1:1", ["— Genesis 1:1"]),
        (
            "죽는 날까지\n— 윤동주, 「서시」\n나 보기가\n- 김소월",
            ["— 윤동주, 「서시」", "- 김소월"],
        ),
        ("(중략)\n죽는 날까지 (3막 1장)", []),
        ("— Come here\n— No", []),
    ],
)
def test_credits(text, expected):
    assert [text[begin:stop] for begin, stop in credits_in(text, 0, len(text))] == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(f"“{WIT}” [12]", 12), (f"“{WIT}”", None), (f"**“{WIT}”**[12].", 12), (f"> {WIT} [7]", 7)],
)
def test_cited_id(answer, expected):
    assert cited_id(*span_of(answer, WIT)) == expected


@pytest.mark.parametrize(
    "name", ["A " * 60, "Ab " * 60, "가 " * 60, "(" * 100, "*- " * 60, "은 는 " * 40, "| a " * 60]
)
def test_surrounding_text_takes_no_long_time(name):
    is_wrong(f"{name}“{WIT}”{name}", WIT)


@pytest.mark.parametrize(
    ("line", "speaker", "work", "author"),
    [
        (
            "Friends, Romans, countrymen, lend me your ears",
            "Mark Antony",
            "Julius Caesar",
            "William Shakespeare",
        ),
        ("Brevity is the soul of wit", "Polonius", "Hamlet", "William Shakespeare"),
        ("God bless Us, Every One!", "Tiny Tim", "A Christmas Carol", "Charles Dickens"),
    ],
)
@pytest.mark.parametrize("form", ["“{line}” — {author}", "As {author} wrote, “{line}”"])
def test_who_is_known_by_another_work_may_have_written_this_one(
    alice, form, line, speaker, work, author
):
    make_quote(alice, line, speaker=speaker, source=work, is_apply=True)
    make_quote(alice, "Of another work", speaker=author, source="Another work", is_apply=True)
    [one] = verify(form.format(line=line, author=author), [])
    assert one.notes == ()


def test_a_character_of_another_work_has_not(alice):
    line = "Friends, Romans, countrymen, lend me your ears"
    make_quote(alice, line, speaker="Mark Antony", source="Julius Caesar", is_apply=True)
    make_quote(alice, "The rest is silence.", speaker="Hamlet", source="Hamlet", is_apply=True)
    [one] = verify(f"“{line}” — Hamlet", [])
    assert one.notes == ("wrong_speaker",)
