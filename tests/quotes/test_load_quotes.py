import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quotes.models import Quote, Review
from quotes.stock import BOARD_EMAIL, DEMO
from tests.factories import PASSWORD, make_quote, make_user

TEXTS = ("content", "speaker", "source", "context", "language")


def load(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command("load_quotes", *map(str, arguments), stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def json_lines(tmp_path) -> Path:
    path = tmp_path / "stock.jsonl"
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


def test_loads_csv(db, tmp_path):
    path = tmp_path / "stock.CSV"
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


def test_knows_what_is_on_the_board_and_no_others_drafts(alice, bob, json_lines):
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


def test_a_bad_row_keeps_everything_out(db, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(BAD)
    err = StringIO()
    with pytest.raises(CommandError, match=re.escape("Nothing was loaded, for 4 rows are bad")):
        load(path, stderr=err)
    lines = err.getvalue().splitlines()
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


def test_names_the_line_of_a_bad_csv_row_and_not_too_many(db, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("content,language\n" + "A line,x!\n" * 25)
    err = StringIO()
    with pytest.raises(CommandError):
        load(path, stderr=err)
    lines = err.getvalue().splitlines()
    assert lines[0] == "line 2: language: Not a language tag such as ko or en-GB."
    assert lines[-1] == "... and 5 more bad rows"
    assert len(lines) == 21


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", b"text\nA line\n", "the header has no column"),
        ("a.csv", b"", "the header has no column"),
        ("a.csv", b'content\n"A line\n', "unexpected end of data"),
        ("a.jsonl", b"\xff\xfe", "can't decode"),
    ],
)
def test_refuses_a_file_of_another_kind(db, tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=complaint):
        load(path)


def test_refuses_a_missing_file_and_a_missing_person(db, tmp_path, json_lines):
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "none.jsonl")
    with pytest.raises(CommandError, match="Nobody here has the address none@"):
        load(json_lines, owner="none@example.com")
    assert not Quote.objects.exists()


def test_wants_a_file_or_the_demo(db):
    with pytest.raises(CommandError):
        load()


def test_demo_is_applied_and_of_somebody_who_cannot_sign_in(db, client):
    total = len(DEMO.read_text(encoding="utf-8").splitlines())
    assert load("--demo") == f"added {total}, known 0, bad 0"
    owner = Quote.objects.applied()[0].user
    assert Quote.objects.applied().filter(user=owner).count() == total
    assert (owner.email, owner.is_active, owner.has_usable_password()) == (
        BOARD_EMAIL,
        False,
        False,
    )
    assert load("--demo") == f"added 0, known {total}, bad 0"


def test_demo_locks_out_whoever_joined_with_its_address(db, client):
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


def test_demo_lines_say_where_they_are_from():
    rows = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    assert all(row["source"] and row["context"] for row in rows)
    counts = dict.fromkeys(("ko", "en"), 0)
    for row in rows:
        counts[row["language"]] += 1
    assert min(counts.values()) >= 60
