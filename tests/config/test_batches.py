"""Long work lets other greenlets run, and other writers between its batches."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.batches import ROWS, batch, delete_in_batches, divided, paced
from tests.factories import make_user

ROOT: Path = settings.BASE_DIR
# In a child process, because gevent's patches cannot be undone.
UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
import time
import gevent
from django.db import connection, transaction
from config.batches import batch, paced

rounds = []

def others():
    while True:
        rounds.append(1)
        gevent.sleep(0)

def work(items):
    before = len(rounds)
    for _ in paced(items):
        end = time.monotonic() + 0.005
        while time.monotonic() < end:
            pass
    return len(rounds) - before

def in_transaction():
    with transaction.atomic():
        return work(range(50))

def in_batches():
    before = len(rounds)
    for _ in range(3):
        with batch():
            pass
    return len(rounds) - before

gevent.spawn(others)
gevent.sleep(0)
print(work(range(50)) > 3, in_transaction(), in_batches() >= 3)
"""


def test_other_greenlets_run_between_the_items_but_not_within_a_transaction(tmp_path):
    """There they would wait for a lock of the work, and the work for them."""
    output = subprocess.run(  # noqa: S603
        [sys.executable, "-c", UNDER_GEVENT],
        cwd=ROOT,
        env={
            "DAESA_DOTENV": "",
            "DEBUG": "true",
            "DATA_DIR": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.split() == ["True", "0", "True"]


def test_threads_are_not_paced():
    assert list(paced(iter("abc"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(0, 3, []), (3, 3, [3]), (7, 3, [3, 3, 1]), (2, 3, [2])]
)
def test_divided(count, size, sizes):
    parts = list(divided(range(count), size))
    assert [len(part) for part in parts] == sizes
    assert [one for part in parts for one in part] == list(range(count))


def new(name: str) -> User:
    return User(email=f"{name}@example.com", nickname=name, password="!")


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_over_before_the_next_and_in_no_other_transaction():
    with batch():
        make_user("first")
    with pytest.raises(IntegrityError), batch():
        User.objects.bulk_create([new("second"), new("first")])
    assert list(User.objects.values_list("nickname", flat=True)) == ["first"]
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), batch():
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [0, 1, ROWS, ROWS * 2 + 1])
def test_deletes_so_many_at_once(count):
    User.objects.bulk_create(new(f"person{n}") for n in range(count))
    make_user("stays")
    with CaptureQueriesContext(connection) as queries:
        assert delete_in_batches(User.objects.exclude(nickname="stays").order_by("-pk")) == count
    assert list(User.objects.values_list("nickname", flat=True)) == ["stays"]
    statements = [query["sql"] for query in queries]
    assert sum(sql.startswith("COMMIT") for sql in statements) == -(-count // ROWS)
