/* SPDX-License-Identifier: ISC */
/* tsv_rows: the reader of crm-tsv(5) as rows. */
#include "text/tsv_rows.h"

#include "base/utf8.h"
#include "text/recode.h"

struct tsv_rows {
	struct rows rows;
	struct tsv_reader *tsv;
	const struct str *names;
	size_t ncols;
	struct str *empty; /* cells of a row that was refused */
	struct buf raw;	   /* of one that is not UTF-8, mended */
};

static struct str
raw_mended(struct tsv_rows *r)
{
	struct str s = tsv_raw(r->tsv);
	size_t bad = 0;

	if (utf8_valid(s, &bad))
		return s;
	buf_reset(&r->raw);
	recode_mend(s, &r->raw);
	return str_of(&r->raw);
}

static enum crm_err
tsv_rows_next(
    struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct tsv_rows *r = (struct tsv_rows *)rows;
	const struct str *cells = NULL;
	enum crm_err err = tsv_next(r->tsv, &cells, got, dg);

	*row = (struct rows_row){
	    .names = r->names,
	    .cells = err ? r->empty : cells,
	    .n = r->ncols,
	    .line = tsv_line(r->tsv),
	    .raw = err ? STR("") : tsv_raw(r->tsv),
	    .kind = STR(""),
	};
	if (err == CRM_DATA) {
		row->raw = raw_mended(r);
		*got = true;
	}
	return err;
}

static void
tsv_rows_close(struct rows *rows)
{
	struct tsv_rows *r = (struct tsv_rows *)rows;

	tsv_close(r->tsv);
	buf_clear(&r->raw);
	free(r->empty);
	free(r);
}

enum crm_err
tsv_rows_open(struct rows **out, const struct source *src,
    const struct tsv_options *o, struct diag *dg)
{
	static const struct rows_class class = {
	    .next = tsv_rows_next, .close = tsv_rows_close};
	struct tsv_options opt = o ? *o : (struct tsv_options){0};

	*out = NULL;
	struct tsv_rows *r = calloc(1, sizeof(*r));
	if (!r)
		return diag_nomem(dg);
	r->rows.class = &class;
	opt.foreign = true;
	enum crm_err err = tsv_open(&r->tsv, src, &opt, dg);
	if (err)
		goto out;
	r->ncols = tsv_columns(r->tsv, &r->names);
	r->empty = calloc(r->ncols + 1, sizeof(*r->empty));
	if (!r->empty) {
		err = diag_nomem(dg);
		goto out;
	}
	for (size_t i = 0; i < r->ncols; i++)
		r->empty[i] = STR("");
out:
	if (err)
		tsv_rows_close(&r->rows);
	else
		*out = &r->rows;
	return err;
}

const struct str *
tsv_rows_names(const struct rows *r, size_t *n)
{
	const struct tsv_rows *t = (const struct tsv_rows *)r;

	*n = t->ncols;
	return t->names;
}

bool
tsv_rows_odd(const struct rows *r)
{
	return tsv_odd(((const struct tsv_rows *)r)->tsv);
}
