/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of an MSI, read by libmsi. The only file that includes it. */
#include "msi_reader.h"

#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
/* Macros of GLib, which libmsi's headers bring along, are not as strict as our own code. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <libmsi.h>
#pragma GCC diagnostic pop

#define OLE_MAGIC "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#define OLE_MAGIC_LEN 8u

/* libmsi and GLib keep some state of their own in globals. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static LibmsiQuery *open_query(LibmsiDatabase *database, const char *sql)
{
	LibmsiQuery *query = libmsi_query_new(database, sql, NULL);
	if (query && !libmsi_query_execute(query, NULL, NULL))
		g_clear_object(&query);
	return query;
}

/* NULL for a value that is missing, too long or no UTF-8. */
static const char *keep(struct ad_arena *arena, LibmsiRecord *record)
{
	char *value = libmsi_record_get_string(record, 1);
	bool good =
		value && strlen(value) <= PACK_MSI_TEXT_MAX && ad_utf8_valid(value, strlen(value));
	const char *kept = good ? ad_strdup(arena, value) : NULL;
	g_free(value);
	return kept;
}

/* The Property table's value of this name; NULL for none. */
static const char *property(struct ad_arena *arena, LibmsiDatabase *database, const char *name)
{
	LibmsiQuery *query = open_query(database,
		ad_printf(arena, "SELECT `Value` FROM `Property` WHERE `Property` = '%s'", name));
	if (!query)
		return NULL;
	LibmsiRecord *record = libmsi_query_fetch(query, NULL);
	const char *value = record ? keep(arena, record) : NULL;
	g_clear_object(&record);
	g_object_unref(query);
	return value;
}

static bool has_rows(LibmsiDatabase *database, const char *sql)
{
	LibmsiQuery *query = open_query(database, sql);
	if (!query)
		return false;
	LibmsiRecord *record = libmsi_query_fetch(query, NULL);
	bool any = record != NULL;
	g_clear_object(&record);
	g_object_unref(query);
	return any;
}

/* "Intel;1033", "x64;1033" */
static const char *arch_of(const char *template)
{
	static const struct {
		const char *prefix;
		const char *arch;
	} archs[] = { { "Intel64;", "" }, { "Intel;", "x86" }, { ";", "x86" }, { "x64;", "x64" },
		{ "AMD64;", "x64" }, { "Arm64;", "arm64" } };
	for (size_t i = 0; template && i < sizeof(archs) / sizeof(archs[0]); i++)
		if (strncasecmp(template, archs[i].prefix, strlen(archs[i].prefix)) == 0)
			return archs[i].arch;
	return "";
}

static void read_summary(struct ad_arena *arena, LibmsiDatabase *database, struct ad_msi *ret)
{
	LibmsiSummaryInfo *summary = libmsi_summary_info_new(database, 0, NULL);
	if (!summary)
		return;
	ret->arch =
		arch_of(libmsi_summary_info_get_string(summary, LIBMSI_PROPERTY_TEMPLATE, NULL));
	ret->package_code = ad_strdup(
		arena, libmsi_summary_info_get_string(summary, LIBMSI_PROPERTY_UUID, NULL));
	g_object_unref(summary);
}

static int fill(
	struct ad_arena *arena, LibmsiDatabase *database, struct ad_msi *ret, struct ad_err *err)
{
	if (!has_rows(database, "SELECT `Property` FROM `Property`"))
		return AD_FAIL(err, AD_EINVAL, "installer is no MSI: it has no Property table");
	const char *all_users = property(arena, database, "ALLUSERS");
	const char *reboot = property(arena, database, "REBOOT");
	ret->product_code = property(arena, database, "ProductCode");
	ret->product_version = property(arena, database, "ProductVersion");
	ret->product_name = property(arena, database, "ProductName");
	ret->manufacturer = property(arena, database, "Manufacturer");
	ret->upgrade_code = property(arena, database, "UpgradeCode");
	if (ad_text_empty(all_users))
		ret->scope = AD_MSI_PER_USER;
	else
		ret->scope = ad_text_eq(all_users, "2") ? AD_MSI_DUAL : AD_MSI_PER_MACHINE;
	ret->requires_reboot = reboot && strcasecmp(reboot, "Force") == 0;
	ret->includes_services =
		has_rows(database, "SELECT `ServiceInstall` FROM `ServiceInstall`");
	ret->includes_odbc = has_rows(database, "SELECT `DataSource` FROM `ODBCDataSource`");
	read_summary(arena, database, ret);
	return 0;
}

/* GLib would write its warnings about broken files to stderr, between the lines of our log. */
static void silence(const char *domain, GLogLevelFlags level, const char *text, void *ctx)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)ctx;
}

static int check_magic(const char *path, struct ad_err *err)
{
	char magic[OLE_MAGIC_LEN];
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) ||
		memcmp(magic, OLE_MAGIC, sizeof(magic)) != 0)
		return AD_FAIL(err, AD_EINVAL, "installer is no MSI");
	return 0;
}

int pack_msi_parse(struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err)
{
	struct ad_msi msi = { 0 };
	GError *error = NULL;
	int r = check_magic(path, err);
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&lock);
	(void)g_log_set_default_handler(silence, NULL);
	LibmsiDatabase *database =
		libmsi_database_new(path, LIBMSI_DB_FLAGS_READONLY, NULL, &error);
	r = database ? fill(arena, database, &msi, err)
		     : AD_FAIL(err, AD_EINVAL, "installer is no MSI");
	g_clear_object(&database);
	g_clear_error(&error);
	(void)pthread_mutex_unlock(&lock);
	if (r == 0)
		*ret = msi;
	return r;
}
