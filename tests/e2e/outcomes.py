# SPDX-License-Identifier: Apache-2.0
"""What becomes of each manifest of the shared test data: a plan, or one clear reason why there is none.

Usage: outcomes.py OUT.md writes the list that docs/internals/outcomes.md is; test_hand_off.py compares it.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import harness

DATA = pathlib.Path(os.environ.get("AD_SHARED_DATA", harness.SOURCE.parent / "shared/data")) / "winget"
HEAD = """# What becomes of each manifest

Made by `tests/e2e/outcomes.py` from the manifests of other projects that the tests read: `appdesk package --manifest` gives each a plan or one
reason. A test compares this list, so that whoever changes the parser, the choice or the plan sees whom it concerns. Manifests that their authors
made wrong on purpose (`Bad`) get a plan where nothing that counts for a deployment is wrong with them. [The last section](#judged) judges it all.
"""


def manifests():
    """Each manifest: a file, or the folder of one in several files."""
    files = [p for folder in ("manifests-merged", "manifests-single", "source-v1/chain") for p in (DATA / folder).rglob("*.yaml")]
    folders = [p for p in (DATA / "manifests-multi").iterdir() if p.is_dir()]
    return sorted(files) + sorted(folders)


def preview(path):
    """What the program says of it, as JSON; it must end of itself, and say the same to people."""
    done = subprocess.run([harness.APPDESK, "package", "--json", "--manifest", path], env=harness.PLAIN_ENVIRONMENT,
                          capture_output=True, text=True, timeout=60)
    said = json.loads(done.stdout)
    if done.returncode != (0 if said["ok"] else 1) or "Sanitizer" in done.stderr:
        raise AssertionError(f"{path}: {done.returncode}: {done.stderr}")
    return said


def outcome(said):
    if not said["ok"]:
        return said["error"]
    installer, plan = said["installer"], said["plan"]
    return f"{installer['type']} {installer['architecture']} {installer['scope']}: `{plan['install']}`"


def all_outcomes():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(manifests(), pool.map(preview, manifests())))


def row(path, said):
    cells = [str(path.relative_to(DATA)), said.get("package", ""), said.get("version", ""), outcome(said)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def document(outcomes):
    """The list without what people have judged of it."""
    plans = sum(said["ok"] for said in outcomes.values())
    rows = "\n".join(row(path, said) for path, said in outcomes.items())
    return (f"{HEAD}\n{plans} of {len(outcomes)} get a plan.\n\n| manifest | package | version | outcome |\n|---|---|---|---|\n{rows}\n")


def main():
    out = pathlib.Path(sys.argv[1])
    judged = re.search(r"\n## Judged\n.*", out.read_text(), re.DOTALL) if out.exists() else None
    out.write_text(document(all_outcomes()) + (judged[0] if judged else ""))


if __name__ == "__main__":
    main()
