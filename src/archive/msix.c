/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of signed MSIX packages. Signing adds one entry at the end and one directory record;
 * to check the directory's digest both are taken out again and the end records are set back to what
 * they said before.
 */
#include "ad/archive/msix.h"

#include "format.h"
#include "layout.h"
#include "ad/little_endian.h"

#define SIGNATURE_MAX (1u << 20)

/* Data descriptors: with or without signature, with sizes of 32 or 64 bits. */
static bool gap_proper(const struct ad_zip_record *record, uint64_t gap)
{
	if (!(record->flags & ZIP_FLAG_DESCRIPTOR))
		return gap == 0;
	return gap == 12 || gap == 16 || gap == 20 || gap == 24;
}

static int check_contiguous(const struct ad_zip *zip, struct ad_err *err)
{
	if (zip->count == 0 || zip->by_offset[0]->local_offset != 0)
		return AD_FAIL(err, AD_EINVAL, "msix: does not begin with an entry");
	for (size_t i = 0; i < zip->count; i++) {
		const struct ad_zip_record *record = zip->by_offset[i];
		uint64_t next = i + 1 < zip->count ? zip->by_offset[i + 1]->local_offset
						   : zip->directory_offset;
		if (!gap_proper(record, next - record->data_end))
			return AD_FAIL(err, AD_EINVAL, "msix: foreign bytes behind entry %zu",
				record->index);
	}
	return 0;
}

static uint8_t *append(uint8_t *at, const struct ad_zip *zip, uint64_t offset, uint64_t len)
{
	if (len > 0)
		memcpy(at, zip->bytes.data + offset, (size_t)len);
	return at + len;
}

static void restore_end64(
	const struct ad_zip *zip, uint64_t signature_offset, uint64_t directory_len, uint8_t *end64)
{
	ad_put_le64(end64 + 24, zip->count - 1);
	ad_put_le64(end64 + 32, zip->count - 1);
	ad_put_le64(end64 + 40, directory_len);
	ad_put_le64(end64 + 48, signature_offset);
	ad_put_le64(end64 + ZIP_END64_LEN + 8, signature_offset + directory_len);
}

static void restore_end(
	const struct ad_zip *zip, uint64_t signature_offset, uint64_t directory_len, uint8_t *end)
{
	ad_put_le16(end + 8, (uint16_t)(zip->count - 1));
	ad_put_le16(end + 10, (uint16_t)(zip->count - 1));
	ad_put_le32(end + 12, (uint32_t)directory_len);
	ad_put_le32(end + 16, (uint32_t)signature_offset);
}

static struct ad_bytes rebuild_tail(
	struct ad_arena *arena, const struct ad_zip *zip, const struct ad_zip_record *signature)
{
	uint64_t directory_len = zip->directory_len - signature->central_len;
	uint64_t after = signature->central_offset + signature->central_len;
	uint64_t directory_end = zip->directory_offset + zip->directory_len;
	size_t tail_len = (size_t)(zip->bytes.len - zip->directory_offset - signature->central_len);
	uint8_t *tail = ad_alloc(arena, tail_len);

	uint8_t *at = append(tail, zip, zip->directory_offset,
		signature->central_offset - zip->directory_offset);
	at = append(at, zip, after, directory_end - after);
	(void)append(at, zip, directory_end, zip->bytes.len - directory_end);
	if (zip->has_end64)
		restore_end64(zip, signature->local_offset, directory_len, at);
	else
		restore_end(zip, signature->local_offset, directory_len, at);
	return (struct ad_bytes){ .data = tail, .len = tail_len };
}

int ad_msix_open(struct ad_arena *arena, struct ad_bytes bytes, const struct ad_zip_limits *limits,
	struct ad_msix_layout *ret, struct ad_err *err)
{
	struct ad_msix_layout layout = { 0 };
	int rc = ad_zip_open_bytes(arena, bytes, limits, &layout.zip, err);
	if (!rc)
		rc = check_contiguous(layout.zip, err);
	if (rc)
		return rc;
	const struct ad_zip_entry *entry = ad_zip_find(layout.zip, AD_MSIX_SIGNATURE_NAME);
	if (!entry)
		return AD_FAIL(err, AD_EINTEGRITY, "msix: no signature");
	const struct ad_zip_record *signature = (const struct ad_zip_record *)entry;
	if (layout.zip->by_offset[layout.zip->count - 1] != signature ||
		signature->data_end != layout.zip->directory_offset)
		return AD_FAIL(err, AD_EINTEGRITY, "msix: the signature is not the last entry");
	rc = ad_zip_read(arena, layout.zip, entry, SIGNATURE_MAX, &layout.signature, err);
	if (rc)
		return rc;
	layout.content =
		(struct ad_bytes){ .data = bytes.data, .len = (size_t)signature->local_offset };
	layout.directory = rebuild_tail(arena, layout.zip, signature);
	*ret = layout;
	return 0;
}

uint64_t ad_msix_local_header_len(const struct ad_zip *zip, const struct ad_zip_entry *entry)
{
	const struct ad_zip_record *record = (const struct ad_zip_record *)entry;
	AD_ASSERT(record == &zip->records[record->index]);
	return record->local_len;
}
