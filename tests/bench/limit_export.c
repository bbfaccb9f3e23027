/* SPDX-License-Identifier: ISC */
/* limit_export: some columns of all contacts as tsv, csv or JSON lines. */
#include <stdlib.h>
#include <string.h>

#include "limit.h"

struct export
{
	struct out out;
	unsigned columns[COLUMNS];
	struct slice names[COLUMNS];
	unsigned count;
};

/* Takes the backslash off what stands in a cell of crm-tsv. */
static char
plain_of(char c)
{
	return c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : '\\';
}

static void
cell_tsv(struct out *o, struct slice s)
{
	out_put(o, s.s, s.n);
}

static int
is_special(char c)
{
	return c == ',' || c == '"' || c == '\\';
}

static void
cell_csv(struct out *o, struct slice s)
{
	char two[2] = {'"', '"'}, c;
	size_t at = 0;

	while (at < s.n && !is_special(s.s[at]))
		at++;
	if (at == s.n) {
		out_put(o, s.s, s.n);
		return;
	}
	out_put(o, two, 1);
	for (size_t i = 0; i < s.n; i++) {
		c = s.s[i];
		if (c == '\\')
			c = plain_of(s.s[++i]);
		if (c == '"')
			out_put(o, two, 2);
		else
			out_put(o, &c, 1);
	}
	out_put(o, two, 1);
}

/* The escapes of crm-tsv are those of JSON as well; quotes are left. */
static void
cell_json(struct out *o, struct slice s)
{
	const char *quote;
	size_t n;

	out_put(o, "\"", 1);
	while ((quote = memchr(s.s, '"', s.n))) {
		n = (size_t)(quote - s.s);
		out_put(o, s.s, n);
		out_put(o, "\\\"", 2);
		s.s += n + 1;
		s.n -= n + 1;
	}
	out_put(o, s.s, s.n);
	out_put(o, "\"", 1);
}

static void
row_plain(struct export *e, const MDB_val *row, char between,
    void (*cell)(struct out *o, struct slice s))
{
	for (unsigned i = 0; i < e->count; i++) {
		if (i > 0)
			out_put(&e->out, &between, 1);
		cell(&e->out, row_cell(row, e->columns[i]));
	}
	out_put(&e->out, "\n", 1);
}

static void
row_json(struct export *e, const MDB_val *row)
{
	struct slice cell;
	char before = '{';

	for (unsigned i = 0; i < e->count; i++) {
		cell = row_cell(row, e->columns[i]);
		if (cell.n == 0)
			continue;
		out_put(&e->out, &before, 1);
		before = ',';
		out_put(&e->out, e->names[i].s, e->names[i].n);
		cell_json(&e->out, cell);
	}
	out_put(&e->out, "}\n", 2);
}

/* "3:city" is the column 3, which JSON calls city. */
static void
columns_read(struct export *e, int argc, char **argv)
{
	char *name, *quoted;

	for (int i = 0; i < argc && e->count < COLUMNS; i++) {
		e->columns[e->count] = (unsigned)strtoul(argv[i], &name, 10);
		quoted = malloc(strlen(name) + 4);
		if (*name != ':' || !quoted)
			limit_die(argv[i], "a column is a number, : and name");
		e->names[e->count++] = (struct slice){
		    quoted, (size_t)snprintf(
				quoted, strlen(name) + 4, "\"%s\":", name + 1)};
	}
}

int
limit_export(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	struct export e = {.out = out_new(0)};
	MDB_cursor *c;
	MDB_val k, row;

	columns_read(&e, argc - 2, argv + 2);
	limit_check(
	    mdb_cursor_open(db.txn, db_table(&db, "contacts"), &c), "export");
	while (mdb_cursor_get(c, &k, &row, MDB_NEXT) == 0) {
		if (argv[1][0] == 't')
			row_plain(&e, &row, '\t', cell_tsv);
		else if (argv[1][0] == 'c')
			row_plain(&e, &row, ',', cell_csv);
		else
			row_json(&e, &row);
	}
	out_flush(&e.out);
	return 0;
}
