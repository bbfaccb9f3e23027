/* SPDX-License-Identifier: ISC */
/* journal_check: the journal against itself, against the tables that find its
 * entries, and against the records: what it says came last is there. */
#include "base/num.h"
#include "store/priv.h"

struct check {
	struct verify *v;
	struct store *s;
	uint64_t first; /* what is left of those before is on its way out */
	uint64_t txn;	/* under way; 0: none yet */
	uint32_t chunk, chunks;
	uint64_t changes, seen; /* said and found */
	uint64_t mentions;	/* that the journal calls for */
	uint64_t in_runs;	/* ids in runs */
};

static void
broken(struct check *c, const char *what)
{
	verify_fault(
	    c->v, "transaction %llu: %s", (unsigned long long)c->txn, what);
}

static bool
has_key(
    struct store *s, enum table_type type, const unsigned char *key, size_t n)
{
	struct diag dg = {0};
	struct str value;
	bool found = false;

	if (table_get(s, table_of(s, type, 0, 0),
		(struct str){.p = (const char *)key, .n = n}, &value, &found,
		&dg) != CRM_OK)
		found = false;
	diag_clear(&dg);
	return found;
}

/* Is anything mentioned that begins so? */
static bool
has_prefix(struct store *s, unsigned char *key, size_t n)
{
	struct table *t = table_of(s, TABLE_MENTION, 0, 0);
	struct diag dg = {0};
	MDB_cursor *cur = NULL;
	MDB_txn *txn;
	MDB_val k = {.mv_data = key, .mv_size = MENTION_KEY}, v;
	bool there = false, yes = false;

	if (table_open(s, t, &there, &dg) == CRM_OK && there &&
	    env_read(s, &txn, &dg) == CRM_OK &&
	    mdb_cursor_open(txn, t->dbi, &cur) == 0) {
		yes = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE) == 0 &&
		      k.mv_size == MENTION_KEY &&
		      memcmp(k.mv_data, key, n) == 0;
		mdb_cursor_close(cur);
	}
	diag_clear(&dg);
	return yes;
}

/* ---- the journal, piece by piece -------------------------------------- */

static void
end_txn(struct check *c)
{
	if (c->txn == 0)
		return;
	if (c->chunk != c->chunks)
		broken(c, "a piece of it is missing in the journal");
	else if (c->seen != c->changes)
		broken(c, "it has more or fewer changes than it says");
}

static void
check_head(struct check *c, uint64_t txn, struct str bytes)
{
	struct journal_head h;
	uint64_t before = c->txn;

	end_txn(c);
	c->txn = txn;
	c->chunk = c->chunks = 0;
	c->seen = c->changes = 0;
	if (before != 0 && txn != before + 1)
		broken(c, "the one before it is missing in the journal");
	if (!journal_get_head(bytes, &h, &c->chunks))
		broken(c, "its head in the journal is damaged");
	else
		c->changes = h.changes;
}

static void
check_chunk(struct check *c, struct str bytes)
{
	struct journal_entry e;

	while (bytes.n > 0) {
		unsigned char key[MENTION_KEY];

		if (!journal_get(&bytes, &e)) {
			broken(c, "a piece of it in the journal is damaged");
			return;
		}
		c->seen += e.count;
		if (e.op == ENTRY_RUN) {
			c->in_runs += e.count;
			continue;
		}
		journal_mention_key(e.id, c->txn, c->chunk, key);
		c->mentions++;
		if (!has_key(c->s, TABLE_MENTION, key, MENTION_KEY))
			broken(c, "a change of it is not found by its record");
	}
}

static void
check_piece(struct check *c, struct table *t, struct str key, struct str sealed)
{
	const unsigned char *k = (const unsigned char *)key.p;
	struct str bytes;
	uint64_t txn = key.n == JOURNAL_KEY ? num_get64(k) : 0;
	uint32_t chunk = txn ? num_get32(k + 8) : 0;

	if (txn == 0) {
		verify_fault(c->v, "the journal has a key that is none");
		return;
	}
	/* Pieces without a head are on their way out. */
	if (chunk != 0 && (c->txn == 0 || txn != c->txn)) {
		if (c->txn != 0)
			broken(c, "the next one has no head in the journal");
		return;
	}
	if (!seal_check(t, key, sealed, &bytes)) {
		if (chunk == 0)
			check_head(c, txn, bytes = (struct str){0});
		else
			broken(c, "a piece of it in the journal is damaged");
		c->chunk = chunk;
		return;
	}
	if (chunk == 0) {
		check_head(c, txn, bytes);
		return;
	}
	if (chunk != c->chunk + 1)
		broken(c, "a piece of it is missing in the journal");
	c->chunk = chunk;
	check_chunk(c, bytes);
}

/* Calls FN for every entry of a table, in order. */
static enum crm_err
each_entry(struct check *c, enum table_type type, uint64_t *count,
    void (*fn)(struct check *c, struct table *t, struct str k, struct str v),
    struct diag *dg)
{
	struct table *t = table_of(c->s, type, 0, 0);
	MDB_cursor *cur = NULL;
	MDB_txn *txn;
	MDB_val k, v;
	bool there;
	enum crm_err err = table_open(c->s, t, &there, dg);
	int rc;

	*count = 0;
	if (err == CRM_OK)
		err = env_read(c->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	for (; rc == 0; rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT)) {
		(*count)++;
		fn(c, t, seal_str(k), seal_str(v));
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == MDB_NOTFOUND ? CRM_OK : env_fail(c->s, rc, "reading", dg);
}

/* ---- the tables that find its entries --------------------------------- */

/* A new record that no change is known of must be there. */
static void
check_new(struct check *c, struct id id)
{
	unsigned char key[MENTION_KEY];
	struct buf name = {0};

	if (store_has(c->s, id) || !schema_kind_no(c->s->schema, id.kind))
		return;
	journal_mention_key(id, 0, 0, key);
	if (has_prefix(c->s, key, 2 + ID_BYTES))
		return;
	id_print(c->s->schema, id, &name);
	verify_fault(
	    c->v, "%s: gone, and the journal does not say how", buf_z(&name));
	buf_clear(&name);
}

static void
check_run(struct check *c, struct table *t, struct str key, struct str value)
{
	const unsigned char *k = (const unsigned char *)key.p;
	uint64_t n;

	(void)t;
	if (key.n != RUN_KEY || value.n != 5 ||
	    (unsigned char)value.p[0] < k[RUN_KEY - 1]) {
		verify_fault(c->v, "a run of new ids is damaged");
		return;
	}
	if (num_get64(k + 10) < c->first)
		return;
	n = (uint64_t)((unsigned char)value.p[0] - k[RUN_KEY - 1]) + 1;
	if (n > c->in_runs)
		verify_fault(c->v, "a run of new ids is not in the journal");
	c->in_runs -= n < c->in_runs ? n : c->in_runs;
	for (uint64_t i = 0; i < n; i++)
		check_new(c, (struct id){.kind = num_get16(k),
				 .num = num_get64(k + 2) * RUN_BLOCK +
					k[RUN_KEY - 1] + i});
}

/* ---- the journal against the records ---------------------------------- */

static bool
same_row(const struct row *a, const struct row *b)
{
	unsigned at = 0, bt = 0, i = 0, k = 0;
	struct str x = {0}, y = {0};
	bool more;

	do {
		more = row_each(a, &at, &i, &x);
		if (more != row_each(b, &bt, &k, &y))
			return false;
		if (more && (i != k || !str_eq(x, y)))
			return false;
	} while (more);
	return true;
}

/* One record on its way through the journal. */
struct trail {
	struct id id;
	struct buf name, left; /* left: the row that the last change left */
	struct row row;
	bool known, there;
};

static void
differs(struct check *c, const struct trail *t, uint64_t txn, const char *what)
{
	verify_fault(c->v, "%s: transaction %llu found %s", buf_z(&t->name),
	    (unsigned long long)txn, what);
}

static enum crm_err
trail_step(struct check *c, struct trail *t, const struct journal *j,
    const struct journal_change *ch, struct diag *dg)
{
	uint64_t txn = journal_head(j)->txn;

	if (t->known && t->there && ch->op == CHANGE_CREATE)
		differs(c, t, txn, "it there, and made it");
	else if (t->known && !t->there && ch->op != CHANGE_CREATE)
		differs(c, t, txn, "it there, where it had been deleted");
	else if (t->known && t->there && !same_row(&t->row, &ch->before))
		differs(c, t, txn, "other values than the one before it left");
	t->known = true;
	t->there = ch->op != CHANGE_DELETE;
	buf_reset(&t->left);
	if (!t->there)
		return CRM_OK;
	buf_add(&t->left, journal_bytes(j));
	return !t->left.failed && row_open(str_of(&t->left), &t->row)
		   ? CRM_OK
		   : diag_nomem(dg);
}

/* The record must be what the last change left. */
static enum crm_err
trail_end(struct check *c, const struct trail *t, struct diag *dg)
{
	struct record r;
	enum crm_err err;

	if (!t->known || !schema_kind_no(c->s->schema, t->id.kind))
		return CRM_OK;
	err = record_read(c->s, t->id, &r, dg);
	if (err == CRM_NO && t->there)
		verify_fault(c->v, "%s: gone, and the journal does not say how",
		    buf_z(&t->name));
	else if (err == CRM_OK && !t->there)
		verify_fault(c->v,
		    "%s: there, and the journal says it was deleted",
		    buf_z(&t->name));
	else if (err == CRM_OK && !same_row(&t->row, &r.row))
		verify_fault(c->v, "%s: not what the journal says it is",
		    buf_z(&t->name));
	if (err != CRM_NO && err != CRM_CONFIG)
		return err;
	diag_clear(dg); /* a damaged record is reported with its kind */
	return CRM_OK;
}

/* Each change must find what the one before it left. */
static enum crm_err
follow(struct check *c, struct journal *j, struct trail *t, struct diag *dg)
{
	struct journal_change ch;
	bool got = true;
	enum crm_err err = journal_of(j, t->id, 0, UINT64_MAX, false, dg);

	t->known = t->there = false;
	buf_reset(&t->name);
	id_print(c->s->schema, t->id, &t->name);
	while (err == CRM_OK) {
		err = journal_next(j, &ch, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = trail_step(c, t, j, &ch, dg);
	}
	if (err == CRM_CONFIG) {
		verify_fault(c->v, "%s: %s", buf_z(&t->name), diag_text(dg));
		diag_clear(dg);
		return CRM_OK;
	}
	return err == CRM_OK ? trail_end(c, t, dg) : err;
}

static enum crm_err
follow_all(struct check *c, struct diag *dg)
{
	struct table *table = table_of(c->s, TABLE_MENTION, 0, 0);
	struct journal *j = NULL;
	struct trail t = {0};
	MDB_cursor *cur = NULL;
	MDB_txn *txn;
	MDB_val k, v;
	bool there;
	int rc = 0;
	enum crm_err err = table_open(c->s, table, &there, dg);

	if (err == CRM_OK)
		err = env_read(c->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	err = journal_open(&j, c->s, false, dg);
	if (err == CRM_OK)
		rc = mdb_cursor_open(txn, table->dbi, &cur);
	if (err == CRM_OK && rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	for (; err == CRM_OK && rc == 0;
	     rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT)) {
		struct id id = {0};
		const unsigned char *p = k.mv_data;

		if (k.mv_size == MENTION_KEY) {
			id = id_get(num_get16(p), p + 2);
			if (num_get64(p + 2 + ID_BYTES) < c->first)
				continue;
		}
		c->mentions++;
		if (id_eq(id, t.id))
			continue;
		t.id = id;
		err = follow(c, j, &t, dg);
	}
	if (cur)
		mdb_cursor_close(cur);
	journal_close(j);
	buf_clear(&t.name);
	buf_clear(&t.left);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(c->s, rc, "reading", dg);
	return err;
}

enum crm_err
journal_verify(struct store *s, struct verify *v, struct diag *dg)
{
	struct check c = {.v = v, .s = s};
	struct journal_state state;
	uint64_t n, called;
	enum crm_err err = journal_state(s, &state, dg);

	if (err == CRM_CONFIG) {
		verify_fault(v, "%s", diag_text(dg));
		diag_clear(dg);
		return CRM_OK;
	}
	c.first = state.first ? state.first : UINT64_MAX;
	if (err == CRM_OK)
		err = each_entry(&c, TABLE_JOURNAL, &n, check_piece, dg);

	end_txn(&c);
	c.txn = 0;
	called = c.mentions;
	if (err == CRM_OK)
		err = each_entry(&c, TABLE_RUN, &n, check_run, dg);
	if (err == CRM_OK && c.in_runs != 0)
		verify_fault(v,
		    "the journal has %llu new ids that are not found by their "
		    "record",
		    (unsigned long long)c.in_runs);
	c.mentions = 0;
	if (err == CRM_OK)
		err = follow_all(&c, dg);
	if (err == CRM_OK && c.mentions > called)
		verify_fault(v, "the journal is said to have %llu more changes",
		    (unsigned long long)(c.mentions - called));
	return err;
}
