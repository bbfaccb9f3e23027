/* SPDX-License-Identifier: ISC */
/* limit VERB ARGUMENT...: see limit.h; the verbs stand in the table below. */
#include <stdlib.h>
#include <unistd.h>

#include "limit.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	int least;
	const char *arguments;
} verbs[] = {
    {"load", limit_load, 3, "CSV DB TABLE [COLUMN...]"},
    {"plain", limit_plain, 3, "CSV DB TABLE [COLUMN...]"},
    {"children", limit_children, 4, "CSV DB TABLE COLUMN"},
    {"tasks", limit_tasks, 4, "CSV DB DUE-COLUMN STATUS-COLUMN"},
    {"add", limit_add, 2, "DB CELL..."},
    {"get", limit_get, 3, "DB COLUMN VALUE"},
    {"scan", limit_scan, 5, "DB COLUMN VALUE COLUMN LEAST [2]"},
    {"name", limit_name, 3, "DB COLUMN PATTERN"},
    {"due", limit_due, 2, "DB DAY"},
    {"show", limit_show, 3, "DB NUMBER COUNT"},
    {"rfm", limit_rfm, 1, "DB"},
    {"export", limit_export, 2, "DB tsv|csv|jsonl COLUMN..."},
    {"count", limit_count, 1, "DB"},
};

_Noreturn void
limit_die(const char *what, const char *why)
{
	fprintf(stderr, "limit: %s: %s\n", what, why);
	exit(1);
}

void
limit_check(int code, const char *what)
{
	if (code)
		limit_die(what, mdb_strerror(code));
}

/* ---- the database ---------------------------------------------------------
 */

struct db
db_open(const char *path, unsigned flags)
{
	struct db db;

	limit_check(mdb_env_create(&db.env), path);
	limit_check(mdb_env_set_maxdbs(db.env, 32), path);
	limit_check(mdb_env_set_mapsize(db.env, (size_t)64 << 30), path);
	limit_check(
	    mdb_env_open(db.env, path, MDB_NOSUBDIR | MDB_NOTLS | flags, 0600),
	    path);
	limit_check(
	    mdb_txn_begin(db.env, NULL, flags & MDB_RDONLY, &db.txn), path);
	return db;
}

MDB_dbi
db_table(struct db *db, const char *name)
{
	unsigned flags = 0;
	MDB_dbi dbi;
	int code = mdb_dbi_open(db->txn, name, 0, &dbi);

	if (code == MDB_NOTFOUND)
		flags = MDB_CREATE;
	if (code)
		limit_check(mdb_dbi_open(db->txn, name, flags, &dbi), name);
	return dbi;
}

MDB_dbi
db_index(struct db *db, const char *table, const char *column)
{
	char name[64];

	snprintf(name, sizeof name, "%s.%s", table, column);
	return db_table(db, name);
}

void
db_commit(struct db *db)
{
	limit_check(mdb_txn_commit(db->txn), "commit");
	mdb_env_close(db->env);
}

int
db_get(struct db *db, MDB_dbi table, uint64_t number, MDB_val *row)
{
	uint64_t key = number_key(number);
	MDB_val k = {sizeof key, &key};
	int code = mdb_get(db->txn, table, &k, row);

	if (code != MDB_NOTFOUND)
		limit_check(code, "get");
	return code == 0;
}

/* ---- numbers and keys -----------------------------------------------------
 */

uint64_t
number_key(uint64_t number)
{
	return __builtin_bswap64(number);
}

uint64_t
key_number(const void *key)
{
	uint64_t k;

	memcpy(&k, key, sizeof k);
	return __builtin_bswap64(k);
}

uint64_t
number_read(struct slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n && s.s[i] >= '0' && s.s[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(s.s[i] - '0');
	return n;
}

uint64_t
number_of(struct slice ext)
{
	const char *colon = memchr(ext.s, ':', ext.n);
	size_t n;

	if (!colon)
		limit_die("reference", "no colon in it");
	n = (size_t)(colon + 1 - ext.s);
	return number_read((struct slice){colon + 1, ext.n - n});
}

size_t
fold(char *out, struct slice s)
{
	static const char latin[] = "aaaaaaaceeeeiiiidnooooo*ouuuuyts"
				    "aaaaaaaceeeeiiiidnooooo/ouuuuyty";
	size_t n = 0;
	unsigned char c;

	for (size_t i = 0; i < s.n && n < KEY_SIZE - 16; i++) {
		c = (unsigned char)s.s[i];
		if (c >= 'A' && c <= 'Z')
			c |= 32;
		else if (c == 0xc3 && i + 1 < s.n)
			c = (unsigned char)latin[s.s[++i] & 63];
		out[n++] = (char)c;
	}
	return n;
}

/* ---- rows -----------------------------------------------------------------
 */

void
row_build(void *to, const uint16_t *ends, unsigned columns, const char *text)
{
	char *p = to;
	uint16_t count = (uint16_t)columns;

	memcpy(p, &count, sizeof count);
	memcpy(p + sizeof count, ends, sizeof *ends * columns);
	memcpy(p + row_head(columns), text, ends[columns - 1]);
}

struct slice
row_text(const MDB_val *row)
{
	uint16_t columns;
	size_t head;

	memcpy(&columns, row->mv_data, sizeof columns);
	head = row_head(columns);
	return (struct slice){
	    (const char *)row->mv_data + head, row->mv_size - head};
}

/* ---- output ---------------------------------------------------------------
 */

struct out
out_new(int keep)
{
	struct out o = {malloc(OUT_SIZE), 0, OUT_SIZE, keep};

	if (!o.bytes)
		limit_die("output", "no memory");
	return o;
}

void
out_flush(struct out *o)
{
	ssize_t n;

	for (size_t done = 0; done < o->n; done += (size_t)n) {
		n = write(1, o->bytes + done, o->n - done);
		if (n < 0)
			limit_die("output", "cannot be written");
	}
	o->n = 0;
}

char *
out_room(struct out *o, size_t n)
{
	if (o->n + n > o->size && !o->keep)
		out_flush(o);
	if (o->n + n > o->size) {
		while (o->n + n > o->size)
			o->size *= 2;
		o->bytes = realloc(o->bytes, o->size);
		if (!o->bytes)
			limit_die("output", "no memory");
	}
	return o->bytes + o->n;
}

void
out_put(struct out *o, const void *p, size_t n)
{
	memcpy(out_room(o, n), p, n);
	o->n += n;
}

void
out_line(struct out *o, struct slice s)
{
	char *to = out_room(o, s.n + 1);

	memcpy(to, s.s, s.n);
	to[s.n] = '\n';
	o->n += s.n + 1;
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (argc > 1 && strcmp(argv[1], verbs[i].name) == 0 &&
		    argc - 2 >= verbs[i].least)
			return verbs[i].run(argc - 2, argv + 2);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		fprintf(stderr, "usage: limit %s %s\n", verbs[i].name,
		    verbs[i].arguments);
	return 2;
}
