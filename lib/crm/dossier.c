/* SPDX-License-Identifier: ISC */
/* dossier: ranges of the reference indexes, merged. */
#include "crm/dossier.h"

static bool
field_points(const struct field *f, uint16_t to)
{
	return f->type == TYPE_REF && f->slot != SLOT_NONE &&
	       (f->ref == to || f->ref == KIND_NONE);
}

bool
dossier_points(const struct kind *k, uint16_t to)
{
	for (size_t i = 0; i < k->nfields; i++)
		if (field_points(k->fields[i], to))
			return true;
	return false;
}

static bool
may_point(const struct field *f, const struct id *owners, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (field_points(f, owners[i].kind))
			return true;
	return false;
}

static bool
entries_more(struct dossier *d, size_t n)
{
	size_t cap = d->cap ? d->cap : 64;
	struct pointer *p;

	while (cap - d->n < n)
		cap *= 4;
	p = realloc(d->entries, cap * sizeof(*p));
	if (!p)
		return false;
	d->entries = p;
	d->cap = cap;
	return true;
}

static bool
entries_add(void *arg, const struct pointer *p, size_t n)
{
	struct dossier *d = arg;

	if (d->cap - d->n < n && !entries_more(d, n))
		return false;
	memcpy(&d->entries[d->n], p, n * sizeof(*p));
	d->n += n;
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct pointer *x = a;
	const struct pointer *y = b;

	return id_cmp(x->id, y->id);
}

/* No time stands at the end of the index, as if it were the latest; a day
 * before its moments. */
static int
compare_newest(const void *a, const void *b)
{
	const struct pointer *x = a;
	const struct pointer *y = b;

	if (x->time.given != y->time.given)
		return y->time.given ? -1 : 1;
	if (x->time.utc != y->time.utc)
		return x->time.utc > y->time.utc ? -1 : 1;
	if (x->time.day != y->time.day)
		return y->time.day ? -1 : 1;
	return id_cmp(y->id, x->id);
}

/* Entries of one range come in this order. */
static bool
are_newest(const struct dossier *d)
{
	for (size_t i = 1; i < d->n; i++)
		if (compare_newest(&d->entries[i - 1], &d->entries[i]) >= 0)
			return false;
	return true;
}

/* One record may point here in several fields. */
static void
drop_doubles(struct dossier *d)
{
	size_t kept = 0;

	qsort(d->entries, d->n, sizeof(*d->entries), compare_ids);
	for (size_t i = 0; i < d->n; i++)
		if (!i || !id_eq(d->entries[i].id, d->entries[i - 1].id))
			d->entries[kept++] = d->entries[i];
	d->n = kept;
}

enum crm_err
dossier_read(struct store *s, const struct kind *k, const struct id *owners,
    size_t nowners, bool open_only, size_t limit, struct dossier *out,
    struct diag *dg)
{
	struct store_pointers what = {.open_only = open_only,
	    .limit = limit + 1,
	    .take = entries_add,
	    .arg = out};
	enum crm_err err = CRM_OK;

	out->n = 0;
	out->cut = false;
	for (size_t i = 0; !err && i < k->nfields; i++) {
		what.field = k->fields[i];
		what.targets = owners;
		what.ntargets = nowners;
		if (may_point(what.field, owners, nowners))
			err = store_pointers(s, &what, dg);
	}
	if (err || !out->n)
		return err;
	if (!are_newest(out)) {
		drop_doubles(out);
		qsort(out->entries, out->n, sizeof(*out->entries),
		    compare_newest);
	}
	out->cut = out->n > limit;
	if (out->cut)
		out->n = limit;
	return CRM_OK;
}

void
dossier_turn(struct dossier *d)
{
	struct pointer e;

	for (size_t i = 0; i < d->n / 2; i++) {
		e = d->entries[i];
		d->entries[i] = d->entries[d->n - 1 - i];
		d->entries[d->n - 1 - i] = e;
	}
}

void
dossier_clear(struct dossier *d)
{
	free(d->entries);
	*d = (struct dossier){0};
}
