/* SPDX-License-Identifier: ISC */
/* tally: an index of references is cut into parts by target; one thread takes
 * them from the front, the other from the back, until they meet. */
#include "base/num.h"
#include "store/ahead.h"
#include "store/aid.h"

#include <pthread.h>
#include <unistd.h>

enum {
	PAYS = 4 * 1000 * 1000, /* bytes of a table for a second thread */
	TARGET_BYTES = 2 + ID_BYTES,
	SUM_BYTES = SEAL_BYTES + 1 + DECIMAL_BYTES
};

struct tally;

/* What a thread has for itself. */
struct counter {
	struct tally *tally;
	void *arg;
	bool back; /* takes parts from the back */
	MDB_txn *txn;
	MDB_cursor *cur;
	struct ahead ahead;
	struct ref_sum sums[AHEAD_MAX];
	uint64_t seen; /* entries */
	int rc;	       /* why it came no further: what LMDB said, */
	bool bad;      /* an entry is damaged, */
	bool full;     /* or who takes them had no memory */
};

struct tally {
	struct store *s;
	const struct store_tally *what;
	struct table *table;
	uint16_t kind; /* of the targets; 0 where they are of several */
	uint64_t size; /* numbers in a part */
	unsigned nparts;
	bool two;
	pthread_t thread;
	struct counter counters[2];
	atomic_uint_fast64_t rest; /* see parts_take */
};

/* ---- one part --------------------------------------------------------- */

static int
part_seek(struct counter *c, unsigned part, MDB_val *key, MDB_val *value)
{
	const struct tally *t = c->tally;
	unsigned char from[TARGET_BYTES] = {0};

	num_put16(from, t->kind);
	num_put48(from + 2, part * t->size);
	*key = (MDB_val){.mv_size = TARGET_BYTES, .mv_data = from};
	return mdb_cursor_get(c->cur, key, value, MDB_SET_RANGE);
}

static void
sum_read(
    const unsigned char *key, const unsigned char *value, struct ref_sum *out)
{
	out->target = id_get(num_get16(key), key + 2);
	out->time = key_time_number(key + TARGET_BYTES + 1);
	out->counts = value[0] != 0;
	out->amount = decimal_get(value + 1);
}

/* What was taken ahead below number END: *n of them are sums. False at the
 * end of the part, or where the counter can not go on. */
static bool
batch_read(struct counter *c, uint64_t end, size_t *n)
{
	struct ahead *a = &c->ahead;
	uint64_t good = seal_check_each(
	    c->tally->table, REF_BYTES, a->keys, a->sealed, a->n);

	*n = 0;
	for (unsigned i = 0; i < a->n; i++) {
		const unsigned char *k = (const void *)a->keys[i].p;
		const unsigned char *v = (const void *)a->sealed[i].p;

		if (a->keys[i].n == REF_BYTES && num_get48(k + 2) >= end)
			return false;
		c->bad = !(good >> i & 1) || a->sealed[i].n != SUM_BYTES;
		if (c->bad)
			return false;
		c->seen++;
		if (k[TARGET_BYTES] == REF_OPEN)
			sum_read(k, v + SEAL_BYTES, &c->sums[(*n)++]);
	}
	return true;
}

static bool
part_count(struct counter *c, unsigned part)
{
	const struct tally *t = c->tally;
	uint64_t end =
	    part + 1 == t->nparts ? UINT64_MAX : (part + 1) * t->size;
	MDB_val key, value;
	int rc = part_seek(c, part, &key, &value);
	bool more = true;
	size_t n;

	while (rc == 0 && more) {
		c->ahead.room = AHEAD_MAX;
		ahead_fill(&c->ahead, c->cur, MDB_NEXT, key, value, false);
		rc = c->ahead.rc;
		more = batch_read(c, end, &n);
		c->full = !t->what->take(c->arg, part, c->sums, n);
		if (c->full || c->bad)
			return false;
		if (rc == 0 && more)
			rc = mdb_cursor_get(c->cur, &key, &value, MDB_NEXT);
	}
	c->rc = rc == MDB_NOTFOUND || !more ? 0 : rc;
	return c->rc == 0;
}

/* ---- all parts -------------------------------------------------------- */

static void *
counter_main(void *arg)
{
	struct counter *c = arg;
	struct tally *t = c->tally;
	unsigned part;

	while (parts_take(&t->rest, c->back, &part))
		if (!part_count(c, part))
			atomic_store(&t->rest, 0);
	return NULL;
}

/* The second one, in the same snapshot; without it the first does it all. */
static void
second_start(struct tally *t)
{
	struct counter *c = &t->counters[1];

	if (env_snapshot(t->s, &c->txn) != 0) {
		c->txn = NULL;
		return;
	}
	if (mdb_txn_id(c->txn) != mdb_txn_id(t->s->rtxn) ||
	    mdb_cursor_open(c->txn, t->table->dbi, &c->cur) != 0)
		return;
	t->two = aid_launch(&t->thread, counter_main, c);
}

static void
second_end(struct tally *t)
{
	struct counter *c = &t->counters[1];

	if (t->two)
		pthread_join(t->thread, NULL);
	if (c->cur)
		mdb_cursor_close(c->cur);
	mdb_txn_abort(c->txn);
}

/* What went wrong, and a page that lost entries: it makes a walk over all of
 * them come out short. */
static enum crm_err
tally_check(const struct tally *t, size_t entries, struct diag *dg)
{
	const struct counter *c = t->counters;

	for (int i = 0; i < 2; i++) {
		if (c[i].full)
			return diag_nomem(dg);
		if (c[i].bad)
			return env_damaged(t->s, "an amount in an index", dg);
		if (c[i].rc)
			return env_fail(t->s, c[i].rc, "reading", dg);
	}
	if (c[0].seen + c[1].seen != entries)
		return env_damaged(
		    t->s, "some entries of a table are gone", dg);
	return CRM_OK;
}

/* ---- the whole -------------------------------------------------------- */

static bool
two_pay(const struct tally *t, const MDB_stat *stat)
{
	if (!t->what->second || t->s->wtxn)
		return false;
	if (t->s->aid_bytes)
		return stat->ms_leaf_pages >= t->s->aid_bytes / stat->ms_psize;
	return stat->ms_leaf_pages >= PAYS / stat->ms_psize &&
	       sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* Cuts the numbers of the targets, when these are of one kind. */
static int
parts_cut(struct tally *t, MDB_cursor *cur)
{
	MDB_val first, last, value;
	int rc = mdb_cursor_get(cur, &first, &value, MDB_FIRST);

	if (rc == 0)
		rc = mdb_cursor_get(cur, &last, &value, MDB_LAST);
	t->nparts = 1;
	if (rc != 0 || first.mv_size < TARGET_BYTES ||
	    last.mv_size < TARGET_BYTES ||
	    memcmp(first.mv_data, last.mv_data, 2) != 0)
		return rc;
	t->kind = num_get16(last.mv_data);
	t->size =
	    num_get48((unsigned char *)last.mv_data + 2) / TALLY_PARTS + 1;
	t->nparts = TALLY_PARTS;
	return 0;
}

static enum crm_err
tally_run(struct tally *t, MDB_txn *txn, const MDB_stat *stat, struct diag *dg)
{
	struct counter *c = &t->counters[0];
	int rc = mdb_cursor_open(txn, t->table->dbi, &c->cur);

	if (rc != 0)
		return env_fail(t->s, rc, "reading", dg);
	rc = parts_cut(t, c->cur);
	if (rc == 0) {
		atomic_store(&t->rest, (uint_fast64_t)t->nparts << 32);
		if (two_pay(t, stat))
			second_start(t);
		counter_main(c);
		second_end(t);
	}
	mdb_cursor_close(c->cur);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return env_fail(t->s, rc, "reading", dg);
	return tally_check(t, stat->ms_entries, dg);
}

/* Another thread can read what was opened in an earlier snapshot. */
static enum crm_err
tally_open(struct tally *t, MDB_txn **txn, bool *there, struct diag *dg)
{
	enum crm_err err = table_open(t->s, t->table, there, dg);

	if (!err && *there && t->what->second)
		store_pause(t->s);
	return err ? err : env_read(t->s, txn, dg);
}

enum crm_err
store_tally(struct store *s, const struct store_tally *what, struct diag *dg)
{
	struct tally *t = calloc(1, sizeof(*t));
	MDB_txn *txn;
	MDB_stat stat;
	bool there;
	enum crm_err err;
	int rc;

	if (!t)
		return diag_nomem(dg);
	t->s = s;
	t->what = what;
	t->table =
	    table_of(s, TABLE_REFS, what->field->kind, what->field->slot);
	t->counters[0] = (struct counter){.tally = t, .arg = what->first};
	t->counters[1] =
	    (struct counter){.tally = t, .arg = what->second, .back = true};
	err = tally_open(t, &txn, &there, dg);
	if (!err && there) {
		rc = mdb_stat(txn, t->table->dbi, &stat);
		err = rc ? env_fail(s, rc, "reading", dg)
			 : tally_run(t, txn, &stat, dg);
	}
	free(t);
	return err;
}
