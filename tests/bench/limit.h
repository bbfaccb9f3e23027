/* SPDX-License-Identifier: ISC */
/* limit: LMDB and libcsv with nothing around them, as a measure for the
 * commands: no checks of values, no options, no checksums, no journal. A
 * table has rows under their number: a count of columns, where each begins, and
 * the cells as crm-tsv. An index has folded cells, a NUL and the number. */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	COLUMNS = 24,
	KEY_SIZE = 480, /* the most of a key; LMDB takes 511 */
	OUT_SIZE = 1 << 18
};

struct slice {
	const char *s;
	size_t n;
};

struct db {
	MDB_env *env;
	MDB_txn *txn;
};

struct out {
	char *bytes;
	size_t n, size;
	int keep; /* until out_flush, instead of writing when it is full */
};

/* ends the program, with what LMDB says of a code that is not 0 */
_Noreturn void limit_die(const char *what, const char *why);
void limit_check(int code, const char *what);

/* flags are LMDB's; MDB_RDONLY opens for reading */
struct db db_open(const char *path, unsigned flags);
MDB_dbi db_table(struct db *db, const char *name);
MDB_dbi db_index(struct db *db, const char *table, const char *column);
void db_commit(struct db *db);
/* false: there is none */
int db_get(struct db *db, MDB_dbi table, uint64_t number, MDB_val *row);

/* big-endian, so that keys sort by number */
uint64_t number_key(uint64_t number);
uint64_t key_number(const void *key);
uint64_t number_read(struct slice s);
/* the number behind the colon of "old:17" */
uint64_t number_of(struct slice ext);
/* small letters without accents; returns the length, KEY_SIZE - 16 at most */
size_t fold(char *out, struct slice s);

/* A row is built out of the ends of its cells (without their tabs) and its
 * text. */
static inline size_t
row_head(unsigned columns)
{
	return sizeof(uint16_t) * (columns + 1);
}

void row_build(
    void *to, const uint16_t *ends, unsigned columns, const char *text);

static inline uint16_t
row_end(const char *row, unsigned column)
{
	uint16_t end;

	memcpy(&end, row + sizeof end * (column + 1), sizeof end);
	return end;
}

/* The cells from the first to the last, and the tabs between them. */
static inline struct slice
row_cells(const MDB_val *row, unsigned first, unsigned last)
{
	const char *p = row->mv_data;
	uint16_t columns;
	size_t start = first ? row_end(p, first - 1) + 1u : 0;

	memcpy(&columns, p, sizeof columns);
	return (struct slice){
	    p + row_head(columns) + start, row_end(p, last) - start};
}

static inline struct slice
row_cell(const MDB_val *row, unsigned column)
{
	return row_cells(row, column, column);
}

struct slice row_text(const MDB_val *row);

struct out out_new(int keep);
/* room for n bytes, of which out->n is raised by what was used */
char *out_room(struct out *o, size_t n);
void out_put(struct out *o, const void *p, size_t n);
void out_line(struct out *o, struct slice s);
void out_flush(struct out *o);

/* the verbs; argv[0] is the first argument behind the verb */
int limit_load(int argc, char **argv);
/* the same with rows that are nothing but their text, for its size */
int limit_plain(int argc, char **argv);
int limit_children(int argc, char **argv);
int limit_tasks(int argc, char **argv);
int limit_add(int argc, char **argv);
int limit_get(int argc, char **argv);
int limit_scan(int argc, char **argv);
int limit_name(int argc, char **argv);
int limit_due(int argc, char **argv);
int limit_show(int argc, char **argv);
int limit_rfm(int argc, char **argv);
int limit_export(int argc, char **argv);
int limit_count(int argc, char **argv);

#endif
