# SPDX-License-Identifier: Apache-2.0
"""Finding an app among ten thousand (product F25), as people write and not as the box says."""
import concurrent.futures
import unittest

import harness
import winget_names

SHOWN = 5
PEOPLE = ("alex", "lynne", "isaiah", "megan", "adele", "patti")  # one conversation takes seven messages a second


class TestSearch(harness.WorldTest):
    settings = {"limits.address_per_second": "0", "limits.person_per_minute": "0"}

    def missed(self, who, searches):
        """Those of the searches that do not show their package to this person."""
        missed = []
        for text, package in searches:
            buttons = self.world.ask(who, text).get("buttons", [])
            found = [self.packages[button["data"]["app"]] for button in buttons if button["verb"] == "form"]
            if package not in found or len(found) > SHOWN:
                missed.append(f"{text!r}: {found}, not {package}")
        return missed

    @unittest.skipUnless(winget_names.INDEX.exists(), "the WinGet data is not there")
    def test_f25_what_people_write_finds_the_app_among_the_first_five(self):
        winget_names.load(self.database, winget_names.catalogue(10000))
        self.packages = {row["id"]: row["winget_id"] for row in self.database.rows("select id, winget_id from apps")}
        searches = winget_names.searches()
        self.assertEqual(len(searches), 200)
        with concurrent.futures.ThreadPoolExecutor(len(PEOPLE)) as pool:
            missed = pool.map(self.missed, PEOPLE, (searches[i::len(PEOPLE)] for i in range(len(PEOPLE))))
        self.assertEqual([line for lines in missed for line in lines], [])


if __name__ == "__main__":
    unittest.main()
