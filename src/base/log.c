/* SPDX-License-Identifier: Apache-2.0 */
/* The log: JSON lines on stderr. One write per line, so lines of several threads never mix. */
#include "ad/log.h"
#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/clock.h"
#include "ad/text.h"

#include <errno.h>
#include <stdatomic.h>

#define LINE_MAX_BYTES ((size_t)16 << 10)
#define CONTEXT_MAX 4
#define CONTEXT_VALUE_MAX 128

static _Atomic int lowest = AD_LOG_INFO;

static _Thread_local struct {
	char name[CONTEXT_VALUE_MAX];
	char value[CONTEXT_VALUE_MAX];
} context[CONTEXT_MAX];
static _Thread_local int context_count;

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void ad_log_set_level(enum ad_log_level level)
{
	atomic_store(&lowest, (int)level);
}

int ad_log_parse_level(const char *text, enum ad_log_level *ret)
{
	for (int i = 0; i < 4; i++) {
		if (ad_text_eq(text, level_names[i])) {
			*ret = (enum ad_log_level)i;
			return 0;
		}
	}
	return AD_EINVAL;
}

const char *ad_log_num(char *room, long long number)
{
	(void)snprintf(room, 24, "%lld", number);
	return room;
}

void ad_log_context(const char *name, const char *value)
{
	int i = 0;
	while (i < context_count && strcmp(context[i].name, name) != 0)
		i++;
	if (i == CONTEXT_MAX)
		return;
	(void)snprintf(context[i].name, sizeof context[i].name, "%s", name);
	(void)snprintf(context[i].value, sizeof context[i].value, "%s", value ? value : "");
	context_count = i == context_count ? i + 1 : context_count;
}

void ad_log_context_clear(void)
{
	context_count = 0;
}

/* A JSON string on one line, whatever the text: hidden characters, and bytes that are no UTF-8, are
 * escaped. */
static void add_string(struct ad_buf *line, const char *text)
{
	size_t len = strnlen(text, AD_LOG_VALUE_MAX);
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--; /* do not cut inside a character */
	(void)ad_buf_addc(line, '"');
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = (unsigned char)text[i];
		n = ad_utf8_next(text + i, len - i, &c);
		if (c == '"' || c == '\\')
			(void)ad_buf_addf(line, "\\%c", (int)c);
		else if (n == 0 || ad_utf8_is_hidden(c))
			(void)ad_buf_addf(line, "\\u%04x", (unsigned)c);
		else
			(void)ad_buf_add(line, text + i, n);
		n = n ? n : 1;
	}
	(void)ad_buf_addc(line, '"');
}

static void add_pair(struct ad_buf *line, const char *name, const char *value)
{
	if (!value)
		return;
	(void)ad_buf_addc(line, line->len > 1 ? ',' : ' ');
	add_string(line, name);
	(void)ad_buf_addc(line, ':');
	add_string(line, value);
}

static void begin(struct ad_buf *line, enum ad_log_level level, const char *module, const char *msg)
{
	int64_t now = ad_clock_unix_ms();
	time_t seconds = (time_t)(now / 1000);
	struct tm tm;
	char ts[32];
	(void)gmtime_r(&seconds, &tm);
	(void)strftime(ts, sizeof ts, "%Y-%m-%dT%H:%M:%S", &tm);
	ad_buf_init(line, LINE_MAX_BYTES);
	(void)ad_buf_addf(line, "{\"ts\":\"%s.%03dZ\",\"level\":\"%s\"", ts, (int)(now % 1000),
		level_names[level]);
	add_pair(line, "module", module);
	add_pair(line, "msg", msg);
	for (int i = 0; i < context_count; i++)
		add_pair(line, context[i].name, context[i].value);
}

static void add_pairs(struct ad_buf *line, va_list args)
{
	const char *name;
	while ((name = va_arg(args, const char *)))
		add_pair(line, name, va_arg(args, const char *));
}

static void finish(struct ad_buf *line)
{
	(void)ad_buf_adds(line, "}\n");
	if (!line->overflow) {
		ssize_t n = write(STDERR_FILENO, line->data, line->len);
		(void)n; /* a log that cannot be written must not stop the service */
	}
	ad_buf_release(line);
}

void ad_log(enum ad_log_level level, const char *module, const char *msg, ...)
{
	if ((int)level < atomic_load(&lowest))
		return;
	int saved = errno;
	struct ad_buf line;
	va_list args;
	begin(&line, level, module, msg);
	va_start(args, msg);
	add_pairs(&line, args);
	va_end(args);
	finish(&line);
	errno = saved;
}

void ad_log_err(
	enum ad_log_level level, const char *module, const char *msg, const struct ad_err *err, ...)
{
	if ((int)level < atomic_load(&lowest))
		return;
	int saved = errno;
	struct ad_buf line;
	va_list args;
	begin(&line, level, module, msg);
	add_pair(&line, "err", err->text);
	add_pair(&line, "code", ad_err_code_name(err->code));
	add_pair(&line, "class", ad_err_class_name(err->class));
	add_pair(&line, "where", err->where);
	if (err->status)
		add_pair(&line, "status", AD_NUM(err->status));
	va_start(args, err);
	add_pairs(&line, args);
	va_end(args);
	finish(&line);
	errno = saved;
}

bool ad_log_may(struct ad_log_budget *budget, unsigned *ret_suppressed)
{
	uint64_t now = (uint64_t)ad_clock_mono_ms() / 1000;
	if (atomic_exchange(&budget->second, now) != now)
		atomic_store(&budget->spent, 0);
	if (atomic_fetch_add(&budget->spent, 1) >= AD_LOG_BUDGET_PER_S) {
		atomic_fetch_add(&budget->suppressed, 1);
		return false;
	}
	*ret_suppressed = atomic_exchange(&budget->suppressed, 0);
	return true;
}
