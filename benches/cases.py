"""What is asked for: the same bytes from both servers, made ready and checked beforehand."""

import dataclasses
import gzip
import hashlib
import json
import os
import re
import shutil

from http_client import ANY_ACCEPT, HTML_ACCEPT, PIP_ACCEPT, Connection, path_of
from processes import Trouble

# More than this would only measure how the caches of the processor are filled.
MOST_TARGETS = 200
# Where a page says it, in HTML and in JSON.
SERIAL = re.compile(rb'<!--SERIAL \d+-->|"_last-serial":\d+')


@dataclasses.dataclass
class Case:
    """A kind of request, with the paths to rotate over on each server."""

    key: str
    title: str
    accept: str
    index_paths: list
    nginx_paths: list
    conditional: bool = False
    encoding: str = ""
    # Mirrored pages have no serial of their own; but for that they are as hosted ones.
    any_serial: bool = False


@dataclasses.dataclass
class Requests:
    """What one server is asked in a case: paths with ETags, and the bytes that must come back."""

    targets: list
    mean_bytes: float


def prepare(index, root, corpus, wheels):
    """Copies what the index serves into nginx's folder `root`, and returns the cases."""
    names = sorted({wheel.name for wheel in wheels})[:MOST_TARGETS]
    pages = [f"/simple/{name}/" for name in names]
    files = []
    with Connection(index) as connection:
        for name in names:
            page = _copy(connection, name, PIP_ACCEPT, root / "json")
            _copy(connection, name, HTML_ACCEPT, root / "html")
            files.append(_link_file(json.loads(page), root, corpus / name))
    json_paths, html_paths = ([f"/{kind}/{name}" for name in names] for kind in ("json", "html"))
    return [
        Case("json", "project page, JSON", PIP_ACCEPT, pages, json_paths),
        Case("html", "project page, HTML", HTML_ACCEPT, pages, html_paths),
        Case("json-gzip", "project page, JSON, gzip", PIP_ACCEPT, pages, json_paths, encoding="gzip"),
        Case("html-gzip", "project page, HTML, gzip", HTML_ACCEPT, pages, html_paths, encoding="gzip"),
        Case("304", "project page, 304 by ETag", PIP_ACCEPT, pages, json_paths, conditional=True),
        Case("download", "wheel download", ANY_ACCEPT, files, files),
    ]


def _copy(connection, name, accept, folder):
    """The page as it is, and beside it as nginx looks for it where a client takes gzip."""
    folder.mkdir(parents=True, exist_ok=True)
    path = f"/simple/{name}/"
    (folder / f"{name}.gz").write_bytes(connection.fetch(path, accept, "gzip"))
    body = connection.fetch(path, accept)
    (folder / name).write_bytes(body)
    return body


def _link_file(page, root, folder):
    """Gives nginx the wheel that the page lists first, under the path where the index has it."""
    entry = page["files"][0]
    source = folder / entry["filename"]
    if hashlib.sha256(source.read_bytes()).hexdigest() != entry["hashes"]["sha256"]:
        raise Trouble(f"the page's sha256 of {entry['filename']} is not that of the file")
    path = path_of(page, entry)
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return path


def check(case, servers):
    """Asks both servers for everything once: the answers must be the same, byte for byte.
    Returns what each of them is to be asked."""
    index, nginx = servers
    asked = {server.name: [] for server in servers}
    with Connection(index) as ours, Connection(nginx) as theirs:
        for index_path, nginx_path in zip(case.index_paths, case.nginx_paths):
            mine = _ask(ours, index_path, case)
            other = _ask(theirs, nginx_path, case)
            _compare(case, index_path, mine[1], other[1])
            asked[index.name].append((index_path, *mine))
            asked[nginx.name].append((nginx_path, *other))
    return {name: _requests(answers) for name, answers in asked.items()}


def _requests(answers):
    mean = sum(answer.wire_bytes for _, _, answer in answers) / len(answers)
    return Requests([(path, etag) for path, etag, _ in answers], mean)


def _ask(connection, path, case):
    """Returns the ETag to send, if the case sends one, and the answer that is to be measured."""
    answer = connection.get(path, case.accept, encoding=case.encoding)
    if not case.conditional:
        return "", answer
    etag = answer.headers["ETag"]
    if not etag:
        raise Trouble(f"{path} has no ETag")
    return etag, connection.get(path, case.accept, etag)


def _content(case, answer):
    if not case.any_serial:
        return answer.body
    is_packed = answer.headers["Content-Encoding"] == "gzip"
    body = gzip.decompress(answer.body) if is_packed else answer.body
    return SERIAL.sub(b"", body)


def _compare(case, path, mine, other):
    wanted = 304 if case.conditional else 200
    for answer in (mine, other):
        if answer.status != wanted:
            raise Trouble(f"{case.title}: {path} answers {answer.status}, not {wanted}")
    if _content(case, mine) != _content(case, other):
        raise Trouble(f"{case.title}: {path} differs between the servers")
    encodings = mine.headers["Content-Encoding"], other.headers["Content-Encoding"]
    if not case.conditional and encodings != (case.encoding or None,) * 2:
        raise Trouble(f"{case.title}: {path} has the encodings {encodings[0]} and {encodings[1]}")
    kinds = mine.headers["Content-Type"], other.headers["Content-Type"]
    if not case.conditional and kinds[0] != kinds[1]:
        raise Trouble(f"{case.title}: {path} has the content types {kinds[0]} and {kinds[1]}")
