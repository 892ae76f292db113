#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the folder sql/ into C: embed_sql.py SQL_DIR OUT_DIR.

queries/*.sql     statements, each under a line "-- name: users_get" -> enum ad_query and ad_sql_queries[]
migrations/*.sql  NNNN_name.sql, numbered from 1 without gaps        -> ad_sql_migrations[] with SHA-256
roles.sql         rights of the service role                         -> ad_sql_roles[]

Run by the build; a mistake in the folder ends it with file and line.
"""
import hashlib
import pathlib
import re
import sys

NAME = re.compile(r"^--\s*name:\s*(.*?)\s*$")
WORD = re.compile(r"^[a-z][a-z0-9_]*$")
MIGRATION = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
HEADER = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made from sql/ by scripts/cmake/embed_sql.py. */\n"


def refuse(path, line, text):
    sys.exit(f"{path}:{line}: {text}")


def parse_queries(path):
    """Yields (name, sql) of one file; comment lines are left out, the lines stay recognisable in server logs."""
    name, lines, start = None, [], 0

    def finish():
        sql = "\n".join(lines).strip()
        if not sql.endswith(";"):
            refuse(path, start, f"query {name} does not end with a semicolon")
        if ";" in re.sub(r"'[^']*'", "", sql[:-1]):
            refuse(path, start, f"query {name} holds more than one statement")
        return name, sql[:-1]

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = NAME.match(line)
        if match:
            if name:
                yield finish()
            name, lines, start = match[1], [], number
            if not WORD.match(name):
                refuse(path, number, f"{name!r} is no name of a query")
        elif line.strip() and not line.lstrip().startswith("--"):
            if not name:
                refuse(path, number, "statement before the first '-- name:' line")
            lines.append(line.rstrip())
    if name:
        yield finish()


def parameter_count(name, sql):
    numbers = {int(n) for n in re.findall(r"\$(\d+)", sql)}
    if numbers != set(range(1, len(numbers) + 1)):
        sys.exit(f"query {name}: parameters are not numbered from $1 without gaps")
    return len(numbers)


def c_string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return "\n\t\t".join(f'"{line}\\n"' for line in escaped.split("\n"))


def c_bytes(name, data):
    """A char array instead of a literal: compilers warn about literals over 4095 bytes."""
    rows = [", ".join(str(b) for b in data[i : i + 24]) for i in range(0, len(data), 24)]
    return f"static const char {name}[] = {{\n\t" + ",\n\t".join(rows + ["0"]) + "\n};\n"


def load_migrations(folder):
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        match = MIGRATION.match(path.name)
        if not match or int(match[1]) != len(migrations) + 1:
            refuse(path, 1, "migrations are named NNNN_name.sql, from 0001 without gaps")
        migrations.append((int(match[1]), match[2], path.read_bytes()))
    return migrations


def write(path, text):
    """Only when it differs, so that an unrelated change compiles nothing again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    sql_dir, out_dir = map(pathlib.Path, sys.argv[1:3])
    out_dir.mkdir(parents=True, exist_ok=True)
    queries = {}
    for path in sorted((sql_dir / "queries").glob("*.sql")):
        for name, sql in parse_queries(path):
            if name in queries:
                refuse(path, 1, f"query {name} exists already")
            queries[name] = sql

    enum = "".join(f"\tAD_Q_{name.upper()},\n" for name in queries)
    write(out_dir / "ad_queries.h", f"{HEADER}#ifndef AD_QUERIES_H\n#define AD_QUERIES_H\n\n"
          f"/* Named queries, for ad_db_exec. */\nenum ad_query {{\n{enum}\tAD_Q_COUNT\n}};\n\n#endif\n")

    table = "".join(f'\t{{ "{name}", {parameter_count(name, sql)},\n\t\t{c_string(sql)} }},\n'
                    for name, sql in queries.items())
    migrations = load_migrations(sql_dir / "migrations")
    texts = "".join(c_bytes(f"migration_{number}", data) for number, _, data in migrations)
    rows = "".join(f'\t{{ {number}, "{name}", "{hashlib.sha256(data).hexdigest()}", migration_{number} }},\n'
                   for number, name, data in migrations)
    write(out_dir / "ad_sql.c", f'{HEADER}#include "sql.h"\n\n'
          f"const struct ad_sql_query ad_sql_queries[] = {{\n{table}}};\n"
          f"const int ad_sql_query_count = {len(queries)};\n\n{texts}\n"
          f"const struct ad_sql_migration ad_sql_migrations[] = {{\n{rows}}};\n"
          f"const int ad_sql_migration_count = {len(migrations)};\n\n"
          + c_bytes("roles", (sql_dir / "roles.sql").read_bytes())
          + "const char *const ad_sql_roles = roles;\n")


main()
