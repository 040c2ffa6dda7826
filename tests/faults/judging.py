"""Judges long answers as a worker does, in a greenlet beside another one that counts its turns:
`python -m tests.faults.judging`. Prints for each answer the turns, the CPU time of the judging, and
the longest time without a turn, both as shares of what judging may take.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import time  # noqa: E402

import django  # noqa: E402
import gevent  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from chat.answering.citations import JUDGING_SECONDS, cite  # noqa: E402
from chat.models import Reply  # noqa: E402
from tests.factories import make_quote, make_user  # noqa: E402
from tests.long_answers import SHAPES, SIZE  # noqa: E402

WORDS = "The rest is silence, said the prince, and the night is long. "


class Beside:
    """Another's work: it is ready at any time, and done in no time."""

    def __init__(self) -> None:
        self.turns = 0
        self.longest = 0.0
        self._last = time.thread_time()
        self._greenlet = gevent.spawn(self._go_on)

    def _go_on(self) -> None:
        while True:
            gevent.sleep(0)
            self.turn()

    def turn(self) -> None:
        now = time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now
        self.turns += 1

    def end(self) -> None:
        self._greenlet.kill()
        self.turn()


def fill() -> None:
    """A board of lines that are as long as may be, and hard to tell from each other."""
    call_command("migrate", verbosity=0)
    owner = make_user("owner")
    for number in range(40):
        make_quote(owner, f"{number} {WORDS * 16}"[:1000], is_apply=True)


def answers() -> dict[str, str]:
    like_lines = f"“1 {WORDS * 15}”\n\n> 2 {WORDS * 15}\n\n“{WORDS * 8} a b c d e f g”\n\n"
    return {str(shape): shape(SIZE) for shape in SHAPES} | {"like lines": like_lines * 30}


def main() -> None:
    fill()
    for name, text in answers().items():
        beside, begun = Beside(), time.thread_time()
        cited = cite(Reply(pk=1), text, [], question="Any line?")
        spent = time.thread_time() - begun
        beside.end()
        row = {"name": name, "turns": beside.turns, "judged": len(cited.citations)}
        row |= {"spent": spent / JUDGING_SECONDS, "longest": beside.longest / JUDGING_SECONDS}
        print(json.dumps(row), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
