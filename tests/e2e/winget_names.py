# SPDX-License-Identifier: Apache-2.0
"""A large catalogue of real names, for tests and benches of the search. It is read from a genuine WinGet index beside the checkout
(../shared/data/winget); nothing of that is copied here, and who needs it does without where it is absent."""
import itertools
import json
import pathlib
import re
import sqlite3
import tempfile
import zipfile

from cluster import SOURCE

FOLDER = SOURCE.parent / "shared/data/winget"
INDEX = FOLDER / "source-v1/source.msix"
SEARCHES = pathlib.Path(__file__).parent / "data/searches.tsv"
HAS_VERSION = re.compile(r"\s\(?v?\d+[.\d]|\b(x|\d\d-?)(64|86|bit)")


def squeezed(text):
    return re.sub(r"[^\w+#]|_", "", text.lower())


def lines(name):
    return [line.strip() for line in (FOLDER / "normalization" / name).read_text("utf-8-sig").splitlines()]


def searches():
    """What people write and the package that they mean."""
    return [line.split("\t") for line in SEARCHES.read_text().splitlines() if not line.startswith("#")]


def catalogue(count):
    """This many apps: every package of the index with its moniker, then other names of Windows programs, and when these are used up
    the index's tags and publishers, so that each search has thousands of near things to stumble over."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(INDEX) as package:
        index = sqlite3.connect(package.extract("Public/index.db", folder))
        apps = [{"winget_id": row[0], "name": row[1], "publisher": re.sub("(?<=[a-z])(?=[A-Z])", " ", row[0].split(".")[0]),
                 "aliases": [row[2].lower()] if row[2] else []}
                for row in index.execute("select i.id, n.name, m.moniker, max(f.rowid) from manifest f join ids i on i.rowid = f.id"
                                         " join names n on n.rowid = f.name join monikers m on m.rowid = f.moniker group by f.id")]
        words = {table: [row[0] for row in index.execute(f"select {column} from {table} order by rowid")]
                 for table, column in (("names", "name"), ("tags", "tag"), ("norm_publishers", "norm_publisher"))}
        index.close()
    # The same app again, or with its version, is no other app.
    seen = {squeezed(text) for app in apps for text in (app["name"], app["winget_id"].split(".", 1)[1], *app["aliases"])}
    publishers, tags = words["norm_publishers"], words["tags"]
    pairs = ((f"{publishers[k * 7 % len(publishers)]} {tags[k * 13 % len(tags)]}", "") for k in itertools.count())
    others = itertools.chain(zip(lines("InputNames.txt"), lines("InputPublishers.txt")),
                             ((name, "") for name in words["names"] + tags + publishers), pairs)
    while len(apps) < count:
        name, publisher = next(others)
        key = squeezed(name)
        if key and key not in seen and not HAS_VERSION.search(name):
            seen.add(key)
            apps.append({"winget_id": f"Other.{len(apps)}", "name": name, "publisher": publisher, "aliases": []})
    return apps[:count]


LOAD = """
with given as (select * from jsonb_array_elements('{json}'::jsonb) as each (app)),
added as (
    insert into apps (tenant_id, name, publisher, winget_id)
    select (select tenant_id from portal_settings limit 1), app->>'name', app->>'publisher', app->>'winget_id' from given
    on conflict do nothing returning id, winget_id)
insert into app_aliases (app_id, alias)
select id, jsonb_array_elements_text(app->'aliases') from added join given on app->>'winget_id' = winget_id"""


def load(database, apps, at_once=400):
    """Into the database, past the program."""
    for start in range(0, len(apps), at_once):
        text = json.dumps(apps[start:start + at_once], ensure_ascii=False)
        database.execute(LOAD.replace("{json}", text.replace("'", "''")))
    database.execute("analyze apps; analyze app_aliases")
