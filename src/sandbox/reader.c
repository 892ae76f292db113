/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a reader, and judging what comes back; see ad/sandbox/reader.h. */
#include "ad/sandbox/reader.h"

#include "child.h"
#include "frame.h"

#include "ad/clock.h"

#include <unistd.h>

/* Of a reader that is a process it is the third descriptor, which has no other use there. */
static _Thread_local int output = STDERR_FILENO;

static const char *reader_program; /* set before there are threads */

struct ad_reader {
	struct ad_arena *arena;
	const struct ad_reader_kind *kind;
	void *state; /* of a reader that is no process */
	struct child child;
	int out; /* the file that it may write to; -1: none */
	bool is_process;
	bool is_inside; /* it has said that it is in its sandbox */
};

void ad_reader_program_set(const char *program)
{
	reader_program = program;
}

void ad_reader_end(struct ad_reader *reader)
{
	if (!reader || !reader->is_process)
		return;
	reader->is_process = false;
	(void)child_end(reader->arena, &reader->child);
}

static void end_with_arena(void *reader)
{
	ad_reader_end(reader);
}

int ad_reader_output(void)
{
	return output;
}

int ad_reader_start(struct ad_arena *arena, const struct ad_reader_kind *kind, const char *path,
	struct ad_reader **ret, struct ad_err *err)
{
	return ad_reader_start_to(arena, kind, path, -1, ret, err);
}

int ad_reader_start_to(struct ad_arena *arena, const struct ad_reader_kind *kind, const char *path,
	int out, struct ad_reader **ret, struct ad_err *err)
{
	struct ad_reader *reader = ad_alloc(arena, sizeof *reader);
	*reader = (struct ad_reader){
		.arena = arena, .kind = kind, .out = out, .is_process = reader_program != NULL
	};
	if (reader->is_process) {
		int r = child_start(reader_program, kind->name, path, out, &reader->child, err);
		if (r < 0)
			return r;
		ad_arena_defer(arena, end_with_arena, reader);
	}
	*ret = reader;
	return 0;
}

/* It has nothing to lose, so it may say anything: a code that is none of ours is a plain refusal.
 */
static int take_refusal(const struct ad_json *said, struct ad_err *err)
{
	int code = (int)ad_json_int(said, "code", AD_EINVAL);
	const char *text = ad_json_str(said, "text");
	bool is_code = code < 0 && code >= AD_EBUG;
	code = AD_FAIL(err, is_code ? code : AD_EINVAL, "%s", text ? text : "refused");
	if (err && ad_json_bool(said, "permanent", false))
		err->class = AD_CLASS_PERMANENT;
	return code;
}

/* Nobody who asked can change the file. */
static int refuse_file(const struct ad_reader *reader, const char *how, struct ad_err *err)
{
	int r = AD_FAIL(err, AD_EINVAL, "%s, for it %s: its publisher has to mend it",
		reader->kind->refusal, how);
	if (err)
		err->class = AD_CLASS_PERMANENT;
	return r;
}

static int judge_end(struct ad_reader *reader, int why, struct ad_err *err)
{
	reader->is_process = false;
	const char *how = child_end(reader->arena, &reader->child);
	if (!reader->is_inside)
		return AD_FAIL(
			err, AD_EIO, "the reader of foreign files ends before it reads: %s", how);
	if (why == AD_ETIMEOUT)
		how = ad_printf(reader->arena, "takes its reader longer than %d s",
			reader->kind->answer_ms / 1000);
	else if (why == AD_EIO)
		how = ad_printf(reader->arena, "ends its reader by %s", how);
	else
		how = why == AD_ETOOBIG ? "makes its reader say too much"
					: "makes its reader talk nonsense";
	return refuse_file(reader, how, err);
}

/* One frame; an error that it has is the reader's own. */
static int take(
	struct ad_reader *reader, int64_t until_ms, struct ad_json **ret, struct ad_err *err)
{
	struct frame frame;
	struct ad_err why;
	int r = frame_receive(reader->arena, reader->child.fd, 0, until_ms, &frame, &why);
	if (r < 0)
		return judge_end(reader, r, err);
	const struct ad_json *refusal = ad_json_get(frame.json, "error");
	if (refusal)
		return take_refusal(refusal, err);
	*ret = ad_json_get(frame.json, "answer");
	return *ret ? 0 : judge_end(reader, AD_EINVAL, err);
}

/* The first thing that it says is that it is in its sandbox, or why not. */
static int await_inside(struct ad_reader *reader, int64_t until_ms, struct ad_err *err)
{
	struct ad_json *said;
	int r = reader->is_inside ? 0 : take(reader, until_ms, &said, err);
	reader->is_inside = r == 0;
	return r;
}

static int ask_process(struct ad_reader *reader, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	int64_t until_ms = ad_clock_mono_ms() + reader->kind->answer_ms;
	struct ad_err why;
	int r = await_inside(reader, until_ms, err);
	if (r < 0)
		return r;
	const char *text = ad_json_print(reader->arena, question);
	r = frame_send(reader->child.fd, text, bytes, until_ms, &why);
	return r == 0 ? take(reader, until_ms, ret, err) : judge_end(reader, r, err);
}

int ad_reader_ask(struct ad_reader *reader, const struct ad_json *question, struct ad_bytes bytes,
	struct ad_json **ret, struct ad_err *err)
{
	if (!reader_program && reader->out >= 0)
		output = reader->out;
	if (!reader_program)
		return reader->kind->answer(
			reader->arena, &reader->state, question, bytes, ret, err);
	if (!reader->is_process)
		return AD_FAIL(err, AD_EBUG, "a reader that has ended is asked");
	return ask_process(reader, question, bytes, ret, err);
}

int ad_reader_once(struct ad_arena *arena, const struct ad_reader_kind *kind, const char *path,
	struct ad_json *question, int out, struct ad_json **ret, struct ad_err *err)
{
	const struct ad_bytes nothing = { 0 };
	struct ad_reader *reader;
	ad_json_set_str(arena, question, "path", path);
	int r = ad_reader_start_to(arena, kind, path, out, &reader, err);
	if (r < 0)
		return r;
	r = ad_reader_ask(reader, question, nothing, ret, err);
	ad_reader_end(reader);
	return r;
}

int ad_reader_try(const struct ad_reader_kind *kind, const char *path, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_reader *reader = NULL;
	int r = ad_reader_start(arena, kind, path, &reader, err);
	if (r == 0 && reader->is_process)
		r = await_inside(reader, ad_clock_mono_ms() + kind->answer_ms, err);
	ad_arena_free(arena);
	return r;
}
