#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The decision rules have 100 % branch coverage: every branch of src/domain is taken by the unit tests.

Usage: branches.py SOURCE_DIR GCC GCOV. Builds src/domain with --coverage in a folder of its own, runs the tests of
tests/unit/domain and asks gcov. Prints each branch that no test took; exit 1 when there is one.
"""
import concurrent.futures
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# Branches that cannot be taken: (file, text of the line) -> why. Nothing else is left out.
UNREACHABLE = {}

FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O0", "-g"]


def compile_all(gcc, root, sources, folder, extra):
    def one(source):
        target = folder / f"{source.parent.name}_{source.stem}.o"
        subprocess.run([gcc, *FLAGS, *extra, f"-I{root}/include", "-include", "ad/banned.h", "-c", str(source), "-o", str(target)], check=True)
        return target

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, sources))


def branches(gcov, objects, folder):
    """Yields (file, line number, taken, all) of each line that branches."""
    subprocess.run([gcov, "--branch-probabilities", "--json-format", *map(str, objects)], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    for report in sorted(folder.glob("*.gcov.json.gz")):
        for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
            if "/src/domain/" not in file["file"]:
                continue
            for line in file["lines"]:
                if line["branches"] or line["count"] == 0:
                    taken = sum(branch["count"] > 0 for branch in line["branches"])
                    yield pathlib.Path(file["file"]), line["line_number"], line["count"], taken, len(line["branches"])


def main():
    root, gcc, gcov = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    rules = sorted((root / "src/domain").glob("*.c"))
    tests = sorted((root / "tests/unit/domain").glob("test_*.c"))
    faults, total, lines = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="appdesk-branches-") as name:
        folder = pathlib.Path(name)
        objects = compile_all(gcc, root, rules, folder, ["--coverage"])
        others = compile_all(gcc, root, sorted((root / "src/base").glob("*.c")), folder, [])
        mains = compile_all(gcc, root, tests, folder, [])
        for test in mains:
            binary = test.with_suffix("")
            subprocess.run([gcc, "--coverage", str(test), *map(str, objects + others), "-o", str(binary), "-lcmocka",
                            "-lcjson", "-lm", "-lpthread"], check=True)
            run = subprocess.run([str(binary)], capture_output=True, text=True, env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
            if run.returncode != 0:
                faults.append(f"{binary.name} fails:\n{run.stdout}{run.stderr}")
        seen = set()
        for path, number, count, taken, of in branches(gcov, objects, folder):
            seen.add(path.name)
            total, lines = total + of, lines + 1
            text = path.read_text().splitlines()[number - 1].strip()
            if (count == 0 or taken < of) and (path.name, text) not in UNREACHABLE:
                faults.append(f"{path.relative_to(root)}:{number}: {taken} of {of} branches taken: {text}")
        # A file that branches nowhere would be one without rules.
        faults += [f"{path.relative_to(root)}: gcov says nothing" for path in rules if path.name not in seen]
    print("\n".join(faults) if faults else f"branches: all {total} of {len(rules)} files in src/domain are taken")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
