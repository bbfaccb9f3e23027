/* SPDX-License-Identifier: ISC */
/* record: reads a field of a record, and holds one that is being written. */
#include "model/record.h"

struct str
record_get(const struct record *r, const struct field *f, struct buf *scratch)
{
	if (f->derived == DERIVED_NONE)
		return row_get(&r->row, f->slot);
	buf_reset(scratch);
	derived_print(&r->derived, (enum derived_no)f->derived, scratch);
	return str_of(scratch);
}

enum crm_err
draft_init(struct draft *d, const struct kind *k, struct diag *dg)
{
	*d = (struct draft){.kind = k, .id = {.kind = k->no}};
	if (k->nslots == 0)
		return CRM_OK;
	d->values = calloc(k->nslots, sizeof *d->values);
	d->set = calloc(k->nslots + DRAFT_STEP, sizeof *d->set);
	if (!d->values || !d->set) {
		draft_clear(d);
		return diag_nomem(dg);
	}
	d->nslots = k->nslots;
	return CRM_OK;
}

void
draft_reset(struct draft *d)
{
	for (size_t i = 0; i < d->nslots; i += DRAFT_STEP) {
		if (!draft_any(d, i))
			continue;
		for (size_t j = i; j < i + DRAFT_STEP && j < d->nslots; j++)
			if (d->set[j])
				buf_reset(&d->values[j]);
		memset(d->set + i, 0, DRAFT_STEP * sizeof *d->set);
	}
	d->id.num = 0;
	d->id.tag = 0;
}

void
draft_clear(struct draft *d)
{
	for (size_t i = 0; i < d->nslots; i++)
		buf_clear(&d->values[i]);
	free(d->values);
	free(d->set);
	*d = (struct draft){0};
}

void
draft_set(struct draft *d, const struct field *f, struct str value)
{
	struct buf *b;

	if (f->slot >= d->nslots)
		return;
	b = &d->values[f->slot];
	buf_reset(b);
	buf_add(b, value);
	d->set[f->slot] = true;
	d->failed = d->failed || b->failed;
}

struct str
draft_get(const struct draft *d, const struct field *f)
{
	if (f->slot >= d->nslots || !d->set[f->slot])
		return (struct str){0};
	return str_of(&d->values[f->slot]);
}
