/* SPDX-License-Identifier: ISC */
/* clerk: keys and sums of new records, made by the second hand. */
#include "store/clerk.h"

#include "store/words_priv.h"

enum {
	NEW_MIN = 256,	/* records of a batch before it is worth it */
	YIELDS_MAX = 64 /* and it is worth it no more */
};
static const size_t bytes_max = (size_t)3 << 20;

struct clerk {
	/* Only tables with what is pending, sums, roles and scratch. */
	struct store desk;
	bool failed;	/* out of memory */
	struct id *odd; /* records whose time is none */
	size_t nodd, odd_cap;

	/* The other thread's: */
	bool off, counts;
	unsigned yields;
	uint16_t kind; /* of records since the last one; 0: none */
	bool kinds;    /* not only this one */
};

/* ---- the second hand -------------------------------------------------- */

static bool
note_odd(struct clerk *c, struct id id)
{
	size_t cap = c->odd_cap ? c->odd_cap * 2 : 16;
	struct id *odd;

	if (c->nodd == c->odd_cap) {
		odd = realloc(c->odd, cap * sizeof(*odd));
		if (!odd)
			return false;
		c->odd = odd;
		c->odd_cap = cap;
	}
	c->odd[c->nodd++] = id;
	return true;
}

static enum crm_err
file_keys(struct store *desk, const struct kind *k, struct id id,
    const struct row *row, struct diag *dg)
{
	static const struct derived none;
	struct entry_set *e = &desk->scratch->new_entries;
	enum crm_err err;

	entries_reset(e);
	err = entries_of(desk, k, id, row, &none, e, dg);
	for (size_t i = 0; i < e->n && err == CRM_OK; i++)
		err = pending_add(desk, e->v[i].table, entry_key(e, i),
		    entry_value(e, i), false, dg);
	return err;
}

static enum crm_err
file_sums(struct clerk *c, const struct kind *k, struct id id,
    const struct row *row, const struct id *owners, size_t n, struct diag *dg)
{
	struct standing st;
	enum crm_err err = CRM_OK;
	bool done = true;

	standing_of(&c->desk, k, row, &st);
	if (st.class != REF_OPEN)
		return CRM_OK;
	for (size_t i = 0; i < n && err == CRM_OK && done; i++)
		err = sums_add(&c->desk, owners[i], k->no, &st, &done, dg);
	if (err == CRM_OK && !done && !note_odd(c, id))
		err = diag_nomem(dg);
	return err;
}

void
clerk_file(struct clerk *c, const struct kind *k, struct id id, struct row *row,
    uint64_t skip, const struct id *owners, size_t nowners)
{
	struct scratch *w = c->desk.scratch;
	struct str bytes = row_bytes(row);
	struct diag dg = {0};
	enum crm_err err;

	if (c->failed)
		return;
	for (size_t i = 0; i < nowners; i++)
		sums_soon(&c->desk, owners[i], k->no);
	/* So that the standing is found once. */
	w->after.p = (char *)(uintptr_t)bytes.p;
	w->after.n = bytes.n;
	c->desk.moves++;
	c->desk.skip = skip;
	err = file_keys(&c->desk, k, id, row, &dg);
	if (err == CRM_OK && nowners > 0)
		err = file_sums(c, k, id, row, owners, nowners, &dg);
	w->after = (struct buf){0};
	c->failed = err != CRM_OK;
	diag_clear(&dg);
}

bool
clerk_full(const struct clerk *c)
{
	return c->desk.pending_bytes > bytes_max || sums_full(&c->desk);
}

/* ---- what is handed over ---------------------------------------------- */

enum crm_err
clerk_yield(struct store *s, uint16_t kind, struct diag *dg)
{
	struct clerk *c = s->clerk;

	if (!c || c->off || c->kind == 0 ||
	    (kind && !c->kinds && kind != c->kind))
		return CRM_OK;
	c->kind = 0;
	c->kinds = false;
	words_feed_give(s);
	if (s->hand)
		hand_rest(s->hand);
	if (c->failed)
		return diag_nomem(dg);
	c->yields++;
	return pending_adopt(s, &c->desk, dg);
}

/* Counts a record as everybody's are counted. */
static enum crm_err
count_odd(struct store *s, struct id id, struct buf *bytes, struct diag *dg)
{
	struct record r;
	struct row row;
	enum crm_err err = record_follow(s, id, &r, dg);

	if (err != CRM_OK)
		return err;
	buf_reset(bytes);
	buf_add(bytes, row_bytes(&r.row));
	if (bytes->failed)
		return diag_nomem(dg);
	return row_open(str_of(bytes), &row)
		   ? owners_change(s, r.kind, id, NULL, &row, dg)
		   : env_damaged(s, "a record", dg);
}

static enum crm_err
take_sums(struct store *s, struct clerk *c, struct diag *dg)
{
	struct buf bytes = {0};
	enum crm_err err = CRM_OK;

	s->sums = c->desk.sums;
	c->desk.sums = NULL;
	c->counts = false;
	for (size_t i = 0; i < c->nodd && err == CRM_OK; i++)
		err = count_odd(s, c->odd[i], &bytes, dg);
	c->nodd = 0;
	buf_clear(&bytes);
	return err;
}

enum crm_err
clerk_stop(struct store *s, struct diag *dg)
{
	struct clerk *c = s->clerk;
	enum crm_err err;

	if (!c || c->off)
		return CRM_OK;
	err = clerk_yield(s, 0, dg);
	if (err != CRM_OK)
		return err;
	c->off = true;
	return take_sums(s, c, dg);
}

enum crm_err
clerk_relieve(struct store *s, struct diag *dg)
{
	struct clerk *c = s->clerk;
	enum crm_err err;

	if (!c || c->off || !clerk_full(c))
		return CRM_OK;
	err = clerk_yield(s, 0, dg);
	if (err == CRM_OK && c->yields > 0)
		c->yields--; /* nobody asked */
	if (err != CRM_OK || !sums_full(&c->desk))
		return err;
	err = take_sums(s, c, dg);
	return err == CRM_OK ? owners_settle(s, dg) : err;
}

bool
clerk_counts(const struct store *s)
{
	return s->clerk && s->clerk->counts;
}

/* ---- what it takes ---------------------------------------------------- */

static enum crm_err
make(struct store *s, struct diag *dg)
{
	struct clerk *c = calloc(1, sizeof(*c));
	struct store *desk = c ? &c->desk : NULL;

	if (c)
		desk->scratch = calloc(1, sizeof(*desk->scratch));
	if (!c || !desk->scratch) {
		free(c);
		return diag_nomem(dg);
	}
	desk->bulk = desk->is_desk = true;
	desk->runs_fd = desk->dir = desk->parent = -1;
	desk->schema = s->schema;
	/* A kind is filled in when it is first asked for: not in two threads
	 * at once. */
	for (size_t i = 0; schema_kind_at(s->schema, i); i++)
		;
	desk->sums = s->sums;
	s->sums = NULL;
	s->clerk = c;
	return CRM_OK;
}

/* Fields in which the batch looks for what it has itself added. */
static uint64_t
looked_up(struct store *s, const struct kind *k)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < k->nkeyed; i++) {
		const struct field *f = k->keyed[i];
		const struct table *t =
		    f->type == TYPE_REF
			? NULL
			: table_of(s, TABLE_INDEX, f->kind, f->slot);

		if (t && lookup_on(t))
			bits |= (uint64_t)1 << i;
	}
	return bits;
}

static bool
suits(const struct store *s, const struct kind *k, struct id id)
{
	return s->bulk && !s->again && id.tag == 0 && k->nkeyed < SKIP_DUE &&
	       k->no != KIND_KIND && k->no != KIND_FIELD && !owners_any(s);
}

enum crm_err
clerk_takes(struct store *s, const struct kind *k, struct id id, bool *yes,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	uint64_t all;

	s->skip = 0;
	*yes = false;
	if (s->clerk && s->clerk->off)
		return CRM_OK;
	if (!suits(s, k, id))
		return clerk_stop(s, dg);
	if (s->clerk && s->clerk->yields > YIELDS_MAX)
		return clerk_stop(s, dg);
	if (!s->clerk && ++s->added < NEW_MIN)
		return CRM_OK;
	if (!s->clerk)
		err = make(s, dg);
	if (err != CRM_OK)
		return err;
	all = (((uint64_t)1 << k->nkeyed) - 1) | (uint64_t)1 << SKIP_DUE;
	s->skip = all & ~looked_up(s, k);
	s->clerk->kinds =
	    s->clerk->kinds || (s->clerk->kind && s->clerk->kind != k->no);
	s->clerk->kind = k->no;
	s->clerk->counts = s->clerk->counts || owners_counted(k->no);
	*yes = true;
	return CRM_OK;
}

uint64_t
clerk_share(const struct store *s)
{
	return ~s->skip & ~((uint64_t)1 << SKIP_DUE);
}

void
clerk_free(struct store *s)
{
	struct clerk *c = s->clerk;

	s->skip = 0;
	s->added = 0;
	if (!c)
		return;
	if (s->hand)
		hand_rest(s->hand);
	pending_drop_all(&c->desk);
	sums_drop(&c->desk);
	tables_free(&c->desk);
	entries_clear(&c->desk.scratch->new_entries);
	free(c->desk.scratch);
	free(c->odd);
	free(c);
	s->clerk = NULL;
}
