/* SPDX-License-Identifier: ISC */
/* columns: field lists to cells, the plain ones without a copy. */
#include "crm/columns.h"
#include "query/query.h"

enum column_way { WAY_ID, WAY_STORED, WAY_DERIVED, WAY_PATH };

struct shown {
	struct str name;	   /* a view of columns.text or of the schema */
	const struct field *field; /* NULL for the id */
	struct path *path;
	enum column_way way;
	bool list;
};

struct columns {
	struct store *store;
	const struct kind *kind;
	struct buf text; /* the list as it was written */
	struct shown *cols;
	size_t n, cap;
	size_t explode;	     /* SIZE_MAX: none */
	struct field single; /* the exploded field as if it were no list */
	struct buf id, scratch;
	struct buf item; /* the exploded value, kept while cells are made */

	/* Where all are: the id and stored fields. NULL when others are
	 * shown, too. */
	uint16_t *slots;
	bool id_shown;
};

void
columns_free(struct columns *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++)
		path_free(c->cols[i].path);
	free(c->cols);
	free(c->slots);
	buf_clear(&c->text);
	buf_clear(&c->id);
	buf_clear(&c->scratch);
	buf_clear(&c->item);
	free(c);
}

/* ---- choosing --------------------------------------------------------- */

static bool
columns_has(const struct columns *c, struct str name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (str_eq(c->cols[i].name, name))
			return true;
	return false;
}

static struct shown *
column_room(struct columns *c, struct diag *dg)
{
	struct shown *more;
	size_t cap;

	if (c->n == c->cap) {
		cap = c->cap ? c->cap * 2 : 32;
		more = realloc(c->cols, cap * sizeof(*more));
		if (!more) {
			(void)diag_nomem(dg);
			return NULL;
		}
		c->cols = more;
		c->cap = cap;
	}
	c->cols[c->n] = (struct shown){0};
	return &c->cols[c->n];
}

static enum crm_err
column_id(struct columns *c, struct diag *dg)
{
	struct shown *s = column_room(c, dg);

	if (!s)
		return CRM_TEMP;
	s->name = STR("id");
	s->way = WAY_ID;
	c->n++;
	return CRM_OK;
}

static enum crm_err
column_field(struct columns *c, const struct field *f, struct diag *dg)
{
	struct shown *s = column_room(c, dg);

	if (!s)
		return CRM_TEMP;
	s->name = f->name;
	s->field = f;
	s->list = f->list;
	s->way = f->slot == SLOT_NONE ? WAY_DERIVED : WAY_STORED;
	c->n++;
	return CRM_OK;
}

static enum crm_err
column_path(struct columns *c, struct str name, struct diag *dg)
{
	struct shown *s = column_room(c, dg);
	enum crm_err err;

	if (!s)
		return CRM_TEMP;
	err = path_new(&s->path, c->store, c->kind, name, dg);
	if (err)
		return err;
	s->name = name;
	s->field = path_field(s->path);
	s->list = true; /* what a path meets may be several */
	s->way = WAY_PATH;
	c->n++;
	return CRM_OK;
}

static enum crm_err
column_named(struct columns *c, struct str name, struct diag *dg)
{
	const struct field *f;
	enum crm_err err;

	if (columns_has(c, name))
		return diag_set(dg, CRM_USAGE, "-f: '%.*s' stands there twice",
		    STR_ARG(name));
	if (str_is(name, "id"))
		return column_id(c, dg);
	if (str_chr(name, '.') < name.n)
		err = column_path(c, name, dg);
	else
		err = schema_find_field(c->kind, name, &f, dg);
	if (!err && str_chr(name, '.') == name.n)
		err = column_field(c, f, dg);
	if (err)
		diag_place(dg, "-f");
	return err;
}

static enum crm_err
columns_stored(struct columns *c, bool sensitive, struct diag *dg)
{
	const struct field *f;
	enum crm_err err = column_id(c, dg);
	size_t i;

	for (i = 0; !err && i < c->kind->nfields; i++) {
		f = c->kind->fields[i];
		if (f->slot != SLOT_NONE && (sensitive || !f->sensitive))
			err = column_field(c, f, dg);
	}
	return err;
}

static enum crm_err
columns_shown(struct columns *c, struct diag *dg)
{
	enum crm_err err = column_id(c, dg);
	size_t i;

	for (i = 0; !err && i < c->kind->ncolumns; i++)
		err = column_field(c, c->kind->columns[i], dg);
	return err;
}

static enum crm_err
columns_set(struct columns *c, enum columns_set set, struct diag *dg)
{
	if (set == COLUMNS_SHOWN)
		return columns_shown(c, dg);
	return columns_stored(c, set == COLUMNS_STORED, dg);
}

static enum crm_err
columns_read(struct columns *c, enum columns_set set, struct diag *dg)
{
	struct str rest = str_of(&c->text);
	enum crm_err err = CRM_OK;

	if (str_is(rest, "all"))
		return columns_set(c, COLUMNS_STORED, dg);
	if (str_starts(rest, STR("+"))) {
		rest = str_from_pos(rest, 1);
		err = columns_set(c, set, dg);
	}
	while (!err && rest.p)
		err = column_named(c, str_trim(str_cut(&rest, ',')), dg);
	return err;
}

static bool
columns_plain(const struct columns *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->cols[i].way != WAY_ID && c->cols[i].way != WAY_STORED)
			return false;
	return true;
}

/* What whole rows are printed with, where they can be. */
static enum crm_err
columns_lay(struct columns *c, struct diag *dg)
{
	size_t i;

	if (!columns_plain(c))
		return CRM_OK;
	c->slots = malloc((c->n + 1) * sizeof(*c->slots));
	if (!c->slots)
		return diag_nomem(dg);
	for (i = 0; i < c->n; i++) {
		bool id = c->cols[i].way == WAY_ID;

		c->slots[i] = id ? EMIT_ID : c->cols[i].field->slot;
		c->id_shown = c->id_shown || id;
	}
	return CRM_OK;
}

enum crm_err
columns_new(struct columns **out, struct store *s, const struct kind *k,
    const char *text, enum columns_set set, struct diag *dg)
{
	struct columns *c = calloc(1, sizeof(*c));
	enum crm_err err;

	*out = NULL;
	if (!c)
		return diag_nomem(dg);
	c->store = s;
	c->kind = k;
	c->explode = SIZE_MAX;
	buf_addz(&c->text, text ? text : "");
	if (c->text.failed)
		err = diag_nomem(dg);
	else if (text)
		err = columns_read(c, set, dg);
	else
		err = columns_set(c, set, dg);
	if (!err)
		err = columns_lay(c, dg);
	if (err) {
		columns_free(c);
		return err;
	}
	*out = c;
	return CRM_OK;
}

enum crm_err
columns_explode(struct columns *c, struct str name, struct diag *dg)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (str_eq(c->cols[i].name, name))
			break;
	if (i == c->n)
		return diag_set(dg, CRM_USAGE,
		    "-x: '%.*s' is not among the columns; add -f +%.*s",
		    STR_ARG(name), STR_ARG(name));
	if (!c->cols[i].list)
		return diag_set(
		    dg, CRM_USAGE, "-x: '%.*s' is no list", STR_ARG(name));
	c->explode = i;
	if (c->cols[i].field) {
		c->single = *c->cols[i].field;
		c->single.list = false;
	}
	return CRM_OK;
}

/* ---- showing ---------------------------------------------------------- */

enum crm_err
columns_begin(const struct columns *c, struct emit *e, struct diag *dg)
{
	struct column *cols = calloc(c->n, sizeof(*cols));
	enum crm_err err;
	size_t i;

	if (!cols)
		return diag_nomem(dg);
	for (i = 0; i < c->n; i++) {
		cols[i].name = c->cols[i].name;
		cols[i].field = c->cols[i].field;
		cols[i].list = c->cols[i].list;
		if (i != c->explode)
			continue;
		cols[i].list = false;
		if (cols[i].field)
			cols[i].field = &c->single;
	}
	err = emit_begin(e, cols, c->n, dg);
	if (!err && c->slots)
		err = emit_slots(e, c->slots, dg);
	free(cols);
	return err;
}

/* The value of a column; a view of the row or of c->scratch or c->id. */
static enum crm_err
column_value(struct columns *c, const struct shown *s, const struct record *r,
    struct str *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	switch (s->way) {
	case WAY_ID:
		buf_reset(&c->id);
		id_print(store_schema(c->store), r->id, &c->id);
		*out = str_of(&c->id);
		break;
	case WAY_STORED:
		*out = row_get(&r->row, s->field->slot);
		break;
	case WAY_DERIVED:
		*out = record_get(r, s->field, &c->scratch);
		break;
	case WAY_PATH:
		buf_reset(&c->scratch);
		err = path_get(s->path, r, &c->scratch, dg);
		*out = str_of(&c->scratch);
		break;
	}
	return err;
}

/* One row; ITEM stands for the exploded column. */
static enum crm_err
row_emit(struct columns *c, struct emit *e, const struct record *r,
    const struct str *item, struct diag *dg)
{
	bool clean = emit_clean(e, r->row.flags);
	struct str v;
	size_t i;
	enum crm_err err = CRM_OK;

	for (i = 0; !err && i < c->n; i++) {
		if (item && i == c->explode) {
			emit_cell(
			    e, *item, clean && c->cols[i].way == WAY_STORED);
			continue;
		}
		if (c->cols[i].way == WAY_STORED) {
			v = row_get(&r->row, c->cols[i].field->slot);
			emit_cell(e, v, clean);
			continue;
		}
		err = column_value(c, &c->cols[i], r, &v, dg);
		if (!err)
			emit_cell(e, v, c->cols[i].way == WAY_ID);
	}
	if (!err)
		emit_row(e);
	return err;
}

/* The same for the id and stored fields alone, without a look at them. */
static void
row_copy(struct columns *c, struct emit *e, const struct record *r)
{
	buf_reset(&c->id);
	if (c->id_shown)
		id_print(store_schema(c->store), r->id, &c->id);
	emit_stored(e, &r->row, str_of(&c->id));
}

static enum crm_err
rows_emit(
    struct columns *c, struct emit *e, const struct record *r, struct diag *dg)
{
	struct str v, rest, item;
	enum crm_err err;

	err = column_value(c, &c->cols[c->explode], r, &v, dg);
	if (err)
		return err;
	buf_reset(&c->item);
	buf_add(&c->item, v);
	if (c->item.failed)
		return diag_nomem(dg);
	rest = str_of(&c->item);
	if (!rest.p)
		rest = STR("");
	while (!err && rest.p) {
		item = str_cut(&rest, ',');
		err = row_emit(c, e, r, &item, dg);
	}
	return err;
}

enum crm_err
columns_emit(
    struct columns *c, struct emit *e, const struct record *r, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (c->explode != SIZE_MAX)
		err = rows_emit(c, e, r, dg);
	else if (c->slots)
		row_copy(c, e, r);
	else
		err = row_emit(c, e, r, NULL, dg);
	if (!err && (c->scratch.failed || c->id.failed))
		err = diag_nomem(dg);
	return err;
}

void
columns_emit_rows(const struct columns *c, struct emit *e, const struct id *ids,
    const struct row *rows, size_t n)
{
	const struct schema *s = store_schema(c->store);
	struct buf id = {0};

	for (size_t i = 0; i < n; i++) {
		buf_reset(&id);
		if (c->id_shown)
			id_print(s, ids[i], &id);
		emit_stored(e, &rows[i], str_of(&id));
	}
	if (id.failed)
		emit_fail(e);
	buf_clear(&id);
}

bool
columns_derive(const struct columns *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->cols[i].way == WAY_DERIVED || c->cols[i].way == WAY_PATH)
			return true;
	return false;
}
