/* SPDX-License-Identifier: ISC */
/* emit: what all row formats have in common. */
#include "text/emit_priv.h"

#include "model/row.h"

static const struct {
	const char *name;
	enum format format;
} formats[] = {
    {"tsv", FORMAT_TSV},
    {"csv", FORMAT_CSV},
    {"json", FORMAT_JSON},
    {"jsonl", FORMAT_JSONL},
    {"us", FORMAT_US},
    {"table", FORMAT_TABLE},
};

static const struct emit_ops *const ops[] = {
    [FORMAT_TSV] = &emit_tsv_ops,
    [FORMAT_CSV] = &emit_csv_ops,
    [FORMAT_JSON] = &emit_json_ops,
    [FORMAT_JSONL] = &emit_jsonl_ops,
    [FORMAT_US] = &emit_us_ops,
    [FORMAT_TABLE] = &emit_table_ops,
};

bool
format_from(struct str name, enum format *out)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (str_is(name, formats[i].name)) {
			*out = formats[i].format;
			return true;
		}
	}
	return false;
}

enum {
	CONTROL = BYTE_JSON | BYTE_CONTROL,
	BREAK = CONTROL | BYTE_TSV | BYTE_CSV
};

/* clang-format off */
static const unsigned char byte_classes[256] = {
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL, CONTROL | BYTE_TSV, BREAK, CONTROL, CONTROL, BREAK, CONTROL,
	CONTROL,
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL | BYTE_UNIT,
	['"'] = BYTE_CSV | BYTE_JSON,
	[','] = BYTE_CSV,
	['\\'] = BYTE_TSV | BYTE_JSON,
	[0x7f] = BYTE_CONTROL,
};
/* clang-format on */

size_t
emit_span(struct str s, unsigned classes)
{
	size_t i = 0;
	while (i < s.n && !(byte_classes[(unsigned char)s.p[i]] & classes))
		i++;
	return i;
}

void
emit_eol(struct emit *e)
{
	buf_addc(e->to, e->o.nul ? '\0' : '\n');
}

enum crm_err
emit_new(struct emit **out, const struct emit_options *o, struct buf *to,
    struct diag *dg)
{
	*out = NULL;
	struct emit *e = calloc(1, sizeof(*e));
	if (!e)
		return diag_nomem(dg);
	e->ops = ops[o->format];
	e->o = *o;
	e->to = to;
	*out = e;
	return CRM_OK;
}

static enum cell_type
cell_type_of(const struct field *f)
{
	switch (f ? f->type : TYPE_TEXT) {
	case TYPE_INT:
	case TYPE_DECIMAL:
		return CELL_NUMBER;
	case TYPE_BOOL:
		return CELL_BOOL;
	case TYPE_DATE:
		return CELL_DATE;
	case TYPE_TIME:
		return CELL_TIME;
	default:
		return CELL_TEXT;
	}
}

/* Appends the name S as JSON has it in front of a value. Names of columns are
 * words; only a hostile one takes the second branch. */
static void
key_add(struct buf *names, struct str s)
{
	buf_addz(names, ",\"");
	for (size_t i = 0; i < s.n; i++) {
		if (emit_span((struct str){.p = s.p + i, .n = 1}, BYTE_JSON))
			buf_addc(names, s.p[i]);
		else
			buf_addf(names, "\\u%04x", (unsigned char)s.p[i]);
	}
	buf_addz(names, "\":");
}

/* What stands around the values of a column in JSON. */
static void
column_close(struct emit_column *c, struct buf *names)
{
	if (c->type == CELL_NUMBER || c->type == CELL_BOOL)
		return;
	buf_addz(names, c->list ? "[\"" : "\"");
	c->close[0] = '"';
	c->close[1] = ']';
	c->nclose = c->list ? 2 : 1;
}

/* Copies the names, plain and as JSON keys, into one buf. Two rounds, since
 * the views can be taken only when it has stopped growing. */
static bool
columns_copy(struct emit *e, const struct column *cols)
{
	for (size_t i = 0; i < e->ncols; i++) {
		const struct column *c = &cols[i];
		struct emit_column *to = &e->cols[i];
		to->type = cell_type_of(c->field);
		to->plain = !c->field || c->field->type == TYPE_PHONE ||
			    to->type != CELL_TEXT;
		to->list = c->list || (c->field && c->field->list);
		buf_add(&e->names, c->name);
		size_t at = e->names.n;
		key_add(&e->names, c->name);
		to->name.n = c->name.n;
		to->key.n = e->names.n - at;
		column_close(to, &e->names);
		to->open.n = e->names.n - at;
	}
	/* An open is read beyond its end. */
	buf_addz(
	    &e->names, &"                                "[32 - EMIT_NEAR]);
	if (e->names.failed)
		return false;
	const char *p = buf_z(&e->names);
	for (size_t i = 0; i < e->ncols; i++) {
		e->cols[i].name.p = p;
		p += e->cols[i].name.n;
		e->cols[i].key.p = e->cols[i].open.p = p;
		p += e->cols[i].open.n;
	}
	return true;
}

enum crm_err
emit_begin(struct emit *e, const struct column *cols, size_t n, struct diag *dg)
{
	e->ncols = n;
	e->cols = calloc(n ? n : 1, sizeof(*e->cols));
	if (!e->cols || !columns_copy(e, cols))
		return diag_nomem(dg);
	e->ops->begin(e);
	return e->failed || e->to->failed ? diag_nomem(dg) : CRM_OK;
}

void
emit_cell(struct emit *e, struct str value, bool clean)
{
	if (e->at >= e->ncols)
		return;
	e->ops->cell(e, value, clean);
	e->at++;
}

void
emit_time(struct emit *e, int64_t utc)
{
	char text[TIME_LEN];

	if (e->at < e->ncols && e->ops->instant &&
	    e->cols[e->at].type == CELL_TIME) {
		e->ops->instant(e, utc);
		e->at++;
		return;
	}
	time_write(utc, text);
	emit_cell(e, (struct str){text, sizeof(text)}, false);
}

void
emit_cells(struct emit *e, const struct str *cells, bool clean)
{
	if (e->ops->cells) {
		e->ops->cells(e, cells, clean);
		e->rows++;
		return;
	}
	for (size_t i = 0; i < e->ncols; i++)
		emit_cell(e, cells[i], clean);
	emit_row(e);
}

char *
emit_place(struct emit *e, size_t most, char *sep)
{
	if (e->ops != &emit_tsv_ops)
		return NULL;
	*sep = e->sep;
	return emit_room(e->to, most + 1);
}

void
emit_placed(struct emit *e, char *end)
{
	*end++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, end);
	e->rows++;
}

bool
emit_clean(const struct emit *e, unsigned row_flags)
{
	/* The flags know of the comma only. */
	if (e->o.format == FORMAT_CSV && e->o.delimiter &&
	    e->o.delimiter != ',')
		return false;
	return e->ops->clean && (row_flags & e->ops->clean) == e->ops->clean;
}

void
emit_row(struct emit *e)
{
	static const struct str none = {.p = "", .n = 0};

	while (e->at < e->ncols)
		emit_cell(e, none, true);
	e->ops->row(e);
	e->at = 0;
	e->filled = false;
	e->rows++;
}

enum crm_err
emit_end(struct emit *e, struct diag *dg)
{
	e->ops->end(e);
	return e->failed || e->to->failed ? diag_nomem(dg) : CRM_OK;
}

void
emit_free(struct emit *e)
{
	if (!e)
		return;
	if (e->ops->clear)
		e->ops->clear(e);
	buf_clear(&e->names);
	free(e->slots);
	free(e->cells);
	free(e->plans);
	free(e->cols);
	free(e);
}
