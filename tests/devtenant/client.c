/* SPDX-License-Identifier: Apache-2.0 */
/* Small commands: one call of the control API each. */
#include "client.h"
#include "serve.h"

#include "ad/buf.h"
#include "ad/text.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MAX ((size_t)16 << 20)

bool dt_words_read(int argc, char **argv, struct dt_words *ret)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "as", required_argument, NULL, 'a' },
		{ "timeout-ms", required_argument, NULL, 't' },
		{ "after", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int name;
	int64_t port = 0;

	*ret = (struct dt_words){ .port = DT_PORT };
	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'p' && !ad_text_i64(optarg, 1, UINT16_MAX, &port))
			ret->port = (int)port;
		else if (name == 'a')
			ret->as = optarg;
		else if (name == 't')
			ret->timeout_ms = optarg;
		else if (name == 'f')
			ret->after = optarg;
		else if (name == 'j')
			ret->json = true;
		else
			return false;
	}
	ret->rest = argv + optind;
	ret->rest_count = argc - optind;
	return true;
}

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	return ad_buf_add(arg, data, size * count) ? size * count : 0;
}

int dt_control(struct ad_arena *arena, int port, const char *path, const struct ad_json *body,
	struct ad_json **ret_answer)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	struct ad_buf answer;
	long status = 0;

	ad_buf_init(&answer, ANSWER_MAX);
	curl_easy_setopt(
		curl, CURLOPT_URL, ad_printf(arena, "http://127.0.0.1:%d/control/%s", port, path));
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, ad_json_print(arena, body));
	}
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret_answer = NULL;
	if (status && ad_json_parse(arena, ad_buf_str(&answer), answer.len, ret_answer, NULL))
		*ret_answer = NULL;
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	ad_buf_release(&answer);
	return (int)status;
}

int dt_refused(const struct dt_words *words, int status, const struct ad_json *answer)
{
	if (!status)
		fprintf(stderr, "appdesk-devtenant: nothing listens on port %d\n", words->port);
	else
		fprintf(stderr, "appdesk-devtenant: %s\n",
			ad_json_str(answer, "error") ? ad_json_str(answer, "error")
						     : "the tenant refused");
	return 1;
}

struct ad_json *dt_inputs_of(struct ad_arena *arena, char **words, int count)
{
	struct ad_json *inputs = ad_json_new_object(arena);

	for (int i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');

		if (equals)
			ad_json_set_str(arena, inputs,
				ad_strndup(arena, words[i], (size_t)(equals - words[i])),
				equals + 1);
	}
	return inputs;
}

static int usage(const char *line)
{
	fprintf(stderr, "usage: appdesk-devtenant %s [--port 8700]\n", line);
	return 2;
}

/* The remaining words as one text. */
static char *sentence(struct ad_arena *arena, const struct dt_words *words)
{
	char *text = ad_strdup(arena, "");

	for (int i = 0; i < words->rest_count; i++)
		text = ad_printf(arena, "%s%s%s", text, i ? " " : "", words->rest[i]);
	return text;
}

static int finish(struct ad_arena *arena, int code)
{
	ad_arena_free(arena);
	return code;
}

int dt_say_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || !words.as || !words.rest_count)
		return finish(arena, usage("say --as NAME TEXT"));
	ad_json_set_str(arena, order, "as", words.as);
	ad_json_set_str(arena, order, "text", sentence(arena, &words));
	int status = dt_control(arena, words.port, "say", order, &answer);
	if (status != 200)
		return finish(arena, dt_refused(&words, status, answer));
	int64_t bot = ad_json_int(answer, "status", 0);
	printf("seq %lld, the bot answered %lld\n", (long long)ad_json_int(answer, "seq", 0),
		(long long)bot);
	return finish(arena, bot < 300 ? 0 : 1);
}

/* "3" is a number of a button, anything else its title; a verb is tried when no title fits. */
static void set_button(struct ad_arena *arena, struct ad_json *order, const char *word)
{
	int64_t number;

	if (!ad_text_i64(word, 1, 1000, &number))
		ad_json_set_int(arena, order, "n", number);
	else
		ad_json_set_str(arena, order, "button", word);
}

static void print_press(const struct ad_json *answer)
{
	const char *message = ad_json_str(answer, "message");

	printf("the bot answered %lld\n", (long long)ad_json_int(answer, "status", 0));
	if (message)
		printf("%s\n", message);
	if (ad_json_get(answer, "signin"))
		printf("%s (appdesk-devtenant signin)\n", ad_json_str(answer, "signin.text"));
	if (ad_json_get(answer, "entry"))
		dt_entry_print(ad_json_get(answer, "entry"));
}

int dt_press_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || !words.as || !words.rest_count)
		return finish(arena, usage("press --as NAME BUTTON [INPUT=VALUE ...]"));
	ad_json_set_str(arena, order, "as", words.as);
	ad_json_set_bool(arena, order, "last", true);
	set_button(arena, order, words.rest[0]);
	ad_json_set(
		arena, order, "inputs", dt_inputs_of(arena, words.rest + 1, words.rest_count - 1));
	int status = dt_control(arena, words.port, "press", order, &answer);
	if (status == 404 && ad_json_str(order, "button")) {
		ad_json_set_str(arena, order, "verb", words.rest[0]);
		ad_json_remove(order, "button");
		status = dt_control(arena, words.port, "press", order, &answer);
	}
	if (status != 200)
		return finish(arena, dt_refused(&words, status, answer));
	print_press(answer);
	return finish(arena, ad_json_int(answer, "status", 0) < 300 ? 0 : 1);
}

int dt_signin_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || !words.as || words.rest_count)
		return finish(arena, usage("signin --as NAME"));
	ad_json_set_str(arena, order, "as", words.as);
	int status = dt_control(arena, words.port, "signin", order, &answer);
	if (status != 200)
		return finish(arena, dt_refused(&words, status, answer));
	print_press(answer);
	return finish(arena, ad_json_int(answer, "status", 0) < 300 ? 0 : 1);
}

static void print_entries(
	struct ad_arena *arena, const struct dt_words *words, const struct ad_json *entries)
{
	if (words->json) {
		printf("%s\n", ad_json_print(arena, entries));
		return;
	}
	AD_JSON_EACH(entry, entries)
	dt_entry_print(entry);
}

int dt_shown_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *answer;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || !words.as || words.rest_count)
		return finish(arena, usage("shown --as NAME [--after SEQ] [--json]"));
	const char *path = ad_printf(arena, "shown?as=%s&after=%s", ad_url_segment(arena, words.as),
		words.after ? words.after : "0");
	int status = dt_control(arena, words.port, path, NULL, &answer);
	if (status != 200)
		return finish(arena, dt_refused(&words, status, answer));
	print_entries(arena, &words, ad_json_get(answer, "entries"));
	return finish(arena, 0);
}

int dt_wait_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *answer;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || !words.as)
		return finish(arena, usage("wait --as NAME [--after SEQ] [--timeout-ms N] [TEXT]"));
	const char *path = ad_printf(arena, "wait?as=%s&after=%s&timeout_ms=%s",
		ad_url_segment(arena, words.as), words.after ? words.after : "0",
		words.timeout_ms ? words.timeout_ms : "10000");
	if (words.rest_count)
		path = ad_printf(
			arena, "%s&text=%s", path, ad_url_segment(arena, sentence(arena, &words)));
	int status = dt_control(arena, words.port, path, NULL, &answer);
	if (status != 200)
		return finish(arena, dt_refused(&words, status, answer));
	if (words.json)
		printf("%s\n", ad_json_print(arena, ad_json_get(answer, "entry")));
	else
		dt_entry_print(ad_json_get(answer, "entry"));
	return finish(arena, 0);
}

static void print_group(const struct ad_json *group)
{
	printf("%-20s %s ", ad_json_str(group, "name"), ad_json_str(group, "id"));
	AD_JSON_EACH(member, ad_json_get(group, "members"))
	printf(" %s", ad_json_text(member));
	printf("\n");
}

int dt_people_main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *people, *groups;
	struct dt_words words;

	if (!dt_words_read(argc, argv, &words) || words.rest_count)
		return finish(arena, usage("people"));
	int status = dt_control(arena, words.port, "people", NULL, &people);
	if (status == 200)
		status = dt_control(arena, words.port, "groups", NULL, &groups);
	if (status != 200)
		return finish(arena, dt_refused(&words, status, people));
	printf("tenant %s\napp    %s\n\n", ad_json_str(people, "tenant"),
		ad_json_str(people, "app_id"));
	AD_JSON_EACH(person, ad_json_get(people, "people"))
	printf("%-8s %-18s %s  %s\n", ad_json_str(person, "key"),
		ad_json_str(person, "displayName"), ad_json_str(person, "id"),
		ad_json_str(person, "userPrincipalName"));
	printf("\n");
	AD_JSON_EACH(group, ad_json_get(groups, "groups"))
	print_group(group);
	return finish(arena, 0);
}
