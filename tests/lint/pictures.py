#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Guides and their pictures belong together: what a guide names is there, what is there is named, in the dark as well as in the
light, and made.json knows what it was drawn from. Links between the guides lead somewhere.

Usage: pictures.py SOURCE_DIR. Prints each fault; exit 1 when there is one.
"""
import json
import pathlib
import re
import sys

PICTURE = re.compile(r"pictures/([\w-]+\.png)")
LOOK = re.compile(r"(?:-open)?-(?:light|dark)-(?:wide|narrow)\.png$")
LINK = re.compile(r"\]\(([^)#:\s]+)?(?:#([^)\s]+))?\)")
LIMIT = 1_500_000  # bytes of all pictures: they are in every clone


def check_pictures(guides):
    named = {name: path.name for path in sorted(guides.glob("*.md")) for name in PICTURE.findall(path.read_text())}
    there = {path.name: path.stat().st_size for path in (guides / "pictures").glob("*.png")}
    path = guides / "pictures/made.json"
    made = json.loads(path.read_text()) if path.exists() else {}
    for name in sorted(named.keys() - there.keys()):
        yield f"{named[name]} shows pictures/{name}, which is not there; run scripts/pictures"
    for name in sorted(there.keys() - named.keys()):
        yield f"pictures/{name} is in no guide; run scripts/pictures"
    for name in sorted(named):
        twin = name.replace("-light-", "-dark-") if "-light-" in name else name.replace("-dark-", "-light-")
        if not LOOK.search(name):
            yield f"{named[name]}: {name} is not called CARD-THEME-WIDTH.png"
        elif twin not in named:
            yield f"{named[name]} shows {name}, but not {twin}"
    cards = {LOOK.sub("", name) for name in named}
    for card in sorted(cards ^ made.keys()):
        yield f"pictures/made.json and the guides differ about {card}; run scripts/pictures"
    if sum(there.values()) > LIMIT:
        yield f"pictures have {sum(there.values())} bytes, at most {LIMIT}"


def anchors(path):
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head)).lower().replace(" ", "-") for head in heads}


def check_links(path, root):
    for file, anchor in LINK.findall(path.read_text()):
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            yield f"{path.relative_to(root)}: {file} is not there"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{path.relative_to(root)}: {file} has no heading #{anchor}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    guides = root / "docs/guides"
    pages = [root / "README.md", *sorted(guides.glob("*.md"))]
    faults = [*check_pictures(guides), *(fault for page in pages for fault in check_links(page, root))]
    print("\n".join(faults) if faults else f"pictures: {len(pages)} pages with all that they show and link to")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
