/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "chat": a conversation in a terminal. One long poll runs all the time, so that what AppDesk
 * writes first appears when it comes; typed lines are sent beside it.
 */
#include "client.h"
#include "serve.h"

#include "ad/buf.h"
#include "ad/text.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LEN_MAX ((size_t)64 << 10)
#define POLL_MS 30000
#define LAST_WORDS_MS 1500 /* after the end of the input */
#define PRESS_WORDS_MAX 32

struct chat {
	struct dt_words words;
	int64_t seq;
	char card[64]; /* id of the newest message with buttons */
	char *printed; /* the last message that was printed: its id and words */
	bool over;
	CURLM *multi;
	CURL *poll;
	struct ad_buf answer, typed;
};

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	return ad_buf_add(arg, data, size * count) ? size * count : 0;
}

/* Starts waiting for anything newer than what was printed. */
static void wait_for_more(struct chat *chat)
{
	struct ad_arena *arena = ad_arena_new();

	ad_buf_clear(&chat->answer);
	chat->poll = curl_easy_init();
	curl_easy_setopt(chat->poll, CURLOPT_URL,
		ad_printf(arena, "http://127.0.0.1:%d/control/wait?as=%s&after=%lld&timeout_ms=%d",
			chat->words.port, ad_url_segment(arena, chat->words.as),
			(long long)chat->seq, POLL_MS));
	curl_easy_setopt(chat->poll, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(chat->poll, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(chat->poll, CURLOPT_WRITEDATA, &chat->answer);
	curl_multi_add_handle(chat->multi, chat->poll);
	ad_arena_free(arena);
}

static void stop_waiting(struct chat *chat)
{
	curl_multi_remove_handle(chat->multi, chat->poll);
	curl_easy_cleanup(chat->poll);
}

/* A press answers with the card that an update brings as well: once is enough. */
static bool just_printed(struct chat *chat, struct ad_arena *arena, const struct ad_json *entry)
{
	const char *now = ad_printf(arena, "%s %d %s", ad_json_str(entry, "id"),
		ad_json_bool(entry, "deleted", false),
		ad_json_str(entry, "text") ? ad_json_str(entry, "text") : "");
	bool same = ad_text_eq(chat->printed, now);

	free(chat->printed);
	chat->printed = ad_xstrdup(now);
	return same;
}

static void remember_card(struct chat *chat, const struct ad_json *entry)
{
	if (ad_json_count(ad_json_get(entry, "buttons")))
		snprintf(chat->card, sizeof(chat->card), "%s", ad_json_str(entry, "id"));
}

/* Prints what is newer than chat->seq; false when the tenant is gone. */
static bool print_news(struct chat *chat, bool everything)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *answer;
	const char *path = ad_printf(arena, "shown?as=%s&after=%lld",
		ad_url_segment(arena, chat->words.as), (long long)chat->seq);
	int status = dt_control(arena, chat->words.port, path, NULL, &answer);

	if (status == 200) {
		AD_JSON_EACH(entry, ad_json_get(answer, "entries"))
		{
			bool ours = !ad_text_eq(ad_json_str(entry, "from"), "bot");

			if (everything || (!ours && !just_printed(chat, arena, entry)))
				dt_entry_print(entry);
			remember_card(chat, entry);
		}
		chat->seq = ad_json_int(answer, "seq", chat->seq);
	} else {
		dt_refused(&chat->words, status, answer);
	}
	fflush(stdout);
	ad_arena_free(arena);
	return status == 200;
}

static void report(const struct chat *chat, int status, const struct ad_json *answer)
{
	if (status != 200)
		dt_refused(&chat->words, status, answer);
	else if (ad_json_int(answer, "status", 0) >= 300)
		printf("(the bot answered %lld)\n", (long long)ad_json_int(answer, "status", 0));
	if (ad_json_str(answer, "message"))
		printf("%s\n", ad_json_str(answer, "message"));
	if (ad_json_get(answer, "signin"))
		printf("%s (/signin)\n", ad_json_str(answer, "signin.text"));
}

static void say(struct chat *chat, struct ad_arena *arena, const char *text)
{
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;

	ad_json_set_str(arena, order, "as", chat->words.as);
	ad_json_set_str(arena, order, "text", text);
	int status = dt_control(arena, chat->words.port, "say", order, &answer);
	report(chat, status, answer);
}

/* Cuts a line at blanks; quotes hold words together: reason="for work". */
static int cut_words(char *line, char **words, int max)
{
	int count = 0;

	while (*line && count < max) {
		char *out = line;
		bool quoted = false;

		line += strspn(line, " ");
		if (!*line)
			break;
		words[count++] = out;
		for (; *line && (quoted || *line != ' '); line++)
			if (*line == '"')
				quoted = !quoted;
			else
				*out++ = *line;
		line += *line == ' ';
		*out = '\0';
	}
	return count;
}

static void press(struct chat *chat, struct ad_arena *arena, const char *rest)
{
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;
	char *words[PRESS_WORDS_MAX];
	int count = cut_words(ad_strdup(arena, rest), words, PRESS_WORDS_MAX);
	int64_t number;

	if (!count || !*chat->card) {
		printf("(/press N [input=value ...] presses a button of the newest card)\n");
		return;
	}
	ad_json_set_str(arena, order, "as", chat->words.as);
	ad_json_set_str(arena, order, "activity", chat->card);
	if (!ad_text_i64(words[0], 1, 1000, &number))
		ad_json_set_int(arena, order, "n", number);
	else
		ad_json_set_str(arena, order, "button", words[0]);
	ad_json_set(arena, order, "inputs", dt_inputs_of(arena, words + 1, count - 1));
	int status = dt_control(arena, chat->words.port, "press", order, &answer);
	report(chat, status, answer);
}

static void sign_in(struct chat *chat, struct ad_arena *arena)
{
	struct ad_json *order = ad_json_new_object(arena);
	struct ad_json *answer;

	ad_json_set_str(arena, order, "as", chat->words.as);
	int status = dt_control(arena, chat->words.port, "signin", order, &answer);
	report(chat, status, answer);
}

static void obey(struct chat *chat, const char *line)
{
	struct ad_arena *arena = ad_arena_new();

	if (ad_text_eq(line, "/quit")) {
		chat->over = true;
	} else if (ad_text_eq(line, "/shown")) {
		chat->seq = 0;
		print_news(chat, true);
	} else if (ad_text_starts(line, "/press")) {
		press(chat, arena, line + strlen("/press"));
	} else if (ad_text_eq(line, "/signin")) {
		sign_in(chat, arena);
	} else if (line[0] == '/') {
		printf("(/press N [input=value ...], /signin, /shown, /quit; anything else is "
		       "said)\n");
	} else if (*line) {
		say(chat, arena, line);
	}
	fflush(stdout);
	ad_arena_free(arena);
}

/* Whole lines of what was typed so far. False at the end of the input. */
static bool read_typed(struct chat *chat)
{
	char piece[4096];
	ssize_t got = read(STDIN_FILENO, piece, sizeof(piece));

	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return false;
	ad_buf_add(&chat->typed, piece, (size_t)got);
	char *all = ad_buf_detach(&chat->typed);
	char *line = all;
	char *end;
	for (; !chat->over && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		obey(chat, line);
	}
	ad_buf_adds(&chat->typed, line);
	free(all);
	return true;
}

/* The long poll ended: print, and start the next. False when the tenant is gone. */
static bool poll_ended(struct chat *chat)
{
	stop_waiting(chat);
	bool there = print_news(chat, false);
	wait_for_more(chat);
	return there;
}

static int run(struct chat *chat)
{
	bool typing = true, there = true;
	int running = 1;

	wait_for_more(chat);
	while (there && !chat->over) {
		struct curl_waitfd input = { .fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN };
		int ready = 0;

		curl_multi_perform(chat->multi, &running);
		if (!running) {
			there = poll_ended(chat);
			continue;
		}
		curl_multi_poll(chat->multi, &input, typing ? 1 : 0,
			typing ? POLL_MS : LAST_WORDS_MS, &ready);
		if (!typing && !ready)
			break;
		if (typing && input.revents)
			typing = read_typed(chat);
	}
	stop_waiting(chat);
	return there ? 0 : 1;
}

int dt_chat_main(int argc, char **argv)
{
	struct chat chat = { .seq = 0 };

	if (!dt_words_read(argc, argv, &chat.words) || !chat.words.as || chat.words.rest_count) {
		fprintf(stderr, "usage: appdesk-devtenant chat --as NAME [--port 8700]\n");
		return 2;
	}
	ad_buf_init(&chat.answer, LINE_LEN_MAX * 16);
	ad_buf_init(&chat.typed, LINE_LEN_MAX);
	chat.multi = curl_multi_init();
	int code = 1;
	if (print_news(&chat, true))
		code = run(&chat);
	curl_multi_cleanup(chat.multi);
	ad_buf_release(&chat.answer);
	ad_buf_release(&chat.typed);
	free(chat.printed);
	return code;
}
