/* SPDX-License-Identifier: ISC */
/*
 * schemas_change: a change of a kind or field, from what the program fills in
 * to what stored records make of it. It is compiled before it is written, so
 * that what makes no sense is refused.
 */
#include "store/schemas.h"

/* ---- what the program fills in ---------------------------------------- */

static void
set(const struct kind *k, struct str *values, const char *name,
    struct str value)
{
	const struct field *f = schema_field(k, str_from(name));

	if (f && f->slot < k->nslots)
		values[f->slot] = value;
}

static struct str
number(struct buf *hold, uint64_t v)
{
	size_t at = hold->n;

	buf_addu(hold, v);
	return (struct str){.p = hold->p + at, .n = hold->n - at};
}

static enum crm_err
fill_field(struct store *s, const struct kind *k, struct str *values,
    struct buf *hold, struct diag *dg)
{
	struct str name = schemas_text(k, values, "name");
	const struct kind *of =
	    schema_kind(s->schema, str_head(name, str_chr(name, '.')));
	uint16_t slot = 0;
	enum crm_err err = of ? given_get(s, of->no, &slot, dg) : CRM_OK;

	if (err != CRM_OK)
		return err;
	if (schemas_text(k, values, "type").n == 0)
		set(k, values, "type", STR("text"));
	set(k, values, "derived", (struct str){0});
	set(k, values, "automatic", (struct str){0});
	if (of && slot < of->nslots)
		slot = (uint16_t)of->nslots;
	if (slot >= SLOT_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "%.*s has had %d fields; more do not fit",
		    STR_ARG(of->name), SLOT_LIMIT);
	if (of)
		set(k, values, "slot", number(hold, slot));
	return CRM_OK;
}

/* The shortest beginning of the name's letters that no kind uses; of two at
 * least, as the single ones are the program's. */
static struct str
free_prefix(struct store *s, struct str name, struct buf *hold)
{
	size_t at = hold->n;
	struct str pre = {0};

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < 'a' || name.p[i] > 'z')
			continue;
		buf_addc(hold, name.p[i]);
		pre = (struct str){.p = hold->p + at, .n = hold->n - at};
		if (pre.n >= 2 && !schema_kind_prefix(s->schema, pre))
			break;
	}
	return pre;
}

static enum crm_err
fill_kind(struct store *s, const struct kind *k, struct str *values,
    struct buf *hold, struct diag *dg)
{
	uint16_t no = 0;
	enum crm_err err = given_get(s, KIND_NONE, &no, dg);

	if (err != CRM_OK)
		return err;
	if (no < KIND_USER)
		no = KIND_USER;
	while (no < KIND_LIMIT && schema_kind_no(s->schema, no))
		no++;
	if (no == KIND_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "no further kind fits: %d are "
		    "the limit",
		    KIND_LIMIT);
	set(k, values, "no", number(hold, no));
	if (schemas_text(k, values, "prefix").n == 0)
		set(k, values, "prefix",
		    free_prefix(s, schemas_text(k, values, "name"), hold));
	return CRM_OK;
}

enum crm_err
schemas_prepare(struct store *s, const struct change *c, const struct str *olds,
    struct str *values, struct buf *hold, struct diag *dg)
{
	struct schemas_plan p = {.c = c, .values = values};
	struct change planned = *c;
	enum crm_err err;

	if (s->seeding)
		return CRM_OK;
	err = schemas_check_builtin(c, olds, values, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE && !c->exact)
		err = c->kind->no == KIND_KIND
			  ? fill_kind(s, c->kind, values, hold, dg)
			  : fill_field(s, c->kind, values, hold, dg);
	if (err == CRM_OK)
		err = schemas_check(s, c, olds, values, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE && c->id.num == 0)
		err = next_id(s, c->kind->no, &planned.id.num, dg);
	planned.id.kind = c->kind->no;
	p.c = &planned;
	if (c->op == CHANGE_DELETE && c->kind->no == KIND_KIND)
		p.gone = schemas_text(c->kind, olds, "name");
	return err == CRM_OK ? schemas_compile(s, &p, dg) : err;
}

/* ---- after it was written --------------------------------------------- */

static bool
same_choices(const struct field *a, const struct field *b)
{
	bool same = a->nchoices == b->nchoices;

	for (size_t i = 0; same && i < a->nchoices; i++)
		same = str_eq(a->choices[i].name, b->choices[i].name) &&
		       a->choices[i].closed == b->choices[i].closed;
	return same;
}

/* The fields of a deleted kind go with it. */
static enum crm_err
drop_fields(struct store *s, struct str kind, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, KIND_FIELD);
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	struct schemas_plan p = {.gone = kind};
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true;

	s->seeding = true;
	while (err == CRM_OK) {
		struct change c = {.op = CHANGE_DELETE, .kind = k};
		struct record r;

		err = scan_next(sc, &c.id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK &&
		    schemas_goes(&p,
			row_get(&r.row, schema_field(k, STR("name"))->slot)))
			err = store_apply(s, &c, dg);
	}
	s->seeding = false;
	scan_close(sc);
	return err;
}

enum crm_err
schemas_changed(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	const struct kind *k = c->kind;
	const struct field *was = NULL, *is = NULL;
	struct buf gone = {0};
	enum crm_err err;

	if (s->seeding)
		return CRM_OK;
	if (k->no == KIND_FIELD)
		was = schemas_field_now(s, k, olds);
	else if (c->op == CHANGE_DELETE)
		buf_add(&gone, schemas_text(k, olds, "name"));
	err = schemas_adopt(s, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE)
		err = given_note(s, k, values, dg);
	if (err == CRM_OK && k->no == KIND_FIELD)
		is = schemas_field_now(s, k, values);
	if (err == CRM_OK && was && is && is->slot != SLOT_NONE) {
		if (!same_choices(was, is) ||
		    (str_is(is->name, "currency") &&
			!str_eq(was->fallback, is->fallback)))
			err = rebuild_all(s, dg);
		else if ((was->index || was->unique) !=
			 (is->index || is->unique))
			err = rebuild_index(s, is, dg);
	}
	if (err == CRM_OK && gone.n > 0)
		err = table_empty(s,
		    table_of(s, TABLE_WORDS,
			schemas_small(k, olds, "no", KIND_NONE), 0),
		    dg);
	if (err == CRM_OK && gone.n > 0)
		err = drop_fields(s, str_of(&gone), dg);
	buf_clear(&gone);
	return err;
}
