/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a ZIP file: classic end record, ZIP64 locator and ZIP64 end record. They must follow
 * the directory without a gap and agree with each other, so that no two readers can find two
 * different directories in one file.
 */
#include "layout.h"

#include "format.h"
#include "ad/little_endian.h"

static int malformed(struct ad_err *err, const char *what)
{
	return AD_FAIL(err, AD_EINVAL, "zip: %s", what);
}

/* The last end record whose comment reaches exactly to the end of the file. */
static int find_end(struct ad_zip *zip, struct ad_err *err)
{
	uint64_t len = zip->bytes.len;
	if (len < ZIP_END_LEN)
		return malformed(err, "too short");
	for (uint64_t comment = 0; comment <= ZIP_COMMENT_MAX && comment + ZIP_END_LEN <= len;
		comment++) {
		const uint8_t *end = zip->bytes.data + len - ZIP_END_LEN - comment;
		if (ad_le32(end) == ZIP_END_SIGNATURE && ad_le16(end + 20) == comment) {
			zip->end_offset = len - ZIP_END_LEN - comment;
			return 0;
		}
	}
	return malformed(err, "no end record");
}

static int read_end64(struct ad_zip *zip, uint64_t *ret_count, struct ad_err *err)
{
	const uint8_t *locator = zip->bytes.data + zip->end_offset - ZIP_LOCATOR_LEN;
	uint64_t locator_offset = zip->end_offset - ZIP_LOCATOR_LEN;
	if (locator_offset < ZIP_END64_LEN ||
		ad_le64(locator + 8) != locator_offset - ZIP_END64_LEN ||
		ad_le32(locator + 4) != 0 || ad_le32(locator + 16) != 1)
		return malformed(err, "ZIP64 locator is wrong");
	zip->end64_offset = locator_offset - ZIP_END64_LEN;
	const uint8_t *end64 = zip->bytes.data + zip->end64_offset;
	if (ad_le32(end64) != ZIP_END64_SIGNATURE || ad_le64(end64 + 4) != ZIP_END64_LEN - 12 ||
		ad_le32(end64 + 16) != 0 || ad_le32(end64 + 20) != 0 ||
		ad_le64(end64 + 24) != ad_le64(end64 + 32))
		return malformed(err, "ZIP64 end record is wrong");
	zip->has_end64 = true;
	*ret_count = ad_le64(end64 + 32);
	zip->directory_len = ad_le64(end64 + 40);
	zip->directory_offset = ad_le64(end64 + 48);
	return 0;
}

/* A classic field either repeats the ZIP64 value or says that it is there. */
static bool repeats(uint64_t classic, uint64_t in_zip64, uint64_t value)
{
	return classic == in_zip64 || classic == value;
}

/* Directory and count from the ZIP64 records, which the classic one must not contradict. */
static int read_both(struct ad_zip *zip, uint64_t *ret_count, struct ad_err *err)
{
	const uint8_t *end = zip->bytes.data + zip->end_offset;
	int rc = read_end64(zip, ret_count, err);
	if (rc)
		return rc;
	if (!repeats(ad_le16(end + 4), ZIP_IN_ZIP64_16, 0) ||
		!repeats(ad_le16(end + 6), ZIP_IN_ZIP64_16, 0) ||
		!repeats(ad_le16(end + 10), ZIP_IN_ZIP64_16, *ret_count) ||
		!repeats(ad_le32(end + 12), ZIP_IN_ZIP64_32, zip->directory_len) ||
		!repeats(ad_le32(end + 16), ZIP_IN_ZIP64_32, zip->directory_offset))
		return malformed(err, "end records disagree");
	return 0;
}

static int read_classic(struct ad_zip *zip, uint64_t *ret_count, struct ad_err *err)
{
	const uint8_t *end = zip->bytes.data + zip->end_offset;
	if (ad_le16(end + 4) != 0 || ad_le16(end + 6) != 0)
		return malformed(err, "archive in parts");
	*ret_count = ad_le16(end + 10);
	zip->directory_len = ad_le32(end + 12);
	zip->directory_offset = ad_le32(end + 16);
	return 0;
}

int ad_zip_find_directory(struct ad_zip *zip, size_t *ret_count, struct ad_err *err)
{
	uint64_t count = 0;
	int rc = find_end(zip, err);
	if (rc)
		return rc;
	const uint8_t *end = zip->bytes.data + zip->end_offset;
	if (ad_le16(end + 8) != ad_le16(end + 10))
		return malformed(err, "archive in parts");
	bool zip64 = zip->end_offset >= ZIP_LOCATOR_LEN &&
		     ad_le32(end - ZIP_LOCATOR_LEN) == ZIP_LOCATOR_SIGNATURE;
	rc = zip64 ? read_both(zip, &count, err) : read_classic(zip, &count, err);
	if (rc)
		return rc;
	uint64_t directory_end = zip64 ? zip->end64_offset : zip->end_offset;
	if (zip->directory_offset > directory_end ||
		zip->directory_len != directory_end - zip->directory_offset)
		return malformed(err, "directory does not end where the end record begins");
	/* Each record has a fixed part, so the length bounds the count before it is believed. */
	if (count > zip->directory_len / ZIP_CENTRAL_LEN)
		return malformed(err, "more entries than the directory has room for");
	*ret_count = (size_t)count;
	return 0;
}
