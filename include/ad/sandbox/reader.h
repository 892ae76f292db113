/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers: processes that parse foreign files for us, in the sandbox (ad/sandbox.h). One is started
 * for one file or one chain of files, is asked, and is ended. Its death is an answer: the file is
 * refused. It is `PROGRAM read KIND [FILE]`, a new program without our memory and environment,
 * which have secrets; it sees what it is told over a socket pair, and what it says is read as
 * strictly as what comes from a network.
 *
 * Each kind of reader adds no more than a function from a question to an answer. Without a program
 * to start (tests, and commands that have entered the sandbox themselves) it runs where it is
 * called. A reader belongs to one thread.
 */
#ifndef AD_SANDBOX_READER_H
#define AD_SANDBOX_READER_H

#include "ad/bytes.h"
#include "ad/json.h"

struct ad_reader_kind {
	const char *name;    /* KIND: "msi" */
	const char *refusal; /* what a file is that ends its reader: "installer is no MSI" */
	size_t memory_max;   /* as in ad_sandbox */
	unsigned cpu_s;      /* the same, for all questions together */
	int answer_ms;       /* for one question, wall clock */
	uint64_t output_max; /* bytes that it may write to a file of the asker's; 0: it writes none
			      */
	/* Loads what answering needs from the disk, while that is still possible; or NULL. */
	void (*prepare)(void);
	/* Answers. *state is NULL at first and as long-lived as arena. In the sandbox. */
	int (*answer)(struct ad_arena *arena, void **state, const struct ad_json *question,
		struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err);
};

struct ad_reader;

/* From now on readers are processes of this program. Borrowed for good; NULL, as at the start: the
 * caller's process reads. Before there are threads. */
void ad_reader_program_set(const char *program);

/* Starts a reader that may open the file at path, or none for NULL. Ended with the arena at the
 * latest. AD_EIO. */
AD_MUST int ad_reader_start(struct ad_arena *arena, const struct ad_reader_kind *kind,
	const char *path, struct ad_reader **ret, struct ad_err *err);

/* The same for a kind with output_max; out, open for writing and longer-lived, is the file that it
 * may write to. What is in there is as foreign as what was read, and worth nothing unless it
 * answers. */
AD_MUST int ad_reader_start_to(struct ad_arena *arena, const struct ad_reader_kind *kind,
	const char *path, int out, struct ad_reader **ret, struct ad_err *err);

/* That file, for the kind's answer. */
int ad_reader_output(void);

/*
 * Asks, and waits for the answer, which goes to the reader's arena. What the kind's function
 * refuses comes back as it filled err. AD_EINVAL (class permanent) when the reader dies, takes too
 * long or makes no sense; it is not to be asked again. AD_ECONFIG, AD_EIO when it could not enter
 * its sandbox.
 */
AD_MUST int ad_reader_ask(struct ad_reader *reader, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err);

/* One question about the file at path to a reader that ends with the answer: what is asked, and the
 * path as member `path`. out as ad_reader_start_to, or -1. Errors of both, and of ad_reader_ask. */
AD_MUST int ad_reader_once(struct ad_arena *arena, const struct ad_reader_kind *kind,
	const char *path, struct ad_json *question, int out, struct ad_json **ret,
	struct ad_err *err);

/* Whether one can be started and enters its sandbox. As ad_reader_start and ad_reader_ask. */
AD_MUST int ad_reader_try(const struct ad_reader_kind *kind, const char *path, struct ad_err *err);

/* Ends it now. NULL and a second time are allowed. */
void ad_reader_end(struct ad_reader *reader);

/* The caller's process becomes a reader: it enters the sandbox, from where it may write at most
 * output_max bytes to a file that is open already, and asks itself from now on. As
 * ad_sandbox_enter. */
AD_MUST int ad_reader_become(const struct ad_reader_kind *kind, const char *path,
	uint64_t output_max, struct ad_err *err);

/* A reader that is asked by another process: becomes one, then answers what comes from descriptor 0
 * on descriptor 1 until that closes. The program's exit code. */
int ad_reader_serve(const struct ad_reader_kind *kind, const char *path);

#endif
