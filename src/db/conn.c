/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection: made when needed, given up at the first doubt, made again. Attempts are spaced,
 * so that a database that is away costs its callers nothing and is not stormed when it comes back.
 */
#include "conn.h"
#include "sql.h"

#include "ad/buf.h"
#include "ad/clock.h"
#include "ad_queries.h"

#include <poll.h>
#include <pthread.h>

#define OPTIONS_MAX 1024 /* bytes of server options */
/* How much of a word must be the same to be looked at, where people search. */
#define LIKENESS                                \
	"-c pg_trgm.similarity_threshold=0.25 " \
	"-c pg_trgm.word_similarity_threshold=0.42 "
#define RETRY_FIRST_MS 100 /* pause after the first attempt that failed */
#define NUMBER_TEXT(n) #n
#define TEXT_OF(n) NUMBER_TEXT(n)

/* libpq prints notices to stderr by default, and a lower floor is silent. The farewell of a server
 * that ends an idle connection comes this way too, some time before the socket is closed. */
static void take_notice(void *ctx, const PGresult *result)
{
	struct ad_db *db = ctx;
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (db && state && strncmp(state, "57P", 3) == 0)
		db->farewell = true;
}

/* Our server options with those of url behind them, which win. */
static int server_options(
	const char *url, const char *extra, struct ad_buf *ret_options, struct ad_err *err)
{
	char *message = NULL;
	PQconninfoOption *parsed = PQconninfoParse(url, &message);
	if (!parsed) {
		/* libpq's message may quote the string, and with it a password. */
		PQfreemem(message);
		return AD_FAIL(err, AD_ECONFIG, "database.url is no libpq connection string");
	}
	(void)ad_buf_adds(ret_options, "-c timezone=UTC " LIKENESS);
	(void)ad_buf_adds(ret_options, extra);
	for (const PQconninfoOption *o = parsed; o->keyword; o++)
		if (strcmp(o->keyword, "options") == 0 && o->val)
			(void)ad_buf_addf(ret_options, " %s", o->val);
	PQconninfoFree(parsed);
	if (ret_options->overflow)
		return AD_FAIL(err, AD_ECONFIG, "database.url has more than %d bytes of options",
			OPTIONS_MAX);
	return 0;
}

int db_connect(const char *url, const char *application_name, const char *extra, PGconn **ret,
	struct ad_err *err)
{
	struct ad_buf options;
	ad_buf_init(&options, OPTIONS_MAX);
	int r = server_options(url, extra, &options, err);
	if (r < 0)
		goto out;

	/* A later pair wins over an earlier one: defaults, the operator's string, what is ours. */
	const struct {
		const char *name, *value;
	} pairs[] = {
		{ "connect_timeout", TEXT_OF(AD_DB_CONNECT_TIMEOUT_S) },
		{ "keepalives_idle", "5" },
		{ "keepalives_interval", "2" },
		{ "keepalives_count", "2" },
		{ "tcp_user_timeout", TEXT_OF(AD_DB_ANSWER_TIMEOUT_MS) },
		{ "fallback_application_name", application_name },
		{ "dbname", url },
		{ "client_encoding", "UTF8" },
		{ "options", ad_buf_str(&options) },
	};
	enum { PAIRS = sizeof pairs / sizeof *pairs };
	const char *names[PAIRS + 1] = { NULL };
	const char *values[PAIRS + 1] = { NULL };
	for (size_t i = 0; i < PAIRS; i++) {
		names[i] = pairs[i].name;
		values[i] = pairs[i].value;
	}
	PGconn *conn = PQconnectdbParams(names, values, 1);
	AD_ASSERT(conn);
	if (PQstatus(conn) != CONNECTION_OK) {
		r = db_error(NULL, conn, NULL, err);
		PQfinish(conn);
		goto out;
	}
	(void)PQsetNoticeReceiver(conn, take_notice, NULL);
	*ret = conn;
out:
	ad_buf_release(&options);
	return r;
}

/* ---- addresses ---- */

struct ad_db_url {
	pthread_mutex_t lock; /* guards text */
	char *text;
};

static int check_url(const char *text, struct ad_err *err)
{
	struct ad_buf checked;
	ad_buf_init(&checked, OPTIONS_MAX);
	int r = server_options(text, "", &checked, err);
	ad_buf_release(&checked);
	return r;
}

int ad_db_url_new(const char *text, struct ad_db_url **ret, struct ad_err *err)
{
	int r = check_url(text, err);
	if (r < 0)
		return r;
	struct ad_db_url *url = ad_xalloc(sizeof *url);
	AD_ASSERT(pthread_mutex_init(&url->lock, NULL) == 0);
	url->text = ad_xstrdup(text);
	*ret = url;
	return 0;
}

int ad_db_url_set(struct ad_db_url *url, const char *text, struct ad_err *err)
{
	int r = check_url(text, err);
	if (r < 0)
		return r;
	char *fresh = ad_xstrdup(text);
	(void)pthread_mutex_lock(&url->lock);
	char *old = url->text;
	url->text = fresh;
	(void)pthread_mutex_unlock(&url->lock);
	free(old);
	return 0;
}

/* The caller frees. */
static char *copy_url(struct ad_db_url *url)
{
	(void)pthread_mutex_lock(&url->lock);
	char *copy = ad_xstrdup(url->text);
	(void)pthread_mutex_unlock(&url->lock);
	return copy;
}

void ad_db_url_free(struct ad_db_url *url)
{
	if (!url)
		return;
	(void)pthread_mutex_destroy(&url->lock);
	free(url->text);
	free(url);
}

/* ---- opening and closing ---- */

struct ad_db *ad_db_open_shared(struct ad_db_url *url, const struct ad_db_options *options)
{
	static const struct ad_db_options none;
	if (!options)
		options = &none;
	struct ad_db *db = ad_xalloc(sizeof *db);
	db->url = url;
	db->application_name =
		ad_xstrdup(options->application_name ? options->application_name : "appdesk");
	db->statement_timeout_ms = options->statement_timeout_ms ? options->statement_timeout_ms
								 : AD_DB_STATEMENT_TIMEOUT_MS;
	db->lock_timeout_ms =
		options->lock_timeout_ms ? options->lock_timeout_ms : AD_DB_LOCK_TIMEOUT_MS;
	db->unsettled_reads = options->unsettled_reads;
	db->prepared = ad_xalloc((size_t)ad_db_query_count() * sizeof *db->prepared);
	return db;
}

int ad_db_open(const char *url, const struct ad_db_options *options, struct ad_db **ret,
	struct ad_err *err)
{
	struct ad_db_url *own = NULL;
	int r = ad_db_url_new(url, &own, err);
	if (r < 0)
		return r;
	*ret = ad_db_open_shared(own, options);
	(*ret)->owns_url = true;
	return 0;
}

void ad_db_close(struct ad_db *db)
{
	if (!db)
		return;
	PQfinish(db->conn);
	free(db->prepared);
	free(db->application_name);
	if (db->owns_url)
		ad_db_url_free(db->url);
	free(db);
}

void db_drop(struct ad_db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	if (db->tx != TX_NONE)
		db->tx = TX_LOST;
}

/* A connection that the server closed while nobody used it can be read: its farewell, and the end.
 */
static bool alive(struct ad_db *db)
{
	if (!db->conn)
		return false;
	struct pollfd fd = { .fd = PQsocket(db->conn), .events = POLLIN };
	if (poll(&fd, 1, 0) == 0)
		return true;
	bool open = PQconsumeInput(db->conn) && !PQisBusy(db->conn); /* parses what came */
	if (open && !db->farewell)
		return true;
	db_drop(db);
	return false;
}

static int listen_again(struct ad_db *db, struct ad_err *err)
{
	int r = 0;
	for (int i = 0; i < db->channel_count && r == 0; i++)
		r = db_listen(db, db->channels[i], err);
	return r;
}

/* An administrator may have taken the right from everybody; then COMMIT itself waits for the disk.
 */
static int ask_may_settle(struct ad_db *db, struct ad_err *err)
{
	PGresult *result;
	const struct db_step step = { .text = ad_sql_queries[AD_Q_SCHEMA_MAY_SETTLE].text,
		.ret = &result };
	int r = db_run(db, &step, 1, err);
	db->may_settle = r == 0 && *PQgetvalue(result, 0, 0) == 't';
	PQclear(result);
	return r;
}

static int connect_now(struct ad_db *db, struct ad_err *err)
{
	char extra[160];
	(void)snprintf(extra, sizeof extra,
		"-c statement_timeout=%d -c lock_timeout=%d "
		"-c idle_in_transaction_session_timeout=%d",
		db->statement_timeout_ms, db->lock_timeout_ms, AD_DB_IDLE_TX_TIMEOUT_MS);
	PGconn *conn;
	char *url = copy_url(db->url);
	int r = db_connect(url, db->application_name, extra, &conn, err);
	free(url);
	if (r < 0)
		return r;
	db->conn = conn;
	db->farewell = false;
	(void)PQsetNoticeReceiver(conn, take_notice, db);
	memset(db->prepared, 0, (size_t)ad_db_query_count() * sizeof *db->prepared);
	bool ok = PQsetnonblocking(conn, 1) == 0 && PQenterPipelineMode(conn) == 1;
	AD_ASSERT(ok);
	r = ask_may_settle(db, err);
	return r == 0 ? listen_again(db, err) : r;
}

int ad_db_ready(struct ad_db *db, struct ad_err *err)
{
	AD_ASSERT(db->tx == TX_NONE);
	if (alive(db))
		return 0;
	int64_t now = ad_clock_mono_ms();
	if (now < db->retry_at_ms)
		return AD_FAIL(err, AD_EUNAVAIL,
			"the database cannot be reached; next attempt in %d ms",
			(int)(db->retry_at_ms - now));
	int r = connect_now(db, err);
	if (r < 0) {
		db->failures++;
		db->retry_at_ms = ad_clock_mono_ms() + ad_clock_backoff_ms(db->failures,
							       RETRY_FIRST_MS, AD_DB_RETRY_MAX_MS);
		return r;
	}
	db->failures = 0;
	db->retry_at_ms = 0;
	return 0;
}

int ad_db_fd(const struct ad_db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}
