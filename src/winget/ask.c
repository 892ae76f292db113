/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the reader of a source; see ask.h. */
#include "ask.h"

#include "manifest_parts.h"
#include "said.h"

#include "ad/text.h"

static const struct ad_bytes nothing;

static struct ad_json *question_of(struct ad_arena *arena, const char *what)
{
	struct ad_json *question = ad_json_new_object(arena);
	ad_json_set_str(arena, question, "do", what);
	return question;
}

static int refuse(struct ad_err *err)
{
	return AD_FAIL(
		err, AD_EINVAL, "what the package source has makes its reader talk nonsense");
}

static int ask_package(struct ad_arena *arena, struct ad_reader *reader, struct ad_bytes bytes,
	const struct ad_winget_options *options, struct ad_winget_package *ret, struct ad_err *err)
{
	struct ad_json *question = question_of(arena, "package");
	struct ad_json *said = NULL;
	ad_json_set(arena, question, "profile", ad_winget_profile_said(arena, options->profile));
	ad_json_set_int(arena, question, "now", options->now);
	int rc = ad_reader_ask(reader, question, bytes, &said, err);
	if (rc)
		return rc;
	*ret = (struct ad_winget_package){ .profile = options->profile->name,
		.sha256 = ad_sha256_hex(arena, bytes.data, bytes.len),
		.size = bytes.len };
	return ad_winget_package_heard(said, ret) ? 0 : refuse(err);
}

int ad_winget_ask_package(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_options *options, struct ad_reader **ret_reader,
	struct ad_winget_package *ret, struct ad_err *err)
{
	struct ad_reader *reader = NULL;
	int rc = ad_reader_start(arena, &ad_winget_reader, NULL, &reader, err);
	if (!rc)
		rc = ask_package(arena, reader, bytes, options, ret, err);
	if (rc)
		ad_reader_end(reader);
	else
		*ret_reader = reader;
	return rc;
}

int ad_winget_ask_index(struct ad_arena *arena, struct ad_reader *reader, struct ad_err *err)
{
	struct ad_json *said = NULL;
	return ad_reader_ask(reader, question_of(arena, "index"), nothing, &said, err);
}

int ad_winget_ask_row(struct ad_arena *arena, struct ad_reader *reader, const char *id,
	struct ad_winget_row *ret, struct ad_err *err)
{
	struct ad_json *question = question_of(arena, "row");
	struct ad_json *said = NULL;
	struct ad_winget_row row;
	ad_json_set_str(arena, question, "id", id);
	int rc = ad_reader_ask(reader, question, nothing, &said, err);
	if (rc)
		return rc;
	if (!ad_winget_row_heard(said, &row) || !ad_text_eq_nocase(row.id, id))
		return refuse(err);
	*ret = row;
	return 0;
}

int ad_winget_ask_rows(struct ad_arena *arena, struct ad_reader *reader, const char *text,
	size_t max, struct ad_winget_row **ret_rows, size_t *ret_count, struct ad_err *err)
{
	struct ad_json *question = question_of(arena, "rows");
	struct ad_json *said = NULL;
	ad_json_set_str(arena, question, "text", text);
	ad_json_set_int(arena, question, "max", (int64_t)max);
	int rc = ad_reader_ask(reader, question, nothing, &said, err);
	if (rc)
		return rc;
	struct ad_winget_row *rows = ad_alloc_array(arena, ad_json_count(said), sizeof *rows);
	size_t count = 0;
	AD_JSON_EACH(item, said)
	{
		if (count == max || !ad_winget_row_heard(item, &rows[count++]))
			return refuse(err);
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

int ad_winget_ask_version(struct ad_arena *arena, struct ad_reader *reader, struct ad_bytes packed,
	const char *version, struct ad_winget_version_row *ret, struct ad_err *err)
{
	struct ad_json *question = question_of(arena, "version");
	struct ad_json *said = NULL;
	struct ad_winget_version_row row;
	ad_json_set_str(arena, question, "version", version);
	int rc = ad_reader_ask(reader, question, packed, &said, err);
	if (rc)
		return rc;
	if (!ad_winget_version_heard(said, &row) ||
		(version && ad_winget_version_compare(row.version, version) != 0))
		return refuse(err);
	*ret = row;
	return 0;
}

int ad_winget_ask_manifest(struct ad_arena *arena, struct ad_reader *reader, struct ad_bytes yaml,
	struct ad_winget_manifest *ret, struct ad_err *err)
{
	struct ad_json *said = NULL;
	struct ad_yaml *root = NULL;
	int rc = ad_reader_ask(reader, question_of(arena, "yaml"), yaml, &said, err);
	if (rc)
		return rc;
	return ad_yaml_heard(arena, said, &root) ? ad_winget_read_manifest(arena, root, ret, err)
						 : refuse(err);
}
