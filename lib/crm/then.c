/* SPDX-License-Identifier: ISC */
/* then: the fields of a row, named by the schema and by what is gone of it. */
#include "crm/then.h"

#include "base/utf8.h"
#include "crm/day.h"

struct cell {
	struct column column;
	struct str value;
};

struct then {
	struct past *past;
	struct id id;
	struct row row;
	struct buf text; /* of the id */
	struct cell *cells;
	size_t n, cap;
};

static enum crm_err
cell_add(struct then *t, struct str name, const struct field *f,
    struct str value, struct diag *dg)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 32;
		struct cell *more = realloc(t->cells, cap * sizeof(*more));

		if (!more)
			return diag_nomem(dg);
		t->cells = more;
		t->cap = cap;
	}
	t->cells[t->n++] = (struct cell){
	    .column = {.name = name, .field = f, .list = f && f->list},
	    .value = value};
	return CRM_OK;
}

static enum crm_err
add_id(struct then *t, struct diag *dg)
{
	return cell_add(t, STR("id"), NULL, str_of(&t->text), dg);
}

/* The fields of the schema in its order, then those that are gone. */
static enum crm_err
add_all(struct then *t, struct diag *dg)
{
	const struct kind *k = schema_kind_no(past_schema(t->past), t->id.kind);
	struct past_field f;
	struct str value;
	unsigned at = 0, slot;
	enum crm_err err = add_id(t, dg);

	for (size_t i = 0; !err && k && i < k->nfields; i++) {
		if (k->fields[i]->slot == SLOT_NONE)
			continue;
		value = row_get(&t->row, k->fields[i]->slot);
		if (value.n)
			err = cell_add(
			    t, k->fields[i]->name, k->fields[i], value, dg);
	}
	while (!err && row_each(&t->row, &at, &slot, &value)) {
		err = past_field(t->past, t->id.kind, slot, &f, dg);
		if (!err && !f.field)
			err = cell_add(t, f.name, NULL, value, dg);
	}
	return err;
}

/* A field that is gone, and that the record had; *yes is false else. */
static enum crm_err
add_gone(struct then *t, struct str name, bool *yes, struct diag *dg)
{
	struct past_field f;
	struct str value;
	unsigned at = 0, slot;
	enum crm_err err = CRM_OK;

	*yes = false;
	while (!err && !*yes && row_each(&t->row, &at, &slot, &value)) {
		err = past_field(t->past, t->id.kind, slot, &f, dg);
		*yes = !err && !f.field && str_eq(f.name, name);
		if (*yes)
			err = cell_add(t, f.name, NULL, value, dg);
	}
	return err;
}

static enum crm_err
add_named(struct then *t, struct str name, struct diag *dg)
{
	const struct kind *k = schema_kind_no(past_schema(t->past), t->id.kind);
	const struct field *f = k ? schema_field(k, name) : NULL;
	enum crm_err err;
	bool yes;

	if (str_is(name, "id"))
		return add_id(t, dg);
	if (f && f->slot == SLOT_NONE)
		return diag_set(dg, CRM_USAGE,
		    "-f: %.*s is summed up from other records and not kept; "
		    "crm-find has it as it is now",
		    STR_ARG(name));
	if (f)
		return cell_add(t, f->name, f, row_get(&t->row, f->slot), dg);
	err = add_gone(t, name, &yes, dg);
	if (err || yes)
		return err;
	if (!k)
		return diag_set(
		    dg, CRM_USAGE, "-f: unknown field '%.*s'", STR_ARG(name));
	err = schema_find_field(k, name, &f, dg);
	diag_place(dg, "-f");
	return err;
}

static enum crm_err
add_once(struct then *t, struct str name, struct diag *dg)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->cells[i].column.name, name))
			return diag_set(dg, CRM_USAGE,
			    "-f: '%.*s' stands there twice", STR_ARG(name));
	return add_named(t, name, dg);
}

enum crm_err
then_new(struct then **out, struct past *past, struct id id,
    const struct row *row, const char *fields, struct diag *dg)
{
	struct then *t = calloc(1, sizeof(*t));
	enum crm_err err;

	*out = NULL;
	if (!t)
		return diag_nomem(dg);
	t->past = past;
	t->id = id;
	t->row = *row;
	err = past_id(past, id, &t->text, dg);
	if (!err && t->text.failed)
		err = diag_nomem(dg);
	if (!err && !fields)
		err = add_all(t, dg);
	for (struct str rest = str_from(fields); !err && rest.p;)
		err = add_once(t, str_trim(str_cut(&rest, ',')), dg);
	if (err)
		then_free(t);
	else
		*out = t;
	return err;
}

void
then_free(struct then *t)
{
	if (!t)
		return;
	buf_clear(&t->text);
	free(t->cells);
	free(t);
}

enum crm_err
then_emit(const struct then *t, struct emit *e, struct diag *dg)
{
	struct column *cols = calloc(t->n + 1, sizeof(*cols));
	enum crm_err err;

	if (!cols)
		return diag_nomem(dg);
	for (size_t i = 0; i < t->n; i++)
		cols[i] = t->cells[i].column;
	err = emit_begin(e, cols, t->n, dg);
	free(cols);
	if (err)
		return err;
	for (size_t i = 0; i < t->n; i++)
		emit_cell(e, t->cells[i].value, false);
	emit_row(e);
	return emit_end(e, dg);
}

static void
value_say(const struct cell *c, const struct zone *zone, struct buf *out)
{
	const struct field *f = c->column.field;
	struct when when;

	if (f && !f->list && (f->type == TYPE_TIME || f->type == TYPE_DATE) &&
	    day_read(c->value, zone, &when))
		when_say(&when, zone, out);
	else
		utf8_visible(c->value, out);
}

void
then_page(const struct then *t, const struct zone *zone, struct buf *out)
{
	size_t width = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->cells[i].column.name.n > width)
			width = t->cells[i].column.name.n;
	for (size_t i = 0; i < t->n; i++) {
		struct str name = t->cells[i].column.name;

		buf_addf(out, "%.*s%*s", STR_ARG(name),
		    str_int(width - name.n + 2), "");
		value_say(&t->cells[i], zone, out);
		buf_addc(out, '\n');
	}
}
