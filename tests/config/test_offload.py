"""Computations off the event loop: a limit per process, and the loop keeps running."""

import subprocess
import sys
import threading

import pytest

from config import offload
from config.api.problems import ServiceUnavailable
from tests.live import ROOT, environment

# The computation ends only after the event loop has run meanwhile, which it could not if the
# computation blocked it. `get_original` returns the events of real threads.
UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import faulthandler, threading, time
faulthandler.dump_traceback_later(60, exit=True)
import django
django.setup()
import gevent
from gevent.monkey import get_original
from config import offload

real_event = get_original("threading", "Event")
identify = get_original("threading", "get_ident")
{body}
"""
LOOP_GOES_ON = """
loop_has_run = real_event()

def compute(word, *, times):
    assert loop_has_run.wait(50)
    return word * times, identify()

def tick():
    for _ in range(100):
        time.sleep(0)
    loop_has_run.set()

gevent.spawn(tick)
result, thread = offload.run(compute, "ab", times=2)
assert result == "abab"
assert thread != identify()
"""
MANY = """
lock, running, most = get_original("_thread", "allocate_lock")(), 0, 0
all_cores_busy = real_event()

def compute(number):
    global running, most
    with lock:
        running += 1
        most = max(most, running)
        if running == offload.CORES:
            all_cores_busy.set()
    assert all_cores_busy.wait(50)
    with lock:
        running -= 1
    return number

jobs = [gevent.spawn(offload.run, compute, number) for number in range(50)]
assert [job.get() for job in jobs] == list(range(50))
assert most == offload.CORES
"""
ERRORS = """
for _ in range(offload.CORES * 3):
    try:
        offload.run(int, "x")
    except ValueError as error:
        assert "invalid literal" in str(error)
    else:
        raise AssertionError
assert offload.run(int, "7") == 7
"""
HASHES = """
from django.contrib.auth import hashers

threads = []

def noting(function):
    def noted(*args, **kwargs):
        threads.append(identify())
        return function(*args, **kwargs)
    return noted

for name in ("Argon2PasswordHasher", "PBKDF2PasswordHasher"):
    of_django = getattr(hashers, name)
    of_django.encode = noting(of_django.encode)
hashers.Argon2PasswordHasher.verify = noting(hashers.Argon2PasswordHasher.verify)

argon2 = hashers.make_password("staple of paper")
pbkdf2 = hashers.make_password("staple of paper", hasher="pbkdf2_sha256")
for stored in (argon2, pbkdf2):
    assert hashers.check_password("staple of paper", stored)
    assert not hashers.check_password("another", stored)
assert len(threads) >= 6
assert identify() not in threads
"""


@pytest.mark.parametrize(
    "body", [LOOP_GOES_ON, MANY, ERRORS, HASHES], ids=["loop", "many", "errors", "hashes"]
)
def test_under_gevent(body, tmp_path):
    env = environment(DATA_DIR=str(tmp_path), DEBUG="true")
    env["DJANGO_SETTINGS_MODULE"] = "config.settings"
    code = UNDER_GEVENT.format(body=body)
    command = [sys.executable, "-c", code]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_gevent_it_runs_where_it_is():
    assert offload.run(threading.get_ident) == threading.get_ident()


def test_without_gevent_too_there_is_a_bound():
    running, most, lock = 0, 0, threading.Lock()
    busy = threading.Event()

    def compute():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == offload.CORES:
                busy.set()
        assert busy.wait(20)
        with lock:
            running -= 1

    threads = [threading.Thread(target=offload.run, args=[compute]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == offload.CORES


def test_a_wait_that_is_too_long():
    cores = offload.Cores(1, max_wait=0.01)
    with pytest.raises(ServiceUnavailable) as refused:
        cores.run(lambda: cores.run(int))
    assert refused.value.headers == {"Retry-After": "5"}
    assert cores.run(int) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_meanwhile():
    from django.db import connection, connections  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert offload.run(lambda: connections.all(initialized_only=True)) == []
