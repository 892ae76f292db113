#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files, functions and their complexity stay within the house's limits (pmccabe counts).

Usage: sizes.py SOURCE_DIR. Prints what is too large; exit 1 when there is something.
"""
import pathlib
import subprocess
import sys

FILE_LINES = 600
FUNCTION_LINES = 100
COMPLEXITY = 15


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(p for top in ("src", "tests") for p in (root / top).rglob("*.c"))
    faults = []
    for path in files + sorted((root / "include").rglob("*.h")):
        lines = path.read_text().count("\n")
        if lines > FILE_LINES:
            faults.append(f"{path.relative_to(root)}: {lines} lines, at most {FILE_LINES}")
    counted = subprocess.run(["pmccabe", *map(str, files)], check=True, capture_output=True, text=True)
    functions = 0
    for row in counted.stdout.splitlines():
        complexity, _, _, _, lines, rest = row.split("\t")
        name = rest.split(": ")[-1]
        where = rest.split("(")[0].removeprefix(str(root) + "/")
        functions += 1
        if int(lines) > FUNCTION_LINES:
            faults.append(f"{where}: {name} has {lines} lines, at most {FUNCTION_LINES}")
        if int(complexity) > COMPLEXITY:
            faults.append(f"{where}: {name} has complexity {complexity}, at most {COMPLEXITY}")
    print("\n".join(faults) if faults else f"sizes: {len(files)} files, {functions} functions within limits")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
