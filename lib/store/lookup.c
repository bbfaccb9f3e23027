/* SPDX-License-Identifier: ISC */
/*
 * lookup: which values an index holds, for a batch that looks thousands of
 * them up: from 32 bits of a hash of the key without its id to the one record
 * that has it. It may know more than there is (of what was deleted, of keys
 * that hash alike), never less: what it does not know is not there, and what
 * it names is compared with the record.
 */
#include "base/eight.h"
#include "base/num.h"
#include "store/clerk.h"

enum {
	ASKED_MIN = 64,	  /* questions before it is made ... */
	ASKED_SHARE = 16, /* and one for so many entries of the index */
	SLOTS_MIN = 1024,
	SLOTS_MAX = 1 << 23
};

/* A place: the hash above, a counter of ids below; 0 is free. */
struct lookup {
	uint64_t *v;
	size_t cap, n;
	uint64_t asked;
	bool off; /* too large, or an id that does not fit */
};
static const uint32_t several = UINT32_MAX;

static uint32_t
hash(struct str key)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = key.n * mix;
	size_t at = 0;

	for (; at + 8 <= key.n; at += 8) {
		h = (h ^ eight_load(key.p + at)) * mix;
		h ^= h >> 29;
	}
	/* The last eight bytes once more, where there are so many. */
	if (at < key.n)
		h = (h ^ (key.n >= 8 ? eight_load(key.p + key.n - 8)
				     : eight_tail(key.p, key.n, 0))) *
		    mix;
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(h >> 32);
}

static uint64_t *
place(uint64_t *v, size_t cap, uint32_t h)
{
	size_t at = h & (cap - 1);

	while (v[at] && v[at] >> 32 != h)
		at = (at + 1) & (cap - 1);
	return &v[at];
}

static void
turn_off(struct lookup *f)
{
	free(f->v);
	*f = (struct lookup){.off = true};
}

static bool
grow(struct lookup *f)
{
	size_t cap = f->cap ? f->cap * 2 : SLOTS_MIN;
	uint64_t *v = cap > SLOTS_MAX ? NULL : calloc(cap, sizeof(*v));

	if (!v)
		return false;
	for (size_t i = 0; i < f->cap; i++)
		if (f->v[i])
			*place(v, cap, (uint32_t)(f->v[i] >> 32)) = f->v[i];
	free(f->v);
	f->v = v;
	f->cap = cap;
	return true;
}

void
lookup_note(struct table *t, struct str key)
{
	struct lookup *f = t->lookup;
	struct id id;
	uint32_t h;
	uint64_t *at;

	if (!f || !f->v || key.n < ID_BYTES)
		return;
	id = id_get(0, (const unsigned char *)key.p + key.n - ID_BYTES);
	if (id.tag || id.num == 0 || id.num >= several ||
	    (f->n >= f->cap / 4 * 3 && !grow(f))) {
		turn_off(f);
		return;
	}
	h = hash(str_head(key, key.n - ID_BYTES));
	at = place(f->v, f->cap, h);
	if (*at == 0) {
		*at = (uint64_t)h << 32 | id.num;
		f->n++;
	} else if ((uint32_t)*at != id.num) {
		*at = (uint64_t)h << 32 | several;
	}
}

/* Takes in what the index holds on disk; what is pending the caller adds. */
static enum crm_err
read_table(struct store *s, struct table *t, struct diag *dg)
{
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	while (rc == 0 && !t->lookup->off) {
		lookup_note(t, seal_str(k));
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == 0 || rc == MDB_NOTFOUND ? CRM_OK
					     : env_fail(s, rc, "reading", dg);
}

/* How many entries the index has, about. */
static enum crm_err
count(struct store *s, struct table *t, uint64_t *n, struct diag *dg)
{
	MDB_stat stat;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	*n = pending_count(t);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_stat(s->wtxn, t->dbi, &stat);
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	*n += stat.ms_entries;
	return CRM_OK;
}

static enum crm_err
make(struct store *s, struct table *t, struct diag *dg)
{
	struct lookup *f = t->lookup;
	enum crm_err err = clerk_yield(s, t->kind, dg);

	if (err != CRM_OK)
		return err;
	if (!grow(f)) {
		turn_off(f);
		return CRM_OK;
	}
	err = read_table(s, t, dg);
	if (err == CRM_OK)
		pending_note(t);
	return err;
}

enum crm_err
lookup_ask(struct store *s, struct table *t, struct str prefix,
    enum lookup_says *says, struct id *one, struct diag *dg)
{
	struct lookup *f;
	uint64_t n;
	uint32_t h;
	enum crm_err err = CRM_OK;

	*says = LOOKUP_UNKNOWN;
	if (!s->wtxn || !s->bulk)
		return CRM_OK;
	if (!t->lookup)
		t->lookup = calloc(1, sizeof(*t->lookup));
	f = t->lookup;
	if (!f)
		return diag_nomem(dg);
	if (f->off || ++f->asked < ASKED_MIN)
		return CRM_OK;
	if (!f->v && f->asked % ASKED_MIN == 0) {
		err = count(s, t, &n, dg);
		if (err == CRM_OK && f->asked >= n / ASKED_SHARE)
			err = make(s, t, dg);
	}
	if (err != CRM_OK || !f->v)
		return err;
	h = hash(prefix);
	n = *place(f->v, f->cap, h);
	*says = n == 0			 ? LOOKUP_NONE
		: (uint32_t)n == several ? LOOKUP_UNKNOWN
					 : LOOKUP_ONE;
	*one = (struct id){.kind = t->kind, .num = (uint32_t)n};
	return CRM_OK;
}

bool
lookup_on(const struct table *t)
{
	return t->lookup && t->lookup->v;
}

void
lookup_free(struct table *t)
{
	if (!t->lookup)
		return;
	free(t->lookup->v);
	free(t->lookup);
	t->lookup = NULL;
}
