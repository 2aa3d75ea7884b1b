"""Plain requests, one connection each server, for filling, checking and uploading."""

import http.client
import urllib.parse

from processes import Trouble

TIMEOUT_SECONDS = 60
# What pip asks with, and what a browser or an old tool asks with.
PIP_ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, "
    "text/html; q=0.01"
)
HTML_ACCEPT = "text/html"
ANY_ACCEPT = "*/*"
AGENT = "cheeseshop-benches/1 (as pip)"


def path_of(page, entry):
    """The path of a file that a project page in JSON lists; its URL may be relative to the page."""
    url = urllib.parse.urljoin(f"/simple/{page['name']}/", entry["url"])
    return urllib.parse.urlsplit(url).path


class Answer:
    """Status, headers and the whole body; and about how many bytes it was on the wire."""

    def __init__(self, response):
        self.status, self.reason = response.status, response.reason
        self.headers = response.headers
        self.body = response.read()
        head = sum(len(key) + len(value) + 4 for key, value in self.headers.items())
        self.wire_bytes = len(f"HTTP/1.1 {self.status} {self.reason}\r\n\r\n") + head + len(self.body)


class Connection:
    """One kept connection to a server."""

    def __init__(self, server):
        self.kept = http.client.HTTPConnection(server.host, server.port, timeout=TIMEOUT_SECONDS)

    def get(self, path, accept, etag=None, encoding=None):
        headers = {"Accept": accept, "User-Agent": AGENT}
        if encoding:
            headers["Accept-Encoding"] = encoding
        if etag:
            headers["If-None-Match"] = etag
        return self.ask("GET", path, None, headers)

    def fetch(self, path, accept, encoding=None):
        """The body of what must be there."""
        answer = self.get(path, accept, encoding=encoding)
        if answer.status != 200:
            raise Trouble(f"{path} answers {answer.status} {answer.reason}")
        return answer.body

    def ask(self, method, path, body, headers):
        self.kept.request(method, path, body, headers)
        return Answer(self.kept.getresponse())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kept.close()
