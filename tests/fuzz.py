"""schemathesis over the API's schema against a live server: `python -m tests.fuzz`.

Every answer must be one that the schema promises, and none a server error. The cases are derived
from the schema without chance, so that a failure repeats.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from tests.live import PROXY_HEADERS, ROOT, STAFF, server, sign_in, token_of

# All of schemathesis' checks but these, and those left out in `schemathesis.toml`.
EXCLUDED = (
    # A schema cannot say that a password is wrong, an address taken or a conversation somebody
    # else's; all of these are 400.
    "positive_data_acceptance",
    # Django REST Framework takes a number where a text is asked for, and so do we.
    "negative_data_rejection",
)
SECONDS = 300  # for each part; all takes a minute and a half on two cores
PASSWORD = "a pass phrase of the fuzzer"
# It ends the session of the very token that the cases are sent with; and leaving without a token is
# no error, though the schema names one.
LAST = ("/accounts/logout",)
# These may, too: the fuzzer learns the session's id from other answers.
OF_SESSIONS = ("/accounts/sessions", "/accounts/sessions/{session_id}")
# Others than staff are only refused there.
OF_STAFF = ("/quote/export",)
EXCLUDED_LAST = (*EXCLUDED, "missing_required_header")


def main() -> int:
    print("\n=== fuzzing the API ===", flush=True)  # noqa: T201
    # No limit per account, which all have their own tests, stands in front of what is tried.
    limits = {"DAILY_CHAT_LIMIT": "1000000", "DAILY_REFUND_LIMIT": "1000000"}
    limits |= {"WRITES_PER_MINUTE": "0", "MAX_CONVERSATIONS": "1000000"}
    with server(**limits) as url:
        # Not the password of the schema's examples, which would remove the account.
        names = ("fuzz", "sessions", "last")
        person, second, last = (sign_in(url, f"{name}@example.com", PASSWORD) for name in names)
        rest = paths("--exclude-path", (*LAST, *OF_SESSIONS, *OF_STAFF))
        codes = [
            fuzz(url, person, rest, EXCLUDED),
            fuzz(url, token_of(url, STAFF), paths("--include-path", OF_STAFF), EXCLUDED),
            fuzz(url, second, paths("--include-path", OF_SESSIONS), EXCLUDED),
            fuzz(url, last, paths("--include-path", LAST), EXCLUDED_LAST),
        ]
    return max(codes)


def paths(option: str, named: Sequence[str]) -> list[str]:
    return [argument for path in named for argument in (option, path)]


def fuzz(url: str, token: str, selection: list[str], excluded: Sequence[str]) -> int:
    headers = {"Authorization": f"Bearer {token}", **PROXY_HEADERS}
    command = ["schemathesis", "--config-file", f"{ROOT}/tests/schemathesis.toml"]
    command += ["run", f"{url}/openapi.json", "--exclude-checks", ",".join(excluded)]
    command += ["--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--max-examples", "40", "--generation-deterministic", "--continue-on-failure"]
    command += ["--request-timeout", "30", "--no-color"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(  # noqa: S603
            [f"{sys.prefix}/bin/{command[0]}", *command[1:], *selection],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.fuzz_hooks"},
            timeout=SECONDS,
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
    report = done.stdout
    if not done.returncode:  # the whole report is for whoever has something to mend
        report = "\n".join(re.findall(r"^ +(?:Selected:|\d+ generated,) .*", report, re.MULTILINE))
    print(report, flush=True)  # noqa: T201
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
