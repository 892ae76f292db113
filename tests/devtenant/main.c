/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk-devtenant: the local tenant. */
#include "serve.h"

#include "ad/text.h"

#include <stdio.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *purpose;
} commands[] = {
	{ "serve", dt_serve_main, "run the tenant" },
	{ "config", dt_config_main, "print the configuration with which AppDesk uses it" },
	{ "people", dt_people_main, "print people and groups with their ids" },
	{ "chat", dt_chat_main, "write to AppDesk as a person" },
	{ "say", dt_say_main, "one message" },
	{ "press", dt_press_main, "one press of a button" },
	{ "signin", dt_signin_main, "sign in again, when AppDesk asks for it" },
	{ "shown", dt_shown_main, "what a person sees" },
	{ "wait", dt_wait_main, "wait until a person sees something" },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (ad_text_eq(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	FILE *out = argc > 1 && ad_text_eq(argv[1], "--help") ? stdout : stderr;
	fprintf(out, "usage: appdesk-devtenant COMMAND ...\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].purpose);
	fprintf(out, "\nSee docs/guides/local-tenant.md.\n");
	return out == stdout ? 0 : 2;
}
