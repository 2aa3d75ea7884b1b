"""A plain copy of an index: pages as JSON and HTML, files and their metadata, for nginx to serve."""

import gzip
import hashlib
import html
import json
import os
import re
import shutil
import zipfile

UPLOADED = "2026-01-02T03:04:05.678901Z"
# What a project of some age has published; nobody installs these, so they have no bytes.
OLDER = "{module}-0.0.0.{number}-py3-none-any.whl"
# As nginx and the mirror compress what they keep ready.
LEVEL = 6


def write(wheels, root, older):
    """Writes the index of a folder of wheels below `root`; each page lists so many older files
    beside. Returns the names of the projects."""
    pages = {}
    for wheel in sorted(wheels.glob("*.whl")):
        module, version = wheel.name.split("-")[:2]
        name = normalized(module)
        page = pages.setdefault(name, {"files": [_older(module, number) for number in range(older)],
                                       "versions": [f"0.0.0.{number}" for number in range(older)]})
        page["files"].append(_publish(wheel, root))
        page["versions"].append(version)
    for name, page in pages.items():
        meta = {"meta": {"api-version": "1.1"}, "name": name}
        _page(root / "simple" / name, meta | page, map(_anchor, page["files"]))
    listed = {"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in pages]}
    anchors = (f'<a href="/simple/{name}/">{name}</a><br/>\n' for name in pages)
    _page(root / "simple", listed, anchors)
    return sorted(pages)


def normalized(name):
    """PEP 503, "Normalized Names"."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _publish(wheel, root):
    """Puts a wheel and its METADATA where upstream's own paths would have them."""
    content = wheel.read_bytes()
    digest = hashlib.blake2b(content, digest_size=32).hexdigest()
    path = f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{wheel.name}"
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(wheel, target)
    except OSError:
        shutil.copyfile(wheel, target)
    with zipfile.ZipFile(wheel) as archive:
        member = next(each for each in archive.namelist()
                      if re.fullmatch(r"[^/]+\.dist-info/METADATA", each))
        metadata = archive.read(member)
    target.with_name(f"{wheel.name}.metadata").write_bytes(metadata)
    python = re.search(rb"(?m)^Requires-Python: *(.+?)\r?$", metadata)
    return _entry(path, wheel.name, len(content), hashlib.sha256(content).hexdigest(),
                  hashlib.sha256(metadata).hexdigest(), python and python[1].decode())


def _older(module, number):
    filename = OLDER.format(module=module, number=number)
    digest = hashlib.sha256(filename.encode()).hexdigest()
    path = f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{filename}"
    return _entry(path, filename, 20_000 + number, digest, digest[::-1], ">=3.9")


def _entry(path, filename, size, sha256, metadata, python):
    return {
        "core-metadata": {"sha256": metadata}, "data-dist-info-metadata": {"sha256": metadata},
        "filename": filename, "hashes": {"sha256": sha256}, "provenance": None,
        "requires-python": python, "size": size, "upload-time": UPLOADED, "url": path,
        "yanked": False,
    }


def _anchor(entry):
    python = html.escape(entry["requires-python"] or "")
    python = f' data-requires-python="{python}"' if python else ""
    metadata = f"sha256={entry['core-metadata']['sha256']}"
    return (f'<a href="{entry["url"]}#sha256={entry["hashes"]["sha256"]}"{python} '
            f'data-dist-info-metadata="{metadata}" data-core-metadata="{metadata}">'
            f'{entry["filename"]}</a><br/>\n')


def _page(folder, page, anchors):
    """Both representations, and beside each what a client gets that takes gzip."""
    folder.mkdir(parents=True, exist_ok=True)
    head = '<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.1"></head><body>\n'
    bodies = {"index.json": json.dumps(page), "index.html": f"{head}{''.join(anchors)}</body></html>\n"}
    for name, text in bodies.items():
        (folder / name).write_text(text)
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode(), LEVEL, mtime=0))
