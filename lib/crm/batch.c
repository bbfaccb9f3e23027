/* SPDX-License-Identifier: ISC */
/* batch: rows of crm-tsv to changes, the columns looked up once. */
#include "crm/batch.h"

#include "base/escape.h"
#include "base/utf8.h"
#include "crm/reject.h"
#include "crm/scout.h"
#include "query/ref.h"

enum {
	NO_COLUMN = -1,
	SCOUT_MIN = 256 /* rows before a thread of its own is worth it */
};

struct batch {
	struct writer *writer;
	struct store *store;
	struct tsv_reader *in;
	const char *name;
	const struct batch_options *opt;
	struct batch_count *count;

	const struct str *names; /* the header */
	size_t ncols;
	const struct kind *kind;     /* that FIELDS was looked up for */
	const struct field **fields; /* by column; NULL: not a value */
	ptrdiff_t id_col, key_col;
	bool misfit; /* the header is wrong, not a row */

	struct scout_row row; /* the one that is stored */
	uint64_t rows;	      /* before there was a scout */
	struct scout *scout;
};

/* ---- the header ------------------------------------------------------- */

static ptrdiff_t
column_find(const struct batch *b, struct str name)
{
	size_t i;

	for (i = 0; i < b->ncols; i++)
		if (str_eq(b->names[i], name))
			return (ptrdiff_t)i;
	return NO_COLUMN;
}

/* The error of a column, placed at the header line. */
static enum crm_err
header_error(const struct batch *b, struct diag *dg)
{
	diag_place(dg, "%s:1", b->name);
	dg->code = CRM_DATA;
	return CRM_DATA;
}

/* Columns that are no values: the id, a reason of earlier rejects, and what
 * a row of crm-find shows but crm-edit does not change. */
static bool
column_silent(
    struct batch *b, const struct kind *k, struct str name, bool *warn)
{
	const struct field *f = schema_field(k, name);

	*warn = false;
	if (str_is(name, "id"))
		return true;
	if (!f)
		return str_is(name, REJECT_REASON) ||
		       str_is(name, REJECT_REASON_ELSE);
	*warn = !b->opt->kind && (f->derived || f->automatic);
	return *warn;
}

static enum crm_err
column_plan(struct batch *b, const struct kind *k, size_t i, struct diag *dg)
{
	struct buf text = {0};
	bool warn;

	b->fields[i] = NULL;
	if (!column_silent(b, k, b->names[i], &warn)) {
		if (writer_field(k, b->names[i], b->opt->kind != NULL,
			&b->fields[i], dg) != CRM_OK)
			return header_error(b, dg);
		return CRM_OK;
	}
	if (warn && b->opt->warn) {
		buf_addf(&text,
		    "column %.*s is kept by the store; left as "
		    "it is",
		    STR_ARG(b->names[i]));
		b->opt->warn(b->opt->arg, buf_z(&text));
		buf_clear(&text);
	}
	return CRM_OK;
}

/* Looks all columns up for records of K. */
static enum crm_err
columns_plan(struct batch *b, const struct kind *k, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t i;

	if (k == b->kind)
		return CRM_OK;
	for (i = 0; !err && i < b->ncols; i++)
		err = column_plan(b, k, i, dg);
	if (!err)
		b->kind = k;
	b->misfit = err != CRM_OK;
	return err;
}

static bool
key_given(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->opt->ngiven; i++)
		if (str_eq(b->opt->given[i].field, b->opt->key->name))
			return true;
	return false;
}

static enum crm_err
batch_open(struct batch *b, struct diag *dg)
{
	b->ncols = tsv_columns(b->in, &b->names);
	b->id_col = b->key_col = NO_COLUMN;
	if (b->ncols == 0)
		return CRM_OK;
	b->fields = calloc(b->ncols, sizeof(*b->fields));
	if (!b->fields)
		return diag_nomem(dg);
	b->id_col = column_find(b, STR("id"));
	if (!b->opt->kind && b->id_col == NO_COLUMN) {
		diag_set(dg, CRM_DATA,
		    "no column 'id' that says which "
		    "records to change");
		return header_error(b, dg);
	}
	if (b->opt->key) {
		b->key_col = column_find(b, b->opt->key->name);
		if (b->key_col == NO_COLUMN && !key_given(b)) {
			diag_set(dg, CRM_DATA,
			    "no column '%.*s', which -k "
			    "names",
			    STR_ARG(b->opt->key->name));
			return header_error(b, dg);
		}
	}
	return b->opt->kind ? columns_plan(b, b->opt->kind, dg) : CRM_OK;
}

/* ---- rows ------------------------------------------------------------- */

/* Starts the record that the column id names. */
static enum crm_err
row_by_id(struct batch *b, const struct str *cells, struct diag *dg)
{
	const struct schema *s = store_schema(b->store);
	struct str text = cells[b->id_col];
	struct id id;
	enum crm_err err = CRM_OK;

	if (text.n == 0)
		return diag_set(dg, CRM_DATA,
		    "id: empty; nothing says which "
		    "record to change");
	if (!id_parse(s, text, &id))
		err = ref_resolve(b->store, NULL, text, &id, dg);
	if (!err)
		err = writer_update(b->writer, id, dg);
	if (err == CRM_NO || err == CRM_USAGE)
		err = dg->code = CRM_DATA;
	return err;
}

/* Starts the record with the key value of the row, or a new one. */
static enum crm_err
row_by_key(struct batch *b, const struct str *cells, struct diag *dg)
{
	struct str text = {0};
	struct id id;
	enum crm_err err;
	size_t i;

	for (i = 0; i < b->opt->ngiven; i++)
		if (str_eq(b->opt->given[i].field, b->opt->key->name))
			text = b->opt->given[i].value;
	if (b->key_col != NO_COLUMN && cells[b->key_col].n)
		text = cells[b->key_col];
	err = writer_find(b->writer, b->opt->key, text, &id, dg);
	if (!err && id.num)
		err = writer_update(b->writer, id, dg);
	else if (!err)
		err = writer_create(b->writer, b->opt->kind, dg);
	return err;
}

static enum crm_err
row_start(struct batch *b, const struct str *cells, struct diag *dg)
{
	if (!b->opt->kind)
		return row_by_id(b, cells, dg);
	if (b->id_col != NO_COLUMN && cells[b->id_col].n)
		return diag_set(dg, CRM_DATA,
		    "id: '%.*s' given, but ids of new records come from the "
		    "store; change records with crm-edit, or rename the "
		    "column to ext to keep a foreign number",
		    STR_ARG(cells[b->id_col]));
	if (b->opt->key)
		return row_by_key(b, cells, dg);
	return writer_create(b->writer, b->opt->kind, dg);
}

static enum crm_err
row_given(struct batch *b, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < b->opt->ngiven; i++)
		err = writer_assign(b->writer, &b->opt->given[i], dg);
	return err;
}

/* A cell that the scout may have checked. */
static enum crm_err
cell_set(struct batch *b, size_t i, struct diag *dg)
{
	const struct scout_row *row = &b->row;
	const struct field *f = b->fields[i];
	int mark = row->marks ? row->marks[i] : SCOUT_TEXT;

	if (mark == SCOUT_TEXT)
		return writer_set(b->writer, f, ASSIGN_SET, row->cells[i], dg);
	return writer_take(b->writer, f, row->cells[i], mark == SCOUT_ODD, dg);
}

static enum crm_err
row_cells(struct batch *b, bool fresh, struct diag *dg)
{
	const struct str *cells = b->row.cells;
	const struct field *f;
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < b->ncols; i++) {
		f = b->fields[i];
		if (!f || (cells[i].n == 0 && (fresh || !b->opt->clear_empty)))
			continue;
		/* created of a record that is there already */
		if (f->automatic && !fresh)
			continue;
		err = cell_set(b, i, dg);
	}
	return err;
}

static enum crm_err
row_store(struct batch *b, struct diag *dg)
{
	enum writer_done done;
	struct id id;
	enum crm_err err;

	err = row_start(b, b->row.cells, dg);
	if (!err)
		err = columns_plan(b, writer_kind(b->writer), dg);
	if (!err)
		err = row_given(b, dg);
	if (!err)
		err = row_cells(b, writer_fresh(b->writer), dg);
	if (!err)
		err = writer_commit(b->writer, &id, &done, dg);
	if (err)
		return err;
	b->count->added += done == WRITER_ADDED;
	b->count->updated += done == WRITER_UPDATED;
	b->count->same += done == WRITER_NOTHING;
	return b->opt->stored ? b->opt->stored(b->opt->arg, id, done, dg)
			      : CRM_OK;
}

/* The row is refused for what the diag says. */
static enum crm_err
row_refuse(struct batch *b, struct diag *dg)
{
	struct buf place = {0}, why = {0};
	struct str text = str_of(&dg->text);
	enum crm_err err = CRM_OK;

	buf_addf(&place, "%s:%llu", b->name, (unsigned long long)b->row.line);
	/* The reader has said the place itself. */
	if (str_starts(text, str_of(&place)))
		text = str_from_pos(text, place.n + 2);
	buf_add(&why, text);
	diag_clear(dg);
	b->count->refused++;
	if (place.failed || why.failed)
		err = diag_nomem(dg);
	else if (b->opt->refused)
		err = b->opt->refused(b->opt->arg, b->in, b->row.raw,
		    buf_z(&place), buf_z(&why), dg);
	buf_clear(&place);
	buf_clear(&why);
	return err;
}

/* Sends the scout ahead where all rows are of one kind and none of them changes
 * the schema. */
static enum crm_err
scout_send(struct batch *b, struct diag *dg)
{
	const struct kind *k = b->opt->kind;

	if (!k || k->no == KIND_KIND || k->no == KIND_FIELD)
		return CRM_OK;
	/* The key is looked up by its text; without one there is no column. */
	return scout_new(&b->scout, b->in, b->fields, (size_t)b->key_col,
	    writer_clock(b->writer), b->opt->ahead, dg);
}

static enum crm_err
row_read(struct batch *b, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (b->rows++ == (b->opt->ahead ? 0 : SCOUT_MIN))
		err = scout_send(b, dg);
	if (err)
		return err;
	if (b->scout)
		return scout_next(b->scout, &b->row, got, dg);
	err = tsv_next(b->in, &b->row.cells, got, dg);
	b->row.line = tsv_line(b->in);
	b->row.raw = tsv_raw(b->in);
	return err;
}

/* A row of its own or an error that is not the row's. */
static enum crm_err
row_next(struct batch *b, bool *got, struct diag *dg)
{
	enum crm_err err = row_read(b, got, dg);

	if (err == CRM_OK && !*got)
		return CRM_OK;
	if (err == CRM_OK)
		err = row_store(b, dg);
	*got = true;
	if ((err == CRM_DATA || err == CRM_USAGE) && !b->misfit)
		err = row_refuse(b, dg);
	return err;
}

enum crm_err
batch_run(struct writer *w, struct store *s, struct tsv_reader *in,
    const char *name, const struct batch_options *o, struct batch_count *count,
    struct diag *dg)
{
	struct batch b = {
	    .writer = w,
	    .store = s,
	    .in = in,
	    .name = name,
	    .opt = o,
	    .count = count,
	};
	bool got = true;
	enum crm_err err;

	*count = (struct batch_count){0};
	err = batch_open(&b, dg);
	while (!err && got)
		err = row_next(&b, &got, dg);
	scout_free(b.scout);
	free(b.fields);
	return err;
}

/* ---- rejects ---------------------------------------------------------- */

void
batch_reject_header(
    const struct schema *s, const struct tsv_reader *in, struct buf *out)
{
	struct reject_input columns = {0};
	size_t kept;

	columns.n = tsv_columns(in, &columns.names);
	kept = reject_kept(s, &columns, false);
	for (size_t i = 0; i < kept; i++) {
		buf_add(out, columns.names[i]);
		buf_addc(out, '\t');
	}
	buf_addz(out, reject_reason(&columns, kept));
	buf_addc(out, '\n');
}

/* Appends a raw cell; what no crm-tsv may hold is shown. */
static void
reject_cell(struct str cell, struct buf *out)
{
	size_t bad;
	struct buf shown = {0};

	if (utf8_valid(cell, &bad)) {
		buf_add(out, cell);
		return;
	}
	utf8_visible(cell, &shown);
	escape_tsv(str_of(&shown), out);
	out->failed = out->failed || shown.failed;
	buf_clear(&shown);
}

void
batch_reject_row(const struct schema *s, const struct tsv_reader *in,
    struct str raw, const char *why, struct buf *out)
{
	struct reject_input columns = {0};
	struct str rest = raw, cell;
	size_t i, n, kept;

	n = columns.n = tsv_columns(in, &columns.names);
	kept = reject_kept(s, &columns, false);
	for (i = 0; i < n; i++) {
		cell = rest.p ? str_cut(&rest, '\t') : (struct str){0};
		if (i >= kept)
			continue;
		reject_cell(cell, out);
		while (i + 1 == n && rest.p) {
			buf_addz(out, "\\t");
			reject_cell(str_cut(&rest, '\t'), out);
		}
		buf_addc(out, '\t');
	}
	escape_tsv(str_from(why), out);
	buf_addc(out, '\n');
}
