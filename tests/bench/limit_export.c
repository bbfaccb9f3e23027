/* SPDX-License-Identifier: ISC */
/* limit_export: some columns of all contacts as tsv, csv or JSON lines. */
#include <stdlib.h>

#include "limit.h"

struct export
{
	struct out out;
	unsigned columns[COLUMNS];
	struct slice names[COLUMNS];
	unsigned count;
	size_t room; /* for the names of a row, and what stands between */
};

/* Takes the backslash off what stands in a cell of crm-tsv. */
static char
plain_of(char c)
{
	return c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : '\\';
}

/* Columns side by side are copied together. */
static void
row_tsv(struct export *e, const MDB_val *row)
{
	char *start = out_room(&e->out, row->mv_size + e->room), *to = start;
	struct slice cells;
	unsigned last;

	for (unsigned i = 0; i < e->count; i = last + 1) {
		last = i;
		while (last + 1 < e->count &&
		       e->columns[last + 1] == e->columns[last] + 1)
			last++;
		cells = row_cells(row, e->columns[i], e->columns[last]);
		memcpy(to, cells.s, cells.n);
		to += cells.n;
		*to++ = '\t';
	}
	to[-1] = '\n';
	e->out.n += (size_t)(to - start);
}

static int
has(struct slice s, char c)
{
	return memchr(s.s, c, s.n) != NULL;
}

static char *
cell_csv(char *to, struct slice s)
{
	char c;

	if (!has(s, ',') && !has(s, '"') && !has(s, '\\')) {
		memcpy(to, s.s, s.n);
		return to + s.n;
	}
	*to++ = '"';
	for (size_t i = 0; i < s.n; i++) {
		c = s.s[i];
		if (c == '\\')
			c = plain_of(s.s[++i]);
		if (c == '"')
			*to++ = '"';
		*to++ = c;
	}
	*to++ = '"';
	return to;
}

static void
row_csv(struct export *e, const MDB_val *row)
{
	char *start = out_room(&e->out, 2 * row->mv_size + e->room);
	char *to = start;

	for (unsigned i = 0; i < e->count; i++) {
		to = cell_csv(to, row_cell(row, e->columns[i]));
		*to++ = ',';
	}
	to[-1] = '\n';
	e->out.n += (size_t)(to - start);
}

/* The escapes of crm-tsv are those of JSON as well; quotes are left. */
static char *
cell_json(char *to, struct slice s, int quotes)
{
	if (!quotes) {
		memcpy(to, s.s, s.n);
		return to + s.n;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] == '"')
			*to++ = '\\';
		*to++ = s.s[i];
	}
	return to;
}

static void
row_json(struct export *e, const MDB_val *row)
{
	char *start = out_room(&e->out, 2 * row->mv_size + e->room);
	char *to = start;
	int quotes = has(row_text(row), '"');
	struct slice cell;

	for (unsigned i = 0; i < e->count; i++) {
		cell = row_cell(row, e->columns[i]);
		if (cell.n == 0)
			continue;
		memcpy(to, e->names[i].s, e->names[i].n);
		to = cell_json(to + e->names[i].n, cell, quotes);
		*to++ = '"';
	}
	memcpy(to, "}\n", 2);
	*start = '{';
	e->out.n += (size_t)(to + 2 - start);
}

/* "3:city" is the column 3, which JSON calls city. */
static void
columns_read(struct export *e, int argc, char **argv)
{
	char *name, *quoted;
	size_t n;

	for (int i = 0; i < argc && e->count < COLUMNS; i++) {
		e->columns[e->count] = (unsigned)strtoul(argv[i], &name, 10);
		n = strlen(name) + 5;
		quoted = malloc(n);
		if (*name != ':' || !quoted)
			limit_die(argv[i], "a column is a number, : and name");
		snprintf(quoted, n, ",\"%s\":\"", name + 1);
		e->names[e->count++] = (struct slice){quoted, n - 1};
		e->room += n + 4;
	}
}

int
limit_export(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	struct export e = {.out = out_new(0)};
	void (*print)(struct export * e, const MDB_val *row) = row_json;
	MDB_cursor *c;
	MDB_val k, row;

	columns_read(&e, argc - 2, argv + 2);
	if (strcmp(argv[1], "tsv") == 0)
		print = row_tsv;
	else if (strcmp(argv[1], "csv") == 0)
		print = row_csv;
	limit_check(
	    mdb_cursor_open(db.txn, db_table(&db, "contacts"), &c), "export");
	while (mdb_cursor_get(c, &k, &row, MDB_NEXT) == 0)
		print(&e, &row);
	out_flush(&e.out);
	return 0;
}
