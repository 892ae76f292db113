#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each feature, edge case and conversation that is promised has a black-box test that is named by its id.

Usage: flows.py SOURCE_DIR. A method names ids before its promise (test_f7_a_..., test_r4_a2_a_...), a class behind its first word
(TestE6Leaver). Prints each id that names no test; exit 1 when there is one.
"""
import pathlib
import re
import sys

PROMISED = ("F1-F19 F21 F24-F26 F33 F34 F38 F40-F45 E1-E10 E17-E28 E31-E33 E35 R1-R23 A1-A11 A13-A15"
            " D1-D3 D5 D7 D8 D11 D14")
FOLDERS = ("tests/e2e", "tests/conformance", "tests/client")
# Their A10, A11, ... are cases of the protocol's own list of tokens.
OTHER_LIST = {"test_tokens.py", "test_clouds.py"}
ID = re.compile(r"[A-Z]\d+")


def expand(spans):
    """"F1-F3 F7" -> F1, F2, F3, F7"""
    for span in spans.split():
        first, _, last = span.partition("-")
        letter, begin = first[0], int(first[1:])
        for number in range(begin, int((last or first)[1:]) + 1):
            yield f"{letter}{number}"


def ids_of_method(name):
    return [word for word in name.upper().split("_")[1:] if ID.fullmatch(word)]


def ids_of_class(name):
    found = re.match(r"Test((?:[A-Z]\d+)+)(?=[A-Z]|$)", name)
    return ID.findall(found[1]) if found else []


def named(path):
    """The ids that tests of this file are named by: their own, and those of the class around them."""
    around = []
    for line in path.read_text().splitlines():
        opened = re.match(r"class (\w+)", line)
        if opened:
            around = ids_of_class(opened[1])
        test = re.match(r"\s+def (test_\w+)\(", line)
        if test:
            yield from around + ids_of_method(test[1])


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [path for folder in FOLDERS for path in sorted((root / folder).glob("test_*.py")) if path.name not in OTHER_LIST]
    known = {name for path in files for name in named(path)}
    promised = list(expand(PROMISED))
    missing = [name for name in promised if name not in known]
    print("\n".join(f"{name}: no test in {', '.join(FOLDERS)} is named by it" for name in missing)
          if missing else f"flows: {len(promised)} ids, each names a test")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
