/* SPDX-License-Identifier: ISC */
/* segment: a merge over the order index, and columns to print it with. */
#include "crm/segment.h"
#include "base/num.h"
#include "crm/day.h"

#include "query/query.h"

/* ---- reading the orders ------------------------------------------------ */

/* What one thread has read. */
struct reading {
	const struct segment_options *o;
	struct score_row *rows;
	size_t n, cap;
	size_t at; /* next of o->ids, when those bound it */
	int newest;
	unsigned part, nparts;
	size_t starts[TALLY_PARTS]; /* of the parts, as they came */
};

/* The row of TARGET, which comes in rising order: the last one or a new. */
static struct score_row *
row_of(struct reading *rd, struct id target)
{
	struct score_row *rows;
	size_t cap;

	if (rd->n && rd->rows[rd->n - 1].num == target.num &&
	    rd->rows[rd->n - 1].tag == target.tag)
		return &rd->rows[rd->n - 1];
	if (rd->n == rd->cap) {
		cap = rd->cap ? rd->cap * 2 : 1024;
		rows = realloc(rd->rows, cap * sizeof(*rows));
		if (!rows)
			return NULL;
		rd->rows = rows;
		rd->cap = cap;
	}
	rd->rows[rd->n] = (struct score_row){
	    .num = target.num, .tag = target.tag, .last = DATE_MIN};
	return &rd->rows[rd->n++];
}

/* The local day of an order; false when it has none. */
static bool
day_of_order(const struct reading *rd, struct ref_time t, int *day)
{
	enum { DAY = 24 * 60 * 60 };

	if (t.given && t.day)
		*day = (int)((t.utc - (t.utc < 0 ? DAY - 1 : 0)) / DAY);
	else if (t.given)
		*day = date_local(rd->o->zone, t.utc, NULL);
	return t.given;
}

/* False: out of memory. */
static bool
count_order(struct reading *rd, const struct ref_sum *sum)
{
	struct score_row *row;
	int day;

	if (!day_of_order(rd, sum->time, &day))
		return true;
	if (rd->o->has_as_of && day > rd->o->as_of)
		return true;
	row = row_of(rd, sum->target);
	if (!row)
		return false;
	row->frequency++;
	if (sum->counts)
		row->monetary = decimal_pile(row->monetary, sum->amount);
	if (day > row->last)
		row->last = day;
	if (day > rd->newest)
		rd->newest = day;
	return true;
}

/* Is TARGET one of the wanted contacts? Both sides rise. */
static bool
wanted(struct reading *rd, struct id target)
{
	const struct segment_options *o = rd->o;

	if (o->all)
		return true;
	while (rd->at < o->nids && id_cmp(o->ids[rd->at], target) < 0)
		rd->at++;
	return rd->at < o->nids && id_eq(o->ids[rd->at], target);
}

/* A part begins, which may lie before the last one. */
static void
part_begin(struct reading *rd, unsigned part)
{
	if (rd->nparts && part == rd->part)
		return;
	if (rd->nparts && part < rd->part)
		rd->at = 0;
	rd->part = part;
	rd->starts[rd->nparts++] = rd->n;
}

static bool
count_orders(void *arg, unsigned part, const struct ref_sum *sums, size_t n)
{
	struct reading *rd = arg;

	part_begin(rd, part);
	for (size_t i = 0; i < n; i++)
		if (wanted(rd, sums[i].target) && !count_order(rd, &sums[i]))
			return false;
	return true;
}

/* Puts the parts of SECOND, the last one first, behind all of FIRST. */
static bool
parts_join(struct reading *first, const struct reading *second)
{
	size_t n = first->n + second->n, end = second->n;
	struct score_row *rows = first->rows;

	if (!second->n)
		return true;
	if (n > first->cap)
		rows = realloc(rows, n * sizeof(*rows));
	if (!rows)
		return false;
	for (unsigned i = second->nparts; i-- > 0;) {
		size_t from = second->starts[i];

		memcpy(rows + first->n, second->rows + from,
		    (end - from) * sizeof(*rows));
		first->n += end - from;
		end = from;
	}
	first->rows = rows;
	if (second->newest > first->newest)
		first->newest = second->newest;
	return true;
}

/* Those of all contacts. */
static enum crm_err
read_all(struct reading *rd, struct store *s, const struct field *field,
    struct diag *dg)
{
	struct reading second = {.o = rd->o, .newest = DATE_MIN};
	struct store_tally what = {.field = field,
	    .take = count_orders,
	    .first = rd,
	    .second = &second};
	enum crm_err err = store_tally(s, &what, dg);

	if (!err && !parts_join(rd, &second))
		err = diag_nomem(dg);
	free(second.rows);
	return err;
}

/* Those of one. */
static enum crm_err
read_one(struct reading *rd, struct store *s, const struct field *field,
    struct id target, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_REFS,
	    .field = field,
	    .target = target,
	    .open_only = true};
	struct ref_sum sum = {.target = target};
	struct scan *sc = NULL;
	struct ref_key key;
	struct id id;
	enum crm_err err;
	bool got;

	err = scan_open(&sc, s, &spec, dg);
	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		err = scan_ref_sum(sc, &key, dg);
		sum.time = scan_ref_time(sc);
		sum.amount = key.amount;
		sum.counts = key.counts;
		if (!err && !count_order(rd, &sum))
			err = diag_nomem(dg);
	}
	scan_close(sc);
	return err;
}

/* A few contacts are looked up one by one, many by one merge. */
static enum crm_err
read_orders(struct reading *rd, struct store *s, const struct field *field,
    struct diag *dg)
{
	enum {
		SEEK = 16
	}; /* one look-up costs about as much as this many
	      entries read on */
	const struct segment_options *o = rd->o;
	enum crm_err err;
	uint64_t orders;

	err = store_count(
	    s, schema_kind_no(store_schema(s), KIND_ORDER), &orders, dg);
	if (err)
		return err;
	if (o->all || o->nids > orders / SEEK)
		return read_all(rd, s, field, dg);
	for (size_t i = 0; !err && i < o->nids; i++)
		err = read_one(rd, s, field, o->ids[i], dg);
	return err;
}

enum crm_err
segment_read(struct store *s, const struct segment_options *o,
    struct segment_table *out, struct diag *dg)
{
	const struct kind *order = schema_kind_no(store_schema(s), KIND_ORDER);
	const struct field *field =
	    order ? schema_field(order, STR("contact")) : NULL;
	struct reading rd = {.o = o, .newest = DATE_MIN};
	enum crm_err err;

	if (!field)
		return diag_set(dg, CRM_CONFIG,
		    "order.contact: the schema has no such field");
	err = read_orders(&rd, s, field, dg);
	out->rows = rd.rows;
	out->n = rd.n;
	if (err)
		return err;
	out->as_of = o->has_as_of ? o->as_of : rd.newest + 1;
	if (o->list == SEGMENT_RFM)
		return score_rfm(out->rows, out->n, o->ties, dg);
	score_abc(out->rows, out->n, o->ties, &out->total);
	return CRM_OK;
}

void
segment_clear(struct segment_table *t)
{
	free(t->rows);
	*t = (struct segment_table){0};
}

/* ---- columns ----------------------------------------------------------- */

enum figure {
	FIGURE_NONE, /* a path of the record */
	FIGURE_ID,
	FIGURE_COUNT,
	FIGURE_RECENCY,
	FIGURE_FREQUENCY,
	FIGURE_MONETARY,
	FIGURE_R,
	FIGURE_F,
	FIGURE_M,
	FIGURE_RFM,
	FIGURE_SEGMENT,
	FIGURE_SHARE,
	FIGURE_CUMULATIVE,
	FIGURE_CLASS
};

enum { IN_SAVED = 1, IN_RFM = 2, IN_ABC = 4 };

static const struct field int_field = {.type = TYPE_INT};
static const struct field decimal_field = {.type = TYPE_DECIMAL};

static const struct figure_def {
	const char *name;
	const struct field *field; /* NULL: text */
	enum figure figure;
	unsigned lists;
} figures[] = {
    {"id", NULL, FIGURE_ID, IN_RFM | IN_ABC},
    {"count", &int_field, FIGURE_COUNT, IN_SAVED},
    {"recency", &int_field, FIGURE_RECENCY, IN_RFM},
    {"frequency", &int_field, FIGURE_FREQUENCY, IN_RFM},
    {"monetary", &decimal_field, FIGURE_MONETARY, IN_RFM | IN_ABC},
    {"r", &int_field, FIGURE_R, IN_RFM},
    {"f", &int_field, FIGURE_F, IN_RFM},
    {"m", &int_field, FIGURE_M, IN_RFM},
    {"rfm", NULL, FIGURE_RFM, IN_RFM},
    {"segment", NULL, FIGURE_SEGMENT, IN_RFM},
    {"share", &decimal_field, FIGURE_SHARE, IN_ABC},
    {"cumulative", &decimal_field, FIGURE_CUMULATIVE, IN_ABC},
    {"class", NULL, FIGURE_CLASS, IN_ABC},
};

struct view_column {
	enum figure figure;
	struct path *path;
};

struct segment_view {
	struct store *store;
	const struct kind *kind;
	struct buf names; /* what the columns' names point into */
	struct column *columns;
	struct view_column *cells;
	size_t n;
	bool reads;	       /* some column needs the record */
	struct decimal before; /* ABC: the sum of the rows emitted */
	struct buf cell;
	struct str *shown; /* n cells, views of CELL */
	/* Names of segments, once they were asked for. */
	struct str scored[SCORE_STEPS][SCORE_STEPS][SCORE_STEPS];
};

enum { FIGURE_BYTES = 96 };

static const struct figure_def *
figure_find(struct str name, enum segment_list list)
{
	unsigned bit = list == SEGMENT_SAVED ? IN_SAVED
		       : list == SEGMENT_RFM ? IN_RFM
		       : list == SEGMENT_ABC ? IN_ABC
					     : 0;

	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		if (figures[i].lists & bit && str_is(name, figures[i].name))
			return &figures[i];
	return NULL;
}

/* The default columns as text, so that there is one way to read columns. */
static void
default_names(enum segment_list list, struct buf *out)
{
	switch (list) {
	case SEGMENT_SAVED:
		buf_addz(out, "id,name,kind,count,query");
		return;
	case SEGMENT_RFM:
		buf_addz(
		    out, "id,recency,frequency,monetary,r,f,m,rfm,segment");
		return;
	case SEGMENT_ABC:
		buf_addz(out, "id,monetary,share,cumulative,class");
		return;
	}
}

/* An unknown column may be a figure written wrong. */
static void
add_hint(enum segment_list list, struct diag *dg)
{
	struct buf names = {0};

	default_names(list, &names);
	diag_more(dg, "; figures are %s", buf_z(&names));
	buf_clear(&names);
}

static enum crm_err
column_add(struct segment_view *v, enum segment_list list, struct str name,
    struct diag *dg)
{
	const struct figure_def *fig = figure_find(name, list);
	struct view_column *cell = &v->cells[v->n];
	struct column *column = &v->columns[v->n];
	enum crm_err err;

	*column = (struct column){.name = name};
	*cell = (struct view_column){.figure = FIGURE_NONE};
	v->n++;
	if (fig) {
		cell->figure = fig->figure;
		column->field = fig->field;
		return CRM_OK;
	}
	err = path_new(&cell->path, v->store, v->kind, name, dg);
	if (err) {
		add_hint(list, dg);
		return err;
	}
	v->reads = true;
	column->field = path_field(cell->path);
	column->list = str_chr(name, '.') < name.n;
	return CRM_OK;
}

static enum crm_err
columns_add(struct segment_view *v, enum segment_list list, struct diag *dg)
{
	struct str rest = str_of(&v->names);
	enum crm_err err = CRM_OK;
	size_t n = 1;

	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	v->columns = calloc(n, sizeof(*v->columns));
	v->cells = calloc(n, sizeof(*v->cells));
	v->shown = calloc(n, sizeof(*v->shown));
	if (!v->columns || !v->cells || !v->shown)
		return diag_nomem(dg);
	while (!err && rest.p)
		err = column_add(v, list, str_trim(str_cut(&rest, ',')), dg);
	return err;
}

enum crm_err
segment_view_new(struct segment_view **out, struct store *s,
    const struct kind *kind, enum segment_list list, struct str fields,
    struct diag *dg)
{
	struct segment_view *v = calloc(1, sizeof(*v));
	enum crm_err err;

	*out = v;
	if (!v)
		return diag_nomem(dg);
	v->store = s;
	v->kind = kind;
	if (fields.n)
		buf_add(&v->names, fields);
	else
		default_names(list, &v->names);
	err = v->names.failed ? diag_nomem(dg) : columns_add(v, list, dg);
	if (!err)
		return CRM_OK;
	segment_view_free(v);
	*out = NULL;
	return err;
}

const struct column *
segment_view_columns(const struct segment_view *v, size_t *n)
{
	*n = v->n;
	return v->columns;
}

void
segment_view_free(struct segment_view *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->n; i++)
		path_free(v->cells[i].path);
	free(v->cells);
	free(v->columns);
	free(v->shown);
	buf_clear(&v->names);
	buf_clear(&v->cell);
	free(v);
}

/* Percent with four digits; a figure to look at, so a double will do. */
static char *
share_write(struct decimal part, struct decimal total, char *p)
{
	int n = 0;

	if (total.v > 0)
		n = snprintf(p, FIGURE_BYTES, "%.4f",
		    100 * decimal_double(part) / decimal_double(total));
	return p + (n > 0 ? n : 0);
}

/* The name for the scores of ROW, looked for once. */
static struct str
name_of(struct segment_view *v, const struct score_row *row)
{
	struct str *name = &v->scored[row->r - 1][row->f - 1][row->m - 1];

	if (!name->p)
		*name = score_segment(row->r, row->f, row->m);
	return *name;
}

static char *
text_write(struct str s, char *p)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

/* Writes a figure at P, FIGURE_BYTES at most; behind its end. */
static char *
figure_write(struct segment_view *v, const struct segment_table *t,
    const struct score_row *row, enum figure figure, char *p)
{
	struct id id = {.kind = v->kind->no, .num = row->num, .tag = row->tag};

	switch (figure) {
	case FIGURE_ID:
		return id_write(v->kind->prefix, id, p);
	case FIGURE_RECENCY:
		return num_write(p, (uint64_t)(t->as_of - row->last));
	case FIGURE_FREQUENCY:
		return num_write(p, row->frequency);
	case FIGURE_MONETARY:
		return decimal_write(row->monetary, 2, p);
	case FIGURE_R:
		*p++ = (char)('0' + row->r);
		break;
	case FIGURE_F:
		*p++ = (char)('0' + row->f);
		break;
	case FIGURE_M:
		*p++ = (char)('0' + row->m);
		break;
	case FIGURE_RFM:
		*p++ = (char)('0' + row->r);
		*p++ = (char)('0' + row->f);
		*p++ = (char)('0' + row->m);
		break;
	case FIGURE_SEGMENT:
		return text_write(name_of(v, row), p);
	case FIGURE_SHARE:
		return share_write(row->monetary, t->total, p);
	case FIGURE_CUMULATIVE:
		return share_write(v->before, t->total, p);
	case FIGURE_CLASS:
		*p++ = row->class;
		break;
	case FIGURE_NONE:
	case FIGURE_COUNT:
		break;
	}
	return p;
}

static void
add_figure(struct segment_view *v, const struct segment_table *t,
    const struct score_row *row, enum figure figure)
{
	char *p = buf_room(&v->cell, FIGURE_BYTES);

	if (p)
		v->cell.n += (size_t)(figure_write(v, t, row, figure, p) - p);
}

/* A row of figures alone, which hold nothing that a format would write
 * otherwise; false where the format wants its cells. */
static bool
figures_place(struct segment_view *v, const struct segment_table *t,
    const struct score_row *row, struct emit *e)
{
	char sep, *p = emit_place(e, v->n * (FIGURE_BYTES + 1), &sep);

	if (!p)
		return false;
	for (size_t k = 0; k < v->n; k++) {
		if (k > 0)
			*p++ = sep;
		p = figure_write(v, t, row, v->cells[k].figure, p);
	}
	emit_placed(e, p);
	return true;
}

/* The cells of ROW; REC is its record where a column needs it. */
static enum crm_err
row_cells(struct segment_view *v, const struct segment_table *t,
    const struct score_row *row, const struct record *rec, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	const char *at;

	buf_reset(&v->cell);
	for (size_t k = 0; !err && k < v->n; k++) {
		size_t start = v->cell.n;

		if (v->cells[k].path)
			err = path_get(v->cells[k].path, rec, &v->cell, dg);
		else
			add_figure(v, t, row, v->cells[k].figure);
		v->shown[k].n = v->cell.n - start;
	}
	if (err || v->cell.failed)
		return err ? err : diag_nomem(dg);
	/* Where they are is known when the text has stopped growing. */
	at = str_of(&v->cell).p;
	for (size_t k = 0; k < v->n; at += v->shown[k++].n)
		v->shown[k].p = at;
	return CRM_OK;
}

enum crm_err
segment_emit_row(struct segment_view *v, const struct segment_table *t,
    size_t i, struct emit *e, struct diag *dg)
{
	const struct score_row *row = &t->rows[i];
	struct id id = {.kind = v->kind->no, .num = row->num, .tag = row->tag};
	struct record rec;
	enum crm_err err = CRM_OK;

	v->before = decimal_pile(v->before, row->monetary);
	if (!v->reads && figures_place(v, t, row, e))
		return CRM_OK;
	if (v->reads)
		err = store_get(v->store, id, &rec, dg);
	if (err == CRM_NO) {
		/* Deleted by another command since it was counted. */
		diag_clear(dg);
		return CRM_OK;
	}
	if (!err)
		err = row_cells(v, t, row, &rec, dg);
	if (!err)
		emit_cells(e, v->shown, !v->reads);
	return err;
}

enum crm_err
segment_emit_record(struct segment_view *v, struct id id, int64_t count,
    struct emit *e, struct diag *dg)
{
	struct record rec = {0};
	enum crm_err err;

	err = store_get(v->store, id, &rec, dg);
	for (size_t k = 0; !err && k < v->n; k++) {
		buf_reset(&v->cell);
		if (v->cells[k].path)
			err = path_get(v->cells[k].path, &rec, &v->cell, dg);
		else if (count >= 0)
			buf_addu(&v->cell, (uint64_t)count);
		emit_cell(e, str_of(&v->cell), false);
	}
	if (!err && v->cell.failed)
		return diag_nomem(dg);
	if (!err)
		emit_row(e);
	return err;
}
