import csv
import io
import json
import tracemalloc

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.board.export import BATCH_SIZE, export_board
from quotes.models import Quote
from quotes.text.spreadsheet import from_spreadsheet, spreadsheet_safe
from tests.factories import make_quote, make_user
from tests.gevent_child import lets_others_run

FIELDS = ("content", "speaker", "source", "context", "language")


def read(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def as_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def board(alice, bob) -> Quote:
    """One line on the board, and one in each other state."""
    make_quote(bob, "In review")
    make_quote(bob, "Declined", declined_at=timezone.now())
    return make_quote(
        alice,
        "두 줄,\n“인용”",
        speaker="윤동주",
        source="서시",
        context="맥락",
        language="ko",
        gloss="부끄럼 없이 살려는 다짐",
        gloss_by="a-model",
        is_apply=True,
        likes=3,
    )


def test_is_for_staff_who_may_see_quotes(anonymous, as_alice, client_for):
    assert anonymous.get("/quote/export").status_code == 401
    assert as_alice.get("/quote/export").status_code == 403
    clerk = make_user("clerk", is_staff=True)
    assert client_for(clerk).get("/quote/export").status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_quote"))
    assert client_for(clerk).get("/quote/export").status_code == 200


def test_the_permission_without_staff_status_is_not_enough(as_alice, alice):
    alice.user_permissions.add(Permission.objects.get(codename="view_quote"))
    assert as_alice.get("/quote/export").status_code == 403


def test_json_lines(as_staff, board):
    response = as_staff.get("/quote/export")
    assert response["Content-Type"] == "application/x-ndjson; charset=utf-8"
    name = f"daesa-board-{timezone.localdate()}.jsonl"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    [line] = read(response).splitlines()
    assert json.loads(line) == {
        "id": board.pk,
        "content": "두 줄,\n“인용”",
        "speaker": "윤동주",
        "source": "서시",
        "context": "맥락",
        "language": "ko",
        "gloss": "부끄럼 없이 살려는 다짐",
        "gloss_by": "a-model",
        "gloss_reviewed_at": None,
        "likes": 3,
        "applied_at": timezone.localtime(board.applied_at).isoformat(),
    }


def test_csv(as_staff, board):
    response = as_staff.get("/quote/export?format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    data = read(response)
    assert data.startswith(b"\xef\xbb\xbfid,content,speaker,")
    [row] = as_csv(data)
    assert (row["content"], row["likes"]) == ("두 줄,\n“인용”", "3")


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/csv", "*/*", "application/json"])
def test_accepts_the_media_type_instead_of_the_parameter(as_staff, board, accept):
    assert as_staff.get("/quote/export", headers={"Accept": accept}).status_code == 200


def test_refuses_another_format(as_staff):
    response = as_staff.get("/quote/export?format=xls")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["format"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_export_of_an_empty_board(as_staff, form):
    data = read(as_staff.get(f"/quote/export?format={form}"))
    assert len(data.splitlines()) == (form == "csv")


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_contains_no_user(as_staff, board, form):
    data = read(as_staff.get(f"/quote/export?format={form}")).decode()
    assert "alice" not in data
    assert "example.com" not in data


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1", "''-1", "=cmd|' /C calc'!A0"]
PLAIN = ["plain", "'quoted'", "'", "", "1+1", "a=b", "안녕"]


@pytest.mark.parametrize("text", FORMULAS + PLAIN)
def test_cells_are_never_formulas_and_can_be_read_back(text):
    cell = spreadsheet_safe(text)
    assert cell[:1] not in set("=+-@＝＋－＠\t\r\n") | {""} or text == ""
    assert (cell == text) is (text in PLAIN)
    assert from_spreadsheet(cell) == text


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_exported_can_be_loaded(bob, tmp_path, form):
    for n, start in enumerate([*FORMULAS, "두 줄,\n“인용”", 'a "b", c']):
        text = f"{start} {n}"
        make_quote(
            bob, text, speaker=text.replace("\n", " "), context=text, language="ko", is_apply=True
        )
    texts = list(Quote.objects.order_by("pk").values_list(*FIELDS))
    path = tmp_path / f"board.{form}"
    call_command("export_quotes", path)
    Quote.objects.all().delete()
    call_command("load_quotes", path, apply=True, near=False, stdout=io.StringIO())
    assert list(Quote.objects.order_by("pk").values_list(*FIELDS)) == texts


def test_command_writes_to_the_standard_output(board):
    out = io.StringIO()
    call_command("export_quotes", stdout=out)
    assert json.loads(out.getvalue())["id"] == board.pk
    out = io.StringIO()
    call_command("export_quotes", format="csv", stdout=out)
    assert len(as_csv(out.getvalue().encode())) == 1


def test_command_leaves_a_complete_file_or_none(board, tmp_path):
    with pytest.raises(CommandError):
        call_command("export_quotes", tmp_path / "none" / "board.csv")
    call_command("export_quotes", tmp_path / "board.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["board.csv"]


def test_a_large_board_is_written_in_batches(bob):
    """The peak is that of a few batches, not of 4,000 lines (10 MB as rows)."""
    now = timezone.now()
    Quote.objects.bulk_create(
        (
            Quote(user=bob, content=f"{n} " + "가" * 500, is_apply=True, applied_at=now)
            for n in range(4_000)
        ),
        batch_size=500,
    )
    tracemalloc.start()
    with CaptureQueriesContext(connection) as queries:
        batches = export_board("jsonl")
        first = next(batches)
        assert len(queries) == 1
        size = len(first) + sum(map(len, batches))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(queries) == 4_000 // BATCH_SIZE + 1
    assert size > 6_000_000
    assert peak < size / 2


@pytest.mark.django_db(transaction=True)
def test_gives_way_between_the_batches(bob):
    now = timezone.now()
    Quote.objects.bulk_create(
        Quote(user=bob, content=f"Line {n}", is_apply=True, applied_at=now)
        for n in range(2 * BATCH_SIZE + 1)
    )
    board = 'from quotes.board.export import export_board\nexport_board("jsonl")'
    assert lets_others_run(board) == [True, True]
