/* SPDX-License-Identifier: ISC */
/* journal_read: the changes of a transaction or of a record, and a record as
 * it was. */
#include "base/num.h"
#include "store/priv.h"

/* A chunk that has changes of a record. */
struct place {
	uint64_t txn;
	uint32_t chunk;
};

struct journal {
	struct store *s;
	bool bare, backwards;
	struct id one; /* journal_of; num 0: all records of a transaction */
	struct place *places;
	size_t nplaces, cap, at;
	struct journal_head head;
	struct buf head_bytes;
	uint32_t chunks; /* of the transaction */
	struct place here;
	struct buf bytes; /* the chunk, copied: writing moves pages */
	struct journal_entry *entries;
	size_t nentries, entries_cap, next; /* next: how many are behind us */
	uint64_t in_run;		    /* ids of this run behind us */
	struct buf after;
	struct str after_bytes; /* of the last change; n = 0: none */
	/* No record from the first to before the second is mentioned. */
	struct id clear_from, clear_to;
	uint64_t clear_epoch, clear_moves;
};

enum crm_err
journal_open(struct journal **out, struct store *s, bool bare, struct diag *dg)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return diag_nomem(dg);
	(*out)->s = s;
	(*out)->bare = bare;
	return CRM_OK;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	free(j->places);
	free(j->entries);
	buf_clear(&j->head_bytes);
	buf_clear(&j->bytes);
	buf_clear(&j->after);
	free(j);
}

const struct journal_head *
journal_head(const struct journal *j)
{
	return &j->head;
}

/* ---- pieces ----------------------------------------------------------- */

/* Copies a piece behind its seal; *found is false when it is not there. */
static enum crm_err
piece_read(struct store *s, uint64_t txn, uint32_t chunk, struct buf *out,
    bool *found, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_JOURNAL, 0, 0);
	unsigned char key[JOURNAL_KEY];
	struct str k = {.p = (const char *)key, .n = JOURNAL_KEY}, sealed, v;
	enum crm_err err;

	buf_reset(out);
	if (!t)
		return diag_nomem(dg);
	journal_key(txn, chunk, key);
	err = table_get(s, t, k, &sealed, found, dg);
	if (err != CRM_OK || !*found)
		return err;
	if (!seal_check(t, k, sealed, &v))
		return env_damaged(s, "its journal", dg);
	buf_add(out, v);
	return out->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
not_kept(struct store *s, uint64_t txn, struct diag *dg)
{
	struct journal_state j;
	enum crm_err err = journal_state(s, &j, dg);

	if (err != CRM_OK)
		return err;
	if (j.first == 0)
		return diag_set(dg, CRM_NO,
		    "there is no transaction %llu: the journal is empty",
		    (unsigned long long)txn);
	return diag_set(dg, CRM_NO,
	    "there is no transaction %llu in the journal; it has %llu to %llu",
	    (unsigned long long)txn, (unsigned long long)j.first,
	    (unsigned long long)j.last);
}

static enum crm_err
head_read(struct journal *j, uint64_t txn, struct diag *dg)
{
	bool found;
	enum crm_err err;

	if (txn && j->head.txn == txn)
		return CRM_OK;
	j->head.txn = 0;
	err = piece_read(j->s, txn, 0, &j->head_bytes, &found, dg);
	if (err != CRM_OK)
		return err;
	if (!found)
		return not_kept(j->s, txn, dg);
	if (!journal_get_head(str_of(&j->head_bytes), &j->head, &j->chunks))
		return env_damaged(j->s, "its journal", dg);
	j->head.txn = txn;
	return CRM_OK;
}

static bool
entries_room(struct journal *j)
{
	size_t cap = j->entries_cap ? j->entries_cap * 2 : 64;
	struct journal_entry *v;

	if (j->nentries < j->entries_cap)
		return true;
	v = realloc(j->entries, cap * sizeof(*v));
	if (!v)
		return false;
	j->entries = v;
	j->entries_cap = cap;
	return true;
}

static enum crm_err
chunk_read(struct journal *j, struct place p, struct diag *dg)
{
	struct str rest;
	bool found;
	enum crm_err err;

	j->next = 0;
	j->in_run = 0;
	if (j->nentries && p.txn == j->here.txn && p.chunk == j->here.chunk)
		return CRM_OK; /* what was written never changes */
	err = piece_read(j->s, p.txn, p.chunk, &j->bytes, &found, dg);
	j->nentries = 0;
	if (err != CRM_OK)
		return err;
	if (!found)
		return env_damaged(j->s, "a piece of its journal is gone", dg);
	j->here = p;
	rest = str_of(&j->bytes);
	while (rest.n > 0) {
		if (!entries_room(j))
			return diag_nomem(dg);
		if (!journal_get(&rest, &j->entries[j->nentries++])) {
			j->nentries = j->next = 0; /* nothing of it is kept */
			return env_damaged(j->s, "its journal", dg);
		}
	}
	return CRM_OK;
}

/* ---- where the changes of a record are -------------------------------- */

static enum crm_err
place_add(struct journal *j, uint64_t txn, uint32_t chunk, struct diag *dg)
{
	if (j->nplaces == j->cap) {
		size_t cap = j->cap ? j->cap * 2 : 16;
		struct place *v = realloc(j->places, cap * sizeof(*v));

		if (!v)
			return diag_nomem(dg);
		j->places = v;
		j->cap = cap;
	}
	j->places[j->nplaces++] = (struct place){.txn = txn, .chunk = chunk};
	return CRM_OK;
}

/* A cursor on a table of the journal; NULL where there is no table. */
static enum crm_err
walk_open(
    struct store *s, enum table_type type, MDB_cursor **cur, struct diag *dg)
{
	struct table *t = table_of(s, type, 0, 0);
	MDB_txn *txn;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	*cur = NULL;
	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, cur);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "reading", dg);
}

static enum crm_err
walk_end(
    struct store *s, MDB_cursor *cur, int rc, enum crm_err err, struct diag *dg)
{
	if (cur)
		mdb_cursor_close(cur);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	return err;
}

/* The run that the record came from: its transaction (0: none) and chunks. */
static enum crm_err
run_find(struct store *s, struct id id, uint64_t *txn, uint32_t *from,
    uint32_t *to, struct diag *dg)
{
	unsigned char key[RUN_KEY];
	MDB_val k = {.mv_data = key, .mv_size = RUN_KEY}, v;
	MDB_cursor *cur;
	enum crm_err err = walk_open(s, TABLE_RUN, &cur, dg);
	int rc = MDB_NOTFOUND;

	*txn = 0;
	if (err != CRM_OK || !cur || id.tag != 0)
		return walk_end(s, cur, 0, err, dg);
	journal_run_key(id.kind, id.num - id.num % RUN_BLOCK, 0, 0, key);
	rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && *txn == 0 && k.mv_size == RUN_KEY && v.mv_size == 5 &&
	       memcmp(k.mv_data, key, 10) == 0) {
		const unsigned char *p = k.mv_data, *last = v.mv_data;
		unsigned low = (unsigned)(id.num % RUN_BLOCK);

		if (p[RUN_KEY - 1] <= low && low <= last[0]) {
			*txn = num_get64(p + 10);
			*from = num_get32(p + 18);
			*to = *from + num_get32(last + 1);
		}
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	return walk_end(s, cur, rc, err, dg);
}

/*
 * The first mention of ID from transaction FROM on; txn 0: none. *next is the
 * first record that is mentioned at all behind it (num 0: none of its kind).
 */
static enum crm_err
mention_find(struct store *s, struct id id, uint64_t from, struct place *out,
    struct id *next, struct diag *dg)
{
	unsigned char key[MENTION_KEY];
	MDB_val k = {.mv_data = key, .mv_size = MENTION_KEY}, v;
	MDB_cursor *cur;
	enum crm_err err = walk_open(s, TABLE_MENTION, &cur, dg);
	int rc = MDB_NOTFOUND;

	*out = (struct place){0};
	*next = (struct id){0};
	if (err != CRM_OK || !cur)
		return err;
	journal_mention_key(id, from, 0, key);
	rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	if (rc == 0 && k.mv_size == MENTION_KEY) {
		const unsigned char *p = k.mv_data;

		if (num_get16(p) == id.kind)
			*next = id_get(id.kind, p + 2);
		if (id_eq(*next, id))
			*out =
			    (struct place){.txn = num_get64(p + 2 + ID_BYTES),
				.chunk = num_get32(p + 10 + ID_BYTES)};
	}
	return walk_end(s, cur, rc, err, dg);
}

static enum crm_err
mentions_add(struct journal *j, uint64_t from, uint64_t to, struct diag *dg)
{
	unsigned char key[MENTION_KEY];
	MDB_val k = {.mv_data = key, .mv_size = MENTION_KEY}, v;
	MDB_cursor *cur;
	enum crm_err err = walk_open(j->s, TABLE_MENTION, &cur, dg);
	int rc;

	if (err != CRM_OK || !cur)
		return err;
	journal_mention_key(j->one, from, 0, key);
	rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && err == CRM_OK && k.mv_size == MENTION_KEY &&
	       memcmp(k.mv_data, key, 2 + ID_BYTES) == 0) {
		const unsigned char *p = k.mv_data;
		uint64_t txn = num_get64(p + 2 + ID_BYTES);

		if (txn > to)
			break;
		err = place_add(j, txn, num_get32(p + 10 + ID_BYTES), dg);
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	return walk_end(j->s, cur, rc, err, dg);
}

/* The chunks of its run come before all mentions but may share the last one
 * with the first of them. */
static enum crm_err
places_find(struct journal *j, uint64_t from, uint64_t to, struct diag *dg)
{
	uint64_t txn;
	uint32_t first = 0, last = 0;
	size_t runs, n;
	enum crm_err err = run_find(j->s, j->one, &txn, &first, &last, dg);

	j->nplaces = 0;
	if (err == CRM_OK && txn != 0 && txn >= from && txn <= to) {
		err = head_read(j, txn, dg);
		if (last > j->chunks)
			last = j->chunks;
		for (; err == CRM_OK && first <= last; first++)
			err = place_add(j, txn, first, dg);
	}
	runs = j->nplaces;
	if (err == CRM_OK)
		err = mentions_add(j, from, to, dg);
	if (err != CRM_OK || runs == 0)
		return err;
	for (n = runs; n < j->nplaces; n++)
		if (j->places[n].txn != txn || j->places[n].chunk > last)
			break;
	memmove(j->places + runs, j->places + n,
	    (j->nplaces - n) * sizeof(*j->places));
	j->nplaces -= n - runs;
	return CRM_OK;
}

/* ---- walking ---------------------------------------------------------- */

enum crm_err
journal_txn(struct journal *j, uint64_t txn, bool backwards, struct diag *dg)
{
	enum crm_err err;

	j->one = (struct id){0};
	j->next = j->nentries; /* behind what is still in memory */
	j->at = 0;
	j->backwards = backwards;
	err = head_read(j, txn, dg);
	j->nplaces = err == CRM_OK ? j->chunks : 0;
	return err;
}

enum crm_err
journal_of(struct journal *j, struct id id, uint64_t from, uint64_t to,
    bool backwards, struct diag *dg)
{
	struct journal_state state;
	enum crm_err err = journal_state(j->s, &state, dg);

	j->one = id;
	j->next = j->nentries;
	j->at = 0;
	j->nplaces = 0;
	j->backwards = backwards;
	/* A transaction on its way out may still be found by its records. */
	if (err != CRM_OK || state.first == 0)
		return err;
	return places_find(j, from > state.first ? from : state.first, to, dg);
}

/* The next chunk; *got is false behind the last one. */
static enum crm_err
chunk_next(struct journal *j, bool *got, struct diag *dg)
{
	size_t at = j->backwards ? j->nplaces - 1 - j->at : j->at;
	struct place p;
	enum crm_err err = CRM_OK;

	*got = j->at < j->nplaces;
	if (!*got)
		return CRM_OK;
	j->at++;
	if (j->one.num) {
		p = j->places[at];
		err = head_read(j, p.txn, dg);
	} else {
		p = (struct place){
		    .txn = j->head.txn, .chunk = (uint32_t)at + 1};
	}
	return err == CRM_OK ? chunk_read(j, p, dg) : err;
}

static bool
in_run(const struct journal_entry *e, struct id id)
{
	return e->id.kind == id.kind && id.tag == 0 && id.num >= e->id.num &&
	       id.num - e->id.num < e->count;
}

/* The id that this entry is about for us, and whether it is about any. */
static bool
entry_step(struct journal *j, const struct journal_entry *e, struct id *id)
{
	uint64_t n = j->in_run++;

	if (j->one.num) {
		*id = j->one;
		j->next++;
		j->in_run = 0;
		return e->op == ENTRY_RUN ? in_run(e, *id) : id_eq(e->id, *id);
	}
	*id = e->id;
	id->num += j->backwards ? e->count - 1 - n : n;
	if (j->in_run == e->count) {
		j->next++;
		j->in_run = 0;
	}
	return true;
}

/* ---- rows ------------------------------------------------------------- */

static enum crm_err
row_of(struct store *s, struct str bytes, struct row *out, struct diag *dg)
{
	return row_open(bytes, out) ? CRM_OK
				    : env_damaged(s, "its journal", dg);
}

/* The row before the change of ID that comes first in a chunk: none where it
 * was created there. */
static enum crm_err
row_before(struct store *s, struct id id, struct place p, struct buf *hold,
    bool *there, struct diag *dg)
{
	struct journal_entry e;
	struct buf bytes = {0};
	struct str rest;
	bool found;
	enum crm_err err = piece_read(s, p.txn, p.chunk, &bytes, &found, dg);

	*there = false;
	rest = str_of(&bytes);
	while (err == CRM_OK && rest.n > 0) {
		if (!journal_get(&rest, &e)) {
			err = env_damaged(s, "its journal", dg);
			break;
		}
		if (e.op == ENTRY_RUN || !id_eq(e.id, id))
			continue;
		*there = e.op != ENTRY_CREATE;
		buf_add(hold, e.before);
		break;
	}
	if (err == CRM_OK && !found)
		err = env_damaged(s, "a piece of its journal is gone", dg);
	if (err == CRM_OK && hold->failed)
		err = diag_nomem(dg);
	buf_clear(&bytes);
	return err;
}

/* The record now, copied. */
static enum crm_err
row_now(struct store *s, struct id id, struct buf *hold, bool *there,
    struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RECORD, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES}, sealed, bytes;
	struct record r;
	enum crm_err err;

	id_put(id, key);
	err = table_get(s, t, k, &sealed, there, dg);
	if (err != CRM_OK || !*there)
		return err;
	if (!seal_check(t, k, sealed, &bytes))
		return record_decode(s, NULL, id, sealed, &r, dg);
	buf_add(hold, bytes);
	return hold->failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
journal_row(struct store *s, struct id id, uint64_t txn, struct buf *hold,
    struct row *out, bool *there, struct diag *dg)
{
	struct journal_state j;
	struct place p;
	struct id next;
	uint64_t run;
	uint32_t from, to;
	enum crm_err err = journal_state(s, &j, dg);

	*there = false;
	*out = (struct row){0};
	buf_reset(hold);
	if (err == CRM_OK && txn < j.last &&
	    (j.first == 0 || txn + 1 < j.first))
		return diag_set(dg, CRM_NO,
		    "the journal begins with transaction %llu: what was "
		    "before is not kept",
		    (unsigned long long)j.first);
	if (err == CRM_OK)
		err = run_find(s, id, &run, &from, &to, dg);
	if (err != CRM_OK || run > txn)
		return err;
	err = mention_find(s, id, txn + 1, &p, &next, dg);
	if (err == CRM_OK)
		err = p.txn ? row_before(s, id, p, hold, there, dg)
			    : row_now(s, id, hold, there, dg);
	return err == CRM_OK && *there ? row_of(s, str_of(hold), out, dg) : err;
}

/* Is the record known not to be mentioned, from the last look? */
static bool
is_clear(const struct journal *j, struct id id)
{
	return j->clear_epoch == j->s->epoch && j->clear_moves == j->s->moves &&
	       j->clear_from.num && j->clear_from.kind == id.kind &&
	       id.num >= j->clear_from.num && id.num < j->clear_to.num;
}

/* What a record of a run held at first: what its first mention says was there
 * before, or it was never changed. */
static enum crm_err
run_row(struct journal *j, struct id id, struct row *out, struct diag *dg)
{
	struct place p = {0};
	struct id next;
	bool there = true;
	enum crm_err err = CRM_OK;

	buf_reset(&j->after);
	if (!is_clear(j, id)) {
		err = mention_find(j->s, id, j->here.txn, &p, &next, dg);
		if (next.num == 0)
			next.num = UINT64_MAX;
		j->clear_from = p.txn ? (struct id){0} : id;
		j->clear_to = next;
		j->clear_epoch = j->s->epoch;
		j->clear_moves = j->s->moves;
	}
	if (err == CRM_OK)
		err = p.txn ? row_before(j->s, id, p, &j->after, &there, dg)
			    : row_now(j->s, id, &j->after, &there, dg);
	if (err == CRM_OK && !there)
		err =
		    env_damaged(j->s, "a record its journal knows is gone", dg);
	return err == CRM_OK ? row_of(j->s, str_of(&j->after), out, dg) : err;
}

static enum crm_err
change_rows(struct journal *j, const struct journal_entry *e, struct id id,
    struct journal_change *out, struct diag *dg)
{
	switch (e->op) {
	case ENTRY_RUN:
		if (j->bare)
			return CRM_OK;
		return run_row(j, id, &out->after, dg);
	case ENTRY_CREATE:
		if (j->bare)
			return CRM_OK;
		j->after_bytes = e->after;
		return row_of(j->s, e->after, &out->after, dg);
	case ENTRY_DELETE:
		return row_of(j->s, e->before, &out->before, dg);
	case ENTRY_UPDATE:
		break;
	}
	buf_reset(&j->after);
	if (!journal_after(e, &j->after))
		return env_damaged(j->s, "its journal", dg);
	j->after_bytes = str_of(&j->after);
	if (j->after.failed)
		return diag_nomem(dg);
	if (row_of(j->s, e->before, &out->before, dg) != CRM_OK)
		return dg->code;
	return row_of(j->s, j->after_bytes, &out->after, dg);
}

static enum crm_err
change_of(struct journal *j, const struct journal_entry *e, struct id id,
    struct journal_change *out, struct diag *dg)
{
	enum crm_err err;

	*out = (struct journal_change){.op = CHANGE_CREATE, .id = id};
	if (e->op == ENTRY_UPDATE)
		out->op = CHANGE_UPDATE;
	if (e->op == ENTRY_DELETE)
		out->op = CHANGE_DELETE;
	j->after_bytes = (struct str){0};
	err = change_rows(j, e, id, out, dg);
	if (e->op == ENTRY_RUN && !j->bare)
		j->after_bytes = str_of(&j->after);
	return err;
}

struct str
journal_bytes(const struct journal *j)
{
	return j->after_bytes;
}

enum crm_err
journal_next(
    struct journal *j, struct journal_change *out, bool *got, struct diag *dg)
{
	struct id id;
	enum crm_err err;

	*got = true;
	for (;;) {
		const struct journal_entry *e;

		while (j->next == j->nentries) {
			err = chunk_next(j, got, dg);
			if (err != CRM_OK || !*got)
				return err;
		}
		e = &j->entries[j->backwards ? j->nentries - 1 - j->next
					     : j->next];
		if (entry_step(j, e, &id))
			return change_of(j, e, id, out, dg);
	}
}

/* ---- by time ---------------------------------------------------------- */

enum crm_err
journal_at(struct store *s, int64_t time, uint64_t *txn, struct diag *dg)
{
	struct journal j = {.s = s};
	struct journal_state state;
	uint64_t lo, hi;
	enum crm_err err = journal_state(s, &state, dg);

	*txn = 0;
	if (err != CRM_OK || state.first == 0)
		return err;
	/* The newest one not later than TIME lies in lo - 1 .. hi - 1. */
	lo = state.first;
	hi = state.last + 1;
	while (err == CRM_OK && lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		err = head_read(&j, mid, dg);
		if (err == CRM_OK && j.head.time <= time)
			lo = mid + 1;
		else
			hi = mid;
	}
	buf_clear(&j.head_bytes);
	*txn = lo - 1;
	if (err == CRM_OK && *txn < state.first && state.first > 1)
		err = diag_set(dg, CRM_NO,
		    "the journal begins with transaction %llu, which is "
		    "later",
		    (unsigned long long)state.first);
	return err;
}
