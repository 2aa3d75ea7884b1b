"""Pages and files that were mirrored, beside the same ones hosted by the same binary."""

import functools
import json

import cases
import corpus
import load
import report
import servers
from http_client import ANY_ACCEPT, HTML_ACCEPT, PIP_ACCEPT, Connection, path_of
from mirror_installs import mirror

PROJECTS, FILES, SIZE = 200, 5, 20_000
# What two equal servers differ by on a quiet machine (`benches/run`, ratios of rounds).
LEAST = 0.95


def measure(asked, binary, work):
    """The table, and what the goals say."""
    folder = work / "warm-pages"
    folder.mkdir()
    count, _ = corpus.write(folder / "corpus", corpus.wheels(PROJECTS, FILES, SIZE))
    index = servers.Index(binary, folder / "data")
    index.fill(folder / "corpus", count)
    results = []
    with index.serving(folder / "log") as hosted, mirror(binary, folder / "mirror", hosted.url) as ours:
        ours.name, hosted.name = "mirrored", "hosted"
        for case in _cases(hosted):
            results.append(load.measure(case, [ours, hosted], folder, asked.rounds, asked.seconds))
    goals = [_goal(result) for result in results]
    return report.load_table(results, ("mirrored", "hosted")), goals


def _cases(hosted):
    with Connection(hosted) as connection:
        names = sorted({wheel.name for wheel in corpus.wheels(PROJECTS, 1, 0)})
        pages = [f"/simple/{name}/" for name in names]
        files = []
        for page in pages:
            listed = json.loads(connection.fetch(page, PIP_ACCEPT))
            files.append(path_of(listed, listed["files"][0]))
    page = functools.partial(cases.Case, index_paths=pages, nginx_paths=pages, any_serial=True)
    return [
        page("json", "project page, JSON", PIP_ACCEPT),
        page("json-gzip", "project page, JSON, gzip", PIP_ACCEPT, encoding="gzip"),
        page("html", "project page, HTML", HTML_ACCEPT),
        cases.Case("download", "wheel download", ANY_ACCEPT, files, files),
    ]


def _goal(result):
    found = result.ratios_of_rounds()[0]
    wanted = f"at least {LEAST} of hosted"
    return [f"{result.case.title}, mirrored", wanted, f"{found:.2f}", report.met(found >= LEAST)]
