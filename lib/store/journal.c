/* SPDX-License-Identifier: ISC */
/*
 * journal: writes what each transaction did, in that transaction, and lets
 * go of what need not be kept.
 *
 * Two tables find the changes of one record. A mention (kind, id, transaction,
 * chunk) stands for a change that the journal holds in full; a run (kind,
 * block of 256 ids, transaction, chunk, first -> last) for new ids of a bulk
 * load: one entry where a mention for each would cost as much as the load. A
 * run only holds ids that were never used before, so it comes before every
 * mention of its ids.
 */
#include "base/num.h"
#include "store/priv.h"

#include <errno.h>

enum {
	/* Fills four pages of LMDB with their head. */
	CHUNK_BYTES = 4 * 4096 - 16 - SEAL_BYTES,
	PRUNE_CHUNKS = 4, /* at each commit */
	STATE_BYTES = 25,
	FLAG_GIT = 1,
	FLAG_EAGER = 2,
	FLAG_OFF = 4
};

/* Ids of one kind that go on, within one block. */
struct span {
	uint64_t first, last; /* 0: none */
	uint32_t from;	      /* chunk that has the first */
};

struct journal_writer {
	uint64_t txn;
	bool off;
	uint32_t chunk; /* being filled, from 1 */
	uint64_t changes;
	struct buf bytes, sealed; /* of the chunk */
	struct id run;		  /* ids of a run not yet in it; num 0: none */
	uint64_t count;
	struct span *spans; /* of each kind; NULL: no run yet */
};

/* ---- settings --------------------------------------------------------- */

static const char *const key_state = "journal";

static enum crm_err
settings(struct store *s, struct journal_state *out, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	struct str key = str_from(key_state), sealed, v;
	const unsigned char *p;
	bool found;
	enum crm_err err = table_get(s, meta, key, &sealed, &found, dg);

	*out = (struct journal_state){0};
	if (err != CRM_OK || !found)
		return err;
	if (!seal_check(meta, key, sealed, &v) || v.n != STATE_BYTES)
		return env_damaged(s, "the settings of its journal", dg);
	p = (const unsigned char *)v.p;
	out->git = p[0] & FLAG_GIT;
	out->eager = p[0] & FLAG_EAGER;
	out->off = p[0] & FLAG_OFF;
	out->keep = num_get64(p + 1);
	out->drained = num_get64(p + 9);
	out->last = num_get64(p + 17);
	return CRM_OK;
}

/* The number of the first or last transaction in the table; 0: empty. */
static enum crm_err
end_of(struct store *s, MDB_cursor_op op, uint64_t *txn, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_JOURNAL, 0, 0);
	MDB_cursor *cur = NULL;
	MDB_txn *in;
	MDB_val k, v;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	*txn = 0;
	if (err == CRM_OK)
		err = env_read(s, &in, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(in, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, op);
	/* Pieces without a head are on their way out. */
	while (rc == 0 && op == MDB_FIRST && k.mv_size == JOURNAL_KEY &&
	       num_get32((unsigned char *)k.mv_data + 8) != 0) {
		unsigned char next[JOURNAL_KEY];

		journal_key(num_get64(k.mv_data) + 1, 0, next);
		k = (MDB_val){.mv_data = next, .mv_size = JOURNAL_KEY};
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	}
	if (rc == 0 && k.mv_size == JOURNAL_KEY)
		*txn = num_get64(k.mv_data);
	if (cur)
		mdb_cursor_close(cur);
	return rc == 0 || rc == MDB_NOTFOUND ? CRM_OK
					     : env_fail(s, rc, "reading", dg);
}

enum crm_err
journal_state(struct store *s, struct journal_state *out, struct diag *dg)
{
	uint64_t last = 0;
	enum crm_err err;

	*out = (struct journal_state){0};
	if (!s->env)
		return CRM_OK;
	err = settings(s, out, dg);
	if (err == CRM_OK)
		err = end_of(s, MDB_FIRST, &out->first, dg);
	if (err == CRM_OK)
		err = end_of(s, MDB_LAST, &last, dg);
	if (last > out->last)
		out->last = last;
	return err;
}

static enum crm_err
forget_all(struct store *s, struct diag *dg)
{
	static const enum table_type types[] = {
	    TABLE_JOURNAL, TABLE_MENTION, TABLE_RUN};
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < ARRAY_LEN(types) && err == CRM_OK; i++)
		err = table_empty(s, table_of(s, types[i], 0, 0), dg);
	return err;
}

static enum crm_err
state_put(struct store *s, const struct journal_state *j, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char bytes[STATE_BYTES];
	struct buf sealed = {0};
	enum crm_err err;

	bytes[0] = (unsigned char)((j->git ? FLAG_GIT : 0) |
				   (j->eager ? FLAG_EAGER : 0) |
				   (j->off ? FLAG_OFF : 0));
	num_put64(bytes + 1, j->keep);
	num_put64(bytes + 9, j->drained);
	num_put64(bytes + 17, j->last);
	if (!meta)
		return diag_nomem(dg);
	seal_put(meta, str_from(key_state),
	    (struct str){.p = (const char *)bytes, .n = STATE_BYTES}, &sealed);
	err = sealed.failed ? diag_nomem(dg)
			    : table_put(s, meta, str_from(key_state),
				  str_of(&sealed), dg);
	buf_clear(&sealed);
	return err;
}

enum crm_err
journal_configure(
    struct store *s, const struct journal_state *j, struct diag *dg)
{
	struct journal_state now, next = *j;
	enum crm_err err;

	if (!s->wtxn || s->journal)
		return diag_set(dg, CRM_BUG, "settings in a transaction");
	err = journal_state(s, &now, dg);
	if (next.last < now.last)
		next.last = now.last;
	if (err == CRM_OK && next.off && !now.off)
		err = forget_all(s, dg);
	return err == CRM_OK ? state_put(s, &next, dg) : err;
}

/* ---- what is filed ---------------------------------------------------- */

void
journal_key(uint64_t txn, uint32_t chunk, unsigned char out[JOURNAL_KEY])
{
	num_put64(out, txn);
	num_put32(out + 8, chunk);
}

void
journal_mention_key(
    struct id id, uint64_t txn, uint32_t chunk, unsigned char out[MENTION_KEY])
{
	num_put16(out, id.kind);
	id_put(id, out + 2);
	journal_key(txn, chunk, out + 2 + ID_BYTES);
}

void
journal_run_key(uint16_t kind, uint64_t first, uint64_t txn, uint32_t chunk,
    unsigned char out[RUN_KEY])
{
	num_put16(out, kind);
	num_put64(out + 2, first / RUN_BLOCK);
	journal_key(txn, chunk, out + 10);
	out[10 + JOURNAL_KEY] = (unsigned char)(first % RUN_BLOCK);
}

static enum crm_err
file_key(struct store *s, enum table_type type, const unsigned char *key,
    size_t n, struct str value, struct diag *dg)
{
	struct table *t = table_of(s, type, 0, 0);
	struct str k = {.p = (const char *)key, .n = n};

	if (!t)
		return diag_nomem(dg);
	return s->bulk ? pending_add(s, t, k, value, false, dg)
		       : table_put(s, t, k, value, dg);
}

/* ---- writing ---------------------------------------------------------- */

static enum crm_err
start(struct store *s, struct diag *dg)
{
	struct journal_state j;
	enum crm_err err = journal_state(s, &j, dg);

	if (err != CRM_OK)
		return err;
	s->journal = calloc(1, sizeof(*s->journal));
	if (!s->journal)
		return diag_nomem(dg);
	s->journal->off = j.off;
	s->journal->txn = j.last + 1;
	s->journal->chunk = 1;
	return CRM_OK;
}

void
journal_drop(struct store *s)
{
	if (!s->journal)
		return;
	buf_clear(&s->journal->bytes);
	buf_clear(&s->journal->sealed);
	free(s->journal->spans);
	free(s->journal);
	s->journal = NULL;
}

static enum crm_err
put_chunk(struct store *s, uint32_t chunk, struct str bytes, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	struct table *t = table_of(s, TABLE_JOURNAL, 0, 0);
	unsigned char key[JOURNAL_KEY];
	struct str k = {.p = (const char *)key, .n = JOURNAL_KEY};

	if (!t)
		return diag_nomem(dg);
	journal_key(w->txn, chunk, key);
	buf_reset(&w->sealed);
	seal_put(t, k, bytes, &w->sealed);
	if (w->sealed.failed)
		return diag_nomem(dg);
	return table_put(s, t, k, str_of(&w->sealed), dg);
}

static enum crm_err
close_chunk(struct store *s, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	enum crm_err err;

	if (w->bytes.failed)
		return diag_nomem(dg);
	if (w->bytes.n == 0)
		return CRM_OK;
	err = put_chunk(s, w->chunk, str_of(&w->bytes), dg);
	w->chunk++;
	buf_reset(&w->bytes);
	return err;
}

static enum crm_err
close_run(struct store *s, struct diag *dg)
{
	struct journal_writer *w = s->journal;

	if (w->run.num == 0)
		return CRM_OK;
	journal_put_run(&w->bytes, w->run, w->count);
	w->run.num = 0;
	return w->bytes.n > CHUNK_BYTES ? close_chunk(s, dg) : CRM_OK;
}

static enum crm_err
close_span(struct store *s, uint16_t kind, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	struct span *sp = &w->spans[kind];
	unsigned char key[RUN_KEY], value[5];
	uint32_t last = w->chunk;

	if (sp->first == 0)
		return CRM_OK;
	journal_run_key(kind, sp->first, w->txn, sp->from, key);
	/* The chunk under way may end up empty: then there is none. */
	if (w->bytes.n == 0 && w->run.num == 0)
		last--;
	value[0] = (unsigned char)(sp->last % RUN_BLOCK);
	num_put32(value + 1, last - sp->from);
	sp->first = 0;
	return file_key(s, TABLE_RUN, key, RUN_KEY,
	    (struct str){.p = (const char *)value, .n = sizeof(value)}, dg);
}

/* A new id of a bulk load. */
static enum crm_err
add_run(struct store *s, struct id id, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	struct span *sp;
	enum crm_err err = CRM_OK;

	if (!w->spans)
		w->spans = calloc(KIND_LIMIT, sizeof(*w->spans));
	if (!w->spans)
		return diag_nomem(dg);
	sp = &w->spans[id.kind];
	if (sp->first && (sp->last + 1 != id.num || id.num % RUN_BLOCK == 0))
		err = close_span(s, id.kind, dg);
	if (w->run.num && w->run.kind == id.kind &&
	    w->run.num + w->count == id.num) {
		w->count++;
	} else if (err == CRM_OK) {
		err = close_run(s, dg);
		w->run = id;
		w->count = 1;
	}
	/* The run itself may end up in this chunk at the earliest. */
	if (sp->first == 0)
		*sp = (struct span){.first = id.num, .from = w->chunk};
	sp->last = id.num;
	return err;
}

static enum crm_err
add_full(struct store *s, const struct change *c, struct str before,
    struct str after, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	struct scratch *x = s->scratch;
	unsigned char key[MENTION_KEY];
	size_t room = before.n + after.n;
	enum crm_err err = close_run(s, dg);

	if (err == CRM_OK && w->bytes.n > 0 && w->bytes.n + room > CHUNK_BYTES)
		err = close_chunk(s, dg);
	if (err != CRM_OK)
		return err;
	if (c->op == CHANGE_UPDATE)
		journal_put_update(&w->bytes, c->id, before, x->olds, x->values,
		    c->kind->nslots);
	else if (c->op == CHANGE_CREATE)
		journal_put_row(&w->bytes, ENTRY_CREATE, c->id, after);
	else
		journal_put_row(&w->bytes, ENTRY_DELETE, c->id, before);
	journal_mention_key(c->id, w->txn, w->chunk, key);
	return file_key(
	    s, TABLE_MENTION, key, MENTION_KEY, (struct str){0}, dg);
}

enum crm_err
journal_add(struct store *s, const struct change *c, bool unused,
    struct str before, struct str after, struct diag *dg)
{
	enum crm_err err = s->journal ? CRM_OK : start(s, dg);

	if (err != CRM_OK || s->journal->off)
		return err;
	s->journal->changes++;
	if (c->op == CHANGE_CREATE && s->bulk && unused && c->id.tag == 0)
		return add_run(s, c->id, dg);
	return add_full(s, c, before, after, dg);
}

enum crm_err
journal_finish(struct store *s, struct diag *dg)
{
	struct journal_writer *w = s->journal;
	struct journal_head head;
	struct buf bytes = {0};
	bool more;
	enum crm_err err;

	if (!w || w->off)
		return CRM_OK;
	err = close_run(s, dg);
	for (uint16_t k = 0; w->spans && k < KIND_LIMIT && !err; k++)
		err = close_span(s, k, dg);
	if (err == CRM_OK)
		err = close_chunk(s, dg);
	if (err != CRM_OK)
		return err;
	head = (struct journal_head){.txn = w->txn,
	    .time = s->origin.time,
	    .user = s->origin.user,
	    .command = s->origin.command,
	    .reason = s->origin.reason,
	    .changes = w->changes};
	journal_put_head(&bytes, &head, w->chunk - 1);
	err =
	    bytes.failed ? diag_nomem(dg) : put_chunk(s, 0, str_of(&bytes), dg);
	buf_clear(&bytes);
	return err == CRM_OK ? journal_prune(s, PRUNE_CHUNKS, &more, dg) : err;
}

/* ---- letting go ------------------------------------------------------- */

static enum crm_err
unfile_run(struct store *s, const struct journal_entry *e, uint64_t txn,
    struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RUN, 0, 0);
	uint64_t block = e->id.num / RUN_BLOCK;
	uint64_t end = (e->id.num + e->count - 1) / RUN_BLOCK;
	MDB_cursor *cur = NULL;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);
	for (; rc == 0 && block <= end; block++) {
		unsigned char key[RUN_KEY];
		MDB_val k = {.mv_data = key, .mv_size = RUN_KEY}, v;

		journal_run_key(e->id.kind, block * RUN_BLOCK, txn, 0, key);
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
		while (rc == 0 && k.mv_size == RUN_KEY &&
		       memcmp(k.mv_data, key, 18) == 0) {
			rc = mdb_cursor_del(cur, 0);
			if (rc == 0)
				rc = mdb_cursor_get(
				    cur, &k, &v, MDB_GET_CURRENT);
		}
		if (rc == MDB_NOTFOUND || rc == EINVAL)
			rc = 0;
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

/* Takes the entries of a chunk out of the tables that find them. */
static enum crm_err
unfile(struct store *s, uint64_t txn, uint32_t chunk, struct str bytes,
    struct diag *dg)
{
	struct journal_entry e;
	enum crm_err err = CRM_OK;

	while (bytes.n > 0 && err == CRM_OK) {
		unsigned char key[MENTION_KEY];

		if (!journal_get(&bytes, &e))
			return env_damaged(s, "its journal", dg);
		if (e.op == ENTRY_RUN) {
			err = unfile_run(s, &e, txn, dg);
			continue;
		}
		journal_mention_key(e.id, txn, chunk, key);
		err = table_del(s, table_of(s, TABLE_MENTION, 0, 0),
		    (struct str){.p = (const char *)key, .n = MENTION_KEY}, dg);
	}
	return err;
}

/* Transactions below this one may go. */
static uint64_t
floor_of(const struct journal_state *j)
{
	uint64_t keep = j->keep ? j->keep : JOURNAL_KEEP_MIN;
	uint64_t floor = j->last > keep ? j->last - keep + 1 : 1;

	if (!j->git)
		return j->keep ? floor : 0;
	return floor <= j->drained ? floor : j->drained + 1;
}

/* Removes the first piece of the journal; a head goes before its pieces, so
 * that no reader finds a transaction without them. */
static enum crm_err
prune_one(struct store *s, uint64_t floor, bool *done, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_JOURNAL, 0, 0);
	struct buf copy = {0};
	struct str key, bytes;
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	enum crm_err err = CRM_OK;
	int rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);

	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	if (rc == 0 && k.mv_size != JOURNAL_KEY)
		err = env_damaged(s, "its journal", dg);
	*done = rc == MDB_NOTFOUND || err != CRM_OK ||
		(rc == 0 && num_get64(k.mv_data) >= floor);
	if (rc == 0 && !*done) {
		buf_add(&copy, seal_str(k));
		buf_add(&copy, seal_str(v));
		rc = mdb_cursor_del(cur, 0);
	}
	if (cur)
		mdb_cursor_close(cur);
	if (rc == 0 && !*done && copy.failed)
		err = diag_nomem(dg);
	else if (rc == 0 && !*done &&
		 num_get32((unsigned char *)copy.p + 8) != 0) {
		key = str_head(str_of(&copy), JOURNAL_KEY);
		if (!seal_check(t, key,
			str_from_pos(str_of(&copy), JOURNAL_KEY), &bytes))
			err = env_damaged(s, "its journal", dg);
		else
			err = unfile(s, num_get64((unsigned char *)copy.p),
			    num_get32((unsigned char *)copy.p + 8), bytes, dg);
	}
	buf_clear(&copy);
	return rc == 0 || rc == MDB_NOTFOUND ? err
					     : env_fail(s, rc, "writing", dg);
}

enum crm_err
journal_prune(struct store *s, unsigned chunks, bool *more, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_JOURNAL, 0, 0);
	struct journal_state j;
	uint64_t floor;
	bool there, done = false;
	enum crm_err err = journal_state(s, &j, dg);

	*more = false;
	floor = floor_of(&j);
	if (err == CRM_OK)
		err = table_open(s, t, &there, dg);
	if (err != CRM_OK || !there || floor < 2)
		return err;
	while (err == CRM_OK && !done && chunks-- > 0)
		err = prune_one(s, floor, &done, dg);
	*more = !done;
	return err;
}
