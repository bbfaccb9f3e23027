/* SPDX-License-Identifier: ISC */
/* recast: a table of derived fields written anew, where most of its entries
 * change: to append all of them takes less than to look for each, and the
 * pages come out full. */
#include "base/num.h"
#include "store/priv.h"

/* To change an entry takes as long as to append so many. */
enum { APPENDS = 3 };

static enum crm_err
start(struct store *s, struct recast *r, struct diag *dg)
{
	int rc = mdb_cursor_open(s->wtxn, r->table->dbi, &r->cur);

	r->on = rc == 0;
	r->op = MDB_FIRST;
	return rc == 0 ? CRM_OK : env_fail(s, rc, "reading", dg);
}

enum crm_err
recast_open(
    struct store *s, uint16_t kind, size_t n, struct recast *r, struct diag *dg)
{
	MDB_stat stat;
	bool there;
	enum crm_err err;
	int rc;

	*r = (struct recast){
	    .kind = kind, .table = table_of(s, TABLE_DERIVED, kind, 0)};
	err = table_open(s, r->table, &there, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_stat(s->wtxn, r->table->dbi, &stat);
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	if (n < stat.ms_entries / APPENDS)
		return CRM_OK;
	return start(s, r, dg);
}

/* To the next entry; *key.p is NULL behind the last one. */
static enum crm_err
step(struct store *s, struct recast *r, struct str *key, struct str *sealed,
    struct diag *dg)
{
	MDB_val k, v;
	int rc = mdb_cursor_get(r->cur, &k, &v, r->op);

	*key = *sealed = (struct str){0};
	r->op = MDB_NEXT;
	if (rc == MDB_NOTFOUND)
		return CRM_OK;
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	*key = seal_str(k);
	*sealed = seal_str(v);
	if (key->n != ID_BYTES || sealed->n > DERIVED_MAX + SEAL_BYTES)
		return env_damaged(s, "derived fields of a record", dg);
	return CRM_OK;
}

enum crm_err
recast_read(struct store *s, struct recast *r, struct id id,
    struct derived *out, struct diag *dg)
{
	unsigned char bytes[ID_BYTES];
	struct str key, sealed;
	enum crm_err err;

	id_put(id, bytes);
	while (true) {
		err = step(s, r, &key, &sealed, dg);
		if (err != CRM_OK || !key.p ||
		    memcmp(key.p, bytes, ID_BYTES) >= 0)
			break;
		err = pending_add(s, r->table, key, sealed, false, dg);
		if (err != CRM_OK)
			break;
	}
	if (err != CRM_OK)
		return err;
	if (!key.p || memcmp(key.p, bytes, ID_BYTES) != 0 ||
	    !owners_decode(r->table, key, sealed, out))
		return env_damaged(s, "derived fields of a record", dg);
	return CRM_OK;
}

enum crm_err
recast_put(struct store *s, struct recast *r, struct id id,
    const struct derived *d, struct diag *dg)
{
	unsigned char bytes[ID_BYTES];
	struct str key = {.p = (const char *)bytes, .n = ID_BYTES};
	struct buf *sealed = &s->scratch->sealed;

	id_put(id, bytes);
	owners_encode(r->table, key, d, sealed);
	if (sealed->failed)
		return diag_nomem(dg);
	return pending_add(s, r->table, key, str_of(sealed), false, dg);
}

enum crm_err
recast_close(struct store *s, struct recast *r, struct diag *dg)
{
	struct str key, sealed;
	enum crm_err err = CRM_OK;

	if (!r->on)
		return CRM_OK;
	do {
		err = step(s, r, &key, &sealed, dg);
		if (err == CRM_OK && key.p)
			err = pending_add(s, r->table, key, sealed, false, dg);
	} while (err == CRM_OK && key.p);
	mdb_cursor_close(r->cur);
	r->on = false;
	if (err == CRM_OK)
		err = table_empty(s, r->table, dg);
	return err == CRM_OK ? pending_flush(s, r->table, dg) : err;
}
