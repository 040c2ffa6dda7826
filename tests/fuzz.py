"""schemathesis over the API's schema against a live server: `python -m tests.fuzz`.

Every answer must be one that the schema promises, and none a server error. The cases are derived
from the schema without chance, so that a failure repeats.
"""

import subprocess
import sys
import tempfile

from tests.live import PROXY_HEADERS, ROOT, server, sign_in

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SECONDS = 300  # it takes about two minutes on two cores
# They end the session of the very token that the cases are sent with.
LAST = ("/accounts/logout",)


def main() -> int:
    with server(DAILY_CHAT_LIMIT="1000000") as url:
        others = [argument for path in LAST for argument in ("--exclude-path", path)]
        only = [argument for path in LAST for argument in ("--include-path", path)]
        code = fuzz(url, sign_in(url, "fuzz@example.com"), others)
        return fuzz(url, sign_in(url, "last@example.com"), only) or code


def fuzz(url: str, token: str, selection: list[str]) -> int:
    headers = {"Authorization": f"Bearer {token}", **PROXY_HEADERS}
    command = ["schemathesis", "--config-file", f"{ROOT}/tests/schemathesis.toml"]
    command += ["run", f"{url}/openapi.json", "--checks", ",".join(CHECKS)]
    command += ["--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", "25", "--generation-deterministic", "--continue-on-failure"]
    command += ["--generation-database", "none", "--request-timeout", "30", "--no-color"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(  # noqa: S603
            [f"{sys.prefix}/bin/{command[0]}", *command[1:], *selection],
            cwd=scratch,
            timeout=SECONDS,
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
