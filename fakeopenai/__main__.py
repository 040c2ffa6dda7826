"""`python -m fakeopenai`: prints its URL as the first line once it is ready, then its faults."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence

from fakeopenai.faults import FAULTS
from fakeopenai.server import Server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8081, help="0 chooses a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between two chunks")
    parser.add_argument(
        "--attached",
        action="store_true",
        help="exit when standard input ends, that is, with the parent process",
    )


PROMPT = "[[say: TEXT]] [[times: N]] [[chunks: N]] [[slow: SECONDS]] [[fault: NAME]]"


def usage(url: str) -> str:
    """The URL, how to use it, and every fault."""
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
            *(f"  {name:{width}}  {fault.description}" for name, fault in FAULTS.items()),
            "",
        ]
    )


def run(*, host: str, port: int, delay: float, attached: bool = False) -> None:
    """Serves until it is interrupted. Raises OSError if it cannot listen."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(host, port, delay, attached=attached))


async def serve(host: str, port: int, delay: float, *, attached: bool = False) -> None:
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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="fakeopenai", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        run(**vars(options))
    except OSError as error:
        sys.exit(f"fakeopenai: {error}")


if __name__ == "__main__":
    main()
