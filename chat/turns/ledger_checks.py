"""When the ledger was last compared with the answers (`manage.py check_ledger`), and when it was
last found exact: rows of `Lease`, which the metrics show.
"""

from django.utils import timezone

from chat import metrics
from chat.models import Lease

CHECKED, EXACT = "ledger checked", "ledger exact"


def record(*, is_exact: bool) -> None:
    now = timezone.now()
    Lease.objects.bulk_create(
        [Lease(name=name, until=now) for name in ([CHECKED, EXACT] if is_exact else [CHECKED])],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["until"],
    )


def measure() -> None:
    """Set the gauges. Costs a query."""
    times = dict(Lease.objects.filter(name__in=[CHECKED, EXACT]).values_list("name", "until"))
    if CHECKED in times:
        exact = times[EXACT].timestamp() if EXACT in times else 0.0
        metrics.ledger_checked(checked=times[CHECKED].timestamp(), exact=exact)
