/* SPDX-License-Identifier: ISC */
/* reference: texts to ids, with a small memory for texts that come again. */
#include "crm/reference.h"
#include "base/crc.h"
#include "base/utf8.h"
#include "model/value.h"
#include "query/ref.h"

enum {
	CACHE_SIZE = 1024,
	CACHE_TEXT = 56,
	SHORT_SIZE = 1 << 19,
	SHORT_TEXT = 15,
	SHORT_ASKED = 4096, /* texts before it is worth the memory */
	GUESSED_MAX = 20 /* messages that name the nearest: it takes a search */
};

/* A text that was resolved. Only successes are kept. */
struct cached {
	struct id id;	/* num 0: free */
	uint32_t round; /* of its kind; an older one is forgotten */
	uint16_t kind;	/* that bounded the search, 0 any */
	uint8_t n;
	char text[CACHE_TEXT];
};

/* A short one, as the numbers of another program are, in a table for a batch
 * that names as many records. */
struct short_text {
	uint64_t num;	/* of the id, which has no tag; 0: free */
	uint32_t round; /* as above */
	uint16_t kind, of;
	uint8_t n;
	char text[SHORT_TEXT];
};

struct references {
	struct store *store;
	struct reference_options opt;
	struct buf name; /* of a record to be made */
	unsigned guessed;
	bool mute;		    /* no guesses */
	uint32_t round[KIND_LIMIT]; /* raised when records of a kind change */
	struct cached *cache; /* CACHE_SIZE of them; NULL: not asked twice */
	bool again;	      /* asked once */
	struct short_text *shorts; /* NULL: not asked often enough yet */
	unsigned asked;
};

enum crm_err
references_new(struct references **out, struct store *s,
    const struct reference_options *o, struct diag *dg)
{
	struct references *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return diag_nomem(dg);
	r->store = s;
	r->opt = *o;
	return CRM_OK;
}

void
references_free(struct references *r)
{
	if (!r)
		return;
	buf_clear(&r->name);
	free(r->cache);
	free(r->shorts);
	free(r);
}

void
references_create(struct references *r, bool create)
{
	r->opt.create = create;
}

void
references_hints(struct references *r, bool hints)
{
	r->mute = !hints;
}

/* ---- memory ----------------------------------------------------------- */

/* Where the text is or would be in the table of short ones; NULL: not there.
 * The table is made in the course of a batch. */
static struct short_text *
short_place(struct references *r, uint32_t h, struct str text)
{
	if (text.n > SHORT_TEXT)
		return NULL;
	if (!r->shorts && r->asked < SHORT_ASKED) {
		r->asked++;
		return NULL;
	}
	if (!r->shorts)
		r->shorts = calloc(SHORT_SIZE, sizeof(*r->shorts));
	return r->shorts ? &r->shorts[h % SHORT_SIZE] : NULL;
}

static bool
short_get(struct references *r, const struct short_text *c, uint16_t kind,
    struct str text, struct id *id)
{
	if (c->num == 0 || c->of != kind || c->round != r->round[kind] ||
	    c->n != text.n || memcmp(c->text, text.p, text.n) != 0)
		return false;
	*id = (struct id){.num = c->num, .kind = c->kind};
	store_soon(r->store, *id);
	return true;
}

/* The place of other texts, to look there. Whoever asks once, as most calls do,
 * needs no memory of it. */
static struct cached *
cache_place(struct references *r, uint32_t h)
{
	if (!r->cache && r->again)
		r->cache = calloc(CACHE_SIZE, sizeof(*r->cache));
	r->again = true;
	return r->cache ? &r->cache[h % CACHE_SIZE] : NULL;
}

static bool
cache_get(struct references *r, uint16_t kind, struct str text, struct id *id)
{
	uint32_t h = crc32c(kind, text.p, text.n);
	const struct short_text *small;
	const struct cached *c;

	if (text.n > CACHE_TEXT || kind >= KIND_LIMIT)
		return false;
	small = short_place(r, h, text);
	if (small)
		return short_get(r, small, kind, text, id);
	c = cache_place(r, h);
	if (!c || c->id.num == 0 || c->kind != kind ||
	    c->round != r->round[kind] || c->n != text.n ||
	    memcmp(c->text, text.p, text.n) != 0)
		return false;
	*id = c->id;
	return true;
}

static void
cache_put(struct references *r, uint16_t kind, struct str text, struct id id)
{
	uint32_t h = crc32c(kind, text.p, text.n);
	struct short_text *small;
	struct cached *c;

	if (text.n > CACHE_TEXT || kind >= KIND_LIMIT)
		return;
	small = short_place(r, h, text);
	if (small && !id.tag) {
		*small = (struct short_text){.num = id.num,
		    .round = r->round[kind],
		    .kind = id.kind,
		    .of = kind,
		    .n = (uint8_t)text.n};
		memcpy(small->text, text.p, text.n);
		return;
	}
	if (!r->cache)
		return;
	c = &r->cache[h % CACHE_SIZE];
	c->id = id;
	c->kind = kind;
	c->n = (uint8_t)text.n;
	memcpy(c->text, text.p, text.n);
	c->round = r->round[kind];
}

void
references_forget(struct references *r, const struct kind *k)
{
	if (k->no < KIND_LIMIT)
		r->round[k->no]++;
	r->round[KIND_NONE]++;
}

/* ---- making what is missing ------------------------------------------- */

/* The field that TEXT names a new record of K by; NULL when a text alone
 * cannot make one. */
static const struct field *
naming_field(const struct kind *k, struct str text)
{
	const struct field *f = NULL;

	if (!k || k->no >= KIND_USER || k->no < KIND_SEGMENT) {
		if (k && str_chr(text, '@') < text.n)
			f = schema_field(k, STR("email"));
		if (k && !f)
			f = schema_field(k, STR("name"));
	}
	return f && f->slot != SLOT_NONE ? f : NULL;
}

static enum crm_err
make(struct references *r, const struct kind *k, const struct field *f,
    struct str text, struct id *id, struct diag *dg)
{
	struct change_field cf = {.field = f};
	struct change c = {
	    .op = CHANGE_CREATE, .kind = k, .fields = &cf, .nfields = 1};
	bool odd = false;
	enum crm_err err;

	buf_reset(&r->name);
	err = value_normalise(f, text, r->opt.clock, &r->name, &odd, dg);
	if (!err && r->name.failed)
		err = diag_nomem(dg);
	if (err)
		return err;
	c.id.kind = k->no;
	cf.after = str_of(&r->name);
	if (store_writing(r->store))
		err = store_apply(r->store, &c, dg);
	*id = c.id;
	if (!err && r->opt.made)
		r->opt.made(r->opt.arg, c.id, k, cf.after);
	return err;
}

/* ---- resolving -------------------------------------------------------- */

/* Why TEXT means no record. The nearest names are for the first few: to find
 * them takes longer than a row. */
static enum crm_err
miss(struct references *r, const struct kind *k, struct str text, bool makable,
    struct diag *dg)
{
	struct str what = k ? k->name : STR("record");
	struct id id;

	if (!r->mute && r->guessed++ < GUESSED_MAX)
		dg->code = ref_resolve(r->store, k, text, &id, dg);
	else
		(void)diag_set(dg, CRM_DATA, "no single %.*s '%.*s'",
		    STR_ARG(what), STR_ARG(text));
	if (makable)
		diag_more(dg, "; --create makes it");
	dg->code = CRM_DATA;
	return CRM_DATA;
}

/* One text. *made tells that a record was written. */
static enum crm_err
resolve_one(struct references *r, const struct field *f, struct str text,
    struct id *id, bool *made, struct diag *dg)
{
	const struct schema *s = store_schema(r->store);
	const struct kind *k = f->ref ? schema_kind_no(s, f->ref) : NULL;
	const struct field *by;
	struct id found[2];
	size_t n = 0;
	enum crm_err err;

	if (cache_get(r, f->ref, text, id))
		return CRM_OK;
	err = ref_lookup(r->store, k, text, found, ARRAY_LEN(found), &n, dg);
	if (err)
		return err;
	/* What looks like an id is no name. */
	by = n || id_parse(s, text, id) ? NULL : naming_field(k, text);
	if (n == 1) {
		*id = found[0];
	} else if (by && r->opt.create) {
		err = make(r, k, by, text, id, dg);
		*made = true;
	} else {
		err = miss(r, k, text, by != NULL, dg);
	}
	if (!err && id->num)
		cache_put(r, f->ref, text, *id);
	return err;
}

static bool
list_has_id(struct str list, struct str id)
{
	struct str rest = list;

	while (list.n && rest.p)
		if (str_eq(str_cut(&rest, ','), id))
			return true;
	return false;
}

/* Appends ID unless it is there from FROM on; a record that is not made yet
 * (dry run on no store) leaves its name. */
static void
append(struct references *r, struct id id, struct buf *out, size_t from)
{
	struct buf text = {0};
	struct str list = str_from_pos(str_of(out), from);

	if (id.num && list.n == 0) {
		id_print(store_schema(r->store), id, out);
		return;
	}
	if (id.num)
		id_print(store_schema(r->store), id, &text);
	else
		buf_add(&text, str_of(&r->name));
	if (!list_has_id(list, str_of(&text))) {
		if (list.n)
			buf_addc(out, ',');
		buf_add(out, str_of(&text));
	}
	out->failed = out->failed || text.failed;
	buf_clear(&text);
}

enum crm_err
references_resolve(struct references *r, const struct field *f, struct str text,
    struct buf *out, bool *wrote, struct diag *dg)
{
	struct str rest = text, item;
	size_t from = out->n;
	struct id id;
	enum crm_err err = CRM_OK;

	while (!err && rest.p) {
		item = str_trim(value_item(f, &rest));
		if (item.n == 0)
			continue;
		err = resolve_one(r, f, item, &id, wrote, dg);
		if (!err)
			append(r, id, out, from);
	}
	return err;
}
