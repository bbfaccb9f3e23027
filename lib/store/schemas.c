/* SPDX-License-Identifier: ISC */
/*
 * schemas: kinds and fields as records. The compiled form is kept in the meta
 * table so that a start parses no texts; a change of a kind or field is
 * compiled before it is written, so that what makes no sense is refused.
 */
#include "base/num.h"
#include "model/schema_default.h"
#include "model/value.h"
#include "store/priv.h"
#include "store/restore.h"

static const char *const key_schema = "schema", *const key_format = "format";

/* ---- the compiled form ------------------------------------------------ */

static enum crm_err
install(struct store *s, struct schema *schema, struct diag *dg)
{
	struct schema **older;

	if (s->schema) {
		older = realloc(
		    s->older, (s->nolder + 1) * sizeof(struct schema *));
		if (!older) {
			schema_free(schema);
			return diag_nomem(dg);
		}
		s->older = older;
		s->older[s->nolder++] = s->schema;
	}
	s->schema = schema;
	roles_forget(s);
	return CRM_OK;
}

void
schemas_free(struct store *s)
{
	schema_free(s->schema);
	schema_free(s->planned);
	for (size_t i = 0; i < s->nolder; i++)
		schema_free(s->older[i]);
	free(s->older);
}

static enum crm_err
check_format(struct store *s, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	struct str key = str_from(key_format), sealed, v;
	bool found;
	enum crm_err err = table_get(s, meta, key, &sealed, &found, dg);

	if (err != CRM_OK)
		return err;
	if (!found)
		return diag_set(dg, CRM_CONFIG,
		    "%s: an LMDB file, but not a crm store", s->path);
	if (!seal_check(meta, key, sealed, &v) || v.n != 4)
		return env_damaged(s, "its format number", dg);
	if (num_get32((const unsigned char *)v.p) != FORMAT_VERSION)
		return diag_set(dg, CRM_CONFIG,
		    "%s: a store of format %u; this program reads format %d",
		    s->path, num_get32((const unsigned char *)v.p),
		    FORMAT_VERSION);
	return CRM_OK;
}

static enum crm_err
load_default(struct store *s, struct diag *dg)
{
	struct schema *schema;
	enum crm_err err;

	if (s->schema)
		return CRM_OK;
	err = schema_default(&schema, dg);
	return err == CRM_OK ? install(s, schema, dg) : err;
}

enum crm_err
schemas_default(struct store *s, struct diag *dg)
{
	struct schema *schema;
	enum crm_err err = CRM_OK;

	if (s->schema_seal) {
		err = schema_default(&schema, dg);
		if (err == CRM_OK)
			err = install(s, schema, dg);
	}
	s->schema_seal = 0;
	return err;
}

enum crm_err
schemas_load(struct store *s, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	struct str key = str_from(key_schema), sealed, bytes;
	struct schema *schema;
	uint32_t seal;
	bool found;
	enum crm_err err;

	if (!s->env)
		return load_default(s, dg);
	err = table_get(s, meta, key, &sealed, &found, dg);
	if (err != CRM_OK)
		return err;
	if (!found || !s->schema_seal) {
		err = check_format(s, dg);
		if (err == CRM_OK && !found)
			err = env_damaged(s, "its schema is gone", dg);
		if (err != CRM_OK)
			return err;
	}
	if (sealed.n < SEAL_BYTES)
		return env_damaged(s, "its schema", dg);
	seal = num_get32((const unsigned char *)sealed.p);
	if (s->schema && seal == s->schema_seal)
		return CRM_OK;
	if (!seal_check(meta, key, sealed, &bytes))
		return env_damaged(s, "its schema", dg);
	err = schema_load(bytes, &schema, env_give_up, dg);
	/* A snapshot lasts until it is paused; see there. */
	if (err == CRM_OK && s->wtxn)
		schema_keep(schema);
	if (err == CRM_OK)
		err = install(s, schema, dg);
	if (err == CRM_OK)
		s->schema_seal = seal;
	return err;
}

static enum crm_err
save(struct store *s, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	struct str key = str_from(key_schema);
	struct buf bytes = {0}, sealed = {0};
	enum crm_err err = schema_save(s->schema, &bytes);

	seal_put(meta, key, str_of(&bytes), &sealed);
	if (err != CRM_OK || bytes.failed || sealed.failed)
		err = diag_nomem(dg);
	if (err == CRM_OK)
		err = table_put(s, meta, key, str_of(&sealed), dg);
	if (err == CRM_OK)
		s->schema_seal = num_get32((const unsigned char *)sealed.p);
	buf_clear(&bytes);
	buf_clear(&sealed);
	return err;
}

/* ---- the default schema becomes records ------------------------------- */

enum { SEED_FIELDS = 20 };

static void
seed_text(const struct kind *k, const char *name, struct str value,
    struct change_field *fields, size_t *n)
{
	const struct field *f = schema_field(k, str_from(name));

	if (f && value.n > 0)
		fields[(*n)++] =
		    (struct change_field){.field = f, .after = value};
}

static void
seed_bool(const struct kind *k, const char *name, bool value,
    struct change_field *fields, size_t *n)
{
	if (value)
		seed_text(k, name, STR("yes"), fields, n);
}

static void
seed_number(const struct kind *k, const char *name, uint64_t v,
    struct buf *hold, struct change_field *fields, size_t *n)
{
	size_t at = hold->n;

	buf_addu(hold, v);
	seed_text(k, name, (struct str){.p = hold->p + at, .n = hold->n - at},
	    fields, n);
}

static enum crm_err
seed_apply(struct store *s, const struct kind *k, uint64_t num,
    struct change_field *fields, size_t n, struct diag *dg)
{
	struct change c = {.op = CHANGE_CREATE,
	    .kind = k,
	    .id = {.kind = k->no, .num = num},
	    .fields = fields,
	    .nfields = n};

	return store_apply(s, &c, dg);
}

static enum crm_err
seed_kind(struct store *s, const struct kind_def *d, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, KIND_KIND);
	struct change_field fields[SEED_FIELDS];
	struct buf hold = {0};
	size_t n = 0;
	enum crm_err err;

	if (!buf_room(&hold, 64))
		return diag_nomem(dg);
	seed_text(k, "name", d->name, fields, &n);
	seed_text(k, "prefix", d->prefix, fields, &n);
	seed_text(k, "label", d->label, fields, &n);
	seed_text(k, "columns", d->columns, fields, &n);
	seed_number(k, "no", d->no, &hold, fields, &n);
	err = seed_apply(s, k, d->num, fields, n, dg);
	buf_clear(&hold);
	return err;
}

static enum crm_err
seed_field(struct store *s, const struct field_def *d, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, KIND_FIELD);
	struct change_field fields[SEED_FIELDS];
	struct buf hold = {0};
	size_t n = 0;
	enum crm_err err;

	if (!buf_room(&hold, 64))
		return diag_nomem(dg);
	seed_text(k, "name", d->name, fields, &n);
	seed_text(k, "type", d->type, fields, &n);
	seed_text(k, "label", d->label, fields, &n);
	seed_text(k, "fallback", d->fallback, fields, &n);
	seed_text(k, "ref", d->ref, fields, &n);
	seed_text(k, "values", d->values, fields, &n);
	seed_text(k, "closed", d->closed, fields, &n);
	seed_bool(k, "list", d->list, fields, &n);
	seed_bool(k, "unique", d->unique, fields, &n);
	seed_bool(k, "index", d->index, fields, &n);
	seed_bool(k, "sensitive", d->sensitive, fields, &n);
	seed_bool(k, "automatic", d->automatic, fields, &n);
	if (d->derived)
		seed_number(k, "derived", d->derived, &hold, fields, &n);
	else
		seed_number(k, "slot", d->slot, &hold, fields, &n);
	err = seed_apply(s, k, d->num, fields, n, dg);
	buf_clear(&hold);
	return err;
}

static enum crm_err
seed_format(struct store *s, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char version[4];
	struct buf sealed = {0};
	enum crm_err err;

	if (!meta)
		return diag_nomem(dg);
	num_put32(version, FORMAT_VERSION);
	seal_put(meta, str_from(key_format),
	    (struct str){.p = (const char *)version, .n = 4}, &sealed);
	err = sealed.failed ? diag_nomem(dg)
			    : table_put(s, meta, str_from(key_format),
				  str_of(&sealed), dg);
	buf_clear(&sealed);
	return err;
}

/* In a fresh environment that nobody else sees yet: no lock is needed. */
enum crm_err
schemas_seed(struct store *s, struct diag *dg)
{
	struct kind_def kd;
	struct field_def fd;
	enum crm_err err = load_default(s, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	rc = mdb_txn_begin(s->env, NULL, 0, &s->wtxn);
	if (rc != 0)
		return env_fail(s, rc, "making the store", dg);
	s->epoch++;
	s->seeding = s->unborn = true;
	s->bulk = s->broken = false;
	err = seed_format(s, dg);
	if (err == CRM_OK)
		err = save(s, dg);
	for (size_t i = 0; err == CRM_OK && schema_default_kind(i, &kd); i++)
		err = seed_kind(s, &kd, dg);
	for (size_t i = 0; err == CRM_OK && schema_default_field(i, &fd); i++)
		err = seed_field(s, &fd, dg);
	if (err == CRM_OK)
		err = store_commit(s, dg);
	else
		store_abort(s);
	s->seeding = s->unborn = false;
	return err;
}

/* ---- from records to a schema ----------------------------------------- */

static struct str
text(const struct kind *k, const struct str *values, const char *name)
{
	const struct field *f = schema_field(k, str_from(name));

	return f && f->slot < k->nslots ? values[f->slot] : (struct str){0};
}

static uint16_t
small(const struct kind *k, const struct str *values, const char *name,
    uint16_t none)
{
	uint64_t v;

	return num_u64(text(k, values, name), &v) && v < UINT16_MAX
		   ? (uint16_t)v
		   : none;
}

static bool
flag(const struct kind *k, const struct str *values, const char *name)
{
	return str_is(text(k, values, name), "yes");
}

static enum crm_err
add_kind(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	struct kind_def d = {.name = text(k, values, "name"),
	    .prefix = text(k, values, "prefix"),
	    .label = text(k, values, "label"),
	    .columns = text(k, values, "columns"),
	    .num = num,
	    .no = small(k, values, "no", KIND_NONE)};

	return schema_add_kind(to, &d, dg);
}

static enum crm_err
add_field(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	struct field_def d = {.name = text(k, values, "name"),
	    .type = text(k, values, "type"),
	    .label = text(k, values, "label"),
	    .fallback = text(k, values, "fallback"),
	    .ref = text(k, values, "ref"),
	    .values = text(k, values, "values"),
	    .closed = text(k, values, "closed"),
	    .num = num,
	    .slot = small(k, values, "slot", SLOT_NONE),
	    .derived = small(k, values, "derived", DERIVED_NONE),
	    .list = flag(k, values, "list"),
	    .unique = flag(k, values, "unique"),
	    .index = flag(k, values, "index") || flag(k, values, "unique"),
	    .sensitive = flag(k, values, "sensitive"),
	    .automatic = flag(k, values, "automatic")};

	return schema_add_field(to, &d, dg);
}

enum crm_err
schemas_add(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	return k->no == KIND_KIND ? add_kind(to, k, num, values, dg)
				  : add_field(to, k, num, values, dg);
}

/* A change that is being planned, and the kind it takes away. */
struct plan {
	const struct change *c;
	const struct str *values;
	struct str gone;
};

static bool
of_gone_kind(const struct plan *p, struct str name)
{
	return p->gone.n > 0 && name.n > p->gone.n &&
	       name.p[p->gone.n] == '.' && str_starts(name, p->gone);
}

/* Adds one stored record, or what the plan makes of it. */
static enum crm_err
add_stored(struct schema *to, const struct plan *p, const struct record *r,
    struct diag *dg)
{
	struct str values[SLOT_LIMIT] = {0};
	const struct str *v = values;
	unsigned at = 0, slot;
	struct str value;

	if (id_eq(r->id, p->c->id) && p->c->op == CHANGE_DELETE)
		return CRM_OK;
	while (row_each(&r->row, &at, &slot, &value))
		if (slot < SLOT_LIMIT)
			values[slot] = value;
	if (id_eq(r->id, p->c->id) && p->c->op == CHANGE_UPDATE)
		v = p->values;
	if (r->kind->no == KIND_KIND)
		return add_kind(to, r->kind, r->id.num, v, dg);
	if (of_gone_kind(p, text(r->kind, v, "name")))
		return CRM_OK;
	return add_field(to, r->kind, r->id.num, v, dg);
}

static enum crm_err
add_all(struct store *s, struct schema *to, uint16_t no, const struct plan *p,
    struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, no);
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true;

	while (err == CRM_OK) {
		struct record r;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK)
			err = add_stored(to, p, &r, dg);
	}
	scan_close(sc);
	if (err != CRM_OK || p->c->op != CHANGE_CREATE || p->c->kind->no != no)
		return err;
	return schemas_add(to, k, p->c->id.num, p->values, dg);
}

static enum crm_err
compile(struct store *s, const struct plan *p, struct diag *dg)
{
	struct schema *to = schema_new();
	enum crm_err err = to ? CRM_OK : diag_nomem(dg);

	if (err == CRM_OK)
		err = add_all(s, to, KIND_KIND, p, dg);
	if (err == CRM_OK)
		err = add_all(s, to, KIND_FIELD, p, dg);
	if (err == CRM_OK)
		err = schema_finish(to, dg);
	if (err != CRM_OK) {
		schema_free(to);
		return err;
	}
	schema_free(s->planned);
	s->planned = to;
	return CRM_OK;
}

/* ---- numbers that are given once only --------------------------------- */

/*
 * The journal tells fields by slot and records by the number of their kind:
 * neither is given again after a field or kind was deleted.
 */
static struct str
given_key(uint16_t kind, unsigned char key[7])
{
	memcpy(key, "given", 5);
	num_put16(key + 5, kind);
	return (struct str){.p = (const char *)key, .n = 7};
}

/* The lowest slot of KIND, or number of a kind (KIND_NONE), never given. */
static enum crm_err
given_get(struct store *s, uint16_t kind, uint16_t *next, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char key[7];
	struct str k = given_key(kind, key), sealed, v;
	bool found;
	enum crm_err err = table_get(s, meta, k, &sealed, &found, dg);

	*next = 0;
	if (err != CRM_OK || !found)
		return err;
	if (!seal_check(meta, k, sealed, &v) || v.n != 2)
		return env_damaged(s, "a counter of its schema", dg);
	*next = num_get16((const unsigned char *)v.p);
	return CRM_OK;
}

static enum crm_err
given_put(struct store *s, uint16_t kind, uint16_t number, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char key[7], value[2];
	struct str k = given_key(kind, key);
	struct buf sealed = {0};
	uint16_t next;
	enum crm_err err = given_get(s, kind, &next, dg);

	if (err != CRM_OK || number < next)
		return err;
	num_put16(value, (uint16_t)(number + 1));
	seal_put(
	    meta, k, (struct str){.p = (const char *)value, .n = 2}, &sealed);
	err = sealed.failed ? diag_nomem(dg)
			    : table_put(s, meta, k, str_of(&sealed), dg);
	buf_clear(&sealed);
	return err;
}

static enum crm_err
given_note(struct store *s, const struct kind *k, const struct str *values,
    struct diag *dg)
{
	struct str name = text(k, values, "name");
	const struct kind *of =
	    schema_kind(s->schema, str_head(name, str_chr(name, '.')));
	uint16_t slot = small(k, values, "slot", SLOT_NONE);

	if (k->no == KIND_KIND)
		return given_put(
		    s, KIND_NONE, small(k, values, "no", KIND_NONE), dg);
	if (!of || slot == SLOT_NONE)
		return CRM_OK;
	return given_put(s, of->no, slot, dg);
}

enum crm_err
restore_schema(struct store *s, struct diag *dg)
{
	struct change none = {.kind = schema_kind_no(s->schema, KIND_KIND)};
	struct plan p = {.c = &none};
	const struct kind *k;
	enum crm_err err;

	none.op = CHANGE_UPDATE; /* of nothing */
	err = compile(s, &p, dg);
	if (err == CRM_OK)
		err = install(s, s->planned, dg);
	s->planned = NULL;
	if (err == CRM_OK)
		err = save(s, dg);
	k = schema_kind_at(s->schema, 0);
	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(s->schema, i++)) {
		err = given_put(s, KIND_NONE, k->no, dg);
		if (err == CRM_OK && k->nslots > 0)
			err =
			    given_put(s, k->no, (uint16_t)(k->nslots - 1), dg);
	}
	return err;
}

enum crm_err
restore_unused(
    struct store *s, const struct kind *k, uint16_t *lowest, struct diag *dg)
{
	const struct kind *of = schema_kind_at(s->schema, 0);
	enum crm_err err = given_get(s, k ? k->no : KIND_NONE, lowest, dg);

	if (k && *lowest < k->nslots)
		*lowest = (uint16_t)k->nslots;
	if (!k && *lowest < KIND_USER)
		*lowest = KIND_USER;
	for (size_t i = 1; !k && of; of = schema_kind_at(s->schema, i++))
		if (*lowest <= of->no)
			*lowest = (uint16_t)(of->no + 1);
	return err;
}

enum crm_err
restore_reserve(
    struct store *s, const struct kind *k, uint16_t lowest, struct diag *dg)
{
	return lowest == 0 ? CRM_OK
			   : given_put(s, k ? k->no : KIND_NONE,
				 (uint16_t)(lowest - 1), dg);
}

enum crm_err
restore_define(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	return schemas_add(to, k, num, values, dg);
}

/* ---- what a change may do --------------------------------------------- */

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

/* What a field must not change once it has values. */
static enum crm_err
check_builtin(const struct change *c, const struct str *olds,
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
		    STR_ARG(text(k, olds, "name")));
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (!str_eq(text(k, olds, fixed[i]), text(k, values, fixed[i])))
			return diag_set(dg, CRM_DATA,
			    "%s: '%.*s' belongs to the program; label, "
			    "values, closed, fallback, columns, index, unique "
			    "and sensitive may be changed",
			    fixed[i], STR_ARG(text(k, olds, "name")));
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

static const struct field *
field_now(struct store *s, const struct kind *k, const struct str *olds)
{
	struct str name = text(k, olds, "name");
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
	const struct field *f = field_now(s, k, olds);
	const char *what = c->op == CHANGE_DELETE ? "a field" : NULL;
	bool any = false;
	enum crm_err err;

	if (!f || f->slot == SLOT_NONE || c->op == CHANGE_CREATE)
		return CRM_OK;
	for (size_t i = 0; i < ARRAY_LEN(meaning) && !what; i++)
		if (!str_eq(
			text(k, olds, meaning[i]), text(k, values, meaning[i])))
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
			    what, STR_ARG(text(k, olds, "name")),
			    STR_ARG(schema_kind_no(s->schema, f->kind)->name),
			    STR_ARG(f->name), STR_ARG(f->name));
	}
	if (c->op == CHANGE_UPDATE && flag(k, values, "unique") && !f->unique)
		return check_unique(s, f, dg);
	return CRM_OK;
}

static enum crm_err
check_kind(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	const struct kind *of =
	    schema_kind(s->schema, text(c->kind, olds, "name"));
	uint64_t n = 0;
	enum crm_err err;

	if (!of || c->op == CHANGE_CREATE)
		return CRM_OK;
	err = store_count(s, of, &n, dg);
	if (err != CRM_OK)
		return err;
	if (c->op == CHANGE_DELETE && n > 0)
		return diag_set(dg, CRM_DATA,
		    "there are %llu records of kind %.*s; delete them first",
		    (unsigned long long)n, STR_ARG(of->name));
	if (c->op == CHANGE_UPDATE && n > 0 &&
	    !str_eq(of->prefix, text(c->kind, values, "prefix")))
		return diag_set(dg, CRM_DATA,
		    "prefix: %llu records have ids that begin with '%.*s'",
		    (unsigned long long)n, STR_ARG(of->prefix));
	if (c->op == CHANGE_UPDATE &&
	    (!str_eq(of->name, text(c->kind, values, "name")) ||
		!str_eq(
		    text(c->kind, olds, "no"), text(c->kind, values, "no"))))
		return diag_set(dg, CRM_DATA,
		    "a kind keeps its name: its fields and saved queries "
		    "use it");
	return CRM_OK;
}

/* ---- what the program fills in ---------------------------------------- */

static void
set(const struct kind *k, struct str *values, const char *name,
    struct str value)
{
	const struct field *f = schema_field(k, str_from(name));

	if (f && f->slot < k->nslots)
		values[f->slot] = value;
}

static struct str
number(struct buf *hold, uint64_t v)
{
	size_t at = hold->n;

	buf_addu(hold, v);
	return (struct str){.p = hold->p + at, .n = hold->n - at};
}

static enum crm_err
fill_field(struct store *s, const struct kind *k, struct str *values,
    struct buf *hold, struct diag *dg)
{
	struct str name = text(k, values, "name");
	const struct kind *of =
	    schema_kind(s->schema, str_head(name, str_chr(name, '.')));
	uint16_t slot = 0;
	enum crm_err err = of ? given_get(s, of->no, &slot, dg) : CRM_OK;

	if (err != CRM_OK)
		return err;
	if (text(k, values, "type").n == 0)
		set(k, values, "type", STR("text"));
	set(k, values, "derived", (struct str){0});
	set(k, values, "automatic", (struct str){0});
	if (of && slot < of->nslots)
		slot = (uint16_t)of->nslots;
	if (slot >= SLOT_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "%.*s has had %d fields; more do not fit",
		    STR_ARG(of->name), SLOT_LIMIT);
	if (of)
		set(k, values, "slot", number(hold, slot));
	return CRM_OK;
}

/* The shortest beginning of the name's letters that no kind uses; of two at
 * least, as the single ones are the program's. */
static struct str
free_prefix(struct store *s, struct str name, struct buf *hold)
{
	size_t at = hold->n;
	struct str pre = {0};

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < 'a' || name.p[i] > 'z')
			continue;
		buf_addc(hold, name.p[i]);
		pre = (struct str){.p = hold->p + at, .n = hold->n - at};
		if (pre.n >= 2 && !schema_kind_prefix(s->schema, pre))
			break;
	}
	return pre;
}

static enum crm_err
fill_kind(struct store *s, const struct kind *k, struct str *values,
    struct buf *hold, struct diag *dg)
{
	uint16_t no = 0;
	enum crm_err err = given_get(s, KIND_NONE, &no, dg);

	if (err != CRM_OK)
		return err;
	if (no < KIND_USER)
		no = KIND_USER;
	while (no < KIND_LIMIT && schema_kind_no(s->schema, no))
		no++;
	if (no == KIND_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "no further kind fits: %d are "
		    "the limit",
		    KIND_LIMIT);
	set(k, values, "no", number(hold, no));
	if (text(k, values, "prefix").n == 0)
		set(k, values, "prefix",
		    free_prefix(s, text(k, values, "name"), hold));
	return CRM_OK;
}

enum crm_err
schemas_prepare(struct store *s, const struct change *c, const struct str *olds,
    struct str *values, struct buf *hold, struct diag *dg)
{
	struct plan p = {.c = c, .values = values};
	struct change planned = *c;
	enum crm_err err;

	if (s->seeding)
		return CRM_OK;
	err = check_builtin(c, olds, values, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE && !c->exact)
		err = c->kind->no == KIND_KIND
			  ? fill_kind(s, c->kind, values, hold, dg)
			  : fill_field(s, c->kind, values, hold, dg);
	if (err == CRM_OK)
		err = c->kind->no == KIND_KIND
			  ? check_kind(s, c, olds, values, dg)
			  : check_field(s, c, olds, values, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE && c->id.num == 0)
		err = next_id(s, c->kind->no, &planned.id.num, dg);
	planned.id.kind = c->kind->no;
	p.c = &planned;
	if (c->op == CHANGE_DELETE && c->kind->no == KIND_KIND)
		p.gone = text(c->kind, olds, "name");
	return err == CRM_OK ? compile(s, &p, dg) : err;
}

/* ---- after it was written --------------------------------------------- */

static bool
same_choices(const struct field *a, const struct field *b)
{
	bool same = a->nchoices == b->nchoices;

	for (size_t i = 0; same && i < a->nchoices; i++)
		same = str_eq(a->choices[i].name, b->choices[i].name) &&
		       a->choices[i].closed == b->choices[i].closed;
	return same;
}

/* The fields of a deleted kind go with it. */
static enum crm_err
drop_fields(struct store *s, struct str kind, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, KIND_FIELD);
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	struct plan p = {.gone = kind};
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true;

	s->seeding = true;
	while (err == CRM_OK) {
		struct change c = {.op = CHANGE_DELETE, .kind = k};
		struct record r;

		err = scan_next(sc, &c.id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK &&
		    of_gone_kind(&p,
			row_get(&r.row, schema_field(k, STR("name"))->slot)))
			err = store_apply(s, &c, dg);
	}
	s->seeding = false;
	scan_close(sc);
	return err;
}

enum crm_err
schemas_changed(struct store *s, const struct change *c, const struct str *olds,
    const struct str *values, struct diag *dg)
{
	const struct kind *k = c->kind;
	const struct field *was = NULL, *is = NULL;
	struct buf gone = {0};
	enum crm_err err;

	if (s->seeding)
		return CRM_OK;
	if (k->no == KIND_FIELD)
		was = field_now(s, k, olds);
	else if (c->op == CHANGE_DELETE)
		buf_add(&gone, text(k, olds, "name"));
	err = install(s, s->planned, dg);
	s->planned = NULL;
	if (err == CRM_OK)
		err = save(s, dg);
	if (err == CRM_OK && c->op == CHANGE_CREATE)
		err = given_note(s, k, values, dg);
	if (err == CRM_OK && k->no == KIND_FIELD)
		is = field_now(s, k, values);
	if (err == CRM_OK && was && is && is->slot != SLOT_NONE) {
		if (!same_choices(was, is) ||
		    (str_is(is->name, "currency") &&
			!str_eq(was->fallback, is->fallback)))
			err = rebuild_all(s, dg);
		else if ((was->index || was->unique) !=
			 (is->index || is->unique))
			err = rebuild_index(s, is, dg);
	}
	if (err == CRM_OK && gone.n > 0)
		err = table_empty(s,
		    table_of(
			s, TABLE_WORDS, small(k, olds, "no", KIND_NONE), 0),
		    dg);
	if (err == CRM_OK && gone.n > 0)
		err = drop_fields(s, str_of(&gone), dg);
	buf_clear(&gone);
	return err;
}
