/* SPDX-License-Identifier: ISC */
/*
 * bulk: index keys of a batch are collected for each table, sorted and
 * inserted together: an append where the table was empty, else in key order,
 * so that each page is visited once. Memory is bounded: past PENDING_MAX what
 * is collected is sorted and put aside as a run in a file without a name; the
 * runs are merged in the end.
 */
#include "base/crc.h"
#include "base/num.h"
#include "store/clerk.h"
#include "store/hand.h"

#include <errno.h>
#include <unistd.h>

static const size_t pending_max = (size_t)12 << 20;

/* In the arena, before the bytes of key and value. */
struct pend_head {
	uint16_t key_n;
	uint8_t value_n;
	uint8_t del;
};

struct pending {
	char *arena;
	size_t used, cap;
	struct pend *v;
	size_t n, vcap;
	uint32_t *heads; /* hash of key without id -> index + 1; NULL: none */
	uint32_t *next;	 /* chain, as many as vcap */
	size_t nheads;
	size_t common; /* bytes that all keys begin with */
	struct run *runs;
	size_t nruns;
	size_t naside;	     /* entries in runs, or on their way */
	struct aside *aside; /* on its way to be the last one of these */
	/* While the second hand sorts it: the job; then how that ended. */
	uint64_t job;
	bool unsorted;
};

static struct pend_head
head_at(const struct pending *p, size_t i)
{
	struct pend_head h;

	memcpy(&h, p->arena + p->v[i].at, sizeof(h));
	return h;
}

static struct str
key_at(const struct pending *p, size_t i)
{
	return (struct str){
	    .p = p->arena + p->v[i].at + sizeof(struct pend_head),
	    .n = head_at(p, i).key_n};
}

/* How many bytes both begin with, MOST at most. */
static size_t
same_bytes(struct str a, struct str b, size_t most)
{
	size_t n = 0;

	if (most > a.n)
		most = a.n;
	if (most > b.n)
		most = b.n;
	while (n < most && a.p[n] == b.p[n])
		n++;
	return n;
}

static bool
arena_room(struct pending *p, size_t n)
{
	size_t cap = p->cap ? p->cap : (size_t)1 << 16;
	char *arena;

	if (p->cap - p->used >= n)
		return true;
	while (cap - p->used < n)
		cap *= 2;
	arena = realloc(p->arena, cap);
	if (!arena)
		return false;
	p->arena = arena;
	p->cap = cap;
	return true;
}

static bool
list_double(struct pending *p)
{
	size_t cap = p->vcap ? p->vcap * 2 : 1024;
	struct pend *v;

	v = realloc(p->v, cap * sizeof(*v));
	if (!v)
		return false;
	p->v = v;
	if (p->heads) {
		uint32_t *next = realloc(p->next, cap * sizeof(*next));

		if (!next)
			return false;
		p->next = next;
	}
	p->vcap = cap;
	return true;
}

static bool
list_room(struct pending *p)
{
	return p->n < p->vcap || list_double(p);
}

/* ---- looking things up before they are flushed ------------------------ */

static size_t
bucket(const struct pending *p, struct str value_key)
{
	return crc32c(0, value_key.p, value_key.n) & (p->nheads - 1);
}

static void
hash_add(struct pending *p, size_t i)
{
	struct str key = key_at(p, i);
	size_t b = bucket(p, str_head(key, key.n - ID_BYTES));

	p->next[i] = p->heads[b];
	p->heads[b] = (uint32_t)i + 1;
}

static bool
hash_build(struct pending *p)
{
	size_t n = 1024;

	while (n < p->n * 2)
		n *= 2;
	free(p->heads);
	free(p->next);
	p->heads = calloc(n, sizeof(*p->heads));
	p->next = malloc((p->vcap ? p->vcap : 1) * sizeof(*p->next));
	p->nheads = n;
	if (!p->heads || !p->next)
		return false;
	for (size_t i = 0; i < p->n; i++)
		hash_add(p, i);
	return true;
}

/* The chain of entries whose key without id is PREFIX, newest first. */
static size_t
chain_first(struct table *t, struct str prefix)
{
	struct pending *p = t->pending;

	if (!p || p->n == 0 || (!p->heads && !hash_build(p)))
		return 0;
	return p->heads[bucket(p, prefix)];
}

static bool
listed(const struct id *ids, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++)
		if (id_eq(ids[i], id))
			return true;
	return false;
}

size_t
pending_find(struct table *t, struct str prefix, struct id *out, size_t max,
    uint16_t kind)
{
	struct pending *p = t->pending;
	size_t n = 0;

	for (size_t i = chain_first(t, prefix); i > 0 && n < max;
	     i = p->next[i - 1]) {
		struct str key = key_at(p, i - 1);
		struct id id;

		if (!str_eq(str_head(key, key.n - ID_BYTES), prefix))
			continue;
		id = id_get(kind, (const unsigned char *)key.p + prefix.n);
		if (pending_state(t, key) > 0 && !listed(out, n, id))
			out[n++] = id;
	}
	return n;
}

int
pending_state(struct table *t, struct str key)
{
	struct pending *p = t->pending;
	size_t i = chain_first(t, str_head(key, key.n - ID_BYTES));

	for (; i > 0; i = p->next[i - 1])
		if (str_eq(key_at(p, i - 1), key))
			return head_at(p, i - 1).del ? -1 : 1;
	return 0;
}

size_t
pending_count(const struct table *t)
{
	return t->pending ? t->pending->n : 0;
}

void
pending_note(struct store *s, struct table *t)
{
	struct pending *p = t->pending;

	/* What was asked here the lookup answers from now on, mostly. */
	if (p) {
		free(p->heads);
		free(p->next);
		p->heads = p->next = NULL;
	}
	for (size_t i = 0; i < pending_count(t); i++)
		if (!head_at(t->pending, i).del)
			lookup_note(s, t, key_at(t->pending, i));
}

/* ---- sorting ---------------------------------------------------------- */

static bool
before_eq(const struct pending *p, size_t i, size_t j)
{
	return str_cmp(key_at(p, i), key_at(p, j)) <= 0;
}

/* The eight bytes from DEPTH on. */
static uint64_t
bytes_at(struct str key, size_t depth)
{
	unsigned char bytes[8] = {0};

	if (key.n >= depth + 8)
		return num_get64((const unsigned char *)key.p + depth);
	if (key.n > depth)
		memcpy(bytes, key.p + depth, key.n - depth);
	return num_get64(bytes);
}

static void
sort_few(struct pending *p, size_t at, size_t n)
{
	for (size_t i = at + 1; i < at + n; i++)
		for (size_t j = i; j > at && !before_eq(p, j - 1, j); j--) {
			struct pend x = p->v[j];

			p->v[j] = p->v[j - 1];
			p->v[j - 1] = x;
		}
}

static bool
in_order(const struct pending *p, size_t at, size_t n)
{
	for (size_t i = at + 1; i < at + n; i++)
		if (!before_eq(p, i - 1, i))
			return false;
	return true;
}

/*
 * Sorts a range, the same up to DEPTH, by the eight bytes there, and what has
 * those in common by the next ones; equal keys stay in the order of arrival.
 * It calls itself once for every eight bytes of a key at most.
 */
static void
sort_range(
    struct pending *p, size_t at, size_t n, size_t depth, struct pend *other)
{
	enum { FEW = 16 };
	size_t end = at + n, next;

	if (n < FEW || depth > KEY_MAX) {
		sort_few(p, at, n);
		return;
	}
	for (size_t i = at; i < end; i++)
		p->v[i].prefix = bytes_at(key_at(p, i), depth);
	radix_sort(p->v + at, n, other);
	for (; at < end; at = next) {
		next = at + 1;
		while (next < end && p->v[next].prefix == p->v[at].prefix)
			next++;
		if (next - at > 1 && !in_order(p, at, next - at))
			sort_range(p, at, next - at, depth + 8, other);
	}
}

static bool
sort_now(struct pending *p)
{
	struct pend *other;

	if (in_order(p, 0, p->n))
		return true;
	other = malloc(p->n * sizeof(*other));
	if (!other)
		return false;
	sort_range(p, 0, p->n, p->common, other);
	free(other);
	return true;
}

static void
sort_job(void *arg)
{
	struct pending *p = arg;

	p->unsorted = !sort_now(p);
}

/* Sorted here, or by the second hand, which was told to. */
static bool
sort(struct store *s, struct pending *p)
{
	if (p->job == 0)
		return sort_now(p);
	hand_wait(s->hand, p->job);
	p->job = 0;
	return !p->unsorted;
}

/* Of entries with the same key the last one counts. */
static bool
outdated(bool again, const struct pending *p, size_t i)
{
	return again && i + 1 < p->n && str_eq(key_at(p, i), key_at(p, i + 1));
}

static void
forget(struct store *s, struct pending *p)
{
	s->pending_bytes -= p->used + p->n * sizeof(struct pend);
	free(p->heads);
	free(p->next);
	p->heads = p->next = NULL;
	p->used = p->n = 0;
}

/* ---- runs ------------------------------------------------------------- */

/* Sorted entries in the file, each a head, the key and the value. */
struct run {
	uint64_t at, end;
	char *block; /* while it is read */
	size_t n, pos;
	struct pend_head head;
	struct str key; /* of the entry it stands at; p NULL: at its end */
	size_t common;	/* bytes that all keys begin with */
};
enum { BLOCK = 1 << 17, ENTRY_MAX = sizeof(struct pend_head) + KEY_MAX + 255 };

/*
 * What is on its way into the file: the second hand sorts and writes it while
 * others are collected. There is room in the file for all of it.
 */
struct aside {
	struct pending held; /* only arena and list */
	int fd;
	uint64_t at, end; /* in the file */
	bool again;	  /* as in the store */
	int error;	  /* errno */
	uint64_t job;
};

static bool
write_all(struct aside *a, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = pwrite(a->fd, p, n, (off_t)a->end);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			a->error = done ? errno : EIO;
			return false;
		}
		p += done;
		n -= (size_t)done;
		a->end += (uint64_t)done;
	}
	return true;
}

static void
write_aside(void *arg)
{
	struct aside *a = arg;
	const struct pending *p = &a->held;
	struct buf out = {0};
	bool ok = true;

	if (!buf_room(&out, BLOCK + ENTRY_MAX) || !sort_now(&a->held)) {
		buf_clear(&out);
		a->error = ENOMEM;
		return;
	}
	for (size_t i = 0; i < p->n && ok; i++) {
		struct pend_head h = head_at(p, i);

		if (outdated(a->again, p, i))
			continue;
		buf_add(&out, (struct str){.p = p->arena + p->v[i].at,
				  .n = sizeof(h) + h.key_n + h.value_n});
		if (out.n >= BLOCK) {
			ok = write_all(a, out.p, out.n);
			buf_reset(&out);
		}
	}
	if (ok)
		(void)write_all(a, out.p, out.n);
	buf_clear(&out);
}

static void
aside_free(struct aside *a)
{
	free(a->held.arena);
	free(a->held.v);
	free(a);
}

/* Until the one that is on its way is a run. */
static enum crm_err
aside_wait(struct store *s, struct pending *p, struct diag *dg)
{
	struct aside *a = p->aside;
	enum crm_err err = CRM_OK;

	if (!a)
		return CRM_OK;
	if (a->job)
		hand_wait(s->hand, a->job);
	if (a->error == ENOMEM)
		err = diag_nomem(dg);
	else if (a->error)
		err = env_fail(s, a->error, "writing", dg);
	p->runs[p->nruns++] =
	    (struct run){.at = a->at, .end = a->end, .common = a->held.common};
	p->aside = NULL;
	aside_free(a);
	return err;
}

/* What is collected for a table goes into the file, sorted. */
static enum crm_err
put_aside(struct store *s, struct pending *p, struct diag *dg)
{
	enum crm_err err = aside_wait(s, p, dg);
	struct run *runs = realloc(p->runs, (p->nruns + 1) * sizeof(*runs));
	struct aside *a = calloc(1, sizeof(*a));

	if (runs)
		p->runs = runs;
	if (err == CRM_OK && (!runs || !a))
		err = diag_nomem(dg);
	if (err != CRM_OK) {
		free(a);
		return err;
	}
	*a = (struct aside){.held = {.arena = p->arena,
				.v = p->v,
				.used = p->used,
				.n = p->n,
				.common = p->common},
	    .fd = s->runs_fd,
	    .at = s->runs_end,
	    .end = s->runs_end,
	    .again = s->again};
	s->runs_end += p->used;
	p->naside += p->n;
	forget(s, p);
	p->arena = NULL;
	p->v = NULL;
	p->cap = p->vcap = 0;
	p->aside = a;
	if (s->hand)
		a->job = hand_give(s->hand, write_aside, a);
	else
		write_aside(a);
	return CRM_OK;
}

/* Reads on so that a whole entry is in the block. */
static enum crm_err
run_fill(struct store *s, struct run *r, struct diag *dg)
{
	size_t left = r->n - r->pos;
	size_t want = BLOCK - left;

	if (left >= ENTRY_MAX || r->at == r->end)
		return CRM_OK;
	memmove(r->block, r->block + r->pos, left);
	r->pos = 0;
	r->n = left;
	if (want > r->end - r->at)
		want = (size_t)(r->end - r->at);
	while (want > 0) {
		ssize_t got =
		    pread(s->runs_fd, r->block + r->n, want, (off_t)r->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return env_fail(s, got ? errno : EIO, "reading", dg);
		r->n += (size_t)got;
		r->at += (uint64_t)got;
		want -= (size_t)got;
	}
	return CRM_OK;
}

static enum crm_err
run_next(struct store *s, struct run *r, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (!r->block) {
		r->block = malloc(BLOCK);
		if (!r->block)
			return diag_nomem(dg);
	}
	r->key = (struct str){0};
	err = run_fill(s, r, dg);
	if (err != CRM_OK || r->pos == r->n)
		return err;
	memcpy(&r->head, r->block + r->pos, sizeof(r->head));
	r->key = (struct str){
	    .p = r->block + r->pos + sizeof(r->head), .n = r->head.key_n};
	r->pos += sizeof(r->head) + r->head.key_n + r->head.value_n;
	return CRM_OK;
}

static void
runs_free(struct pending *p)
{
	for (size_t i = 0; i < p->nruns; i++)
		free(p->runs[i].block);
	free(p->runs);
	p->runs = NULL;
	p->nruns = p->naside = 0;
}

/* ---- inserting -------------------------------------------------------- */

struct insertion {
	struct store *s;
	struct table *t;
	MDB_cursor *cur;
	bool append;
	unsigned missed; /* keys that were not behind all others */
	size_t share;	 /* of one that is not, see table_share */
};
enum { MISSED_MAX = 64, SOON = 8 };

static enum crm_err
insert(
    struct insertion *in, struct pend_head h, struct str key, struct diag *dg)
{
	struct store *s = in->s;
	MDB_val k = seal_val(key);
	MDB_val v = seal_val((struct str){.p = key.p + key.n, .n = h.value_n});
	size_t added;
	int rc;

	if (h.del) {
		rc = mdb_del(s->wtxn, in->t->dbi, &k, NULL);
		return rc == 0 || rc == MDB_NOTFOUND
			   ? env_relieve(s, in->share, dg)
			   : env_fail(s, rc, "deleting", dg);
	}
	rc = mdb_cursor_put(in->cur, &k, &v, in->append ? MDB_APPEND : 0);
	if (rc == MDB_KEYEXIST && in->append) {
		in->append = ++in->missed < MISSED_MAX;
		rc = mdb_cursor_put(in->cur, &k, &v, 0);
	}
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	added = key.n + h.value_n + 10;
	return env_relieve(
	    s, in->append || added > in->share ? added : in->share, dg);
}

static enum crm_err
insert_sorted(struct insertion *in, struct pending *p, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < p->n && err == CRM_OK; i++) {
		if (i + SOON < p->n)
			ASK(p->arena + p->v[i + SOON].at);
		if (!outdated(in->s->again, p, i))
			err = insert(in, head_at(p, i), key_at(p, i), dg);
	}
	return err;
}

/* Where a run stands, and eight bytes of its key: mostly they tell. */
struct stand {
	uint64_t prefix;
	struct run *run;
};

/* The runs that have a key, as a heap: the first key on top, of several with
 * the same one the newest. A long load has some hundred. */
struct heap {
	struct stand *v;
	size_t n;
	size_t common; /* bytes that all keys begin with */
};

/* Later runs of a table stand behind the others. */
static bool
stand_before(const struct stand *a, const struct stand *b)
{
	int c;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	c = str_cmp(a->run->key, b->run->key);
	return c < 0 || (c == 0 && a->run > b->run);
}

static void
heap_sink(struct heap *h, size_t i)
{
	struct stand it = h->v[i];
	size_t kid;

	while ((kid = 2 * i + 1) < h->n) {
		if (kid + 1 < h->n && stand_before(&h->v[kid + 1], &h->v[kid]))
			kid++;
		if (!stand_before(&h->v[kid], &it))
			break;
		h->v[i] = h->v[kid];
		i = kid;
	}
	h->v[i] = it;
}

/* Run I, the top or right below it, goes on, or leaves at its end. */
static enum crm_err
heap_advance(struct store *s, struct heap *h, size_t i, struct diag *dg)
{
	struct stand *at = &h->v[i];
	enum crm_err err = run_next(s, at->run, dg);

	if (err != CRM_OK)
		return err;
	if (at->run->key.p)
		at->prefix = bytes_at(at->run->key, h->common);
	else
		*at = h->v[--h->n];
	if (i < h->n)
		heap_sink(h, i);
	return CRM_OK;
}

/* The place of the run behind the top one; 0 when there is none. */
static size_t
heap_second(const struct heap *h)
{
	if (h->n < 2)
		return 0;
	return h->n > 2 && stand_before(&h->v[2], &h->v[1]) ? 2 : 1;
}

/* All keys of a run begin as its first one does, for so many bytes. */
static void
heap_common(struct heap *h)
{
	struct str first = h->n ? h->v[0].run->key : (struct str){0};

	h->common = first.n;
	for (size_t i = 0; i < h->n; i++) {
		const struct run *r = h->v[i].run;

		if (h->common > r->common)
			h->common = r->common;
		h->common = same_bytes(first, r->key, h->common);
	}
}

static enum crm_err
heap_fill(
    struct store *s, struct heap *h, const struct pending *p, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	h->n = 0;
	for (size_t i = 0; i < p->nruns && err == CRM_OK; i++) {
		err = run_next(s, &p->runs[i], dg);
		if (err == CRM_OK && p->runs[i].key.p)
			h->v[h->n++].run = &p->runs[i];
	}
	heap_common(h);
	for (size_t i = 0; i < h->n; i++)
		h->v[i].prefix = bytes_at(h->v[i].run->key, h->common);
	for (size_t i = h->n / 2; i-- > 0;)
		heap_sink(h, i);
	return err;
}

static enum crm_err
insert_runs(struct insertion *in, struct pending *p, struct diag *dg)
{
	struct heap h = {.v = calloc(p->nruns, sizeof(struct stand))};
	const struct run *r;
	enum crm_err err;
	size_t i;

	if (!h.v)
		return diag_nomem(dg);
	err = heap_fill(in->s, &h, p, dg);
	while (err == CRM_OK && h.n > 0) {
		r = h.v[0].run;
		err = insert(in, r->head, r->key, dg);
		while (err == CRM_OK && (i = heap_second(&h)) > 0 &&
		       str_eq(h.v[i].run->key, r->key))
			err = heap_advance(in->s, &h, i, dg);
		if (err == CRM_OK)
			err = heap_advance(in->s, &h, 0, dg);
	}
	free(h.v);
	return err;
}

bool
pending_runs(const struct table *t)
{
	return t->pending && (t->pending->nruns > 0 || t->pending->aside);
}

enum crm_err
pending_flush(struct store *s, struct table *t, struct diag *dg)
{
	struct insertion in = {.s = s, .t = t, .append = true};
	struct pending *p;
	enum crm_err err = clerk_yield(s, t->kind, dg);
	int rc;

	p = t->pending;
	if (err != CRM_OK || !p || (p->n == 0 && !pending_runs(t)))
		return err;
	err = table_create(s, t, dg);
	if (err == CRM_OK && pending_runs(t) && p->n > 0)
		err = put_aside(s, p, dg);
	if (err == CRM_OK)
		err = aside_wait(s, p, dg);
	if (err == CRM_OK && !sort(s, p))
		err = diag_nomem(dg);
	if (err != CRM_OK)
		return err;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &in.cur);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	in.share = table_share(s, t, p->n + p->naside, 0);
	err = p->nruns ? insert_runs(&in, p, dg) : insert_sorted(&in, p, dg);
	mdb_cursor_close(in.cur);
	forget(s, p);
	runs_free(p);
	return err;
}

/* ---- collecting ------------------------------------------------------- */

/*
 * Makes room. An index in which values are looked up without help of a lookup
 * goes into its table: there, not in a run, it is seen.
 */
static enum crm_err
relieve(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (s->runs_fd < 0)
		err = env_scratch_file(s, &s->runs_fd, dg);
	for (size_t i = 0; i < s->tables_cap && err == CRM_OK; i++) {
		struct table *t = s->tables[i];

		if (!t || pending_count(t) == 0)
			continue;
		err = t->lookup && !lookup_on(t) ? pending_flush(s, t, dg)
						 : put_aside(s, t->pending, dg);
	}
	return err;
}

/* KEY is one more. */
static void
common_find(struct pending *p, struct str key)
{
	p->common = same_bytes(key_at(p, 0), key, p->common);
}

enum crm_err
pending_add(struct store *s, struct table *t, struct str key, struct str value,
    bool del, struct diag *dg)
{
	struct pend_head h = {
	    .key_n = (uint16_t)key.n, .value_n = (uint8_t)value.n, .del = del};
	size_t need = sizeof(h) + key.n + value.n;
	struct pending *p = t->pending;

	if (!p)
		p = t->pending = calloc(1, sizeof(*p));
	if (!p || !arena_room(p, need) || !list_room(p) ||
	    p->n >= UINT32_MAX - 1)
		return diag_nomem(dg);
	memcpy(p->arena + p->used, &h, sizeof(h));
	memcpy(p->arena + p->used + sizeof(h), key.p, key.n);
	if (value.n)
		memcpy(
		    p->arena + p->used + sizeof(h) + key.n, value.p, value.n);
	p->v[p->n] = (struct pend){.at = p->used};
	if (p->n == 0)
		p->common = key.n;
	else if (p->common > 0)
		common_find(p, key);
	p->used += need;
	p->n++;
	if (t->lookup && !del)
		lookup_note(s, t, key);
	if (p->heads && p->n > p->nheads * 2) {
		if (!hash_build(p))
			return diag_nomem(dg);
	} else if (p->heads) {
		hash_add(p, p->n - 1);
	}
	s->pending_bytes += need + sizeof(struct pend);
	return s->pending_bytes > pending_max && !s->is_desk ? relieve(s, dg)
							     : CRM_OK;
}

/* All of OTHER behind what there is: copied, so that the memory of the one
 * who collects stays as it is. */
static bool
append(struct pending *p, const struct pending *other)
{
	bool none = p->n == 0;

	if (!arena_room(p, other->used))
		return false;
	while (p->vcap - p->n < other->n)
		if (!list_double(p))
			return false;
	memcpy(p->arena + p->used, other->arena, other->used);
	for (size_t i = 0; i < other->n; i++)
		p->v[p->n + i] = (struct pend){.at = p->used + other->v[i].at};
	p->used += other->used;
	p->n += other->n;
	if (none || other->common < p->common)
		p->common = other->common;
	if (!none)
		common_find(p, key_at(other, 0));
	return true;
}

static enum crm_err
adopt(struct store *s, struct table *from, struct diag *dg)
{
	struct table *t = table_of(s, from->type, from->kind, from->slot);
	struct pending *p = from->pending;

	if (t && !t->pending)
		t->pending = calloc(1, sizeof(*t->pending));
	if (!t || !t->pending)
		return diag_nomem(dg);
	free(t->pending->heads);
	free(t->pending->next);
	t->pending->heads = t->pending->next = NULL;
	if (!append(t->pending, p))
		return diag_nomem(dg);
	s->pending_bytes += p->used + p->n * sizeof(struct pend);
	p->used = p->n = 0;
	return CRM_OK;
}

enum crm_err
pending_adopt(struct store *s, struct store *desk, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < desk->tables_cap && err == CRM_OK; i++)
		if (desk->tables[i] && pending_count(desk->tables[i]) > 0)
			err = adopt(s, desk->tables[i], dg);
	desk->pending_bytes = 0;
	if (err != CRM_OK)
		return err;
	return s->pending_bytes > pending_max ? relieve(s, dg) : CRM_OK;
}

enum crm_err
pending_prepare(struct store *s, struct diag *dg)
{
	enum { WORTH = 4096 };
	bool first = true;

	for (size_t i = 0; i < s->tables_cap && s->hand; i++) {
		struct table *t = s->tables[i];
		enum crm_err err = CRM_OK;

		if (!t || pending_count(t) < WORTH)
			continue;
		if (pending_runs(t)) {
			err = put_aside(s, t->pending, dg);
			if (err != CRM_OK)
				return err;
			continue;
		}
		/* It is put meanwhile. */
		if (!first)
			t->pending->job =
			    hand_give(s->hand, sort_job, t->pending);
		first = false;
	}
	return CRM_OK;
}

enum crm_err
pending_flush_all(struct store *s, struct diag *dg)
{
	enum crm_err err = clerk_yield(s, 0, dg);

	for (size_t i = 0; i < s->tables_cap && err == CRM_OK; i++)
		if (s->tables[i])
			err = pending_flush(s, s->tables[i], dg);
	return err;
}

void
pending_drop_all(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++) {
		struct pending *p = s->tables[i] ? s->tables[i]->pending : NULL;

		if (p && p->job)
			hand_wait(s->hand, p->job);
		if (p && p->aside && p->aside->job)
			hand_wait(s->hand, p->aside->job);
		if (p && p->aside)
			aside_free(p->aside);
		if (s->tables[i])
			lookup_free(s->tables[i]);
		if (!p)
			continue;
		forget(s, p);
		runs_free(p);
		free(p->arena);
		free(p->v);
		free(p);
		s->tables[i]->pending = NULL;
	}
	if (s->runs_fd >= 0)
		close(s->runs_fd);
	s->runs_fd = -1;
	s->runs_end = 0;
}
