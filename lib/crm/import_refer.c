/* SPDX-License-Identifier: ISC */
/* import_refer: records that a row names by values of theirs: the org of a
 * person by its name or its ext. */
#include "crm/import_impl.h"
#include "model/value.h"

enum { HITS = 4 };

/* The value of IN for the sub-field called NAME of the same reference. */
static const struct intake_value *
sub_value(const struct import *i, const struct intake *in, size_t first,
    const char *name)
{
	for (size_t at = first; at < in->n; at++)
		if (i->targets[at].sub &&
		    i->targets[at].field == i->targets[first].field &&
		    str_is(i->targets[at].sub->name, name) &&
		    str_trim(in->v[at].value).n > 0)
			return &in->v[at];
	return NULL;
}

static enum crm_err
several(const struct import *i, const struct kind *k, struct str name,
    const struct id *found, size_t n, struct diag *dg)
{
	struct buf names = {0};
	enum crm_err err;

	for (size_t at = 0; at < n; at++) {
		buf_addz(&names, at ? ", " : "");
		id_print(store_schema(i->store), found[at], &names);
	}
	err = diag_set(dg, CRM_DATA,
	    "several %.*ss are called '%.*s': %s%s; merge them, or give an "
	    "ext",
	    STR_ARG(k->name), STR_ARG(name), buf_z(&names),
	    n == HITS ? " ..." : "");
	buf_clear(&names);
	return err;
}

/* By its name: as it is written, else case and accents aside. */
static enum crm_err
by_name(struct import *i, const struct kind *k, const struct intake_value *v,
    struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(k, STR("name"));
	struct id found[HITS];
	bool odd = false;
	size_t n = 0;
	enum crm_err err;

	i->at = v;
	if (!f || f->slot == SLOT_NONE)
		return diag_set(
		    dg, CRM_DATA, "a %.*s has no name", STR_ARG(k->name));
	buf_reset(&i->text);
	err = value_normalise(f, v->value, i->opt.clock, &i->text, &odd, dg);
	if (!err && i->text.failed)
		err = diag_nomem(dg);
	if (!err)
		err = store_find(i->store, f, str_of(&i->text), STORE_EXACT,
		    found, HITS, &n, dg);
	if (!err && n == 0)
		err = store_find(i->store, f, str_of(&i->text), STORE_FOLDED,
		    found, HITS, &n, dg);
	if (!err && n > 1)
		return several(i, k, str_of(&i->text), found, n, dg);
	if (!err && n == 1)
		*id = found[0];
	return err;
}

static enum crm_err
by_ext(struct import *i, const struct kind *k, const struct intake_value *v,
    struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(k, STR("ext"));

	i->at = v;
	if (!f)
		return diag_set(
		    dg, CRM_DATA, "a %.*s has no ext", STR_ARG(k->name));
	return writer_find(i->other, f, v->value, id, dg);
}

/* Has the record an ext of the same system already ("hubspot:" of
 * "hubspot:77")? Then it is another one of the same name. */
static enum crm_err
has_system(struct import *i, const struct kind *k, struct id id, struct str ext,
    bool *has, struct diag *dg)
{
	const struct field *f = schema_field(k, STR("ext"));
	struct str system = str_head(ext, str_chr(ext, ':')), rest;
	struct record r;
	enum crm_err err = store_follow(i->store, id, &r, dg);

	*has = false;
	if (err)
		return err;
	for (rest = row_get(&r.row, f->slot); rest.n && rest.p;) {
		struct str item = str_cut(&rest, ',');

		*has =
		    *has || str_eq(str_head(item, str_chr(item, ':')), system);
	}
	return CRM_OK;
}

/* Writes the record: a new one of all that the row says of it, or the ext of
 * one that is there. */
static enum crm_err
refer_write(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg)
{
	const struct target *t = &i->targets[first];
	bool fresh = id->num == 0;
	enum writer_done done;
	enum crm_err err = fresh ? writer_create(i->other, t->of, dg)
				 : writer_update(i->other, *id, dg);

	for (size_t at = first; !err && at < in->n; at++) {
		t = &i->targets[at];
		if (!t->sub || t->field != i->targets[first].field ||
		    in->v[at].value.n == 0)
			continue;
		if (!fresh && !str_is(t->sub->name, "ext"))
			continue;
		i->at = &in->v[at];
		err = writer_set(i->other, t->sub,
		    fresh ? ASSIGN_SET : ASSIGN_ADD, in->v[at].value, dg);
	}
	if (!err)
		err = writer_commit(i->other, id, &done, dg);
	if (err || !fresh)
		return err;
	if (i->nmade < MADE_MAX)
		i->made[i->nmade++] = *id;
	/* No row has written it yet: the one that does is welcome. */
	i->count.made++;
	return CRM_OK;
}

static void
tell_made(struct import *i, const struct intake *in, size_t first, struct id id)
{
	const struct intake_value *v = sub_value(i, in, first, "name");

	if (i->opt.made)
		i->opt.made(i->opt.arg, id, i->targets[first].of,
		    v ? str_trim(v->value) : (struct str){.p = "", .n = 0});
}

/* The ext V names no record of K. */
static enum crm_err
ext_missing(struct import *i, const struct kind *k,
    const struct intake_value *v, struct diag *dg)
{
	i->at = v;
	i->missing = true;
	return diag_set(dg, CRM_DATA,
	    "no %.*s has the ext '%.*s'; import the file that has it in the "
	    "same run, or before",
	    STR_ARG(k->name), STR_ARG(str_trim(v->value)));
}

enum crm_err
refer_check(
    struct import *i, const struct intake *in, size_t first, struct diag *dg)
{
	const struct kind *k = i->targets[first].of;
	const struct intake_value *ext = sub_value(i, in, first, "ext");
	struct id id = {0};
	enum crm_err err;

	if (!ext || sub_value(i, in, first, "name"))
		return CRM_OK;
	err = by_ext(i, k, ext, &id, dg);
	return err || id.num ? err : ext_missing(i, k, ext, dg);
}

enum crm_err
refer_find(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg)
{
	const struct kind *k = i->targets[first].of;
	const struct intake_value *ext = sub_value(i, in, first, "ext");
	const struct intake_value *name = sub_value(i, in, first, "name");
	bool has = false;
	enum crm_err err = CRM_OK;

	*id = (struct id){0};
	if (ext)
		err = by_ext(i, k, ext, id, dg);
	if (err || id->num)
		return err;
	if (!name && ext)
		return ext_missing(i, k, ext, dg);
	if (name)
		err = by_name(i, k, name, id, dg);
	if (!err && id->num && ext) {
		err = has_system(i, k, *id, str_trim(ext->value), &has, dg);
		if (has)
			*id = (struct id){0};
	} else if (err || id->num) {
		return err;
	}
	has = id->num != 0;
	if (!err)
		err = refer_write(i, in, first, id, dg);
	if (!err && !has)
		tell_made(i, in, first, *id);
	return err;
}
