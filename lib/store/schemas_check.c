/* SPDX-License-Identifier: ISC */
/* schemas_check: what a change of a kind or field may do. */
#include "model/schema_default.h"
#include "model/value.h"
#include "store/schemas.h"

static bool
builtin(const struct change *c)
{
	struct kind_def kd;
	struct field_def fd;

	if (c->op == CHANGE_CREATE || c->id.num == 0)
		return false;
	return c->kind->no == KIND_KIND
		   ? schema_default_kind(c->id.num - 1, &kd)
		   : schema_default_field(c->id.num - 1, &fd);
}

/* What the program relies on stays as it is. */
enum crm_err
schemas_check_builtin(const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	static const char *const fixed[] = {"name", "prefix", "no", "type",
	    "list", "ref", "slot", "derived", "automatic"};
	const struct kind *k = c->kind;

	if (!builtin(c))
		return CRM_OK;
	if (c->op == CHANGE_DELETE)
		return diag_set(dg, CRM_DATA,
		    "'%.*s' belongs to the program and stays; it may be left "
		    "empty",
		    STR_ARG(schemas_text(k, olds, "name")));
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (!str_eq(schemas_text(k, olds, fixed[i]),
			schemas_text(k, values, fixed[i])))
			return diag_set(dg, CRM_DATA,
			    "%s: '%.*s' belongs to the program; label, "
			    "values, closed, fallback, columns, index, unique "
			    "and sensitive may be changed",
			    fixed[i], STR_ARG(schemas_text(k, olds, "name")));
	return CRM_OK;
}

/* Calls for every record of the field's kind that has a value in it. */
static enum crm_err
each_value(struct store *s, const struct field *f,
    bool (*on)(void *arg, const struct field *f, struct str value), void *arg,
    struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = schema_kind_no(s->schema, f->kind),
	    .bare = true};
	struct scan *sc = NULL;
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true, more = true;

	while (err == CRM_OK && more) {
		struct record r;
		struct id id;
		struct str value;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err != CRM_OK)
			break;
		value = row_get(&r.row, f->slot);
		if (value.n > 0)
			more = on(arg, f, value);
	}
	scan_close(sc);
	return err;
}

static bool
note_one(void *arg, const struct field *f, struct str value)
{
	bool *any = arg;

	(void)f;
	(void)value;
	*any = true;
	return false;
}

/* 64-bit FNV-1a of every item, to be sorted: two alike are two records with
 * the same value. */
struct hashes {
	uint64_t *v;
	size_t n, cap;
	bool failed;
};

static void
hash_item(struct hashes *h, struct str item)
{
	uint64_t x = UINT64_C(0xcbf29ce484222325);

	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 1024;
		uint64_t *v = realloc(h->v, cap * sizeof(*v));

		if (!v) {
			h->failed = true;
			return;
		}
		h->v = v;
		h->cap = cap;
	}
	for (size_t i = 0; i < item.n; i++)
		x = (x ^ (unsigned char)item.p[i]) * UINT64_C(0x100000001b3);
	h->v[h->n++] = x;
}

static bool
note_hash(void *arg, const struct field *f, struct str value)
{
	struct hashes *h = arg;
	struct str rest = value;

	while (rest.p) {
		struct str item = value_item(f, &rest);

		hash_item(h, item);
	}
	return !h->failed;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static enum crm_err
check_unique(struct store *s, const struct field *f, struct diag *dg)
{
	struct hashes h = {0};
	enum crm_err err = each_value(s, f, note_hash, &h, dg);

	if (err == CRM_OK && h.failed)
		err = diag_nomem(dg);
	if (h.n > 1)
		qsort(h.v, h.n, sizeof(*h.v), by_number);
	for (size_t i = 1; i < h.n && err == CRM_OK; i++)
		if (h.v[i] == h.v[i - 1])
			err = diag_set(dg, CRM_DATA,
			    "unique: some records share a value of '%.*s'; "
			    "make them differ first",
			    STR_ARG(f->name));
	free(h.v);
	return err;
}

const struct field *
schemas_field_now(struct store *s, const struct kind *k, const struct str *olds)
{
	struct str name = schemas_text(k, olds, "name");
	size_t dot = str_chr(name, '.');
	const struct kind *of = schema_kind(s->schema, str_head(name, dot));

	return of ? schema_field(of, str_from_pos(name, dot + 1)) : NULL;
}

/* A field that holds values keeps its meaning. */
static enum crm_err
check_field(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	static const char *const meaning[] = {"name", "type", "list", "ref"};
	const struct kind *k = c->kind;
	const struct field *f = schemas_field_now(s, k, olds);
	const char *what = c->op == CHANGE_DELETE ? "a field" : NULL;
	bool any = false;
	enum crm_err err;

	if (!f || f->slot == SLOT_NONE || c->op == CHANGE_CREATE)
		return CRM_OK;
	for (size_t i = 0; i < ARRAY_LEN(meaning) && !what; i++)
		if (!str_eq(schemas_text(k, olds, meaning[i]),
			schemas_text(k, values, meaning[i])))
			what = meaning[i];
	if (what && strcmp(what, "name") != 0) {
		err = each_value(s, f, note_one, &any, dg);
		if (err != CRM_OK)
			return err;
		if (any)
			return diag_set(dg, CRM_DATA,
			    "%s of '%.*s' stays as long as records have a "
			    "value in it; clear it first: crm-find -i %.*s "
			    "'%.*s!=' | crm-edit - %.*s=",
			    what, STR_ARG(schemas_text(k, olds, "name")),
			    STR_ARG(schema_kind_no(s->schema, f->kind)->name),
			    STR_ARG(f->name), STR_ARG(f->name));
	}
	if (c->op == CHANGE_UPDATE && schemas_flag(k, values, "unique") &&
	    !f->unique)
		return check_unique(s, f, dg);
	return CRM_OK;
}

static enum crm_err
check_kind(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	const struct kind *of =
	    schema_kind(s->schema, schemas_text(c->kind, olds, "name"));
	uint64_t n = 0;
	enum crm_err err;

	if (!of || c->op == CHANGE_CREATE)
		return CRM_OK;
	err = store_count(s, of, &n, dg);
	if (err != CRM_OK)
		return err;
	if (c->op == CHANGE_DELETE && n > 0)
		return diag_set(dg, CRM_DATA,
		    "there %s of kind %.*s (%llu); delete %s first",
		    n == 1 ? "is a record" : "are records", STR_ARG(of->name),
		    (unsigned long long)n, n == 1 ? "it" : "them");
	if (c->op == CHANGE_UPDATE && n > 0 &&
	    !str_eq(of->prefix, schemas_text(c->kind, values, "prefix")))
		return diag_set(dg, CRM_DATA,
		    "prefix: there are ids that begin with '%.*s' (%llu)",
		    STR_ARG(of->prefix), (unsigned long long)n);
	if (c->op == CHANGE_UPDATE &&
	    (!str_eq(of->name, schemas_text(c->kind, values, "name")) ||
		!str_eq(schemas_text(c->kind, olds, "no"),
		    schemas_text(c->kind, values, "no"))))
		return diag_set(dg, CRM_DATA,
		    "a kind keeps its name: its fields and saved queries "
		    "use it");
	return CRM_OK;
}

enum crm_err
schemas_check(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	return c->kind->no == KIND_KIND ? check_kind(s, c, olds, values, dg)
					: check_field(s, c, olds, values, dg);
}
