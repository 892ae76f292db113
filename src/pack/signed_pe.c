/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows programs (Microsoft's PE format, "Attribute Certificate Table"). The signature stands at
 * the end of the file and covers all bytes before itself but two fields of the header: the
 * checksum, and the entry that says where the signature is.
 */
#include "signed_file.h"

#include "ad/little_endian.h"

#define DOS_HEADER_LEN 64u
#define DOS_PE_OFFSET 0x3cu
#define PE_HEAD_LEN 24u /* "PE\0\0" and the COFF header */
#define CHECKSUM_OFFSET 64u
#define CHECKSUM_LEN 4u
#define DIRECTORY_ENTRY_LEN 8u
#define CERTIFICATE_DIRECTORY 4u /* place in the data directories */
#define MAGIC_PE32 0x10bu
#define MAGIC_PE32_PLUS 0x20bu
#define OPTIONAL_LEN (112u + (CERTIFICATE_DIRECTORY + 1) * DIRECTORY_ENTRY_LEN)

#define CERTIFICATE_HEAD_LEN 8u
#define CERTIFICATE_REVISION 0x0200u
#define CERTIFICATE_PKCS7 2u
#define ALIGNMENT 8u

/* Offsets in the file. */
struct layout {
	bool has_table;
	uint64_t checksum;
	uint64_t entry; /* of the table in the data directories */
	uint64_t table;
	uint64_t table_len;
};

static int malformed(struct ad_err *err, const char *what)
{
	return AD_FAIL(err, AD_EINTEGRITY, "installer is no sound Windows program: %s", what);
}

/* From the optional header to the entry of the table. */
static int read_directory(const struct pack_file *file, uint64_t optional,
	const uint8_t header[OPTIONAL_LEN], struct layout *ret, struct ad_err *err)
{
	uint32_t magic = ad_le16(header);
	size_t directories = magic == MAGIC_PE32_PLUS ? 112 : 96;
	if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
		return malformed(err, "its header is of no known kind");
	if (ad_le32(header + directories - 4) <= CERTIFICATE_DIRECTORY)
		return 0;
	const uint8_t *entry = header + directories + CERTIFICATE_DIRECTORY * DIRECTORY_ENTRY_LEN;
	ret->checksum = optional + CHECKSUM_OFFSET;
	ret->entry = optional + (uint64_t)(entry - header);
	ret->table = ad_le32(entry);
	ret->table_len = ad_le32(entry + 4);
	ret->has_table = ret->table != 0 || ret->table_len != 0;
	if (ret->has_table &&
		(ret->table < ret->entry + DIRECTORY_ENTRY_LEN || ret->table % ALIGNMENT != 0 ||
			ret->table + ret->table_len != file->size))
		return malformed(err, "its signature does not stand at its end");
	return 0;
}

static int read_layout(const struct pack_file *file, struct layout *ret, struct ad_err *err)
{
	uint8_t dos[DOS_HEADER_LEN];
	uint8_t head[PE_HEAD_LEN];
	uint8_t optional[OPTIONAL_LEN];
	*ret = (struct layout){ 0 };
	if (file->size < sizeof dos)
		return 0;
	int r = pack_file_read(file, 0, dos, sizeof dos, err);
	if (r < 0 || memcmp(dos, "MZ", 2) != 0)
		return r;
	uint64_t pe = ad_le32(dos + DOS_PE_OFFSET);
	if (pe + sizeof head + sizeof optional > file->size)
		return 0; /* a program of DOS */
	r = pack_file_read(file, pe, head, sizeof head, err);
	if (r < 0 || memcmp(head, "PE\0\0", 4) != 0)
		return r;
	r = pack_file_read(file, pe + sizeof head, optional, sizeof optional, err);
	return r < 0 ? r : read_directory(file, pe + sizeof head, optional, ret, err);
}

/* The first of the table: others may follow it, and Windows looks at the first. */
static int find(struct ad_arena *arena, const struct pack_file *file, struct ad_bytes *ret,
	struct ad_err *err)
{
	struct layout layout;
	uint8_t head[CERTIFICATE_HEAD_LEN];
	*ret = (struct ad_bytes){ 0 };
	int r = read_layout(file, &layout, err);
	if (r < 0 || !layout.has_table)
		return r;
	if (layout.table_len < sizeof head)
		return malformed(err, "its signature is cut");
	r = pack_file_read(file, layout.table, head, sizeof head, err);
	if (r < 0)
		return r;
	uint32_t len = ad_le32(head);
	if (len < sizeof head || len > layout.table_len)
		return malformed(err, "its signature is cut");
	if (ad_le16(head + 4) != CERTIFICATE_REVISION || ad_le16(head + 6) != CERTIFICATE_PKCS7)
		return malformed(err, "its signature is of another kind");
	if (len > AD_AUTHENTICODE_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "signature is larger than %u bytes", AD_AUTHENTICODE_MAX);
	uint8_t *bytes = ad_alloc(arena, len);
	*ret = (struct ad_bytes){ bytes, len - sizeof head };
	return pack_file_read(file, layout.table + sizeof head, bytes, ret->len, err);
}

static int digest(struct ad_arena *arena, const struct pack_file *file, const char *algorithm,
	uint8_t ret[AD_HASH_MAX], struct ad_err *err)
{
	struct layout layout;
	(void)arena;
	int r = read_layout(file, &layout, err);
	if (r < 0)
		return r;
	struct ad_hash *hash = ad_hash_new(algorithm);
	r = pack_file_hash(file, 0, layout.checksum, hash, err);
	if (r == 0)
		r = pack_file_hash(file, layout.checksum + CHECKSUM_LEN, layout.entry, hash, err);
	if (r == 0)
		r = pack_file_hash(
			file, layout.entry + DIRECTORY_ENTRY_LEN, layout.table, hash, err);
	(void)ad_hash_final(hash, ret);
	ad_hash_free(hash);
	return r;
}

const struct pack_signed_form pack_signed_pe = { find, digest };
