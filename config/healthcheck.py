"""Whether this machine's server is ready, for a container's health check: `python -m
config.healthcheck` ends with 0 or 1, without loading Django.
"""

import http.client
import os
import sys

SECONDS = 4.0


def host_name(allowed: str) -> str:
    """A Host that the server accepts, from ALLOWED_HOSTS, where `.example.com` and `*` stand for
    many.
    """
    first = next((name for part in allowed.split(",") if (name := part.strip())), "")
    return first.removeprefix(".").removeprefix("*") or "localhost"


def is_ready(address: str, port: int, *, host: str) -> tuple[bool, str]:
    """Requests /health/ready. Returns whether the status is 200, and the body."""
    server = http.client.HTTPConnection(address, port, timeout=SECONDS)
    try:
        server.request("GET", "/health/ready", headers={"Host": host, "Accept": "application/json"})
        response = server.getresponse()
        return response.status == http.HTTPStatus.OK, response.read(4096).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"no answer: {type(error).__name__}"
    finally:
        server.close()


def main() -> int:
    listens = os.environ.get("HOST", "127.0.0.1")
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listens, listens)  # noqa: S104  # nosec B104
    host = host_name(os.environ.get("ALLOWED_HOSTS", ""))
    ready, said = is_ready(address, int(os.environ.get("PORT", "8000")), host=host)
    sys.stdout.write(said + "\n")
    return 0 if ready else 1


if __name__ == "__main__":
    sys.exit(main())
