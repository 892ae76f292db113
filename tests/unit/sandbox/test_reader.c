/* SPDX-License-Identifier: Apache-2.0 */
/* Readers are asked, die, hang and lie. This program is its own reader: `test_reader read test`. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/sandbox/reader.h"
#include "ad/text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE ((size_t)40 << 20)
#define PATIENCE_MS 60000
#define SHORT_MS 1500

extern char **environ;

static struct ad_arena *arena;

/* ---- the reader's side ---- */

static int count_descriptors(void)
{
	int open_ones = 0;
	for (int fd = 0; fd < 16; fd++)
		open_ones += fcntl(fd, F_GETFL) >= 0;
	return open_ones;
}

static int lie(size_t len)
{
	const uint32_t head[2] = { (uint32_t)len, 0 };
	(void)!write(STDOUT_FILENO, head, sizeof head);
	(void)!write(STDOUT_FILENO, "not JSON", 8);
	return 0;
}

static int do_as_told(const char *what, struct ad_json *said, struct ad_err *err)
{
	if (ad_text_eq(what, "abort"))
		abort();
	if (ad_text_eq(what, "crash"))
		(void)raise(SIGSEGV);
	if (ad_text_eq(what, "hang"))
		for (volatile int i = 0; i < 1; i = 0)
			continue;
	if (ad_text_eq(what, "leave"))
		_exit(0);
	if (ad_text_eq(what, "lie"))
		return lie(8);
	if (ad_text_eq(what, "lie at length"))
		return lie(UINT32_MAX);
	if (ad_text_eq(what, "refuse"))
		return AD_FAIL(err, AD_EINTEGRITY, "line 7: no");
	if (ad_text_eq(what, "write"))
		return write(ad_reader_output(), "0123456789", 10) == 10
			       ? 0
			       : AD_FAIL(err, AD_EIO, "not written");
	if (ad_text_eq(what, "be told to stop"))
		(void)raise(SIGTERM);
	ad_json_set_int(arena, said, "descriptors", count_descriptors());
	ad_json_set_bool(arena, said, "environment", *environ != NULL);
	return 0;
}

static int answer(struct ad_arena *lifelong, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	int64_t *asked = *state ? *state : ad_alloc(lifelong, sizeof *asked);
	*state = asked;
	arena = lifelong;
	*ret = ad_json_new_object(lifelong);
	ad_json_set_int(lifelong, *ret, "asked", ++*asked);
	ad_json_set_int(lifelong, *ret, "bytes", (int64_t)bytes.len);
	return do_as_told(ad_json_str(question, "do"), *ret, err);
}

static const struct ad_reader_kind patient = { .name = "test",
	.refusal = "file cannot be read",
	.memory_max = (size_t)512 << 20,
	.cpu_s = 20,
	.answer_ms = PATIENCE_MS,
	.output_max = 16,
	.answer = answer };

static struct ad_reader_kind hasty(void)
{
	struct ad_reader_kind kind = patient;
	kind.answer_ms = SHORT_MS;
	return kind;
}

/* ---- asking ---- */

static struct ad_reader *start(const struct ad_reader_kind *kind)
{
	struct ad_reader *reader;
	struct ad_err err = { 0 };
	if (ad_reader_start(arena, kind, NULL, &reader, &err) != 0)
		fail_msg("%s", err.text);
	return reader;
}

static int ask(struct ad_reader *reader, const char *what, size_t len, struct ad_json **ret,
	struct ad_err *err)
{
	const struct ad_bytes bytes = { .data = ad_alloc(arena, len + 1), .len = len };
	struct ad_json *question = ad_json_new_object(arena);
	ad_json_set_str(arena, question, "do", what);
	*err = (struct ad_err){ 0 };
	return ad_reader_ask(reader, question, bytes, ret, err);
}

static void refused(const struct ad_reader_kind *kind, const char *what, const char *words)
{
	struct ad_reader *reader = start(kind);
	struct ad_json *said;
	struct ad_err err;
	assert_int_equal(ask(reader, what, 0, &said, &err), AD_EINVAL);
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
	if (!ad_text_starts(err.text, "file cannot be read, for it ") || !strstr(err.text, words))
		fail_msg("%s: \"%s\"", what, err.text);
	assert_int_equal(ask(reader, "answer", 0, &said, &err), AD_EBUG);
}

static void a_reader_answers_question_after_question(void **state)
{
	(void)state;
	struct ad_reader *reader = start(&patient);
	struct ad_json *said;
	struct ad_err err;
	assert_int_equal(ask(reader, "answer", 0, &said, &err), 0);
	assert_int_equal(ad_json_int(said, "asked", 0), 1);
	assert_int_equal(ask(reader, "answer", LARGE, &said, &err), 0);
	assert_int_equal(ad_json_int(said, "asked", 0), 2);
	assert_int_equal(ad_json_int(said, "bytes", 0), LARGE);
	ad_reader_end(reader);
	ad_reader_end(reader);
}

static void a_refusal_keeps_its_code_and_its_words(void **state)
{
	(void)state;
	struct ad_reader *reader = start(&patient);
	struct ad_json *said;
	struct ad_err err;
	assert_int_equal(ask(reader, "refuse", 0, &said, &err), AD_EINTEGRITY);
	assert_string_equal(err.text, "line 7: no");
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
	assert_int_equal(ask(reader, "answer", 0, &said, &err), 0);
}

static void a_reader_has_nothing_of_ours(void **state)
{
	(void)state;
	int ours = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	struct ad_json *said;
	struct ad_err err;
	assert_int_equal(ask(start(&patient), "answer", 0, &said, &err), 0);
	assert_int_equal(ad_json_int(said, "descriptors", 0), 3);
	assert_false(ad_json_bool(said, "environment", true));
	(void)close(ours);
}

static void a_reader_writes_to_the_file_that_it_was_given_and_no_more_than_it_may(void **state)
{
	(void)state;
	char path[] = "/tmp/ad-reader-test-XXXXXX";
	char text[32];
	int fd = mkstemp(path);
	struct ad_reader *reader;
	struct ad_json *said;
	struct ad_err err = { 0 };
	assert_true(fd >= 0 && unlink(path) == 0);
	assert_int_equal(ad_reader_start_to(arena, &patient, NULL, fd, &reader, &err), 0);
	assert_int_equal(ask(reader, "write", 0, &said, &err), 0);
	assert_int_equal(pread(fd, text, sizeof text, 0), 10);
	assert_memory_equal(text, "0123456789", 10);
	assert_int_equal(ask(reader, "write", 0, &said, &err), AD_EIO);
	assert_int_equal(ask(reader, "write", 0, &said, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "ends its reader by signal 25"));
	assert_int_equal(lseek(fd, 0, SEEK_END), 16);
	(void)close(fd);
}

static void death_is_a_refusal_for_good(void **state)
{
	(void)state;
	refused(&patient, "abort", "ends its reader by signal 6");
	refused(&patient, "crash", "ends its reader by ");
	refused(&patient, "leave", "ends its reader by exit code 0");
}

static void a_reader_that_hangs_is_ended(void **state)
{
	(void)state;
	const struct ad_reader_kind kind = hasty();
	refused(&kind, "hang", "takes its reader longer than 1 s");
}

static void nonsense_is_a_refusal(void **state)
{
	(void)state;
	refused(&patient, "lie", "talk nonsense");
	refused(&patient, "lie at length", "say too much");
}

/* A service that is told to stop must not take its readers' end for the files' fault. */
static void a_reader_leaves_signals_to_stop_to_its_parent(void **state)
{
	(void)state;
	struct ad_json *said;
	struct ad_err err;
	assert_int_equal(ask(start(&patient), "be told to stop", 0, &said, &err), 0);
}

static void a_reader_that_cannot_be_started_refuses_no_file(void **state)
{
	(void)state;
	struct ad_reader *reader;
	struct ad_json *said;
	struct ad_err err = { 0 };
	ad_reader_program_set("/nowhere");
	assert_int_equal(ad_reader_start(arena, &patient, NULL, &reader, &err), AD_EIO);
	ad_reader_program_set("/bin/true"); /* never says that it is in its sandbox */
	assert_int_equal(ad_reader_start(arena, &patient, NULL, &reader, &err), 0);
	assert_int_equal(ask(reader, "answer", 0, &said, &err), AD_EIO);
	ad_reader_program_set("/proc/self/exe");
	assert_int_equal(ad_reader_try(&patient, "/", &err), 0);
	assert_int_equal(ad_reader_try(&patient, "/nowhere", &err), AD_EIO);
	assert_int_equal(ad_reader_start(arena, &patient, "/nowhere", &reader, &err), 0);
	assert_int_equal(ask(reader, "answer", 0, &said, &err), AD_EIO);
	assert_non_null(strstr(err.text, "/nowhere"));
}

static void without_a_program_the_caller_reads(void **state)
{
	(void)state;
	struct ad_json *said;
	struct ad_err err;
	ad_reader_program_set(NULL);
	struct ad_reader *reader = start(&patient);
	assert_int_equal(ask(reader, "answer", 3, &said, &err), 0);
	assert_int_equal(ask(reader, "answer", 3, &said, &err), 0);
	assert_int_equal(ad_json_int(said, "asked", 0), 2);
	assert_true(ad_json_bool(said, "environment", false));
	ad_reader_program_set("/proc/self/exe");
}

static int make_arena(void **state)
{
	(void)state;
	arena = ad_arena_new();
	ad_reader_program_set("/proc/self/exe");
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	ad_arena_free(arena);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_answers_question_after_question),
		cmocka_unit_test(a_refusal_keeps_its_code_and_its_words),
		cmocka_unit_test(a_reader_has_nothing_of_ours),
		cmocka_unit_test(
			a_reader_writes_to_the_file_that_it_was_given_and_no_more_than_it_may),
		cmocka_unit_test(death_is_a_refusal_for_good),
		cmocka_unit_test(a_reader_that_hangs_is_ended),
		cmocka_unit_test(nonsense_is_a_refusal),
		cmocka_unit_test(a_reader_leaves_signals_to_stop_to_its_parent),
		cmocka_unit_test(a_reader_that_cannot_be_started_refuses_no_file),
		cmocka_unit_test(without_a_program_the_caller_reads),
	};
	if (argc >= 3 && strcmp(argv[1], "read") == 0)
		return ad_reader_serve(&patient, argc > 3 ? argv[3] : NULL);
	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
