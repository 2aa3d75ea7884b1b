"""Installs of well-known packages by uv: through mirrors cold and warm, and from nginx itself."""

import contextlib
import dataclasses
import os
import shutil
import statistics
import time

import report
import servers
from mirror_peers import PEERS
from processes import cpu_seconds, run

# Well known, with wheels for every usual machine, and together what a large application needs.
PACKAGES = (
    "requests urllib3 certifi idna charset-normalizer numpy pandas python-dateutil six pytz tzdata "
    "pyyaml click jinja2 markupsafe flask werkzeug itsdangerous blinker django asgiref sqlparse "
    "sqlalchemy greenlet alembic mako pydantic pydantic-core annotated-types typing-extensions fastapi "
    "starlette anyio sniffio h11 httpcore httpx uvicorn cryptography cffi pycparser attrs pytest "
    "pluggy iniconfig packaging rich pygments markdown-it-py mdurl tqdm boto3 botocore jmespath "
    "s3transfer pillow lxml psutil redis setuptools"
).split()
INSTALL_SECONDS = 600
MOST_WARM, MOST_COLD, MOST_OF_PEERS = 1.1, 1.25, 1 / 3


@dataclasses.dataclass
class Runs:
    """Wall time of the client and processor time of the server, a number for each install."""

    wall: list = dataclasses.field(default_factory=list)
    cpu: list = dataclasses.field(default_factory=list)


class Client:
    """uv with a fresh environment and an empty cache each time; making those is not measured."""

    def __init__(self, programs, work, names):
        self.programs, self.folder, self.names = programs, work / "client", names
        hidden = ("PIP_", "UV_", "CHEESESHOP_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        self.env |= {"UV_NO_CONFIG": "1", "NO_PROXY": "127.0.0.1", "HOME": str(self.folder)}

    def install(self, server, simple, runs):
        shutil.rmtree(self.folder, ignore_errors=True)
        uv, environment = self.programs / "uv", self.folder / "env"
        python = self.programs / "python"
        run([uv, "--quiet", "venv", "--python", python, environment], INSTALL_SECONDS, env=self.env)
        command = [uv, "--quiet", "--cache-dir", self.folder / "cache", "pip", "install",
                   "--only-binary", ":all:", "--python", environment / "bin" / "python",
                   "--index-url", f"{server.url}{simple}", *self.names]
        before, begun = cpu_seconds(server.pid), time.perf_counter()
        run(command, INSTALL_SECONDS, env=self.env)
        runs.wall.append(time.perf_counter() - begun)
        runs.cpu.append(cpu_seconds(server.pid) - before)


@contextlib.contextmanager
def mirror(binary, folder, upstream):
    """A new mirror that holds nothing yet."""
    folder.mkdir()
    index = servers.Index(binary, folder / "data")
    index.env |= {"CHEESESHOP_MIRROR__UPSTREAM": f"{upstream}/simple/"}
    with index.serving(folder / "log") as server:
        server.simple = "/simple/"
        yield server


def measure(asked, binary, work, programs, names, note):
    """The table, and what the goals say."""
    client = Client(programs, work, names)
    with contextlib.ExitStack() as stack:
        nginx = stack.enter_context(servers.nginx(work / "static", work, "auto"))
        # Reads the disk once, so that the first in turn does not pay for all.
        client.install(nginx, "/simple/", Runs())
        cold = _cold(asked, client, nginx, binary, work, note)
        warm = _warm(asked, client, nginx, binary, work, note, stack)
    table = report.table(
        ["install", "wall s, median (range)", "to nginx in the same round", "server CPU s"],
        [_row(f"{name}, cold", runs, cold["nginx"]) for name, runs in cold.items() if name != "nginx"]
        + [_row(f"{name}, warm", runs, warm["nginx"]) for name, runs in warm.items()],
    )
    return table, _goals(cold, warm)


def _cold(asked, client, nginx, binary, work, note):
    """The client straight to upstream, and through a mirror that holds nothing, in turn."""
    cold = {"nginx": Runs(), "cheeseshop": Runs()}
    for number in range(asked.rounds):
        note(f"cold install {number + 1}")
        client.install(nginx, "/simple/", cold["nginx"])
        folder = work / f"cold-{number}"
        with mirror(binary, folder, nginx.url) as server:
            client.install(server, server.simple, cold["cheeseshop"])
        shutil.rmtree(folder)
    for name in asked.peers:
        note(f"cold install, {name}")
        folder = work / f"cold-{name}"
        folder.mkdir()
        with PEERS[name](client.programs, folder, nginx.url) as server:
            cold[name] = Runs()
            client.install(server, server.simple, cold[name])
        shutil.rmtree(folder)
    return cold


def _warm(asked, client, nginx, binary, work, note, stack):
    """All of them, each having what it is asked for, in turn."""
    nginx.simple = "/simple/"
    both = [nginx, stack.enter_context(mirror(binary, work / "warm", nginx.url))]
    for name in asked.peers:
        folder = work / f"warm-{name}"
        folder.mkdir()
        both.append(stack.enter_context(PEERS[name](client.programs, folder, nginx.url)))
    for server in both[1:]:
        note(f"warming {server.name}")
        client.install(server, server.simple, Runs())
    warm = {server.name: Runs() for server in both}
    for number in range(asked.rounds):
        note(f"warm install {number + 1}")
        for server in both:
            client.install(server, server.simple, warm[server.name])
    return warm


def ratio(runs, nginx):
    """Median of the ratios within each round: both of a pair had the same machine."""
    return statistics.median(mine / other for mine, other in zip(runs.wall, nginx.wall))


def _row(name, runs, nginx):
    wall, cpu = statistics.median(runs.wall), statistics.mean(runs.cpu)
    span = f"{wall:.2f} ({min(runs.wall):.2f}-{max(runs.wall):.2f})"
    return [name, span, f"{ratio(runs, nginx):.2f}", f"{cpu:.2f}"]


def _goals(cold, warm):
    rows = []
    for title, most, runs, nginx in (
        ("install, warm mirror", MOST_WARM, warm["cheeseshop"], warm["nginx"]),
        ("install, cold mirror", MOST_COLD, cold["cheeseshop"], cold["nginx"]),
    ):
        found = ratio(runs, nginx)
        rows.append([title, f"at most {most} of nginx", f"{found:.2f}", report.met(found <= most)])
    own = statistics.mean(warm["cheeseshop"].cpu)
    for name in PEERS:
        if name in warm:
            share = own / statistics.mean(warm[name].cpu)
            rows.append([f"server CPU of a warm install beside {name}", f"at most {MOST_OF_PEERS:.2f}",
                         f"{share:.2f}", report.met(share <= MOST_OF_PEERS)])
    return rows
