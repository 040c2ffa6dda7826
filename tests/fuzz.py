"""schemathesis over the API's schema against a live server: `python -m tests.fuzz`.

Every answer must be one that the schema promises, and none a server error. The cases are derived
from the schema without chance, so that a failure repeats.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from tests.live import PROXY_HEADERS, ROOT, server, sign_in

# All of schemathesis' checks but these.
EXCLUDED = (
    # A schema cannot say that a password is wrong, an address taken or a conversation somebody
    # else's; all of these are 400.
    "positive_data_acceptance",
    # Django REST Framework takes a number where a text is asked for, and so do we.
    "negative_data_rejection",
)
SECONDS = 300  # for each part; all takes a minute and a half on two cores
PASSWORD = "a pass phrase of the fuzzer"
# They end the session of the very token that the cases are sent with; and leaving without a token
# is no error, though the schema names one.
LAST = ("/accounts/logout",)
EXCLUDED_LAST = (*EXCLUDED, "missing_required_header")


def main() -> int:
    with server(DAILY_CHAT_LIMIT="1000000") as url:
        others = [argument for path in LAST for argument in ("--exclude-path", path)]
        only = [argument for path in LAST for argument in ("--include-path", path)]
        # Not the password of the schema's examples, which would remove the account.
        person, last = (sign_in(url, f"{name}@example.com", PASSWORD) for name in ("fuzz", "last"))
        code = fuzz(url, person, others, EXCLUDED)
        return fuzz(url, last, only, EXCLUDED_LAST) or code


def fuzz(url: str, token: str, selection: list[str], excluded: Sequence[str]) -> int:
    headers = {"Authorization": f"Bearer {token}", **PROXY_HEADERS}
    command = ["schemathesis", "--config-file", f"{ROOT}/tests/schemathesis.toml"]
    command += ["run", f"{url}/openapi.json", "--exclude-checks", ",".join(excluded)]
    command += ["--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--max-examples", "60", "--generation-deterministic", "--continue-on-failure"]
    command += ["--request-timeout", "30", "--no-color"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(  # noqa: S603
            [f"{sys.prefix}/bin/{command[0]}", *command[1:], *selection],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.fuzz_hooks"},
            timeout=SECONDS,
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
