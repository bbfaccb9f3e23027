/* SPDX-License-Identifier: ISC */
/* find: the records whose field has a value, those that the transaction has
 * added itself included. */
#include "base/utf8.h"
#include "model/value.h"
#include "store/clerk.h"

static enum crm_err
has_folded(struct str item, struct str value, bool *yes, struct diag *dg)
{
	struct buf a = {0}, b = {0};

	utf8_fold(item, &a);
	utf8_fold(value, &b);
	*yes = str_eq(str_of(&a), str_of(&b));
	buf_clear(&a);
	buf_clear(&b);
	return a.failed || b.failed ? diag_nomem(dg) : CRM_OK;
}

/* Does the record have the item? Index keys are folded and cut. */
static enum crm_err
has_item(const struct record *r, const struct field *f, struct str value,
    enum store_match match, bool *yes, struct diag *dg)
{
	struct str rest = row_get(&r->row, f->slot);
	enum crm_err err = CRM_OK;

	*yes = false;
	while (rest.n && rest.p && !*yes && err == CRM_OK) {
		struct str item = value_item(f, &rest);

		*yes = match == STORE_EXACT ? value_eq(f, item, value)
					    : value_cmp(f, item, value) == 0;
		if (!*yes && match == STORE_FOLDED)
			err = has_folded(item, value, yes, dg);
	}
	return err;
}

static enum crm_err
confirm(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id id, bool *yes, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_follow(s, id, &r, dg);

	*yes = false;
	return err == CRM_OK ? has_item(&r, f, value, match, yes, dg) : err;
}

/* The one that the lookup names: it may be gone, or another meanwhile. */
static enum crm_err
confirm_found(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id id, bool *yes, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_read(s, id, &r, dg);

	*yes = false;
	if (err == CRM_NO) {
		diag_clear(dg);
		return CRM_OK;
	}
	if (err == CRM_OK)
		err = has_item(&r, f, value, match, yes, dg);
	if (err == CRM_OK && *yes)
		owners_know(s, &r);
	return err;
}

/* Phones are filed by their digits backwards: the other notation of a line
 * is a longer key, or a shorter one, of the same beginning. */
static enum crm_err
find_phone(struct store *s, const struct field *f, struct str value,
    struct id *out, size_t max, size_t *n, struct diag *dg)
{
	struct buf lo = {0}, hi = {0};
	struct scan *sc = NULL;
	enum crm_err err;
	bool got = true;

	value_phone_key(value, &lo);
	if (lo.n > PHONE_MIN)
		lo.n = PHONE_MIN;
	buf_add(&hi, str_of(&lo));
	buf_addc(&hi, (char)0xff);
	err = scan_open(&sc, s,
	    &(struct scan_spec){.type = SCAN_INDEX,
		.field = f,
		.lo = str_of(&lo),
		.hi = str_of(&hi)},
	    dg);
	while (err == CRM_OK && *n < max) {
		struct id id;
		bool yes;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = confirm(s, f, value, STORE_EXACT, id, &yes, dg);
		if (err == CRM_OK && yes &&
		    (*n == 0 || !id_eq(out[*n - 1], id)))
			out[(*n)++] = id;
	}
	scan_close(sc);
	buf_clear(&lo);
	buf_clear(&hi);
	return err;
}

static enum crm_err
find_on_disk(struct store *s, const struct field *f, struct table *t,
    struct str prefix, struct str value, enum store_match match, struct id *out,
    size_t max, size_t *n, struct diag *dg)
{
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k = seal_val(prefix), v;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && err == CRM_OK && *n < max &&
	       str_starts(seal_str(k), prefix)) {
		struct id id = id_get(f->kind,
		    (const unsigned char *)k.mv_data + k.mv_size - ID_BYTES);
		bool yes;

		if (k.mv_size == prefix.n + ID_BYTES &&
		    pending_state(t, seal_str(k)) >= 0) {
			err = confirm(s, f, value, match, id, &yes, dg);
			if (err == CRM_OK && yes)
				out[(*n)++] = id;
		}
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	return err;
}

/* What is on disk, and then what is not there yet. */
static enum crm_err
find_all(struct store *s, const struct field *f, struct table *t,
    struct str prefix, struct str value, enum store_match match, struct id *out,
    size_t max, size_t *n, struct diag *dg)
{
	struct id some[16];
	size_t found;
	enum crm_err err = clerk_yield(s, f->kind, dg);

	if (err == CRM_OK && pending_runs(t))
		err = pending_flush(s, t, dg);
	if (err == CRM_OK)
		err = find_on_disk(
		    s, f, t, prefix, value, match, out, max, n, dg);
	found = err == CRM_OK
		    ? pending_find(t, prefix, some, ARRAY_LEN(some), f->kind)
		    : 0;
	/* There may be more of them. */
	if (found == ARRAY_LEN(some)) {
		found = 0;
		*n = 0;
		err = pending_flush(s, t, dg);
		if (err == CRM_OK)
			err = find_on_disk(
			    s, f, t, prefix, value, match, out, max, n, dg);
	}
	for (size_t i = 0; i < found && err == CRM_OK && *n < max; i++) {
		bool yes, seen = false;

		for (size_t j = 0; j < *n; j++)
			seen = seen || id_eq(out[j], some[i]);
		err = confirm(s, f, value, match, some[i], &yes, dg);
		if (err == CRM_OK && yes && !seen)
			out[(*n)++] = some[i];
	}
	return err;
}

enum crm_err
store_find(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id *out, size_t max, size_t *n,
    struct diag *dg)
{
	struct table *t = table_of(s, TABLE_INDEX, f->kind, f->slot);
	struct buf own = {0};
	struct buf *prefix = s->scratch ? &s->scratch->prefix : &own;
	enum lookup_says says;
	uint32_t nums[LOOKUP_MOST];
	size_t some = 0;
	enum crm_err err;

	*n = 0;
	if (!t)
		return diag_nomem(dg);
	if (f->type == TYPE_PHONE)
		return find_phone(s, f, value, out, max, n, dg);
	buf_reset(prefix);
	value_key(f, value, prefix);
	buf_addc(prefix, '\0');
	err = prefix->failed ? diag_nomem(dg) : CRM_OK;
	if (err == CRM_OK)
		err = lookup_ask(s, t, str_of(prefix), &says, nums, &some, dg);
	if (err == CRM_OK && says == LOOKUP_UNKNOWN)
		err = find_all(
		    s, f, t, str_of(prefix), value, match, out, max, n, dg);
	for (size_t i = 0; i < some && *n < max && err == CRM_OK; i++) {
		struct id id = {.kind = f->kind, .num = nums[i]};
		bool yes;

		owners_soon(s, id);
		err = confirm_found(s, f, value, match, id, &yes, dg);
		if (err == CRM_OK && yes)
			out[(*n)++] = id;
	}
	buf_clear(&own);
	return err;
}

void
store_soon(const struct store *s, struct id id)
{
	owners_soon(s, id);
}
