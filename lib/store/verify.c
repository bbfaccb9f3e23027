/* SPDX-License-Identifier: ISC */
/* verify: the store against itself. Reads everything, changes nothing. */
#include "base/num.h"
#include "model/value.h"
#include "store/priv.h"
#include "store/words_priv.h"

#include <errno.h>
#include <stdarg.h>

struct verify {
	struct store *s;
	void (*found)(void *arg, const char *line);
	void *arg;
	uint64_t *faults;
	bool only_records; /* what is made of them was made just now */
	struct entry_set entries;
	/* Entries that the records call for, by table. */
	struct expected {
		struct table *table;
		uint64_t n;
	} * want;
	size_t nwant, cap;
	struct buf line;
};

void
verify_fault(struct verify *v, const char *fmt, ...)
{
	struct diag text = {0};
	va_list ap;
	char *p;
	int n;

	(*v->faults)++;
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	buf_reset(&v->line);
	p = n > 0 ? buf_room(&v->line, (size_t)n) : NULL;
	if (!p)
		return;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	v->line.n = (size_t)n;
	diag_set(&text, CRM_CONFIG, "%s", buf_z(&v->line));
	v->found(v->arg, diag_text(&text));
	diag_clear(&text);
}

/* ID as text; valid until the next call of verify_fault. */
static const char *
id_text(struct verify *v, struct id id, struct buf *out)
{
	buf_reset(out);
	id_print(v->s->schema, id, out);
	return buf_z(out);
}

static bool
expect(struct verify *v, struct table *t)
{
	struct expected *want;

	for (size_t i = 0; i < v->nwant; i++)
		if (v->want[i].table == t) {
			v->want[i].n++;
			return true;
		}
	if (v->nwant == v->cap) {
		v->cap = v->cap ? v->cap * 2 : 64;
		want = realloc(v->want, v->cap * sizeof(*want));
		if (!want)
			return false;
		v->want = want;
	}
	v->want[v->nwant++] = (struct expected){.table = t, .n = 1};
	return true;
}

/* ---- one record ------------------------------------------------------- */

static enum crm_err
check_entries(struct verify *v, struct id id, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err = CRM_OK;

	entries_sort(&v->entries);
	for (size_t i = 0; i < v->entries.n && err == CRM_OK; i++) {
		struct table *t = v->entries.v[i].table;
		struct str value;
		bool there;

		/* Two items may fold to one key. */
		if (i > 0 && t == v->entries.v[i - 1].table &&
		    str_eq(entry_key(&v->entries, i),
			entry_key(&v->entries, i - 1)))
			continue;
		if (!expect(v, t))
			err = diag_nomem(dg);
		if (err == CRM_OK)
			err = table_get(v->s, t, entry_key(&v->entries, i),
			    &value, &there, dg);
		if (err == CRM_OK && !there)
			verify_fault(v, "%s: missing from table %c%u.%u",
			    id_text(v, id, &text), (char)t->type, t->kind,
			    t->slot);
		else if (err == CRM_OK &&
			 !str_eq(value, entry_value(&v->entries, i)))
			verify_fault(v, "%s: another amount in table %c%u.%u",
			    id_text(v, id, &text), (char)t->type, t->kind,
			    t->slot);
	}
	buf_clear(&text);
	return err;
}

static void
check_refs(struct verify *v, const struct record *r, const struct field *f,
    struct str value)
{
	struct buf text = {0};
	struct str rest = value;

	while (rest.p) {
		struct str item = value_item(f, &rest);
		struct id id;

		if (!id_parse(v->s->schema, item, &id) || !store_has(v->s, id))
			verify_fault(v,
			    "%s: %.*s names %.*s, which is not there",
			    id_text(v, r->id, &text), STR_ARG(f->name),
			    STR_ARG(item));
	}
	buf_clear(&text);
}

static enum crm_err
check_unique(struct verify *v, const struct record *r, const struct field *f,
    struct str value, struct diag *dg)
{
	struct buf text = {0};
	struct str rest = value;
	enum crm_err err = CRM_OK;

	while (rest.p && err == CRM_OK) {
		struct str item = value_item(f, &rest);
		struct id ids[2];
		size_t n;

		err = store_find(v->s, f, item, STORE_EXACT, ids, 2, &n, dg);
		if (err == CRM_OK && n > 1)
			verify_fault(v, "%s: '%.*s' of %.*s is not unique",
			    id_text(v, r->id, &text), STR_ARG(item),
			    STR_ARG(f->name));
	}
	buf_clear(&text);
	return err;
}

/* What the record says by itself: every value has a field, every reference
 * names something. */
static enum crm_err
check_values(struct verify *v, const struct record *r, struct diag *dg)
{
	struct buf text = {0};
	unsigned at = 0, slot;
	struct str value;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK && row_each(&r->row, &at, &slot, &value)) {
		const struct field *f =
		    slot < r->kind->nslots ? r->kind->slots[slot] : NULL;

		if (!f)
			verify_fault(v,
			    "%s: a value in slot %u, which no field has",
			    id_text(v, r->id, &text), slot);
		else if (f->type == TYPE_REF)
			check_refs(v, r, f, value);
		else if (f->unique && !v->only_records)
			err = check_unique(v, r, f, value, dg);
	}
	buf_clear(&text);
	return err;
}

static enum crm_err
check_record(struct verify *v, const struct record *r, struct diag *dg)
{
	struct derived d;
	struct buf text = {0};
	enum crm_err err;

	if (v->only_records)
		return check_values(v, r, dg);
	err = owners_stored(v->s, r->id, &d, dg);
	if (err == CRM_CONFIG) {
		verify_fault(v, "%s: derived fields are damaged",
		    id_text(v, r->id, &text));
		d = (struct derived){0};
		err = CRM_OK;
	}
	/* The way down to a page may be wrong where the page is not. */
	if (!store_has(v->s, r->id))
		verify_fault(v, "%s: a walk meets it, a look-up does not",
		    id_text(v, r->id, &text));
	if (err == CRM_OK)
		err = check_values(v, r, dg);
	entries_reset(&v->entries);
	if (err == CRM_OK)
		err = entries_of(
		    v->s, r->kind, r->id, &r->row, &d, &v->entries, dg);
	if (err == CRM_OK)
		err = check_entries(v, r->id, dg);
	buf_clear(&text);
	return err;
}

/*
 * Two records with one value stand side by side in the index: cheaper than to
 * look each value up. What only folds alike is told apart by the values.
 */
static enum crm_err
check_neighbours(struct verify *v, const struct field *f, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_INDEX, .field = f, .bare = true};
	struct buf last = {0};
	struct scan *sc = NULL;
	bool got = true;
	enum crm_err err = scan_open(&sc, v->s, &spec, dg);

	while (err == CRM_OK) {
		struct record r;
		struct id id;
		bool same;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		same = last.n > 0 && str_eq(str_of(&last), scan_key(sc));
		buf_reset(&last);
		buf_add(&last, scan_key(sc));
		if (last.failed)
			err = diag_nomem(dg);
		if (!same || err != CRM_OK)
			continue;
		err = record_read(v->s, id, &r, dg);
		if (err == CRM_OK)
			err = check_unique(
			    v, &r, f, row_get(&r.row, f->slot), dg);
	}
	scan_close(sc);
	buf_clear(&last);
	return err;
}

static enum crm_err
check_uniques(struct verify *v, const struct kind *k, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < k->nslots && err == CRM_OK; i++)
		if (k->slots[i] && k->slots[i]->unique)
			err = check_neighbours(v, k->slots[i], dg);
	return err;
}

/* ---- a kind ----------------------------------------------------------- */

static enum crm_err
check_kind(struct verify *v, const struct kind *k, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	struct id id = {0};
	uint64_t next = 0, top = 0;
	enum crm_err err = scan_open(&sc, v->s, &spec, dg);
	bool got = true;

	while (err == CRM_OK) {
		struct record r;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		if (id.num > top)
			top = id.num;
		err = scan_record(sc, &r, dg);
		if (err == CRM_OK)
			err = check_record(v, &r, dg);
		if (err == CRM_CONFIG) {
			verify_fault(v, "%s", diag_text(dg));
			diag_clear(dg);
			err = CRM_OK;
		}
	}
	scan_close(sc);
	next_forget(v->s, k->no);
	if (err == CRM_OK)
		err = next_id(v->s, k->no, &next, dg);
	next_forget(v->s, k->no);
	if (err == CRM_OK && top >= next)
		verify_fault(v,
		    "%.*s: the counter of ids is at %llu, below %llu",
		    STR_ARG(k->name), (unsigned long long)next,
		    (unsigned long long)top);
	return err;
}

/* ---- entries that no record calls for --------------------------------- */

static bool
called_for(struct verify *v, struct table *t, struct str key, struct id id)
{
	struct diag dg = {0};
	struct record r;
	struct derived d;
	bool yes = false;

	entries_reset(&v->entries);
	if (record_read(v->s, id, &r, &dg) == CRM_OK &&
	    owners_stored(v->s, id, &d, &dg) == CRM_OK &&
	    entries_of(v->s, r.kind, id, &r.row, &d, &v->entries, &dg) ==
		CRM_OK)
		for (size_t i = 0; i < v->entries.n && !yes; i++)
			yes = v->entries.v[i].table == t &&
			      str_eq(entry_key(&v->entries, i), key);
	diag_clear(&dg);
	return yes;
}

static struct id
entry_id(const struct table *t, struct str key)
{
	const unsigned char *k = (const unsigned char *)key.p;
	uint16_t kind = t->kind;

	if (key.n < ID_BYTES)
		return (struct id){0};
	if (t->type == TABLE_DUE && key.n == TIME_BYTES + 2 + ID_BYTES)
		kind = num_get16(k + TIME_BYTES);
	return id_get(kind, k + key.n - ID_BYTES);
}

static enum crm_err
check_orphans(struct verify *v, struct table *t, struct diag *dg)
{
	struct buf text = {0};
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k, value;
	enum crm_err err = env_read(v->s, &txn, dg);
	int rc = 0;

	if (err != CRM_OK)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &value, MDB_FIRST);
	for (; rc == 0; rc = mdb_cursor_get(cur, &k, &value, MDB_NEXT)) {
		struct id id = entry_id(t, seal_str(k));

		if (!called_for(v, t, seal_str(k), id))
			verify_fault(v,
			    "%s: table %c%u.%u has an entry too many",
			    id_text(v, id, &text), (char)t->type, t->kind,
			    t->slot);
	}
	if (cur)
		mdb_cursor_close(cur);
	buf_clear(&text);
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(v->s, rc, "reading", dg);
}

static uint64_t
expected_of(const struct verify *v, const struct table *t)
{
	for (size_t i = 0; i < v->nwant; i++)
		if (v->want[i].table == t)
			return v->want[i].n;
	return 0;
}

/* A page whose head is damaged may hold more or fewer entries than were
 * counted, or show old ones behind the last: they are out of order. */
static enum crm_err
check_order(struct verify *v, struct table *t, MDB_txn *txn, uint64_t count,
    struct diag *dg)
{
	struct buf last = {0};
	MDB_cursor *cur = NULL;
	MDB_val k, value;
	uint64_t n = 0;
	bool rising = true;
	int rc = mdb_cursor_open(txn, t->dbi, &cur);

	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &value, MDB_FIRST);
	for (; rc == 0 && n <= count && rising && !last.failed; n++) {
		rising = n == 0 || str_cmp(str_of(&last), seal_str(k)) < 0;
		buf_reset(&last);
		buf_add(&last, seal_str(k));
		rc = mdb_cursor_get(cur, &k, &value, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	if (!rising || (n != count && !last.failed))
		verify_fault(v, "table %c%u.%u: its entries are out of order",
		    (char)t->type, t->kind, t->slot);
	if (last.failed)
		rc = ENOMEM;
	buf_clear(&last);
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(v->s, rc, "reading", dg);
}

static enum crm_err
check_table(struct verify *v, struct table *t, struct diag *dg)
{
	MDB_txn *txn;
	MDB_stat stat;
	bool there;
	enum crm_err err = table_open(v->s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(v->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_stat(txn, t->dbi, &stat);
	if (rc != 0)
		return env_fail(v->s, rc, "reading", dg);
	err = check_order(v, t, txn, stat.ms_entries, dg);
	if (err == CRM_OK && stat.ms_entries > expected_of(v, t))
		err = check_orphans(v, t, dg);
	return err;
}

static enum crm_err
check_tables(struct verify *v, struct diag *dg)
{
	const struct kind *k = schema_kind_at(v->s->schema, 0);
	enum crm_err err = check_table(v, table_of(v->s, TABLE_DUE, 0, 0), dg);

	for (size_t i = 1; k; k = schema_kind_at(v->s->schema, i++)) {
		for (uint16_t j = 0; j < k->nslots && err == CRM_OK; j++) {
			err = check_table(
			    v, table_of(v->s, TABLE_INDEX, k->no, j), dg);
			if (err == CRM_OK)
				err = check_table(v,
				    table_of(v->s, TABLE_REFS, k->no, j), dg);
		}
	}
	return err;
}

/* ---- derived fields --------------------------------------------------- */

static enum crm_err
check_counted(struct verify *v, const struct owners *o, struct diag *dg)
{
	struct buf text = {0};
	struct derived is, should;
	struct id id;
	size_t at = 0;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK && owners_each(o, &at, &id, &should)) {
		err = owners_stored(v->s, id, &is, dg);
		if (err == CRM_CONFIG) {
			err = CRM_OK; /* reported with its record */
			continue;
		}
		if (err == CRM_OK && !derived_eq(&is, &should))
			verify_fault(v,
			    "%s: derived fields differ from a recount",
			    id_text(v, id, &text));
	}
	buf_clear(&text);
	return err;
}

/* Stored sums of those for whom a recount finds nothing. */
static enum crm_err
check_stored(
    struct verify *v, const struct owners *o, uint16_t kind, struct diag *dg)
{
	struct table *t = table_of(v->s, TABLE_DERIVED, kind, 0);
	struct buf text = {0};
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k, value;
	bool there;
	enum crm_err err = table_open(v->s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(v->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &value, MDB_FIRST);
	for (; rc == 0; rc = mdb_cursor_get(cur, &k, &value, MDB_NEXT)) {
		struct id id = entry_id(t, seal_str(k));
		struct derived d;

		if (!store_has(v->s, id))
			verify_fault(v, "%s: derived fields of no record",
			    id_text(v, id, &text));
		else if (!owners_look(o, id) &&
			 owners_decode(t, seal_str(k), seal_str(value), &d) &&
			 !derived_zero(&d))
			verify_fault(v,
			    "%s: derived fields, but a recount finds "
			    "nothing",
			    id_text(v, id, &text));
	}
	if (cur)
		mdb_cursor_close(cur);
	buf_clear(&text);
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(v->s, rc, "reading", dg);
}

static enum crm_err
check_derived(struct verify *v, struct diag *dg)
{
	struct owners *o = NULL;
	enum crm_err err = owners_recount(v->s, &o, dg);

	if (err == CRM_CONFIG) {
		/* A damaged record: reported already, no recount possible. */
		verify_fault(
		    v, "no recount of derived fields: %s", diag_text(dg));
		diag_clear(dg);
		return CRM_OK;
	}
	if (err == CRM_OK)
		err = check_counted(v, o, dg);
	if (err == CRM_OK)
		err = check_stored(v, o, KIND_CONTACT, dg);
	if (err == CRM_OK)
		err = check_stored(v, o, KIND_ORG, dg);
	owners_free(o);
	return err;
}

static enum crm_err
check_kinds(struct verify *v, struct diag *dg)
{
	const struct kind *k = schema_kind_at(v->s->schema, 0);
	enum crm_err err = CRM_OK;

	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(v->s->schema, i++))
		err = check_kind(v, k, dg);
	return err;
}

static void
verify_clear(struct verify *v)
{
	entries_clear(&v->entries);
	free(v->want);
	buf_clear(&v->line);
}

enum crm_err
verify_records(struct store *s, void (*found)(void *arg, const char *line),
    void *arg, uint64_t *faults, struct diag *dg)
{
	struct verify v = {.s = s,
	    .found = found,
	    .arg = arg,
	    .faults = faults,
	    .only_records = true};
	const struct kind *k = schema_kind_at(s->schema, 0);
	enum crm_err err = check_kinds(&v, dg);

	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(s->schema, i++))
		err = check_uniques(&v, k, dg);
	verify_clear(&v);
	return err;
}

enum crm_err
store_verify(struct store *s, void (*found)(void *arg, const char *line),
    void *arg, uint64_t *faults, struct diag *dg)
{
	struct verify v = {
	    .s = s, .found = found, .arg = arg, .faults = faults};
	enum crm_err err;

	*faults = 0;
	if (!s->env)
		return CRM_OK;
	err = check_kinds(&v, dg);
	if (err == CRM_OK)
		err = check_tables(&v, dg);
	if (err == CRM_OK)
		err = check_derived(&v, dg);
	if (err == CRM_OK)
		err = words_verify(s, &v, dg);
	if (err == CRM_OK)
		err = journal_verify(s, &v, dg);
	verify_clear(&v);
	return err;
}
