# SPDX-License-Identifier: Apache-2.0
"""The pictures in the guides and the cards that they were drawn from. A picture is called CARD-THEME-WIDTH.png, or
CARD-open-THEME-WIDTH.png when the card's forms are unfolded on it; made.json has for each of these cards the digest of what is
drawn of it. Numbers, days and the like are no part of it, so that it is the same in each run and on every day."""
import hashlib
import json
import pathlib
import re
import shutil

GUIDES = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/guides"
PICTURES = GUIDES / "pictures"
MADE = PICTURES / "made.json"

NAMED = re.compile(r"pictures/((?:\w+-)+?(?:light|dark)-(?:wide|narrow)\.png)")
LOOK = re.compile(r"(-open)?-(light|dark)-(wide|narrow)\.png$")
NOT_DRAWN = {"$schema", "data", "fallback", "fallbackText", "id", "refresh", "verb"}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
VOLATILE = (
    (re.compile(r"\{\{(DATE|TIME)\([^)]*\)\}\}"), r"\1"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b"), "DIGEST"),
    (re.compile(rf"\b({MONTHS}|Sept|{'|'.join(month[:3] for month in MONTHS.split('|'))})\b"), "MONTH"),
    (re.compile(rf"\b({DAYS}|{'|'.join(day[:3] for day in DAYS.split('|'))})\b"), "DAY"),
    (re.compile(r"\d+"), "N"),
)


def named():
    """The pictures that guides show."""
    return {name for guide in GUIDES.glob("*.md") for name in NAMED.findall(guide.read_text())}


def card_of(picture):
    return LOOK.sub("", picture)


def what_lasts(part):
    """The part of a card without what is not drawn, and without what is another in each run."""
    if isinstance(part, dict):
        return {key: what_lasts(value) for key, value in part.items() if key not in NOT_DRAWN}
    if isinstance(part, list):
        return [what_lasts(value) for value in part]
    if isinstance(part, str):
        for pattern, word in VOLATILE:
            part = pattern.sub(word, part)
    return part


def digest(card):
    return hashlib.sha256(json.dumps(what_lasts(card), sort_keys=True).encode()).hexdigest()


def stale(cards):
    """Cards of pictures in the guides that look otherwise now, or are not met any more."""
    made = json.loads(MADE.read_text()) if MADE.exists() else {}
    now = {card_of(picture): None for picture in named()}
    now.update((name, digest(cards[name])) for name in now if name in cards)
    return sorted(name for name in now | made if now.get(name) is None or now[name] != made.get(name))


def renew(cards, gallery, everything=False):
    """The guides' pictures from the gallery: those that are stale or missing, or all. Those that no guide shows go."""
    wanted, old = named(), stale(cards)
    unknown = sorted({card_of(picture) for picture in wanted} - cards.keys())
    if unknown:
        raise AssertionError(f"guides show cards that nobody meets: {', '.join(unknown)}")
    PICTURES.mkdir(exist_ok=True)
    for picture in sorted(wanted):
        if everything or card_of(picture) in old or not (PICTURES / picture).exists():
            shutil.copyfile(gallery / picture, PICTURES / picture)
            print(f"drawn: {picture}")
    for path in PICTURES.glob("*.png"):
        if path.name not in wanted:
            path.unlink()
            print(f"gone: {path.name}")
    MADE.write_text(json.dumps({name: digest(cards[name]) for name in sorted(map(card_of, wanted))}, indent=1) + "\n")
