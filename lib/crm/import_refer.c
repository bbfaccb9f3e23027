/* SPDX-License-Identifier: ISC */
/* import_refer: records that a row names by values of theirs: the org of a
 * person by its name or its ext. */
#include "crm/import_impl.h"
#include "model/value.h"

enum { NAMED = 4 };

/* The value of IN for the sub-field that IS so of the same reference. */
static const struct intake_value *
sub_value(const struct import *i, const struct intake *in, size_t first,
    enum sub_is is)
{
	for (size_t at = first; at < in->n; at++)
		if (i->targets[at].sub && i->targets[at].is == is &&
		    i->targets[at].field == i->targets[first].field &&
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

	for (size_t at = 0; at < n && at < NAMED; at++) {
		buf_addz(&names, at ? ", " : "");
		id_print(store_schema(i->store), found[at], &names);
	}
	err = diag_set(dg, CRM_DATA,
	    "several %.*ss are called '%.*s': %s%s; merge them, or give an "
	    "ext",
	    STR_ARG(k->name), STR_ARG(name), buf_z(&names),
	    n > NAMED ? " ..." : "");
	buf_clear(&names);
	return err;
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

/* Those of the N records in FOUND that may have EXT besides. */
static enum crm_err
others_drop(struct import *i, const struct kind *k, struct str ext,
    struct id *found, size_t *n, struct diag *dg)
{
	size_t kept = 0;
	bool has = false;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && at < *n; at++) {
		err = has_system(i, k, found[at], ext, &has, dg);
		if (!has)
			found[kept++] = found[at];
	}
	*n = kept;
	return err;
}

/* Of several that are called i->text, case and accents aside, those that are
 * written so, if any. */
static enum crm_err
exact_first(struct import *i, const struct field *f, struct id *found,
    size_t *n, struct diag *dg)
{
	size_t same;
	enum crm_err err = store_find(i->store, f, str_of(&i->text),
	    STORE_EXACT, found, KEY_HITS, &same, dg);

	if (!err && same == 0)
		return store_find(i->store, f, str_of(&i->text), STORE_FOLDED,
		    found, KEY_HITS, n, dg);
	*n = same;
	return err;
}

/* By its name: as it is written, else case and accents aside; with an EXT
 * none that has another one of the same system. */
static enum crm_err
by_name(struct import *i, const struct kind *k, const struct intake_value *v,
    const struct intake_value *ext, struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(k, STR("name"));
	struct id *found = i->found;
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
		err = store_find(i->store, f, str_of(&i->text), STORE_FOLDED,
		    found, KEY_HITS, &n, dg);
	if (!err && n > 1)
		err = exact_first(i, f, found, &n, dg);
	if (!err && ext)
		err = others_drop(i, k, str_trim(ext->value), found, &n, dg);
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

/* Remembers the ext of the record that is going to get another one. */
static enum crm_err
lend(struct import *i, const struct kind *k, struct id id, struct diag *dg)
{
	const struct field *f = schema_field(k, STR("ext"));
	struct buf *was;
	struct record r;
	enum crm_err err;

	if (i->nlent == LENT_MAX)
		return diag_set(dg, CRM_DATA,
		    "more than %d references by ext and name in a row",
		    LENT_MAX);
	err = store_follow(i->store, id, &r, dg);
	if (err)
		return err;
	i->lent[i->nlent] = id;
	was = &i->lent_ext[i->nlent++];
	buf_reset(was);
	buf_add(was, row_get(&r.row, f->slot));
	return was->failed ? diag_nomem(dg) : CRM_OK;
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
	enum crm_err err = fresh ? CRM_OK : lend(i, t->of, *id, dg);

	if (!err)
		err = fresh ? writer_create(i->other, t->of, dg)
			    : writer_update(i->other, *id, dg);

	for (size_t at = first; !err && at < in->n; at++) {
		t = &i->targets[at];
		if (!t->sub || t->field != i->targets[first].field ||
		    in->v[at].value.n == 0)
			continue;
		if (!fresh && t->is != SUB_EXT)
			continue;
		i->at = &in->v[at];
		err = writer_set(i->other, t->sub,
		    fresh ? ASSIGN_SET : ASSIGN_ADD, in->v[at].value, dg);
	}
	if (!err)
		err = writer_commit(i->other, id, &done, dg);
	if (err || !fresh)
		return err;
	/* No row has written it yet: the one that does is welcome. */
	return made_add(i, *id) ? CRM_OK : diag_nomem(dg);
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

/* Without a name and an ext it would be made again and again. */
static enum crm_err
nameless(
    struct import *i, const struct intake *in, size_t first, struct diag *dg)
{
	const struct target *t = &i->targets[first];

	for (size_t at = first; !i->at && at < in->n; at++)
		if (i->targets[at].sub && i->targets[at].field == t->field &&
		    str_trim(in->v[at].value).n > 0)
			i->at = &in->v[at];
	return diag_set(dg, CRM_DATA,
	    "the %.*s has neither name nor ext to find it by; give %.*s.name, "
	    "or leave the column out",
	    STR_ARG(t->of->name), STR_ARG(t->field->name));
}

/* The record that is there: by its ext, else by its name; num 0: none. */
static enum crm_err
refer_known(struct import *i, const struct intake *in, size_t first,
    struct id *id, bool *named, struct diag *dg)
{
	const struct kind *k = i->targets[first].of;
	const struct intake_value *ext = sub_value(i, in, first, SUB_EXT);
	const struct intake_value *name = sub_value(i, in, first, SUB_NAME);
	enum crm_err err = CRM_OK;

	*id = (struct id){0};
	*named = false;
	i->at = NULL;
	if (!ext && !name)
		return nameless(i, in, first, dg);
	if (ext)
		err = by_ext(i, k, ext, id, dg);
	if (err || id->num)
		return err;
	if (!name)
		return ext_missing(i, k, ext, dg);
	*named = true;
	return by_name(i, k, name, ext, id, dg);
}

enum crm_err
refer_look(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg)
{
	bool named;

	return refer_known(i, in, first, id, &named, dg);
}

enum crm_err
refer_check(
    struct import *i, const struct intake *in, size_t first, struct diag *dg)
{
	struct id id;

	return refer_look(i, in, first, &id, dg);
}

enum crm_err
refer_find(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg)
{
	bool named;
	enum crm_err err = refer_known(i, in, first, id, &named, dg);

	/* What was found by its name gets the ext. */
	if (err || (id->num && !(named && sub_value(i, in, first, SUB_EXT))))
		return err;
	return refer_write(i, in, first, id, dg);
}
