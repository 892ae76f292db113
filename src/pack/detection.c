/* SPDX-License-Identifier: Apache-2.0 */
/* Detection.xml (packaging.md 4.3): names, sizes and keys of an .intunewin. */
#include "ad/pack.h"

#include "ad/buf.h"
#include "ad/crypto.h"
#include "ad/text.h"

#define XML_MAX 65536u
#define TOOL_VERSION "1.8.6.0" /* of Intune's own tool, whose form this is */
#define PROFILE "ProfileVersion1"
#define DIGEST_ALGORITHM "SHA256"

/* ---- writing ---- */

static void escape(struct ad_buf *xml, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '&')
			(void)ad_buf_adds(xml, "&amp;");
		else if (*p == '<')
			(void)ad_buf_adds(xml, "&lt;");
		else if (*p == '>')
			(void)ad_buf_adds(xml, "&gt;");
		else if (*p == '"')
			(void)ad_buf_adds(xml, "&quot;");
		else
			(void)ad_buf_addc(xml, *p);
	}
}

static void element(struct ad_buf *xml, const char *indent, const char *name, const char *text)
{
	(void)ad_buf_addf(xml, "%s<%s>", indent, name);
	escape(xml, text);
	(void)ad_buf_addf(xml, "</%s>\r\n", name);
}

static void element_base64(
	struct ad_arena *arena, struct ad_buf *xml, const char *name, struct ad_bytes bytes)
{
	element(xml, "    ", name, ad_base64(arena, bytes.data, bytes.len));
}

static void write_msi(struct ad_buf *xml, const struct ad_msi *msi)
{
	static const char *const contexts[] = {
		[AD_MSI_PER_MACHINE] = "System", [AD_MSI_PER_USER] = "User", [AD_MSI_DUAL] = "Any"
	};
	bool machine = msi->scope != AD_MSI_PER_USER;
	bool user = msi->scope != AD_MSI_PER_MACHINE;
	const struct {
		const char *name;
		const char *text;
	} rows[] = {
		{ "MsiProductCode", msi->product_code },
		{ "MsiProductVersion", msi->product_version },
		{ "MsiPackageCode", msi->package_code },
		{ "MsiUpgradeCode", msi->upgrade_code },
		{ "MsiExecutionContext", contexts[msi->scope] },
		{ "MsiRequiresLogon", "false" },
		{ "MsiRequiresReboot", msi->requires_reboot ? "true" : "false" },
		{ "MsiIsMachineInstall", machine ? "true" : "false" },
		{ "MsiIsUserInstall", user ? "true" : "false" },
		{ "MsiIncludesServices", msi->includes_services ? "true" : "false" },
		{ "MsiIncludesODBCDataSource", msi->includes_odbc ? "true" : "false" },
		{ "MsiPublisher", msi->manufacturer },
	};
	(void)ad_buf_adds(xml, "  <MsiInfo>\r\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!ad_text_empty(rows[i].text))
			element(xml, "    ", rows[i].name, rows[i].text);
	(void)ad_buf_adds(xml, "  </MsiInfo>\r\n");
}

char *ad_intunewin_detection_xml(
	struct ad_arena *arena, const struct ad_intunewin_info *info, const struct ad_msi *msi)
{
	struct ad_buf xml;
	ad_buf_init(&xml, XML_MAX);
	(void)ad_buf_adds(&xml, "<ApplicationInfo xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "
				"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
				"ToolVersion=\"" TOOL_VERSION "\">\r\n");
	element(&xml, "  ", "Name", ad_text_empty(info->name) ? info->setup_file : info->name);
	(void)ad_buf_addf(&xml, "  <UnencryptedContentSize>%llu</UnencryptedContentSize>\r\n",
		(unsigned long long)info->size);
	element(&xml, "  ", "FileName", AD_INTUNEWIN_NAME);
	element(&xml, "  ", "SetupFile", info->setup_file);
	(void)ad_buf_adds(&xml, "  <EncryptionInfo>\r\n");
	element_base64(arena, &xml, "EncryptionKey",
		(struct ad_bytes){ info->encryption_key, sizeof(info->encryption_key) });
	element_base64(
		arena, &xml, "MacKey", (struct ad_bytes){ info->mac_key, sizeof(info->mac_key) });
	element_base64(arena, &xml, "InitializationVector",
		(struct ad_bytes){ info->iv, sizeof(info->iv) });
	element_base64(arena, &xml, "Mac", (struct ad_bytes){ info->mac, sizeof(info->mac) });
	element(&xml, "    ", "ProfileIdentifier", PROFILE);
	element_base64(
		arena, &xml, "FileDigest", (struct ad_bytes){ info->digest, sizeof(info->digest) });
	element(&xml, "    ", "FileDigestAlgorithm", DIGEST_ALGORITHM);
	(void)ad_buf_adds(&xml, "  </EncryptionInfo>\r\n");
	if (msi)
		write_msi(&xml, msi);
	(void)ad_buf_adds(&xml, "</ApplicationInfo>");
	AD_ASSERT(!xml.overflow);
	char *text = ad_strdup(arena, ad_buf_str(&xml));
	if (xml.data)
		ad_crypto_wipe(xml.data, xml.len);
	ad_buf_release(&xml);
	return text;
}

/* ---- reading ---- */

static char *unescape(struct ad_arena *arena, const char *text, size_t len)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&apos;", '\'' } };
	char *plain = ad_alloc(arena, len + 1);
	size_t used = 0;
	for (size_t i = 0; i < len;) {
		size_t step = 1;
		char c = text[i];
		for (size_t e = 0; c == '&' && e < sizeof(entities) / sizeof(entities[0]); e++) {
			size_t entity_len = strlen(entities[e].entity);
			if (len - i >= entity_len &&
				memcmp(text + i, entities[e].entity, entity_len) == 0) {
				c = entities[e].c;
				step = entity_len;
			}
		}
		plain[used++] = c;
		i += step;
	}
	return plain;
}

/* Text of the only element of this name; the document has no attributes on those that are read. */
static int find(
	struct ad_arena *arena, const char *xml, const char *name, char **ret, struct ad_err *err)
{
	const char *open = ad_printf(arena, "<%s>", name);
	const char *close = ad_printf(arena, "</%s>", name);
	const char *begin = strstr(xml, open);
	const char *text = begin ? begin + strlen(open) : NULL;
	const char *end = text ? strstr(text, close) : NULL;
	if (!end || memchr(text, '<', (size_t)(end - text)))
		return AD_FAIL(err, AD_EINVAL, "Detection.xml has no %s", name);
	if (strstr(end, open))
		return AD_FAIL(err, AD_EINVAL, "Detection.xml has %s twice", name);
	*ret = unescape(arena, text, (size_t)(end - text));
	return 0;
}

static int find_bytes(struct ad_arena *arena, const char *xml, const char *name, uint8_t *ret,
	size_t len, struct ad_err *err)
{
	char *text;
	uint8_t *data;
	size_t data_len;
	int r = find(arena, xml, name, &text, err);
	if (r < 0)
		return r;
	if (ad_base64_decode(arena, text, strlen(text), &data, &data_len) < 0 || data_len != len)
		return AD_FAIL(err, AD_EINVAL, "%s of Detection.xml is not %zu bytes in base64",
			name, len);
	memcpy(ret, data, len);
	return 0;
}

static int find_sizes(
	struct ad_arena *arena, const char *xml, struct ad_intunewin_info *info, struct ad_err *err)
{
	char *text;
	int64_t size;
	int r = find(arena, xml, "UnencryptedContentSize", &text, err);
	if (r < 0)
		return r;
	if (ad_text_i64(text, 1, (int64_t)AD_INTUNEWIN_PLAIN_MAX, &size) < 0)
		return AD_FAIL(
			err, AD_EINVAL, "UnencryptedContentSize of Detection.xml is no size");
	info->size = (uint64_t)size;
	info->size_encrypted = ad_intunewin_encrypted_size(info->size);
	return 0;
}

static int find_all(
	struct ad_arena *arena, const char *xml, struct ad_intunewin_info *info, struct ad_err *err)
{
	const struct {
		const char *name;
		uint8_t *room;
		size_t len;
	} secrets[] = {
		{ "EncryptionKey", info->encryption_key, sizeof(info->encryption_key) },
		{ "MacKey", info->mac_key, sizeof(info->mac_key) },
		{ "InitializationVector", info->iv, sizeof(info->iv) },
		{ "Mac", info->mac, sizeof(info->mac) },
		{ "FileDigest", info->digest, sizeof(info->digest) },
	};
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		int r = find_bytes(
			arena, xml, secrets[i].name, secrets[i].room, secrets[i].len, err);
		if (r < 0)
			return r;
	}
	char *name;
	char *setup;
	int r = find(arena, xml, "SetupFile", &setup, err);
	if (r == 0)
		r = find(arena, xml, "Name", &name, err);
	if (r < 0)
		return r;
	info->setup_file = setup;
	info->name = name;
	return find_sizes(arena, xml, info, err);
}

int ad_intunewin_detection_parse(struct ad_arena *arena, const char *xml, size_t len,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_intunewin_info info = { 0 };
	char *word;
	if (len > XML_MAX || memchr(xml, '\0', len) || !ad_utf8_valid(xml, len))
		return AD_FAIL(err, AD_EINVAL, "Detection.xml is too long or no text");
	const char *text = ad_strndup(arena, xml, len);
	int r = find_all(arena, text, &info, err);
	if (r == 0)
		r = find(arena, text, "ProfileIdentifier", &word, err);
	if (r == 0 && !ad_text_eq(word, PROFILE))
		r = AD_FAIL(err, AD_EINVAL, "Detection.xml has another encryption profile");
	if (r == 0)
		r = find(arena, text, "FileDigestAlgorithm", &word, err);
	if (r == 0 && !ad_text_eq(word, DIGEST_ALGORITHM))
		r = AD_FAIL(err, AD_EINVAL, "Detection.xml has another digest algorithm");
	if (r == 0)
		*ret = info;
	ad_crypto_wipe(&info, sizeof(info));
	return r;
}
