/* SPDX-License-Identifier: ISC */
/* schemas_seed: the default schema becomes records of a new store. */
#include "base/num.h"
#include "model/schema_default.h"
#include "store/schemas.h"

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

/* In a fresh environment that nobody else sees yet: no lock is needed. */
enum crm_err
schemas_seed(struct store *s, struct diag *dg)
{
	struct kind_def kd;
	struct field_def fd;
	enum crm_err err = schemas_start(s, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	rc = mdb_txn_begin(s->env, NULL, 0, &s->wtxn);
	if (rc != 0)
		return env_fail(s, rc, "making the store", dg);
	s->epoch++;
	s->seeding = s->unborn = true;
	s->bulk = s->broken = false;
	err = schemas_put_format(s, dg);
	if (err == CRM_OK)
		err = schemas_save(s, dg);
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
