/* SPDX-License-Identifier: Apache-2.0 */
/* The folder sql/ as the build compiled it in (scripts/cmake/embed_sql.py writes the tables). */
#ifndef AD_DB_SQL_H
#define AD_DB_SQL_H

struct ad_sql_query {
	const char *name; /* also the name of the prepared statement */
	int params;       /* $1 to $params */
	const char *text;
};

struct ad_sql_migration {
	int number; /* from 1, without gaps */
	const char *name;
	const char *sha256; /* lower-case hex, of the file's bytes */
	const char *text;   /* several statements */
};

extern const struct ad_sql_query ad_sql_queries[]; /* indexed by enum ad_query */
extern const int ad_sql_query_count;
extern const struct ad_sql_migration ad_sql_migrations[]; /* in order of number */
extern const int ad_sql_migration_count;
extern const char *const ad_sql_roles;

#endif
