"""Uploads as twine sends them, beside what the disk can do by itself."""

import base64
import dataclasses
import hashlib
import json
import os
import pathlib
import secrets
import statistics
import threading
import time

import corpus
from http_client import ANY_ACCEPT, PIP_ACCEPT, Connection, path_of
from processes import Trouble, cpu_seconds

CONNECTIONS = 8
# Files of each connection in a round; five of each project, as in the corpus.
PROJECTS, FILES = 5, 5
# More says nothing new about a disk.
MOST_PROBE_SECONDS = 3
# For a thread of a round to end: far more than it needs.
JOIN_SECONDS = 300


@dataclasses.dataclass
class Rates:
    """Per second, a number for each round."""

    uploads: list
    upload_cpu_seconds: list  # of the server, for a thousand uploads
    fsync_one: list
    fsync_many: list

    def median(self, field):
        return statistics.median(getattr(self, field))


def measure(server, token, work, size, rounds, seconds):
    """Uploads new wheels over several connections, and writes the same amount bare, in turn."""
    rates = Rates([], [], [], [])
    probe_seconds = min(seconds, MOST_PROBE_SECONDS)
    for number in range(rounds):
        rates.fsync_one.append(_disk(work, size, probe_seconds, 1))
        rates.fsync_many.append(_disk(work, size, probe_seconds, CONNECTIONS))
        shares = [_share(number * CONNECTIONS + each, size) for each in range(CONNECTIONS)]
        before = cpu_seconds(server.pid)
        rates.uploads.append(_round(server, token, shares))
        used = cpu_seconds(server.pid) - before
        rates.upload_cpu_seconds.append(used / sum(map(len, shares)) * 1000)
        _verify(server, shares)
    return rates


def _share(number, size):
    """The wheels of one connection: projects of its own, with their forms ready to be sent."""
    wheels = corpus.wheels(PROJECTS, FILES, size, prefix="bench-upload", first=number * PROJECTS)
    return [(wheel, content := wheel.content(), form(wheel, content)) for wheel in wheels]


def form(wheel, content):
    """Content type and body of the form that twine sends for a wheel."""
    boundary = secrets.token_hex(16)
    own = [(key.lower().replace("-", "_"), value) for key, value in wheel.fields()]
    plural = {"classifier": "classifiers"}
    fields = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        *((plural.get(key, key), value) for key, value in own),
        ("description", wheel.description()),
        ("filetype", "bdist_wheel"),
        ("pyversion", "py3"),
        ("comment", ""),
        ("md5_digest", hashlib.md5(content, usedforsecurity=False).hexdigest()),
        ("sha256_digest", hashlib.sha256(content).hexdigest()),
        ("blake2_256_digest", hashlib.blake2b(content, digest_size=32).hexdigest()),
    ]
    head = 'Content-Disposition: form-data; name="'
    text = "".join(f'--{boundary}\r\n{head}{key}"\r\n\r\n{value}\r\n' for key, value in fields)
    file_head = (
        f'--{boundary}\r\n{head}content"; filename="{wheel.filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = (text + file_head).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _round(server, token, shares):
    """Sends all shares at once, each over a connection of its own; returns files per second."""
    return _together(len(shares), lambda each: _send(server, login(token), shares[each]))


def login(token):
    return "Basic " + base64.b64encode(f"__token__:{token}".encode()).decode()


def send(server, token, wheel):
    """Uploads one wheel over a connection of its own."""
    content = wheel.content()
    _send(server, login(token), [(wheel, content, form(wheel, content))])


def _send(server, login, share):
    with Connection(server) as connection:
        for wheel, _, (content_type, body) in share:
            headers = {"Authorization": login, "Content-Type": content_type, "Accept": ANY_ACCEPT}
            answer = connection.ask("POST", "/legacy/", body, headers)
            if answer.status != 200:
                said = answer.body.decode(errors="replace")[:500]
                raise Trouble(f"uploading {wheel.filename}: {answer.status} {answer.reason} {said}")
    return len(share)


def _verify(server, shares):
    """Every file that was uploaded is listed, and one of them comes back as it was sent."""
    with Connection(server) as connection:
        for share in shares:
            for name in sorted({wheel.name for wheel, _, _ in share}):
                page = json.loads(connection.fetch(f"/simple/{name}/", PIP_ACCEPT))
                listed = {entry["filename"]: entry for entry in page["files"]}
                wanted = {wheel.filename for wheel, _, _ in share if wheel.name == name}
                if set(listed) != wanted:
                    raise Trouble(f"{name} lists {sorted(listed)} after the upload")
        wheel, content, _ = shares[-1][-1]
        path = path_of(page, listed[wheel.filename])
        if connection.fetch(path, ANY_ACCEPT) != content:
            raise Trouble(f"{wheel.filename} does not come back as it was uploaded")


def _disk(work, size, seconds, threads):
    """How often a second a file is written, flushed, moved in place and its name flushed."""
    folder = work / "disk"
    folder.mkdir(exist_ok=True)
    content = os.urandom(size)
    deadline = time.monotonic() + seconds
    rate = _together(threads, lambda each: _write_until(deadline, folder / str(each), content))
    for path in folder.iterdir():
        path.unlink()
    return rate


def _write_until(deadline, stem, content):
    count = 0
    while time.monotonic() < deadline:
        temporary, final = f"{stem}.new", pathlib.Path(f"{stem}-{count}")
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, final)
        handle = os.open(final.parent, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        count += 1
    return count


def _together(threads, work):
    """Runs `work` on so many threads at once; returns how much they did a second in all."""
    done, failed = [], []

    def one(each):
        try:
            done.append(work(each))
        except Exception as error:  # told below, by the thread that can end the run
            failed.append(error)

    running = [threading.Thread(target=one, args=[each], daemon=True) for each in range(threads)]
    begun = time.monotonic()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(JOIN_SECONDS)
    took = time.monotonic() - begun
    if failed:
        raise Trouble(f"while uploading or writing: {failed[0]}") from failed[0]
    if len(done) < threads:
        raise Trouble(f"{threads - len(done)} threads did not end within {JOIN_SECONDS} s")
    return sum(done) / took
