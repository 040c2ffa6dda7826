"""When the tasks of operators last succeeded, for the metrics: a backup, a rehearsed restore, and a
comparison of the ledger with the answers (`check_ledger`). Stored as rows of `Lease`, so that all
servers of a site show the same times.
"""

from datetime import datetime

from django.utils import timezone

from chat import metrics
from chat.models import Lease

BACKUP, REHEARSAL = "backup", "restore rehearsal"
LEDGER_CHECKED, LEDGER_EXACT = "ledger checked", "ledger exact"


def store(*tasks: str, at: datetime | None = None) -> None:
    """Stores that these tasks succeeded: now, or `at` that time."""
    Lease.objects.store(dict.fromkeys(tasks, at or timezone.now()))


def measure() -> None:
    """Sets the gauges of this process. Costs a query."""
    found = Lease.objects.times([BACKUP, REHEARSAL, LEDGER_CHECKED, LEDGER_EXACT])
    times = {name: at.timestamp() for name, at in found.items()}
    metrics.backups(made=times.get(BACKUP, 0), rehearsed=times.get(REHEARSAL, 0))
    metrics.ledger_checked(checked=times.get(LEDGER_CHECKED, 0), exact=times.get(LEDGER_EXACT, 0))
