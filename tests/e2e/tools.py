# SPDX-License-Identifier: Apache-2.0
"""Programs of others that judge what AppDesk makes, or that come in its way."""
import os
import shutil
import subprocess
import unittest

TIMEOUT_S = 120


def need(name):
    """Its path. Where it is missing the test is skipped, and fails in CI."""
    path = shutil.which(name)
    if not path and os.environ.get("CI") == "true":
        raise AssertionError(f"{name} is not there; scripts/setup test installs it")
    if not path:
        raise unittest.SkipTest(f"{name} is not there; scripts/setup test installs it")
    return path


def run(*words, **more):
    """What came of one run; its output as text unless told otherwise."""
    return subprocess.run([str(word) for word in words], **{"capture_output": True, "text": True, "timeout": TIMEOUT_S, **more})
