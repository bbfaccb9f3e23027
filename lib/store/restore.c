/* SPDX-License-Identifier: ISC */
/* restore: complete records into a new store. */
#include "store/restore.h"

#include "store/schemas.h"

enum crm_err
restore_begin(struct store *s, const struct change_origin *who, struct diag *dg)
{
	enum crm_err err;

	if (!store_missing(s))
		return diag_set(dg, CRM_DATA,
		    "%s: there is a store already; name a new place", s->path);
	err = store_begin(s, who, true, dg);
	if (err == CRM_OK)
		err =
		    table_empty(s, table_of(s, TABLE_RECORD, KIND_KIND, 0), dg);
	if (err == CRM_OK)
		err = table_empty(
		    s, table_of(s, TABLE_RECORD, KIND_FIELD, 0), dg);
	return err;
}

enum crm_err
restore_schema(struct store *s, struct diag *dg)
{
	struct change none = {.kind = schema_kind_no(s->schema, KIND_KIND)};
	struct schemas_plan p = {.c = &none};
	const struct kind *k;
	enum crm_err err;

	none.op = CHANGE_UPDATE; /* of nothing */
	err = schemas_compile(s, &p, dg);
	if (err == CRM_OK)
		err = schemas_adopt(s, dg);
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
restore_used(
    struct store *s, const struct kind *k, uint64_t highest, struct diag *dg)
{
	uint64_t next;
	enum crm_err err = next_id(s, k->no, &next, dg);

	if (err == CRM_OK && highest >= next)
		next_set(s, k->no, highest + 1);
	return err;
}

enum crm_err
restore_put(struct store *s, struct id id, const struct str *values, size_t n,
    struct diag *dg)
{
	struct buf *row = &s->scratch->after;
	const struct kind *k = schema_kind_no(s->schema, id.kind);
	struct buf text = {0};
	enum crm_err err;

	if (!k || !s->wtxn || !s->birth)
		return diag_set(dg, CRM_BUG, "restore of no kind");
	buf_reset(row);
	row_encode(values, n, row);
	if (row->failed)
		return diag_nomem(dg);
	if (row->n > CRM_RECORD_MAX)
		return diag_set(dg, CRM_DATA,
		    "the record has %zu bytes; at most %d fit", row->n,
		    CRM_RECORD_MAX);
	/* Mostly they come in order: then it is not there. */
	if ((id_cmp(id, s->restored) <= 0 || s->restored.kind != id.kind) &&
	    store_has(s, id)) {
		id_print(s->schema, id, &text);
		diag_set(dg, CRM_DATA, "%s is there already", buf_z(&text));
		buf_clear(&text);
		return CRM_DATA;
	}
	s->restored = id;
	err = record_put(s, id, str_of(row), true, dg);
	return err == CRM_OK ? restore_used(s, k, id.num, dg) : err;
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

/* Commits to where the store is made: reading there is faster than inside a
 * transaction as large as the store. */
static enum crm_err
commit_unproven(struct store *s, struct diag *dg)
{
	enum crm_err err;

	s->unproven = true;
	err = store_commit(s, dg);
	s->unproven = false;
	return err;
}

enum crm_err
restore_end(struct store *s, uint64_t txn,
    void (*found)(void *arg, const char *line), void *arg, struct diag *dg)
{
	struct journal_state j = {.last = txn};
	uint64_t faults = 0;
	enum crm_err err = rebuild_all(s, dg);

	if (err == CRM_OK)
		err = journal_configure(s, &j, dg);
	if (err != CRM_OK) {
		store_abort(s);
		return err;
	}
	err = commit_unproven(s, dg);
	if (err == CRM_OK)
		err = verify_records(s, found, arg, &faults, dg);
	if (err == CRM_OK && faults > 0)
		err = diag_set(dg, CRM_CONFIG,
		    "%s: not made: its records do not fit together (%llu "
		    "faults)",
		    s->path, (unsigned long long)faults);
	store_pause(s);
	if (err == CRM_OK)
		err = env_settle(s, dg);
	else
		env_discard(s);
	return err;
}
