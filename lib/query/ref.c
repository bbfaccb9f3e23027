/* SPDX-License-Identifier: ISC */
/* ref: rules tried in order, the first that finds anything decides. */
#include "query/ref.h"

#include "base/near.h"
#include "base/utf8.h"
#include "model/value.h"

struct look {
	struct store *s;
	const struct schema *schema;
	struct str text;
	struct id *out;
	size_t max, n;
	struct buf value; /* the text as a value of the field looked in */
	struct diag *dg;
};

/* ---- labels ----------------------------------------------------------- */

static const struct field *
stored_field(const struct kind *k, const char *name)
{
	const struct field *f = schema_field(k, str_from(name));

	return f && !f->derived ? f : NULL;
}

const struct field *
ref_label_field(const struct kind *k)
{
	static const char *const names[] = {
	    "name", "subject", "title", "number"};
	const struct field *f;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		f = stored_field(k, names[i]);
		if (f && f->type != TYPE_REF)
			return f;
	}
	return NULL;
}

static struct str
label_value(const struct record *r, const struct field *f)
{
	struct str v = f ? row_get(&r->row, f->slot) : (struct str){0};

	return f && f->list && v.n ? str_head(v, str_chr(v, ',')) : v;
}

/* "Ada Lovelace" from its parts, for those who have no name in one field. */
static void
label_parts(const struct record *r, struct buf *out)
{
	static const char *const parts[] = {"given", "family"};
	size_t start = out->n;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct field *f = stored_field(r->kind, parts[i]);
		struct str v = label_value(r, f);

		if (v.n && out->n > start)
			buf_addc(out, ' ');
		buf_add(out, v);
	}
}

static void
label_email(const struct record *r, struct buf *out)
{
	for (size_t i = 0; i < r->kind->nfields; i++) {
		const struct field *f = r->kind->fields[i];

		if (f->type != TYPE_EMAIL || f->derived)
			continue;
		buf_add(out, label_value(r, f));
		return;
	}
}

enum crm_err
ref_label(struct store *s, struct id id, struct buf *out, struct diag *dg)
{
	size_t start = out->n;
	struct record r;
	enum crm_err err = store_get_bare(s, id, &r, dg);

	if (err)
		return err;
	buf_add(out, label_value(&r, ref_label_field(r.kind)));
	if (out->n == start)
		label_parts(&r, out);
	if (out->n == start)
		label_email(&r, out);
	if (out->n == start)
		id_print(store_schema(s), id, out);
	return out->failed ? diag_nomem(dg) : CRM_OK;
}

/* Appends "c12 Ada Lovelace". */
static enum crm_err
say_record(struct look *l, struct id id, struct buf *out)
{
	size_t at;
	struct buf label = {0};
	enum crm_err err = ref_label(l->s, id, &label, l->dg);

	at = out->n;
	id_print(l->schema, id, out);
	if (!err && !str_eq(str_of(&label), str_from_pos(str_of(out), at))) {
		buf_addc(out, ' ');
		buf_add(out, str_of(&label));
	}
	buf_clear(&label);
	return err;
}

/* ---- rules ------------------------------------------------------------ */

static void
look_hit(struct look *l, struct id id)
{
	for (size_t i = 0; i < l->n; i++)
		if (id_eq(l->out[i], id))
			return;
	if (l->n < l->max)
		l->out[l->n++] = id;
}

static enum crm_err
look_value(struct look *l, const struct field *f, struct str value,
    enum store_match match)
{
	struct id some[64];
	size_t n = 0;
	enum crm_err err =
	    store_find(l->s, f, value, match, some, ARRAY_LEN(some), &n, l->dg);

	for (size_t i = 0; !err && i < n; i++)
		look_hit(l, some[i]);
	return err;
}

/* Looks the text up in one field; a text that cannot be a value of its type
 * is not there. */
static enum crm_err
look_field(struct look *l, const struct field *f, enum store_match match)
{
	static const struct clock noon;
	struct field single;
	const struct field *as = f;
	struct diag unfit = {0};
	bool odd = false;
	enum crm_err err;

	if (f->list) {
		single = *f;
		single.list = false;
		as = &single;
	}
	buf_reset(&l->value);
	err = value_normalise(as, l->text, &noon, &l->value, &odd, &unfit);
	if (err == CRM_TEMP)
		err = diag_nomem(l->dg);
	else if (err)
		err = CRM_OK;
	else
		err = look_value(l, f, str_of(&l->value), match);
	diag_clear(&unfit);
	return err;
}

static void
lower_ascii(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, s.p[i] >= 'A' && s.p[i] <= 'Z'
				  ? (char)(s.p[i] + 32)
				  : s.p[i]);
}

/* Mail addresses hardly ever differ by case alone. */
static enum crm_err
look_email(struct look *l, const struct field *f)
{
	struct buf lower = {0};
	struct str text = l->text;
	enum crm_err err = look_field(l, f, STORE_EXACT);

	if (err || l->n)
		return err;
	lower_ascii(text, &lower);
	if (lower.failed) {
		buf_clear(&lower);
		return diag_nomem(l->dg);
	}
	l->text = str_of(&lower);
	err = look_field(l, f, STORE_EXACT);
	l->text = text;
	buf_clear(&lower);
	return err;
}

static enum crm_err
look_unique(struct look *l, const struct kind *k)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < k->nfields; i++)
		if (k->fields[i]->unique && !k->fields[i]->derived)
			err = look_field(l, k->fields[i], STORE_EXACT);
	return err;
}

/* Can the text be one at all? A refusal costs more than a look. */
static bool
look_worth(struct str text, enum type type)
{
	if (type == TYPE_EMAIL)
		return str_chr(text, '@') < text.n;
	return type != TYPE_PHONE ||
	       (text.n > 0 && strchr("+(0123456789", text.p[0]) != NULL);
}

static enum crm_err
look_type(struct look *l, const struct kind *k, enum type type)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < k->nfields; i++) {
		const struct field *f = k->fields[i];

		if (f->type != type || !f->index || f->derived ||
		    !look_worth(l->text, type))
			continue;
		err = type == TYPE_EMAIL ? look_email(l, f)
					 : look_field(l, f, STORE_EXACT);
	}
	return err;
}

static enum crm_err
look_name(struct look *l, const struct kind *k, enum store_match match)
{
	const struct field *f = ref_label_field(k);

	if (!f || !(f->index || f->unique) || f->type != TYPE_TEXT)
		return CRM_OK;
	return look_field(l, f, match);
}

static enum crm_err
look_kind(struct look *l, const struct kind *k)
{
	enum crm_err err = look_unique(l, k);

	if (!err && !l->n)
		err = look_type(l, k, TYPE_EMAIL);
	if (!err && !l->n)
		err = look_type(l, k, TYPE_PHONE);
	if (err || l->n)
		return err;
	/* What is not there in any case is not there. */
	err = look_name(l, k, STORE_FOLDED);
	if (err || !l->n)
		return err;
	l->n = 0;
	err = look_name(l, k, STORE_EXACT);
	if (!err && !l->n)
		err = look_name(l, k, STORE_FOLDED);
	return err;
}

static enum crm_err
look_anywhere(struct look *l)
{
	const struct kind *k = schema_kind_no(l->schema, KIND_CONTACT);
	enum crm_err err = k ? look_kind(l, k) : CRM_OK;

	k = schema_kind_no(l->schema, KIND_ORG);
	if (!err && !l->n && k)
		err = look_kind(l, k);
	for (size_t i = 0; !err && !l->n; i++) {
		k = schema_kind_at(l->schema, i);
		if (!k)
			break;
		err = look_unique(l, k);
	}
	return err;
}

/* ---- nearest names ---------------------------------------------------- */

enum { GUESSES = 3, GUESS_KEYS = 20000 };

struct guess {
	struct id id;
	unsigned distance;
};

struct guesses {
	struct guess list[GUESSES];
	size_t n;
	struct str word; /* folded */
	unsigned limit;
	bool parts; /* a name that contains the word counts too */
};

static void
guess_offer(struct guesses *g, struct id id, struct str key)
{
	unsigned d = near_distance(g->word, key, g->limit);
	size_t at;

	if (g->parts && g->word.n >= 3 && str_find(key, g->word) < key.n)
		d = 1;
	if (d > g->limit || d >= key.n)
		return;
	for (at = 0; at < g->n; at++)
		if (id_eq(g->list[at].id, id))
			return;
	for (at = g->n; at && g->list[at - 1].distance > d; at--)
		if (at < GUESSES)
			g->list[at] = g->list[at - 1];
	if (at == GUESSES)
		return;
	g->list[at] = (struct guess){.id = id, .distance = d};
	g->n += g->n < GUESSES;
}

static enum crm_err
guess_scan(struct look *l, struct guesses *g, const struct field *f,
    struct str lo, struct str hi)
{
	struct scan_spec spec = {
	    .type = SCAN_INDEX,
	    .field = f,
	    .lo = lo,
	    .hi = hi,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, l->s, &spec, l->dg);

	for (size_t i = 0; !err && i < GUESS_KEYS; i++) {
		struct str key;

		err = scan_next(sc, &id, &got, l->dg);
		if (err || !got)
			break;
		key = scan_key(sc);
		if (key.n && key.p[key.n - 1] == '\0')
			key.n--;
		guess_offer(g, id, key);
	}
	scan_close(sc);
	return err;
}

/* Names that begin with the same letter first; then names that hold the word
 * somewhere. */
static enum crm_err
guess_kind(struct look *l, struct guesses *g, const struct kind *k)
{
	const struct field *f = ref_label_field(k);
	struct buf hi = {0};
	struct str first;
	size_t at = 0;
	enum crm_err err;

	if (!f || !(f->index || f->unique) || f->type != TYPE_TEXT)
		return CRM_OK;
	(void)utf8_next(g->word, &at);
	first = str_head(g->word, at);
	buf_add(&hi, first);
	buf_addc(&hi, (char)0xff);
	err = hi.failed ? diag_nomem(l->dg)
			: guess_scan(l, g, f, first, str_of(&hi));
	g->parts = true;
	if (!err && !g->n)
		err = guess_scan(l, g, f, (struct str){0}, (struct str){0});
	g->parts = false;
	buf_clear(&hi);
	return err;
}

static enum crm_err
say_list(struct look *l, const struct id *ids, size_t n, const char *lead)
{
	enum { SHOWN = 5 };
	struct buf list = {0};
	struct diag none = {0};
	enum crm_err code = l->dg->code;
	struct diag *dg = l->dg;

	/* A label that cannot be read must not hide the message. */
	l->dg = &none;
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		if (i)
			buf_addz(&list, ", ");
		(void)say_record(l, ids[i], &list);
	}
	l->dg = dg;
	diag_more(dg, "%s%s%s", lead, buf_z(&list), n > SHOWN ? ", ..." : "");
	buf_clear(&list);
	diag_clear(&none);
	return code;
}

static enum crm_err
say_guesses(struct look *l, const struct kind *kind)
{
	struct buf folded = {0};
	struct guesses g = {0};
	struct id ids[GUESSES];
	const struct kind *k = kind;
	struct diag none = {0}, *dg = l->dg;
	enum crm_err err = CRM_OK;

	utf8_fold(str_trim(l->text), &folded);
	g.word = str_of(&folded);
	g.limit = g.word.n <= 3 ? 1 : g.word.n <= 7 ? 2 : 3;
	l->dg = &none;
	if (!k)
		k = schema_kind_no(l->schema, KIND_CONTACT);
	if (k && g.word.n && !folded.failed)
		err = guess_kind(l, &g, k);
	k = kind ? NULL : schema_kind_no(l->schema, KIND_ORG);
	if (!err && k && g.word.n && !folded.failed)
		err = guess_kind(l, &g, k);
	l->dg = dg;
	for (size_t i = 0; i < g.n; i++)
		ids[i] = g.list[i].id;
	if (!err && g.n)
		say_list(l, ids, g.n, "; did you mean ");
	buf_clear(&folded);
	diag_clear(&none);
	return CRM_NO;
}

/* ---- the outcome ------------------------------------------------------ */

static enum crm_err
say_nothing(struct look *l, const struct kind *kind)
{
	struct str what = kind ? kind->name : STR("record");
	const struct kind *k;
	struct id id;

	if (id_parse(l->schema, l->text, &id)) {
		k = schema_kind_no(l->schema, id.kind);
		if (!kind || id.kind == kind->no)
			return diag_set(l->dg, CRM_NO, "there is no %.*s %.*s",
			    STR_ARG(k->name), STR_ARG(l->text));
		return diag_set(l->dg, CRM_NO,
		    "%.*s is the id of %.*s, not of %.*s", STR_ARG(l->text),
		    STR_ARG(k->name), STR_ARG(kind->name));
	}
	diag_set(
	    l->dg, CRM_NO, "no %.*s '%.*s'", STR_ARG(what), STR_ARG(l->text));
	return say_guesses(l, kind);
}

static int
compare_ids(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return id_cmp(*x, *y);
}

enum crm_err
ref_lookup(struct store *s, const struct kind *kind, struct str text,
    struct id *out, size_t max, size_t *n, struct diag *dg)
{
	struct look l = {
	    .s = s,
	    .schema = store_schema(s),
	    .text = str_trim(text),
	    .out = out,
	    .max = max,
	    .dg = dg,
	};
	enum crm_err err = CRM_OK;
	struct id id;

	*n = 0;
	if (!l.text.n)
		return CRM_OK;
	if (id_parse(l.schema, l.text, &id) && (!kind || id.kind == kind->no) &&
	    store_has(s, id))
		look_hit(&l, id);
	else
		err = kind ? look_kind(&l, kind) : look_anywhere(&l);
	buf_clear(&l.value);
	if (l.n > 1)
		qsort(out, l.n, sizeof(*out), compare_ids);
	*n = l.n;
	return err;
}

enum crm_err
ref_matches(struct store *s, const struct kind *kind, struct str text,
    struct id *out, size_t max, size_t *n, struct diag *dg)
{
	struct look l = {
	    .s = s,
	    .schema = store_schema(s),
	    .text = str_trim(text),
	    .dg = dg,
	};
	enum crm_err err = ref_lookup(s, kind, text, out, max, n, dg);

	if (err || *n)
		return err;
	if (!l.text.n)
		return diag_set(dg, CRM_NO,
		    "an empty text names no record; write an id, an e-mail "
		    "address or a name");
	return say_nothing(&l, kind);
}

enum crm_err
ref_resolve(struct store *s, const struct kind *kind, struct str text,
    struct id *out, struct diag *dg)
{
	struct look l = {.s = s, .schema = store_schema(s), .dg = dg};
	struct id found[6];
	size_t n = 0;
	enum crm_err err =
	    ref_matches(s, kind, text, found, ARRAY_LEN(found), &n, dg);

	if (err)
		return err;
	*out = found[0];
	if (n == 1)
		return CRM_OK;
	diag_set(dg, CRM_USAGE, "'%.*s' may mean ", STR_ARG(str_trim(text)));
	say_list(&l, found, n, "");
	diag_more(dg, "; write the id");
	return CRM_USAGE;
}
