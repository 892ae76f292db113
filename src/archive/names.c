/* SPDX-License-Identifier: Apache-2.0 */
/* Names in archives: what may leave its folder or means something else on Windows is refused. */
#include "layout.h"

#include "ad/text.h"

#include <strings.h>

static const char *const device_names[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
static const char *const numbered_devices[] = { "COM", "LPT" };

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINVAL, "zip: entry name %s", why);
}

/* "nul", "NUL.txt" and "com1 .log" all are devices. */
static bool is_device(const char *part, size_t len)
{
	const char *dot = memchr(part, '.', len);
	size_t stem = dot ? (size_t)(dot - part) : len;
	while (stem > 0 && part[stem - 1] == ' ')
		stem--;
	for (size_t i = 0; i < sizeof device_names / sizeof device_names[0]; i++) {
		if (stem == strlen(device_names[i]) &&
			strncasecmp(part, device_names[i], stem) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof numbered_devices / sizeof numbered_devices[0]; i++) {
		if (stem == 4 && strncasecmp(part, numbered_devices[i], 3) == 0 && part[3] >= '0' &&
			part[3] <= '9')
			return true;
	}
	return false;
}

static int check_part(const char *part, size_t len, struct ad_err *err)
{
	if (len == 0)
		return refuse(err, "is absolute or has an empty part");
	if (part[len - 1] == '.' || part[len - 1] == ' ')
		return refuse(err, "has a part that ends in a dot or a space");
	if (is_device(part, len))
		return refuse(err, "is a Windows device");
	return 0;
}

static int check_characters(const char *name, size_t len, struct ad_err *err)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c < 0x20 || c == 0x7f)
			return refuse(err, "has a control character");
		if (strchr("\\:*?\"<>|", c))
			return refuse(err, "has a character that Windows does not allow");
	}
	return ad_utf8_valid(name, len) ? 0 : refuse(err, "is not UTF-8");
}

int ad_zip_name_check(const char *name, size_t len, struct ad_err *err)
{
	if (len == 0 || len > AD_ZIP_NAME_MAX)
		return refuse(err, "is empty or too long");
	int rc = check_characters(name, len, err);
	if (rc)
		return rc;
	/* One slash at the end marks a folder. */
	size_t whole = name[len - 1] == '/' ? len - 1 : len;
	size_t depth = 0;
	for (size_t start = 0; start <= whole;) {
		const char *slash = memchr(name + start, '/', whole - start);
		size_t end = slash ? (size_t)(slash - name) : whole;
		rc = check_part(name + start, end - start, err);
		if (rc)
			return rc;
		if (++depth > AD_ZIP_DEPTH_MAX)
			return refuse(err, "is too deep");
		start = end + 1;
	}
	return 0;
}

/* A name as a file system that ignores case sees it. */
struct key {
	const char *text;
	bool folder;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->text, ((const struct key *)b)->text);
}

/* No folder on the way to this name may be a file. */
static int check_parents(struct ad_arena *arena, const struct key *keys, size_t count,
	const char *name, struct ad_err *err)
{
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct key parent = { .text = ad_strndup(arena, name, (size_t)(slash - name)) };
		const struct key *found = bsearch(&parent, keys, count, sizeof *keys, by_text);
		if (found && !found->folder)
			return refuse(err, "is both a file and a folder");
	}
	return 0;
}

int ad_zip_names_unique(struct ad_arena *arena, const struct ad_zip *zip, struct ad_err *err)
{
	struct key *keys = ad_alloc_array(arena, zip->count, sizeof *keys);
	for (size_t i = 0; i < zip->count; i++) {
		const struct ad_zip_entry *entry = &zip->records[i].entry;
		char *text = ad_text_lower(arena, entry->name);
		if (entry->folder)
			text[strlen(text) - 1] = '\0';
		keys[i] = (struct key){ .text = text, .folder = entry->folder };
	}
	qsort(keys, zip->count, sizeof *keys, by_text);
	for (size_t i = 1; i < zip->count; i++) {
		if (strcmp(keys[i - 1].text, keys[i].text) == 0)
			return refuse(err, "appears twice");
	}
	for (size_t i = 0; i < zip->count; i++) {
		int rc = check_parents(arena, keys, zip->count, keys[i].text, err);
		if (rc)
			return rc;
	}
	return 0;
}
