"""`manage.py check_ledger`: compares the units used with the answers that hold them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.answering.board_model import is_small_talk
from chat.models import Reply, Status
from chat.turns import task_times
from config.db.sql import fetch_all

SHOWN = 1000  # differences of each kind; more are counted

# The database adds up, so that memory does not grow with the ledger. One statement sees all rows as
# they are at a single moment, also while turns start and end.
_UNITS = """
SELECT user_id, day, sum(used), sum(held), count(*) OVER () FROM (
  SELECT user_id, day, used, 0 AS held FROM chat_dailyusage
  UNION ALL
  SELECT user_id, charged_day, 0, 1 FROM chat_reply WHERE charged_day IS NOT NULL
  UNION ALL
  SELECT user_id, continuation_day, 0, 1 FROM chat_reply WHERE continuation_day IS NOT NULL
) AS entries
GROUP BY user_id, day HAVING sum(used) {differs} sum(held) ORDER BY user_id, day LIMIT %s
"""


class Command(BaseCommand):
    help = (
        "Check that the units used are those that answers hold, for each user and day. Prints the "
        "differences, by ids alone; exit code 1 if there are any. Stores when it ran, for the "
        "metrics, and changes nothing else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--nothing-deleted",
            action="store_true",
            help="count units without an answer, too. Deleting an answer leaves its unit used, and "
            "so does joining again on the day on which an account was deleted",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        differs = "<>" if options["nothing_deleted"] else "<"
        count = self._print("user {0}, {1}: {2} used, {3} held", _UNITS.format(differs=differs))
        count += self._print_free()
        if count:
            task_times.store(task_times.LEDGER_CHECKED)
            raise CommandError(f"The ledger is not exact. Differences: {count}")
        task_times.store(task_times.LEDGER_CHECKED, task_times.LEDGER_EXACT)
        self.stdout.write("The ledger is exact")

    def _print(self, line: str, sql: str) -> int:
        """Writes the rows, and returns how many there are."""
        rows = fetch_all(sql, [SHOWN])
        for row in rows:
            self.stdout.write(line.format(*row))
        count = int(rows[0][-1]) if rows else 0
        if count > len(rows):
            self.stdout.write(f"… and {count - len(rows)} more")
        return count

    def _print_free(self) -> int:
        """Writes the answers that hold no unit, without small talk and stored answers, which need
        none. Returns how many there are.
        """
        ended = Reply.objects.filter(
            status__in=(Status.DONE, Status.STOPPED), charged_day=None, answered_from=None
        )
        rows = ended.order_by("user", "pk").values_list(
            "user_id", "pk", "status", "model", "chat__content"
        )
        count = 0
        for user, reply, status, model, question in rows.iterator():
            if not is_small_talk(question, model):
                count += 1
                if count <= SHOWN:
                    self.stdout.write(f"user {user}, reply {reply}: {status}, and holds no unit")
        if count > SHOWN:
            self.stdout.write(f"… and {count - SHOWN} more")
        return count
