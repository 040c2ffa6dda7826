"""`manage.py check_ledger`: compares the units used with the answers that hold them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.db.sql import fetch_all

SHOWN = 1000  # differences of each kind; more are counted

# The database adds up, so that memory does not grow with the ledger; and one statement sees all
# rows as they are at one moment, also while turns start and end.
_UNITS = """
SELECT user_id, day, sum(used), sum(held), count(*) OVER () FROM (
  SELECT user_id, day, used, 0 AS held FROM chat_dailyusage
  UNION ALL
  SELECT user_id, charged_day, 0, 1 FROM chat_reply WHERE charged_day IS NOT NULL
) AS entries
GROUP BY user_id, day HAVING sum(used) {differs} sum(held) ORDER BY user_id, day LIMIT %s
"""
_FREE = """
SELECT user_id, id, status, count(*) OVER () FROM chat_reply
WHERE status IN ('done', 'stopped') AND charged_day IS NULL ORDER BY user_id, id LIMIT %s
"""


class Command(BaseCommand):
    help = (
        "Check that the units used are those that answers hold, for each user and day. Prints the "
        "differences, by ids alone; exit code 1 if there are any. Changes nothing."
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
        count += self._print("user {0}, reply {1}: {2}, and holds no unit", _FREE)
        if count:
            raise CommandError(f"The ledger is not exact. Differences: {count}")
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
