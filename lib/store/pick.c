/* SPDX-License-Identifier: ISC */
/*
 * pick: ids come in lots; of a long one a mate looks at blocks from the back
 * while the walk looks at those from the front. The mate only tells who
 * passes: these are read again, so that the walk may renew its snapshot, and
 * whatever is wrong is met by the walk in its turn.
 */
#include "store/pick.h"

#include "base/num.h"
#include "store/ahead.h"
#include "store/aid.h"

#include <unistd.h>

enum {
	LOT_FIRST = 64, /* ids: the caller may want a few */
	LOT = 1 << 14,
	BLOCK = 64, /* ids: bits of a number */
	PAYS = 512, /* ids that are worth a thread */
	ROOM_FIRST = 4,
	LINE = 64,
	ASK_LINES = 5 /* of a record */
};

/* Records of the list that were taken, and where in it they stand. */
struct haul {
	struct ahead ahead;
	size_t where[AHEAD_MAX];
};

struct mate {
	pthread_t thread;
	atomic_bool stop;
	atomic_uint_fast64_t rest; /* see parts_take */
	const struct table *table;
	bool (*pass)(void *arg, const struct row *row);
	void *arg;
	const uint64_t *ids;
	size_t n;
	MDB_txn *txn;
	MDB_cursor *cur;
	struct haul haul;
	uint64_t good[LOT / BLOCK]; /* of its blocks: a bit for who passes */
};

struct pick {
	struct store *s;
	struct pick_spec spec;
	struct pick *next, **link; /* among the store's */
	struct table *table;
	MDB_cursor *cur;
	uint64_t epoch; /* the snapshot of cur and haul */
	bool begun, done;
	uint64_t *ids; /* of the lot */
	size_t n, cap;
	size_t at;  /* the next one to be looked at */
	size_t end; /* of those that are ours so far */
	size_t taken;
	uint64_t looked, passed; /* by the walk itself */
	struct haul haul;
	unsigned char key[ID_BYTES]; /* in a write transaction */
	struct mate *mate;
};

/* ---- taking ----------------------------------------------------------- */

static inline void
ask_lines(MDB_val value)
{
	uintptr_t at = (uintptr_t)value.mv_data;

	for (size_t i = 0; i < ASK_LINES && i * LINE < value.mv_size; i++)
		ASK(at + i * LINE);
}

/* Takes those of IDS[*at..end) that are there, ROOM at most; *at is then
 * behind them. LMDB's code for the one at *at, when none was taken. */
static int
fill(struct haul *h, MDB_cursor *cur, const uint64_t *ids, size_t *at,
    size_t end, unsigned room)
{
	struct ahead *a = &h->ahead;
	unsigned char bytes[ID_BYTES];

	a->n = a->at = 0;
	a->checked = false;
	for (; *at < end && a->n < room; ++*at) {
		MDB_val key = {.mv_size = ID_BYTES, .mv_data = bytes}, value;
		int rc;

		num_put64(bytes, ids[*at]);
		rc = mdb_cursor_get(cur, &key, &value, MDB_SET_KEY);
		if (rc == MDB_NOTFOUND)
			continue;
		if (rc != 0)
			return a->n > 0 ? 0 : rc;
		a->keys[a->n] = seal_str(key);
		a->sealed[a->n] = seal_str(value);
		h->where[a->n++] = *at;
		ask_lines(value);
	}
	return 0;
}

static inline bool
opened(struct haul *h, const struct table *t, unsigned i, struct row *row)
{
	struct str bytes = str_from_pos(h->ahead.sealed[i], SEAL_BYTES);

	return ahead_good(&h->ahead, t, i) && row_open(bytes, row);
}

/* ---- the mate --------------------------------------------------------- */

/* Who of a block passes, or has to be met by the walk. */
static uint64_t
block_pass(struct mate *m, size_t from, size_t end)
{
	uint64_t good = 0;
	size_t at = from;

	while (at < end) {
		struct haul *h = &m->haul;

		if (fill(h, m->cur, m->ids, &at, end, AHEAD_MAX) != 0)
			good |= UINT64_C(1) << (at++ - from);
		for (unsigned i = 0; i < h->ahead.n; i++) {
			struct row row;
			bool yes = !opened(h, m->table, i, &row) ||
				   m->pass(m->arg, &row);

			good |= (uint64_t)yes << (h->where[i] - from);
		}
	}
	return good;
}

static size_t
block_end(size_t n, unsigned block)
{
	size_t end = ((size_t)block + 1) * BLOCK;

	return end < n ? end : n;
}

static void *
mate_main(void *arg)
{
	struct mate *m = arg;
	unsigned block;

	while (!atomic_load(&m->stop) && parts_take(&m->rest, true, &block))
		m->good[block] = block_pass(
		    m, (size_t)block * BLOCK, block_end(m->n, block));
	mdb_cursor_close(m->cur);
	mdb_txn_abort(m->txn);
	return NULL;
}

/* Are N ids worth it? */
static bool
pays(const struct pick *p, size_t n)
{
	struct store *s = p->s;
	MDB_stat st;

	/* Where most pass, the walk has to read them all. */
	if (!p->spec.aid || s->wtxn || p->passed > p->looked / 2)
		return false;
	if (!s->aid_bytes)
		return n >= PAYS && sysconf(_SC_NPROCESSORS_ONLN) > 1;
	return n > BLOCK && mdb_stat(s->rtxn, p->table->dbi, &st) == 0 &&
	       st.ms_leaf_pages + st.ms_overflow_pages >=
		   s->aid_bytes / st.ms_psize;
}

/* The same snapshot and a cursor of its own. */
static bool
mate_begin(struct mate *m, struct store *s)
{
	if (env_snapshot(s, &m->txn) != 0)
		return false;
	if (mdb_txn_id(m->txn) == mdb_txn_id(s->rtxn) &&
	    mdb_cursor_open(m->txn, m->table->dbi, &m->cur) == 0) {
		if (aid_launch(&m->thread, mate_main, m))
			return true;
		mdb_cursor_close(m->cur);
	}
	mdb_txn_abort(m->txn);
	return false;
}

/* Has the lot shared, where that pays and can be. */
static void
mate_start(struct pick *p)
{
	struct mate *m = pays(p, p->n) ? malloc(sizeof(*m)) : NULL;

	if (!m)
		return;
	m->table = p->table;
	m->pass = p->spec.pass;
	m->arg = p->spec.aid;
	m->ids = p->ids;
	m->n = p->n;
	atomic_init(&m->stop, false);
	atomic_init(
	    &m->rest, (uint_fast64_t)((p->n + BLOCK - 1) / BLOCK) << 32);
	if (!mate_begin(m, p->s)) {
		free(m);
		return;
	}
	p->mate = m;
	p->end = 0;
}

static void
mate_leave(struct pick *p)
{
	if (!p->mate)
		return;
	atomic_store(&p->mate->stop, true);
	pthread_join(p->mate->thread, NULL);
	free(p->mate);
	p->mate = NULL;
}

/* Waits for the mate; of the rest of the lot those stay that it let pass. */
static void
mate_gather(struct pick *p)
{
	struct mate *m = p->mate;
	size_t kept = p->at;

	pthread_join(m->thread, NULL);
	for (size_t i = p->at; i < p->n; i++)
		if (m->good[i / BLOCK] >> i % BLOCK & 1)
			p->ids[kept++] = p->ids[i];
	p->n = p->end = kept;
	free(m);
	p->mate = NULL;
}

/* ---- the walk --------------------------------------------------------- */

enum crm_err
pick_open(struct pick **out, struct store *s, const struct pick_spec *spec,
    struct diag *dg)
{
	struct pick *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return diag_nomem(dg);
	p->s = s;
	p->spec = *spec;
	p->next = s->picks;
	p->link = &s->picks;
	if (p->next)
		p->next->link = &p->next;
	s->picks = p;
	p->table = table_of(s, TABLE_RECORD, spec->kind->no, 0);
	return p->table ? CRM_OK : diag_nomem(dg);
}

/* What was taken in another snapshot is not there any more. */
static void
detach(struct pick *p)
{
	if (p->cur)
		mdb_cursor_close(p->cur);
	p->cur = NULL;
	p->haul.ahead.n = p->haul.ahead.at = 0;
	p->taken = p->at;
}

void
pick_close(struct pick *p)
{
	if (!p)
		return;
	mate_leave(p);
	detach(p);
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	free(p->ids);
	free(p);
}

void
picks_leave(struct store *s)
{
	while (s->picks) {
		struct pick *p = s->picks;

		mate_leave(p);
		detach(p);
		s->picks = p->next;
		p->next = NULL;
		p->link = &p->next;
	}
}

/* A cursor in the snapshot of now. */
static enum crm_err
attach(struct pick *p, bool *there, struct diag *dg)
{
	struct store *s = p->s;
	MDB_txn *txn = NULL;
	enum crm_err err = table_open(s, p->table, there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !*there)
		return err;
	if (p->epoch != s->epoch)
		detach(p);
	p->epoch = s->epoch;
	if (p->cur || s->wtxn)
		return CRM_OK;
	rc = mdb_cursor_open(txn, p->table->dbi, &p->cur);
	if (rc == 0)
		return CRM_OK;
	p->cur = NULL;
	return env_fail(s, rc, "reading", dg);
}

/* While something is written, pages move: one at a time. */
static enum crm_err
take_one(struct pick *p, struct diag *dg)
{
	struct ahead *a = &p->haul.ahead;
	bool found;
	enum crm_err err;

	num_put64(p->key, p->ids[p->at]);
	a->keys[0] = (struct str){.p = (const char *)p->key, .n = ID_BYTES};
	err = table_get(p->s, p->table, a->keys[0], &a->sealed[0], &found, dg);
	a->checked = false;
	a->at = 0;
	a->n = err == CRM_OK && found;
	p->haul.where[0] = p->at;
	p->taken = p->at + 1;
	return err;
}

static enum crm_err
take(struct pick *p, struct diag *dg)
{
	struct ahead *a = &p->haul.ahead;
	unsigned room = a->room ? a->room : ROOM_FIRST;
	int rc;

	if (p->s->wtxn)
		return take_one(p, dg);
	p->taken = p->at;
	rc = fill(&p->haul, p->cur, p->ids, &p->taken, p->end, room);
	a->room = room * 2 < AHEAD_MAX ? room * 2 : AHEAD_MAX;
	return rc == 0 ? CRM_OK : env_fail(p->s, rc, "reading", dg);
}

/* To the next one that was taken and passes. */
static enum crm_err
look(struct pick *p, struct record *out, bool *got, struct diag *dg)
{
	struct ahead *a = &p->haul.ahead;
	enum crm_err err;

	while (a->at < a->n) {
		unsigned i = a->at++;

		p->at = p->haul.where[i] + 1;
		out->id = id_get(
		    p->spec.kind->no, (const unsigned char *)a->keys[i].p);
		if (!opened(&p->haul, p->table, i, &out->row)) {
			err = record_decode(
			    p->s, p->spec.kind, out->id, a->sealed[i], out, dg);
			return err ? err : env_damaged(p->s, "a record", dg);
		}
		*got = p->spec.pass(p->spec.arg, &out->row);
		p->looked++;
		if (*got)
			break;
	}
	p->passed += *got;
	out->kind = p->spec.kind;
	out->derived = (struct derived){0};
	return CRM_OK;
}

/* The next lot. */
static enum crm_err
more(struct pick *p, struct diag *dg)
{
	size_t room = p->cap ? LOT : LOT_FIRST;
	enum crm_err err;

	if (p->cap < room) {
		free(p->ids);
		p->ids = malloc(room * sizeof(*p->ids));
		p->cap = p->ids ? room : 0;
	}
	if (!p->ids)
		return diag_nomem(dg);
	p->at = p->end = p->taken = 0;
	err = p->spec.more(p->spec.from, p->ids, room, &p->n, dg);
	if (err != CRM_OK)
		return err;
	p->done = p->n == 0;
	p->end = p->n;
	if (!p->done)
		mate_start(p);
	return CRM_OK;
}

/* To ids that nobody has looked at. */
static enum crm_err
further(struct pick *p, struct diag *dg)
{
	unsigned block;

	if (!p->mate)
		return more(p, dg);
	if (parts_take(&p->mate->rest, false, &block))
		p->end = block_end(p->n, block);
	else
		mate_gather(p);
	return CRM_OK;
}

/* A table can be read by another thread once the transaction that has opened
 * it has ended. */
static enum crm_err
begin(struct pick *p, struct diag *dg)
{
	bool there;
	enum crm_err err = attach(p, &there, dg);

	p->begun = true;
	if (err == CRM_OK && there && pays(p, p->spec.about))
		store_pause(p->s);
	else
		p->spec.aid = NULL;
	return err;
}

enum crm_err
pick_next(struct pick *p, struct record *out, bool *got, struct diag *dg)
{
	struct ahead *a = &p->haul.ahead;
	bool there = true;
	enum crm_err err = p->begun ? CRM_OK : begin(p, dg);

	*got = false;
	if (err == CRM_OK)
		err = attach(p, &there, dg);
	p->done = p->done || !there;
	while (err == CRM_OK && !*got && !p->done) {
		if (a->at < a->n) {
			err = look(p, out, got, dg);
			continue;
		}
		p->at = p->taken > p->at ? p->taken : p->at;
		if (p->at < p->end)
			err = take(p, dg);
		else
			err = further(p, dg);
	}
	return err;
}
