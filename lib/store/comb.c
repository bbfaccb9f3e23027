/* SPDX-License-Identifier: ISC */
/*
 * comb: each thread takes some keys behind one another, then claims those that
 * lie before the last ones the other has claimed, and looks at these. So every
 * key is looked at once, and one that is gone is missed.
 */
#include "store/comb.h"

#include "base/num.h"
#include "store/aid.h"

#include <errno.h>
#include <unistd.h>

enum { BATCH = 256, PAYS = 1000 * 1000 /* bytes of an index */ };

struct comb;

/* What a thread works with. */
struct side {
	struct comb *comb;
	bool back; /* from the end */
	void *arg;
	MDB_cursor *cur;
	bool started;
	struct str keys[BATCH];
	size_t nkeys;
	struct str last; /* asked about, and not wanted */
	uint64_t *ids;
	size_t n, cap;
	uint64_t seen;
	int rc;	  /* why it stopped: MDB_NOTFOUND at the end */
	bool bad; /* at a key that cannot be */
};

struct comb {
	bool (*want)(void *arg, struct str key);
	pthread_mutex_t lock;
	struct str claimed[2]; /* the last key of each side; n = 0: none */
	struct side sides[2];
};

/* ---- one side --------------------------------------------------------- */

static void
take(struct side *d)
{
	MDB_cursor_op next = d->back ? MDB_PREV : MDB_NEXT;
	MDB_cursor_op op = d->back ? MDB_LAST : MDB_FIRST;
	MDB_val key;

	for (d->nkeys = 0; d->nkeys < BATCH; d->started = true) {
		d->rc =
		    mdb_cursor_get(d->cur, &key, NULL, d->started ? next : op);
		if (d->rc != 0)
			return;
		d->keys[d->nkeys++] = seal_str(key);
	}
}

/* Leaves those that are nobody's yet; false when that is not all. */
static bool
claim(struct side *d)
{
	struct comb *c = d->comb;
	size_t n = d->nkeys, all = n;
	struct str other;

	pthread_mutex_lock(&c->lock);
	other = c->claimed[!d->back];
	while (n > 0 && other.n > 0) {
		int order = str_cmp(d->keys[n - 1], other);

		if (d->back ? order > 0 : order < 0)
			break;
		n--;
	}
	if (n > 0)
		c->claimed[d->back] = d->keys[n - 1];
	pthread_mutex_unlock(&c->lock);
	d->nkeys = n;
	return n == all;
}

static bool
keep(struct side *d, uint64_t id)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 1024;
		uint64_t *more = realloc(d->ids, cap * sizeof(*more));

		if (!more)
			return false;
		d->ids = more;
		d->cap = cap;
	}
	d->ids[d->n++] = id;
	return true;
}

/* Asks about one key; false when the side cannot go on. */
static bool
look(struct side *d, struct str key)
{
	const unsigned char *id;

	d->seen++;
	d->bad = key.n <= ID_BYTES;
	if (d->bad)
		return false;
	key.n -= ID_BYTES;
	if (key.n == d->last.n && str_eq(key, d->last))
		return true;
	if (!d->comb->want(d->arg, key)) {
		d->last = key;
		return true;
	}
	id = (const unsigned char *)key.p + key.n;
	if (keep(d, num_get64(id)))
		return true;
	d->rc = ENOMEM;
	return false;
}

static void *
side_main(void *arg)
{
	struct side *d = arg;
	bool on = true;

	while (on) {
		take(d);
		if (d->rc != 0 && d->rc != MDB_NOTFOUND)
			break;
		on = claim(d) && d->rc == 0;
		for (size_t i = 0; i < d->nkeys; i++)
			if (!look(d, d->keys[i]))
				return NULL;
	}
	return NULL;
}

/* ---- both ------------------------------------------------------------- */

static bool
pays(struct store *s, const struct table *t)
{
	size_t from = s->aid_bytes ? s->aid_bytes : PAYS;
	MDB_stat st;

	return mdb_stat(s->rtxn, t->dbi, &st) == 0 &&
	       st.ms_leaf_pages >= from / st.ms_psize &&
	       (s->aid_bytes || sysconf(_SC_NPROCESSORS_ONLN) > 1);
}

/* Opens the table in the snapshot of now. */
static enum crm_err
enter(struct store *s, struct table *t, bool *there, struct diag *dg)
{
	MDB_txn *txn;
	enum crm_err err = table_open(s, t, there, dg);

	return err ? err : env_read(s, &txn, dg);
}

/* What went wrong on a side. */
static enum crm_err
side_err(struct store *s, const struct side *d, struct diag *dg)
{
	if (d->bad)
		return env_damaged(s, "a key of an index", dg);
	return d->rc == 0 || d->rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(s, d->rc, "reading", dg);
}

/* The ids of both sides as one list, when every key was seen. */
static enum crm_err
gather(struct store *s, struct comb *c, const struct table *t, struct diag *dg)
{
	struct side *front = &c->sides[0], *back = &c->sides[1];
	MDB_stat st;
	enum crm_err err = side_err(s, front, dg);

	if (!err)
		err = side_err(s, back, dg);
	if (err)
		return err;
	if (mdb_stat(s->rtxn, t->dbi, &st) != 0 ||
	    st.ms_entries != front->seen + back->seen)
		return env_damaged(s, "some entries of a table are gone", dg);
	for (size_t i = 0; i < back->n; i++)
		if (!keep(front, back->ids[i]))
			return diag_nomem(dg);
	return CRM_OK;
}

/* Runs one side in another thread, and the other one; false when it cannot. */
static bool
run(struct comb *c, struct store *s, const struct table *t)
{
	struct side *front = &c->sides[0], *back = &c->sides[1];
	MDB_txn *txn;
	pthread_t thread;
	bool ok;

	if (env_snapshot(s, &txn) != 0)
		return false;
	ok = mdb_txn_id(txn) == mdb_txn_id(s->rtxn) &&
	     mdb_cursor_open(s->rtxn, t->dbi, &front->cur) == 0 &&
	     mdb_cursor_open(txn, t->dbi, &back->cur) == 0 &&
	     aid_launch(&thread, side_main, back);
	if (ok) {
		side_main(front);
		pthread_join(thread, NULL);
	}
	if (front->cur)
		mdb_cursor_close(front->cur);
	if (back->cur)
		mdb_cursor_close(back->cur);
	mdb_txn_abort(txn);
	return ok;
}

static struct comb *
comb_new(const struct comb_spec *spec)
{
	struct comb *c = calloc(1, sizeof(*c));

	if (!c || pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	c->want = spec->want;
	for (int i = 0; i < 2; i++) {
		c->sides[i].comb = c;
		c->sides[i].back = i == 1;
		c->sides[i].arg = i ? spec->aid : spec->arg;
	}
	return c;
}

enum crm_err
comb_index(struct store *s, const struct comb_spec *spec, uint64_t **ids,
    size_t *n, bool *done, struct diag *dg)
{
	struct table *t =
	    table_of(s, TABLE_INDEX, spec->field->kind, spec->field->slot);
	struct comb *c;
	bool there;
	enum crm_err err = t ? enter(s, t, &there, dg) : diag_nomem(dg);

	*done = false;
	*ids = NULL;
	if (err || !there || s->wtxn || !pays(s, t))
		return err;
	/* A table can be read by another thread once the transaction that has
	 * opened it has ended. */
	store_pause(s);
	err = enter(s, t, &there, dg);
	if (err || !there)
		return err;
	c = comb_new(spec);
	if (!c)
		return diag_nomem(dg);
	*done = run(c, s, t);
	if (*done)
		err = gather(s, c, t, dg);
	*ids = c->sides[0].ids;
	*n = c->sides[0].n;
	free(c->sides[1].ids);
	pthread_mutex_destroy(&c->lock);
	free(c);
	return err;
}
