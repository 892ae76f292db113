#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sources begin with their licence line and a comment, are formatted, hold no loose ends, headers compile alone, and classes of
tests that may run at the same time have names of their own.

Usage: sources.py SOURCE_DIR [C_COMPILER]. Prints each fault; exit 1 when there is one.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys

LOOSE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|for now\b", re.IGNORECASE)
SPDX = "SPDX-License-Identifier: Apache-2.0"


def check_text(path, root):
    text = path.read_text()
    lines = text.splitlines()
    where = path.relative_to(root)
    if SPDX not in "\n".join(lines[:2]):
        yield f"{where}: no '{SPDX}' at its head"
    if path.suffix in (".c", ".h") and len(lines) > 1 and not lines[1].startswith("/*"):
        yield f"{where}: no comment that says what the file is for"
    for number, line in enumerate(lines, 1):
        if LOOSE.search(line) and path.name != "sources.py":
            yield f"{where}:{number}: loose end: {line.strip()[:80]}"


def check_format(paths):
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *map(str, paths)], capture_output=True, text=True)
    for line in done.stderr.splitlines():
        if "error:" in line:
            yield line


def check_header(path, root, compiler):
    command = [compiler, "-std=c11", "-D_GNU_SOURCE", "-DAD_FAULTS=1", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
               f"-I{root}/include", "-x", "c", "-"]
    source = f'#include "{path.relative_to(root / "include")}"\n' * 2
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    return [f"{path.relative_to(root)}: does not compile alone: {done.stderr.splitlines()[0]}"] if done.returncode else []


def check_worlds(scripts, root):
    """A class of tests keeps its files in a folder of its name."""
    known = {}
    for path in scripts:
        where = path.relative_to(root)
        if where.parts[1] == "unit":
            continue
        for name in re.findall(r"^class (Test\w*)", path.read_text(), re.MULTILINE):
            if name in known:
                yield f"{where}: class {name} is in {known[name]}, too: give it a name of its own"
            known[name] = where


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    compiler = sys.argv[2] if len(sys.argv) > 2 else "cc"
    tops = ("src", "include", "tests")
    sources = sorted(p for top in tops for p in (root / top).rglob("*.[ch]") if "node_modules" not in p.parts)
    scripts = sorted(p for top in ("tests", "scripts") for p in (root / top).rglob("*.py") if "node_modules" not in p.parts)
    faults = [fault for path in sources + scripts for fault in check_text(path, root)]
    faults += check_worlds(scripts, root)
    faults += check_format(sources)
    headers = sorted((root / "include").rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda path: check_header(path, root, compiler), headers):
            faults += found
    print("\n".join(faults) if faults else f"sources: {len(sources)} files and {len(headers)} headers in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
