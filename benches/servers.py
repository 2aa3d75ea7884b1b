"""The two servers: cheeseshop on a data folder, and nginx on plain files."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import urllib.parse

from processes import Trouble, children, run, running, wait_until

OWNER = "bench"
START_SECONDS = 30
COMMAND_SECONDS = 60
# Bounds an import that hangs: far more than any disk needs for a file.
IMPORT_SECONDS, IMPORT_SECONDS_A_FILE = 120, 0.5
# Between finding a free port and taking it somebody else may be faster.
PORT_TRIES = 5


class Server:
    """A server that runs: its name, its base address, and the id of its (first) process."""

    def __init__(self, name, url, pid):
        self.name, self.url, self.pid = name, url, pid
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port


class Index:
    """A cheeseshop binary with a data folder."""

    def __init__(self, binary, data):
        self.binary, self.data = binary, data
        # Settings of the person who measures must not change what is measured.
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("CHEESESHOP_")}

    def _run(self, *words, seconds=COMMAND_SECONDS, stdin=None):
        command = [self.binary, "--data", self.data, *words]
        return run(list(map(str, command)), seconds, stdin, self.env)

    def fill(self, folder, files):
        """Makes the owner's account and takes in a folder of wheels."""
        self.make_owner()
        seconds = IMPORT_SECONDS + files * IMPORT_SECONDS_A_FILE
        return self._run("import", "--owner", OWNER, folder, seconds=seconds).strip()

    def make_owner(self):
        self.make_account(OWNER, os.urandom(16).hex())

    def make_account(self, name, password):
        person = ["--email", f"{name}@example.org", "--verified", "--password-stdin"]
        self._run("user", "add", name, *person, stdin=password + "\n")

    def token(self):
        return self._run("token", "create", OWNER, "--label", "benches").strip()

    def version(self):
        return run([self.binary, "--version"], COMMAND_SECONDS).strip()

    @contextlib.contextmanager
    def serving(self, log):
        """Serves on a free port. It is known from the log: nobody has asked it anything yet."""
        command = [self.binary, "--data", self.data, "serve", "--listen", "127.0.0.1:0"]
        with running(list(map(str, command)), log, env=self.env) as process:
            url = wait_until(lambda: _announced(log), process, log, START_SECONDS)
            yield Server("cheeseshop", url, process.pid)


def _announced(log):
    found = re.search(r"serving (http://127\.0\.0\.1:\d+)/", pathlib.Path(log).read_text())
    return found and found[1]


# As a careful operator would set it up for static files. The three kinds of files have their
# content types by where they lie, so nothing is negotiated: nginx does the least that it can. Only
# below /simple/, which installers ask, it chooses by Accept.
NGINX_CONF = """\
{user}
worker_processes {workers};
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
    access_log {work}/nginx-access.log combined;
    client_body_temp_path {work}/nginx-tmp/body;
    proxy_temp_path {work}/nginx-tmp/proxy;
    fastcgi_temp_path {work}/nginx-tmp/fastcgi;
    uwsgi_temp_path {work}/nginx-tmp/uwsgi;
    scgi_temp_path {work}/nginx-tmp/scgi;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_timeout 75s;
    keepalive_requests 1000000;
    open_file_cache max=10000 inactive=60s;
    open_file_cache_valid 60s;
    etag on;
    gzip_static on;
    types {{ }}
    map $http_accept $simple_page {{ default index.html; ~simple.v1.json index.json; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {root};
        location /json/ {{ default_type "application/vnd.pypi.simple.v1+json"; }}
        location /html/ {{ default_type "text/html; charset=utf-8"; }}
        location /packages/ {{ default_type application/octet-stream; }}
        location /simple/ {{
            types {{ application/vnd.pypi.simple.v1+json json; text/html html; }}
            # Named: choosing the page by a pattern forgets what stands in $1.
            rewrite ^(?<folder>/simple/(?:[^/]+/)?)$ $folder$simple_page break;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(root, work, workers):
    """Serves the folder `root` on a free port."""
    (work / "nginx-tmp").mkdir()
    log = work / "nginx.log"
    for attempt in range(PORT_TRIES):
        with contextlib.ExitStack() as stack:
            try:
                server = stack.enter_context(_nginx_once(root, work, workers, log))
            except Trouble:
                if attempt == PORT_TRIES - 1:
                    raise
                continue
            yield server
            return


@contextlib.contextmanager
def _nginx_once(root, work, workers, log):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Started by root, its workers would become somebody who may not read the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    conf = work / "nginx.conf"
    conf.write_text(
        NGINX_CONF.format(user=user, workers=workers, work=work, root=root, port=port)
    )
    command = [find("nginx"), "-p", str(work), "-e", str(work / "nginx-error.log"), "-c", str(conf)]
    with running(command, log) as process:
        wait_until(lambda: _listens(port) and children(process.pid), process, log, START_SECONDS)
        yield Server("nginx", f"http://127.0.0.1:{port}", process.pid)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find(program):
    """Where a program is; ordinary users often have no /usr/sbin in their path."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    return shutil.which(program, path=path)
