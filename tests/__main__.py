"""The whole test run: `python -m tests [--long | --coverage PERCENT] [arguments for pytest]`.

Everything once on SQLite without Redis; what uses the database or Redis (the marker `services`)
once more on PostgreSQL and Redis, where they answer on loopback (`TEST_DATABASE_URL` and
`TEST_REDIS_URL` point elsewhere). What is the same on both databases and takes long (the marker
`one_database`) runs on the last of them alone. With REQUIRE_SERVICES=1, as in CI, the run fails
when one of them is away. At the end the built page in the system's Chromium, with a core for each.

Without arguments for pytest, what takes long (the marker `long`) is left out; with `--long` it is
all that is run.

`--coverage` measures both runs together and fails below that percentage. Tests take 1.6 times as
long with it, so `make check` goes without.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import psycopg2
import redis

from tests.e2e.chromium import missing as browser_lacks

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
GUARDS = "tests/architecture"
IN_BROWSER = "tests/e2e"
NOTHING_CHOSEN = 5  # pytest's code when no test was selected
MOST_WORKERS = 6  # each has a Redis database of its own, 9 to 14 by default
# More than there are cores: the tests that break real servers mostly wait.
WORKERS = str(min((os.cpu_count() or 1) * 2, MOST_WORKERS))
# Whoever is free takes the next test, or file of tests that share a server (tests/scheduling.py):
# tests/conftest.py has the order.
ONE_BY_ONE = ("--dist", "loadscope", "--no-loadscope-reorder")
BROWSERS = ("--numprocesses", str(min(os.cpu_count() or 1, MOST_WORKERS)), *ONE_BY_ONE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", usage=__doc__)
    parser.add_argument("--coverage", type=int, metavar="PERCENT")
    parser.add_argument("--long", action="store_true")
    options, for_pytest = parser.parse_known_args()
    services = find_services()
    missing = {"PostgreSQL", "Redis"} - set(services)
    browserless = browser_lacks()
    if browserless and os.environ.get("REQUIRE_SERVICES"):
        say(f"FAILED: there must be {browserless} here")
        return 1
    if missing and os.environ.get("REQUIRE_SERVICES"):
        say(f"FAILED: {' and '.join(sorted(missing))} must answer here, and did not")
        return 1
    measured = options.coverage is not None
    follows = "PostgreSQL" in services and not measured
    on_sqlite = {"TESTS_FOLLOW": "1"} if follows else {}
    chosen = "long" if options.long else "" if for_pytest or measured else "not long"
    marked = [*for_pytest, "-m", chosen] if chosen else for_pytest
    runs = [("SQLite, no Redis", on_sqlite, marked)]
    if services:
        on_services = f"services and {chosen}" if chosen else "services"
        runs.append(
            (" and ".join(services), dict(services.values()), [*for_pytest, "-m", on_services])
        )
    codes = [run_pytest(*run, measured=measured) for run in runs]
    if measured:
        codes.append(report_coverage([name for name, *_ in runs], options.coverage))
    elif not browserless:
        codes.append(run_in_browser(marked))
    if missing:
        say(f"LEFT OUT, no answer: {' and '.join(sorted(missing))}")
    if browserless:
        say(f"LEFT OUT, all tests of the page in a browser: there is no {browserless}")
    return next((code for code in codes if code), 0)


def find_services() -> dict[str, tuple[str, str]]:
    """The services that answer, each with the variable and the URL that point the tests at it."""
    found = {}
    if answers("PostgreSQL", lambda: psycopg2.connect(DATABASE_URL, connect_timeout=2).close()):
        found["PostgreSQL"] = ("TEST_DATABASE_URL", DATABASE_URL)
    if answers("Redis", lambda: redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2).ping()):
        found["Redis"] = ("TEST_REDIS_URL", REDIS_URL)
    return found


def answers(name: str, ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (psycopg2.Error, redis.RedisError) as error:
        say(f"{name} does not answer: {str(error).strip().splitlines()[0]}")
        return False
    return True


def run_pytest(name: str, urls: Mapping[str, str], arguments: list[str], *, measured: bool) -> int:
    say(f"testing on {name}")
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"TEST_DATABASE_URL", "TEST_REDIS_URL"}
    }
    left_out = [IN_BROWSER, GUARDS] if measured else [IN_BROWSER]
    command = ["pytest", "--numprocesses", WORKERS, *ONE_BY_ONE, *arguments]
    command += [f"--ignore={path}" for path in left_out]
    if measured:
        command += ["--cov", "--cov-report="]
    return started(command, {**inherited, **urls, "COVERAGE_FILE": coverage_file(name)})


def run_in_browser(arguments: list[str]) -> int:
    if any(argument.startswith("tests") for argument in arguments):
        return 0  # others were asked for
    say("testing the page in Chromium")
    return started(["pytest", IN_BROWSER, *BROWSERS, *arguments], os.environ)


def started(command: list[str], env: Mapping[str, str]) -> int:
    code = subprocess.run([sys.executable, "-m", *command], env=env, check=False).returncode  # noqa: S603
    return 0 if code == NOTHING_CHOSEN else code


def report_coverage(names: list[str], fail_under: int) -> int:
    files = [coverage_file(name) for name in names]
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet", *files], check=True)  # noqa: S603
    report = [sys.executable, "-m", "coverage", "report", f"--fail-under={fail_under}"]
    return subprocess.run(report, check=False).returncode  # noqa: S603


def coverage_file(name: str) -> str:
    return f".coverage.{name.partition(' ')[0].strip(',').lower()}"


def say(text: str) -> None:
    print(f"\n=== {text} ===", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
