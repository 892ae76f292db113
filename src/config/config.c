/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the configuration: defaults, then the file, then the environment, then the checks. Called
 * by app at start. */
#include "ad/config.h"
#include "ad/file.h"
#include "ad/text.h"
#include "keys.h"

#include <ctype.h>
#include <ini.h>

#define FILE_MAX \
	((size_t)1 << 20) /* bytes of the configuration, and of a file that holds a secret */
#define NAME_MAX_BYTES 64
#define LINE_MAX_BYTES 198 /* of the file: libinih's 200 with the line's end */

extern char **environ;

/* The config is handed out; its arena stands behind it and is freed with it. */
struct holder {
	struct ad_config config;
	struct ad_arena *arena;
	const char **written; /* of each key that is a secret: the text before it was resolved */
};

int ad_config_resolve(
	struct ad_arena *arena, const char *key, const char **value, struct ad_err *err)
{
	const char *text = *value;
	bool file = ad_text_starts(text, "@File(");
	bool env = ad_text_starts(text, "@Env(");
	if (ad_text_starts(text, "@") && !file && !env)
		return AD_FAIL(err, AD_ECONFIG,
			"%s: this version resolves @File(path) and @Env(NAME) only", key);
	if (!file && !env)
		return 0;
	size_t begin = file ? strlen("@File(") : strlen("@Env(");
	if (!ad_text_ends(text, ")"))
		return AD_FAIL(err, AD_ECONFIG, "%s: the closing parenthesis is missing", key);
	const char *name = ad_strndup(arena, text + begin, strlen(text) - begin - 1);
	if (env) {
		const char *found = getenv(name);
		if (ad_text_empty(found))
			return AD_FAIL(err, AD_ECONFIG, "%s: the environment has no %s", key, name);
		*value = ad_strdup(arena, found);
		return 0;
	}
	char *content;
	size_t len;
	int r = ad_file_read(arena, name, FILE_MAX, &content, &len, err);
	if (r != 0) {
		ad_err_prefix(err, "%s: ", key);
		return AD_ECONFIG;
	}
	*value = ad_text_trim(arena, content);
	return 0;
}

/* Ids are compared and stored as the channel and the directory write them. */
static const char *in_form(struct ad_arena *arena, const char *text)
{
	return ad_text_is_guid(text) ? ad_text_lower(arena, text) : text;
}

static int set_list(struct ad_arena *arena, const struct ad_key *key, const char *value,
	struct ad_config_list *list, struct ad_err *err)
{
	char *rest = ad_strdup(arena, value);
	list->count = 0;
	for (char *item; (item = strsep(&rest, ","));) {
		const char *trimmed = ad_text_trim(arena, item);
		if (ad_text_empty(trimmed))
			continue;
		if (list->count == AD_CONFIG_LIST_MAX)
			return AD_FAIL(err, AD_ECONFIG, "%s has more than %d entries", key->name,
				AD_CONFIG_LIST_MAX);
		const char *text = in_form(arena, trimmed);
		int r = key->secret ? ad_config_resolve(arena, key->name, &text, err) : 0;
		if (r != 0)
			return r;
		list->item[list->count++] = text;
	}
	return 0;
}

static int set_key(
	struct holder *holder, const struct ad_key *key, const char *value, struct ad_err *err)
{
	char *field = (char *)&holder->config + key->offset;
	int64_t number = 0;
	const char *text = ad_text_trim(holder->arena, value);
	if (key->secret)
		holder->written[key - ad_keys] = text;
	/* Of a list each entry has a source of its own. */
	bool single = key->secret && key->type != AD_KEY_LIST;
	int r = single ? ad_config_resolve(holder->arena, key->name, &text, err) : 0;
	if (r != 0)
		return r;
	switch (key->type) {
	case AD_KEY_TEXT:
		text = key->secret ? text : in_form(holder->arena, text);
		memcpy(field, &text, sizeof text);
		return 0;
	case AD_KEY_LIST:
		return set_list(
			holder->arena, key, text, (struct ad_config_list *)(void *)field, err);
	case AD_KEY_BOOL:
		if (!ad_text_eq(text, "true") && !ad_text_eq(text, "false"))
			return AD_FAIL(err, AD_ECONFIG, "%s is '%.40s': write true or false",
				key->name, text);
		*(bool *)(void *)field = text[0] == 't';
		return 0;
	case AD_KEY_INT:
		if (ad_text_i64(text, key->min, key->max, &number) != 0)
			return AD_FAIL(err, AD_ECONFIG,
				"%s is '%.40s': write a number from %lld to %lld", key->name, text,
				(long long)key->min, (long long)key->max);
		memcpy(field, &number, sizeof number);
		return 0;
	default:
		return AD_FAIL(err, AD_EBUG, "%s has no type", key->name);
	}
}

struct reading {
	struct holder *holder;
	struct ad_err *err;
	int r;
};

static int on_line(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	char full[NAME_MAX_BYTES];
	if (reading->r != 0)
		return 0;
	(void)snprintf(full, sizeof full, "%s.%s", section, name);
	const struct ad_key *key = ad_key_find(full);
	if (!key)
		reading->r = AD_FAIL(reading->err, AD_ECONFIG, "unknown key '%s'", full);
	else
		reading->r = set_key(reading->holder, key, value ? value : "", reading->err);
	return reading->r == 0;
}

/* What libinih would misread: it breaks a long line in two, and takes an indented one for more of
 * the value above. The line itself is not repeated: it may hold a secret. */
static int check_lines(const char *text, int *ret_line, struct ad_err *err)
{
	int number = 1;
	for (const char *line = text; *line; number++) {
		size_t len = strcspn(line, "\n");
		size_t blank = strspn(line, " \t\r");
		*ret_line = number;
		if (len > LINE_MAX_BYTES)
			return AD_FAIL(err, AD_ECONFIG,
				"longer than %d bytes: write a long value into the environment or, "
				"for a secret, @File(path)",
				LINE_MAX_BYTES);
		if (blank > 0 && blank < len && !strchr(";#", line[blank]))
			return AD_FAIL(err, AD_ECONFIG, "begins with a blank");
		line += len + (line[len] == '\n');
	}
	return 0;
}

static int read_file(struct holder *holder, const char *path, struct ad_err *err)
{
	char *text;
	size_t len;
	struct reading reading = { .holder = holder, .err = err };
	int r = ad_file_read(holder->arena, path, FILE_MAX, &text, &len, err);
	if (r != 0)
		return r;
	int line = 0;
	reading.r = check_lines(text, &line, err);
	if (reading.r == 0)
		line = ini_parse_string(text, on_line, &reading);
	if (line > 0 && reading.r == 0)
		reading.r = AD_FAIL(err, AD_ECONFIG, "not 'key = value' below a [section]");
	if (reading.r != 0)
		ad_err_prefix(err, "%s line %d: ", path, line);
	return reading.r;
}

/* APPDESK_BOT_APP_ID -> bot.app_id: sections have no underscore, so the first one separates. */
static void key_name_of(const char *variable, size_t len, char *ret, size_t size)
{
	size_t n = len < size - 1 ? len : size - 1;
	bool separated = false;
	for (size_t i = 0; i < n; i++) {
		ret[i] = (char)tolower((unsigned char)variable[i]);
		if (ret[i] == '_' && !separated) {
			ret[i] = '.';
			separated = true;
		}
	}
	ret[n] = '\0';
}

/* Variables of our own that are no configuration. */
static bool is_foreign(const char *name)
{
	return ad_text_starts(name, "fault") || ad_text_starts(name, "test.");
}

static int read_environment(struct holder *holder, struct ad_err *err)
{
	static const char prefix[] = "APPDESK_";
	for (char **variable = environ; *variable; variable++) {
		const char *equals = strchr(*variable, '=');
		if (!equals || !ad_text_starts(*variable, prefix))
			continue;
		const char *from = *variable + strlen(prefix);
		char name[NAME_MAX_BYTES];
		key_name_of(from, (size_t)(equals - from), name, sizeof name);
		const struct ad_key *key = ad_key_find(name);
		if (is_foreign(name))
			continue;
		if (!key)
			return AD_FAIL(err, AD_ECONFIG, "environment: unknown key %.*s",
				(int)(equals - *variable), *variable);
		int r = set_key(holder, key, equals + 1, err);
		if (r != 0) {
			ad_err_prefix(err, "environment: ");
			return r;
		}
	}
	return 0;
}

static int set_defaults(struct holder *holder, struct ad_err *err)
{
	int r = 0;
	for (size_t i = 0; i < ad_keys_count && r == 0; i++)
		r = set_key(holder, &ad_keys[i], ad_keys[i].otherwise, err);
	return r;
}

int ad_config_load(const char *path, struct ad_config **ret, struct ad_err *err)
{
	struct holder *holder = ad_xalloc(sizeof *holder);
	holder->arena = ad_arena_new();
	holder->written = ad_alloc_array(holder->arena, ad_keys_count, sizeof *holder->written);
	int r = set_defaults(holder, err);
	if (r == 0 && path)
		r = read_file(holder, path, err);
	if (r == 0)
		r = read_environment(holder, err);
	if (r == 0)
		r = ad_config_presets(holder->arena, &holder->config, err);
	if (r == 0)
		r = ad_config_check(holder->arena, &holder->config, err);
	if (r != 0)
		ad_config_free(&holder->config);
	else
		*ret = &holder->config;
	return r;
}

void ad_config_free(struct ad_config *config)
{
	if (!config)
		return;
	struct holder *holder = (struct holder *)(void *)config; /* config is its first member */
	ad_arena_free(holder->arena);
	free(holder);
}

int ad_config_secret(const struct ad_config *config, const char *name, struct ad_arena *arena,
	const char **ret, struct ad_err *err)
{
	const struct holder *holder = (const struct holder *)(const void *)config;
	const struct ad_key *key = ad_key_find(name);
	AD_ASSERT(key && key->secret);
	const char *text = ad_strdup(arena, holder->written[key - ad_keys]);
	int r = ad_config_resolve(arena, name, &text, err);
	if (r == 0)
		*ret = text;
	return r;
}

static struct ad_json *print_value(
	struct ad_arena *arena, const struct ad_config *config, const struct ad_key *key)
{
	const char *field = (const char *)config + key->offset;
	const char *text;
	int64_t number;
	bool flag;
	struct ad_json *list;
	switch (key->type) {
	case AD_KEY_INT:
		memcpy(&number, field, sizeof number);
		return ad_json_new_int(arena, number);
	case AD_KEY_BOOL:
		memcpy(&flag, field, sizeof flag);
		return ad_json_new_bool(arena, flag);
	case AD_KEY_LIST:
		list = ad_json_new_array(arena);
		for (size_t i = 0; i < ((const struct ad_config_list *)(const void *)field)->count;
			i++) {
			text = ((const struct ad_config_list *)(const void *)field)->item[i];
			ad_json_append(
				arena, list, ad_json_new_string(arena, key->secret ? "***" : text));
		}
		return list;
	case AD_KEY_TEXT:
	default:
		memcpy(&text, field, sizeof text);
		return ad_json_new_string(arena, key->secret && *text ? "***" : text);
	}
}

struct ad_json *ad_config_print(struct ad_arena *arena, const struct ad_config *config)
{
	struct ad_json *all = ad_json_new_object(arena);
	for (size_t i = 0; i < ad_keys_count; i++)
		ad_json_set(arena, all, ad_keys[i].name, print_value(arena, config, &ad_keys[i]));
	return all;
}
