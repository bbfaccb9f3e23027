/* SPDX-License-Identifier: ISC */
/* schema_finish: completes a schema and builds the tables of its kinds. */
#include "base/date.h"
#include "model/schema.h"
#include "model/schema_impl.h"
#include "model/value.h"

static bool
common_there(const struct schema *s, uint16_t kind, unsigned slot)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (s->fields[i]->kind == kind && s->fields[i]->slot == slot)
			return true;
	return false;
}

/* Gives the kind the common fields that no definition gave it. */
static enum crm_err
common_add(struct schema *s, const struct kind *k, struct diag *dg)
{
	struct buf name = {0};
	enum crm_err err = CRM_OK;

	for (unsigned i = 0; !err && i < SLOT_COMMON; i++) {
		struct field_def d;

		if (common_there(s, k->no, i))
			continue;
		schema_common((enum common_slot)i, &d);
		buf_reset(&name);
		buf_add(&name, k->name);
		buf_addc(&name, '.');
		buf_add(&name, d.name);
		if (name.failed) {
			err = diag_nomem(dg);
			break;
		}
		d.name = str_of(&name);
		err = schema_add_field(s, &d, dg);
	}
	buf_clear(&name);
	return err;
}

/* "@stage": the weight of that field's choice, a number. */
static enum crm_err
fallback_weight(const struct schema *s, const struct field *f, struct diag *dg)
{
	struct str name = str_from_pos(f->fallback, 1);
	const struct field *of = NULL;

	for (size_t i = 0; i < s->nfields; i++)
		if (s->fields[i]->kind == f->kind &&
		    str_eq(s->fields[i]->name, name))
			of = s->fields[i];
	if (!of || of->type != TYPE_ENUM || of->list)
		return diag_set(dg, CRM_DATA,
		    "fallback: '%.*s' is no enum of the same kind",
		    STR_ARG(name));
	if (f->type != TYPE_INT && f->type != TYPE_DECIMAL)
		return diag_set(dg, CRM_DATA,
		    "fallback: a weight is a number; the field is of type %s",
		    type_name((enum type)f->type));
	return CRM_OK;
}

static bool
fallback_day(const struct field *f)
{
	int days;
	int64_t utc;

	return date_parse(f->fallback, &days) ||
	       (f->type == TYPE_TIME && time_parse(f->fallback, &utc));
}

static enum crm_err
fallback_value(struct schema *s, struct field *f, struct diag *dg)
{
	static const struct clock epoch = {0};
	struct buf canonical = {0};
	bool odd = false;
	enum crm_err err;

	err = value_normalise(f, f->fallback, &epoch, &canonical, &odd, dg);
	if (err)
		goto out;
	if (odd) {
		err = diag_set(dg, CRM_DATA, "'%.*s' is not among the values",
		    STR_ARG(f->fallback));
		goto out;
	}
	f->fallback = schema_copy(s, str_of(&canonical));
	if (!f->fallback.p)
		err = diag_nomem(dg);
out:
	if (err == CRM_DATA)
		diag_place(dg, "fallback");
	buf_clear(&canonical);
	return err;
}

static enum crm_err
fallback_check(struct schema *s, struct field *f, struct diag *dg)
{
	if (f->fallback.n == 0)
		return CRM_OK;
	if (f->type == TYPE_REF || f->unique || f->derived)
		return diag_set(dg, CRM_DATA, "fallback: a %s has none",
		    f->derived	? "derived field"
		    : f->unique ? "unique field"
				: "reference");
	if (f->fallback.p[0] == '@')
		return fallback_weight(s, f, dg);
	if ((f->type == TYPE_DATE || f->type == TYPE_TIME) && !fallback_day(f))
		return diag_set(dg, CRM_DATA,
		    "fallback: '%.*s' is no fixed day; write YYYY-MM-DD",
		    STR_ARG(f->fallback));
	return fallback_value(s, f, dg);
}

/* What is shown first: a kind's own fields, the common ones, the sums. */
static unsigned
field_group(const struct field *f)
{
	return f->derived ? 2 : f->slot < SLOT_COMMON ? 1 : 0;
}

size_t
schema_columns_most(struct str columns)
{
	size_t n = 1;

	for (size_t i = 0; i < columns.n; i++)
		n += columns.p[i] == ',';
	return n;
}

/* Counts fields and slots into the kinds; the lists are made from that. */
static enum crm_err
index_room(struct schema *s, struct diag *dg)
{
	for (size_t i = 0; i < s->nfields; i++) {
		const struct field *f = s->fields[i];
		struct kind *k = schema_building(s, f->kind);

		k->nfields++;
		s->nkeyed += field_keyed(f);
		if (!f->derived && f->slot >= k->nslots)
			k->nslots = (size_t)f->slot + 1;
	}
	for (size_t i = 0; i < s->nkinds; i++) {
		struct kind *k = &s->kinds[i]->kind;
		size_t columns = schema_columns_most(s->kinds[i]->columns);

		k->fields = schema_alloc(s, k->nfields * sizeof *k->fields);
		k->slots = schema_alloc(s, k->nslots * sizeof *k->slots);
		k->keyed = schema_alloc(s, k->nslots * sizeof *k->keyed);
		k->columns = schema_alloc(s, columns * sizeof *k->columns);
		if (!k->fields || !k->slots || !k->keyed || !k->columns)
			return diag_nomem(dg);
		k->nfields = 0;
	}
	return CRM_OK;
}

/* By group; within one they stay in the order of the calls. */
static void
index_fields(struct kind *k)
{
	for (size_t i = 0; i < k->nfields; i++) {
		const struct field *f = k->fields[i];
		size_t at = i;

		if (!f->derived)
			k->slots[f->slot] = f;
		for (;
		     at > 0 && field_group(k->fields[at - 1]) > field_group(f);
		     at--)
			k->fields[at] = k->fields[at - 1];
		k->fields[at] = f;
	}
}

static void
index_keyed(struct kind *k)
{
	for (size_t i = 0; i < k->nslots; i++) {
		const struct field *f = k->slots[i];

		if (f && field_keyed(f))
			k->keyed[k->nkeyed++] = f;
	}
}

static void
index_columns(struct kind *k, struct str columns)
{
	for (struct str rest = columns; rest.n;) {
		struct str name = str_trim(str_cut(&rest, ','));
		const struct field *f = schema_field(k, name);

		if (f)
			k->columns[k->ncolumns++] = f;
	}
	if (k->ncolumns == 0) {
		k->columns = k->fields;
		k->ncolumns =
		    k->nfields < COLUMNS_USUAL ? k->nfields : COLUMNS_USUAL;
	}
}

void
schema_index_kind(struct kind *k, struct str columns)
{
	index_fields(k);
	index_keyed(k);
	index_columns(k, columns);
}

void
schema_index_letters(struct schema *s)
{
	for (size_t i = 0; i < s->nkinds; i++) {
		const struct kind *k = &s->kinds[i]->kind;

		if (k->prefix.n == 1)
			s->letter[k->prefix.p[0] - 'a'] = (uint16_t)(i + 1);
	}
}

enum crm_err
schema_index(struct schema *s, struct diag *dg)
{
	enum crm_err err;

	schema_index_letters(s);
	err = index_room(s, dg);
	if (err)
		return err;
	for (size_t i = 0; i < s->nfields; i++) {
		struct kind *k = schema_building(s, s->fields[i]->kind);

		k->fields[k->nfields++] = s->fields[i];
	}
	for (size_t i = 0; i < s->nkinds; i++)
		schema_index_kind(&s->kinds[i]->kind, s->kinds[i]->columns);
	return CRM_OK;
}

enum crm_err
schema_finish(struct schema *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < s->nkinds; i++)
		err = common_add(s, &s->kinds[i]->kind, dg);
	for (size_t i = 0; !err && i < s->nfields; i++) {
		struct field *f = s->fields[i];

		err = fallback_check(s, f, dg);
		if (err)
			diag_place(dg, "field %.*s.%.*s",
			    STR_ARG(schema_building(s, f->kind)->name),
			    STR_ARG(f->name));
	}
	return err ? err : schema_index(s, dg);
}
