/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue; file names and codes are those of tests/devtenant/installers/CMakeLists.txt. */
#include "catalog.h"

#include "ad/text.h"
#include "world.h"

#define PRODUCT(tail) "{AD000001-0000-4000-8000-0000" tail "}"
#define UPGRADE(tail) "{AD000003-0000-4000-8000-00000000" tail "}"
#define SAMPLES "Local tenant samples"

static const struct dt_package packages[] = {
	{
		.id = "7zip.7zip",
		.name = "7-Zip",
		.moniker = "7zip",
		.publisher = SAMPLES,
		.homepage = "https://www.7-zip.org/",
		.license = "LGPL-2.1-or-later",
		.short_description = "Packs and unpacks archives (local tenant sample).",
		.description = "A file archiver with a high compression ratio. This entry is a "
			       "local tenant sample: its installer is made by the build and "
			       "installs a program that only says its name.",
		.tags = { "archive", "compression", "unzip", "zip", "7z", "packer" },
		.commands = { "7z", "7zfm" },
		.installer_type = "wix",
		.color = 0x3b5998,
		.history = 24,
		.versions = {
			{ "25.01", "2026-08-03", true,
				{ { "7z2501-x64.msi", NULL, "x64", "machine", "25.01.00.0",
					PRODUCT("00012501"), UPGRADE("0001") } } },
			{ "24.09", "2026-06-29", false,
				{ { "7z2409-x64.msi", NULL, "x64", "machine", "24.09.00.0",
					  PRODUCT("00012409"), UPGRADE("0001") },
					{ "7z2409.msi", NULL, "x86", "machine", "24.09.00.0",
						PRODUCT("00112409"), UPGRADE("0011") } } },
			{ "24.08", "2026-04-11", false,
				{ { "7z2408-x64.msi", NULL, "x64", "machine", "24.08.00.0",
					PRODUCT("00012408"), UPGRADE("0001") } } },
		},
	},
	{
		.id = "Contoso.Notes",
		.name = "Contoso Notes",
		.moniker = "contoso-notes",
		.publisher = "Contoso Ltd",
		.homepage = "https://contoso.example/notes",
		.license = "Proprietary",
		.short_description = "Notes that stay on this computer (local tenant sample).",
		.tags = { "notes", "markdown", "editor", "writing" },
		.installer_type = "wix",
		.color = 0xe0a030,
		.history = 3,
		.versions = {
			{ "1.3.0", "2026-05-02", false,
				{ { "contoso-notes-1.3.0-x64.msi", NULL, "x64", "user", "1.3.0",
					PRODUCT("00030130"), UPGRADE("0003") } } },
		},
	},
	{
		.id = "Contoso.Reader",
		.name = "Contoso PDF Reader",
		.moniker = "contoso-reader",
		.publisher = "Contoso Ltd",
		.homepage = "https://contoso.example/reader",
		.license = "Proprietary",
		.short_description = "Reads, marks and signs PDF documents (local tenant sample): "
				     "comments, forms, electronic signatures.",
		.description = "A reader and editor for PDF documents.",
		.tags = { "pdf", "reader", "viewer", "editor", "annotate", "sign", "document" },
		.localization = { "de-DE", "Contoso PDF-Leser",
			"Liest, markiert und unterschreibt PDF-Dokumente \xc3\xbc"
			"berall.",
			{ "pdf", "leser", "betrachter", "bearbeiten" } },
		.installer_type = "wix",
		.custom = "REBOOT=ReallySuppress",
		.color = 0xc03028,
		.history = 9,
		.versions = {
			/* The blank has to survive the way into an address and back. */
			{ "4.2.0", "2026-07-15", false,
				{ { "contoso-reader-4.2.0-x64.msi", "Contoso Reader 4.2.0 (x64).msi",
					"x64", "machine", "4.2.0", PRODUCT("00020420"),
					UPGRADE("0002") } } },
			{ "4.1.0", "2026-03-15", false,
				{ { "contoso-reader-4.1.0-x64.msi", NULL, "x64", "machine", "4.1.0",
					PRODUCT("00020410"), UPGRADE("0002") } } },
		},
	},
	{
		.id = "Contoso.Tool",
		.name = "Contoso Tool",
		.publisher = "Contoso Ltd",
		.homepage = "https://contoso.example/tool",
		.license = "Proprietary",
		.short_description = "A tool with its own installer program (local tenant sample).",
		.tags = { "tool", "utility" },
		.commands = { "contoso-tool" },
		.installer_type = "exe",
		.silent = "/S",
		.silent_with_progress = "/S",
		.color = 0x507850,
		.versions = {
			{ "2.1.0", "2026-02-20", false,
				{ { "contoso-tool-2.1.0-setup.exe", NULL, "x64", NULL, "2.1.0",
					"ContosoTool", NULL } } },
		},
	},
	{
		.id = "Contoso.Viewer",
		.name = "Contoso Viewer",
		.publisher = "Contoso Ltd",
		.homepage = "https://contoso.example/viewer",
		.license = "Proprietary",
		.short_description = "Shows drawings; comes as a zip (local tenant sample).",
		.tags = { "viewer", "cad", "drawing" },
		.installer_type = "zip",
		.nested_type = "wix",
		.nested_file = "setup\\viewer.msi",
		.color = 0x7048a0,
		.versions = {
			{ "1.0.2", "2026-01-09", false,
				{ { "contoso-viewer-1.0.2.zip", NULL, "x64", "machine", "1.0.2",
					PRODUCT("00040102"), UPGRADE("0004") } } },
		},
	},
	{
		.id = "Notepad++.Notepad++",
		.name = "Notepad++",
		.moniker = "notepad++",
		.publisher = SAMPLES,
		.homepage = "https://notepad-plus-plus.org/",
		.license = "GPL-3.0-or-later",
		.short_description = "A text and source code editor (local tenant sample).",
		.tags = { "editor", "text", "code", "notepad" },
		.commands = { "notepad++" },
		.installer_type = "nullsoft",
		.display_name = "Notepad++ (64-bit x64)",
		.color = 0x80b040,
		.history = 40,
		.versions = {
			{ "8.7.1", "2026-07-01", false,
				{ { "npp.8.7.1.Installer.x64.exe", NULL, "x64", "machine", "8.7.1",
					"Notepad++", NULL } } },
		},
	},
	{
		.id = "VideoLAN.VLC",
		.name = "VLC media player",
		.moniker = "vlc",
		.publisher = SAMPLES,
		.homepage = "https://www.videolan.org/vlc/",
		.license = "GPL-2.0-or-later",
		.short_description = "Plays video and music (local tenant sample).",
		.tags = { "video", "audio", "media", "player", "music" },
		.commands = { "vlc" },
		.installer_type = "nullsoft",
		.color = 0xf08000,
		/* More than two blocks of compressed version data. */
		.history = 700,
		.versions = {
			{ "3.0.21", "2026-06-10", false,
				{ { "vlc-3.0.21-win64.exe", NULL, "x64", "machine", "3.0.21",
					"VLC media player", NULL } } },
		},
	},
};

const struct dt_package *dt_catalog_at(size_t position)
{
	return position < sizeof(packages) / sizeof(packages[0]) ? &packages[position] : NULL;
}

const struct dt_package *dt_catalog_find(const char *id)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (ad_text_eq_nocase(packages[i].id, id))
			return &packages[i];
	return NULL;
}

const char *dt_world_package_id(size_t position)
{
	const struct dt_package *package = dt_catalog_at(position);

	return package ? package->id : NULL;
}
