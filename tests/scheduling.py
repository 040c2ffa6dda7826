"""How `python -m tests` divides the tests among processes: one by one, and some files as a whole.

xdist has groups for this (`--dist loadgroup`), but its newest release does not see them under
pytest 9.2.
"""

from xdist.scheduler import LoadScopeScheduling

# Files whose tests share a server, or a board, that takes 10 to 30 s to make.
TOGETHER = {
    "tests/e2e/test_first_minute.py",
    "tests/e2e/test_https.py",
    "tests/e2e/test_joining.py",
    "tests/e2e/test_mail.py",
    "tests/e2e/test_providers.py",
    "tests/faults/test_staff_work.py",
    "tests/fleet/test_redis_servers.py",
    "tests/quotes/verification/test_bench_formats.py",
    "tests/quotes/verification/test_verify_constructed.py",
    "tests/test_bodies.py",
    "tests/test_nginx.py",
    "tests/test_noise.py",
}


# These together take a third of the time of all tests. `make test` leaves them out,
# and `make test-long` runs them.
LONG = (
    "tests/architecture/test_database_loss.py",
    "tests/config/backup/test_contents.py",
    "tests/config/backup/test_live.py",
    "tests/config/backup/test_restore.py",
    "tests/config/db/test_upgrades.py",
    "tests/e2e/test_access.py",
    "tests/e2e/test_https.py",
    "tests/e2e/test_native_programs.py",
    "tests/faults/",
    "tests/fleet/",
)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        """Tests of the same scope run in the same process."""
        path = nodeid.partition("::")[0]
        return path if path in TOGETHER else nodeid
