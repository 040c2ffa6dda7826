"""When the last backup was made, and when a restore was last rehearsed: rows of `Lease`, so that
all servers of a site know and show it. `config.backup` stores them.
"""

from datetime import datetime

from django.utils import timezone

from chat import metrics
from chat.models import Lease

BACKUP, REHEARSAL = "backup", "restore rehearsal"


def succeeded(what: str, at: datetime | None = None) -> None:
    """Stores that `BACKUP` or `REHEARSAL` succeeded."""
    Lease.objects.update_or_create(name=what, defaults={"until": at or timezone.now()})


def measure() -> None:
    """Sets the gauges of this process."""
    known = dict(Lease.objects.filter(name__in=[BACKUP, REHEARSAL]).values_list("name", "until"))
    times = {name: at.timestamp() for name, at in known.items()}
    metrics.backups(made=times.get(BACKUP, 0), rehearsed=times.get(REHEARSAL, 0))
