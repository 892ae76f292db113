/* SPDX-License-Identifier: Apache-2.0 */
/* The structures of a ZIP file: signatures, lengths and the offsets of their fields. */
#ifndef AD_SRC_ARCHIVE_FORMAT_H
#define AD_SRC_ARCHIVE_FORMAT_H

#define ZIP_LOCAL_SIGNATURE 0x04034b50u
#define ZIP_LOCAL_LEN 30u
#define ZIP_CENTRAL_SIGNATURE 0x02014b50u
#define ZIP_CENTRAL_LEN 46u
#define ZIP_DESCRIPTOR_SIGNATURE 0x08074b50u
#define ZIP_DESCRIPTOR_LEN 16u
#define ZIP_DESCRIPTOR64_LEN 24u
#define ZIP_END_SIGNATURE 0x06054b50u
#define ZIP_END_LEN 22u
#define ZIP_END64_SIGNATURE 0x06064b50u
#define ZIP_END64_LEN 56u
#define ZIP_LOCATOR_SIGNATURE 0x07064b50u
#define ZIP_LOCATOR_LEN 20u
#define ZIP_COMMENT_MAX 0xffffu

#define ZIP_EXTRA_ZIP64 0x0001u
#define ZIP_IN_ZIP64_16 0xffffu
#define ZIP_IN_ZIP64_32 0xffffffffu

#define ZIP_FLAG_ENCRYPTED 0x0001u
#define ZIP_FLAG_DESCRIPTOR 0x0008u
#define ZIP_FLAG_UTF8 0x0800u
/* Compression options, descriptor, UTF-8: everything else changes what the bytes mean. */
#define ZIP_FLAGS_READABLE (0x0006u | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_UTF8)

#define ZIP_METHOD_STORE 0u
#define ZIP_METHOD_DEFLATE 8u

#endif
