/* SPDX-License-Identifier: ISC */
/*
 * bulk: index keys of a batch are collected for each table, sorted and
 * inserted together: an append where the table was empty, else in key order,
 * so that each page is visited once. Memory is bounded: past PENDING_MAX all
 * tables are flushed.
 */
#include "base/crc.h"
#include "base/num.h"
#include "store/priv.h"

static const size_t pending_max = (size_t)192 << 20;

/* One collected key. The first bytes decide most comparisons without a look
 * at the rest. */
struct pend {
	uint64_t prefix;
	uint64_t at; /* in the arena; also the order of arrival */
};

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

static uint64_t
prefix_of(struct str key)
{
	unsigned char bytes[8] = {0};

	memcpy(bytes, key.p, key.n < 8 ? key.n : 8);
	return num_get64(bytes);
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
list_room(struct pending *p)
{
	size_t cap = p->vcap ? p->vcap * 2 : 1024;
	struct pend *v;

	if (p->n < p->vcap)
		return true;
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

/* ---- collecting ------------------------------------------------------- */

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
	p->v[p->n] = (struct pend){.prefix = prefix_of(key), .at = p->used};
	p->used += need;
	p->n++;
	if (p->heads && p->n > p->nheads * 2) {
		if (!hash_build(p))
			return diag_nomem(dg);
	} else if (p->heads) {
		hash_add(p, p->n - 1);
	}
	s->pending_bytes += need + sizeof(struct pend);
	return s->pending_bytes > pending_max ? pending_flush_all(s, dg)
					      : CRM_OK;
}

/* ---- sorting and inserting -------------------------------------------- */

static bool
before_eq(const struct pending *p, const struct pend *a, const struct pend *b)
{
	struct pend_head x, y;
	int c;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	memcpy(&x, p->arena + a->at, sizeof(x));
	memcpy(&y, p->arena + b->at, sizeof(y));
	c = str_cmp(
	    (struct str){.p = p->arena + a->at + sizeof(x), .n = x.key_n},
	    (struct str){.p = p->arena + b->at + sizeof(y), .n = y.key_n});
	return c < 0 || (c == 0 && a->at <= b->at);
}

static void
merge(const struct pending *p, const struct pend *a, size_t na,
    const struct pend *b, size_t nb, struct pend *out)
{
	size_t i = 0, j = 0;

	while (i < na && j < nb)
		if (before_eq(p, &a[i], &b[j]))
			*out++ = a[i++];
		else
			*out++ = b[j++];
	if (i < na)
		memcpy(out, a + i, (na - i) * sizeof(*a));
	if (j < nb)
		memcpy(out, b + j, (nb - j) * sizeof(*b));
}

/* Bottom-up merge sort; runs that are in order already are only copied. */
static bool
sort(struct pending *p)
{
	struct pend *from = p->v, *to;
	struct pend *other = malloc((p->n ? p->n : 1) * sizeof(*other));

	if (!other)
		return false;
	to = other;
	for (size_t run = 1; run < p->n; run *= 2) {
		struct pend *swap = from;

		for (size_t at = 0; at < p->n; at += 2 * run) {
			size_t left = p->n - at < run ? p->n - at : run;
			size_t right = p->n - at - left;

			if (right > run)
				right = run;
			if (right == 0 || before_eq(p, &from[at + left - 1],
					      &from[at + left]))
				memcpy(to + at, from + at,
				    (left + right) * sizeof(*to));
			else
				merge(p, from + at, left, from + at + left,
				    right, to + at);
		}
		from = to;
		to = swap;
	}
	if (from != p->v)
		memcpy(p->v, from, p->n * sizeof(*from));
	free(other);
	return true;
}

static enum crm_err
insert(struct store *s, struct table *t, MDB_cursor *cur, size_t i,
    bool *append, struct diag *dg)
{
	const struct pending *p = t->pending;
	struct pend_head h = head_at(p, i);
	struct str key = key_at(p, i);
	MDB_val k = seal_val(key);
	MDB_val v = seal_val((struct str){.p = key.p + key.n, .n = h.value_n});
	int rc;

	if (h.del) {
		MDB_val gone = k;

		rc = mdb_del(s->wtxn, t->dbi, &gone, NULL);
		return rc == 0 || rc == MDB_NOTFOUND
			   ? CRM_OK
			   : env_fail(s, rc, "deleting", dg);
	}
	rc = mdb_cursor_put(cur, &k, &v, *append ? MDB_APPEND : 0);
	if (rc == MDB_KEYEXIST && *append) {
		*append = false;
		rc = mdb_cursor_put(cur, &k, &v, 0);
	}
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

static void
empty(struct store *s, struct pending *p)
{
	s->pending_bytes -= p->used + p->n * sizeof(struct pend);
	free(p->heads);
	free(p->next);
	p->heads = p->next = NULL;
	p->used = p->n = 0;
}

enum crm_err
pending_flush(struct store *s, struct table *t, struct diag *dg)
{
	struct pending *p = t->pending;
	MDB_cursor *cur = NULL;
	bool append = true;
	enum crm_err err;
	int rc;

	if (!p || p->n == 0)
		return CRM_OK;
	err = table_create(s, t, dg);
	if (err != CRM_OK)
		return err;
	if (!sort(p))
		return diag_nomem(dg);
	rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	for (size_t i = 0; i < p->n && err == CRM_OK; i++)
		if (i + 1 == p->n || !str_eq(key_at(p, i), key_at(p, i + 1)))
			err = insert(s, t, cur, i, &append, dg);
	mdb_cursor_close(cur);
	empty(s, p);
	return err;
}

enum crm_err
pending_flush_all(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

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

		if (!p)
			continue;
		empty(s, p);
		free(p->arena);
		free(p->v);
		free(p);
		s->tables[i]->pending = NULL;
	}
}
