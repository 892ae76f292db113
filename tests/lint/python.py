#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every name that the project's Python uses is one that it has, and the other way round (pyflakes).

Usage: python.py SOURCE_DIR. Prints what is wrong; exit 1 when there is something.
"""
import os
import pathlib
import subprocess
import sys

FOLDERS = ("scripts", "tests")


def is_python(path):
    if path.suffix:
        return path.suffix == ".py"
    with open(path, "rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and b"python" in first


def files_below(folder):
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        yield from (pathlib.Path(place, name) for name in names)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [path for folder in FOLDERS for path in sorted(files_below(root / folder)) if is_python(path)]
    done = subprocess.run(["pyflakes3", *map(str, files)], capture_output=True, text=True)
    said = (done.stdout + done.stderr).replace(f"{root}/", "").strip()
    print(said or f"python: {len(files)} files, every name is known")
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
