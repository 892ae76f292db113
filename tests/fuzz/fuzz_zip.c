/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_zip_open_bytes and ad_msix_open, about any file: an error says something; what is
 * opened has safe names, keeps to its limits, and each entry has as many bytes as it says, or none;
 * no two entries have one name; a signature lies inside the file.
 */
#include "fuzz.h"

#include "ad/archive/msix.h"
#include "ad/text.h"

#define ENTRY_MAX ((size_t)1 << 20)

static const struct ad_zip_limits limits = {
	.entries = 64, .entry_bytes = ENTRY_MAX, .total_bytes = (uint64_t)2 << 20
};

/* Counts what a sink is given. */
static int count(void *context, const void *data, size_t len, struct ad_err *err)
{
	(void)data;
	(void)err;
	*(uint64_t *)context += len;
	return 0;
}

static void check_entry(struct ad_arena *arena, struct ad_zip *zip, size_t index)
{
	const struct ad_zip_entry *entry = ad_zip_at(zip, index);
	struct ad_bytes read;
	struct ad_err err = { 0 };
	uint64_t streamed = 0;
	AD_ASSERT(ad_zip_name_check(
			  entry->name, strlen(entry->name) - (entry->folder ? 1 : 0), NULL) == 0);
	AD_ASSERT(ad_zip_find(zip, entry->name) == entry); /* so no name is there twice */
	AD_ASSERT(entry->size <= limits.entry_bytes);
	int rc = ad_zip_read(arena, zip, entry, ENTRY_MAX, &read, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	AD_ASSERT((ad_zip_stream(zip, entry, count, &streamed, NULL) == 0) == (rc == 0));
	if (rc == 0)
		AD_ASSERT(read.len == entry->size && streamed == entry->size &&
			  ad_zip_crc32(0, read.data, read.len) == entry->crc);
}

static void check_zip(struct ad_arena *arena, struct ad_zip *zip)
{
	uint64_t total = 0;
	AD_ASSERT(ad_zip_count(zip) <= limits.entries);
	for (size_t i = 0; i < ad_zip_count(zip); i++) {
		total += ad_zip_at(zip, i)->size;
		check_entry(arena, zip, i);
	}
	AD_ASSERT(total <= limits.total_bytes);
}

static void check_msix(struct ad_arena *arena, struct ad_bytes file)
{
	struct ad_msix_layout layout;
	struct ad_err err = { 0 };
	int rc = ad_msix_open(arena, file, &limits, &layout, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc != 0)
		return;
	AD_ASSERT(layout.content.data == file.data && layout.content.len < file.len);
	AD_ASSERT(layout.directory.len > 0 && layout.signature.len > 0);
	AD_ASSERT(ad_zip_find(layout.zip, AD_MSIX_SIGNATURE_NAME) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	const struct ad_bytes file = { data, len };
	struct ad_zip *zip = NULL;
	struct ad_err err = { 0 };
	int rc = ad_zip_open_bytes(arena, file, &limits, &zip, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc == 0)
		check_zip(arena, zip);
	check_msix(arena, file);
	ad_arena_free(arena);
	return 0;
}
