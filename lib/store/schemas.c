/* SPDX-License-Identifier: ISC */
/*
 * schemas: the compiled form of the schema, made from the records of kinds and
 * fields and kept in the meta table, so that a start parses no texts.
 */
#include "store/schemas.h"

#include "base/num.h"
#include "model/schema_default.h"

static const char *const key_schema = "schema", *const key_format = "format";

/* ---- the one in use --------------------------------------------------- */

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

/* ---- kept ------------------------------------------------------------- */

enum crm_err
schemas_put_format(struct store *s, struct diag *dg)
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

enum crm_err
schemas_start(struct store *s, struct diag *dg)
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
		return schemas_start(s, dg);
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

enum crm_err
schemas_save(struct store *s, struct diag *dg)
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

/* ---- from records ----------------------------------------------------- */

struct str
schemas_text(const struct kind *k, const struct str *values, const char *name)
{
	const struct field *f = schema_field(k, str_from(name));

	return f && f->slot < k->nslots ? values[f->slot] : (struct str){0};
}

uint16_t
schemas_small(const struct kind *k, const struct str *values, const char *name,
    uint16_t none)
{
	uint64_t v;

	return num_u64(schemas_text(k, values, name), &v) && v < UINT16_MAX
		   ? (uint16_t)v
		   : none;
}

bool
schemas_flag(const struct kind *k, const struct str *values, const char *name)
{
	return str_is(schemas_text(k, values, name), "yes");
}

static enum crm_err
add_kind(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	struct kind_def d = {.name = schemas_text(k, values, "name"),
	    .prefix = schemas_text(k, values, "prefix"),
	    .label = schemas_text(k, values, "label"),
	    .columns = schemas_text(k, values, "columns"),
	    .num = num,
	    .no = schemas_small(k, values, "no", KIND_NONE)};

	return schema_add_kind(to, &d, dg);
}

static enum crm_err
add_field(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	struct field_def d = {.name = schemas_text(k, values, "name"),
	    .type = schemas_text(k, values, "type"),
	    .label = schemas_text(k, values, "label"),
	    .fallback = schemas_text(k, values, "fallback"),
	    .ref = schemas_text(k, values, "ref"),
	    .values = schemas_text(k, values, "values"),
	    .closed = schemas_text(k, values, "closed"),
	    .num = num,
	    .slot = schemas_small(k, values, "slot", SLOT_NONE),
	    .derived = schemas_small(k, values, "derived", DERIVED_NONE),
	    .list = schemas_flag(k, values, "list"),
	    .unique = schemas_flag(k, values, "unique"),
	    .index = schemas_flag(k, values, "index") ||
		     schemas_flag(k, values, "unique"),
	    .sensitive = schemas_flag(k, values, "sensitive"),
	    .automatic = schemas_flag(k, values, "automatic")};

	return schema_add_field(to, &d, dg);
}

enum crm_err
schemas_add(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg)
{
	return k->no == KIND_KIND ? add_kind(to, k, num, values, dg)
				  : add_field(to, k, num, values, dg);
}

bool
schemas_goes(const struct schemas_plan *p, struct str name)
{
	return p->gone.n > 0 && name.n > p->gone.n &&
	       name.p[p->gone.n] == '.' && str_starts(name, p->gone);
}

/* Adds one stored record, or what the plan makes of it. */
static enum crm_err
add_stored(struct schema *to, const struct schemas_plan *p,
    const struct record *r, struct diag *dg)
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
	if (schemas_goes(p, schemas_text(r->kind, v, "name")))
		return CRM_OK;
	return add_field(to, r->kind, r->id.num, v, dg);
}

static enum crm_err
add_all(struct store *s, struct schema *to, uint16_t no,
    const struct schemas_plan *p, struct diag *dg)
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

enum crm_err
schemas_compile(struct store *s, const struct schemas_plan *p, struct diag *dg)
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

enum crm_err
schemas_adopt(struct store *s, struct diag *dg)
{
	enum crm_err err = install(s, s->planned, dg);

	s->planned = NULL;
	return err == CRM_OK ? schemas_save(s, dg) : err;
}
