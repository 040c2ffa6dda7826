"""The CPU cost of a call: the official openai package compared with `chat.upstream`, in one run.

    python -m bench.upstream_clients [--rounds 7] [--calls 40]

Both clients call the same fakeopenai process on loopback, one call at a time, in alternate rounds.
It prints the CPU time of the calling process (the median of the rounds) and ours as a share of the
package's. Ours always streams, even for a caller that waits for the complete answer.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SHORT = "[[chunks: 20]]"
LONG = "[[chunks: 100]]"
PACED = "[[chunks: 100]] [[slow: 0.003]]"

Call = Callable[[], int]  # makes one call; returns the length of the answer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40, help="in a round")
    return parser.parse_args()


@contextlib.contextmanager
def fakeopenai() -> Iterator[str]:
    command = [sys.executable, "-m", "fakeopenai", "--port", "0", "--attached"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def configure(url: str, directory: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DAESA_DOTENV": "",
        "DATA_DIR": directory,
        "DEBUG": "true",
        "LOG_LEVEL": "WARNING",
        "OPENAI_API_KEY": "fake",
        "OPENAI_BASE_URL": url,
    }
    import django  # noqa: PLC0415 - Django reads its settings when it is imported

    django.setup()


def cases(url: str) -> dict[str, tuple[Call, Call]]:
    """For each case, a call by the openai package and one by our client."""
    import openai  # noqa: PLC0415

    from chat.upstream import default_upstream  # noqa: PLC0415

    client = openai.OpenAI(base_url=url, api_key="fake")

    def asked(prompt: str) -> dict:
        return {"model": "fake", "messages": [{"role": "user", "content": prompt}]}

    def package_whole() -> int:
        completion = client.chat.completions.create(**asked(SHORT), temperature=0.7, max_tokens=99)
        return len(completion.choices[0].message.content or "")

    def package_stream(prompt: str) -> int:
        chunks = client.chat.completions.create(
            **asked(prompt),
            temperature=0.7,
            max_tokens=99,
            stream=True,
            stream_options={"include_usage": True},
        )
        return sum(len(it.choices[0].delta.content or "") for it in chunks if it.choices)

    def ours(prompt: str) -> int:
        answer = default_upstream().open_answer(**asked(prompt), temperature=0.7, max_tokens=99)
        return sum(map(len, answer))

    return {
        "a whole answer": (package_whole, lambda: ours(SHORT)),
        "100 chunks at once": (lambda: package_stream(LONG), lambda: ours(LONG)),
        "100 chunks, 3 ms apart": (lambda: package_stream(PACED), lambda: ours(PACED)),
    }


def cpu_of(call: Call, times: int) -> float:
    """Milliseconds of CPU per call."""
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) * 1000 / times


def compare(package: Call, ours: Call, rounds: int, calls: int) -> tuple[float, float]:
    if package() != ours():  # this also warms both up
        raise SystemExit("the two clients read different answers")
    pairs = [(cpu_of(package, calls), cpu_of(ours, calls)) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def main() -> None:
    options = arguments()
    with fakeopenai() as url, tempfile.TemporaryDirectory() as directory:
        configure(url, directory)
        print(f"{'CPU ms per call':24} {'openai':>8} {'ours':>8} {'share':>7}")
        for name, (package, ours) in cases(url).items():
            calls = max(1, options.calls // 8) if "apart" in name else options.calls
            theirs, own = compare(package, ours, options.rounds, calls)
            print(f"{name:24} {theirs:8.2f} {own:8.2f} {own / theirs:7.0%}")


if __name__ == "__main__":
    main()
