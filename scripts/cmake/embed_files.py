#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles files into C: embed_files.py OUT.c FILE... gives ad_manifest_files[] of src/app/teams_package.h, in the order of the words."""
import pathlib
import sys

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made from manifest/ by scripts/cmake/embed_files.py. */
#include "teams_package.h"
"""


def array(number, data):
    rows = [", ".join(str(byte) for byte in data[at:at + 20]) for at in range(0, len(data), 20)]
    return f"static const unsigned char file_{number}[] = {{\n\t" + ",\n\t".join(rows) + "\n};\n"


def main():
    out, *paths = map(pathlib.Path, sys.argv[1:])
    arrays = [array(number, path.read_bytes()) for number, path in enumerate(paths)]
    rows = [f'\t{{ "{path.name}", {{ file_{number}, sizeof file_{number} }} }},\n' for number, path in enumerate(paths)]
    table = f"const struct ad_manifest_file ad_manifest_files[AD_MANIFEST_FILES] = {{\n{''.join(rows)}}};\n"
    out.write_text("\n".join([HEAD, *arrays, table]))


if __name__ == "__main__":
    main()
