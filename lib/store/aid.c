/* SPDX-License-Identifier: ISC */
/* aid: the table is cut into parts by id; the walk takes them from the front,
 * the other thread from the back, each by one atomic step. */
#include "store/aid.h"

#include "base/num.h"
#include "store/ahead.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum {
	PARTS = 256,
	PART_MIN = 1024, /* records */
	PART_MAX = 1 << 19,
	FOUND_MAX = 1 << 16,	 /* ids that are kept at most, about */
	PAYS = 50 * 1000 * 1000, /* bytes of a table */
	PAYS_SOON = 4 * 1000 * 1000
};

struct aid {
	pthread_t thread;
	bool joined;
	atomic_bool stop;
	atomic_uint_fast64_t rest; /* see parts_take */
	uint64_t from, size; /* number where part 0 begins; of numbers in one */
	unsigned nparts;
	bool (*pass)(void *arg, const struct row *row);
	void *arg;

	const struct table *table;
	MDB_txn *txn;
	MDB_cursor *cur;
	struct ahead ahead;

	uint64_t *found; /* number and tag as one */
	size_t nfound, cap;
	size_t first[PARTS]; /* of the parts in the order they were walked */
	unsigned walked;
	uint64_t seen;
	bool failed;
	int rc;
	unsigned char bad[ID_BYTES];

	size_t next; /* of those handed out; in part number walked - 1 */
};

/* ---- parts ------------------------------------------------------------ */

bool
parts_take(atomic_uint_fast64_t *rest, bool back, unsigned *part)
{
	uint_fast64_t now = atomic_load(rest), then;
	unsigned lo, hi;

	do {
		lo = (unsigned)(now & UINT32_MAX);
		hi = (unsigned)(now >> 32);
		if (lo >= hi)
			return false;
		*part = back ? --hi : lo++;
		then = (uint_fast64_t)hi << 32 | lo;
	} while (!atomic_compare_exchange_weak(rest, &now, then));
	return true;
}

/* The number behind a part; the last one has no end. */
static uint64_t
part_end(const struct aid *a, unsigned part)
{
	return part + 1 == a->nparts ? UINT64_MAX
				     : a->from + (part + 1) * a->size;
}

bool
aid_claim(struct aid *a, uint64_t *end)
{
	unsigned part;

	if (!parts_take(&a->rest, false, &part))
		return false;
	*end = part_end(a, part);
	return true;
}

/* ---- the other thread ------------------------------------------------- */

static uint64_t
number_of(struct str key)
{
	return num_get48((const unsigned char *)key.p);
}

static bool
give_up(struct aid *a, int rc, struct str key)
{
	a->failed = true;
	a->rc = rc;
	if (key.n == ID_BYTES)
		memcpy(a->bad, key.p, ID_BYTES);
	return false;
}

/* Looks at what was taken ahead, up to END; *more tells whether the part may
 * go on. False when the walk cannot. */
static bool
look(struct aid *a, uint64_t end, bool *more)
{
	struct ahead *h = &a->ahead;
	struct row row;

	for (unsigned i = 0; i < h->n; i++) {
		struct str key = h->keys[i];

		if (key.n == ID_BYTES && number_of(key) >= end) {
			*more = false;
			return true;
		}
		a->seen++;
		if (!ahead_good(h, a->table, i) ||
		    !row_open(str_from_pos(h->sealed[i], SEAL_BYTES), &row))
			return give_up(a, 0, key);
		if (a->pass(a->arg, &row))
			a->found[a->nfound++] =
			    num_get64((const unsigned char *)key.p);
	}
	return true;
}

/* For what is taken ahead at once. */
static bool
room(struct aid *a)
{
	size_t cap = a->cap * 2;
	uint64_t *more;

	if (a->nfound + AHEAD_MAX <= a->cap)
		return true;
	more = realloc(a->found, cap * sizeof(*more));
	if (!more)
		return false;
	a->found = more;
	a->cap = cap;
	return true;
}

static bool
part_walk(struct aid *a, unsigned part)
{
	unsigned char from[ID_BYTES] = {0};
	uint64_t end = part_end(a, part);
	MDB_val key = {.mv_size = ID_BYTES, .mv_data = from}, value;
	MDB_cursor_op op = MDB_SET_RANGE;
	bool more = true;

	num_put48(from, a->from + part * a->size);
	a->first[a->walked++] = a->nfound;
	while (more) {
		int rc = mdb_cursor_get(a->cur, &key, &value, op);

		if (rc == MDB_NOTFOUND)
			return true;
		if (rc != 0)
			return give_up(a, rc, (struct str){0});
		if (!room(a))
			return give_up(a, ENOMEM, (struct str){0});
		op = MDB_NEXT;
		ahead_fill(&a->ahead, a->cur, op, key, value, false);
		if (!look(a, end, &more))
			return false;
		if (a->ahead.rc == MDB_NOTFOUND)
			return true;
		if (more && a->ahead.rc != 0)
			return give_up(a, a->ahead.rc, (struct str){0});
	}
	return true;
}

static void *
aid_main(void *arg)
{
	struct aid *a = arg;
	unsigned part;

	while (!atomic_load(&a->stop) && a->nfound < FOUND_MAX &&
	       parts_take(&a->rest, true, &part))
		if (!part_walk(a, part))
			break;
	/* Whoever walks may wait for a pipe for long. */
	mdb_cursor_close(a->cur);
	mdb_txn_abort(a->txn);
	a->cur = NULL;
	a->txn = NULL;
	return NULL;
}

/* ---- starting and stopping -------------------------------------------- */

bool
aid_pays(struct store *s, const struct table *t, bool soon)
{
	size_t from = soon ? PAYS_SOON : PAYS;
	MDB_stat st;
	size_t pages;

	if (mdb_stat(s->rtxn, t->dbi, &st) != 0)
		return false;
	pages = st.ms_leaf_pages + st.ms_overflow_pages;
	if (s->aid_bytes)
		return pages >= s->aid_bytes / st.ms_psize;
	return pages >= from / st.ms_psize && sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* The same snapshot and a cursor of its own. */
static bool
begin(struct aid *a, struct store *s)
{
	MDB_val key, value;
	uint64_t top;

	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &a->txn) != 0) {
		a->txn = NULL;
		return false;
	}
	if (mdb_txn_id(a->txn) != mdb_txn_id(s->rtxn) ||
	    mdb_cursor_open(a->txn, a->table->dbi, &a->cur) != 0)
		return false;
	if (mdb_cursor_get(a->cur, &key, &value, MDB_LAST) != 0 ||
	    key.mv_size != ID_BYTES)
		return false;
	top = num_get48(key.mv_data);
	if (top < a->from + 4 * PART_MIN)
		return false;
	a->size = (top - a->from) / PARTS + 1;
	if (a->size < PART_MIN)
		a->size = PART_MIN;
	a->nparts = (unsigned)((top - a->from) / a->size) + 1;
	return a->size <= PART_MAX;
}

/* What kills is for the thread that knows what to clean up; a fault of the
 * map belongs to who meets it. */
bool
aid_launch(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGABRT);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	rc = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

struct aid *
aid_start(struct store *s, const struct table *t, uint64_t from,
    bool (*pass)(void *arg, const struct row *row), void *arg)
{
	struct aid *a = calloc(1, sizeof(*a));
	bool ok;

	if (!a)
		return NULL;
	a->joined = true;
	a->table = t;
	a->from = from;
	a->pass = pass;
	a->arg = arg;
	atomic_init(&a->stop, false);
	ok = begin(a, s);
	atomic_init(&a->rest, (uint_fast64_t)a->nparts << 32);
	a->cap = AHEAD_MAX * 32;
	a->found = malloc(a->cap * sizeof(*a->found));
	ok = ok && a->found && aid_launch(&a->thread, aid_main, a);
	if (ok) {
		a->joined = false;
		return a;
	}
	aid_free(a);
	return NULL;
}

void
aid_wait(struct aid *a)
{
	if (a->joined)
		return;
	pthread_join(a->thread, NULL);
	a->joined = true;
	a->next = a->walked > 0 ? a->first[a->walked - 1] : 0;
}

bool
aid_next(struct aid *a, unsigned char key[ID_BYTES], bool *failed, int *rc)
{
	*failed = false;
	while (a->walked > 0) {
		size_t end = a->nfound;

		if (a->next < end) {
			num_put64(key, a->found[a->next++]);
			return true;
		}
		/* The part it gave up in is the lowest one. */
		*failed = a->failed;
		*rc = a->rc;
		memcpy(key, a->bad, ID_BYTES);
		if (a->failed)
			return false;
		a->nfound = a->first[--a->walked];
		a->next = a->walked > 0 ? a->first[a->walked - 1] : 0;
	}
	return false;
}

uint64_t
aid_seen(const struct aid *a)
{
	return a->seen;
}

void
aid_free(struct aid *a)
{
	if (!a)
		return;
	atomic_store(&a->stop, true);
	if (!a->joined)
		pthread_join(a->thread, NULL);
	if (a->cur)
		mdb_cursor_close(a->cur);
	if (a->txn)
		mdb_txn_abort(a->txn);
	free(a->found);
	free(a);
}
