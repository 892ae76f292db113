/* SPDX-License-Identifier: Apache-2.0 */
/* An entry as text for a terminal: title, facts, inputs, numbered buttons. */
#include "client.h"

#include "ad/text.h"

#include <stdio.h>
#include <string.h>

static void print_facts(const struct ad_json *facts)
{
	AD_JSON_EACH(fact, facts)
	printf("  | %s: %s\n", ad_json_str(fact, "title"), ad_json_str(fact, "value"));
}

static void print_rich(const struct ad_json *inlines)
{
	printf("  | ");
	AD_JSON_EACH(run, inlines)
	printf("%s", ad_json_text(run) ? ad_json_text(run) : ad_json_str(run, "text"));
	printf("\n");
}

/* Containers are entered, whatever they are called; actions and inputs are printed elsewhere. */
static void print_element(const struct ad_json *element)
{
	static const char *const inner[] = { "body", "items", "columns", "rows", "cells" };
	const char *type = ad_json_str(element, "type");

	if (ad_json_kind(ad_json_get(element, "isVisible")) == AD_JSON_BOOL &&
		!ad_json_bool(element, "isVisible", true))
		return;
	if (ad_text_eq(type, "TextBlock"))
		printf("  | %s\n",
			ad_json_str(element, "text") ? ad_json_str(element, "text") : "");
	else if (ad_text_eq(type, "FactSet"))
		print_facts(ad_json_get(element, "facts"));
	else if (ad_text_eq(type, "RichTextBlock"))
		print_rich(ad_json_get(element, "inlines"));
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		AD_JSON_EACH(child, ad_json_get(element, inner[i]))
	print_element(child);
}

static void print_input(const struct ad_json *input)
{
	const char *value = ad_json_str(input, "value");

	printf("  ? %s", ad_json_str(input, "id"));
	if (ad_json_str(input, "label"))
		printf(" (%s)", ad_json_str(input, "label"));
	printf("%s", ad_json_bool(input, "required", false) ? ", required" : "");
	if (value && *value)
		printf(" [%s]", value);
	printf("\n");
	AD_JSON_EACH(choice, ad_json_get(input, "choices"))
	printf("      %s = %s\n", ad_json_str(choice, "value"), ad_json_str(choice, "title"));
}

void dt_entry_print(const struct ad_json *entry)
{
	const struct ad_json *card = ad_json_get(entry, "card");

	printf("%s%s:%s", ad_json_str(entry, "from"),
		ad_json_bool(entry, "deleted", false)   ? " (deleted)"
		: ad_json_bool(entry, "updated", false) ? " (changed)"
							: "",
		card ? "\n" : " ");
	if (!card) {
		printf("%s\n", ad_json_str(entry, "text") ? ad_json_str(entry, "text") : "");
		return;
	}
	print_element(card);
	AD_JSON_EACH(input, ad_json_get(entry, "inputs"))
	print_input(input);
	AD_JSON_EACH(button, ad_json_get(entry, "buttons"))
	printf("  [%lld] %s%s\n", (long long)ad_json_int(button, "n", 0),
		ad_json_str(button, "title") ? ad_json_str(button, "title") : "(no title)",
		ad_json_bool(button, "enabled", true) ? "" : " (disabled)");
}
