/* SPDX-License-Identifier: ISC */
/* import_match: which record a row is about. */
#include "crm/import_impl.h"
#include "crm/name.h"
#include "model/value.h"

enum { HITS = 64, NAMED = 4 };

/* Records that a key finds, each once. */
struct hits {
	struct id v[HITS];
	size_t n;
	bool more;
};

/* ---- what was written ------------------------------------------------- */

bool
touched_add(struct import *i, struct id id)
{
	struct touched *t = &i->touched[id.kind];
	size_t at = (size_t)(id.num / 8), bytes;
	unsigned char *p;

	if (at >= t->bytes) {
		bytes = at + at / 2 + 1024;
		p = realloc(t->bits, bytes);
		if (!p)
			return false;
		memset(p + t->bytes, 0, bytes - t->bytes);
		t->bits = p;
		t->bytes = bytes;
	}
	t->bits[at] |= (unsigned char)(1u << id.num % 8);
	return true;
}

static bool
touched_has(const struct import *i, struct id id)
{
	const struct touched *t = &i->touched[id.kind];
	size_t at = (size_t)(id.num / 8);

	return at < t->bytes && (t->bits[at] >> id.num % 8 & 1);
}

/* ---- keys ------------------------------------------------------------- */

enum crm_err
match_keys(struct import *i, const struct kind *k, struct diag *dg)
{
	static const struct str ext = {.p = "ext", .n = 3};
	const struct str *names = i->opt.keys;
	size_t n = i->opt.nkeys, at;
	bool ours = n == 0;
	enum crm_err err = CRM_OK;

	if (n == 0 && i->profile)
		names = profile_keys(i->profile, &n);
	if (n == 0) {
		names = &ext;
		n = 1;
	}
	i->nkeys = 0;
	i->key_id = false;
	for (at = 0; !err && at < n; at++) {
		if (str_is(names[at], "id")) {
			i->key_id = true;
			continue;
		}
		if (i->nkeys == KEYS_MAX)
			return diag_set(dg, CRM_USAGE,
			    "-k: more than %d fields; name fewer", KEYS_MAX);
		/* A card may be a person or a firm: what one of them has not
		 * is no key of it. */
		if (ours && !schema_field(k, names[at]))
			continue;
		err = writer_key(k, names[at], &i->keys[i->nkeys], dg);
		i->nkeys += err == CRM_OK;
	}
	return err;
}

/* The text that IN has for the field called NAME; "" when none. */
static struct str
value_of(const struct import *i, const struct intake *in, struct str name)
{
	for (size_t at = 0; at < in->n; at++)
		if (i->targets[at].field && !i->targets[at].sub &&
		    str_eq(i->targets[at].field->name, name))
			return in->v[at].value;
	return (struct str){.p = "", .n = 0};
}

/* ---- names ------------------------------------------------------------ */

static void
name_of(const struct import *i, const struct intake *in, struct buf *out)
{
	struct str name = str_trim(value_of(i, in, STR("name")));

	buf_reset(out);
	if (name.n) {
		buf_add(out, name);
		return;
	}
	name_join(
	    &(struct name_parts){
		.given = str_trim(value_of(i, in, STR("given"))),
		.middle = str_trim(value_of(i, in, STR("middle"))),
		.family = str_trim(value_of(i, in, STR("family"))),
	    },
	    out);
}

/* Is the record called as the row says, case and accents aside? Without a name
 * in the row nothing speaks against it. */
static enum crm_err
same_name(struct import *i, const struct intake *in, struct id id, bool *same,
    struct diag *dg)
{
	const struct field *f = schema_field(i->kind, STR("name"));
	struct record r;
	enum crm_err err;

	*same = true;
	if (!f || f->slot == SLOT_NONE)
		return CRM_OK;
	name_of(i, in, &i->text);
	if (i->text.n == 0)
		return CRM_OK;
	err = store_follow(i->store, id, &r, dg);
	if (err)
		return err;
	buf_reset(&i->key);
	buf_reset(&i->other_key);
	value_key(f, str_of(&i->text), &i->key);
	value_key(f, row_get(&r.row, f->slot), &i->other_key);
	if (i->text.failed || i->key.failed || i->other_key.failed)
		return diag_nomem(dg);
	*same = str_eq(str_of(&i->key), str_of(&i->other_key));
	return CRM_OK;
}

/* ---- by a key --------------------------------------------------------- */

static void
hits_add(struct hits *h, struct id id)
{
	size_t at;

	for (at = 0; at < h->n && !id_eq(h->v[at], id); at++)
		;
	if (at < h->n)
		return;
	if (h->n == HITS)
		h->more = true;
	else
		h->v[h->n++] = id;
}

/* All that have one of the items of TEXT in FIELD. */
static enum crm_err
hits_find(struct import *i, const struct field *f, struct str text,
    struct hits *h, struct diag *dg)
{
	struct id found[HITS];
	struct str rest, item;
	bool odd = false;
	size_t n, at;
	enum crm_err err;

	buf_reset(&i->text);
	err = value_normalise(f, text, i->opt.clock, &i->text, &odd, dg);
	if (!err && i->text.failed)
		err = diag_nomem(dg);
	if (err) {
		diag_place(dg, "%.*s", STR_ARG(f->name));
		return err;
	}
	for (rest = str_of(&i->text); !err && i->text.n && rest.p;) {
		item = value_item(f, &rest);
		err = store_find(
		    i->store, f, item, STORE_EXACT, found, HITS, &n, dg);
		h->more = h->more || n == HITS;
		for (at = 0; !err && at < n; at++)
			hits_add(h, found[at]);
	}
	return err;
}

static enum crm_err
several(const struct import *i, const struct field *f, const struct hits *h,
    struct diag *dg)
{
	struct buf names = {0};
	enum crm_err err;

	for (size_t at = 0; at < h->n && at < NAMED; at++) {
		buf_addz(&names, at ? ", " : "");
		id_print(store_schema(i->store), h->v[at], &names);
	}
	err = diag_set(dg, CRM_DATA,
	    "%.*s: several records have this value: %s%s; take another key, "
	    "or merge them",
	    STR_ARG(f->name), buf_z(&names),
	    h->n > NAMED || h->more ? " ..." : "");
	buf_clear(&names);
	return err;
}

/* Of those that share a key which is not unique: the one of the same name. */
static enum crm_err
hits_choose(struct import *i, const struct intake *in, const struct field *f,
    const struct hits *h, struct id *id, struct diag *dg)
{
	size_t at, named = 0;
	bool same;
	enum crm_err err = CRM_OK;

	for (at = 0; !err && at < h->n; at++) {
		err = same_name(i, in, h->v[at], &same, dg);
		if (err || !same)
			continue;
		named++;
		*id = h->v[at];
	}
	if (err || named == 1)
		return err;
	*id = (struct id){0};
	if (named > 1)
		return several(i, f, h, dg);
	/* Another name: the record has got a new one, unless it is a row of
	 * this import already. */
	if (h->n == 1 && !touched_has(i, h->v[0]))
		*id = h->v[0];
	if (h->n > 1)
		for (at = 0; !err && !id->num && at < h->n; at++)
			if (!touched_has(i, h->v[at]))
				err = several(i, f, h, dg);
	return err;
}

static enum crm_err
key_find(struct import *i, const struct intake *in, const struct field *f,
    struct str text, struct id *id, struct diag *dg)
{
	struct hits h = {.n = 0};
	enum crm_err err = hits_find(i, f, text, &h, dg);

	if (err || h.n == 0)
		return err;
	if (!f->unique)
		return hits_choose(i, in, f, &h, id, dg);
	if (h.n > 1)
		return several(i, f, &h, dg);
	*id = h.v[0];
	return CRM_OK;
}

/* ---- by all it says --------------------------------------------------- */

/* Has the record all the values of the row, as far as they are plain? */
static enum crm_err
same_values(struct import *i, const struct intake *in, struct id id, bool *same,
    struct diag *dg)
{
	const struct target *t;
	size_t at;
	enum crm_err err = writer_update(i->writer, id, dg);

	*same = true;
	for (at = 0; !err && *same && at < in->n; at++) {
		t = &i->targets[at];
		if (!t->field || t->sub || t->field->automatic ||
		    t->field->type == TYPE_REF || in->v[at].value.n == 0)
			continue;
		i->at = &in->v[at];
		err = writer_set(
		    i->writer, t->field, in->v[at].op, in->v[at].value, dg);
		*same = !err && !writer_changes(i->writer, t->field);
	}
	return err;
}

static enum crm_err
twin_find(
    struct import *i, const struct intake *in, struct id *id, struct diag *dg)
{
	const struct field *f = schema_field(i->kind, STR("name"));
	struct id found[HITS];
	size_t n = 0, at;
	bool same = false;
	enum crm_err err;

	if (!f || f->slot == SLOT_NONE || !f->index)
		return CRM_OK;
	name_of(i, in, &i->text);
	if (i->text.failed)
		return diag_nomem(dg);
	if (i->text.n == 0)
		return CRM_OK;
	err = store_find(
	    i->store, f, str_of(&i->text), STORE_EXACT, found, HITS, &n, dg);
	for (at = 0; !err && !same && at < n; at++) {
		if (touched_has(i, found[at]))
			continue;
		err = same_values(i, in, found[at], &same, dg);
		if (!err && same)
			*id = found[at];
	}
	return err;
}

enum crm_err
match_find(
    struct import *i, const struct intake *in, struct id *id, struct diag *dg)
{
	bool any = false;
	struct str text;
	enum crm_err err = CRM_OK;

	*id = (struct id){0};
	for (size_t at = 0; !err && id->num == 0 && at < i->nkeys; at++) {
		text = str_trim(value_of(i, in, i->keys[at]->name));
		if (text.n == 0)
			continue;
		any = true;
		err = key_find(i, in, i->keys[at], text, id, dg);
	}
	if (!err && !any)
		err = twin_find(i, in, id, dg);
	return err;
}
