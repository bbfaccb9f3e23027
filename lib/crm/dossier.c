/* SPDX-License-Identifier: ISC */
/* dossier: ranges of the reference indexes, merged. */
#include "crm/dossier.h"

/* Any of the owners may be meant. */
static bool
may_point(struct ref_field f, const struct id *owners, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (f.to == owners[i].kind || f.to == KIND_NONE)
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
compare_newest(const void *a, const void *b)
{
	return pointer_cmp(b, a);
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

/* One record may point here in several fields, at its one time. */
static void
drop_doubles(struct dossier *d)
{
	size_t kept = 0;

	qsort(d->entries, d->n, sizeof(*d->entries), compare_newest);
	for (size_t i = 0; i < d->n; i++)
		if (!i || pointer_cmp(&d->entries[i], &d->entries[kept - 1]))
			d->entries[kept++] = d->entries[i];
	d->n = kept;
}

enum crm_err
dossier_read(struct store *s, uint16_t kind, const struct id *owners,
    size_t nowners, bool open_only, size_t limit, struct dossier *out,
    struct diag *dg)
{
	struct ref_field fields[SLOT_LIMIT];
	struct store_pointers what = {.kind = kind,
	    .targets = owners,
	    .ntargets = nowners,
	    .open_only = open_only,
	    .limit = limit + 1,
	    .take = entries_add,
	    .arg = out};
	size_t n = schema_refs(store_schema(s), kind, fields, SLOT_LIMIT);
	enum crm_err err = CRM_OK;

	/* A damaged schema may say that there are more. */
	if (n > SLOT_LIMIT)
		n = SLOT_LIMIT;
	out->n = 0;
	out->kind = kind;
	out->cut = false;
	for (size_t i = 0; !err && i < n; i++) {
		what.slot = fields[i].slot;
		if (may_point(fields[i], owners, nowners))
			err = store_pointers(s, &what, dg);
	}
	if (err || !out->n)
		return err;
	if (!are_newest(out))
		drop_doubles(out);
	out->cut = out->n > limit;
	if (out->cut)
		out->n = limit;
	return CRM_OK;
}

struct id
dossier_id(const struct dossier *d, size_t i)
{
	return pointer_id(&d->entries[i], d->kind);
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
