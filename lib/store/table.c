/* SPDX-License-Identifier: ISC */
/* table: the named databases of the environment, opened when first used. */
#include "base/num.h"
#include "store/priv.h"

enum { NAME_MAX_LEN = 24 };

static size_t
hash(enum table_type type, uint16_t kind, uint16_t slot, size_t cap)
{
	uint64_t h = (uint64_t)type << 32 | (uint64_t)kind << 16 | slot;

	return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cap - 1);
}

/* The slot of the hash where the table is or would be. */
static struct table **
place(struct store *s, enum table_type type, uint16_t kind, uint16_t slot)
{
	size_t at = hash(type, kind, slot, s->tables_cap);

	for (;; at = (at + 1) & (s->tables_cap - 1)) {
		struct table *t = s->tables[at];

		if (!t ||
		    (t->type == type && t->kind == kind && t->slot == slot))
			return &s->tables[at];
	}
}

static bool
grow(struct store *s)
{
	size_t old_cap = s->tables_cap, cap = old_cap ? old_cap * 2 : 64;
	struct table **old = s->tables;
	struct table **tables = calloc(cap, sizeof(struct table *));

	if (!tables)
		return false;
	s->tables = tables;
	s->tables_cap = cap;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i])
			*place(s, old[i]->type, old[i]->kind, old[i]->slot) =
			    old[i];
	free(old);
	return true;
}

struct table *
table_find(struct store *s, enum table_type type, uint16_t kind, uint16_t slot)
{
	struct table **at;

	if (s->ntables * 2 >= s->tables_cap && !grow(s))
		return NULL;
	at = place(s, type, kind, slot);
	if (*at)
		return *at;
	*at = calloc(1, sizeof(struct table));
	if (!*at)
		return NULL;
	(*at)->type = type;
	(*at)->kind = kind;
	(*at)->slot = slot;
	s->ntables++;
	return *at;
}

/* "meta"; "r1", "f3.12": each command that starts makes some twenty. */
static void
name(const struct table *t, char out[NAME_MAX_LEN])
{
	static const struct {
		enum table_type type;
		const char *name;
	} single[] = {{TABLE_META, "meta"}, {TABLE_DUE, "due"},
	    {TABLE_JOURNAL, "journal"}, {TABLE_MENTION, "mention"},
	    {TABLE_RUN, "run"}, {TABLE_FRESH, "fresh"}};
	char *p = out;

	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		if (single[i].type == t->type) {
			memcpy(out, single[i].name, strlen(single[i].name) + 1);
			return;
		}
	}
	*p++ = (char)t->type;
	p = num_write(p, t->kind);
	if (t->type == TABLE_INDEX || t->type == TABLE_REFS) {
		*p++ = '.';
		p = num_write(p, t->slot);
	}
	*p = '\0';
}

/*
 * The order of LMDB's own comparison, in which most keys are told apart by
 * their first eight bytes, taken as a number: a search compares some twenty
 * times, and its own way calls memcmp for each.
 */
static int
compare_keys(const MDB_val *a, const MDB_val *b)
{
	const char *p = a->mv_data, *q = b->mv_data;
	size_t n = a->mv_size < b->mv_size ? a->mv_size : b->mv_size, at = 0;
	int c;

	if (n >= 8) {
		uint64_t x = num_get64((const unsigned char *)p);
		uint64_t y = num_get64((const unsigned char *)q);

		if (x != y)
			return x < y ? -1 : 1;
		at = 8;
	}
	c = n > at ? memcmp(p + at, q + at, n - at) : 0;
	if (c == 0)
		c = (a->mv_size > b->mv_size) - (a->mv_size < b->mv_size);
	return c;
}

enum crm_err
table_open(struct store *s, struct table *t, bool *there, struct diag *dg)
{
	char text[NAME_MAX_LEN];
	MDB_txn *txn;
	enum crm_err err;
	int rc;

	*there = t && t->open;
	if (!t)
		return diag_nomem(dg);
	if (t->open || t->absent)
		return CRM_OK;
	err = env_read(s, &txn, dg);
	if (err != CRM_OK || !txn)
		return err;
	name(t, text);
	rc = mdb_dbi_open(txn, text, 0, &t->dbi);
	if (rc == MDB_NOTFOUND) {
		t->absent = true;
		return CRM_OK;
	}
	if (rc == 0)
		rc = mdb_set_compare(txn, t->dbi, compare_keys);
	if (rc != 0)
		return env_fail(s, rc, "opening a table", dg);
	t->open = *there = true;
	t->fresh = s->wtxn != NULL;
	return CRM_OK;
}

enum crm_err
table_create(struct store *s, struct table *t, struct diag *dg)
{
	char text[NAME_MAX_LEN];
	int rc;

	if (!t)
		return diag_nomem(dg);
	if (t->open)
		return CRM_OK;
	name(t, text);
	rc = mdb_dbi_open(s->wtxn, text, MDB_CREATE, &t->dbi);
	if (rc == MDB_DBS_FULL)
		return diag_set(dg, CRM_DATA,
		    "too many kinds and indexed fields: the store has room "
		    "for no further table%s",
		    s->roomy ? "" : " in this step; do it in smaller ones");
	if (rc == 0)
		rc = mdb_set_compare(s->wtxn, t->dbi, compare_keys);
	if (rc != 0)
		return env_fail(s, rc, "making a table", dg);
	t->open = t->fresh = true;
	t->absent = false;
	return CRM_OK;
}

enum crm_err
table_get(struct store *s, struct table *t, struct str key, struct str *value,
    bool *found, struct diag *dg)
{
	MDB_txn *txn;
	MDB_val k = seal_val(key), v;
	enum crm_err err = table_open(s, t, found, dg);
	int rc;

	if (err != CRM_OK || !*found)
		return err;
	*found = false;
	err = env_read(s, &txn, dg);
	if (err != CRM_OK || !txn)
		return err;
	rc = mdb_get(txn, t->dbi, &k, &v);
	if (rc == MDB_NOTFOUND)
		return CRM_OK;
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	*value = seal_str(v);
	*found = true;
	return CRM_OK;
}

enum crm_err
table_put(struct store *s, struct table *t, struct str key, struct str value,
    struct diag *dg)
{
	MDB_val k = seal_val(key), v = seal_val(value);
	enum crm_err err = table_create(s, t, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	if (t->lookup)
		lookup_note(s, t, key);
	rc = mdb_put(s->wtxn, t->dbi, &k, &v, 0);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

size_t
table_share(struct store *s, const struct table *t, size_t n, size_t added)
{
	MDB_stat stat;
	size_t share;

	if (n == 0 || !t->open || mdb_stat(s->wtxn, t->dbi, &stat) != 0)
		return added;
	share = stat.ms_leaf_pages >= n
		    ? stat.ms_psize
		    : stat.ms_leaf_pages * stat.ms_psize / n;
	return share > added ? share : added;
}

enum crm_err
table_del(struct store *s, struct table *t, struct str key, struct diag *dg)
{
	MDB_val k = seal_val(key);
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err != CRM_OK || !there)
		return err;
	rc = mdb_del(s->wtxn, t->dbi, &k, NULL);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return env_fail(s, rc, "deleting", dg);
	return CRM_OK;
}

enum crm_err
table_empty(struct store *s, struct table *t, struct diag *dg)
{
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err != CRM_OK || !there)
		return err;
	t->writer = NULL;
	lookup_free(t);
	rc = mdb_drop(s->wtxn, t->dbi, 0);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

void
tables_forget(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++) {
		struct table *t = s->tables[i];

		if (!t)
			continue;
		if (t->fresh)
			t->open = false;
		t->fresh = t->absent = false;
		t->writer = NULL;
	}
}

void
tables_settle(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++) {
		struct table *t = s->tables[i];

		if (!t)
			continue;
		t->fresh = t->absent = false;
		t->writer = NULL;
	}
}

void
tables_reset(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++)
		if (s->tables[i]) {
			s->tables[i]->open = s->tables[i]->fresh = false;
			s->tables[i]->absent = false;
			s->tables[i]->writer = NULL;
		}
}

void
tables_free(struct store *s)
{
	for (size_t i = 0; i < s->tables_cap; i++) {
		if (s->tables[i])
			lookup_free(s->tables[i]);
		free(s->tables[i]);
	}
	free(s->tables);
	s->tables = NULL;
	memset(s->near, 0, sizeof(s->near));
	s->ntables = s->tables_cap = 0;
}
