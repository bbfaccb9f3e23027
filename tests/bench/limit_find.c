/* SPDX-License-Identifier: ISC */
/* limit_find: rows by key, by a scan over rows or names, what is due, and the
 * activities of one. */
#include <pthread.h>
#include <stdlib.h>

#include "limit.h"

static MDB_cursor *
cursor_open(struct db *db, MDB_dbi table)
{
	MDB_cursor *c;

	limit_check(mdb_cursor_open(db->txn, table, &c), "cursor");
	return c;
}

int
limit_count(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	MDB_stat s;

	(void)argc;
	limit_check(mdb_stat(db.txn, db_table(&db, "contacts"), &s), "count");
	printf("%zu\n", s.ms_entries);
	return 0;
}

int
limit_get(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	MDB_dbi table = db_table(&db, "contacts");
	struct slice value = {argv[2], strlen(argv[2])};
	struct out o = out_new(0);
	char key[KEY_SIZE];
	size_t n = fold(key, value);
	MDB_val k = {n + 1, key}, v, row;
	MDB_cursor *c;
	int code;

	(void)argc;
	if (strcmp(argv[1], "id") == 0) {
		if (db_get(&db, table, number_read(value), &row))
			out_line(&o, row_text(&row));
		out_flush(&o);
		return 0;
	}
	key[n] = 0;
	c = cursor_open(&db, db_index(&db, "contacts", argv[1]));
	for (code = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	     code == 0 && k.mv_size == n + 9 && memcmp(k.mv_data, key, n) == 0;
	     code = mdb_cursor_get(c, &k, &v, MDB_NEXT))
		if (db_get(&db, table, key_number((char *)k.mv_data + n + 1),
			&row))
			out_line(&o, row_text(&row));
	out_flush(&o);
	return 0;
}

/* ---- scan -----------------------------------------------------------------
 */

struct scan {
	struct db db;
	MDB_dbi table;
	uint64_t first, end;
	unsigned equal, greater;
	struct slice value;
	double least;
	struct out out;
};

static int
scan_match(const struct scan *s, const MDB_val *row)
{
	struct slice cell = row_cell(row, s->equal);
	char digits[32];

	if (cell.n != s->value.n || memcmp(cell.s, s->value.s, cell.n) != 0)
		return 0;
	cell = row_cell(row, s->greater);
	if (cell.n >= sizeof digits)
		return 0;
	memcpy(digits, cell.s, cell.n);
	digits[cell.n] = 0;
	return strtod(digits, NULL) > s->least;
}

static void *
scan_run(void *arg)
{
	struct scan *s = arg;
	uint64_t key = number_key(s->first);
	MDB_val k = {sizeof key, &key}, row;
	MDB_cursor *c = cursor_open(&s->db, s->table);
	int code;

	for (code = mdb_cursor_get(c, &k, &row, MDB_SET_RANGE);
	     code == 0 && key_number(k.mv_data) < s->end;
	     code = mdb_cursor_get(c, &k, &row, MDB_NEXT))
		if (scan_match(s, &row))
			out_line(&s->out, row_text(&row));
	return NULL;
}

static void
scan_begin(struct scan *s)
{
	limit_check(
	    mdb_txn_begin(s->db.env, NULL, MDB_RDONLY, &s->db.txn), "scan");
}

/* A second thread takes the second half, and its output waits. */
static void
scan_halves(struct scan *s)
{
	struct scan other = *s;
	pthread_t thread;
	MDB_stat stat;

	limit_check(mdb_stat(s->db.txn, s->table, &stat), "scan");
	/* The end of its transaction gives the table to others. */
	limit_check(mdb_txn_commit(s->db.txn), "scan");
	scan_begin(s);
	scan_begin(&other);
	other.out = out_new(1);
	s->end = other.first = stat.ms_entries / 2;
	if (pthread_create(&thread, NULL, scan_run, &other) != 0)
		limit_die("scan", "no second thread");
	scan_run(s);
	out_flush(&s->out);
	pthread_join(thread, NULL);
	out_flush(&other.out);
}

int
limit_scan(int argc, char **argv)
{
	struct scan s = {.db = db_open(argv[0], MDB_RDONLY),
	    .first = 1,
	    .end = UINT64_MAX,
	    .value = {argv[2], strlen(argv[2])},
	    .out = out_new(0)};

	s.table = db_table(&s.db, "contacts");
	s.equal = (unsigned)strtoul(argv[1], NULL, 10);
	s.greater = (unsigned)strtoul(argv[3], NULL, 10);
	s.least = strtod(argv[4], NULL);
	if (argc > 5) {
		scan_halves(&s);
		return 0;
	}
	scan_run(&s);
	out_flush(&s.out);
	return 0;
}

/* Names are short: a table of shifts, as memmem makes one, is dearer. */
static int
holds(const char *s, size_t n, const char *pattern, size_t len)
{
	uint32_t start, here;

	memcpy(&start, pattern, sizeof start);
	for (; n >= len; s++, n--) {
		memcpy(&here, s, sizeof here);
		if (here == start && memcmp(s, pattern, len) == 0)
			return 1;
	}
	return 0;
}

/* The folded names are searched, and only the hits are fetched. */
int
limit_name(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	MDB_dbi table = db_table(&db, "contacts");
	MDB_cursor *c = cursor_open(&db, db_index(&db, "contacts", argv[1]));
	struct out o = out_new(0);
	char pattern[KEY_SIZE];
	size_t n = fold(pattern, (struct slice){argv[2], strlen(argv[2])});
	MDB_val k, v, row;

	(void)argc;
	if (n < 4)
		limit_die(argv[2], "a pattern has four letters or more");
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0)
		if (holds(k.mv_data, k.mv_size - 9, pattern, n) &&
		    db_get(&db, table,
			key_number((char *)k.mv_data + k.mv_size - 8), &row))
			out_line(&o, row_text(&row));
	out_flush(&o);
	return 0;
}

/* ---- tasks and activities -------------------------------------------------
 */

static void
out_cell(struct out *o, struct slice s, char behind)
{
	out_put(o, s.s, s.n);
	out_put(o, &behind, 1);
}

/* Day, title, and the name of whom it is about. */
int
limit_due(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	MDB_dbi tasks = db_table(&db, "tasks");
	MDB_dbi contacts = db_table(&db, "contacts");
	MDB_cursor *c = cursor_open(&db, db_index(&db, "tasks", "due"));
	struct out o = out_new(0);
	size_t n = strlen(argv[1]);
	MDB_val k, v, task, who;

	(void)argc;
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0 &&
	       memcmp(k.mv_data, argv[1], n) <= 0) {
		if (!db_get(&db, tasks, key_number((char *)k.mv_data + n + 1),
			&task) ||
		    !db_get(&db, contacts, number_of(row_cell(&task, 1)), &who))
			limit_die("due", "a row is missing");
		out_cell(&o, row_cell(&task, 3), '\t');
		out_cell(&o, row_cell(&who, 1), '\t');
		out_cell(&o, row_cell(&task, 2), '\n');
	}
	out_flush(&o);
	return 0;
}

/* One contact and the last of his activities. */
int
limit_show(int argc, char **argv)
{
	struct db db = db_open(argv[0], MDB_RDONLY);
	struct slice who = {argv[1], strlen(argv[1])};
	unsigned long count = strtoul(argv[2], NULL, 10);
	uint64_t number = number_read(who), key = number_key(number + 1);
	struct out o = out_new(0);
	MDB_val k = {sizeof key, &key}, row;
	MDB_cursor *c;
	int code;

	(void)argc;
	if (db_get(&db, db_table(&db, "contacts"), number, &row))
		out_line(&o, row_text(&row));
	c = cursor_open(&db, db_table(&db, "activities"));
	code = mdb_cursor_get(c, &k, &row, MDB_SET_RANGE);
	code = mdb_cursor_get(c, &k, &row, code ? MDB_LAST : MDB_PREV);
	for (; code == 0 && count > 0 && key_number(k.mv_data) == number;
	     count--) {
		out_line(&o, row_text(&row));
		code = mdb_cursor_get(c, &k, &row, MDB_PREV);
	}
	out_flush(&o);
	return 0;
}
