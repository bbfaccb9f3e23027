/* SPDX-License-Identifier: ISC */
/* limit_load: rows of a csv file into a table: appended in their order, the
 * keys of the indexes collected, sorted and appended. */
#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limit.h"
#include "limit_sort.h"

enum { BLOCK = 1 << 20, ROW_SIZE = 60000, INDEXES = 8 };

struct loader {
	char row[ROW_SIZE + 8];
	uint16_t ends[COLUMNS];
	size_t n;
	unsigned cells;
	uint64_t number; /* of the row; 0 is the header */
	int plain;
	void (*take)(struct loader *l);
	struct db db;
	MDB_dbi table;
	unsigned columns[INDEXES];
	struct heap heaps[INDEXES];
	unsigned count;
};

/* ---- csv ------------------------------------------------------------------
 */

static void
cell_put(struct loader *l, const char *s, size_t n)
{
	static const char plain[] = "\t\n\r\\", escaped[] = "tnr\\";
	const char *at;

	for (size_t i = 0; i < n; i++) {
		at = (unsigned char)s[i] > '\\' || !s[i] ? NULL
							 : strchr(plain, s[i]);
		if (at)
			l->row[l->n++] = '\\';
		l->row[l->n++] = at ? escaped[at - plain] : s[i];
	}
}

static void
cell_done(void *s, size_t n, void *data)
{
	struct loader *l = data;

	if (l->cells == COLUMNS || l->n + 2 * n + 1 > ROW_SIZE)
		limit_die("csv", "a row is too large");
	if (l->cells > 0)
		l->row[l->n++] = '\t';
	cell_put(l, s, n);
	l->ends[l->cells++] = (uint16_t)l->n;
}

static void
row_done(int c, void *data)
{
	struct loader *l = data;

	(void)c;
	if (l->number > 0)
		l->take(l);
	l->number++;
	l->n = 0;
	l->cells = 0;
}

static void
csv_read(struct loader *l, const char *path)
{
	int fd = open(path, O_RDONLY);
	char *block = malloc(BLOCK);
	struct csv_parser p;
	ssize_t n;

	if (fd < 0 || !block || csv_init(&p, 0) != 0)
		limit_die(path, strerror(errno));
	while ((n = read(fd, block, BLOCK)) > 0)
		if (csv_parse(&p, block, (size_t)n, cell_done, row_done, l) !=
		    (size_t)n)
			limit_die(path, csv_strerror(csv_error(&p)));
	csv_fini(&p, cell_done, row_done, l);
	csv_free(&p);
	free(block);
	close(fd);
}

/* ---- tables ---------------------------------------------------------------
 */

static struct slice
loader_cell(const struct loader *l, unsigned column)
{
	size_t start = column ? l->ends[column - 1] + 1u : 0;

	return (struct slice){l->row + start, l->ends[column] - start};
}

static size_t
row_size(const struct loader *l)
{
	return (l->plain ? 0 : row_head(l->cells)) + l->n;
}

static void
row_append(struct loader *l, void *key, size_t n)
{
	MDB_val k = {n, key};
	MDB_val v = {row_size(l), NULL};

	limit_check(
	    mdb_put(l->db.txn, l->table, &k, &v, MDB_APPEND | MDB_RESERVE),
	    "row");
	if (l->plain)
		memcpy(v.mv_data, l->row, l->n);
	else
		row_build(v.mv_data, l->ends, l->cells, l->row);
}

static void
key_collect(struct loader *l, struct heap *h, struct slice cell)
{
	char key[KEY_SIZE];
	size_t n = fold(key, cell);
	uint64_t number = number_key(l->number);

	key[n++] = 0;
	memcpy(key + n, &number, sizeof number);
	n += sizeof number;
	memcpy(heap_add(h, bytes_prefix(key, n), n), key, n);
}

static void
keys_append(struct loader *l, struct heap *h, MDB_dbi index)
{
	MDB_val k, v = {0, NULL};

	heap_sort_bytes(h);
	for (size_t i = 0; i < h->count; i++) {
		k.mv_size = h->entries[i].n;
		k.mv_data = (void *)(uintptr_t)h->entries[i].bytes;
		limit_check(
		    mdb_put(l->db.txn, index, &k, &v, MDB_APPEND), "index");
	}
}

static struct loader *
loader_new(const char *db, const char *table, void (*take)(struct loader *l))
{
	struct loader *l = calloc(1, sizeof *l);

	if (!l)
		limit_die("load", "no memory");
	l->db = db_open(db, 0);
	l->table = db_table(&l->db, table);
	l->take = take;
	return l;
}

static void
take_indexed(struct loader *l)
{
	uint64_t key = number_key(l->number);
	struct slice cell;

	row_append(l, &key, sizeof key);
	for (unsigned i = 0; i < l->count; i++) {
		cell = loader_cell(l, l->columns[i]);
		if (cell.n > 0)
			key_collect(l, &l->heaps[i], cell);
	}
}

static int
load(int argc, char **argv, int plain)
{
	struct loader *l = loader_new(argv[1], argv[2], take_indexed);

	l->plain = plain;
	for (int i = 3; i < argc && l->count < INDEXES; i++)
		l->columns[l->count++] = (unsigned)strtoul(argv[i], NULL, 10);
	csv_read(l, argv[0]);
	for (unsigned i = 0; i < l->count; i++)
		keys_append(
		    l, &l->heaps[i], db_index(&l->db, argv[2], argv[3 + i]));
	db_commit(&l->db);
	return 0;
}

int
limit_load(int argc, char **argv)
{
	return load(argc, argv, 0);
}

int
limit_plain(int argc, char **argv)
{
	return load(argc, argv, 1);
}

/* The rows wait, with the number of whom they belong to. */
static void
take_child(struct loader *l)
{
	uint64_t who = number_of(loader_cell(l, l->columns[0]));
	size_t n = row_size(l);

	row_build(heap_add(&l->heaps[0], who, n), l->ends, l->cells, l->row);
}

int
limit_children(int argc, char **argv)
{
	struct loader *l = loader_new(argv[1], argv[2], take_child);
	struct heap *h = &l->heaps[0];
	uint64_t key[2];
	MDB_val k = {sizeof key, key}, v;

	(void)argc;
	l->columns[0] = (unsigned)strtoul(argv[3], NULL, 10);
	csv_read(l, argv[0]);
	heap_sort(h);
	for (size_t i = 0; i < h->count; i++) {
		key[0] = number_key(h->entries[i].prefix);
		key[1] = number_key(i);
		v.mv_size = h->entries[i].n;
		v.mv_data = (void *)(uintptr_t)h->entries[i].bytes;
		limit_check(
		    mdb_put(l->db.txn, l->table, &k, &v, MDB_APPEND), "row");
	}
	db_commit(&l->db);
	return 0;
}

static void
take_task(struct loader *l)
{
	struct slice status = loader_cell(l, l->columns[1]);
	uint64_t key = number_key(l->number);

	row_append(l, &key, sizeof key);
	if (status.n == 4 && memcmp(status.s, "todo", 4) == 0)
		key_collect(l, &l->heaps[0], loader_cell(l, l->columns[0]));
}

int
limit_tasks(int argc, char **argv)
{
	struct loader *l = loader_new(argv[1], "tasks", take_task);

	(void)argc;
	l->columns[0] = (unsigned)strtoul(argv[2], NULL, 10);
	l->columns[1] = (unsigned)strtoul(argv[3], NULL, 10);
	csv_read(l, argv[0]);
	keys_append(l, &l->heaps[0], db_index(&l->db, "tasks", "due"));
	db_commit(&l->db);
	return 0;
}

/* One more row, whose cells are all indexed; in one durable transaction. */
int
limit_add(int argc, char **argv)
{
	struct loader *l = loader_new(argv[0], "contacts", NULL);
	MDB_cursor *c;
	MDB_val k, v;
	char column[2] = "0";
	uint64_t key;

	limit_check(mdb_cursor_open(l->db.txn, l->table, &c), "add");
	l->number = 1;
	if (mdb_cursor_get(c, &k, &v, MDB_LAST) == 0)
		l->number += key_number(k.mv_data);
	for (int i = 1; i < argc; i++)
		cell_done(argv[i], strlen(argv[i]), l);
	key = number_key(l->number);
	row_append(l, &key, sizeof key);
	for (unsigned i = 0; i < l->cells; i++) {
		column[0] = (char)('1' + i);
		key_collect(l, &l->heaps[0], loader_cell(l, i));
		k.mv_size = l->heaps[0].entries[i].n;
		k.mv_data = (void *)(uintptr_t)l->heaps[0].entries[i].bytes;
		v.mv_size = 0;
		limit_check(
		    mdb_put(l->db.txn, db_index(&l->db, "contacts", column), &k,
			&v, 0),
		    "index");
	}
	db_commit(&l->db);
	return 0;
}
