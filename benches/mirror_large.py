"""Large files through the mirror: when their first byte comes, and what many of them take."""

import contextlib
import pathlib
import shutil
import socket
import statistics
import sys
import threading
import time

import mirror_upstream
import report
from http_client import PIP_ACCEPT, Connection
from mirror_installs import mirror
from processes import Trouble, resident_mib, running, wait_until
from servers import START_SECONDS, Server

MOST_MS, MOST_MIB = 50, 150
# Files whose first byte is waited for, one after the other.
FIRSTS = 10
PULL_SECONDS = 600
SAMPLE_SECONDS = 0.02
PIECE = 1 << 16


@contextlib.contextmanager
def large_upstream(folder, count, mib):
    """An upstream of so many files; its log says when each was begun."""
    log = folder / "upstream.log"
    script = pathlib.Path(mirror_upstream.__file__)
    with running([sys.executable, str(script), str(count), str(mib)], log) as process:
        port = wait_until(lambda: log.read_text().partition("\n")[0], process, log, START_SECONDS)
        yield Server("upstream", f"http://127.0.0.1:{port}", process.pid), log


@contextlib.contextmanager
def _both(binary, work, name, count, mib):
    """A mirror of a large upstream, which knows its page already."""
    folder = work / name
    folder.mkdir()
    with large_upstream(folder, count, mib) as (upstream, log):
        with mirror(binary, folder / "mirror", upstream.url) as server:
            with Connection(server) as connection:
                connection.fetch(f"/simple/{mirror_upstream.PROJECT}/", PIP_ACCEPT)
            yield server, log
    shutil.rmtree(folder)


def pull(server, number, mib):
    """Gets a file whole and returns when its first byte came; its end tells whether it is right."""
    wanted = mib * mirror_upstream.MIB + mirror_upstream.TAIL
    with socket.create_connection((server.host, server.port), PULL_SECONDS) as connection:
        path = mirror_upstream.path(number)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        head, came, size, end = b"", None, 0, b""
        while piece := connection.recv(PIECE):
            if came is None:
                head += piece
                if b"\r\n\r\n" not in head:
                    continue
                head, _, piece = head.partition(b"\r\n\r\n")
                if not piece:
                    head += b"\r\n\r\n"
                    continue
                came = time.monotonic()
            size += len(piece)
            end = (end + piece)[-mirror_upstream.TAIL :]
    if size != wanted or end != mirror_upstream.tail(number):
        raise Trouble(f"file {number}: {size} bytes of {wanted}; {head[:200]!r}")
    return came


def first_byte(asked, binary, work):
    """How long after upstream's first byte that of the mirror comes."""
    with _both(binary, work, "first-byte", FIRSTS, asked.mib) as (server, log):
        came = {number: pull(server, number, asked.mib) for number in range(FIRSTS)}
        begun = _begun(log)
    delays = sorted((came[number] - begun[number]) * 1000 for number in range(FIRSTS))
    middle, worst = statistics.median(delays), delays[-1]
    table = report.table(
        [f"first byte of {asked.mib} MiB, after upstream's", "ms"],
        [["median", f"{middle:.1f}"], ["worst", f"{worst:.1f}"]],
    )
    goal = ["first byte, first fetch", f"at most {MOST_MS} ms", f"{middle:.1f} ms, worst {worst:.1f} ms"]
    return table, [[*goal, report.met(worst <= MOST_MS)]]


def _begun(log):
    """When upstream began with each file for the first time."""
    begun = {}
    for line in log.read_text().splitlines()[1:]:
        number, moment = line.split()
        begun.setdefault(int(number), float(moment))
    return begun


def memory(asked, binary, work):
    """Resident memory while many clients pull a file each: while those come from upstream, and
    again when they are kept."""
    with _both(binary, work, "memory", asked.clients, asked.mib) as (server, log):
        before = resident_mib(server.pid)
        first, first_seconds = _peak(server, asked)
        again, again_seconds = _peak(server, asked)
        fetches = len(log.read_text().splitlines()) - 1
    if fetches != asked.clients:
        raise Trouble(f"{asked.clients} files were fetched {fetches} times")
    title = f"{asked.clients} clients pull {asked.clients} files of {asked.mib} MiB"
    table = report.table(
        [title, "peak resident MiB", "seconds"],
        [["before", f"{before:.0f}", ""], ["first fetch", f"{first:.0f}", f"{first_seconds:.1f}"],
         ["kept", f"{again:.0f}", f"{again_seconds:.1f}"]],
    )
    peak = max(first, again)
    goal = [title, f"at most {MOST_MIB} MiB", f"{peak:.0f} MiB", report.met(peak <= MOST_MIB)]
    return table, [goal]


def _peak(server, asked):
    failed, peak = [], resident_mib(server.pid)

    def one(number):
        try:
            pull(server, number, asked.mib)
        except Exception as error:  # told below, by the thread that can end the run
            failed.append(error)

    clients = [threading.Thread(target=one, args=[number]) for number in range(asked.clients)]
    begun = time.monotonic()
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients):
        peak = max(peak, resident_mib(server.pid))
        time.sleep(SAMPLE_SECONDS)
    if failed:
        raise Trouble(f"{len(failed)} clients failed: {failed[0]}") from failed[0]
    return peak, time.monotonic() - begun
