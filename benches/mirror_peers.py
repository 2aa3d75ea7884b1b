"""Other servers that mirror an index: devpi and proxpi, each as its documentation sets it up."""

import base64
import contextlib
import http.client
import json
import os
import socket
import sys

from processes import Trouble, run, running, wait_until
from servers import START_SECONDS, Server

# What is installed beside the build, once: the client, the peers, and what serves them.
PACKAGES = ["uv", "devpi-server", "proxpi", "gunicorn", "setuptools<81"]
INSTALL_SECONDS = 900
# uv asks over up to fifty connections; with fewer threads proxpi lets installers wait.
PROXPI_THREADS = 16
# How long proxpi lets a client wait before it sends it to upstream: long enough that it never does.
PROXPI_PATIENCE = "60"


def tools(folder):
    """The folder of programs, made when first needed."""
    programs = folder / "tools" / "bin"
    stamp = folder / f"tools-{'-'.join(PACKAGES).replace('<', '_')}"
    if not stamp.exists():
        run([sys.executable, "-m", "venv", folder / "tools"], INSTALL_SECONDS)
        run([programs / "pip", "install", "--quiet", *PACKAGES], INSTALL_SECONDS, env=own_settings())
        stamp.touch()
    return programs


def own_settings():
    """The environment without what would give this machine's packages from elsewhere."""
    return {key: value for key, value in os.environ.items() if key != "PIP_FIND_LINKS"}


@contextlib.contextmanager
def devpi(programs, folder, upstream):
    """devpi-server with one mirror of the upstream."""
    data, log = folder / "devpi", folder / "devpi.log"
    run([programs / "devpi-init", "--serverdir", data, "--no-root-pypi"], START_SECONDS)
    port = _free_port()
    command = [programs / "devpi-server", "--serverdir", data, "--host", "127.0.0.1",
               "--port", str(port)]
    with running(list(map(str, command)), log) as process:
        server = Server("devpi", f"http://127.0.0.1:{port}", process.pid)
        wait_until(lambda: _answers(server, "/+api"), process, log, START_SECONDS)
        login = _say(server, "POST", "/+login", {"user": "root", "password": ""})
        token = f"root:{login['result']['password']}"
        index = {"type": "mirror", "mirror_url": f"{upstream}/simple/"}
        _say(server, "PUT", "/root/up", index, token)
        server.simple = "/root/up/+simple/"
        yield server


@contextlib.contextmanager
def proxpi(programs, folder, upstream):
    """proxpi behind gunicorn: one process, because each would keep pages of its own."""
    data, log = folder / "proxpi", folder / "proxpi.log"
    data.mkdir()
    port = _free_port()
    env = own_settings() | {
        "PROXPI_INDEX_URL": f"{upstream}/simple/", "PROXPI_CACHE_DIR": str(data),
        "PROXPI_DOWNLOAD_TIMEOUT": PROXPI_PATIENCE,
    }
    command = [programs / "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1",
               "--threads", str(PROXPI_THREADS), "--log-level", "warning", "proxpi.server:app"]
    with running(list(map(str, command)), log, env=env) as process:
        server = Server("proxpi", f"http://127.0.0.1:{port}", process.pid)
        wait_until(lambda: _answers(server, "/health"), process, log, START_SECONDS)
        server.simple = "/index/"
        yield server


PEERS = {"devpi": devpi, "proxpi": proxpi}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(server, path):
    try:
        return _ask(server, "GET", path)[0] < 500
    except (OSError, http.client.HTTPException):
        return False


def _say(server, method, path, words, token=None):
    status, body = _ask(server, method, path, words, token)
    if status not in (200, 201):
        raise Trouble(f"devpi answers {status} to {method} {path}: {body[:300]!r}")
    return json.loads(body)


def _ask(server, method, path, words=None, token=None):
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["X-Devpi-Auth"] = base64.b64encode(token.encode()).decode()
    connection = http.client.HTTPConnection(server.host, server.port, timeout=START_SECONDS)
    with contextlib.closing(connection):
        connection.request(method, path, json.dumps(words) if words else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
