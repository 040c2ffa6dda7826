"""Importing lines that are there already: what they lack is filled in and waits for review."""

from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from quotes.importing.importer import check_file, import_lines
from quotes.models import Quote, Review
from quotes.search.find import find_text
from tests.factories import make_quote

TEXTS = ("content", "speaker", "source", "context", "language")
MENDED = (
    "content,speaker,source,context,language\n"
    'The rest is silence,Hamlet,"Hamlet, V.2",His last words,EN\n'
)


def load(tmp_path, text: str, *arguments: str, **options: object) -> list[str]:
    """What the command reports, the summary last."""
    path, out, err = tmp_path / "lines.csv", StringIO(), StringIO()
    path.write_text(text, encoding="utf-8")
    call_command("load_quotes", path, *arguments, stdout=out, stderr=err, **options)
    return [*err.getvalue().splitlines()[1:], out.getvalue().strip()]


def stored(quote: Quote) -> tuple[object, ...]:
    return Quote.objects.values_list(*TEXTS, "version").get(pk=quote.pk)


def history(quote: Quote) -> list[tuple[object, ...]]:
    rows = Review.objects.filter(quote=quote).order_by("pk")
    return list(rows.values_list("from_state", "to_state", "version", "reviewer"))


def test_a_mended_file_fills_what_the_broken_one_lacked(db, tmp_path):
    """The broken one has a misspelt column."""
    broken = MENDED.replace("speaker", "spoken by", 1)
    assert load(tmp_path, broken, "--apply") == [
        "line 1: spoken by: lines have no such column",
        "added 1, known 0, bad 0",
    ]
    quote = Quote.objects.get()
    assert stored(quote)[1] == ""
    likely = (
        f"line 2: speaker: quote {quote.pk} lacks this; once filled in, it is off the board until "
        "it is reviewed"
    )
    assert load(tmp_path, MENDED, "--dry-run") == [likely, "would add 0, known 0, bad 0, filled 1"]
    assert stored(quote)[5] == 1
    assert load(tmp_path, MENDED) == [likely, "added 0, known 0, bad 0, filled 1"]
    assert stored(quote)[1:] == ("Hamlet", "Hamlet, V.2", "His last words", "en", 2)
    quote.refresh_from_db()
    assert (quote.state.value, find_text("silence Hamlet", limit=5)) == ("pending", [])
    assert history(quote) == [("pending", "applied", 1, None), ("applied", "pending", 2, None)]
    known = f"line 2: is there already as quote {quote.pk}"
    assert load(tmp_path, MENDED) == [known, "added 0, known 1, bad 0"]


def test_what_is_there_is_never_overwritten(alice, tmp_path):
    quote = make_quote(alice, "The rest is silence", speaker="Horatio", source="hamlet: v.2")
    lacks = f"quote {quote.pk} lacks this; once filled in, it waits for review"
    assert load(tmp_path, MENDED, owner=alice.email) == [
        f"line 2: context, language: {lacks}",
        f"line 2: speaker: “Hamlet” was not taken, as quote {quote.pk} has “Horatio”",
        "added 0, known 0, bad 0, filled 1, differ 1",
    ]
    assert stored(quote)[1:] == ("Horatio", "hamlet: v.2", "His last words", "en", 2)


def test_blank_cells_and_a_guessed_language_take_nothing_away(alice, tmp_path):
    quote = make_quote(alice, "하늘을 우러러", speaker="윤동주", language="en", is_apply=True)
    text = "content,speaker,language\n하늘을 우러러,,\n"
    assert load(tmp_path, text, owner=alice.email)[-1] == "added 0, known 1, bad 0"
    assert stored(quote)[1:] == ("윤동주", "", "", "en", 1)


@pytest.mark.parametrize("apply", [[], ["--apply"]])
def test_a_filled_line_waits_for_review_in_any_case(alice, tmp_path, apply):
    quote = make_quote(alice, "The rest is silence", is_apply=True)
    assert load(tmp_path, MENDED, *apply, owner=alice.email)[-1].endswith("filled 1")
    quote.refresh_from_db()
    assert (quote.state.value, quote.version) == ("pending", 2)


@pytest.mark.parametrize(
    ("fields", "arguments", "said"),
    [
        ({"is_apply": True, "user": "bob"}, [], " of another user, which is not filled in"),
        ({"declined_at": 1}, [], ", which was declined and is not filled in"),
        ({}, ["--no-fill"], ""),
    ],
)
def test_what_is_not_filled(alice, bob, tmp_path, fields, arguments, said):
    owner = bob if fields.pop("user", "") else alice
    fields = {name: timezone.now() if name == "declined_at" else v for name, v in fields.items()}
    quote = make_quote(owner, "The rest is silence", language="en", **fields)
    column = "speaker, source, context: " if said else ""
    assert load(tmp_path, MENDED, *arguments, owner=alice.email) == [
        f"line 2: {column}is there already as quote {quote.pk}{said}",
        "added 0, known 1, bad 0",
    ]
    assert stored(quote)[1:] == ("", "", "", "en", 1)


def test_a_line_is_not_filled_to_become_another_one(alice, bob, tmp_path):
    """An edit that adds nothing to a line of the board is refused."""
    named = {"speaker": "Hamlet", "source": "Hamlet, V.2"}
    own = make_quote(alice, "The rest is silence")
    other = make_quote(bob, "The rest is silence", is_apply=True, **named)
    known = f"is there already as quote {other.pk} of another user, which is not filled in"
    assert load(tmp_path, MENDED, owner=alice.email) == [
        f"line 2: context, language: {known}",
        "added 0, known 1, bad 0",
    ]
    assert (stored(own)[5], stored(other)[5]) == (1, 1)


def test_of_several_lines_with_the_wording_one_that_has_it_all_counts(alice, tmp_path):
    full = dict(zip(TEXTS[1:], ("Hamlet", "Hamlet, V.2", "His last words", "en"), strict=True))
    make_quote(alice, "The rest is silence")
    whole = make_quote(alice, "The rest is silence", **full)
    known = f"line 2: is there already as quote {whole.pk}"
    assert load(tmp_path, MENDED, owner=alice.email) == [known, "added 0, known 1, bad 0"]


def test_a_review_at_the_same_time_wins(alice, tmp_path):
    """It is stored between reading the line and storing the filled one."""
    quote = make_quote(alice, "The rest is silence")
    reviewed: list[int] = []

    def review_first(execute, sql, *arguments):
        if sql.startswith('UPDATE "quotes_quote"') and not reviewed:
            reviewed.append(quote.pk)
            Quote.objects.filter(pk=quote.pk).update(is_apply=True, applied_at=timezone.now())
        return execute(sql, *arguments)

    said = "was reviewed at the same time and not filled in; try again"
    with connection.execute_wrapper(review_first):
        assert load(tmp_path, MENDED, owner=alice.email) == [
            f"line 2: speaker, source, context, language: quote {quote.pk} {said}",
            "added 0, known 1, bad 0",
        ]
    assert stored(quote)[1:] == ("", "", "", "", 1)


def test_bad_rows_keep_everything_as_it_was(alice, tmp_path):
    quote = make_quote(alice, "The rest is silence")
    with pytest.raises(Exception, match="Nothing was loaded"):
        load(tmp_path, f"{MENDED}a,b,c,d,e,f\n", owner=alice.email)
    assert stored(quote)[5] == 1
    assert load(tmp_path, f"{MENDED}a,b,c,d,e,f\n", "--skip-bad", owner=alice.email)[-1] == (
        "added 0, known 0, bad 1, filled 1"
    )


def test_many_lines_are_filled_in_few_statements(alice, django_assert_max_num_queries):
    count = 20
    for number in range(count):
        make_quote(alice, f"Line number {number}")
    rows = "".join(f"Line number {number},Hamlet\n" for number in range(count))
    checked = check_file(BytesIO(f"content,speaker\n{rows}".encode()), is_csv=True)
    with django_assert_max_num_queries(count * 3 + 15):
        result = import_lines(lines=checked.lines, owner=alice, apply=False, near=False)
    assert len(result.filled) == count
