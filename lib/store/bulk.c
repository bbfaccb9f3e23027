/* SPDX-License-Identifier: ISC */
/*
 * bulk: index keys of a batch are collected for each table, sorted and
 * inserted together: an append where the table was empty, else in key order,
 * so that each page is visited once. Memory is bounded: past PENDING_MAX what
 * is collected is sorted and put aside as a run in a file without a name; the
 * runs are merged in the end.
 */
#include "base/crc.h"
#include "store/bulk.h"
#include "store/clerk.h"
#include "store/hand.h"

#include <unistd.h>

static const size_t pending_max = (size_t)12 << 20;

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
	struct str key = pend_key_at(p, i);
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
		struct str key = pend_key_at(p, i - 1);
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
		if (str_eq(pend_key_at(p, i - 1), key))
			return pend_head_at(p, i - 1).del ? -1 : 1;
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
		if (!pend_head_at(t->pending, i).del)
			lookup_note(s, t, pend_key_at(t->pending, i));
}

static void
sort_job(void *arg)
{
	struct pending *p = arg;

	p->unsorted = !pend_sort(p);
}

/* Sorted here, or by the second hand, which was told to. */
static bool
sort(struct store *s, struct pending *p)
{
	if (p->job == 0)
		return pend_sort(p);
	hand_wait(s->hand, p->job);
	p->job = 0;
	return !p->unsorted;
}

void
pending_forget(struct store *s, struct pending *p)
{
	s->pending_bytes -= p->used + p->n * sizeof(struct pend);
	free(p->heads);
	free(p->next);
	p->heads = p->next = NULL;
	p->used = p->n = 0;
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
insert(void *arg, struct pend_head h, struct str key, struct diag *dg)
{
	struct insertion *in = arg;
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
		if (!pend_outdated(in->s->again, p, i))
			err = insert(
			    in, pend_head_at(p, i), pend_key_at(p, i), dg);
	}
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
		err = runs_put_aside(s, p, dg);
	if (err == CRM_OK)
		err = runs_wait(s, p, dg);
	if (err == CRM_OK && !sort(s, p))
		err = diag_nomem(dg);
	if (err != CRM_OK)
		return err;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &in.cur);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	in.share = table_share(s, t, p->n + p->naside, 0);
	err = p->nruns ? runs_merge(s, p, insert, &in, dg)
		       : insert_sorted(&in, p, dg);
	mdb_cursor_close(in.cur);
	pending_forget(s, p);
	runs_drop(s, p);
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
		err = t->lookup && !lookup_on(t)
			  ? pending_flush(s, t, dg)
			  : runs_put_aside(s, t->pending, dg);
	}
	return err;
}

/* KEY is one more. */
static void
common_find(struct pending *p, struct str key)
{
	p->common = key_same_bytes(pend_key_at(p, 0), key, p->common);
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
		common_find(p, pend_key_at(other, 0));
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
			err = runs_put_aside(s, t->pending, dg);
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
		if (s->tables[i])
			lookup_free(s->tables[i]);
		if (!p)
			continue;
		pending_forget(s, p);
		runs_drop(s, p);
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
