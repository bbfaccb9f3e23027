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

/* ---- all of a kind ---------------------------------------------------- */

struct printer {
	const struct columns *columns;
	struct emit *emit;
};

static void
rows_print(void *arg, const struct id *ids, const struct row *rows, size_t n,
    struct buf *to)
{
	struct printer *p = arg;

	emit_to(p->emit, to);
	columns_emit_rows(p->columns, p->emit, ids, rows, n);
}

static enum crm_err
rows_drain(void *to, struct buf *text, struct diag *dg)
{
	struct out *o = to;
	struct buf before = o->buf;
	enum crm_err err;

	if (text->n < OUT_CHUNK / 4) {
		buf_add(&o->buf, str_of(text));
		buf_reset(text);
		return out_drain(o, dg);
	}
	err = out_flush(o, dg);
	if (err)
		return err;
	before = o->buf;
	o->buf = *text;
	err = out_flush(o, dg);
	*text = o->buf;
	o->buf = before;
	return err;
}

enum crm_err
rows_pour(
    struct exporter *x, const struct kind *kind, bool *done, struct diag *dg)
{
	struct rows *r = (struct rows *)x;
	struct printer first = {r->columns, r->emit},
		       second = {r->columns, NULL};
	struct store_pour what = {.kind = kind,
	    .print = rows_print,
	    .first = &first,
	    .second = &second,
	    .drain = rows_drain,
	    .to = &r->c->out};
	enum crm_err err = emit_twin(&second.emit, r->emit, &r->c->out.buf, dg);

	*done = second.emit != NULL;
	if (!err && *done)
		err = store_pour(r->c->store, &what, dg);
	emit_to(r->emit, &r->c->out.buf);
	emit_free(second.emit);
	return err;
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
