/* SPDX-License-Identifier: ISC */
/* consents: the last word of each person on one purpose. */
#include "crm/consents.h"

#include "base/near.h"

/* The last word so far. */
struct word {
	struct id contact;
	char time[TIME_LEN]; /* a day or a moment, zeros behind it */
	bool given;	     /* and not run out */
};

struct consents {
	struct store *store;
	struct word *words; /* in order of the contact once read */
	size_t n, cap;
	const struct field *suppress; /* of contact; NULL: gone */
};

/* The fields of a consent; one that is gone is never filled. */
struct consent_fields {
	const struct field *contact, *purpose, *state, *captured, *expires,
	    *created;
};

void
consents_free(struct consents *c)
{
	if (!c)
		return;
	free(c->words);
	free(c);
}

/* ---- reading ---------------------------------------------------------- */

static const struct field *
stored_field(const struct kind *k, const char *name)
{
	const struct field *f = schema_field(k, str_from(name));

	return f && f->slot != SLOT_NONE ? f : NULL;
}

static struct str
value(const struct record *r, const struct field *f)
{
	return f ? row_get(&r->row, f->slot) : (struct str){.p = "", .n = 0};
}

static struct consent_fields
fields_find(const struct kind *k)
{
	return (struct consent_fields){
	    .contact = stored_field(k, "contact"),
	    .purpose = stored_field(k, "purpose"),
	    .state = stored_field(k, "state"),
	    .captured = stored_field(k, "captured"),
	    .expires = stored_field(k, "expires"),
	    .created = stored_field(k, "created"),
	};
}

static enum crm_err
word_add(struct consents *c, const struct consent_fields *f,
    const struct record *r, struct str today, struct diag *dg)
{
	struct str state = value(r, f->state), end = value(r, f->expires);
	struct str time = value(r, f->captured);
	struct word w = {.given = str_is(state, "given")};

	/* Pending and words of one's own decide nothing. */
	if (!w.given && !str_is(state, "withdrawn") &&
	    !str_is(state, "objected") && !str_is(state, "expired"))
		return CRM_OK;
	if (!id_parse(store_schema(c->store), value(r, f->contact), &w.contact))
		return CRM_OK;
	if (end.n && str_cmp(end, today) < 0)
		w.given = false;
	if (time.n == 0)
		time = value(r, f->created);
	if (time.n > 0)
		memcpy(w.time, time.p, time.n < TIME_LEN ? time.n : TIME_LEN);
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		struct word *more = realloc(c->words, cap * sizeof(*more));

		if (!more)
			return diag_nomem(dg);
		c->words = more;
		c->cap = cap;
	}
	c->words[c->n++] = w;
	return CRM_OK;
}

static int
word_cmp(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	return id_cmp(x->contact, y->contact);
}

static bool
is_moment(const struct word *w)
{
	return w->time[DATE_LEN] != '\0';
}

/* The later of two words of one person. Of one day the refusal is, unless
 * both say the moment. */
static const struct word *
later(const struct word *x, const struct word *y)
{
	bool moments = is_moment(x) && is_moment(y);
	int by = memcmp(x->time, y->time, moments ? TIME_LEN : DATE_LEN);

	if (by == 0)
		return x->given ? y : x;
	return by > 0 ? x : y;
}

/* Of the N words of one person the last. Days come before moments, so that a
 * refusal without one is not passed over by what stands beside it. */
static struct word
last_of(const struct word *w, size_t n)
{
	const struct word *moment = NULL, *day = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct word **best = is_moment(&w[i]) ? &moment : &day;

		*best = *best ? later(*best, &w[i]) : &w[i];
	}
	if (!moment || !day)
		return moment ? *moment : *day;
	return *later(moment, day);
}

/* Sorted, and of each contact the last word only. */
static void
words_settle(struct consents *c)
{
	size_t n = 0, from = 0;

	if (c->n == 0)
		return;
	qsort(c->words, c->n, sizeof(*c->words), word_cmp);
	for (size_t i = 1; i <= c->n; i++) {
		if (i < c->n &&
		    id_eq(c->words[i].contact, c->words[from].contact))
			continue;
		c->words[n++] = last_of(&c->words[from], i - from);
		from = i;
	}
	c->n = n;
}

/* The best purpose so far is copied: the record does not stay. */
static void
purpose_offer(struct near *near, struct str purpose, struct buf *nearest)
{
	struct str best = near->best;

	near_offer(near, purpose);
	if (near->best.p == best.p && near->best.n == best.n)
		return;
	buf_reset(nearest);
	buf_add(nearest, purpose);
	near->best = str_of(nearest);
}

static enum crm_err
consents_read(struct consents *c, struct str purpose, struct str today,
    bool *known, struct buf *nearest, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = schema_kind_no(store_schema(c->store), KIND_CONSENT),
	    .bare = true};
	struct consent_fields f = fields_find(spec.kind);
	struct near near = {.word = purpose};
	struct scan *sc = NULL;
	struct record r;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, c->store, &spec, dg);

	while (!err && got) {
		err = scan_next(sc, &id, &got, dg);
		if (!err && got)
			err = scan_record(sc, &r, dg);
		if (err || !got)
			break;
		if (!str_eq(value(&r, f.purpose), purpose)) {
			purpose_offer(&near, value(&r, f.purpose), nearest);
			continue;
		}
		*known = true;
		err = word_add(c, &f, &r, today, dg);
	}
	scan_close(sc);
	return err;
}

enum crm_err
consents_new(struct consents **out, struct store *s, struct str purpose,
    struct str today, bool *known, struct buf *nearest, struct diag *dg)
{
	const struct kind *people =
	    schema_kind_no(store_schema(s), KIND_CONTACT);
	struct consents *c = calloc(1, sizeof(*c));
	enum crm_err err;

	*out = NULL;
	*known = false;
	if (!c)
		return diag_nomem(dg);
	c->store = s;
	c->suppress = stored_field(people, "suppress");
	err = consents_read(c, purpose, today, known, nearest, dg);
	if (err) {
		consents_free(c);
		return err;
	}
	words_settle(c);
	*out = c;
	return CRM_OK;
}

/* ---- asking ----------------------------------------------------------- */

static bool
points_to_people(const struct field *f)
{
	return f->type == TYPE_REF && f->slot != SLOT_NONE &&
	       (f->ref == KIND_CONTACT || f->ref == KIND_NONE);
}

bool
consents_cover(const struct kind *kind)
{
	if (kind->no == KIND_CONTACT)
		return true;
	for (size_t i = 0; i < kind->nfields; i++)
		if (points_to_people(kind->fields[i]))
			return true;
	return false;
}

static bool
has_given(const struct consents *c, struct id contact)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int by = id_cmp(c->words[mid].contact, contact);

		if (by == 0)
			return c->words[mid].given;
		if (by < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool
person_allows(const struct consents *c, const struct record *person)
{
	return has_given(c, person->id) &&
	       !str_is(value(person, c->suppress), "yes");
}

/* All people that the value of a reference names. */
static enum crm_err
people_allow(struct consents *c, struct str ids, bool *yes, struct diag *dg)
{
	const struct schema *s = store_schema(c->store);
	struct record person;
	struct id id;
	enum crm_err err = CRM_OK;

	for (struct str rest = ids; !err && *yes && ids.n && rest.p;) {
		if (!id_parse(s, str_cut(&rest, ','), &id) ||
		    id.kind != KIND_CONTACT)
			continue;
		err = store_get(c->store, id, &person, dg);
		if (!err)
			*yes = person_allows(c, &person);
	}
	if (err != CRM_NO)
		return err;
	/* A person who is gone has consented to nothing. */
	diag_clear(dg);
	*yes = false;
	return CRM_OK;
}

enum crm_err
consents_allow(
    struct consents *c, const struct record *r, bool *yes, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*yes = true;
	if (r->kind->no == KIND_CONTACT) {
		*yes = person_allows(c, r);
		return CRM_OK;
	}
	for (size_t i = 0; !err && *yes && i < r->kind->nfields; i++) {
		const struct field *f = r->kind->fields[i];

		if (points_to_people(f))
			err =
			    people_allow(c, row_get(&r->row, f->slot), yes, dg);
	}
	return err;
}
