"""Results as Markdown."""

import datetime
import hashlib
import os
import pathlib
import platform
import shlex
import subprocess
import sys

from servers import find

# nginx's processor time for a request, divided by cheeseshop's: wrk takes one of two cores, so what it
# gets is limited by itself, and what a request costs the server says which one is faster.
LEAST_PAGE, LEAST_WHEEL = 1.0, 0.8
MOST_IDLE_MIB = 30
MOST_BINARY_MB = 30
# Fewer rounds say little on a machine that has other things to do.
FEWEST_ROUNDS = 7
# Up to this is what idle services and the virtual machine's host take.
MOST_OTHERS = 0.05
# Enough to tell two binaries apart.
DIGEST_SHOWN = 12


def heading(asked, binary, index_version, nginx_workers, others):
    """When, where and with what was measured; `others` is the part of the machine that was not
    ours during the load."""
    now = datetime.datetime.now(datetime.timezone.utc)
    lines = [
        *_place(now),
        f"- Versions: {index_version} ({_origin(asked)}), {_said(['nginx', '-v'])}, "
        f"{_said(['wrk', '-v'])}, Python {platform.python_version()}",
        f"- Binary: {binary.stat().st_size / 1e6:.1f} MB (goal: below {MOST_BINARY_MB} MB), "
        f"SHA-256 {_digest(binary)}…",
        f"- Corpus: {asked.projects} projects of {asked.files} wheels of {asked.size:,} bytes",
        f"- Command: `{shlex.join(['benches/run', *sys.argv[1:]])}`",
        f"- Rounds: {asked.rounds} of {asked.seconds} s; {nginx_workers} nginx workers; "
        f"other processes used {others:.0%} of the machine during the load",
    ]
    if asked.rounds < FEWEST_ROUNDS:
        lines.append(f"- **Preliminary**: fewer than {FEWEST_ROUNDS} rounds")
    if others > MOST_OTHERS:
        lines.append("- **Preliminary**: the machine was not quiet")
    return "\n".join(lines)


def mirror_heading(asked, binary, index_version, others):
    """The same for a run of `benches/mirror`."""
    now = datetime.datetime.now(datetime.timezone.utc)
    lines = [
        *_place(now),
        f"- Versions: {index_version}, {_said(['nginx', '-v'])}, Python {platform.python_version()}",
        f"- Binary: {binary.stat().st_size / 1e6:.1f} MB, SHA-256 {_digest(binary)}…",
        f"- Command: `{shlex.join(['benches/mirror', *sys.argv[1:]])}`",
        f"- Rounds: {asked.rounds}; other processes used {others:.0%} of the machine",
    ]
    if others > MOST_OTHERS:
        lines.append("- **Preliminary**: the machine was not quiet")
    return "\n".join(lines)


def _place(now):
    return [
        f"- Date: {now:%Y-%m-%d %H:%M} UTC",
        f"- Machine: {os.cpu_count()} cores, {_processor()}, {_memory()}, "
        f"Linux {platform.release()}",
    ]


def load_table(results, names=("cheeseshop", "nginx")):
    """A row a case; the first server's figure, then the second's."""
    initials = " / ".join(name[0] for name in names)
    columns = [
        "case", *(f"{name} req/s" for name in names), "ratio of medians",
        "ratio of a round: median (range)", f"p99 ms ({initials})", f"CPU µs a request ({initials})",
    ]
    return table(columns, [_load_row(result) for result in results])


def _load_row(result):
    ours, theirs = result.medians("per_second")
    ratio = result.ratio()
    within, least, greatest = result.ratios_of_rounds()
    p99, cpu = result.medians("p99_ms"), result.medians("cpu_seconds")
    return [
        result.case.title, f"{ours:,.0f}", f"{theirs:,.0f}", f"**{ratio:.2f}**",
        f"{within:.2f} ({least:.2f}-{greatest:.2f})", f"{p99[0]:.2f} / {p99[1]:.2f}",
        f"{cpu[0] * 1000:.1f} / {cpu[1] * 1000:.1f}",
    ]


def memory_table(memory):
    """Resident memory at moments of the server's life."""
    return table(["cheeseshop, resident memory", "MiB"], [[k, f"{v:.1f}"] for k, v in memory])


def upload_table(rates, connections):
    """Uploads beside the disk's own rate."""
    rows = [
        [title, f"{rates.median(field):,.0f}", _span(getattr(rates, field))]
        for title, field in (
            (f"uploads, {connections} connections", "uploads"),
            ("disk: write, fsync, rename, fsync folder; 1 thread", "fsync_one"),
            (f"the same, {connections} threads", "fsync_many"),
        )
    ]
    cpu = rates.median("upload_cpu_seconds")
    written = table(["writing", "per second, median", "min-max"], rows)
    return f"{written}\n\nServer CPU: {cpu:.2f} s per 1000 uploads."


def goals(results, memory):
    """The goals that this run can judge, each with whether it is met."""
    rows = []
    for result in results:
        ours, theirs = result.medians("cpu_seconds")
        least = LEAST_WHEEL if result.case.key == "download" else LEAST_PAGE
        # What is shown is what is judged.
        ratio = round(theirs / ours, 2)
        rows.append([result.case.title, f"at least {least} of nginx by CPU", f"{ratio:.2f}", met(ratio >= least)])
    idle = memory[0][1]
    wanted = f"at most {MOST_IDLE_MIB} MiB"
    rows.append(["idle memory", wanted, f"{idle:.1f} MiB", met(idle <= MOST_IDLE_MIB)])
    return table(["goal", "wanted", "measured", "met"], rows)


def met(is_met):
    """How a goal's last column says it."""
    return "yes" if is_met else "**no**"


def _span(values):
    return f"{min(values):,.0f}-{max(values):,.0f}"


def table(columns, rows):
    """A table of Markdown, all cells being text."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _said(command):
    """The first line that a program says about itself, on whichever stream, whatever it returns."""
    done = subprocess.run(
        [find(command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=10,
    )
    first = done.stdout.splitlines()[0] if done.stdout else command[0]
    return first.removeprefix("nginx version: ").partition(" Copyright")[0]


def _origin(asked):
    """Where the binary comes from. Of one that was given only its digest is known: the sources
    beside this script need not be its own."""
    if asked.binary:
        return "a binary given by path"
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True,
        cwd=pathlib.Path(__file__).parent, timeout=10,
    )
    return f"built from {done.stdout.strip()}" if done.returncode == 0 else "built from no commit"


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_SHOWN]


def _processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory():
    kib = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return f"{kib / 1024 / 1024:.0f} GiB"
