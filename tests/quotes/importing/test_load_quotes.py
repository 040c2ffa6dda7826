import json
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.batches import ROWS
from quotes.importing.importer import BOARD_EMAIL, DEMO_FILE, board_owner
from quotes.models import Quote, Review
from quotes.search import index
from quotes.search.find import find_text
from tests.factories import PASSWORD, make_quote, make_user

TEXTS = ("content", "speaker", "source", "context", "language")


def load(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command("load_quotes", *map(str, arguments), stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def json_lines(tmp_path) -> Path:
    path = tmp_path / "lines.jsonl"
    rows = [
        {"content": " 하늘 ", "speaker": "윤동주", "source": "서시", "note": "passed over"},
        {"content": "To be", "language": "en", "context": "Hamlet"},
        {"content": "하늘"},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


def test_loads_json_lines_into_review(db, json_lines):
    assert load(json_lines) == "added 2, known 1, bad 0"
    assert list(Quote.objects.order_by("id").values_list(*TEXTS)) == [
        ("하늘", "윤동주", "서시", "", "ko"),
        ("To be", "", "", "Hamlet", "en"),
    ]
    assert {(q.user.email, q.state.value) for q in Quote.objects.all()} == {
        (BOARD_EMAIL, "pending")
    }
    assert not Review.objects.exists()


def test_after_many_lines_the_index_is_optimized(db, tmp_path):
    make_quote(make_user(), "The rest is silence.", is_apply=True)
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(json.dumps({"content": f"Line {n}"}) for n in range(1000)))
    load(path, "--no-near", apply=True)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(DISTINCT segid) FROM quotes_index_idx")
        else:
            cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'quote_search'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no segments")
def test_the_segments_of_the_index_are_merged_in_short_transactions():
    with connection.cursor() as cursor:  # the index still has the segments of other tests
        cursor.execute("INSERT INTO quotes_index (quotes_index) VALUES ('delete-all')")
    owner = make_user()
    for number in range(12):
        make_quote(owner, " ".join(f"w{number}x{n}" for n in range(150)), is_apply=True)
    with CaptureQueriesContext(connection) as queries:
        index.optimize(pages=1)
    merges = sum("'merge'" in query["sql"] for query in queries)
    assert merges == sum(query["sql"].startswith("COMMIT") for query in queries) > 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT segid) FROM quotes_index_idx")
        assert cursor.fetchone() == (1,)
    assert len(find_text("w7x100", limit=5)) == 1


def test_loads_csv(db, tmp_path):
    path = tmp_path / "lines.CSV"
    path.write_text(
        '\ufeffspeaker,content,extra\r\n"Hamlet","The rest,\r\nis ""silence""",x\r\n,To be,\r\n',
        encoding="utf-8",
        newline="",
    )
    assert load(path) == "added 2, known 0, bad 0"
    assert list(Quote.objects.order_by("id").values_list("content", "speaker")) == [
        ('The rest,\nis "silence"', "Hamlet"),
        ("To be", ""),
    ]


def test_a_second_time_adds_nothing(alice, json_lines):
    load(json_lines, owner=alice.email.upper())
    assert load(json_lines, owner=alice.email) == "added 0, known 3, bad 0"
    assert Quote.objects.owned_by(alice).count() == 2


def test_skips_lines_of_the_board_but_not_other_users_drafts(alice, bob, json_lines):
    make_quote(bob, "하늘", is_apply=True)
    make_quote(bob, "To be")
    assert load(json_lines, owner=alice.email) == "added 1, known 2, bad 0"
    assert Quote.objects.owned_by(alice).get().content == "To be"


def test_apply_puts_them_on_the_board_with_a_row_of_history(alice, json_lines):
    load(json_lines, "--apply", owner=alice.email)
    rows = Review.objects.values_list(
        "quote__content", "reviewer", "from_state", "to_state", "version"
    )
    assert set(rows) == {
        ("하늘", None, "pending", "applied", 1),
        ("To be", None, "pending", "applied", 1),
    }
    assert Quote.objects.applied().filter(applied_at__isnull=False).count() == 2


BAD = '{"content": "Good"}\nnot json\n{"speaker": "Nobody"}\n["list"]\n{"content": "a\\u0000"}\n'


def test_a_bad_row_prevents_the_import(db, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(BAD)
    err = StringIO()
    with pytest.raises(CommandError, match=re.escape("Nothing was loaded, for 4 rows are bad")):
        load(path, stderr=err)
    first, *lines = err.getvalue().splitlines()
    assert first == "read as UTF-8, JSON lines"
    assert lines[0].startswith("line 2: Expecting value")
    assert lines[1] == "line 3: content: This field is required."
    assert lines[2].startswith("line 4: non_field_errors: Invalid data.")
    assert lines[3].startswith("line 5: content: ")
    assert len(lines) == 4
    assert not Quote.objects.exists()


def test_skip_bad_loads_the_rest(db, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(BAD)
    assert load(path, "--skip-bad", stderr=StringIO()) == "added 1, known 0, bad 4"


def test_names_the_line_of_a_bad_csv_row_and_limits_the_output(db, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("content,language\n" + "A line,x!\n" * 25)
    err = StringIO()
    with pytest.raises(CommandError):
        load(path, stderr=err)
    _first, *lines = err.getvalue().splitlines()
    assert lines[0] == "line 2: language: Not a language tag such as ko or en-GB."
    assert lines[-1] == "... and 5 more bad rows"
    assert len(lines) == 21


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", b"text\nA line\n", "the header has no column"),
        ("a.csv", b"", "the header has no column"),
        ("a.csv", b'content\n"A line\n', "unexpected end of data"),
    ],
)
def test_refuses_a_file_of_another_kind(db, tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=complaint):
        load(path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "content\n하늘\n"), ("a.jsonl", '{"content": "하늘"}')]
)
def test_accepts_utf8_with_and_without_a_bom(db, tmp_path, name, content, mark):
    path = tmp_path / name
    path.write_bytes(mark + content.encode())
    assert load(path) == "added 1, known 0, bad 0"
    assert Quote.objects.get().content == "하늘"


def test_reads_a_pipe(db):
    """Which cannot be read twice, as the encoding is found out first."""
    end, start = os.pipe()
    os.write(start, '[{"content": "하늘"}]'.encode("cp949"))
    os.close(start)
    assert load(f"/dev/fd/{end}") == "added 1, known 0, bad 0"
    os.close(end)
    assert Quote.objects.get().content == "하늘"


def test_skips_lines_with_the_same_letters(alice, bob, tmp_path):
    make_quote(bob, "To be, or not to be", is_apply=True)
    path = tmp_path / "lines.jsonl"
    rows = ["TO BE OR NOT TO BE!", "The rest is silence", "the rest is… silence", "!!!", "???"]
    path.write_text("\n".join(json.dumps({"content": row}) for row in rows))
    assert load(path, owner=alice.email, stderr=StringIO()) == "added 3, known 2, bad 0"
    assert load(path, owner=alice.email, stderr=StringIO()) == "added 0, known 5, bad 0"


def test_reports_what_is_bad_repeated_known_and_near(alice, bob, tmp_path):
    known = make_quote(bob, "To be, or not to be", is_apply=True)
    near = make_quote(bob, "All the world is a stage", is_apply=True)
    path, report = tmp_path / "lines.csv", tmp_path / "report.jsonl"
    path.write_text(
        "content,language\n"
        "To be or not to be,\n"  # line 2
        "All the world is but a stage,\n"
        "The rest is silence,\n"
        "The rest is silence!,\n"
        "The rest was silence,\n"
        ",x!\n"
    )
    err = StringIO()
    done = load(path, "--skip-bad", owner=alice.email, report=report, stderr=err)
    assert done == "added 3, known 2, bad 1, near 2"
    assert err.getvalue().splitlines() == [
        "read as UTF-8, CSV with commas",
        "line 7: content: This field is required.",
        "line 7: language: Not a language tag such as ko or en-GB.",
        "line 5: repeats line 4",
        f"line 2: is there already as quote {known.pk}",
        f"line 3: is like quote {near.pk}: All the world is a stage",
        "line 6: is like line 4: The rest is silence",
    ]
    rows = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(row["kind"], row["line"], row["quote"], row["other"]) for row in rows] == [
        ("bad", 7, None, None),
        ("bad", 7, None, None),
        ("repeated", 5, None, 4),
        ("known", 2, known.pk, None),
        ("near", 3, near.pk, None),
        ("near", 6, None, 4),
    ]


@pytest.mark.parametrize("content", [BAD, '{"content": "Good"}\n'])
def test_a_dry_run_reports_and_changes_nothing(db, tmp_path, content):
    path = tmp_path / "lines.jsonl"
    path.write_text(content)
    bad = 4 if content == BAD else 0
    assert load(path, "--dry-run", stderr=StringIO()) == f"would add 1, known 0, bad {bad}"
    assert not Quote.objects.exists()


def test_after_a_failure_in_the_middle_the_same_command_adds_the_rest(alice, tmp_path):
    """The database refuses the third batch."""
    path = tmp_path / "lines.jsonl"
    count = 3 * ROWS + 1
    path.write_text("\n".join(json.dumps({"content": f"Line {n}"}) for n in range(count)))

    def refuse(execute, sql, params, many, context):
        if sql.startswith("INSERT") and f"'Line {2 * ROWS + 5}'" in repr(params):
            raise DatabaseError("disk full")
        return execute(sql, params, many, context)

    refused = pytest.raises(CommandError, match=r"disk full.*the same command adds the rest")
    with connection.execute_wrapper(refuse), refused:
        load(path, "--no-near", "--apply", owner=alice.email)
    assert [q.content for q in Quote.objects.order_by("pk")] == [
        f"Line {n}" for n in range(2 * ROWS)
    ]
    assert Review.objects.count() == 2 * ROWS  # each batch is complete
    done = load(path, "--no-near", "--apply", owner=alice.email)
    assert done == f"added {ROWS + 1}, known {2 * ROWS}, bad 0"
    assert {q.content for q in Quote.objects.applied()} == {f"Line {n}" for n in range(count)}


@pytest.mark.django_db(transaction=True)
def test_adds_in_short_transactions(tmp_path, monkeypatch):
    """Each has a limited number of rows and ends before the next one begins."""
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps({"content": f"Line number {n}"}) for n in range(1050)))
    board_owner()
    with CaptureQueriesContext(connection) as queries:
        assert load(path, "--no-near", "--apply") == "added 1050, known 0, bad 0"
    statements = "\n".join(query["sql"] for query in queries)
    transactions = statements.split("COMMIT")
    assert len(transactions) > 1050 / ROWS
    # A text is in two columns at most.
    assert max(one.count("Line number") for one in transactions) <= 2 * ROWS
    assert statements.count("BEGIN") == statements.count("COMMIT")


def test_deep_rows_are_bad_rows(db, tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text('{"a":' * 100_000)
    with pytest.raises(CommandError, match="1 rows are bad"):
        load(path, stderr=StringIO())


def test_refuses_a_missing_file_and_an_unknown_owner(db, tmp_path, json_lines):
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "none.jsonl")
    with pytest.raises(CommandError, match="Nobody here has the address none@"):
        load(json_lines, owner="none@example.com")
    assert not Quote.objects.exists()


def test_needs_a_file_or_the_demo(db):
    with pytest.raises(CommandError):
        load()


def test_demo_is_applied_and_its_owner_cannot_sign_in(db, client):
    total = len(DEMO_FILE.read_text(encoding="utf-8").splitlines())
    assert load("--demo") == f"added {total}, known 0, bad 0"
    owner = Quote.objects.applied()[0].user
    assert Quote.objects.applied().filter(user=owner).count() == total
    assert (owner.email, owner.is_active, owner.has_usable_password()) == (
        BOARD_EMAIL,
        False,
        False,
    )
    assert load("--demo") == f"added 0, known {total}, bad 0"


def test_demo_disables_an_account_that_joined_with_its_address(db, client):
    make_user(BOARD_EMAIL.split("@")[0]).__class__.objects.update(email=BOARD_EMAIL)
    assert client.login(email=BOARD_EMAIL, password=PASSWORD)
    load("--demo")
    assert not client.login(email=BOARD_EMAIL, password=PASSWORD)
    owner = Quote.objects.applied()[0].user
    assert (owner.is_active, owner.has_usable_password()) == (False, False)


def test_a_demo_line_that_was_declined_stays_so(db):
    load("--demo")
    Quote.objects.filter(content="Call me Ishmael.").update(is_apply=False, applied_at=None)
    load("--demo")
    assert [q.is_apply for q in Quote.objects.filter(content="Call me Ishmael.")] == [False]


def test_demo_lines_name_their_origin():
    rows = [json.loads(line) for line in DEMO_FILE.read_text(encoding="utf-8").splitlines()]
    assert all(row["source"] and row["context"] for row in rows)
    counts = dict.fromkeys(("ko", "en"), 0)
    for row in rows:
        counts[row["language"]] += 1
    assert min(counts.values()) >= 60


def test_the_glosses_of_new_lines_are_loaded_with_whose_words_they_are(db, tmp_path):
    path = tmp_path / "lines.jsonl"
    rows = [
        {"content": "One", "gloss": "By a model", "gloss_by": "a-model"},
        {"content": "Two", "gloss": "By a person"},
        {"content": "Three", "gloss_by": "a-model", "gloss_reviewed_at": "2026-03-01T00:00:00Z"},
        {"content": "Four", "gloss": "x" * 301},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert load(path, "--skip-bad", "--apply") == "added 3, known 0, bad 1"
    stored = Quote.objects.order_by("pk").values_list("gloss", "gloss_by", "gloss_reviewed_at")
    assert [(gloss, by, at is not None) for gloss, by, at in stored] == [
        ("By a model", "a-model", False),
        ("By a person", "", True),
        ("", "", True),  # staff have removed it, so no model is asked
    ]
    assert [found.content for found in find_text("model", limit=1)] == ["One"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_glosses_that_were_exported_are_loaded_again(alice, tmp_path, form):
    path = tmp_path / f"board.{form}"
    for at in (None, timezone.now()):
        make_quote(
            alice, f"Line {at}", gloss="=It", gloss_by="m", gloss_reviewed_at=at, is_apply=True
        )
    call_command("export_quotes", str(path))
    columns = ("content", "gloss", "gloss_by", "gloss_reviewed_at")
    before = list(Quote.objects.order_by("pk").values_list(*columns))
    Quote.objects.all().delete()
    load(path, "--apply")
    assert list(Quote.objects.order_by("pk").values_list(*columns)) == before


def test_a_line_that_exists_keeps_its_gloss_and_gets_none(db, tmp_path):
    owner = board_owner()
    make_quote(owner, "One", is_apply=True)
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps({"content": "One", "gloss": "It", "context": "When"}), "utf-8")
    assert load(path) == "added 0, known 0, bad 0, filled 1"
    assert Quote.objects.values_list("context", "gloss").get() == ("When", "")
