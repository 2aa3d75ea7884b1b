"""Load by wrk on two servers in alternation."""

import dataclasses
import json
import os
import pathlib
import statistics

import cases
from http_client import AGENT
from processes import Trouble, cpu_seconds, run
from servers import find

# One thread of wrk leaves the other core of a small machine to the server; sixteen connections
# are a few installers at once.
THREADS, CONNECTIONS = 1, 16
WARM_SECONDS = 1
# How much longer than asked wrk may take to come to its end.
GRACE_SECONDS = 30
# What is on the wire for each request may differ so much from what was seen beforehand: requests
# that the end of a round cuts off count with their bytes but not as requests.
BYTES_OFF = 0.03


@dataclasses.dataclass
class Round:
    """One round on one server."""

    per_second: float
    p99_ms: float
    cpu_seconds: float  # of the server, for a thousand requests


@dataclasses.dataclass
class Result:
    """All rounds of one case: those of cheeseshop and those of nginx, in pairs."""

    case: cases.Case
    ours: list
    theirs: list

    def medians(self, field):
        return [statistics.median(getattr(it, field) for it in side) for side in (self.ours, self.theirs)]

    def ratio(self):
        """Ratio of the median rates."""
        ours, theirs = self.medians("per_second")
        return ours / theirs

    def ratios_of_rounds(self):
        """Median, least and greatest of the ratios within each pair of rounds. Where the machine
        was busy for a while, this median is the truer one: both of a pair suffered."""
        pairs = [ours.per_second / theirs.per_second for ours, theirs in zip(self.ours, self.theirs)]
        return statistics.median(pairs), min(pairs), max(pairs)


def measure(case, servers, work, rounds, seconds):
    """Checks a case, warms both servers up, and measures them in turn: A B A B."""
    asked = cases.check(case, servers)
    listed = {}
    for server in servers:
        listed[server.name] = _write_list(work / f"{case.key}-{server.name}.txt", asked[server.name])
        _wrk(server, listed[server.name], case, asked[server.name], WARM_SECONDS)
    sides = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            done = _wrk(server, listed[server.name], case, asked[server.name], seconds)
            sides[server.name].append(done)
    return Result(case, *(sides[server.name] for server in servers))


def _write_list(path, requests):
    path.write_text("".join(f"{target}\t{etag}\n" for target, etag in requests.targets))
    return path


def rotation(server, listed, accept, encoding, seconds):
    """The command and the environment with which wrk asks for all that is listed, in turn."""
    script = pathlib.Path(__file__).with_name("rotate.lua")
    command = [
        find("wrk"), f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
        "-s", str(script), server.url,
    ]
    env = {
        **os.environ,
        "BENCH_TARGETS": str(listed), "BENCH_ACCEPT": accept, "BENCH_AGENT": AGENT,
        "BENCH_ENCODING": encoding,
    }
    return command, env


def list_pages(path, names):
    """Writes the list of these projects' pages, without ETags."""
    path.write_text("".join(f"/simple/{name}/\t\n" for name in names))
    return path


def _wrk(server, listed, case, requests, seconds):
    command, env = rotation(server, listed, case.accept, case.encoding, seconds)
    before = cpu_seconds(server.pid)
    printed = run(command, seconds + GRACE_SECONDS, env=env)
    used = cpu_seconds(server.pid) - before
    found = result(printed)
    _check(server, case, requests, found)
    return Round(
        per_second=found["requests"] / found["seconds"],
        p99_ms=found["p99_ms"],
        cpu_seconds=used / found["requests"] * 1000,
    )


def result(printed):
    """What wrk found, by its line of JSON."""
    for line in printed.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    raise Trouble(f"wrk printed no result:\n{printed[-1000:]}")


def _check(server, case, requests, found):
    where = f"{case.title}, {server.name}"
    if found["errors"] or not found["requests"]:
        raise Trouble(f"{where}: {found['errors']} errors in {found['requests']} requests")
    each = found["bytes"] / found["requests"]
    if abs(each / requests.mean_bytes - 1) > BYTES_OFF:
        raise Trouble(f"{where}: {each:.0f} bytes a request, expected {requests.mean_bytes:.0f}")
