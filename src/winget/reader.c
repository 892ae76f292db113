/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of a source: everything that opens what the CDN gives. Runs in the sandbox, with the
 * source package and its index as its state; each question names what is wanted in "do".
 */
#include "index_db.h"
#include "said.h"
#include "versions.h"

#include "ad/text.h"

/* Package, inflated index and SQLite's copy of it, each of the largest size, and some room. */
#define MEMORY_MAX ((size_t)AD_WINGET_PACKAGE_MAX + 2 * (size_t)AD_WINGET_INDEX_MAX + (256u << 20))
#define FOUND_MAX 200

struct state {
	struct ad_bytes verified;      /* the index of the package; empty until there is one */
	struct ad_winget_index *index; /* the same, open; NULL until then */
};

struct question {
	struct ad_arena *arena;
	struct state *state;
	const struct ad_json *json;
	struct ad_bytes bytes;
};

static int answer_package(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct ad_winget_profile profile;
	struct ad_winget_package package;
	if (!ad_winget_profile_heard(
		    question->arena, ad_json_get(question->json, "profile"), &profile))
		return AD_FAIL(err, AD_EBUG, "no trust profile");
	int rc = ad_winget_package_verify(question->arena, question->bytes, &profile,
		ad_json_int(question->json, "now", 0), &package, err);
	if (rc)
		return rc;
	question->state->verified = package.index;
	*ret = ad_winget_package_json(question->arena, &package);
	return 0;
}

static int answer_index(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct state *state = question->state;
	if (!state->verified.data)
		return AD_FAIL(err, AD_EBUG, "no package has been verified");
	*ret = ad_json_new_object(question->arena);
	return ad_winget_index_open(question->arena, state->verified, &state->index, err);
}

static int answer_row(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct ad_winget_row row;
	const char *id = ad_json_str(question->json, "id");
	int rc = ad_winget_index_find(question->arena, question->state->index, id, &row, err);
	if (!rc)
		*ret = ad_winget_row_said(question->arena, &row);
	return rc;
}

static int answer_rows(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct ad_winget_row *rows = NULL;
	size_t count = 0;
	int rc = ad_winget_index_search(question->arena, question->state->index,
		ad_json_str(question->json, "text"),
		(size_t)ad_json_int(question->json, "max", FOUND_MAX), &rows, &count, err);
	*ret = ad_json_new_array(question->arena);
	for (size_t i = 0; !rc && i < count; i++)
		ad_json_append(
			question->arena, *ret, ad_winget_row_said(question->arena, &rows[i]));
	return rc;
}

static int answer_version(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct ad_winget_versions versions;
	const struct ad_winget_version_row *row = NULL;
	int rc = ad_winget_versions_unpack(question->arena, question->bytes, &versions, err);
	if (!rc)
		rc = ad_winget_versions_choose(
			&versions, ad_json_str(question->json, "version"), &row, err);
	if (!rc)
		*ret = ad_winget_version_said(question->arena, row);
	return rc;
}

/* What the manifest says is made of the tree by the asker: that is no parser any more. */
static int answer_yaml(const struct question *question, struct ad_json **ret, struct ad_err *err)
{
	struct ad_yaml *root = NULL;
	int rc = ad_yaml_parse(question->arena, question->bytes, &root, err);
	if (!rc)
		*ret = ad_yaml_said(question->arena, root);
	return rc;
}

static int answer(struct ad_arena *arena, void **state, const struct ad_json *json,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	static const struct {
		const char *name;
		int (*answer)(const struct question *, struct ad_json **, struct ad_err *);
		bool needs_index;
	} known[] = {
		{ "package", answer_package, false },
		{ "index", answer_index, false },
		{ "row", answer_row, true },
		{ "rows", answer_rows, true },
		{ "version", answer_version, false },
		{ "yaml", answer_yaml, false },
	};
	if (!*state)
		*state = ad_alloc(arena, sizeof(struct state));
	const struct question question = {
		.arena = arena, .state = *state, .json = json, .bytes = bytes
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (ad_text_eq(ad_json_str(json, "do"), known[i].name) &&
			(question.state->index || !known[i].needs_index))
			return known[i].answer(&question, ret, err);
	return AD_FAIL(err, AD_EBUG, "a question that has no answer");
}

/* OpenSSL reads its configuration when it is first used. */
static void wake_openssl(void)
{
	uint8_t digest[AD_SHA256_LEN];
	ad_sha256("", 0, digest);
}

const struct ad_reader_kind ad_winget_reader = {
	.name = "winget",
	.refusal = "what the package source has cannot be read",
	.memory_max = MEMORY_MAX,
	.cpu_s = 20,
	.answer_ms = 30000,
	.prepare = wake_openssl,
	.answer = answer,
};
