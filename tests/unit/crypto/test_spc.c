/* SPDX-License-Identifier: Apache-2.0 */
/* What a package signature says is read strictly: one form, every digest once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "der.h"
#include "spc.h"

/* SpcSipInfo of a package, as it stands in every signature. */
static const uint8_t sip_info[] = { 0x30, 0x35, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82,
	0x37, 0x02, 0x01, 0x1e, 0x30, 0x27, 0x02, 0x04, 0x01, 0x01, 0x00, 0x00, 0x04, 0x10, 0x4b,
	0xdf, 0xc5, 0x0a, 0x07, 0xce, 0xe2, 0x4d, 0xb7, 0x6e, 0x23, 0xc8, 0x39, 0xa0, 0x9f, 0xd1,
	0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00 };

static const uint8_t algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01, 0x05, 0x00 };

/* The content of one signature, which may be spoiled before it is read. */
struct content {
	uint8_t data[512];
	size_t len;
	size_t blob; /* offset of "APPX" */
};

static void add(struct content *content, const void *data, size_t len)
{
	memcpy(content->data + content->len, data, len);
	content->len += len;
}

static struct content make(const char *tags)
{
	struct content content = { .len = 0 };
	uint8_t blob[4 + 5 * 36];
	size_t blob_len = 4;
	memcpy(blob, "APPX", 4);
	for (const char *tag = tags; *tag; tag += 4, blob_len += 36) {
		memcpy(blob + blob_len, tag, 4);
		memset(blob + blob_len + 4, tag[3], AD_SHA256_LEN);
	}
	const uint8_t octets[] = { 0x04, 0x81, (uint8_t)blob_len };
	const uint8_t sequence[] = { 0x30, 0x81,
		(uint8_t)(sizeof algorithm + sizeof octets + blob_len) };
	add(&content, sip_info, sizeof sip_info);
	add(&content, sequence, sizeof sequence);
	add(&content, algorithm, sizeof algorithm);
	add(&content, octets, sizeof octets);
	content.blob = content.len;
	add(&content, blob, blob_len);
	return content;
}

static int parse(const struct content *content, struct ad_msix_digests *digests)
{
	struct ad_err err = { 0 };
	return ad_spc_parse(
		(struct ad_bytes){ .data = content->data, .len = content->len }, digests, &err);
}

static void four_or_five_digests_are_read(void **state)
{
	struct ad_msix_digests digests;
	struct content four = make("AXPCAXCDAXCTAXBM");
	struct content five = make("AXPCAXCDAXCTAXBMAXCI");
	(void)state;
	assert_int_equal(parse(&four, &digests), 0);
	assert_false(digests.has_axci);
	assert_int_equal(digests.axpc[0], 'C');
	assert_int_equal(digests.axcd[31], 'D');
	assert_int_equal(digests.axct[0], 'T');
	assert_int_equal(digests.axbm[0], 'M');
	assert_int_equal(parse(&five, &digests), 0);
	assert_true(digests.has_axci);
	assert_int_equal(digests.axci[0], 'I');
}

static void missing_repeated_and_unknown_digests_are_refused(void **state)
{
	static const char *const lists[] = { "", "AXPC", "AXPCAXCDAXCT", "AXPCAXPCAXCTAXBM",
		"AXCDAXPCAXCTAXBM", "AXPCAXCDAXCTAXXX", "AXPCAXCDAXCTAXBMAXBM" };
	struct ad_msix_digests digests;
	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct content content = make(lists[i]);
		assert_int_equal(parse(&content, &digests), AD_EINTEGRITY);
	}
}

/* Before the digests every byte is fixed. */
static void any_other_form_is_refused(void **state)
{
	struct ad_msix_digests digests;
	struct content content = make("AXPCAXCDAXCTAXBM");
	(void)state;
	for (size_t i = 0; i < content.blob + 8; i++) {
		content.data[i] ^= 0x11;
		assert_int_equal(parse(&content, &digests), AD_EINTEGRITY);
		content.data[i] ^= 0x11;
	}
	size_t whole = content.len;
	for (content.len = 0; content.len < whole; content.len++)
		assert_int_equal(parse(&content, &digests), AD_EINTEGRITY);
	content.len = whole + 1;
	assert_int_equal(parse(&content, &digests), AD_EINTEGRITY);
}

static void lengths_that_are_not_shortest_are_refused(void **state)
{
	static const struct {
		uint8_t data[8];
		size_t len;
	} bad[] = {
		{ { 0x04 }, 1 }, { { 0x04, 0x80, 0, 0 }, 4 }, /* indefinite */
		{ { 0x04, 0x81, 0x01, 0xff }, 4 },            /* long form of a short length */
		{ { 0x04, 0x82, 0x00, 0x81, 0xff }, 5 },      /* leading zero */
		{ { 0x04, 0x05, 1, 2, 3 }, 5 },               /* longer than what is there */
		{ { 0x04, 0x84, 0xff, 0xff, 0xff, 0xff }, 6 }, { { 0x04, 0x85, 1, 0, 0, 0, 0 }, 7 },
		{ { 0x02, 0x01, 0x00 }, 3 }, /* another tag */
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_bytes rest = { .data = bad[i].data, .len = bad[i].len };
		struct ad_bytes content;
		assert_false(ad_der_take(&rest, AD_DER_OCTETS, &content));
		assert_int_equal(rest.len, bad[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_or_five_digests_are_read),
		cmocka_unit_test(missing_repeated_and_unknown_digests_are_refused),
		cmocka_unit_test(any_other_form_is_refused),
		cmocka_unit_test(lengths_that_are_not_shortest_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
