"""Finding lines: the same results on both databases, and applied lines only."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from quotes.board.submissions import edit_quote
from quotes.models import Quote, State
from quotes.review.review import apply_quote, decline_quote
from quotes.search.candidates import fetch_candidates
from quotes.search.find import find, find_text
from quotes.search.index import ensure_index
from quotes.search.query_plan import ReadLimits, plan_query
from quotes.search.query_text import without_question_words
from quotes.search.reindex import reindex
from quotes.search.term_stats import Frequencies, frequencies
from quotes.text.tokenizer import VERSION
from tests.factories import make_quote
from tests.planner import gather_statistics


def found(question: str, **options) -> list[str]:
    return [quote.content for quote in find(question=question, **options)]


def test_finds_applied_lines_word_for_word(alice):
    quote = make_quote(
        alice,
        "The rest is  silence.",
        speaker="Hamlet",
        source="Hamlet, V.2",
        context="last words",
        is_apply=True,
    )
    [line] = find(question="SILENCE!")
    assert (line.id, line.content, line.speaker, line.source, line.context) == (
        quote.pk,
        "The rest is  silence.",
        "Hamlet",
        "Hamlet, V.2",
        "last words",
    )
    assert 0 < line.score <= 1


@pytest.mark.parametrize("field", ["speaker", "source", "context"])
def test_searches_the_other_columns_too(alice, field):
    make_quote(alice, "A line", is_apply=True, **{field: "명량 해전"})
    assert found("명량에서 한 말 알려줘") == ["A line"]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("그 공평하지 않다는 대사 뭐였지?", "인생이란 결코 공평하지 않다. 이 사실에 익숙해져라."),
        ("하늘 우러러 부끄러움 없기를", "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"),
        ("what was that line about arrows of fortune?", "slings and arrows of outrageous fortune"),
        ("to be or not to be", "To be, or not to be: that is the question"),
        ("dont panic", "Don’t panic."),
        ("cafe", "A café is a home."),
        ("\u1112\u1161\u1102\u1173\u11af", "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"),
    ],
)  # fmt: skip
def test_finds_what_is_half_remembered(alice, question, line):
    lines = [
        "인생이란 결코 공평하지 않다. 이 사실에 익숙해져라.",
        "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를",
        "slings and arrows of outrageous fortune",
        "To be, or not to be: that is the question",
        "To be great is to be misunderstood.",
        "Don’t panic.",
        "A café is a home.",
    ]
    for content in lines:
        make_quote(alice, content, is_apply=True)
    assert found(question)[0] == line


@pytest.mark.parametrize(
    "question", ["", "?!", "what is it", "a b", "%", "__", '" OR tokens:x', "' & !x", "알려줘"]
)
def test_finds_nothing_without_searchable_words(alice, question):
    make_quote(alice, "what is it about: a_b 100%", is_apply=True)
    assert found(question) == []


def test_lines_of_the_genre_that_is_asked_for_come_first(alice):
    make_quote(alice, "바늘 도둑이 소도둑 된다", source="속담", is_apply=True)
    make_quote(alice, "바늘 도둑을 잡아라", source="어느 영화", is_apply=True)
    assert found("바늘 도둑을 잡는 이야기")[0] == "바늘 도둑을 잡아라"
    assert found("바늘 도둑을 잡는 이야기, 무슨 속담이지?")[0] == "바늘 도둑이 소도둑 된다"


def test_beginnings_of_words_weigh_more_than_endings(alice):
    make_quote(alice, "꽃잎은 밤 petals", is_apply=True)
    weights = plan_query("꽃잎은 밤 petals").weights
    all_of_it = weights["꽃잎"]
    half = all_of_it / 2
    assert [weights[term] for term in ("꽃", "꽃잎", "잎은")] == [half, all_of_it, half]
    assert weights["밤"] == weights["petal"] == all_of_it


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("가난해도 때가 온다는 뜻 이런 뜻의 속담 뭐 있지?", "가난해도 때가 온다"),
        ("아주 먼 옛날을 비유하는 말", "아주 먼 옛날"),
        ("언젠가는 만나게 된다는 말", "언젠가는 만나게 된다"),
        ("하늘의 뜻", "하늘의 뜻"),
        ("말은 곧 사람이다", "말은 곧 사람이다"),
    ],
)
def test_phrases_that_only_ask_for_a_meaning_are_left_out(question, rest):
    assert without_question_words(question) == rest


def test_function_words_alone_find_no_line(alice):
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("the xylophone of the orchestra") == []


def test_takes_the_longest_question(alice):
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("silence " + "넓은 바다 " * 1500 + " " * 8000) == ["The rest is silence."]


@pytest.mark.parametrize("text", ["ａｂ" * 10, "👩‍👩‍👧 silence", "\x00silence", "𝔰𝔦𝔩𝔢𝔫𝔠𝔢", "ʼ'ʼ'"])
def test_takes_any_character(alice, text):
    make_quote(alice, "The rest is silence.", is_apply=True)
    found(text)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("but know not what we may be", "We know what we are, but know not what we may be."),
        ("what seh' having", "I’ll have what she’s having."),  # nothing else of it is on the board
        ("are you talking to me", "You talkin’ to me?"),
        ("i will be back", "I’ll be back."),
        ("the kign of the wrold", "I’m the King of the World!"),
        ("stellaaaa", "Stella! Hey, Stella!"),
    ],
)
def test_finds_lines_of_small_words_and_misspelled_ones(alice, question, line):
    other = [f"What may not be known of number {number}" for number in range(10)]
    for content in [*other, "Time is on my side.", line]:
        make_quote(alice, content, is_apply=True)
    assert found(question)[0] == line


@pytest.mark.parametrize(
    ("speaker", "question"),
    [
        ("김 첨지", "김첨지는 뭐라고 했지?"),
        ("김첨지", "김 첨지는 뭐라고 했지?"),
        ("김 첨지", "김\u200b첨지의 말"),
    ],
)
def test_a_korean_name_is_found_with_and_without_its_spaces(alice, speaker, question):
    make_quote(alice, "설렁탕을 사다 놓았는데 왜 먹지를 못하니", speaker=speaker, is_apply=True)
    [line] = find(question=question)
    assert (line.speaker, line.fits) == (speaker, True)


def test_the_joined_name_is_indexed(alice):
    quote = make_quote(alice, "설렁탕을 사다 놓았는데", speaker="김 첨지", is_apply=True)
    assert "김첨" in quote.search_text.split()


@pytest.mark.parametrize("field", ["context", "gloss"])
def test_the_wording_of_the_context_and_the_gloss_counts(alice, field):
    """The other line has the same words in another order."""
    said, other = "what a dying prince says last", "last says prince dying a what"
    make_quote(alice, "The rest is silence.", **{field: said}, is_apply=True)
    make_quote(alice, "The rest is silence!", **{field: other}, is_apply=True)
    relevance = {line.content: line.relevance for line in find_text(said, limit=2)}
    assert relevance["The rest is silence."] > relevance["The rest is silence!"]


BOARD = [
    "늙은 말이 길을 안다", "오뉴월 개 팔자", "도토리 키 재기", "고양이 쥐 생각", "세월이 약",
    "급할수록 돌아가라", "등잔 밑이 어둡다", "꼬리가 길면 밟힌다", "선무당이 사람 잡는다",
    "The rest is silence.", "Brevity is the soul of wit.", "Give every man thy ear.",
    "There is nothing either good or bad, but thinking makes it so.", "Time heals all wounds.",
    "The early bird catches the worm.", "Every cloud has a silver lining.",
]  # fmt: skip
THINKING = BOARD[12]


class TestFits:
    """Which of the found lines the model `board` may show, which no model judges."""

    @pytest.fixture(autouse=True)
    def _board(self, alice):
        for content in BOARD:
            make_quote(alice, content, is_apply=True)

    @pytest.mark.parametrize(
        ("question", "line"),
        [
            ("도토리 키재기 라는 명언 출처 알아?", "도토리 키 재기"),
            ("선무당 사람 잡 뭐 이런 구절 있지 않았어?", "선무당이 사람 잡는다"),
            ("괜히 나섰다가 선무당이 사람 잡은 꼴이 됐네.", "선무당이 사람 잡는다"),
            ("what was that line about thinking makes it?", THINKING),
            ("brevty soul of wit", "Brevity is the soul of wit."),
        ],
    )
    def test_a_line_that_is_asked_for(self, question, line):
        first = find(question=question)[0]
        assert (first.content, first.fits) == (line, True)

    @pytest.mark.parametrize(
        "question",
        [
            "그 도토리 알한 가지고도 시장 하는 그거 원래 문장이 뭐야",
            'who said something like "the bird of time has but a little way"',
            "do you know the one with a cloud of golden daffodils",
            "what is the best time to visit Kyoto",
            "내일 길이 얼마나 막힐지 알려줘",
        ],
    )
    def test_a_line_that_is_not_on_the_board(self, question):
        """Some of its words are in other lines."""
        found = find(question=question)
        assert found
        assert not any(line.fits for line in found)


class TestStates:
    """Every state and transition: exactly the applied lines are found, from that moment on."""

    @pytest.fixture
    def quote(self, alice) -> Quote:
        return make_quote(alice, "The rest is silence.", is_apply=True)

    def test_pending(self, alice):
        make_quote(alice, "Silence in review")
        assert found("silence") == []

    def test_declined(self, alice):
        make_quote(alice, "Silence declined", declined_at=timezone.now())
        assert found("silence") == []

    def test_applied_by_review(self, alice, staff):
        quote = make_quote(alice, "Silence in review")
        apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=staff)
        assert found("silence") == ["Silence in review"]

    @pytest.mark.django_db(transaction=True)
    def test_taken_down(self, quote, staff):
        decline_quote(
            quote_id=quote.pk, version=1, state=State.APPLIED, reviewer=staff, reason="Whose?"
        )
        assert found("silence") == []

    def test_edited_after_review(self, quote):
        edit_quote(quote=quote, fields={"content": "The rest is music."})
        assert found("silence") == found("music") == []

    def test_edited_and_applied_again(self, quote, staff):
        edit_quote(quote=quote, fields={"content": "The rest is music."})
        apply_quote(quote_id=quote.pk, version=2, state=State.PENDING, reviewer=staff)
        assert found("music") == ["The rest is music."]
        assert found("silence") == []

    def test_withdrawn(self, quote):
        quote.delete()
        assert found("silence") == []

    def test_owner_deleted(self, quote, alice):
        alice.delete()
        assert found("silence") == []

    def test_bulk(self, alice):
        now = timezone.now()
        Quote.objects.bulk_create(
            [Quote(user=alice, content="Silence in bulk", is_apply=True, applied_at=now)]
        )
        assert found("silence") == ["Silence in bulk"]
        Quote.objects.update(is_apply=False, applied_at=None)
        assert found("silence") == []

    def test_saved_again(self, quote):
        quote.content = "The rest is music."
        quote.save(update_fields=["content"])
        assert found("music") == ["The rest is music."]
        assert found("silence") == []

    def test_saved_anew_without_its_tokens_loaded(self, quote):
        loaded = Quote.objects.with_submitter().get()
        loaded.content = "The rest is music."
        loaded.save()
        assert found("music") == ["The rest is music."]
        assert found("silence") == []

    def test_an_update_of_the_text_needs_its_tokens(self, quote):
        with pytest.raises(TypeError, match="derived"):
            Quote.objects.update(content="The rest is music.")


def test_two_queries_for_any_question(alice, django_assert_num_queries):
    """PostgreSQL: one for the counts of the terms (until there are statistics) and one for the
    lines. SQLite: one for the counts and two for the lines.
    """
    for number in range(20):
        make_quote(alice, f"Silence {number} of the night", is_apply=True)
    found("silence")
    with django_assert_num_queries(3 if connection.vendor == "sqlite" else 2):
        assert len(find(question="the silence of the long night, or of 20 nights")) == 5


def test_frequent_words_cost_no_more_than_the_limits(alice):
    """Terms that are too frequent alone are looked up in pairs."""
    lines = [f"{word} {number}" for number in range(30) for word in ("night", "star", "silent")]
    for content in [*lines, "a silent night of stars"]:
        make_quote(alice, content, is_apply=True)
    plan = plan_query("silent night stars", ReadLimits(read=30, scanned=1000))
    assert [clause.terms for clause in plan.clauses] == [
        ("silent", "night"),
        ("silent", "star"),
        ("night", "star"),
    ]
    candidates = fetch_candidates(plan, limit=5)
    assert [line.content for line in candidates] == ["a silent night of stars"]


def test_a_frequent_word_alone_reads_no_more_than_the_limit(alice):
    for number in range(30):
        make_quote(alice, f"night {number}", is_apply=True)
    plan = plan_query("night", ReadLimits(read=10, scanned=0))
    assert [(clause.terms, clause.limit) for clause in plan.clauses] == [(("night",), 10)]
    assert len(fetch_candidates(plan, limit=20)) == 10


class TestLargeBoard:
    """Counts that are kept in the process: SQLite's of a large board, PostgreSQL's statistics."""

    @pytest.fixture
    def first_id(self) -> int:
        return 50_000

    @pytest.fixture(autouse=True)
    def _board(self, alice, first_id, monkeypatch):
        monkeypatch.setattr(frequencies, "_large", 100)
        Quote.objects.bulk_create(
            Quote(
                pk=first_id + number,
                user=alice,
                content=f"night {number}{' of stars' * (number % 10 == 0)}",
                is_apply=True,
                applied_at=timezone.now(),
            )
            for number in range(200)
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE quotes_quote")

    @pytest.mark.parametrize("first_id", [1, 100_000])
    @pytest.mark.parametrize(("huge", "counted"), [(10, 50), (10, 1000), (1000, 50)])
    def test_they_are_about_right(self, alice, first_id, huge, counted):
        Quote.objects.bulk_create(
            Quote(pk=first_id + 1000 + n, user=alice, content=f"waiting {n}") for n in range(300)
        )
        kept = Frequencies(large=10, huge=huge, counted=counted)
        lines, counts = kept.of(["night", "star", "xylophon"])
        assert lines == 200
        assert (counts["star"], counts["xylophon"]) == (20, 0)
        assert 190 <= counts["night"] <= 200

    @pytest.mark.parametrize("first_id", [1, 100_000])
    def test_ids_change_no_relevance(self, monkeypatch):
        asked = [find(question=text) for text in ("night 17", "stars of the night", "night")]
        shown = [[(line.content, line.relevance) for line in lines] for lines in asked]
        monkeypatch.setattr(frequencies, "_large", 1_000_000)
        frequencies.forget()
        asked = [find(question=text) for text in ("night 17", "stars of the night", "night")]
        assert shown == [[(line.content, line.relevance) for line in lines] for lines in asked]

    def test_they_are_kept_for_the_next_query(self, django_assert_num_queries):
        found("stars of the night")
        with django_assert_num_queries(2 if connection.vendor == "sqlite" else 1):
            assert len(found("stars of the night")) == 5

    def test_a_new_word_is_found_at_once(self, alice):
        found("stars of the xylophone")
        make_quote(alice, "xylophone", is_apply=True)
        assert found("stars of the xylophone")[0] == "xylophone"


class TestReindex:
    def test_reindexes_outdated_lines_only(self, alice, capsys, django_assert_num_queries):
        old = make_quote(alice, "The rest is silence.", is_apply=True)
        make_quote(alice, "The rest is music.", is_apply=True)
        Quote.objects.filter(pk=old.pk).update(
            search_text="", search_version=VERSION - 1, skeleton_hash=0
        )
        assert found("silence") == []
        call_command("index_quotes")
        assert capsys.readouterr().out == (
            "1 lines indexed, 0 to go\n"
            f"The search index has version {VERSION}; 1 lines were new to it\n"
        )
        assert found("silence") == ["The rest is silence."]
        call_command("index_quotes", verbosity=0)
        assert capsys.readouterr().out == ""

    def test_continues_after_an_interruption(self, alice):
        for number in range(5):
            make_quote(alice, f"Line {number}", is_apply=True)
        Quote.objects.update(search_version=0)
        assert next(reindex(batch_size=2)) == (2, 3)
        assert list(reindex(batch_size=2)) == [(2, 1), (3, 0)]

    def test_all(self, alice):
        make_quote(alice, "The rest is silence.", is_apply=True)
        call_command("index_quotes", all=True, verbosity=0)
        assert found("silence") == ["The rest is silence."]
        assert set(Quote.objects.values_list("search_version", flat=True)) == {VERSION}


def test_triggers_that_a_migration_dropped_are_made_again(alice):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its index itself")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER quotes_index_insert")
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("silence") == []
    ensure_index()
    assert found("silence") == ["The rest is silence."]
    make_quote(alice, "Silence again", is_apply=True)
    assert len(found("silence")) == 2


def plan_of(question: str) -> str:
    """The query plans of the statements of a question."""
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        find(question=question)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        rows = []
        for sql, params in seen:
            cursor.execute(explain + sql, params)
            rows += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_the_plan_uses_the_index(alice):
    """On a larger board, where the planner chooses freely."""
    words = ["river", "lantern", "winter", "letter", "window", "garden", "thunder"]
    Quote.objects.bulk_create(
        Quote(
            user=alice,
            content=f"{words[n % 7]} {n} {words[n % 5]}",
            reason="as long as a line is " * 20,
            is_apply=True,
            applied_at=timezone.now(),
        )
        for n in range(3000)
    )
    if connection.vendor == "sqlite":
        plan = plan_of("2001 rivers and 17 lanterns")
        assert "SCAN quotes_index VIRTUAL TABLE INDEX 0:M" in plan  # by MATCH
        assert "SEARCH quotes_quote USING INTEGER PRIMARY KEY" in plan
        # Only an index is gone through, to count the board.
        counted = plan.count("SCAN quotes_quote USING INDEX quote_applied_id")
        assert plan.count("SCAN quotes_quote") == counted
        return
    gather_statistics(Quote)
    plan = plan_of("2001 rivers and 17 lanterns")
    assert "Bitmap Index Scan on quote_search" in plan
    assert "Index Cond: (id = candidate.id)" in plan
    assert "Seq Scan on quotes_quote" not in plan
