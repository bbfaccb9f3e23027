/* SPDX-License-Identifier: ISC */
/* pointers: what an index of references says of some records, read backwards
 * in blocks whose checksums are made side by side. */
#include "base/num.h"
#include "store/ahead.h"

/* Where the parts of a key stand. */
enum {
	CLASS_AT = 2 + ID_BYTES,
	PREFIX_BYTES = CLASS_AT + 1,
	ID_AT = REF_BYTES - ID_BYTES
};

/* A walk over those of one target and class. */
struct walk {
	struct store *s;
	const struct store_pointers *what;
	struct table *table;
	MDB_cursor *cur;
	unsigned char prefix[PREFIX_BYTES];
	bool sealed; /* the entries have values */
	bool covered;
	struct ahead ahead;
	struct pointer found[AHEAD_MAX];
};

/* Amounts and covers have a seal; other entries are keys only. */
static bool
has_values(struct store *s, const struct store_pointers *what)
{
	return what->kind == KIND_ORDER || what->kind == KIND_DEAL ||
	       (what->kind == KIND_ACTIVITY &&
		   what->slot == roles_of(s, KIND_ACTIVITY)->contact);
}

/* To the last entry of the range; MDB_NOTFOUND when nothing stands there. */
static int
walk_seek(struct walk *w, MDB_val *key, MDB_val *value)
{
	unsigned char behind[PREFIX_BYTES];
	int rc;

	memcpy(behind, w->prefix, PREFIX_BYTES);
	behind[CLASS_AT]++;
	*key = (MDB_val){.mv_size = PREFIX_BYTES, .mv_data = behind};
	rc = mdb_cursor_get(w->cur, key, value, MDB_SET_RANGE);
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(w->cur, key, value, MDB_LAST);
	return rc ? rc : mdb_cursor_get(w->cur, key, value, MDB_PREV);
}

static bool
in_range(const struct walk *w, struct str key)
{
	return key.n >= PREFIX_BYTES &&
	       memcmp(key.p, w->prefix, PREFIX_BYTES) == 0;
}

/* LMDB has a value of this size right behind its key; were it anywhere else, it
 * would be as if there were none. */
static struct pointer
pointer_make(struct str key, struct str sealed)
{
	struct pointer p = {.key = (const void *)key.p};
	uintptr_t off = (uintptr_t)sealed.p - (uintptr_t)key.p + SEAL_BYTES;

	if (sealed.n > SEAL_BYTES && off <= UINT16_MAX) {
		p.cover = (uint32_t)off;
		p.ncover = (uint32_t)sealed.n - SEAL_BYTES;
	}
	return p;
}

/* The pointers of what was taken ahead; *n are of the range. */
static enum crm_err
block_read(struct walk *w, size_t *n, struct diag *dg)
{
	struct ahead *a = &w->ahead;
	uint64_t good = UINT64_MAX;
	unsigned i;

	if (w->sealed)
		good = seal_check_each(
		    w->table, REF_BYTES, a->keys, a->sealed, a->n);
	for (i = 0; i < a->n && in_range(w, a->keys[i]); i++) {
		if (a->keys[i].n != REF_BYTES || !(good >> i & 1))
			return env_damaged(w->s, "an entry of an index", dg);
		w->found[i] = pointer_make(
		    a->keys[i], w->covered ? a->sealed[i] : (struct str){0});
	}
	*n = i;
	return CRM_OK;
}

/* At most LIMIT entries of the range, the last one first. */
static enum crm_err
walk_run(struct walk *w, size_t limit, struct diag *dg)
{
	MDB_val key, value;
	int rc = walk_seek(w, &key, &value);
	size_t n = 0;
	enum crm_err err = CRM_OK;

	w->ahead.room = 0;
	while (!err && rc == 0 && limit > 0) {
		ahead_fill(&w->ahead, w->cur, MDB_PREV, key, value,
		    w->s->wtxn || limit == 1);
		rc = w->ahead.rc;
		err = block_read(w, &n, dg);
		if (n < w->ahead.n)
			rc = MDB_NOTFOUND;
		if (n > limit)
			n = limit;
		limit -= n;
		if (!err && n > 0 && !w->what->take(w->what->arg, w->found, n))
			err = diag_nomem(dg);
		if (rc == 0 && limit > 0)
			rc = mdb_cursor_get(w->cur, &key, &value, MDB_PREV);
	}
	return err || rc == 0 || rc == MDB_NOTFOUND
		   ? err
		   : env_fail(w->s, rc, "reading", dg);
}

static enum crm_err
target_read(struct walk *w, struct id target, struct diag *dg)
{
	enum crm_err err;

	num_put16(w->prefix, target.kind);
	id_put(target, w->prefix + 2);
	w->prefix[CLASS_AT] = REF_OPEN;
	err = walk_run(w, w->what->limit, dg);
	w->prefix[CLASS_AT] = REF_CLOSED;
	if (!err && !w->what->open_only)
		err = walk_run(w, w->what->limit, dg);
	return err;
}

static enum crm_err
targets_read(struct walk *w, struct diag *dg)
{
	MDB_txn *txn;
	enum crm_err err = env_read(w->s, &txn, dg);
	int rc;

	if (err)
		return err;
	rc = mdb_cursor_open(txn, w->table->dbi, &w->cur);
	if (rc != 0)
		return env_fail(w->s, rc, "reading", dg);
	for (size_t i = 0; !err && i < w->what->ntargets; i++)
		err = target_read(w, w->what->targets[i], dg);
	mdb_cursor_close(w->cur);
	return err;
}

enum crm_err
store_pointers(
    struct store *s, const struct store_pointers *what, struct diag *dg)
{
	struct walk w = {.s = s,
	    .what = what,
	    .table = table_of(s, TABLE_REFS, what->kind, what->slot),
	    .sealed = has_values(s, what)};
	bool there = false;
	enum crm_err err = CRM_OK;

	w.covered = w.sealed && what->kind == KIND_ACTIVITY;
	if (!w.table)
		return diag_nomem(dg);
	if (s->wtxn)
		err = pending_flush(s, w.table, dg);
	if (!err)
		err = table_open(s, w.table, &there, dg);
	return err || !there ? err : targets_read(&w, dg);
}

struct id
pointer_id(const struct pointer *p, uint16_t kind)
{
	return id_get(kind, p->key + ID_AT);
}

struct ref_time
pointer_time(const struct pointer *p)
{
	return key_time_number(p->key + PREFIX_BYTES);
}

int
pointer_cmp(const struct pointer *a, const struct pointer *b)
{
	return memcmp(a->key + PREFIX_BYTES, b->key + PREFIX_BYTES,
	    TIME_BYTES + ID_BYTES);
}

bool
pointer_cover(const struct pointer *p, struct str out[COVER_VALUES])
{
	struct str cover = {(const char *)p->key + p->cover, p->ncover};

	return cover_split(cover, out);
}
