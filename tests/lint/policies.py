#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every example in the guide to policies is one that the program takes.

Usage: policies.py SOURCE_DIR APPDESK. A block that is a policy alone is checked as a file with that policy.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    guide = pathlib.Path(sys.argv[1]) / "docs/guides/policies.md"
    blocks = re.findall(r"^```json\n(.*?)^```", guide.read_text(), re.S | re.M)
    faults = [] if blocks else ["there is no example"]
    for number, block in enumerate(blocks, 1):
        example = json.loads(block)
        if "name" in example:
            example = {"policies": [example]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(example, file)
            file.flush()
            run = subprocess.run([sys.argv[2], "policy", "check", file.name], capture_output=True, text=True)
        if run.returncode != 0:
            faults.append(f"example {number}: {run.stderr.strip()}")
    print("\n".join(faults) if faults else f"policies: {len(blocks)} examples without a fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
