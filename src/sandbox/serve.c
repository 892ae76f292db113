/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's side: into the sandbox, then question by question until the other end closes. */
#include "ad/sandbox/reader.h"

#include "frame.h"

#include "ad/sandbox.h"
#include "ad/text.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A stop is the service's to judge: a reader that it ends by itself would look like one that a file
 * has ended. Who started us is not outlived. */
static void leave_stops_to_parent(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int say(struct ad_arena *arena, const char *name, struct ad_json *what)
{
	const struct ad_bytes nothing = { 0 };
	struct ad_json *frame = ad_json_new_object(arena);
	struct ad_err err;
	ad_json_set(arena, frame, name, what);
	return frame_send(STDOUT_FILENO, ad_json_print(arena, frame), nothing, FRAME_NEVER, &err);
}

static int say_refusal(struct ad_arena *arena, const struct ad_err *why)
{
	struct ad_json *error = ad_json_new_object(arena);
	ad_json_set_int(arena, error, "code", why->code);
	ad_json_set_str(arena, error, "text", ad_utf8_clean(arena, why->text, false));
	ad_json_set_bool(arena, error, "permanent", why->class == AD_CLASS_PERMANENT);
	return say(arena, "error", error);
}

static int answer(struct ad_arena *arena, const struct ad_reader_kind *kind, void **state,
	const struct frame *question)
{
	struct ad_json *said = NULL;
	struct ad_err err = { 0 };
	int r = kind->answer(arena, state, question->json, question->bytes, &said, &err);
	return r == 0 ? say(arena, "answer", said) : say_refusal(arena, &err);
}

int ad_reader_become(const struct ad_reader_kind *kind, const char *path, uint64_t output_max,
	struct ad_err *err)
{
	const struct ad_sandbox wish = { .readable = path,
		.memory_max = kind->memory_max,
		.file_max = output_max,
		.cpu_s = kind->cpu_s };
	ad_reader_program_set(NULL);
	if (kind->prepare)
		kind->prepare();
	return ad_sandbox_enter(&wish, err);
}

int ad_reader_serve(const struct ad_reader_kind *kind, const char *path)
{
	struct ad_arena *arena = ad_arena_new();
	struct frame question;
	struct ad_err err = { 0 };
	void *state = NULL;
	leave_stops_to_parent();
	int r = ad_reader_become(kind, path, kind->output_max, &err);
	if (r < 0)
		(void)say_refusal(arena, &err);
	else
		r = say(arena, "answer", ad_json_new_object(arena));
	while (r == 0 && frame_receive(arena, STDIN_FILENO, FRAME_BYTES_MAX, FRAME_NEVER, &question,
				 &err) == 0)
		r = answer(arena, kind, &state, &question);
	ad_arena_free(arena);
	return r == 0 ? 0 : 1;
}
