"""Measures what requests cost, on loopback, and prints a table: bench/README.md."""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench import profiled, servers
from bench.load import Load, drive
from bench.scenarios import SCENARIOS, Scenario
from bench.servers import Server


class Round(NamedTuple):
    """The load, and ms of CPU for each of its requests: of the worker, and of PostgreSQL."""

    load: Load
    cpu: float
    database: float


Rounds = dict[tuple[str, str], list[Round]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    add = parser.add_argument
    names = [scenario.name for scenario in SCENARIOS]
    add("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(names)} (default: all)")
    add("--database", default="", metavar="URL", help="a PostgreSQL server's (default: SQLite)")
    add("--redis", default="", metavar="URL", help="(default: none)")
    add("--against", type=Path, metavar="DIRECTORY", help="another checkout to compare with")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=1.5, help="of each scenario in a round (default: 1.5)")
    add("--connections", type=int, default=8)
    add("--profile", action="store_true", help="say where the time goes, instead of how much")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(names):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    options = arguments()
    chosen = [s for s in SCENARIOS if not options.scenarios or s.name in options.scenarios]
    if len(servers.CORES) > 1:
        os.sched_setaffinity(0, servers.CORES[1:])
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.stub())

        def start(name: str, root: Path) -> Server:
            return stack.enter_context(
                servers.server(
                    name,
                    root=root,
                    database=options.database,
                    redis=options.redis,
                    upstream=upstream,
                    connections=options.connections,
                    app="bench.profiled" if options.profile else "config.wsgi",
                )
            )

        running = [start("here", servers.HERE)]
        if options.against:
            running.append(start("against", options.against.resolve()))
        if options.profile:
            profile(running, chosen, options.seconds * options.rounds)
        else:
            rounds = measure(running, chosen, options)
            report(running, chosen, rounds)
            if any(load.errors for seen in rounds.values() for load, _, _ in seen):
                sys.exit("some answers were not the expected ones: these figures say nothing")


def machine() -> float:
    """How fast the worker's core is just now: ms of CPU for a fixed piece of Python."""
    os.sched_setaffinity(0, servers.CORES[:1])
    start = time.process_time()
    sum(range(2_000_000))
    spent = time.process_time() - start
    os.sched_setaffinity(0, servers.CORES[1:] or servers.CORES)
    return spent * 1000


def measure(running: list[Server], chosen: list[Scenario], options: argparse.Namespace) -> Rounds:
    """Rounds of all scenarios, the servers taking turns within each; the first only warms up."""
    rounds: Rounds = {(s.name, server.name): [] for s in chosen for server in running}
    speeds: list[float] = []
    for number in range(options.rounds + 1):
        for scenario in chosen:
            for server in running:
                seen = one_round(server, scenario, options.seconds if number else 0.5)
                if number:
                    rounds[scenario.name, server.name].append(seen)
        speeds.append(machine())
    print(
        f"the machine: {median(speeds):.1f} ms for summing two million numbers "
        f"({min(speeds):.1f} to {max(speeds):.1f})\n"
    )
    return rounds


def one_round(server: Server, scenario: Scenario, seconds: float) -> Round:
    before, database = server.cpu(), servers.database_cpu()
    load = drive(
        server.port, scenario.requests(server.seeds), status=scenario.status, seconds=seconds
    )
    count = max(1, len(load.latencies) + load.errors)
    spent = [now - database.get(pid, now) for pid, now in servers.database_cpu().items()]
    return Round(load, (server.cpu() - before) * 1000 / count, sum(spent) * 1000 / count)


def report(running: list[Server], chosen: list[Scenario], rounds: Rounds) -> None:
    """CPU: the median of the rounds, and the lowest and highest; latencies of all rounds."""
    print(
        "| scenario | server | CPU ms (rounds) | PostgreSQL's | requests | req/s | p50 ms ", end=""
    )
    print("| p99 ms | errors |\n|---|---|---|---|---|---|---|---|---|")
    for scenario in chosen:
        for server in running:
            print(_row(scenario, server, rounds[scenario.name, server.name]))
    for scenario in chosen if len(running) > 1 else []:
        ours, theirs = (
            [seen.cpu for seen in rounds[scenario.name, server.name]] for server in running
        )
        ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
        print(
            f"{scenario.name}: here / against, CPU of each round: "
            f"{median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
        )
    for server in running:
        print(f"memory of the worker ({server.name}): {server.memory():.0f} MB")


def _row(scenario: Scenario, server: Server, seen: list[Round]) -> str:
    cpu = sorted(one.cpu for one in seen)
    loads = [one.load for one in seen]
    latencies = [seconds * 1000 for load in loads for seconds in load.latencies]
    cuts = quantiles(latencies, n=100) if len(latencies) > 1 else [0.0] * 99
    rate = median(len(load.latencies) / load.seconds for load in loads)
    errors = sum(load.errors for load in loads)
    return (
        f"| {scenario.name} | {server.name} | {median(cpu):.2f} ({cpu[0]:.2f} to {cpu[-1]:.2f}) "
        f"| {median(one.database for one in seen):.2f} "
        f"| {len(latencies)} | {rate:.0f} | {cuts[49]:.1f} | {cuts[98]:.1f} | {errors} |"
    )


def profile(running: list[Server], chosen: list[Scenario], seconds: float) -> None:
    for scenario in chosen:
        for server in running:
            one_round(server, scenario, 0.5)
            profiled.collect(server.port)
            load, cpu, _database = one_round(server, scenario, seconds)
            count = len(load.latencies) + load.errors
            print(f"\n## {scenario.name}, {server.name}: {cpu:.2f} ms CPU, {count} requests")
            profiled.tell(profiled.collect(server.port), cpu=cpu, count=count)


if __name__ == "__main__":
    main()
