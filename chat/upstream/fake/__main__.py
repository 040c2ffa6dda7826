"""`python -m chat.upstream.fake`: the first line printed is the URL, once the server is ready."""

import argparse
import asyncio
import contextlib
import sys

from chat.upstream.fake.faults import FAULTS
from chat.upstream.fake.server import Server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between two chunks")
    parser.add_argument(
        "--attached", action="store_true", help="end when standard input does: with its parent"
    )


PROMPT = "[[say: TEXT]] [[times: N]] [[chunks: N]] [[slow: SECONDS]] [[fault: NAME]]"


def usage(url: str) -> str:
    """What to do next, and everything that can be made to go wrong."""
    width = max(map(len, FAULTS))
    return "\n".join(
        [
            url,
            "",
            f"OPENAI_BASE_URL={url} OPENAI_API_KEY=fake DEFAULT_MODEL=fake",
            f"In a prompt: {PROMPT}",
            "As a model: fake, or fake-NAME for a fault",
            "Seen: GET /_/requests, DELETE /_/requests, GET /_/stats",
            "",
            *(f"  {name:{width}}  {fault.what}" for name, fault in FAULTS.items()),
            "",
        ]
    )


def run(*, host: str, port: int, delay: float, attached: bool = False) -> None:
    """Serves until it is interrupted. Raises OSError where it cannot listen."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, delay, attached=attached))


async def _serve(host: str, port: int, delay: float, *, attached: bool = False) -> None:
    server = Server(delay=delay)
    try:
        sys.stdout.write(usage(await server.start(host, port)))
        sys.stdout.flush()
        await (_end_of_input() if attached else asyncio.Event().wait())
    finally:
        await server.close()


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    await reader.read()


def main() -> None:
    parser = argparse.ArgumentParser(prog="fakeopenai", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args()
    try:
        run(**vars(options))
    except OSError as error:
        sys.exit(f"fakeopenai: {error}")


if __name__ == "__main__":
    main()
