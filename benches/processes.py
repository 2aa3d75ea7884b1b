"""Starting, watching and surely ending processes (Linux: it reads /proc)."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

STOP_SECONDS = 10
TICKS = os.sysconf("SC_CLK_TCK")
# In /proc/PID/stat, counted behind the name, which may hold blanks (man 5 proc).
PARENT, USER_TICKS, SYSTEM_TICKS = 1, 11, 12


class Trouble(Exception):
    """Something that ends the run, in words for the person who started it."""


@contextlib.contextmanager
def running(command, log, **how):
    """Runs a server for as long as the block; whatever happens, it is gone afterwards, and so
    are the processes that it started."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **how,
        )
    try:
        yield process
    finally:
        end(process)


def end(process):
    """Asks the process to stop, then ends what is left of its group."""
    try:
        process.terminate()
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)


def run(command, seconds, stdin=None, env=None):
    """Runs a command to its end and returns what it printed."""
    try:
        done = subprocess.run(
            command, input=stdin, env=env, timeout=seconds, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL if stdin is None else None,
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"{command[0]} took longer than {seconds} s") from None
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def wait_until(ready, process, log, seconds):
    """Calls `ready` until it returns something; gives up when the process has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ready()
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.02)
    tail = pathlib.Path(log).read_text(errors="replace")[-2000:]
    raise Trouble(f"{process.args[0]} did not come up; its log ends:\n{tail}")


def cpu_seconds(pid):
    """Processor time so far of a process and of the children that it has now."""
    return sum(_ticks(pid) for pid in [pid, *children(pid)]) / TICKS


def thread_seconds(pid):
    """Processor time so far of the threads that a process has now: to the nanosecond, where
    `cpu_seconds` counts hundredths of a second (proc_pid_schedstat(5))."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


class Bystanders:
    """Watches how much of the machine others use while these servers and this script work."""

    def __init__(self, pids):
        self.pids = pids
        self.begun, self.busy, self.own = self._now()

    def share(self):
        """Processor time of all others since the start, as a part of what the machine has."""
        now, busy, own = self._now()
        others = (busy - self.busy) - (own - self.own)
        return max(0, others) / ((now - self.begun) * os.cpu_count())

    def _now(self):
        # Of this process and those it has waited for, such as wrk.
        mine = sum(os.times()[:4])
        return time.monotonic(), _busy_seconds(), mine + sum(map(cpu_seconds, self.pids))


def _busy_seconds():
    """Of all processors; with what a virtual machine was kept waiting (man 5 proc_stat)."""
    fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
    user, nice, system, steal = (int(fields[at]) for at in (1, 2, 3, 8))
    return (user + nice + system + steal) / TICKS


def children(pid):
    """The processes that this one has started and that still run."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(_stat(folder.name)[PARENT]) == pid:
                found.append(int(folder.name))
    return found


def _ticks(pid):
    fields = _stat(pid)
    return int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS])


def _stat(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def resident_mib(pid):
    """Resident memory of one process, in MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise Trouble(f"/proc/{pid}/status has no VmRSS")
