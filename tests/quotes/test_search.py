"""Finding lines: the same on both databases, applied ones only."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from quotes import index, search
from quotes.index import ensure_index
from quotes.models import Quote, State
from quotes.reindex import reindex
from quotes.review import apply_quote, decline_quote
from quotes.search import find
from quotes.submissions import edit_quote
from quotes.tokens import VERSION
from tests.factories import make_quote


@pytest.fixture(autouse=True)
def _forget_frequencies():
    index.frequencies.forget()


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
def test_looks_around_the_line_too(alice, field):
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
def test_finds_nothing_for_nothing(alice, question):
    make_quote(alice, "what is it about: a_b 100%", is_apply=True)
    assert found(question) == []


def test_small_words_alone_find_no_line_where_others_tell_more(alice):
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("the xylophone of the orchestra") == []


def test_takes_the_longest_question(alice):
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("silence " + "넓은 바다 " * 1500 + " " * 8000) == ["The rest is silence."]


@pytest.mark.parametrize("text", ["ａｂ" * 10, "👩‍👩‍👧 silence", "\x00silence", "𝔰𝔦𝔩𝔢𝔫𝔠𝔢", "ʼ'ʼ'"])
def test_takes_any_character(alice, text):
    make_quote(alice, "The rest is silence.", is_apply=True)
    found(text)


class TestStates:
    """Every state and way into it: only what is applied is found, from that moment on."""

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

    def test_owner_gone(self, quote, alice):
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

    def test_saved_anew(self, quote):
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


def test_as_many_queries_for_any_question(alice, django_assert_num_queries):
    for number in range(20):
        make_quote(alice, f"Silence {number} of the night", is_apply=True)
    counting = 2 if connection.vendor == "sqlite" else 1
    with django_assert_num_queries(2 + counting):
        assert len(find(question="the silence of the long night, or of 20 nights")) == 5


def test_frequent_words_cost_no_more_than_the_bound(alice, monkeypatch):
    monkeypatch.setattr(search, "MOST_POSTINGS", 5)
    monkeypatch.setattr(index, "_LARGE", 0)
    lines = [f"night {number}" for number in range(30)]
    for content in [*lines, "a silent night of stars", "stars"]:
        make_quote(alice, content, is_apply=True)
    counted = {"night": 31, "star": 12, "silent": 9}
    monkeypatch.setattr(index.Frequencies, "of", lambda self, terms: (32, counted))
    assert found("silent night stars")[0] == "a silent night of stars"


class TestReindex:
    def test_brings_up_old_lines_and_only_those(self, alice, capsys, django_assert_num_queries):
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

    def test_goes_on_where_it_was_broken_off(self, alice, monkeypatch):
        monkeypatch.setattr("quotes.reindex.AT_ONCE", 2)
        for number in range(5):
            make_quote(alice, f"Line {number}", is_apply=True)
        Quote.objects.update(search_version=0)
        assert next(reindex()) == (2, 3)
        assert list(reindex()) == [(2, 1), (3, 0)]

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


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plan")
def test_the_plan_uses_the_index(alice):
    """On a board of some size, by the planner's own choice."""
    words = ["river", "lantern", "winter", "letter", "window", "garden", "thunder"]
    Quote.objects.bulk_create(
        Quote(
            user=alice,
            content=f"{words[n % 7]} {n} {words[n % 5]}",
            is_apply=True,
            applied_at=timezone.now(),
        )
        for n in range(3000)
    )
    leaf, match = index._LEAVES["postgresql"]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quotes_quote")
        cursor.execute("EXPLAIN " + leaf, [0, match(("2001", "river")), 10])
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "Bitmap Index Scan on quote_search" in plan
    assert "Seq Scan" not in plan


def test_the_sqlite_plan_uses_the_index(alice):
    if connection.vendor != "sqlite":
        pytest.skip("for SQLite")
    leaf, match = index._LEAVES["sqlite"]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + leaf, [0, match(("rest", "silenc")), 10])
        [(*_, plan)] = cursor.fetchall()
    assert plan.startswith("SCAN quotes_index VIRTUAL TABLE INDEX")
    assert "M" in plan.rpartition(":")[2]  # by MATCH, not a scan of all
