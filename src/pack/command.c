/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quoting and checking of command lines. Two programs may read the line: CommandLineToArgvW, for
 * which \" is a literal quote, and cmd.exe, for which every quote opens or closes. A character that
 * cmd.exe acts upon must be inside quotes for both.
 */
#include "command.h"

#include "ad/text.h"

static bool is_meta(char c)
{
	return strchr("&|<>^%", c) != NULL;
}

/* The one check: see the header of this file. */
static int check(const char *text, struct ad_err *err)
{
	bool in_argv = false;
	bool in_cmd = false;
	size_t slashes = 0; /* backslashes just before this character */

	if (!ad_utf8_valid(text, strlen(text)))
		return AD_FAIL(err, AD_EINVAL, "command line is not UTF-8");
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 || c == 0x7f)
			return AD_FAIL(err, AD_EINVAL,
				"command line holds the control character 0x%02x", c);
		if (c == '"') {
			in_cmd = !in_cmd;
			if (slashes % 2 == 0)
				in_argv = !in_argv;
		} else if (is_meta(*p) && !(in_argv && in_cmd)) {
			return AD_FAIL(err, AD_EINVAL, "command line holds %c outside quotes", *p);
		}
		slashes = c == '\\' ? slashes + 1 : 0;
	}
	if (in_argv || in_cmd)
		return AD_FAIL(err, AD_EINVAL, "command line has a quote that does not close");
	return 0;
}

static int append(struct ad_buf *line, const char *text, struct ad_err *err)
{
	int r = check(text, err);
	if (r < 0)
		return r;
	if (line->len > 0)
		(void)ad_buf_addc(line, ' ');
	(void)ad_buf_adds(line, text);
	if (line->overflow)
		return AD_FAIL(err, AD_EINVAL, "command line is longer than %u characters",
			AD_PACK_COMMAND_MAX);
	return 0;
}

static bool needs_quotes(const char *argument)
{
	if (*argument == '\0')
		return true;
	for (const char *p = argument; *p; p++)
		if (strchr(" \t\"(),;=", *p) || is_meta(*p))
			return true;
	return false;
}

/* Backslashes are literal unless a quote follows; then each is doubled. */
static void quote(struct ad_buf *quoted, const char *argument)
{
	size_t slashes = 0;
	(void)ad_buf_addc(quoted, '"');
	for (const char *p = argument; *p; p++) {
		if (*p == '"') {
			for (size_t i = 0; i < slashes + 1; i++)
				(void)ad_buf_addc(quoted, '\\');
		}
		(void)ad_buf_addc(quoted, *p);
		slashes = *p == '\\' ? slashes + 1 : 0;
	}
	for (size_t i = 0; i < slashes; i++)
		(void)ad_buf_addc(quoted, '\\');
	(void)ad_buf_addc(quoted, '"');
}

int ad_pack_command_argument(struct ad_buf *line, const char *argument, struct ad_err *err)
{
	if (!needs_quotes(argument))
		return append(line, argument, err);
	struct ad_buf quoted;
	ad_buf_init(&quoted, AD_PACK_COMMAND_MAX);
	quote(&quoted, argument);
	int r = quoted.overflow ? AD_FAIL(err, AD_EINVAL, "an argument is too long")
				: append(line, ad_buf_str(&quoted), err);
	ad_buf_release(&quoted);
	return r;
}

int ad_pack_command_switches(struct ad_buf *line, const char *switches, struct ad_err *err)
{
	if (ad_text_empty(switches))
		return 0;
	return append(line, switches, err);
}

/* Length of the word at text: up to a space outside quotes. */
static size_t word_len(const char *text)
{
	bool quoted = false;
	size_t len = 0;
	for (; text[len] && (quoted || text[len] != ' '); len++)
		quoted ^= text[len] == '"';
	return len;
}

static bool is_option(const char *word)
{
	return word[0] == '/' || word[0] == '-';
}

/* The path of a log stands behind its option: /log FILE, /l*v FILE. */
static bool takes_value(const char *word)
{
	return is_option(word) && (word[1] == 'l' || word[1] == 'L');
}

static bool is_property(const char *word, size_t len)
{
	size_t name = 0;
	while (name < len && (word[name] == '_' || word[name] == '.' ||
				     (word[name] >= '0' && word[name] <= '9') ||
				     (word[name] >= 'A' && word[name] <= 'Z') ||
				     (word[name] >= 'a' && word[name] <= 'z')))
		name++;
	return name > 0 && name < len && word[name] == '=';
}

int ad_pack_command_msi_switches(struct ad_buf *line, const char *switches, struct ad_err *err)
{
	bool value = false; /* the word before takes this one */
	for (const char *word = switches ? switches : ""; *word;) {
		size_t len = word_len(word);
		if (len > 0 && !value && !is_option(word) && !is_property(word, len))
			return AD_FAIL(err, AD_EINVAL,
				"msiexec does not understand \"%.*s\" among the switches of the "
				"manifest",
				(int)(len < 100 ? len : 100), word);
		if (len > 0)
			value = takes_value(word);
		word += len + (word[len] == ' ');
	}
	return ad_pack_command_switches(line, switches, err);
}
