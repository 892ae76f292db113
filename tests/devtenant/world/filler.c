/* SPDX-License-Identifier: Apache-2.0 */
/* Names put together from three lists; see filler.h. */
#include "filler.h"

#include "ad/text.h"
#include "signed_data.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const makers[] = { "Adatum", "Alpine", "BlueYonder", "Brightleaf", "Cohowinery",
	"Datum", "Eastwind", "Fabrikam", "Fourth", "Graphic", "Humongous", "Ironwood", "Juniper",
	"Kestrel", "Litware", "Margie", "Northwind", "Oakridge", "Proseware", "Quarry", "Relecloud",
	"Southridge", "Tailspin", "Trey", "Umbra", "VanArsdel", "Wingtip", "Woodgrove",
	"Yellowtail",
	/* Identifiers may have letters outside ASCII. */
	"Z\xc3\xbcrichsee" };

static const struct {
	const char *name, *tags[2];
} subjects[] = {
	{ "Backup", { "backup", "sync" } },
	{ "Browser", { "browser", "web" } },
	{ "Calendar", { "calendar", "planning" } },
	{ "Chat", { "chat", "messaging" } },
	{ "Database", { "database", "sql" } },
	{ "Diagram", { "diagram", "flowchart" } },
	{ "Draw", { "drawing", "graphics" } },
	{ "Editor", { "editor", "text" } },
	{ "Fonts", { "font", "typography" } },
	{ "Git", { "git", "version-control" } },
	{ "Image", { "image", "photo" } },
	{ "Ledger", { "accounting", "finance" } },
	{ "Mail", { "mail", "email" } },
	{ "Maps", { "map", "gis" } },
	{ "Meet", { "meeting", "video-call" } },
	{ "Mind", { "mindmap", "planning" } },
	{ "Music", { "audio", "music" } },
	{ "Network", { "network", "monitor" } },
	{ "Office", { "office", "document" } },
	{ "Password", { "password", "vault" } },
	{ "PDF", { "pdf", "document" } },
	{ "Print", { "printer", "driver" } },
	{ "Recorder", { "screen", "recorder" } },
	{ "Remote", { "remote-desktop", "support" } },
	{ "Scan", { "scanner", "ocr" } },
	{ "Shell", { "terminal", "shell" } },
	{ "Slides", { "presentation", "slides" } },
	{ "Tables", { "spreadsheet", "table" } },
	{ "Translate", { "translation", "language" } },
	{ "Video", { "video", "editor" } },
	{ "Zip", { "archive", "zip" } },
};

static const char *const editions[] = { "Studio", "Pro", "Lite", "Portable", "Viewer", "Server",
	"Desktop", "Agent", "SDK", "Toolkit", "Express", "Preview", "LTS", "Enterprise", "Home",
	"Plugin", "Runtime", "CLI", "Suite", "Designer" };

void dt_filler_make(struct ad_arena *arena, unsigned number, struct dt_filler *ret_filler)
{
	unsigned rest = number;
	const char *maker = makers[rest % COUNT(makers)];
	size_t subject = (rest /= COUNT(makers)) % COUNT(subjects);
	const char *edition = editions[(rest /= COUNT(subjects)) % COUNT(editions)];
	unsigned generation = rest / COUNT(editions);
	const char *what = subjects[subject].name;

	*ret_filler = (struct dt_filler){
		.id = ad_printf(arena, "%s.%s%s", maker, what, edition),
		.name = ad_printf(arena, "%s %s %s", maker, what, edition),
		.version = ad_printf(arena, "%u.%u.%u", number % 13, number % 29, number % 7),
		.publisher = maker,
		.tags = { subjects[subject].tags[0], subjects[subject].tags[1],
			ad_text_lower(arena, edition) },
	};
	if (generation) {
		ret_filler->id = ad_printf(arena, "%s.%u", ret_filler->id, generation + 1);
		ret_filler->name = ad_printf(arena, "%s %u", ret_filler->name, generation + 1);
	}
	if (number % 3 == 0)
		ret_filler->moniker =
			ad_text_lower(arena, ad_printf(arena, "%s-%s-%u", maker, what, number));
	ret_filler->hash = dt_sha256(arena, dt_bytes_of_text(ret_filler->id));
}
