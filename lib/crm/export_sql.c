/* SPDX-License-Identifier: ISC */
/* export_sql: names, values and statements that two databases read alike. */
#include "crm/export_sql.h"

#include "base/num.h"
#include "model/value.h"

enum {
	ROWS_MAX = 500,		/* in one statement */
	LISTS_MAX = 256 * 1024, /* bytes of items kept back meanwhile */
	NAME_MAX_SQL = 63	/* PostgreSQL cuts what is longer */
};

/* A field that is a column; the items of a list wait in ROWS. */
struct sql_column {
	const struct field *field;
	struct buf table; /* of its items, quoted */
	struct buf rows;
};

struct sql {
	struct exporter exporter;
	struct store *store;
	const struct kind *kind;
	struct buf table; /* of the kind, quoted */
	struct sql_column cols[SLOT_LIMIT];
	size_t ncols;
	size_t rows; /* in the open statement; 0: none is open */
	size_t kept; /* bytes of items */
	struct buf id;
};

/* ---- names ------------------------------------------------------------ */

/* Names that a database keeps for itself, even in quotes. No name of ours
 * ends or begins with '_'. */
static void
column_name(struct str name, struct buf *to)
{
	static const char *const taken[] = {
	    "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
	bool own = false;

	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		own = own || str_is(name, taken[i]);
	buf_addf(to, "\"%.*s%s\"", STR_ARG(name), own ? "_" : "");
}

static void
table_name(struct str name, struct buf *to)
{
	bool own =
	    str_starts(name, STR("pg_")) || str_starts(name, STR("sqlite_"));

	buf_addf(to, "\"%s%.*s\"", own ? "_" : "", STR_ARG(name));
}

/* Is JOINED also the name of a kind, or of another list's table? */
static bool
joined_taken(const struct schema *s, const struct field *own, struct str joined)
{
	const struct kind *k = schema_kind_at(s, 0);

	for (size_t i = 1; k; k = schema_kind_at(s, i++)) {
		struct str rest;

		if (str_eq(k->name, joined))
			return true;
		rest = str_from_pos(joined, k->name.n);
		if (k->no == own->kind || !str_starts(joined, k->name) ||
		    !str_starts(rest, STR("_")))
			continue;
		if (schema_field(k, str_from_pos(rest, 1)))
			return true;
	}
	return false;
}

/* The table of a list: contact_email; where that is taken, with a point; where
 * it is too long, with the numbers of kind and field instead of its end. */
static void
list_name(const struct schema *s, const struct kind *k, const struct field *f,
    struct buf *to)
{
	enum { KEPT = 48 };
	struct buf name = {0};

	buf_addf(&name, "%.*s_%.*s", STR_ARG(k->name), STR_ARG(f->name));
	if (name.n > NAME_MAX_SQL) {
		name.n = KEPT;
		buf_addf(&name, ".%u.%u", k->no, f->slot);
	} else if (joined_taken(s, f, str_of(&name))) {
		buf_reset(&name);
		buf_addf(
		    &name, "%.*s.%.*s", STR_ARG(k->name), STR_ARG(f->name));
	}
	table_name(str_of(&name), to);
	to->failed = to->failed || name.failed;
	buf_clear(&name);
}

/* ---- values ----------------------------------------------------------- */

static const char *const types[] = {
    [TYPE_TEXT] = "text",
    [TYPE_INT] = "bigint",
    [TYPE_DECIMAL] = "numeric",
    [TYPE_BOOL] = "boolean",
    [TYPE_DATE] = "date",
    [TYPE_TIME] = "timestamptz",
    [TYPE_ENUM] = "text",
    [TYPE_REF] = "text",
    [TYPE_EMAIL] = "text",
    [TYPE_PHONE] = "text",
    [TYPE_URL] = "text",
    [TYPE_RECUR] = "text",
};

static void
string_add(struct str s, struct buf *to)
{
	buf_addc(to, '\'');
	while (s.n > 0) {
		size_t n = str_chr(s, '\'');

		buf_add(to, str_head(s, n));
		if (n < s.n)
			buf_addz(to, "''");
		s = str_from_pos(s, n + 1);
	}
	buf_addc(to, '\'');
}

static bool
number_plain(struct str s)
{
	struct decimal d;

	return s.n > 0 && s.p[0] != '+' && decimal_parse(s, &d);
}

static void
item_add(const struct field *f, struct str s, struct buf *to)
{
	bool number = f->type == TYPE_INT || f->type == TYPE_DECIMAL;

	if (s.n == 0)
		buf_addz(to, "NULL");
	else if (number && number_plain(s))
		buf_add(to, s);
	else if (f->type == TYPE_BOOL)
		buf_addz(to, str_is(s, "yes") ? "true" : "false");
	else
		string_add(s, to);
}

/* ---- tables ----------------------------------------------------------- */

static void
columns_clear(struct sql *q)
{
	for (size_t i = 0; i < q->ncols; i++) {
		buf_clear(&q->cols[i].table);
		buf_clear(&q->cols[i].rows);
	}
	q->ncols = 0;
}

static void
columns_take(struct sql *q, const struct kind *k)
{
	columns_clear(q);
	q->kind = k;
	for (size_t i = 0; i < k->nfields; i++) {
		const struct field *f = k->fields[i];

		if (f->slot >= k->nslots || f->sensitive)
			continue;
		q->cols[q->ncols] = (struct sql_column){.field = f};
		if (f->list)
			list_name(store_schema(q->store), k, f,
			    &q->cols[q->ncols].table);
		q->ncols++;
	}
}

static void
tables_create(struct sql *q, struct buf *to)
{
	buf_addf(to, "CREATE TABLE %s (\n\t\"id\" text PRIMARY KEY",
	    buf_z(&q->table));
	for (size_t i = 0; i < q->ncols; i++) {
		const struct field *f = q->cols[i].field;

		buf_addz(to, ",\n\t");
		column_name(f->name, to);
		buf_addf(to, " %s", f->list ? "text" : types[f->type]);
	}
	buf_addz(to, "\n);\n");
	for (size_t i = 0; i < q->ncols; i++)
		if (q->cols[i].field->list)
			buf_addf(to,
			    "CREATE TABLE %s (\n\t\"id\" text NOT NULL,\n"
			    "\t\"position\" integer NOT NULL,\n"
			    "\t\"value\" %s NOT NULL,\n"
			    "\tPRIMARY KEY (\"id\", \"position\")\n);\n",
			    buf_z(&q->cols[i].table),
			    types[q->cols[i].field->type]);
}

/* ---- rows ------------------------------------------------------------- */

/* Ends the open statement; then come the items of its rows. */
static void
rows_end(struct sql *q, struct buf *to)
{
	if (q->rows > 0)
		buf_addz(to, ";\n");
	q->rows = 0;
	q->kept = 0;
	for (size_t i = 0; i < q->ncols; i++) {
		struct sql_column *c = &q->cols[i];

		to->failed = to->failed || c->rows.failed || c->table.failed;
		if (c->rows.n == 0)
			continue;
		buf_addf(to, "INSERT INTO %s VALUES", buf_z(&c->table));
		buf_add(to, str_of(&c->rows));
		buf_addz(to, ";\n");
		buf_reset(&c->rows);
	}
}

static void
items_add(struct sql *q, struct sql_column *c, struct str value)
{
	struct str rest = value;
	size_t before = c->rows.n;

	for (unsigned long position = 1; rest.p; position++) {
		struct str item = value_item(c->field, &rest);

		buf_addf(&c->rows, "%s\n('%s',%lu,", c->rows.n ? "," : "",
		    buf_z(&q->id), position);
		item_add(c->field, item, &c->rows);
		buf_addc(&c->rows, ')');
	}
	q->kept += c->rows.n - before;
}

static enum crm_err
sql_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct sql *q = (struct sql *)x;

	if (!q->kind || r->kind->no != q->kind->no)
		return diag_set(dg, CRM_BUG, "a record of another kind");
	buf_reset(&q->id);
	id_print(store_schema(q->store), r->id, &q->id);
	if (q->rows == 0)
		buf_addf(to, "INSERT INTO %s VALUES", buf_z(&q->table));
	buf_addf(to, "%s\n('%s'", q->rows ? "," : "", buf_z(&q->id));
	for (size_t i = 0; i < q->ncols; i++) {
		struct sql_column *c = &q->cols[i];
		struct str value = row_get(&r->row, c->field->slot);

		buf_addc(to, ',');
		if (!c->field->list) {
			item_add(c->field, value, to);
			continue;
		}
		if (value.n > 0)
			string_add(value, to);
		else
			buf_addz(to, "NULL");
		if (value.n > 0)
			items_add(q, c, value);
	}
	buf_addc(to, ')');
	q->rows++;
	if (q->rows == ROWS_MAX || q->kept > LISTS_MAX)
		rows_end(q, to);
	return q->id.failed || q->table.failed ? diag_nomem(dg) : CRM_OK;
}

/* ---- the whole -------------------------------------------------------- */

static enum crm_err
sql_begin(struct exporter *x, struct buf *to, struct diag *dg)
{
	(void)x;
	buf_addz(to, "BEGIN;\n");
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
sql_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct sql *q = (struct sql *)x;

	rows_end(q, to);
	x->bare = true;
	columns_take(q, kind);
	buf_reset(&q->table);
	table_name(kind->name, &q->table);
	tables_create(q, to);
	return to->failed || q->table.failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
sql_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	rows_end((struct sql *)x, to);
	buf_addz(to, "COMMIT;\n");
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

static void
sql_free(struct exporter *x)
{
	struct sql *q = (struct sql *)x;

	columns_clear(q);
	buf_clear(&q->table);
	buf_clear(&q->id);
	free(q);
}

enum crm_err
sql_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {
	    .begin = sql_begin,
	    .kind = sql_kind,
	    .record = sql_record,
	    .end = sql_end,
	    .free = sql_free,
	};
	struct sql *q = calloc(1, sizeof(*q));

	*out = NULL;
	if (!q)
		return diag_nomem(dg);
	q->exporter.class = &class;
	q->store = o->store;
	*out = &q->exporter;
	return CRM_OK;
}
