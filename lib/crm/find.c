/* SPDX-License-Identifier: ISC */
/* find: walks matches or given ids; sorts by keys kept beside the ids. */
#include "crm/find.h"
#include "model/value.h"

/* A part of the sort order. */
struct order {
	struct path *path;
	const struct field *field; /* NULL: the id itself */
	bool stored; /* a plain field of the row: read without the path */
	bool down;
};

/* A found record: its sort texts stand one behind the other in an arena. */
struct hit {
	struct id id;
	size_t at; /* of its first text in the arena */
};

struct finder {
	struct store *store;
	const struct kind *kind;
	struct query *query;
	const struct id *ids;
	size_t nids, next_id;
	uint64_t left; /* records that the limit still allows */

	struct order *orders;
	size_t norders;
	struct hit *hits; /* sorted, when there is an order */
	size_t nhits, cap, next_hit;
	struct buf arena;
	struct buf scratch, key;
	bool sorted;
};

/* ---- life ------------------------------------------------------------- */

void
finder_free(struct finder *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->norders; i++)
		path_free(f->orders[i].path);
	free(f->orders);
	free(f->hits);
	query_free(f->query);
	buf_clear(&f->arena);
	buf_clear(&f->scratch);
	buf_clear(&f->key);
	free(f);
}

static enum crm_err
order_add(struct finder *f, struct str text, struct diag *dg)
{
	struct order *o = &f->orders[f->norders];
	enum crm_err err;

	o->down = str_starts(text, STR("-"));
	if (o->down || str_starts(text, STR("+")))
		text = str_from_pos(text, 1);
	if (text.n == 0)
		return diag_set(dg, CRM_USAGE,
		    "-s: a field name is missing; write -s FIELD,-FIELD");
	err = path_new(&o->path, f->store, f->kind, text, dg);
	if (err) {
		diag_place(dg, "-s");
		return err;
	}
	o->field = path_field(o->path);
	o->stored = o->field && o->field->slot != SLOT_NONE &&
		    o->field->kind == f->kind->no &&
		    str_eq(o->field->name, text);
	f->norders++;
	return CRM_OK;
}

static enum crm_err
orders_read(struct finder *f, const char *sort, struct diag *dg)
{
	struct str all = str_from(sort), rest;
	enum crm_err err = CRM_OK;
	size_t i, n = 1;

	for (i = 0; i < all.n; i++)
		n += all.p[i] == ',';
	f->orders = calloc(n, sizeof(*f->orders));
	if (!f->orders)
		return diag_nomem(dg);
	for (rest = all; !err && rest.p;)
		err = order_add(f, str_cut(&rest, ','), dg);
	return err;
}

static enum crm_err
finder_open(struct finder *f, const struct clock *clock,
    const struct find_options *o, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (!o->ids || o->nwords)
		err = query_new(&f->query, f->store, clock, f->kind, o->words,
		    o->nwords, dg);
	if (!err && o->sort)
		err = orders_read(f, o->sort, dg);
	return err;
}

enum crm_err
finder_new(struct finder **out, struct store *s, const struct clock *clock,
    const struct find_options *o, struct diag *dg)
{
	struct finder *f = calloc(1, sizeof(*f));
	enum crm_err err;

	*out = NULL;
	if (!f)
		return diag_nomem(dg);
	f->store = s;
	f->kind = o->kind;
	f->ids = o->ids;
	f->nids = o->nids;
	f->left = o->limit;
	err = finder_open(f, clock, o, dg);
	if (err) {
		finder_free(f);
		return err;
	}
	*out = f;
	return CRM_OK;
}

void
finder_explain(const struct finder *f, struct buf *out)
{
	if (f->ids)
		buf_addf(out, "%zu given ids", f->nids);
	if (f->ids && f->query)
		buf_addz(out, ", filtered by ");
	if (f->query)
		query_explain(f->query, out);
	if (f->norders)
		buf_addz(out, ", sorted");
}

/* ---- unsorted --------------------------------------------------------- */

static enum crm_err
wrong_kind(const struct finder *f, struct id id, struct diag *dg)
{
	const struct schema *s = store_schema(f->store);
	struct buf name = {0};
	enum crm_err err;

	id_print(s, id, &name);
	err = diag_set(dg, CRM_DATA,
	    "%s is no %.*s; one kind at a time has one set of columns",
	    buf_z(&name), STR_ARG(f->kind->name));
	buf_clear(&name);
	return err;
}

/* The next of the given ids that matches the query. */
static enum crm_err
given_next(struct finder *f, struct record *r, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	struct id id;

	*got = false;
	while (!err && !*got && f->next_id < f->nids) {
		id = f->ids[f->next_id++];
		if (id.kind != f->kind->no)
			return wrong_kind(f, id, dg);
		err = store_get(f->store, id, r, dg);
		*got = !err;
		if (!err && f->query)
			err = query_match(f->query, r, got, dg);
	}
	return err;
}

static enum crm_err
match_next(struct finder *f, struct record *r, bool *got, struct diag *dg)
{
	if (f->ids)
		return given_next(f, r, got, dg);
	return query_next(f->query, r, got, dg);
}

/* ---- sorted ----------------------------------------------------------- */

/* Texts in the arena: u32 length, bytes. */
static struct str
arena_text(const struct finder *f, size_t *at)
{
	uint32_t n;
	struct str s;

	memcpy(&n, f->arena.p + *at, sizeof(n));
	s.p = f->arena.p + *at + sizeof(n);
	s.n = n;
	*at += sizeof(n) + n;
	return s;
}

static void
arena_add(struct finder *f, struct str s)
{
	uint32_t n = (uint32_t)s.n;
	char *p = buf_room(&f->arena, sizeof(n) + s.n);

	if (!p)
		return;
	memcpy(p, &n, sizeof(n));
	if (n)
		memcpy(p + sizeof(n), s.p, n);
	f->arena.n += sizeof(n) + n;
}

/* The value that counts for O: of a list the first. */
static enum crm_err
order_value(struct finder *f, const struct order *o, const struct record *r,
    struct str *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*out = (struct str){.p = "", .n = 0};
	if (!o->field)
		return CRM_OK;
	if (o->stored) {
		*out = row_get(&r->row, o->field->slot);
	} else {
		buf_reset(&f->scratch);
		err = path_get(o->path, r, &f->scratch, dg);
		if (!err && f->scratch.failed)
			err = diag_nomem(dg);
		*out = str_of(&f->scratch);
	}
	if (!o->stored || o->field->list)
		*out = str_head(*out, str_chr(*out, ','));
	return err;
}

/* Appends what the sort compares: "" for no value, else the key of the value
 * with the value behind it where the key may have been cut. */
static enum crm_err
order_key(struct finder *f, const struct order *o, const struct record *r,
    struct diag *dg)
{
	struct str v;
	enum crm_err err = order_value(f, o, r, &v, dg);

	if (err)
		return err;
	buf_reset(&f->key);
	if (v.n)
		value_key(o->field, v, &f->key);
	if (f->key.failed)
		return diag_nomem(dg);
	arena_add(f, str_of(&f->key));
	arena_add(f, v);
	return CRM_OK;
}

static enum crm_err
hit_add(struct finder *f, const struct record *r, struct diag *dg)
{
	struct hit *more;
	size_t i, cap;
	enum crm_err err = CRM_OK;

	if (f->nhits == f->cap) {
		cap = f->cap ? f->cap * 2 : 256;
		more = realloc(f->hits, cap * sizeof(*more));
		if (!more)
			return diag_nomem(dg);
		f->hits = more;
		f->cap = cap;
	}
	f->hits[f->nhits].id = r->id;
	f->hits[f->nhits++].at = f->arena.n;
	for (i = 0; !err && i < f->norders; i++)
		err = order_key(f, &f->orders[i], r, dg);
	if (!err && f->arena.failed)
		err = diag_nomem(dg);
	return err;
}

static int
value_order(const struct order *o, struct str ka, struct str va, struct str kb,
    struct str vb)
{
	int d;

	if (va.n == 0 || vb.n == 0)
		return (va.n == 0) - (vb.n == 0);
	d = str_cmp(ka, kb);
	if (d == 0)
		d = value_cmp(o->field, va, vb);
	return o->down ? -d : d;
}

static int
hit_cmp(const struct finder *f, const struct hit *a, const struct hit *b)
{
	size_t i, pa = a->at, pb = b->at;
	struct str ka, kb, va, vb;
	int d;

	for (i = 0; i < f->norders; i++) {
		ka = arena_text(f, &pa);
		va = arena_text(f, &pa);
		kb = arena_text(f, &pb);
		vb = arena_text(f, &pb);
		if (f->orders[i].field)
			d = value_order(&f->orders[i], ka, va, kb, vb);
		else
			d = f->orders[i].down ? id_cmp(b->id, a->id)
					      : id_cmp(a->id, b->id);
		if (d)
			return d;
	}
	return id_cmp(a->id, b->id);
}

/* Merges the sorted halves of A[0..n) with TMP as room. qsort takes no
 * argument along, and the order stands in the finder. */
static void
hits_merge(const struct finder *f, struct hit *a, size_t half, size_t n,
    struct hit *tmp)
{
	size_t i = 0, j = half, k = 0;

	memcpy(tmp, a, half * sizeof(*a));
	while (i < half && j < n) {
		if (hit_cmp(f, &tmp[i], &a[j]) <= 0)
			a[k++] = tmp[i++];
		else
			a[k++] = a[j++];
	}
	memcpy(a + k, tmp + i, (half - i) * sizeof(*a));
}

static void
hits_sort(const struct finder *f, struct hit *a, size_t n, struct hit *tmp)
{
	size_t half = n / 2;

	if (n < 2)
		return;
	hits_sort(f, a, half, tmp);
	hits_sort(f, a + half, n - half, tmp);
	if (hit_cmp(f, &a[half - 1], &a[half]) > 0)
		hits_merge(f, a, half, n, tmp);
}

static enum crm_err
finder_sort(struct finder *f, struct diag *dg)
{
	struct record r;
	struct hit *tmp;
	bool got = true;
	enum crm_err err = CRM_OK;

	while (!err && got) {
		err = match_next(f, &r, &got, dg);
		if (!err && got)
			err = hit_add(f, &r, dg);
	}
	if (err)
		return err;
	tmp = malloc((f->nhits / 2 + 1) * sizeof(*tmp));
	if (!tmp)
		return diag_nomem(dg);
	hits_sort(f, f->hits, f->nhits, tmp);
	free(tmp);
	buf_clear(&f->arena);
	f->sorted = true;
	return CRM_OK;
}

/* A record that went away since it was found is passed over. */
static enum crm_err
sorted_next(struct finder *f, struct record *r, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_NO;

	if (!f->sorted)
		err = finder_sort(f, dg);
	if (err && err != CRM_NO)
		return err;
	err = CRM_NO;
	while (err == CRM_NO && f->next_hit < f->nhits)
		err = store_get(f->store, f->hits[f->next_hit++].id, r, dg);
	*got = !err;
	if (err != CRM_NO)
		return err;
	diag_clear(dg);
	return CRM_OK;
}

enum crm_err
finder_next(struct finder *f, struct record *r, bool *got, struct diag *dg)
{
	enum crm_err err;

	*got = false;
	if (f->left == 0)
		return CRM_OK;
	if (f->norders)
		err = sorted_next(f, r, got, dg);
	else
		err = match_next(f, r, got, dg);
	if (*got && f->left != UINT64_MAX)
		f->left--;
	return err;
}

void
finder_bare(struct finder *f)
{
	if (f->query && f->norders == 0)
		query_bare(f->query);
}

void
finder_alone(struct finder *f)
{
	if (f->query && !f->ids)
		query_alone(f->query);
}
