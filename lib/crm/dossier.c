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

static enum crm_err
entry_add(
    struct dossier *d, struct id id, const struct scan *sc, struct diag *dg)
{
	struct dossier_entry *e;
	struct dossier_entry *entries;
	size_t cap;

	if (d->n == d->cap) {
		cap = d->cap ? d->cap * 4 : 64;
		entries = realloc(d->entries, cap * sizeof(*entries));
		if (!entries)
			return diag_nomem(dg);
		d->entries = entries;
		d->cap = cap;
	}
	e = &d->entries[d->n++];
	*e = (struct dossier_entry){.id = id, .time = scan_ref_time(sc)};
	return scan_cover(sc, e->cover, &e->covered, dg);
}

/*
 * Up to LIMIT and one entries of one range, backwards. Closed ones stand
 * behind the open ones, so that each class takes a walk of its own.
 */
static enum crm_err
range_read(struct store *s, const struct scan_spec *spec, size_t limit,
    struct dossier *d, struct diag *dg)
{
	struct scan *sc = NULL;
	struct ref_key key;
	struct id id;
	enum crm_err err;
	bool got;

	err = scan_open(&sc, s, spec, dg);
	for (size_t i = 0; !err && i <= limit; i++) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		err = scan_ref_sum(sc, &key, dg);
		if (err || (!spec->open_only && key.class == REF_OPEN))
			break;
		err = entry_add(d, id, sc, dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
field_read(struct store *s, const struct field *f, struct id owner,
    bool open_only, size_t limit, struct dossier *d, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_REFS,
	    .field = f,
	    .target = owner,
	    .open_only = true,
	    .reverse = true};
	enum crm_err err = range_read(s, &spec, limit, d, dg);

	spec.open_only = false;
	if (!err && !open_only)
		err = range_read(s, &spec, limit, d, dg);
	return err;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct dossier_entry *x = a;
	const struct dossier_entry *y = b;

	return id_cmp(x->id, y->id);
}

/* No time stands at the end of the index, as if it were the latest; a day
 * before its moments. */
static int
compare_newest(const void *a, const void *b)
{
	const struct dossier_entry *x = a;
	const struct dossier_entry *y = b;

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
	enum crm_err err = CRM_OK;

	out->n = 0;
	out->cut = false;
	for (size_t o = 0; !err && o < nowners; o++)
		for (size_t i = 0; !err && i < k->nfields; i++)
			if (field_points(k->fields[i], owners[o].kind))
				err = field_read(s, k->fields[i], owners[o],
				    open_only, limit, out, dg);
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
	struct dossier_entry e;

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
