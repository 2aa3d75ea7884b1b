"""Prints the descriptions of the packages that real.txt names, as a JSON list of [name, text].

Only their metadata is fetched: pip is asked what it would install.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile


def names():
    lines = pathlib.Path(__file__).with_name("real.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def description(requirement, report):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    what = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"]
    # What is of interest is the text, not whether it would run here.
    subprocess.run([*pip, *what, "--ignore-requires-python", "--report", report, requirement], check=True)
    metadata = json.loads(pathlib.Path(report).read_text())["install"][0]["metadata"]
    return metadata.get("description") or ""


def main():
    found = []
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        for requirement in names():
            try:
                found.append([requirement, description(requirement, report)])
            except (subprocess.CalledProcessError, OSError) as error:
                # Built for other machines, or gone.
                print(f"{requirement}: {error}", file=sys.stderr)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
