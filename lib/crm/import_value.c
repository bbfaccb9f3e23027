/* SPDX-License-Identifier: ISC */
/* import_value: the values of one row into the record under way. */
#include "crm/import_impl.h"
#include "model/value.h"
#include "query/ref.h"

/* Does TEXT name a record that is not there? *id is the one that it names,
 * when it is a single one. */
static enum crm_err
foreign_find(struct import *i, const struct field *f, struct str text,
    struct id *id, struct diag *dg)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(i->store), f->ref) : NULL;
	struct id found[2];
	size_t n = 0;
	enum crm_err err;

	*id = (struct id){0};
	err = ref_lookup(i->store, k, text, found, ARRAY_LEN(found), &n, dg);
	if (err || n > 1)
		return err;
	if (n == 1) {
		*id = found[0];
		return CRM_OK;
	}
	i->missing = true;
	return diag_set(dg, CRM_DATA,
	    "%.*s: no %.*s '%.*s'; import the file that has it in the same "
	    "run, or before",
	    STR_ARG(f->name), STR_ARG(k ? k->name : STR("record")),
	    STR_ARG(text));
}

/* The texts of a reference as ids, where they are names of other programs
 * ("hubspot:77"): what is not there may come later. */
static enum crm_err
foreign_read(struct import *i, const struct field *f, struct str text,
    struct str *out, struct diag *dg)
{
	struct str rest = text, item;
	struct id id;
	enum crm_err err = CRM_OK;

	*out = text;
	if (str_chr(text, ':') == text.n)
		return CRM_OK;
	buf_reset(&i->text);
	while (!err && rest.p) {
		item = rest;
		rest.p = f->list ? rest.p : NULL;
		if (f->list)
			item = str_cut(&rest, ',');
		item = str_trim(item);
		if (item.n == 0)
			continue;
		err = foreign_find(i, f, item, &id, dg);
		if (i->text.n)
			buf_addc(&i->text, ',');
		if (!err && id.num)
			id_print(store_schema(i->store), id, &i->text);
		else
			buf_add(&i->text, item);
	}
	if (!err && i->text.failed)
		err = diag_nomem(dg);
	*out = str_of(&i->text);
	return err;
}

/* Whether a reference that writer_set refused names nothing: it may come. */
static void
missing_find(struct import *i, const struct field *f, struct str text)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(i->store), f->ref) : NULL;
	struct str rest = text, item;
	struct diag lost = {0};
	struct id found[2];
	size_t n = 1;

	while (n > 0 && rest.p) {
		item = rest;
		if (f->list)
			item = str_cut(&rest, ',');
		else
			rest.p = NULL;
		item = str_trim(item);
		n = 1;
		if (item.n && ref_lookup(i->store, k, item, found,
				  ARRAY_LEN(found), &n, &lost) != CRM_OK)
			n = 1;
	}
	i->missing = n == 0;
	diag_clear(&lost);
}

static int
line_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The lines of TEXT in order, for line_in; NULL without memory. */
static struct str *
lines_sorted(struct str text, size_t *n)
{
	struct str *v, rest;

	*n = 0;
	for (rest = text; rest.p; (*n)++)
		str_cut(&rest, '\n');
	v = calloc(*n + 1, sizeof(*v));
	*n = 0;
	for (rest = text; v && rest.p;)
		v[(*n)++] = str_cut(&rest, '\n');
	if (v && *n)
		qsort(v, *n, sizeof(*v), line_order);
	return v;
}

/* Those lines of TEXT that are none of NOW, and the empty ones between them,
 * into i->text. */
static enum crm_err
lines_pick(struct import *i, struct str now, struct str text, struct diag *dg)
{
	size_t n, empty = 0;
	struct str *known = lines_sorted(now, &n);

	if (!known)
		return diag_nomem(dg);
	for (struct str rest = text; rest.p;) {
		struct str line = str_cut(&rest, '\n');
		bool old = bsearch(&line, known, n, sizeof(line), line_order);

		empty = line.n == 0 ? empty + 1 : empty;
		if (line.n > 0 && !old) {
			for (; i->text.n && empty > 0; empty--)
				buf_addc(&i->text, '\n');
			if (i->text.n)
				buf_addc(&i->text, '\n');
			buf_add(&i->text, line);
		}
		empty = line.n == 0 ? empty : 0;
	}
	free(known);
	return i->text.failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
lines_new(struct import *i, const struct field *f, struct str text,
    struct str *out, struct diag *dg)
{
	struct str now = writer_get(i->writer, f);
	bool odd = false;
	enum crm_err err;

	buf_reset(&i->text);
	buf_reset(&i->key);
	err = value_normalise(f, text, i->opt.clock, &i->key, &odd, dg);
	if (!err && i->key.failed)
		err = diag_nomem(dg);
	if (!err && now.n && i->key.n && !str_eq(now, str_of(&i->key)))
		err = lines_pick(i, now, str_of(&i->key), dg);
	if (err == CRM_DATA)
		diag_place(dg, "%.*s", STR_ARG(f->name));
	*out = str_of(now.n ? &i->text : &i->key);
	return err;
}

static enum crm_err
value_set(struct import *i, const struct field *f, const struct intake_value *v,
    struct diag *dg)
{
	struct str text = v->value;
	enum crm_err err = CRM_OK;

	i->at = v;
	if (v->checked)
		return writer_take(i->writer, f, v->canon, v->odd, dg);
	if (f->type == TYPE_REF && text.n)
		err = foreign_read(i, f, text, &text, dg);
	else if (v->op == ASSIGN_ADD && f->type == TYPE_TEXT && !f->list)
		err = lines_new(i, f, text, &text, dg);
	if (err || (v->op == ASSIGN_ADD && text.n == 0))
		return err;
	err = writer_set(i->writer, f, v->op, text, dg);
	if (err == CRM_DATA && f->type == TYPE_REF)
		missing_find(i, f, v->value);
	return err;
}

enum crm_err
values_set(
    struct import *i, const struct intake *in, bool refs, struct diag *dg)
{
	bool fresh = writer_fresh(i->writer);
	const struct target *t;
	enum crm_err err = CRM_OK;

	if (refs && !i->refs)
		return CRM_OK;
	for (size_t at = 0; !err && at < in->n; at++) {
		t = &i->targets[at];
		if (!t->field || t->sub || (t->field->type == TYPE_REF) != refs)
			continue;
		if (in->v[at].value.n == 0 && (fresh || !i->opt.clear_empty))
			continue;
		/* created of a record that is there already */
		if (t->field->automatic && !fresh)
			continue;
		err = value_set(i, t->field, &in->v[at], dg);
	}
	return err;
}

/* Is target AT the first of its reference that has a value, or that would
 * clear it? */
static bool
sub_first(const struct import *i, const struct intake *in, size_t at, bool *any)
{
	const struct target *t = &i->targets[at];

	if (!t->sub || t->leader != at)
		return false;
	*any = false;
	for (size_t j = at; j < in->n && !*any; j++)
		*any = i->targets[j].sub && i->targets[j].leader == at &&
		       str_trim(in->v[j].value).n > 0;
	return true;
}

enum crm_err
subs_set(struct import *i, const struct intake *in, struct diag *dg)
{
	struct id id;
	bool any;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && at < in->n; at++) {
		if (!sub_first(i, in, at, &any) || !any)
			continue;
		err = refer_find(i, in, at, &id, dg);
		if (!err)
			err = writer_refresh(i->writer, dg);
		if (!err)
			err = writer_refer(
			    i->writer, i->targets[at].field, id, dg);
	}
	return err;
}

enum crm_err
subs_check(struct import *i, const struct intake *in, struct diag *dg)
{
	bool any;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && at < in->n; at++)
		if (sub_first(i, in, at, &any) && any)
			err = refer_check(i, in, at, dg);
	return err;
}
