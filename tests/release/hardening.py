#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A released program is hardened and carries no fault points. Usage: hardening.py PROGRAM."""
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    program = sys.argv[1]
    header = output("readelf", "--wide", "--file-header", "--segments", "--dynamic", program)
    symbols = output("readelf", "--wide", "--dyn-syms", program)
    with open(program, "rb") as file:
        content = file.read()
    checks = {
        "position independent": re.search(r"Type:\s+DYN", header) and "INTERP" in header,
        "full RELRO": "GNU_RELRO" in header and re.search(r"\bBIND_NOW\b|\bNOW\b", header),
        "no executable stack": re.search(r"GNU_STACK.*\bRW\b\s", header) and not re.search(r"GNU_STACK.*RWE", header),
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified calls": re.search(r"__\w+_chk\b", symbols.replace("__stack_chk_fail", "")),
        "no run path": "RPATH" not in header and "RUNPATH" not in header,
        "no fault points": b"APPDESK_FAULT" not in content,
    }
    for name, holds in checks.items():
        print(f"{'ok' if holds else 'MISSING'}: {name}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
