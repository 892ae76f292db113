# SPDX-License-Identifier: Apache-2.0
"""The app package that an admin uploads: within the limits of Teams' schema 1.22, with icons as Teams wants them and commands that
the bot understands."""
import importlib.util
import io
import json
import pathlib
import re
import struct
import subprocess
import unittest
import zipfile
import zlib

import harness

MANIFEST = pathlib.Path(__file__).resolve().parents[2] / "manifest"
APP_ID, HOST = "00000000-0000-4000-8000-0000000000ab", "appdesk.contoso.net"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SCOPES = {"personal", "team", "groupChat"}
PROPERTIES = {"$schema", "manifestVersion", "version", "id", "developer", "name", "description", "icons", "accentColor", "bots",
              "composeExtensions", "permissions", "validDomains", "webApplicationInfo", "defaultInstallScope", "defaultGroupCapability"}


def run(*words):
    return subprocess.run([harness.APPDESK, "manifest", *words], env=harness.PLAIN_ENVIRONMENT, capture_output=True, text=True, timeout=60)


def read_png(data):
    """Width, height, and the pixels as tuples; unfiltered rows of 8 bits, as ours are."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind, _, _, laced = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, laced) == (8, 0)
    packed, at = b"", 8
    while at < len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        packed += data[at + 8:at + 8 + length] if data[at + 4:at + 8] == b"IDAT" else b""
        at += 12 + length
    size, raw = {2: 3, 6: 4}[kind], zlib.decompress(packed)
    rows = [raw[row * (width * size + 1):][:width * size + 1] for row in range(height)]
    assert all(row[0] == 0 for row in rows)
    return width, height, [tuple(row[1 + column * size:][:size]) for row in rows for column in range(width)]


class TestPackage(unittest.TestCase):
    """What the program writes; nothing runs beside it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = harness.BUILD / "e2e" / "manifest"
        cls.folder.mkdir(parents=True, exist_ok=True)
        cls.path = cls.folder / "package.zip"
        done = run("--app-id", APP_ID.upper(), "--host", HOST, "-o", cls.path)
        assert (done.returncode, done.stdout) == (0, f"{cls.path}\n"), done.stderr
        cls.bytes = cls.path.read_bytes()
        cls.zip = zipfile.ZipFile(io.BytesIO(cls.bytes))
        cls.manifest = json.loads(cls.zip.read("manifest.json"))

    def test_the_package_has_three_files_at_its_top(self):
        self.assertIsNone(self.zip.testzip())
        self.assertEqual(self.zip.namelist(), ["manifest.json", "color.png", "outline.png"])
        self.assertEqual({name: self.manifest["icons"][name] for name in ("color", "outline")}, {"color": "color.png", "outline": "outline.png"})

    def test_the_same_words_write_the_same_bytes(self):
        again = self.folder / "again.zip"
        self.assertEqual(run("--host", HOST, "--app-id", APP_ID, "--output", again).returncode, 0)
        self.assertEqual(again.read_bytes(), self.bytes)

    def test_the_manifest_keeps_the_limits_of_its_schema(self):
        m = self.manifest
        self.assertEqual((set(m) - PROPERTIES, m["manifestVersion"], m["id"]), (set(), "1.22", APP_ID))
        self.assertIn("/v1.22/", m["$schema"])
        self.assertRegex(m["version"], r"^\d+\.\d+\.\d+$")
        self.assertLessEqual(len(m["name"]["short"]), 30)
        self.assertLessEqual(len(m["name"]["full"]), 100)
        self.assertLessEqual(len(m["description"]["short"]), 80)
        self.assertLessEqual(len(m["description"]["full"]), 4000)
        self.assertLessEqual(len(m["developer"]["name"]), 32)
        for page in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
            self.assertRegex(m["developer"][page], rf"^https://{HOST}/")
        self.assertRegex(m["accentColor"], r"^#[0-9A-F]{6}$")
        self.assertEqual((m["validDomains"], m["defaultInstallScope"]), ([HOST, "token.botframework.com"], "personal"))
        self.assertEqual(m["webApplicationInfo"], {"id": APP_ID, "resource": f"api://{HOST}/botid-{APP_ID}"})
        self.assertEqual(set(m["permissions"]), {"identity", "messageTeamMembers"})
        self.assertNotRegex(json.dumps(m), r"\$\{")

    def test_the_bot_has_commands_for_each_scope(self):
        bot, = self.manifest["bots"]
        self.assertEqual((bot["botId"], set(bot["scopes"]), bot["isNotificationOnly"], bot["supportsFiles"]), (APP_ID, SCOPES, False, False))
        self.assertLessEqual(len(bot["commandLists"]), 3)
        listed = [scope for commands in bot["commandLists"] for scope in commands["scopes"]]
        self.assertEqual(sorted(listed), sorted(SCOPES))
        for commands in bot["commandLists"]:
            self.assertLessEqual(len(commands["commands"]), 10)
            for command in commands["commands"]:
                self.assertTrue(0 < len(command["title"]) <= 32 and 0 < len(command["description"]) <= 128, command)

    def test_the_message_extension_searches(self):
        extension, = self.manifest["composeExtensions"]
        command, = extension["commands"]
        self.assertEqual((extension["botId"], command["id"], command["type"], command["initialRun"]), (APP_ID, "search", "query", True))
        self.assertEqual(set(command["context"]), {"compose", "commandBox"})
        self.assertLessEqual(len(command["title"]), 32)
        self.assertLessEqual(len(command["description"]), 128)
        parameter, = command["parameters"]
        self.assertEqual(parameter["name"], "query")
        self.assertLessEqual(len(parameter["title"]), 32)
        self.assertLessEqual(len(parameter["description"]), 128)

    def test_the_colour_icon_is_full_bleed_with_its_symbol_in_the_middle(self):
        width, height, pixels = read_png(self.zip.read("color.png"))
        self.assertEqual((width, height), (192, 192))
        back = "#%02X%02X%02X" % pixels[0]
        self.assertEqual(back, self.manifest["accentColor"])
        drawn = [at for at, pixel in enumerate(pixels) if pixel != pixels[0]]
        self.assertGreater(len(drawn), 1000)
        self.assertTrue(all(48 <= at % 192 < 144 and 48 <= at // 192 < 144 for at in drawn))

    def test_the_outline_icon_is_white_on_nothing(self):
        width, height, pixels = read_png(self.zip.read("outline.png"))
        self.assertEqual((width, height), (32, 32))
        self.assertEqual({pixel[:3] for pixel in pixels}, {(255, 255, 255)})
        self.assertTrue({0, 255} <= {pixel[3] for pixel in pixels})

    def test_the_icons_are_what_the_script_draws(self):
        spec = importlib.util.spec_from_file_location("draw", MANIFEST / "draw.py")
        draw = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(draw)
        for name, drawn in (("color", draw.png(draw.color(), 2)), ("outline", draw.png(draw.outline(), 6))):
            self.assertEqual(read_png(drawn), read_png((MANIFEST / f"{name}.png").read_bytes()), name)

    def test_what_is_wrong_is_said_and_nothing_is_written(self):
        path = self.folder / "refused.zip"
        good = {"--app-id": APP_ID, "--host": HOST}
        for change, code, words in (({"--app-id": "appdesk"}, 1, "GUID"), ({"--host": "https://appdesk.contoso.net"}, 1, "DNS name"),
                                    ({"--host": "localhost"}, 1, "DNS name"), ({"--version": "1"}, 1, "three numbers"),
                                    ({"--website": "http://contoso.net/"}, 1, "not https"), ({"--name": "x"}, 2, "unknown option")):
            done = run(*(word for pair in {**good, **change}.items() for word in pair), "-o", path)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done)
            self.assertIn(words, done.stderr)
        self.assertEqual(run("--app-id", APP_ID, "--host", HOST, "stray").returncode, 2)
        self.assertEqual(run("--app-id", APP_ID, "--host", HOST, "-o", self.folder / "no" / "folder.zip").returncode, 1)
        self.assertFalse(path.exists())
        self.assertIn("usage: appdesk manifest", run("--help").stdout)


class TestManifestCommand(harness.WorldTest):
    """The package of a running AppDesk."""

    def read(self, *words):
        path = self.world.folder / "package.zip"
        harness.appdesk(self.world.config, "manifest", "-o", path, *words)
        return json.loads(zipfile.ZipFile(path).read("manifest.json"))

    def test_what_is_left_out_comes_from_the_configuration(self):
        done = run("--config", self.world.config, "-o", self.world.folder / "none.zip")
        self.assertEqual(done.returncode, 1)
        self.assertIn("server.public_url", done.stderr)
        self.world.settings = {"server.public_url": "https://desk.contoso.net:8443/"}
        self.addCleanup(setattr, self.world, "settings", {})
        self.world.config = self.world._write_config(self.database, "public.ini", self.world.port, self.world.admin_port)
        manifest = self.read("--version", "2.0.1", "--organization", "Contoso", "--privacy", "https://contoso.net/privacy")
        self.assertEqual((manifest["id"], manifest["validDomains"], manifest["version"]), (harness.guid("11"), ["desk.contoso.net", "token.botframework.com"], "2.0.1"))
        self.assertEqual(manifest["developer"], {"name": "Contoso", "websiteUrl": "https://desk.contoso.net/",
                                                 "privacyUrl": "https://contoso.net/privacy", "termsOfUseUrl": "https://desk.contoso.net/"})

    def test_the_bot_understands_every_command_of_its_menu(self):
        """None of them is taken for the name of an app."""
        self.assertIn("not in our catalogue", self.world.ask("megan", "pendings", "not in WinGet either")["text"])
        for commands in self.read("--host", HOST)["bots"][0]["commandLists"]:
            for command in commands["commands"]:
                shown = self.world.ask("megan", command["title"])["text"]
                self.assertNotIn("not in our catalogue", shown, command)


if __name__ == "__main__":
    unittest.main(verbosity=2)
