/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing DER by hand: the signatures of a world are composed byte by byte, so that what the
 * OpenSSL readers of AppDesk accept was not made by the same OpenSSL code. Everything lives in the
 * arena.
 */
#ifndef DT_WORLD_DER_H
#define DT_WORLD_DER_H

#include "ad/arena.h"
#include "ad/bytes.h"

#include <stddef.h>
#include <stdint.h>

enum dt_der_tag {
	DT_DER_INTEGER = 0x02,
	DT_DER_BIT_STRING = 0x03,
	DT_DER_OCTETS = 0x04,
	DT_DER_GENERALIZED_TIME = 0x18,
	DT_DER_SEQUENCE = 0x30,
	DT_DER_SET = 0x31,
	DT_DER_CONTEXT_0 = 0xa0, /* constructed context tags */
	DT_DER_CONTEXT_1 = 0xa1,
	DT_DER_CONTEXT_4 = 0xa4,
	DT_DER_CONTEXT_PRIMITIVE_0 = 0x80,
};

/* One element around content that is DER already (or raw, for primitive tags). */
struct ad_bytes dt_der(struct ad_arena *arena, uint8_t tag, struct ad_bytes content);

/* One element around parts, in the given order. */
struct ad_bytes dt_der_join(
	struct ad_arena *arena, uint8_t tag, const struct ad_bytes *parts, size_t count);

/* SET OF: the parts sorted by their encoding, as DER demands. */
struct ad_bytes dt_der_set_of(
	struct ad_arena *arena, uint8_t tag, const struct ad_bytes *parts, size_t count);

/* The parts one after the other, with nothing around them. */
struct ad_bytes dt_bytes_cat(struct ad_arena *arena, const struct ad_bytes *parts, size_t count);

/* dotted is a literal of ours, well formed. */
struct ad_bytes dt_der_oid(struct ad_arena *arena, const char *dotted);
struct ad_bytes dt_der_uint(struct ad_arena *arena, uint64_t value);
struct ad_bytes dt_der_null(struct ad_arena *arena);
/* AlgorithmIdentifier with NULL parameters. */
struct ad_bytes dt_der_algorithm(struct ad_arena *arena, const char *dotted);
/* Attribute ::= SEQUENCE { type, SET { value } }. */
struct ad_bytes dt_der_attribute(struct ad_arena *arena, const char *dotted, struct ad_bytes value);

struct ad_bytes dt_bytes_of_text(const char *text);

#define DT_BYTES_LIST(...)                        \
	(const struct ad_bytes[]){ __VA_ARGS__ }, \
		sizeof((const struct ad_bytes[]){ __VA_ARGS__ }) / sizeof(struct ad_bytes)
#define DT_SEQUENCE(arena, ...) dt_der_join((arena), DT_DER_SEQUENCE, DT_BYTES_LIST(__VA_ARGS__))

#define DT_OID_SHA256 "2.16.840.1.101.3.4.2.1"

#endif
