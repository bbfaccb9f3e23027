/* SPDX-License-Identifier: ISC */
/* journal_schema: the schema as it was. */
#include "base/num.h"
#include "store/priv.h"

/* Is a key of the table, behind the kind's number, of a transaction after
 * TXN? AT is where the transaction stands in the key. */
static enum crm_err
any_after(struct store *s, enum table_type type, uint16_t kind, size_t at,
    uint64_t txn, bool *any, struct diag *dg)
{
	struct table *t = table_of(s, type, 0, 0);
	unsigned char key[MENTION_KEY] = {0};
	MDB_val k = {.mv_data = key, .mv_size = sizeof(key)}, v;
	MDB_cursor *cur = NULL;
	MDB_txn *in;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &in, dg);
	if (err != CRM_OK || !there)
		return err;
	num_put16(key, kind);
	rc = mdb_cursor_open(in, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && !*any && k.mv_size >= at + 8 &&
	       num_get16(k.mv_data) == kind) {
		*any = num_get64((unsigned char *)k.mv_data + at) > txn;
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == 0 || rc == MDB_NOTFOUND ? CRM_OK
					     : env_fail(s, rc, "reading", dg);
}

static enum crm_err
add_then(struct store *s, struct schema *to, uint16_t no, uint64_t txn,
    struct buf *hold, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, no);
	struct id id = {.kind = no};
	uint64_t next;
	enum crm_err err;

	next_forget(s, no);
	err = next_id(s, no, &next, dg);
	for (id.num = 1; err == CRM_OK && id.num < next; id.num++) {
		struct str values[SLOT_LIMIT] = {{0}}, value;
		unsigned at = 0, slot;
		struct row row;
		bool there;

		err = journal_row(s, id, txn, hold, &row, &there, dg);
		if (err != CRM_OK || !there)
			continue;
		while (row_each(&row, &at, &slot, &value))
			if (slot < SLOT_LIMIT)
				values[slot] = value;
		err = schemas_add(to, k, id.num, values, dg);
	}
	return err;
}

enum crm_err
journal_schema(struct store *s, uint64_t txn, bool *changed,
    struct schema **out, struct diag *dg)
{
	static const uint16_t kinds[] = {KIND_KIND, KIND_FIELD};
	struct buf hold = {0};
	enum crm_err err = CRM_OK;

	*changed = false;
	*out = NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && err == CRM_OK; i++) {
		err = any_after(
		    s, TABLE_MENTION, kinds[i], 2 + ID_BYTES, txn, changed, dg);
		if (err == CRM_OK)
			err = any_after(
			    s, TABLE_RUN, kinds[i], 10, txn, changed, dg);
	}
	if (err != CRM_OK || !*changed)
		return err;
	*out = schema_new();
	if (!*out)
		return diag_nomem(dg);
	for (size_t i = 0; i < ARRAY_LEN(kinds) && err == CRM_OK; i++)
		err = add_then(s, *out, kinds[i], txn, &hold, dg);
	if (err == CRM_OK)
		err = schema_finish(*out, dg);
	if (err != CRM_OK) {
		schema_free(*out);
		*out = NULL;
	}
	buf_clear(&hold);
	return err;
}
