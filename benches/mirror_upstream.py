"""An upstream of large made-up wheels, which come out of memory, and says when each began.

    python3 benches/mirror_upstream.py COUNT MIB

Its first line on standard output is its port; then a line each time the first byte of a file is
sent: the file's number and the time of the monotonic clock, which all processes share. All files
are the same but for their ends, so that their digests cost next to nothing.
"""

import hashlib
import http.server
import json
import sys
import time

MIB = 1 << 20
PIECE = bytes(range(256)) * (MIB // 256)
PROJECT = "large"
TAIL = 16


def tail(number):
    """The last bytes of a file, which are its own."""
    return f"{number:0{TAIL}}".encode()


def filename(number):
    return f"{PROJECT}-1.{number}-py3-none-any.whl"


def path(number):
    return f"/packages/{number:02x}/00/{number:060x}/{filename(number)}"


def page(count, mib):
    """The project page; nothing is advertised that is not there."""
    common = hashlib.sha256()
    for _ in range(mib):
        common.update(PIECE)
    files = []
    for number in range(count):
        digest = common.copy()
        digest.update(tail(number))
        files.append({"filename": filename(number), "url": path(number), "size": mib * MIB + TAIL,
                      "hashes": {"sha256": digest.hexdigest()}, "yanked": False,
                      "upload-time": "2026-01-02T03:04:05Z"})
    versions = [f"1.{number}" for number in range(count)]
    return {"meta": {"api-version": "1.1"}, "name": PROJECT, "versions": versions, "files": files}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers the page, and files by their paths."""

    protocol_version = "HTTP/1.1"
    page, numbers, mib = b"", {}, 0

    def do_GET(self):
        if self.path == f"/simple/{PROJECT}/":
            self._head("application/vnd.pypi.simple.v1+json", len(self.page))
            self.wfile.write(self.page)
        elif self.path in self.numbers:
            self._file(self.numbers[self.path])
        else:
            self.send_error(404)

    def _head(self, kind, length):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _file(self, number):
        self._head("application/octet-stream", self.mib * MIB + TAIL)
        self.server.say(number)
        for _ in range(self.mib):
            self.connection.sendall(PIECE)
        self.connection.sendall(tail(number))

    def log_message(self, *_):
        pass


class Upstream(http.server.ThreadingHTTPServer):
    """Listens on a free port, for many at once."""

    request_queue_size = 128
    daemon_threads = True

    def say(self, number):
        print(number, time.monotonic(), flush=True)


def main():
    count, mib = map(int, sys.argv[1:])
    Handler.page = json.dumps(page(count, mib)).encode()
    Handler.numbers = {path(number): number for number in range(count)}
    Handler.mib = mib
    server = Upstream(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
