"""The same without any service: one process, SQLite, no Redis."""

import os
import signal
import time

import pytest

from tests.environment import SETTINGS
from tests.faults.reader import Load, Reader, Told, assert_texts
from tests.faults.stack import stack

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(SETTINGS["DATABASE_URL"]), reason="tells nothing of PostgreSQL"),
]

TWO_SECONDS = "[[chunks: 40]] [[slow: 0.05]]"
EIGHT_SECONDS = "[[chunks: 160]] [[slow: 0.05]]"


def test_killed_process():
    """Its answers are closed within a minute, with the text of the last heartbeat."""
    with stack(database_server="", redis="", workers=1) as daesa:
        begun = [Told(EIGHT_SECONDS) for _ in daesa.tokens]
        for told, token in zip(begun, daesa.tokens, strict=True):
            Reader(daesa, token)._connect(told, "key", range(1, 2))
        time.sleep(4)
        os.kill(daesa.workers()[0], signal.SIGKILL)
        killed_at = time.monotonic()
        daesa.wait_until_settled()
        assert time.monotonic() - killed_at < 60
        assert daesa.statuses() == {"interrupted": len(begun)}
        assert daesa.value("SELECT min(length(content)) FROM chat_reply") > 20
        daesa.assert_exact()
        # The same question under the same key is answered by another attempt.
        again = Reader(daesa, daesa.tokens[0]).ask(TWO_SECONDS)
        assert again.outcome == "done"
        daesa.assert_exact()


def test_reload_loses_nothing():
    with stack(database_server="", redis="", workers=1) as daesa:
        with Load(daesa, readers=6, question=TWO_SECONDS) as load:
            time.sleep(1.5)
            daesa.master.send_signal(signal.SIGHUP)
            time.sleep(3)
        daesa.wait_until_settled()
        assert {told.outcome for told in load.told} == {"done"}
        daesa.assert_exact()
        assert_texts(daesa, load.told)
