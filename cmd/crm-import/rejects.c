/* SPDX-License-Identifier: ISC */
/*
 * rejects: the refused rows as crm-tsv, to be mended and imported: rows of
 * the same columns in one file, what is no table as the text that it was.
 */
#include "base/escape.h"
#include "crm-import/job.h"

enum { FILES_MAX = 16 };

struct rejects {
	struct reject_file {
		struct out out;
		struct buf name;
		const char *from; /* NULL: texts of all files */
		uint64_t shape;
	} files[FILES_MAX];
	size_t n;
};

/* A row that could not be cut into its cells has none; its text is not lost. */
static bool
is_cut(const struct rows_row *row)
{
	bool any = row->raw.n == 0;

	for (size_t i = 0; row->cells && !any && i < row->n; i++)
		any = row->cells[i].n > 0;
	for (size_t i = 0; !any && i < row->raw.n; i++)
		if (!strchr(" \t,;|\"", row->raw.p[i]))
			return false;
	return row->cells != NULL;
}

static bool
is_table(const struct rows_row *row)
{
	return row->kind.n == 0 && row->n > 0 && is_cut(row);
}

static void
cell_add(struct buf *out, struct str s, bool first)
{
	if (!first)
		buf_addc(out, '\t');
	escape_tsv(s, out);
}

static void
header_add(struct buf *out, const struct rows_row *row, bool table)
{
	for (size_t i = 0; table && i < row->n; i++)
		cell_add(out, row->names[i], i == 0);
	if (!table)
		buf_addz(out, "text");
	buf_addz(out, "\tline\treason\n");
}

static enum crm_err
file_open(struct job *j, struct reject_file *f, size_t no, struct diag *dg)
{
	buf_addz(&f->name, j->c->opt.rejects);
	if (no > 1)
		buf_addf(&f->name, ".%zu", no);
	if (f->name.failed)
		return diag_nomem(dg);
	return out_open(&f->out, buf_z(&f->name), dg);
}

/* The file for rows like this one; *table: it has columns. */
static enum crm_err
file_of(struct job *j, const struct import_refusal *r, struct reject_file **out,
    bool *table, struct diag *dg)
{
	struct rejects *all = j->rejects;
	size_t at, texts = FILES_MAX;
	enum crm_err err;

	for (at = 0; at < all->n; at++) {
		*out = &all->files[at];
		texts = (*out)->from ? texts : at;
		if (*table ? (*out)->from == r->name &&
				 (*out)->shape == r->row->shape
			   : !(*out)->from)
			return CRM_OK;
	}
	/* The last place is for texts, and for columns when all are taken. */
	if (all->n + 1 >= FILES_MAX && texts < FILES_MAX) {
		*table = false;
		*out = &all->files[texts];
		return CRM_OK;
	}
	*table = *table && all->n + 1 < FILES_MAX;
	*out = &all->files[all->n];
	err = file_open(j, *out, all->n + 1, dg);
	if (err)
		return err;
	all->n++;
	(*out)->from = *table ? r->name : NULL;
	(*out)->shape = r->row->shape;
	header_add(&(*out)->out.buf, r->row, *table);
	return CRM_OK;
}

static void
row_add(struct buf *out, const struct rows_row *row, bool table)
{
	for (size_t i = 0; table && i < row->n; i++)
		cell_add(out, row->cells[i], i == 0);
	if (!table)
		cell_add(out, row->raw, true);
}

enum crm_err
rejects_add(struct job *j, const struct import_refusal *r, struct diag *dg)
{
	bool table = is_table(r->row);
	struct reject_file *f;
	struct buf column = {0};
	struct buf *out;
	enum crm_err err;

	if (!j->rejects)
		j->rejects = calloc(1, sizeof(*j->rejects));
	if (!j->rejects)
		return diag_nomem(dg);
	err = file_of(j, r, &f, &table, dg);
	if (err)
		return err;
	out = &f->out.buf;
	row_add(out, r->row, table);
	buf_addf(out, "\t%llu\t", (unsigned long long)r->row->line);
	if (!table)
		buf_addf(&column, "%s: ", r->name);
	if (r->column.n && !str_starts(str_from(r->why), r->column))
		buf_addf(&column, "%.*s: ", STR_ARG(r->column));
	escape_tsv(str_of(&column), out);
	escape_tsv(str_from(r->why), out);
	buf_addc(out, '\n');
	if (out->failed || column.failed)
		err = diag_nomem(dg);
	buf_clear(&column);
	return err ? err : out_drain(&f->out, dg);
}

enum crm_err
rejects_close(struct job *j, bool keep)
{
	struct diag *dg = &j->c->diag, lost = {0};
	enum crm_err err = CRM_OK, one;

	if (!j->rejects)
		return CRM_OK;
	for (size_t at = 0; at < j->rejects->n; at++) {
		struct reject_file *f = &j->rejects->files[at];

		one = out_close(&f->out, keep, err ? &lost : dg);
		err = err ? err : one;
		if (keep && at > 0)
			cli_warn(j->c,
			    "refused rows of other columns are in %s",
			    buf_z(&f->name));
		buf_clear(&f->name);
	}
	diag_clear(&lost);
	free(j->rejects);
	j->rejects = NULL;
	return err;
}
