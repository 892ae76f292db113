/* SPDX-License-Identifier: Apache-2.0 */
/* Stages, who is asked in them, and votes. */
#include "ad/store/stages.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

static const char *const vias[] = {
	[AD_VIA_GROUP] = "group",
	[AD_VIA_MANAGER] = "manager",
	[AD_VIA_USER] = "user",
	[AD_VIA_APP_OWNER] = "app_owner",
	[AD_VIA_ADMINS] = "admins",
	[AD_VIA_DELEGATE] = "delegate",
	[AD_VIA_HANDOVER] = "handover",
};

static const char *const asked_states[] = {
	[AD_ASKED_NOW] = "asked",
	[AD_ASKED_REPLACED] = "replaced",
	[AD_ASKED_LEFT] = "left",
	[AD_ASKED_UNREACHABLE] = "unreachable",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The columns' checks allow no other text. */
static size_t index_of(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && !ad_text_eq(names[i], name))
		i++;
	AD_ASSERT(i < count);
	return i;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* ---- stages ---- */

int ad_store_stage_insert(
	struct ad_db *db, struct ad_arena *arena, const struct ad_stage *stage, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_STAGES_INSERT,
		AD_DB_PARAMS(AD_DB_INT(stage->request_id), AD_DB_INT(stage->ordinal),
			AD_DB_INT(stage->round), AD_DB_INT(stage->step), AD_DB_INT(stage->steps),
			AD_DB_TEXT(ad_asked_kind_name(stage->kind)),
			AD_DB_TEXT(text_or_empty(stage->group_id)),
			AD_DB_TEXT(text_or_empty(stage->person_oid)), AD_DB_INT(stage->need)),
		NULL, err);
}

int ad_store_stage_last(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, int *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, AD_Q_STAGES_LAST, AD_DB_PARAMS(AD_DB_INT(request_id)), &row, err);
	if (e == 0)
		*ret = (int)ad_db_int(row, 0, 0);
	return e;
}

static int change_one(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, const char *what, struct ad_err *err)
{
	return ad_db_change_later(db, arena, query, params, what, err);
}

int ad_store_stage_open(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	int level, int64_t timeout_s, struct ad_err *err)
{
	return change_one(db, arena, AD_Q_STAGES_OPEN,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal), AD_DB_INT(level),
			AD_DB_INT(timeout_s)),
		"the stage is over", err);
}

int ad_store_stage_end(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	enum ad_stage_state state, struct ad_err *err)
{
	return change_one(db, arena, AD_Q_STAGES_END,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal),
			AD_DB_TEXT(ad_stage_state_name(state))),
		"the stage is not open", err);
}

int ad_store_stages_close(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_STAGES_CLOSE, AD_DB_PARAMS(AD_DB_INT(request_id)), NULL, err);
}

static enum ad_asked_kind read_kind(const char *name)
{
	enum ad_asked_kind kind = AD_ASKED_GROUP;
	int e = ad_asked_kind_parse(name, &kind);
	AD_ASSERT(e == 0);
	return kind;
}

static enum ad_stage_state read_state(const char *name)
{
	enum ad_stage_state state = AD_STAGE_OPEN;
	int e = ad_stage_state_parse(name, &state);
	AD_ASSERT(e == 0);
	return state;
}

int ad_store_stages_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int round,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_STAGES_OF,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(round)), &later->rows, err);
}

void ad_store_stages_came(struct ad_arena *arena, int64_t request_id,
	const struct ad_store_later *later, struct ad_stages *ret)
{
	const struct ad_db_result *rows = later->rows;
	size_t count = ad_db_rows(rows);
	struct ad_stage *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_stage){
			.request_id = request_id,
			.ordinal = (int)ad_db_int(rows, i, 0),
			.round = (int)ad_db_int(rows, i, 1),
			.step = (int)ad_db_int(rows, i, 2),
			.steps = (int)ad_db_int(rows, i, 3),
			.kind = read_kind(ad_db_text(rows, i, 4)),
			.group_id = ad_db_text(rows, i, 5),
			.person_oid = ad_db_text(rows, i, 6),
			.need = (int)ad_db_int(rows, i, 7),
			.state = read_state(ad_db_text(rows, i, 8)),
			.level = (int)ad_db_int(rows, i, 9),
			.opened_at = ad_db_text(rows, i, 10),
			.deadline_at = ad_db_text(rows, i, 11),
			.closed_at = ad_db_text(rows, i, 12),
			.decided_by_name = ad_db_text(rows, i, 13),
		};
	*ret = (struct ad_stages){ .items = items, .count = count };
}

int ad_store_stages_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int round,
	struct ad_stages *ret, struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int e = ad_store_stages_later(db, arena, request_id, round, later, err);
	if (e == 0)
		e = ad_db_flush(db, err);
	if (e == 0)
		ad_store_stages_came(arena, request_id, later, ret);
	return e;
}

/* ---- who is asked ---- */

int ad_store_asked_put(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	const struct ad_asked_people *people, struct ad_err *err)
{
	size_t count = people->count;
	const char **oids = ad_alloc_array(arena, count, sizeof *oids);
	const char **names = ad_alloc_array(arena, count, sizeof *names);
	const char **ways = ad_alloc_array(arena, count, sizeof *ways);
	const char **behalf = ad_alloc_array(arena, count, sizeof *behalf);
	int64_t *levels = ad_alloc_array(arena, count, sizeof *levels);
	for (size_t i = 0; i < count; i++) {
		const struct ad_asked_person *person = &people->items[i];
		oids[i] = person->oid;
		names[i] = text_or_empty(person->name);
		levels[i] = person->level;
		ways[i] = vias[person->via];
		behalf[i] = text_or_empty(person->on_behalf_of);
	}
	return ad_db_exec(db, arena, AD_Q_STAGES_ASKED_PUT,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal), AD_DB_TEXTS(oids, count),
			AD_DB_TEXTS(names, count), AD_DB_INTS(levels, count),
			AD_DB_TEXTS(ways, count), AD_DB_TEXTS(behalf, count)),
		NULL, err);
}

static enum ad_decision read_vote(const char *name)
{
	enum ad_decision vote = AD_DECISION_APPROVED;
	int e = name ? ad_decision_parse(name, &vote) : 0;
	AD_ASSERT(e == 0);
	return vote;
}

/* The people of all stages that were asked for, in their order; n counts the stages. */
static int read_asked(struct ad_db *db, struct ad_arena *arena, const struct ad_asked_stages *of,
	const char *oid, struct ad_asked_people *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	for (size_t n = 0; n < of->count; n++)
		ret[n] = (struct ad_asked_people){ 0 };
	int e = ad_db_exec(db, arena, AD_Q_STAGES_ASKED_OF,
		AD_DB_PARAMS(AD_DB_INTS(of->request_ids, of->count),
			AD_DB_INTS(of->ordinals, of->count), AD_DB_TEXT(oid)),
		&rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_asked_person *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		struct ad_asked_people *people = &ret[ad_db_int(rows, i, 7) - 1];
		if (people->count++ == 0)
			people->items = &items[i];
		items[i] = (struct ad_asked_person){
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
			.level = (int)ad_db_int(rows, i, 2),
			.via = (enum ad_via)index_of(vias, COUNT(vias), ad_db_text(rows, i, 3)),
			.on_behalf_of = ad_db_text(rows, i, 4),
			.state = (enum ad_asked_state)index_of(
				asked_states, COUNT(asked_states), ad_db_text(rows, i, 5)),
			.voted = ad_db_text(rows, i, 6) != NULL,
			.vote = read_vote(ad_db_text(rows, i, 6)),
			.is_new = ad_db_bool(rows, i, 8),
			.voted_by = ad_db_text(rows, i, 9),
		};
	}
	return 0;
}

int ad_store_asked_all(struct ad_db *db, struct ad_arena *arena, const struct ad_asked_stages *of,
	struct ad_asked_people *ret, struct ad_err *err)
{
	return read_asked(db, arena, of, NULL, ret, err);
}

int ad_store_asked_one(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	const char *oid, struct ad_asked_people *ret, struct ad_err *err)
{
	const int64_t stage = ordinal;
	return read_asked(
		db, arena, &(struct ad_asked_stages){ &request_id, &stage, 1 }, oid, ret, err);
}

int ad_store_asked_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	struct ad_asked_people *ret, struct ad_err *err)
{
	return ad_store_asked_one(db, arena, request_id, ordinal, NULL, ret, err);
}

int ad_store_asked_mark(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	const char *oid, enum ad_asked_state state, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_STAGES_ASKED_MARK,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal), AD_DB_TEXT(oid),
			AD_DB_TEXT(asked_states[state])),
		NULL, err);
}

/* ---- votes ---- */

int ad_store_votes_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_STAGES_VOTES,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal)), &later->rows, err);
}

void ad_store_votes_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_votes *ret)
{
	const struct ad_db_result *rows = later->rows;
	size_t count = ad_db_rows(rows);
	struct ad_vote *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_vote){
			.oid = ad_db_text(rows, i, 0),
			.on_behalf_of = ad_db_text(rows, i, 1),
			.decision = read_vote(ad_db_text(rows, i, 2)),
		};
	*ret = (struct ad_votes){ .items = items, .count = count };
}

int ad_store_votes(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	struct ad_votes *ret, struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int e = ad_store_votes_later(db, arena, request_id, ordinal, later, err);
	if (e == 0)
		e = ad_db_flush(db, err);
	if (e == 0)
		ad_store_votes_came(arena, later, ret);
	return e;
}
