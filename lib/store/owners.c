/* SPDX-License-Identifier: ISC */
/*
 * owners: the derived fields of contacts and orgs. A record counts for the
 * contacts it names, for the org it names and for the orgs of its contacts,
 * for each once. Changes collect in a map and reach the table together, in
 * key order. Sums change by what was added or taken away; an extreme that
 * was taken away is looked up again in the reference index.
 */
#include "base/num.h"
#include "model/value.h"
#include "store/clerk.h"

enum { OWNERS_MAX = 250000, STALE_LAST = 1, STALE_NEXT = 2, STALE_ORDER = 4 };

struct owner {
	struct id id;
	struct derived d;
	uint8_t stale; /* extremes to be looked up again */
	bool new;      /* there was nothing to sum up before */
	bool gone;     /* deleted by this transaction */
};

/* A list, and a hash of places in it (0: free, else index + 1). */
struct owners {
	struct owner *v;
	size_t n, cap;
	uint32_t *hash;
	size_t nhash;
	bool counting; /* a recount: nothing is read from the tables */
};

bool
owners_kind(uint16_t kind)
{
	return kind == KIND_CONTACT || kind == KIND_ORG;
}

/* ---- the map ---------------------------------------------------------- */

static size_t
owner_hash(struct id id, size_t cap)
{
	uint64_t h = id.num ^ (uint64_t)id.kind << 50 ^ (uint64_t)id.tag << 34;

	return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 24) & (cap - 1);
}

static uint32_t *
owner_place(const struct owners *o, struct id id)
{
	size_t at = owner_hash(id, o->nhash);

	while (o->hash[at] && !id_eq(o->v[o->hash[at] - 1].id, id))
		at = (at + 1) & (o->nhash - 1);
	return &o->hash[at];
}

static struct owner *
owner_find(const struct owners *o, struct id id)
{
	uint32_t at = o && o->nhash ? *owner_place(o, id) : 0;

	return at ? &o->v[at - 1] : NULL;
}

static void
owners_hash(struct owners *o)
{
	memset(o->hash, 0, o->nhash * sizeof(*o->hash));
	for (size_t i = 0; i < o->n; i++)
		*owner_place(o, o->v[i].id) = (uint32_t)i + 1;
}

static bool
owners_grow(struct owners *o)
{
	size_t cap = o->cap ? o->cap * 2 : 128;
	struct owner *v = realloc(o->v, cap * sizeof(*v));
	uint32_t *hash = v ? calloc(cap * 2, sizeof(*hash)) : NULL;

	if (v)
		o->v = v;
	if (!hash)
		return false;
	free(o->hash);
	o->hash = hash;
	o->nhash = cap * 2;
	o->cap = cap;
	owners_hash(o);
	return true;
}

const struct derived *
owners_look(const struct owners *o, struct id id)
{
	const struct owner *at = owner_find(o, id);

	return at ? &at->d : NULL;
}

bool
owners_each(
    const struct owners *o, size_t *at, struct id *id, struct derived *d)
{
	if (*at >= o->n)
		return false;
	*id = o->v[*at].id;
	*d = o->v[*at].d;
	(*at)++;
	return true;
}

void
owners_free(struct owners *o)
{
	if (!o)
		return;
	free(o->v);
	free(o->hash);
	free(o);
}

void
owners_drop(struct store *s)
{
	owners_free(s->owners);
	s->owners = NULL;
	sums_drop(s);
	free(s->known);
	s->known = NULL;
}

/*
 * Every contact and org has an entry, an empty one while there is nothing to
 * sum up: so one that is gone is told from one that was never there.
 */
enum crm_err
owners_stored(
    struct store *s, struct id id, struct derived *out, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_DERIVED, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES}, sealed;
	bool found;
	enum crm_err err;

	*out = (struct derived){0};
	if (!owners_kind(id.kind))
		return CRM_OK;
	id_put(id, key);
	err = table_get(s, t, k, &sealed, &found, dg);
	if (err != CRM_OK)
		return err;
	if (!found || !owners_decode(t, k, sealed, out))
		return env_damaged(s, "derived fields of a record", dg);
	return CRM_OK;
}

void
owners_encode(const struct table *t, struct str key, const struct derived *d,
    struct buf *sealed)
{
	unsigned char bytes[DERIVED_MAX];
	size_t n = derived_zero(d) ? 0 : derived_put(d, bytes);

	buf_reset(sealed);
	seal_put(
	    t, key, (struct str){.p = (const char *)bytes, .n = n}, sealed);
}

bool
owners_decode(const struct table *t, struct str key, struct str sealed,
    struct derived *out)
{
	struct str v;

	*out = (struct derived){0};
	if (!seal_check(t, key, sealed, &v))
		return false;
	return v.n == 0 || derived_get(v, out);
}

/* The owner in the map, filled from the table when new. Valid until the next
 * one is added. */
static enum crm_err
owner_of(struct store *s, struct owners *o, struct id id, struct owner **out,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*out = owner_find(o, id);
	if (*out)
		return CRM_OK;
	if (o->n == o->cap && !owners_grow(o))
		return diag_nomem(dg);
	*out = &o->v[o->n];
	**out = (struct owner){.id = id};
	if (!o->counting)
		err = owners_stored(s, id, &(*out)->d, dg);
	if (err != CRM_OK)
		return err;
	(*out)->new = derived_zero(&(*out)->d);
	if (!o->counting)
		(void)sums_take(s, id, &(*out)->d);
	*owner_place(o, id) = (uint32_t)++o->n;
	return CRM_OK;
}

enum crm_err
owners_get(struct store *s, struct id id, struct derived *out, struct diag *dg)
{
	struct owner *own;
	const struct owner *o;
	enum crm_err err = clerk_counts(s) ? clerk_stop(s, dg) : CRM_OK;

	if (err != CRM_OK)
		return err;
	o = s->wtxn ? owner_find(s->owners, id) : NULL;
	if (!o) {
		err = owners_stored(s, id, out, dg);
		if (err == CRM_OK && s->wtxn && sums_take(s, id, NULL)) {
			err = owner_of(s, s->owners, id, &own, dg);
			if (err == CRM_OK)
				*out = own->d;
		}
		return err;
	}
	if (o->stale) {
		err = owners_flush(s, dg);
		return err == CRM_OK ? owners_stored(s, id, out, dg) : err;
	}
	*out = o->d;
	return CRM_OK;
}

/* ---- what one record adds --------------------------------------------- */

static void
raise(struct moment *m, struct str t)
{
	struct moment other;

	moment_set(&other, t);
	if (t.n && (m->n == 0 || moment_cmp(&other, m) > 0))
		*m = other;
}

static void
lower(struct moment *m, struct str t)
{
	struct moment other;

	moment_set(&other, t);
	if (t.n && (m->n == 0 || moment_cmp(&other, m) < 0))
		*m = other;
}

static bool
held(const struct moment *m, struct str t)
{
	return t.n > 0 && str_eq(moment_str(m), t);
}

/* Saturation would make a sum that cannot be undone; amounts are far below. */
static void
sum(struct decimal *d, const struct standing *st, bool add)
{
	if (st->counts)
		*d = add ? decimal_add(*d, st->amount)
			 : decimal_sub(*d, st->amount);
}

static void
count(uint64_t *n, bool add)
{
	*n = add ? *n + 1 : *n - 1;
}

static void
owner_add(struct owner *o, uint16_t kind, const struct standing *st)
{
	switch (kind) {
	case KIND_ACTIVITY:
		count(&o->d.activities, true);
		raise(&o->d.last, st->time);
		break;
	case KIND_TASK:
		lower(&o->d.next, st->time);
		break;
	case KIND_DEAL:
		count(&o->d.open_deals, true);
		sum(&o->d.pipeline, st, true);
		break;
	case KIND_ORDER:
		count(&o->d.orders, true);
		sum(&o->d.revenue, st, true);
		lower(&o->d.first_order, st->time);
		raise(&o->d.last_order, st->time);
		break;
	case KIND_TICKET:
		count(&o->d.open_tickets, true);
		break;
	default:
		break;
	}
}

static void
owner_take(struct owner *o, uint16_t kind, const struct standing *st)
{
	switch (kind) {
	case KIND_ACTIVITY:
		count(&o->d.activities, false);
		if (held(&o->d.last, st->time))
			o->stale |= STALE_LAST;
		break;
	case KIND_TASK:
		if (held(&o->d.next, st->time))
			o->stale |= STALE_NEXT;
		break;
	case KIND_DEAL:
		count(&o->d.open_deals, false);
		sum(&o->d.pipeline, st, false);
		break;
	case KIND_ORDER:
		count(&o->d.orders, false);
		sum(&o->d.revenue, st, false);
		if (held(&o->d.first_order, st->time) ||
		    held(&o->d.last_order, st->time))
			o->stale |= STALE_ORDER;
		break;
	case KIND_TICKET:
		count(&o->d.open_tickets, false);
		break;
	default:
		break;
	}
}

static void
owner_merge(struct owner *o, const struct derived *more)
{
	struct derived *d = &o->d;

	raise(&d->last, moment_str(&more->last));
	lower(&d->next, moment_str(&more->next));
	lower(&d->first_order, moment_str(&more->first_order));
	raise(&d->last_order, moment_str(&more->last_order));
	d->activities += more->activities;
	d->orders += more->orders;
	d->open_deals += more->open_deals;
	d->open_tickets += more->open_tickets;
	d->revenue = decimal_add(d->revenue, more->revenue);
	d->pipeline = decimal_add(d->pipeline, more->pipeline);
}

/* ---- for whom --------------------------------------------------------- */

/* A small set of ids; memory of its own past the usual few. */
struct id_set {
	struct id few[16], *v;
	size_t n, cap;
};

static bool
set_has(const struct id_set *set, struct id id)
{
	const struct id *v = set->v ? set->v : set->few;

	for (size_t i = 0; i < set->n; i++)
		if (id_eq(v[i], id))
			return true;
	return false;
}

static bool
set_add(struct id_set *set, struct id id)
{
	size_t cap = set->v ? set->cap : ARRAY_LEN(set->few);

	if (set_has(set, id))
		return true;
	if (set->n == cap) {
		struct id *v = malloc(cap * 2 * sizeof(*v));

		if (!v)
			return false;
		memcpy(v, set->v ? set->v : set->few, cap * sizeof(*v));
		free(set->v);
		set->v = v;
		set->cap = cap * 2;
	}
	(set->v ? set->v : set->few)[set->n++] = id;
	return true;
}

static struct id
set_at(const struct id_set *set, size_t i)
{
	return set->v ? set->v[i] : set->few[i];
}

static struct known *
known_place(struct store *s, struct id contact)
{
	if (!s->known && s->bulk && s->wtxn)
		s->known = calloc(KNOWN_CONTACTS, sizeof(*s->known));
	if (!s->known || contact.tag)
		return NULL;
	return &s->known[contact.num % KNOWN_CONTACTS];
}

void
owners_soon(const struct store *s, struct id contact)
{
	if (s->known && contact.kind == KIND_CONTACT)
		ASK(&s->known[contact.num % KNOWN_CONTACTS]);
}

void
owners_know(struct store *s, const struct record *r)
{
	uint16_t slot = roles_of(s, KIND_CONTACT)->org;
	struct known *known =
	    r->id.kind == KIND_CONTACT ? known_place(s, r->id) : NULL;
	struct id org = {0};

	if (!known || known->contact == r->id.num)
		return;
	if (slot != SLOT_NONE &&
	    !id_parse(s->schema, row_get(&r->row, slot), &org))
		org = (struct id){0};
	if (org.tag || (org.num && org.kind != KIND_ORG))
		return;
	*known = (struct known){.contact = r->id.num, .org = org.num};
}

enum crm_err
owners_org(struct store *s, struct id contact, struct id *org, bool *exists,
    struct diag *dg)
{
	const struct known *known = known_place(s, contact);
	uint16_t slot = roles_of(s, KIND_CONTACT)->org;
	struct record r;
	enum crm_err err;

	*exists = true;
	*org = (struct id){0};
	if (known && known->contact == contact.num) {
		if (known->org)
			*org = (struct id){.kind = KIND_ORG, .num = known->org};
		return CRM_OK;
	}
	err = record_read(s, contact, &r, dg);
	if (err == CRM_NO) {
		diag_clear(dg);
		*exists = false;
		return CRM_OK;
	}
	if (err != CRM_OK)
		return err;
	if (slot == SLOT_NONE ||
	    !id_parse(s->schema, row_get(&r.row, slot), org))
		*org = (struct id){0};
	owners_know(s, &r);
	return CRM_OK;
}

/* Adds the owners of a row; the org of SKIP (num 0: nobody) is left out. */
static enum crm_err
owners_of(struct store *s, const struct kind *k, const struct row *row,
    struct id skip, struct id_set *out, struct diag *dg)
{
	const struct roles *r = roles_of(s, k->no);
	struct str rest, org;
	struct id id;
	bool ok = true;

	org = r->org == SLOT_NONE ? (struct str){0} : row_get(row, r->org);
	if (org.n && id_parse(s->schema, org, &id) && id.kind == KIND_ORG)
		ok = set_add(out, id);
	rest = r->contact == SLOT_NONE ? (struct str){0}
				       : row_get(row, r->contact);
	while (ok && rest.n && rest.p) {
		struct id theirs = {0};
		bool exists;

		if (!id_parse(s->schema, str_cut(&rest, ','), &id) ||
		    id.kind != KIND_CONTACT)
			continue;
		ok = set_add(out, id);
		if (!id_eq(id, skip) &&
		    owners_org(s, id, &theirs, &exists, dg) != CRM_OK)
			return dg->code;
		if (ok && theirs.num)
			ok = set_add(out, theirs);
	}
	return ok ? CRM_OK : diag_nomem(dg);
}

bool
owners_counted(uint16_t kind)
{
	return kind == KIND_ACTIVITY || kind == KIND_TASK ||
	       kind == KIND_DEAL || kind == KIND_ORDER || kind == KIND_TICKET;
}

static bool
standing_eq(const struct standing *a, const struct standing *b)
{
	return a->class == b->class && str_eq(a->time, b->time) &&
	       a->counts == b->counts && decimal_cmp(a->amount, b->amount) == 0;
}

static enum crm_err
change_all(struct store *s, struct owners *o, uint16_t kind,
    const struct standing *st, const struct id_set *who,
    const struct id_set *except, bool add, struct diag *dg)
{
	for (size_t i = 0; add && i < who->n; i++)
		sums_sooner(s, set_at(who, i), kind);
	for (size_t i = 0; i < who->n; i++) {
		struct id id = set_at(who, i);
		struct owner *owner = NULL;
		bool done = false;
		enum crm_err err = CRM_OK;

		if (except && set_has(except, id))
			continue;
		if (add && !o->counting && !owner_find(o, id))
			err = sums_add(s, id, kind, st, &done, dg);
		if (err == CRM_OK && !done)
			err = owner_of(s, o, id, &owner, dg);
		if (err != CRM_OK)
			return err;
		if (done)
			continue;
		if (add)
			owner_add(owner, kind, st);
		else
			owner_take(owner, kind, st);
	}
	return CRM_OK;
}

/* Counts BEFORE out and AFTER in, for those for whom it makes a difference. */
static enum crm_err
recount_row(struct store *s, struct owners *o, const struct kind *k,
    const struct row *before, const struct row *after, struct diag *dg)
{
	struct id_set old = {0}, new = {0};
	struct standing was = {.class = REF_CLOSED};
	struct standing is = {.class = REF_CLOSED};
	struct id nobody = {0};
	bool same;
	enum crm_err err = CRM_OK;

	if (before)
		standing_of(s, k, before, &was);
	if (after)
		standing_of(s, k, after, &is);
	if (before && was.class == REF_OPEN)
		err = owners_of(s, k, before, nobody, &old, dg);
	if (err == CRM_OK && after && is.class == REF_OPEN)
		err = owners_of(s, k, after, nobody, &new, dg);
	same = standing_eq(&was, &is);
	if (err == CRM_OK)
		err = change_all(
		    s, o, k->no, &was, &old, same ? &new : NULL, false, dg);
	if (err == CRM_OK)
		err = change_all(
		    s, o, k->no, &is, &new, same ? &old : NULL, true, dg);
	free(old.v);
	free(new.v);
	return err;
}

enum crm_err
owners_list(struct store *s, const struct kind *k, const struct row *row,
    struct id *out, size_t max, size_t *n, bool *fit, struct diag *dg)
{
	struct id_set who = {0};
	struct id nobody = {0};
	enum crm_err err = owners_of(s, k, row, nobody, &who, dg);

	*n = 0;
	*fit = who.n <= max;
	for (size_t i = 0; i < who.n && *fit; i++) {
		out[*n] = set_at(&who, i);
		*fit = out[(*n)++].tag == 0;
	}
	free(who.v);
	return err;
}

bool
owners_any(const struct store *s)
{
	return s->owners && s->owners->n > 0;
}

/* ---- a contact changes its org ---------------------------------------- */

static enum crm_err
move_one(struct store *s, const struct kind *k, const struct row *row,
    struct id contact, struct id from, struct id to, struct diag *dg)
{
	struct id_set others = {0};
	struct standing st;
	struct owner *o;
	enum crm_err err = owners_of(s, k, row, contact, &others, dg);

	standing_of(s, k, row, &st);
	if (err == CRM_OK && from.num && !set_has(&others, from)) {
		err = owner_of(s, s->owners, from, &o, dg);
		if (err == CRM_OK)
			owner_take(o, k->no, &st);
	}
	if (err == CRM_OK && to.num && !set_has(&others, to)) {
		err = owner_of(s, s->owners, to, &o, dg);
		if (err == CRM_OK)
			owner_add(o, k->no, &st);
	}
	free(others.v);
	return err;
}

static enum crm_err
move_kind(struct store *s, uint16_t no, struct id contact, struct id from,
    struct id to, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, no);
	uint16_t slot = roles_of(s, no)->contact;
	struct scan *sc = NULL;
	struct scan_spec spec = {.type = SCAN_REFS,
	    .target = contact,
	    .open_only = true,
	    .bare = true};
	enum crm_err err;
	bool got = true;

	if (!k || slot == SLOT_NONE)
		return CRM_OK;
	spec.field = k->slots[slot];
	err = scan_open(&sc, s, &spec, dg);
	while (err == CRM_OK) {
		struct record r;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK)
			err = move_one(s, k, &r.row, contact, from, to, dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
move_contact(struct store *s, struct id id, const struct row *before,
    const struct row *after, struct diag *dg)
{
	static const uint16_t kinds[] = {
	    KIND_ACTIVITY, KIND_TASK, KIND_DEAL, KIND_ORDER, KIND_TICKET};
	uint16_t slot = roles_of(s, KIND_CONTACT)->org;
	struct id from = {0}, to = {0};
	enum crm_err err = CRM_OK;

	if (slot == SLOT_NONE || !before || !after)
		return CRM_OK;
	if (!id_parse(s->schema, row_get(before, slot), &from))
		from = (struct id){0};
	if (!id_parse(s->schema, row_get(after, slot), &to))
		to = (struct id){0};
	if (id_eq(from, to))
		return CRM_OK;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && err == CRM_OK; i++)
		err = move_kind(s, kinds[i], id, from, to, dg);
	return err;
}

enum crm_err
owners_change(struct store *s, const struct kind *k, struct id id,
    const struct row *before, const struct row *after, struct diag *dg)
{
	struct known *known;
	struct owner *o;
	enum crm_err err = CRM_OK;

	if (!owners_counted(k->no) && !owners_kind(k->no))
		return CRM_OK;
	if ((s->owners && s->owners->n > OWNERS_MAX) || sums_full(s))
		err = owners_flush(s, dg);
	if (err != CRM_OK)
		return err;
	if (!s->owners)
		s->owners = calloc(1, sizeof(*s->owners));
	if (!s->owners)
		return diag_nomem(dg);
	known = k->no == KIND_CONTACT && s->known ? known_place(s, id) : NULL;
	if (known)
		known->contact = 0;
	o = after ? NULL : owner_find(s->owners, id);
	if (o)
		o->gone = true;
	if (k->no == KIND_CONTACT)
		return move_contact(s, id, before, after, dg);
	if (k->no == KIND_ORG)
		return CRM_OK;
	return recount_row(s, s->owners, k, before, after, dg);
}

/* ---- extremes looked up again ----------------------------------------- */

/* First or last time among the open references of KIND's field to TARGET. */
static enum crm_err
extreme(struct store *s, uint16_t no, bool by_org, struct id target, bool last,
    struct moment *out, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, no);
	uint16_t slot =
	    by_org ? roles_of(s, no)->org : roles_of(s, no)->contact;
	struct scan *sc = NULL;
	struct scan_spec spec = {.type = SCAN_REFS,
	    .target = target,
	    .open_only = true,
	    .reverse = last};
	enum crm_err err;
	bool got = true;

	*out = (struct moment){0};
	if (!k || slot == SLOT_NONE)
		return CRM_OK;
	spec.field = k->slots[slot];
	err = scan_open(&sc, s, &spec, dg);
	while (err == CRM_OK && out->n == 0) {
		struct ref_key key;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_ref(sc, &key, dg);
		*out = key.time;
		if (!last)
			break; /* those without a time come last */
	}
	scan_close(sc);
	return err;
}

static enum crm_err
refresh_from(struct store *s, struct owner *o, struct id target, bool by_org,
    struct diag *dg)
{
	struct moment m;
	enum crm_err err = CRM_OK;

	if (o->stale & STALE_LAST) {
		err = extreme(s, KIND_ACTIVITY, by_org, target, true, &m, dg);
		raise(&o->d.last, moment_str(&m));
	}
	if (err == CRM_OK && (o->stale & STALE_NEXT)) {
		err = extreme(s, KIND_TASK, by_org, target, false, &m, dg);
		lower(&o->d.next, moment_str(&m));
	}
	if (err == CRM_OK && (o->stale & STALE_ORDER)) {
		err = extreme(s, KIND_ORDER, by_org, target, false, &m, dg);
		lower(&o->d.first_order, moment_str(&m));
		if (err == CRM_OK)
			err = extreme(
			    s, KIND_ORDER, by_org, target, true, &m, dg);
		raise(&o->d.last_order, moment_str(&m));
	}
	return err;
}

/* An org's extremes are those of its own references and its contacts'. */
static enum crm_err
refresh_people(struct store *s, struct owner *o, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, KIND_CONTACT);
	uint16_t slot = roles_of(s, KIND_CONTACT)->org;
	struct scan_spec spec = {.type = SCAN_REFS, .target = o->id};
	struct scan *sc = NULL;
	enum crm_err err;
	bool got = true;

	if (!k || slot == SLOT_NONE)
		return CRM_OK;
	spec.field = k->slots[slot];
	err = scan_open(&sc, s, &spec, dg);
	while (err == CRM_OK) {
		const struct derived *d;
		struct derived stored;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		d = owners_look(s->owners, id);
		if (!d)
			err = owners_stored(s, id, &stored, dg);
		if (!d)
			d = &stored;
		if (o->stale & STALE_LAST)
			raise(&o->d.last, moment_str(&d->last));
		if (o->stale & STALE_NEXT)
			lower(&o->d.next, moment_str(&d->next));
		if (o->stale & STALE_ORDER) {
			lower(&o->d.first_order, moment_str(&d->first_order));
			raise(&o->d.last_order, moment_str(&d->last_order));
		}
	}
	scan_close(sc);
	return err;
}

static enum crm_err
refresh(struct store *s, struct owner *o, struct diag *dg)
{
	enum crm_err err;

	if (o->stale == 0)
		return CRM_OK;
	if (o->stale & STALE_LAST)
		o->d.last = (struct moment){0};
	if (o->stale & STALE_NEXT)
		o->d.next = (struct moment){0};
	if (o->stale & STALE_ORDER)
		o->d.first_order = o->d.last_order = (struct moment){0};
	err = refresh_from(s, o, o->id, o->id.kind == KIND_ORG, dg);
	if (err == CRM_OK && o->id.kind == KIND_ORG)
		err = refresh_people(s, o, dg);
	o->stale = 0;
	return err;
}

/* ---- into the table --------------------------------------------------- */

/*
 * Has anybody a cadence? Who has one is in the list of what is due, which
 * takes less to walk than the records of all owners to read.
 */
static enum crm_err
find_cadence(struct store *s, bool *any, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_DUE, 0, 0);
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	*any = err == CRM_OK && (pending_count(t) > 0 || pending_runs(t));
	if (err != CRM_OK || !there || *any)
		return err;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	for (; rc == 0 && !*any; rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT))
		*any = k.mv_size != DUE_KEY ||
		       owners_kind(num_get16(
			   (const unsigned char *)k.mv_data + TIME_BYTES));
	if (cur)
		mdb_cursor_close(cur);
	return rc == 0 || rc == MDB_NOTFOUND ? CRM_OK
					     : env_fail(s, rc, "reading", dg);
}

/* A cadence counts from the last activity: its due entry moves along. */
static enum crm_err
move_due(struct store *s, const struct owner *o, const struct derived *old,
    struct diag *dg)
{
	struct table *due = table_of(s, TABLE_DUE, 0, 0);
	struct buf was = {0}, is = {0}, seal = {0};
	struct record r;
	bool had, has;
	enum crm_err err = record_follow(s, o->id, &r, dg);

	if (err != CRM_OK)
		return err;
	had = key_cadence(s, o->id, &r.row, old, &was);
	has = key_cadence(s, o->id, &r.row, &o->d, &is);
	if (due && !is.failed)
		key_seal(due, str_of(&is), &seal);
	if (was.failed || is.failed || seal.failed || !due)
		err = diag_nomem(dg);
	if (err == CRM_OK)
		err = pending_flush(s, due, dg);
	if (err == CRM_OK && had)
		err = table_del(s, due, str_of(&was), dg);
	if (err == CRM_OK && has)
		err = table_put(s, due, str_of(&is), str_of(&seal), dg);
	buf_clear(&was);
	buf_clear(&is);
	buf_clear(&seal);
	return err;
}

static enum crm_err
writer_of(struct store *s, struct table *t, struct diag *dg)
{
	enum crm_err err = table_create(s, t, dg);
	int rc = 0;

	if (err == CRM_OK && !t->writer)
		rc = mdb_cursor_open(s->wtxn, t->dbi, &t->writer);
	return rc == 0 ? err : env_fail(s, rc, "writing", dg);
}

static enum crm_err
put(struct store *s, struct table *t, struct str key, const struct derived *d,
    struct diag *dg)
{
	struct buf *sealed = &s->scratch->sealed;
	MDB_val k = seal_val(key), v;
	enum crm_err err = writer_of(s, t, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	owners_encode(t, key, d, sealed);
	if (sealed->failed)
		return diag_nomem(dg);
	v = seal_val(str_of(sealed));
	rc = mdb_cursor_put(t->writer, &k, &v, 0);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	return env_relieve(s,
	    table_share(s, t, s->owners ? s->owners->n : 0, v.mv_size + 18),
	    dg);
}

/* Nothing but a seal, likely behind all others. */
enum crm_err
owners_found(struct store *s, struct id id, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_DERIVED, id.kind, 0);
	unsigned char key[ID_BYTES], seal[SEAL_BYTES];
	struct str sk = {.p = (const char *)key, .n = ID_BYTES};
	MDB_val k = {.mv_data = key, .mv_size = ID_BYTES};
	MDB_val v = {.mv_data = seal, .mv_size = SEAL_BYTES};
	enum crm_err err = writer_of(s, t, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	id_put(id, key);
	num_put32(seal, seal_of(t, sk, (struct str){0}));
	rc = mdb_cursor_put(t->writer, &k, &v, MDB_APPEND);
	if (rc == MDB_KEYEXIST)
		rc = mdb_cursor_put(t->writer, &k, &v, 0);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	return env_relieve(s, 2 * ID_BYTES + SEAL_BYTES, dg);
}

/* What the table has; a cursor that stands beside it need not look far. */
static enum crm_err
read_next(struct store *s, struct id id, struct derived *out, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_DERIVED, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str sk = {.p = (const char *)key, .n = ID_BYTES};
	MDB_val k = {.mv_data = key, .mv_size = ID_BYTES}, v;
	enum crm_err err = writer_of(s, t, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	id_put(id, key);
	rc = mdb_cursor_get(t->writer, &k, &v, MDB_SET);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return env_fail(s, rc, "reading", dg);
	if (rc != 0 || !owners_decode(t, sk, seal_str(v), out))
		return env_damaged(s, "derived fields of a record", dg);
	return CRM_OK;
}

/* OLD is what the table has; ANEW may be NULL. */
static enum crm_err
write_one(struct store *s, struct owner *o, const struct derived *old,
    struct recast *anew, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_DERIVED, o->id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES};
	enum crm_err err = refresh(s, o, dg);

	if (err == CRM_OK && moment_cmp(&old->last, &o->d.last) != 0 &&
	    !s->no_cadence)
		err = move_due(s, o, old, dg);
	if (err == CRM_OK && anew)
		return recast_put(s, anew, o->id, &o->d, dg);
	if (err != CRM_OK || derived_eq(old, &o->d))
		return err;
	id_put(o->id, key);
	return put(s, t, k, &o->d, dg);
}

static enum crm_err
flush_owner(struct store *s, struct owner *o, struct diag *dg)
{
	struct derived old = {0};
	enum crm_err err = CRM_OK;

	if (o->gone)
		return CRM_OK;
	if (!o->new)
		err = owners_stored(s, o->id, &old, dg);
	return err == CRM_OK ? write_one(s, o, &old, NULL, dg) : err;
}

/* Sorting these moves less than sorting the owners. */
struct turn {
	struct id id;
	uint32_t at;
};

static int
by_id(const void *a, const void *b)
{
	return id_cmp(
	    ((const struct turn *)a)->id, ((const struct turn *)b)->id);
}

/* Those of the kind whose turn it is. */
static enum crm_err
turn_to(struct store *s, uint16_t kind, struct recast *anew, struct diag *dg)
{
	enum crm_err err;

	if (anew->kind == kind)
		return CRM_OK;
	err = recast_close(s, anew, dg);
	return err == CRM_OK
		   ? recast_open(s, kind, sums_count(s, kind), anew, dg)
		   : err;
}

/* What a batch adds, for one who is in the map or not. */
static enum crm_err
flush_sum(struct store *s, struct id id, const struct derived *more, void *arg,
    struct diag *dg)
{
	struct owner *o = owner_find(s->owners, id);
	struct recast *anew = arg;
	struct owner lone = {.id = id};
	struct derived old;
	enum crm_err err;

	if (o) {
		owner_merge(o, more);
		return CRM_OK;
	}
	err = turn_to(s, id.kind, anew, dg);
	if (err == CRM_OK)
		err = anew->on ? recast_read(s, anew, id, &old, dg)
			       : read_next(s, id, &old, dg);
	if (err != CRM_OK)
		return err;
	lone.d = old;
	owner_merge(&lone, more);
	return write_one(s, &lone, &old, anew->on ? anew : NULL, dg);
}

static enum crm_err
flush_sums(struct store *s, struct diag *dg)
{
	struct recast anew = {0};
	enum crm_err err = sums_each(s, flush_sum, &anew, dg);

	if (err == CRM_OK)
		err = recast_close(s, &anew, dg);
	sums_drop(s);
	return err;
}

/*
 * Contacts come before orgs (their kinds' numbers say so), so an org finds
 * its people's new extremes in the map.
 */
static enum crm_err
flush_owners(struct store *s, struct owners *o, struct diag *dg)
{
	struct turn *turns = malloc(o->n * sizeof(*turns));
	enum crm_err err = CRM_OK;

	if (!turns)
		return diag_nomem(dg);
	for (size_t i = 0; i < o->n; i++)
		turns[i] = (struct turn){.id = o->v[i].id, .at = (uint32_t)i};
	qsort(turns, o->n, sizeof(*turns), by_id);
	for (size_t i = 0; i < o->n && err == CRM_OK; i++)
		err = flush_owner(s, &o->v[turns[i].at], dg);
	free(turns);
	return err;
}

enum crm_err
owners_flush(struct store *s, struct diag *dg)
{
	enum crm_err err = clerk_stop(s, dg);

	return err == CRM_OK ? owners_settle(s, dg) : err;
}

enum crm_err
owners_settle(struct store *s, struct diag *dg)
{
	bool any = true;
	enum crm_err err = CRM_OK;

	if (sums_many(s))
		err = find_cadence(s, &any, dg);
	s->no_cadence = !any;
	if (err == CRM_OK)
		err = flush_sums(s, dg);
	if (err == CRM_OK && s->owners && s->owners->n > 0) {
		err = flush_owners(s, s->owners, dg);
		if (err == CRM_OK) {
			owners_free(s->owners);
			s->owners = NULL;
		}
	}
	s->no_cadence = false;
	return err;
}

/* ---- the recount ------------------------------------------------------ */

static enum crm_err
recount_kind(struct store *s, struct owners *o, uint16_t no, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = schema_kind_no(s->schema, no),
	    .bare = true};
	struct scan *sc = NULL;
	enum crm_err err;
	bool got = true;

	if (!spec.kind)
		return CRM_OK;
	err = scan_open(&sc, s, &spec, dg);
	while (err == CRM_OK) {
		struct record r;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK)
			err = recount_row(s, o, spec.kind, NULL, &r.row, dg);
	}
	scan_close(sc);
	return err;
}

enum crm_err
owners_recount(struct store *s, struct owners **out, struct diag *dg)
{
	static const uint16_t kinds[] = {
	    KIND_ACTIVITY, KIND_TASK, KIND_DEAL, KIND_ORDER, KIND_TICKET};
	struct owners *o = calloc(1, sizeof(*o));
	enum crm_err err = CRM_OK;

	if (!o || !owners_grow(o)) {
		free(o);
		return diag_nomem(dg);
	}
	o->counting = true;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && err == CRM_OK; i++)
		err = recount_kind(s, o, kinds[i], dg);
	if (err == CRM_OK)
		*out = o;
	else
		owners_free(o);
	return err;
}
