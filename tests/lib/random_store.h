/* SPDX-License-Identifier: ISC */
/*
 * random_store: fills a store with whatever a store may hold: records of all
 * kinds, kinds and fields of users, some of them deleted again, lists,
 * references, and texts that other programs choke on. The same seed makes
 * the same store.
 */
#ifndef RANDOM_STORE_H
#define RANDOM_STORE_H

#include "base/utf8.h"
#include "model/value.h"
#include "store/journal.h"
#include "store/store.h"

struct random_store {
	struct store *s;
	uint64_t seed;
	int64_t time;
	struct diag *dg;
	struct buf text, values;
	/* Fewer records and changes of the schema: those take a millisecond
	 * each. */
	bool small;
};

static inline uint64_t
random_draw(struct random_store *r, uint64_t n)
{
	uint64_t z = (r->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* Texts of the kind that the "big list of naughty strings" is made of. */
static const char *const random_texts[] = {"Anna Ângström", "null", "NULL",
    "(null)", "undefined", "nil", "true", "\\N", "\\", "\\\\", "\\n", "\\t",
    "\\.", "a\\tb", "a\tb", "a\nb", "a\rb", "a\r\nb", "\n", "\n\n", "tab\tend",
    "id", "id\tname", "0", "1/0", "-1", "1e100", "0x10", "NaN", "-", "--", "=",
    "=1+1", "+41", "@SUM(A1)", "-2+3", "\"", "\"\"", "'", "''", "`", "\"a\"b",
    "'; DROP TABLE contact; --", "Robert'); DROP TABLE students;--", "$1", "$$",
    "$body$", "E'\\x41'", "%s%n%x", "${HOME}", "$(touch x)", "`touch x`",
    "<script>alert(1)</script>", "<b>&amp;</b>", "]]>", "{\"a\":[1,2]}",
    "[\"a\"]", "\\u0000", "\\\"", "/*", "*/", "//", "#", ";", "; x", "  ; x",
    "a  b", "a;b", "a:b", "a|b", "(a)", "[b]", "{c}", "!d", "* e", "~ f",
    "\xef\xbb\xbf"
    "bom",
    "\xe2\x80\x8b",
    "\xe2\x80\xae"
    "rtl",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85", "\xc2\xa0", "\xef\xbf\xbd",
    "\xef\xbf\xbe", "\xef\xbf\xbf", "\x01\x02\x1f", "\x7f", "\x1b[31mred",
    "\x0b\x0c\x08",
    "a\x1f"
    "b",
    "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "😍👩‍👩‍👧‍👦",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "ﷺ", "x̧̛̣", "Straße", "İstanbul", "Åse Øst", "crm", "archive",
    "{\"crm\":\"archive\"}", "end"};

/* Appends up to N characters of any plane. */
static inline void
random_unicode(struct random_store *r, uint64_t n)
{
	static const uint32_t most[] = {
	    0x7f, 0x7f, 0x17f, 0x7ff, 0x33ff, 0xffff, 0x1f6ff, 0x10ffff};

	for (uint64_t i = 0; i < n; i++) {
		uint32_t c = 1 + (uint32_t)random_draw(
				     r, most[random_draw(r, ARRAY_LEN(most))]);

		utf8_put(c >= 0xd800 && c <= 0xdfff ? 'x' : c, &r->text);
	}
}

static inline void
random_text(struct random_store *r)
{
	switch (random_draw(r, 8)) {
	case 0:
		random_unicode(r, 1 + random_draw(r, 20));
		break;
	case 1:
		for (uint64_t i = random_draw(r, 3) ? 2 : 200; i > 0; i--)
			buf_addf(&r->text, "line %llu %s\n",
			    (unsigned long long)i,
			    random_texts[random_draw(
				r, ARRAY_LEN(random_texts))]);
		break;
	case 2:
		buf_addf(&r->text, "word%llu",
		    (unsigned long long)random_draw(r, 1000));
		break;
	default:
		buf_addz(&r->text,
		    random_texts[random_draw(r, ARRAY_LEN(random_texts))]);
	}
}

/* A record of KIND (KIND_NONE: any); num 0 when a try found none. */
static inline struct id
random_id(struct random_store *r, uint16_t kind)
{
	const struct schema *schema = store_schema(r->s);
	const struct kind *k = schema_kind_no(schema, kind);
	uint64_t next = 1, n = 0;

	while (schema_kind_at(schema, n))
		n++;
	for (int i = 0; i < 4; i++) {
		struct id id = {0};

		if (kind == KIND_NONE)
			k = schema_kind_at(schema, random_draw(r, n));
		if (!k || store_next(r->s, k, &next, r->dg) != CRM_OK ||
		    next == 1)
			continue;
		id = (struct id){
		    .kind = k->no, .num = 1 + random_draw(r, next - 1)};
		if (store_has(r->s, id))
			return id;
	}
	return (struct id){0};
}

static inline void
random_ref(struct random_store *r, const struct field *f)
{
	struct id id = random_id(r, f->ref);

	if (id.num)
		id_print(store_schema(r->s), id, &r->text);
}

static inline void
random_choice(struct random_store *r, const struct field *f)
{
	if (f->nchoices == 0 || random_draw(r, 8) == 0)
		buf_addz(&r->text, "Unheard Of");
	else
		buf_add(&r->text, f->choices[random_draw(r, f->nchoices)].name);
}

static inline void
random_number(struct random_store *r)
{
	static const char *const odd[] = {"0", "-0", "007", "+5", "1",
	    "999999999999999999999999999.999999999", "-0.000000001", "12.50",
	    "9007199254740993", "100000000000000000000", "9223372036854775807"};

	if (random_draw(r, 3) == 0)
		buf_addz(&r->text, odd[random_draw(r, ARRAY_LEN(odd))]);
	else
		buf_addf(&r->text, "%llu.%llu",
		    (unsigned long long)random_draw(r, 10000),
		    (unsigned long long)random_draw(r, 100));
}

static inline void
random_moment(struct random_store *r, bool clock)
{
	buf_addf(&r->text, "%04u-%02u-%02u", 1 + (unsigned)random_draw(r, 9999),
	    1 + (unsigned)random_draw(r, 12), 1 + (unsigned)random_draw(r, 28));
	if (clock)
		buf_addf(&r->text, "T%02u:%02u:%02uZ",
		    (unsigned)random_draw(r, 24), (unsigned)random_draw(r, 60),
		    (unsigned)random_draw(r, 60));
}

/* May a number be out of range? 1 and 2 are not. */
static inline bool
random_bounded(const struct field *f)
{
	return f->kind == KIND_CONTACT || f->kind == KIND_ORG ||
	       f->kind == KIND_ACTIVITY || f->kind == KIND_DEAL;
}

/* A text that may be a value of the field, into r->text. */
static inline void
random_item(struct random_store *r, const struct field *f)
{
	static const char *const rules[] = {
	    "2w", "1y", "after 6w", "FREQ=MONTHLY;BYDAY=2TU", "every 3 days"};
	unsigned long long n = random_draw(r, 100000);

	switch ((enum type)f->type) {
	case TYPE_TEXT:
		random_text(r);
		break;
	case TYPE_INT:
		buf_addf(&r->text, "%lld",
		    random_bounded(f) ? 1 + (long long)n % 2
				      : (long long)n - 50000);
		break;
	case TYPE_DECIMAL:
		random_number(r);
		break;
	case TYPE_BOOL:
		buf_addz(&r->text, n % 2 ? "yes" : "no");
		break;
	case TYPE_DATE:
	case TYPE_TIME:
		random_moment(r, f->type == TYPE_TIME && n % 3);
		break;
	case TYPE_ENUM:
		random_choice(r, f);
		break;
	case TYPE_REF:
		random_ref(r, f);
		break;
	case TYPE_EMAIL:
		buf_addf(&r->text,
		    n % 5 ? "User.%llu@example.org" : "o'br\xc3\xa9%llu@b.de",
		    n);
		break;
	case TYPE_PHONE:
		buf_addf(&r->text, n % 2 ? "+41 44 %06llu" : "030/%06llu", n);
		break;
	case TYPE_URL:
		buf_addf(&r->text, "https://example.org/%llu?a=%%20&b='\"", n);
		break;
	case TYPE_RECUR:
		buf_addz(&r->text, rules[n % ARRAY_LEN(rules)]);
		break;
	}
}

/* A value of the field as it is kept, or "": a view of r->values. */
static inline struct str
random_value(struct random_store *r, const struct field *f)
{
	struct diag dg = {0};
	size_t at = r->values.n;
	bool odd;

	buf_reset(&r->text);
	random_item(r, f);
	while (f->list && random_draw(r, 2)) {
		buf_addc(&r->text, ',');
		random_item(r, f);
	}
	if (value_normalise(f, str_of(&r->text), NULL, &r->values, &odd, &dg) !=
	    CRM_OK)
		r->values.n = at;
	diag_clear(&dg);
	return (struct str){
	    .p = r->values.p ? r->values.p + at : NULL, .n = r->values.n - at};
}

/* What a change refuses is refused: that is part of the game. */
static inline enum crm_err
random_apply(struct random_store *r, struct change *c)
{
	enum crm_err err = store_apply(r->s, c, r->dg);

	if (err != CRM_DATA)
		return err;
	diag_clear(r->dg);
	return CRM_OK;
}

/* Without these some kinds of record are refused. */
static inline bool
random_needed(const struct field *f)
{
	static const char *const names[] = {
	    "name", "title", "subject", "from", "to"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(f->name, names[i]))
			return true;
	return false;
}

enum { RANDOM_FIELDS = 24, RANDOM_VALUES = 1 << 20 };

static inline enum crm_err
random_record(struct random_store *r, const struct kind *k, struct id id)
{
	struct change_field fields[RANDOM_FIELDS];
	struct change c = {.op = id.num ? CHANGE_UPDATE : CHANGE_CREATE,
	    .kind = k,
	    .id = id,
	    .fields = fields};

	buf_reset(&r->values);
	if (!buf_room(&r->values, RANDOM_VALUES))
		return diag_nomem(r->dg);
	for (size_t i = 0; i < k->nslots && c.nfields < RANDOM_FIELDS; i++) {
		const struct field *f = k->slots[i];
		struct str v = {0};

		if (!f || i == SLOT_UPDATED ||
		    (random_draw(r, 3) && !random_needed(f)))
			continue;
		if (random_draw(r, 8) || !id.num)
			v = random_value(r, f);
		if (i == SLOT_CREATED && (id.num || random_draw(r, 2)))
			continue;
		fields[c.nfields++] =
		    (struct change_field){.field = f, .after = v};
	}
	return random_apply(r, &c);
}

/* Changes of the schema: NAMES and TEXTS, "" ends them. */
static inline enum crm_err
random_schema(struct random_store *r, uint16_t kind, struct id id,
    const char *const *names, const char *const *texts)
{
	const struct kind *k = schema_kind_no(store_schema(r->s), kind);
	struct change_field fields[RANDOM_FIELDS];
	struct change c = {.op = id.num ? CHANGE_UPDATE : CHANGE_CREATE,
	    .kind = k,
	    .id = id,
	    .fields = fields};

	for (size_t i = 0; names[i]; i++)
		if (texts[i])
			fields[c.nfields++] = (struct change_field){
			    .field = schema_field(k, str_from(names[i])),
			    .after = str_from(texts[i])};
	return random_apply(r, &c);
}

static inline enum crm_err
random_kind(struct random_store *r)
{
	static const char *const columns[] = {"name", "label", "columns", NULL};
	static const char *const known[] = {
	    "user", "group", "table", "manifest", "crm-archive", "select"};
	char name[32];
	const char *texts[] = {name, "a kind of \"somebody's\"", "name,tag"};

	if (random_draw(r, 2))
		snprintf(name, sizeof(name), "%s",
		    known[random_draw(r, ARRAY_LEN(known))]);
	else
		snprintf(name, sizeof(name), "kind%u",
		    (unsigned)random_draw(r, 1000));
	return random_schema(r, KIND_KIND, (struct id){0}, columns, texts);
}

static inline enum crm_err
random_field(struct random_store *r)
{
	static const char *const columns[] = {"name", "type", "label", "list",
	    "index", "unique", "sensitive", "values", "closed", "ref", NULL};
	static const char *const known[] = {
	    "from", "where", "order", "crm", "end", "name", "kind", "contact"};
	const struct schema *schema = store_schema(r->s);
	enum type type = (enum type)random_draw(r, TYPE_RECUR + 1);
	uint64_t n = 0, at = random_draw(r, 4);
	char name[96];
	const char *yes[] = {NULL, "yes"};
	const char *texts[] = {name, type_name(type), "a \\ label",
	    yes[random_draw(r, 2)], yes[random_draw(r, 2)],
	    yes[random_draw(r, 8) == 0], yes[random_draw(r, 4) == 0],
	    type == TYPE_ENUM ? "New:10,won:100,l'ost" : NULL,
	    type == TYPE_ENUM ? "won" : NULL,
	    type == TYPE_REF && at ? "contact" : NULL};
	const struct kind *k;

	while (schema_kind_at(schema, n))
		n++;
	k = schema_kind_at(schema, random_draw(r, n));
	if (at)
		snprintf(name, sizeof(name), "%.*s.%s", STR_ARG(k->name),
		    known[random_draw(r, ARRAY_LEN(known))]);
	else
		snprintf(name, sizeof(name), "%.*s.f-%u", STR_ARG(k->name),
		    (unsigned)random_draw(r, 100));
	return random_schema(r, KIND_FIELD, (struct id){0}, columns, texts);
}

/* The program's own fields may be changed a little. */
static inline enum crm_err
random_builtin(struct random_store *r)
{
	static const char *const columns[] = {
	    "label", "sensitive", "index", NULL};
	const char *texts[] = {"another, \xc3\xa4nd longer label", "yes", NULL};
	struct id id = random_id(r, KIND_FIELD);

	if (random_draw(r, 2))
		texts[2] = "yes";
	return id.num ? random_schema(r, KIND_FIELD, id, columns, texts)
		      : CRM_OK;
}

static inline enum crm_err
random_delete(struct random_store *r, uint16_t kind)
{
	struct id id = random_id(r, kind);
	struct change c = {.op = CHANGE_DELETE,
	    .kind = schema_kind_no(store_schema(r->s), id.kind),
	    .id = id};

	return id.num ? random_apply(r, &c) : CRM_OK;
}

static inline enum crm_err
random_step(struct random_store *r)
{
	const struct schema *schema = store_schema(r->s);
	uint64_t n = 0, what = random_draw(r, 100);
	const struct kind *k;
	struct id id = {0};

	if (r->small && what < 19 && random_draw(r, 6))
		what = 99;
	if (what < 3)
		return random_kind(r);
	if (what < 12)
		return random_field(r);
	if (what < 14)
		return random_builtin(r);
	if (what < 18)
		return random_delete(r, KIND_FIELD);
	if (what < 19)
		return random_delete(r, KIND_KIND);
	if (what < 30)
		return random_delete(r, KIND_NONE);
	while (schema_kind_at(schema, n))
		n++;
	k = schema_kind_at(schema, random_draw(r, n));
	if (what < 45) {
		id = random_id(r, KIND_NONE);
		k = schema_kind_no(schema, id.kind);
	}
	if (!k || k->no == KIND_KIND || k->no == KIND_FIELD)
		return CRM_OK;
	return random_record(r, k, id);
}

/* One transaction of COUNT steps. */
static inline enum crm_err
random_txn(struct random_store *r, uint64_t count)
{
	struct change_origin who = {.time = r->time += 1000,
	    .user = STR("tester"),
	    .command = STR("random-store")};
	enum crm_err err =
	    store_begin(r->s, &who, random_draw(r, 4) == 0, r->dg);

	for (uint64_t i = 0; i < count && err == CRM_OK; i++)
		err = random_step(r);
	if (err == CRM_OK && random_draw(r, 10))
		return store_commit(r->s, r->dg);
	store_abort(r->s);
	return err;
}

/* Fills the store of R, which may be missing, in a few transactions. */
static inline enum crm_err
random_fill(struct random_store *r)
{
	uint64_t txns = 1 + random_draw(r, 5);
	enum crm_err err = CRM_OK;

	r->time = 1772452800;
	for (uint64_t i = 0; err == CRM_OK && (i < txns || store_missing(r->s));
	     i++)
		err = random_txn(r, 1 + random_draw(r, r->small ? 40 : 150));
	buf_clear(&r->text);
	buf_clear(&r->values);
	return err;
}

static inline enum crm_err
random_store(struct store *s, uint64_t seed, struct diag *dg)
{
	struct random_store r = {.s = s, .seed = seed, .dg = dg};

	return random_fill(&r);
}

#endif
