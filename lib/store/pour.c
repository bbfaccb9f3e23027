/* SPDX-License-Identifier: ISC */
/* pour: the table is cut into parts by id; who is free takes the next one and
 * makes text of it, and what comes out is handed on in order. */
#include "base/num.h"
#include "store/ahead.h"
#include "store/aid.h"

#include <pthread.h>
#include <unistd.h>

enum {
	WINDOW = 4,		/* parts that are made or wait for their turn */
	PART = 96 * 1024,	/* bytes of the table in one, about */
	TEXT = 192 * 1024,	/* of text, and then it is handed on */
	PAYS = 4 * 1000 * 1000, /* bytes of a table for a second thread */
	PARTS_PAY = 4
};

struct pour;

/* What a thread has for itself. */
struct walker {
	struct pour *pour;
	void *arg;
	MDB_txn *txn; /* used again and again */
	MDB_cursor *cur;
	struct ahead ahead;
	struct row rows[AHEAD_MAX];
	struct id ids[AHEAD_MAX];
};

struct part {
	uint64_t from, end; /* numbers, the first and behind the last */
	bool done;	    /* somebody has come as far as he could */
	bool started;
	bool ended;
	unsigned char last[ID_BYTES]; /* key of the last record, if started */
	int rc;			      /* why not: what LMDB said, */
	bool bad;		      /* or a record is damaged, */
	unsigned char key[ID_BYTES];  /* this one */
	struct buf text;
};

struct pour {
	struct store *s;
	const struct store_pour *what;
	struct table *table;
	uint64_t size; /* numbers in a part */
	uint64_t nparts;

	pthread_mutex_t mutex; /* for all that is below */
	pthread_cond_t change;
	uint64_t next; /* part that nobody has taken */
	uint64_t out;  /* part that is handed on next */
	bool stop;
	struct part parts[WINDOW]; /* part i in i % WINDOW */
	uint64_t seen;		   /* records */
	/* In one snapshot all the time? Which, and how many it has. */
	bool same;
	size_t snapshot, entries;

	bool two;
	pthread_t thread;
	struct walker walkers[2];
};

/* ---- one part --------------------------------------------------------- */

/* To the record where the part goes on. */
static int
part_seek(struct walker *w, struct part *part, MDB_val *key, MDB_val *value)
{
	unsigned char from[ID_BYTES] = {0};
	int rc;

	num_put48(from, part->from);
	*key = (MDB_val){.mv_size = ID_BYTES, .mv_data = from};
	if (part->started)
		key->mv_data = part->last;
	rc = mdb_cursor_get(w->cur, key, value, MDB_SET_RANGE);
	if (rc == 0 && part->started && key->mv_size == ID_BYTES &&
	    memcmp(key->mv_data, part->last, ID_BYTES) == 0)
		rc = mdb_cursor_get(w->cur, key, value, MDB_NEXT);
	return rc;
}

/* Makes text of what was taken ahead, up to the end of the part or a record
 * that is damaged; a->n is how many that were. */
static void
batch_print(struct walker *w, struct part *part)
{
	struct ahead *a = &w->ahead;
	const struct pour *p = w->pour;
	unsigned n = 0;

	for (; n < a->n; n++) {
		const unsigned char *k = (const unsigned char *)a->keys[n].p;

		if (a->keys[n].n == ID_BYTES && num_get48(k) >= part->end) {
			part->ended = true;
			break;
		}
		part->bad = !ahead_good(a, p->table, n) ||
			    !row_open(str_from_pos(a->sealed[n], SEAL_BYTES),
				&w->rows[n]);
		if (part->bad) {
			if (a->keys[n].n == ID_BYTES)
				memcpy(part->key, k, ID_BYTES);
			break;
		}
		w->ids[n] = id_get(p->what->kind->no, k);
	}
	a->n = n;
	if (n == 0)
		return;
	memcpy(part->last, a->keys[n - 1].p, ID_BYTES);
	part->started = true;
	p->what->print(w->arg, w->ids, w->rows, n, &part->text);
}

static int
part_walk(struct walker *w, struct part *part, uint64_t *seen)
{
	struct ahead *a = &w->ahead;
	MDB_val key, value;
	int rc = part_seek(w, part, &key, &value);

	while (rc == 0) {
		a->room = AHEAD_MAX;
		ahead_fill(a, w->cur, MDB_NEXT, key, value, false);
		rc = a->rc;
		batch_print(w, part);
		*seen += a->n;
		if (part->bad || part->ended || part->text.failed)
			return 0;
		if (rc == 0 && part->text.n >= TEXT)
			return 0;
		if (rc == 0)
			rc = mdb_cursor_get(w->cur, &key, &value, MDB_NEXT);
	}
	part->ended = rc == MDB_NOTFOUND;
	return part->ended ? 0 : rc;
}

/* Were all of the parts read in one snapshot? */
static void
snapshot_note(struct pour *p, size_t snapshot, size_t entries, uint64_t seen)
{
	pthread_mutex_lock(&p->mutex);
	if (p->snapshot == 0) {
		p->snapshot = snapshot;
		p->entries = entries;
	}
	p->same = p->same && p->snapshot == snapshot;
	p->seen += seen;
	pthread_mutex_unlock(&p->mutex);
}

static int
part_read(struct walker *w, struct part *part)
{
	struct pour *p = w->pour;
	uint64_t seen = 0;
	MDB_stat stat;
	int rc = mdb_stat(w->txn, p->table->dbi, &stat);

	if (rc == 0)
		rc = mdb_cursor_open(w->txn, p->table->dbi, &w->cur);
	if (rc != 0)
		return rc;
	rc = part_walk(w, part, &seen);
	mdb_cursor_close(w->cur);
	snapshot_note(p, mdb_txn_id(w->txn), stat.ms_entries, seen);
	return rc;
}

/* Goes on with a part until its end, or there is enough text. */
static void
part_fill(struct walker *w, struct part *part)
{
	part->rc =
	    w->txn ? mdb_txn_renew(w->txn) : env_snapshot(w->pour->s, &w->txn);
	if (part->rc != 0)
		return;
	part->rc = part_read(w, part);
	mdb_txn_reset(w->txn);
}

/* ---- who makes which -------------------------------------------------- */

/* The next part, when there is one and room for it; with the mutex. */
static struct part *
part_take(struct pour *p)
{
	struct part *part = &p->parts[p->next % WINDOW];
	uint64_t from = p->next * p->size;

	if (p->stop || p->next == p->nparts || p->next - p->out == WINDOW)
		return NULL;
	p->next++;
	*part = (struct part){.from = from,
	    .end = p->next == p->nparts ? UINT64_MAX : from + p->size,
	    .text = part->text};
	return part;
}

/* Takes a part and makes it; with the mutex, which it leaves meanwhile. */
static bool
part_make(struct walker *w)
{
	struct pour *p = w->pour;
	struct part *part = part_take(p);

	if (!part)
		return false;
	pthread_mutex_unlock(&p->mutex);
	part_fill(w, part);
	pthread_mutex_lock(&p->mutex);
	part->done = true;
	pthread_cond_signal(&p->change);
	return true;
}

static void *
second_main(void *arg)
{
	struct walker *w = arg;
	struct pour *p = w->pour;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && p->next < p->nparts)
		if (!part_make(w))
			pthread_cond_wait(&p->change, &p->mutex);
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* The part whose turn it is, when it is made. */
static struct part *
part_await(struct pour *p)
{
	struct part *part = &p->parts[p->out % WINDOW];

	pthread_mutex_lock(&p->mutex);
	while (p->next == p->out || !part->done)
		if (!part_make(&p->walkers[0]))
			pthread_cond_wait(&p->change, &p->mutex);
	pthread_mutex_unlock(&p->mutex);
	return part;
}

static void
part_leave(struct pour *p)
{
	pthread_mutex_lock(&p->mutex);
	p->out++;
	pthread_cond_signal(&p->change);
	pthread_mutex_unlock(&p->mutex);
}

/* ---- in order --------------------------------------------------------- */

/* Why a part came no further. */
static enum crm_err
part_failed(struct pour *p, const struct part *part, struct diag *dg)
{
	struct id id = id_get(p->what->kind->no, part->key);
	struct record r;
	enum crm_err err;

	if (part->rc != 0)
		return env_fail(p->s, part->rc, "reading", dg);
	err = record_read(p->s, id, &r, dg);
	return err && err != CRM_NO ? err : env_damaged(p->s, "a record", dg);
}

/* Hands on what there is, and goes on where a part was left. */
static enum crm_err
part_drain(struct pour *p, struct part *part, struct diag *dg)
{
	enum crm_err err;

	while (true) {
		if (part->text.failed)
			return diag_nomem(dg);
		err = p->what->drain(p->what->to, &part->text, dg);
		if (err)
			return err;
		if (part->rc != 0 || part->bad)
			return part_failed(p, part, dg);
		if (part->ended)
			return CRM_OK;
		part_fill(&p->walkers[0], part);
	}
}

static enum crm_err
parts_drain(struct pour *p, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (!err && p->out < p->nparts) {
		err = part_drain(p, part_await(p), dg);
		part_leave(p);
	}
	return err;
}

/* A page that lost entries makes a walk over all of them come out short. */
static enum crm_err
check_whole(const struct pour *p, struct diag *dg)
{
	if (!p->same || p->seen == p->entries)
		return CRM_OK;
	return env_damaged(p->s, "some entries of a table are gone", dg);
}

/* ---- the whole -------------------------------------------------------- */

static bool
two_pay(const struct pour *p, const MDB_stat *stat)
{
	size_t pages = stat->ms_leaf_pages + stat->ms_overflow_pages;

	if (!p->what->second || p->nparts < PARTS_PAY)
		return false;
	if (p->s->aid_bytes)
		return pages >= p->s->aid_bytes / stat->ms_psize;
	return pages >= PAYS / stat->ms_psize &&
	       sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* As many parts as the table has bytes for, if the numbers are spread evenly.
 * Parts that turn out larger are made in turns. */
static void
parts_cut(struct pour *p, const MDB_stat *stat, uint64_t top)
{
	size_t pages = stat->ms_leaf_pages + stat->ms_overflow_pages;
	uint64_t parts = pages / (PART / stat->ms_psize) + 1;

	p->size = top / parts + 1;
	p->nparts = top / p->size + 1;
}

/* Cuts the table; *there is false when nothing is in it. The snapshot that
 * has opened it ends, so that another thread can read it. */
static enum crm_err
pour_plan(struct pour *p, bool *there, struct diag *dg)
{
	MDB_txn *txn;
	MDB_stat stat;
	MDB_cursor *cur;
	MDB_val key = {0}, value;
	int rc;
	enum crm_err err = table_open(p->s, p->table, there, dg);

	if (err == CRM_OK)
		err = env_read(p->s, &txn, dg);
	if (err != CRM_OK || !*there)
		return err;
	rc = mdb_stat(txn, p->table->dbi, &stat);
	if (rc == 0)
		rc = mdb_cursor_open(txn, p->table->dbi, &cur);
	if (rc == 0) {
		rc = mdb_cursor_get(cur, &key, &value, MDB_LAST);
		mdb_cursor_close(cur);
	}
	*there = rc == 0;
	if (rc == 0)
		parts_cut(p, &stat,
		    key.mv_size == ID_BYTES ? num_get48(key.mv_data) : 1);
	p->two = rc == 0 && two_pay(p, &stat);
	store_pause(p->s);
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(p->s, rc, "reading", dg);
}

static enum crm_err
pour_run(struct pour *p, struct diag *dg)
{
	enum crm_err err;

	for (int i = 0; i < 2; i++)
		p->walkers[i].pour = p;
	p->walkers[0].arg = p->what->first;
	p->walkers[1].arg = p->what->second;
	p->two = p->two && aid_launch(&p->thread, second_main, &p->walkers[1]);
	err = parts_drain(p, dg);
	if (p->two) {
		pthread_mutex_lock(&p->mutex);
		p->stop = true;
		pthread_cond_signal(&p->change);
		pthread_mutex_unlock(&p->mutex);
		pthread_join(p->thread, NULL);
	}
	for (int i = 0; i < 2; i++)
		mdb_txn_abort(p->walkers[i].txn);
	return err ? err : check_whole(p, dg);
}

enum crm_err
store_pour(struct store *s, const struct store_pour *what, struct diag *dg)
{
	struct pour *p = calloc(1, sizeof(*p));
	bool there = false;
	enum crm_err err;

	if (!p)
		return diag_nomem(dg);
	p->s = s;
	p->what = what;
	p->same = true;
	p->table = table_of(s, TABLE_RECORD, what->kind->no, 0);
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->change, NULL);
	err = pour_plan(p, &there, dg);
	if (!err && there)
		err = pour_run(p, dg);
	for (int i = 0; i < WINDOW; i++)
		buf_clear(&p->parts[i].text);
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->mutex);
	free(p);
	return err;
}
