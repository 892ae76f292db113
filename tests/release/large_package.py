# SPDX-License-Identifier: Apache-2.0
"""A package that is larger than the memory its reader may take can be looked at and taken apart: sanitizers have no such limit."""
import filecmp
import pathlib
import subprocess
import sys
import tempfile

SIZE = 1200 << 20  # above MEMORY_MAX of `intunewin inspect`
TIMEOUT_S = 200


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        installer, package, out = folder / "setup.exe", folder / "setup.intunewin", folder / "out"
        with open(installer, "wb") as file:
            file.truncate(SIZE)
        for words in (("create", installer, "-o", package), ("inspect", package), ("extract", package, out)):
            subprocess.run([sys.argv[1], "intunewin", *words], check=True, timeout=TIMEOUT_S)
        if not filecmp.cmp(installer, out / "setup.exe", shallow=False):
            sys.exit("what was taken out is not what was put in")


main()
