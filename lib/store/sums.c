/* SPDX-License-Identifier: ISC */
/*
 * sums: what a batch adds to the derived fields of contacts and orgs, kept
 * small and apart from what is there, so that nothing is read before the end:
 * then all of it is added in key order. Only additions: what is taken away
 * goes through the map of owners, which first takes over what is here.
 */
#include "base/num.h"
#include "store/priv.h"

enum { SUMS_MAX = 1500000, SOON = 8 };
static const int64_t early = INT64_MIN, late = INT64_MAX;

/* What records of one kind add to one owner. */
struct sum {
	struct decimal amount;
	uint64_t owner; /* see key_of */
	int64_t lo, hi; /* times, see time_of */
	uint32_t count; /* 0: nothing */
	uint16_t kind;	/* of the records */
};

/* A list, and a hash of places in it (0: free, else index + 1). */
struct sums {
	struct sum *v;
	size_t n, cap;
	uint32_t *hash;
	size_t nhash;
};

static uint64_t
key_of(struct id id)
{
	return (uint64_t)id.kind << 48 | id.num;
}

static struct id
id_of(uint64_t key)
{
	return (struct id){
	    .kind = (uint16_t)(key >> 48), .num = key & ID_NUM_MAX};
}

/* Twice the second, a moment after the day that begins with it. */
static bool
time_of(struct str text, int64_t *out)
{
	unsigned char key[TIME_BYTES];

	key_time(text, key);
	if (key[8] > 1)
		return false;
	*out = num_get_i64(key) * 2 + key[8];
	return true;
}

static void
time_text(int64_t time, struct moment *out)
{
	unsigned char key[TIME_BYTES];
	int64_t precision = time & 1;

	num_put_i64(key, (time - precision) / 2);
	key[8] = (unsigned char)precision;
	key_time_text(key, out);
}

static size_t
first_place(const struct sums *m, uint64_t owner, uint16_t kind)
{
	uint64_t h =
	    (owner ^ (uint64_t)kind << 40) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 24) & (m->nhash - 1);
}

static uint32_t *
place(const struct sums *m, uint64_t owner, uint16_t kind)
{
	size_t at = first_place(m, owner, kind);

	while (m->hash[at] && (m->v[m->hash[at] - 1].owner != owner ||
				  m->v[m->hash[at] - 1].kind != kind))
		at = (at + 1) & (m->nhash - 1);
	return &m->hash[at];
}

static bool
grow(struct sums *m)
{
	size_t cap = m->cap ? m->cap + m->cap / 2 : 1024;
	size_t nhash = m->nhash ? m->nhash : 2048;
	struct sum *v = realloc(m->v, cap * sizeof(*v));
	uint32_t *hash;

	if (!v)
		return false;
	m->v = v;
	m->cap = cap;
	while (nhash < cap * 3 / 2)
		nhash *= 2;
	if (nhash == m->nhash)
		return true;
	hash = calloc(nhash, sizeof(*hash));
	if (!hash)
		return false;
	free(m->hash);
	m->hash = hash;
	m->nhash = nhash;
	for (size_t i = 0; i < m->n; i++)
		*place(m, m->v[i].owner, m->v[i].kind) = (uint32_t)i + 1;
	return true;
}

static void
add(struct sum *to, const struct standing *st, const int64_t *time)
{
	to->count++;
	if (st->counts)
		to->amount = decimal_add(to->amount, st->amount);
	if (time && *time < to->lo)
		to->lo = *time;
	if (time && *time > to->hi)
		to->hi = *time;
}

void
sums_soon(const struct store *s, struct id owner, uint16_t kind)
{
	const struct sums *m = s->sums;

	if (m && m->n > 0)
		ASK(&m->hash[first_place(m, key_of(owner), kind)]);
}

void
sums_sooner(const struct store *s, struct id owner, uint16_t kind)
{
	const struct sums *m = s->sums;
	uint32_t at = 0;

	if (m && m->n > 0)
		at = m->hash[first_place(m, key_of(owner), kind)];
	if (at)
		ASK(&m->v[at - 1]);
}

enum crm_err
sums_add(struct store *s, struct id owner, uint16_t kind,
    const struct standing *st, bool *done, struct diag *dg)
{
	struct sums *m = s->sums;
	uint32_t *at;
	int64_t time = 0;

	*done = false;
	if (!s->bulk || owner.tag || (st->time.n && !time_of(st->time, &time)))
		return CRM_OK;
	if (!m)
		m = s->sums = calloc(1, sizeof(*m));
	if (!m || (m->n == m->cap && !grow(m)))
		return diag_nomem(dg);
	at = place(m, key_of(owner), kind);
	if (*at == 0) {
		m->v[m->n] = (struct sum){.owner = key_of(owner),
		    .kind = kind,
		    .lo = late,
		    .hi = early};
		*at = (uint32_t)++m->n;
	}
	add(&m->v[*at - 1], st, st->time.n ? &time : NULL);
	*done = true;
	return CRM_OK;
}

static void
raise(struct moment *m, int64_t time)
{
	struct moment other;

	if (time == early)
		return;
	time_text(time, &other);
	if (m->n == 0 || moment_cmp(&other, m) > 0)
		*m = other;
}

static void
lower(struct moment *m, int64_t time)
{
	struct moment other;

	if (time == late)
		return;
	time_text(time, &other);
	if (m->n == 0 || moment_cmp(&other, m) < 0)
		*m = other;
}

/* Adds a sum to what there is, and leaves nothing of it. */
static void
merge(struct sum *from, struct derived *d)
{
	if (from->count == 0)
		return;
	switch (from->kind) {
	case KIND_ACTIVITY:
		d->activities += from->count;
		raise(&d->last, from->hi);
		break;
	case KIND_TASK:
		lower(&d->next, from->lo);
		break;
	case KIND_DEAL:
		d->open_deals += from->count;
		d->pipeline = decimal_add(d->pipeline, from->amount);
		break;
	case KIND_ORDER:
		d->orders += from->count;
		d->revenue = decimal_add(d->revenue, from->amount);
		lower(&d->first_order, from->lo);
		raise(&d->last_order, from->hi);
		break;
	case KIND_TICKET:
		d->open_tickets += from->count;
		break;
	default:
		break;
	}
	*from = (struct sum){
	    .owner = from->owner, .kind = from->kind, .lo = late, .hi = early};
}

bool
sums_take(struct store *s, struct id owner, struct derived *d)
{
	static const uint16_t kinds[] = {
	    KIND_ACTIVITY, KIND_TASK, KIND_DEAL, KIND_ORDER, KIND_TICKET};
	const struct sums *m = s->sums;
	bool any = false;

	/* Those with a tag have none here. */
	if (owner.tag)
		return false;
	for (size_t i = 0; m && m->n > 0 && i < ARRAY_LEN(kinds); i++) {
		uint32_t at = *place(m, key_of(owner), kinds[i]);

		any = any || (at && m->v[at - 1].count > 0);
		if (at && d)
			merge(&m->v[at - 1], d);
	}
	return any;
}

bool
sums_full(const struct store *s)
{
	return s->sums && s->sums->n >= SUMS_MAX;
}

bool
sums_many(const struct store *s)
{
	enum { MANY = 1000 };

	return s->sums && s->sums->n >= MANY;
}

size_t
sums_count(const struct store *s, uint16_t kind)
{
	size_t n = 0;

	for (size_t i = 0; s->sums && i < s->sums->n; i++)
		n += s->sums->v[i].owner >> 48 == kind;
	return n;
}

void
sums_drop(struct store *s)
{
	if (!s->sums)
		return;
	free(s->sums->v);
	free(s->sums->hash);
	free(s->sums);
	s->sums = NULL;
}

/* ---- in order of owners ----------------------------------------------- */

static enum crm_err
order(const struct sums *m, struct pend **out, struct diag *dg)
{
	struct pend *v = malloc(m->n * sizeof(*v));
	struct pend *other = v ? malloc(m->n * sizeof(*other)) : NULL;

	*out = v;
	for (size_t i = 0; other && i < m->n; i++)
		v[i] = (struct pend){.prefix = m->v[i].owner, .at = i};
	if (other)
		radix_sort(v, m->n, other);
	free(other);
	return other ? CRM_OK : diag_nomem(dg);
}

enum crm_err
sums_each(struct store *s,
    enum crm_err (*fn)(struct store *s, struct id owner,
	const struct derived *more, void *arg, struct diag *dg),
    void *arg, struct diag *dg)
{
	struct sums *m = s->sums;
	struct pend *v = NULL;
	size_t i = 0;
	enum crm_err err;

	if (!m || m->n == 0)
		return CRM_OK;
	err = order(m, &v, dg);
	while (err == CRM_OK && i < m->n) {
		struct derived more = {0};
		uint64_t owner = v[i].prefix;

		for (; i < m->n && v[i].prefix == owner; i++) {
			if (i + SOON < m->n)
				ASK(&m->v[v[i + SOON].at]);
			merge(&m->v[v[i].at], &more);
		}
		if (!derived_zero(&more))
			err = fn(s, id_of(owner), &more, arg, dg);
	}
	free(v);
	return err;
}
