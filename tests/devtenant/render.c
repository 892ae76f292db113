/* SPDX-License-Identifier: Apache-2.0 */
/* An entry as text for a terminal: title, facts, inputs, numbered buttons. */
#include "client.h"

#include "ad/text.h"
#include "card.h"

#include <stdio.h>
#include <string.h>

static const char *plain(struct ad_arena *arena, const struct ad_json *object, const char *name)
{
	const char *text = ad_json_str(object, name);

	return text ? dt_card_plain(arena, text) : "";
}

static void print_facts(struct ad_arena *arena, const struct ad_json *facts)
{
	AD_JSON_EACH(fact, facts)
	printf("  | %s: %s\n", plain(arena, fact, "title"), plain(arena, fact, "value"));
}

static void print_rich(const struct ad_json *inlines)
{
	printf("  | ");
	AD_JSON_EACH(run, inlines)
	printf("%s", ad_json_text(run) ? ad_json_text(run) : ad_json_str(run, "text"));
	printf("\n");
}

/* Containers are entered, whatever they are called; actions and inputs are printed elsewhere. */
static void print_element(struct ad_arena *arena, const struct ad_json *element)
{
	static const char *const inner[] = { "body", "items", "columns", "rows", "cells" };
	const char *type = ad_json_str(element, "type");

	if (ad_json_kind(ad_json_get(element, "isVisible")) == AD_JSON_BOOL &&
		!ad_json_bool(element, "isVisible", true))
		return;
	if (ad_text_eq(type, "TextBlock"))
		printf("  | %s\n", plain(arena, element, "text"));
	else if (ad_text_eq(type, "FactSet"))
		print_facts(arena, ad_json_get(element, "facts"));
	else if (ad_text_eq(type, "RichTextBlock"))
		print_rich(ad_json_get(element, "inlines"));
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		AD_JSON_EACH(child, ad_json_get(element, inner[i]))
	print_element(arena, child);
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

/* A button, and what a press of it does beyond its title. */
static void print_button(const struct ad_json *button)
{
	const struct ad_json *inputs = ad_json_get(button, "inputs");
	const char *title = ad_json_str(button, "title");
	const char *type = ad_json_str(button, "type");

	printf("  [%lld] %s", (long long)ad_json_int(button, "n", 0), title ? title : "(no title)");
	if (!ad_json_bool(button, "enabled", true))
		printf(" (disabled)");
	if (ad_text_eq(type, "Action.OpenUrl"))
		printf(" (link to %s)", ad_json_str(button, "url"));
	else if (!ad_text_eq(type, "Action.Execute") && !ad_text_eq(type, "Action.Submit"))
		printf(" (unfolds; nothing is sent)");
	else if (ad_json_count(inputs)) {
		printf(" (sends");
		AD_JSON_EACH(id, inputs)
		printf(" %s", ad_json_text(id));
		printf(")");
	}
	printf("\n");
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
	struct ad_arena *arena = ad_arena_new();
	print_element(arena, card);
	ad_arena_free(arena);
	AD_JSON_EACH(input, ad_json_get(entry, "inputs"))
	print_input(input);
	AD_JSON_EACH(button, ad_json_get(entry, "buttons"))
	print_button(button);
}
