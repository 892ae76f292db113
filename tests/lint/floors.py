#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Modules include only doors of lower floors, and outside libraries only where docs/ARCHITECTURE.md says.

Usage: floors.py SOURCE_DIR. Prints each arrow that goes the wrong way; exit 1 when there is one.
"""
import pathlib
import re
import sys

# How each outside library shows in an #include.
LIBRARIES = {
    "cjson": r"cjson/", "ini": r"ini\.h", "openssl": r"openssl/", "libpq": r"(libpq-fe|postgres_ext|libpq/.*)\.h", "curl": r"curl/",
    "zip": r"zip(conf)?\.h", "zlib": r"zlib\.h", "libdeflate": r"libdeflate\.h", "event2": r"event2/", "jwt": r"jwt\.h", "sqlite": r"sqlite3\.h", "yaml": r"yaml\.h",
    "expat": r"expat\.h", "libmsi": r"libmsi(-1\.0)?[/.]", "glib": r"(glib|gio)[/.]",
    "icu": r"unicode/", "seccomp": r"seccomp\.h",
}
EXTRA = {"pack": {"glib"}}  # libmsi hands out GLib objects


def read_table(root):
    """module -> (floor, libraries) from the table of floors."""
    floors = {}
    row = re.compile(r"^\| (\d+) \| `(\w+)` \|.*\| ([^|]*)\|$")
    for line in (root / "docs/ARCHITECTURE.md").read_text().splitlines():
        found = row.match(line)
        if found:
            floors[found[2]] = (int(found[1]), set(found[3].split()) | EXTRA.get(found[2], set()))
    return floors


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found[1]


def check_door(module, door, floors, base_doors):
    """None, or why module may not include ad/<door>."""
    owner = door.split("/")[0].removesuffix(".h")
    if owner in base_doors:
        owner = "base"
    if owner == module:
        return None
    if owner not in floors:
        return f"door ad/{door} belongs to no module in the table"
    if floors[owner][0] >= floors[module][0]:
        return f"floor {floors[module][0]} ({module}) includes floor {floors[owner][0]} ({owner})"
    return None


def check_file(path, module, root, floors, base_doors):
    for number, name in includes(path):
        where = f"{path.relative_to(root)}:{number}"
        if name.startswith("ad/"):
            why = check_door(module, name[3:], floors, base_doors)
            if why:
                yield f"{where}: {why}"
            continue
        if "/" in name and (root / "src" / name).exists():
            yield f"{where}: private header {name} of another module"
        for library, pattern in LIBRARIES.items():
            if re.match(pattern + r"", name) and library not in floors[module][1]:
                yield f"{where}: {module} may not include {library} ({name})"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    floors = read_table(root)
    faults = []
    if len(floors) < 20:
        faults.append("docs/ARCHITECTURE.md: the table of floors was not found")
    named = {name for name in floors if name != "base"}
    doors = {path.stem for path in (root / "include/ad").glob("*.h")}
    base_doors = doors - named
    for path in sorted((root / "src").glob("*/*.[ch]")):
        module = path.parent.name
        if module not in floors:
            faults.append(f"{path.relative_to(root)}: module {module} is not in the table")
            continue
        faults += check_file(path, module, root, floors, base_doors)
    for path in sorted((root / "include/ad").rglob("*.h")):
        owner = path.relative_to(root / "include/ad").parts[0].removesuffix(".h")
        faults += check_file(path, "base" if owner in base_doors else owner, root, floors, base_doors)
    print("\n".join(faults) if faults else f"floors: {len(floors)} modules, no arrow goes up")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
