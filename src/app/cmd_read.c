/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appdesk read: a reader of foreign files. The program starts itself this way
 * (ad_reader_program_set), and speaks with it over descriptors 0 and 1.
 */
#include "ad/pack.h"
#include "ad/text.h"
#include "ad/winget.h"
#include "command.h"

static const struct ad_reader_kind *const kinds[] = { &ad_pack_msi_reader,
	&ad_pack_signature_reader, &ad_pack_nested_reader, &ad_winget_reader };

static int run_read(const struct ad_command *self, int argc, char **argv)
{
	const char *path = argc == 3 ? argv[2] : NULL;
	for (size_t i = 0; (argc == 2 || argc == 3) && i < sizeof kinds / sizeof kinds[0]; i++)
		if (ad_text_eq(argv[1], kinds[i]->name))
			return ad_reader_serve(kinds[i], path);
	return ad_app_usage(self);
}

const struct ad_command ad_command_read = {
	"read",
	"KIND [FILE]",
	"read foreign files in a sandbox; started by the other commands",
	run_read,
};
