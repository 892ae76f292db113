/* SPDX-License-Identifier: Apache-2.0 */
/* App package writer: entries in the real order, block map, then the signature over all; see
 * msix.h. */
#include "msix.h"

#include "ad/buf.h"
#include "ad/text.h"
#include "image.h"
#include "p7x.h"
#include "signed_data.h"
#include "world.h"
#include "zip.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_MAP_MAX (4u << 20)
#define LOGO_COUNT 2
#define LOGO_COLOR 0x0078d7u

enum { ENTRY_INDEX = LOGO_COUNT, ENTRY_MANIFEST, ENTRY_BLOCK_MAP, ENTRY_TYPES, ENTRY_COUNT };

static const struct {
	const char *name;
	unsigned size;
} logos[LOGO_COUNT] = {
	{ "Assets/AppPackageStoreLogo.scale-100.png", 50 },
	{ "Assets/AppPackageStoreLogo.scale-150.png", 75 },
};

static const char content_types[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"
	"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
	"<Default Extension=\"png\" ContentType=\"image/png\"/>"
	"<Default Extension=\"db\" ContentType=\"application/octet-stream\"/>"
	"<Default Extension=\"xml\" ContentType=\"application/vnd.ms-appx.manifest+xml\"/>"
	"<Override PartName=\"/AppxBlockMap.xml\" "
	"ContentType=\"application/vnd.ms-appx.blockmap+xml\"/>"
	"<Override PartName=\"/AppxSignature.p7x\" "
	"ContentType=\"application/vnd.ms-appx.signature\"/></Types>";

#define MANIFEST_NAMESPACE "http://schemas.microsoft.com/appx/manifest/"

static const char manifest_format[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
	"<Package xmlns=\"" MANIFEST_NAMESPACE "foundation/windows10\"\r\n"
	"         xmlns:uap=\"" MANIFEST_NAMESPACE "uap/windows10\"\r\n"
	"         xmlns:uap3=\"" MANIFEST_NAMESPACE "uap/windows10/3\"\r\n"
	"         IgnorableNamespaces=\"uap uap3\">\r\n"
	"\r\n"
	"  <Identity Name=\"" DT_PACKAGE_NAME "\"\r\n"
	"            ProcessorArchitecture=\"neutral\"\r\n"
	"            Publisher=\"" DT_PUBLISHER "\"\r\n"
	"            Version=\"%s\" />\r\n"
	"\r\n"
	"  <!-- The index of the AppDesk local tenant -->\r\n"
	"\r\n"
	"  <Properties>\r\n"
	"    <DisplayName>Package source of the local tenant</DisplayName>\r\n"
	"    <PublisherDisplayName>AppDesk Local Tenant</PublisherDisplayName>\r\n"
	"    <Logo>Assets\\AppPackageStoreLogo.png</Logo>\r\n"
	"  </Properties>\r\n"
	"\r\n"
	"  <Dependencies>\r\n"
	"    <TargetDeviceFamily Name=\"Windows.Universal\" MinVersion=\"10.0.16299.0\" "
	"MaxVersionTested=\"10.0.18287.0\" />\r\n"
	"  </Dependencies>\r\n"
	"\r\n"
	"  <Applications>\r\n"
	"    <Application Id=\"SourceData\">\r\n"
	"      <uap:VisualElements DisplayName=\"Package source of the local tenant\"\r\n"
	"                          "
	"Square150x150Logo=\"Assets\\AppPackageStoreLogo.scale-150.png\"\r\n"
	"                          "
	"Square44x44Logo=\"Assets\\AppPackageStoreLogo.scale-100.png\"\r\n"
	"                          Description=\"Package source of the local tenant\"\r\n"
	"                          BackgroundColor=\"#0078d7\"\r\n"
	"                          AppListEntry=\"none\" />\r\n"
	"      <Extensions>\r\n"
	"        <uap3:Extension Category=\"windows.appExtension\">\r\n"
	"          <uap3:AppExtension Name=\"com.microsoft.winget.source\"\r\n"
	"                             Id=\"IndexDB\"\r\n"
	"                             DisplayName=\"Package source of the local tenant\"\r\n"
	"                             Description=\"Package source of the local tenant\"\r\n"
	"                             PublicFolder=\"Public\">\r\n"
	"          </uap3:AppExtension>\r\n"
	"        </uap3:Extension>\r\n"
	"      </Extensions>\r\n"
	"    </Application>\r\n"
	"  </Applications>\r\n"
	"\r\n"
	"  <Resources>\r\n"
	"    <Resource Language=\"und\" />\r\n"
	"  </Resources>\r\n"
	"\r\n"
	"</Package>\r\n";

static void map_entry(struct ad_arena *arena, struct ad_buf *map, const struct dt_zip_entry *entry)
{
	char *name = ad_strdup(arena, entry->name);
	size_t blocks = (entry->data.len + DT_ZIP_BLOCK - 1) / DT_ZIP_BLOCK;

	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '\\';
	ad_buf_addf(map, "<File Name=\"%s\" Size=\"%zu\" LfhSize=\"%zu\">", name, entry->data.len,
		entry->local_header_len);
	for (size_t i = 0; i < blocks; i++) {
		size_t start = i * DT_ZIP_BLOCK, left = entry->data.len - start;
		struct ad_bytes digest =
			dt_sha256(arena, (struct ad_bytes){ entry->data.data + start,
						 left < DT_ZIP_BLOCK ? left : DT_ZIP_BLOCK });

		ad_buf_addf(map, "<Block Hash=\"%s\"", ad_base64(arena, digest.data, digest.len));
		if (!entry->stored)
			ad_buf_addf(map, " Size=\"%u\"", entry->block_len[i]);
		ad_buf_adds(map, "/>");
	}
	ad_buf_adds(map, "</File>");
}

static struct ad_bytes block_map(
	struct ad_arena *arena, const struct dt_zip_entry *entries, size_t count)
{
	struct ad_buf map;
	struct ad_bytes bytes;

	ad_buf_init(&map, BLOCK_MAP_MAX);
	ad_buf_adds(&map, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\r\n"
			  "<BlockMap xmlns=\"http://schemas.microsoft.com/appx/2010/blockmap\" "
			  "HashMethod=\"http://www.w3.org/2001/04/xmlenc#sha256\">");
	for (size_t i = 0; i < count; i++)
		map_entry(arena, &map, &entries[i]);
	ad_buf_adds(&map, "</BlockMap>");
	AD_ASSERT(!map.overflow);
	bytes = (struct ad_bytes){ ad_memdup(arena, map.data, map.len), map.len };
	ad_buf_release(&map);
	return bytes;
}

/* Everything but the signature, in the order of the real package. */
static int add_payload(struct ad_arena *arena, const struct dt_msix *msix, struct dt_zip *zip,
	struct dt_zip_entry entries[ENTRY_COUNT], struct ad_err *err)
{
	char version[DT_WORLD_VERSION_LEN];
	int code = 0;

	dt_world_version(msix->publish_time, version);
	for (size_t i = 0; i < LOGO_COUNT; i++)
		entries[i] = (struct dt_zip_entry){ .name = logos[i].name,
			.data = dt_image_png(arena, logos[i].size, LOGO_COLOR),
			.stored = true };
	entries[ENTRY_INDEX] =
		(struct dt_zip_entry){ .name = "Public/index.db", .data = msix->index };
	entries[ENTRY_MANIFEST] = (struct dt_zip_entry){ .name = "AppxManifest.xml",
		.data = dt_bytes_of_text(ad_printf(arena, manifest_format, version)) };
	for (size_t i = 0; !code && i < ENTRY_BLOCK_MAP; i++)
		code = dt_zip_add(zip, &entries[i], err);
	if (code)
		return code;
	entries[ENTRY_BLOCK_MAP] = (struct dt_zip_entry){ .name = "AppxBlockMap.xml",
		.data = msix->borrowed_block_map };
	if (!msix->borrowed_block_map.len)
		entries[ENTRY_BLOCK_MAP].data = block_map(arena, entries, ENTRY_BLOCK_MAP);
	entries[ENTRY_TYPES] = (struct dt_zip_entry){ .name = "[Content_Types].xml",
		.data = dt_bytes_of_text(content_types),
		.footprint = true };
	code = dt_zip_add(zip, &entries[ENTRY_BLOCK_MAP], err);
	return code ? code : dt_zip_add(zip, &entries[ENTRY_TYPES], err);
}

/*
 * The digests are those of the package before the signature is in it: the local entries, and the
 * tail that an unsigned package would end with. A reader has to rebuild that tail from the signed
 * one.
 */
static int sign_payload(struct ad_arena *arena, const struct dt_msix *msix,
	const struct dt_zip *zip, const struct dt_zip_entry *entries,
	struct ad_bytes *ret_signature, struct ad_err *err)
{
	struct dt_p7x p7x = {
		.entries = dt_sha256(
			arena, (struct ad_bytes){ (const uint8_t *)zip->file.data, zip->file.len }),
		.tail = dt_sha256(arena, dt_zip_tail(zip)),
		.content_types = dt_sha256(arena, entries[ENTRY_TYPES].data),
		.block_map = dt_sha256(arena, entries[ENTRY_BLOCK_MAP].data),
		.trust = msix->trust,
		.time = msix->publish_time,
		.no_timestamp = msix->no_timestamp,
	};

	if (msix->borrowed_signature.len) {
		*ret_signature = msix->borrowed_signature;
		return 0;
	}
	return dt_p7x_sign(arena, &p7x, ret_signature, err);
}

int dt_msix_build(struct ad_arena *arena, const struct dt_msix *msix, struct dt_msix_file *ret_file,
	struct ad_err *err)
{
	struct dt_zip *zip = ad_alloc(arena, sizeof(*zip));
	struct dt_zip_entry entries[ENTRY_COUNT];
	struct dt_zip_entry signature = { .name = "AppxSignature.p7x", .footprint = true };
	int code;

	dt_zip_init(zip, arena, msix->publish_time);
	code = add_payload(arena, msix, zip, entries, err);
	if (code)
		return code;
	if (msix->trust || msix->borrowed_signature.len) {
		code = sign_payload(arena, msix, zip, entries, &signature.data, err);
		if (!code)
			code = dt_zip_add(zip, &signature, err);
		if (code)
			return code;
	}
	*ret_file = (struct dt_msix_file){
		.bytes = dt_bytes_cat(
			arena, DT_BYTES_LIST({ (const uint8_t *)zip->file.data, zip->file.len },
				       dt_zip_tail(zip))),
		.signature = signature.data,
		.block_map = entries[ENTRY_BLOCK_MAP].data,
		.index_offset = entries[ENTRY_INDEX].offset + entries[ENTRY_INDEX].local_header_len,
	};
	return 0;
}
