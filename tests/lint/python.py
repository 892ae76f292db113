#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every name that the project's Python uses is one that it has, and the other way round (pyflakes).

Usage: python.py SOURCE_DIR. Prints what is wrong; exit 1 when there is something.
"""
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


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))
             if "node_modules" not in path.parts and path.is_file() and is_python(path)]
    done = subprocess.run(["pyflakes3", *map(str, files)], capture_output=True, text=True)
    said = (done.stdout + done.stderr).replace(f"{root}/", "").strip()
    print(said or f"python: {len(files)} files, every name is known")
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
