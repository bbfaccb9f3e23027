/* SPDX-License-Identifier: ISC */
/* rows: tables and objects seen as an exporter. */
#include "crm-export/export.h"

#include "crm/columns.h"

struct rows {
	struct exporter exporter;
	struct cli *c;
	struct columns *columns;
	struct emit *emit;
};

static enum crm_err
rows_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct rows *r = (struct rows *)x;
	struct cli *c = r->c;
	enum crm_err err;

	(void)to;
	err = columns_new(
	    &r->columns, c->store, kind, c->opt.fields, COLUMNS_OPEN, dg);
	if (err)
		return err;
	x->bare = !columns_derive(r->columns);
	err = cli_emit(c, FORMAT_TSV, &r->emit);
	return err ? err : columns_begin(r->columns, r->emit, dg);
}

static enum crm_err
rows_record(struct exporter *x, const struct record *record, struct buf *to,
    struct diag *dg)
{
	struct rows *r = (struct rows *)x;

	(void)to;
	return columns_emit(r->columns, r->emit, record, dg);
}

static enum crm_err
rows_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	(void)to;
	return emit_end(((struct rows *)x)->emit, dg);
}

static void
rows_free(struct exporter *x)
{
	struct rows *r = (struct rows *)x;

	columns_free(r->columns);
	emit_free(r->emit);
	free(r);
}

enum crm_err
rows_exporter(struct exporter **out, struct cli *c)
{
	static const struct exporter_class class = {.kind = rows_kind,
	    .record = rows_record,
	    .end = rows_end,
	    .free = rows_free};
	struct rows *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return diag_nomem(&c->diag);
	r->exporter.class = &class;
	r->c = c;
	*out = &r->exporter;
	return CRM_OK;
}
