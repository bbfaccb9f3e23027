/* SPDX-License-Identifier: ISC */
/*
 * lookup: which values an index holds, for a batch that looks thousands of
 * them up: from 32 bits of a hash of the key without its id to the records
 * that have it. It may know more than there is (of what was deleted, of keys
 * that hash alike), never less: what it does not know is not there, and what
 * it names is compared with the record. While each value that is asked for is
 * beyond all that there are, as in a file in the order of its numbers, the
 * greatest one is all that it keeps.
 */
#include "base/eight.h"
#include "base/num.h"
#include "store/clerk.h"

enum {
	ASKED_MIN = 64,	  /* questions before it is made ... */
	ASKED_SHARE = 16, /* and one for so many entries of the index */
	SLOTS_MIN = 1024,
	SLOTS_MAX = 1 << 23,
	SLOTS_ALL = 12 << 20 /* of all indexes together */
};

/*
 * A place: the hash above, a counter of ids below; 0 is free. Records that
 * share a hash have a place each, up to LOOKUP_MOST; then one of them says
 * that there are several.
 */
struct lookup {
	uint64_t *v;
	size_t cap, n;
	uint64_t asked, hits;
	bool off;    /* too large, or an id that does not fit */
	bool rising; /* v is NULL: only the greatest value */
	size_t ntop;
	char top[KEY_MAX];
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

static size_t
home(const struct lookup *f, uint32_t h)
{
	return h & (f->cap - 1);
}

static void
put(struct lookup *f, uint64_t x)
{
	size_t at = home(f, (uint32_t)(x >> 32));

	while (f->v[at])
		at = (at + 1) & (f->cap - 1);
	f->v[at] = x;
}

static void
turn_off(struct lookup *f)
{
	free(f->v);
	f->v = NULL;
	f->cap = f->n = 0;
	f->rising = false;
	f->off = true;
}

/*
 * Each place to where it belongs among twice as many: the same number, that
 * many further, or closer to it. Who begins behind a free place and goes
 * round finds all that he passes on the way already there.
 */
static void
spread(struct lookup *f, size_t was)
{
	size_t first = 0;

	while (first < was && f->v[first])
		first++;
	for (size_t i = 1; i <= was; i++) {
		uint64_t *from = &f->v[(first + i) & (was - 1)], x = *from;

		*from = 0;
		if (x)
			put(f, x);
	}
}

/* Who found least, WANTS when nobody found less; *all: the places of all. */
static struct lookup *
least_of(struct store *s, struct lookup *wants, size_t *all)
{
	struct lookup *least = wants;

	*all = 0;
	for (size_t i = 0; i < s->tables_cap; i++) {
		struct lookup *f = s->tables[i] ? s->tables[i]->lookup : NULL;

		if (!f || !f->v)
			continue;
		*all += f->cap;
		if (f->hits < least->hits)
			least = f;
	}
	return least;
}

/* Room for all of them is limited: who found least makes way for MORE, which
 * may be the one that wants it. */
static bool
make_way(struct store *s, struct lookup *wants, size_t more)
{
	size_t most = s->lookup_room ? s->lookup_room : SLOTS_ALL, all;
	struct lookup *least = least_of(s, wants, &all);

	while (all + more > most && least != wants) {
		turn_off(least);
		least = least_of(s, wants, &all);
	}
	return all + more <= most;
}

/* In its own memory: two of them at once would be half as much again. */
static bool
grow(struct store *s, struct lookup *f)
{
	size_t was = f->cap, cap = was ? was * 2 : SLOTS_MIN;
	uint64_t *v;

	if (cap > SLOTS_MAX || !make_way(s, f, cap - was))
		return false;
	v = realloc(f->v, cap * sizeof(*v));
	if (!v)
		return false;
	memset(v + was, 0, (cap - was) * sizeof(*v));
	f->v = v;
	f->cap = cap;
	if (was)
		spread(f, was);
	return true;
}

/* Longer ones are beyond shorter ones: numbers mostly have no zeros. */
static bool
beyond(struct str value, const struct lookup *f)
{
	return value.n != f->ntop ? value.n > f->ntop
				  : memcmp(value.p, f->top, value.n) > 0;
}

static void
note_place(struct lookup *f, uint32_t h, uint32_t num)
{
	size_t at = home(f, h), first = at, alike = 0;

	for (; f->v[at]; at = (at + 1) & (f->cap - 1)) {
		uint32_t it = (uint32_t)f->v[at];

		if (f->v[at] >> 32 != h)
			continue;
		if (it == num || it == several)
			return;
		if (alike++ == 0)
			first = at;
	}
	if (alike == LOOKUP_MOST) {
		f->v[first] = (uint64_t)h << 32 | several;
		return;
	}
	f->v[at] = (uint64_t)h << 32 | num;
	f->n++;
}

void
lookup_note(struct store *s, struct table *t, struct str key)
{
	struct lookup *f = t->lookup;
	struct str value;
	struct id id;

	if (!lookup_on(t) || key.n < ID_BYTES)
		return;
	value = str_head(key, key.n - ID_BYTES);
	if (f->rising) {
		if (beyond(value, f)) {
			memcpy(f->top, value.p, value.n);
			f->ntop = value.n;
		}
		return;
	}
	id = id_get(0, (const unsigned char *)key.p + value.n);
	if (id.tag || id.num == 0 || id.num >= several ||
	    (f->n >= f->cap / 4 * 3 && !grow(s, f))) {
		turn_off(f);
		return;
	}
	note_place(f, hash(value), (uint32_t)id.num);
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
		lookup_note(s, t, seal_str(k));
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

/* All values, where the greatest one will not do. */
static enum crm_err
make(struct store *s, struct table *t, struct diag *dg)
{
	struct lookup *f = t->lookup;
	enum crm_err err = clerk_yield(s, t->kind, dg);

	if (err == CRM_OK && pending_runs(t))
		err = pending_flush(s, t, dg);
	if (err != CRM_OK)
		return err;
	f->rising = false;
	if (!grow(s, f)) {
		turn_off(f);
		return CRM_OK;
	}
	err = read_table(s, t, dg);
	if (err == CRM_OK)
		pending_note(s, t);
	return err;
}

/* Once it was asked often enough to be worth it. */
static enum crm_err
begin(struct store *s, struct table *t, struct diag *dg)
{
	struct lookup *f = t->lookup;
	uint64_t n = 0;
	/* What the second hand still has may go into the table now. */
	enum crm_err err = clerk_yield(s, t->kind, dg);

	if (err == CRM_OK)
		err = count(s, t, &n, dg);
	if (err != CRM_OK || f->asked < n / ASKED_SHARE)
		return err;
	if (n > pending_count(t) || pending_runs(t))
		return make(s, t, dg);
	f->rising = true;
	pending_note(s, t);
	return CRM_OK;
}

static enum lookup_says
answer(struct lookup *f, uint32_t h, uint32_t *nums, size_t *n)
{
	for (size_t at = home(f, h); f->v[at]; at = (at + 1) & (f->cap - 1)) {
		uint32_t num = (uint32_t)f->v[at];
		size_t to;

		if (f->v[at] >> 32 != h)
			continue;
		if (num == several) {
			*n = 0;
			return LOOKUP_UNKNOWN;
		}
		for (to = (*n)++; to > 0 && nums[to - 1] > num; to--)
			nums[to] = nums[to - 1];
		nums[to] = num;
	}
	f->hits += *n > 0;
	return *n > 0 ? LOOKUP_SOME : LOOKUP_NONE;
}

enum crm_err
lookup_ask(struct store *s, struct table *t, struct str value,
    enum lookup_says *says, uint32_t *nums, size_t *n, struct diag *dg)
{
	struct lookup *f;
	enum crm_err err = CRM_OK;

	*says = LOOKUP_UNKNOWN;
	*n = 0;
	if (!s->wtxn || !s->bulk)
		return CRM_OK;
	if (!t->lookup)
		t->lookup = calloc(1, sizeof(*t->lookup));
	f = t->lookup;
	if (!f)
		return diag_nomem(dg);
	if (f->off || ++f->asked < ASKED_MIN)
		return CRM_OK;
	if (!lookup_on(t) && f->asked % ASKED_MIN == 0)
		err = begin(s, t, dg);
	if (err == CRM_OK && f->rising && !beyond(value, f))
		err = make(s, t, dg);
	if (err != CRM_OK)
		return err;
	if (f->rising)
		*says = LOOKUP_NONE;
	else if (f->v)
		*says = answer(f, hash(value), nums, n);
	return CRM_OK;
}

bool
lookup_on(const struct table *t)
{
	return t->lookup && (t->lookup->v || t->lookup->rising);
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

void
lookups_free(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++)
		if (s->tables[i])
			lookup_free(s->tables[i]);
}
