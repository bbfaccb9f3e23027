/* SPDX-License-Identifier: ISC */
/* import_twin: which record a row is about that no key finds. */
#include "crm/import_impl.h"
#include "model/value.h"
#include "query/ref.h"

enum { BARE_MAX = 4 };

/* ---- by all it says --------------------------------------------------- */

/* Is NAMED one of the items of a reference's value NOW? */
static bool
refers(const struct import *i, const struct field *f, struct str now,
    struct id named)
{
	struct id id;

	for (struct str rest = now; now.n && rest.p;) {
		struct str item = value_item(f, &rest);

		if (id_parse(store_schema(i->store), item, &id) &&
		    id_eq(id, named))
			return true;
	}
	return false;
}

/* Refers the record to all that TEXT names? */
static enum crm_err
same_ref(struct import *i, const struct field *f, struct str text, bool *same,
    struct diag *dg)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(i->store), f->ref) : NULL;
	struct id found[2];
	size_t n;
	enum crm_err err = CRM_OK;

	for (struct str rest = text; !err && *same && rest.p;) {
		struct str item = str_trim(value_item(f, &rest));

		if (item.n == 0)
			continue;
		n = 0;
		err = ref_lookup(
		    i->store, k, item, found, ARRAY_LEN(found), &n, dg);
		*same = !err && n == 1 &&
			refers(i, f, writer_get(i->writer, f), found[0]);
	}
	return err;
}

/* Has the record that the reference points to the VALUE in its field SUB? */
static enum crm_err
same_sub(struct import *i, const struct target *t, struct str value, bool *same,
    struct diag *dg)
{
	struct str rest = writer_get(i->writer, t->field), item, now;
	struct record r;
	struct id id;
	enum crm_err err;

	*same = false;
	item = value_item(t->field, &rest);
	if (!id_parse(store_schema(i->store), item, &id))
		return CRM_OK;
	err = store_follow(i->store, id, &r, dg);
	if (err)
		return err;
	buf_reset(&i->key);
	value_key(t->sub, str_trim(value), &i->key);
	now = row_get(&r.row, t->sub->slot);
	for (rest = now; now.n && !*same && rest.p;) {
		buf_reset(&i->other_key);
		value_key(t->sub, value_item(t->sub, &rest), &i->other_key);
		*same = str_eq(str_of(&i->key), str_of(&i->other_key));
	}
	return i->key.failed || i->other_key.failed ? diag_nomem(dg) : CRM_OK;
}

/* What another record is found by: its ext, else its name. */
static bool
sub_counts(const struct import *i, const struct intake *in, size_t at)
{
	const struct target *t = &i->targets[at];

	if (str_is(t->sub->name, "ext"))
		return true;
	if (!str_is(t->sub->name, "name"))
		return false;
	for (size_t j = 0; j < in->n; j++)
		if (i->targets[j].sub && i->targets[j].field == t->field &&
		    str_is(i->targets[j].sub->name, "ext") &&
		    str_trim(in->v[j].value).n > 0)
			return false;
	return true;
}

static enum crm_err
same_value(struct import *i, const struct intake *in, size_t at, bool *same,
    struct diag *dg)
{
	const struct target *t = &i->targets[at];
	const struct intake_value *v = &in->v[at];
	struct str text = v->value;
	enum crm_err err = CRM_OK;

	if (!t->field || t->field->automatic || str_trim(text).n == 0)
		return CRM_OK;
	i->at = v;
	if (t->sub)
		return sub_counts(i, in, at) ? same_sub(i, t, text, same, dg)
					     : CRM_OK;
	if (t->field->type == TYPE_REF)
		return same_ref(i, t->field, text, same, dg);
	if (v->op == ASSIGN_ADD && t->field->type == TYPE_TEXT &&
	    !t->field->list) {
		err = lines_new(i, t->field, text, &text, dg);
		*same = !err && text.n == 0;
		return err;
	}
	err = writer_set(i->writer, t->field, v->op, text, dg);
	*same = !err && !writer_changes(i->writer, t->field);
	return err;
}

enum crm_err
same_values(struct import *i, const struct intake *in, struct id id, bool *same,
    struct diag *dg)
{
	enum crm_err err = writer_update(i->writer, id, dg);

	*same = true;
	for (size_t at = 0; !err && *same && at < in->n; at++)
		err = same_value(i, in, at, same, dg);
	return err;
}

/* So many of one name are not gone through again for each that follows. */
static bool
is_crowded(const struct import *i, struct str name)
{
	return i->ncrowded > 0 && i->ncrowded == name.n &&
	       memcmp(i->crowded, name.p, name.n) == 0;
}

static void
crowded_note(struct import *i, struct str name)
{
	if (name.n > sizeof(i->crowded))
		return;
	memcpy(i->crowded, name.p, name.n);
	i->ncrowded = name.n;
}

/* Rows of this name are going to be there once more. */
static void
crowd_tell(struct import *i, struct str name)
{
	struct buf text = {0};

	if (i->crowd_told || !i->opt.warn)
		return;
	i->crowd_told = true;
	buf_addf(&text,
	    "%s: %d records and more are called '%.*s': a row that has "
	    "nothing else to find it by is added, were it there or not",
	    i->name, KEY_HITS, STR_ARG(name));
	if (!text.failed)
		i->opt.warn(i->opt.arg, buf_z(&text));
	buf_clear(&text);
}

/* Those that may be the one, N of them: of the name in i->text, or where there
 * are too many of it of another value. */
static enum crm_err
twins_find(struct import *i, const struct intake *in, const struct field *f,
    const struct id **out, size_t *n, struct diag *dg)
{
	size_t at, touched = 0, narrowed;
	bool old = false;
	struct buf name = {0};
	enum crm_err err = CRM_OK;

	*out = i->found;
	*n = 0;
	if (!is_crowded(i, str_of(&i->text)))
		err = store_find(i->store, f, str_of(&i->text), STORE_EXACT,
		    i->found, KEY_HITS, n, dg);
	for (at = 0; !err && at < *n; at++) {
		touched += touched_has(i, i->found[at]);
		old = old || i->found[at].num < i->first[i->kind->no];
	}
	if (err || (*n < KEY_HITS && !is_crowded(i, str_of(&i->text))))
		return err;
	if (touched == KEY_HITS)
		crowded_note(i, str_of(&i->text));
	buf_add(&name, str_of(&i->text));
	err = narrow_find(i, in, &narrowed, dg);
	if (!err && narrowed < KEY_HITS) {
		*out = i->hits;
		*n = narrowed;
	} else if (!err && old) {
		crowd_tell(i, str_of(&name));
	}
	buf_clear(&name);
	return err;
}

enum crm_err
twin_find(
    struct import *i, const struct intake *in, struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(i->kind, STR("name"));
	const struct id *found;
	size_t n = 0;
	bool same = false;
	enum crm_err err;

	if (!f || f->slot == SLOT_NONE || !f->index)
		return near_find(i, in, id, dg);
	err = name_of(i, in, &i->text, dg);
	if (err || i->text.n == 0)
		return err;
	err = twins_find(i, in, f, &found, &n, dg);
	for (size_t at = 0; !err && !same && at < n; at++) {
		if (touched_has(i, found[at]))
			continue;
		err = same_values(i, in, found[at], &same, dg);
		if (!err && same)
			*id = found[at];
	}
	if (!err)
		i->at = NULL;
	return err;
}

/* ---- an org that was only named --------------------------------------- */

/* Has the record nothing but a name, and an ext? */
static bool
is_bare(const struct record *r)
{
	const struct kind *k = r->kind;

	for (size_t at = 0; at < k->nslots; at++) {
		const struct field *f = k->slots[at];

		if (f && !f->automatic && !str_is(f->name, "name") &&
		    !str_is(f->name, "ext") && row_get(&r->row, f->slot).n)
			return false;
	}
	return true;
}

static enum crm_err
bare_fits(struct import *i, const struct intake *in, struct id id, bool *fits,
    struct diag *dg)
{
	struct record r;
	enum ext_is ext;
	enum crm_err err = store_follow(i->store, id, &r, dg);

	*fits = !err && is_bare(&r) && !touched_has(i, id);
	if (err || !*fits)
		return err;
	err = ext_compare(i, in, id, &ext, dg);
	*fits = !err && ext != EXT_OTHER;
	return err;
}

enum crm_err
bare_find(
    struct import *i, const struct intake *in, struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(i->kind, STR("name"));
	struct id found[BARE_MAX];
	size_t n = 0;
	bool fits = false;
	enum crm_err err;

	if (i->kind->no != KIND_ORG || !f)
		return CRM_OK;
	err = name_of(i, in, &i->text, dg);
	if (err || i->text.n == 0)
		return err;
	err = store_find(i->store, f, str_of(&i->text), STORE_FOLDED, found,
	    BARE_MAX, &n, dg);
	for (size_t at = 0; !err && !fits && at < n; at++) {
		err = bare_fits(i, in, found[at], &fits, dg);
		if (!err && fits)
			*id = found[at];
	}
	return err;
}
