/* SPDX-License-Identifier: ISC */
/* rebuild: indexes, references, due list, words and derived fields made anew
 * from the records, inside the write transaction under way. */
#include "store/priv.h"
#include "store/words_priv.h"

static enum crm_err
pend_entries(struct store *s, struct entry_set *e, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < e->n && err == CRM_OK; i++)
		err = pending_add(s, e->v[i].table, entry_key(e, i),
		    entry_value(e, i), false, dg);
	entries_reset(e);
	return err;
}

/* Files every record of the kind again: all its entries, or one field's. */
static enum crm_err
refile(struct store *s, const struct kind *k, const struct field *only,
    struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	struct entry_set e = {0};
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true;

	while (err == CRM_OK) {
		struct record r;
		struct derived d;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK && !only)
			err = owners_stored(s, id, &d, dg);
		if (err == CRM_OK)
			err = only ? entries_of_field(
					 s, k, only, id, &r.row, &e, dg)
				   : entries_of(s, k, id, &r.row, &d, &e, dg);
		if (err == CRM_OK)
			err = pend_entries(s, &e, dg);
		if (err == CRM_OK && !only)
			err = words_load(s, k, id, &r.row, dg);
	}
	scan_close(sc);
	entries_clear(&e);
	return err == CRM_OK ? pending_flush_all(s, dg) : err;
}

enum crm_err
rebuild_index(struct store *s, const struct field *f, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_INDEX, f->kind, f->slot);
	enum crm_err err = pending_flush_all(s, dg);

	if (err == CRM_OK)
		err = table_empty(s, t, dg);
	if (err != CRM_OK || !(f->index || f->unique))
		return err;
	return refile(s, schema_kind_no(s->schema, f->kind), f, dg);
}

static bool
follows_from_records(enum table_type type)
{
	return type == TABLE_INDEX || type == TABLE_REFS || type == TABLE_DUE;
}

/* Opens every table the schema may have made, so that all are emptied. */
static enum crm_err
empty_all(struct store *s, struct diag *dg)
{
	const struct kind *k = schema_kind_at(s->schema, 0);
	enum crm_err err = CRM_OK;

	if (!table_of(s, TABLE_DUE, 0, 0))
		return diag_nomem(dg);
	for (size_t i = 1; k; k = schema_kind_at(s->schema, i++))
		for (uint16_t j = 0; j < k->nslots; j++)
			if (!table_of(s, TABLE_INDEX, k->no, j) ||
			    !table_of(s, TABLE_REFS, k->no, j))
				return diag_nomem(dg);
	for (size_t i = 0; i < s->tables_cap && err == CRM_OK; i++)
		if (s->tables[i] && follows_from_records(s->tables[i]->type))
			err = table_empty(s, s->tables[i], dg);
	return err == CRM_OK ? words_empty(s, dg) : err;
}

/* An empty entry for each record of a kind. */
static enum crm_err
found_again(struct store *s, uint16_t no, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = schema_kind_no(s->schema, no),
	    .bare = true};
	struct scan *sc = NULL;
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	bool got = true;

	while (err == CRM_OK) {
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = owners_found(s, id, dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
rewrite_derived(struct store *s, struct diag *dg)
{
	static const uint16_t kinds[] = {KIND_CONTACT, KIND_ORG};
	enum crm_err err = CRM_OK;

	owners_drop(s);
	for (size_t i = 0; i < ARRAY_LEN(kinds) && err == CRM_OK; i++) {
		err =
		    table_empty(s, table_of(s, TABLE_DERIVED, kinds[i], 0), dg);
		if (err == CRM_OK)
			err = found_again(s, kinds[i], dg);
	}
	if (err == CRM_OK)
		err = owners_recount(s, &s->owners, dg);
	return err == CRM_OK ? owners_flush(s, dg) : err;
}

enum crm_err
rebuild_all(struct store *s, struct diag *dg)
{
	const struct kind *k = schema_kind_at(s->schema, 0);
	enum crm_err err = pending_flush_all(s, dg);

	if (err == CRM_OK)
		err = empty_all(s, dg);
	if (err == CRM_OK)
		err = rewrite_derived(s, dg);
	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(s->schema, i++))
		err = refile(s, k, NULL, dg);
	return err == CRM_OK ? words_flush(s, dg) : err;
}
