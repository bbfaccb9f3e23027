/* SPDX-License-Identifier: ISC */
/* import_match: which record a row is about. */
#include "base/crc.h"
#include "crm/import_impl.h"
#include "crm/name.h"
#include "model/value.h"

enum { NAMED = 4 };

/* Records that a key finds, each once. */
struct hits {
	struct id *v; /* room for KEY_HITS */
	size_t n;
	bool more;
};

/* ---- what was written ------------------------------------------------- */

/* Ids may be anything: bits for those around one that was written only. */
static struct touched_page *
touched_place(const struct touched *t, uint64_t at)
{
	uint32_t h = crc32c(0, &at, sizeof(at));
	struct touched_page *p = &t->v[h & (t->cap - 1)];

	while (p->used && p->at != at)
		p = p == &t->v[t->cap - 1] ? t->v : p + 1;
	return p;
}

static bool
touched_grow(struct touched *t)
{
	struct touched old = *t;

	t->cap = old.cap ? old.cap * 2 : 64;
	t->v = calloc(t->cap, sizeof(*t->v));
	if (!t->v) {
		*t = old;
		return false;
	}
	for (size_t at = 0; at < old.cap; at++)
		if (old.v[at].used)
			*touched_place(t, old.v[at].at) = old.v[at];
	free(old.v);
	return true;
}

bool
touched_add(struct import *i, struct id id)
{
	struct touched *t = &i->touched[id.kind];
	struct touched_page *p;

	if (t->n * 2 >= t->cap && !touched_grow(t))
		return false;
	p = touched_place(t, id.num / TOUCHED_BITS);
	t->n += !p->used;
	p->used = true;
	p->at = id.num / TOUCHED_BITS;
	p->bits[id.num % TOUCHED_BITS / 8] |= (unsigned char)(1u << id.num % 8);
	return true;
}

bool
touched_has(const struct import *i, struct id id)
{
	const struct touched *t = &i->touched[id.kind];
	const struct touched_page *p;

	if (t->cap == 0)
		return false;
	p = touched_place(t, id.num / TOUCHED_BITS);
	return p->used &&
	       (p->bits[id.num % TOUCHED_BITS / 8] >> id.num % 8 & 1);
}

/* Which of the records that share a key a row is. */
struct pick_of {
	struct id same, like;
	size_t nsame, nlike;
	bool sure;
};

/* ---- keys ------------------------------------------------------------- */

/* Are people looked for by keys that nobody asked for? */
static bool
by_profile(const struct import *i)
{
	return i->opt.nkeys == 0 && i->kind->no == KIND_CONTACT;
}

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

const struct intake_value *
value_of(const struct import *i, const struct intake *in, struct str name)
{
	for (size_t at = 0; at < in->n; at++)
		if (i->targets[at].field && !i->targets[at].sub &&
		    str_eq(i->targets[at].field->name, name))
			return &in->v[at];
	return NULL;
}

static struct str
text_of(const struct import *i, const struct intake *in, struct str name)
{
	const struct intake_value *v = value_of(i, in, name);

	return v ? str_trim(v->value) : (struct str){.p = "", .n = 0};
}

/* ---- names ------------------------------------------------------------ */

enum crm_err
name_of(
    struct import *i, const struct intake *in, struct buf *out, struct diag *dg)
{
	const struct field *f = schema_field(i->kind, STR("name"));
	struct str name = text_of(i, in, STR("name"));
	struct buf joined = {0};
	bool odd = false;
	enum crm_err err = CRM_OK;

	buf_reset(out);
	if (!name.n) {
		name_join(
		    &(struct name_parts){
			.given = text_of(i, in, STR("given")),
			.middle = text_of(i, in, STR("middle")),
			.family = text_of(i, in, STR("family")),
		    },
		    &joined);
		name = str_of(&joined);
	}
	if (name.n)
		err = value_normalise(f, name, i->opt.clock, out, &odd, dg);
	if (!err && (joined.failed || out->failed))
		err = diag_nomem(dg);
	buf_clear(&joined);
	return err;
}

/* Is the record called as the row says, case and accents aside? Without a name
 * in the row nothing speaks against it. The two names stay in i->key and
 * i->other_key. */
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
	buf_reset(&i->key);
	buf_reset(&i->other_key);
	err = name_of(i, in, &i->text, dg);
	if (err || i->text.n == 0)
		return err;
	err = store_follow(i->store, id, &r, dg);
	if (err)
		return err;
	value_key(f, str_of(&i->text), &i->key);
	value_key(f, row_get(&r.row, f->slot), &i->other_key);
	if (i->text.failed || i->key.failed || i->other_key.failed)
		return diag_nomem(dg);
	*same = str_eq(str_of(&i->key), str_of(&i->other_key));
	return CRM_OK;
}

/* Is one word of a name the other, or short for it ("A.")? */
static bool
word_like(struct str a, struct str b)
{
	if (str_ends(a, STR(".")))
		a = str_head(a, a.n - 1);
	if (str_ends(b, STR(".")))
		b = str_head(b, b.n - 1);
	if (a.n == 1 || b.n == 1)
		return a.n && b.n && a.p[0] == b.p[0];
	return str_eq(a, b);
}

/* Are all words of A some of B? */
static bool
words_in(struct str a, struct str b)
{
	bool in = true;

	for (struct str rest = a; in && rest.p;) {
		struct str word = str_cut(&rest, ' ');

		in = word.n == 0;
		for (struct str more = b; !in && more.p;)
			in = word_like(word, str_cut(&more, ' '));
	}
	return in;
}

/* May people of these names, folded, be the same? Ada Lovelace is Ada King,
 * A. Lovelace and Lovelace Ada, but not Karl Lovelace. */
static bool
names_like(struct str a, struct str b)
{
	struct str x = a, y = b;

	if (a.n == 0 || b.n == 0)
		return true;
	return word_like(str_cut(&x, ' '), str_cut(&y, ' ')) ||
	       words_in(a, b) || words_in(b, a);
}

/* ---- by a key --------------------------------------------------------- */

enum crm_err
ext_compare(struct import *i, const struct intake *in, struct id id,
    enum ext_is *out, struct diag *dg)
{
	struct str ext = text_of(i, in, STR("ext")), rest, system;
	const struct field *f = schema_field(i->kind, STR("ext"));
	struct record r;
	enum crm_err err;

	*out = EXT_UNKNOWN;
	system = str_head(ext, str_chr(ext, ':'));
	if (!f || system.n == ext.n || str_chr(ext, ',') < ext.n)
		return CRM_OK;
	err = store_follow(i->store, id, &r, dg);
	if (err)
		return err;
	for (rest = row_get(&r.row, f->slot); rest.n && rest.p;) {
		struct str item = str_cut(&rest, ',');

		if (str_eq(item, ext))
			*out = EXT_SAME;
		else if (*out != EXT_SAME &&
			 str_eq(str_head(item, str_chr(item, ':')), system))
			*out = EXT_OTHER;
	}
	return CRM_OK;
}

static void
hits_add(struct hits *h, struct id id, size_t before)
{
	size_t at;

	for (at = 0; at < before && !id_eq(h->v[at], id); at++)
		;
	if (at < before)
		return;
	if (h->n == KEY_HITS)
		h->more = true;
	else
		h->v[h->n++] = id;
}

/* All that have one of the items of TEXT in FIELD. */
static enum crm_err
hits_find(struct import *i, const struct field *f, struct str text,
    struct hits *h, struct diag *dg)
{
	struct str rest, item;
	bool odd = false;
	size_t n, at, before;
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
		    i->store, f, item, STORE_EXACT, i->found, KEY_HITS, &n, dg);
		h->more = h->more || n == KEY_HITS;
		/* What one item finds are different ones. */
		before = h->n;
		for (at = 0; !err && at < n; at++)
			hits_add(h, i->found[at], before);
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

/* Another name, i->key, than the record's, i->other_key: it has got a new one,
 * unless it is a row of this import already, or a profile takes the key for
 * one and the names are those of two people. */
static bool
renamed(const struct import *i, struct id id)
{
	if (touched_has(i, id))
		return false;
	return !by_profile(i) ||
	       names_like(str_of(&i->key), str_of(&i->other_key));
}

/* Sorts hit ID: the same one, one that may be it, another one. */
static enum crm_err
hit_weigh(struct import *i, const struct intake *in, struct id id,
    struct pick_of *c, struct diag *dg)
{
	enum ext_is ext;
	bool same;
	enum crm_err err = ext_compare(i, in, id, &ext, dg);

	if (!err)
		err = same_name(i, in, id, &same, dg);
	/* Two rows of one system are two records, called alike. */
	if (err || (ext == EXT_OTHER && touched_has(i, id)))
		return err;
	if (same) {
		c->same = id;
		c->nsame++;
		c->sure = c->sure || ext == EXT_SAME;
	} else if (renamed(i, id)) {
		c->like = id;
		c->nlike++;
	}
	return CRM_OK;
}

/* Of those that share a key which is not unique: the one of the same name,
 * else the one that got another. */
static enum crm_err
hits_choose(struct import *i, const struct intake *in, const struct field *f,
    const struct hits *h, struct id *id, struct diag *dg)
{
	struct pick_of c = {.nsame = 0};
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && !c.sure && at < h->n; at++)
		err = hit_weigh(i, in, h->v[at], &c, dg);
	if (err)
		return err;
	if (c.sure || c.nsame == 1) {
		*id = c.same;
		return CRM_OK;
	}
	if (c.nsame > 1 || h->more)
		return several(i, f, h, dg);
	if (c.nlike > 1 || (c.nlike == 1 && h->n > 1 && !by_profile(i)))
		return several(i, f, h, dg);
	*id = c.like;
	return CRM_OK;
}

/* ---- by a key of very many -------------------------------------------- */

static bool
crowd_is(const struct import *i, const struct field *f, struct str text)
{
	return i->crowd.field == f && str_eq(str_of(&i->crowd.text), text);
}

static bool
crowd_note(struct import *i, const struct field *f, struct str text,
    const struct hits *h)
{
	struct crowd *c = &i->crowd;

	c->field = f;
	c->old = false;
	for (size_t at = 0; at < h->n; at++)
		c->old = c->old || h->v[at].num < i->first[i->kind->no];
	buf_reset(&c->text);
	buf_add(&c->text, text);
	return !c->text.failed;
}

/* Has the value NOW of field F one of the items of TEXT? */
static bool
items_meet(
    struct import *i, const struct field *f, struct str now, struct str text)
{
	for (struct str rest = now; now.n && rest.p;) {
		buf_reset(&i->key);
		value_key(f, value_item(f, &rest), &i->key);
		for (struct str more = text; text.n && more.p;) {
			buf_reset(&i->other_key);
			value_key(f, value_item(f, &more), &i->other_key);
			if (str_eq(str_of(&i->key), str_of(&i->other_key)))
				return true;
		}
	}
	return false;
}

/* Those that are called as the row says and have the key. */
static enum crm_err
namesakes_find(struct import *i, const struct intake *in, const struct field *f,
    struct str text, struct hits *h, struct diag *dg)
{
	const struct field *name = schema_field(i->kind, STR("name"));
	struct record r;
	size_t n = 0;
	enum crm_err err = name_of(i, in, &i->text, dg);

	h->n = 0;
	h->more = !name || !name->index || i->text.n == 0;
	if (err || h->more)
		return err;
	err = store_find(i->store, name, str_of(&i->text), STORE_FOLDED,
	    i->found, KEY_HITS, &n, dg);
	h->more = n == KEY_HITS;
	for (size_t at = 0; !err && at < n; at++) {
		err = store_follow(i->store, i->found[at], &r, dg);
		if (!err && items_meet(i, f, row_get(&r.row, f->slot), text))
			h->v[h->n++] = i->found[at];
	}
	if (!err && (i->key.failed || i->other_key.failed))
		err = diag_nomem(dg);
	return err;
}

/* By key and name together. When nobody has both it is a new one, unless it
 * may be one of those that were there, renamed. */
static enum crm_err
crowd_choose(struct import *i, const struct intake *in, const struct field *f,
    struct str text, struct id *id, struct diag *dg)
{
	struct hits h = {.v = i->hits};
	struct buf value = {0};
	bool odd = false;
	enum crm_err err =
	    value_normalise(f, text, i->opt.clock, &value, &odd, dg);

	if (!err && value.failed)
		err = diag_nomem(dg);
	if (!err)
		err = namesakes_find(i, in, f, str_of(&value), &h, dg);
	buf_clear(&value);
	if (!err && h.n > 0 && !h.more)
		return hits_choose(i, in, f, &h, id, dg);
	if (err || (!h.more && !i->crowd.old))
		return err;
	h = (struct hits){.v = i->hits};
	err = hits_find(i, f, text, &h, dg);
	return err ? err : several(i, f, &h, dg);
}

static enum crm_err
key_find(struct import *i, const struct intake *in, const struct field *f,
    struct str text, struct id *id, struct diag *dg)
{
	struct hits h = {.v = i->hits};
	enum crm_err err;

	if (crowd_is(i, f, text))
		return crowd_choose(i, in, f, text, id, dg);
	err = hits_find(i, f, text, &h, dg);
	if (err || h.n == 0)
		return err;
	if (!f->unique && h.more)
		return crowd_note(i, f, text, &h)
			   ? crowd_choose(i, in, f, text, id, dg)
			   : diag_nomem(dg);
	if (!f->unique)
		return hits_choose(i, in, f, &h, id, dg);
	if (h.n > 1)
		return several(i, f, &h, dg);
	*id = h.v[0];
	return CRM_OK;
}

/* Records are looked up by target AT, and the row has a value for it. */
static bool
narrows(const struct import *i, const struct intake *in, size_t at)
{
	const struct target *t = &i->targets[at];

	return t->field && !t->sub && (t->field->index || t->field->unique) &&
	       t->field->type != TYPE_REF && !str_is(t->field->name, "name") &&
	       str_trim(in->v[at].value).n > 0;
}

enum crm_err
narrow_find(
    struct import *i, const struct intake *in, size_t *n, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*n = KEY_HITS;
	for (size_t at = 0; !err && *n == KEY_HITS && at < in->n; at++) {
		struct hits h = {.v = i->hits};

		if (!narrows(i, in, at))
			continue;
		err = hits_find(
		    i, i->targets[at].field, str_trim(in->v[at].value), &h, dg);
		/* The row will be refused for it. */
		if (err == CRM_DATA) {
			diag_clear(dg);
			err = CRM_OK;
		} else if (!err && !h.more) {
			*n = h.n;
		}
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
		i->at = value_of(i, in, i->keys[at]->name);
		text = text_of(i, in, i->keys[at]->name);
		if (text.n == 0)
			continue;
		any = true;
		err = key_find(i, in, i->keys[at], text, id, dg);
	}
	if (err)
		return err;
	i->at = NULL;
	if (!any)
		err = twin_find(i, in, id, dg);
	if (!err && id->num == 0)
		err = bare_find(i, in, id, dg);
	return err;
}
