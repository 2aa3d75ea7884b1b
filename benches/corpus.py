"""Writes made-up wheels, the same bytes on every machine and at every time.

    python3 benches/corpus.py FOLDER --projects 200 --files 5 --size 20000

Names, versions and contents follow from the arguments alone. Nothing is compressed, because
compressors differ between versions; the payload is hexadecimal noise, so that nobody else's
compression makes the files smaller on the way than they look.
"""

import argparse
import base64
import dataclasses
import hashlib
import io
import pathlib
import zipfile

# The first moment that a zip archive can name; any fixed one would do.
MOMENT = (1980, 1, 1, 0, 0, 0)
# A regular file that everybody may read, as zip archives from Unix say it.
MODE = 0o100644 << 16
UNIX = 3
# About what a short README takes.
DESCRIPTION_LINES = 12


@dataclasses.dataclass(frozen=True)
class Wheel:
    """One wheel: what it is called, and how large it should be in bytes."""

    name: str
    version: str
    size: int

    @property
    def filename(self):
        return f"{self._stem}-py3-none-any.whl"

    @property
    def _stem(self):
        return f"{self.module}-{self.version}"

    @property
    def module(self):
        return self.name.replace("-", "_")

    def fields(self):
        """The metadata as pairs, in the order in which METADATA has them."""
        return [
            ("Metadata-Version", "2.1"),
            ("Name", self.name),
            ("Version", self.version),
            ("Summary", "A made-up package to measure with"),
            ("Author", "Nobody"),
            ("Author-email", "nobody@example.org"),
            ("License", "MIT"),
            ("Keywords", "measuring,example"),
            ("Classifier", "Programming Language :: Python :: 3"),
            ("Classifier", "Operating System :: OS Independent"),
            ("Requires-Python", ">=3.9"),
            ("Description-Content-Type", "text/markdown"),
        ]

    def description(self):
        line = f"{self.name} {self.version} is made up, and does nothing when it is installed.\n"
        return f"# {self.name}\n\n" + line * DESCRIPTION_LINES

    def content(self):
        """The bytes of the wheel: `size` but for a few, or as few as a valid wheel needs."""
        bare = len(self._archive(payload=0))
        return self._archive(payload=max(0, self.size - bare))

    def _archive(self, payload):
        info = f"{self._stem}.dist-info"
        members = {
            f"{self.module}/__init__.py": self._module_text(payload),
            f"{info}/METADATA": self._metadata(),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: cheeseshop-benches\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n",
        }
        members[f"{info}/RECORD"] = record(members, f"{info}/RECORD")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for path, text in members.items():
                member = zipfile.ZipInfo(path, MOMENT)
                member.create_system, member.external_attr = UNIX, MODE
                archive.writestr(member, text.encode())
        return buffer.getvalue()

    def _metadata(self):
        head = "".join(f"{key}: {value}\n" for key, value in self.fields())
        return f"{head}\n{self.description()}"

    def _module_text(self, payload):
        noise = hashlib.shake_256(self._stem.encode()).hexdigest((payload + 1) // 2)[:payload]
        return f'NOISE = "{noise}"\n'


def record(members, own_path):
    """The RECORD file for these members (Binary distribution format, "The .dist-info directory")."""
    lines = []
    for path, text in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        lines.append(f"{path},sha256={digest.decode().rstrip('=')},{len(text.encode())}\n")
    return "".join(lines) + f"{own_path},,\n"


def wheels(projects, files, size, prefix="bench", first=0):
    """All wheels of a corpus: `files` versions of each of `projects` projects, counted from
    `first`."""
    for project in range(first, first + projects):
        for version in range(files):
            yield Wheel(f"{prefix}-{project:06}", f"1.{version}", size)


def write(folder, corpus):
    """Writes wheels into a folder for each project; returns how many files and bytes."""
    count = total = 0
    for wheel in corpus:
        path = pathlib.Path(folder) / wheel.name / wheel.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        total += path.write_bytes(wheel.content())
        count += 1
    return count, total


def main():
    parser = argparse.ArgumentParser(description="Write made-up wheels, always the same bytes.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--files", type=int, default=5, help="wheels of each project")
    parser.add_argument("--size", type=int, default=20_000, help="bytes of each wheel, about")
    asked = parser.parse_args()
    count, total = write(asked.folder, wheels(asked.projects, asked.files, asked.size))
    print(f"{count} wheels, {total} bytes, in {asked.folder}")


if __name__ == "__main__":
    main()
